"""Where the application's own asynchronous code runs that an `AsyncEngine` calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from vivavoce._loops import Loop
from vivavoce._native import CancelToken, EvaluatorInfo
from vivavoce._settings import Panel, is_several

if TYPE_CHECKING:
    from vivavoce._native import Delivery, JudgeRequest, QuestionRequest, Scene

T = TypeVar("T")

# The loop of the call that this thread makes, and what cancels the call.
_CALLER: ContextVar[tuple[Loop, CancelToken] | None] = ContextVar("vivavoce_caller", default=None)


class Home:
    """Where the application's own asynchronous code runs: the loop that called the engine."""

    def __init__(self) -> None:
        # Those of the calls under way.
        self._loops: list[Loop] = []

    def call(self, loop: Loop, cancel: CancelToken, work: Callable[[], T]) -> T:
        """Makes a call for a task of the loop: in a thread, in a context of its own."""
        _CALLER.set((loop, cancel))
        self._loops.append(loop)
        try:
            return work()
        finally:
            self._loops.remove(loop)

    def settle(self, answer: Any, is_wanted: Callable[[], bool]) -> Any:
        """What an interviewer, evaluator, listener or subscriber answered, waited for where it has to be."""
        if not inspect.isawaitable(answer):
            return answer
        caller = _CALLER.get()
        if caller is not None:
            loop, cancel = caller
        else:
            # A thread of the library's own, which judges many answers or a panel. Nobody knows for whom: most programs have one loop.
            try:
                loop, cancel = self._loops[-1], CancelToken()
            except IndexError:
                return answer

        async def wait() -> Any:
            return await answer

        return loop.wait(wait, lambda: is_wanted() and not cancel.is_cancelled)

    def heard(self, hear: Callable[[str | None], Any]) -> Callable[[str | None], None]:
        """A listener that is called on the loop, and may be asynchronous."""

        def told(words: str | None) -> None:
            async def tell() -> None:
                answer = hear(words)
                if inspect.isawaitable(answer):
                    await answer

            self.settle(tell(), lambda: True)

        return told

    def delivered(self, deliver: Callable[[Delivery], Any]) -> Callable[[Delivery], Any]:
        """A function that takes deliveries, which may be asynchronous."""
        if not callable(deliver):
            raise TypeError("deliver is not a function")
        return lambda delivery: self.settle(deliver(delivery), lambda: True)


class _Interviewer:
    """An interviewer of the application, whose methods may be asynchronous."""

    def __init__(self, of: Any, home: Home) -> None:
        self._of = of
        self._home = home
        if hasattr(of, "questions"):
            self.questions = self._questions

    def speak(self, scene: Scene) -> Any:
        return self._home.settle(self._of.speak(scene), lambda: not scene.is_cancelled)

    def _questions(self, request: QuestionRequest) -> Any:
        return self._home.settle(self._of.questions(request), lambda: True)


class _Evaluator:
    """An evaluator of the application, whose `judge` may be asynchronous."""

    def __init__(self, of: Any, home: Home) -> None:
        self._of = of
        self._home = home
        self.info = getattr(of, "info", None) or EvaluatorInfo("application", type(of).__name__, "")

    def judge(self, request: JudgeRequest) -> Any:
        return self._home.settle(self._of.judge(request), lambda: not request.is_cancelled)


def at_home(given: Any, home: Home) -> Any:
    """An argument of the engine, with the application's own objects in it called so that they may be asynchronous."""
    if hasattr(given, "speak"):
        return _Interviewer(given, home)
    if hasattr(given, "judge"):
        return _Evaluator(given, home)
    if isinstance(given, Panel):
        return replace(given, judges=[at_home(judge, home) for judge in given.judges])
    if isinstance(given, Mapping):
        document = cast("Mapping[str, Any]", given)
        if is_several(document.get("judges")):
            return {**document, "judges": [at_home(judge, home) for judge in document["judges"]]}
        return document
    return given
