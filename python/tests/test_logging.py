"""The engine's log in Python's `logging`."""

from __future__ import annotations

import logging
import threading
import uuid

import pytest

import vivavoce
from vivavoce import Engine


def test_a_calls_records_are_there_when_it_returns(
    store_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="vivavoce"), Engine(store_url) as engine:
        with pytest.raises(vivavoce.NotFoundError):
            engine.interview(uuid.UUID(int=7))
    records = [record for record in caplog.records if record.name == "vivavoce.engine"]
    assert [record.getMessage() for record in records] == ["failed operation=read_interview kind=not_found"]
    assert records[0].levelno == logging.DEBUG and records[0].vivavoce["kind"] == "not_found"  # type: ignore[attr-defined]


def test_levels_are_pythons_to_decide(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="vivavoce"), Engine() as engine:
        with pytest.raises(vivavoce.NotFoundError):
            engine.interview(uuid.UUID(int=7))
    assert caplog.records == []


def test_no_word_of_a_candidate_is_logged(store_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), Engine(store_url) as engine:
        interview = engine.create_interview(candidate_name="canary", interview_type="general", questions=["canary?"])
        session = engine.start_session(interview.id)
        engine.send_message(session.id, "canary", idempotency_key="canary")
        for text in ["canary" * 10_000, "canary\0", " "]:
            with pytest.raises(vivavoce.InvalidInputError):
                engine.send_message(session.id, text)
        with pytest.raises(vivavoce.ConflictError):
            engine.send_message(session.id, "canary canary", idempotency_key="canary")
        engine.end_session(session.id)
    assert caplog.records and "canary" not in caplog.text


class CallsTheEngine(logging.Handler):
    """A handler that does what deadlocks, if anything does: it takes a lock, and calls the engine that logs."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.seen = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.seen += 1
        try:
            self.engine.interview(uuid.UUID(int=8))
        except vivavoce.NotFoundError:
            pass


def test_a_handler_that_calls_the_engine_and_many_threads(store_url: str) -> None:
    logger = logging.getLogger("vivavoce")
    with Engine(store_url) as engine:
        handler = CallsTheEngine(engine)
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        try:

            def fail() -> None:
                for _ in range(50):
                    with pytest.raises(vivavoce.NotFoundError):
                        engine.interview(uuid.UUID(int=7))

            threads = [threading.Thread(target=fail) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)
            logger.propagate = True
    # What the handler causes itself is not logged: it would go on for ever.
    assert handler.seen == 400


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_handler_that_fails_breaks_nothing() -> None:
    class Fails(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise ZeroDivisionError

    logger = logging.getLogger("vivavoce")
    handler = Fails()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with Engine() as engine:
            with pytest.raises(vivavoce.NotFoundError):
                engine.interview(uuid.UUID(int=7))
            assert engine.health().store == "memory"
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)


def test_what_a_waiting_call_has_to_say_is_told_meanwhile() -> None:
    told = threading.Event()

    class Tells(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "operation=read_interview" in record.getMessage():
                told.set()

    class Waits:
        def judge(self, request: vivavoce.JudgeRequest) -> object:
            # This call returns, and its record is handed over, while the call that judges is under way.
            with pytest.raises(vivavoce.NotFoundError):
                engine.interview(uuid.UUID(int=7))
            assert told.wait(10)
            return [vivavoce.Rating(0, each.name, 0.5) for each in request.rubric.competencies]

    logger = logging.getLogger("vivavoce")
    handler = Tells()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with Engine(evaluator=Waits()) as engine:
            assert engine.evaluate_answer("Why?", "Because.").score == 0.5
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
