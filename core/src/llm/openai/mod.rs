//! OpenAI's two interfaces: chat completions, which many servers speak, and Responses.

mod chat;
mod complaint;
mod responses;

pub(super) use chat::ChatCompletions;
pub(super) use responses::Responses;

use serde::Serialize;
use serde_json::value::RawValue;

use super::prompt::Schema;
use super::provider::{Head, Partial};
use super::response;

/// A schema as both interfaces have it, which wrap it differently.
#[derive(Serialize)]
struct Format<'a> {
    name: &'a str,
    strict: bool,
    schema: &'a RawValue,
}

impl<'a> From<&'a Schema> for Format<'a> {
    fn from(schema: &'a Schema) -> Self {
        Self { name: schema.name, strict: true, schema: &schema.document }
    }
}

/// The header's id is that of the call, which OpenAI asks for when something is wrong; the document's is of the reply.
fn begin(head: &Head) -> Partial {
    Partial { request_id: response::label(head.header("x-request-id")), ..Partial::default() }
}
