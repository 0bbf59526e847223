//! Language models: the service's own, and those that requests bring.

use super::*;
use vivavoce_test_support::{Act, HttpServer, Request, response};

/// A model that speaks OpenAI's chat completions: it says this, or judges what it is given.
fn model() -> HttpServer {
    HttpServer::start(|request, _| vec![reply(request)])
}

fn reply(request: &Request) -> Act {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let wanted = &body["response_format"]["json_schema"]["schema"]["properties"]["ratings"]["required"];
    let content = match wanted.as_array() {
        Some(keys) => {
            let rating = json!({"quotes": ["because"], "explanation": "It says so.", "level": 1});
            let ratings = keys.iter().map(|key| (key.as_str().unwrap().to_owned(), rating.clone()));
            let ratings = ratings.collect::<serde_json::Map<_, _>>();
            json!({"ratings": ratings, "strengths": [], "weaknesses": [], "recommendations": []}).to_string()
        }
        None => "Thank you, that is clear.".into(),
    };
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"});
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5});
    response(
        200,
        &[("content-type", "application/json")],
        json!({"model": "m", "choices": [choice], "usage": usage}).to_string(),
    )
}

/// A file of models in a folder of its own.
fn settings(document: &Value) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("models.json");
    std::fs::write(&path, document.to_string()).unwrap();
    (folder, path.to_str().unwrap().to_owned())
}

on_every_store! {
    fn a_request_brings_its_own_model_and_key(store: &Store) {
        let server = model();
        let url = server.url("/v1");
        let (_folder, path) = settings(&json!({"models": {"providers": [{"kind": "openai", "key": "sk-server", "base_url": url}]}}));
        let origin = url.trim_end_matches("/v1");
        let service = store.service(&["--models", &path, "--model-origin", origin]);
        let chat = format!("/api/chat/{}", session(&service));
        let said = |answer: &str| json!({"message": answer, "model": "gpt-test"}).to_string();
        let headers = [("x-openai-key", "sk-canary"), ("x-openai-base-url", &*url), ("idempotency-key", "a")];
        let turn = service.send("POST", &format!("{chat}/message"), &headers, said("because")).ok(200);
        assert!(turn["ai_response"]["content"].as_str().unwrap().starts_with("Thank you, that is clear."), "{turn}");
        let evaluation = service.send("POST", &format!("{chat}/end"), &headers, "").ok(200);
        assert_eq!(evaluation["evaluator"]["provider"], "openai", "{evaluation}");
        for request in server.requests() {
            assert_eq!(request.header("authorization"), Some("Bearer sk-canary"));
        }
        let first: Value = serde_json::from_slice(&server.requests()[0].body).unwrap();
        assert_eq!(first["model"], "gpt-test");
        let asked = server.requests().len();
        // Without a key the scripted interviewer serves.
        let other = format!("/api/chat/{}", session(&service));
        assert_eq!(service.post(&format!("{other}/message"), json!({"message": "because"})).status, 200);
        assert_eq!(service.post(&format!("{other}/end"), "").ok(200)["evaluator"]["provider"], "builtin");
        assert_eq!(server.requests().len(), asked);
        let everything = service.get("/api/export/evaluations.jsonl").text() + &service.get("/metrics").text();
        assert!(!everything.contains("sk-canary"));
    }

    fn a_hanging_model_does_not_keep_the_service_from_stopping_and_no_word_is_lost(store: &Store) {
        let server = HttpServer::start(|_, _| vec![Act::Hang]);
        let (url, origin) = (server.url("/v1"), server.url(""));
        let (_folder, path) = settings(&json!({"models": {"providers": [{"kind": "openai", "key": "sk-server", "base_url": url}]}}));
        let arguments = ["--models", &path, "--model-origin", origin.trim_end_matches('/'), "--shutdown-timeout", "1"];
        let service = store.service(&arguments);
        let chat = format!("/api/chat/{}", session(&service));
        let address = format!("http://{}{chat}/message", service.address);
        let asking = std::thread::spawn(move || {
            let request = ureq::post(address).header("x-openai-key", "sk-canary").header("x-openai-base-url", url);
            request.send(r#"{"message": "because"}"#).is_err()
        });
        server.wait_for_requests(1);
        let began = std::time::Instant::now();
        service.stop();
        // A request may take two minutes.
        assert!(began.elapsed() < std::time::Duration::from_secs(30), "{:?}", began.elapsed());
        assert!(asking.join().unwrap(), "nobody has replied");
        if !store.url.starts_with("memory") {
            let service = store.service(&[]);
            let kept = service.get(&chat).ok(200);
            assert_eq!(kept["messages"][1]["content"], "because");
            let turn = service.post(&format!("{chat}/message"), json!({"message": "because"})).ok(200);
            assert_eq!(turn["message"]["id"], kept["messages"][1]["id"], "sending it again goes on with it");
        }
    }

    fn a_client_that_has_left_does_not_keep_the_service_from_stopping(store: &Store) {
        let server = HttpServer::start(|_, _| vec![Act::Hang]);
        let (_folder, path) = settings(&json!({
            "models": {"providers": [{"kind": "compatible", "base_url": server.url("/v1")}], "retries": 0},
            "interviewer": {"kind": "conversational", "models": ["compatible/talk"]},
        }));
        let service = store.service(&["--models", &path, "--shutdown-timeout", "1"]);
        let mut client = std::net::TcpStream::connect(service.address).unwrap();
        let body = r#"{"message": "because"}"#;
        let head = format!("POST /api/chat/{}/message HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}", session(&service), body.len());
        std::io::Write::write_all(&mut client, head.as_bytes()).unwrap();
        server.wait_for_requests(1);
        drop(client);
        let began = std::time::Instant::now();
        service.stop();
        // The model may take two minutes.
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    }

    fn a_base_url_that_is_not_on_the_list_is_refused(store: &Store) {
        let service = store.service(&["--model-origin", "https://models.example"]);
        let chat = format!("/api/chat/{}/message", session(&service));
        let send = |headers: &[(&str, &str)]| service.send("POST", &chat, headers, json!({"message": "because"}).to_string());
        for url in ["http://127.0.0.1:1/v1", "https://models.example:444/v1", "http://models.example/v1", "https://models.example@evil.example/", "x", "file:///etc/passwd"] {
            send(&[("x-openai-key", "k"), ("x-openai-base-url", url)]).fails(400, "Base URL not allowed");
        }
        send(&[("x-openai-base-url", "https://models.example/v1")]).fails(400, "X-OpenAI-Base-URL needs X-OpenAI-Key");
        let own = [("x-anthropic-key", "k")];
        let body = json!({"message": "because", "model": "openai/gpt-5"}).to_string();
        service.send("POST", &chat, &own, body).fails(400, "The request has no key for the model that it names");
        assert_eq!(service.get(&chat.replace("/message", "")).ok(200)["messages"].as_array().unwrap().len(), 1, "nothing was stored");
    }

    fn a_failing_model_leaves_the_turn_pending_and_sending_again_goes_on(store: &Store) {
        let server = HttpServer::start(|request, number| {
            vec![if number == 0 { response(500, &[], "canary") } else { reply(request) }]
        });
        let (_folder, path) = settings(&json!({
            "models": {"providers": [{"kind": "compatible", "base_url": server.url("/v1")}], "retries": 0, "backoff_ms": 1},
            "interviewer": {"kind": "conversational", "models": ["compatible/talk"]},
        }));
        let service = store.service(&["--models", &path]);
        let chat = format!("/api/chat/{}", session(&service));
        let send = || service.post_with_key(&format!("{chat}/message"), "a", json!({"message": "because"}));
        let failed = send();
        failed.fails(502, "Language model failed");
        assert!(failed.json()["details"].is_string() && !failed.text().contains("canary"), "{}", failed.text());
        assert_eq!(service.get(&chat).ok(200)["messages"].as_array().unwrap().len(), 2, "the message is kept");
        let turn = send().ok(200);
        assert_eq!(turn["message"]["number"], 2);
        assert_eq!(send().ok(200), turn);
        assert_eq!(service.get(&chat).ok(200)["messages"].as_array().unwrap().len(), 3);
    }

    fn a_slow_model_keeps_nobody_from_reading(store: &Store) {
        let server = HttpServer::start(|_, _| vec![Act::Hang]);
        let (_folder, path) = settings(&json!({
            "models": {"providers": [{"kind": "compatible", "base_url": server.url("/v1")}], "retries": 0},
            "interviewer": {"kind": "conversational", "models": ["compatible/talk"]},
        }));
        let service = &store.service(&["--models", &path, "--threads", "2", "--queue", "1", "--request-timeout", "3"]);
        let chat = &format!("/api/chat/{}", session(service));
        std::thread::scope(|scope| {
            let send = |number: usize| {
                scope.spawn(move || service.post(&format!("{chat}/message"), json!({"message": format!("{number}")})))
            };
            let all: Vec<_> = (0..8).map(send).collect();
            for _ in 0..50 {
                assert_eq!(service.get(chat).status, 200);
            }
            let replies: Vec<_> = all.into_iter().map(|one| one.join().unwrap()).collect();
            let full = replies.iter().find(|reply| reply.status == 503).unwrap();
            full.fails(503, "Too many requests at once");
            assert_eq!(full.header("retry-after"), Some("1"));
            replies.iter().find(|reply| reply.status == 504).unwrap().fails(504, "Timed out");
        });
    }
}
