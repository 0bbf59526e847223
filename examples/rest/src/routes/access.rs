//! Who the caller is, and tokens for candidates.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::DateTime;
use serde::Serialize;
use utoipa::ToSchema;
use vivavoce::SessionId;

use super::{kept, respond};
use crate::access::{Caller, Candidate, Role};
use crate::app::{App, Lane};
use crate::documents::session::{NewToken, Token};
use crate::error::{ErrorBody, Failure, Subject};
use crate::request::{Payload, RepeatKey};

/// What the caller may do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Access<'a> {
    role: Role,
    tenant: &'a str,
    /// The name of the caller's token.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false)]
    name: &'a str,
    /// A candidate's only session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>, nullable = false)]
    session_id: Option<SessionId>,
    /// Whether callers are asked for tokens.
    tokens: bool,
    /// Whether candidates can be let in: by tokens that the service has a key to sign, or without any.
    invites: bool,
}

/// Says what the caller may do.
#[utoipa::path(get, path = "/access", tag = "access", responses((status = 200, body = Access<'_>)))]
pub(super) async fn read(State(app): State<App>, caller: Caller) -> Response {
    let access = Access {
        role: caller.role,
        tenant: &caller.tenant,
        name: &caller.name,
        session_id: caller.session,
        tokens: app.access.tokens().are_asked_for(),
        invites: !app.access.tokens().are_asked_for() || app.access.tokens().are_signed(),
    };
    respond(StatusCode::OK, access)
}

/// Makes a token by which a candidate is let into one session.
#[utoipa::path(post, path = "/tokens", tag = "access", request_body = NewToken,
    responses((status = 201, body = Token), (status = 404, body = ErrorBody),
        (status = 501, body = ErrorBody, description = "The service has no key to sign with")))]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    key: RepeatKey,
    payload: Payload,
) -> Result<Response, Failure> {
    let (session, expires_in) = payload.read::<NewToken>()?.read()?;
    let service = app.clone();
    let work = async move {
        let app = service;
        app.call(Lane::Store, &caller, Subject::Session, move |engine| engine.session(session)).await?;
        let candidate = Candidate::new(session, &caller.tenant, expires_in);
        let no_key = || Failure::new(StatusCode::NOT_IMPLEMENTED, "Not supported").details("there is no signing key");
        let token = app.access.tokens().sign(&candidate).ok_or_else(no_key)?;
        let expires_at = i64::try_from(candidate.expires).ok().and_then(|until| DateTime::from_timestamp(until, 0));
        let expires_at = expires_at.ok_or_else(|| Failure::bad_request("expires_in is too large"))?;
        kept(StatusCode::CREATED, &Token { token, expires_at })
    };
    super::again(app.repeats.once(&key, payload.bytes(), work).await?)
}
