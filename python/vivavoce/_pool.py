"""Threads that wait for an engine in the place of an event loop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue


class Pool:
    """At most so many threads, made when they are needed. They are daemons: one that waits keeps nobody from leaving Python.

    Args:
        most: How many threads at most; further jobs wait.
        name: The threads' name.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._free = 0

    def submit(self, job: Callable[[], None]) -> None:
        """Has a job done, which must not raise."""
        with self._lock:
            # A thread is counted as free until a job is meant for it: below zero, jobs wait.
            self._free -= 1
            if self._free < 0 and self._threads < self._most:
                self._threads += 1
                self._free += 1
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
        self._jobs.put(job)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            # What it holds is not kept while this thread waits for the next.
            del job
            with self._lock:
                self._free += 1

    def close(self) -> None:
        """Has the threads end when they have done what was submitted. Later jobs have new ones."""
        with self._lock:
            for _ in range(self._threads):
                self._jobs.put(None)
            self._threads = self._free = 0
