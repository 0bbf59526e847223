//! What holds for every call, whatever the store.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::*;

/// Sends bytes and reads until the connection ends, or for long enough.
fn raw(service: &Service, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(service.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The service may answer, and end the connection, before it has read all.
    let _ = stream.write_all(request);
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply);
    String::from_utf8_lossy(&reply).into_owned()
}

#[test]
fn health_is_at_the_root() {
    let service = Store::memory().service(&["--base-path", "/v2/interviewing"]);
    for path in ["/health", "/ready"] {
        let health = service.get(path).ok(200);
        assert_eq!((&health["status"], &health["store"]), (&json!("ok"), &json!("memory")));
    }
    assert_eq!(service.get("/v2/interviewing/interviews").ok(200)["total"], 0);
    service.get("/api/interviews").fails(404, "Not found");
    service.get("/v2/interviewing/health").fails(404, "Not found");
}

#[test]
fn unknown_paths_and_methods_are_json() {
    let service = Store::memory().service(&[]);
    for path in
        ["/api", "/api/", "/api/nothing", "/api/interviews/", "/nothing", "/api/interviews/a/b", "/api/../etc/passwd"]
    {
        service.get(path).fails(404, "Not found");
    }
    for (method, path, allowed) in [
        ("DELETE", "/api/interviews", "POST,GET,HEAD"),
        ("PUT", "/health", "GET,HEAD"),
        ("GET", "/api/evaluation", "POST"),
        ("GET", "/api/chat/x/message", "POST"),
    ] {
        let refused = service.send(method, path, &[], "");
        refused.fails(405, "Method not allowed");
        let mut told: Vec<&str> = refused.header("allow").unwrap().split(',').collect();
        let mut allowed: Vec<&str> = allowed.split(',').collect();
        told.sort_unstable();
        allowed.sort_unstable();
        assert_eq!(told, allowed, "{path}");
    }
}

#[test]
fn a_body_over_a_mebibyte_is_too_large() {
    let service = Store::memory().service(&[]);
    let body = |size: usize| format!("{{\"message\": \"{}\"}}", "a".repeat(size - 15));
    let path = format!("/api/chat/{}/message", session(&service));
    assert_eq!(body(1024 * 1024).len(), 1024 * 1024);
    service.post(&path, body(1024 * 1024)).fails(400, "message is longer than 32000 characters");
    service.post(&path, body(1024 * 1024 + 1)).fails(413, "Body too large");
    // In pieces, which say no length beforehand.
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000)).repeat(17);
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n{chunk}0\r\n\r\n"
    );
    let reply = raw(&service, request.as_bytes());
    assert!(reply.starts_with("HTTP/1.1 413") && reply.contains("Body too large"), "{reply}");
    let reply = raw(
        &service,
        format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999999999\r\n\r\n").as_bytes(),
    );
    assert!(reply.starts_with("HTTP/1.1 413"), "{reply}");
}

#[test]
fn a_head_that_is_too_large_is_431() {
    let service = Store::memory().service(&[]);
    let large = format!("GET /health HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "a".repeat(64 * 1024));
    let many = format!("GET /health HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "x: a\r\n".repeat(200));
    for request in [large, many] {
        let reply = raw(&service, request.as_bytes());
        assert!(reply.starts_with("HTTP/1.1 431"), "{reply}");
    }
}

#[test]
fn a_body_that_does_not_come_is_408() {
    let service = Store::memory().service(&["--request-timeout", "0.2"]);
    let reply = raw(
        &service,
        b"POST /api/interviews HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 10\r\n\r\n{",
    );
    assert!(reply.starts_with("HTTP/1.1 408") && reply.contains("{\"error\":"), "{reply}");
}

#[test]
fn a_head_that_comes_by_drops_is_408_and_keeps_nobody_else_waiting() {
    let service = Store::memory().service(&[]);
    let mut silent = TcpStream::connect(service.address).unwrap();
    let mut slow = TcpStream::connect(service.address).unwrap();
    slow.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nx: ").unwrap();
    slow.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut reply = Vec::new();
    let mut drops = 0;
    while slow.read_to_end(&mut reply).is_err() && drops < 60 {
        service.get("/health").ok(200);
        let _ = slow.write_all(b"a");
        drops += 1;
    }
    let reply = String::from_utf8(reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 408 ") && head.contains("connection: close"), "{reply}");
    assert!(head.contains(&format!("content-length: {}", body.len())), "{reply}");
    assert_eq!(serde_json::from_str::<Value>(body).unwrap()["error"], "The request did not come in time");
    // Who has sent nothing is told nothing.
    let mut told = Vec::new();
    silent.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    silent.read_to_end(&mut told).unwrap();
    assert!(told.is_empty());
}

#[test]
fn other_origins_are_let_in_only_where_that_is_configured() {
    let closed = Store::memory().service(&[]);
    let asked = |service: &Service, origin: &str| {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        let before = service.send("OPTIONS", "/api/interviews", &headers, "");
        let then = service.send("GET", "/api/interviews", &headers[..1], "");
        let allowed = |reply: &common::Reply| reply.header("access-control-allow-origin").map(str::to_owned);
        (allowed(&before), allowed(&then))
    };
    assert_eq!(asked(&closed, "https://a.example"), (None, None));
    let open = Store::memory().service(&["--allow-origin", "https://a.example,http://localhost:5173"]);
    for origin in ["https://a.example", "http://localhost:5173"] {
        assert_eq!(asked(&open, origin), (Some(origin.into()), Some(origin.into())));
    }
    assert_eq!(asked(&open, "https://b.example"), (None, None));
}

#[test]
fn a_folder_of_pages_answers_outside_the_base_path() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<p>page").unwrap();
    std::fs::write(folder.path().join("a.js"), "1").unwrap();
    std::fs::write(folder.path().parent().unwrap().join("secret.txt"), "secret").unwrap();
    let service = Store::memory().service(&["--static-dir", folder.path().to_str().unwrap()]);
    for (path, content) in [
        ("/", "<p>page"),
        ("/a.js", "1"),
        ("/interviews/7", "<p>page"),
        ("/%2e%2e/secret.txt", "<p>page"),
        ("/..%2fsecret.txt", "<p>page"),
        ("//etc/passwd", "<p>page"),
        ("/apis", "<p>page"),
    ] {
        let reply = service.get(path);
        assert_eq!((reply.status, reply.text().as_str()), (200, content), "{path}");
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self' 'unsafe-inline'"), "{policy}");
    }
    service.get("/api/nothing").fails(404, "Not found");
    service.get("/health").ok(200);
    assert_eq!(service.get("/a.js").header("content-type"), Some("text/javascript"));
    let refused = service.send("POST", "/interviews/7", &[], "{}");
    assert_eq!((refused.status, refused.header("allow")), (405, Some("GET,HEAD")));
}

#[test]
fn without_tokens_there_are_no_limits() {
    let service = Store::memory().service(&[]);
    for _ in 0..1_000 {
        assert_eq!(service.get("/api/interviews").status, 200);
    }
}
