//! The one error type of the library and its kinds.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller should do about an [`Error`]; the same set on every surface (C codes, Python exceptions,
/// Go sentinels, HTTP statuses).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller's value is wrong: the message says which field and which limit.
    InvalidInput,
    /// There is no such interview, session or evaluation for this tenant.
    NotFound,
    /// The call is not allowed now: the session is not active, the engine is closed.
    InvalidState,
    /// An idempotency key was used for another request, or a version that the caller named has moved.
    Conflict,
    /// The database failed or cannot be reached; [`Error::is_retryable`] says whether trying again can help.
    Storage,
    /// The language-model service failed after all retries and fallbacks.
    Provider,
    /// A deadline passed.
    Timeout,
    /// A rate limit or a budget was reached; [`Error::retry_after`] says when to come back.
    Limited,
    /// This build or this backend cannot do it.
    Unsupported,
    /// A bug in this library: please report it.
    Internal,
}

impl ErrorKind {
    /// Every kind, in the order of their documentation.
    pub const ALL: [Self; 10] = [
        Self::InvalidInput,
        Self::NotFound,
        Self::InvalidState,
        Self::Conflict,
        Self::Storage,
        Self::Provider,
        Self::Timeout,
        Self::Limited,
        Self::Unsupported,
        Self::Internal,
    ];

    /// The kind's name as it appears in documents and metrics, for example `invalid_input`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::NotFound => "not_found",
            Self::InvalidState => "invalid_state",
            Self::Conflict => "conflict",
            Self::Storage => "storage",
            Self::Provider => "provider",
            Self::Timeout => "timeout",
            Self::Limited => "limited",
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What went wrong, to which id, and what the caller may do about it.
///
/// The text never contains a secret or the candidate's words: it may be logged and shown.
///
/// ```
/// use vivavoce::{Engine, ErrorKind, InterviewId};
///
/// let engine = Engine::open("memory:")?;
/// let missing: InterviewId = "0190b2c4-0000-7000-8000-000000000000".parse()?;
/// let error = engine.interview(missing).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NotFound);
/// assert!(!error.is_retryable());
/// # Ok::<(), vivavoce::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    message: Cow<'static, str>,
    retryable: bool,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // The cause itself and not what shares it, so that it can be told what it is.
        self.source.as_deref().map(|source| source as _)
    }
}

impl Error {
    /// An error of `kind` that trying again does not cure. Interviewers and evaluators of an application use this
    /// to say why they failed; `message` must not contain secrets or the candidate's words.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), retryable: false, retry_after: None, source: None }
    }

    /// Marks the error as one that the same call may not meet again.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// Marks the error as retryable, no sooner than after `delay`.
    #[must_use]
    pub fn retryable_after(mut self, delay: Duration) -> Self {
        self.retryable = true;
        self.retry_after = Some(delay);
        self
    }

    /// Keeps what caused this error. The cause must be as free of secrets and of the candidate's words as the message.
    #[must_use]
    pub fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the same call, made again later, can succeed.
    pub fn is_retryable(&self) -> bool {
        self.retryable
    }

    /// How long to wait before the call is made again, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    pub(crate) fn invalid_input(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    pub(crate) fn invalid_state(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidState, message)
    }

    pub(crate) fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    #[cfg_attr(not(any(feature = "sqlite", feature = "postgres")), allow(dead_code, reason = "memory cannot fail"))]
    pub(crate) fn storage(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Storage, message)
    }

    pub(crate) fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// "`what` `id` not found": the same words wherever an id leads nowhere.
    pub(crate) fn not_found(what: &str, id: impl fmt::Display) -> Self {
        Self::new(ErrorKind::NotFound, format!("{what} {id} not found"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_names_are_distinct() {
        let names: std::collections::HashSet<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(names.len(), ErrorKind::ALL.len());
    }

    #[test]
    fn a_cause_can_be_told_what_it_is() {
        let error = Error::storage("gone").caused_by(std::io::Error::from(std::io::ErrorKind::NotFound));
        let cause = error.clone().source().and_then(|cause| cause.downcast_ref::<std::io::Error>()).map(|it| it.kind());
        assert_eq!(cause, Some(std::io::ErrorKind::NotFound));
        assert!(Error::storage("gone").source().is_none());
    }

    #[test]
    fn a_delay_makes_an_error_retryable() {
        let error = Error::storage("busy").retryable_after(Duration::from_secs(2));
        assert!(error.is_retryable());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
        assert_eq!(error.to_string(), "busy");
    }
}
