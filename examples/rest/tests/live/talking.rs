//! What a client says over a WebSocket.

use super::*;

on_every_store! {
    fn a_whole_interview_is_held_over_one_connection(store: &Store) {
        let service = store.service(&[]);
        let session = session(&service, 8);
        let mut ws = Ws::open(service.address, &session, 0);
        // Sent at once, taken in this order.
        for n in 0..3 {
            ws.ask(&json!({"type": "message", "id": format!("answer {n}"), "content": format!("Answer {n}")}));
        }
        ws.ask(&json!({"type": "end", "id": "end"}));
        let mut heard: Vec<Value> = std::iter::from_fn(|| ws.next()).collect();
        assert_eq!(ws.closed.map(u16::from), Some(1000));
        let answers: Vec<Value> = heard.extract_if(.., |event| event["type"] == "accepted").collect();
        let accepted = ["answer 0", "answer 1", "answer 2", "end"].map(|id| json!({"type": "accepted", "id": id}));
        assert_eq!(answers, accepted);
        heard.retain(|event| event.get("seq").is_some());
        assert_eq!(heard, whole(&service, &session));
        let said: Vec<&Value> = heard.iter().filter(|event| event["message"]["type"] == "user").map(|event| &event["message"]["content"]).collect();
        assert_eq!(said, ["Answer 0", "Answer 1", "Answer 2"]);
        let read = service.get(&format!("/api/chat/{session}")).ok(200);
        assert_eq!(read["status"], "completed");
    }

    fn a_message_has_one_key_however_it_is_sent(store: &Store) {
        let service = store.service(&[]);
        let session = session(&service, 8);
        let path = format!("/api/chat/{session}/message");
        let said = json!({"message": "Two threads wait."});
        let turn = service.post_with_key(&path, "one", &said).ok(200);
        let mut ws = Ws::open(service.address, &session, 0);
        ws.ask(&json!({"type": "message", "id": "one", "content": "Two threads wait."}));
        assert_eq!(ws.answer(), json!({"type": "accepted", "id": "one"}));
        ws.ask(&json!({"type": "message", "id": "two", "content": "With a dump."}));
        assert_eq!(ws.answer()["type"], "accepted");
        // The connection is gone before the answer is read: the same is sent over another.
        ws.ask(&json!({"type": "message", "id": "three", "content": "In production."}));
        drop(ws);
        let mut ws = Ws::open(service.address, &session, 0);
        ws.ask(&json!({"type": "message", "id": "three", "content": "In production."}));
        assert_eq!(ws.answer(), json!({"type": "accepted", "id": "three"}));
        ws.ask(&json!({"type": "message", "id": "one", "content": "Other"}));
        let conflict = json!({"type": "error", "id": "one", "status": 409, "error": "the idempotency key was used for another request"});
        assert_eq!(ws.answer(), conflict);
        assert_eq!(service.post_with_key(&path, "one", &said).ok(200), turn);
        service.post_with_key(&path, "two", json!({"message": "With a dump."})).ok(200);
        assert_eq!(service.get(&format!("/api/chat/{session}")).ok(200)["messages"].as_array().unwrap().len(), 7);
    }

    fn what_is_refused_is_refused_in_the_contracts_words(store: &Store) {
        let service = store.service(&[]);
        let session = session(&service, 1);
        let mut ws = Ws::open(service.address, &session, 0);
        for (request, id, status, error) in [
            (json!({"type": "message", "id": "a", "content": " \n"}), "a", 400, "Message cannot be empty"),
            (json!({"type": "message", "id": "b", "content": "界".repeat(32_001)}), "b", 400, "message is longer than 32000 characters"),
            (json!({"type": "message", "id": "c", "content": "a\0b"}), "c", 400, "message contains a NUL character"),
            (json!({"type": "message", "id": " ", "content": "a"}), " ", 400, "Idempotency-Key is not 1 to 200 characters"),
        ] {
            ws.ask(&request);
            assert_eq!(ws.answer(), json!({"type": "error", "id": id, "status": status, "error": error}));
        }
        ws.ask(&json!({"type": "message", "id": "d", "content": "The last."}));
        assert_eq!(ws.answer()["type"], "accepted");
        ws.ask(&json!({"type": "message", "id": "e", "content": "More"}));
        assert_eq!(ws.answer(), json!({"type": "error", "id": "e", "status": 400, "error": "Chat session is not active"}));
        ws.ask(&json!({"type": "end"}));
        assert_eq!(ws.answer(), json!({"type": "accepted"}));
        assert_eq!(ws.close_code(), Some(1000));
    }
}
