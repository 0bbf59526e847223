//! Scorecards: what people read.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use vivavoce::Scorecard;

use crate::access::Caller;
use crate::app::{App, Lane};
use crate::error::{ErrorBody, Failure, Subject};
use crate::request::Id;

async fn scorecard(app: &App, caller: &Caller, id: &Id) -> Result<Scorecard, Failure> {
    let id = id.evaluation()?;
    app.call(Lane::Store, caller, Subject::Evaluation, move |engine| engine.scorecard(id)).await
}

fn text(media: &'static str, text: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(media))], text).into_response()
}

/// The scorecard as a document.
#[utoipa::path(get, path = "/evaluation/{id}/scorecard.json", tag = "evaluations", params(("id" = Uuid, Path)),
    responses((status = 200, body = Object, content_type = "application/json"), (status = 404, body = ErrorBody)))]
pub(super) async fn json(State(app): State<App>, caller: Caller, id: Id) -> Result<Response, Failure> {
    let document = scorecard(&app, &caller, &id).await?.to_json();
    document.map(|document| text("application/json", document)).map_err(|error| app.failed(Subject::Evaluation, &error))
}

/// The scorecard in Markdown.
#[utoipa::path(get, path = "/evaluation/{id}/scorecard.md", tag = "evaluations", params(("id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/markdown"), (status = 404, body = ErrorBody)))]
pub(super) async fn markdown(State(app): State<App>, caller: Caller, id: Id) -> Result<Response, Failure> {
    Ok(text("text/markdown; charset=utf-8", scorecard(&app, &caller, &id).await?.to_markdown()))
}

/// The scorecard as a page that needs nothing else.
#[utoipa::path(get, path = "/evaluation/{id}/scorecard.html", tag = "evaluations", params(("id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/html"), (status = 404, body = ErrorBody)))]
pub(super) async fn html(State(app): State<App>, caller: Caller, id: Id) -> Result<Response, Failure> {
    let mut page = text("text/html; charset=utf-8", scorecard(&app, &caller, &id).await?.to_html());
    // The page brings its own style, and nothing else is let in.
    const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(page)
}
