"""The event loops that `AsyncEngine` works under: asyncio's, and trio's with the help of anyio."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Generic, Protocol, TypeVar

from vivavoce._errors import UnsupportedError
from vivavoce._native import CancelToken
from vivavoce._pool import Pool
from vivavoce._waiting import LOOK, Outcome, unwanted

T = TypeVar("T")


class Loop(Protocol):
    """One running event loop."""

    async def in_thread(
        self, pool: Pool, work: Callable[[], T], cancel: CancelToken | None = None, *, to_the_end: bool = False
    ) -> T:
        """Does work in a thread of the pool, in a copy of the task's context. When the task is cancelled, so is the token, and what no thread has begun is not done.

        Args:
            pool: The threads.
            work: What to do.
            cancel: Ends the work early.
            to_the_end: Whether a cancelled task still waits until the work is over; without a token, it is then always done.
        """
        ...

    def wait(self, awaitable: Callable[[], Awaitable[T]], is_wanted: Callable[[], bool]) -> T:
        """In a thread: has the loop run something to its end. Ends with `TimeoutError` when it is not wanted any more."""
        ...


def running() -> Loop:
    """The loop that runs the present task.

    Raises:
        UnsupportedError: There is none, or none that is known.
    """
    try:
        return AsyncioLoop(asyncio.get_running_loop())
    except RuntimeError:
        pass
    try:
        import anyio.lowlevel  # pyright: ignore[reportUnusedImport]
        import trio

        return TrioLoop(trio.lowlevel.current_trio_token())
    except ImportError:
        pass
    except RuntimeError:
        pass
    raise UnsupportedError("AsyncEngine is for tasks of asyncio, and of trio where anyio is installed: pip install vivavoce[trio]")


class _Job(Generic[T]):
    """Work that a thread does for a task, which may leave before it is done."""

    def __init__(self, work: Callable[[], T], tell: Callable[[], object]) -> None:
        self._work = work
        self._tell = tell
        self._context = contextvars.copy_context()
        self._outcome: Outcome[T] = Outcome()
        self._is_begun = False
        self._is_left = False

    def __call__(self) -> None:
        self._is_begun = True
        if not self._is_left:
            try:
                self._outcome.result = self._context.run(self._work)
            except BaseException as error:
                self._outcome.error = error
            self._forget()
        try:
            self._tell()
        except RuntimeError:
            # The loop is gone: nobody waits.
            self.leave()

    def leave(self) -> bool:
        """The task does not want the outcome any more. Whether a thread may have begun: otherwise none will."""
        self._is_left = True
        self._forget()
        return self._is_begun

    def _forget(self) -> None:
        # Both sides do this after their own part, so whoever is last finds what the other has left.
        if self._is_left:
            self._outcome.error = None

    def outcome(self) -> T:
        return self._outcome.take()


class AsyncioLoop:
    """A loop of asyncio's."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def in_thread(
        self, pool: Pool, work: Callable[[], T], cancel: CancelToken | None = None, *, to_the_end: bool = False
    ) -> T:
        # It carries no result: it could not carry every exception, and tells of those that nobody took.
        done: asyncio.Future[None] = self._loop.create_future()
        job = _Job(work, lambda: self._loop.call_soon_threadsafe(done.set_result, None))
        pool.submit(job)
        try:
            await asyncio.shield(done)
        except asyncio.CancelledError:
            if cancel is not None:
                cancel.cancel()
            if to_the_end and (cancel is None or job.leave()):
                await _ended(done)
            job.leave()
            raise
        return job.outcome()

    def wait(self, awaitable: Callable[[], Awaitable[T]], is_wanted: Callable[[], bool]) -> T:
        outcome: Outcome[T] = Outcome()
        waiting = outcome.of(awaitable)
        try:
            future = asyncio.run_coroutine_threadsafe(waiting, self._loop)
        except RuntimeError:
            # The loop was closed.
            waiting.close()
            raise unwanted() from None
        while not concurrent.futures.wait([future], LOOK).done:
            # A future that cannot be cancelled any more has just ended.
            if self._loop.is_closed() or (not is_wanted() and future.cancel()):
                raise unwanted()
        try:
            future.result()
        except concurrent.futures.CancelledError:
            # The loop ends, and all its tasks with it.
            raise unwanted() from None
        return outcome.take()


async def _ended(done: asyncio.Future[None]) -> None:
    """Waits for the future whatever happens to the task."""
    # A cancelled scope of anyio's would cancel the task again and again.
    anyio = sys.modules.get("anyio")
    shield: AbstractContextManager[object] = nullcontext() if anyio is None else anyio.CancelScope(shield=True)
    with shield:
        while not done.done():
            try:
                await asyncio.wait([done])
            except asyncio.CancelledError:
                # The task ends by the one that it has already.
                pass


class TrioLoop:
    """A loop of trio's."""

    def __init__(self, token: Any) -> None:
        self._token = token

    async def in_thread(
        self, pool: Pool, work: Callable[[], T], cancel: CancelToken | None = None, *, to_the_end: bool = False
    ) -> T:
        import anyio

        done = anyio.Event()
        job = _Job(work, lambda: self._token.run_sync_soon(done.set))
        pool.submit(job)
        try:
            await done.wait()
        except anyio.get_cancelled_exc_class():
            if cancel is not None:
                cancel.cancel()
            if to_the_end and (cancel is None or job.leave()):
                with anyio.CancelScope(shield=True):
                    await done.wait()
            job.leave()
            raise
        return job.outcome()

    def wait(self, awaitable: Callable[[], Awaitable[T]], is_wanted: Callable[[], bool]) -> T:
        import anyio
        import trio

        outcome: Outcome[T] = Outcome()

        async def run() -> None:
            async with anyio.create_task_group() as tasks:

                async def work() -> None:
                    # An error is handed on as it is, and not as a group of one.
                    await outcome.of(awaitable)
                    tasks.cancel_scope.cancel()

                tasks.start_soon(work)
                while is_wanted():
                    await anyio.sleep(LOOK)
                tasks.cancel_scope.cancel()

        trio.from_thread.run(run, trio_token=self._token)
        if not outcome.is_done:
            raise unwanted()
        return outcome.take()
