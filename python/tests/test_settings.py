"""The settings of interviewers, evaluators and language models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from vivavoce import (
    Budget,
    BuiltinEvaluator,
    ConversationalInterviewer,
    Engine,
    ModelEvaluator,
    Models,
    Panel,
    Price,
    Provider,
    RateLimit,
    ScriptedInterviewer,
)


def test_no_key_is_shown() -> None:
    class Mine:
        def __init__(self) -> None:
            self.kind = "compatible"
            self.key = "sk-SECRET"

    documents: list[Any] = [
        Provider("openai", key="sk-SECRET"),
        {"kind": "anthropic", "key": "sk-SECRET", "base_url": "https://example.org"},
        {"kind": "gemini", "api_key": "sk-SECRET"},
        Mine(),
    ]
    shown = repr(Models(documents, retries=7))
    assert "SECRET" not in shown and "retries=7" in shown
    for word in ("openai", "anthropic", "https://example.org", "gemini", "compatible"):
        assert word in shown
    assert "SECRET" not in str(Models(tuple(documents)))


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: ModelEvaluator("openai/x"), "models"),
        (lambda: ConversationalInterviewer("openai/x"), "models"),
        (lambda: Models("openai"), "providers"),
        (lambda: Models({"kind": "openai"}), "providers"),  # type: ignore[arg-type]
        (lambda: Models(Provider("ollama")), "providers"),  # type: ignore[arg-type]
        (lambda: Panel(BuiltinEvaluator()), "judges"),  # type: ignore[arg-type]
        (lambda: Panel("builtin"), "judges"),  # type: ignore[arg-type]
        (lambda: Panel(None), "judges"),  # type: ignore[arg-type]
    ],
)
def test_one_where_several_are_meant(make: Any, name: str) -> None:
    with pytest.raises(TypeError, match=f"^{name}: expected a list, not "):
        make()


def test_what_has_its_default_is_the_librarys() -> None:
    models = Models([Provider("ollama")])
    assert models.to_dict() == {"providers": [{"kind": "ollama"}]}
    assert Models([Provider("ollama")], timeout=120, backoff=0.5, retries=2).to_dict() == models.to_dict()
    assert ScriptedInterviewer().to_dict() == {"kind": "scripted"} and BuiltinEvaluator().to_dict() == {"kind": "builtin"}
    assert ConversationalInterviewer(["a/b"]).to_dict() == {"kind": "conversational", "models": ["a/b"]}
    assert ModelEvaluator(("a/b",)).to_dict() == {"kind": "model", "models": ["a/b"]}
    assert Panel([BuiltinEvaluator()]).to_dict() == {"kind": "panel", "judges": [{"kind": "builtin"}]}
    assert Budget(tokens=5).to_dict() == {"tokens": 5} and RateLimit().to_dict() == {}


def test_what_has_another_value_is_said() -> None:
    provider = Provider("openai", key="k", base_url="https://example.org", responses=True)
    models = Models(
        [provider],
        retries=0,
        timeout=60,
        cache_age=timedelta(0),
        cache_bytes=0,
        prices={"openai/x": Price(1, 0)},
        rate_limits={"openai/x": RateLimit(requests=3)},
        budget=Budget(money=1.5, period="month"),
    )
    assert models.to_dict() == {
        "providers": [{"kind": "openai", "key": "k", "base_url": "https://example.org", "responses": True}],
        "retries": 0,
        "timeout_ms": 60_000,
        "cache_age_ms": 0,
        "cache_bytes": 0,
        "prices": {"openai/x": {"input": 1, "output": 0}},
        "rate_limits": {"openai/x": {"requests": 3}},
        "budget": {"money": 1.5, "period": "month"},
    }
    panel = Panel([ModelEvaluator(["openai/x"], max_tokens=9)], combine="mean", disagreement=0.0)
    judge = {"kind": "model", "models": ["openai/x"], "max_tokens": 9}
    assert panel.to_dict() == {"kind": "panel", "judges": [judge], "combine": "mean", "disagreement": 0.0}
    with Engine(models=models, interviewer=ConversationalInterviewer(["openai/x"], scripted_on_failure=True), evaluator=panel):
        pass


def test_parameters_are_said_together() -> None:
    # What is not in the parameters is left to the model, and is no default of the library's.
    assert ModelEvaluator(["a/b"], seed=7).to_dict()["parameters"] == {"temperature": 0.0, "seed": 7}
    assert ModelEvaluator(["a/b"], temperature=None).to_dict()["parameters"] == {}
    assert ConversationalInterviewer(["a/b"], temperature=None).to_dict()["parameters"] == {}
    assert ConversationalInterviewer(["a/b"], temperature=0.1).to_dict()["parameters"] == {"temperature": 0.1}


def test_a_subclass_may_have_other_defaults() -> None:
    @dataclass(frozen=True)
    class Ours(Models):
        retries: int = 5

    @dataclass(frozen=True)
    class Seeded(ModelEvaluator):
        seed: int | None = 7

    assert Ours([Provider("ollama")]).to_dict()["retries"] == 5
    assert Seeded(["a/b"]).to_dict()["parameters"] == {"temperature": 0.0, "seed": 7}
