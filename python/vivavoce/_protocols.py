"""What an interviewer and an evaluator of the application have to be: any object with these methods."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Protocol

from vivavoce._native import JudgeRequest, Scene

if TYPE_CHECKING:
    from vivavoce.types import JudgementInput


class Interviewer(Protocol):
    """Finds the interviewer's words. Any object with this method is one.

    It may also have `questions(request)`, which plans questions for `Engine.generate_questions`; without it they come from the built-in bank.

    Example:
        >>> import vivavoce
        >>> class Terse:
        ...     def speak(self, scene):
        ...         return scene.interview.questions[scene.question].text if scene.next == "question" else "Thank you."
        >>> with vivavoce.Engine(interviewer=Terse()) as engine:
        ...     interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who are you?"])
        ...     engine.start_session(interview.id).messages[0].content
        'Who are you?'
    """

    def speak(self, scene: Scene, /) -> str | Awaitable[str]:
        """What the interviewer says in this scene: not blank, at most 32,000 characters.

        Called by the thread that called the engine, by several at once, perhaps again for the same scene. What it raises is the cause of the error that the engine's caller
        gets; the candidate's message stays stored, and sending it again continues the turn.
        """
        ...


class Evaluator(Protocol):
    """Judges answers. Any object with this method is one.

    It may also have `info`, an `EvaluatorInfo` that is kept with every evaluation; without it, the name of its class is kept.

    Example:
        >>> import vivavoce
        >>> class Lengths:
        ...     info = vivavoce.EvaluatorInfo("example", "lengths", "1")
        ...     def judge(self, request):
        ...         competency = request.rubric.competencies[0].name
        ...         return [
        ...             vivavoce.Rating(place, competency, min(len(exchange.answer) / 100, 1.0))
        ...             for place, exchange in enumerate(request.exchanges)
        ...         ]
        >>> with vivavoce.Engine(evaluator=Lengths()) as engine:
        ...     engine.evaluate_answer("Who are you?", "I am a mathematician, and I write programs for engines.").evaluator.model
        'lengths'
    """

    def judge(self, request: JudgeRequest, /) -> JudgementInput | Awaitable[JudgementInput]:
        """Judges every exchange of the request: a `Judgement`, its document, or the ratings alone; or an awaitable of those.

        The engine checks what comes back; where one rating or quote cannot be used, the whole judgement is no score.

        Called by any thread, by several at once. What it raises is the reason why the evaluation failed, and, in `Engine.evaluate_answer`, the cause of its error.
        """
        ...
