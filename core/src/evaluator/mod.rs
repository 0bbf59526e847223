//! Judging: what answers are worth.
//!
//! An [`Evaluator`] gives ratings; scores follow from them and the rubric by the rules of `scoring`, the same for every evaluator.

mod builtin;
#[cfg(feature = "llm")]
mod injection;
#[cfg(feature = "llm")]
mod judge;
mod panel;
mod quotes;
mod replay;
mod scoring;
mod scripts;
mod summary;

pub use builtin::BuiltinEvaluator;
#[cfg(feature = "training")]
pub use builtin::training;
pub(crate) use builtin::{Observation, VERSION as BUILTIN_VERSION, learn, observe, stale};
#[cfg(feature = "llm")]
pub(crate) use injection::flags;
#[cfg(feature = "llm")]
pub use judge::ModelEvaluator;
pub use panel::Panel;
pub(crate) use replay::replay;
pub(crate) use scoring::{check, score};
#[cfg(feature = "llm")]
pub(crate) use scripts::is_unspaced;

use std::time::Instant;

use crate::domain::{
    Calibration, EvaluatorInfo, Exchange, Flag, Interview, KeyPointCoverage, Language, Missing, ModelCall, Rating,
    Rubric,
};
use crate::error::{Error, Result};
#[cfg(feature = "llm")]
use crate::llm::{Asking, ModelName};
use crate::messages::{Place, Remark, judging};
use crate::patience::CancelToken;

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
    /// Set when the judgement is not wanted any more: its caller has left, another took over, or the engine is closed. An evaluator that waits looks at it now and then, and
    /// fails with `timeout`.
    pub cancel: Option<&'a CancelToken>,
    /// Which of several judgements of the same this is, from 0; see [`Panel::sampled`].
    pub sample: u32,
    /// What corrects the built-in evaluator's scores.
    pub(crate) calibration: Option<&'a Calibration>,
    /// The rubric's hash, where the engine asks.
    #[cfg_attr(not(feature = "llm"), allow(dead_code, reason = "a part of what is kept of a model's reply"))]
    pub(crate) rubric_hash: &'a str,
    /// The engine's language models, for this call.
    #[cfg(feature = "llm")]
    pub(crate) asking: Option<Asking<'a>>,
}

impl<'a> JudgeRequest<'a> {
    /// Asks for these exchanges to be judged, whenever that is done.
    pub fn new(interview: &'a Interview, rubric: &'a Rubric, language: Language, exchanges: &'a [Exchange]) -> Self {
        Self {
            interview,
            rubric,
            language,
            exchanges,
            deadline: None,
            cancel: None,
            sample: 0,
            calibration: None,
            rubric_hash: "",
            #[cfg(feature = "llm")]
            asking: None,
        }
    }
}

/// What an evaluator found.
#[derive(Debug, Clone)]
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
    /// The ratings that could not be had; an answer that is not blank has ratings or stands here.
    pub missing: Vec<Missing>,
    /// What speaks to the judge in the answers.
    pub flags: Vec<Flag>,
    /// What was said of the key points, where the evaluator tells it.
    pub key_points: Vec<KeyPointCoverage>,
    /// The language model's replies that this rests on.
    pub calls: Vec<ModelCall>,
    /// Why something is missing, where that is known: where it may pass, a worker tries again, no sooner than it says.
    pub failure: Option<Error>,
    /// What would help the candidate most, in a sentence: of the built-in evaluator one that gives nothing away, of a language model its first recommendation.
    pub(crate) next: Option<String>,
    /// The calibration by which scores were corrected, as evaluations name it.
    pub(crate) calibration: Option<String>,
    /// Who judged, where that is another than [`Evaluator::info`] says: a model that took the place of one that failed.
    pub evaluator: Option<EvaluatorInfo>,
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
            missing: Vec::new(),
            flags: Vec::new(),
            key_points: Vec::new(),
            calls: Vec::new(),
            failure: None,
            next: None,
            calibration: None,
            evaluator: None,
        }
    }
}

/// The failure that tells best what to do about all of them: one that may pass, and of those the one that asks for the longest delay.
pub(crate) fn telling(failures: Vec<Error>) -> Option<Error> {
    let rank = |error: &Error| (error.is_retryable(), error.retry_after());
    failures.into_iter().reduce(|one, other| if rank(&other) > rank(&one) { other } else { one })
}

/// Why a person should look where ratings are missing: a score of the rest says more than it can.
pub(crate) fn incomplete(request: &JudgeRequest<'_>, missing: &[Missing]) -> Option<String> {
    let place = |it: &Missing| Some(Place::of(it.exchange, request.exchanges.get(it.exchange as usize)?));
    let mut at: Vec<Place> = missing.iter().filter_map(place).collect();
    at.sort_unstable();
    at.dedup();
    (!at.is_empty()).then(|| (judging(request.language).remark)(&Remark::ReviewPartial { at }))
}

/// Judges answers. An application can bring its own.
///
/// The engine checks what comes back: scores and confidences are finite and within 0 to 1, exchanges and competencies exist and are rated once,
/// and every quote is an exact span of the answer. A judgement that fails the check is not a score: the evaluation is then `failed`, with the reason.
///
/// # Example
/// ```
/// use vivavoce::{Engine, Evaluator, EvaluatorInfo, JudgeRequest, Judgement, Rating};
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
///                 .map(|(exchange, place)| {
///                     let score = (exchange.answer.len() as f64 / 1000.0).min(1.0);
///                     Rating::new(place, competency, score)
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

    /// The language models that it asks by way of the engine, which refuses to open without a provider for each.
    #[cfg(feature = "llm")]
    fn models(&self) -> Vec<ModelName> {
        Vec::new()
    }

    /// Whether [`judge`](Self::judge) answers at once, without waiting for anything: an evaluation is then kept in one write with its result.
    fn is_instant(&self) -> bool {
        false
    }

    /// Judges every exchange of the request. Called without any lock held, from any thread.
    ///
    /// # Errors
    /// Whatever kept it from judging, a panic included; the evaluation is then `failed` with the error's kind and text. Nothing that was said is lost.
    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement>;
}
