"""Waiting for what an asynchronous interviewer, evaluator, listener or subscriber answers, where the engine itself was called synchronously."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from vivavoce._errors import TimeoutError

T = TypeVar("T")

# How often those who wait look whether the call is still wanted, in seconds.
LOOK = 0.05


def unwanted() -> TimeoutError:
    """The error of a call that was over before what it waited for."""
    return TimeoutError("the call was over while an awaitable was waited for", retryable=True)


class Outcome(Generic[T]):
    """What some work came to, on its way from one thread or task to another.

    Futures keep their exception, whose traceback keeps the frames, which keep the future: garbage for each call that fails. What is taken from here is kept no longer.
    """

    result: T | None = None
    error: BaseException | None = None
    is_done = False

    async def of(self, awaitable: Callable[[], Awaitable[T]]) -> None:
        """Waits for something, and keeps what came of it. What is no error, as being cancelled, goes through."""
        try:
            self.result = await awaitable()
        except Exception as error:
            self.error = error
        self.is_done = True

    def take(self) -> T:
        """The result; or raises the error."""
        error, self.error = self.error, None
        try:
            if error is not None:
                raise error
            return self.result  # type: ignore[return-value]
        finally:
            del error


async def _wait(awaitable: Awaitable[Any], given: Any, outcome: Outcome[Any]) -> None:
    task = asyncio.ensure_future(outcome.of(lambda: awaitable))
    while not (await asyncio.wait([task], timeout=None if given is None else LOOK))[0]:
        if given is not None and given.is_cancelled:
            task.cancel()
            # It may have something to put in order.
            await asyncio.wait([task])
            outcome.error = unwanted()
            return
    await task


def result_of(awaitable: Awaitable[Any], given: Any = None) -> Any:
    """Runs an awaitable to its end on an event loop of its own.

    Args:
        awaitable: What a method of the application answered.
        given: What knows when the call is over: the `Scene` or `JudgeRequest` that the method was called with, or a `CancelToken`. None where the awaitable may take as long as it likes.

    Raises:
        TimeoutError: The call was cancelled meanwhile, or its time was over.
    """
    outcome: Outcome[Any] = Outcome()

    def run() -> None:
        asyncio.run(_wait(awaitable, given, outcome))

    def run_apart() -> None:
        try:
            run()
        except BaseException as error:
            outcome.error = error

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        run()
    else:
        # This thread's loop is at a standstill until the call returns, so another thread has to run it.
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(run_apart,), name="vivavoce-awaits")
        thread.start()
        thread.join()
    return outcome.take()
