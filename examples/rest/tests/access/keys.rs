//! Idempotency keys are their caller's own.

use super::*;

fn keyed(service: &Service, token: &str, path: &str, body: &Value) -> Reply {
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str()), ("idempotency-key", "same")];
    service.send("POST", path, &headers, body.to_string())
}

on_every_store! {
    fn keys_are_each_callers_own(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let create = |token: &str, name: &str| {
            let plan = json!({"candidate_name": name, "questions": ["Why?"], "interview_type": "general"});
            keyed(&service, token, "/api/interviews", &plan).ok(201)
        };
        let first = create(&tokens.administrator, "Ada");
        assert_ne!(create(&tokens.interviewer, "Grace")["id"], first["id"]);
        assert_eq!(create(&tokens.foreign, "Barbara")["candidate_name"], "Barbara");
        assert_eq!(create(&tokens.administrator, "Ada")["id"], first["id"]);
    }

    fn a_key_of_another_caller_neither_answers_nor_conflicts(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let (own, foreign) = (held(&service, &tokens.interviewer), held(&service, &tokens.foreign));
        let message = format!("/api/chat/{}/message", own.session);
        let said = keyed(&service, &own.candidate, &message, &json!({"message": "Because."})).ok(200);
        assert_eq!(keyed(&service, &own.candidate, &message, &json!({"message": "Because."})).ok(200), said);
        assert_eq!(keyed(&service, &own.candidate, &message, &json!({"message": "Why not?"})).status, 409);
        keyed(&service, &tokens.foreign, &message, &json!({"message": "Because."})).fails(404, "Chat session not found");
        // The answers that the service keeps itself.
        let ask = |token: &str, session: &str| keyed(&service, token, "/api/tokens", &json!({"session_id": session}));
        let first = ask(&tokens.interviewer, &own.session).ok(201);
        assert_eq!(ask(&tokens.interviewer, &own.session).ok(201), first);
        ask(&tokens.foreign, &own.session).fails(404, "Chat session not found");
        assert_ne!(ask(&tokens.foreign, &foreign.session).ok(201)["token"], first["token"]);
        ask(&tokens.administrator, &own.session).ok(201);
    }
}
