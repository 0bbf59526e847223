"""The tree of exceptions."""

from __future__ import annotations

import builtins
import copy
import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

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


class Locked(vivavoce.StorageError):
    """An application's own, with arguments of its own."""

    def __init__(self, table: str, row: int) -> None:
        super().__init__(f"row {row} of {table} is locked", retry_after=timedelta(seconds=row))
        self.table = table


class Mute(vivavoce.ProviderError):
    """One that does not call what it inherits."""

    def __init__(self, *, words: str) -> None:
        self.words = words


@pytest.mark.parametrize("copied", [lambda it: pickle.loads(pickle.dumps(it)), copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
def test_errors_of_an_application_are_copied_whole(copied: Callable[[Any], Any]) -> None:
    error = Locked("interviews", 7)
    error.__notes__ = ["while erasing"]  # type: ignore[attr-defined]
    again = copied(error)
    assert type(again) is Locked and again.args == error.args == ("row 7 of interviews is locked",)
    assert (str(again), again.table, again.retryable) == (str(error), "interviews", True)
    assert again.retry_after == timedelta(seconds=7) and again.__notes__ == ["while erasing"]

    mute = copied(Mute(words="hm"))
    assert (mute.words, mute.retryable, mute.retry_after, mute.kind) == ("hm", False, None, "provider")

    several = vivavoce.TimeoutError("late")
    several.args = ("late", {"by": 3})
    assert copied(several).args == ("late", {"by": 3})


def test_an_error_has_a_kind() -> None:
    class Ours(vivavoce.Error):
        pass

    for of in (vivavoce.Error, Ours):
        with pytest.raises(TypeError, match=f"{of.__name__} has no kind: use a subclass"):
            of("what happened")

    class Mine(Ours, vivavoce.LimitedError):
        pass

    assert Mine("what happened").kind == "limited"
