//! Live events as server-sent events (WHATWG HTML, section 9.2).

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;

use super::LiveParameters;
use super::listener::{Heard, Listener};
use super::told::LiveEvent;
use crate::access::Caller;
use crate::app::App;
use crate::error::{ErrorBody, Failure};
use crate::request::Id;

/// How soon a client comes back that was cut off.
const RETRY: Duration = Duration::from_secs(1);
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Follows a session: every message, status and evaluation, from the beginning or after the last one that was heard, and pieces of the reply that is being found.
#[utoipa::path(get, path = "/chat/{session_id}/events", tag = "live",
    params(("session_id" = Uuid, Path), LiveParameters,
        ("Last-Event-ID" = Option<u64>, Header, description = "The `id` of the last event that was heard; counts before `after`")),
    responses((status = 200, body = LiveEvent<'_>, content_type = "text/event-stream",
            description = "Events: `event` is the type, `id` the `seq`, `data` the document. The stream ends when the session is over and evaluated."),
        (status = 404, body = ErrorBody)))]
pub(super) async fn events(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let session = id.session(&caller)?;
    let after = super::after(&headers, query.as_deref())?;
    let listener = Listener::new(&app, caller, session, after).await?;
    let events = stream::unfold(listener, |mut listener| async {
        // One that is too slow is cut off as well, and its browser comes back with the number of what it heard last.
        let Heard::Told(told) = listener.next().await else { return None };
        let mut event = Event::default().event(told.name).retry(RETRY);
        if let Some(seq) = told.seq {
            event = event.id(seq.to_string());
        }
        let event = event.data(String::from_utf8_lossy(told.document(listener.caller.role)));
        Some((Ok::<_, Infallible>(event), listener))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // Proxies that collect answers would keep it to themselves.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}
