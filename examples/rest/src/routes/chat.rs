//! Holding sessions.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vivavoce::ErrorKind;

use super::{located, respond};
use crate::access::{Caller, Role};
use crate::app::{App, Lane};
use crate::documents::evaluation::Evaluation;
use crate::documents::session::{NewMessage, Session, StartSession, Turn};
use crate::error::{ErrorBody, Failure, Subject};
use crate::model_headers::OwnModel;
use crate::request::{Id, Payload, RepeatKey};

/// Starts a session of an interview: the interviewer greets and asks the first question.
#[utoipa::path(post, path = "/interviews/{id}/chat/start", tag = "chat", params(("id" = Uuid, Path)),
    request_body = Option<StartSession>,
    responses((status = 201, body = Session<'_>, headers(("Location" = String, description = "Where the session is"))),
        (status = 404, body = ErrorBody)))]
pub(super) async fn start(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    key: RepeatKey,
    own: OwnModel,
    payload: Payload,
) -> Result<Response, Failure> {
    caller.must_be(Role::Interviewer)?;
    let start = payload.read_optional::<StartSession>()?.read()?;
    let id = id.interview()?;
    let options = own.apply(key.options(&app), None)?;
    let session = app
        .call(Lane::Model, &caller, Subject::Interview, move |engine| engine.start_session_with(id, start, &options))
        .await?;
    Ok(located(&app, StatusCode::CREATED, format_args!("/chat/{}", session.id), Session::from(&*session)))
}

/// Reads a session with everything that was said.
#[utoipa::path(get, path = "/chat/{session_id}", tag = "chat", params(("session_id" = Uuid, Path)),
    responses((status = 200, body = Session<'_>), (status = 404, body = ErrorBody)))]
pub(super) async fn read(State(app): State<App>, caller: Caller, id: Id) -> Result<Response, Failure> {
    let id = id.session(&caller)?;
    let session = app.call(Lane::Store, &caller, Subject::Session, move |engine| engine.session(id)).await?;
    Ok(respond(StatusCode::OK, Session::from(&*session)))
}

/// Sends the candidate's message and answers with the interviewer's reply.
#[utoipa::path(post, path = "/chat/{session_id}/message", tag = "chat", params(("session_id" = Uuid, Path)),
    request_body = NewMessage,
    responses((status = 200, body = Turn<'_>), (status = 404, body = ErrorBody),
        (status = 502, body = ErrorBody, description = "The language model failed; the message is kept, and sending it again goes on from there")))]
pub(super) async fn message(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    key: RepeatKey,
    own: OwnModel,
    payload: Payload,
) -> Result<Response, Failure> {
    let (words, model) = payload.read::<NewMessage>()?.read()?;
    let id = id.session(&caller)?;
    let options = own.apply(key.options(&app), model.as_deref())?;
    let turn = app.attempt(Lane::Model, &caller, move |engine| engine.send_message_with(id, &words, &options)).await?;
    let turn = turn.map_err(|error| match error.kind() {
        ErrorKind::InvalidState if !app.is_stopping() => Failure::bad_request("Chat session is not active"),
        _ => app.failed(Subject::Session, &error),
    })?;
    Ok(respond(StatusCode::OK, Turn::from(&turn)))
}

/// Ends a session and has it evaluated before it answers. On an ended session, the evaluation that it has.
#[utoipa::path(post, path = "/chat/{session_id}/end", tag = "chat", params(("session_id" = Uuid, Path)),
    responses((status = 200, body = Evaluation<'_>), (status = 404, body = ErrorBody)))]
pub(super) async fn end(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    key: RepeatKey,
    own: OwnModel,
    _payload: Payload,
) -> Result<Response, Failure> {
    let id = id.session(&caller)?;
    let options = own.apply(key.options(&app), None)?;
    let evaluation =
        app.call(Lane::Model, &caller, Subject::Session, move |engine| engine.end_session_with(id, &options)).await?;
    Ok(respond(StatusCode::OK, Evaluation::from(&*evaluation)))
}
