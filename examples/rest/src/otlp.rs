//! What happened to requests, as spans for OpenTelemetry (OTLP over HTTP, in JSON): feature `otlp`, flag `--otlp-endpoint`.
//!
//! A request is a span of kind `server`, in the trace of its client's `traceparent`; within it are those of the engine. They have names, patterns of routes, kinds and times,
//! and no content, as the logs do.

use std::time::Duration;

use bytes::Bytes;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, dynamic_filter_fn};
use tracing_subscriber::registry::LookupSpan;

use crate::config::Refused;
use crate::logs::Trace;

const TARGET: &str = "vivavoce_rest::request";
/// How long a collector may take for a batch.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The most bytes of a collector's answer.
const MOST: u64 = 64 * 1024;

/// Sends what is left when it is dropped.
pub struct Exporting(SdkTracerProvider);

impl Drop for Exporting {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans were not exported");
        }
    }
}

/// The layer that hands spans to a collector, in batches, from a thread of its own.
///
/// # Errors
/// Where the endpoint is no URL.
pub fn layer<S>(endpoint: &str) -> Result<(Exporting, impl Layer<S> + use<S>), Refused>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Client::new())
        .with_protocol(Protocol::HttpJson)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .with_timeout(TIMEOUT)
        .build()
        .map_err(|error| Refused::wrong(format!("--otlp-endpoint: {error}")))?;
    let resource = Resource::builder_empty()
        .with_attribute(KeyValue::new("service.name", "vivavoce-rest"))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("vivavoce-rest"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false);
    // What the engine does belongs to a request, or is a worker's look for something to do, of which nobody wants to read.
    let wanted = dynamic_filter_fn(|about, context| match about.target() {
        TARGET => true,
        "vivavoce" | "vivavoce::engine" => context.lookup_current().is_some(),
        _ => false,
    })
    .with_max_level_hint(LevelFilter::DEBUG);
    Ok((Exporting(provider), layer.with_filter(wanted)))
}

/// The span of a request, whose ids the trace has afterwards.
pub(crate) fn request(trace: &mut Trace, method: &'static str, route: &str) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
    );
    if let Some(parent) = &trace.parent
        && let (Ok(id), Ok(parent)) = (TraceId::from_hex(&trace.id), SpanId::from_hex(parent))
    {
        let flags = if trace.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
        let parent = SpanContext::new(id, parent, flags, true, TraceState::default());
        // Fails where nothing is exported.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
    let context = span.context();
    let own = context.span().span_context().clone();
    if own.is_valid() {
        trace.id = own.trace_id().to_string();
        trace.span = own.span_id().to_string();
    }
    span
}

/// What came of a request.
pub(crate) fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// Sends batches with the client that the rest of the service has.
#[derive(Debug)]
struct Client(ureq::Agent);

impl Client {
    fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(TIMEOUT));
        Self(config.build().into())
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    // On the exporter's own thread, which may wait.
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let reply = self.0.run(Request::from_parts(parts, body.to_vec()))?;
        let (parts, mut body) = reply.into_parts();
        let bytes = body.with_config().limit(MOST).read_to_vec()?;
        Ok(Response::from_parts(parts, bytes.into()))
    }
}
