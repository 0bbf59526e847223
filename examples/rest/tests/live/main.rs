//! Live events over real sockets: on every store, over several processes, and with clients that are slow, hostile or cut off.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
#[macro_use]
mod common;
mod clients;
mod endings;
mod events;
mod hostile;
mod idle;
mod limits;
mod processes;
mod replies;
mod resuming;
mod talking;

use std::net::SocketAddr;

use clients::{Heard, Sse, Ws};
use common::{Service, Store};
use serde_json::{Value, json};

/// A UUID that names nothing.
const NOBODY: &str = "0190b2c4-0000-7000-8000-000000000000";

/// The id of a new session of so many answers.
fn session(service: &Service, answers: u32) -> String {
    let plan = json!({
        "candidate_name": "Ada Lovelace",
        "questions": ["What is a deadlock?", "How would you find one in production?"],
        "interview_type": "technical",
        "max_answers": answers,
    });
    let interview = service.post("/api/interviews", plan).ok(201);
    let start = format!("/api/interviews/{}/chat/start", interview["id"].as_str().unwrap());
    service.post(&start, "").ok(201)["id"].as_str().unwrap().to_owned()
}

/// Sends a message and waits for the reply.
fn say(service: &Service, session: &str, words: &str) -> Value {
    service.post(&format!("/api/chat/{session}/message"), json!({"message": words})).ok(200)
}

/// A client's means of listening.
#[derive(Clone, Copy)]
enum By {
    Sse,
    Ws,
}

impl By {
    const BOTH: [Self; 2] = [Self::Sse, Self::Ws];

    /// Listens to what comes after an event.
    fn listen(self, address: SocketAddr, session: &str, after: u64) -> Box<dyn Heard> {
        match self {
            Self::Sse => Box::new(Sse::open(address, session, after)),
            Self::Ws => Box::new(Ws::open(address, session, after)),
        }
    }
}

/// All that a session has told, from the beginning, when it is over.
fn whole(service: &Service, session: &str) -> Vec<Value> {
    logged(&mut Sse::open(service.address, session, 0))
}

/// What is kept, until the end.
fn logged(listener: &mut dyn Heard) -> Vec<Value> {
    std::iter::from_fn(|| listener.next()).filter(|event| event.get("seq").is_some()).collect()
}

/// The next events that are kept.
fn next_logged(listener: &mut dyn Heard, count: usize) -> Vec<Value> {
    let events = std::iter::from_fn(|| listener.next()).filter(|event| event.get("seq").is_some());
    let events: Vec<Value> = events.take(count).collect();
    assert_eq!(events.len(), count, "it ended before");
    events
}

/// Hears until something is said with these words.
fn until(listener: &mut dyn Heard, words: &str) -> Vec<Value> {
    let mut heard = Vec::new();
    while !heard.last().is_some_and(|event: &Value| event["message"]["content"] == words) {
        heard.push(listener.next().unwrap_or_else(|| panic!("it ended before {words:?}: {heard:?}")));
    }
    heard.retain(|event| event.get("seq").is_some());
    heard
}

fn seq(event: &Value) -> u64 {
    event["seq"].as_u64().unwrap()
}
