"""Interviewers, evaluators, listeners and subscribers in Python, called by the engine."""

from __future__ import annotations

import asyncio
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import vivavoce
from vivavoce import CancelToken, Delivery, Engine, Judgement, JudgeRequest, Quote, Rating, Scene

from fake_model import TALK, Hangs, model

PLAN: dict[str, Any] = {"candidate_name": "Ada", "interview_type": "technical", "questions": ["What is a deadlock?"]}
ANSWER = "Two threads each hold a lock that the other needs."


class Terse:
    def speak(self, scene: Scene) -> str:
        if scene.next == "closing":
            return "Thank you."
        assert scene.question is not None
        asked = scene.interview.questions[scene.question].text
        return f"{len(scene.messages)} {scene.language} {scene.next} {asked} {[each.answer for each in scene.exchanges]}"


class AsyncTerse(Terse):
    async def speak(self, scene: Scene) -> str:  # type: ignore[override]
        await asyncio.sleep(0)
        return super().speak(scene)


class Lengths:
    info = vivavoce.EvaluatorInfo("example", "lengths", "1")

    def judge(self, request: JudgeRequest) -> Any:
        competency = request.rubric.competencies[0].name
        quotes = [Quote.find(each.answer, each.answer[:3]) for each in request.exchanges]
        return Judgement(
            [Rating(place, competency, 0.5, quotes=[quote], reason="long") for place, quote in enumerate(quotes)],
            feedback="Fine.",
            strengths=["length"],
            needs_review=["look"],
        )


class AsyncLengths(Lengths):
    async def judge(self, request: JudgeRequest) -> Any:
        await asyncio.sleep(0)
        return super().judge(request)


@pytest.mark.parametrize("interviewer", [Terse(), AsyncTerse()], ids=["sync", "async"])
def test_an_interviewer_finds_the_words(store_url: str, interviewer: Any) -> None:
    with Engine(store_url, interviewer=interviewer) as engine:
        session = engine.start_session(engine.create_interview(**PLAN).id)
        assert session.messages[0].content == "0 en question What is a deadlock? []"
        heard: list[str | None] = []
        turn = engine.send_message(session.id, "One.", hear=heard.append)
        assert turn.reply.content == "2 en probe What is a deadlock? ['One.']"
        assert "".join(words for words in heard if words) == turn.reply.content


@pytest.mark.parametrize("evaluator", [Lengths(), AsyncLengths()], ids=["sync", "async"])
def test_an_evaluator_judges(store_url: str, evaluator: Any) -> None:
    with Engine(store_url, evaluator=evaluator) as engine:
        interview = engine.create_interview(**PLAN)
        evaluation = engine.evaluate(interview.id, {0: ANSWER})
        assert (evaluation.status, evaluation.score, evaluation.feedback) == ("completed", 0.5, "Fine.")
        assert evaluation.evaluator == Lengths.info and evaluation.needs_review == ("look",)
        assert evaluation.ratings[0].quotes[0].text == "Two" and evaluation.ratings[0].basis == "application"
        found = engine.evaluate_answers([("Why?", "Because.")] * 20)
        assert [each.score for each in found if isinstance(each, vivavoce.AnswerEvaluation)] == [0.5] * 20


def test_a_panel_may_have_objects_of_python() -> None:
    class High(Lengths):
        def judge(self, request: JudgeRequest) -> Any:
            # A basis that it has no right to is not kept.
            return [{"exchange": 0, "competency": request.rubric.competencies[0].name, "score": 1, "basis": "person"}]

    with Engine(evaluator=vivavoce.Panel([Lengths(), High(), vivavoce.BuiltinEvaluator()], combine="mean")) as engine:
        found = engine.evaluate_answer("Why?", "Because.")
    assert found.evaluator.panel is not None
    assert [judge.model for judge in found.evaluator.panel.judges][:2] == ["lengths", "lengths"]


WRONG: list[tuple[str, Callable[[JudgeRequest], Any]]] = [
    ("a score above 1", lambda request: [Rating(0, request.rubric.competencies[0].name, 1.5)]),
    ("no such competency", lambda request: [Rating(0, "canary", 0.5)]),
    ("no such exchange", lambda request: [Rating(7, request.rubric.competencies[0].name, 0.5)]),
    (
        "words that were not said",
        lambda request: [Rating(0, request.rubric.competencies[0].name, 0.5, quotes=[Quote(0, 6, "canary")])],
    ),
    ("nothing", lambda request: None),
    ("a number", lambda request: 0.5),
    ("no ratings", lambda request: []),
    ("an unknown field", lambda request: {"ratings": [], "a canary": 1}),
]


@pytest.mark.parametrize(("name", "judge"), WRONG, ids=[name for name, _ in WRONG])
def test_a_judgement_that_cannot_be_used_is_no_score(name: str, judge: Callable[[JudgeRequest], Any]) -> None:
    class Wrong:
        def judge(self, request: JudgeRequest) -> Any:
            return judge(request)

    with Engine(evaluator=Wrong()) as engine:
        evaluation = engine.evaluate(engine.create_interview(**PLAN).id, {0: ANSWER})
        assert evaluation.status == "failed" and evaluation.score is None
        assert evaluation.failure is not None and "canary" not in evaluation.failure
        with pytest.raises(vivavoce.Error):
            engine.evaluate_answer("Why?", "Because.")


class Broken:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def speak(self, scene: Scene) -> str:
        raise self.error

    def judge(self, request: JudgeRequest) -> Any:
        raise self.error


@pytest.mark.parametrize(
    ("error", "of", "retryable"),
    [
        (ZeroDivisionError("canary"), vivavoce.ProviderError, False),
        (TimeoutError("canary"), vivavoce.TimeoutError, True),
        (ConnectionResetError("canary"), vivavoce.ProviderError, True),
        (vivavoce.LimitedError("later", retry_after=timedelta(seconds=7)), vivavoce.LimitedError, True),
        (vivavoce.InternalError("oh"), vivavoce.InternalError, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_they_raise_is_the_cause_of_ours(error: Exception, of: type[vivavoce.Error], retryable: bool) -> None:
    with Engine(interviewer=Broken(error), evaluator=Broken(error)) as engine:
        interview = engine.create_interview(**PLAN)
        for call in (lambda: engine.start_session(interview.id), lambda: engine.evaluate_answer("Why?", "Because.")):
            with pytest.raises(of) as caught:
                call()
            assert caught.value.__cause__ is error and caught.value.retryable is retryable
            assert "canary" not in str(caught.value)
            assert "in speak" in "".join(traceback.format_exception(caught.value)) or "in judge" in "".join(
                traceback.format_exception(caught.value)
            )
        failed = engine.evaluate(interview.id, {0: ANSWER})
        assert failed.status == "failed" and failed.failure is not None and "canary" not in failed.failure
    assert getattr(caught.value, "retry_after", None) == getattr(error, "retry_after", None)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)], ids=["interrupt", "exit"])
def test_what_is_no_error_goes_through_as_it_is(error: BaseException) -> None:
    with Engine(evaluator=Broken(error)) as engine, pytest.raises(type(error)) as caught:
        engine.evaluate_answer("Why?", "Because.")
    assert caught.value is error


def test_a_message_is_kept_when_the_interviewer_fails(store_url: str) -> None:
    class Once(Terse):
        fails = False

        def speak(self, scene: Scene) -> str:
            if self.fails:
                raise ZeroDivisionError
            return super().speak(scene)

    interviewer = Once()
    with Engine(store_url, interviewer=interviewer) as engine:
        session = engine.start_session(engine.create_interview(**PLAN).id)
        interviewer.fails = True
        with pytest.raises(vivavoce.ProviderError):
            engine.send_message(session.id, ANSWER)
        pending = engine.session(session.id).pending
        assert pending is not None and pending.content == ANSWER
        interviewer.fails = False
        assert engine.send_message(session.id, ANSWER).message == pending


def test_a_callback_may_call_the_engine(store_url: str) -> None:
    class Looks(Lengths):
        engine: Engine

        def judge(self, request: JudgeRequest) -> Any:
            assert self.engine.interview(request.interview.id).candidate_name == "Ada"
            return super().judge(request)

    evaluator = Looks()
    with Engine(store_url, evaluator=evaluator) as engine:
        evaluator.engine = engine
        assert engine.evaluate(engine.create_interview(**PLAN).id, {0: ANSWER}).status == "completed"


def test_callbacks_of_many_threads_do_not_wait_for_each_other_for_ever(store_url: str) -> None:
    here = threading.Barrier(8)

    class Meets(Lengths):
        def judge(self, request: JudgeRequest) -> Any:
            # All eight are in here at once, or this breaks.
            here.wait(30)
            return super().judge(request)

    with Engine(store_url, evaluator=Meets()) as engine:
        found = engine.evaluate_answers([("Why?", "Because.")] * 8)
    assert all(isinstance(each, vivavoce.AnswerEvaluation) for each in found)


def test_what_a_listener_raises_is_raised_when_the_turn_is_kept(store_url: str) -> None:
    def hear(words: str | None) -> None:
        raise ZeroDivisionError

    with Engine(store_url) as engine:
        session = engine.start_session(engine.create_interview(**PLAN).id)
        with pytest.raises(ZeroDivisionError):
            engine.send_message(session.id, ANSWER, hear=hear, idempotency_key="a")
        assert engine.session(session.id).answers_given == 1
        assert engine.send_message(session.id, ANSWER, idempotency_key="a").message.number == 2


def test_words_are_heard_as_they_come() -> None:
    with model(lambda number: ["I ", "see."]) as models, Engine(models=models, interviewer=TALK) as engine:
        session = engine.start_session(engine.create_interview(**{**PLAN, "questions": ["One?", "Two?"]}).id)
        heard: list[str | None] = []
        turn = engine.send_message(session.id, ANSWER, hear=heard.append)
    assert turn.reply.origin == "model" and turn.reply.content == "I see.\n\nTwo?"
    assert "".join(words for words in heard if words) == turn.reply.content


def test_a_callback_is_told_that_it_is_not_wanted_any_more() -> None:
    began, seen = threading.Event(), threading.Event()

    class Waits:
        def judge(self, request: JudgeRequest) -> Any:
            assert request.remaining is None
            began.set()
            while not request.is_cancelled:
                seen.wait(0.001)
            seen.set()
            assert request.remaining == timedelta(0)
            raise TimeoutError

    token = vivavoce.CancelToken()
    with Engine(evaluator=Waits()) as engine:
        thread = threading.Thread(target=lambda: began.wait() and token.cancel())
        thread.start()
        with pytest.raises(vivavoce.TimeoutError):
            engine.evaluate_answer("Why?", "Because.", cancel=token)
        thread.join()
    assert seen.is_set()


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_a_callback_is_told_when_the_time_is_over(asynchronous: bool) -> None:
    ended = threading.Event()

    class Waits:
        def judge(self, request: JudgeRequest) -> Any:
            while not request.is_cancelled:
                ended.wait(0.001)
            ended.set()
            raise TimeoutError

    class Sleeps:
        async def judge(self, request: JudgeRequest) -> Any:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

    with Engine(evaluator=Sleeps() if asynchronous else Waits()) as engine:
        with pytest.raises(vivavoce.TimeoutError):
            engine.evaluate_answer("Why?", "Because.", timeout=0.1)
        assert ended.is_set()


def test_what_an_evaluator_raises_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    with Engine(evaluator=Broken(ZeroDivisionError("canary"))) as engine:
        failed = engine.evaluate(engine.create_interview(**PLAN).id, {0: ANSWER})
    assert failed.status == "failed"
    records = [record for record in caplog.records if record.name == "vivavoce.callbacks"]
    assert [record.levelname for record in records] == ["ERROR"]
    said = records[0].getMessage()
    assert "the evaluator raised ZeroDivisionError" in said and "test_callbacks.py:" in said and "in judge" not in said
    assert "canary" not in caplog.text


def test_a_hanging_model_ends_with_the_timeout() -> None:
    hangs = Hangs()
    with model(lambda number: hangs) as models, Engine(models=models, interviewer=TALK) as engine:
        session = engine.start_session(engine.create_interview(**{**PLAN, "questions": ["One?", "Two?"]}).id)
        with pytest.raises(vivavoce.TimeoutError):
            engine.send_message(session.id, ANSWER, timeout=0.2)
        assert engine.session(session.id).answers_given == 1


# Subscribers.


def subscribed(engine: Engine, events: int = 1) -> None:
    """Has so many events wait for the subscriber `mail`."""
    engine.subscribe("mail", ["session_started"])
    interview = engine.create_interview(**PLAN)
    for _ in range(events):
        engine.start_session(interview.id)


@contextmanager
def delivering(engine: Engine, deliver: Callable[[Delivery], object]) -> Iterator[list[int]]:
    """While another thread delivers; afterwards, what it said."""
    stop = CancelToken()
    said: list[int] = []
    thread = threading.Thread(target=lambda: said.append(engine.run_deliveries("mail", deliver, stop=stop)))
    thread.start()
    try:
        yield said
    finally:
        stop.cancel()
        thread.join()


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_a_subscriber_is_handed_events(store_url: str, asynchronous: bool) -> None:
    stop = CancelToken()
    taken: list[Delivery] = []

    def deliver(delivery: Delivery) -> bool:
        taken.append(delivery)
        if len(taken) == 3:
            stop.cancel()
        # What it returns does not matter.
        return False

    async def deliver_later(delivery: Delivery) -> bool:
        await asyncio.sleep(0)
        return deliver(delivery)

    with Engine(store_url) as engine:
        subscribed(engine, 3)
        assert engine.run_deliveries("mail", deliver_later if asynchronous else deliver, stop=stop) == 3
        assert [(each.event.action, each.attempts) for each in taken] == [("session_started", 1)] * 3
        assert engine.backlog().deliveries == 0


class Late(vivavoce.StorageError):
    """An error of the application's own that is one of ours."""


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (ConnectionRefusedError("canary"), 5),
        (TimeoutError("canary"), 5),
        (vivavoce.ProviderError("away", retryable=True), 5),
        (Late("away", retryable=True), 5),
        (vivavoce.LimitedError("busy", retry_after=timedelta(seconds=60)), 60),
        (vivavoce.ProviderError("gone"), None),
        (vivavoce.InternalError("oh"), None),
        (ZeroDivisionError("canary"), 5),
        (OSError("canary"), 5),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_a_subscriber_raises_says_whether_it_is_asked_again(
    store_url: str, caplog: pytest.LogCaptureFixture, error: Exception, pause: int | None
) -> None:
    now = [datetime(2026, 3, 1, tzinfo=timezone.utc)]
    tried = threading.Semaphore(0)
    attempts: list[int] = []

    def deliver(delivery: Delivery) -> None:
        attempts.append(delivery.attempts)
        tried.release()
        if len(attempts) == 1:
            raise error

    with Engine(store_url, clock=lambda: now[0]) as engine:

        def tries() -> int:
            return next(each.calls for each in engine.metrics().operations if each.operation == "deliver")

        subscribed(engine)
        with delivering(engine, deliver) as said:
            assert tried.acquire(timeout=30)
            # A failure counts where nobody has stopped meanwhile.
            while tries() == 0:
                threading.Event().wait(0.001)
            if pause is None:
                assert engine.backlog().deliveries == 0
            else:
                assert engine.backlog().deliveries == 1
                now[0] += timedelta(seconds=pause - 1)
                looked = tries()
                while tries() < looked + 2:
                    threading.Event().wait(0.01)
                assert attempts == [1]
                now[0] += timedelta(seconds=1)
                assert tried.acquire(timeout=30)
        assert said == [0 if pause is None else 1] and attempts == [1] + [2] * said[0]
        assert engine.backlog().deliveries == 0
    told = {record.name: record for record in caplog.records if record.levelname in ("WARNING", "ERROR")}
    raised = told["vivavoce.callbacks"].getMessage()
    assert f"the subscriber raised {type(error).__name__}" in raised and "test_callbacks.py:" in raised
    assert ("vivavoce.engine.deliveries" in told) is (pause is None)
    assert "canary" not in caplog.text


@pytest.mark.parametrize("thread", ["main", "another"])
@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError()], ids=["interrupt", "exit", "cancelled"])
def test_what_is_no_error_ends_the_deliveries_and_loses_nothing(
    store_url: str, error: BaseException, asynchronous: bool, thread: str
) -> None:
    raised: list[BaseException] = []

    def deliver(delivery: Delivery) -> None:
        raise error

    async def deliver_later(delivery: Delivery) -> None:
        raise error

    def run() -> None:
        try:
            engine.run_deliveries("mail", deliver_later if asynchronous else deliver, stop=CancelToken())
        except BaseException as caught:
            raised.append(caught)

    with Engine(store_url) as engine:
        subscribed(engine, 2)
        if thread == "main":
            run()
        else:
            worker = threading.Thread(target=run)
            worker.start()
            worker.join()
        assert [type(each) for each in raised] == [type(error)]
        assert engine.backlog().deliveries == 2
        # It was no try, and is done at once.
        taken: list[int] = []
        stop = CancelToken()

        def take(delivery: Delivery) -> None:
            taken.append(delivery.attempts)
            if len(taken) == 2:
                stop.cancel()

        assert engine.run_deliveries("mail", take, stop=stop) == 2 and taken == [1, 1]


def test_stopping_cancels_an_asynchronous_subscriber_and_leaves_its_event(store_url: str) -> None:
    began, ended = threading.Event(), threading.Event()

    async def deliver(delivery: Delivery) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with Engine(store_url) as engine:
        subscribed(engine)
        with delivering(engine, deliver) as said:
            assert began.wait(30)
        assert said == [0] and ended.is_set() and engine.backlog().deliveries == 1


def test_a_subscriber_is_a_function() -> None:
    with Engine() as engine:
        subscribed(engine)
        with pytest.raises(TypeError):
            engine.run_deliveries("mail", 7, stop=CancelToken())  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            engine.run_deliveries("mail", print)  # type: ignore[call-arg]
        assert engine.backlog().deliveries == 1
