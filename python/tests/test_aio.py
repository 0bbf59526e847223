"""The engine for `async` programs, under asyncio and trio."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from fake_model import TALK, Hangs, model

import vivavoce
from vivavoce import AsyncEngine, Judgement, JudgeRequest, Rating, Scene

PLAN: dict[str, Any] = {"candidate_name": "Ada", "interview_type": "technical", "questions": ["One?", "Two?"]}
ANSWER = "Two threads each hold a lock that the other needs."

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    backend: str = request.param
    return backend


async def test_every_method_of_the_engine_is_there(store_url: str) -> None:
    missing = {name for name in dir(vivavoce.Engine) if not name.startswith("_")} - set(dir(AsyncEngine))
    assert missing == {"from_env"}


async def test_an_interview_from_plan_to_erasure(store_url: str) -> None:
    async with AsyncEngine(store_url) as engine:
        interview = await engine.create_interview(**PLAN, external_id="candidate-7", idempotency_key="a")
        assert (await engine.create_interview(**PLAN, external_id="candidate-7", idempotency_key="a")).id == interview.id
        session = await engine.start_session(interview.id)
        heard: list[str | None] = []
        turn = await engine.send_message(session.id, ANSWER, hear=heard.append)
        assert "".join(words for words in heard if words) == turn.reply.content
        assert len((await engine.session(session.id, exact=True)).messages) == 3
        evaluation = await engine.end_session(session.id)
        assert await engine.evaluation(evaluation.id) == evaluation
        assert (await engine.scorecard(evaluation.id)).startswith("# ")
        again = await engine.re_evaluate(evaluation.id)
        changed = await engine.override_score(again.id, 0.5, by="Grace", reason="Because.")
        assert await engine.evaluations(interview.id) == [evaluation.id, again.id, changed.id]
        assert (await engine.replay(evaluation.id)).score == evaluation.score
        by_answers = await engine.evaluate(interview.id, {0: ANSWER})
        assert by_answers.status == "completed"
        assert await engine.sessions(interview.id) == [session.id]
        assert (await engine.interview(interview.id)).status == "completed"
        assert (await engine.abandon_session((await engine.start_session(interview.id)).id)).status == "abandoned"
        assert await engine.abandon_idle_sessions() == []
        found = await engine.evaluate_answers([("Why?", "Because."), ("Why?", "x" * 40_000)])
        assert found[0] == await engine.evaluate_answer("Why?", "Because.")
        assert isinstance(found[1], vivavoce.InvalidInputError)
        assert len(await engine.generate_questions(interview_type="general", count=2)) == 2
        assert [each.id async for each in engine.interviews()] == [interview.id]
        assert (await engine.list_interviews(total=True)).total == 1
        events = [event async for event in engine.events(session.id)]
        assert events == [event async for event in engine.follow(session.id, timeout=0)]
        assert await engine.next_events(session.id, events[-1].number, timeout=0) == []
        assert (await engine.verify_audit(interview.id, head=await engine.audit_head(interview.id))).is_sound
        assert (await engine.health()).store and engine.metrics().operations
        with pytest.raises(vivavoce.UnsupportedError):
            await engine.spent()
        assert [each async for each in engine.for_tenant("other").interviews()] == []
        assert await engine.erase_candidate("candidate-7", requested_by="Grace") == [interview.id]
        await engine.erase_interview(interview.id, requested_by="Grace")
    with pytest.raises(vivavoce.InvalidStateError):
        await engine.health()


async def test_copies_and_backups(tmp_path: Any, new_store: Callable[[str], str]) -> None:
    async with AsyncEngine(new_store("sqlite")) as engine, AsyncEngine() as memory:
        interview = await engine.create_interview(**PLAN)
        assert await engine.copy_to(memory) == 1
        assert await memory.interview(interview.id) == interview
        await engine.backup(tmp_path / "copy.db")
        with pytest.raises(vivavoce.UnsupportedError):
            await memory.backup(tmp_path / "other.db")


async def test_an_engine_that_is_not_open() -> None:
    with pytest.raises(vivavoce.InvalidStateError):
        await AsyncEngine().health()
    with pytest.raises(vivavoce.InvalidInputError):
        await AsyncEngine("mysql://x").open()


async def test_an_engine_is_opened_again_after_it_was_closed(shared_url: str) -> None:
    engine = AsyncEngine(shared_url)
    async with engine:
        interview = await engine.create_interview(**PLAN)
    async with engine:
        assert await engine.interview(interview.id) == interview


async def test_from_the_environment(monkeypatch: pytest.MonkeyPatch, store_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", store_url)
    async with AsyncEngine(None) as engine:
        assert (await engine.health()).store == store_url.split(":")[0].replace("postgresql", "postgres")


async def test_a_thousand_calls_at_once(store_url: str) -> None:
    async with AsyncEngine(store_url) as engine:
        interview = await engine.create_interview(**PLAN, max_answers=1000)
        session = await engine.start_session(interview.id)
        turns: list[vivavoce.Turn] = []

        async def hold(number: int) -> None:
            own = await engine.start_session(interview.id)
            turns.append(await engine.send_message(own.id, f"Answer {number}."))
            assert (await engine.session(session.id)).id == session.id

        async with anyio.create_task_group() as tasks:
            for number in range(1000):
                tasks.start_soon(hold, number)
        assert sorted(turn.message.content for turn in turns) == sorted(f"Answer {number}." for number in range(1000))
        assert len(await engine.sessions(interview.id)) == 1001


async def test_cancelling_a_task_cancels_its_call_and_the_message_is_kept() -> None:
    hangs = Hangs()
    with model(lambda number: hangs) as models:
        async with AsyncEngine(models=models, interviewer=TALK) as engine:
            session = await engine.start_session((await engine.create_interview(**PLAN)).id)
            with anyio.move_on_after(0.1) as scope:
                await engine.send_message(session.id, ANSWER)
            assert scope.cancelled_caught
            pending = (await engine.session(session.id)).pending
            assert pending is not None and pending.content == ANSWER
            # The thread is free again: its call ended, too.
            with anyio.fail_after(10):
                while _errors(engine, "send_message") == 0:
                    await anyio.sleep(0.001)


def _errors(engine: AsyncEngine, operation: str) -> int:
    each = next(each for each in engine.metrics().operations if each.operation == operation)
    return sum(each.errors.values())


async def test_slow_models_do_not_keep_readers_waiting() -> None:
    hangs = Hangs()
    with model(lambda number: hangs) as models:
        async with AsyncEngine(models=models, interviewer=TALK, workers=2) as engine:
            interview = await engine.create_interview(**PLAN)
            sessions = [await engine.start_session(interview.id) for _ in range(5)]
            async with anyio.create_task_group() as tasks:
                for session in sessions:
                    tasks.start_soon(engine.send_message, session.id, ANSWER)
                # All workers wait, and more than that.
                while not hangs.asked.is_set():
                    await anyio.sleep(0.001)
                with anyio.fail_after(10):
                    for session in sessions:
                        await engine.session(session.id)
                    assert [each.id async for each in engine.interviews()] == [interview.id]
                tasks.cancel_scope.cancel()


REQUEST: contextvars.ContextVar[str] = contextvars.ContextVar("REQUEST", default="none")


async def test_interviewers_evaluators_and_listeners_run_on_the_loop_that_called() -> None:
    lock = anyio.Lock()
    here: list[str] = []

    class Speaks:
        async def speak(self, scene: Scene) -> str:
            async with lock:
                here.append("speak")
                await anyio.sleep(0)
            return "And then?"

    class Judges:
        async def judge(self, request: JudgeRequest) -> Any:
            async with lock:
                here.append("judge")
                await anyio.sleep(0)
            return Judgement([Rating(0, each.name, 0.5) for each in request.rubric.competencies])

    async def hear(words: str | None) -> None:
        async with lock:
            here.append("hear")

    evaluator = vivavoce.Panel([Judges(), vivavoce.BuiltinEvaluator()])
    async with AsyncEngine(interviewer=Speaks(), evaluator=evaluator) as engine:
        session = await engine.start_session((await engine.create_interview(**PLAN)).id)
        await engine.send_message(session.id, ANSWER, hear=hear)
        evaluation = await engine.end_session(session.id)
    assert here == ["speak", "speak", "hear", "judge"] and evaluation.status == "completed"
    assert evaluation.evaluator.panel is not None and evaluation.evaluator.panel.judges[0].model == "Judges"


async def test_an_asynchronous_evaluator_fails_with_its_own_exception() -> None:
    class Broken:
        async def judge(self, request: JudgeRequest) -> Any:
            raise ZeroDivisionError

    async with AsyncEngine(evaluator=Broken()) as engine:
        with pytest.raises(vivavoce.ProviderError) as caught:
            await engine.evaluate_answer("Why?", "Because.")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


async def test_an_asynchronous_evaluator_that_hangs_ends_with_its_task() -> None:
    began, ended = anyio.Event(), anyio.Event()

    class Hanging:
        async def judge(self, request: JudgeRequest) -> Any:
            began.set()
            try:
                await anyio.sleep_forever()
            finally:
                ended.set()

    async with AsyncEngine(evaluator=Hanging()) as engine, anyio.create_task_group() as tasks:
        tasks.start_soon(engine.evaluate_answer, "Why?", "Because.")
        await began.wait()
        tasks.cancel_scope.cancel()
        with anyio.CancelScope(shield=True), anyio.fail_after(10):
            await ended.wait()


async def test_following_a_session_and_a_worker(store_url: str) -> None:
    async with AsyncEngine(store_url) as engine:
        session = await engine.start_session((await engine.create_interview(**PLAN)).id)
        seen: list[str] = []

        async def follow() -> None:
            async for event in engine.follow(session.id):
                seen.append(event.action)
                if event.action == "evaluation_completed":
                    tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(follow)
            tasks.start_soon(engine.run_worker)
            await engine.send_message(session.id, ANSWER)
            await engine.end_session(session.id, queued=True)
        assert seen[:2] == ["session_started", "message_sent"] and seen[-1] == "evaluation_completed"


async def test_closing_ends_what_waits() -> None:
    hangs = Hangs()
    with model(lambda number: hangs) as models:
        engine = await AsyncEngine(models=models, interviewer=TALK).open()
        session = await engine.start_session((await engine.create_interview(**PLAN)).id)
        ended: list[vivavoce.Error] = []

        async def send() -> None:
            try:
                await engine.send_message(session.id, ANSWER)
            except vivavoce.InvalidStateError as error:
                ended.append(error)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send)
            while not hangs.asked.is_set():
                await anyio.sleep(0.001)
            await engine.close()
    assert len(ended) == 1


def test_a_synchronous_engine_is_used_in_a_coroutine_with_asynchronous_callbacks(anyio_backend: str) -> None:
    if anyio_backend != "asyncio":
        return

    class Judges:
        async def judge(self, request: JudgeRequest) -> Any:
            await asyncio.sleep(0)
            assert REQUEST.get() == "seven"
            return [Rating(0, each.name, 0.5) for each in request.rubric.competencies]

    async def main() -> float:
        REQUEST.set("seven")
        with vivavoce.Engine(evaluator=Judges()) as engine:
            return engine.evaluate_answer("Why?", "Because.").score

    assert asyncio.run(main()) == 0.5


def test_without_a_loop() -> None:
    with pytest.raises(vivavoce.UnsupportedError):
        AsyncEngine().open().send(None)
