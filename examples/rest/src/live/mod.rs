//! Live events: what happens in a session, as it happens, to everybody who listens.
//!
//! `told` says what listeners are told, `feed` notices what happens, once for each session however many listen, `listener` reads from the beginning and goes on live, and
//! `sse` and `ws` are the two ways in which it is sent.

mod feed;
mod listener;
mod sse;
mod told;
mod ws;

use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use self::feed::{Feeds, Live};
use crate::app::App;
use crate::error::Failure;
use crate::routes::list::{parameter, read_query};

/// The calls.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sse::events)).routes(routes!(ws::socket))
}

/// Where to begin.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct LiveParameters {
    /// The `seq` of the last event that was heard; everything is told where it is 0 or missing.
    #[param(value_type = u64, minimum = 0, nullable = false)]
    after: Option<String>,
    /// The caller's token, for browsers whose EventSource and WebSocket cannot send it as a header.
    #[param(value_type = String, nullable = false)]
    access_token: Option<String>,
}

/// After which event to begin: the header counts before the query, as a browser that comes back sends both.
fn after(headers: &HeaderMap, query: Option<&str>) -> Result<u64, Failure> {
    let given = read_query::<LiveParameters>(query)?;
    let header = crate::request::header_text(headers, "last-event-id")?;
    let after = parameter("Last-Event-ID", header)?;
    Ok(after.or(parameter("after", given.after.as_deref())?).unwrap_or(0))
}
