//! What a language model is asked, and what it replies.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::domain::canonical::{Sha256Digest, sha256};
use crate::domain::{Parameters, Tokens};

/// Who speaks in a turn of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Speaker {
    /// Whoever asks the model.
    User,
    /// The model. Every protocol has it; no prompt of ours so far.
    #[cfg_attr(not(test), allow(dead_code, reason = "a part of every protocol"))]
    Model,
}

/// One turn of a prompt. Its text is not printable: it may be a candidate's.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PromptTurn {
    pub(crate) speaker: Speaker,
    pub(crate) text: String,
}

/// The JSON schema that a reply must follow. Within what all providers understand: objects whose properties are all required, with `additionalProperties: false`;
/// arrays, strings, integers and `enum`s without bounds (bounds are checked by us).
#[derive(Clone)]
pub(crate) struct Schema {
    /// Letters, digits and `_`.
    pub(crate) name: &'static str,
    /// Sent as it is written, because models write the properties in its order.
    pub(crate) document: Arc<RawValue>,
}

/// What a model is asked. There is at least one turn, and the last one is the user's.
#[derive(Clone)]
pub(crate) struct Prompt {
    pub(crate) system: String,
    pub(crate) turns: Vec<PromptTurn>,
    /// None for free text.
    pub(crate) schema: Option<Schema>,
    /// The most tokens of the reply, thinking included.
    pub(crate) max_tokens: u32,
    pub(crate) parameters: Parameters,
}

impl Prompt {
    /// The hash of all that is said to the model, and of the schema.
    pub(crate) fn hash(&self) -> Sha256Digest {
        // Lengths keep the parts apart.
        let mut parts: Vec<&[u8]> = Vec::new();
        let mut lengths = vec![self.system.len()];
        parts.push(self.system.as_bytes());
        for turn in &self.turns {
            let speaker: &[u8] = match turn.speaker {
                Speaker::User => b"user",
                Speaker::Model => b"model",
            };
            lengths.push(turn.text.len());
            parts.extend([speaker, turn.text.as_bytes()]);
        }
        let schema = self.schema.as_ref().map_or("", |schema| schema.document.get());
        parts.push(schema.as_bytes());
        let lengths = format!("{lengths:?}");
        parts.push(lengths.as_bytes());
        sha256(&parts)
    }
}

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prompt").field("turns", &self.turns.len()).finish_non_exhaustive()
    }
}

/// A parameter that a model may refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Parameter {
    Temperature,
    Seed,
}

impl Parameter {
    /// The parameters without this one; none where they do not have it.
    pub(crate) fn removed_from(self, mut parameters: Parameters) -> Option<Parameters> {
        let had = match self {
            Self::Temperature => parameters.temperature.take().is_some(),
            Self::Seed => parameters.seed.take().is_some(),
        };
        had.then_some(parameters)
    }
}

/// What a model replied, whole: a reply that was cut short, refused or filtered is a [`Failure`](super::failure::Failure). Not printable.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) text: String,
    /// The model as it calls itself in the reply, where it does.
    pub(crate) model: Option<String>,
    /// The provider's id of the call, where it gives one.
    pub(crate) request_id: Option<String>,
    pub(crate) tokens: Tokens,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}
