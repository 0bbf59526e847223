//! The wire protocols on recorded exchanges; where each is from is in `recorded/README.md`.

mod anthropic;
mod calls;
mod clients;
mod common;
mod conformance;
mod gemini;
mod ollama;
mod openai;
mod properties;
mod responses;
mod stream;

use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::failure::{Cause, Failure, Retry};
use super::prompt::{Prompt, PromptTurn, Reply, Schema, Speaker};
use super::provider::{Head, HeaderValue, HttpRequest, Partial, Protocol, Provider};
use super::stream::Cutter;
use crate::domain::{Parameters, Tokens};

/// A recorded file's bytes.
macro_rules! recorded {
    ($name:literal) => {
        include_bytes!(concat!("../recorded/", $name)).as_slice()
    };
}
use recorded;

/// Longer than any recorded event.
const LONGEST_EVENT: usize = 1 << 16;

fn head(status: u16) -> Head {
    head_with(status, &[])
}

fn head_with(status: u16, headers: &[(&str, &str)]) -> Head {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Head { status, headers, received_at: 1_764_028_800 }
}

/// The failure, which has to be one.
fn failed(protocol: &dyn Protocol, status: u16, body: &[u8]) -> Failure {
    protocol.reply(&head(status), body).unwrap_err()
}

fn permanent(cause: Cause, status: impl Into<Option<u16>>) -> Failure {
    Failure { cause, status: status.into(), retry: Retry::Never }
}

fn passing(cause: Cause, status: impl Into<Option<u16>>) -> Failure {
    Failure { cause, status: status.into(), retry: Retry::After(None) }
}

/// A whole stream's outcome, its bytes coming in chunks of these lengths (the last one over and over).
fn streamed_in(protocol: &dyn Protocol, bytes: &[u8], lengths: &[usize]) -> Result<Reply, Failure> {
    let mut cutter = Cutter::new(protocol.framing(), LONGEST_EVENT);
    let mut partial: Partial = protocol.begin(&head(200));
    let (mut rest, mut lengths) = (bytes, lengths.iter());
    let mut length = bytes.len().max(1);
    while !rest.is_empty() {
        length = lengths.next().copied().unwrap_or(length).max(1);
        let (chunk, after) = rest.split_at(length.min(rest.len()));
        cutter.push(chunk, |event| protocol.event(&mut partial, event))?;
        rest = after;
    }
    cutter.end(|event| protocol.event(&mut partial, event))?;
    protocol.finish(partial)
}

fn streamed(protocol: &dyn Protocol, bytes: &[u8]) -> Result<Reply, Failure> {
    streamed_in(protocol, bytes, &[])
}

fn tokens(input: u64, output: u64) -> Tokens {
    Tokens { input, output }
}

/// A prompt with everything.
fn prompt() -> Prompt {
    let turn = |speaker, text: &str| PromptTurn { speaker, text: text.into() };
    Prompt {
        system: "s".into(),
        turns: vec![turn(Speaker::User, "u"), turn(Speaker::Model, "m"), turn(Speaker::User, "v")],
        schema: Some(schema(r#"{"type":"object","properties":{"z":{"type":"integer"},"a":{"type":"string"}}}"#)),
        max_tokens: 99,
        parameters: Parameters { temperature: Some(0.5), seed: Some(7) },
    }
}

fn schema(document: &str) -> Schema {
    Schema { name: "Ev", document: Arc::from(RawValue::from_string(document.to_owned()).unwrap()) }
}

fn request(provider: &Provider, prompt: &Prompt, streamed: bool) -> HttpRequest {
    provider.protocol().request(provider, "model-x", prompt, streamed)
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body.0).unwrap()
}

/// A header as it goes over the wire.
fn header(request: &HttpRequest, name: &str) -> Option<String> {
    let value = request.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value)?;
    Some(match value {
        HeaderValue::Plain(text) => (*text).to_owned(),
        HeaderValue::Key(key) => key.reveal().to_owned(),
        HeaderValue::Bearer(key) => format!("Bearer {}", key.reveal()),
    })
}
