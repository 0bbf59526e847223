"""What the tests share: a store of each kind, made anew for each test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import vivavoce

_SCHEMAS = itertools.count()


def _postgres() -> str:
    """The server that `cargo test -p vivavoce-python` started for these tests."""
    url = os.environ.get("VIVAVOCE_TEST_POSTGRES")
    if url is None:
        pytest.fail("there is no PostgreSQL server: run these tests by `cargo test -p vivavoce-python`", pytrace=False)
    return url


@pytest.fixture
def new_store(tmp_path: Path) -> Callable[[str], str]:
    """The URL of a new, empty store of a kind: `memory`, `sqlite` or `postgres`."""

    def make(kind: str) -> str:
        number = next(_SCHEMAS)
        if kind == "memory":
            return "memory:"
        if kind == "sqlite":
            return f"sqlite:{tmp_path / f'{number}.db'}"
        joint = "&" if "?" in _postgres() else "?"
        return f"{_postgres()}{joint}schema=python_{os.getpid()}_{number}"

    return make


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, new_store: Callable[[str], str]) -> str:
    """A new, empty store of each kind."""
    return new_store(request.param)


@pytest.fixture(params=["sqlite", "postgres"])
def shared_url(request: pytest.FixtureRequest, new_store: Callable[[str], str]) -> str:
    """A new, empty store that several processes can open."""
    return new_store(request.param)


@pytest.fixture
def engine(store_url: str) -> Iterator[vivavoce.Engine]:
    with vivavoce.Engine(store_url) as engine:
        yield engine


@pytest.fixture
def planned(engine: vivavoce.Engine) -> vivavoce.Interview:
    """An interview about deadlocks."""
    question = vivavoce.Question("What is a deadlock?", key_points=["two threads wait for each other's lock"])
    return engine.create_interview(
        candidate_name="Ada", interview_type="technical", questions=[question, "How would you find one?"]
    )
