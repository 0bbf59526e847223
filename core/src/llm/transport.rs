//! HTTP: one agent for each rule of where it may go. No redirects, no proxy from the environment, bounded time and size.

use std::io::Read as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body};

use super::address::is_public_address;
use super::failure::{Cause, Failure};
use super::provider::{Head, HeaderValue, HttpRequest};

/// The largest response that is read, after decompression: far above any reply that a prompt of ours allows.
const LARGEST_BODY: usize = 8 * 1024 * 1024;
/// The largest head of a response.
const LARGEST_HEAD: usize = 64 * 1024;
/// How much is read at a time.
const CHUNK: usize = 16 * 1024;

/// Where a request may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    /// A URL of the application's configuration: anywhere by https, and to loopback addresses by http.
    Configured,
    /// A URL of the application's configuration that is explicitly allowed to be http.
    ConfiguredPlain,
    /// A URL that came with a request: by https, and to public addresses only.
    Requested,
}

/// How long the parts of a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeLimits {
    pub(super) connect: Duration,
    /// Until the first byte, and between two.
    pub(super) read: Duration,
}

/// Sends requests. Connections are kept and used again, those of each reach apart.
pub(super) struct Transport {
    configured: Agent,
    configured_plain: Agent,
    requested: Agent,
}

impl Transport {
    pub(super) fn new() -> Self {
        Self {
            configured: agent(Reach::Configured),
            configured_plain: agent(Reach::ConfiguredPlain),
            requested: agent(Reach::Requested),
        }
    }

    /// Sends a request and gives its response's head and, piece by piece, its body to `take`, which may end the reading.
    pub(super) fn send(
        &self,
        request: &HttpRequest,
        reach: Reach,
        limits: TimeLimits,
        deadline: Option<Instant>,
        received_at: &dyn Fn() -> i64,
        mut take: impl FnMut(&Head, &[u8]) -> Result<(), Failure>,
    ) -> Result<Head, Failure> {
        let agent = match reach {
            Reach::Configured => &self.configured,
            Reach::ConfiguredPlain => &self.configured_plain,
            Reach::Requested => &self.requested,
        };
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(Failure::of(Cause::Timeout));
        }
        let mut call = agent
            .post(&request.url)
            .config()
            .timeout_global(left)
            .timeout_connect(Some(limits.connect))
            .timeout_per_read(Some(limits.read))
            .timeout_per_write(Some(limits.read))
            .build();
        for (name, value) in &request.headers {
            call = match value {
                HeaderValue::Plain(text) => call.header(*name, *text),
                HeaderValue::Key(key) => call.header(*name, key.reveal()),
                HeaderValue::Bearer(key) => call.header(*name, format!("Bearer {}", key.reveal())),
            };
        }
        let response = call.send(&request.body.0[..]).map_err(|error| failure(&error))?;
        let (parts, mut body) = response.into_parts();
        let headers = parts.headers.iter();
        let head = Head {
            status: parts.status.as_u16(),
            headers: headers
                .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
                .collect(),
            received_at: received_at(),
        };
        read(&head, &mut body, &mut take)?;
        Ok(head)
    }
}

fn read(
    head: &Head,
    body: &mut Body,
    take: &mut impl FnMut(&Head, &[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // Our own count, because it is what was unpacked that must be bounded.
    let mut reader = body.as_reader();
    let mut chunk = vec![0; CHUNK];
    let mut taken = 0;
    loop {
        let count = match reader.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken(&error)),
        };
        taken += count;
        if taken > LARGEST_BODY {
            return Err(Failure { status: Some(head.status), ..Failure::of(Cause::TooLarge) });
        }
        take(head, &chunk[..count])?;
    }
}

fn agent(reach: Reach) -> Agent {
    let tls = TlsConfig::builder().provider(TlsProvider::Rustls).root_certs(RootCerts::WebPki).build();
    let config = Config::builder()
        .tls_config(tls)
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .https_only(reach == Reach::Requested)
        .user_agent(concat!("vivavoce/", env!("CARGO_PKG_VERSION")))
        .accept("application/json")
        .max_response_header_size(LARGEST_HEAD)
        .max_idle_connections_per_host(16)
        .max_idle_connections(64)
        .build();
    Agent::with_parts(config, DefaultConnector::default(), Guard { reach, resolver: DefaultResolver::default() })
}

/// What went wrong before or while the head was read.
fn failure(error: &ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::of(Cause::Timeout),
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => Failure::of(Cause::Connect),
        // A certificate does not become right by trying again.
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Failure::permanent(Cause::Connect),
        ureq::Error::Io(error) => broken(error),
        ureq::Error::Protocol(_) => Failure::of(Cause::Broken),
        ureq::Error::LargeResponseHeader(..) => Failure::of(Cause::TooLarge),
        ureq::Error::RequireHttpsOnly(_) => Failure::of(Cause::Address),
        ureq::Error::Other(other) if other.is::<Refused>() => Failure::of(Cause::Address),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => Failure::of(Cause::BadRequest),
        _ => Failure::of(Cause::Broken),
    }
}

/// What went wrong with the connection.
fn broken(error: &std::io::Error) -> Failure {
    use std::io::ErrorKind;
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
        return failure(inner);
    }
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Failure::of(Cause::Timeout),
        ErrorKind::ConnectionRefused
        | ErrorKind::AddrNotAvailable
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable => Failure::of(Cause::Connect),
        // What rustls says of a certificate arrives as such.
        ErrorKind::InvalidData if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
            Failure::permanent(Cause::Connect)
        }
        _ => Failure::of(Cause::Broken),
    }
}

/// Resolves names, and keeps what is not allowed from being connected to. It looks at the addresses themselves, so that no name leads around it.
#[derive(Debug)]
struct Guard {
    reach: Reach,
    resolver: DefaultResolver,
}

/// There is no address that may be connected to.
#[derive(Debug)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the address is not allowed")
    }
}

impl std::error::Error for Refused {}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.resolver.resolve(uri, config, timeout)?;
        let mut allowed = self.empty();
        let is_plain = uri.scheme_str() != Some("https");
        let is_allowed = |address: &&SocketAddr| match self.reach {
            Reach::Configured => !is_plain || address.ip().to_canonical().is_loopback(),
            Reach::ConfiguredPlain => true,
            Reach::Requested => !is_plain && is_public_address(address.ip()),
        };
        for address in found.iter().filter(is_allowed) {
            allowed.push(*address);
        }
        match allowed.is_empty() {
            true => Err(ureq::Error::Other(Box::new(Refused))),
            false => Ok(allowed),
        }
    }
}
