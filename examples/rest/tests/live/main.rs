//! Live events: everything once and in order, wherever it was written and however often a listener comes back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
#[macro_use]
mod common;
mod events;
mod sockets;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use common::{Service, Store};
use serde_json::{Value, json};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

/// The path of a new session of two answers at the most.
fn chat(service: &Service) -> String {
    let plan = json!({
        "candidate_name": "Ada", "questions": ["What is a deadlock?"], "interview_type": "technical", "max_answers": 2,
    });
    let interview = service.post("/api/interviews", plan).ok(201)["id"].as_str().unwrap().to_owned();
    let started = service.post(&format!("/api/interviews/{interview}/chat/start"), "").ok(201);
    format!("/api/chat/{}", started["id"].as_str().unwrap())
}

fn say(service: &Service, chat: &str, words: &str) -> Value {
    service.post(&format!("{chat}/message"), json!({"message": words})).ok(200)
}

/// A reader of server-sent events.
struct Events(BufReader<TcpStream>);

impl Events {
    fn open(service: &Service, path: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(service.address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", service.address).unwrap();
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        Self(reader)
    }

    /// The next event that can be heard again; none at the end of the stream.
    fn next(&mut self) -> Option<Value> {
        let mut id = None;
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(value) = line.strip_prefix("id: ") {
                id = Some(value.trim().parse::<u64>().unwrap());
            }
            if let (Some(data), Some(id)) = (line.strip_prefix("data: "), id) {
                let event: Value = serde_json::from_str(data).unwrap();
                assert_eq!(event["seq"], id);
                return Some(event);
            }
            // The last piece of a chunked body.
            if line == "0\r\n" {
                return None;
            }
        }
    }

    fn take(&mut self, number: usize) -> Vec<Value> {
        (0..number).map(|_| self.next().expect("there is one more")).collect()
    }
}

/// What events are about, in a word each.
fn words(events: &[Value]) -> Vec<String> {
    let word = |event: &Value| match event["type"].as_str().unwrap() {
        "message" => event["message"]["type"].as_str().unwrap().to_owned(),
        _ => event["status"].as_str().unwrap().to_owned(),
    };
    events.iter().map(word).collect()
}
