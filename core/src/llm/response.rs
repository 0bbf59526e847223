//! What the responses of all protocols have in common: statuses, JSON, and complaints in words.

use serde::Deserialize;

use super::delay;
use super::failure::{Cause, Failure, Retry};
use super::prompt::{Parameter, Reply};
use super::provider::{Head, Partial};

/// The longest name of a model, id of a call or reason of an end that is kept: they go into records, so that a server must not fill these.
const LONGEST_LABEL: usize = 200;

pub(super) fn is_success(head: &Head) -> bool {
    (200..300).contains(&head.status)
}

/// Reads a document. Everything that is not the protocol's may be a proxy's page, which passes.
pub(super) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Failure> {
    // All documents of the library are read as text: what reads bytes would be there a second time.
    let document = std::str::from_utf8(body).ok().and_then(|text| serde_json::from_str(text).ok());
    document.ok_or_else(|| Failure::of(Cause::Unreadable))
}

/// What a status means where the body tells no more. Which statuses pass (408, 409, 429 and all from 500) is the rule of OpenAI's and Anthropic's clients;
/// Google's, where it retries at all, retries a part of them (408, 429, 500, 502, 503, 504).
pub(super) fn cause_of(status: u16) -> Cause {
    match status {
        300..400 => Cause::Redirect,
        401 | 403 => Cause::Unauthorized,
        402 => Cause::QuotaExhausted,
        404 | 410 => Cause::UnknownModel,
        408 | 504 => Cause::Timeout,
        // Something else holds a lock that the request needs.
        409 => Cause::Overloaded,
        413 => Cause::TooLong,
        429 => Cause::RateLimited,
        503 | 529 => Cause::Overloaded,
        400..500 => Cause::BadRequest,
        500.. => Cause::ServerError,
        _ => Cause::Unreadable,
    }
}

/// The failure that a response without success means; `said` is the cause that its body tells, where it tells one. `x-should-retry` overrules the status,
/// but `true` makes no request good that the body calls hopeless.
pub(super) fn failure(head: &Head, said: Option<Cause>) -> Failure {
    let by_status = cause_of(head.status);
    let cause = if by_status == Cause::Redirect { by_status } else { said.unwrap_or(by_status) };
    let passes = match head.header("x-should-retry") {
        Some("false") => false,
        Some("true") if said.is_none_or(Cause::passes) && cause != Cause::Redirect => true,
        _ => cause.passes(),
    };
    let retry = if passes { Retry::After(delay::asked_for(head)) } else { Retry::Never };
    Failure { cause, status: Some(head.status), retry }
}

/// Whether a complaint says in words that the prompt is longer than the model reads. Only OpenAI and llama.cpp have a code for it.
pub(super) fn is_too_long(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    [
        "maximum context length",
        "exceeds the context window",
        "exceed context limit",
        "exceeds the context length",
        "available context size",
        "context size has been exceeded",
        "prompt is too long",
        "exceeds the maximum number of tokens",
    ]
    .iter()
    .any(|words| message.contains(words))
}

/// The parameter that a complaint begins with and calls refused. Anthropic and most compatible servers have no code for it.
pub(super) fn refused_parameter(message: &str) -> Option<Parameter> {
    let subject = ["Unsupported value: ", "Unsupported parameter: "]
        .iter()
        .find_map(|words| message.strip_prefix(words))
        .unwrap_or(message)
        .trim_start_matches(['\'', '`', '"']);
    let (parameter, rest) = [(Parameter::Temperature, "temperature"), (Parameter::Seed, "seed")]
        .into_iter()
        .find_map(|(parameter, name)| Some((parameter, subject.strip_prefix(name)?)))?;
    let is_whole_name = !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let is_refused = ["is deprecated", "does not support", "not supported", "Extra inputs are not permitted"]
        .iter()
        .any(|words| rest.contains(words));
    (is_whole_name && is_refused).then_some(parameter)
}

/// A name or an id, where it is one: not empty, not endless, printable.
pub(super) fn label(text: Option<&str>) -> Option<String> {
    let text = text?.trim();
    let is_one = (1..=LONGEST_LABEL).contains(&text.len()) && !text.chars().any(char::is_control);
    is_one.then(|| text.to_owned())
}

/// A number of tokens. One that is negative, no whole number or beyond four thousand millions is no count: the document is unreadable.
pub(super) fn count(number: Option<u32>) -> u64 {
    number.map_or(0, u64::from)
}

/// The reply that a protocol's own end allows. One that says nothing is no reply, with a schema or without: it is asked for again.
pub(super) fn whole(partial: Partial) -> Result<Reply, Failure> {
    let Partial { text, model, request_id, tokens, .. } = partial;
    // No store keeps a NUL, and no model means one.
    if text.trim().is_empty() || text.contains('\0') {
        return Err(Failure::of(Cause::Unreadable));
    }
    Ok(Reply { text, model, request_id, tokens })
}
