//! Ollama's chat. A stream is one JSON document a line.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::failure::{Cause, Failure};
use super::prompt::{Prompt, Reply};
use super::provider::{Framing, Head, HttpRequest, Partial, Protocol, Provider, StreamEvent};
use super::request::{self, Message, role};
use super::response;
use crate::domain::Tokens;

pub(super) struct Chat;

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a RawValue>,
    options: Options,
    stream: bool,
    /// By default a prompt that is too long loses its beginning, and a long reply its own, with a 200 and not a word: a score for an answer that nobody
    /// read. Both are to be errors.
    truncate: bool,
    shift: bool,
}

#[derive(Serialize)]
struct Options {
    num_predict: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u32>,
}

/// A whole reply, or a piece of a streamed one. A thinking model's thoughts are beside the message's content, and are left there.
#[derive(Deserialize)]
struct Answer {
    model: Option<String>,
    message: Option<Said>,
    done: Option<bool>,
    done_reason: Option<String>,
    prompt_eval_count: Option<u32>,
    eval_count: Option<u32>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<String>,
}

impl Protocol for Chat {
    fn request(&self, provider: &Provider, model: &str, prompt: &Prompt, streamed: bool) -> HttpRequest {
        let system = (!prompt.system.is_empty()).then_some(Message { role: "system", content: &prompt.system });
        let turns = prompt.turns.iter().map(|turn| Message { role: role(turn.speaker), content: &turn.text });
        let body = Request {
            model,
            messages: system.into_iter().chain(turns).collect(),
            format: prompt.schema.as_ref().map(|schema| &*schema.document),
            options: Options {
                num_predict: prompt.max_tokens,
                temperature: prompt.parameters.temperature,
                seed: prompt.parameters.seed,
            },
            stream: streamed,
            truncate: false,
            shift: false,
        };
        request::json(provider, "/api/chat", "x-api-key", &body)
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn reply(&self, head: &Head, body: &[u8]) -> Result<Reply, Failure> {
        if !response::is_success(head) {
            let document: Option<Value> = response::parse(body).ok();
            return Err(response::failure(head, document.as_ref().and_then(complaint).and_then(cause_of)));
        }
        let mut partial = self.begin(head);
        take(&mut partial, body)?;
        self.finish(partial)
    }

    fn event(&self, partial: &mut Partial, event: StreamEvent<'_>) -> Result<(), Failure> {
        take(partial, event.data.as_bytes())
    }

    fn finish(&self, partial: Partial) -> Result<Reply, Failure> {
        if !partial.done {
            return Err(Failure::of(Cause::Broken));
        }
        match partial.finish.as_deref() {
            Some("stop") | None => response::whole(partial),
            Some("length") => Err(Failure::of(Cause::Truncated)),
            // The model was loaded or unloaded, and not asked.
            Some(_) => Err(Failure::of(Cause::Unreadable)),
        }
    }
}

fn take(partial: &mut Partial, document: &[u8]) -> Result<(), Failure> {
    let answer: Answer = match response::parse(document) {
        Ok(Answer { done: None, .. }) | Err(_) => {
            let document: Value = response::parse(document)?;
            let message = complaint(&document).ok_or(Failure::of(Cause::Unreadable))?;
            return Err(Failure::of(cause_of(message).unwrap_or(Cause::ServerError)));
        }
        Ok(answer) => answer,
    };
    partial.model = response::label(answer.model.as_deref()).or(partial.model.take());
    partial.text.push_str(answer.message.and_then(|said| said.content).as_deref().unwrap_or_default());
    if answer.done == Some(true) {
        partial.done = true;
        partial.finish = response::label(answer.done_reason.as_deref());
        // A count is left out where it is zero, or where the prompt was read before.
        let (input, output) = (response::count(answer.prompt_eval_count), response::count(answer.eval_count));
        partial.tokens = Tokens { input, output };
    }
    Ok(())
}

/// The words of an error document, which has nothing else.
fn complaint(document: &Value) -> Option<&str> {
    let error = document.get("error")?;
    error.as_str().or_else(|| error.get("message")?.as_str())
}

fn cause_of(message: &str) -> Option<Cause> {
    response::is_too_long(message).then_some(Cause::TooLong)
}
