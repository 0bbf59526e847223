"""Every use case, on every store."""

from __future__ import annotations

import dataclasses
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pydantic
import pytest

import vivavoce
from vivavoce import Engine, Interview

PLAN: dict[str, Any] = {"candidate_name": "Ada", "interview_type": "general", "questions": ["Why?"]}
ANSWER = "Two threads each hold a lock that the other needs, so neither goes on."


def test_an_interview_from_plan_to_evaluation(engine: Engine, planned: Interview) -> None:
    assert isinstance(planned.id, uuid.UUID)
    assert planned.status == "pending"
    assert planned.created_at.tzinfo is not None
    session = engine.start_session(planned.id)
    assert (session.status, session.session_language, len(session.messages)) == ("active", "en", 1)
    turn = engine.send_message(session.id, ANSWER)
    assert (turn.message.content, turn.message.role, turn.reply.role) == (ANSWER, "candidate", "interviewer")
    read = engine.session(session.id)
    assert [message.number for message in read.messages] == [1, 2, 3]
    assert read.messages[1] == turn.message and read.version == turn.session_version
    assert read.answers_given == 1 and read.pending is None
    evaluation = engine.end_session(session.id)
    assert evaluation.status == "completed" and evaluation.score is not None and 0 < evaluation.score <= 1
    assert evaluation.session_id == session.id and evaluation.unanswered == (1,)
    assert any(rating.quotes for rating in evaluation.ratings)
    for rating in evaluation.ratings:
        for quote in rating.quotes:
            assert evaluation.exchanges[rating.exchange].answer[quote.start : quote.end] == quote.text
    assert engine.evaluation(evaluation.id) == evaluation
    assert engine.sessions(planned.id) == [session.id]
    assert engine.evaluations(planned.id) == [evaluation.id]
    assert engine.interview(planned.id).status == "completed"
    assert engine.session(str(session.id), exact=True).status == "completed"


def test_questions_are_texts_our_own_dicts_dataclasses_and_models_of_pydantic(engine: Engine) -> None:
    @dataclasses.dataclass
    class Asked:
        text: str
        key_points: list[str] | None = None
        time_limit: timedelta | None = None

    class Model(pydantic.BaseModel):
        text: str
        weight: float | None = None
        follow_ups: tuple[str, ...] = ()

    interview = engine.create_interview(
        candidate_name="Ada",
        interview_type="technical",
        questions=[
            "One?",
            vivavoce.Question("Two?", time_limit=90),
            {"text": "Three?", "reference_answer": "3"},
            Asked("Four?", ["a point"], timedelta(minutes=2)),
            Model(text="Five?", weight=2.5, follow_ups=("And?",)),
        ],
        rubric={
            "competencies": [{"name": "Knowledge", "levels": [vivavoce.Level(0.5, "some"), {"score": 1, "anchor": "all"}]}]
        },
    )
    one, two, three, four, five = engine.interview(interview.id).questions
    assert one == vivavoce.Question("One?")
    assert two.time_limit == timedelta(seconds=90)
    assert three.reference_answer == "3"
    assert (four.key_points, four.time_limit) == (("a point",), timedelta(minutes=2))
    assert (five.weight, five.follow_ups) == (2.5, ("And?",))
    assert interview.rubric is not None and interview.rubric.competencies[0].levels[1].score == 1.0
    assert interview.rubric == interview.effective_rubric


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"questions": []}, "questions"),
        ({"questions": ["What?", {"text": 3}]}, r"questions\[1\].text: expected a string"),
        ({"questions": [{"txt": "canary"}]}, r"questions\[0\]: no field `txt` is known: expected one of text, "),
        ({"questions": [{"text": "a", "weight": "canary"}]}, r"questions\[0\].weight: expected a number"),
        ({"rubric": 3}, "rubric: expected an object with its fields"),
        ({"questions": [["canary"]]}, r"questions\[0\]: expected a question's text, or an object"),
        ({"questions": "canary"}, "questions: expected a sequence"),
        ({"candidate_name": " "}, "candidate_name"),
        ({"candidate_name": "x" * 201}, "candidate_name"),
        ({"interview_type": "canary"}, "unknown interview type: known are general, technical, behavioral"),
        ({"interview_language": "canary"}, "unknown language: known are en, zh-TW"),
        ({"rubric": {"competencies": [{"name": "a", "a canary": 1}]}}, r"rubric.competencies\[0\]: no field one is known"),
        ({"max_answers": 0}, "max_answers"),
    ],
)
def test_what_is_wrong_is_named_and_not_repeated(wrong: dict[str, Any], said: str) -> None:
    with Engine() as engine, pytest.raises(vivavoce.InvalidInputError, match=said) as caught:
        engine.create_interview(**{**PLAN, **wrong})
    assert "canary" not in str(caught.value)


HALF = "\ud800 canary"


@pytest.mark.parametrize(
    "call",
    [
        lambda engine, interview, session: engine.send_message(session.id, HALF),
        lambda engine, interview, session: engine.send_message(session.id, "a", idempotency_key=HALF),
        lambda engine, interview, session: engine.evaluate_answer("Why?", HALF),
        lambda engine, interview, session: engine.evaluate_answers([(HALF, "a")]),
        lambda engine, interview, session: engine.evaluate_answers([("Why?", HALF)]),
        lambda engine, interview, session: engine.evaluate(interview.id, {0: HALF}),
        lambda engine, interview, session: engine.create_interview(**{**PLAN, "candidate_name": HALF}),
        lambda engine, interview, session: engine.create_interview(**{**PLAN, "questions": [HALF]}),
        lambda engine, interview, session: engine.create_interview(**{**PLAN, "questions": [{HALF: 1}]}),
        lambda engine, interview, session: engine.create_interview(**PLAN, max_answers=-1),
        lambda engine, interview, session: engine.create_interview(**PLAN, max_answers=2**40),
        lambda engine, interview, session: engine.list_interviews(candidate_name=HALF),
        lambda engine, interview, session: engine.list_interviews(limit=-1),
        lambda engine, interview, session: engine.send_message(session.id, "a", timeout=-1),
        lambda engine, interview, session: engine.send_message(session.id, "a", timeout=timedelta(-1)),
        lambda engine, interview, session: engine.send_message(session.id, "a", expected_version=-1),
        lambda engine, interview, session: vivavoce.Question(HALF),
        lambda engine, interview, session: vivavoce.Question("a", key_points=[HALF]),
        lambda engine, interview, session: vivavoce.Question("a", time_limit=1.5),
    ],
)
def test_values_that_no_document_can_hold_are_invalid_input(call: Any) -> None:
    with Engine() as engine:
        interview = engine.create_interview(**PLAN)
        session = engine.start_session(interview.id)
        with pytest.raises(vivavoce.InvalidInputError) as caught:
            call(engine, interview, session)
        seen = f"{caught.value} {caught.value.args} {vars(caught.value)} {caught.value.__cause__}"
        assert "canary" not in seen
        assert len(engine.session(session.id).messages) == 1


def test_a_document_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    looped: dict[str, Any] = {"text": "a"}
    looped["key_points"] = looped
    with Engine() as engine:
        for questions in (endless, [looped]):
            with pytest.raises(vivavoce.InvalidInputError):
                engine.create_interview(candidate_name="Ada", interview_type="general", questions=questions)


def test_ids_are_uuids_or_their_text(engine: Engine, planned: Interview) -> None:
    assert engine.interview(str(planned.id)) == engine.interview(planned.id) == planned
    with pytest.raises(vivavoce.InvalidInputError):
        engine.interview("not an id")
    with pytest.raises(TypeError):
        engine.interview(planned.id.int)  # type: ignore[arg-type]
    with pytest.raises(LookupError) as caught:
        engine.interview(uuid.UUID(int=7))
    assert isinstance(caught.value, vivavoce.NotFoundError) and caught.value.kind == "not_found"


def test_keys_make_calls_safe_to_repeat(engine: Engine, planned: Interview) -> None:
    session = engine.start_session(planned.id, idempotency_key="start")
    assert engine.start_session(planned.id, idempotency_key="start").id == session.id
    turn = engine.send_message(session.id, ANSWER, idempotency_key="answer")
    assert engine.send_message(session.id, ANSWER, idempotency_key="answer") == turn
    with pytest.raises(vivavoce.ConflictError):
        engine.send_message(session.id, "Another.", idempotency_key="answer")
    with pytest.raises(vivavoce.ConflictError):
        engine.send_message(session.id, "Another.", expected_version=1)
    assert len(engine.session(session.id).messages) == 3


def test_lists_by_page_and_as_a_whole(engine: Engine) -> None:
    names = [f"Candidate {number:03}" for number in range(230)]
    for name in names:
        engine.create_interview(candidate_name=name, interview_type="general", questions=["Why?"])
    page = engine.list_interviews(sort_by="name", order="ascending", limit=20, total=True)
    assert [each.candidate_name for each in page.interviews] == names[:20] and page.total == 230
    after = engine.list_interviews(sort_by="name", order="ascending", limit=20, cursor=page.next_cursor)
    assert [each.candidate_name for each in after.interviews] == names[20:40]
    by_offset = engine.list_interviews(sort_by="name", order="ascending", limit=20, offset=20)
    assert by_offset.interviews == after.interviews
    assert [each.candidate_name for each in engine.interviews(sort_by="name", order="ascending")] == names
    assert len(list(engine.interviews(candidate_name="ANDIDATE 22"))) == 10
    today = datetime.now(timezone.utc).date()
    assert engine.list_interviews(date_from=today - timedelta(days=1), date_to=today, total=True, limit=1).total == 230
    assert list(engine.interviews(date_to=today - timedelta(days=2))) == []
    with pytest.raises(vivavoce.InvalidInputError):
        engine.list_interviews(limit=0)
    with pytest.raises(vivavoce.InvalidInputError):
        engine.list_interviews(sort_by="size")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        engine.list_interviews(date_from=datetime.now(timezone.utc))


def _calls(engine: Engine, operation: str) -> int:
    return next(each.calls for each in engine.metrics().operations if each.operation == operation)


def test_a_list_is_read_as_it_is_asked_for() -> None:
    with Engine() as engine:
        for _ in range(150):
            engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Why?"])
        interviews = engine.interviews()
        assert _calls(engine, "list_interviews") == 0
        next(interviews)
        assert _calls(engine, "list_interviews") == 1
        assert len(list(interviews)) == 149
        assert _calls(engine, "list_interviews") == 2


def test_answers_without_a_session(engine: Engine, planned: Interview) -> None:
    evaluation = engine.evaluate(planned.id, {0: ANSWER}, idempotency_key="answers")
    assert engine.evaluate(planned.id, {0: ANSWER}, idempotency_key="answers") == evaluation
    assert evaluation.session_id is None and evaluation.exchanges[0].answer == ANSWER
    assert evaluation.unanswered == (1,)
    with pytest.raises(vivavoce.InvalidInputError):
        engine.evaluate(planned.id, {7: ANSWER})
    with pytest.raises(TypeError):
        engine.evaluate(planned.id, {"0": ANSWER})  # type: ignore[dict-item]


def test_what_a_person_changes(engine: Engine, planned: Interview) -> None:
    first = engine.evaluate(planned.id, {0: ANSWER})
    again = engine.re_evaluate(first.id)
    assert again.supersedes == first.id and again.score == first.score
    competency = again.ratings[0].competency
    changed = engine.override_score(again.id, 1.0, by="Grace", reason="Said aloud.", exchange=0, competency=competency)
    assert changed.overridden[0].rating is not None and changed.overridden[0].rating.competency == competency
    whole = engine.override_score(changed.id, 0.25, by="Grace", reason="A typing mistake.")
    assert whole.score == 0.25 and [each.by for each in whole.overridden] == ["Grace", "Grace"]
    with pytest.raises(vivavoce.InvalidInputError):
        engine.override_score(whole.id, 1.0, by="Grace", reason="Half a place.", exchange=0)
    assert engine.replay(first.id) == first


def test_scorecards(engine: Engine, planned: Interview) -> None:
    evaluation = engine.evaluate(planned.id, {0: ANSWER})
    assert engine.scorecard(evaluation.id).startswith("# ")
    assert engine.scorecard(evaluation.id, format="html").lower().startswith("<!doctype html>")
    assert '"schema":1' in engine.scorecard(evaluation.id, format="json")
    with pytest.raises(vivavoce.InvalidInputError):
        engine.scorecard(evaluation.id, format="pdf")  # type: ignore[arg-type]


def test_one_answer_and_many(store_url: str) -> None:
    question = vivavoce.Question("What is a deadlock?", key_points=["two threads wait for each other's lock"])
    with Engine(store_url) as engine:
        one = engine.evaluate_answer(question, ANSWER, interview_type="technical")
        many = engine.evaluate_answers(
            [(question, ANSWER), ("Why?", ""), ({"text": "Why?"}, "x" * 32_001)], interview_type="technical"
        )
    assert many[0] == one
    assert isinstance(many[1], vivavoce.AnswerEvaluation) and many[1].score == 0
    assert isinstance(many[2], vivavoce.InvalidInputError)
    assert one.evaluator.provider == "builtin" and one.rubric_hash == vivavoce.Rubric.standard("technical").hash


@pytest.mark.parametrize("wrong", ["ab", [("a",)], [("a", 1)], [1]])
def test_pairs_that_are_none(wrong: Any) -> None:
    with Engine() as engine, pytest.raises(TypeError):
        engine.evaluate_answers(wrong)


def test_events_and_the_audit_log(engine: Engine, planned: Interview) -> None:
    session = engine.start_session(planned.id)
    engine.send_message(session.id, ANSWER)
    events = list(engine.events(session.id))
    assert [each.action for each in events] == ["session_started", "message_sent", "message_received", "message_sent"]
    assert events[2].message is not None and events[2].message.content == ANSWER
    assert list(engine.events(session.id, after=events[2].number)) == events[3:]
    assert list(engine.follow(session.id, timeout=0)) == events
    assert engine.next_events(session.id, events[-1].number, timeout=0) == []
    head = engine.audit_head(planned.id)
    report = engine.verify_audit(planned.id, head=head)
    assert report.is_sound and report.tail_checked and report.checked == 5
    with pytest.raises(vivavoce.InvalidInputError):
        engine.verify_audit(planned.id, head="no head")
    with pytest.raises(vivavoce.NotFoundError):
        list(engine.events(uuid.UUID(int=7)))


def test_following_a_session_while_it_is_held(engine: Engine, planned: Interview) -> None:
    session = engine.start_session(planned.id)
    seen: list[str] = []
    told = threading.Event()

    def follow() -> None:
        for event in engine.follow(session.id):
            seen.append(event.action)
            told.set()
            if event.action == "evaluation_completed":
                return

    follower = threading.Thread(target=follow)
    follower.start()
    told.wait()
    engine.send_message(session.id, ANSWER)
    engine.end_session(session.id)
    follower.join()
    assert seen[:3] == ["session_started", "message_sent", "message_received"]


def test_erasure(engine: Engine) -> None:
    interview = engine.create_interview(
        candidate_name="Ada", interview_type="general", questions=["Why?"], external_id="candidate-7"
    )
    session = engine.start_session(interview.id)
    engine.send_message(session.id, ANSWER, idempotency_key="answer")
    assert engine.erase_candidate("candidate-7", requested_by="Grace") == [interview.id]
    for read in (lambda: engine.interview(interview.id), lambda: engine.session(session.id)):
        with pytest.raises(vivavoce.NotFoundError):
            read()
    with pytest.raises(vivavoce.NotFoundError):
        engine.send_message(session.id, ANSWER, idempotency_key="answer")
    report = engine.verify_audit(interview.id)
    assert report.is_sound and report.erased > 0
    engine.erase_interview(interview.id, requested_by="Grace")


def test_a_draft_is_replaced_or_deleted_until_something_has_come_of_it(engine: Engine) -> None:
    plan: dict[str, Any] = {"candidate_name": "Ada", "interview_type": "technical", "questions": ["What is a deadlok?"]}
    draft = engine.create_interview(**plan, job_description="Locks.", max_answers=5)
    plan["questions"] = [vivavoce.Question("What is a deadlock?", key_points=["two locks"], weight=2)]
    updated = engine.update_interview(draft.id, **plan, external_id="candidate-8", idempotency_key="k")
    assert engine.update_interview(draft.id, **plan, external_id="candidate-8", idempotency_key="k") == updated
    assert updated == engine.interview(draft.id) and updated.updated_at > draft.updated_at
    assert (updated.created_at, updated.status, updated.job_description) == (draft.created_at, "pending", None)
    assert (updated.max_answers, updated.external_id, updated.questions[0].weight) == (8, "candidate-8", 2)
    # What an interview has is what a plan takes.
    again = engine.update_interview(
        draft.id,
        candidate_name=updated.candidate_name,
        interview_type=updated.interview_type,
        interview_language=updated.interview_language,
        questions=updated.questions,
        rubric=updated.effective_rubric,
        external_id=updated.external_id,
        max_answers=updated.max_answers,
    )
    assert again.questions == updated.questions and again.rubric is not None
    with pytest.raises(vivavoce.ConflictError):
        engine.update_interview(draft.id, **plan, idempotency_key="k")
    with pytest.raises(vivavoce.InvalidInputError, match="questions"):
        engine.update_interview(draft.id, candidate_name="Ada", interview_type="general", questions=[])
    report = engine.verify_audit(draft.id)
    assert report.is_sound and (report.checked, report.replaced) == (3, 2)

    engine.start_session(draft.id)
    for refused in (
        lambda: engine.update_interview(draft.id, **plan),
        lambda: engine.delete_draft(draft.id, requested_by="Grace"),
    ):
        with pytest.raises(vivavoce.InvalidStateError, match="has a session"):
            refused()
    engine.interview(draft.id)

    other = engine.create_interview(**plan)
    for _ in range(2):
        engine.delete_draft(other.id, requested_by="Grace")
    with pytest.raises(vivavoce.NotFoundError):
        engine.update_interview(other.id, **plan)
    with pytest.raises(vivavoce.NotFoundError):
        engine.delete_draft(uuid.UUID(int=7), requested_by="Grace")
    assert engine.verify_audit(other.id).erased == 1


def test_evaluations_of_all_interviews_are_listed(engine: Engine, planned: Interview) -> None:
    other = engine.create_interview(candidate_name="Grace", interview_type="general", questions=["Why?"])
    made = [engine.evaluate(each.id, {0: ANSWER}) for each in (planned, other) * 3]
    made.append(engine.evaluate(other.id, {0: ANSWER}, queued=True))
    made.reverse()
    page = engine.list_evaluations(limit=4)
    assert list(page.evaluations) == made[:4]
    rest = engine.list_evaluations(limit=4, cursor=page.next_cursor)
    assert list(rest.evaluations) == made[4:] and rest.next_cursor is None
    assert vivavoce.EvaluationPage.from_json(page.to_json()) == page
    assert list(engine.list_evaluations(status="pending").evaluations) == made[:1]
    assert list(engine.all_evaluations()) == [*page.evaluations, *rest.evaluations]
    assert list(engine.all_evaluations(status="pending")) == made[:1]
    assert {each.interview_id for each in engine.all_evaluations(interview_id=other.id)} == {other.id}
    assert {each.interview_id for each in engine.list_evaluations(interview_id=str(other.id)).evaluations} == {other.id}
    assert engine.list_evaluations(interview_id=uuid.UUID(int=7)).evaluations == ()
    for wrong in ({"limit": 0}, {"limit": 101}, {"cursor": "x"}, {"status": "done"}, {"interview_id": "x"}):
        with pytest.raises(vivavoce.InvalidInputError):
            engine.list_evaluations(**wrong)  # type: ignore[arg-type]
    with pytest.raises(vivavoce.InvalidInputError):
        engine.list_evaluations(status="pending", cursor=page.next_cursor)
    engine.erase_interview(other.id, requested_by="Grace")
    assert {each.interview_id for each in engine.list_evaluations().evaluations} == {planned.id}


def test_tenants_see_nothing_of_each_other(engine: Engine, planned: Interview) -> None:
    other = engine.for_tenant("other")
    with pytest.raises(vivavoce.NotFoundError):
        other.interview(planned.id)
    assert list(other.interviews()) == []
    other.close()
    with pytest.raises(vivavoce.InvalidStateError):
        engine.interview(planned.id)


def test_queued_evaluations_and_their_worker(engine: Engine, planned: Interview) -> None:
    session = engine.start_session(planned.id)
    engine.send_message(session.id, ANSWER)
    queued = engine.end_session(session.id, queued=True)
    assert queued.status == "pending" and queued.score is None
    stop = vivavoce.CancelToken()
    made: list[int] = []
    worker = threading.Thread(target=lambda: made.append(engine.run_worker(stop)))
    worker.start()
    for event in engine.follow(session.id):
        if event.action == "evaluation_completed":
            break
    stop.cancel()
    worker.join()
    assert made == [1] and engine.evaluation(queued.id).status == "completed"


def test_subscribers_are_told_of_what_they_asked_for(engine: Engine, planned: Interview) -> None:
    engine.subscribe("mail", ["session_started", "evaluation_completed"])
    engine.subscribe("mail", iter(["session_started", "session_completed", "session_started"]))
    engine.subscribe("crm", {"session_completed"})
    assert [(each.name, set(each.actions)) for each in engine.subscriptions()] == [
        ("crm", {"session_completed"}),
        ("mail", {"session_started", "session_completed"}),
    ]
    session = engine.start_session(planned.id)
    engine.end_session(session.id)
    assert engine.backlog() == vivavoce.Backlog.from_dict({"evaluations": 0, "deliveries": 3})
    taken: list[vivavoce.Delivery] = []
    stop = vivavoce.CancelToken()

    def deliver(delivery: vivavoce.Delivery) -> None:
        # It may call the engine.
        taken.append(delivery)
        if len(taken) == engine.backlog().deliveries:
            stop.cancel()

    assert engine.run_deliveries("mail", deliver, stop=stop) == 2
    assert [each.event for each in taken] == [
        each for each in engine.events(session.id) if each.action in ("session_started", "session_completed")
    ]
    assert [each.attempts for each in taken] == [1, 1] and engine.backlog().deliveries == 1
    assert vivavoce.Delivery.from_json(taken[0].to_json()) == taken[0]
    # Stopped before it began.
    assert engine.run_deliveries("crm", deliver, stop=stop) == 0
    assert engine.unsubscribe("crm") and not engine.unsubscribe("crm")
    assert engine.backlog().deliveries == 0
    with pytest.raises(vivavoce.NotFoundError):
        engine.run_deliveries("crm", deliver, stop=vivavoce.CancelToken())
    engine.for_tenant("other").subscribe("mail", ["session_started"])
    assert len(engine.subscriptions()) == 1


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        (" ", ["session_started"]),
        ("x" * 201, ["session_started"]),
        ("mail", []),
        ("mail", ["session_began"]),
        ("mail", ["message_sent"]),
        ("mail", "session_started"),
        ("mail", [7]),
    ],
)
def test_what_cannot_be_subscribed_to(name: str, actions: Any) -> None:
    with Engine() as engine:
        with pytest.raises(vivavoce.InvalidInputError):
            engine.subscribe(name, actions)
        assert engine.subscriptions() == []
        with pytest.raises(vivavoce.InvalidInputError):
            engine.unsubscribe("a\0b")


def test_what_happens_later_and_elsewhere_is_handed_over_too(shared_url: str) -> None:
    with Engine(shared_url) as engine, Engine(shared_url) as other:
        engine.subscribe("mail", ["session_started"])
        interview = other.create_interview(candidate_name="Ada", interview_type="general", questions=["Why?"])
        stop = vivavoce.CancelToken()
        taken: SimpleQueue[vivavoce.Delivery] = SimpleQueue()
        counted: list[int] = []
        threads = [
            threading.Thread(target=lambda: counted.append(engine.run_deliveries("mail", taken.put, stop=stop)))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        started = {other.start_session(interview.id).id for _ in range(10)}
        assert {taken.get(timeout=30).event.session_id for _ in started} == started
        while engine.backlog().deliveries > 0:
            time.sleep(0.001)
        stop.cancel()
        for thread in threads:
            thread.join()
        assert sum(counted) == 10 and taken.empty()


def test_deliveries_end_with_their_engine() -> None:
    engine = Engine()
    engine.subscribe("mail", ["session_started"])
    threading.Timer(0.1, engine.close).start()
    with pytest.raises(vivavoce.InvalidStateError):
        engine.run_deliveries("mail", print, stop=vivavoce.CancelToken())


def test_copies_and_backups(tmp_path: Path, new_store: Callable[[str], str]) -> None:
    with Engine(new_store("sqlite")) as engine, Engine(new_store("postgres")) as shared, Engine() as memory:
        interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Why?"])
        assert engine.copy_to(shared) == 1 and shared.copy_to(memory) == 1
        assert memory.interview(interview.id) == interview
        engine.backup(tmp_path / "copy.db")
        with pytest.raises(vivavoce.InvalidInputError):
            engine.backup(str(tmp_path / "copy.db"))
        with pytest.raises(vivavoce.UnsupportedError):
            shared.backup(tmp_path / "other.db")
    with Engine(f"sqlite:{tmp_path / 'copy.db'}") as copy:
        assert copy.interview(interview.id) == interview


def test_generated_questions(engine: Engine) -> None:
    made = engine.generate_questions(interview_type="behavioral", count=4, level="senior", language="zh-TW")
    assert len({question.text for question in made}) == 4
    interview = engine.create_interview(candidate_name="王小明", interview_type="behavioral", questions=made)
    assert engine.interview(interview.id).questions == tuple(made)
    with pytest.raises(vivavoce.InvalidInputError):
        engine.generate_questions(interview_type="general", count=0)


def test_health_metrics_and_spending(engine: Engine, store_url: str) -> None:
    health = engine.health()
    assert health.store == store_url.split(":")[0].replace("postgresql", "postgres")
    assert timedelta(0) <= health.latency < timedelta(seconds=10)
    metrics = engine.metrics()
    counted = next(each for each in metrics.operations if each.operation == "health")
    assert counted.calls == 1 and sum(counted.buckets) == 1 and len(counted.buckets) == len(metrics.BOUNDS) + 1
    assert 'vivavoce_calls_total{operation="health"} 1' in metrics.to_prometheus()
    with pytest.raises(vivavoce.UnsupportedError):
        engine.spent()


def test_all_engines_are_counted_together_those_that_are_gone_too() -> None:
    def healths() -> int:
        return next((each.calls for each in vivavoce.metrics().operations if each.operation == "health"), 0)

    before = healths()
    engine = Engine()
    engine.health()
    assert healths() == before + 1
    engine.close()
    assert healths() == before + 1
    del engine
    assert healths() == before + 1


def test_closing_is_for_good_and_may_be_repeated(store_url: str) -> None:
    engine = Engine(store_url)
    with engine:
        pass
    engine.close()
    calls: list[Callable[[], object]] = [
        engine.health,
        engine.list_interviews,
        lambda: list(engine.interviews()),
        lambda: engine.for_tenant("a"),
        lambda: engine.evaluate_answer("Why?", "Because."),
    ]
    for call in calls:
        with pytest.raises(vivavoce.InvalidStateError):
            call()


def test_an_idle_session_is_given_up(store_url: str) -> None:
    now = datetime(2026, 1, 31, 9, tzinfo=timezone.utc)
    with Engine(store_url, idle_timeout=timedelta(hours=1), clock=lambda: now) as engine:
        interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Why?"])
        session = engine.start_session(interview.id)
        assert session.created_at == now
        now += timedelta(hours=2)
        assert engine.abandon_idle_sessions() == [session.id]
        assert engine.session(session.id).status == "abandoned"
        with pytest.raises(vivavoce.InvalidStateError):
            engine.send_message(session.id, ANSWER)
        other = engine.start_session(interview.id)
        assert engine.abandon_session(other.id).ended_at == now


def test_a_clock_that_fails_is_an_error_and_nothing_breaks(store_url: str) -> None:
    broken = False

    def clock() -> datetime:
        if broken:
            raise ZeroDivisionError("canary")
        return datetime.now(timezone.utc)

    with Engine(store_url, clock=clock) as engine:
        interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Why?"])
        session = engine.start_session(interview.id)
        broken = True
        with pytest.raises(vivavoce.ProviderError) as caught:
            engine.send_message(session.id, ANSWER)
        assert isinstance(caught.value.__cause__, ZeroDivisionError) and "canary" not in str(caught.value)
        broken = False
        assert engine.send_message(session.id, ANSWER).message.number == 2


@pytest.mark.parametrize("url", ["", "canary", "mysql://canary", "sqlite:", "sqlite:///canary.db", "memory"])
def test_urls_that_cannot_be_meant(url: str) -> None:
    with pytest.raises(vivavoce.InvalidInputError) as caught:
        Engine(url)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"unanswered": "canary"},
        {"cached_sessions": 0},
        {"interviewer": {"kind": "canary"}},
        {"interviewer": vivavoce.ConversationalInterviewer(["openai/gpt-5-mini"])},
        {"evaluator": {"kind": "model", "models": []}},
        {"evaluator": vivavoce.ModelEvaluator(["openai/gpt-5-mini"])},
        {"evaluator": vivavoce.Panel([])},
        {"evaluator": vivavoce.Panel([vivavoce.BuiltinEvaluator()], disagreement=2)},
        {"evaluator": {"kind": "panel", "judges": [{"kind": "builtin"}], "a canary": 1}},
        {"models": {"providers": [{"kind": "openai"}]}},
        {"models": vivavoce.Models([vivavoce.Provider("openai", key="a"), vivavoce.Provider("openai", key="b")])},
    ],
)
def test_settings_that_cannot_be_meant(settings: Any) -> None:
    with pytest.raises(vivavoce.InvalidInputError) as caught:
        Engine(**settings)
    assert "canary" not in str(caught.value)


class Judge:
    def judge(self, request: vivavoce.JudgeRequest) -> list[vivavoce.Rating]:
        return []


@pytest.mark.parametrize(
    "settings",
    [
        {"idle_timeout": "soon"},
        {"clock": 3},
        {"evaluator": 3},
        {"evaluator": Judge},
        {"evaluator": "builtin"},
        {"interviewer": object()},
        {"models": 3},
    ],
)
def test_settings_of_the_wrong_type(settings: Any) -> None:
    with pytest.raises((TypeError, vivavoce.InvalidInputError)):
        Engine(**settings)


def test_from_env(monkeypatch: pytest.MonkeyPatch, store_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", store_url)
    with Engine.from_env(unanswered="ignored") as engine:
        kind = engine.health().store
    assert kind == store_url.split(":")[0].replace("postgresql", "postgres")
    monkeypatch.delenv("DATABASE_URL")
    with Engine.from_env() as engine:
        assert engine.health().store == "memory"


def test_languages(engine: Engine) -> None:
    interview = engine.create_interview(
        candidate_name="王小明", interview_type="general", questions=["請自我介紹。"], interview_language="zh-TW"
    )
    session = engine.start_session(interview.id)
    assert session.session_language == "zh-TW" and "請自我介紹。" in session.messages[0].content
    assert engine.start_session(interview.id, session_language="en").session_language == "en"
