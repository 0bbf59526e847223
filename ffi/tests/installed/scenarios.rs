//! The scenarios of `tests/scenarios`, run from Rust, C, C++ and Go on every store: what each language is told is the same.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use vivavoce_test_support::{Act, HttpServer, response};

use super::go::go;
use super::normal::normal;
use super::{done, ffi, flags, root, scenario, stores, with_library};

fn interview() -> Value {
    let path = root().join("tests/scenarios/interview.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
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
fn on_every_store(scenario: &Value, run: impl Fn(&Path, &str) -> Vec<Value>) -> Vec<(String, Vec<Value>)> {
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

/// Runs a program that prints what it was told of each step in a line.
fn told(command: &mut Command) -> Vec<Value> {
    done(command).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
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
fn by_rust(scenario: &Value) -> Vec<Value> {
    let all = on_every_store(scenario, scenario::run);
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

fn same(expected: &[Value], all: &[(String, Vec<Value>)]) {
    for (store, told) in all {
        assert_eq!(told.len(), expected.len(), "{store}");
        for (number, (told, expected)) in told.iter().zip(expected).enumerate() {
            assert!(told == expected, "{store}, step {number}:\n{told}\nis not\n{expected}");
        }
    }
}

#[test]
fn every_language_is_told_the_same_on_every_store() {
    let interview = interview();
    let expected = by_rust(&interview);
    let directory = tempfile::tempdir().unwrap();
    let build = |name: &str, command: &mut Command| {
        let program = directory.path().join(name);
        done(command.arg("-o").arg(&program));
        program
    };
    let warnings = ["-Wall", "-Wextra", "-Werror", "-g"];
    let sources = ffi().join("tests/c");
    let libraries = flags(&["--cflags", "--libs"]);
    let mut c = Command::new("cc");
    c.arg("-std=c99").args(warnings).arg(sources.join("scenario.c")).args(&libraries).arg("-lcjson");
    let mut cpp = Command::new("c++");
    cpp.arg("-std=c++17").args(warnings).arg(sources.join("scenario.cpp")).args(&libraries);
    let programs = [build("in-c", &mut c), build("in-cpp", &mut cpp), in_go(directory.path())];
    for program in programs {
        let all = on_every_store(&interview, |path, url| told(with_library(&program).arg(path).arg(url)));
        same(&expected, &all);
    }
}

fn in_go(directory: &Path) -> std::path::PathBuf {
    let program = directory.join("in-go");
    done(go("ffi/go").args(["build", "-o"]).arg(&program).arg("./internal/scenario"));
    program
}
