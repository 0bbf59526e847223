//! Holding sessions.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vivavoce::{CallOptions, Engine, ErrorKind, SessionId};

use super::{located, respond};
use crate::access::{Caller, Role};
use crate::app::{App, Lane};
use crate::documents::evaluation::Evaluation;
use crate::documents::session::{NewMessage, Session, SessionList, StartSession, Turn};
use crate::error::{ErrorBody, Failure, Subject};
use crate::facts::Facts;
use crate::model_headers::OwnModel;
use crate::request::{Id, Payload, RepeatKey};

const NOT_ACTIVE: &str = "Chat session is not active";

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
    let start = payload.read_optional::<StartSession>()?.read()?;
    let id = id.interview()?;
    let options = own.apply(key.options(&app), None)?;
    let facts = app.clone();
    let start = move |engine: &Engine| {
        let session = engine.start_session_with(id, start, &options)?;
        Ok((facts.facts.of(engine, id)?, session))
    };
    let (facts, session) = app.call(Lane::Model, &caller, Subject::Interview, start).await?;
    let path = format_args!("/chat/{}", session.id);
    Ok(located(&app, StatusCode::CREATED, path, Session::new(&session, facts)))
}

/// Reads a session with everything that was said.
#[utoipa::path(get, path = "/chat/{session_id}", tag = "chat", params(("session_id" = Uuid, Path)),
    responses((status = 200, body = Session<'_>), (status = 404, body = ErrorBody)))]
pub(super) async fn read(State(app): State<App>, caller: Caller, id: Id) -> Result<Response, Failure> {
    let id = id.session(&caller)?;
    // What is in memory is read here: a thread would take longer to begin than to read it.
    let kept = app.engine_of(&caller)?.kept_session(id).map_err(|error| app.failed(Subject::Session, &error))?;
    if let Some(session) = kept
        && let Some(facts) = app.facts.known(session.interview_id)
    {
        return Ok(respond(StatusCode::OK, Session::new(&session, facts)));
    }
    shown(&app, &caller, move |engine| engine.session(id)).await
}

/// Does something that has a session for its result, and shows it.
async fn shown(
    app: &App,
    caller: &Caller,
    work: impl FnOnce(&Engine) -> vivavoce::Result<Arc<vivavoce::Session>> + Send + 'static,
) -> Result<Response, Failure> {
    let facts = app.clone();
    let work = move |engine: &Engine| {
        let session = work(engine)?;
        Ok((facts.facts.of(engine, session.interview_id)?, session))
    };
    let (facts, session) = app.call(Lane::Store, caller, Subject::Session, work).await?;
    Ok(respond(StatusCode::OK, Session::new(&session, facts)))
}

/// Lists an interview's sessions, oldest first.
#[utoipa::path(get, path = "/interviews/{id}/sessions", tag = "chat", params(("id" = Uuid, Path)),
    responses((status = 200, body = SessionList<'_>), (status = 404, body = ErrorBody)))]
pub(super) async fn of_interview(State(app): State<App>, caller: Caller, id: Id) -> Result<Response, Failure> {
    let id = id.interview()?;
    let read = move |engine: &Engine| {
        let facts = Facts::from(&*engine.interview(id)?);
        let sessions = engine.sessions(id)?.into_iter().map(|id| engine.session(id));
        Ok((facts, sessions.collect::<vivavoce::Result<Vec<_>>>()?))
    };
    let (facts, sessions) = app.call(Lane::Store, &caller, Subject::Interview, read).await?;
    Ok(respond(StatusCode::OK, SessionList::new(&sessions, facts)))
}

/// Gives a session up.
#[utoipa::path(post, path = "/chat/{session_id}/abandon", tag = "chat", params(("session_id" = Uuid, Path)),
    responses((status = 200, body = Session<'_>), (status = 404, body = ErrorBody)))]
pub(super) async fn abandon(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    key: RepeatKey,
    _payload: Payload,
) -> Result<Response, Failure> {
    let id = id.session(&caller)?;
    let options = key.options(&app);
    shown(&app, &caller, move |engine| {
        engine.abandon_session_with(id, &options).map_err(|error| match error.kind() {
            ErrorKind::InvalidState => vivavoce::Error::new(ErrorKind::InvalidState, NOT_ACTIVE),
            _ => error,
        })
    })
    .await
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
    let turn = say(&app, &caller, id, words, options).await?;
    Ok(respond(StatusCode::OK, Turn::from(&turn)))
}

/// Ends a session and has it evaluated before it answers. On an ended session, the evaluation that it has. A candidate is shown nothing of the judgement.
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
    let evaluation = finish(&app, &caller, id, options).await?;
    let shown = Evaluation::from(&*evaluation);
    let is_candidate = caller.role == Role::Candidate;
    Ok(respond(StatusCode::OK, if is_candidate { shown.for_candidate() } else { shown }))
}

/// Sends a message, heard by who listens.
///
/// # Errors
/// As the call.
pub(crate) async fn say(
    app: &App,
    caller: &Caller,
    id: SessionId,
    words: String,
    options: CallOptions,
) -> Result<vivavoce::Turn, Failure> {
    let heard = app.live.heard(app, caller, id);
    let say = move |engine: &Engine| match heard.is_listened_to() {
        true => heard.by(&words, |hear| engine.send_message_heard(id, &words, &options, hear)),
        // A reply that nobody hears need not be streamed, which not every language model can.
        false => engine.send_message_with(id, &words, &options),
    };
    app.attempt(Lane::Model, caller, say).await?.map_err(|error| match error.kind() {
        ErrorKind::InvalidState if !app.is_stopping() => Failure::bad_request(NOT_ACTIVE),
        _ => app.failed(Subject::Session, &error),
    })
}

/// Ends a session and has it evaluated.
///
/// # Errors
/// As the call.
pub(crate) async fn finish(
    app: &App,
    caller: &Caller,
    id: SessionId,
    options: CallOptions,
) -> Result<Arc<vivavoce::Evaluation>, Failure> {
    app.call(Lane::Model, caller, Subject::Session, move |engine| engine.end_session_with(id, &options)).await
}
