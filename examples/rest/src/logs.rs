//! One line for each request: which call, what came of it, and the ids by which it is found elsewhere. Never a query, a body or a header's value.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};
use uuid::Uuid;

use crate::app::App;
use crate::config::{Config, Refused};

const REQUEST_ID: &str = "x-request-id";
/// What a client may call its own request.
const MAX_ID: usize = 64;

/// Sends what is left of what is exported when it is dropped.
#[derive(Default)]
pub struct Exporting {
    #[cfg(feature = "otlp")]
    _spans: Option<crate::otlp::Exporting>,
}

/// Writes logs as JSON to the standard error, from `info` on unless RUST_LOG says otherwise, and exports spans where that is wanted.
///
/// # Errors
/// Where spans cannot be exported to where they should.
#[cfg_attr(not(feature = "otlp"), expect(unused_variables, reason = "nothing of it is about logs"))]
pub fn start(config: &Config) -> Result<Exporting, Refused> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr).with_filter(filter);
    let registry = tracing_subscriber::registry().with(lines);
    #[cfg(feature = "otlp")]
    if let Some(endpoint) = &config.otlp_endpoint {
        let (exporting, layer) = crate::otlp::layer(endpoint)?;
        let _ = registry.with(layer).try_init();
        return Ok(Exporting { _spans: Some(exporting) });
    }
    // A second call, in a test, changes nothing.
    let _ = registry.try_init();
    Ok(Exporting::default())
}

/// Answers a request, counts it and writes its line.
pub async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id(request.headers());
    #[cfg_attr(not(feature = "otlp"), expect(unused_mut, reason = "who exports a span says which it is"))]
    let mut trace = Trace::of(request.headers());
    // Patterns and not paths: nobody knows what stands in a path that is none.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = known(request.method());
    #[cfg(feature = "otlp")]
    let span = crate::otlp::request(&mut trace, method, &route);
    #[cfg(not(feature = "otlp"))]
    let span = tracing::Span::none();
    app.metrics.begun();
    let counted = Counted { app: &app, method, route: &route, began, status: None };
    let mut response = next.run(request).instrument(span.clone()).await;
    counted.answered(&response);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    #[cfg(feature = "otlp")]
    crate::otlp::answered(&span, status);
    tracing::info!(
        request_id = %id, trace_id = %trace.id, parent_id = trace.parent.as_deref(), span_id = %trace.span,
        method, route, status, duration_ms = took.as_secs_f64() * 1e3, "request"
    );
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A request that is counted also where its client leaves.
struct Counted<'a> {
    app: &'a App,
    method: &'static str,
    route: &'a str,
    began: Instant,
    status: Option<axum::http::StatusCode>,
}

impl Counted<'_> {
    fn answered(mut self, response: &Response) {
        self.status = Some(response.status());
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        // 499, as nginx calls a client that left.
        let left = || axum::http::StatusCode::from_u16(499).unwrap_or(axum::http::StatusCode::REQUEST_TIMEOUT);
        let status = self.status.unwrap_or_else(left);
        self.app.metrics.answered(self.method, self.route, status, self.began.elapsed());
    }
}

/// A method's name; those that nobody knows are one.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// The client's own id of the request, or a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let is_plain = |id: &&str| {
        let letters = id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        !id.is_empty() && id.len() <= MAX_ID && letters
    };
    given.filter(is_plain).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// Which trace a request belongs to (W3C Trace Context, level 1).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) span: String,
    /// Whether the client keeps its own part of the trace.
    pub(crate) sampled: bool,
}

impl Trace {
    fn of(headers: &HeaderMap) -> Self {
        let span = Uuid::new_v4().simple().to_string()[16..].to_owned();
        let given = headers.get("traceparent").and_then(|given| read(given.to_str().ok()?));
        match given {
            Some((id, parent, sampled)) => Self { id: id.to_owned(), parent: Some(parent.to_owned()), span, sampled },
            None => Self { id: Uuid::new_v4().simple().to_string(), parent: None, span, sampled: true },
        }
    }
}

/// The trace and the span of a `traceparent`, and whether it is sampled; none where it is not one.
fn read(given: &str) -> Option<(&str, &str, bool)> {
    let is_hex = |text: &str, length: usize| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        text.len() == length && digits && text.bytes().any(|byte| byte != b'0')
    };
    let mut parts = given.splitn(4, '-');
    let (version, id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    // Later versions may say more at the end.
    let fits = version != "ff" && version.len() == 2 && (version != "00" || flags.len() == 2);
    let sampled =
        flags.get(..2).and_then(|flags| u8::from_str_radix(flags, 16).ok()).is_some_and(|flags| flags & 1 == 1);
    (fits && is_hex(id, 32) && is_hex(parent, 16)).then_some((id, parent, sampled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_read_as_the_standard_says() {
        let (id, parent) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        for (given, expected) in [
            (format!("00-{id}-{parent}-01"), Some((id, parent, true))),
            (format!("00-{id}-{parent}-00"), Some((id, parent, false))),
            (format!("01-{id}-{parent}-01-more"), Some((id, parent, true))),
            (format!("00-{id}-{parent}-01-more"), None),
            (format!("ff-{id}-{parent}-01"), None),
            (format!("00-{}-{parent}-01", "0".repeat(32)), None),
            (format!("00-{id}-{}-01", "0".repeat(16)), None),
            (format!("00-{}-{parent}-01", id.to_uppercase()), None),
            (format!("00-{id}-{parent}"), None),
            ("é".into(), None),
        ] {
            assert_eq!(read(&given), expected, "{given}");
        }
    }

    #[test]
    fn a_clients_own_id_is_kept_where_it_is_plain() {
        let id = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_static(text));
            request_id(&headers)
        };
        assert_eq!(id("a-1.b_2"), "a-1.b_2");
        for other in ["", "a b", "<script>", "\"", "a;b"] {
            assert_ne!(id(other), other);
        }
    }
}
