//! Answers that are given without a session.

use super::*;

on_every_store! {
    fn answers_are_evaluated_and_read(store: &Store) {
        let service = store.service(&[]);
        let interview = interview(&service);
        let answers = json!({"question_1": "With a lock monitor and a thread dump."});
        let body = json!({"interview_id": interview, "answers": answers, "other": 1});
        let evaluation = service.post("/api/evaluation", &body).ok(200);
        assert_eq!((&evaluation["answers"], &evaluation["interview_id"]), (&answers, &json!(interview)));
        assert!(evaluation.get("session_id").is_none() && evaluation["score"].as_f64().unwrap() > 0.0);
        let id = evaluation["id"].as_str().unwrap();
        assert_eq!(service.get(&format!("/api/evaluation/{id}")).ok(200), evaluation);
        let first = service.post_with_key("/api/evaluation", "key", &body).ok(200);
        assert_eq!(service.post_with_key("/api/evaluation", "key", &body).ok(200), first);
        let other = json!({"interview_id": interview, "answers": {"question_1": "Otherwise."}});
        service.post_with_key("/api/evaluation", "key", other).fails(409, "the idempotency key was used for another request");
    }

    fn what_is_wrong_is_said(store: &Store) {
        let service = store.service(&[]);
        let interview = interview(&service);
        let missing = "Missing interview_id or answers";
        let one = json!({"question_0": "Yes"});
        for (body, status, error) in [
            (String::new(), 400, "Invalid JSON"),
            ("[]".into(), 400, "Invalid JSON"),
            (json!({"interview_id": 7, "answers": one}).to_string(), 400, "Invalid JSON"),
            (json!({"interview_id": interview, "answers": []}).to_string(), 400, "Invalid JSON"),
            (json!({"interview_id": interview, "answers": {"question_0": 7}}).to_string(), 400, "Invalid JSON"),
            ("{}".into(), 400, missing),
            (json!({"interview_id": interview}).to_string(), 400, missing),
            (json!({"interview_id": "", "answers": one}).to_string(), 400, missing),
            (json!({"interview_id": interview, "answers": {}}).to_string(), 400, missing),
            (json!({"interview_id": interview, "answers": {"q0": "a"}}).to_string(), 400, "Unknown answer key: q0"),
            (json!({"interview_id": interview, "answers": {"question_00": "a"}}).to_string(), 400, "Unknown answer key: question_00"),
            (json!({"interview_id": interview, "answers": {"question_-1": "a"}}).to_string(), 400, "Unknown answer key: question_-1"),
            (json!({"interview_id": interview, "answers": {"question_2": "a"}}).to_string(), 400, "answers.question_2: the interview has 2 questions"),
            (json!({"interview_id": NOBODY, "answers": one}).to_string(), 404, "Interview not found"),
            (json!({"interview_id": "nonsense", "answers": one}).to_string(), 404, "Interview not found"),
        ] {
            service.post("/api/evaluation", body).fails(status, error);
        }
        for id in [NOBODY, "nonsense"] {
            service.get(&format!("/api/evaluation/{id}")).fails(404, "Evaluation not found");
        }
    }
}
