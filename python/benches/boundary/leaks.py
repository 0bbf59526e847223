"""Whether memory grows: one kind of call, again and again, in a process of its own.

leaks.py list prints the stores and kinds, and by how many times less often than others each is called. leaks.py STORE KIND COUNT prints the bytes by which resident memory
grew while the call was made so often, after others that are not counted.

What a call stores by design would let the store grow. Such calls have an idempotency key that is known already: they do all that such a call does, and find what was stored
before. `an_interview` stores: in memory, where its engine is closed after it; on SQLite, whose file grows and whose memory must not.
"""

from __future__ import annotations

import asyncio
import copy
import ctypes
import gc
import itertools
import json
import pickle
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property, partial
from operator import attrgetter
from pathlib import Path
from types import GetSetDescriptorType
from typing import Any
from uuid import UUID

import vivavoce
from vivavoce import AsyncEngine, CancelToken, Engine, Evaluation, Interview, Question, Session

Call = Callable[[], object]

STORES = ("memory", "sqlite")
ANSWER = "Two threads each hold a lock the other needs, so I take the locks in one order."
QUESTION = Question("What is a deadlock?", key_points=["two threads wait for each other's lock"])
QUESTIONS: list[Question | str] = [QUESTION, "Why?"]
PLAN: Any = {"candidate_name": "Ada", "interview_type": "technical", "questions": QUESTIONS}
OVERRIDE: Any = {"by": "Grace", "reason": "Said more than it seems.", "idempotency_key": "known"}
NOBODY = UUID(int=7)


class World:
    """An engine with an interview in it, which is planned, held and judged when something of it is asked for."""

    def __init__(self, store: str) -> None:
        self.folder = Path(tempfile.mkdtemp(dir="."))
        self.url = "memory:" if store == "memory" else f"sqlite:{self.folder.resolve() / 'of.db'}?durability=normal"
        # Few, so that they are soon all there.
        self.settings: dict[str, Any] = {"cached_sessions": 8}
        self.engine = self.opened()

    def opened(self, **settings: Any) -> Engine:
        return Engine(self.url, **self.settings, **settings)

    @cached_property
    def interview(self) -> Interview:
        return self.engine.create_interview(**PLAN, idempotency_key="known")

    @cached_property
    def session(self) -> Session:
        """One that is active, with an answer."""
        session = self.engine.start_session(self.interview.id, idempotency_key="known")
        self.engine.send_message(session.id, ANSWER, idempotency_key="known")
        return self.engine.session(session.id)

    @cached_property
    def ended(self) -> Session:
        session = self.engine.start_session(self.interview.id)
        self.engine.send_message(session.id, ANSWER)
        self.engine.end_session(session.id, idempotency_key="known")
        return self.engine.session(session.id)

    @cached_property
    def abandoned(self) -> UUID:
        session = self.engine.start_session(self.interview.id)
        self.engine.abandon_session(session.id, idempotency_key="known")
        return session.id

    @cached_property
    def first_evaluation(self) -> Evaluation:
        return self.engine.evaluate(self.interview.id, {0: ANSWER}, idempotency_key="known")

    @cached_property
    def second_evaluation(self) -> Evaluation:
        return self.engine.re_evaluate(self.first_evaluation.id, idempotency_key="known")

    @cached_property
    def evaluation(self) -> Evaluation:
        """One with everything in it."""
        return self.engine.override_score(self.second_evaluation.id, 0.75, **OVERRIDE)

    @cached_property
    def draft(self) -> UUID:
        """One whose plan was replaced."""
        draft = self.engine.create_interview(**PLAN)
        self.engine.update_interview(draft.id, **PLAN, idempotency_key="known")
        return draft.id

    @cached_property
    def erased(self) -> UUID:
        interview = self.engine.create_interview(**PLAN)
        self.engine.erase_interview(interview.id, requested_by="Ada")
        return interview.id


@dataclass(frozen=True)
class Kind:
    make: Callable[[World], Call]
    stores: tuple[str, ...]
    fewer: int
    awaited: bool


KINDS: dict[str, Kind] = {}


def add(name: str, make: Callable[[World], Call], *, stores: tuple[str, ...] = STORES, fewer: int = 1, awaited: bool = False) -> None:
    assert name not in KINDS, name
    KINDS[name] = Kind(make, stores, fewer, awaited)


def fails(call: Call, error: type[BaseException]) -> Call:
    """The call, which must raise this."""

    def failing() -> None:
        try:
            call()
        except error as raised:
            str(raised), getattr(raised, "kind", None)
        else:
            raise AssertionError("nothing was raised")

    return failing


# The engine's calls, each as it succeeds.


def _send(world: World, **options: Any) -> Call:
    return partial(world.engine.send_message, world.session.id, ANSWER, idempotency_key="known", **options)


def _iterate(make: Callable[[], Iterator[object]]) -> Call:
    def iterate() -> None:
        for _ in make():
            pass

    return iterate


def _open(world: World) -> Call:
    def open_and_close() -> None:
        with world.opened() as engine:
            engine.health()

    return open_and_close


def _open_and_forget(world: World) -> Call:
    def forget() -> None:
        world.opened().health()

    return forget


def _backup(world: World) -> Call:
    path = world.folder / "copy.db"
    world.ended

    def back_up() -> None:
        world.engine.backup(path)
        path.unlink()

    return back_up


def _copy(world: World) -> Call:
    world.ended

    def copy_to() -> None:
        with Engine() as target:
            world.engine.copy_to(target)

    return copy_to


def _worker(world: World) -> Call:
    token = CancelToken()
    token.cancel()
    return partial(world.engine.run_worker, token)


def _deliveries(end: Callable[[CancelToken], object]) -> Callable[[World], Call]:
    """Deliveries that end in this way, and leave their event to others."""

    def make(world: World) -> Call:
        world.engine.subscribe("mail", ["session_started"])
        world.session

        def run_deliveries() -> None:
            token = CancelToken()
            world.engine.run_deliveries("mail", lambda delivery: end(token), stop=token)

        return run_deliveries

    return make


def _stopped(token: CancelToken) -> None:
    token.cancel()
    raise ConnectionError


async def _stopped_later(token: CancelToken) -> None:
    await asyncio.sleep(0)
    _stopped(token)


def _hold_and_deliver(engine: Engine) -> None:
    token = CancelToken()
    engine.subscribe("mail", ["session_completed"])
    _hold(engine)
    engine.run_deliveries("mail", lambda delivery: token.cancel(), stop=token)


def _subscribe(world: World) -> Call:
    def subscribe() -> None:
        world.engine.subscribe("mail", ["session_started", "session_completed"])
        world.engine.unsubscribe("mail")

    return subscribe


def _hold(engine: Engine, **options: Any) -> None:
    interview = engine.create_interview(**PLAN)
    session = engine.start_session(interview.id)
    engine.send_message(session.id, ANSWER, **options)
    engine.send_message(session.id, ANSWER)
    engine.end_session(session.id)


def _an_interview(world: World, hold: Callable[[Engine], None] = _hold, **settings: Any) -> Call:
    if world.url != "memory:":
        return partial(hold, world.opened(**settings))

    def in_an_engine() -> None:
        with world.opened(**settings) as engine:
            hold(engine)

    return in_an_engine


def _subscriptions(world: World) -> Call:
    world.engine.subscribe("mail", ["session_started", "session_completed"])
    return world.engine.subscriptions


def _interrupted(token: CancelToken) -> None:
    raise KeyboardInterrupt


def _of(name: str, *of: str, **options: Any) -> Callable[[World], Call]:
    """A method of the engine, with the id of something of the world's or what else is at these names."""

    def make(world: World) -> Call:
        # Repeated by its key, it has to have been made.
        given = [attrgetter(name)(world) for name in of]
        return partial(getattr(world.engine, name), *given, **options)

    return make


def _create(world: World) -> Call:
    world.interview
    return partial(world.engine.create_interview, **PLAN, idempotency_key="known")


def _start(world: World) -> Call:
    world.session
    return partial(world.engine.start_session, world.interview.id, idempotency_key="known")


def _judge_again(world: World) -> Call:
    world.first_evaluation
    return partial(world.engine.evaluate, world.interview.id, {0: ANSWER}, idempotency_key="known")


def _override(world: World) -> Call:
    world.evaluation
    return partial(world.engine.override_score, world.second_evaluation.id, 0.75, **OVERRIDE)


def _list(world: World) -> Call:
    world.ended
    return partial(world.engine.list_interviews, candidate_name="Ada", status="completed", sort_by="name", total=True)


def _iterated_list(world: World) -> Call:
    world.interview
    return _iterate(world.engine.interviews)


def _contents(world: World) -> Call:
    session_id = world.session.id
    return lambda: [message.content for message in world.engine.session(session_id).messages]


def _list_evaluations(world: World) -> Call:
    world.evaluation
    cursor = world.engine.list_evaluations(limit=1).next_cursor
    return partial(world.engine.list_evaluations, limit=1, cursor=cursor)


def _next_page(world: World) -> Call:
    world.interview, world.erased
    world.engine.create_interview(**PLAN)
    cursor = world.engine.list_interviews(limit=1).next_cursor
    return partial(world.engine.list_interviews, limit=1, cursor=cursor)


KEY = {"idempotency_key": "known"}
add("open_and_close", _open, fewer=10)
add("open_and_forget", _open_and_forget, fewer=10)
add("for_tenant", lambda world: partial(world.engine.for_tenant, "acme"))
add("cancelled_by", lambda world: partial(world.engine.cancelled_by, CancelToken()))
add("engine.metrics", _of("metrics"))
add("vivavoce.metrics", lambda world: vivavoce.metrics)
add("create_interview", _create)
add("update_interview", _of("update_interview", "draft", **PLAN, **KEY))
add("delete_draft, again", _of("delete_draft", "erased", requested_by="Ada"))
add("generate_questions", _of("generate_questions", interview_type="general", count=1), fewer=10)
add("interview", _of("interview", "interview.id"))
add("list_interviews", _list)
add("list_interviews, by cursor", _next_page)
add("interviews", _iterated_list)
add("start_session", _start)
add("send_message", lambda world: _send(world))
add("send_message, heard", lambda world: _send(world, hear=lambda words: None))
add("send_message, with a token and a time", lambda world: _send(world, cancel=CancelToken(), timeout=60))
add("session", _of("session", "session.id"))
add("session, exact", _of("session", "session.id", exact=True))
add("session, all contents", _contents)
add("sessions", _of("sessions", "session.interview_id"))
add("abandon_session", _of("abandon_session", "abandoned", **KEY))
add("abandon_idle_sessions", _of("abandon_idle_sessions"))
add("end_session", _of("end_session", "ended.id", **KEY))
add("end_session, again", _of("end_session", "ended.id"))
add("evaluate", _judge_again)
add("evaluate_answer", lambda world: partial(world.engine.evaluate_answer, QUESTION, ANSWER))
add("evaluate_answers", lambda world: partial(world.engine.evaluate_answers, [(question, ANSWER) for question in QUESTIONS]), fewer=10)
add("evaluation", _of("evaluation", "evaluation.id"))
add("evaluations", _of("evaluations", "evaluation.interview_id"))
add("list_evaluations, by cursor", _list_evaluations)
add("scorecard, markdown", _of("scorecard", "evaluation.id"), fewer=10)
add("scorecard, html", _of("scorecard", "evaluation.id", format="html"), fewer=10)
add("scorecard, json", _of("scorecard", "evaluation.id", format="json"))
add("re_evaluate", _of("re_evaluate", "second_evaluation.supersedes", **KEY))
add("override_score", _override)
add("replay", _of("replay", "first_evaluation.id"))
add("run_worker", _worker)
add("events", lambda world: _iterate(partial(world.engine.events, world.session.id)))
add("next_events", lambda world: partial(world.engine.next_events, world.session.id, 1, timeout=0))
add("follow", lambda world: _iterate(partial(world.engine.follow, world.session.id, after=1, timeout=0)))
add("subscribe and unsubscribe", _subscribe, fewer=10)
add("subscriptions", _subscriptions)
add("run_deliveries", lambda world: _an_interview(world, _hold_and_deliver), fewer=10)
add("run_deliveries, stopped", _deliveries(_stopped), fewer=10)
add("run_deliveries, stopped later", _deliveries(_stopped_later), fewer=100)
add("run_deliveries, interrupted", lambda world: fails(_deliveries(_interrupted)(world), KeyboardInterrupt), fewer=10)
add("backlog", _of("backlog"))
add("audit_head", _of("audit_head", "session.interview_id"))
add("verify_audit", _of("verify_audit", "session.interview_id"), fewer=10)
add("erase_interview, again", _of("erase_interview", "erased", requested_by="Ada"))
add("copy_to", _copy, fewer=10)
add("backup", _backup, stores=("sqlite",), fewer=100)
add("health", _of("health"))
add("an_interview", _an_interview, fewer=10)

# The application's own objects.


class Judge:
    """Gives what it was made with, or raises it."""

    info = vivavoce.EvaluatorInfo("own", "judge", "1")

    def __init__(self, found: object) -> None:
        self._found = found

    def judge(self, request: vivavoce.JudgeRequest) -> Any:
        request.interview, request.rubric, request.exchanges, request.remaining
        # A new one each time: what is raised again keeps where it was raised before.
        if isinstance(self._found, type):
            raise self._found("nobody is there")
        return self._found


class Speaker:
    def speak(self, scene: vivavoce.Scene) -> str:
        scene.interview, scene.messages, scene.exchanges
        return "Go on."


class Listener:
    def __call__(self, words: str | None) -> None:
        raise ZeroDivisionError


QUOTE = vivavoce.Quote.find(ANSWER, "a lock")
RATINGS = [vivavoce.Rating(0, it.name, 0.5, quotes=[QUOTE]) for it in vivavoce.Rubric.standard("technical").competencies]


def _judged(found: object) -> Callable[[World], Call]:
    return lambda world: partial(
        world.opened(evaluator=Judge(found)).evaluate_answer, QUESTION, ANSWER, interview_type="technical"
    )


def _judged_badly(found: object, error: type[Exception]) -> Callable[[World], Call]:
    return lambda world: fails(_judged(found)(world), error)


add("an evaluator's Judgement", _judged(vivavoce.Judgement(RATINGS)))
add("an evaluator's dicts", _judged([rating.to_dict() for rating in RATINGS]))
add("an evaluator's error", _judged_badly(vivavoce.LimitedError, vivavoce.LimitedError))
add("an evaluator's exception", _judged_badly(ValueError, vivavoce.ProviderError))
add("an evaluator's nonsense", _judged_badly(7, vivavoce.ProviderError))
add("a panel", lambda world: partial(world.opened(evaluator=vivavoce.Panel([vivavoce.BuiltinEvaluator(), Judge(RATINGS)])).evaluate_answer, QUESTION, ANSWER, interview_type="technical"), fewer=10)
add("an interviewer", lambda world: _an_interview(world, interviewer=Speaker()), fewer=10)
add("a clock", lambda world: partial(world.opened(clock=lambda: datetime.now(timezone.utc)).evaluate_answer, "Why?", "Because."))
add("a listener's exception", lambda world: fails(_send(world, hear=Listener()), ZeroDivisionError))

# Errors.


def _closed(world: World) -> Call:
    engine = world.opened()
    engine.close()
    return fails(partial(engine.session, NOBODY), vivavoce.InvalidStateError)


def _cancelled(world: World) -> Call:
    token = CancelToken()
    token.cancel()
    return fails(partial(world.engine.send_message, world.session.id, ANSWER, cancel=token), vivavoce.TimeoutError)


add("not_found", lambda world: fails(partial(world.engine.session, NOBODY), vivavoce.NotFoundError))
add("invalid_input", lambda world: fails(partial(world.engine.send_message, world.session.id, " "), vivavoce.InvalidInputError))
add("invalid_state", lambda world: fails(partial(world.engine.send_message, world.ended.id, ANSWER), vivavoce.InvalidStateError))
add("conflict", lambda world: fails(partial(world.engine.send_message, world.session.id, "Other words.", idempotency_key="known"), vivavoce.ConflictError))
add("a version that moved", lambda world: fails(partial(world.engine.send_message, world.session.id, ANSWER, expected_version=99), vivavoce.ConflictError))
add("timeout", _cancelled)
add("unsupported", lambda world: fails(world.engine.spent, vivavoce.UnsupportedError))
add("a closed engine", _closed)
add("not an id", lambda world: fails(partial(world.engine.session, "7"), vivavoce.InvalidInputError))
add("not a type", lambda world: fails(partial(world.engine.session, 7), TypeError))  # type: ignore[arg-type]
add("not a document", lambda world: fails(partial(world.engine.evaluate_answer, {"txt": "Why?"}, ANSWER), vivavoce.InvalidInputError))
add("not JSON", lambda world: fails(partial(Question.from_json, '{"text": '), vivavoce.InvalidInputError), stores=("memory",))
add("not a URL", lambda world: fails(partial(Engine, "sqlite://x"), vivavoce.InvalidInputError), stores=("memory",))
add("not a field", lambda world: fails(partial(QUESTION.__replace__, txt="Why?"), TypeError), stores=("memory",))  # type: ignore[call-arg]

# Documents.

CALL = {
    "exchange": 0,
    "judge": 0,
    "model": "compatible/judge",
    "parameters": {"temperature": 0.0, "seed": 7},
    "prompt_version": "1",
    "prompt_hash": "0" * 64,
    "schema_hash": "0" * 64,
    "tokens": {"input": 700, "output": 70},
    "cost": 0.01,
    "duration_ms": 700,
    "tries": 1,
    "cached": False,
    "reply": "{}",
}


def documents(world: World) -> list[Any]:
    """One of each class."""
    engine, evaluation, ended = world.engine, world.evaluation, world.ended
    turn = engine.send_message(world.session.id, ANSWER, idempotency_key="known")
    rubric = vivavoce.Rubric.standard("technical")
    call = vivavoce.ModelCall.from_json(json.dumps(CALL))
    panel = vivavoce.PanelInfo.from_json(
        json.dumps({"judges": [vivavoce.EvaluatorInfo("a", "b", "c").to_dict()], "combine": "median", "disagreement": 0.5})
    )
    place = vivavoce.RatingPlace.from_json(json.dumps({"exchange": 0, "competency": "Depth"}))
    request = vivavoce.QuestionRequest.from_json(
        json.dumps({"interview_type": "general", "count": 3, "level": "mid", "language": "en"})
    )
    answer = engine.evaluate_answer(QUESTION, ANSWER)
    metrics = engine.metrics()
    models = vivavoce.ModelMetrics.from_json(
        json.dumps(dict.fromkeys(("requests", "failures", "cache_hits", "input_tokens", "output_tokens"), 7))
    )
    spent = vivavoce.Spent.from_json(json.dumps({"tokens": 7, "money": 7.0, "since": "2026-01-01T00:00:00Z"}))
    engine.subscribe("mail", ["session_started"])
    event = next(engine.events(ended.id))
    delivery = vivavoce.Delivery.from_dict({"event": event.to_dict(), "attempts": 1})
    return [
        rubric.competencies[0].levels[0],
        rubric.competencies[0],
        rubric,
        QUESTION,
        request,
        world.interview,
        engine.list_interviews(),
        turn.message,
        turn,
        ended,
        evaluation.exchanges[0],
        QUOTE,
        evaluation.ratings[0],
        evaluation.competencies[0],
        panel.judges[0],
        panel,
        vivavoce.Missing(0, "no reply"),
        vivavoce.Flag(0, "fake_reply", QUOTE),
        place,
        evaluation.overridden[0],
        call.parameters,
        call.tokens,
        call,
        evaluation,
        engine.list_evaluations(limit=1),
        answer,
        vivavoce.Judgement(RATINGS),
        event,
        engine.verify_audit(world.interview.id),
        engine.subscriptions()[0],
        delivery,
        engine.backlog(),
        engine.health(),
        spent,
        metrics.operations[0],
        models,
        metrics,
    ]


def _round(act: Callable[[Any], object]) -> Callable[[World], Call]:
    """Goes round over a document of each class."""

    def make(world: World) -> Call:
        turns = itertools.cycle(documents(world))
        return lambda: act(next(turns))

    return make


def _getters(place: int) -> Callable[[World], Call]:
    """All attributes of a document."""

    def make(world: World) -> Call:
        document = documents(world)[place]
        names = [name for name, value in vars(type(document)).items() if isinstance(value, GetSetDescriptorType)]
        return partial(attrgetter(*names), document)

    return make


def _pickled(document: Any) -> object:
    return pickle.loads(pickle.dumps(document))


def _copied(document: Any) -> object:
    return copy.copy(document), copy.deepcopy(document)


def _compared(document: Any) -> object:
    return document == document, document == 7


def _read(world: World) -> Call:
    turns = itertools.cycle([(type(document).from_json, document.to_json()) for document in documents(world)])

    def read() -> object:
        from_json, text = next(turns)
        return from_json(text)

    return read


DOCUMENT_CLASSES = (
    "Level Competency Rubric Question QuestionRequest Interview InterviewPage Message Turn Session Exchange Quote Rating CompetencyScore EvaluatorInfo PanelInfo "
    "Missing Flag RatingPlace Override Parameters Tokens ModelCall Evaluation EvaluationPage AnswerEvaluation Judgement Event AuditReport Subscription Delivery Backlog Health Spent OperationMetrics "
    "ModelMetrics Metrics"
).split()
for place, name in enumerate(DOCUMENT_CLASSES):
    add(f"{name}'s attributes", _getters(place), stores=("memory",))
add("to_dict", _round(lambda document: document.to_dict()), stores=("memory",))
add("to_json", _round(lambda document: document.to_json()), stores=("memory",))
add("from_json", _read, stores=("memory",))
add("pickle", _round(_pickled), stores=("memory",))
add("copy", _round(_copied), stores=("memory",))
add("==", _round(_compared), stores=("memory",))
add("hash", _round(hash), stores=("memory",))
add("repr", _round(repr), stores=("memory",))
add("__replace__", _round(lambda document: document.__replace__()), stores=("memory",))


add("a new CancelToken", lambda world: lambda: CancelToken().cancel(), stores=("memory",))
add("a new Question", lambda world: partial(Question, "Why?", key_points=["because"], follow_ups=["How?"]), stores=("memory",))
add("a new Rubric", lambda world: partial(vivavoce.Rubric, [{"name": "Depth"}, {"name": "Width", "weight": 2.0}]), stores=("memory",))
add("a standard Rubric", lambda world: partial(vivavoce.Rubric.standard, "technical"), stores=("memory",))
add("a new Quote", lambda world: partial(vivavoce.Quote.find, ANSWER, "a lock"), stores=("memory",))
add("a new Judgement", lambda world: partial(vivavoce.Judgement, RATINGS), stores=("memory",))
add("to_prometheus", lambda world: world.engine.metrics().to_prometheus, stores=("memory",))
add("evaluation_table", lambda world: partial(vivavoce.evaluation_table, [world.evaluation]), stores=("memory",))

# Asynchronous calls: fewer, because each goes to another thread and comes back.


class AsyncJudge:
    info = Judge.info

    async def judge(self, request: vivavoce.JudgeRequest) -> Any:
        await asyncio.sleep(0)
        return RATINGS


def _asked(make: Callable[[World, AsyncEngine], Callable[[], Awaitable[object]]], **settings: Any) -> Callable[[World], Call]:
    def prepare(world: World) -> Call:
        engine = AsyncEngine(world.url, **world.settings, **settings)
        asyncio.get_event_loop().run_until_complete(engine.open())
        return make(world, engine)

    return prepare


async def _missing(engine: AsyncEngine) -> None:
    try:
        await engine.session(NOBODY)
    except vivavoce.NotFoundError:
        return
    raise AssertionError("nothing was raised")


async def _given_up(engine: AsyncEngine, session_id: UUID) -> None:
    task = asyncio.ensure_future(engine.next_events(session_id, 1_000, timeout=60))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass


async def _all_wait(engine: AsyncEngine, session_id: UUID) -> None:
    # As many threads as there will ever be.
    await asyncio.gather(*(engine.next_events(session_id, 1_000, timeout=0.5) for _ in range(1_100)))


async def _async_session(engine: AsyncEngine) -> Any:
    interview = await engine.create_interview(**PLAN, idempotency_key="awaited")
    return await engine.start_session(interview.id, idempotency_key="awaited")


def _with_session(act: Callable[[AsyncEngine, UUID], Awaitable[object]]) -> Callable[[World, AsyncEngine], Callable[[], Awaitable[object]]]:
    def make(world: World, engine: AsyncEngine) -> Callable[[], Awaitable[object]]:
        session = asyncio.get_event_loop().run_until_complete(_async_session(engine))
        return lambda: act(engine, session.id)

    return make


def _cancelled_waits(world: World, engine: AsyncEngine) -> Callable[[], Awaitable[object]]:
    asyncio.get_event_loop().run_until_complete(_with_session(_all_wait)(world, engine)())
    return _with_session(_given_up)(world, engine)


async def _delivered(engine: AsyncEngine) -> None:
    done = asyncio.Event()

    async def deliver(delivery: vivavoce.Delivery) -> None:
        done.set()

    await engine.subscribe("mail", ["interview_created"])
    await engine.create_interview(**PLAN)
    running = asyncio.ensure_future(engine.run_deliveries("mail", deliver))
    await done.wait()
    running.cancel()
    try:
        await running
    except asyncio.CancelledError:
        pass


async def _all_events(engine: AsyncEngine, session_id: UUID) -> None:
    async for _ in engine.events(session_id):
        pass


for name, made in {
    "AsyncEngine.session": _asked(_with_session(lambda engine, session_id: engine.session(session_id))),
    "AsyncEngine.send_message": _asked(_with_session(lambda engine, session_id: engine.send_message(session_id, ANSWER, idempotency_key="known"))),
    "AsyncEngine.events": _asked(_with_session(_all_events)),
    "AsyncEngine, cancelled": _asked(_cancelled_waits),
    "AsyncEngine, not_found": _asked(lambda world, engine: lambda: _missing(engine)),
    "AsyncEngine, an evaluator": _asked(lambda world, engine: lambda: engine.evaluate_answer(QUESTION, ANSWER, interview_type="technical"), evaluator=AsyncJudge()),
}.items():
    add(name, made, fewer=10, awaited=True)
# Each delivers an interview of its own, which is kept; and it takes a moment until it has stopped.
add("AsyncEngine.run_deliveries", _asked(lambda world, engine: lambda: _delivered(engine)), stores=("sqlite",), fewer=100, awaited=True)


# The measurement.


def resident() -> int:
    """Bytes of memory that this process has now. What is free but kept is given back first: Python's objects that wait for their collection, and glibc's free pieces."""
    for _ in range(3):
        gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def runner(kind: Kind, call: Call) -> Callable[[int], None]:
    def run(count: int) -> None:
        for _ in itertools.repeat(None, count):
            call()

    async def wait(count: int) -> None:
        for _ in itertools.repeat(None, count):
            await call()  # type: ignore[misc]

    return (lambda count: asyncio.get_event_loop().run_until_complete(wait(count))) if kind.awaited else run


def main() -> None:
    if sys.argv[1:] == ["list"]:
        for name, kind in KINDS.items():
            for store in kind.stores:
                print(store, kind.fewer, name, sep="\t")
        return
    store, name, count = sys.argv[1:]
    asyncio.set_event_loop(asyncio.new_event_loop())
    kind = KINDS[name]
    run = runner(kind, kind.make(World(store)))
    # A loop's calls have threads, and it takes many calls until all of them are there.
    run(max(int(count) // (1 if kind.awaited else 10), 10))
    before = resident()
    run(int(count))
    print(resident() - before)


main()
