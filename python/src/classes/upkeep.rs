//! How an engine is, and what it has done.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::document::document;

document! {
    /// How an engine's store is.
    Health(vivavoce::Health) {
        /// `memory`, `sqlite` or `postgres`.
        store,
        /// The number of the last migration that the store has; 0 in memory.
        schema_version,
    }
    shows(store, schema_version, latency), own(latency in latency_ms);

    /// How long the store took to answer.
    #[getter]
    fn latency(&self) -> Duration {
        self.0.latency
    }
}

document! {
    /// What a tenant has used of its budget for language models, calls under way counted by what they may use at most.
    Spent(vivavoce::Spent) {
        /// Tokens, read and written.
        tokens,
        /// Money, in the currency of the prices.
        money,
        /// Since when (UTC).
        since,
    }
    shows(tokens, money, since);
}

document! {
    /// What was asked of language models.
    ModelMetrics(vivavoce::ModelMetrics) {
        /// Requests, each try counted.
        requests,
        /// Requests that failed.
        failures,
        /// Replies that came from the cache.
        cache_hits,
        /// Tokens read.
        input_tokens,
        /// Tokens written.
        output_tokens,
    }
    shows(requests, failures, cache_hits, input_tokens, output_tokens);
}

document! {
    /// What was counted of one operation.
    OperationMetrics(vivavoce::OperationMetrics) {
        /// The operation's name, for example `send_message`.
        operation,
        /// How often it was called.
        calls,
        /// How often it failed, by kind; kinds that did not occur are left out.
        errors,
        /// How many calls fell into each bucket of `Metrics.BOUNDS`, and, last, above them all.
        buckets,
    }
    shows(operation, calls, total), own(total in total_ms);

    /// How long all calls took together.
    #[getter]
    fn total(&self) -> Duration {
        self.0.total
    }
}

document! {
    /// What has been counted since an engine was opened.
    Metrics(vivavoce::MetricsSnapshot) {
        /// Every operation, also those never called.
        operations,
        /// What was asked of language models; None where the engine has none.
        models,
    }
    shows(operations);

    /// The counters in Prometheus' text format, version 0.0.4; times in seconds.
    fn to_prometheus(&self) -> String {
        self.0.to_prometheus()
    }

    /// The upper bounds of the latency buckets, in seconds.
    #[classattr]
    #[pyo3(name = "BOUNDS")]
    fn bounds(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, vivavoce::MetricsSnapshot::BOUNDS.map(|micros| micros as f64 / 1e6))
    }
}
