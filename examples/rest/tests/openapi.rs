//! The document says what the service does, and the committed one is this one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::Store;
use serde_json::Value;
use vivavoce_rest::openapi;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.yaml");

#[test]
fn the_committed_document_is_that_of_the_code() {
    let now = openapi::yaml(&"/api".parse().unwrap()).unwrap();
    if std::env::var_os("VIVAVOCE_WRITE_OPENAPI").is_some() {
        std::fs::write(COMMITTED, &now).unwrap();
    }
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(committed == now, "docs/openapi.yaml is not up to date: make openapi writes it anew");
}

#[test]
fn it_is_served_with_the_services_own_base_path_and_as_a_page() {
    let service = Store::memory().service(&["--base-path", "/v2"]);
    let yaml = service.get("/openapi.yaml");
    assert_eq!((yaml.status, yaml.header("content-type")), (200, Some("application/yaml")));
    assert!(yaml.text().contains("\n  /v2/interviews:\n") && yaml.text().contains("\n  /health:\n"));
    let document = service.get("/openapi.json").ok(200);
    assert_eq!(document["openapi"], "3.1.0");
    let page = service.get("/docs");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let text = page.text();
    for path in document["paths"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("<code>{path}</code>")), "{path}");
    }
    assert!(
        !text.contains("style=")
            && !text.contains("<script")
            && !text.contains("http://")
            && !text.contains("https://")
    );
    assert_eq!(service.get("/docs/style.css").header("content-type"), Some("text/css; charset=utf-8"));
}

#[test]
fn every_call_says_what_it_takes_and_what_can_go_wrong() {
    let document = serde_json::to_value(openapi::document(&"/api".parse().unwrap(), None)).unwrap();
    let mut calls = 0;
    let mut names = std::collections::HashSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, call) in methods.as_object().unwrap() {
            calls += 1;
            let name = format!("{method} {path}");
            assert!(
                call["summary"].is_string() && call["tags"].as_array().is_some_and(|tags| tags.len() == 1),
                "{name}"
            );
            assert!(names.insert(call["operationId"].as_str().unwrap()), "{name}: another call has its name");
            let responses = call["responses"].as_object().unwrap();
            let is_below = path.starts_with("/api/");
            for status in ["401", "403", "429", "503"] {
                assert!(!is_below || responses.contains_key(status), "{name}: {status}");
            }
            assert!(!path.contains('{') || responses.contains_key("404"), "{name}");
            let parameters = call["parameters"].as_array().cloned().unwrap_or_default();
            let has = |wanted: &str| parameters.iter().any(|parameter| parameter["name"] == wanted);
            assert_eq!(has("Idempotency-Key"), ["post", "patch"].contains(&method.as_str()), "{name}");
            for part in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
                assert!(has(part), "{name}: {part}");
            }
        }
    }
    assert!(calls > 35, "{calls}");
    references(&document, &document);
}

/// Whatever is named is there.
fn references(value: &Value, document: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(name.trim_start_matches('#')).is_some(), "{name}");
            }
            fields.values().for_each(|value| references(value, document));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, document)),
        _ => {}
    }
}
