//! Chat completions: OpenAI, Azure, and every server that is compatible (llama.cpp, vLLM, LM Studio, Groq, Together …).

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Format;
use super::complaint::{self, Complaint};
use crate::domain::Tokens;
use crate::llm::failure::{Cause, Failure};
use crate::llm::prompt::{Prompt, Reply};
use crate::llm::provider::{Head, HttpRequest, Partial, Protocol, Provider, ProviderKind, StreamEvent};
use crate::llm::request::{self, Message, role};
use crate::llm::response;

pub(in crate::llm) struct ChatCompletions;

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct ResponseFormat<'a> {
    r#type: &'static str,
    json_schema: Format<'a>,
}

/// Without it a stream does not tell how many tokens it used.
#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// A whole reply, or a piece of a streamed one: they differ in where a choice has its text.
#[derive(Deserialize)]
struct Completion {
    id: Option<String>,
    model: Option<String>,
    choices: Option<Vec<Choice>>,
    usage: Option<Usage>,
    /// Gateways put it beside choices, too.
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice {
    index: Option<u64>,
    message: Option<Said>,
    delta: Option<Said>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
}

impl Protocol for ChatCompletions {
    fn request(&self, provider: &Provider, model: &str, prompt: &Prompt, streamed: bool) -> HttpRequest {
        let system = (!prompt.system.is_empty()).then_some(Message { role: "system", content: &prompt.system });
        let turns = prompt.turns.iter().map(|turn| Message { role: role(turn.speaker), content: &turn.text });
        // OpenAI's models that think refuse the older name, servers of others know only that.
        let is_compatible = provider.kind == ProviderKind::Compatible;
        let format = |schema| ResponseFormat { r#type: "json_schema", json_schema: Format::from(schema) };
        let body = Request {
            model,
            messages: system.into_iter().chain(turns).collect(),
            max_completion_tokens: (!is_compatible).then_some(prompt.max_tokens),
            max_tokens: is_compatible.then_some(prompt.max_tokens),
            temperature: prompt.parameters.temperature,
            seed: prompt.parameters.seed,
            response_format: prompt.schema.as_ref().map(format),
            stream: streamed,
            stream_options: streamed.then_some(StreamOptions { include_usage: true }),
        };
        request::json(provider, "/chat/completions", "api-key", &body)
    }

    fn begin(&self, head: &Head) -> Partial {
        super::begin(head)
    }

    fn reply(&self, head: &Head, body: &[u8]) -> Result<Reply, Failure> {
        if !response::is_success(head) {
            return Err(complaint::failure(head, body));
        }
        let mut partial = self.begin(head);
        take(&mut partial, body)?;
        partial.done = true;
        self.finish(partial)
    }

    fn event(&self, partial: &mut Partial, event: StreamEvent<'_>) -> Result<(), Failure> {
        if event.data.trim() == "[DONE]" {
            partial.done = true;
            return Ok(());
        }
        take(partial, event.data.as_bytes())
    }

    fn finish(&self, partial: Partial) -> Result<Reply, Failure> {
        if !partial.done {
            return Err(Failure::of(Cause::Broken));
        }
        match partial.finish.as_deref() {
            _ if partial.refused => Err(Failure::of(Cause::Refused)),
            // The last four are what servers of open models write, after their models' own words.
            Some("stop" | "eos" | "eos_token" | "stop_sequence" | "end_turn") => response::whole(partial),
            Some("length" | "max_tokens" | "model_length") => Err(Failure::of(Cause::Truncated)),
            Some("content_filter") => Err(Failure::of(Cause::Filtered)),
            // A call of a tool that there is not, an abort, or no choice at all.
            _ => Err(Failure::of(Cause::Unreadable)),
        }
    }
}

fn take(partial: &mut Partial, document: &[u8]) -> Result<(), Failure> {
    let completion = match response::parse::<Completion>(document) {
        Ok(completion)
            if completion.error.is_none() && (completion.choices.is_some() || completion.usage.is_some()) =>
        {
            completion
        }
        _ => return Err(complaint_or_unreadable(document)),
    };
    partial.request_id = partial.request_id.take().or_else(|| response::label(completion.id.as_deref()));
    partial.model = response::label(completion.model.as_deref()).or(partial.model.take());
    if let Some(usage) = completion.usage {
        let (input, output) = (response::count(usage.prompt_tokens), response::count(usage.completion_tokens));
        partial.tokens = Tokens { input, output };
    }
    let first = |choice: &Choice| choice.index.unwrap_or(0) == 0;
    for choice in completion.choices.into_iter().flatten().filter(first) {
        if let Some(said) = choice.message.or(choice.delta) {
            partial.text.push_str(said.content.as_deref().unwrap_or_default());
            partial.refused |= said.refusal.is_some_and(|refusal| !refusal.is_empty());
        }
        partial.finish = response::label(choice.finish_reason.as_deref()).or(partial.finish.take());
    }
    Ok(())
}

/// What another document is: an error, or none of the protocol's.
fn complaint_or_unreadable(document: &[u8]) -> Failure {
    let document: Result<Value, Failure> = response::parse(document);
    match document.as_ref().ok().and_then(Complaint::of) {
        Some(complaint) => complaint.failure(),
        None => Failure::of(Cause::Unreadable),
    }
}
