//! The calls, one file for each thing that they are about.

mod chat;
mod evaluations;
mod interviews;
mod list;
mod operations;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// What is below the base path.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(interviews::create, interviews::list))
        .routes(routes!(interviews::read))
        .routes(routes!(chat::start))
        .routes(routes!(chat::read))
        .routes(routes!(chat::message))
        .routes(routes!(chat::end))
        .routes(routes!(evaluations::create))
        .routes(routes!(evaluations::read))
}

/// What is at the root.
pub fn root() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(operations::health)).routes(routes!(operations::ready))
}

/// A response of this status and document.
fn respond(status: StatusCode, document: impl Serialize) -> Response {
    (status, Json(document)).into_response()
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
