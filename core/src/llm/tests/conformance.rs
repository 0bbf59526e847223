//! Our requests beside those of the official clients, field by field.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// One recorded request.
pub(super) struct Official {
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Value,
}

fn official(index: usize) -> Official {
    let recorded: Value = serde_json::from_slice(recorded!("official_sdks.json")).unwrap();
    let request = &recorded[index];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let headers = request["headers"].as_object().unwrap();
    Official {
        path: text(&request["path"]),
        headers: headers.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        body: request["body"].clone(),
    }
}

/// The leaves of a document, each by its path: `a.b.0.c`. An empty object or array is a leaf, and numbers are compared as numbers.
fn leaves(value: &Value) -> BTreeMap<String, String> {
    fn walk(value: &Value, path: &str, leaves: &mut BTreeMap<String, String>) {
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                fields.iter().for_each(|(key, value)| walk(value, &below(key), leaves));
            }
            Value::Array(items) if !items.is_empty() => {
                items.iter().enumerate().for_each(|(index, value)| walk(value, &below(&index.to_string()), leaves));
            }
            Value::Number(number) => {
                leaves.insert(path.to_owned(), format!("{}", number.as_f64().unwrap()));
            }
            _ => {
                leaves.insert(path.to_owned(), value.to_string());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(value, "", &mut found);
    found
}

/// What differs, and why it may. Every entry has to be needed.
#[derive(Clone, Copy)]
pub(super) struct Difference {
    /// A header, a leaf of the body, or all leaves below one (`a.`) and all headers that begin so (`x-`).
    pub(super) at: &'static str,
    pub(super) why: &'static str,
}

pub(super) const TRANSPORT: [Difference; 3] = [
    Difference { at: "accept-encoding", why: "the transport's: it says what it can read" },
    Difference { at: "connection", why: "the transport's: HTTP/1.1 keeps connections by itself" },
    Difference { at: "user-agent", why: "the transport's: we say who we are" },
];

/// The schema of the recorded question, as the clients wrote it down.
fn ev(official: &Value) -> Schema {
    schema(&official.to_string())
}

fn prompt_of(schema: Schema, parameters: Parameters) -> Prompt {
    Prompt {
        system: "s".into(),
        turns: vec![PromptTurn { speaker: Speaker::User, text: "u".into() }],
        schema: Some(schema),
        max_tokens: 99,
        parameters,
    }
}

/// Compares a recorded request; every difference that is named has to be there.
fn compare_recorded(ours: &HttpRequest, base: &str, official: &Official, differences: &[Difference]) {
    let all: Vec<Difference> = differences.iter().chain(&TRANSPORT).copied().collect();
    let needed = compare(ours, base, official, &all, "recorded");
    for difference in all {
        assert!(needed.contains(difference.at), "{} does not differ", difference.at);
    }
}

/// Compares two requests, and says which of the named differences there are.
pub(super) fn compare(
    ours: &HttpRequest,
    base: &str,
    official: &Official,
    differences: &[Difference],
    name: &str,
) -> BTreeSet<&'static str> {
    assert!(differences.iter().all(|difference| !difference.why.is_empty()));
    let mut needed = BTreeSet::new();
    let mut excuse = |at: &str| {
        let covers = |known: &str| at == known || (known.ends_with(['.', '-']) && at.starts_with(known));
        let entry = differences.iter().find(|difference| covers(difference.at));
        needed.extend(entry.map(|difference| difference.at));
        entry.is_some()
    };
    let path = ours.url.strip_prefix(base).unwrap();
    if path != official.path {
        assert!(excuse("path"), "{name}: path {path} is not {}", official.path);
    }
    let names = ours.headers.iter().map(|(name, _)| (*name).to_owned());
    let headers: BTreeMap<String, String> = names.map(|name| (name.clone(), header(ours, &name).unwrap())).collect();
    for (kind, ours, official) in
        [("header", headers, official.headers.clone()), ("body", leaves(&body(ours)), leaves(&official.body))]
    {
        let all = ours.keys().chain(official.keys());
        for at in all.filter(|at| ours.get(*at) != official.get(*at)) {
            assert!(excuse(at), "{name}: {kind} {at}: {:?} is not {:?}", ours.get(at), official.get(at));
        }
    }
    needed
}

#[test]
fn openai_is_asked_as_its_client_asks() {
    let official = official(0);
    let parameters = Parameters { temperature: Some(0.0), seed: Some(1) };
    let prompt = prompt_of(ev(&official.body["response_format"]["json_schema"]["schema"]), parameters);
    let provider = Provider::openai("k");
    let ours = provider.protocol().request(&provider, "m", &prompt, false);
    compare_recorded(&ours, "https://api.openai.com", &official, &[]);
}

#[test]
fn anthropic_is_asked_as_its_client_asks() {
    let official = official(1);
    let prompt = prompt_of(ev(&official.body["output_config"]["format"]["schema"]), Parameters::default());
    let provider = Provider::anthropic("k");
    let ours = provider.protocol().request(&provider, "m", &prompt, false);
    compare_recorded(&ours, "https://api.anthropic.com", &official, &[]);
}

#[test]
fn gemini_is_asked_as_its_client_asks() {
    let official = official(2);
    let schema = schema(r#"{"type":"object","properties":{"score":{"type":"integer"}},"required":["score"]}"#);
    let prompt = prompt_of(schema, Parameters { temperature: Some(0.0), seed: None });
    let provider = Provider::gemini("k");
    let ours = provider.protocol().request(&provider, "gemini-x", &prompt, false);
    let differences = [
        Difference {
            at: "path",
            why: "v1beta: the published interface of v1 (@google-ai/generativelanguage 3.7.1, google/ai/generativelanguage/v1) has no systemInstruction, \
                  responseMimeType nor parts that are thoughts; that of v1beta has all that is sent",
        },
        Difference {
            at: "accept",
            why: "application/json, as with all others: the same as anything for an interface of JSON",
        },
        Difference { at: "x-goog-api-client", why: "names Google's own client" },
        Difference {
            at: "generationConfig.responseSchema.",
            why: "responseJsonSchema instead, which takes JSON Schema as it is; the client's own form has its types in capitals and an order beside it",
        },
        Difference { at: "generationConfig.responseJsonSchema.", why: "in the place of responseSchema" },
        Difference {
            at: "generationConfig.maxOutputTokens",
            why: "the recorded call set no limit; every prompt of ours has one",
        },
    ];
    compare_recorded(&ours, "https://generativelanguage.googleapis.com", &official, &differences);
}
