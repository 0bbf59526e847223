"""The engine for `async` programs."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from copy import copy
from datetime import date
from functools import partial
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from vivavoce._errors import InvalidStateError
from vivavoce._home import Home, at_home
from vivavoce._loops import Loop, running
from vivavoce._native import CancelToken, Engine
from vivavoce._pool import Pool

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from vivavoce._native import (
        AnswerEvaluation,
        AuditReport,
        Backlog,
        Calibration,
        Delivery,
        Evaluation,
        EvaluationPage,
        Event,
        Health,
        Interview,
        InterviewPage,
        Metrics,
        Question,
        Session,
        Spent,
        Subscription,
        Turn,
    )
    from vivavoce._errors import Error
    from vivavoce.types import *  # noqa: F403

T = TypeVar("T")

# How many calls read at a time: the stores have few connections for that.
_READERS = 8
# How many tasks follow sessions at a time.
_FOLLOWERS = 1024
# How long one wait for events lasts, in seconds.
_WAIT = 30.0


# Held for a moment, by no more than one thread at a time; and by none while the process is forked, so that the child finds it free.
_LOCK = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)


class _Opened:
    """An engine that was opened, or is being, with the threads that wait for it. They are this process's: a forked child has none of them."""

    def __init__(self, make: Callable[[], Engine], workers: int) -> None:
        self._make = make
        self._making = threading.Lock()
        self._made: Engine | None = None
        self.failure: BaseException | None = None
        self.process = os.getpid()
        # Set when a task has it: it is open from then on, until somebody closes it.
        self.engine: Engine | None = None
        # How many tasks wait for it to open.
        self.wanted = 0
        # What stops the workers and deliveries that run.
        self.stops: set[CancelToken] = set()
        self.waiting = Pool(workers, "vivavoce-call")
        self.reading = Pool(_READERS, "vivavoce-read")
        self.following = Pool(_FOLLOWERS, "vivavoce-follow")

    def make(self) -> Engine:
        """In a thread: opens the engine, or waits for the thread that does."""
        with self._making:
            if self.failure is not None:
                raise self.failure
            if self._made is None:
                try:
                    self._made = self._make()
                except BaseException as error:
                    self.failure = error
                    raise
            return self._made

    def give_up(self) -> None:
        """Has an engine closed that nobody has, when it is there."""
        self.waiting.submit(self._discard)
        self._close_pools()

    def _discard(self) -> None:
        with self._making:
            # An exception keeps the frames that it went through, and they this.
            self.failure = None
            engine, self._made = self._made, None
        if engine is not None:
            with suppress(Exception):
                engine.close()

    async def close(self, loop: Loop, engine: Engine) -> None:
        # They say then how much they did, and not that the engine is closed.
        for stop in list(self.stops):
            stop.cancel()
        # In a thread of its own: all others may wait.
        closing = Pool(1, "vivavoce-close")
        try:
            await loop.in_thread(closing, engine.close, to_the_end=True)
        finally:
            closing.close()
            self._close_pools()

    def _close_pools(self) -> None:
        for pool in (self.waiting, self.reading, self.following):
            pool.close()


class _Shared:
    """What an engine has in common with those for its other tenants: the last that was opened."""

    opened: _Opened | None = None


class AsyncEngine:
    """The engine for `async` programs, under asyncio and, where anyio is installed, trio.

    It has the methods of `Engine`, to be awaited; arguments, results and errors are the same. Calls run in threads of its own: cancelling a task cancels its call, and a slow
    language model does not keep readers waiting. Methods of an interviewer or evaluator of your own may be asynchronous; they then run on the loop that called the engine, and
    are cancelled when the call is over.

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

    def __init__(self, url: str | None = "memory:", *, workers: int = 64, **settings: Unpack[EngineSettings]) -> None:
        self._home = Home()
        interviewer, evaluator = settings.get("interviewer"), settings.get("evaluator")
        if interviewer is not None:
            settings["interviewer"] = at_home(interviewer, self._home)
        if evaluator is not None:
            settings["evaluator"] = at_home(evaluator, self._home)
        self._make = partial(Engine.from_env, **settings) if url is None else partial(Engine, url, **settings)
        self._workers = workers
        self._shared = _Shared()
        self._tenant: str | None = None
        # The tenant's own, and of which it is one.
        self._own: tuple[_Opened, Engine] | None = None

    async def open(self) -> AsyncEngine:
        """Opens the engine, where it is not open; also again, after it was closed. Tasks that open it at the same time get the same.

        Raises:
            InvalidInputError: The URL or a setting cannot be meant.
            StorageError: The store cannot be reached.
        """
        loop = running()
        with _LOCK:
            opened = self._shared.opened
            # In a forked child, the parent's is left to the parent.
            if opened is None or opened.process != os.getpid():
                opened = self._shared.opened = _Opened(self._make, self._workers)
            if opened.engine is not None:
                return self
            opened.wanted += 1
        try:
            engine = await loop.in_thread(opened.waiting, opened.make)
        except BaseException:
            with _LOCK:
                opened.wanted -= 1
                is_left = opened.wanted == 0 and opened.engine is None
                # Whoever comes now tries anew.
                if (is_left or opened.failure is not None) and self._shared.opened is opened:
                    self._shared.opened = None
            if is_left:
                opened.give_up()
            raise
        with _LOCK:
            opened.wanted -= 1
            opened.engine = engine
        return self

    async def close(self) -> None:
        """Closes the engine, as `Engine.close` does; waiting calls end with an `InvalidStateError`. A task that is cancelled meanwhile ends when the engine is closed."""
        with _LOCK:
            opened = self._shared.opened
            engine = None if opened is None else opened.engine
            if opened is None or engine is None:
                return
            self._in_its_process(opened)
            loop = running()
            self._shared.opened = None
        await opened.close(loop, engine)

    async def __aenter__(self) -> AsyncEngine:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        opened = self._shared.opened
        # A child that leaves its parent's block has nothing to close.
        if opened is None or opened.process == os.getpid():
            await self.close()

    def __repr__(self) -> str:
        return "<vivavoce.AsyncEngine>"

    @staticmethod
    def _in_its_process(opened: _Opened) -> None:
        if opened.process != os.getpid():
            raise InvalidStateError("the engine was opened before this process was forked: open one in this process")

    def _present(self) -> _Opened:
        opened = self._shared.opened
        if opened is None or opened.engine is None:
            raise InvalidStateError("the engine is not open: use `async with`, or await `open`")
        self._in_its_process(opened)
        return opened

    def _opened(self) -> Engine:
        opened = self._present()
        engine: Engine = opened.engine  # type: ignore[assignment]
        if self._tenant is None:
            return engine
        if self._own is None or self._own[0] is not opened:
            self._own = opened, engine.for_tenant(self._tenant)
        return self._own[1]

    async def _read(self, read: Callable[..., T], *args: Any, **options: Any) -> T:
        """A call, of a method of `Engine`, that waits for the store alone."""
        return await self._in(self._present().reading, read, *args, **options)

    async def _work(self, work: Callable[..., T], *args: Any, **options: Any) -> T:
        """A call, of a method of `Engine`, that may take long."""
        return await self._in(self._present().waiting, work, *args, **options)

    async def _in(self, pool: Pool, method: Callable[..., T], *args: Any, **options: Any) -> T:
        token = CancelToken()
        engine = self._opened().cancelled_by(token)
        return await running().in_thread(pool, partial(method, engine, *args, **options), token)

    async def _call(self, call: Callable[..., T], *args: Any, **options: Any) -> T:
        """A call that may wait for the application's own code, too."""
        loop, token = running(), CancelToken()
        work = partial(self._home.call, loop, token, partial(call, *args, cancel=token, **options))
        return await loop.in_thread(self._present().waiting, work, token)

    async def _run(self, run: Callable[[CancelToken], int]) -> int:
        """What goes on until the task is cancelled or the engine is closed, and then says how much it did."""
        opened, loop, stop = self._present(), running(), CancelToken()
        opened.stops.add(stop)
        try:
            work = partial(self._home.call, loop, stop, partial(run, stop))
            return await loop.in_thread(opened.following, work, stop, to_the_end=True)
        finally:
            opened.stops.discard(stop)

    def for_tenant(self, tenant: str) -> AsyncEngine:
        """The same engine for another tenant, who sees nothing of the others. Closing one closes all, and opening one opens all."""
        other = copy(self)
        other._tenant, other._own = tenant, None
        # Whether it can be one.
        other._opened()
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
        calibration: str | None = None,
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
            calibration=calibration,
            max_answers=max_answers,
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def update_interview(
        self,
        interview_id: IdInput,
        *,
        candidate_name: str,
        interview_type: InterviewType,
        questions: Iterable[QuestionInput],
        interview_language: Language = "en",
        job_description: str | None = None,
        resume: str | None = None,
        external_id: str | None = None,
        rubric: RubricInput | None = None,
        calibration: str | None = None,
        max_answers: int | None = None,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
    ) -> Interview:
        """Replaces the plan of a draft. See `Engine.update_interview`."""
        return await self._call(
            self._opened().update_interview,
            interview_id,
            candidate_name=candidate_name,
            interview_type=interview_type,
            questions=questions,
            interview_language=interview_language,
            job_description=job_description,
            resume=resume,
            external_id=external_id,
            rubric=rubric,
            calibration=calibration,
            max_answers=max_answers,
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    async def delete_draft(self, interview_id: IdInput, *, requested_by: str) -> None:
        """Deletes a draft. See `Engine.delete_draft`."""
        await self._work(Engine.delete_draft, interview_id, requested_by=requested_by)

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
        return await self._read(Engine.interview, interview_id)

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
            Engine.list_interviews,
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
            hear=None if hear is None else self._home.heard(hear),
            idempotency_key=idempotency_key,
            timeout=timeout,
            expected_version=expected_version,
            model=model,
            provider=provider,
        )

    async def session(self, session_id: IdInput, *, exact: bool = False) -> Session:
        """Reads a session with everything said. See `Engine.session`."""
        return await self._read(Engine.session, session_id, exact=exact)

    async def sessions(self, interview_id: IdInput) -> list[UUID]:
        """The ids of an interview's sessions, oldest first. See `Engine.sessions`."""
        return await self._read(Engine.sessions, interview_id)

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
        return await self._work(Engine.abandon_idle_sessions)

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
        calibration: str | None = None,
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
            calibration=calibration,
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
        calibration: str | None = None,
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
            calibration=calibration,
            timeout=timeout,
            model=model,
            provider=provider,
        )

    async def evaluation(self, evaluation_id: IdInput) -> Evaluation:
        """Reads an evaluation. See `Engine.evaluation`."""
        return await self._read(Engine.evaluation, evaluation_id)

    async def evaluations(self, interview_id: IdInput) -> list[UUID]:
        """The ids of an interview's evaluations, oldest first. See `Engine.evaluations`."""
        return await self._read(Engine.evaluations, interview_id)

    async def list_evaluations(
        self,
        *,
        status: EvaluationStatus | None = None,
        interview_id: IdInput | None = None,
        limit: int = 10,
        cursor: str | None = None,
    ) -> EvaluationPage:
        """Reads one page of the evaluations of all interviews, newest first. See `Engine.list_evaluations`."""
        return await self._read(
            Engine.list_evaluations, status=status, interview_id=interview_id, limit=limit, cursor=cursor
        )

    async def all_evaluations(
        self, *, status: EvaluationStatus | None = None, interview_id: IdInput | None = None
    ) -> AsyncIterator[Evaluation]:
        """All evaluations that the filters let through, newest first, read as they are asked for. See `Engine.all_evaluations`."""
        cursor = None
        while True:
            page = await self.list_evaluations(status=status, interview_id=interview_id, limit=100, cursor=cursor)
            for evaluation in page.evaluations:
                yield evaluation
            cursor = page.next_cursor
            if cursor is None:
                return

    async def scorecard(self, evaluation_id: IdInput, *, format: ScorecardFormat = "markdown") -> str:
        """What people read about an evaluation. See `Engine.scorecard`."""
        return await self._read(Engine.scorecard, evaluation_id, format=format)

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
            Engine.override_score,
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
        return await self._work(Engine.replay, evaluation_id)

    async def run_worker(self) -> int:
        """Makes queued evaluations, one after the other, until the task is cancelled or the engine is closed. See `Engine.run_worker`.

        A cancelled task ends when the worker has stopped. Where the engine was closed, the result is how many evaluations were made.
        """
        return await self._run(self._opened().run_worker)

    async def calibrate(
        self,
        name: str,
        graded: Iterable[GradedInput],
        *,
        interview_type: InterviewType = "general",
        language: Language = "en",
        job_description: str | None = None,
        rubric: RubricInput | None = None,
    ) -> Calibration:
        """Learns from answers that people graded. See `Engine.calibrate`."""
        return await self._work(
            Engine.calibrate,
            name,
            graded,
            interview_type=interview_type,
            language=language,
            job_description=job_description,
            rubric=rubric,
        )

    async def calibration(self, name: str) -> Calibration:
        """Reads a calibration. See `Engine.calibration`."""
        return await self._read(Engine.calibration, name)

    async def calibrations(self) -> list[Calibration]:
        """All calibrations of this engine's tenant, by name and version. See `Engine.calibrations`."""
        return await self._read(Engine.calibrations)

    async def events(self, session_id: IdInput, *, after: int = 0) -> AsyncIterator[Event]:
        """What happened in a session, read as it is asked for. See `Engine.events`."""

        def read(engine: Engine) -> list[Event]:
            return list(islice(engine.events(session_id, after=after), 100))

        while page := await self._read(read):
            for event in page:
                after = event.number
                yield event

    async def next_events(
        self, session_id: IdInput, after: int, *, timeout: Seconds, poll: Seconds | None = 1.0
    ) -> list[Event]:
        """Waits for a session's events after one. See `Engine.next_events`."""
        token = CancelToken()
        wait = partial(self._opened().next_events, session_id, after, timeout=timeout, poll=poll, cancel=token)
        return await running().in_thread(self._present().following, wait, token)

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

    async def subscribe(self, name: str, actions: Iterable[Action]) -> None:
        """Subscribes to what happens from now on. See `Engine.subscribe`."""
        await self._work(Engine.subscribe, name, actions)

    async def unsubscribe(self, name: str) -> bool:
        """Ends a subscription. See `Engine.unsubscribe`."""
        return await self._work(Engine.unsubscribe, name)

    async def subscriptions(self) -> list[Subscription]:
        """The subscriptions of this engine's tenant, by name. See `Engine.subscriptions`."""
        return await self._read(Engine.subscriptions)

    async def run_deliveries(self, name: str, deliver: Callable[[Delivery], Awaitable[object] | object]) -> int:
        """Hands a subscription's events to a function, one after the other, until the task is cancelled or the engine is closed. See `Engine.run_deliveries`.

        `deliver` may be asynchronous: it then runs on the event loop, and is cancelled with the task. Otherwise a thread calls it, and a cancelled task ends when it has returned.
        Where the engine was closed, the result is how many events were handed over.
        """
        run, deliver = self._opened().run_deliveries, self._home.delivered(deliver)
        return await self._run(lambda stop: run(name, deliver, stop=stop))

    async def backlog(self) -> Backlog:
        """What waits to be done, of all tenants. See `Engine.backlog`."""
        return await self._read(Engine.backlog)

    async def audit_head(self, interview_id: IdInput) -> str:
        """The end of an interview's audit log, to be kept elsewhere. See `Engine.audit_head`."""
        return await self._read(Engine.audit_head, interview_id)

    async def verify_audit(self, interview_id: IdInput, *, head: str | None = None) -> AuditReport:
        """Verifies an interview's audit log and everything it speaks of. See `Engine.verify_audit`."""
        return await self._work(Engine.verify_audit, interview_id, head=head)

    async def erase_interview(self, interview_id: IdInput, *, requested_by: str) -> None:
        """Erases an interview. See `Engine.erase_interview`."""
        await self._work(Engine.erase_interview, interview_id, requested_by=requested_by)

    async def erase_candidate(self, external_id: str, *, requested_by: str) -> list[UUID]:
        """Erases all interviews of a candidate. See `Engine.erase_candidate`."""
        return await self._work(Engine.erase_candidate, external_id, requested_by=requested_by)

    async def copy_to(self, target: AsyncEngine) -> int:
        """Copies everything of all tenants into another engine's store. See `Engine.copy_to`."""
        return await self._work(Engine.copy_to, target._opened())

    async def backup(self, path: str | os.PathLike[str]) -> None:
        """Writes a consistent copy of the store to a new file; SQLite only. See `Engine.backup`."""
        await self._work(Engine.backup, path)

    async def health(self) -> Health:
        """Asks the store whether it answers. See `Engine.health`."""
        return await self._read(Engine.health)

    async def spent(self) -> Spent:
        """What this engine's tenant has used of its budget for language models. See `Engine.spent`."""
        return await self._read(Engine.spent)
