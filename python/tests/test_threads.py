"""Many threads on one engine, and what they leave to the others."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_model import TALK, Hangs, model

import vivavoce
from vivavoce import Engine

THREADS = 32
QUESTIONS = [f"Question {number}?" for number in range(8)]


def test_32_threads_hold_their_interviews_on_one_engine(store_url: str) -> None:
    with Engine(store_url) as engine:

        def hold(number: int) -> vivavoce.Evaluation:
            interview = engine.create_interview(
                candidate_name=f"Candidate {number}", interview_type="technical", questions=QUESTIONS
            )
            session = engine.start_session(interview.id)
            for place in range(len(QUESTIONS)):
                turn = engine.send_message(session.id, f"Answer {place} of {number}.", idempotency_key=str(place))
                assert turn.message.number == 2 * place + 2
                assert len(engine.session(session.id).messages) == 2 * place + 3
            assert turn.session_status == "completed"
            return engine.end_session(session.id)

        with ThreadPoolExecutor(THREADS) as threads:
            evaluations = list(threads.map(hold, range(THREADS)))
        assert {evaluation.status for evaluation in evaluations} == {"completed"}
        for number, evaluation in enumerate(evaluations):
            answers = [exchange.answer for exchange in evaluation.exchanges]
            assert answers == [f"Answer {place} of {number}." for place in range(len(QUESTIONS))]
        assert sum(1 for _ in engine.interviews()) == THREADS


def test_32_threads_on_one_session_take_turns(store_url: str) -> None:
    with Engine(store_url) as engine:
        interview = engine.create_interview(
            candidate_name="Ada", interview_type="technical", questions=["Why?"], max_answers=THREADS
        )
        session = engine.start_session(interview.id)
        with ThreadPoolExecutor(THREADS) as threads:
            turns = list(threads.map(lambda number: engine.send_message(session.id, f"Answer {number}."), range(THREADS)))
        assert sorted(turn.message.number for turn in turns) == [2 * number + 2 for number in range(THREADS)]
        messages = engine.session(session.id).messages
        assert [message.number for message in messages] == list(range(1, 2 * THREADS + 2))


def test_a_hanging_model_stops_no_other_thread() -> None:
    """Measured: what other threads of Python do while a call waits, against what they do while none does."""
    hangs = Hangs()

    def spin() -> int:
        end = time.perf_counter() + 0.2
        turns = 0
        while time.perf_counter() < end:
            turns += 1
        return turns

    with model(lambda number: hangs) as models, Engine(models=models, interviewer=TALK) as engine:
        interview = engine.create_interview(
            candidate_name="Ada", interview_type="technical", questions=["One?", "Two?"]
        )
        session = engine.start_session(interview.id)
        token = vivavoce.CancelToken()
        ended: list[vivavoce.Error] = []

        def wait() -> None:
            try:
                engine.send_message(session.id, "An answer.", cancel=token)
            except vivavoce.TimeoutError as error:
                ended.append(error)

        free = max(spin() for _ in range(3))
        waiting = threading.Thread(target=wait)
        waiting.start()
        hangs.asked.wait()
        # A busy machine takes turns away now and then, a call that holds the interpreter does so each time.
        meanwhile = 0
        for _ in range(100):
            meanwhile = max(meanwhile, spin())
            if meanwhile > free / 2:
                break
        # Readers of the same session go on as well.
        assert engine.session(session.id).answers_given == 1
        token.cancel()
        waiting.join()
    assert len(ended) == 1
    assert meanwhile > free / 2, f"{meanwhile} turns while a call waits, {free} without"


def test_judging_leaves_the_interpreter_to_others() -> None:
    """While many answers are judged, another thread goes on: it would not if the GIL were held."""
    done = threading.Event()
    turns = 0
    with Engine() as engine:

        def judge() -> None:
            engine.evaluate_answers([("What is a lock?", "It keeps other threads out of a section. " * 20)] * 2_000)
            done.set()

        thread = threading.Thread(target=judge)
        thread.start()
        while not done.is_set():
            turns += 1
        thread.join()
    # The list is read with the GIL, and that is all; a thread that never had it would have counted to 1 or 2.
    assert turns > 1_000


def test_a_cancelled_call_ends_soon() -> None:
    hangs = Hangs()
    with model(lambda number: hangs) as models, Engine(models=models, interviewer=TALK) as engine:
        interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["One?", "Two?"])
        session = engine.start_session(interview.id)
        token = vivavoce.CancelToken()
        cancelled = 0.0

        def cancel() -> None:
            nonlocal cancelled
            hangs.asked.wait()
            cancelled = time.perf_counter()
            token.cancel()

        thread = threading.Thread(target=cancel)
        thread.start()
        with pytest.raises(vivavoce.TimeoutError):
            engine.send_message(session.id, "An answer.", cancel=token)
        assert time.perf_counter() - cancelled < 2
        thread.join()
