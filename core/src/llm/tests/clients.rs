//! Our requests beside those that the official clients make of the same question, now and here.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use vivavoce_test_support::{HttpServer, response};

use super::conformance::{Difference, Official, TRANSPORT, compare};
use super::*;

const SCHEMA: &str = r#"{"type":"object","properties":{"quotes":{"type":"array","items":{"type":"string"}},"level":{"type":"integer"}},
    "required":["quotes","level"],"additionalProperties":false}"#;

/// What an official client sends.
fn official(interface: &str, prompt: &Prompt, streamed: bool) -> Official {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let python = root.join("target/official-clients/bin/python");
    assert!(python.exists(), "the official clients are not there: scripts/setup installs them");
    let server = HttpServer::start(|_, _| vec![response(400, &[("content-type", "application/json")], "{}")]);
    let schema = prompt.schema.as_ref().unwrap();
    let question = serde_json::json!({
        "system": prompt.system, "user": prompt.turns[0].text, "name": schema.name, "max_tokens": prompt.max_tokens,
        "schema": serde_json::from_str::<Value>(schema.document.get()).unwrap(),
        "temperature": prompt.parameters.temperature, "seed": prompt.parameters.seed,
    });
    let mut client = Command::new(python)
        .arg(root.join("tests/official_clients/ask.py"))
        .args([interface, &server.url(""), if streamed { "streamed" } else { "whole" }])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    client.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    assert!(client.wait().unwrap().success(), "{interface}");
    let requests = server.requests();
    let request = requests.first().unwrap_or_else(|| panic!("{interface} sent nothing"));
    Official {
        path: request.path.clone(),
        headers: request.headers.iter().cloned().collect(),
        body: serde_json::from_slice(&request.body).unwrap(),
    }
}

/// What every client adds about itself and its connection.
const CLIENT: [Difference; 8] = [
    Difference { at: "host", why: "the transport's: where the test's server is" },
    Difference { at: "content-length", why: "the transport's, by how the JSON is spaced" },
    Difference { at: "x-stainless-", why: "what the clients tell about their own machine" },
    Difference { at: "x-goog-api-client", why: "names Google's own client" },
    Difference {
        at: "accept",
        why: "application/json, as with all others: the same as anything for an interface of JSON",
    },
    Difference { at: "user-agent", why: TRANSPORT[2].why },
    Difference { at: "accept-encoding", why: TRANSPORT[0].why },
    Difference { at: "connection", why: TRANSPORT[1].why },
];

#[test]
fn the_official_clients_send_the_same_but_for_what_is_named() {
    let prompt = Prompt {
        system: "You judge.".into(),
        turns: vec![PromptTurn { speaker: Speaker::User, text: "“Judge” this: {}".into() }],
        schema: Some(schema(SCHEMA)),
        max_tokens: 512,
        parameters: Parameters { temperature: Some(0.5), seed: Some(7) },
    };
    let mut needed = BTreeSet::new();
    for (interface, provider, base) in [
        ("openai_chat", Provider::openai("k"), "https://api.openai.com"),
        ("openai_responses", Provider::openai("k").responses(), "https://api.openai.com"),
        ("anthropic_messages", Provider::anthropic("k"), "https://api.anthropic.com"),
        ("gemini", Provider::gemini("k"), "https://generativelanguage.googleapis.com"),
    ] {
        for streamed in [false, true] {
            let official = official(interface, &prompt, streamed);
            let ours = provider.protocol().request(&provider, "m", &prompt, streamed);
            let name = format!("{interface}, {}", if streamed { "streamed" } else { "whole" });
            needed.extend(compare(&ours, base, &official, &CLIENT, &name));
        }
    }
    for difference in CLIENT {
        assert!(needed.contains(difference.at), "{} does not differ anywhere", difference.at);
    }
}
