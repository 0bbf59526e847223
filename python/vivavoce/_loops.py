"""The event loops that `AsyncEngine` works under: asyncio's, and trio's with the help of anyio."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from concurrent.futures import TimeoutError as WaitedLong
from typing import Any, Protocol, TypeVar

from vivavoce._errors import TimeoutError, UnsupportedError
from vivavoce._native import CancelToken
from vivavoce._pool import Pool

T = TypeVar("T")

# How often a thread that waits for the loop looks whether its call is still wanted, in seconds.
_LOOK = 0.05


class Loop(Protocol):
    """One running event loop."""

    async def in_thread(self, pool: Pool, work: Callable[[], T], cancel: CancelToken | None) -> T:
        """Does work in a thread of the pool; when the task is cancelled, so is the token."""
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


def _outcome(result: T | None, error: BaseException | None) -> T:
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


def _unwanted() -> TimeoutError:
    return TimeoutError("the call was cancelled while an awaitable was waited for", retryable=True)


class AsyncioLoop:
    """A loop of asyncio's."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def in_thread(self, pool: Pool, work: Callable[[], T], cancel: CancelToken | None) -> T:
        future: asyncio.Future[T] = self._loop.create_future()
        context = contextvars.copy_context()

        def settle(result: T | None, error: BaseException | None) -> None:
            if future.done():
                return
            if error is None:
                future.set_result(result)  # type: ignore[arg-type]
            else:
                future.set_exception(error)

        def job() -> None:
            if future.cancelled():
                return
            result, error = None, None
            try:
                result = context.run(work)
            except BaseException as raised:
                error = raised
            try:
                self._loop.call_soon_threadsafe(settle, result, error)
            except RuntimeError:
                # The loop is closed: nobody waits.
                pass

        pool.submit(job)
        try:
            return await future
        except asyncio.CancelledError:
            if cancel is not None:
                cancel.cancel()
            raise

    def wait(self, awaitable: Callable[[], Awaitable[T]], is_wanted: Callable[[], bool]) -> T:
        async def run() -> T:
            return await awaitable()

        future = asyncio.run_coroutine_threadsafe(run(), self._loop)
        while True:
            try:
                return future.result(_LOOK)
            except WaitedLong:
                # What was awaited may also have raised it.
                if future.done():
                    raise
                if not is_wanted():
                    future.cancel()
                    raise _unwanted() from None


class TrioLoop:
    """A loop of trio's."""

    def __init__(self, token: Any) -> None:
        self._token = token

    async def in_thread(self, pool: Pool, work: Callable[[], T], cancel: CancelToken | None) -> T:
        import anyio

        done = anyio.Event()
        outcome: list[tuple[T | None, BaseException | None]] = []
        context = contextvars.copy_context()

        def job() -> None:
            try:
                outcome.append((context.run(work), None))
            except BaseException as raised:
                outcome.append((None, raised))
            try:
                self._token.run_sync_soon(done.set)
            except RuntimeError:
                # The loop is gone: nobody waits.
                pass

        pool.submit(job)
        try:
            await done.wait()
        except anyio.get_cancelled_exc_class():
            if cancel is not None:
                cancel.cancel()
            raise
        return _outcome(*outcome[0])

    def wait(self, awaitable: Callable[[], Awaitable[T]], is_wanted: Callable[[], bool]) -> T:
        import anyio
        import trio

        async def run() -> T:
            outcome: list[tuple[T | None, BaseException | None]] = []
            async with anyio.create_task_group() as tasks:

                async def work() -> None:
                    # An error is handed on as it is, and not as a group of one.
                    try:
                        outcome.append((await awaitable(), None))
                    except Exception as error:
                        outcome.append((None, error))
                    tasks.cancel_scope.cancel()

                tasks.start_soon(work)
                while is_wanted():
                    await anyio.sleep(_LOOK)
                tasks.cancel_scope.cancel()
            if not outcome:
                raise _unwanted()
            return _outcome(*outcome[0])

        result: T = trio.from_thread.run(run, trio_token=self._token)
        return result
