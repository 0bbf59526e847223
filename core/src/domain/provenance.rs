//! Where a judgement comes from: the language-model calls it rests on, what could not be judged, what was suspicious, and what a person changed.

use serde::{Deserialize, Serialize};

use super::evaluation::Quote;
use super::names::named;

/// How a language model is to sample. What the model refused is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// 0 and up: how much chance there is in the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Where the model's chance begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
}

/// What a call of a language model used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// All that was read, cached by the provider or not.
    pub input: u64,
    /// All that was written, thinking included.
    pub output: u64,
}

/// One reply of a language model that an evaluation rests on, with all that is needed to judge it again; or what was asked and had no reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelCall {
    /// The exchange that it judged, from 0.
    pub exchange: u32,
    /// Which judge of a panel asked, from 0; 0 for a single judge.
    pub judge: u32,
    /// The model that replied, `provider/model`; where none did, the first that was asked.
    pub model: String,
    /// The model as it named itself in the reply, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
    /// How it was to sample.
    pub parameters: Parameters,
    /// The version of the prompt's file.
    pub prompt_version: String,
    /// The SHA-256 of the whole prompt as it was sent, in lower-case hexadecimal.
    pub prompt_hash: String,
    /// The SHA-256 of the reply's schema.
    pub schema_hash: String,
    /// The provider's id of the call, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What it used; nothing is known of a call without a reply.
    pub tokens: Tokens,
    /// What it cost, in the currency of the application's price table; none without a price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// How many requests it took, those that failed included.
    pub tries: u32,
    /// Whether the reply came from the cache; tokens and cost are then those of the call that filled it.
    pub cached: bool,
    /// The reply, byte for byte; empty where there was none.
    pub reply: String,
    /// Why there was no reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// A rating that could not be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The exchange, from 0.
    pub exchange: u32,
    /// The competency; none where the exchange has no rating at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub competency: Option<String>,
    /// Why.
    pub reason: String,
}

/// What a suspicious span of an answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FlagKind {
    /// Words that speak to the judge: to ignore the rubric, to give a score.
    Instruction,
    /// A judgement in the form of a reply: JSON with scores or levels.
    FakeReply,
    /// What looks like a marker or a tag of a prompt.
    FakeMarker,
    /// A header of a role: "System:", "Assistant:", "Thought process:".
    RoleHeader,
    /// Characters that nobody sees.
    HiddenText,
    /// Text in an encoding: base64, hexadecimal and the like.
    EncodedText,
}

impl FlagKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Instruction, Self::FakeReply, Self::FakeMarker, Self::RoleHeader, Self::HiddenText, Self::EncodedText];

    /// The name in documents, for example `fake_reply`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instruction => "instruction",
            Self::FakeReply => "fake_reply",
            Self::FakeMarker => "fake_marker",
            Self::RoleHeader => "role_header",
            Self::HiddenText => "hidden_text",
            Self::EncodedText => "encoded_text",
        }
    }
}

named!(FlagKind, "kind of flag");

/// A span of an answer that speaks to the judge instead of answering. A flag is a reason to look, not a judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// The exchange, from 0.
    pub exchange: u32,
    /// What it looks like.
    pub kind: FlagKind,
    /// The span.
    pub span: Quote,
}

/// A score that a person put in the place of a judge's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Override {
    /// The person who did so.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The score, 0 to 1.
    pub score: f64,
    /// The rating it is for; none for the evaluation's whole score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<RatingPlace>,
}

/// Names a rating of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatingPlace {
    /// The exchange, from 0.
    pub exchange: u32,
    /// The rubric's competency.
    pub competency: String,
}

impl Override {
    /// Puts `score` in the place of an evaluation's whole score.
    pub fn new(score: f64, by: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { by: by.into(), reason: reason.into(), score, rating: None }
    }

    /// Puts the score in the place of one rating's; the evaluation's scores follow from it.
    #[must_use]
    pub fn of_rating(mut self, exchange: u32, competency: impl Into<String>) -> Self {
        self.rating = Some(RatingPlace { exchange, competency: competency.into() });
        self
    }
}
