"""The names that annotations know are those that the library knows."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

import vivavoce
from vivavoce import types

NAMES: list[tuple[Any, str, Any]] = [
    (vivavoce.Interview, "interview_type", types.InterviewType),
    (vivavoce.Interview, "interview_language", types.Language),
    (vivavoce.Interview, "status", types.InterviewStatus),
    (vivavoce.QuestionRequest, "level", types.Seniority),
    (vivavoce.Session, "status", types.SessionStatus),
    (vivavoce.Message, "kind", types.MessageKind),
    (vivavoce.Message, "origin", types.Origin),
    (vivavoce.Evaluation, "status", types.EvaluationStatus),
    (vivavoce.Evaluation, "unanswered_policy", types.Unanswered),
    (vivavoce.Rating, "basis", types.Basis),
    (vivavoce.KeyPointCoverage, "coverage", types.Coverage),
    (vivavoce.PanelInfo, "combine", types.Combine),
    (vivavoce.Flag, "kind", types.FlagKind),
    (vivavoce.Event, "action", types.Action),
]


@pytest.mark.parametrize(("of", "field", "names"), NAMES, ids=[f"{of.__name__}.{field}" for of, field, _ in NAMES])
def test_names(of: Any, field: str, names: Any) -> None:
    with pytest.raises(vivavoce.InvalidInputError) as caught:
        of.from_dict({field: "none of them"})
    known = re.search(rf"\.{field}: expected one of (.*)$", str(caught.value))
    assert known is not None, caught.value
    assert set(known[1].split(", ")) == set(get_args(names))


def test_kinds_of_errors() -> None:
    assert {kind for kind in get_args(types.ErrorKind)} == {
        error.kind for error in vivavoce.Error.__subclasses__() if error.__module__.startswith("vivavoce")
    }
