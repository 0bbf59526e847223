"""Waiting for what an asynchronous interviewer, evaluator or listener answers, where the engine itself was called synchronously."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable
from typing import Any


async def _await(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def result_of(awaitable: Awaitable[Any]) -> Any:
    """Runs an awaitable to its end on an event loop of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_await(awaitable))
    # This thread's loop is at a standstill until the call returns, so another thread has to run it.
    done: list[Any] = []

    def run() -> None:
        try:
            done.append((asyncio.run(_await(awaitable)), None))
        except BaseException as error:
            done.append((None, error))

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), name="vivavoce-awaits")
    thread.start()
    thread.join()
    result, error = done[0]
    if error is not None:
        raise error
    return result
