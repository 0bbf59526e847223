//! What the requests of all protocols have in common.

use serde::Serialize;

use super::prompt::Speaker;
use super::provider::{Authentication, Body, HeaderValue, HttpRequest, Provider};

/// A request with a JSON body. Without a key nothing is sent of one: servers of one's own have none.
pub(super) fn json(provider: &Provider, path: &str, own_header: &'static str, body: &impl Serialize) -> HttpRequest {
    let mut headers = vec![
        ("accept", HeaderValue::Plain("application/json")),
        ("content-type", HeaderValue::Plain("application/json")),
    ];
    if let Some(key) = provider.key.clone() {
        headers.push(match provider.authentication {
            Authentication::Bearer => ("authorization", HeaderValue::Bearer(key)),
            Authentication::Header => (own_header, HeaderValue::Key(key)),
        });
    }
    // Texts, numbers and a schema that is JSON already: writing them does not fail.
    let body = Body(serde_json::to_vec(body).unwrap_or_default());
    HttpRequest { url: format!("{}{path}", provider.base_url), headers, body }
}

/// A message with its text as it is: OpenAI, Anthropic, Ollama.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub(super) role: &'static str,
    pub(super) content: &'a str,
}

/// The name of a speaker, but with Gemini.
pub(super) fn role(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::User => "user",
        Speaker::Model => "assistant",
    }
}
