//! What hostile clients send: it is refused, or comes back as the data that it is.

use super::*;

const SCRIPT: &str = "<script>alert('canary')</script>\"><img src=x onerror=alert(1)>&{{7*7}}";

/// A request as it goes over the wire, on a connection of its own.
fn get(path: &str, more: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{more}\r\n").into_bytes()
}

fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

on_every_store! {
    fn hostile_text_comes_back_as_data(store: &Store) {
        let service = store.service(&[]);
        let is_data = |reply: &Reply, media: &str| {
            assert!(reply.header("content-type").unwrap().starts_with(media), "{:?}", reply.header("content-type"));
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
            assert!(reply.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
        };
        let plan = json!({
            "candidate_name": SCRIPT, "interview_type": "general", "job_description": SCRIPT, "resume": SCRIPT,
            "external_id": SCRIPT,
            "questions": [{"text": SCRIPT, "reference_answer": SCRIPT, "key_points": [SCRIPT]}],
        });
        let made = service.post("/api/interviews", &plan);
        is_data(&made, "application/json");
        let made = made.ok(201);
        for field in ["candidate_name", "job_description", "resume", "external_id"] {
            assert_eq!(made[field], SCRIPT, "{field}");
        }
        let id = made["id"].as_str().unwrap();
        let read = service.get(&format!("/api/interviews/{id}"));
        is_data(&read, "application/json");
        assert_eq!((&read.ok(200)["questions"][0], &read.ok(200)["question_details"][0]["reference_answer"]), (&json!(SCRIPT), &json!(SCRIPT)));
        let session = service.post(&format!("/api/interviews/{id}/chat/start"), "").ok(201);
        let chat = format!("/api/chat/{}", session["id"].as_str().unwrap());
        let turn = service.post(&format!("{chat}/message"), json!({"message": SCRIPT}));
        is_data(&turn, "application/json");
        let read = service.get(&chat);
        is_data(&read, "application/json");
        assert!(read.ok(200)["messages"].as_array().unwrap().iter().any(|message| message["content"] == SCRIPT));
        let evaluation = service.post(&format!("{chat}/end"), "").ok(200);
        assert_eq!(evaluation["answers"]["question_0"], SCRIPT);
        let events = service.get(&format!("{chat}/events"));
        is_data(&events, "text/event-stream");
        // A piece of a line of its own would be an event of its own.
        for line in events.text().lines() {
            assert!(line.is_empty() || ["event: ", "id: ", "data: {", "retry: ", ":"].iter().any(|known| line.starts_with(known)), "{line}");
        }
        let evaluations = format!("/api/evaluation/{}", evaluation["id"].as_str().unwrap());
        let changed = json!({"score": 1, "reason": SCRIPT, "by": SCRIPT});
        is_data(&service.post(&format!("{evaluations}/override"), changed), "application/json");
        let page = service.get(&format!("{evaluations}/scorecard.html"));
        is_data(&page, "text/html; charset=utf-8");
        assert!(!page.text().contains("<script") && !page.text().contains("<img"), "{}", page.text());
        is_data(&service.get(&format!("{evaluations}/scorecard.md")), "text/markdown; charset=utf-8");
        is_data(&service.get(&format!("{evaluations}/scorecard.json")), "application/json");
        for (form, media) in [("csv", "text/csv;"), ("jsonl", "application/jsonl")] {
            let export = service.get(&format!("/api/export/interviews.{form}"));
            is_data(&export, media);
        }
        let query = "candidate_name=%3Cscript%3E&sort_by=%3Cscript%3E";
        let refused = service.get(&format!("/api/interviews?{query}"));
        is_data(&refused, "application/json");
        assert!(!refused.text().contains("<script"), "{}", refused.text());
    }

    fn deep_and_large_bodies_are_refused_without_harm(store: &Store) {
        let service = store.service(&[]);
        let held = held(&service, "");
        let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
        let message = format!("/api/chat/{}/message", held.session);
        let started = std::time::Instant::now();
        for nested in [deep("[", "]"), deep("{\"a\":", "}"), "[".repeat(500_000), "{\"a\":".repeat(200_000)] {
            for path in ["/api/interviews", "/api/evaluation", "/api/tokens", "/api/questions", "/api/agreement", "/api/calibrations", &message] {
                service.post(path, &nested).fails(400, "Invalid JSON");
                let known = format!("{{\"candidate_name\": {nested}, \"message\": {nested}, \"questions\": {nested}}}");
                match known.len() > 1024 * 1024 {
                    true => service.post(path, known).fails(413, "Body too large"),
                    false => assert_eq!(service.post(path, known).status, 400, "{path}"),
                }
            }
        }
        // Where it is ignored it does no harm either.
        let ignored = format!("{{\"message\": \"Because.\", \"extra\": {}}}", deep("[", "]"));
        assert!([200, 400].contains(&service.post(&message, ignored).status));
        let large = format!("{{\"message\": \"{}\"}}", "a".repeat(2 * 1024 * 1024));
        service.post(&message, large).fails(413, "Body too large");
        let many = format!("{{{}}}", vec!["\"a\":1"; 100_000].join(","));
        assert_eq!(service.post(&message, many).status, 400);
        assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
        service.get("/health").ok(200);
        service.post(&message, json!({"message": "Because."})).ok(200);
    }
}

#[test]
fn headers_cannot_be_split_or_smuggled() {
    let tokens = Tokens::new();
    let service = tokens.service(&Store::memory(), &["--allow-origin", "https://a.example"]);
    let bearer = format!("authorization: Bearer {}\r\n", tokens.interviewer);
    for path in [
        "/api/interviews/x%0d%0aSet-Cookie:%20canary=1",
        "/api/chat/%0d%0aSet-Cookie:%20canary=1/message",
        "/%0d%0aSet-Cookie:%20canary=1",
        "/api/interviews?limit=1%0d%0aSet-Cookie:%20canary=1",
        "/api/interviews?cursor=%0d%0aSet-Cookie:%20canary=1",
    ] {
        let reply = raw(&service, &get(path, &bearer));
        assert!(reply.starts_with("HTTP/1.1 4") && !reply.to_lowercase().contains("set-cookie"), "{path}: {reply}");
    }
    // What comes back of a request's headers comes back plain, or not at all.
    for header in [
        "x-request-id: a%0d%0aset-cookie: canary=1\r\n",
        "x-request-id: canary\u{9}tab\r\n",
        "x-request-id: canary<script>\r\n",
        "origin: https://a.example/canary\r\naccess-control-request-method: canary\r\n",
        "idempotency-key: canary\r\nreferer: canary\r\nuser-agent: canary\r\n",
        "forwarded: host=canary\r\nx-forwarded-host: canary\r\nx-original-url: /canary\r\n",
    ] {
        let reply = raw(&service, &get("/api/access", &format!("{bearer}{header}")));
        assert!(reply.starts_with("HTTP/1.1 200") && !reply.contains("canary"), "{header}: {reply}");
    }
    let plan = r#"{"candidate_name": "Ada", "questions": ["Why?"], "interview_type": "general"}"#;
    let length = plan.len();
    let made = format!(
        "POST /api/interviews HTTP/1.1\r\nhost: canary.example\r\nconnection: close\r\nx-forwarded-host: canary.example\r\n{bearer}content-length: {length}\r\n\r\n{plan}"
    );
    let made = raw(&service, made.as_bytes());
    assert!(
        made.starts_with("HTTP/1.1 201") && made.contains("location: /api/interviews/") && !made.contains("canary"),
        "{made}"
    );
    // Two lengths, a length and pieces, a folded line, a bare line feed in a value: whoever stands before the service may see another request in it.
    for head in [
        "POST /api/interviews HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n",
        "POST /api/interviews HTTP/1.1\r\nhost: a\r\ncontent-length: 5, 6\r\n",
        "POST /api/interviews HTTP/1.1\r\nhost: a\r\ncontent-length: +5\r\n",
        "POST /api/interviews HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, identity\r\n",
        "GET /api/access HTTP/1.1\r\nhost: a\r\nx: a\r\n folded\r\n",
        "GET /api/access HTTP/1.1\r\nhost: a\r\nx : a\r\n",
        "GET /api/access HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n",
        "GET /api/ access HTTP/1.1\r\nhost: a\r\n",
    ] {
        let reply = raw(&service, format!("{head}connection: close\r\n\r\nabcdef").as_bytes());
        assert!(reply.starts_with("HTTP/1.1 400") || reply.is_empty(), "{head}: {reply}");
    }
    // A length beside pieces: the pieces count, and the connection ends.
    let both = format!(
        "POST /api/interviews HTTP/1.1\r\nhost: a\r\n{bearer}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /api/access HTTP/1.1\r\nhost: a\r\n{bearer}\r\n"
    );
    let reply = raw(&service, both.as_bytes());
    assert_eq!(reply.matches("HTTP/1.1").count(), 1, "{reply}");
    for key in ["", " ", &"a".repeat(201), "\u{e9}"] {
        let bytes: Vec<u8> = format!("POST /api/interviews HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{bearer}idempotency-key: {key}\r\ncontent-length: {length}\r\n\r\n{plan}").into_bytes();
        let reply = raw(&service, &bytes);
        assert!(
            reply.starts_with("HTTP/1.1 400") || key == "\u{e9}" && reply.starts_with("HTTP/1.1 201"),
            "{key}: {reply}"
        );
    }
}

#[test]
fn a_folder_of_pages_shows_nothing_outside_it() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret.txt"), "canary").unwrap();
    let folder = outside.path().join("pages");
    std::fs::create_dir_all(folder.join("inner")).unwrap();
    std::fs::write(folder.join("index.html"), "<p>page").unwrap();
    std::fs::write(folder.join("inner").join("a.txt"), "inner").unwrap();
    let service = Store::memory().service(&["--static-dir", folder.to_str().unwrap()]);
    let absolute = outside.path().join("secret.txt").display().to_string();
    for path in [
        "/../secret.txt",
        "/inner/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2E%2e%2fsecret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/..\\secret.txt",
        "/%252e%252e%252fsecret.txt",
        "/....//secret.txt",
        "/.%00./secret.txt",
        "/secret.txt%00.html",
        "/..;/secret.txt",
        "//../secret.txt",
        "/./../secret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/api/../../secret.txt",
        &absolute,
        &format!("/{absolute}"),
        &format!("//{absolute}"),
        "/%2fetc/passwd",
        "/file:///etc/passwd",
        "/inner",
        "/inner/",
    ] {
        let reply = raw(&service, &get(path, ""));
        assert!(reply.starts_with("HTTP/1.1 "), "{path}: {reply}");
        assert!(!reply.contains("canary") && !reply.contains("root:") && !reply.contains("a.txt"), "{path}: {reply}");
        assert!(reply.contains("x-content-type-options: nosniff"), "{path}: {reply}");
    }
    assert_eq!(service.get("/inner/a.txt").text(), "inner");
    let absolute_form =
        raw(&service, b"GET http://localhost/../secret.txt HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert!(!absolute_form.contains("canary"), "{absolute_form}");
}

#[test]
fn paths_of_the_api_have_one_way_of_being_written() {
    let tokens = Tokens::new();
    let service = tokens.service(&Store::memory(), &[]);
    let held = held(&service, &tokens.administrator);
    let bearer = format!("authorization: Bearer {}\r\n", held.candidate);
    let export = "export/interviews.jsonl";
    for path in [
        format!("/api/chat/{}/../../{export}", held.session),
        format!("/api//{export}"),
        format!("/api/./{export}"),
        format!("/api/chat/{}%2f..%2f..%2f{export}", held.session),
        "/api/%65xport/interviews.jsonl".into(),
        "/API/export/interviews.jsonl".into(),
        format!("//api/{export}"),
        format!("/api/{export}/"),
        format!("/api/{export};a=b"),
    ] {
        let reply = raw(&service, &get(&path, &bearer));
        assert!(["HTTP/1.1 404", "HTTP/1.1 403"].iter().any(|status| reply.starts_with(status)), "{path}: {reply}");
        assert!(!reply.contains("Ada"), "{path}: {reply}");
    }
    // An id may be written in capitals, and is the same one then.
    let capital = format!("/api/chat/{}", held.session.to_uppercase());
    assert!(raw(&service, &get(&capital, &bearer)).starts_with("HTTP/1.1 200"));
    let refused = raw(&service, &post("/api/tokens", r#"{"session_id": "x"}"#));
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
}
