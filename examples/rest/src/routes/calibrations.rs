//! What graders teach the built-in evaluator.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use vivavoce::ErrorKind;

use super::{again, kept, respond};
use crate::access::Caller;
use crate::app::{App, Lane};
use crate::documents::calibration::{Calibration, CalibrationList, NewCalibration};
use crate::error::{ErrorBody, Failure, Subject};
use crate::request::{Payload, RepeatKey};

/// Learns from answers that people graded how the built-in evaluator's scores have to be corrected, and keeps that as the next version of a name. Interviews that name it in
/// `calibration` are corrected by it. The answers are not kept, and the same answers are the same version.
#[utoipa::path(post, path = "/calibrations", tag = "evaluations", request_body = NewCalibration,
    responses((status = 201, body = Calibration)))]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    key: RepeatKey,
    payload: Payload,
) -> Result<Response, Failure> {
    let wanted = payload.read::<NewCalibration>()?.read()?;
    let service = app.clone();
    let work = async move {
        let learn = move |engine: &vivavoce::Engine| engine.calibrate(&wanted.name, &wanted.graded, &wanted.options);
        // It takes long: not from those who read.
        kept(StatusCode::CREATED, &service.call(Lane::Model, &caller, Subject::Calibration, learn).await?)
    };
    again(app.repeats.once(&key, payload.bytes(), work).await?)
}

/// Lists all calibrations, every version, by name and version.
#[utoipa::path(get, path = "/calibrations", tag = "evaluations", responses((status = 200, body = CalibrationList)))]
pub(super) async fn list(State(app): State<App>, caller: Caller) -> Result<Response, Failure> {
    let all = app.call(Lane::Store, &caller, Subject::Calibration, vivavoce::Engine::calibrations).await?;
    Ok(respond(StatusCode::OK, CalibrationList::from(all)))
}

/// Reads a calibration: the newest of a name, or `name@version`.
#[utoipa::path(get, path = "/calibrations/{name}", tag = "evaluations",
    params(("name" = String, Path, description = "`name`, or `name@version`")),
    responses((status = 200, body = Calibration), (status = 404, body = ErrorBody)))]
pub(super) async fn read(
    State(app): State<App>,
    caller: Caller,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    // What is no name names nothing.
    let Ok(Path(name)) = name else { return Err(Subject::Calibration.not_found()) };
    let read = move |engine: &vivavoce::Engine| match engine.calibration(&name) {
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(None),
        found => found.map(Some),
    };
    let found = app.call(Lane::Store, &caller, Subject::Calibration, read).await?;
    Ok(respond(StatusCode::OK, found.ok_or_else(|| Subject::Calibration.not_found())?))
}
