//! Having answers judged, and reading what came of it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vivavoce::ErrorKind;

use super::respond;
use crate::access::Caller;
use crate::app::{App, Lane};
use crate::documents::evaluation::{Evaluation, NewEvaluation};
use crate::error::{ErrorBody, Failure, Subject};
use crate::model_headers::OwnModel;
use crate::request::{Id, Payload, RepeatKey};

/// Has answers judged that were given without a session.
#[utoipa::path(post, path = "/evaluation", tag = "evaluations", request_body = NewEvaluation,
    responses((status = 200, body = Evaluation<'_>), (status = 404, body = ErrorBody)))]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    key: RepeatKey,
    own: OwnModel,
    payload: Payload,
) -> Result<Response, Failure> {
    let (interview, answers) = payload.read::<NewEvaluation>()?.read()?;
    let options = own.apply(key.options(&app), None)?;
    let evaluation =
        app.attempt(Lane::Model, &caller, move |engine| engine.evaluate_with(interview, &answers, &options)).await?;
    let evaluation = evaluation.map_err(|error| failed(&app, &error))?;
    Ok(respond(StatusCode::OK, Evaluation::from(&*evaluation)))
}

/// Reads an evaluation.
#[utoipa::path(get, path = "/evaluation/{id}", tag = "evaluations", params(("id" = Uuid, Path)),
    responses((status = 200, body = Evaluation<'_>), (status = 404, body = ErrorBody)))]
pub(super) async fn read(State(app): State<App>, caller: Caller, id: Id) -> Result<Response, Failure> {
    let id = id.evaluation()?;
    let evaluation = app.call(Lane::Store, &caller, Subject::Evaluation, move |engine| engine.evaluation(id)).await?;
    Ok(respond(StatusCode::OK, Evaluation::from(&*evaluation)))
}

/// Why answers were not evaluated.
pub(super) fn failed(app: &App, error: &vivavoce::Error) -> Failure {
    match error.kind() {
        ErrorKind::InvalidInput => Failure::bad_request(in_keys(&error.to_string())),
        _ => app.failed(Subject::Interview, error),
    }
}

/// What the engine says of an answer, by the key that it has here.
fn in_keys(said: &str) -> String {
    let place = said.strip_prefix("answers[").and_then(|rest| rest.split_once(']'));
    place.map_or_else(|| said.to_owned(), |(place, rest)| format!("answers.question_{place}{rest}"))
}
