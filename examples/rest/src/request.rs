//! What a request brings: its body, the id in its path, its idempotency key.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::BytesMut;
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;
use vivavoce::{CallOptions, EvaluationId, InterviewId, SessionId};

use crate::access::Caller;
use crate::app::App;
use crate::error::{Failure, Subject};

/// The most bytes of a body.
pub const MAX_BODY: usize = 1024 * 1024;
/// How much of a body that is too large is read all the same.
const MAX_READ: usize = 8 * MAX_BODY;
/// The longest idempotency key, in characters.
const MAX_KEY: usize = 200;

/// A body of JSON, whatever its media type is said to be.
pub struct Payload(Bytes, #[expect(dead_code, reason = "the room that it takes")] Option<OwnedSemaphorePermit>);

impl Payload {
    /// The document.
    ///
    /// # Errors
    /// 400 where it is none, or has a field of another type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        // A list would be taken for the fields in their order.
        match self.0.trim_ascii_start().first() {
            Some(b'{') => read_json(
                "the body",
                std::str::from_utf8(&self.0).map_err(|_| Failure::invalid_json("the body is not UTF-8"))?,
            ),
            _ => Err(Failure::invalid_json("the body is no object of JSON")),
        }
    }

    /// The document, or the default where there is none.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_optional<T: DeserializeOwned + Default>(&self) -> Result<T, Failure> {
        match self.0.trim_ascii() {
            b"" | b"null" => Ok(T::default()),
            _ => self.read(),
        }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Reads a document, which `what` names; what is wrong with it, and where, are details.
///
/// # Errors
/// 400
pub fn read_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Failure> {
    vivavoce::from_json(what, text).map_err(|error| Failure::invalid_json(error.to_string()))
}

impl FromRequest<App> for Payload {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let length =
            request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        // Said beforehand, so that nobody sends it in vain.
        if length.is_some_and(|length: usize| length > MAX_READ) {
            return Err(too_large());
        }
        let read = tokio::time::timeout(app.config.request_timeout, read(app, request.into_body())).await;
        read.unwrap_or_else(|_| Err(Failure::new(StatusCode::REQUEST_TIMEOUT, "The body took too long")))
    }
}

/// Reads a body, a little further than it may go: a client that is cut off while it sends does not see the answer.
async fn read(app: &App, mut body: Body) -> Result<Payload, Failure> {
    let (mut kept, mut size) = (BytesMut::new(), 0);
    let mut room = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::bad_request("The body broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        size += data.len();
        if size > MAX_READ {
            break;
        }
        if size <= MAX_BODY {
            app.make_room(&mut room, size)?;
            kept.extend_from_slice(&data);
        }
    }
    if size > MAX_BODY { Err(too_large()) } else { Ok(Payload(kept.freeze(), room)) }
}

fn too_large() -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "Body too large")
}

/// The id in the path; what is no UUID names nothing.
pub struct Id(Option<Uuid>);

impl Id {
    /// It names an interview.
    ///
    /// # Errors
    /// 404
    pub fn interview(&self) -> Result<InterviewId, Failure> {
        self.0.map(Into::into).ok_or_else(|| Subject::Interview.not_found())
    }

    /// It names a session, which this caller may attend.
    ///
    /// # Errors
    /// 404
    pub fn session(&self, caller: &Caller) -> Result<SessionId, Failure> {
        let id = self.0.map(Into::into).ok_or_else(|| Subject::Session.not_found())?;
        caller.must_attend(id)?;
        Ok(id)
    }

    /// It names an evaluation.
    ///
    /// # Errors
    /// 404
    pub fn evaluation(&self) -> Result<EvaluationId, Failure> {
        self.0.map(Into::into).ok_or_else(|| Subject::Evaluation.not_found())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(text.ok().and_then(|Path(text)| Uuid::try_parse(&text).ok())))
    }
}

/// The key that makes a request safe to repeat: the caller's own, for its path.
#[derive(Debug, Clone)]
pub struct RepeatKey(Option<String>);

impl RepeatKey {
    /// The key for this caller and path.
    ///
    /// # Errors
    /// 400 where it is empty or too long.
    pub fn new(caller: &Caller, path: &str, key: &str) -> Result<Self, Failure> {
        if key.trim().is_empty() || key.chars().count() > MAX_KEY {
            return Err(Failure::bad_request(format!("Idempotency-Key is not 1 to {MAX_KEY} characters")));
        }
        let digest = Sha256::digest(format!("{}\0{path}\0{key}", caller.scope()));
        Ok(Self(Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())))
    }

    /// No key.
    pub fn none() -> Self {
        Self(None)
    }

    /// A key for tests.
    #[cfg(test)]
    pub(crate) fn named(key: &str) -> Self {
        Self(Some(key.to_owned()))
    }

    /// The key, by which nobody else's is found.
    pub fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// Options of a call with the key.
    pub fn options(self, app: &App) -> CallOptions {
        let mut options = CallOptions::default().timeout(app.config.request_timeout);
        options.idempotency_key = self.0;
        options
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RepeatKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let Some(key) = header_text(&parts.headers, "idempotency-key")? else { return Ok(Self::none()) };
        Self::new(&caller, parts.uri.path(), key)
    }
}

/// A header's value, where it is there.
///
/// # Errors
/// 400 where it is not text.
pub fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Failure> {
    let value = headers.get(name).map(|value| std::str::from_utf8(value.as_bytes()));
    value.transpose().map_err(|_| Failure::bad_request(format!("The header {name} is not UTF-8")))
}
