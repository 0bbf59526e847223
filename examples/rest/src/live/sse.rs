//! Live events as server-sent events, which a browser resumes by itself.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};

use super::documents::{Frame, LiveEvent, Place};
use super::listening::Listening;
use super::{LiveParameters, PING};
use crate::access::{Caller, Role};
use crate::app::App;
use crate::error::{ErrorBody, Failure};
use crate::request::Id;

/// How soon a browser connects again.
const RETRY: Duration = Duration::from_secs(1);
/// Keeps a proxy from holding events back.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Tells what happens in a session as it happens, and first what has happened after the event that the client was told last.
///
/// The stream ends when the session is ended and judged, when the client does not keep up, and when the service stops; a client connects again with `Last-Event-ID`
/// and loses nothing. Comments keep an idle connection alive.
#[utoipa::path(get, path = "/chat/{session_id}/events", tag = "live",
    params(("session_id" = Uuid, Path), LiveParameters,
        ("Last-Event-ID" = Option<u64>, Header, description = "As `after`, which it counts before")),
    responses((status = 200, body = LiveEvent<'_>, content_type = "text/event-stream",
            description = "Events, each with `event` (its `type`), `id` (its `seq`, where it has one) and `data` (this document)"),
        (status = 204, description = "The session is ended and judged, and the client was told everything: it does not connect again"),
        (status = 404, body = ErrorBody)))]
pub(super) async fn events(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let session = id.session(&caller)?;
    let after = super::after(&headers, query.as_deref())?;
    let listening = Listening::begin(&app, caller, session, after).await?;
    if listening.is_over() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let events = futures_util::stream::unfold(listening, |mut listening| async {
        let frame = listening.next().await.ok()?;
        let event = event(&frame, listening.role());
        Some((Ok::<_, Infallible>(event), listening))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(PING)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

fn event(frame: &Frame, role: Role) -> Event {
    let event = Event::default().event(frame.kind).data(frame.told_to(role).as_str()).retry(RETRY);
    match frame.place {
        Place::Logged(step) => event.id(step.number.to_string()),
        Place::Turn(_) => event,
    }
}
