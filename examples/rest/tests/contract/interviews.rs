//! Planning interviews.

use super::*;

on_every_store! {
    fn what_is_wrong_with_a_body_is_said_without_what_it_holds(store: &Store) {
        let service = store.service(&[]);
        for (path, body, details) in [
            ("/api/interviews", r#"{"candidate_name": 5}"#, "the body has a wrong value: expected a string (line 1, column 20)"),
            ("/api/candidates/erase", "{}", "the body: missing field `external_id` (line 1, column 2)"),
            ("/api/tokens", r#"{"session_id": "x", "expires_in": "canary"}"#, "the body has a wrong value"),
            ("/api/interviews", r#"{"candidate_name": "canary}"#, "the body is not JSON (line 1, column 27)"),
            ("/api/interviews", "", "the body is no object of JSON"),
        ] {
            let reply = service.post(path, body);
            reply.fails(400, "Invalid JSON");
            let said = reply.json()["details"].as_str().unwrap().to_owned();
            assert!(said.starts_with(details) && !said.contains("canary"), "{said}");
        }
    }

    fn an_interview_is_planned_and_read(store: &Store) {
        let service = store.service(&[]);
        let made = service.post("/api/interviews", plan());
        let place = made.header("location").unwrap().to_owned();
        let made = made.ok(201);
        assert_eq!(made["candidate_name"], "Ada Lovelace");
        assert_eq!(made["questions"], plan()["questions"]);
        assert_eq!((&made["interview_type"], &made["interview_language"]), (&json!("technical"), &json!("en")));
        assert_eq!(made["status"], "pending");
        assert!(made.get("job_description").is_none() && made.get("resume").is_none());
        for time in ["created_at", "updated_at"] {
            let time = made[time].as_str().unwrap();
            assert!(time.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{time}");
        }
        assert_eq!(service.get(&format!("/api/interviews/{}", made["id"].as_str().unwrap())).ok(200), made);
        assert_eq!(service.get(&place).ok(200), made);
    }

    fn what_a_question_carries_comes_back(store: &Store) {
        let service = store.service(&[]);
        let mut whole = plan();
        let question = json!({
            "text": "Why?", "competency": "Reasons", "reference_answer": "Because.", "key_points": ["cause"],
            "weight": 2.0, "time_limit": 90, "follow_ups": ["And why that?"],
        });
        whole["questions"] = json!(["Who?", question]);
        whole["rubric"] = json!({"competencies": [
            {"name": "Reasons", "weight": 1.5, "levels": [{"score": 0.5, "anchor": "names one"}]},
        ]});
        whole["max_answers"] = json!(3);
        whole["resume"] = json!("Analytical engines.");
        whole["external_id"] = json!("candidate-7");
        whole["job_description"] = json!("A programmer.");
        whole["interview_language"] = json!("zh-TW");
        whole["some_field_of_tomorrow"] = json!({"a": [1]});
        whole["questions"][1]["another"] = json!(true);
        let made = service.post("/api/interviews", whole.clone()).ok(201);
        assert_eq!(made["questions"], json!(["Who?", "Why?"]));
        assert_eq!(made["question_details"], json!([{"text": "Who?", "weight": 1.0}, question]));
        for field in ["rubric", "max_answers", "resume", "external_id", "job_description", "interview_language"] {
            assert_eq!(made[field], whole[field], "{field}");
        }
    }

    fn what_is_wrong_is_said_in_these_words(store: &Store) {
        let service = store.service(&[]);
        let with = |field: &str, value: Value| {
            let mut plan = plan();
            plan[field] = value;
            plan.to_string()
        };
        let without = |field: &str| {
            let mut plan = plan();
            plan.as_object_mut().unwrap().remove(field);
            plan.to_string()
        };
        let missing = "Missing candidate_name or questions";
        let no_type = "Missing interview_type field";
        let bad_type = "Invalid interview_type. Supported types: general, technical, behavioral";
        let bad_language = "Invalid language code. Supported languages: en, zh-TW";
        for (body, error) in [
            (String::new(), "Invalid JSON"),
            ("{".into(), "Invalid JSON"),
            ("[]".into(), "Invalid JSON"),
            ("\"text\"".into(), "Invalid JSON"),
            ("{\"candidate_name\": \"\\ud800\"}".into(), "Invalid JSON"),
            (format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), "Invalid JSON"),
            (with("candidate_name", json!(7)), "Invalid JSON"),
            (with("questions", json!("one")), "Invalid JSON"),
            (with("questions", json!([7])), "Invalid JSON"),
            (with("questions", json!([{"text": "Why?", "weight": "much"}])), "Invalid JSON"),
            (with("interview_type", json!(7)), "Invalid JSON"),
            (with("interview_language", json!([])), "Invalid JSON"),
            (with("job_description", json!({})), "Invalid JSON"),
            (with("max_answers", json!("3")), "Invalid JSON"),
            (with("rubric", json!([])), "Invalid JSON"),
            ("{}".into(), missing),
            (without("candidate_name"), missing),
            (without("questions"), missing),
            (with("candidate_name", json!("")), missing),
            (with("candidate_name", json!(null)), missing),
            (with("questions", json!([])), missing),
            (json!({"candidate_name": "Ada", "interview_type": "other"}).to_string(), missing),
            (without("interview_type"), no_type),
            (with("interview_type", json!("")), no_type),
            (with("interview_type", json!("Technical")), bad_type),
            (with("interview_type", json!("other")), bad_type),
            (with("interview_language", json!("fr")), bad_language),
            (with("interview_language", json!("zh-tw")), bad_language),
            (with("candidate_name", json!("a".repeat(201))), "candidate_name is longer than 200 characters"),
            (with("questions", json!(["Who?", " "])), "questions[1] is empty"),
            (with("max_answers", json!(0)), "max_answers: 0 given, 1 to 1000 allowed"),
        ] {
            service.post("/api/interviews", body).fails(400, error);
        }
        let mixed = json!({"candidate_name": "Ada", "questions": ["Why?"], "interview_type": "other", "interview_language": "fr"});
        service.post("/api/interviews", mixed).fails(400, bad_type);
        assert_eq!(service.get("/api/interviews").ok(200)["total"], 0, "nothing of it was kept");
    }

    fn an_interview_that_is_not_there_is_not_found(store: &Store) {
        let service = store.service(&[]);
        for id in [NOBODY, "1", "nonsense", "%ff", "..%2f..", "00000000-0000-0000-0000-00000000000g"] {
            service.get(&format!("/api/interviews/{id}")).fails(404, "Interview not found");
            service.post(&format!("/api/interviews/{id}/chat/start"), "").fails(404, "Interview not found");
        }
    }

    fn the_same_key_plans_once(store: &Store) {
        let service = store.service(&[]);
        let first = service.post_with_key("/api/interviews", "key-1", plan()).ok(201);
        assert_eq!(service.post_with_key("/api/interviews", "key-1", plan()).ok(201), first);
        let mut other = plan();
        other["candidate_name"] = json!("Grace");
        let refused = service.post_with_key("/api/interviews", "key-1", &other);
        refused.fails(409, "the idempotency key was used for another request");
        assert_ne!(service.post_with_key("/api/interviews", "key-2", &other).ok(201)["id"], first["id"]);
        for key in [" ".to_owned(), "k".repeat(201)] {
            service.post_with_key("/api/interviews", &key, plan()).fails(400, "Idempotency-Key is not 1 to 200 characters");
        }
        service.post_with_key("/api/interviews", "key-3", json!({})).fails(400, "Missing candidate_name or questions");
        service.post_with_key("/api/interviews", "key-3", plan()).ok(201);
    }

    fn many_at_once_with_one_key_plan_once(store: &Store) {
        let service = &store.service(&[]);
        let ids: Vec<Value> = std::thread::scope(|scope| {
            let one = || scope.spawn(|| service.post_with_key("/api/interviews", "key", plan()).ok(201)["id"].clone());
            let all: Vec<_> = (0..16).map(|_| one()).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(service.get("/api/interviews").ok(200)["total"], 1);
    }
}
