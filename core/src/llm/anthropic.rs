//! Anthropic's messages, in the version of its interface that its official clients speak since 21 October 2026.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::failure::{Cause, Failure};
use super::prompt::{Prompt, Reply};
use super::provider::{Head, HeaderValue, HttpRequest, Partial, Protocol, Provider, StreamEvent};
use super::request::{self, Message, role};
use super::response;
use crate::domain::Parameters;

const VERSION: &str = "2026-10-21";

pub(super) struct Messages;

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    system: &'a str,
    messages: Vec<Message<'a>>,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
}

#[derive(Serialize)]
struct OutputConfig<'a> {
    format: Format<'a>,
}

#[derive(Serialize)]
struct Format<'a> {
    r#type: &'static str,
    schema: &'a RawValue,
}

/// A message: whole, or as a stream begins it.
#[derive(Deserialize)]
struct Answer {
    id: Option<String>,
    model: Option<String>,
    content: Vec<Block>,
    stop_reason: Option<String>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        text: String,
    },
    /// Thinking, which is no part of the reply, and what is to come.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Usage {
    input_tokens: Option<u32>,
    cache_creation_input_tokens: Option<u32>,
    cache_read_input_tokens: Option<u32>,
    output_tokens: Option<u32>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Answer,
    },
    ContentBlockStart {
        content_block: Block,
    },
    ContentBlockDelta {
        delta: BlockDelta,
    },
    MessageDelta {
        delta: AnswerDelta,
        usage: Option<Usage>,
    },
    MessageStop,
    Error {},
    /// Pings, ends of blocks, and what is to come.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum BlockDelta {
    TextDelta {
        text: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct AnswerDelta {
    stop_reason: Option<String>,
}

impl Protocol for Messages {
    fn request(&self, provider: &Provider, model: &str, prompt: &Prompt, streamed: bool) -> HttpRequest {
        let turns = prompt.turns.iter().map(|turn| Message { role: role(turn.speaker), content: &turn.text });
        let format = |document| OutputConfig { format: Format { r#type: "json_schema", schema: document } };
        let body = Request {
            model,
            system: &prompt.system,
            messages: turns.collect(),
            max_tokens: prompt.max_tokens,
            output_config: prompt.schema.as_ref().map(|schema| format(&*schema.document)),
            stream: streamed,
        };
        let mut request = request::json(provider, "/v1/messages", "x-api-key", &body);
        request.headers.push(("anthropic-version", HeaderValue::Plain(VERSION)));
        request
    }

    /// There never was a seed, and this version of the interface refuses a temperature, even the default one.
    fn parameters(&self, _parameters: Parameters) -> Parameters {
        Parameters::default()
    }

    fn begin(&self, head: &Head) -> Partial {
        Partial { request_id: response::label(head.header("request-id")), ..Partial::default() }
    }

    fn reply(&self, head: &Head, body: &[u8]) -> Result<Reply, Failure> {
        if !response::is_success(head) {
            let document: Option<Value> = response::parse(body).ok();
            return Err(response::failure(head, document.as_ref().and_then(complaint)));
        }
        let mut partial = self.begin(head);
        start(&mut partial, response::parse(body)?);
        partial.done = true;
        self.finish(partial)
    }

    fn event(&self, partial: &mut Partial, event: StreamEvent<'_>) -> Result<(), Failure> {
        // The official client goes by the name alone, whatever the data are.
        if event.name == "error" {
            return Err(error_within(event));
        }
        match response::parse(event.data.as_bytes())? {
            Event::MessageStart { message } => start(partial, message),
            Event::ContentBlockStart { content_block: Block::Text { text } }
            | Event::ContentBlockDelta { delta: BlockDelta::TextDelta { text } } => partial.text.push_str(&text),
            Event::MessageDelta { delta, usage } => {
                partial.finish = response::label(delta.stop_reason.as_deref()).or(partial.finish.take());
                count(partial, usage);
            }
            Event::MessageStop => partial.done = true,
            Event::Error {} => return Err(error_within(event)),
            Event::ContentBlockStart { .. } | Event::ContentBlockDelta { .. } | Event::Other => {}
        }
        Ok(())
    }

    fn finish(&self, partial: Partial) -> Result<Reply, Failure> {
        if !partial.done {
            return Err(Failure::of(Cause::Broken));
        }
        match partial.finish.as_deref() {
            Some("end_turn" | "stop_sequence") => response::whole(partial),
            Some("max_tokens") => Err(Failure::of(Cause::Truncated)),
            Some("model_context_window_exceeded") => Err(Failure::of(Cause::TooLong)),
            Some("refusal") => Err(Failure::of(Cause::Refused)),
            // A tool that there is not, a pause of one, or no reason at all.
            _ => Err(Failure::of(Cause::Unreadable)),
        }
    }
}

fn start(partial: &mut Partial, answer: Answer) {
    partial.request_id = partial.request_id.take().or_else(|| response::label(answer.id.as_deref()));
    partial.model = response::label(answer.model.as_deref());
    partial.finish = response::label(answer.stop_reason.as_deref());
    for block in answer.content {
        if let Block::Text { text } = block {
            partial.text.push_str(&text);
        }
    }
    count(partial, answer.usage);
}

/// Takes in counts, which in a stream grow: each replaces the one before, and what is left out stays as it was.
fn count(partial: &mut Partial, usage: Option<Usage>) {
    let Some(usage) = usage else { return };
    let kinds = [usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens];
    for (known, told) in partial.input_kinds.iter_mut().zip(kinds) {
        *known = told.map_or(*known, u64::from);
    }
    partial.tokens.input = partial.input_kinds.iter().sum();
    partial.tokens.output = usage.output_tokens.map_or(partial.tokens.output, u64::from);
}

/// The failure of an error within a stream.
fn error_within(event: StreamEvent<'_>) -> Failure {
    let document: Option<Value> = response::parse(event.data.as_bytes()).ok();
    Failure::of(document.as_ref().and_then(complaint).unwrap_or(Cause::ServerError))
}

/// The cause that an error document tells.
fn complaint(document: &Value) -> Option<Cause> {
    let error = document.get("error")?;
    let text =
        |object: &'_ Value, field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let code = error.get("details").map(|details| text(details, "error_code")).unwrap_or_default();
    // Limits of what may be spent answer 429 like limits of speed, but only someone who pays can lift them.
    if code.ends_with("_spend_limit_reached") {
        return Some(Cause::QuotaExhausted);
    }
    let message = text(error, "message");
    match text(error, "type").as_str() {
        "invalid_request_error" if response::is_too_long(&message) => Some(Cause::TooLong),
        "invalid_request_error" => {
            response::refused_parameter(&message).map(Cause::Parameter).or(Some(Cause::BadRequest))
        }
        "authentication_error" | "permission_error" => Some(Cause::Unauthorized),
        "billing_error" => Some(Cause::QuotaExhausted),
        "not_found_error" => Some(Cause::UnknownModel),
        "request_too_large" => Some(Cause::TooLong),
        "rate_limit_error" => Some(Cause::RateLimited),
        "timeout_error" => Some(Cause::Timeout),
        "api_error" => Some(Cause::ServerError),
        "overloaded_error" => Some(Cause::Overloaded),
        _ => None,
    }
}
