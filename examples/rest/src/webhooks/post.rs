//! Posting a message: no redirects, no proxy from the environment, bounded time and size, and no address but the internet's.

use std::net::SocketAddr;
use std::time::Duration;

use chrono::Utc;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::http::header::RETRY_AFTER;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use vivavoce::{Delivery, Error, ErrorKind, Result, is_public_address};

use super::file::Webhook;
use super::message::Message;

/// How long a receiver may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The receiver wants no more of this.
const GONE: u16 = 410;

/// Posts to one webhook.
pub(super) struct Sender<'a> {
    webhook: &'a Webhook,
    agent: Agent,
}

impl<'a> Sender<'a> {
    pub(super) fn new(webhook: &'a Webhook) -> Self {
        let tls = TlsConfig::builder().provider(TlsProvider::Rustls).root_certs(RootCerts::WebPki).build();
        let config = Config::builder()
            .tls_config(tls)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .https_only(!webhook.allow_private)
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("vivavoce-rest/", env!("CARGO_PKG_VERSION")))
            .max_response_header_size(16 * 1024)
            // What a receiver answers is not read, and each connection is looked at anew.
            .max_idle_connections(0)
            .build();
        let guard = Guard { allow_private: webhook.allow_private, resolver: DefaultResolver::default() };
        Self { webhook, agent: Agent::with_parts(config, DefaultConnector::default(), guard) }
    }

    /// Tells of one event. What fails may pass, unless the receiver says that it is gone.
    pub(super) fn send(&self, delivery: &Delivery) -> Result<()> {
        let message = Message::new(&delivery.event, &self.webhook.secrets, Utc::now());
        // A subscription of the same name that another program made.
        let message =
            message.ok_or_else(|| Error::new(ErrorKind::Unsupported, "the event is none that webhooks are told of"))?;
        let reply = self
            .agent
            .post(&self.webhook.url)
            .content_type("application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", &message.timestamp)
            .header("webhook-signature", &message.signature)
            .send(&message.body)
            .map_err(|error| failed(words(&error)).retryable())?;
        let status = reply.status();
        if status.is_success() {
            return Ok(());
        }
        let error = failed(format!("the receiver answered {}", status.as_u16()));
        let after = reply.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        Err(match after {
            _ if status.as_u16() == GONE => error,
            Some(seconds) => error.retryable_after(Duration::from_secs(seconds)),
            None => error.retryable(),
        })
    }
}

fn failed(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Provider, why.into())
}

/// What went wrong, without anything that the receiver sent.
fn words(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "the receiver took too long",
        ureq::Error::HostNotFound => "the receiver's name leads nowhere",
        ureq::Error::ConnectionFailed => "the receiver cannot be reached",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "the receiver's certificate or its TLS is not accepted",
        ureq::Error::Other(other) if other.is::<Private>() => {
            "the receiver's name leads to no public address, and allow_private is not set"
        }
        _ => "the connection broke off, or what came was no HTTP",
    }
}

/// Resolves names, and keeps what is not allowed from being connected to. It looks at the addresses themselves, at every connection, so that no name leads around it.
#[derive(Debug)]
struct Guard {
    allow_private: bool,
    resolver: DefaultResolver,
}

/// There is no address that may be connected to.
#[derive(Debug)]
struct Private;

impl std::fmt::Display for Private {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the address is not public")
    }
}

impl std::error::Error for Private {}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.resolver.resolve(uri, config, timeout)?;
        let mut allowed = self.empty();
        let is_allowed = |address: &&SocketAddr| self.allow_private || is_public_address(address.ip());
        found.iter().filter(is_allowed).for_each(|address| allowed.push(*address));
        match allowed.is_empty() {
            true => Err(ureq::Error::Other(Box::new(Private))),
            false => Ok(allowed),
        }
    }
}
