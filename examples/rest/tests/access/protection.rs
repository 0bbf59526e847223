//! What every response tells a browser, and what pages of others may make it do.

use super::*;

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

#[test]
fn pages_of_others_change_nothing_where_nobody_is_asked() {
    let service = Store::memory().service(&["--allow-origin", "https://a.example"]);
    let plan = json!({"candidate_name": "Ada", "questions": ["Why?"], "interview_type": "general"}).to_string();
    let own = format!("http://{}", service.address);
    for (origin, status) in
        [(own.as_str(), 201), ("https://a.example", 201), ("https://evil.example", 403), ("null", 403)]
    {
        let reply =
            service.send("POST", "/api/interviews", &[("origin", origin), ("content-type", "text/plain")], &plan);
        assert_eq!(reply.status, status, "{origin}: {}", reply.text());
    }
    let held = held(&service, "");
    let interview = format!("/api/interviews/{}", held.interview);
    for (method, body) in [("PATCH", "{}"), ("DELETE", "")] {
        service.send(method, &interview, &[("origin", "https://evil.example")], body).fails(403, "Origin not allowed");
        let status = service.send(method, &interview, &[("origin", "https://a.example")], body).status;
        assert_ne!(status, 403, "{method}");
    }
    let session = held.session;
    let events = format!("/api/chat/{session}/events");
    let socket = format!("/api/chat/{session}/ws");
    assert_eq!(open(&service, &socket, "origin: https://evil.example\r\n").0, 403);
    assert_eq!(open(&service, &socket, "origin: http://localhost\r\n").0, 101);
    assert_eq!(open(&service, &events, "").0, 200);
    // A name that its owner lets point to this machine.
    for path in ["/api/interviews", "/api/access", &events] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: evil.example:8080\r\nconnection: close\r\n\r\n");
        let reply = raw(&service, request.as_bytes());
        assert!(reply.starts_with("HTTP/1.1 403") && reply.contains("Host not allowed"), "{reply}");
    }
}

#[test]
fn where_tokens_are_asked_for_any_name_will_do() {
    let tokens = Tokens::new();
    let service = tokens.service(&Store::memory(), &[]);
    let request = format!(
        "GET /api/access HTTP/1.1\r\nhost: interviews.example\r\norigin: https://interviews.example\r\nconnection: close\r\nauthorization: Bearer {}\r\n\r\n",
        tokens.interviewer
    );
    assert!(raw(&service, request.as_bytes()).starts_with("HTTP/1.1 200"));
}
