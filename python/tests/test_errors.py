"""The tree of exceptions."""

from __future__ import annotations

import builtins
import pickle
from datetime import timedelta

import pytest

import vivavoce
from vivavoce import _native
from vivavoce._errors import BY_KIND

ALSO = {
    "invalid_input": ValueError,
    "not_found": LookupError,
    "invalid_state": RuntimeError,
    "conflict": RuntimeError,
    "storage": OSError,
    "provider": ConnectionError,
    "timeout": builtins.TimeoutError,
    "limited": RuntimeError,
    "unsupported": NotImplementedError,
    "internal": RuntimeError,
}


def test_each_kind_has_its_class_which_is_what_people_catch() -> None:
    assert set(BY_KIND) == set(ALSO)
    for kind, of in BY_KIND.items():
        assert of.__name__ == "".join(part.title() for part in kind.split("_")) + "Error"
        assert of.kind == kind and issubclass(of, vivavoce.Error) and issubclass(of, ALSO[kind])
        assert getattr(vivavoce, of.__name__) is of


@pytest.mark.parametrize("of", BY_KIND.values(), ids=BY_KIND)
def test_errors_keep_what_they_say(of: type[vivavoce.Error]) -> None:
    error = of("what happened", retry_after=timedelta(seconds=2))
    assert (str(error), error.retryable, error.retry_after) == ("what happened", True, timedelta(seconds=2))
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is of
    assert (str(again), again.retryable, again.retry_after) == ("what happened", True, timedelta(seconds=2))
    assert not of("what happened").retryable and of().args == ("",)


def test_a_panic_is_an_internal_error_and_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(vivavoce.InternalError, match="please report it"):
        _native.panic_for_a_test()
    printed = capfd.readouterr()
    assert printed.out == printed.err == ""


def test_a_store_that_cannot_be_reached(tmp_path: object) -> None:
    with pytest.raises(vivavoce.StorageError) as caught:
        vivavoce.Engine(f"sqlite:{tmp_path}/none/there.db")
    assert isinstance(caught.value, OSError)
    with pytest.raises(vivavoce.StorageError) as caught:
        vivavoce.Engine("postgresql://nobody@127.0.0.1:1/none")
    assert caught.value.retryable
