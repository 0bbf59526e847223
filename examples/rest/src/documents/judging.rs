//! The parts of an evaluation, for the OpenAPI document; what is sent are the library's own values, whose fields have these names.

use serde::Deserialize;
use utoipa::ToSchema;

use super::whole;

/// One competency's score for one exchange.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct Rating {
    /// The exchange's place in the evaluation, from 0.
    exchange: u32,
    /// The rubric's competency.
    competency: String,
    #[schema(minimum = 0.0, maximum = 1.0)]
    score: f64,
    basis: Basis,
    /// How sure the evaluator is.
    #[schema(minimum = 0.0, maximum = 1.0)]
    confidence: f64,
    /// The candidate's words that support the score.
    quotes: Vec<Quote>,
    /// Why this score.
    reason: String,
    /// Of a panel: the highest of its judges' scores less the lowest.
    #[schema(required = false, nullable = false)]
    spread: Option<f64>,
}

/// What a rating rests on.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Basis {
    /// A comparison with the question's reference answer.
    Reference,
    /// A comparison with the question's key points.
    KeyPoints,
    /// The rubric's levels, read by a language model.
    Rubric,
    /// The question, the job description and the answer's own qualities.
    Heuristic,
    /// The judgement of an evaluator that the application brought.
    Application,
    /// A person's decision.
    Person,
}

/// An exact span of an answer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct Quote {
    /// Where it begins in the answer, in Unicode scalar values from 0.
    start: u32,
    /// Where it ends (exclusive).
    end: u32,
    /// The candidate's words from `start` to `end`.
    text: String,
}

/// A question and the answer given to it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct Exchange {
    /// The planned question, from 0; null for one outside the plan.
    #[schema(required = true)]
    question: Option<u32>,
    /// What was asked.
    question_text: String,
    /// Whether it was a probe of an earlier answer.
    probe: bool,
    /// What the candidate said.
    answer: String,
}

/// How much of a key point was said.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Coverage {
    /// A share of two thirds at least.
    Covered,
    /// A share of a sixth at least.
    Partly,
    /// It was not recognised in the answers.
    Missing,
}

/// What was said of one key point of a question, in all answers to it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct KeyPointCoverage {
    /// The exchange whose answer says most of it, from 0; of a point that nothing was said of, the question's first.
    exchange: u32,
    /// The key point's place in its question's list, from 0.
    point: u32,
    /// The key point.
    text: String,
    coverage: Coverage,
    /// How much of it was said.
    #[schema(minimum = 0.0, maximum = 1.0)]
    share: f64,
    /// The candidate's words that say it.
    quotes: Vec<Quote>,
}

/// A competency over the whole evaluation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct CompetencyScore {
    /// The rubric's competency.
    competency: String,
    /// The weighted mean of its ratings.
    #[schema(minimum = 0.0, maximum = 1.0)]
    score: f64,
    /// Its weight in the rubric.
    weight: f64,
    /// How many ratings it has.
    ratings: u32,
}

/// Who judged.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct Evaluator {
    /// `builtin`, a language-model provider, `panel`, or an application's own name for it.
    provider: String,
    /// The model.
    model: String,
    /// The version of the model's rules or prompt.
    version: String,
    /// Who sat on it, for a panel.
    #[schema(value_type = Option<Object>, required = false, nullable = false)]
    panel: Option<()>,
}

/// A rating that could not be had.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct Missing {
    /// The exchange, from 0.
    exchange: u32,
    /// The competency; left out where the exchange has no rating at all.
    #[schema(required = false, nullable = false)]
    competency: Option<String>,
    /// Why.
    reason: String,
}

/// A span of an answer that speaks to the judge instead of answering: a reason to look, not a judgement.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct Flag {
    /// The exchange, from 0.
    exchange: u32,
    kind: FlagKind,
    span: Quote,
}

/// What a suspicious span looks like.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum FlagKind {
    /// Words that speak to the judge.
    Instruction,
    /// A judgement in the form of a reply.
    FakeReply,
    /// What looks like a marker or a tag of a prompt.
    FakeMarker,
    /// A header of a role.
    RoleHeader,
    /// Characters that nobody sees.
    HiddenText,
    /// Text in an encoding.
    EncodedText,
}

/// A score that a person put in the place of a judge's.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct Override {
    /// The person who did so.
    by: String,
    /// Why.
    reason: String,
    #[schema(minimum = 0.0, maximum = 1.0)]
    score: f64,
    /// The rating it is for; left out for the evaluation's whole score.
    #[schema(required = false, nullable = false)]
    rating: Option<RatingPlace>,
}

/// Names a rating of an evaluation.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RatingPlace {
    /// The exchange, from 0.
    #[serde(deserialize_with = "whole::number")]
    pub exchange: u32,
    /// The rubric's competency.
    pub competency: String,
}
