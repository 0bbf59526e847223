//! What an error document of OpenAI's interfaces says: of its own, of Azure, of llama.cpp, vLLM and gateways.

use serde_json::Value;

use crate::llm::failure::{Cause, Failure};
use crate::llm::prompt::Parameter;
use crate::llm::provider::Head;
use crate::llm::response;

/// The failure that a response without success means.
pub(super) fn failure(head: &Head, body: &[u8]) -> Failure {
    let document: Option<Value> = response::parse(body).ok();
    let said = document.as_ref().and_then(Complaint::of).and_then(|complaint| complaint.cause());
    response::failure(head, said)
}

/// An error document. Servers differ in the types of its fields, so that none is taken for granted; what is missing is empty.
#[derive(Default)]
pub(super) struct Complaint<'a> {
    code: &'a str,
    kind: &'a str,
    parameter: &'a str,
    message: &'a str,
    /// Azure's finer code, where it filters.
    inner_code: &'a str,
    /// A status that the document names.
    status: Option<u16>,
}

impl<'a> Complaint<'a> {
    /// The complaint of a document, where it has one: `{"error": {…}}`, `{"error": "…"}`, flat with an `object` or a `type` of `error`, or one of these in
    /// an array.
    pub(super) fn of(document: &'a Value) -> Option<Self> {
        let document = document.get(0).unwrap_or(document);
        let is_flat = ["object", "type"].iter().any(|field| text(document, field) == "error");
        let error = match document.get("error") {
            Some(Value::String(message)) => return Some(Self { message, ..Self::default() }),
            Some(error @ Value::Object(_)) => error,
            _ if is_flat => document,
            _ => return None,
        };
        let inner = |error: &'a Value| error.get("innererror").map_or("", |inner| text(inner, "code"));
        let relayed = error.get("provider_specific_fields").map_or("", inner);
        let status = [document.get("status"), error.get("status"), error.get("code")];
        Some(Self {
            code: text(error, "code"),
            kind: text(error, "type"),
            parameter: text(error, "param"),
            message: text(error, "message"),
            inner_code: if relayed.is_empty() { inner(error) } else { relayed },
            status: status.into_iter().flatten().find_map(status_of),
        })
    }

    /// The complaint of the error that a failed response of the Responses interface carries.
    pub(super) fn of_error(error: &'a Value) -> Self {
        Self {
            code: text(error, "code"),
            kind: text(error, "type"),
            message: text(error, "message"),
            ..Self::default()
        }
    }

    /// The cause where the document names it; none where only the status tells.
    fn cause(&self) -> Option<Cause> {
        let named = |name: &str| self.code == name || self.kind == name;
        if named("insufficient_quota") {
            return Some(Cause::QuotaExhausted);
        }
        if named("rate_limit_exceeded") {
            return Some(Cause::RateLimited);
        }
        let is_filtered = ["content_filter", "invalid_prompt", "bio_policy", "misalignment_policy_violation"];
        if is_filtered.into_iter().any(named) || self.inner_code == "ResponsibleAIPolicyViolation" {
            return Some(Cause::Filtered);
        }
        if named("model_not_found") {
            return Some(Cause::UnknownModel);
        }
        if named("context_length_exceeded") || named("exceed_context_size_error") || response::is_too_long(self.message)
        {
            return Some(Cause::TooLong);
        }
        self.refused_parameter().map(Cause::Parameter)
    }

    /// Chat completions say `unsupported_value` or `unsupported_parameter`; Responses have no code for it, only the parameter.
    fn refused_parameter(&self) -> Option<Parameter> {
        let parameter = match self.parameter {
            "temperature" => Some(Parameter::Temperature),
            "seed" => Some(Parameter::Seed),
            _ => None,
        };
        match self.code {
            "unsupported_value" | "unsupported_parameter" if parameter.is_some() => parameter,
            _ => response::refused_parameter(self.message),
        }
    }

    /// The failure where the response's own status was a success: within a stream, and with gateways that always answer 200.
    pub(super) fn failure(&self) -> Failure {
        Failure::of(self.cause().unwrap_or_else(|| match self.status {
            Some(status) => response::cause_of(status),
            None => match self.kind {
                "invalid_request_error" => Cause::BadRequest,
                "authentication_error" | "permission_error" => Cause::Unauthorized,
                "rate_limit_error" => Cause::RateLimited,
                "overloaded_error" | "unavailable_error" => Cause::Overloaded,
                _ => Cause::ServerError,
            },
        }))
    }
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// An error's status: a number, or a number in a text (LiteLLM).
fn status_of(value: &Value) -> Option<u16> {
    let status = match value {
        Value::String(text) => text.parse().ok()?,
        _ => u16::try_from(value.as_u64()?).ok()?,
    };
    (400..600).contains(&status).then_some(status)
}
