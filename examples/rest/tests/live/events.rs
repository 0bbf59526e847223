//! What is told, and in which order.

use super::*;

on_every_store! {
    fn a_session_is_told_as_it_happens_and_afterwards_alike(store: &Store) {
        let service = store.service(&[]);
        let session = session(&service, 4);
        let mut live = By::BOTH.map(|by| by.listen(service.address, &session, 0));
        say(&service, &session, "Two threads wait.");
        say(&service, &session, "  With a\ndump. 界 \u{2028}\"");
        let evaluation = service.post(&format!("/api/chat/{session}/end"), "").ok(200);
        let [sse, ws] = live.each_mut().map(|listener| logged(&mut **listener));
        assert_eq!(sse, ws);
        let kinds: Vec<&str> = sse.iter().map(|event| event["type"].as_str().unwrap()).collect();
        let messages = ["message"; 4];
        assert_eq!(kinds, [&["status", "message"][..], &messages, &["status", "evaluation", "evaluation"]].concat());
        assert!(sse.is_sorted_by(|one, other| seq(one) < seq(other)));
        for event in &sse {
            assert_eq!((&event["session_id"], event["time"].is_string()), (&json!(session), true));
        }
        let read = service.get(&format!("/api/chat/{session}")).ok(200);
        let said: Vec<&Value> = sse.iter().filter_map(|event| event.get("message")).collect();
        assert_eq!(json!(said), read["messages"]);
        assert_eq!((&sse[0]["status"], &sse[6]["status"]), (&json!("active"), &json!("completed")));
        let (asked, judged) = (&sse[7], &sse[8]);
        assert_eq!((&asked["status"], &judged["status"]), (&json!("pending"), &json!("completed")));
        assert!(asked["evaluation_id"] == evaluation["id"] && judged["evaluation_id"] == evaluation["id"]);
        assert!(asked.get("score").is_none() && judged["score"] == evaluation["score"]);
        for by in By::BOTH {
            assert_eq!(logged(&mut *by.listen(service.address, &session, 0)), sse, "all of it, told afterwards");
            for after in [seq(&sse[0]), seq(&sse[3]), seq(&sse[7])] {
                let rest: Vec<Value> = sse.iter().filter(|event| seq(event) > after).cloned().collect();
                assert_eq!(logged(&mut *by.listen(service.address, &session, after)), rest);
            }
        }
        // Nothing is left to tell: a browser does not connect again.
        let last = format!("last-event-id: {}\r\n", seq(judged));
        let path = format!("/api/chat/{session}/events?after=0");
        assert_eq!(Sse::get(service.address, &path, &last).status, 204, "the header comes before the query");
        assert_eq!(Ws::open(service.address, &session, seq(judged)).close_code(), Some(1000));
    }

    fn a_session_that_is_not_there_is_not_found(store: &Store) {
        let service = store.service(&[]);
        for id in [NOBODY, "nonsense"] {
            service.get(&format!("/api/chat/{id}/events")).fails(404, "Chat session not found");
            let upgrade = [("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13"), ("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==")];
            service.send("GET", &format!("/api/chat/{id}/ws"), &upgrade, "").fails(404, "Chat session not found");
        }
        let session = session(&service, 2);
        service.get(&format!("/api/chat/{session}/ws")).fails(426, "Not a WebSocket handshake");
        for after in ["-1", "x", "1.5"] {
            service.get(&format!("/api/chat/{session}/events?after={after}")).fails(400, "Invalid after");
        }
        let none = Sse::get(service.address, &format!("/api/chat/{session}/events?after=99999999999999999999"), "");
        assert_eq!(none.status, 400);
    }

    fn sessions_of_one_interview_are_told_apart(store: &Store) {
        let service = store.service(&[]);
        let plan = json!({"candidate_name": "Ada", "questions": ["What is a deadlock?"], "interview_type": "technical", "max_answers": 3});
        let interview = service.post("/api/interviews", plan).ok(201)["id"].as_str().unwrap().to_owned();
        let start = || service.post(&format!("/api/interviews/{interview}/chat/start"), "").ok(201)["id"].as_str().unwrap().to_owned();
        let sessions = [start(), start()];
        let mut listeners = sessions.each_ref().map(|session| Sse::open(service.address, session, 0));
        for n in 0..3 {
            for (place, session) in sessions.iter().enumerate() {
                say(&service, session, &format!("Answer {n} of {place}"));
            }
        }
        for (place, session) in sessions.iter().enumerate() {
            service.post(&format!("/api/chat/{session}/end"), "").ok(200);
            let told = logged(&mut listeners[place]);
            assert!(told.iter().all(|event| event["session_id"] == json!(session)));
            let answers: Vec<&str> = told.iter().filter(|event| event["message"]["type"] == "user").map(|event| event["message"]["content"].as_str().unwrap()).collect();
            assert_eq!(answers, [0, 1, 2].map(|n| format!("Answer {n} of {place}")));
        }
    }
}

#[test]
fn events_are_not_kept_by_anybody_on_the_way() {
    let service = Store::memory().service(&[]);
    let events = Sse::open(service.address, &session(&service, 1), 0);
    for header in ["content-type: text/event-stream\r\n", "cache-control: no-store\r\n", "x-accel-buffering: no\r\n"] {
        assert!(events.headers.contains(header), "{}", events.headers);
    }
}
