"""Threads that wait for an engine in the place of an event loop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from vivavoce._errors import InvalidStateError

# How long a thread waits for its next job before it ends, in seconds: nobody has to close a pool for its threads to go.
_IDLE = 5.0


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
        self._is_closed = False
        self._threads = 0
        # A thread is counted as free until a job is meant for it: below zero, jobs wait.
        self._free = 0

    def submit(self, job: Callable[[], None]) -> None:
        """Has a job done, which must not raise.

        Raises:
            InvalidStateError: The pool is closed.
        """
        with self._lock:
            if self._is_closed:
                raise InvalidStateError("the engine is closed")
            if self._free <= 0 and self._threads < self._most:
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
                self._threads += 1
                self._free += 1
            self._free -= 1
            # With the lock: no job comes after what ends the threads.
            self._jobs.put(job)

    def _run(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=_IDLE)
            except Empty:
                with self._lock:
                    # Otherwise there is a job for each thread that waits.
                    if self._free > 0:
                        self._free -= 1
                        self._threads -= 1
                        return
                continue
            if job is None:
                return
            job()
            # What it holds is not kept while this thread waits for the next.
            del job
            with self._lock:
                self._free += 1

    def close(self) -> None:
        """Has the threads end when they have done what was submitted. Later jobs are refused."""
        with self._lock:
            self._is_closed = True
            for _ in range(self._threads):
                self._jobs.put(None)
