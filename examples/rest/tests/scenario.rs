//! The scenario of all languages, told over HTTP: what Rust is told, in the contract's words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
#[path = "../../../tests/scenarios/running.rs"]
#[expect(dead_code, reason = "programs of other languages are run elsewhere")]
mod running;

use std::collections::HashMap;
use std::path::Path;

use common::{Reply, Service};
use serde_json::{Value, json};
use vivavoce_rest::documents::evaluation::Evaluation;
use vivavoce_rest::documents::interview::Interview;
use vivavoce_rest::documents::session::{Session, Turn};
use vivavoce_rest::facts::Facts;

/// What HTTP has no call for, or cannot ask for.
fn is_passed_over(step: &Value) -> bool {
    let what = step["do"].as_str().unwrap();
    // Who deletes a draft is the token's bearer.
    let is_blank = what == "delete_draft" && step["by"] == " ";
    matches!(what, "evaluate_answer" | "events") || step.get("expected_version").is_some() || is_blank
}

/// What Rust was told, as HTTP says it.
fn in_our_words(step: &Value, told: &Value) -> Value {
    fn of<T: serde::de::DeserializeOwned>(value: &Value) -> T {
        serde_json::from_value(value.clone()).unwrap()
    }
    if let Some(kind) = told["error"].as_str() {
        let status = match kind {
            "not_found" => 404,
            "conflict" => 409,
            "provider" => 502,
            _ => 400,
        };
        return json!({"status": status});
    }
    match step["do"].as_str().unwrap() {
        "create_interview" | "update_interview" | "interview" => {
            json!(Interview::from(&of::<vivavoce::Interview>(told)))
        }
        "list_interviews" => {
            let all: Vec<vivavoce::Interview> = of(&told["interviews"]);
            json!(all.iter().map(Interview::from).collect::<Vec<_>>())
        }
        "list_evaluations" => {
            let all: Vec<vivavoce::Evaluation> = of(&told["evaluations"]);
            json!(all.iter().map(Evaluation::from).collect::<Vec<_>>())
        }
        "start_session" | "session" | "abandon_session" => {
            let interview = vivavoce::NewInterview::new("-", vivavoce::InterviewType::General);
            let facts = Facts { interview_type: interview.interview_type, question_count: 0, max_answers: 0 };
            without_facts(json!(Session::new(&of::<vivavoce::Session>(told), facts)))
        }
        "send_message" => json!(Turn::from(&of::<vivavoce::Turn>(told))),
        "end_session" | "evaluate" | "evaluation" | "re_evaluate" | "override_score" => {
            json!(Evaluation::from(&of::<vivavoce::Evaluation>(told)))
        }
        _ => told.clone(),
    }
}

fn without_facts(mut session: Value) -> Value {
    for field in ["interview_type", "question_count", "max_answers"] {
        session.as_object_mut().unwrap().remove(field);
    }
    session
}

/// What a step was told over HTTP.
fn asked(service: &Service, step: &Value, kept: &HashMap<String, Value>) -> Value {
    let id = |what: &str| kept[step[what].as_str().unwrap()]["id"].as_str().unwrap().to_owned();
    let post = |path: String, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        match step["key"].as_str() {
            Some(key) => service.post_with_key(&path, key, body),
            None => service.post(&path, body),
        }
    };
    let told = |reply: Reply| match reply.status {
        200 | 201 => reply.json(),
        204 => Value::Null,
        status => json!({"status": status}),
    };
    match step["do"].as_str().unwrap() {
        "create_interview" => told(post("/api/interviews".into(), step["plan"].clone())),
        "update_interview" => {
            let mut plan = step["plan"].clone();
            // The whole plan is another; what a change does not name stays.
            for field in ["interview_language", "job_description", "resume", "external_id", "rubric", "max_answers"] {
                plan.as_object_mut().unwrap().entry(field).or_insert(Value::Null);
            }
            let mut headers = vec![("content-type", "application/json")];
            headers.extend(step["key"].as_str().map(|key| ("idempotency-key", key)));
            let path = format!("/api/interviews/{}", id("interview"));
            told(service.send("PATCH", &path, &headers, plan.to_string()))
        }
        "delete_draft" => told(service.send("DELETE", &format!("/api/interviews/{}", id("interview")), &[], "")),
        "interview" => told(service.get(&format!("/api/interviews/{}", id("interview")))),
        "list_interviews" => {
            let list = &step["list"];
            let mut query = Vec::new();
            for (name, value) in list.as_object().unwrap() {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                match (name.as_str(), value.as_str()) {
                    ("order", "ascending") => query.push("sort_order=asc".to_owned()),
                    ("order", _) => query.push("sort_order=desc".to_owned()),
                    ("total" | "paging", _) => {}
                    (name, value) => query.push(format!("{name}={}", value.replace(' ', "%20"))),
                }
            }
            if let Some(page) = step["after"].as_str() {
                query.push(format!("cursor={}", kept[page]["next_cursor"].as_str().unwrap()));
            }
            told(service.get(&format!("/api/interviews?{}", query.join("&"))))
        }
        "list_evaluations" => {
            let list = step["evaluations"].as_object().unwrap().iter();
            let mut query: Vec<_> = list
                .map(|(name, value)| {
                    format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                })
                .collect();
            if step["interview"].is_string() {
                query.push(format!("interview_id={}", id("interview")));
            }
            if let Some(page) = step["after"].as_str() {
                query.push(format!("cursor={}", kept[page]["next_cursor"].as_str().unwrap()));
            }
            told(service.get(&format!("/api/evaluations?{}", query.join("&"))))
        }
        "start_session" => told(post(format!("/api/interviews/{}/chat/start", id("interview")), Value::Null)),
        "session" => told(service.get(&format!("/api/chat/{}", id("session")))),
        "send_message" => told(post(format!("/api/chat/{}/message", id("session")), json!({"message": step["text"]}))),
        "end_session" => told(post(format!("/api/chat/{}/end", id("session")), Value::Null)),
        "abandon_session" => told(post(format!("/api/chat/{}/abandon", id("session")), Value::Null)),
        "evaluate" => {
            let answers = step["answers"].as_object().unwrap().iter();
            let answers: Value = answers.map(|(place, answer)| (format!("question_{place}"), answer.clone())).collect();
            told(post("/api/evaluation".into(), json!({"interview_id": id("interview"), "answers": answers})))
        }
        "calibrate" => {
            let mut wanted = step["judging"].clone();
            for field in ["name", "graded"] {
                wanted[field] = step[field].clone();
            }
            told(post("/api/calibrations".into(), wanted))
        }
        "evaluation" => told(service.get(&format!("/api/evaluation/{}", id("evaluation")))),
        "re_evaluate" => told(post(format!("/api/evaluation/{}/re-evaluate", id("evaluation")), Value::Null)),
        "override_score" => {
            told(post(format!("/api/evaluation/{}/override", id("evaluation")), step["change"].clone()))
        }
        "verify_audit" => {
            let mut report = told(service.get(&format!("/api/interviews/{}/audit", id("interview"))));
            for field in ["interview_id", "verified", "head"] {
                report.as_object_mut().unwrap().remove(field);
            }
            report
        }
        "erase_interview" => {
            told(post(format!("/api/interviews/{}/erase", id("interview")), json!({"requested_by": step["by"]})))
        }
        "erase_candidate" => {
            let body = json!({"external_id": step["external_id"], "requested_by": step["by"]});
            let reply = told(post("/api/candidates/erase".into(), body));
            reply.get("interviews").cloned().unwrap_or(reply)
        }
        other => panic!("no step {other}"),
    }
}

fn over_http(path: &Path, url: &str) -> Vec<Value> {
    let scenario: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let models = path.with_extension("models.json");
    std::fs::write(&models, scenario["settings"].to_string()).unwrap();
    let service = Service::start(["--store", url, "--models", models.to_str().unwrap(), "--workers", "0"]);
    let mut kept: HashMap<String, Value> = HashMap::new();
    let steps = scenario["steps"].as_array().unwrap();
    let tell = |step: &Value| {
        if is_passed_over(step) {
            return Value::Null;
        }
        let told = asked(&service, step, &kept);
        if let (Some(name), None) = (step["as"].as_str(), told.get("status").filter(|status| status.is_number())) {
            kept.insert(name.to_owned(), told.clone());
        }
        match step["do"].as_str().unwrap() {
            "list_interviews" if told.get("interviews").is_some() => told["interviews"].clone(),
            "list_evaluations" if told.get("evaluations").is_some() => told["evaluations"].clone(),
            "start_session" | "session" | "abandon_session" if told.get("id").is_some() => without_facts(told),
            _ => told,
        }
    };
    steps.iter().map(tell).collect()
}

fn in_rust_words(path: &Path, url: &str) -> Vec<Value> {
    let scenario: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let told = running::in_rust::run(path, url);
    let steps = scenario["steps"].as_array().unwrap().iter().zip(&told);
    steps.map(|(step, told)| if is_passed_over(step) { Value::Null } else { in_our_words(step, told) }).collect()
}

#[test]
fn http_is_told_what_rust_is_told_on_every_store() {
    let scenario = running::interview();
    let by_rust = running::on_every_store(&scenario, in_rust_words);
    let by_http = running::on_every_store(&scenario, over_http);
    running::same(&by_rust[0].1, &by_http);
}
