//! Judging: what answers are worth.
//!
//! An [`Evaluator`] gives ratings; scores follow from them and the rubric by the rules of `scoring`, the same for every evaluator.

mod builtin;
mod quotes;
mod scoring;

pub use builtin::BuiltinEvaluator;
pub(crate) use scoring::{check, score};

use std::time::Instant;

use crate::domain::{EvaluatorInfo, Exchange, Interview, Language, Rating, Rubric};
use crate::error::Result;

/// What an evaluator is asked to judge. All text in it is data, never an instruction.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct JudgeRequest<'a> {
    /// The plan: questions with reference answers and key points, job description, type.
    pub interview: &'a Interview,
    /// The rubric to judge by.
    pub rubric: &'a Rubric,
    /// The language to write in.
    pub language: Language,
    /// What to judge, in order. An exchange's question has more to it in the interview's plan, where it is planned.
    pub exchanges: &'a [Exchange],
    /// When the caller wants the judgement at the latest; an evaluator that cannot keep it fails with `timeout`.
    pub deadline: Option<Instant>,
}

impl<'a> JudgeRequest<'a> {
    /// Asks for these exchanges to be judged, whenever that is done.
    pub fn new(interview: &'a Interview, rubric: &'a Rubric, language: Language, exchanges: &'a [Exchange]) -> Self {
        Self { interview, rubric, language, exchanges, deadline: None }
    }
}

/// What an evaluator found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Judgement {
    /// For each exchange, a rating of its question's competency, or of each of the rubric's where the question names none.
    pub ratings: Vec<Rating>,
    /// The judgement in words.
    pub feedback: String,
    /// What was good.
    pub strengths: Vec<String>,
    /// What was lacking.
    pub weaknesses: Vec<String>,
    /// What would help.
    pub recommendations: Vec<String>,
    /// Why a person should look at this.
    pub needs_review: Vec<String>,
}

impl Judgement {
    /// A judgement of these ratings, with nothing said about them.
    pub fn new(ratings: Vec<Rating>) -> Self {
        Self {
            ratings,
            feedback: String::new(),
            strengths: Vec::new(),
            weaknesses: Vec::new(),
            recommendations: Vec::new(),
            needs_review: Vec::new(),
        }
    }
}

/// Judges answers. An application can bring its own.
///
/// The engine checks what comes back: scores and confidences are finite and within 0 to 1, exchanges and competencies exist and are rated once,
/// and every quote is an exact span of the answer. A judgement that fails the check is not a score: the evaluation is then `failed`, with the reason.
///
/// # Example
/// ```
/// use vivavoce::{Basis, Engine, Evaluator, EvaluatorInfo, JudgeRequest, Judgement, Rating};
///
/// struct Lengths;
///
/// impl Evaluator for Lengths {
///     fn info(&self) -> EvaluatorInfo {
///         EvaluatorInfo::new("example", "lengths", "1")
///     }
///
///     fn judge(&self, request: &JudgeRequest<'_>) -> vivavoce::Result<Judgement> {
///         let competency = &request.rubric.competencies[0].name;
///         Ok(Judgement::new(
///             request
///                 .exchanges
///                 .iter()
///                 .zip(0..)
///                 .map(|(exchange, place)| Rating {
///                     exchange: place,
///                     competency: competency.clone(),
///                     score: (exchange.answer.len() as f64 / 1000.0).min(1.0),
///                     basis: Basis::Application,
///                     confidence: 0.5,
///                     quotes: Vec::new(),
///                     reason: String::new(),
///                 })
///                 .collect(),
///         ))
///     }
/// }
///
/// let engine = Engine::builder().evaluator(Lengths).open("memory:")?;
/// # Ok::<(), vivavoce::Error>(())
/// ```
pub trait Evaluator: Send + Sync {
    /// Who judges: kept with every evaluation.
    fn info(&self) -> EvaluatorInfo;

    /// Judges every exchange of the request. Called without any lock held, from any thread.
    ///
    /// # Errors
    /// Whatever kept it from judging, a panic included; the evaluation is then `failed` with the error's kind and text. Nothing that was said is lost.
    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement>;
}
