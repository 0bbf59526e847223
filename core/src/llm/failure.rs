//! Why an attempt to ask a model failed, and whether another one can succeed.

use std::fmt;
use std::time::Duration;

use super::prompt::Parameter;

/// What kept one attempt from succeeding. It names no text of the server's: that may repeat a key or what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    /// The HTTP status, where there was one.
    pub(crate) status: Option<u16>,
    pub(crate) retry: Retry,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// No connection: the name, the address, the port or TLS.
    Connect,
    /// The connection ended, or broke the protocol, before the reply was whole.
    Broken,
    /// The address is not one that may be connected to.
    Address,
    /// Nothing came for too long.
    Timeout,
    /// The reply is larger than we read.
    TooLarge,
    /// The body is not what the provider's protocol says: not JSON, not UTF-8, a field missing, a content type of something else.
    Unreadable,
    /// A redirect, which is not followed.
    Redirect,
    /// Too many requests or tokens for now.
    RateLimited,
    /// The account's quota or credit is used up.
    QuotaExhausted,
    /// The service has no capacity now.
    Overloaded,
    /// The service failed.
    ServerError,
    /// The key is wrong or lacks a right.
    Unauthorized,
    /// There is no such model (or path).
    UnknownModel,
    /// The request is more than the model reads.
    TooLong,
    /// The service says that the request is wrong.
    BadRequest,
    /// The model refuses this parameter.
    Parameter(Parameter),
    /// The reply was cut at the most tokens that it may have.
    Truncated,
    /// The model refused to reply.
    Refused,
    /// A content filter of the service withheld the reply, or refused the request.
    Filtered,
}

/// Whether another attempt can succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// The same request will not succeed.
    Never,
    /// It may succeed later; no sooner than after this long, where the server says so.
    After(Option<Duration>),
}

impl Cause {
    /// Whether another attempt at the same request may not meet it.
    pub(super) fn passes(self) -> bool {
        match self {
            Self::Connect
            | Self::Broken
            | Self::Timeout
            | Self::Unreadable
            | Self::RateLimited
            | Self::Overloaded
            | Self::ServerError => true,
            Self::Address
            | Self::TooLarge
            | Self::Redirect
            | Self::QuotaExhausted
            | Self::Unauthorized
            | Self::UnknownModel
            | Self::TooLong
            | Self::BadRequest
            | Self::Parameter(_)
            | Self::Truncated
            | Self::Refused
            | Self::Filtered => false,
        }
    }
}

impl Failure {
    /// A failure that has no status of its own; whether another attempt may succeed follows from the cause.
    pub(super) fn of(cause: Cause) -> Self {
        if cause.passes() { Self::passing(cause) } else { Self::permanent(cause) }
    }

    /// A failure that another attempt does not cure.
    pub(crate) fn permanent(cause: Cause) -> Self {
        Self { cause, status: None, retry: Retry::Never }
    }

    /// A failure that another attempt may not meet.
    pub(crate) fn passing(cause: Cause) -> Self {
        Self { cause, status: None, retry: Retry::After(None) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.cause {
            Cause::Connect => "no connection",
            Cause::Address => {
                "the address is not allowed: https, or loopback, or what Provider::allow_plain_http allows; a URL that came with a call must be public"
            }
            Cause::Broken => "the connection broke before the reply was whole",
            Cause::Timeout => "no reply in time",
            Cause::TooLarge => "the reply is larger than is read",
            Cause::Unreadable => "the reply is not of the provider's protocol",
            Cause::Redirect => "the server redirects, which is not followed",
            Cause::RateLimited => "too many requests for now",
            Cause::QuotaExhausted => "the account's quota is used up",
            Cause::Overloaded => "the service is overloaded",
            Cause::ServerError => "the service failed",
            Cause::Unauthorized => "the key is wrong or lacks a right",
            Cause::UnknownModel => "there is no such model, or nothing at this address",
            Cause::TooLong => "the request is longer than the model reads",
            Cause::BadRequest => "the service says that the request is wrong",
            Cause::Parameter(Parameter::Temperature) => "the model refuses a temperature",
            Cause::Parameter(Parameter::Seed) => "the model refuses a seed",
            Cause::Truncated => "the reply was cut at the most tokens that it may have",
            Cause::Refused => "the model refused to reply",
            Cause::Filtered => "a content filter of the service withheld the reply",
        })?;
        match self.status {
            Some(status) => write!(f, " (HTTP {status})"),
            None => Ok(()),
        }
    }
}
