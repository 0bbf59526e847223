"""Spans for OpenTelemetry: one for each call of an engine that leaves memory, with its name and how it ended. No content is in them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TypeAlias

from vivavoce._native import __version__

# Ends a span, with the kind of the error where there was one.
Ending: TypeAlias = Callable[["str | None"], None]

# These run as long as their process: a span of theirs would end with it, and be the parent of all that happens until then.
_ENDLESS = frozenset({"run_worker", "run_deliveries"})


def begin(name: str) -> Ending | None:
    """Begins the span of a call, and makes it the current one of this thread; None where nobody would see it."""
    # Whoever sets a provider has imported this. Nobody else pays for its import.
    if sys.modules.get("opentelemetry.trace") is None or name in _ENDLESS:
        return None
    return _opentelemetry()(name)


@cache
def _opentelemetry() -> Callable[[str], Ending | None]:
    from opentelemetry import context, trace

    # What there is before a provider is set, and what is set so that nobody sees spans.
    nobody = (trace.ProxyTracerProvider, trace.NoOpTracerProvider)

    # A provider may be set after the engine was opened, and looks a tracer up anew each time it is asked.
    @lru_cache(maxsize=1)
    def tracer(provider: trace.TracerProvider) -> trace.Tracer:
        return provider.get_tracer("vivavoce", __version__)

    def begin(name: str) -> Ending | None:
        provider = trace.get_tracer_provider()
        if isinstance(provider, nobody):
            return None
        span = tracer(provider).start_span(f"vivavoce.{name}")
        token = context.attach(trace.set_span_in_context(span))

        def end(kind: str | None) -> None:
            # First of all: whatever an exporter raises, the caller's span is the current one again.
            context.detach(token)
            if kind is not None:
                span.set_attribute("error.type", kind)
                span.set_status(trace.Status(trace.StatusCode.ERROR))
            span.end()

        return end

    return begin
