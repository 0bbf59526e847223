//! Every call, by every role, of the own tenant and of another.

use std::collections::BTreeMap;

use vivavoce_rest::access::calls as table;
use vivavoce_rest::routes;

use super::*;

/// A call: its method, its path, its body, and the least role that may make it.
type Call = (&'static str, String, Value, Role);

/// Every call that names something.
fn named(held: &Held) -> Vec<Call> {
    let Held { interview, session, evaluation, .. } = held;
    let interviews = |rest: &str| format!("/api/interviews/{interview}{rest}");
    let chat = |rest: &str| format!("/api/chat/{session}{rest}");
    let evaluations = |rest: &str| format!("/api/evaluation/{evaluation}{rest}");
    let answers = json!({"question_0": "Because."});
    vec![
        ("GET", interviews(""), Value::Null, Role::Interviewer),
        ("PATCH", interviews(""), json!({}), Role::Interviewer),
        ("DELETE", interviews(""), Value::Null, Role::Interviewer),
        ("GET", interviews("/sessions"), Value::Null, Role::Interviewer),
        ("GET", interviews("/evaluations"), Value::Null, Role::Interviewer),
        ("POST", interviews("/evaluations"), json!({"answers": answers}), Role::Interviewer),
        ("POST", interviews("/chat/start"), Value::Null, Role::Interviewer),
        ("GET", interviews("/audit"), Value::Null, Role::Administrator),
        ("GET", chat(""), Value::Null, Role::Candidate),
        ("POST", chat("/message"), json!({"message": "Because."}), Role::Candidate),
        ("GET", chat("/events"), Value::Null, Role::Candidate),
        ("GET", chat("/ws"), Value::Null, Role::Candidate),
        ("POST", chat("/end"), Value::Null, Role::Candidate),
        ("POST", chat("/abandon"), Value::Null, Role::Interviewer),
        ("GET", evaluations(""), Value::Null, Role::Interviewer),
        ("GET", evaluations("/scorecard.json"), Value::Null, Role::Interviewer),
        ("GET", evaluations("/scorecard.md"), Value::Null, Role::Interviewer),
        ("GET", evaluations("/scorecard.html"), Value::Null, Role::Interviewer),
        ("GET", format!("/api/calibrations/{}", held.calibration), Value::Null, Role::Interviewer),
        ("POST", evaluations("/override"), json!({"score": 1, "reason": "So."}), Role::Interviewer),
        ("POST", evaluations("/re-evaluate"), Value::Null, Role::Interviewer),
        ("POST", "/api/evaluation".into(), json!({"interview_id": interview, "answers": answers}), Role::Interviewer),
        ("POST", "/api/tokens".into(), json!({"session_id": session}), Role::Interviewer),
        ("POST", "/api/candidates/erase".into(), json!({"external_id": "candidate-7"}), Role::Administrator),
        ("POST", interviews("/erase"), Value::Null, Role::Administrator),
    ]
}

/// The calls that name nothing.
fn general() -> Vec<Call> {
    let questions = json!({"interview_type": "general"});
    let ratings =
        json!({"raters": [{"name": "a", "scores": [1, 2, 3]}, {"name": "b", "scores": [1, 3, 3]}], "resamples": 0});
    [
        ("GET", "/api/interviews", Value::Null, Role::Interviewer),
        ("POST", "/api/interviews", json!({}), Role::Interviewer),
        ("GET", "/api/evaluations", Value::Null, Role::Interviewer),
        ("POST", "/api/questions", questions, Role::Interviewer),
        ("POST", "/api/agreement", ratings, Role::Interviewer),
        ("GET", "/api/calibrations", Value::Null, Role::Interviewer),
        ("POST", "/api/calibrations", json!({}), Role::Interviewer),
        ("GET", "/api/export/interviews.jsonl", Value::Null, Role::Administrator),
        ("GET", "/api/export/interviews.csv", Value::Null, Role::Administrator),
        ("GET", "/api/export/evaluations.jsonl", Value::Null, Role::Administrator),
        ("GET", "/api/export/evaluations.csv", Value::Null, Role::Administrator),
        ("GET", "/api/access", Value::Null, Role::Candidate),
    ]
    .map(|(method, path, body, role)| (method, path.to_owned(), body, role))
    .to_vec()
}

/// The calls by path and method, and their roles.
type Roles = BTreeMap<(String, String), Role>;

#[test]
fn the_table_is_the_routers_own_list_and_what_these_tests_try() {
    let from_table: Roles = table().map(|(path, method, role)| ((path.to_owned(), method.to_owned()), role)).collect();
    let placeholder = |text: &str| text.to_owned();
    let held = Held {
        interview: placeholder("{id}"),
        session: placeholder("{session_id}"),
        evaluation: placeholder("{id}"),
        calibration: placeholder("{name}"),
        candidate: String::new(),
    };
    let tried = named(&held)
        .into_iter()
        .chain(general())
        .map(|(method, path, _, role)| ((path.strip_prefix("/api").unwrap().to_owned(), method.to_owned()), role));
    assert_eq!(tried.collect::<Roles>(), from_table);
    let document = serde_json::to_value(routes::api().into_openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let routed = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(|method| (path.clone(), method.to_uppercase()))
    });
    let routed: Vec<_> = routed.collect();
    assert_eq!(from_table.into_keys().collect::<Vec<_>>(), {
        let mut routed = routed;
        routed.sort();
        routed
    });
}

on_every_store! {
    fn nobody_is_let_in_without_a_token(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let held = held(&service, &tokens.interviewer);
        for (method, path, body, _) in named(&held).into_iter().chain(general()) {
            for token in ["", "nonsense", "vv_", "vvc_AAAA", &tokens.interviewer[..tokens.interviewer.len() - 1]] {
                let refused = send(&service, token, method, &path, &body);
                refused.fails(401, "Missing or invalid token");
                assert_eq!(refused.header("www-authenticate"), Some("Bearer"), "{method} {path}");
            }
        }
        for path in ["/health", "/ready", "/metrics", "/openapi.yaml", "/docs"] {
            assert_eq!(service.get(path).status, 200, "{path}");
        }
    }

    fn each_role_may_do_its_own_and_no_more(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let own = held(&service, &tokens.interviewer);
        let callers = [
            (Role::Candidate, &own.candidate),
            (Role::Interviewer, &tokens.interviewer),
            (Role::Administrator, &tokens.administrator),
        ];
        for (method, path, body, least) in named(&own).into_iter().chain(general()) {
            for (role, token) in callers {
                let status = status(&service, token, method, &path, &body);
                match role < least {
                    true => assert_eq!(status, 403, "{role:?} {method} {path}"),
                    // After an erasure what is named is not there; that is the last of the list.
                    false => assert!(![401, 403, 404, 405].contains(&status) || path.ends_with("/erase"), "{role:?} {method} {path}: {status}"),
                }
            }
        }
    }

    fn another_tenants_ids_are_not_there(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let own = held(&service, &tokens.administrator);
        // Cached as well.
        let chat = format!("/api/chat/{}", own.session);
        send(&service, &tokens.administrator, "GET", &chat, &Value::Null).ok(200);
        for (method, path, body, _) in named(&own) {
            let foreign = status(&service, &tokens.foreign, method, &path, &body);
            assert_eq!(foreign, 404, "{method} {path}");
            if !path.ends_with("/ws") {
                // The very words that an id has which nobody has.
                let nobody = "0190b2c4-0000-7000-8000-000000000000";
                let swap = |text: &str| [&own.interview, &own.session, &own.evaluation].iter().fold(text.to_owned(), |text, id| text.replace(*id, nobody));
                let missing: Value = serde_json::from_str(&swap(&body.to_string()).replace("candidate-7", "nobody")).unwrap();
                let (there, missing) = (send(&service, &tokens.foreign, method, &path, &body), send(&service, &tokens.foreign, method, &swap(&path), &missing));
                assert_eq!((there.status, there.text()), (missing.status, missing.text()), "{method} {path}");
            }
        }
        let list = send(&service, &tokens.foreign, "GET", "/api/interviews", &Value::Null).ok(200);
        assert_eq!((&list["total"], &list["interviews"]), (&json!(0), &json!([])));
        let page = send(&service, &tokens.foreign, "GET", "/api/evaluations", &Value::Null).ok(200);
        assert_eq!(page["evaluations"], json!([]));
        for form in ["interviews.jsonl", "evaluations.jsonl"] {
            assert_eq!(send(&service, &tokens.foreign, "GET", &format!("/api/export/{form}"), &Value::Null).text(), "");
        }
        for form in ["interviews.csv", "evaluations.csv"] {
            let table = send(&service, &tokens.foreign, "GET", &format!("/api/export/{form}"), &Value::Null).text();
            assert_eq!(table.lines().count(), 1, "{table}");
        }
        // A cursor of the one tenant's list shows the other nothing.
        held(&service, &tokens.administrator);
        let first = send(&service, &tokens.administrator, "GET", "/api/interviews?limit=1", &Value::Null).ok(200);
        let cursor = first["next_cursor"].as_str().unwrap();
        let next = send(&service, &tokens.foreign, "GET", &format!("/api/interviews?cursor={cursor}"), &Value::Null);
        assert!(next.status == 400 || next.ok(200)["interviews"] == json!([]), "{}", next.text());
        // Nothing of it was changed.
        let session = send(&service, &tokens.administrator, "GET", &chat, &Value::Null).ok(200);
        assert_eq!((&session["status"], session["messages"].as_array().unwrap().len()), (&json!("active"), 1));
    }

    fn another_sessions_candidate_is_told_that_it_is_not_there(store: &Store) {
        let tokens = Tokens::new();
        let service = tokens.service(store, &[]);
        let (own, other) = (held(&service, &tokens.interviewer), held(&service, &tokens.interviewer));
        let foreign = held(&service, &tokens.foreign);
        for session in [&other.session, &foreign.session] {
            for (method, path, body, role) in named(&Held { session: session.clone(), ..held(&service, &tokens.interviewer) }) {
                let expected = if role == Role::Candidate { 404 } else { 403 };
                assert_eq!(status(&service, &own.candidate, method, &path, &body), expected, "{method} {path}");
            }
        }
    }
}

#[test]
fn a_method_or_path_that_is_not_there_says_so_to_whoever_is_let_in() {
    let tokens = Tokens::new();
    let service = tokens.service(&Store::memory(), &[]);
    let ask = |token: &str, method: &str, path: &str| send(&service, token, method, path, &Value::Null);
    ask("", "GET", "/api/nothing").fails(401, "Missing or invalid token");
    ask(&tokens.interviewer, "GET", "/api/nothing").fails(404, "Not found");
    let refused = ask(&tokens.interviewer, "PUT", "/api/interviews");
    refused.fails(405, "Method not allowed");
    let mut allowed: Vec<&str> = refused.header("allow").unwrap().split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
    assert_eq!(ask(&tokens.interviewer, "HEAD", "/api/interviews").status, 200);
    assert_eq!(ask(&tokens.interviewer, "HEAD", "/api/export/interviews.csv").status, 403);
}
