"""What graders teach the built-in evaluator, and what was said of key points."""

from __future__ import annotations

import math
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy
import pandas
import pydantic
import pytest

import vivavoce
from vivavoce import (
    AnswerEvaluation,
    AsyncEngine,
    Calibration,
    Engine,
    Judgement,
    JudgeRequest,
    KeyPointCoverage,
    Question,
    Quote,
    Rating,
)

QUESTION = Question(
    "What is a deadlock?",
    reference_answer="A deadlock is a state in which threads hold locks and wait for each other. Taking locks in one order prevents it.",
)
ANSWERS = [
    "Threads hold locks and wait for each other.",
    "A state in which nothing goes on, since each waits for a lock.",
    "Taking locks in one order prevents it.",
    "When a program is slow.",
    "Something with threads and locks, I think.",
]
PLAN: dict[str, Any] = {"candidate_name": "Ada", "interview_type": "general", "questions": [QUESTION]}
Triple = tuple[Question, str, float]


def graded(score: float) -> list[Triple]:
    """Ten answers, each given this score, or none."""
    return [(QUESTION, ANSWERS[place % 5], 0.0 if place % 5 == 3 else score) for place in range(10)]


KINDS, PARTS = ("red", "small", "old", "new", "fast"), ("tree", "heap", "list", "map", "graph")


def bank(score: float) -> list[Triple]:
    """Two answers to each of 25 questions."""
    return [
        (Question(f"What is a {kind} {part}?", key_points=[f"a {part} is {kind}"]), f"{start} a {part} is {kind}.", score)
        for kind in KINDS
        for part in PARTS
        for start in ("I say:", "Well,")
    ]


def judged(engine: Engine, calibration: str | None = None) -> AnswerEvaluation:
    return engine.evaluate_answer(QUESTION, ANSWERS[1], calibration=calibration)


# What is learned.


def test_what_was_learned_is_kept_by_name_and_version(engine: Engine) -> None:
    assert engine.calibrations() == []
    strict = engine.calibrate("threads", graded(0.3))
    assert (strict.name, strict.version, strict.label) == ("threads", 1, "threads@1")
    assert (strict.answers, len(strict.questions), strict.bank) == (10, 1, None)
    assert strict.after.rmse < strict.before.rmse and strict.created_at.tzinfo is not None
    assert strict.evaluator_version == judged(engine).evaluator.version
    learned = strict.questions[0]
    assert learned.answers == 10 and len(learned.words) == len(learned.weights) > 0
    assert list(learned.words) == sorted(learned.words)
    assert learned.line.offset < 0 < learned.line.center < 1
    # The same answers teach the same; others make the next version.
    assert engine.calibrate("threads", graded(0.3)) == strict
    lenient = engine.calibrate("threads", graded(1.0))
    other = engine.calibrate("Threads", graded(1.0))
    assert (lenient.label, other.label) == ("threads@2", "Threads@1")
    assert engine.calibration("threads") == lenient and engine.calibration("threads@1") == strict
    assert engine.calibrations() == [other, strict, lenient]
    for name in ("threads@3", "locks"):
        with pytest.raises(vivavoce.NotFoundError):
            engine.calibration(name)
    elsewhere = engine.for_tenant("other")
    assert elsewhere.calibrations() == []
    with pytest.raises(vivavoce.InvalidInputError):
        elsewhere.evaluate_answer(QUESTION, "", calibration="threads")


def test_it_outlives_the_engine_that_learned_it(shared_url: str) -> None:
    with Engine(shared_url) as engine:
        learned = engine.calibrate("threads", graded(0.3))
        score = judged(engine, "threads").score
    with Engine(shared_url) as engine:
        assert engine.calibrations() == [learned]
        assert judged(engine, "threads").score == score


def test_what_names_it_is_corrected_and_says_so(engine: Engine) -> None:
    plain = judged(engine)
    engine.calibrate("threads", graded(0.3))
    engine.calibrate("threads", graded(1.0))
    strict, lenient = judged(engine, "threads@1"), judged(engine, "threads")
    assert (plain.calibration, strict.calibration, lenient.calibration) == (None, "threads@1", "threads@2")
    assert strict.score < plain.score - 0.05 and lenient.score > plain.score + 0.05
    assert judged(engine) == plain and "calibration" not in plain.to_dict()
    many = engine.evaluate_answers([(QUESTION, ANSWERS[1]), ("Why?", "Because."), (QUESTION, " ")], calibration="threads")
    assert many[0] == lenient
    # Neither what was not taught nor what says nothing is corrected.
    assert [each.calibration for each in many if isinstance(each, AnswerEvaluation)] == ["threads@2", None, None]
    for call in (engine.evaluate_answer, lambda *pair, **how: engine.evaluate_answers([pair], **how)):
        with pytest.raises(vivavoce.InvalidInputError):
            call(QUESTION, ANSWERS[1], calibration="locks")
        with pytest.raises(vivavoce.InvalidInputError):
            call(QUESTION, ANSWERS[1], calibration="threads@0")


def test_an_interviews_answers_are_corrected_and_replayed(engine: Engine) -> None:
    with pytest.raises(vivavoce.InvalidInputError):
        engine.create_interview(**PLAN, calibration="threads")
    engine.calibrate("threads", graded(0.1))

    def held(**more: Any) -> vivavoce.Evaluation:
        session = engine.start_session(engine.create_interview(**PLAN, **more).id)
        engine.send_message(session.id, ANSWERS[1])
        return engine.end_session(session.id)

    plain, corrected = held(), held(calibration="threads")
    assert (plain.calibration, corrected.calibration) == (None, "threads@1")
    assert plain.score is not None and corrected.score is not None
    assert corrected.score < plain.score - 0.05
    interview = engine.interview(corrected.interview_id)
    assert interview.calibration == "threads" and engine.interview(plain.interview_id).calibration is None
    # A newer version is for what is judged from now on.
    engine.calibrate("threads", graded(1.0))
    assert engine.replay(corrected.id) == corrected
    again = engine.re_evaluate(corrected.id)
    assert again.calibration == "threads@2" and again.score is not None and again.score > plain.score
    draft = engine.create_interview(**PLAN, calibration="threads")
    with pytest.raises(vivavoce.InvalidInputError):
        engine.update_interview(draft.id, **PLAN, calibration="locks")
    draft = engine.update_interview(draft.id, **PLAN, calibration="threads@1")
    assert engine.interview(draft.id) == draft and draft.calibration == "threads@1"
    assert engine.evaluate(draft.id, {0: ANSWERS[1]}).calibration == "threads@1"
    assert engine.update_interview(engine.create_interview(**PLAN).id, **PLAN).calibration is None


def test_fifty_answers_teach_something_of_every_question(engine: Engine) -> None:
    found = engine.calibrate("all", bank(0.2))
    assert (found.answers, found.questions) == (50, ()) and found.bank is not None
    assert found.bank.offset < 0 and found.after.rmse < found.before.rmse
    # All graders gave the same.
    assert found.before.pearson is None
    question = Question("What is a mutex?", key_points=["a lock that one thread holds"])
    plain = engine.evaluate_answer(question, "It is a lock that one thread holds.")
    corrected = engine.evaluate_answer(question, "It is a lock that one thread holds.", calibration="all")
    assert corrected.calibration == "all@1" and corrected.score < plain.score - 0.05


Row = namedtuple("Row", ["question", "answer", "score"])


@dataclass
class Graded:
    question: Question
    answer: str
    score: float
    grader: None = None


class Modelled(pydantic.BaseModel):
    question: dict[str, Any]
    answer: str
    score: float


def table(of: list[Triple]) -> Iterator[Any]:
    frame = pandas.DataFrame([(question.to_dict(), answer, score) for question, answer, score in of])
    return frame.itertuples(index=False)


FORMS: list[Callable[[list[Triple]], Any]] = [
    list,
    iter,
    tuple,
    lambda of: [list(each) for each in of],
    lambda of: [Row(*each) for each in of],
    lambda of: [(question.to_dict(), answer, numpy.float64(score)) for question, answer, score in of],
    lambda of: ({"question": question, "answer": answer, "score": score} for question, answer, score in of),
    lambda of: [Graded(*each) for each in of],
    lambda of: [Modelled(question=each[0].to_dict(), answer=each[1], score=each[2]) for each in of],
    table,
]


@pytest.mark.parametrize("form", FORMS)
def test_graded_answers_come_in_many_forms(form: Callable[[list[Triple]], Any]) -> None:
    with Engine() as engine:
        assert engine.calibrate("threads", form(graded(0.3))) == engine.calibrate("threads", graded(0.3))


def test_a_question_may_be_its_text(engine: Engine) -> None:
    rows: list[Any] = [("What is a lock?", f"It keeps others out, {place}.", 0.2) for place in range(10)]
    documents = [dict(zip(("question", "answer", "score"), row)) for row in rows]
    assert engine.calibrate("texts", rows) == engine.calibrate("texts", documents)
    assert engine.calibrate("texts", [(Question(row[0]), *row[1:]) for row in rows]).version == 1


def test_answers_are_judged_as_they_will_be(engine: Engine) -> None:
    rubric = vivavoce.Rubric([vivavoce.Competency("Depth"), vivavoce.Competency("Words", weight=3)])
    how: dict[str, Any] = {"interview_type": "technical", "language": "zh-TW", "job_description": "Threads.", "rubric": rubric}
    found = engine.calibrate("threads", graded(0.3), **how)
    assert engine.calibrate("threads", graded(0.3), **{**how, "rubric": rubric.to_dict()}) == found
    corrected = engine.evaluate_answer(QUESTION, ANSWERS[1], calibration="threads", **how)
    assert corrected.calibration == "threads@1" and corrected.rubric_hash == rubric.hash
    for wrong in ({"interview_type": "practical"}, {"language": "de"}, {"rubric": {"competencies": []}}):
        with pytest.raises(vivavoce.InvalidInputError):
            engine.calibrate("threads", graded(0.3), **wrong)


def changed(**fields: Any) -> list[dict[str, Any]]:
    documents = [dict(zip(("question", "answer", "score"), each)) for each in graded(0.5)]
    documents[3] |= fields
    return documents


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        (" ", graded(0.5), "name is empty"),
        ("n" * 101, graded(0.5), "name is longer than 100"),
        ("a@b", graded(0.5), "name has a @"),
        ("n", [], "graded answers: 0 given"),
        ("n", graded(0.5)[:9], "9 graded answers, of which 9 say something: 10 to one question are needed, or 50 in all"),
            ("n", changed(score=1.1), "graded answer 3: score is not within 0 to 1"),
        ("n", changed(score=math.nan), "graded answer 3: score is not within 0 to 1"),
        ("n", [*graded(0.5)[:3], (QUESTION, "canary", math.inf)], "graded answer 3: score is not within 0 to 1"),
        ("n", changed(answer="canary" * 6000), "graded answer 3: answer is longer than 32000"),
        ("n", changed(question=""), "graded answer 3: question is empty"),
        ("n", changed(score="canary"), "graded[3].score: expected a number"),
        ("n", changed(canaries=1), "graded[3]: no field `canaries` is known: expected one of question, answer, score"),
        ("n", changed(question={"text": "Why?", "weight": "canary"}), "graded[3].question"),
        ("n", [*graded(0.5)[:3], 7], "graded[3]: expected an object with its fields"),
        ("n", [*graded(0.5)[:3], {"question": "canary"}], "graded[3]: missing field `answer`"),
    ],
)
def test_what_cannot_be_learned_from_says_where(name: str, given: Any, message: str) -> None:
    with Engine() as engine:
        with pytest.raises(vivavoce.InvalidInputError) as caught:
            engine.calibrate(name, given)
        assert str(caught.value).startswith(message) and "canary" not in str(caught.value)
        assert engine.calibrations() == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (7, ""),
        (["abc"], "graded[0] is no question with the answer to it and the score of that"),
        ([("What?", "So.")], "graded[0] is no question with the answer"),
        ([("What?", "So.", 0.5), ("What?", "So.", 0.5, 1)], "graded[1] is no question with the answer"),
        ([("What?", 7, 0.5)], "graded[0]: the answer is a str, and not int"),
        ([("What?", "So.", "canary")], "graded[0]: the score is a number, and not str"),
        ([("What?", "So.", None)], "graded[0]: the score is a number, and not NoneType"),
    ],
)
def test_what_is_no_graded_answer_is_a_type_error(given: Any, message: str) -> None:
    with Engine() as engine, pytest.raises(TypeError) as caught:
        engine.calibrate("n", given)
    assert message in str(caught.value) and "canary" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a@", "a@0", "a@+1", "a@x", "a@1@2"])
def test_what_is_no_name_of_a_calibration(name: str) -> None:
    with Engine() as engine:
        with pytest.raises(vivavoce.InvalidInputError):
            engine.calibration(name)
        with pytest.raises(vivavoce.InvalidInputError):
            engine.create_interview(**PLAN, calibration=name)


def test_the_result_is_a_document(engine: Engine) -> None:
    found = engine.calibrate("threads", graded(0.3))
    document = found.to_dict()
    assert document["name"] == "threads" and "label" not in document and document["bank"] is None
    assert Calibration.from_dict(document) == Calibration.from_json(found.to_json()) == found
    assert found.__replace__(version=7).label == "threads@7"
    assert repr(found).startswith("Calibration(label='threads@1', answers=10, before=Nearness(pearson=")
    assert not any(word in found.to_json() for word in ("deadlock", "prevents", "Threads"))


def test_versions_are_given_out_once(shared_url: str) -> None:
    versions: list[int] = []
    with Engine(shared_url) as engine, Engine(shared_url) as other:
        learners = [
            threading.Thread(target=lambda at=at: versions.append((engine, other)[at % 2].calibrate("t", graded(at / 8)).version))
            for at in range(8)
        ]
        for learner in learners:
            learner.start()
        for learner in learners:
            learner.join()
        assert sorted(versions) == [each.version for each in engine.calibrations()] == list(range(1, 9))


def test_learning_leaves_the_interpreter_to_others() -> None:
    done = threading.Event()
    turns = 0
    many = [(QUESTION, f"{ANSWERS[place % 5]} It keeps thread {place} out.", 0.5) for place in range(300)]
    with Engine() as engine:

        def learn() -> None:
            engine.calibrate("threads", many)
            done.set()

        thread = threading.Thread(target=learn)
        thread.start()
        while not done.is_set():
            turns += 1
        thread.join()
    assert turns > 1_000


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    backend: str = request.param
    return backend


@pytest.mark.anyio
async def test_tasks_learn_too(store_url: str) -> None:
    async with AsyncEngine(store_url) as engine:
        strict = await engine.calibrate("threads", iter(graded(0.3)), interview_type="technical", language="en")
        assert strict.label == "threads@1" and await engine.calibrations() == [strict]
        assert await engine.calibration("threads@1") == await engine.calibration("threads") == strict
        one = await engine.evaluate_answer(QUESTION, ANSWERS[1], calibration="threads")
        assert one.calibration == "threads@1"
        assert await engine.evaluate_answers([(QUESTION, ANSWERS[1])], calibration="threads") == [one]
        interview = await engine.create_interview(**PLAN, calibration="threads")
        assert (await engine.update_interview(interview.id, **PLAN, calibration="threads@1")).calibration == "threads@1"
        assert (await engine.evaluate(interview.id, {0: ANSWERS[1]})).calibration == "threads@1"
        with pytest.raises(vivavoce.NotFoundError):
            await engine.calibration("locks")
        with pytest.raises(vivavoce.InvalidInputError):
            await engine.calibrate("few", graded(0.3)[:3])


def test_only_the_built_in_evaluator_is_corrected() -> None:
    class Half:
        def judge(self, request: JudgeRequest) -> list[Rating]:
            return [Rating(0, it.name, 0.5) for it in request.rubric.competencies]

    with Engine(evaluator=Half()) as engine:
        engine.calibrate("threads", graded(0.1))
        found = judged(engine, "threads")
    assert found.score == 0.5 and found.calibration is None


# Key points.

POINTS = Question(
    "What is a deadlock?",
    key_points=["two threads wait for each other's lock", "a fixed order of locks prevents it", "databases abort a victim"],
)
SAID = "Two threads wait for each other's lock. One can choose an order."


def test_key_points_are_covered_partly_covered_or_missing(engine: Engine) -> None:
    one = engine.evaluate_answer(POINTS, SAID)
    assert [(it.point, it.text, it.coverage) for it in one.key_points] == [
        (0, POINTS.key_points[0], "covered"),
        (1, POINTS.key_points[1], "partly"),
        (2, POINTS.key_points[2], "missing"),
    ]
    for found in one.key_points:
        assert found.exchange == 0 and 0 <= found.share <= 1
        assert (found.quotes == ()) is (found.coverage == "missing")
        assert all(SAID[quote.start : quote.end] == quote.text for quote in found.quotes)
    interview = engine.create_interview(candidate_name="Ada", interview_type="technical", questions=["Who?", POINTS])
    session = engine.start_session(interview.id)
    while session.status == "active":
        # Every question is answered with the same, the one with key points and what is asked further of it too.
        session_status = engine.send_message(session.id, SAID).session_status
        session = engine.session(session.id, exact=True)
        assert session.status == session_status
    evaluation = engine.end_session(session.id)
    assert [it.coverage for it in evaluation.key_points] == ["covered", "partly", "missing"]
    for found in evaluation.key_points:
        exchange = evaluation.exchanges[found.exchange]
        assert exchange.question == 1
        assert all(exchange.answer[quote.start : quote.end] == quote.text for quote in found.quotes)
    assert engine.evaluation(evaluation.id) == evaluation
    assert engine.replay(evaluation.id).key_points == evaluation.key_points


def test_without_key_points_nothing_is_said_of_them(engine: Engine) -> None:
    found = engine.evaluate_answer("What is a lock?", SAID)
    assert found.key_points == () and "key_points" not in found.to_dict()


class Tells:
    """Judges as it is told."""

    def __init__(self, judge: Callable[[JudgeRequest], Any]) -> None:
        self.judge = judge


def with_ratings(request: JudgeRequest, *key_points: Any) -> dict[str, Any]:
    ratings = [Rating(0, it.name, 0.5) for it in request.rubric.competencies]
    return {"ratings": ratings, "key_points": list(key_points)}


def test_an_evaluator_of_the_application_may_tell_of_key_points() -> None:
    quote = Quote.find(SAID, "Two threads")
    told = KeyPointCoverage(0, 0, POINTS.key_points[0], 0.5, quotes=[quote])
    assert (told.coverage, told.quotes, told.share) == ("partly", (quote,), 0.5)
    document = {"exchange": 0, "point": 0, "text": POINTS.key_points[0], "share": 0.5, "quotes": [quote]}
    forms: list[Callable[[JudgeRequest], Any]] = [
        lambda request: Judgement(**with_ratings(request, told)),
        lambda request: Judgement(**with_ratings(request, told.to_dict())),
        lambda request: with_ratings(request, told),
        # The coverage follows of the share.
        lambda request: with_ratings(request, document),
    ]
    for form in forms:
        with Engine(evaluator=Tells(form)) as engine:
            assert engine.evaluate_answer(POINTS, SAID).key_points == (told,)


@pytest.mark.parametrize(
    "wrong",
    [
        KeyPointCoverage(1, 0, POINTS.key_points[0], 0.9),
        KeyPointCoverage(0, 3, POINTS.key_points[0], 0.9),
        KeyPointCoverage(0, 0, "canary", 0.9),
        KeyPointCoverage(0, 0, POINTS.key_points[0], 1.5),
        KeyPointCoverage(0, 0, POINTS.key_points[0], 0.9, quotes=[Quote(0, 6, "canary")]),
    ],
)
def test_what_it_tells_is_checked(wrong: KeyPointCoverage) -> None:
    with Engine(evaluator=Tells(lambda request: Judgement(**with_ratings(request, wrong)))) as engine:
        with pytest.raises(vivavoce.ProviderError) as caught:
            engine.evaluate_answer(POINTS, SAID)
    assert "canary" not in str(caught.value)


def test_a_share_that_is_no_number() -> None:
    with pytest.raises(vivavoce.InvalidInputError):
        KeyPointCoverage(0, 0, "a", math.nan)
