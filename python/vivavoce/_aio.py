"""The engine for `async` programs."""

from __future__ import annotations

import inspect
from copy import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from vivavoce._errors import InvalidStateError
from vivavoce._loops import Loop, running
from vivavoce._native import CancelToken, Engine, EvaluatorInfo
from vivavoce._pool import Pool
from vivavoce._settings import Panel

if TYPE_CHECKING:
    import os

    from vivavoce._native import (
        AnswerEvaluation,
        AuditReport,
        Evaluation,
        Event,
        Health,
        Interview,
        InterviewPage,
        JudgeRequest,
        Metrics,
        Question,
        QuestionRequest,
        Scene,
        Session,
        Spent,
        Turn,
    )
    from vivavoce._errors import Error
    from vivavoce._types import *  # noqa: F403

T = TypeVar("T")

# How many calls read at a time: the stores have few connections for that.
_READERS = 8
# How many tasks follow sessions at a time.
_FOLLOWERS = 1024
# How long one wait for events lasts, in seconds.
_WAIT = 30.0


class _Home:
    """Where the application's own asynchronous code runs: the loop that last called the engine."""

    def __init__(self) -> None:
        self.loop: Loop | None = None

    def settle(self, answer: Any, is_wanted: Callable[[], bool]) -> Any:
        """What an interviewer or evaluator answered, waited for where it has to be."""
        if not inspect.isawaitable(answer) or self.loop is None:
            return answer

        async def wait() -> Any:
            return await answer

        return self.loop.wait(wait, is_wanted)


class _Interviewer:
    """An interviewer of the application, whose `speak` may be asynchronous."""

    def __init__(self, of: Any, home: _Home) -> None:
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

    def __init__(self, of: Any, home: _Home) -> None:
        self._of = of
        self._home = home
        self.info = getattr(of, "info", None) or EvaluatorInfo("application", type(of).__name__, "")

    def judge(self, request: JudgeRequest) -> Any:
        return self._home.settle(self._of.judge(request), lambda: not request.is_cancelled)


def _at_home(given: Any, home: _Home) -> Any:
    """An argument of the engine, with the application's own objects in it called so that they may be asynchronous."""
    if hasattr(given, "speak"):
        return _Interviewer(given, home)
    if hasattr(given, "judge"):
        return _Evaluator(given, home)
    if isinstance(given, Panel):
        return replace(given, judges=[_at_home(judge, home) for judge in given.judges])
    return given


class AsyncEngine:
    """The engine for `async` programs, under asyncio and, where anyio is installed, trio.

    It has the methods of `Engine`, to be awaited; arguments, results and errors are the same. Calls run in threads of its own: cancelling a task cancels its call, and a slow
    language model does not keep readers waiting. Methods of an interviewer or evaluator of your own may be asynchronous; they then run on the loop that called the engine.

    The engine is opened by `async with`, or by `await engine.open()`.

    Args:
        url: The store, as for `Engine`; where None, what `DATABASE_URL` names, or memory.
        workers: How many calls may wait for language models, or for each other, at a time; further ones wait their turn.
        **settings: What else `Engine` takes: `interviewer`, `evaluator`, `models`, `idle_timeout` and so on.

    Example:
        >>> import asyncio, vivavoce
        >>> async def main():
        ...     async with vivavoce.AsyncEngine("memory:") as engine:
        ...         interview = await engine.create_interview(
        ...             candidate_name="Ada", interview_type="technical", questions=["What is a deadlock?"])
        ...         session = await engine.start_session(interview.id)
        ...         turn = await engine.send_message(session.id, "Two threads each hold a lock the other needs.")
        ...         return await engine.end_session(session.id)
        >>> asyncio.run(main()).status
        'completed'
    """

    def __init__(self, url: str | None = "memory:", *, workers: int = 64, **settings: Any) -> None:
        self._home = _Home()
        for name in ("interviewer", "evaluator"):
            if settings.get(name) is not None:
                settings[name] = _at_home(settings[name], self._home)
        self._url = url
        self._settings = settings
        self._engine: Engine | None = None
        self._waiting = Pool(workers, "vivavoce-call")
        self._reading = Pool(_READERS, "vivavoce-read")
        self._following = Pool(_FOLLOWERS, "vivavoce-follow")

    async def open(self) -> AsyncEngine:
        """Opens the engine, where it is not open; also again, after it was closed.

        Raises:
            InvalidInputError: The URL or a setting cannot be meant.
            StorageError: The store cannot be reached.
        """
        if self._engine is None:
            url, settings = self._url, self._settings
            open_it = (lambda: Engine.from_env(**settings)) if url is None else (lambda: Engine(url, **settings))
            self._engine = await running().in_thread(self._waiting, open_it, None)
        return self

    async def close(self) -> None:
        """Closes the engine, as `Engine.close` does; waiting calls end with an `InvalidStateError`."""
        engine, self._engine = self._engine, None
        if engine is not None:
            # In a thread of its own: all others may wait.
            await running().in_thread(Pool(1, "vivavoce-close"), engine.close, None)
            for pool in (self._waiting, self._reading, self._following):
                pool.close()

    async def __aenter__(self) -> AsyncEngine:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return "<vivavoce.AsyncEngine>"

    def _opened(self) -> Engine:
        if self._engine is None:
            raise InvalidStateError("the engine is not open: use `async with`, or await `open`")
        return self._engine

    async def _read(self, read: Callable[..., T], *args: Any, **options: Any) -> T:
        """A call that waits for the store alone."""
        return await running().in_thread(self._reading, partial(read, *args, **options), None)

    async def _call(self, call: Callable[..., T], *args: Any, **options: Any) -> T:
        """A call that may wait for others, and can be cancelled."""
        loop = self._home.loop = running()
        token = CancelToken()
        return await loop.in_thread(self._waiting, partial(call, *args, cancel=token, **options), token)

    async def _work(self, work: Callable[..., T], *args: Any, **options: Any) -> T:
        """A call that may take long, and cannot be cancelled."""
        self._home.loop = running()
        return await self._home.loop.in_thread(self._waiting, partial(work, *args, **options), None)

    def for_tenant(self, tenant: str) -> AsyncEngine:
        """The same engine for another tenant, who sees nothing of the others. Closing one closes all."""
        other = copy(self)
        other._engine = self._opened().for_tenant(tenant)
        return other

    def metrics(self) -> Metrics:
        """What this engine has counted since it was opened, for all tenants."""
        return self._opened().metrics()

    async def create_interview(
        self,
        *,
        candidate_name: str,
        interview_type: InterviewType,
        questions: Iterable[QuestionInput],
        interview_language: Language = "en",
        job_description: str | None = None,
        resume: str | None = None,
        external_id: str | None = None,
        rubric: RubricInput | None = None,
        max_answers: int | None = None,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
    ) -> Interview:
        """Plans an interview. See `Engine.create_interview`."""
        return await self._call(
            self._opened().create_interview,
            candidate_name=candidate_name,
            interview_type=interview_type,
            questions=questions,
            interview_language=interview_language,
            job_description=job_description,
            resume=resume,
            external_id=external_id,
            rubric=rubric,
            max_answers=max_answers,
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def generate_questions(
        self,
        *,
        interview_type: InterviewType,
        count: int,
        level: Seniority = "mid",
        language: Language = "en",
        job_description: str | None = None,
        resume: str | None = None,
        timeout: Seconds | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> list[Question]:
        """Makes questions for a plan. See `Engine.generate_questions`."""
        return await self._call(
            self._opened().generate_questions,
            interview_type=interview_type,
            count=count,
            level=level,
            language=language,
            job_description=job_description,
            resume=resume,
            timeout=timeout,
            model=model,
            provider=provider,
        )

    async def interview(self, interview_id: IdInput) -> Interview:
        """Reads an interview. See `Engine.interview`."""
        return await self._read(self._opened().interview, interview_id)

    async def list_interviews(
        self,
        *,
        candidate_name: str | None = None,
        status: InterviewStatus | None = None,
        date_from: date | None = None,
        date_to: date | None = None,
        sort_by: SortBy = "date",
        order: Order = "descending",
        limit: int = 10,
        offset: int = 0,
        cursor: str | None = None,
        total: bool = False,
    ) -> InterviewPage:
        """Reads one page of a list of interviews. See `Engine.list_interviews`."""
        return await self._read(
            self._opened().list_interviews,
            candidate_name=candidate_name,
            status=status,
            date_from=date_from,
            date_to=date_to,
            sort_by=sort_by,
            order=order,
            limit=limit,
            offset=offset,
            cursor=cursor,
            total=total,
        )

    async def interviews(
        self,
        *,
        candidate_name: str | None = None,
        status: InterviewStatus | None = None,
        date_from: date | None = None,
        date_to: date | None = None,
        sort_by: SortBy = "date",
        order: Order = "descending",
    ) -> AsyncIterator[Interview]:
        """All interviews that the filters let through, read as they are asked for. See `Engine.interviews`."""
        cursor = None
        while True:
            page = await self.list_interviews(
                candidate_name=candidate_name,
                status=status,
                date_from=date_from,
                date_to=date_to,
                sort_by=sort_by,
                order=order,
                limit=100,
                cursor=cursor,
            )
            for interview in page.interviews:
                yield interview
            cursor = page.next_cursor
            if cursor is None:
                return

    async def start_session(
        self,
        interview_id: IdInput,
        *,
        session_language: Language | None = None,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> Session:
        """Starts a session. See `Engine.start_session`."""
        return await self._call(
            self._opened().start_session,
            interview_id,
            session_language=session_language,
            idempotency_key=idempotency_key,
            timeout=timeout,
            model=model,
            provider=provider,
        )

    async def send_message(
        self,
        session_id: IdInput,
        text: str,
        *,
        hear: Callable[[str | None], Awaitable[object] | object] | None = None,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        expected_version: int | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> Turn:
        """Stores the candidate's message and answers with the interviewer's reply. See `Engine.send_message`.

        `hear` is called on the event loop, and may be asynchronous. Where the task is cancelled, the message is kept all the same, unless the call had not begun: sending it again
        with its key tells.
        """
        return await self._call(
            self._opened().send_message,
            session_id,
            text,
            hear=None if hear is None else self._heard(hear),
            idempotency_key=idempotency_key,
            timeout=timeout,
            expected_version=expected_version,
            model=model,
            provider=provider,
        )

    def _heard(self, hear: Callable[[str | None], Any]) -> Callable[[str | None], None]:
        loop = running()

        def told(words: str | None) -> None:
            async def tell() -> None:
                answer = hear(words)
                if inspect.isawaitable(answer):
                    await answer

            loop.wait(tell, lambda: True)

        return told

    async def session(self, session_id: IdInput, *, exact: bool = False) -> Session:
        """Reads a session with everything said. See `Engine.session`."""
        return await self._read(self._opened().session, session_id, exact=exact)

    async def sessions(self, interview_id: IdInput) -> list[UUID]:
        """The ids of an interview's sessions, oldest first. See `Engine.sessions`."""
        return await self._read(self._opened().sessions, interview_id)

    async def end_session(
        self,
        session_id: IdInput,
        *,
        queued: bool = False,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        expected_version: int | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> Evaluation:
        """Ends a session and has it judged. See `Engine.end_session`."""
        return await self._call(
            self._opened().end_session,
            session_id,
            queued=queued,
            idempotency_key=idempotency_key,
            timeout=timeout,
            expected_version=expected_version,
            model=model,
            provider=provider,
        )

    async def abandon_session(
        self,
        session_id: IdInput,
        *,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        expected_version: int | None = None,
    ) -> Session:
        """Gives up a session. See `Engine.abandon_session`."""
        return await self._call(
            self._opened().abandon_session,
            session_id,
            idempotency_key=idempotency_key,
            timeout=timeout,
            expected_version=expected_version,
        )

    async def abandon_idle_sessions(self) -> list[UUID]:
        """Gives up sessions that have been idle for too long. See `Engine.abandon_idle_sessions`."""
        return await self._work(self._opened().abandon_idle_sessions)

    async def evaluate(
        self,
        interview_id: IdInput,
        answers: Mapping[int, str],
        *,
        queued: bool = False,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> Evaluation:
        """Judges answers that were given without a session, and keeps the evaluation. See `Engine.evaluate`."""
        return await self._call(
            self._opened().evaluate,
            interview_id,
            answers,
            queued=queued,
            idempotency_key=idempotency_key,
            timeout=timeout,
            model=model,
            provider=provider,
        )

    async def evaluate_answer(
        self,
        question: QuestionInput,
        answer: str,
        *,
        interview_type: InterviewType = "general",
        language: Language = "en",
        job_description: str | None = None,
        rubric: RubricInput | None = None,
        timeout: Seconds | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> AnswerEvaluation:
        """Judges one answer without keeping anything. See `Engine.evaluate_answer`."""
        return await self._call(
            self._opened().evaluate_answer,
            question,
            answer,
            interview_type=interview_type,
            language=language,
            job_description=job_description,
            rubric=rubric,
            timeout=timeout,
            model=model,
            provider=provider,
        )

    async def evaluate_answers(
        self,
        answers: Iterable[tuple[QuestionInput, str]],
        *,
        interview_type: InterviewType = "general",
        language: Language = "en",
        job_description: str | None = None,
        rubric: RubricInput | None = None,
        timeout: Seconds | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> list[AnswerEvaluation | Error]:
        """Judges many answers at once, on all processors. See `Engine.evaluate_answers`."""
        return await self._call(
            self._opened().evaluate_answers,
            answers,
            interview_type=interview_type,
            language=language,
            job_description=job_description,
            rubric=rubric,
            timeout=timeout,
            model=model,
            provider=provider,
        )

    async def evaluation(self, evaluation_id: IdInput) -> Evaluation:
        """Reads an evaluation. See `Engine.evaluation`."""
        return await self._read(self._opened().evaluation, evaluation_id)

    async def evaluations(self, interview_id: IdInput) -> list[UUID]:
        """The ids of an interview's evaluations, oldest first. See `Engine.evaluations`."""
        return await self._read(self._opened().evaluations, interview_id)

    async def scorecard(self, evaluation_id: IdInput, *, format: ScorecardFormat = "markdown") -> str:
        """What people read about an evaluation. See `Engine.scorecard`."""
        return await self._read(self._opened().scorecard, evaluation_id, format=format)

    async def re_evaluate(
        self,
        evaluation_id: IdInput,
        *,
        queued: bool = False,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> Evaluation:
        """Has the same answers judged again. See `Engine.re_evaluate`."""
        return await self._call(
            self._opened().re_evaluate,
            evaluation_id,
            queued=queued,
            idempotency_key=idempotency_key,
            timeout=timeout,
            model=model,
            provider=provider,
        )

    async def override_score(
        self,
        evaluation_id: IdInput,
        score: float,
        *,
        by: str,
        reason: str,
        exchange: int | None = None,
        competency: str | None = None,
        idempotency_key: str | None = None,
    ) -> Evaluation:
        """Puts a person's score in the place of a judge's. See `Engine.override_score`."""
        return await self._work(
            self._opened().override_score,
            evaluation_id,
            score,
            by=by,
            reason=reason,
            exchange=exchange,
            competency=competency,
            idempotency_key=idempotency_key,
        )

    async def replay(self, evaluation_id: IdInput) -> Evaluation:
        """Judges again from the replies that an evaluation keeps. See `Engine.replay`."""
        return await self._work(self._opened().replay, evaluation_id)

    async def run_worker(self) -> None:
        """Makes queued evaluations, one after the other, until the task is cancelled or the engine is closed. See `Engine.run_worker`."""
        loop = self._home.loop = running()
        stop = CancelToken()
        await loop.in_thread(self._following, partial(self._opened().run_worker, stop), stop)

    async def events(self, session_id: IdInput, *, after: int = 0) -> AsyncIterator[Event]:
        """What happened in a session, read as it is asked for. See `Engine.events`."""
        engine = self._opened()
        while page := await self._read(lambda: list(islice(engine.events(session_id, after=after), 100))):
            for event in page:
                after = event.number
                yield event

    async def next_events(
        self, session_id: IdInput, after: int, *, timeout: Seconds, poll: Seconds | None = 1.0
    ) -> list[Event]:
        """Waits for a session's events after one. See `Engine.next_events`."""
        token = CancelToken()
        wait = partial(self._opened().next_events, session_id, after, timeout=timeout, poll=poll, cancel=token)
        return await running().in_thread(self._following, wait, token)

    async def follow(
        self,
        session_id: IdInput,
        *,
        after: int = 0,
        timeout: Seconds | None = None,
        poll: Seconds | None = 1.0,
    ) -> AsyncIterator[Event]:
        """A session's events as they happen, those first that have. See `Engine.follow`."""
        while True:
            page = await self.next_events(session_id, after, timeout=_WAIT if timeout is None else timeout, poll=poll)
            for event in page:
                after = event.number
                yield event
            if timeout is not None and not page:
                return

    async def audit_head(self, interview_id: IdInput) -> str:
        """The end of an interview's audit log, to be kept elsewhere. See `Engine.audit_head`."""
        return await self._read(self._opened().audit_head, interview_id)

    async def verify_audit(self, interview_id: IdInput, *, head: str | None = None) -> AuditReport:
        """Verifies an interview's audit log and everything it speaks of. See `Engine.verify_audit`."""
        return await self._work(self._opened().verify_audit, interview_id, head=head)

    async def erase_interview(self, interview_id: IdInput, *, requested_by: str) -> None:
        """Erases an interview. See `Engine.erase_interview`."""
        await self._work(self._opened().erase_interview, interview_id, requested_by=requested_by)

    async def erase_candidate(self, external_id: str, *, requested_by: str) -> list[UUID]:
        """Erases all interviews of a candidate. See `Engine.erase_candidate`."""
        return await self._work(self._opened().erase_candidate, external_id, requested_by=requested_by)

    async def copy_to(self, target: AsyncEngine) -> int:
        """Copies everything of all tenants into another engine's store. See `Engine.copy_to`."""
        return await self._work(self._opened().copy_to, target._opened())

    async def backup(self, path: str | os.PathLike[str]) -> None:
        """Writes a consistent copy of the store to a new file; SQLite only. See `Engine.backup`."""
        await self._work(self._opened().backup, path)

    async def health(self) -> Health:
        """Asks the store whether it answers. See `Engine.health`."""
        return await self._read(self._opened().health)

    async def spent(self) -> Spent:
        """What this engine's tenant has used of its budget for language models. See `Engine.spent`."""
        return await self._read(self._opened().spent)
