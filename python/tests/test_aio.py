"""The engine for `async` programs, under asyncio and trio."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import time
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from fake_model import TALK, Hangs, model
from test_process import in_child, locked

import vivavoce
from vivavoce import AsyncEngine, Judgement, JudgeRequest, Rating, Scene, _aio, _loops, _pool
from vivavoce._pool import Pool
from vivavoce._waiting import result_of

PLAN: dict[str, Any] = {"candidate_name": "Ada", "interview_type": "technical", "questions": ["One?", "Two?"]}
ANSWER = "Two threads each hold a lock that the other needs."

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    backend: str = request.param
    return backend


async def test_every_method_of_the_engine_is_there(store_url: str) -> None:
    missing = {name for name in dir(vivavoce.Engine) if not name.startswith("_")} - set(dir(AsyncEngine))
    # A task is cancelled itself.
    assert missing == {"from_env", "cancelled_by"}


async def test_an_interview_from_plan_to_erasure(store_url: str) -> None:
    async with AsyncEngine(store_url) as engine:
        interview = await engine.create_interview(**PLAN, external_id="candidate-7", idempotency_key="a")
        assert (await engine.create_interview(**PLAN, external_id="candidate-7", idempotency_key="a")).id == interview.id
        assert (await engine.update_interview(interview.id, **PLAN, external_id="candidate-7")).id == interview.id
        draft = await engine.create_interview(**PLAN)
        await engine.delete_draft(draft.id, requested_by="Grace")
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
        assert [each.id for each in (await engine.list_evaluations(limit=1)).evaluations] == [changed.id]
        assert [each.id async for each in engine.all_evaluations(interview_id=interview.id)][0] == changed.id
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


# Opening, closing and forking.


def threads(name: str = "vivavoce-") -> int:
    return sum(thread.name.startswith(name) for thread in threading.enumerate())


def run(main: Callable[[], Any], backend: str) -> Any:
    return anyio.run(main, backend=backend)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_is_refused_and_opens_its_own(anyio_backend: str, new_store: Callable[[str], str]) -> None:
    loop = asyncio.new_event_loop()
    engine = loop.run_until_complete(AsyncEngine(new_store("postgres")).open())
    tenant = engine.for_tenant("acme")
    loop.run_until_complete(engine.health())

    def refused(call: Callable[[], Any]) -> str:
        try:
            call()
        except vivavoce.InvalidStateError as error:
            return str(error)
        return "nothing"

    def child() -> str:
        native = engine._shared.opened.engine  # type: ignore[union-attr]
        said = {refused(native.metrics)}  # type: ignore[union-attr]
        for each in (engine, tenant):
            said |= {refused(call) for call in (each.metrics, lambda: each.health().send(None), lambda: each.close().send(None))}
        with pytest.raises(StopIteration):
            engine.__aexit__(None, None, None).send(None)
        assert len(said) == 1, said

        async def own() -> str:
            # Also the same object, which is another engine then.
            async with AsyncEngine() as other, engine:
                assert (await other.health()).store == "memory" and (await tenant.health()).store == "postgres"
            return said.pop()

        return str(run(own, anyio_backend))

    assert in_child(child).startswith("'the engine was opened before this process was forked")
    # The parent's is as it was.
    assert loop.run_until_complete(engine.health()).store == "postgres"
    loop.run_until_complete(engine.close())
    loop.close()


async def test_an_engine_that_was_closed_while_calls_waited_is_opened_again() -> None:
    hangs = Hangs()
    with model(lambda number: hangs) as models:
        engine = AsyncEngine(models=models, interviewer=TALK, workers=2)
        for _ in range(3):
            await engine.open()
            session = await engine.start_session((await engine.create_interview(**PLAN)).id)
            ended: list[vivavoce.Error] = []

            async def send() -> None:
                try:
                    await engine.send_message(session.id, ANSWER)
                except vivavoce.InvalidStateError as error:
                    ended.append(error)

            hangs.asked.clear()
            with anyio.fail_after(10):
                async with anyio.create_task_group() as tasks:
                    # More than there are threads: the last ones wait for one when it closes.
                    for _ in range(5):
                        tasks.start_soon(send)
                    while not hangs.asked.is_set():
                        await anyio.sleep(0.001)
                    await engine.close()
            assert len(ended) == 5


async def test_no_thread_stays_when_an_engine_is_closed_or_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone() -> None:
        with anyio.fail_after(10):
            while threads():
                await anyio.sleep(0.001)

    class Fails:
        def close(self) -> None:
            raise vivavoce.StorageError("no")

    await gone()
    async with AsyncEngine() as engine:
        await engine.health()
        assert threads() > 0
    await gone()
    await engine.open()
    engine._shared.opened.engine = Fails()  # type: ignore[union-attr, assignment]
    with pytest.raises(vivavoce.StorageError):
        await engine.close()
    await gone()
    await engine.open()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await engine.close()
    assert scope.cancelled_caught
    await gone()

    monkeypatch.setattr(_pool, "_IDLE", 0.01)
    await engine.open()
    await engine.health()
    del engine
    await gone()


async def test_a_task_that_is_cancelled_leaves_its_engine_closed(tmp_path: Any) -> None:
    engine = AsyncEngine(f"sqlite:{tmp_path / 'a.db'}")
    with anyio.CancelScope() as scope:
        async with engine:
            native = engine._opened()
            scope.cancel()
            await anyio.sleep_forever()
    with pytest.raises(vivavoce.InvalidStateError, match="closed"):
        native.health()


async def test_tasks_that_open_an_engine_at_once_get_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[vivavoce.Engine] = []
    free = threading.Event()

    class Waits:
        health = vivavoce.Engine.health

        def __new__(cls, *args: Any, **options: Any) -> Any:
            free.wait(10)
            opened.append(vivavoce.Engine(*args, **options))
            return opened[-1]

    monkeypatch.setattr(_aio, "Engine", Waits)
    engine = AsyncEngine(workers=2)
    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(engine.open)
        with anyio.move_on_after(0.05):
            # One that gives up leaves it to the others.
            await engine.open()
        free.set()
    assert len(opened) == 1 and engine._opened() is opened[0]
    await engine.close()

    # One that nobody has is closed.
    free.clear()
    with anyio.move_on_after(0.05):
        await engine.open()
    with pytest.raises(vivavoce.InvalidStateError):
        await engine.health()
    again = engine.open()
    free.set()
    await again
    with anyio.fail_after(10):
        while not (len(opened) == 3 and sum(map(is_closed, opened)) == 2):
            await anyio.sleep(0.001)
    assert not is_closed(engine._opened())
    await engine.close()


def is_closed(engine: vivavoce.Engine) -> bool:
    try:
        engine.health()
    except vivavoce.InvalidStateError:
        return True
    return False


async def test_all_tasks_are_told_that_an_engine_cannot_be_opened_and_may_try_again(tmp_path: Any) -> None:
    engine = AsyncEngine(f"sqlite:{tmp_path / 'there' / 'a.db'}")
    failed: list[vivavoce.Error] = []

    async def open_it() -> None:
        try:
            await engine.open()
        except vivavoce.StorageError as error:
            failed.append(error)

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(open_it)
    assert len(failed) == 5
    (tmp_path / "there").mkdir()
    async with engine:
        assert (await engine.health()).store == "sqlite"


async def test_a_tenants_engine_is_opened_again_for_its_tenant(shared_url: str) -> None:
    async with AsyncEngine(shared_url) as engine:
        tenant = engine.for_tenant("acme")
        with pytest.raises(vivavoce.InvalidInputError):
            engine.for_tenant(" ")
        await tenant.create_interview(**PLAN)
        await tenant.close()
        with pytest.raises(vivavoce.InvalidStateError):
            await engine.health()
        await tenant.open()
        assert (await tenant.list_interviews(total=True)).total == 1
        assert (await engine.list_interviews(total=True)).total == 0


# Threads and loops.


async def test_what_cannot_be_raised_by_a_coroutine_is_a_runtime_error() -> None:
    def stops(_: vivavoce.Engine) -> None:
        raise StopIteration(3)

    async with AsyncEngine() as engine:
        with anyio.fail_after(10), pytest.raises(RuntimeError, match="StopIteration"):
            await engine._read(stops)


async def test_what_no_thread_has_begun_is_not_done_for_a_cancelled_task() -> None:
    free = threading.Event()
    async with AsyncEngine(workers=1) as engine, anyio.create_task_group() as tasks:
        interview = await engine.create_interview(**PLAN, external_id="candidate-7")
        tasks.start_soon(engine._work, lambda _: free.wait())
        await anyio.sleep(0.01)
        with anyio.move_on_after(0.01) as scope:
            await engine.erase_interview(interview.id, requested_by="Grace")
        assert scope.cancelled_caught
        free.set()
        # After whatever was there for the one thread.
        assert (await engine.verify_audit(interview.id)).is_sound
        assert (await engine.interview(interview.id)).candidate_name == "Ada"


async def test_a_cancelled_task_does_not_wait_for_the_database(tmp_path: Path) -> None:
    file = tmp_path / "interviews.db"
    async with AsyncEngine(f"sqlite:{file}?busy_timeout=600", workers=1) as engine:
        interview = await engine.create_interview(**PLAN)
        with locked(file):
            with anyio.move_on_after(0.1) as scope:
                await engine.erase_interview(interview.id, requested_by="Grace")
            assert scope.cancelled_caught
            # The one thread is free again.
            with anyio.fail_after(10):
                assert (await engine.verify_audit(interview.id)).is_sound
        await engine.erase_interview(interview.id, requested_by="Grace")


async def test_a_result_that_comes_with_the_last_look_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_loops, "LOOK", 0.001)
    loop = _loops.running()
    pool = Pool(1, "vivavoce-test")

    finished, here = threading.Event(), threading.current_thread()

    async def soon() -> int:
        await anyio.sleep(0.02)
        finished.set()
        return 3

    def is_wanted() -> bool:
        if threading.current_thread() is not here:
            # It ends between the look and what comes of it.
            finished.wait(10)
            time.sleep(0.02)
        return not finished.is_set()

    async def fails() -> None:
        raise TimeoutError("mine")

    assert await loop.in_thread(pool, lambda: loop.wait(soon, is_wanted)) == 3
    with pytest.raises(TimeoutError, match="mine"):
        await loop.in_thread(pool, lambda: loop.wait(fails, lambda: True))
    with pytest.raises(vivavoce.TimeoutError) as caught:
        await loop.in_thread(pool, lambda: loop.wait(anyio.sleep_forever, lambda: False))
    assert caught.value.retryable
    pool.close()


def test_two_loops_have_their_own_coroutines_and_no_loop_is_kept(anyio_backend: str) -> None:
    astray: list[str] = []

    class Judges:
        async def judge(self, request: JudgeRequest) -> Any:
            await anyio.sleep(0)
            if threading.current_thread().name != request.exchanges[0].question_text:
                astray.append(request.exchanges[0].question_text)
            return [Rating(0, each.name, 0.5) for each in request.rubric.competencies]

    engine = AsyncEngine(evaluator=Judges())
    run(engine.open, anyio_backend)

    async def main() -> None:
        name = threading.current_thread().name
        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(engine.evaluate_answer, name, "Because.")

    callers = [threading.Thread(target=run, args=(main, anyio_backend), name=f"loop {number}") for number in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert astray == [] and engine._home._loops == []
    run(engine.close, anyio_backend)


async def test_a_panels_document_may_have_asynchronous_judges() -> None:
    here = threading.current_thread()

    class Judges:
        async def judge(self, request: JudgeRequest) -> Any:
            assert threading.current_thread() is here
            await anyio.sleep(0)
            return [Rating(0, each.name, 0.5) for each in request.rubric.competencies]

    panel: dict[str, Any] = {"kind": "panel", "judges": [Judges(), {"kind": "builtin"}]}
    async with AsyncEngine(evaluator=panel) as engine:
        found = await engine.evaluate_answer("Why?", "Because.")
    assert found.evaluator.panel is not None and found.evaluator.panel.judges[0].model == "Judges"
    async with AsyncEngine(evaluator={"kind": "builtin"}) as engine:
        assert (await engine.evaluate_answer("Why?", "Because.")).evaluator.panel is None


async def test_a_listener_that_hangs_ends_with_its_task() -> None:
    began, ended = anyio.Event(), anyio.Event()

    async def hear(words: str | None) -> None:
        began.set()
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    async with AsyncEngine() as engine, anyio.create_task_group() as tasks:
        session = await engine.start_session((await engine.create_interview(**PLAN)).id)
        tasks.start_soon(lambda: engine.send_message(session.id, ANSWER, hear=hear))
        await began.wait()
        tasks.cancel_scope.cancel()
        with anyio.CancelScope(shield=True), anyio.fail_after(10):
            await ended.wait()


async def test_a_worker_says_how_many_it_made_when_the_engine_is_closed(store_url: str) -> None:
    engine = await AsyncEngine(store_url).open()
    interview = await engine.create_interview(**PLAN)
    made: list[int] = []

    async def work() -> None:
        made.append(await engine.run_worker())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work)
        asked = [await engine.evaluate(interview.id, {0: f"Answer {number}."}, queued=True) for number in range(3)]
        with anyio.fail_after(10):
            for each in asked:
                while (await engine.evaluation(each.id)).status != "completed":
                    await anyio.sleep(0.01)
        await engine.close()
    assert made == [3]


async def test_a_cancelled_worker_has_stopped_when_its_task_ends(store_url: str) -> None:
    running = 0

    class Watched:
        def __init__(self, engine: vivavoce.Engine) -> None:
            self.engine = engine

        def run_worker(self, stop: vivavoce.CancelToken) -> int:
            nonlocal running
            running += 1
            try:
                return self.engine.run_worker(stop)
            finally:
                running -= 1

        def close(self) -> None:
            self.engine.close()

    async with AsyncEngine(store_url) as engine:
        engine._shared.opened.engine = Watched(engine._opened())  # type: ignore[union-attr, assignment]
        for seconds in (0, 0.01, 0.1):
            with anyio.move_on_after(seconds) as scope:
                await engine.run_worker()
            assert scope.cancelled_caught and running == 0


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
async def test_events_are_delivered_until_the_engine_is_closed(store_url: str, asynchronous: bool) -> None:
    here = threading.current_thread()
    taken: list[Any] = []
    counted: list[int] = []
    of_request = REQUEST.set("seven")

    def deliver(delivery: vivavoce.Delivery) -> None:
        assert (threading.current_thread() is here) is asynchronous and REQUEST.get() == "seven"
        taken.append(delivery.event.session_id)

    async def deliver_later(delivery: vivavoce.Delivery) -> None:
        await anyio.sleep(0)
        deliver(delivery)

    async def run() -> None:
        counted.append(await engine.run_deliveries("mail", deliver_later if asynchronous else deliver))

    engine = await AsyncEngine(store_url).open()
    await engine.subscribe("mail", ["session_started"])
    assert [(each.name, each.actions) for each in await engine.subscriptions()] == [("mail", ("session_started",))]
    interview = await engine.create_interview(**PLAN)
    started = [(await engine.start_session(interview.id)).id for _ in range(3)]
    assert (await engine.backlog()).deliveries == 3
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        with anyio.fail_after(30):
            while (await engine.backlog()).deliveries > 0:
                await anyio.sleep(0.01)
        await engine.close()
    assert taken == started and counted == [3]
    REQUEST.reset(of_request)


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
async def test_a_delivery_ends_before_its_cancelled_task_and_is_not_lost(store_url: str, asynchronous: bool) -> None:
    began, ends = threading.Event(), threading.Event()
    ended: list[vivavoce.Delivery] = []
    token = vivavoce.CancelToken()

    def deliver(delivery: vivavoce.Delivery) -> None:
        began.set()
        assert ends.wait(30)
        ended.append(delivery)

    async def deliver_later(delivery: vivavoce.Delivery) -> None:
        began.set()
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(delivery)

    async with AsyncEngine(store_url) as engine:
        await engine.subscribe("mail", ["session_started"])
        session = await engine.start_session((await engine.create_interview(**PLAN)).id)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(engine.run_deliveries, "mail", deliver_later if asynchronous else deliver)
            with anyio.fail_after(30):
                while not began.is_set():
                    await anyio.sleep(0.001)
            tasks.cancel_scope.cancel()
            ends.set()
        assert [each.event.session_id for each in ended] == [session.id]
        # What was cut off is left to others, and was no try; what has returned is done.
        assert (await engine.backlog()).deliveries == (1 if asynchronous else 0)
        if asynchronous:

            def take(delivery: vivavoce.Delivery) -> None:
                ended.append(delivery)
                token.cancel()

            delivered = partial(engine._opened().run_deliveries, "mail", take, stop=token)
            assert await anyio.to_thread.run_sync(delivered) == 1 and ended[1] == ended[0]
        assert await engine.unsubscribe("mail") and not await engine.unsubscribe("mail")


async def test_what_is_no_function_delivers_nothing() -> None:
    async with AsyncEngine() as engine:
        await engine.subscribe("mail", ["session_started"])
        with pytest.raises(TypeError):
            await engine.run_deliveries("mail", 7)  # type: ignore[arg-type]
        with pytest.raises(vivavoce.NotFoundError):
            await engine.run_deliveries("crm", print)


def test_a_loop_that_ends_loses_no_event(new_store: Callable[[str], str], anyio_backend: str) -> None:
    if anyio_backend != "asyncio":
        return

    async def main(url: str) -> None:
        began = asyncio.Event()

        async def deliver(delivery: vivavoce.Delivery) -> None:
            began.set()
            await asyncio.Event().wait()

        engine = await AsyncEngine(url).open()
        await engine.subscribe("mail", ["session_started"])
        await engine.start_session((await engine.create_interview(**PLAN)).id)
        running = asyncio.create_task(engine.run_deliveries("mail", deliver))
        await began.wait()
        assert not running.done()

    for _ in range(5):
        url = new_store("sqlite")
        asyncio.run(main(url))
        with vivavoce.Engine(url) as engine:
            assert engine.backlog().deliveries == 1


def test_what_a_loop_takes_with_it_may_be_tried_again(anyio_backend: str) -> None:
    if anyio_backend != "asyncio":
        return
    loop = asyncio.new_event_loop()
    pool = Pool(1, "vivavoce-test")
    of_loop = _loops.AsyncioLoop(loop)

    async def cancelled() -> None:
        raise asyncio.CancelledError

    def waits() -> None:
        with pytest.raises(vivavoce.TimeoutError) as caught:
            of_loop.wait(cancelled, lambda: True)
        assert caught.value.retryable

    loop.run_until_complete(of_loop.in_thread(pool, waits))
    loop.close()
    waits()
    pool.close()


class Mine(Exception):
    pass


async def test_a_call_that_fails_leaves_no_garbage() -> None:
    class Broken:
        async def judge(self, request: JudgeRequest) -> Any:
            raise Mine

    async def fails(engine: AsyncEngine) -> weakref.ref[BaseException]:
        try:
            await engine.evaluate_answer("Why?", "Because.")
        except vivavoce.ProviderError as error:
            assert isinstance(error.__cause__, Mine)
            return weakref.ref(error.__cause__)
        raise AssertionError

    async with AsyncEngine(evaluator=Broken()) as engine:
        await fails(engine)
        gc.collect()
        gc.disable()
        try:
            gone = await fails(engine)
            with anyio.fail_after(10):
                # The thread may still hold it for a moment.
                while gone() is not None:
                    await anyio.sleep(0.001)
        finally:
            gc.enable()


# Asynchronous callbacks of an engine that was called synchronously.


class Given:
    """What a `Scene` says of its call."""

    def __init__(self) -> None:
        self.is_cancelled = False


@pytest.mark.parametrize("in_coroutine", [False, True])
def test_an_awaitable_ends_with_its_call(in_coroutine: bool, anyio_backend: str) -> None:
    if anyio_backend != "asyncio":
        return
    given = Given()
    ended: list[str] = []

    async def hangs() -> None:
        # As the deadline does, from another thread.
        threading.Timer(0.05, lambda: setattr(given, "is_cancelled", True)).start()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(REQUEST.get())

    async def answers() -> str:
        await asyncio.sleep(0.12)
        return REQUEST.get()

    async def fails() -> None:
        raise Mine

    def calls() -> None:
        REQUEST.set("seven")
        assert result_of(answers()) == result_of(answers(), given) == "seven"
        with pytest.raises(Mine):
            result_of(fails(), given)
        with pytest.raises(vivavoce.TimeoutError) as caught:
            result_of(hangs(), given)
        assert caught.value.retryable and ended == ["seven"]

        gc.collect()
        gc.disable()
        try:
            gone: list[weakref.ref[BaseException]] = []
            for call in (lambda: result_of(fails()), lambda: result_of(fails(), Given())):
                try:
                    call()
                except Mine as error:
                    gone.append(weakref.ref(error))
            assert [each() for each in gone] == [None, None]
        finally:
            gc.enable()

    async def main() -> None:
        calls()

    if in_coroutine:
        asyncio.run(main())
    else:
        contextvars.copy_context().run(calls)
