//! The Responses interface of OpenAI and Azure. Nothing is stored with the provider (`store: false`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Format;
use super::complaint::{self, Complaint};
use crate::domain::{Parameters, Tokens};
use crate::llm::failure::{Cause, Failure};
use crate::llm::prompt::{Prompt, Reply};
use crate::llm::provider::{Head, HttpRequest, Partial, Protocol, Provider, StreamEvent};
use crate::llm::request::{self, Message, role};
use crate::llm::response;

pub(in crate::llm) struct Responses;

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    instructions: &'a str,
    input: Vec<Message<'a>>,
    max_output_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
    store: bool,
    stream: bool,
}

#[derive(Serialize)]
struct Text<'a> {
    format: TextFormat<'a>,
}

#[derive(Serialize)]
struct TextFormat<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    format: Format<'a>,
}

#[derive(Deserialize)]
struct Response {
    id: Option<String>,
    model: Option<String>,
    status: Option<String>,
    error: Option<Value>,
    incomplete_details: Option<IncompleteDetails>,
    output: Option<Vec<Item>>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct IncompleteDetails {
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    input_tokens: Option<u32>,
    output_tokens: Option<u32>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item {
    Message {
        phase: Option<String>,
        content: Option<Vec<Part>>,
    },
    /// Thinking, and what is to come.
    #[serde(other)]
    Other,
}

impl Item {
    /// Whether its text is no part of the reply: what a model says on its way, or anything in a phase that is not known.
    fn is_aside(&self) -> bool {
        match self {
            Self::Message { phase, .. } => phase.as_deref().is_some_and(|phase| phase != "final_answer"),
            Self::Other => true,
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part {
    OutputText {
        text: Option<String>,
    },
    Refusal {},
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Event {
    #[serde(rename = "response.output_item.added")]
    ItemAdded { output_index: u64, item: Item },
    #[serde(rename = "response.output_text.delta")]
    TextDelta { output_index: Option<u64>, delta: String },
    #[serde(rename = "response.refusal.delta")]
    RefusalDelta {},
    #[serde(rename = "response.completed", alias = "response.incomplete", alias = "response.failed")]
    Ended { response: Box<Response> },
    #[serde(rename = "error")]
    Error {},
    #[serde(other)]
    Other,
}

impl Protocol for Responses {
    fn request(&self, provider: &Provider, model: &str, prompt: &Prompt, streamed: bool) -> HttpRequest {
        let turns = prompt.turns.iter().map(|turn| Message { role: role(turn.speaker), content: &turn.text });
        let text = |schema| Text { format: TextFormat { r#type: "json_schema", format: Format::from(schema) } };
        let body = Request {
            model,
            instructions: &prompt.system,
            input: turns.collect(),
            max_output_tokens: prompt.max_tokens,
            temperature: prompt.parameters.temperature,
            text: prompt.schema.as_ref().map(text),
            store: false,
            stream: streamed,
        };
        request::json(provider, "/responses", "api-key", &body)
    }

    /// The interface has no seed.
    fn parameters(&self, parameters: Parameters) -> Parameters {
        Parameters { seed: None, ..parameters }
    }

    fn begin(&self, head: &Head) -> Partial {
        super::begin(head)
    }

    fn reply(&self, head: &Head, body: &[u8]) -> Result<Reply, Failure> {
        if !response::is_success(head) {
            return Err(complaint::failure(head, body));
        }
        let mut partial = self.begin(head);
        end(&mut partial, response::parse(body)?)?;
        self.finish(partial)
    }

    fn event(&self, partial: &mut Partial, event: StreamEvent<'_>) -> Result<(), Failure> {
        match response::parse(event.data.as_bytes()) {
            _ if event.name == "error" => return Err(error_within(event)),
            Ok(Event::ItemAdded { output_index, item }) if item.is_aside() => partial.asides.push(output_index),
            Ok(Event::TextDelta { output_index, delta }) => {
                if !output_index.is_some_and(|index| partial.asides.contains(&index)) {
                    partial.text.push_str(&delta);
                }
            }
            Ok(Event::RefusalDelta {}) => partial.refused = true,
            Ok(Event::Ended { response }) => end(partial, *response)?,
            Ok(Event::ItemAdded { .. } | Event::Other) => {}
            Ok(Event::Error {}) | Err(_) => return Err(error_within(event)),
        }
        Ok(())
    }

    fn finish(&self, partial: Partial) -> Result<Reply, Failure> {
        if !partial.done {
            return Err(Failure::of(Cause::Broken));
        }
        match partial.finish.as_deref() {
            _ if partial.refused => Err(Failure::of(Cause::Refused)),
            Some("completed") => response::whole(partial),
            Some("max_output_tokens") => Err(Failure::of(Cause::Truncated)),
            Some("content_filter") => Err(Failure::of(Cause::Filtered)),
            // Cancelled, or still under way, which nobody asked for.
            _ => Err(Failure::of(Cause::Unreadable)),
        }
    }
}

/// The failure of an event that says it is an error, or that is none of the protocol.
fn error_within(event: StreamEvent<'_>) -> Failure {
    let document: Option<Value> = response::parse(event.data.as_bytes()).ok();
    match document.as_ref().map(|document| (document, Complaint::of(document))) {
        Some((_, Some(complaint))) => complaint.failure(),
        Some((error, None)) if event.name == "error" => Complaint::of_error(error).failure(),
        _ => Failure::of(Cause::Unreadable),
    }
}

/// Takes in the response in its last state. A stream has told its text by then, unless it is one that tells only the end.
fn end(partial: &mut Partial, response: Response) -> Result<(), Failure> {
    let status = response.status.as_deref().unwrap_or_default();
    if status == "failed" || (status.is_empty() && response.error.is_some()) {
        let complaint = response.error.as_ref().map(Complaint::of_error);
        return Err(complaint.map_or(Failure::of(Cause::ServerError), |complaint| complaint.failure()));
    }
    let reason = response.incomplete_details.and_then(|details| details.reason);
    partial.finish = response::label(if status == "incomplete" { reason.as_deref() } else { Some(status) });
    partial.done = true;
    partial.request_id = partial.request_id.take().or_else(|| response::label(response.id.as_deref()));
    partial.model = response::label(response.model.as_deref());
    if let Some(usage) = response.usage {
        let (input, output) = (response::count(usage.input_tokens), response::count(usage.output_tokens));
        partial.tokens = Tokens { input, output };
    }
    let is_told = !partial.text.is_empty();
    for item in response.output.into_iter().flatten().filter(|item| !item.is_aside()) {
        let Item::Message { content, .. } = item else { continue };
        for part in content.into_iter().flatten() {
            match part {
                Part::OutputText { text: Some(text) } if !is_told => partial.text.push_str(&text),
                Part::Refusal {} => partial.refused = true,
                Part::OutputText { .. } | Part::Other => {}
            }
        }
    }
    Ok(())
}
