"""Spans for OpenTelemetry."""

from __future__ import annotations

import subprocess
import sys
import timeit
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import vivavoce
from vivavoce import Engine, Judgement, JudgeRequest, Rating

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

SECRET = "A candidate's words."


class Spans:
    """What a provider of its own has seen."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    def take(self) -> list[ReadableSpan]:
        taken = list(self._exporter.get_finished_spans())
        self._exporter.clear()
        return taken


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Spans:
    spans = Spans()
    # The real one can be set once in a process.
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: spans.provider)
    return spans


def plan(engine: Engine) -> vivavoce.Interview:
    return engine.create_interview(candidate_name=SECRET, interview_type="general", questions=[f"Who? {SECRET}"])


def test_each_call_that_leaves_memory_has_a_span(new_store: Callable[[str], str], spans: Spans) -> None:
    with Engine(new_store("sqlite")) as engine:
        interview = plan(engine)
        session = engine.start_session(interview.id)
        engine.send_message(session.id, SECRET)
        engine.session(session.id)
        engine.end_session(session.id)
        engine.list_interviews()
    found = spans.take()
    names = ["create_interview", "start_session", "send_message", "session", "end_session", "list_interviews"]
    assert [span.name for span in found] == [f"vivavoce.{name}" for name in names]
    for span in found:
        assert span.status.status_code is trace.StatusCode.UNSET
        assert span.kind is trace.SpanKind.INTERNAL
        assert not span.attributes and not span.events and not span.links
        assert span.start_time is not None and span.end_time is not None and span.start_time <= span.end_time
        scope = span.instrumentation_scope
        assert scope is not None and (scope.name, scope.version) == ("vivavoce", vivavoce.__version__)


def test_what_is_answered_from_memory_has_none(spans: Spans) -> None:
    with Engine() as engine:
        session = engine.start_session(plan(engine).id)
        engine.send_message(session.id, SECRET)
        engine.session(session.id)
    assert spans.take() == []


def test_the_parent_is_the_callers_current_span(new_store: Callable[[str], str], spans: Spans) -> None:
    tracer = spans.provider.get_tracer("test")
    with Engine(new_store("sqlite")) as engine:
        with tracer.start_as_current_span("request") as request:
            plan(engine)
            assert trace.get_current_span() is request
            plan(engine)
        plan(engine)
    assert trace.get_current_span() is trace.INVALID_SPAN
    first, second, outer, alone = spans.take()
    assert outer.name == "request"
    for span in (first, second):
        assert span.parent is not None and span.parent.span_id == request.get_span_context().span_id
    assert alone.parent is None


def test_an_evaluator_sees_the_span_as_its_current_one(spans: Spans) -> None:
    seen = []

    class Judge:
        def judge(self, request: JudgeRequest) -> Judgement:
            with spans.provider.get_tracer("test").start_as_current_span("judge"):
                seen.append(trace.get_current_span())
            return Judgement([Rating(0, it.name, 0.0) for it in request.rubric.competencies])

    with Engine(evaluator=Judge()) as engine:
        engine.evaluate(plan(engine).id, {0: SECRET})
    found = {span.name: span for span in spans.take()}
    parent, context = found["judge"].parent, found["vivavoce.evaluate"].get_span_context()
    assert parent is not None and context is not None and parent.span_id == context.span_id
    assert len(seen) == 1


def test_an_error_is_said_by_its_kind_alone(new_store: Callable[[str], str], spans: Spans) -> None:
    with Engine(new_store("sqlite")) as engine:
        session = engine.start_session(plan(engine).id)
        spans.take()
        with pytest.raises(vivavoce.NotFoundError):
            engine.session(uuid.UUID(int=1))
        with pytest.raises(vivavoce.InvalidInputError):
            engine.send_message(session.id, f"{SECRET}\0")
        with pytest.raises(vivavoce.ConflictError):
            engine.send_message(session.id, SECRET, expected_version=77)
    found = spans.take()
    assert [dict(span.attributes or {}) for span in found] == [
        {"error.type": "not_found"},
        {"error.type": "invalid_input"},
        {"error.type": "conflict"},
    ]
    for span in found:
        assert span.status.status_code is trace.StatusCode.ERROR
        assert span.status.description is None and not span.events
        assert "candidate" not in span.to_json()


def test_a_call_that_an_exception_of_the_application_ends_has_its_span_ended(
    new_store: Callable[[str], str], spans: Spans
) -> None:
    class Leaves:
        def speak(self, scene: vivavoce.Scene) -> str:
            raise RuntimeError(SECRET)

    with Engine(new_store("sqlite"), interviewer=Leaves()) as engine:
        interview = plan(engine)
        with pytest.raises(vivavoce.ProviderError):
            engine.start_session(interview.id)
    assert trace.get_current_span() is trace.INVALID_SPAN
    span = spans.take()[-1]
    assert span.name == "vivavoce.start_session" and span.attributes == {"error.type": "provider"}
    assert "candidate" not in span.to_json()


def test_what_an_exporter_raises_leaves_the_callers_span_current(
    new_store: Callable[[str], str], spans: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Raises(SimpleSpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            raise RuntimeError("the collector is gone")

    raised: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", raised.append)
    spans.provider.add_span_processor(Raises(InMemorySpanExporter()))
    with Engine(new_store("sqlite")) as engine:
        assert plan(engine).status == "pending"
    assert trace.get_current_span() is trace.INVALID_SPAN
    assert [str(it.exc_value) for it in raised] == ["the collector is gone"]


def test_a_worker_has_no_span(new_store: Callable[[str], str], spans: Spans) -> None:
    stop = vivavoce.CancelToken()
    seen = []

    class Judge:
        def judge(self, request: JudgeRequest) -> Judgement:
            seen.append(trace.get_current_span())
            stop.cancel()
            return Judgement([Rating(0, it.name, 0.0) for it in request.rubric.competencies])

    with Engine(new_store("sqlite"), evaluator=Judge()) as engine:
        engine.evaluate(plan(engine).id, {0: SECRET}, queued=True)
        spans.take()
        engine.run_worker(stop)
    assert seen == [trace.INVALID_SPAN]
    assert spans.take() == []


def test_deliveries_have_no_span(new_store: Callable[[str], str], spans: Spans) -> None:
    stop = vivavoce.CancelToken()
    seen = []

    def deliver(delivery: vivavoce.Delivery) -> None:
        seen.append(trace.get_current_span())
        stop.cancel()

    with Engine(new_store("sqlite")) as engine:
        engine.subscribe("mail", ["interview_created"])
        plan(engine)
        assert [span.name for span in spans.take()][0] == "vivavoce.subscribe"
        engine.run_deliveries("mail", deliver, stop=stop)
    assert seen == [trace.INVALID_SPAN]
    assert spans.take() == []


def test_a_span_that_is_not_sampled_hands_on_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

    provider = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    seen = []

    class Speaks:
        def speak(self, scene: vivavoce.Scene) -> str:
            seen.append(trace.get_current_span().get_span_context())
            return "Hello."

    with (
        Engine(interviewer=Speaks()) as engine,
        provider.get_tracer("test").start_as_current_span("request") as request,
    ):
        engine.start_session(plan(engine).id)
    assert [it.trace_id for it in seen] == [request.get_span_context().trace_id]
    assert not seen[0].trace_flags.sampled


@pytest.mark.parametrize("provider", [trace.ProxyTracerProvider(), trace.NoOpTracerProvider()])
def test_nothing_is_begun_where_nobody_looks(provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vivavoce import _tracing

    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    assert _tracing.begin("session") is None
    # Microseconds, with a wide margin for a slow machine: a span takes tens of them.
    assert min(timeit.repeat(lambda: _tracing.begin("session"), number=1000, repeat=5)) / 1000 < 10e-6


LATER = """
import sys, vivavoce
engine = vivavoce.Engine("sqlite:" + sys.argv[1])
engine.health()
assert "opentelemetry" not in sys.modules
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
engine.health()
engine.close()
assert [span.name for span in exporter.get_finished_spans()] == ["vivavoce.health"]
"""

WITHOUT = """
import sys, vivavoce
sys.modules["opentelemetry"] = None
with vivavoce.Engine("sqlite:" + sys.argv[1]) as engine:
    engine.health()
"""


@pytest.mark.parametrize("program", [LATER, WITHOUT])
def test_a_provider_may_come_after_the_engine_or_never(program: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", program, str(tmp_path / "a.db")], check=True)


def test_a_task_hands_its_span_on_to_the_calls_thread(new_store: Callable[[str], str], spans: Spans) -> None:
    import asyncio

    async def main() -> None:
        async with vivavoce.AsyncEngine(new_store("sqlite")) as engine:
            with spans.provider.get_tracer("test").start_as_current_span("request"):
                await engine.health()

    asyncio.run(main())
    health, request = spans.take()
    context = request.get_span_context()
    assert (health.name, request.name) == ("vivavoce.health", "request")
    assert health.parent is not None and context is not None and health.parent.span_id == context.span_id
