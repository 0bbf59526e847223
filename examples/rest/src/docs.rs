//! The OpenAPI document as it is, and as a page that is read without a script.

mod page;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::app::App;
use crate::openapi;

const STYLE: &str = include_str!("docs/style.css");
/// The page has a style sheet of this origin, and nothing else.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The paths at the root.
pub fn router(app: &App) -> Router<App> {
    let document = openapi::document(&app.config.base_path, Some(app.access.tokens().are_asked_for()));
    // A document that has no text is one that the tests would have found.
    let yaml: Arc<str> = document.to_yaml().unwrap_or_default().into();
    let json: Arc<str> = document.to_json().unwrap_or_default().into();
    let page: Arc<str> = page::render(&serde_json::from_str(&json).unwrap_or_default()).into();
    let text = |media: &'static str, text: Arc<str>| get(move || async move { answer(media, &text) });
    Router::new()
        .route("/openapi.yaml", text("application/yaml", yaml))
        .route("/openapi.json", text("application/json", json))
        .route("/docs", text("text/html; charset=utf-8", page))
        .route("/docs/style.css", text("text/css; charset=utf-8", STYLE.into()))
}

fn answer(media: &'static str, text: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, text.to_owned()).into_response()
}
