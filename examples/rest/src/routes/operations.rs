//! Whether the service is well.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::respond;
use crate::app::App;

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`, or `unavailable`.
    #[schema(example = "ok")]
    status: &'static str,
    /// `memory`, `sqlite` or `postgres`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    store: Option<String>,
    /// The number of the store's last migration.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    schema_version: Option<u32>,
    /// How long the store took to answer, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    latency_ms: Option<f64>,
    /// Why it is unavailable.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<String>,
    version: &'static str,
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Whether the service is up and its store answers.
#[utoipa::path(get, path = "/health", tag = "operations",
    responses((status = 200, body = Health), (status = 503, body = Health, description = "The store is not usable")))]
pub(super) async fn health(State(app): State<App>) -> Response {
    match app.asked_by_anybody(&app.health, vivavoce::Engine::health).await {
        Ok(health) => respond(
            StatusCode::OK,
            Health {
                status: "ok",
                latency_ms: Some(health.latency.as_secs_f64() * 1e3),
                store: Some(health.store),
                schema_version: Some(health.schema_version),
                error: None,
                version: VERSION,
            },
        ),
        Err(failure) => unavailable(failure.text()),
    }
}

/// Whether the service wants requests: as `/health`, and not while it stops.
#[utoipa::path(get, path = "/ready", tag = "operations",
    responses((status = 200, body = Health), (status = 503, body = Health, description = "Not now")))]
pub(super) async fn ready(state: State<App>) -> Response {
    match state.0.is_stopping() {
        true => unavailable("The service is stopping"),
        false => health(state).await,
    }
}

fn unavailable(why: &str) -> Response {
    let health = Health {
        status: "unavailable",
        store: None,
        schema_version: None,
        latency_ms: None,
        error: Some(why.to_owned()),
        version: VERSION,
    };
    respond(StatusCode::SERVICE_UNAVAILABLE, health)
}
