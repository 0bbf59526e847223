//! Changing and deleting what has not begun, and erasing what has.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use vivavoce::ErrorKind;

use super::{kept, respond};
use crate::access::Caller;
use crate::app::{App, Lane};
use crate::documents::draft::{CandidateErasure, Erased, Erasure, InterviewChange};
use crate::documents::interview::Interview;
use crate::error::{ErrorBody, Failure, Subject};
use crate::request::{Id, Payload, RepeatKey};

/// Changes a draft: an interview without sessions.
#[utoipa::path(patch, path = "/interviews/{id}", tag = "interviews", params(("id" = Uuid, Path)),
    request_body = InterviewChange,
    responses((status = 200, body = Interview<'_>), (status = 404, body = ErrorBody)))]
pub(super) async fn change(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    key: RepeatKey,
    payload: Payload,
) -> Result<Response, Failure> {
    let change = payload.read::<InterviewChange>()?;
    let id = id.interview()?;
    let (service, by) = (app.clone(), caller.clone());
    // What is kept under the key is that it was done, and not the plan, which may be erased.
    let work = async move {
        let changed = service.attempt(Lane::Store, &by, move |engine| {
            engine.change_interview(id, |interview| {
                let plan = change.clone().apply(interview);
                plan.map_err(|refused| vivavoce::Error::new(ErrorKind::InvalidInput, refused.text().to_owned()))
            })
        });
        changed.await?.map_err(|error| begun(&service, &error))?;
        Ok((StatusCode::OK, Bytes::new()))
    };
    let (status, _) = app.repeats.once(&key, payload.bytes(), work).await?;
    let changed = app.call(Lane::Store, &caller, Subject::Interview, move |engine| engine.interview(id)).await?;
    Ok(respond(status, Interview::from(&*changed)))
}

/// Deletes a draft: an interview without sessions.
#[utoipa::path(delete, path = "/interviews/{id}", tag = "interviews", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(super) async fn delete(State(app): State<App>, caller: Caller, id: Id) -> Result<Response, Failure> {
    let id = id.interview()?;
    let by = by(None, &caller);
    let deleted = app.attempt(Lane::Store, &caller, move |engine| engine.delete_draft(id, &by)).await?;
    deleted.map_err(|error| begun(&app, &error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A draft that is none any more.
fn begun(app: &App, error: &vivavoce::Error) -> Failure {
    match error.kind() {
        ErrorKind::InvalidState if !app.is_stopping() => Failure::bad_request("Interview has started"),
        _ => app.failed(Subject::Interview, error),
    }
}

/// Erases an interview: the candidate's name and words. Its audit log stays, and still verifies.
#[utoipa::path(post, path = "/interviews/{id}/erase", tag = "erasure", params(("id" = Uuid, Path)),
    request_body = Option<Erasure>,
    responses((status = 204), (status = 404, body = ErrorBody)))]
pub(super) async fn erase(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    key: RepeatKey,
    payload: Payload,
) -> Result<Response, Failure> {
    let erasure = payload.read_optional::<Erasure>()?;
    let id = id.interview()?;
    let by = by(erasure.requested_by, &caller);
    let service = app.clone();
    let work = async move {
        let erase = move |engine: &vivavoce::Engine| engine.erase_interview(id, &by);
        service.call(Lane::Store, &caller, Subject::Interview, erase).await?;
        Ok((StatusCode::NO_CONTENT, Bytes::new()))
    };
    let (status, _) = app.repeats.once(&key, payload.bytes(), work).await?;
    Ok(status.into_response())
}

/// Erases all interviews of a candidate, by the application's own id.
#[utoipa::path(post, path = "/candidates/erase", tag = "erasure", request_body = CandidateErasure,
    responses((status = 200, body = Erased),
        (status = 404, body = ErrorBody, description = "No interview has this id, or no longer")))]
pub(super) async fn erase_candidate(
    State(app): State<App>,
    caller: Caller,
    key: RepeatKey,
    payload: Payload,
) -> Result<Response, Failure> {
    let CandidateErasure { external_id, requested_by } = payload.read()?;
    let by = by(requested_by, &caller);
    let service = app.clone();
    let work = async move {
        let erase = move |engine: &vivavoce::Engine| engine.erase_candidate(&external_id, &by);
        let interviews = service.call(Lane::Store, &caller, Subject::Interview, erase).await?;
        kept(StatusCode::OK, &Erased { interviews })
    };
    super::again(app.repeats.once(&key, payload.bytes(), work).await?)
}

/// Who does something: who they say they are, or the name of their token.
pub(super) fn by(given: Option<String>, caller: &Caller) -> String {
    let name = if caller.name.is_empty() { "application" } else { &caller.name };
    given.unwrap_or_else(|| name.to_owned())
}
