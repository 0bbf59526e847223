//! Sessions.

use super::*;

/// Two questions, and as many answers.
fn short(service: &Service) -> String {
    let mut plan = plan();
    plan["max_answers"] = json!(2);
    let id = service.post("/api/interviews", plan).ok(201)["id"].as_str().unwrap().to_owned();
    service.post(&format!("/api/interviews/{id}/chat/start"), "").ok(201)["id"].as_str().unwrap().to_owned()
}

on_every_store! {
    fn a_session_is_held_to_its_end(store: &Store) {
        let service = store.service(&[]);
        let interview = interview(&service);
        let started = service.post(&format!("/api/interviews/{interview}/chat/start"), "{}");
        let place = started.header("location").unwrap().to_owned();
        let session = started.ok(201);
        assert_eq!(session["interview_id"], json!(interview));
        assert_eq!((&session["status"], &session["session_language"]), (&json!("active"), &json!("en")));
        assert!(session.get("ended_at").is_none() && session["started_at"] == session["created_at"]);
        let said = session["messages"].as_array().unwrap();
        assert_eq!((said.len(), &said[0]["type"]), (1, &json!("ai")));
        let greeting = said[0]["content"].as_str().unwrap();
        assert!(greeting.contains("AI") && greeting.contains("What is a deadlock?"), "{greeting}");
        assert_eq!(service.get(&place).ok(200), session);
        assert_eq!(service.get(&format!("/api/interviews/{interview}")).ok(200)["status"], "in_progress");

        let turn = service.post(&format!("{place}/message"), json!({"message": "  Two threads wait.\n"})).ok(200);
        assert_eq!((&turn["message"]["type"], &turn["message"]["content"]), (&json!("user"), &json!("  Two threads wait.\n")));
        assert_eq!((&turn["ai_response"]["type"], &turn["session_status"]), (&json!("ai"), &json!("active")));
        assert!(turn["ai_response"]["content"].as_str().unwrap().contains("How would you find one in production?"));
        let read = service.get(&place).ok(200);
        assert_eq!(read["messages"], json!([said[0], turn["message"], turn["ai_response"]]));
        for message in read["messages"].as_array().unwrap() {
            for field in ["id", "type", "content", "timestamp"] {
                assert!(message[field].is_string(), "{field}");
            }
        }

        let evaluation = service.post(&format!("{place}/end"), "").ok(200);
        assert_eq!((&evaluation["session_id"], &evaluation["interview_id"]), (&session["id"], &json!(interview)));
        assert_eq!(evaluation["answers"], json!({"question_0": "  Two threads wait.\n"}));
        let score = evaluation["score"].as_f64().unwrap();
        assert!(score > 0.0 && score <= 1.0 && !evaluation["feedback"].as_str().unwrap().is_empty());
        assert_eq!((&evaluation["status"], &evaluation["evaluator"]["provider"]), (&json!("completed"), &json!("builtin")));
        for list in ["ratings", "strengths", "weaknesses", "recommendations"] {
            assert!(evaluation[list].is_array(), "{list}");
        }
        assert_eq!(service.post(&format!("{place}/end"), "").ok(200), evaluation, "the evaluation it has");
        let id = evaluation["id"].as_str().unwrap();
        assert_eq!(service.get(&format!("/api/evaluation/{id}")).ok(200), evaluation);
        let ended = service.get(&place).ok(200);
        assert!(ended["status"] == "completed" && ended["ended_at"].is_string());
        service.post(&format!("{place}/message"), json!({"message": "More"})).fails(400, "Chat session is not active");
        assert_eq!(service.get(&format!("/api/interviews/{interview}")).ok(200)["status"], "completed");
    }

    fn a_session_speaks_its_own_language(store: &Store) {
        let service = store.service(&[]);
        let interview = interview(&service);
        let start = format!("/api/interviews/{interview}/chat/start");
        let session = service.post(&start, json!({"session_language": "zh-TW", "other": 1})).ok(201);
        assert_eq!(session["session_language"], "zh-TW");
        let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c));
        assert!(is_chinese(session["messages"][0]["content"].as_str().unwrap()));
        let chat = format!("/api/chat/{}", session["id"].as_str().unwrap());
        let turn = service.post(&format!("{chat}/message"), json!({"message": "Two threads wait."})).ok(200);
        assert!(is_chinese(turn["ai_response"]["content"].as_str().unwrap()));
        assert!(is_chinese(service.post(&format!("{chat}/end"), "").ok(200)["feedback"].as_str().unwrap()));
        service.post(&start, json!({"session_language": "fr"})).fails(400, "Invalid language code. Supported languages: en, zh-TW");
        service.post(&start, json!({"session_language": 7})).fails(400, "Invalid JSON");
        service.post(&start, "{").fails(400, "Invalid JSON");
    }

    fn an_optional_body_may_be_empty_whatever_its_type(store: &Store) {
        let service = store.service(&[]);
        let interview = interview(&service);
        for media in ["application/json", "text/plain", "multipart/form-data; boundary=x", ""] {
            let headers = [("content-type", media)];
            let headers = if media.is_empty() { &headers[..0] } else { &headers[..] };
            for body in ["", " \n", "null"] {
                let started = service.send("POST", &format!("/api/interviews/{interview}/chat/start"), headers, body).ok(201);
                let end = format!("/api/chat/{}/end", started["id"].as_str().unwrap());
                assert_eq!(service.send("POST", &end, headers, body).ok(200)["score"], Value::Null);
            }
        }
    }

    fn a_message_is_checked_before_its_session(store: &Store) {
        let service = store.service(&[]);
        let own = session(&service);
        for id in [own.as_str(), NOBODY, "nonsense"] {
            let path = format!("/api/chat/{id}/message");
            for body in ["", "{", "[]", "7", "{\"message\": 7}", "{\"message\": [\"a\"]}", "{\"message\": \"a\", \"model\": 7}"] {
                service.post(&path, body).fails(400, "Invalid JSON");
            }
            for body in ["{}", "{\"message\": null}", "{\"message\": \"\"}", "{\"message\": \" \\n\"}"] {
                service.post(&path, body).fails(400, "Message cannot be empty");
            }
        }
        for id in [NOBODY, "nonsense", "%00"] {
            service.post(&format!("/api/chat/{id}/message"), json!({"message": "Hello"})).fails(404, "Chat session not found");
            service.post(&format!("/api/chat/{id}/end"), "").fails(404, "Chat session not found");
            service.get(&format!("/api/chat/{id}")).fails(404, "Chat session not found");
        }
        let long = json!({"message": "界".repeat(32_001)});
        service.post(&format!("/api/chat/{own}/message"), long).fails(400, "message is longer than 32000 characters");
        service.post(&format!("/api/chat/{own}/message"), json!({"message": "a\0b"})).fails(400, "message contains a NUL character");
        assert_eq!(service.get(&format!("/api/chat/{own}")).ok(200)["messages"].as_array().unwrap().len(), 1);
    }

    fn a_session_completes_by_itself_after_its_answers(store: &Store) {
        let service = store.service(&[]);
        let session = short(&service);
        let message = format!("/api/chat/{session}/message");
        assert_eq!(service.post(&message, json!({"message": "One."})).ok(200)["session_status"], "active");
        assert_eq!(service.post(&message, json!({"message": "Two."})).ok(200)["session_status"], "completed");
        service.post(&message, json!({"message": "Three."})).fails(400, "Chat session is not active");
        let evaluation = service.post(&format!("/api/chat/{session}/end"), "").ok(200);
        assert_eq!(evaluation["answers"], json!({"question_0": "One.", "question_1": "Two."}));
    }

    fn a_session_without_answers_has_no_score_and_says_so(store: &Store) {
        let service = store.service(&[]);
        let evaluation = service.post(&format!("/api/chat/{}/end", session(&service)), "").ok(200);
        assert_eq!((&evaluation["score"], &evaluation["answers"]), (&Value::Null, &json!({})));
        assert!(!evaluation["feedback"].as_str().unwrap().is_empty());
    }

    fn any_relevant_answer_scores_above_nothing(store: &Store) {
        let service = store.service(&[]);
        let plan = json!({"candidate_name": "Ada", "questions": ["Tell me about yourself"], "interview_type": "general"});
        let id = service.post("/api/interviews", plan).ok(201)["id"].as_str().unwrap().to_owned();
        for answer in ["I'm a developer.", "我是一名軟體工程師。"] {
            let evaluation = service.post("/api/evaluation", json!({"interview_id": id, "answers": {"question_0": answer}})).ok(200);
            assert!(evaluation["score"].as_f64().unwrap() > 0.0, "{answer}: {evaluation}");
        }
    }

    fn the_same_key_does_once_what_it_did(store: &Store) {
        let service = store.service(&[]);
        let start = format!("/api/interviews/{}/chat/start", interview(&service));
        let session = service.post_with_key(&start, "start", "").ok(201);
        let chat = format!("/api/chat/{}", session["id"].as_str().unwrap());
        let message = format!("{chat}/message");
        let said = json!({"message": "Two threads wait."});
        let turn = service.post_with_key(&message, "a", &said).ok(200);
        service.post_with_key(&message, "b", json!({"message": "With a tool."})).ok(200);
        assert_eq!(service.post_with_key(&message, "a", &said).ok(200), turn);
        service.post_with_key(&message, "a", json!({"message": "Other"})).fails(409, "the idempotency key was used for another request");
        assert_eq!(service.post_with_key(&start, "start", "").ok(201), session, "as it was then");
        let refused = service.post_with_key(&start, "start", json!({"session_language": "zh-TW"}));
        refused.fails(409, "the idempotency key was used for another request");
        let evaluation = service.post_with_key(&format!("{chat}/end"), "a", "").ok(200);
        assert_eq!(service.post_with_key(&format!("{chat}/end"), "a", "").ok(200), evaluation);
        assert_eq!(service.get(&chat).ok(200)["messages"].as_array().unwrap().len(), 5);
    }

    fn messages_at_once_are_all_taken_in_some_order(store: &Store) {
        let service = &store.service(&[]);
        let path = &format!("/api/chat/{}", session(service));
        std::thread::scope(|scope| {
            let send = |number: usize| {
                let body = json!({"message": format!("Answer {number}")});
                scope.spawn(move || service.post(&format!("{path}/message"), body).ok(200))
            };
            let all: Vec<_> = (0..8).map(send).collect();
            all.into_iter().for_each(|one| drop(one.join().unwrap()));
        });
        let read = service.get(path).ok(200);
        assert_eq!((read["messages"].as_array().unwrap().len(), &read["status"]), (17, &json!("completed")));
        let numbers: Vec<u64> = read["messages"].as_array().unwrap().iter().map(|each| each["number"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=17).collect::<Vec<_>>());
    }
}
