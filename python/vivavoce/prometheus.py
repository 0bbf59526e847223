"""The engine's counters for `prometheus_client`. Needs `pip install vivavoce[prometheus]`.

Example:
    >>> import prometheus_client, vivavoce.prometheus
    >>> registry = prometheus_client.CollectorRegistry()
    >>> with vivavoce.Engine() as engine:
    ...     registry.register(vivavoce.prometheus.Collector(engine))
    ...     _ = engine.health()
    ...     registry.get_sample_value("vivavoce_calls_total", {"operation": "health"})
    1
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

try:
    from prometheus_client import parser, registry
except ImportError as error:
    raise ImportError("vivavoce.prometheus needs prometheus_client: pip install vivavoce[prometheus]") from error

from vivavoce._native import Metrics, metrics

if TYPE_CHECKING:
    from prometheus_client import Metric

__all__ = ["Collector"]


class _Counting(Protocol):
    """An `Engine` or an `AsyncEngine`."""

    def metrics(self) -> Metrics: ...


class Collector(registry.Collector):
    """Gives a registry what was counted: the metrics of `Metrics.to_prometheus`, under the same names. Times are in seconds.

    It has to be registered once: `prometheus_client.REGISTRY.register(Collector())`. Every process counts its own calls: where a server has several, each is a target of its
    own, for the package's multiprocess mode knows nothing of custom collectors.

    Args:
        engine: An `Engine` or `AsyncEngine`, whose metrics are those of all its tenants; all engines of this process where None, those that are gone included.
    """

    def __init__(self, engine: _Counting | None = None) -> None:
        self._metrics = metrics if engine is None else engine.metrics

    def collect(self) -> Iterator[Metric]:
        """What was counted up to now.

        Raises:
            InvalidStateError: The engine is an `AsyncEngine` that is not open yet, or was opened before this process was forked.
        """
        # Read from the text, so that names, labels and numbers are the same by whichever way they are asked for.
        yield from parser.text_string_to_metric_families(self._metrics().to_prometheus())
