//! The contract, word for word, over sockets and on every store.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
#[macro_use]
mod common;
mod chat;
mod evaluations;
mod further;
mod interviews;
mod lists;
mod models;
mod protocol;

use common::{Service, Store};
use serde_json::{Value, json};

/// A UUID that names nothing.
const NOBODY: &str = "0190b2c4-0000-7000-8000-000000000000";

/// An interview with two questions.
fn plan() -> Value {
    json!({
        "candidate_name": "Ada Lovelace",
        "questions": ["What is a deadlock?", "How would you find one in production?"],
        "interview_type": "technical",
    })
}

/// The id of a new interview.
fn interview(service: &Service) -> String {
    let made = service.post("/api/interviews", plan()).ok(201);
    made["id"].as_str().unwrap().to_owned()
}

/// The id of a new session.
fn session(service: &Service) -> String {
    let interview = interview(service);
    let started = service.post(&format!("/api/interviews/{interview}/chat/start"), "").ok(201);
    started["id"].as_str().unwrap().to_owned()
}
