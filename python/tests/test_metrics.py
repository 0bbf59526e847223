"""What was counted, and how Prometheus is told."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

import vivavoce
from vivavoce import Engine

import prometheus_client
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from vivavoce.prometheus import Collector


def used(engine: Engine) -> Engine:
    """An engine that has done a little, and failed at some of it."""
    interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who?"])
    session = engine.start_session(interview.id)
    engine.send_message(session.id, "A mathematician.")
    with pytest.raises(vivavoce.NotFoundError):
        engine.session(uuid.UUID(int=1))
    with pytest.raises(vivavoce.InvalidInputError):
        engine.send_message(session.id, " ")
    return engine


def samples(families: Iterable[Any]) -> list[tuple[str, str, str, list[tuple[str, dict[str, str], float]]]]:
    return [
        (
            family.name,
            family.type,
            family.documentation,
            [(it.name, it.labels, float(it.value)) for it in family.samples],
        )
        for family in families
    ]


def exposed(registry: Any) -> str:
    return prometheus_client.generate_latest(registry).decode()  # type: ignore[no-any-return]


def registered(engine: Any = None) -> Any:
    registry = prometheus_client.CollectorRegistry(auto_describe=True)
    registry.register(Collector(engine))
    return registry


def operations(metrics: vivavoce.Metrics) -> dict[str, vivavoce.OperationMetrics]:
    return {operation.operation: operation for operation in metrics.operations}


def test_calls_are_counted_with_their_errors_and_their_time() -> None:
    with Engine() as engine:
        found = operations(used(engine).metrics())
    assert (found["create_interview"].calls, found["send_message"].calls, found["health"].calls) == (1, 2, 0)
    assert found["send_message"].errors == {"invalid_input": 1}
    assert found["read_session"].errors == {"not_found": 1}
    for operation in found.values():
        assert sum(operation.buckets) == operation.calls
        assert len(operation.buckets) == len(vivavoce.Metrics.BOUNDS) + 1
        assert (operation.total > timedelta()) <= (operation.calls > 0)


def test_a_process_counts_the_engines_that_are_gone_too() -> None:
    before = operations(vivavoce.metrics()).get("create_interview")
    with Engine() as one, Engine() as other:
        used(one)
        used(other)
    del one, other
    after = operations(vivavoce.metrics())["create_interview"]
    assert after.calls - (0 if before is None else before.calls) == 2


def test_a_registry_exposes_what_the_engine_says(new_store: Callable[[str], str]) -> None:
    with Engine(new_store("sqlite")) as engine:
        registry = registered(used(engine))
        text = engine.metrics().to_prometheus()
        ours, theirs = exposed(registry), samples(text_string_to_metric_families(text))
    assert samples(text_string_to_metric_families(ours)) == theirs
    assert [(name, kind) for name, kind, _, _ in theirs] == [
        ("vivavoce_calls", "counter"),
        ("vivavoce_errors", "counter"),
        ("vivavoce_call_seconds", "histogram"),
    ]
    assert sum(len(found) for _, _, _, found in theirs) > 400
    assert (
        registry.get_sample_value("vivavoce_errors_total", {"operation": "send_message", "kind": "invalid_input"}) == 1
    )


def test_a_registry_exposes_what_the_process_counts() -> None:
    with Engine() as engine:
        used(engine)
        registry = registered()
        theirs = samples(text_string_to_metric_families(vivavoce.metrics().to_prometheus()))
        assert samples(text_string_to_metric_families(exposed(registry))) == theirs
        count = registry.get_sample_value("vivavoce_calls_total", {"operation": "create_interview"})
        used(engine)
        assert registry.get_sample_value("vivavoce_calls_total", {"operation": "create_interview"}) == count + 1


def test_models_are_counted_where_an_engine_has_some() -> None:
    models = vivavoce.Models([vivavoce.Provider("ollama", base_url="http://127.0.0.1:9")])
    with Engine(models=models) as engine:
        text = engine.metrics().to_prometheus()
        assert "vivavoce_model_requests_total 0" in text
        ours = samples(text_string_to_metric_families(exposed(registered(engine))))
    assert ours == samples(text_string_to_metric_families(text))


def test_what_is_exposed_is_open_metrics_as_well() -> None:
    from prometheus_client.openmetrics.exposition import generate_latest

    with Engine() as engine:
        text = generate_latest(registered(used(engine))).decode()  # type: ignore[no-untyped-call]
        found = samples(openmetrics.text_string_to_metric_families(text))  # type: ignore[no-untyped-call]
    assert [name for name, _, _, _ in found] == ["vivavoce_calls", "vivavoce_errors", "vivavoce_call_seconds"]


def test_the_same_engine_is_registered_once() -> None:
    with Engine() as engine:
        registry = registered(engine)
        with pytest.raises(ValueError, match="[Dd]uplicated"):
            registry.register(Collector(engine))
        collector = Collector()
        other = prometheus_client.CollectorRegistry()
        other.register(collector)
        other.unregister(collector)
        other.register(collector)


def test_a_closed_engine_still_says_what_it_counted() -> None:
    with Engine() as engine:
        registry = registered(used(engine))
    assert registry.get_sample_value("vivavoce_calls_total", {"operation": "create_interview"}) == 1


WITHOUT = """
import sys, vivavoce
assert "prometheus_client" not in sys.modules
sys.modules["prometheus_client"] = None
try:
    import vivavoce.prometheus
except ImportError as error:
    assert "pip install vivavoce[prometheus]" in str(error)
else:
    raise AssertionError
"""


def test_without_the_package_it_says_what_to_install() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", WITHOUT], check=True)
