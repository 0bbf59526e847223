//! Spans: what a collector is told of a request, and of what the engine did for it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use vivavoce_test_support::{HttpServer, response};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// The value of an attribute of a span.
fn attribute<'a>(span: &'a Value, name: &str) -> Option<&'a Value> {
    let attributes = span["attributes"].as_array()?;
    let found = attributes.iter().find(|attribute| attribute["key"] == name)?;
    found["value"].as_object()?.values().next()
}

#[test]
fn a_request_and_what_the_engine_did_for_it_are_spans_of_its_clients_trace_without_content() {
    let collector = HttpServer::start(|_, _| vec![response(200, &[("content-type", "application/json")], "{}")]);
    let mut service = Command::new(env!("CARGO_BIN_EXE_vivavoce-rest"))
        .args(["--listen", "127.0.0.1:0", "--otlp-endpoint", &collector.url("/")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(service.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let api = format!("http://{}/api", line.trim().rsplit("http://").next().unwrap());
    let ask = |path: &str, flags: &str, body: Value| {
        let request = ureq::post(format!("{api}/{path}?canary=1")).header("x-canary", "canary");
        let request = request.header("traceparent", format!("00-{TRACE}-{PARENT}-{flags}"));
        request.config().http_status_as_error(false).build().send(body.to_string()).unwrap()
    };
    let plan = json!({"candidate_name": "Canary", "interview_type": "general", "questions": ["Canary?"]});
    assert_eq!(ask("interviews", "01", plan).status(), 201);
    assert_eq!(ask("chat/canary/message", "01", json!({"message": "canary"})).status(), 404);
    // Whose client keeps nothing of it.
    assert_eq!(ask("evaluation", "00", json!({"canary": 1})).status(), 400);

    // What is left is sent at the end.
    assert!(Command::new("kill").arg(service.id().to_string()).status().unwrap().success());
    let mut log = String::new();
    service.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert_eq!(service.wait().unwrap().code(), Some(0), "{log}");

    let requests = collector.requests();
    assert!(!requests.is_empty() && requests.iter().all(|request| request.path == "/v1/traces"));
    let bodies: Vec<String> =
        requests.iter().map(|request| String::from_utf8_lossy(&request.body).into_owned()).collect();
    assert!(!bodies.concat().to_lowercase().contains("canary"), "{bodies:?}");
    let mut spans: Vec<Value> = Vec::new();
    for body in &bodies {
        let body: Value = serde_json::from_str(body).unwrap();
        for resource in body["resourceSpans"].as_array().unwrap() {
            assert!(resource["resource"].to_string().contains("vivavoce-rest"));
            for scope in resource["scopeSpans"].as_array().unwrap() {
                spans.extend(scope["spans"].as_array().unwrap().iter().cloned());
            }
        }
    }
    let named = |name: &str| spans.iter().find(|span| span["name"] == name).unwrap_or_else(|| panic!("{spans:#?}"));
    let created = named("POST /api/interviews");
    assert_eq!((&created["traceId"], &created["parentSpanId"]), (&json!(TRACE), &json!(PARENT)));
    // A server's.
    assert_eq!(created["kind"], 2);
    assert_eq!(attribute(created, "http.response.status_code").unwrap().to_string().trim_matches('"'), "201");
    let refused = named("POST /api/chat/{session_id}/message");
    assert_eq!(attribute(refused, "http.response.status_code").unwrap().to_string().trim_matches('"'), "404");
    let operation = |name: &str| spans.iter().find(|span| attribute(span, "operation") == Some(&json!(name)));
    // A worker has looked for something to do, which is no request.
    assert!(operation("work").is_none());
    let operation = operation("create_interview").unwrap_or_else(|| panic!("{spans:#?}"));
    assert_eq!(operation["name"], "vivavoce");
    assert_eq!((&operation["traceId"], &operation["parentSpanId"]), (&json!(TRACE), &created["spanId"]));
    assert!(!spans.iter().any(|span| span["name"] == "POST /api/evaluation"), "{spans:#?}");

    // The log names the same span.
    let line =
        log.lines().find(|line| line.contains("\"route\":\"/api/interviews\"")).unwrap_or_else(|| panic!("{log}"));
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["fields"]["trace_id"], &line["fields"]["span_id"]), (&json!(TRACE), &created["spanId"]));
    assert!(!log.to_lowercase().contains("canary"), "{log}");
}

#[test]
fn an_endpoint_that_is_none_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_vivavoce-rest"))
        .args(["--listen", "127.0.0.1:0", "--otlp-endpoint", "no url at all"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.lines().count() == 1 && text.contains("--otlp-endpoint"), "{text}");
}
