//! Tokens, roles, tenants and limits, and what hostile clients send.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
#[macro_use]
mod common;
mod hostile;
mod keys;
mod limits;
mod names;
mod process;
mod protection;
mod roles;
mod tokens;
mod webhooks;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use common::{Reply, Service, Store};
use serde_json::{Value, json};
use vivavoce_rest::access::{Role, make_key, new_token};

/// A file of tokens, and the tokens.
struct Tokens {
    folder: tempfile::TempDir,
    administrator: String,
    interviewer: String,
    /// Of another tenant.
    foreign: String,
}

impl Tokens {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [(administrator, a), (interviewer, b), (foreign, c)] = [
            new_token(Role::Administrator, "acme", "boss").unwrap(),
            new_token(Role::Interviewer, "acme", "desk").unwrap(),
            new_token(Role::Administrator, "globex", "boss of globex").unwrap(),
        ];
        make_key(&folder.path().join("key")).unwrap();
        let own = Self { folder, administrator, interviewer, foreign };
        std::fs::write(own.file(), format!("signing_key_file = \"key\"\n{a}\n{b}\n{c}")).unwrap();
        own
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("tokens.toml")
    }

    fn service(&self, store: &Store, more: &[&str]) -> Service {
        let path = self.file();
        let own = ["--tokens", path.to_str().unwrap()];
        store.service(&own.iter().chain(more).copied().collect::<Vec<_>>())
    }
}

fn send(service: &Service, token: &str, method: &str, path: &str, body: &Value) -> Reply {
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str())];
    let body = if method == "GET" || body.is_null() { String::new() } else { body.to_string() };
    service.send(method, path, if token.is_empty() { &[] } else { &headers }, body)
}

/// Sends bytes and reads until the connection ends, or the head of a reply is there that has no end.
fn raw(service: &Service, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(service.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The service may answer, and end the connection, before it has read all.
    let _ = stream.write_all(request);
    let mut reply = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut piece) {
        reply.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&reply);
        if text.contains("\r\n\r\n") && (text.contains("text/event-stream") || text.starts_with("HTTP/1.1 101")) {
            break;
        }
    }
    String::from_utf8_lossy(&reply).into_owned()
}

/// Opens a live call, and gives the status and the reply as far as it came.
fn open(service: &Service, path: &str, headers: &str) -> (u16, String) {
    let upgrade = match path.contains("/ws") {
        true => {
            "connection: upgrade, close\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        }
        false => "connection: close\r\n",
    };
    let reply = raw(service, format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{upgrade}{headers}\r\n").as_bytes());
    let status = reply.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("no reply: {reply}")), reply)
}

/// The status of a call, of whatever kind.
fn status(service: &Service, token: &str, method: &str, path: &str, body: &Value) -> u16 {
    match path.ends_with("/ws") || path.ends_with("/events") {
        true => open(service, path, &format!("authorization: Bearer {token}\r\n")).0,
        false => send(service, token, method, path, body).status,
    }
}

/// An interview with a session, an evaluation and a candidate's token.
struct Held {
    interview: String,
    session: String,
    evaluation: String,
    calibration: String,
    candidate: String,
}

fn held(service: &Service, token: &str) -> Held {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let plan = json!({
        "candidate_name": "Ada", "questions": ["Why?"], "interview_type": "general", "external_id": "candidate-7",
    });
    let interview = text(&send(service, token, "POST", "/api/interviews", &plan).ok(201)["id"]);
    let start = format!("/api/interviews/{interview}/chat/start");
    let session = text(&send(service, token, "POST", &start, &Value::Null).ok(201)["id"]);
    let body = json!({"interview_id": interview, "answers": {"question_0": "Because."}});
    let evaluation = text(&send(service, token, "POST", "/api/evaluation", &body).ok(200)["id"]);
    let made = send(service, token, "POST", "/api/tokens", &json!({"session_id": session})).ok(201);
    let graded = json!({"question": "Why?", "answer": "Because of this.", "score": 0.5});
    let graded = json!({"name": "why", "graded": vec![graded; 10]});
    let calibration = text(&send(service, token, "POST", "/api/calibrations", &graded).ok(201)["name"]);
    Held { interview, session, evaluation, calibration, candidate: text(&made["token"]) }
}
