"""The threads that wait for an engine in the place of an event loop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

import vivavoce
from vivavoce import _pool
from vivavoce._pool import Pool


def threads(name: str) -> int:
    return sum(thread.name == name for thread in threading.enumerate())


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.001)


def test_there_are_no_more_threads_than_allowed_and_none_too_few() -> None:
    pool, here, done = Pool(3, "test-most"), threading.Barrier(4), threading.Semaphore(0)
    for _ in range(9):
        pool.submit(lambda: (here.wait(10), done.release()))  # type: ignore[func-returns-value, arg-type, return-value]
    for _ in range(3):
        # All three are at work, and no fourth.
        until(lambda: here.n_waiting == 3)
        assert threads("test-most") == 3
        here.wait(10)
    for _ in range(9):
        assert done.acquire(timeout=10)
    pool.close()
    until(lambda: threads("test-most") == 0)


def test_a_closed_pool_does_what_was_submitted_and_refuses_more() -> None:
    pool, free, done = Pool(1, "test-closed"), threading.Event(), threading.Semaphore(0)
    pool.submit(lambda: free.wait(10) and None)
    for _ in range(5):
        pool.submit(done.release)
    pool.close()
    with pytest.raises(vivavoce.InvalidStateError, match="closed"):
        pool.submit(done.release)
    free.set()
    for _ in range(5):
        assert done.acquire(timeout=10)
    until(lambda: threads("test-closed") == 0)


def test_idle_threads_end_and_others_take_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pool, "_IDLE", 0.01)
    pool, done = Pool(4, "test-idle"), threading.Semaphore(0)
    for round in range(50):
        for _ in range(8):
            pool.submit(done.release)
        for _ in range(8):
            assert done.acquire(timeout=10), round
        # Now and then just when they end.
        time.sleep(0.0095 + round % 5 * 0.0005)
    until(lambda: threads("test-idle") == 0)
    pool.submit(done.release)
    assert done.acquire(timeout=10)
