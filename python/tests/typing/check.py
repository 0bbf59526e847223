"""The API as an application uses it, for type checkers alone: nothing here is ever run.

What has to be a mistake carries `# type: ignore[...]`, and a checker that finds none there complains.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pandas
from typing_extensions import Self, assert_never, assert_type

import vivavoce
from vivavoce import (
    Agreement,
    AnswerEvaluation,
    AuditReport,
    Backlog,
    BuiltinEvaluator,
    Calibration,
    CancelToken,
    Competency,
    CompetencyScore,
    ConversationalInterviewer,
    Correction,
    Delivery,
    Engine,
    Estimate,
    Evaluation,
    EvaluationPage,
    EvaluatorInfo,
    Event,
    Exchange,
    Flag,
    Health,
    Interview,
    InterviewPage,
    Judgement,
    JudgeRequest,
    KeyPointCoverage,
    Level,
    LimitsOfAgreement,
    Message,
    Metrics,
    Missing,
    ModelCall,
    ModelEvaluator,
    ModelMetrics,
    Models,
    Nearness,
    OperationMetrics,
    Override,
    PairAgreement,
    PairMeans,
    Panel,
    PanelInfo,
    Price,
    Provider,
    Question,
    QuestionCorrection,
    QuestionRequest,
    Quote,
    Rating,
    RatingPlace,
    Rubric,
    Scene,
    ScriptedInterviewer,
    Session,
    Spent,
    Subscription,
    Tokens,
    Turn,
)


# An application's own interviewer and evaluator, synchronous and asynchronous.


class Terse:
    def speak(self, scene: Scene) -> str:
        assert_type(scene.next, Literal["question", "probe", "closing"])
        assert_type(scene.language, Literal["en", "zh-TW"])
        assert_type(scene.messages, tuple[Message, ...])
        assert_type(scene.exchanges, tuple[Exchange, ...])
        assert_type(scene.remaining, timedelta | None)
        if scene.question is None:
            return "Thank you."
        return scene.interview.questions[scene.question].text

    def questions(self, request: QuestionRequest) -> list[Question]:
        assert_type(request.level, Literal["junior", "mid", "senior"])
        return [Question("Who are you?", competency="Relevance")] * request.count


class Patient:
    async def speak(self, scene: Scene) -> str:
        return "Go on." if scene.next == "probe" else "Thank you."


class Mute:
    def speak(self, scene: Scene) -> None:
        pass


class Lengths:
    info = EvaluatorInfo("example", "lengths", "1")

    def judge(self, request: JudgeRequest) -> list[Rating]:
        assert_type(request.rubric, Rubric)
        competency = request.rubric.competencies[0].name
        return [
            Rating(place, competency, min(len(exchange.answer) / 100, 1.0))
            for place, exchange in enumerate(request.exchanges)
        ]


class Careful:
    async def judge(self, request: JudgeRequest) -> Judgement:
        quote = Quote.find(request.exchanges[0].answer, "lock")
        return Judgement(
            [Rating(0, "Communication", 0.5, confidence=0.9, quotes=[quote], reason="It says so.")],
            strengths=["Clear words."],
            missing=[Missing(1, "The model was silent.", competency="Communication")],
            flags=[Flag(1, "instruction", Quote(0, 6, "Ignore"))],
        )


class Numbers:
    def judge(self, request: JudgeRequest) -> float:
        return 0.5


# Objects of an application with the fields of ours.


@dataclass
class Asked:
    text: str
    weight: float = 1.0
    key_points: list[str] = field(default_factory=list[str])


class Modelled:
    """As a model of pydantic's is to a caller."""

    def model_dump(
        self, *, mode: str = "python", exclude_none: bool = False, by_alias: bool | None = None
    ) -> dict[str, Any]:
        return {"text": "What is a lock?"}


class Kind(str, Enum):
    TECHNICAL = "technical"


def now() -> datetime:
    return datetime.now(timezone.utc)


def open_engines() -> None:
    assert_type(Engine(), Engine)
    assert_type(Engine.from_env(interviewer=Patient()), Engine)
    assert_type(vivavoce.__version__, str)
    with Engine("sqlite:interviews.db", unanswered="ignored", idle_timeout=timedelta(hours=1), clock=now) as engine:
        assert_type(engine, Engine)
        assert_type(engine.for_tenant("acme"), Engine)
        assert_type(engine.cancelled_by(vivavoce.CancelToken()), Engine)
        engine.close()

    models = Models([Provider("openai", key="sk-secret")], timeout=60, prices={"openai/gpt": Price(1.0, 2.0)})
    Engine(
        interviewer=ConversationalInterviewer(["openai/gpt"]),
        evaluator=Panel([ModelEvaluator(["openai/gpt"]), BuiltinEvaluator(), Lengths()], combine="mean"),
        models=models,
        read_staleness=0.5,
    )
    Engine(interviewer=Terse(), evaluator=Careful(), models={"providers": [{"kind": "ollama"}]})
    Engine(interviewer={"kind": "scripted"}, evaluator={"kind": "builtin"})
    Engine(interviewer=ScriptedInterviewer(), evaluator=Lengths())

    Engine("memory:", Terse())  # type: ignore[call-arg]
    Engine(Path("interviews.db"))  # type: ignore[arg-type]
    Engine(interviewer=Mute())  # type: ignore[arg-type]
    Engine(interviewer=BuiltinEvaluator())  # type: ignore[arg-type]
    Engine(evaluator=Numbers())  # type: ignore[arg-type]
    Engine(evaluator=ScriptedInterviewer())  # type: ignore[arg-type]
    Engine(models=[Provider("openai")])  # type: ignore[arg-type]
    Engine(unanswered="lower_score")  # type: ignore[arg-type]
    Engine(idle_timeout="1h")  # type: ignore[arg-type]
    Engine(clock=lambda: 0.0)  # type: ignore[arg-type, return-value]
    Engine(database="memory:")  # type: ignore[call-arg]
    Provider("openai").key = "sk-other"  # type: ignore[misc]


def plan(engine: Engine, questions: Iterator[str], kind: str) -> Interview:
    rubric = Rubric([Competency("Locks", weight=2, levels=[Level(0.5, "Names one."), {"score": 1, "anchor": "Two."}])])
    assert_type(rubric.competencies[0].levels, tuple[Level, ...])
    assert_type(rubric.hash, str)
    assert_type(Rubric.standard("general"), Rubric)
    interview = engine.create_interview(
        candidate_name="Ada",
        interview_type="technical",
        questions=[
            "What is a deadlock?",
            Question("What is a lock?", key_points=("It keeps others out.",), time_limit=timedelta(minutes=3)),
            {"text": "What is a mutex?", "weight": 2},
            Asked("What is a semaphore?"),
            Modelled(),
        ],
        interview_language="zh-TW",
        rubric=rubric,
        timeout=2.5,
        cancel=CancelToken(),
    )
    assert_type(interview, Interview)
    assert_type(interview.id, UUID)
    assert_type(interview.interview_type, Literal["general", "technical", "behavioral"])
    assert_type(interview.status, Literal["pending", "in_progress", "completed"])
    assert_type(interview.questions, tuple[Question, ...])
    assert_type(interview.questions[0].time_limit, timedelta | None)
    assert_type(interview.questions[0].key_points, tuple[str, ...])
    assert_type(interview.rubric, Rubric | None)
    assert_type(interview.effective_rubric, Rubric)
    assert_type(interview.created_at, datetime)
    assert_type(interview.resume, str | None)

    made = engine.generate_questions(interview_type="general", count=3, level="senior", model="openai/gpt")
    assert_type(made, list[Question])
    for given in (made, tuple(made), {"Who are you?"}, questions):
        engine.create_interview(candidate_name="Ada", interview_type="general", questions=given)

    engine.create_interview(candidate_name="Ada", interview_type="general", questions="Who are you?")  # type: ignore[arg-type]
    engine.create_interview(candidate_name="Ada", interview_type="general", questions=[1])  # type: ignore[list-item]
    engine.create_interview(candidate_name="Ada", interview_type="practical", questions=[])  # type: ignore[arg-type]
    engine.create_interview(candidate_name="Ada", interview_type=kind, questions=[])  # type: ignore[arg-type]
    engine.create_interview(candidate_name="Ada", interview_type=Kind.TECHNICAL, questions=[])  # type: ignore[arg-type]
    engine.create_interview("Ada", interview_type="general", questions=[])  # type: ignore[call-arg]
    engine.create_interview(candidate_name="Ada", questions=[])  # type: ignore[call-arg]
    engine.create_interview(
        candidate_name="Ada",
        interview_type="general",
        questions=[],
        rubric=[Competency("Locks")],  # type: ignore[arg-type]
    )
    engine.generate_questions(interview_type="general", count=3, level="principal")  # type: ignore[arg-type]
    Question("What is a lock?", key_points="It keeps others out.")  # type: ignore[arg-type]
    Question("What is a lock?", "Locks")  # type: ignore[call-arg]
    Level(anchor="Names a lock.")  # type: ignore[call-arg]
    interview.status = "completed"  # type: ignore[misc]
    return interview


def find(engine: Engine) -> None:
    page = engine.list_interviews(candidate_name="ad", date_from=date(2025, 1, 1), sort_by="name", total=True)
    assert_type(page, InterviewPage)
    assert_type(page.interviews, tuple[Interview, ...])
    assert_type(page.total, int | None)
    assert_type(page.next_cursor, str | None)
    assert_type(next(engine.interviews(status="pending", order="ascending")), Interview)
    assert_type([each.candidate_name for each in engine.interviews()], list[str])
    engine.list_interviews(sort_by="created_at")  # type: ignore[arg-type]
    engine.list_interviews(order="asc")  # type: ignore[arg-type]
    engine.interviews(status="active")  # type: ignore[arg-type]
    engine.interviews(limit=10)  # type: ignore[call-arg]


def find_evaluations(engine: Engine, interview: Interview) -> None:
    page = engine.list_evaluations(status="running", interview_id=interview.id, limit=5, cursor=None)
    assert_type(page, EvaluationPage)
    assert_type(page.evaluations, tuple[Evaluation, ...])
    assert_type(page.next_cursor, str | None)
    engine.list_evaluations(status="done")  # type: ignore[arg-type]
    engine.list_evaluations(offset=10)  # type: ignore[call-arg]


def draft(engine: Engine, interview: Interview) -> None:
    updated = engine.update_interview(interview.id, candidate_name="Ada", interview_type="general", questions=["Why?"])
    assert_type(updated, Interview)
    engine.update_interview(interview.id, questions=["Why?"])  # type: ignore[call-arg]
    engine.update_interview(candidate_name="Ada", interview_type="general", questions=["Why?"])  # type: ignore[call-arg]
    engine.delete_draft(interview.id, requested_by="Grace")
    engine.delete_draft(interview.id)  # type: ignore[call-arg]


def hold(engine: Engine, interview: Interview) -> Session:
    heard: list[str | None] = []
    session = engine.start_session(str(interview.id), session_language="en", provider={"kind": "ollama"})
    assert_type(session, Session)
    assert_type(session.status, Literal["active", "completed", "abandoned"])
    assert_type(session.messages, tuple[Message, ...])
    assert_type(session.pending, Message | None)
    assert_type(session.ended_at, datetime | None)

    message = session.messages[0]
    assert_type(message.role, Literal["interviewer", "candidate"])
    assert_type(message.kind, Literal["question", "probe", "closing", "answer"])
    assert_type(message.origin, Literal["model", "scripted", "guarded"] | None)
    assert_type(message.question, int | None)
    if message.role == "interviewer":
        print(message.content)
    elif message.role == "candidate":
        print(message.content)
    else:
        assert_never(message.role)

    turn = engine.send_message(session.id, "A mathematician.", hear=heard.append, idempotency_key="1", timeout=30)
    assert_type(turn, Turn)
    assert_type(turn.reply, Message)
    assert_type(turn.session_status, Literal["active", "completed", "abandoned"])

    async def listen(words: str | None) -> None:
        print(words)

    engine.send_message(session.id, "And a writer.", hear=listen, provider=Provider("openai", key="sk-secret"))
    assert_type(engine.session(session.id, exact=True), Session)
    assert_type(engine.sessions(interview.id), list[UUID])
    assert_type(engine.abandon_session(session.id, expected_version=session.version), Session)
    assert_type(engine.abandon_idle_sessions(), list[UUID])

    def hear_text(words: str) -> None:
        print(words)

    engine.send_message(session.id, "Hello.", hear=hear_text)  # type: ignore[arg-type]
    engine.send_message(session.id, b"Hello.")  # type: ignore[arg-type]
    engine.send_message(session, "Hello.")  # type: ignore[arg-type]
    engine.start_session(interview.id, session_language="de")  # type: ignore[arg-type]
    engine.session(session.id, True)  # type: ignore[call-arg]
    session.messages.append(message)  # type: ignore[attr-defined]
    Session()  # type: ignore[call-arg]
    return session


def judge(engine: Engine, interview: Interview, session: Session) -> None:
    evaluation = engine.end_session(session.id, queued=True)
    assert_type(evaluation, Evaluation)
    assert_type(evaluation.status, Literal["pending", "running", "completed", "partial", "failed"])
    assert_type(evaluation.score, float | None)
    assert_type(evaluation.exchanges, tuple[Exchange, ...])
    assert_type(evaluation.ratings, tuple[Rating, ...])
    assert_type(evaluation.competencies, tuple[CompetencyScore, ...])
    assert_type(evaluation.strengths, tuple[str, ...])
    assert_type(evaluation.unanswered, tuple[int, ...])
    assert_type(evaluation.unanswered_policy, Literal["lowers_score", "ignored"])
    assert_type(evaluation.evaluator.panel, PanelInfo | None)
    assert_type(evaluation.supersedes, UUID | None)
    assert_type(evaluation.overridden, tuple[Override, ...])
    assert_type(evaluation.overridden[0].rating, RatingPlace | None)
    assert_type(evaluation.missing, tuple[Missing, ...])
    assert_type(evaluation.flags[0].span, Quote)
    assert_type(evaluation.calls, tuple[ModelCall, ...])
    assert_type(evaluation.calls[0].duration, timedelta)
    assert_type(evaluation.calls[0].tokens, Tokens)
    assert_type(evaluation.calls[0].cost, float | None)
    assert_type(
        evaluation.ratings[0].basis,
        Literal["reference", "key_points", "rubric", "heuristic", "application", "person"],
    )
    assert_type(
        evaluation.flags[0].kind,
        Literal["instruction", "fake_reply", "fake_marker", "role_header", "hidden_text", "encoded_text"],
    )
    evaluation.score + 0.5  # type: ignore[operator]

    assert_type(engine.evaluate(interview.id, {0: "A mathematician."}), Evaluation)
    answer = engine.evaluate_answer("Who are you?", "A mathematician.", rubric={"competencies": []})
    assert_type(answer, AnswerEvaluation)
    assert_type(answer.score, float)
    assert_type(engine.evaluate_answer(Asked("What is a lock?"), "It keeps others out."), AnswerEvaluation)
    for found in engine.evaluate_answers([("What is a lock?", "It keeps others out."), (Modelled(), "")]):
        assert_type(found, AnswerEvaluation | vivavoce.Error)
        if isinstance(found, vivavoce.Error):
            assert_type(found.retry_after, timedelta | None)
        else:
            assert_type(found.ratings, tuple[Rating, ...])
    engine.evaluate_answers({"What is a lock?": "It keeps others out."}.items())

    assert_type(engine.evaluation(evaluation.id), Evaluation)
    assert_type(engine.evaluations(interview.id), list[UUID])
    assert_type(engine.scorecard(evaluation.id, format="html"), str)
    assert_type(engine.re_evaluate(evaluation.id, cancel=CancelToken()), Evaluation)
    assert_type(engine.override_score(evaluation.id, 0.5, by="Grace", reason="I was there."), Evaluation)
    engine.override_score(evaluation.id, 1, by="Grace", reason="I was there.", exchange=0, competency="Locks")
    assert_type(engine.replay(evaluation.id), Evaluation)
    assert_type(engine.run_worker(CancelToken()), int)

    engine.evaluate(interview.id, {"0": "A mathematician."})  # type: ignore[dict-item]
    engine.evaluate(interview.id, ["A mathematician."])  # type: ignore[arg-type]
    engine.evaluate_answer("Who are you?", None)  # type: ignore[arg-type]
    engine.evaluate_answers(["What is a lock?"])  # type: ignore[list-item]
    engine.scorecard(evaluation.id, format="pdf")  # type: ignore[arg-type]
    engine.override_score(evaluation.id, 0.5, by="Grace", reason="", exchange=0)  # type: ignore[call-overload]
    engine.run_worker()  # type: ignore[call-arg]
    Flag(0, "suspicious", Quote(0, 1, "I"))  # type: ignore[arg-type]
    Rating(0, "Locks", "0.5")  # type: ignore[arg-type]
    Judgement([], strengths="Clear words.")  # type: ignore[arg-type]
    print(evaluation.status == "done")  # type: ignore[comparison-overlap]


def learn(engine: Engine, interview: Interview, evaluation: Evaluation) -> None:
    found = engine.calibrate("locks", [("What is a lock?", "It keeps others out.", 0.5)], interview_type="technical")
    assert_type(found, Calibration)
    assert_type(found.label, str)
    assert_type(found.bank, Correction | None)
    assert_type(found.before, Nearness)
    assert_type(found.after.pearson, float | None)
    for learned in found.questions:
        assert_type(learned, QuestionCorrection)
        assert_type(learned.words, tuple[int, ...])
        assert_type(learned.line.slope, float)
    engine.calibrate("locks", ({"question": "Why?", "answer": "So.", "score": each} for each in (0, 1)), rubric=None)
    engine.calibrate("locks", [(Asked("Why?"), "So.", 1), Modelled()])
    assert_type(engine.calibration("locks@1"), Calibration)
    assert_type(engine.calibrations(), list[Calibration])
    engine.evaluate_answer("Why?", "So.", calibration="locks")
    engine.evaluate_answers([("Why?", "So.")], calibration=found.label)
    engine.create_interview(
        candidate_name="Ada", interview_type="general", questions=["Who are you?"], calibration="locks"
    )
    assert_type(interview.calibration, str | None)
    assert_type(evaluation.calibration, str | None)
    assert_type(evaluation.key_points, tuple[KeyPointCoverage, ...])
    point = evaluation.key_points[0]
    assert_type(point.coverage, Literal["covered", "partly", "missing"])
    assert_type(point.quotes, tuple[Quote, ...])
    Judgement([], key_points=[KeyPointCoverage(0, 0, "a lock", 0.5, quotes=[Quote(0, 1, "I")]), {"exchange": 0}])

    engine.calibrate("locks", [("Why?", "So.")])  # type: ignore[list-item]
    engine.calibrate("locks", [("Why?", "So.", "0.5")])  # type: ignore[list-item]
    engine.calibrate("locks", ["Why?"])  # type: ignore[list-item]
    engine.evaluate_answer("Why?", "So.", calibration=found)  # type: ignore[arg-type]
    print(point.coverage == "partial")  # type: ignore[comparison-overlap]


def watch(engine: Engine, session: Session) -> None:
    event = next(engine.events(session.id, after=3))
    assert_type(event, Event)
    assert_type(event.message, Message | None)
    assert_type(event.session_id, UUID | None)
    assert_type(engine.next_events(session.id, 0, timeout=timedelta(seconds=30), poll=None), list[Event])
    for event in engine.follow(session.id, timeout=60):
        match event.action:
            case "message_sent" | "message_received":
                print(event.number)
            case "interview_created" | "interview_updated":
                pass
            case "session_started" | "session_completed" | "session_abandoned":
                pass
            case "evaluation_requested" | "evaluation_completed" | "evaluation_partial" | "evaluation_failed":
                pass
            case "evaluation_overridden" | "interview_erased":
                pass
            case _:
                assert_never(event.action)
    engine.next_events(session.id, 0)  # type: ignore[call-arg]
    print(event.action == "message_deleted")  # type: ignore[comparison-overlap]


def tell(engine: Engine) -> None:
    def deliver(delivery: Delivery) -> None:
        assert_type(delivery.event, Event)
        assert_type(delivery.attempts, int)

    async def deliver_later(delivery: Delivery) -> bool:
        return delivery.attempts == 1

    def deliver_event(event: Event) -> None:
        print(event.number)

    engine.subscribe("mail", ["session_started", "evaluation_completed"])
    engine.subscribe("mail", {"session_started"})
    subscription = engine.subscriptions()[0]
    assert_type(subscription, Subscription)
    assert_type(engine.unsubscribe(subscription.name), bool)
    for action in subscription.actions:
        if action == "session_started":
            print(subscription.__replace__(actions=[action]))
    assert_type(engine.run_deliveries("mail", deliver, stop=CancelToken()), int)
    engine.run_deliveries("mail", deliver_later, stop=CancelToken())
    backlog = engine.backlog()
    assert_type(backlog, Backlog)
    assert_type(backlog.evaluations + backlog.deliveries, int)

    engine.subscribe("mail", ["session_began"])  # type: ignore[list-item]
    engine.subscribe("mail", "session_started")  # type: ignore[arg-type]
    engine.run_deliveries("mail", deliver)  # type: ignore[call-arg]
    engine.run_deliveries("mail", deliver, CancelToken())  # type: ignore[call-arg]
    engine.run_deliveries("mail", deliver_event, stop=CancelToken())  # type: ignore[arg-type]
    Subscription("mail", ["session_started"])  # type: ignore[call-arg, arg-type]


def keep(engine: Engine, interview: Interview, folder: os.PathLike[str]) -> None:
    assert_type(engine.audit_head(interview.id), str)
    report = engine.verify_audit(interview.id, head=engine.audit_head(interview.id))
    assert_type(report, AuditReport)
    assert_type(report.is_sound, bool)
    assert_type(report.first_bad, int | None)
    assert_type(engine.erase_candidate("42", requested_by="Ada"), list[UUID])
    assert_type(engine.copy_to(Engine("sqlite:copy.db")), int)
    engine.backup(Path(folder) / "copy.db")
    engine.backup(folder)
    health = engine.health()
    assert_type(health, Health)
    assert_type(health.store, Literal["memory", "sqlite", "postgres"])
    assert_type(health.latency, timedelta)
    assert_type(engine.spent(), Spent)
    assert_type(vivavoce.metrics(), Metrics)
    assert_type(engine.metrics().models, ModelMetrics | None)
    operation = engine.metrics().operations[0]
    assert_type(operation, OperationMetrics)
    assert_type(operation.buckets, tuple[int, ...])
    assert_type(engine.metrics().to_prometheus(), str)
    operation.errors.get("not_found", 0)
    operation.errors["lost"]  # type: ignore[index]
    engine.erase_interview(interview.id)  # type: ignore[call-arg]
    engine.backup(b"copy.db")  # type: ignore[arg-type]


def documents(interview: Interview, session: Session, evaluation: Evaluation) -> None:
    assert_type(interview.to_dict(), dict[str, Any])
    assert_type(interview.to_json(), str)
    assert_type(Interview.from_json(b"{}"), Interview)
    assert_type(copy.copy(session), Session)
    assert_type(copy.deepcopy(evaluation), Evaluation)
    assert_type({session: 1}[session], int)
    assert_type(session.__replace__(status="completed", ended_at=now()), Session)
    assert_type(interview.__replace__(questions=["What is a lock?"], rubric=None), Interview)
    session.__replace__(status="done")  # type: ignore[arg-type]
    session.__replace__(pending=None)  # type: ignore[call-arg]
    Interview.from_json({})  # type: ignore[arg-type]

    class Mine(Session):  # type: ignore[misc]
        pass


def errors(engine: Engine, session: Session) -> None:
    try:
        engine.send_message(session.id, "Hello.")
    except vivavoce.LimitedError as error:
        assert_type(error.retry_after, timedelta | None)
        assert_type(error.retryable, bool)
    except (vivavoce.NotFoundError, vivavoce.ConflictError) as error:
        print(error.kind)
    except LookupError:
        pass
    vivavoce.TimeoutError("Too late.", retryable=True, retry_after=timedelta(seconds=1))
    vivavoce.Error("No.", retry_after=1.0)  # type: ignore[arg-type]


def agreed(frame: pandas.DataFrame, array: list[tuple[int, ...]]) -> None:
    found = vivavoce.agreement({"Ada": [1, 2, 3], "model": (0.5, None, 1.0)}, levels=5, resamples=100, seed=1)
    assert_type(found, Agreement)
    assert_type(found.raters, tuple[str, ...])
    assert_type(found.means, PairMeans)
    assert_type(found.icc_2_k, Estimate | None)
    for pair in found.pairs:
        assert_type(pair, PairAgreement)
        assert_type(pair.limits_of_agreement, LimitsOfAgreement | None)
        if pair.pearson is not None:
            assert_type(pair.pearson.value, float)
            assert_type(pair.pearson.low, float | None)
    assert_type(vivavoce.agreement(frame), Agreement)
    assert_type(vivavoce.agreement(array), Agreement)
    assert_type(vivavoce.agreement([[1, None], [2, 3]]), Agreement)
    vivavoce.agreement(["123", "123"])  # type: ignore[list-item]
    vivavoce.agreement([[1, 2], [1, 2]], 5)  # type: ignore[call-arg]


async def asynchronous(answer: Awaitable[str]) -> None:
    async with vivavoce.AsyncEngine("memory:", interviewer=Patient(), evaluator=Careful(), workers=8) as engine:
        assert_type(engine, vivavoce.AsyncEngine)
        interview = await engine.create_interview(
            candidate_name="Ada", interview_type="general", questions=["Who are you?"]
        )
        assert_type(interview, Interview)
        session = await engine.start_session(interview.id)
        assert_type(await engine.send_message(session.id, await answer), Turn)
        assert_type(await engine.end_session(session.id), Evaluation)
        async for event in engine.follow(session.id, timeout=60):
            assert_type(event, Event)
        async for each in engine.interviews():
            assert_type(each, Interview)

        async def deliver(delivery: Delivery) -> None:
            print(delivery.event.action)

        await engine.subscribe("mail", ["session_started"])
        assert_type(await engine.run_deliveries("mail", deliver), int)
        assert_type(await engine.run_deliveries("mail", print), int)
        assert_type(await engine.subscriptions(), list[Subscription])
        assert_type(await engine.calibrate("locks", [("Why?", "So.", 0.5)]), Calibration)
        assert_type(await engine.calibration("locks"), Calibration)
        assert_type(await engine.calibrations(), list[Calibration])
        assert_type(await engine.evaluate_answer("Why?", "So.", calibration="locks"), AnswerEvaluation)
        assert_type(await engine.backlog(), Backlog)
        await engine.run_deliveries("mail", deliver, stop=CancelToken())  # type: ignore[call-arg]
        await engine.create_interview(candidate_name="Ada", interview_type="practical", questions=[])  # type: ignore[arg-type]


class Console:
    """An application that keeps an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def opened(cls) -> Self:
        return cls(Engine.from_env())
