//! Tokens that are good, and those that are not.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use vivavoce_rest::access::{Candidate, Tokens as Signing};

use super::*;

/// Who signs as the service does.
fn signing(tokens: &Tokens) -> Signing {
    Signing::read(&tokens.file()).unwrap_or_else(|_| panic!("the file was refused"))
}

on_every_store! {
    fn a_candidates_token_is_for_one_session(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let own = held(&service, &tokens.interviewer);
        let chat = format!("/api/chat/{}", own.session);
        let access = send(&service, &own.candidate, "GET", "/api/access", &Value::Null).ok(200);
        assert_eq!(access, json!({"role": "candidate", "tenant": "acme", "session_id": own.session, "tokens": true, "invites": true}));
        send(&service, &own.candidate, "POST", &format!("{chat}/message"), &json!({"message": "Because."})).ok(200);
        let shown = send(&service, &own.candidate, "POST", &format!("{chat}/end"), &Value::Null).ok(200);
        // That it was judged, and nothing of the judgement; ending it again is harmless.
        assert_eq!((&shown["status"], &shown["score"], &shown["feedback"]), (&json!("completed"), &Value::Null, &json!("")));
        assert_eq!((&shown["ratings"], &shown["competencies"]), (&json!([]), &json!([])));
        assert_eq!(send(&service, &own.candidate, "POST", &format!("{chat}/end"), &Value::Null).ok(200), shown);
        let whole = format!("/api/evaluation/{}", shown["id"].as_str().unwrap());
        assert!(send(&service, &tokens.administrator, "GET", &whole, &Value::Null).ok(200)["score"].is_number());
        // A browser's EventSource has no headers; other calls take no token from a query.
        let events = service.get(&format!("{chat}/events?after=0&access_token={}", own.candidate));
        assert!(events.status == 200 && !events.text().contains("score"), "{}", events.text());
        assert_eq!(open(&service, &format!("{chat}/ws?access_token={}", own.candidate), "").0, 101);
        for path in [chat.clone(), "/api/access".into(), "/api/interviews".into()] {
            for token in [&own.candidate, &tokens.administrator] {
                service.get(&format!("{path}?access_token={token}")).fails(401, "Missing or invalid token");
            }
        }
        let twice = format!("{chat}/events?access_token={0}&access_token={0}", own.candidate);
        service.get(&twice).fails(401, "Missing or invalid token");
        for expires_in in [0, 31_536_001] {
            let body = json!({"session_id": own.session, "expires_in": expires_in});
            send(&service, &tokens.interviewer, "POST", "/api/tokens", &body).fails(400, "expires_in is not 1 to 31536000");
        }
        // Once the interview is erased there is nothing left to be let into.
        let erase = format!("/api/interviews/{}/erase", own.interview);
        assert_eq!(send(&service, &tokens.administrator, "POST", &erase, &Value::Null).status, 204);
        send(&service, &own.candidate, "GET", &chat, &Value::Null).fails(404, "Chat session not found");
    }

    fn forged_expired_and_truncated_tokens_are_none(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let own = held(&service, &tokens.interviewer);
        let chat = format!("/api/chat/{}", own.session);
        let ask = |token: &str| send(&service, token, "GET", &chat, &Value::Null);
        ask(&own.candidate).ok(200);
        let session = own.session.parse().unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let candidate = |tenant: &str, expires| Candidate { session, tenant: tenant.into(), expires };
        let sign = |candidate: &Candidate| signing(&tokens).sign(candidate).unwrap();
        ask(&sign(&candidate("acme", now + 60))).ok(200);
        for expires in [0, 1, now - 1, now] {
            ask(&sign(&candidate("acme", expires))).fails(401, "Missing or invalid token");
        }
        // Of another tenant, though with the right key.
        ask(&sign(&candidate("globex", now + 60))).fails(404, "Chat session not found");
        let forger = signing(&Tokens::new());
        ask(&forger.sign(&candidate("acme", now + 60)).unwrap()).fails(401, "Missing or invalid token");
        for token in [&own.candidate, &tokens.interviewer] {
            let lengths = [0, 1, 3, 4, 5, token.len() / 2, token.len() - 2, token.len() - 1];
            let shorter = lengths.map(|length| token[..length].to_owned());
            let case = token.to_ascii_uppercase();
            for other in shorter.into_iter().chain([format!("{token}A"), format!("{token}="), format!("x{token}"), case]) {
                ask(&other).fails(401, "Missing or invalid token");
            }
        }
        for value in ["", "Bearer", "Bearer ", "Basic YTpi", &tokens.interviewer, &format!("Bearer\t{}", tokens.interviewer)] {
            let reply = service.send("GET", &chat, &[("authorization", value)], "");
            reply.fails(401, "Missing or invalid token");
        }
        for value in [format!("bearer {}", own.candidate), format!("Bearer   {} ", own.candidate)] {
            service.send("GET", &chat, &[("authorization", &value)], "").ok(200);
        }
    }

    fn who_is_interviewed_does_not_choose_who_judges(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let own = held(&service, &tokens.interviewer);
        let authorization = format!("Bearer {}", own.candidate);
        for end in ["message", "end"] {
            let path = format!("/api/chat/{}/{end}", own.session);
            for header in ["x-openai-key", "x-anthropic-key", "x-gemini-key"] {
                let headers = [("authorization", authorization.as_str()), (header, "sk-own")];
                service.send("POST", &path, &headers, r#"{"message": "Because."}"#).fails(403, "Not allowed for this role");
            }
        }
        let message = format!("/api/chat/{}/message", own.session);
        let body = json!({"message": "Because.", "model": "openai/ft:own"});
        send(&service, &own.candidate, "POST", &message, &body).fails(403, "Not allowed for this role");
        let session = send(&service, &own.candidate, "GET", &format!("/api/chat/{}", own.session), &Value::Null).ok(200);
        assert_eq!(session["messages"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn a_candidates_token_is_known_by_every_service_with_the_key() {
    let (tokens, store) = (Tokens::new(), Store::postgres());
    let (one, other) = (tokens.service(&store, &[]), tokens.service(&store, &[]));
    let held = held(&one, &tokens.interviewer);
    send(&other, &held.candidate, "GET", &format!("/api/chat/{}", held.session), &Value::Null).ok(200);
}

#[test]
fn without_a_key_no_token_is_signed() {
    let tokens = Tokens::new();
    let (token, entry) = new_token(Role::Interviewer, "acme", "desk").unwrap();
    std::fs::write(tokens.file(), entry).unwrap();
    let service = tokens.service(&Store::memory(), &[]);
    let plan = json!({"candidate_name": "Ada", "questions": ["Why?"], "interview_type": "general"});
    let interview = send(&service, &token, "POST", "/api/interviews", &plan).ok(201);
    let start = format!("/api/interviews/{}/chat/start", interview["id"].as_str().unwrap());
    let session = send(&service, &token, "POST", &start, &Value::Null).ok(201);
    let asked = json!({"session_id": session["id"]});
    send(&service, &token, "POST", "/api/tokens", &asked).fails(501, "Not supported");
    assert_eq!(send(&service, &token, "GET", "/api/access", &Value::Null).ok(200)["invites"], false);
    send(&service, "vvc_AAAA", "GET", "/api/access", &Value::Null).fails(401, "Missing or invalid token");
}

#[test]
fn where_nobody_is_asked_a_candidates_link_allows_as_little() {
    let service = Store::memory().service(&[]);
    let access = service.get("/api/access").ok(200);
    assert_eq!(access, json!({"role": "administrator", "tenant": "default", "tokens": false, "invites": true}));
    let held = held(&service, "");
    send(&service, &held.candidate, "GET", "/api/interviews", &Value::Null).fails(403, "Not allowed for this role");
    send(&service, &held.candidate, "GET", &format!("/api/chat/{}", held.session), &Value::Null).ok(200);
    send(&service, "vvc_AAAA", "GET", "/api/interviews", &Value::Null).fails(401, "Missing or invalid token");
    send(&service, "another", "GET", "/api/interviews", &Value::Null).ok(200);
}

#[test]
fn a_token_says_until_when_it_is_good() {
    let tokens = Tokens::new();
    let service = tokens.service(&Store::memory(), &[]);
    let own = held(&service, &tokens.interviewer);
    for (body, seconds) in
        [(json!({"session_id": own.session}), 86_400), (json!({"session_id": own.session, "expires_in": 60}), 60)]
    {
        let before = chrono::Utc::now();
        let made = send(&service, &tokens.interviewer, "POST", "/api/tokens", &body).ok(201);
        let until: chrono::DateTime<chrono::Utc> = made["expires_at"].as_str().unwrap().parse().unwrap();
        let left = (until - before).to_std().unwrap();
        assert!(left > Duration::from_secs(seconds - 2) && left < Duration::from_secs(seconds + 60), "{left:?}");
    }
}
