"""What all classes of results have in common."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vivavoce

# The document of each class, with every field that it may have. Times have microseconds, as those of the library.
words = st.text(st.characters(codec="utf-8"), max_size=20)
counts = st.integers(0, 2**32 - 1)
big_counts = st.integers(0, 2**53)
numbers = st.floats(allow_nan=False, allow_infinity=False)
scores = st.floats(0, 1)
ids = st.uuids().map(str)


def _written(time: datetime) -> str:
    """A time as the library writes it: with as many digits as it needs, in threes."""
    digits = "seconds" if time.microsecond == 0 else "milliseconds" if time.microsecond % 1000 == 0 else "microseconds"
    return time.isoformat(timespec=digits).replace("+00:00", "Z")


times = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(timezone.utc)).map(_written)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def document(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


def many(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, max_size=3)


levels = document(score=scores, anchor=words)
competencies = document(name=words, description=maybe(words), weight=numbers, levels=many(levels))
rubrics = document(competencies=many(competencies))
questions = document(
    text=words,
    competency=maybe(words),
    reference_answer=maybe(words),
    key_points=many(words),
    weight=numbers,
    time_limit=maybe(counts),
    follow_ups=many(words),
)
types = st.sampled_from(["general", "technical", "behavioral"])
languages = st.sampled_from(["en", "zh-TW"])
interviews = document(
    id=ids,
    candidate_name=words,
    interview_type=types,
    interview_language=languages,
    questions=many(questions),
    job_description=maybe(words),
    resume=maybe(words),
    external_id=maybe(words),
    rubric=maybe(rubrics),
    calibration=maybe(words),
    max_answers=counts,
    status=st.sampled_from(["pending", "in_progress", "completed"]),
    created_at=times,
    updated_at=times,
)
messages = document(
    id=ids,
    number=counts,
    kind=st.sampled_from(["question", "probe", "closing", "answer"]),
    content=words,
    question=maybe(counts),
    origin=maybe(st.sampled_from(["model", "scripted", "guarded"])),
    created_at=times,
)
session_status = st.sampled_from(["active", "completed", "abandoned"])
quotes = document(start=counts, end=counts, text=words)
ratings = document(
    exchange=counts,
    competency=words,
    score=scores,
    basis=st.sampled_from(["reference", "key_points", "rubric", "heuristic", "application", "person"]),
    confidence=scores,
    quotes=many(quotes),
    reason=words,
    spread=maybe(scores),
)
key_points = document(
    exchange=counts,
    point=counts,
    text=words,
    coverage=st.sampled_from(["covered", "partly", "missing"]),
    share=scores,
    quotes=many(quotes),
)
judges = document(provider=words, model=words, version=words)
panels = document(judges=many(judges), combine=st.sampled_from(["median", "mean"]), disagreement=scores)
evaluators = document(provider=words, model=words, version=words, panel=maybe(panels))
missing = document(exchange=counts, competency=maybe(words), reason=words)
flag_kinds = ["instruction", "fake_reply", "fake_marker", "role_header", "hidden_text", "encoded_text"]
flags = document(exchange=counts, kind=st.sampled_from(flag_kinds), span=quotes)
places = document(exchange=counts, competency=words)
overrides = document(by=words, reason=words, score=scores, rating=maybe(places))
parameters = document(temperature=maybe(numbers), seed=maybe(counts))
tokens = document(input=big_counts, output=big_counts)
calls = document(
    exchange=counts,
    judge=counts,
    model=words,
    answered_by=maybe(words),
    parameters=parameters,
    prompt_version=words,
    prompt_hash=words,
    schema_hash=words,
    request_id=maybe(words),
    tokens=tokens,
    cost=maybe(numbers),
    duration_ms=st.integers(0, 2**40),
    tries=counts,
    cached=st.booleans(),
    reply=words,
    failure=maybe(words),
)
exchanges = document(question=maybe(counts), question_text=words, probe=st.booleans(), answer=words)
competency_scores = document(competency=words, score=scores, weight=numbers, ratings=counts)
judged = {
    "ratings": many(ratings),
    "feedback": words,
    "strengths": many(words),
    "weaknesses": many(words),
    "recommendations": many(words),
    "needs_review": many(words),
    "evaluator": evaluators,
    "rubric_hash": words,
    "missing": many(missing),
    "flags": many(flags),
    "calibration": maybe(words),
    "key_points": many(key_points),
    "calls": many(calls),
}
actions = st.sampled_from(["interview_created", "interview_updated", "message_sent", "interview_erased"])
events = document(
    interview_id=ids,
    number=big_counts,
    session_id=maybe(ids),
    time=times,
    actor=words,
    action=actions,
    message=maybe(messages),
    evaluation_id=maybe(ids),
)
operations = document(
    operation=words,
    calls=big_counts,
    errors=st.dictionaries(st.sampled_from(["invalid_input", "timeout", "internal"]), big_counts, max_size=2),
    total_ms=st.integers(0, 10**9).map(lambda micros: micros / 1000),
    buckets=many(big_counts),
)
models = document(
    requests=big_counts, failures=big_counts, cache_hits=big_counts, input_tokens=big_counts, output_tokens=big_counts
)
corrections = document(offset=numbers, slope=numbers, center=scores)
question_corrections = document(
    question=words, answers=counts, line=corrections, words=many(counts), weights=many(numbers)
)
nearness = document(pearson=maybe(numbers), rmse=scores)
estimates = document(value=numbers, low=maybe(numbers), high=maybe(numbers))
means = {
    name: maybe(estimates) for name in ("pearson", "spearman", "kendall", "cohen_kappa", "weighted_kappa")
}
limits = document(lower=estimates, upper=estimates)
pairs = document(
    first=words, second=words, items=counts, **means, bias=maybe(estimates), limits_of_agreement=maybe(limits)
)

CLASSES: dict[type[Any], st.SearchStrategy[dict[str, Any]]] = {
    vivavoce.Level: levels,
    vivavoce.Competency: competencies,
    vivavoce.Rubric: rubrics,
    vivavoce.Question: questions,
    vivavoce.QuestionRequest: document(
        interview_type=types,
        count=counts,
        level=st.sampled_from(["junior", "mid", "senior"]),
        language=languages,
        job_description=maybe(words),
        resume=maybe(words),
    ),
    vivavoce.Interview: interviews,
    vivavoce.InterviewPage: document(interviews=many(interviews), total=maybe(big_counts), next_cursor=maybe(words)),
    vivavoce.Message: messages,
    vivavoce.Turn: document(
        message=messages, reply=messages, session_status=session_status, session_version=big_counts
    ),
    vivavoce.Session: document(
        id=ids,
        interview_id=ids,
        session_language=languages,
        status=session_status,
        version=big_counts,
        messages=many(messages),
        started_at=times,
        created_at=times,
        updated_at=times,
        ended_at=maybe(times),
    ),
    vivavoce.Exchange: exchanges,
    vivavoce.Quote: quotes,
    vivavoce.Rating: ratings,
    vivavoce.KeyPointCoverage: key_points,
    vivavoce.CompetencyScore: competency_scores,
    vivavoce.PanelInfo: panels,
    vivavoce.EvaluatorInfo: evaluators,
    vivavoce.Missing: missing,
    vivavoce.Flag: flags,
    vivavoce.RatingPlace: places,
    vivavoce.Override: overrides,
    vivavoce.Parameters: parameters,
    vivavoce.Tokens: tokens,
    vivavoce.ModelCall: calls,
    vivavoce.Evaluation: document(
        **judged,
        id=ids,
        interview_id=ids,
        session_id=maybe(ids),
        status=st.sampled_from(["pending", "running", "completed", "partial", "failed"]),
        score=maybe(scores),
        language=languages,
        exchanges=many(exchanges),
        competencies=many(competency_scores),
        unanswered=many(counts),
        unanswered_policy=st.sampled_from(["lowers_score", "ignored"]),
        failure=maybe(words),
        created_at=times,
        completed_at=maybe(times),
        supersedes=maybe(ids),
        overridden=many(overrides),
    ),
    vivavoce.AnswerEvaluation: document(**judged, score=scores),
    vivavoce.Judgement: document(
        **{name: judged[name] for name in judged if name not in ("evaluator", "rubric_hash", "calibration", "calls")}
    ),
    vivavoce.Event: events,
    vivavoce.AuditReport: document(
        first_bad=maybe(big_counts),
        finding=maybe(words),
        checked=big_counts,
        erased=big_counts,
        replaced=big_counts,
        tail_checked=st.booleans(),
    ),
    vivavoce.Subscription: document(name=words, actions=many(actions)),
    vivavoce.Delivery: document(event=events, attempts=counts),
    vivavoce.Backlog: document(evaluations=big_counts, deliveries=big_counts),
    vivavoce.Health: document(
        store=words, schema_version=counts, latency_ms=st.integers(0, 10**9).map(lambda micros: micros / 1000)
    ),
    vivavoce.Spent: document(tokens=big_counts, money=numbers, since=times),
    vivavoce.ModelMetrics: models,
    vivavoce.OperationMetrics: operations,
    vivavoce.Metrics: document(operations=many(operations), models=maybe(models)),
    vivavoce.Correction: corrections,
    vivavoce.QuestionCorrection: question_corrections,
    vivavoce.Nearness: nearness,
    vivavoce.Calibration: document(
        name=words,
        version=counts,
        created_at=times,
        evaluator_version=words,
        answers=counts,
        bank=maybe(corrections),
        questions=many(question_corrections),
        before=nearness,
        after=nearness,
    ),
    vivavoce.Estimate: estimates,
    vivavoce.LimitsOfAgreement: limits,
    vivavoce.PairAgreement: pairs,
    vivavoce.PairMeans: document(**means),
    vivavoce.Agreement: document(
        raters=many(words),
        items=counts,
        complete_items=counts,
        pairs=many(pairs),
        means=document(**means),
        icc_2_1=maybe(estimates),
        icc_2_k=maybe(estimates),
        krippendorff_alpha=maybe(estimates),
        resamples=counts,
        seed=counts,
    ),
}
CLASSES[vivavoce.EvaluationPage] = document(
    evaluations=many(CLASSES[vivavoce.Evaluation]), next_cursor=maybe(words)
)


def attributes(of: type[Any]) -> list[str]:
    """The properties that are fields of the document."""
    derived = {"hash", "effective_rubric", "role", "answers_given", "pending", "is_sound", "label", "BOUNDS"}
    return [
        name for name in vars(of) if not name.startswith("_") and not callable(getattr(of, name)) and name not in derived
    ]


def test_every_class_of_documents_is_here() -> None:
    all_of_them = {
        value for value in vars(vivavoce).values() if isinstance(value, type) and hasattr(value, "from_json")
    }
    assert all_of_them == set(CLASSES)


@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_round_trips(of: type[Any]) -> None:
    @settings(max_examples=40, deadline=None, database=None)
    @given(CLASSES[of])
    def check(fields: dict[str, Any]) -> None:
        value = of.from_json(json.dumps(fields))
        assert of.from_json(value.to_json()) == value
        assert of.from_json(value.to_json().encode()) == value
        assert of.from_dict(value.to_dict()) == value
        assert json.loads(value.to_json()) == value.to_dict()
        assert _present(value.to_dict()) == _present(fields)
        assert pickle.loads(pickle.dumps(value)) == value
        assert copy.copy(value) is value and copy.deepcopy(value) is value
        same = of.from_json(value.to_json())
        assert hash(same) == hash(value) and {value: 1}[same] == 1
        assert value != "other" and value is not None
        assert repr(value).startswith(f"{of.__name__}(")
        for name in attributes(of):
            again = _replace(value, **{name: getattr(value, name)})
            assert again == value, name

    check()


def _present(value: Any) -> Any:
    """The same document, where what is None or empty is absent."""
    if isinstance(value, dict):
        kept = {name: _present(each) for name, each in value.items()}
        return {name: each for name, each in kept.items() if each not in (None, [], {})}
    return [_present(each) for each in value] if isinstance(value, list) else value


def _replace(value: Any, /, **changes: Any) -> Any:
    if sys.version_info >= (3, 13):
        return copy.replace(value, **changes)
    return value.__replace__(**changes)


@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_results_are_frozen(of: type[Any]) -> None:
    for name in attributes(of):
        assert type(getattr(of, name)).__name__ == "getset_descriptor"
    with pytest.raises(TypeError):
        type("Sub", (of,), {})


def test_zero_is_zero_whatever_its_sign() -> None:
    below, above = vivavoce.Level(-0.0, "a"), vivavoce.Level(0.0, "a")
    assert below == above and hash(below) == hash(above)


def test_replacing() -> None:
    question = vivavoce.Question("Why?", weight=2)
    changed = _replace(question, time_limit=timedelta(minutes=3), text="How?")
    assert (changed.text, changed.weight, changed.time_limit) == ("How?", 2.0, timedelta(minutes=3))
    with pytest.raises(TypeError):
        _replace(question, canary=1)
    with pytest.raises(vivavoce.InvalidInputError):
        _replace(question, weight="canary")


def test_a_candidates_words_are_in_no_repr() -> None:
    with vivavoce.Engine() as engine:
        interview = engine.create_interview(candidate_name="canary", interview_type="general", questions=["Why?"])
        session = engine.start_session(interview.id)
        turn = engine.send_message(session.id, "canary")
        evaluation = engine.end_session(session.id)
        shown: list[object] = [interview, engine.session(session.id), *turn.message.to_dict(), evaluation]
        shown += [evaluation.exchanges, evaluation.ratings, list(engine.events(session.id)), turn, engine]
    assert "canary" not in repr([each for each in shown if not isinstance(each, str)])


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_no_document_has(number: float) -> None:
    makers: list[Callable[[], object]] = [
        lambda: vivavoce.Level(number, "a"),
        lambda: vivavoce.Competency("a", weight=number),
        lambda: vivavoce.Question("a", weight=number),
        lambda: vivavoce.Rating(0, "a", number),
        lambda: vivavoce.Rating(0, "a", 1, confidence=number),
    ]
    for make in makers:
        with pytest.raises(vivavoce.InvalidInputError):
            make()


READERS: list[Callable[[str], object]] = [vivavoce.Message.from_json, vivavoce.Evaluation.from_json]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("wrong", ["", "canary", "[]", "3", '{"canary": 1}', '{"id": "canary"}'])
def test_what_is_no_document(read: Callable[[str], object], wrong: str) -> None:
    with pytest.raises(vivavoce.InvalidInputError) as caught:
        read(wrong)
    assert "canary" not in str(caught.value)


def test_quotes_are_found_in_code_points() -> None:
    answer = "我用過 mutex 🔒，也用過 semaphore。"
    quote = vivavoce.Quote.find(answer, "🔒，也")
    assert answer[quote.start : quote.end] == quote.text == "🔒，也"
    for missing_words in ["spinlock", ""]:
        with pytest.raises(ValueError):
            vivavoce.Quote.find(answer, missing_words)
