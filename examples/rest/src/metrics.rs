//! What is counted, in Prometheus' text format.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder};

use crate::app::App;
use crate::error::Failure;

/// Upper bounds of the buckets of durations, in seconds.
const BOUNDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0, 120.0];

/// The counters of the service.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    in_flight: IntGauge,
    calls: IntGaugeVec,
    live: IntGaugeVec,
    backlog: IntGaugeVec,
    webhooks: IntCounterVec,
}

impl Metrics {
    /// Counters that are at nothing.
    ///
    /// # Errors
    /// Where a name is wrong, which it is not.
    pub fn new() -> prometheus::Result<Self> {
        let of = |name: &str, about: &str| Opts::new(format!("vivavoce_http_{name}"), about);
        let seconds = HistogramOpts::from(of("request_seconds", "How long requests took.")).buckets(BOUNDS.into());
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(of("requests_total", "Requests answered."), &["method", "route", "status"])?,
            seconds: HistogramVec::new(seconds, &["method", "route"])?,
            in_flight: IntGauge::with_opts(of("requests_in_flight", "Requests being answered."))?,
            calls: IntGaugeVec::new(
                of("calls", "Calls of the engine, by the threads that do them."),
                &["lane", "state"],
            )?,
            live: IntGaugeVec::new(of("live", "Live connections, and the sessions that they follow."), &["of"])?,
            backlog: IntGaugeVec::new(of("backlog", "What waits to be done, in the whole store."), &["of"])?,
            webhooks: IntCounterVec::new(
                of("webhooks_total", "Attempts to tell of an event."),
                &["webhook", "outcome"],
            )?,
        };
        metrics.registry.register(Box::new(metrics.requests.clone()))?;
        metrics.registry.register(Box::new(metrics.seconds.clone()))?;
        metrics.registry.register(Box::new(metrics.in_flight.clone()))?;
        metrics.registry.register(Box::new(metrics.calls.clone()))?;
        metrics.registry.register(Box::new(metrics.live.clone()))?;
        metrics.registry.register(Box::new(metrics.backlog.clone()))?;
        metrics.registry.register(Box::new(metrics.webhooks.clone()))?;
        Ok(metrics)
    }

    /// Attempts to tell of an event, by webhook and outcome.
    pub fn webhooks(&self) -> &IntCounterVec {
        &self.webhooks
    }

    /// A request begins.
    pub fn begun(&self) {
        self.in_flight.inc();
    }

    /// A request was answered. `route` is a pattern, of which there are few.
    pub fn answered(&self, method: &str, route: &str, status: StatusCode, took: Duration) {
        self.in_flight.dec();
        self.requests.with_label_values(&[method, route, status.as_str()]).inc();
        self.seconds.with_label_values(&[method, route]).observe(took.as_secs_f64());
    }
}

/// What was counted: requests, calls of the engine and their threads, language models, live connections.
#[utoipa::path(get, path = "/metrics", tag = "operations",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn metrics(State(app): State<App>) -> Result<Response, Failure> {
    let metrics = &app.metrics;
    for (lane, (waiting, working)) in app.load() {
        for (state, number) in [("waiting", waiting), ("working", working)] {
            metrics.calls.with_label_values(&[lane, state]).set(number.try_into().unwrap_or(i64::MAX));
        }
    }
    let (connections, sessions) = app.live.load();
    for (of, number) in [("connections", connections), ("sessions", sessions)] {
        metrics.live.with_label_values(&[of]).set(number.try_into().unwrap_or(i64::MAX));
    }
    // A store that does not answer says nothing of what waits, and the rest is all the more wanted.
    metrics.backlog.reset();
    if let Ok(backlog) = app.asked_by_anybody(&app.backlog, vivavoce::Engine::backlog).await {
        for (of, number) in [("evaluations", backlog.evaluations), ("deliveries", backlog.deliveries)] {
            metrics.backlog.with_label_values(&[of]).set(number.try_into().unwrap_or(i64::MAX));
        }
    }
    let mut text = app.engine.metrics().to_prometheus();
    let encoded = TextEncoder::new().encode_utf8(&metrics.registry.gather(), &mut text);
    encoded.map_err(|_| Failure::internal())?;
    let media = HeaderValue::from_static(prometheus::TEXT_FORMAT);
    Ok(([(header::CONTENT_TYPE, media)], text).into_response())
}
