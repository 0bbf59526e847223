//! The HTTP service over Vivavoce, and the example of how to embed it: `docs/openapi.yaml` says what it answers.
//!
//! A request goes through `access` (who is it, and may they) to its handler in `routes`, which reads it into a type of `documents`, has a thread of the `pool` call
//! the engine, and writes what comes back as another. `error` says what failures look like.
#![forbid(unsafe_code)]

pub mod access;
pub mod app;
pub mod config;
pub mod docs;
pub mod documents;
pub mod error;
pub mod facts;
pub mod live;
pub mod logs;
pub mod metrics;
pub mod model_headers;
pub mod openapi;
#[cfg(feature = "otlp")]
pub mod otlp;
pub mod pages;
pub mod pool;
pub mod repeats;
pub mod request;
pub mod routes;
pub mod security;
pub mod server;
mod shared;
pub mod unread;
pub mod web;
pub mod webhooks;
pub mod workers;
