//! Tokens, roles, tenants and limits.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
#[macro_use]
mod common;
mod process;

use common::{Reply, Service, Store};
use serde_json::{Value, json};
use vivavoce_rest::access::{Role, new_token};

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
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        std::fs::write(folder.path().join("key"), key).unwrap();
        std::fs::write(folder.path().join("tokens.toml"), format!("signing_key_file = \"key\"\n{a}\n{b}\n{c}"))
            .unwrap();
        Self { folder, administrator, interviewer, foreign }
    }

    fn service(&self, store: &Store, more: &[&str]) -> Service {
        let path = self.folder.path().join("tokens.toml");
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

/// An interview with a session, an evaluation and a candidate's token.
struct Held {
    interview: String,
    session: String,
    evaluation: String,
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
    Held { interview, session, evaluation, candidate: text(&made["token"]) }
}

/// Every call that names something, and the least role that may make it.
fn calls(held: &Held) -> Vec<(&'static str, String, Value, Role)> {
    let Held { interview, session, evaluation, .. } = held;
    let interviews = |rest: &str| format!("/api/interviews/{interview}{rest}");
    let chat = |rest: &str| format!("/api/chat/{session}{rest}");
    let evaluations = |rest: &str| format!("/api/evaluation/{evaluation}{rest}");
    let answers = json!({"question_0": "Because."});
    vec![
        ("GET", interviews(""), Value::Null, Role::Interviewer),
        ("PATCH", interviews(""), json!({}), Role::Interviewer),
        ("DELETE", interviews(""), Value::Null, Role::Interviewer),
        ("GET", interviews("/sessions"), Value::Null, Role::Interviewer),
        ("GET", interviews("/evaluations"), Value::Null, Role::Interviewer),
        ("POST", interviews("/evaluations"), json!({"answers": answers}), Role::Interviewer),
        ("POST", interviews("/chat/start"), Value::Null, Role::Interviewer),
        ("GET", interviews("/audit"), Value::Null, Role::Administrator),
        ("GET", chat(""), Value::Null, Role::Candidate),
        ("POST", chat("/message"), json!({"message": "Because."}), Role::Candidate),
        ("GET", chat("/events"), Value::Null, Role::Candidate),
        ("POST", chat("/end"), Value::Null, Role::Candidate),
        ("POST", chat("/abandon"), Value::Null, Role::Interviewer),
        ("GET", evaluations(""), Value::Null, Role::Interviewer),
        ("GET", evaluations("/scorecard.json"), Value::Null, Role::Interviewer),
        ("GET", evaluations("/scorecard.md"), Value::Null, Role::Interviewer),
        ("GET", evaluations("/scorecard.html"), Value::Null, Role::Interviewer),
        ("POST", evaluations("/override"), json!({"score": 1, "reason": "So."}), Role::Interviewer),
        ("POST", evaluations("/re-evaluate"), Value::Null, Role::Interviewer),
        ("POST", "/api/evaluation".into(), json!({"interview_id": interview, "answers": answers}), Role::Interviewer),
        ("POST", "/api/tokens".into(), json!({"session_id": session}), Role::Interviewer),
        ("POST", interviews("/erase"), Value::Null, Role::Administrator),
    ]
}

/// The calls that name nothing.
fn general() -> Vec<(&'static str, &'static str, Value, Role)> {
    vec![
        ("GET", "/api/interviews", Value::Null, Role::Interviewer),
        ("POST", "/api/interviews", json!({}), Role::Interviewer),
        ("GET", "/api/evaluations", Value::Null, Role::Interviewer),
        ("POST", "/api/questions", json!({"interview_type": "general"}), Role::Interviewer),
        ("GET", "/api/export/interviews.jsonl", Value::Null, Role::Administrator),
        ("GET", "/api/export/interviews.csv", Value::Null, Role::Administrator),
        ("GET", "/api/export/evaluations.jsonl", Value::Null, Role::Administrator),
        ("GET", "/api/export/evaluations.csv", Value::Null, Role::Administrator),
        ("POST", "/api/candidates/erase", json!({"external_id": "nobody"}), Role::Administrator),
        ("GET", "/api/access", Value::Null, Role::Candidate),
    ]
}

on_every_store! {
    fn nobody_is_let_in_without_a_token(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let held = held(&service, &tokens.interviewer);
        let named = calls(&held).into_iter().map(|(method, path, body, _)| (method, path, body));
        let others = general().into_iter().map(|(method, path, body, _)| (method, path.to_owned(), body));
        for (method, path, body) in named.chain(others) {
            for token in ["", "nonsense", "vv_", "vvc_AAAA", &tokens.interviewer[..tokens.interviewer.len() - 1]] {
                let refused = send(&service, token, method, &path, &body);
                refused.fails(401, "Missing or invalid token");
                assert_eq!(refused.header("www-authenticate"), Some("Bearer"), "{method} {path}");
            }
        }
        for path in ["/health", "/ready", "/metrics", "/openapi.yaml", "/docs"] {
            assert_eq!(service.get(path).status, 200, "{path}");
        }
    }

    fn each_role_may_do_its_own_and_no_more(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let held = held(&service, &tokens.interviewer);
        let named = calls(&held).into_iter().filter(|(method, path, ..)| !(*method == "GET" && path.ends_with("/events")));
        let others = general().into_iter().map(|(method, path, body, role)| (method, path.to_owned(), body, role));
        for (method, path, body, least) in named.chain(others) {
            let callers = [
                (Role::Candidate, &held.candidate),
                (Role::Interviewer, &tokens.interviewer),
                (Role::Administrator, &tokens.administrator),
            ];
            for (role, token) in callers {
                let reply = send(&service, token, method, &path, &body);
                match role < least {
                    true => reply.fails(403, "Not allowed for this role"),
                    false => assert!(reply.status != 403 && reply.status != 401, "{role:?} {method} {path}"),
                }
            }
        }
    }

    fn another_tenants_ids_are_not_there(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let held = held(&service, &tokens.administrator);
        // Cached as well.
        send(&service, &tokens.administrator, "GET", &format!("/api/chat/{}", held.session), &Value::Null).ok(200);
        for (method, path, body, _) in calls(&held) {
            let reply = send(&service, &tokens.foreign, method, &path, &body);
            assert_eq!(reply.status, 404, "{method} {path}: {}", reply.text());
        }
        let list = send(&service, &tokens.foreign, "GET", "/api/interviews", &Value::Null).ok(200);
        assert_eq!((&list["total"], &list["interviews"]), (&json!(0), &json!([])));
        let page = send(&service, &tokens.foreign, "GET", "/api/evaluations", &Value::Null).ok(200);
        assert_eq!(page["evaluations"], json!([]));
        for form in ["interviews.jsonl", "evaluations.jsonl"] {
            assert_eq!(send(&service, &tokens.foreign, "GET", &format!("/api/export/{form}"), &Value::Null).text(), "");
        }
        let erase = json!({"external_id": "candidate-7"});
        send(&service, &tokens.foreign, "POST", "/api/candidates/erase", &erase).fails(404, "Interview not found");
    }

    fn keys_are_each_callers_own(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let plan = |name: &str| json!({"candidate_name": name, "questions": ["Why?"], "interview_type": "general"});
        let create = |token: &str, name: &str| {
            let authorization = format!("Bearer {token}");
            let headers = [("authorization", authorization.as_str()), ("idempotency-key", "same")];
            service.send("POST", "/api/interviews", &headers, plan(name).to_string()).ok(201)
        };
        let first = create(&tokens.administrator, "Ada");
        assert_ne!(create(&tokens.interviewer, "Grace")["id"], first["id"]);
        assert_eq!(create(&tokens.foreign, "Barbara")["candidate_name"], "Barbara");
        assert_eq!(create(&tokens.administrator, "Ada")["id"], first["id"]);
    }

    fn a_candidates_token_is_for_one_session(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let (own, other) = (held(&service, &tokens.interviewer), held(&service, &tokens.interviewer));
        let chat = format!("/api/chat/{}", own.session);
        let access = send(&service, &own.candidate, "GET", "/api/access", &Value::Null).ok(200);
        assert_eq!((&access["role"], &access["tenant"], &access["session_id"]), (&json!("candidate"), &json!("acme"), &json!(own.session)));
        send(&service, &own.candidate, "POST", &format!("{chat}/message"), &json!({"message": "Because."})).ok(200);
        for rest in ["", "/events", "/ws"] {
            let path = format!("/api/chat/{}{rest}", other.session);
            send(&service, &own.candidate, "GET", &path, &Value::Null).fails(404, "Chat session not found");
        }
        let message = format!("/api/chat/{}/message", other.session);
        send(&service, &own.candidate, "POST", &message, &json!({"message": "Because."})).fails(404, "Chat session not found");
        send(&service, &own.candidate, "POST", &format!("{chat}/end"), &Value::Null).ok(200);
        // A browser's EventSource has no headers; other calls take no token from a query.
        let events = service.get(&format!("{chat}/events?access_token={}", own.candidate));
        assert!(events.status == 200 && !events.text().contains("score"), "{}", events.text());
        service.get(&format!("{chat}?access_token={}", own.candidate)).fails(401, "Missing or invalid token");
        let brief = json!({"session_id": own.session, "expires_in": 1});
        let brief = send(&service, &tokens.interviewer, "POST", "/api/tokens", &brief).ok(201);
        let until: chrono::DateTime<chrono::Utc> = brief["expires_at"].as_str().unwrap().parse().unwrap();
        while chrono::Utc::now() < until {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        send(&service, brief["token"].as_str().unwrap(), "GET", &chat, &Value::Null).fails(401, "Missing or invalid token");
        for expires_in in [0, 31_536_001] {
            let body = json!({"session_id": own.session, "expires_in": expires_in});
            send(&service, &tokens.interviewer, "POST", "/api/tokens", &body).fails(400, "expires_in is not 1 to 31536000");
        }
    }
}

#[test]
fn a_candidates_token_is_known_by_every_service_with_the_key() {
    let (tokens, store) = (Tokens::new(), Store::postgres());
    let (one, other) = (tokens.service(&store, &[]), tokens.service(&store, &[]));
    let held = held(&one, &tokens.interviewer);
    send(&other, &held.candidate, "GET", &format!("/api/chat/{}", held.session), &Value::Null).ok(200);
}

#[test]
fn too_many_requests_are_told_when_to_come_back() {
    let tokens = Tokens::new();
    let service = tokens.service(&Store::memory(), &["--rate-limit", "5"]);
    let ask = |token: &str| send(&service, token, "GET", "/api/access", &Value::Null);
    let replies: Vec<Reply> = (0..8).map(|_| ask(&tokens.interviewer)).collect();
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 5);
    let refused = replies.last().unwrap();
    refused.fails(429, "Too many requests");
    assert!((1..=60).contains(&refused.header("retry-after").unwrap().parse::<u64>().unwrap()));
    assert_eq!(ask("nonsense").status, 429, "of this address, whoever asks");
    assert_eq!(service.get("/health").status, 200);
}

#[test]
fn where_nobody_is_asked_a_candidates_link_allows_as_little() {
    let service = Store::memory().service(&[]);
    let access = service.get("/api/access").ok(200);
    assert_eq!(access, json!({"role": "administrator", "tenant": "default", "tokens": false}));
    let held = held(&service, "");
    send(&service, &held.candidate, "GET", "/api/interviews", &Value::Null).fails(403, "Not allowed for this role");
    send(&service, &held.candidate, "GET", &format!("/api/chat/{}", held.session), &Value::Null).ok(200);
    send(&service, "vvc_AAAA", "GET", "/api/interviews", &Value::Null).fails(401, "Missing or invalid token");
    send(&service, "another", "GET", "/api/interviews", &Value::Null).ok(200);
}

#[test]
fn every_response_has_the_headers_that_protect_it() {
    let service = Store::memory().service(&[]);
    for path in ["/health", "/api/interviews", "/api/nothing", "/docs", "/openapi.yaml"] {
        let reply = service.get(path);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path}");
        }
        assert!(reply.header("content-security-policy").unwrap().starts_with("default-src 'none'"), "{path}");
        assert!(reply.header("permissions-policy").unwrap().contains("microphone=(self)"));
        assert!(reply.header("x-request-id").is_some() && reply.header("server").is_none());
    }
    let own = service.send("GET", "/health", &[("x-request-id", "mine-1")], "");
    assert_eq!(own.header("x-request-id"), Some("mine-1"));
}

#[test]
fn what_is_counted_has_no_content() {
    let service = Store::memory().service(&[]);
    held(&service, "");
    service.get("/api/interviews/canary?candidate_name=canary").fails(404, "Interview not found");
    service.get("/canary").fails(404, "Not found");
    let metrics = service.get("/metrics");
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4"));
    let text = metrics.text();
    assert!(!text.contains("canary"), "{text}");
    for line in [
        "vivavoce_calls_total{operation=\"create_interview\"} 1",
        "vivavoce_http_requests_total{method=\"POST\",route=\"/api/interviews\",status=\"201\"} 1",
        "vivavoce_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
        "vivavoce_http_requests_in_flight 1",
        "vivavoce_http_calls{lane=\"store\",state=\"waiting\"} 0",
        "vivavoce_http_request_seconds_bucket{method=\"POST\",route=\"/api/interviews\",le=\"+Inf\"} 1",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} is not in\n{text}");
    }
}
