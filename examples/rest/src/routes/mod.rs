//! The calls, one file for each thing that they are about.

mod access;
mod agreement;
mod audit;
mod calibrations;
pub(crate) mod chat;
mod drafts;
mod evaluations;
mod export;
mod interviews;
pub(crate) mod list;
mod operations;
mod questions;
mod scorecards;
mod versions;

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Failure;
use crate::repeats::Answer;

/// What is below the base path.
pub fn api() -> OpenApiRouter<App> {
    crate::live::api()
        .routes(routes!(interviews::create, interviews::list))
        .routes(routes!(interviews::read, drafts::change, drafts::delete))
        .routes(routes!(drafts::erase))
        .routes(routes!(drafts::erase_candidate))
        .routes(routes!(questions::generate))
        .routes(routes!(chat::of_interview))
        .routes(routes!(chat::start))
        .routes(routes!(chat::read))
        .routes(routes!(chat::message))
        .routes(routes!(chat::end))
        .routes(routes!(evaluations::create))
        .routes(routes!(evaluations::read))
        .routes(routes!(chat::abandon))
        .routes(routes!(versions::of_interview, versions::queue))
        .routes(routes!(versions::again))
        .routes(routes!(versions::change))
        .routes(routes!(versions::list))
        .routes(routes!(agreement::of))
        .routes(routes!(calibrations::create, calibrations::list))
        .routes(routes!(calibrations::read))
        .routes(routes!(scorecards::json))
        .routes(routes!(scorecards::markdown))
        .routes(routes!(scorecards::html))
        .routes(routes!(audit::verify))
        .routes(routes!(export::interview_lines))
        .routes(routes!(export::interview_table))
        .routes(routes!(export::evaluation_lines))
        .routes(routes!(export::evaluation_table))
        .routes(routes!(access::read))
        .routes(routes!(access::create))
}

/// What is at the root.
pub fn root() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(operations::health))
        .routes(routes!(operations::ready))
        .routes(routes!(crate::metrics::metrics))
}

/// How long most documents are at most, in bytes: room for one is made once.
const ROOM: usize = 4096;

/// A response of this status and document.
fn respond(status: StatusCode, document: impl Serialize) -> Response {
    let mut text = Vec::with_capacity(ROOM);
    match serde_json::to_writer(&mut text, &document) {
        Ok(()) => of_json(status, text.into()),
        Err(_) => Failure::internal().into_response(),
    }
}

/// A response of this status, whose document is JSON already.
fn of_json(status: StatusCode, document: Bytes) -> Response {
    let media = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, media)], document).into_response()
}

/// An answer to be kept under a key.
fn kept(status: StatusCode, document: &impl Serialize) -> Result<Answer, Failure> {
    let failed = |_| Failure::internal();
    Ok((status, serde_json::to_vec(document).map_err(failed)?.into()))
}

/// An answer that was kept, or would have been.
fn again((status, document): Answer) -> Result<Response, Failure> {
    Ok(of_json(status, document))
}

/// A response that says where what it speaks of is.
fn located(app: &App, status: StatusCode, path: std::fmt::Arguments<'_>, document: impl Serialize) -> Response {
    let mut response = respond(status, document);
    // A base path and ids have nothing that a header may not have.
    if let Ok(place) = HeaderValue::try_from(format!("{}{path}", app.config.base_path.as_str())) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}
