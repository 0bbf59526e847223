//! Google's Gemini: `generateContent`, and `streamGenerateContent` as server-sent events. The key is in a header, never in the URL, which proxies log.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::delay;
use super::failure::{Cause, Failure, Retry};
use super::prompt::{Prompt, Reply, Speaker};
use super::provider::{Head, HttpRequest, Partial, Protocol, Provider, StreamEvent};
use super::{request, response};
use crate::domain::Tokens;

pub(super) struct GenerateContent;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    generation_config: GenerationConfig<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    role: &'static str,
    parts: [Text<'a>; 1],
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    max_output_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_json_schema: Option<&'a RawValue>,
}

/// A whole reply, or a piece of a streamed one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Generated {
    candidates: Option<Vec<Candidate>>,
    prompt_feedback: Option<PromptFeedback>,
    usage_metadata: Option<UsageMetadata>,
    model_version: Option<String>,
    response_id: Option<String>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    index: Option<u64>,
    content: Option<Parts>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Parts {
    parts: Option<Vec<Part>>,
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
    thought: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptFeedback {
    block_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UsageMetadata {
    prompt_token_count: Option<u32>,
    candidates_token_count: Option<u32>,
    thoughts_token_count: Option<u32>,
}

impl Protocol for GenerateContent {
    fn request(&self, provider: &Provider, model: &str, prompt: &Prompt, streamed: bool) -> HttpRequest {
        let content = |role, text| Content { role, parts: [Text { text }] };
        let role = |speaker| match speaker {
            Speaker::User => "user",
            Speaker::Model => "model",
        };
        let body = Request {
            contents: prompt.turns.iter().map(|turn| content(role(turn.speaker), &turn.text)).collect(),
            system_instruction: (!prompt.system.is_empty()).then(|| content("user", &prompt.system)),
            generation_config: GenerationConfig {
                max_output_tokens: prompt.max_tokens,
                temperature: prompt.parameters.temperature,
                // A seed is a signed number here: the same bits, so that different seeds stay different.
                seed: prompt.parameters.seed.map(u32::cast_signed),
                response_mime_type: prompt.schema.is_some().then_some("application/json"),
                response_json_schema: prompt.schema.as_ref().map(|schema| &*schema.document),
            },
        };
        let is_qualified = model.starts_with("models/") || model.starts_with("tunedModels/");
        let collection = if is_qualified { "" } else { "models/" };
        let method = if streamed { "streamGenerateContent?alt=sse" } else { "generateContent" };
        request::json(provider, &format!("/{collection}{model}:{method}"), "x-goog-api-key", &body)
    }

    fn reply(&self, head: &Head, body: &[u8]) -> Result<Reply, Failure> {
        if !response::is_success(head) {
            let document: Option<Value> = response::parse(body).ok();
            let error = document.as_ref().and_then(error_of);
            let failure = response::failure(head, error.and_then(complaint));
            return Err(delayed(failure, error));
        }
        let mut partial = self.begin(head);
        take(&mut partial, body)?;
        partial.done = true;
        self.finish(partial)
    }

    fn event(&self, partial: &mut Partial, event: StreamEvent<'_>) -> Result<(), Failure> {
        take(partial, event.data.as_bytes())?;
        // Nothing else says that a stream is over.
        partial.done |= partial.finish.is_some();
        Ok(())
    }

    fn finish(&self, partial: Partial) -> Result<Reply, Failure> {
        if !partial.done {
            return Err(Failure::of(Cause::Broken));
        }
        match partial.finish.as_deref() {
            Some("STOP") => response::whole(partial),
            // The second: cut at a limit of the service's own, to be continued by a further request.
            Some("MAX_TOKENS" | "CONTINUATION") => Err(Failure::of(Cause::Truncated)),
            Some(
                "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "IMAGE_SAFETY"
                | "MODEL_ARMOR" | "ESCALATION",
            ) => Err(Failure::of(Cause::Filtered)),
            // Tools that there are not, replies that the service itself calls malformed, or no candidate at all.
            _ => Err(Failure::of(Cause::Unreadable)),
        }
    }
}

fn take(partial: &mut Partial, document: &[u8]) -> Result<(), Failure> {
    let generated = match response::parse::<Generated>(document) {
        Ok(generated) if generated.error.is_none() => generated,
        _ => {
            let document: Value = response::parse(document)?;
            let error = error_of(&document).ok_or(Failure::of(Cause::Unreadable))?;
            return Err(delayed(Failure::of(complaint(error).unwrap_or(Cause::ServerError)), Some(error)));
        }
    };
    let blocked = generated.prompt_feedback.and_then(|feedback| feedback.block_reason);
    if blocked.is_some_and(|reason| !reason.ends_with("_UNSPECIFIED")) {
        return Err(Failure::of(Cause::Filtered));
    }
    partial.request_id = response::label(generated.response_id.as_deref()).or(partial.request_id.take());
    partial.model = response::label(generated.model_version.as_deref()).or(partial.model.take());
    if let Some(usage) = generated.usage_metadata {
        partial.tokens = Tokens {
            input: response::count(usage.prompt_token_count),
            output: response::count(usage.candidates_token_count) + response::count(usage.thoughts_token_count),
        };
    }
    let first = |candidate: &Candidate| candidate.index.unwrap_or(0) == 0;
    for candidate in generated.candidates.into_iter().flatten().filter(first) {
        let parts = candidate.content.and_then(|content| content.parts).into_iter().flatten();
        for part in parts.filter(|part| part.thought != Some(true)) {
            partial.text.push_str(part.text.as_deref().unwrap_or_default());
        }
        partial.finish = response::label(candidate.finish_reason.as_deref()).or(partial.finish.take());
    }
    Ok(())
}

/// The error of a document, which a stream puts into an array.
fn error_of(document: &Value) -> Option<&Value> {
    document.get(0).unwrap_or(document).get("error")
}

fn details(error: &Value) -> impl Iterator<Item = &Value> {
    error.get("details").and_then(Value::as_array).into_iter().flatten()
}

/// The cause that an error tells by its canonical code (google.rpc.Code), its details or its words.
fn complaint(error: &Value) -> Option<Cause> {
    // A wrong key is a wrong argument by its status.
    if details(error).any(|detail| detail.get("reason").and_then(Value::as_str) == Some("API_KEY_INVALID")) {
        return Some(Cause::Unauthorized);
    }
    let text = |field| error.get(field).and_then(Value::as_str).unwrap_or_default();
    match text("status") {
        "INVALID_ARGUMENT" if response::is_too_long(text("message")) => Some(Cause::TooLong),
        "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" | "UNIMPLEMENTED" => Some(Cause::BadRequest),
        "UNAUTHENTICATED" | "PERMISSION_DENIED" => Some(Cause::Unauthorized),
        "NOT_FOUND" => Some(Cause::UnknownModel),
        "RESOURCE_EXHAUSTED" => Some(Cause::RateLimited),
        "DEADLINE_EXCEEDED" => Some(Cause::Timeout),
        "UNAVAILABLE" | "ABORTED" => Some(Cause::Overloaded),
        "INTERNAL" | "UNKNOWN" | "DATA_LOSS" => Some(Cause::ServerError),
        _ => None,
    }
}

/// The failure with the delay of the error's RetryInfo, where it has one and no header had: Gemini sends no `retry-after`.
fn delayed(failure: Failure, error: Option<&Value>) -> Failure {
    let told = error.into_iter().flat_map(details).find_map(|detail| detail.get("retryDelay")?.as_str());
    match failure.retry {
        Retry::After(None) => Failure { retry: Retry::After(told.and_then(delay::protobuf)), ..failure },
        _ => failure,
    }
}
