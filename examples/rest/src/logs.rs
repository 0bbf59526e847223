//! One line for each request: which call, what came of it, and the ids by which it is found elsewhere. Never a query, a body or a header's value.

use std::net::IpAddr;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use tracing::Span;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};
use uuid::Uuid;

use crate::access::{Caller, Peer, address};
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

/// A request that is being answered. It is counted also where its client leaves.
pub(crate) struct Observed {
    app: App,
    began: Instant,
    id: String,
    trace: Trace,
    method: &'static str,
    route: Option<MatchedPath>,
    span: Span,
    peer: Option<IpAddr>,
    status: Option<StatusCode>,
}

impl Observed {
    /// Begins to count a request.
    pub(crate) fn begin(app: &App, request: &Request) -> Self {
        let began = Instant::now();
        let headers = request.headers();
        // One number, from which all three names are: the system is asked for randomness once.
        let own = Uuid::now_v7();
        #[cfg_attr(not(feature = "otlp"), expect(unused_mut, reason = "who exports a span says which it is"))]
        let mut trace = Trace::of(headers, own);
        // Patterns and not paths: nobody knows what stands in a path that is none.
        let route = request.extensions().get::<MatchedPath>().cloned();
        let method = known(request.method());
        #[cfg(feature = "otlp")]
        let span = crate::otlp::request(&mut trace, method, pattern(route.as_ref()));
        #[cfg(not(feature = "otlp"))]
        let span = Span::none();
        let peer = request.extensions().get::<Peer>();
        let peer = peer.map(|Peer(peer)| address(peer.ip(), headers, &app.config.trusted_proxy));
        app.metrics.begun();
        Self { app: app.clone(), began, id: request_id(headers, own), trace, method, route, span, peer, status: None }
    }

    /// The span of what is done for it.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Writes its line, and tells the client by what it is found.
    pub(crate) fn answered(mut self, response: &mut Response) {
        self.status = Some(response.status());
        let (status, took) = (response.status().as_u16(), self.began.elapsed());
        #[cfg(feature = "otlp")]
        crate::otlp::answered(&self.span, status);
        let caller = response.extensions().get::<Caller>();
        let tenant = caller.map(|caller| &*caller.tenant);
        let caller = caller.map(|caller| if caller.name.is_empty() { caller.role.as_str() } else { &*caller.name });
        // Where somebody is turned away, whoever looks after the service wants to know from where.
        let address = self.peer.filter(|_| [401, 403, 429].contains(&status)).map(|address| address.to_string());
        tracing::info!(
            request_id = self.id,
            trace_id = self.trace.id,
            parent_id = self.trace.parent.as_deref(),
            span_id = self.trace.span,
            method = self.method,
            route = pattern(self.route.as_ref()),
            status,
            tenant,
            caller,
            address,
            duration_ms = (took.as_secs_f64() * 1e6).round() / 1e3,
            "request"
        );
        if let Ok(id) = HeaderValue::try_from(&self.id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        // 499, as nginx calls a client that left.
        let left = || StatusCode::from_u16(499).unwrap_or(StatusCode::REQUEST_TIMEOUT);
        let status = self.status.unwrap_or_else(left);
        self.app.metrics.answered(self.method, pattern(self.route.as_ref()), status, self.began.elapsed());
    }
}

/// A route as it is written.
fn pattern(route: Option<&MatchedPath>) -> &str {
    route.map_or("none", MatchedPath::as_str)
}

/// A method's name; those that nobody knows are one.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// The client's own id of the request, or ours.
fn request_id(headers: &HeaderMap, own: Uuid) -> String {
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let is_plain = |id: &&str| {
        let letters = id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        !id.is_empty() && id.len() <= MAX_ID && letters
    };
    given.filter(is_plain).map_or_else(|| own.to_string(), str::to_owned)
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
    /// What the client says, or a trace that begins here.
    fn of(headers: &HeaderMap, own: Uuid) -> Self {
        let digits = own.simple().to_string();
        let span = digits[16..].to_owned();
        let given = headers.get("traceparent").and_then(|given| read(given.to_str().ok()?));
        match given {
            Some((id, parent, sampled)) => Self { id: id.to_owned(), parent: Some(parent.to_owned()), span, sampled },
            None => Self { id: digits, parent: None, span, sampled: true },
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
            request_id(&headers, Uuid::nil())
        };
        assert_eq!(id("a-1.b_2"), "a-1.b_2");
        for other in ["", "a b", "<script>", "\"", "a;b"] {
            assert_ne!(id(other), other);
        }
    }
}
