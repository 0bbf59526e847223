//! Running a scenario on every store, whichever language does so, and comparing what was told. The tests of the languages have this file as a module.

pub(crate) mod in_rust;
mod normal;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use vivavoce_test_support::{Act, Cluster, HttpServer, response};

use self::normal::normal;

/// A URL of each store; files are in the directory.
pub(crate) fn stores(directory: &Path) -> [String; 3] {
    let file = format!("sqlite:{}", directory.join("a.db").display());
    ["memory:".to_owned(), file, Cluster::shared().create_database()]
}

/// The scenario of this folder.
pub(crate) fn interview() -> Value {
    serde_json::from_str(include_str!("interview.json")).unwrap()
}

/// The language model of a scenario: each request has the next of its acts, and the last for ever.
fn model(acts: &[Value]) -> HttpServer {
    let acts: Vec<Act> = acts.iter().map(act).collect();
    HttpServer::start(move |_, number| vec![acts[number.min(acts.len() - 1)].clone()])
}

fn act(act: &Value) -> Act {
    let headers = [("content-type", "application/json")];
    match act["says"].as_str() {
        None => response(u16::try_from(act["status"].as_u64().unwrap()).unwrap(), &headers, "{}"),
        Some(words) => {
            let choice =
                json!({"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"});
            let usage = json!({"prompt_tokens": 90, "completion_tokens": 8, "total_tokens": 98});
            let body =
                json!({"id": "1", "object": "chat.completion", "model": "talk", "choices": [choice], "usage": usage});
            response(200, &headers, body.to_string())
        }
    }
}

/// Runs a scenario on every store, and gives what was told of each step, without what differs from run to run.
pub(crate) fn on_every_store(scenario: &Value, run: impl Fn(&Path, &str) -> Vec<Value>) -> Vec<(String, Vec<Value>)> {
    let directory = tempfile::tempdir().unwrap();
    let told = stores(directory.path()).map(|url| {
        let server = model(scenario["model"].as_array().unwrap());
        let path = directory.path().join("scenario.json");
        std::fs::write(&path, scenario.to_string().replace("$MODEL", &server.url("/v1"))).unwrap();
        let told = run(&path, &url);
        let asked = scenario["model"].as_array().unwrap().len();
        assert_eq!(server.requests().len(), asked, "{url}: as many requests as the scenario has acts for");
        (url, normal(told))
    });
    told.into()
}

/// What a program that succeeds was told of each step, which it prints in a line.
pub(crate) fn told(command: &mut Command) -> Vec<Value> {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}: {said}", output.status);
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Whether everything that is expected is in what was told.
fn has(told: &Value, expected: &Value) -> bool {
    match (told, expected) {
        (Value::Object(told), Value::Object(expected)) => {
            expected.iter().all(|(key, value)| told.get(key).is_some_and(|told| has(told, value)))
        }
        (Value::Array(told), Value::Array(expected)) => {
            told.len() == expected.len() && told.iter().zip(expected).all(|(told, expected)| has(told, expected))
        }
        _ => told == expected,
    }
}

/// What Rust is told of each step on each store; it is what the scenario expects, and the same on all of them.
pub(crate) fn by_rust(scenario: &Value) -> Vec<Value> {
    let all = on_every_store(scenario, in_rust::run);
    let steps = scenario["steps"].as_array().unwrap();
    for (store, told) in &all {
        assert_eq!(told.len(), steps.len(), "{store}");
        for (number, (step, told)) in steps.iter().zip(told).enumerate() {
            let expected = normal(vec![step["expect"].clone()]);
            assert!(has(told, &expected[0]), "{store}, step {number}: {step} was told {told}");
        }
    }
    same(&all[0].1, &all);
    all[0].1.clone()
}

pub(crate) fn same(expected: &[Value], all: &[(String, Vec<Value>)]) {
    for (store, told) in all {
        assert_eq!(told.len(), expected.len(), "{store}");
        for (number, (told, expected)) in told.iter().zip(expected).enumerate() {
            assert!(told == expected, "{store}, step {number}:\n{told}\nis not\n{expected}");
        }
    }
}
