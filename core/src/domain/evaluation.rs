//! What judging a session, or a set of answers, results in.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{EvaluationId, InterviewId, SessionId};
use super::language::Language;
use super::names::named;
use super::provenance::{Flag, Missing, ModelCall, Override};

/// How far an evaluation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EvaluationStatus {
    /// Asked for.
    Pending,
    /// Being made.
    Running,
    /// Every answer was judged (or there was none to judge).
    Completed,
    /// Some answers could not be judged; `failure` says why.
    Partial,
    /// Nothing could be judged; `failure` says why.
    Failed,
}

impl EvaluationStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Running, Self::Completed, Self::Partial, Self::Failed];

    /// The name in documents and tables: `pending`, `running`, `completed`, `partial`, `failed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Partial => "partial",
            Self::Failed => "failed",
        }
    }

    /// Whether the evaluation stays as it is: what failed is asked for again as another evaluation.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Partial | Self::Failed)
    }
}

named!(EvaluationStatus, "evaluation status");

/// A question and the answer given to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The planned question, from 0, that was asked or probed; none for a question outside the plan.
    pub question: Option<u32>,
    /// What was asked: the planned question's text, or the probe.
    pub question_text: String,
    /// Whether it was a probe of an earlier answer.
    pub probe: bool,
    /// What the candidate said, byte for byte; may be empty for answers given without a session.
    pub answer: String,
}

/// An exact span of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Where it begins in the answer, in Unicode scalar values from 0.
    pub start: u32,
    /// Where it ends (exclusive), in Unicode scalar values.
    pub end: u32,
    /// The candidate's words from `start` to `end`.
    pub text: String,
}

/// What a rating rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Basis {
    /// A comparison with the question's reference answer.
    Reference,
    /// A comparison with the question's key points.
    KeyPoints,
    /// The rubric's levels, read by a language model: there was no reference answer and no key points.
    Rubric,
    /// The question, the job description and the answer's own qualities: there was nothing to compare with.
    Heuristic,
    /// The judgement of an evaluator that the application brought.
    Application,
    /// A person's decision, whose reason is the rating's.
    Person,
}

impl Basis {
    /// The name in documents: `reference`, `key_points`, `rubric`, `heuristic`, `application`, `person`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::KeyPoints => "key_points",
            Self::Rubric => "rubric",
            Self::Heuristic => "heuristic",
            Self::Application => "application",
            Self::Person => "person",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One competency's score for one exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rating {
    /// The exchange's place in the evaluation, from 0.
    pub exchange: u32,
    /// The rubric's competency.
    pub competency: String,
    /// 0 to 1.
    pub score: f64,
    /// What the score rests on.
    pub basis: Basis,
    /// How sure the evaluator is, 0 to 1. A language model is not asked: for a single one it is how near the built-in evaluator's score is (1 less the distance), for a
    /// panel how near its judges are to each other (1 less the spread), less the part of them that has no rating.
    pub confidence: f64,
    /// The candidate's words that support the score; a score of zero needs none.
    pub quotes: Vec<Quote>,
    /// Why this score, in the session's language; may be empty.
    pub reason: String,
    /// Of a panel: the highest of its judges' scores less the lowest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<f64>,
}

impl Rating {
    /// A rating by the application's own evaluator, which it is wholly sure of, without quotes and reason; set the fields for more.
    pub fn new(exchange: u32, competency: impl Into<String>, score: f64) -> Self {
        Self {
            exchange,
            competency: competency.into(),
            score,
            basis: Basis::Application,
            confidence: 1.0,
            quotes: Vec::new(),
            reason: String::new(),
            spread: None,
        }
    }
}

/// How much of a key point was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Coverage {
    /// It was said: a share of two thirds at least.
    Covered,
    /// A part of it was said: a share of a sixth at least.
    Partly,
    /// It was not recognised in the answers.
    Missing,
}

impl Coverage {
    /// What a share of a key point, from 0 to 1, comes to.
    pub(crate) fn of(share: f64) -> Self {
        if share >= 2.0 / 3.0 {
            Self::Covered
        } else if share >= 1.0 / 6.0 {
            Self::Partly
        } else {
            Self::Missing
        }
    }

    /// The name in documents: `covered`, `partly`, `missing`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::Partly => "partly",
            Self::Missing => "missing",
        }
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was said of one key point of a question, in all answers to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KeyPointCoverage {
    /// The exchange whose answer says most of it, by its place in the evaluation, from 0; of a point that nothing was said of, the question's first.
    pub exchange: u32,
    /// The key point's place in its question's list, from 0.
    pub point: u32,
    /// The key point, as the plan has it.
    pub text: String,
    /// How much of it was said, in a word.
    pub coverage: Coverage,
    /// How much of it was said, 0 to 1: of its words, by weight, a fifth count as none, and four fifths as all. By key points alone, what an answer says is worth their mean, less what a
    /// bare list of words loses.
    pub share: f64,
    /// The candidate's words that say it, in that exchange's answer.
    pub quotes: Vec<Quote>,
}

impl KeyPointCoverage {
    /// What the application's own evaluator found of a key point: `share`, from 0 to 1, says how much of it was said. Set `quotes` to the words that say it.
    pub fn new(exchange: u32, point: u32, text: impl Into<String>, share: f64) -> Self {
        Self { exchange, point, text: text.into(), coverage: Coverage::of(share), share, quotes: Vec::new() }
    }
}

/// A competency over the whole evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompetencyScore {
    /// The rubric's competency.
    pub competency: String,
    /// The weighted mean of its ratings, 0 to 1.
    pub score: f64,
    /// Its weight in the rubric.
    pub weight: f64,
    /// How many ratings it has.
    pub ratings: u32,
}

/// How the scores of several judges become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// The middle one; of an even number, the mean of the two in the middle.
    #[default]
    Median,
    /// The mean.
    Mean,
}

/// Who sat on a panel, and how their scores became one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PanelInfo {
    /// The judges, by their number.
    pub judges: Vec<EvaluatorInfo>,
    /// How their scores became one.
    pub combine: Combine,
    /// By how much they may differ before a person is asked to look.
    pub disagreement: f64,
}

/// Who judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EvaluatorInfo {
    /// `builtin`, a language-model provider, or the application's own name for it.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The version of the model's rules or prompt.
    pub version: String,
    /// Who sat on it, for a panel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panel: Option<PanelInfo>,
}

impl EvaluatorInfo {
    /// Names an evaluator.
    pub fn new(provider: impl Into<String>, model: impl Into<String>, version: impl Into<String>) -> Self {
        Self { provider: provider.into(), model: model.into(), version: version.into(), panel: None }
    }
}

/// How planned questions without an answer count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unanswered {
    /// As a score of 0 with the question's weight.
    #[default]
    LowersScore,
    /// Not at all; they are listed all the same.
    Ignored,
}

/// The result of judging a session or a set of answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evaluation {
    /// Names it.
    pub id: EvaluationId,
    /// The interview whose answers are judged.
    pub interview_id: InterviewId,
    /// The session whose answers are judged; none for answers given without one.
    pub session_id: Option<SessionId>,
    /// How far it has come.
    pub status: EvaluationStatus,
    /// 0 to 1; none until there is one, and none where no answer was given.
    pub score: Option<f64>,
    /// The judgement in words, in `language`, fit for the candidate's eyes: what was said well, in their own words, what was missed, by name, and one next step. It does not
    /// give the reference answer away; the weaknesses, the recommendations and `key_points` may. Where a language model judged, the next step is its own first recommendation.
    pub feedback: String,
    /// The language of everything said here.
    pub language: Language,
    /// What was judged, in order.
    pub exchanges: Vec<Exchange>,
    /// The ratings, by exchange and competency.
    pub ratings: Vec<Rating>,
    /// Each competency over all exchanges, in the rubric's order.
    pub competencies: Vec<CompetencyScore>,
    /// What was good.
    pub strengths: Vec<String>,
    /// What was lacking.
    pub weaknesses: Vec<String>,
    /// What would help.
    pub recommendations: Vec<String>,
    /// The planned questions, from 0, that have no answer.
    pub unanswered: Vec<u32>,
    /// How those count.
    pub unanswered_policy: Unanswered,
    /// Why a person should look at this; empty when nobody needs to.
    pub needs_review: Vec<String>,
    /// Why it is `partial` or `failed`.
    pub failure: Option<String>,
    /// Who judged.
    pub evaluator: EvaluatorInfo,
    /// The hash of the rubric that was used, see [`Rubric::hash`](crate::Rubric::hash).
    pub rubric_hash: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was completed, partially or not, or failed.
    pub completed_at: Option<DateTime<Utc>>,
    /// The evaluation that this one takes the place of: it was made again, or a person changed a score. That one stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<EvaluationId>,
    /// What people changed since the answers were judged, oldest first; the last one is what changed against the evaluation that this one supersedes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overridden: Vec<Override>,
    /// The ratings that could not be had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// What speaks to the judge in the answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// The calibration that corrected the built-in evaluator's scores, as `name@version`; see [`Engine::calibrate`](crate::Engine::calibrate).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<String>,
    /// What was said of the key points, by question and point; empty where no question has any, and where the evaluator tells nothing of them, as language models do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_points: Vec<KeyPointCoverage>,
    /// The language model's replies that this rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ModelCall>,
}

/// A judgement of one answer, kept nowhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AnswerEvaluation {
    /// 0 to 1: the ratings' mean, weighted by the rubric.
    pub score: f64,
    /// One rating for each competency that was judged.
    pub ratings: Vec<Rating>,
    /// The judgement in words, fit for the candidate's eyes: it does not give the reference answer away. Where a language model judged, the next step is its own first recommendation.
    pub feedback: String,
    /// What was good.
    pub strengths: Vec<String>,
    /// What was lacking.
    pub weaknesses: Vec<String>,
    /// What would help.
    pub recommendations: Vec<String>,
    /// Why a person should look at this; empty when nobody needs to.
    pub needs_review: Vec<String>,
    /// Who judged.
    pub evaluator: EvaluatorInfo,
    /// The hash of the rubric that was used.
    pub rubric_hash: String,
    /// The ratings that could not be had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// What speaks to the judge in the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// The calibration that corrected the built-in evaluator's scores, as `name@version`; see [`Engine::calibrate`](crate::Engine::calibrate).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<String>,
    /// What was said of the key points, by question and point; empty where no question has any, and where the evaluator tells nothing of them, as language models do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_points: Vec<KeyPointCoverage>,
    /// The language model's replies that this rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ModelCall>,
}
