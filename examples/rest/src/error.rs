//! Failures as a client sees them: a status and `{"error": text, "details"?: text}`.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use vivavoce::ErrorKind;

use crate::pool::NotDone;

/// How soon to come back when nobody knows better.
const SOON: Duration = Duration::from_secs(1);

/// What went wrong. It never has a secret, another service's words or the candidate's text in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// What went wrong: the same words for the same thing.
    #[schema(example = "Interview not found")]
    error: Cow<'static, str>,
    /// More about it, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    details: Option<String>,
}

/// A request that failed.
#[derive(Debug)]
pub struct Failure(Box<Parts>);

/// It is boxed, since results carry it through every call.
#[derive(Debug)]
struct Parts {
    status: StatusCode,
    body: ErrorBody,
    retry_after: Option<Duration>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Failure {
    /// A failure of this status and text.
    pub fn new(status: StatusCode, error: impl Into<Cow<'static, str>>) -> Self {
        let body = ErrorBody { error: error.into(), details: None };
        Self(Box::new(Parts { status, body, retry_after: None, header: None }))
    }

    /// The caller's request is wrong.
    pub fn bad_request(error: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// Something is wrong here, about which a client can do nothing.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal error")
    }

    /// The body is not JSON, or a field is of the wrong type.
    pub fn invalid_json(how: impl Into<String>) -> Self {
        Self::bad_request("Invalid JSON").details(how.into())
    }

    /// There is no such path.
    pub fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found")
    }

    /// The caller's role does not go so far.
    pub fn not_this_role() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Not allowed for this role")
    }

    /// Too much is asked at once.
    pub fn busy(error: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error).retry_after(SOON)
    }

    /// More about it.
    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> Self {
        self.0.body.details = Some(details.into());
        self
    }

    /// When to come back.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// With this header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0.body.error
    }

    /// What is said about it.
    pub fn body(&self) -> &ErrorBody {
        &self.0.body
    }

    /// When to come back, in whole seconds, and never sooner than was asked for.
    pub fn seconds(&self) -> Option<u64> {
        self.0.retry_after.map(|delay| (delay.as_secs_f64().ceil() as u64).max(1))
    }
}

impl From<NotDone> for Failure {
    fn from(why: NotDone) -> Self {
        match why {
            NotDone::Full => Self::busy("Too many requests at once"),
            NotDone::Closed => Self::busy("The service is stopping"),
            NotDone::Late => Self::new(StatusCode::GATEWAY_TIMEOUT, "Timed out"),
            NotDone::Panicked => Self::internal(),
        }
    }
}

/// What an id of a request names: what is not found says so in the contract's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An interview.
    Interview,
    /// A session.
    Session,
    /// An evaluation.
    Evaluation,
    /// A calibration.
    Calibration,
}

impl Subject {
    /// There is none, or it is another tenant's.
    pub fn not_found(self) -> Failure {
        Failure::new(
            StatusCode::NOT_FOUND,
            match self {
                Self::Interview => "Interview not found",
                Self::Session => "Chat session not found",
                Self::Evaluation => "Evaluation not found",
                Self::Calibration => "Calibration not found",
            },
        )
    }

    /// The engine's error about it. Where the caller can do something, the engine's words are the text; where it cannot, they are details.
    pub fn failed(self, error: &vivavoce::Error) -> Failure {
        let told = || error.to_string();
        let of = |status: StatusCode, text: &'static str| Failure::new(status, text).details(told());
        let failure = match error.kind() {
            ErrorKind::NotFound => return self.not_found(),
            ErrorKind::InvalidInput | ErrorKind::InvalidState => Failure::bad_request(told()),
            ErrorKind::Conflict => Failure::new(StatusCode::CONFLICT, told()),
            ErrorKind::Storage => of(StatusCode::SERVICE_UNAVAILABLE, "Store not available"),
            ErrorKind::Provider => of(StatusCode::BAD_GATEWAY, "Language model failed"),
            ErrorKind::Timeout => of(StatusCode::GATEWAY_TIMEOUT, "Timed out"),
            ErrorKind::Limited => of(StatusCode::TOO_MANY_REQUESTS, "Limit reached"),
            ErrorKind::Unsupported => of(StatusCode::NOT_IMPLEMENTED, "Not supported"),
            _ => Failure::internal().details(told()),
        };
        let waits = matches!(error.kind(), ErrorKind::Storage | ErrorKind::Limited);
        match error.retry_after().or_else(|| (waits && error.is_retryable()).then_some(SOON)) {
            Some(delay) => failure.retry_after(delay),
            None => failure,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let seconds = self.seconds();
        let Parts { status, body, header, .. } = *self.0;
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = seconds {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if let Some((name, value)) = header {
            headers.insert(name, value);
        }
        response
    }
}
