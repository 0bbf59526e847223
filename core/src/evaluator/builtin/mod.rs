//! The built-in evaluator: rules over words, no network, no model to load.
//!
//! `text` reads a text into words, clauses and segments with the marks of `lexicon`; `faults` finds answers that are none; `target` and `comparison` compare an answer with
//! what a full answer says (by words, `spelling`, groups of letters in `grams`, their order in `sequence`, what is denied by `negation`, and what single words are worth in `wording`), and `content` turns that into a score with the `weights` that
//! `tests/accuracy` learned from people; `qualities` describes an answer where there is nothing to compare with, and
//! `competency` says what each competency looks at; `evidence` chooses quotes; `remarks` says what was found.
//!
//! Everything is a pure function of the request: no clock, no randomness, no order of a hash table.

mod comparison;
mod competency;
mod content;
mod correction;
mod evidence;
mod faults;
mod grams;
mod judging;
mod keys;
mod letters;
mod lexicon;
mod negation;
mod qualities;
mod remarks;
mod sequence;
mod simplified;
mod spelling;
mod stem;
mod synonyms;
mod table;
mod target;
#[cfg(test)]
mod tests;
mod text;
#[cfg(feature = "training")]
pub mod training;
mod weights;
mod wording;

pub(crate) use correction::{Observation, learn};

use super::summary::summary;
use super::{Evaluator, JudgeRequest, Judgement};
use crate::domain::{Calibration, EvaluatorInfo};
use crate::error::{Error, ErrorKind, Result};
use crate::messages::{Remark, Summary, judging};

/// Judges answers by rules of its own, without a network; the same request has the same judgement, byte for byte.
///
/// Where a planned question has a reference answer or key points, an answer is compared with them by its words; a probe's answer together with what was
/// answered to the question before. Otherwise it is judged by its own qualities: how much it says against what was asked for, figures, abbreviations and examples,
/// reasons, and whether it tells situation, action and result. Each rating says which ([`Basis`](crate::Basis)): `reference` where there is a reference answer
/// (key points, if any, count half), `key_points` where there are only those, otherwise `heuristic`, with a low confidence. Several reference answers, each of which is right,
/// are written as one with ` ||| ` between them, up to ten; an answer is compared with the nearest.
///
/// How a score follows from a comparison was learned from people who scored answers; how close it comes to them is in `docs/accuracy.md`. The reference's words without their order,
/// a list of them, and a text that speaks of something else are worth little, whatever words they have; a statement of the reference said with a negation as well. Other answers
/// that deny are not told from those that do not.
///
/// A blank answer scores 0. The question said again, keys struck at random, one sentence again and again and signs without a word score at most 0.2, and are
/// reported in `needs_review`: names and abbreviations may be among them. Any other answer scores above 0.
///
/// Words are compared, not meanings: right answers in other words score too low, and wrong ones in the right words too high. An answer in another
/// script than the reference is judged by its qualities alone, of which little counts, and reported in `needs_review`.
#[derive(Debug, Clone, Default)]
pub struct BuiltinEvaluator {}

/// The version of the rules.
pub(crate) const VERSION: &str = "2";

/// Whether this module made an evaluation of such an evaluator.
pub(super) fn is_ours(info: &EvaluatorInfo) -> bool {
    *info == BuiltinEvaluator::new().info()
}

/// What is said of a calibration that corrects the rules of another version.
pub(crate) fn stale() -> Error {
    let words = format!(
        "the calibration corrects another version of the built-in evaluator than {VERSION}, which this library has: calibrate again"
    );
    Error::new(ErrorKind::Unsupported, words)
}

/// What a graded answer is to the evaluator: its score, and the words of the reference and the key points that it has. None where it says nothing, or is in another script.
pub(crate) fn observe(request: &JudgeRequest<'_>) -> Option<(f64, Vec<u32>)> {
    let mut judge = judging::Judge::new(request);
    let (_, finding) = judge.judge(0, request.exchanges.first()?);
    let is_taught = finding.fault.is_none() && !finding.is_other_language;
    is_taught.then(|| (finding.score, judge.planned.iter().flatten().next().map_or_else(Vec::new, |it| it.words())))
}

impl BuiltinEvaluator {
    /// The built-in evaluator.
    pub fn new() -> Self {
        Self {}
    }
}

impl Evaluator for BuiltinEvaluator {
    fn info(&self) -> EvaluatorInfo {
        EvaluatorInfo::new("builtin", "rules", VERSION)
    }

    fn is_instant(&self) -> bool {
        true
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement> {
        if request.calibration.is_some_and(|calibration| calibration.evaluator_version != VERSION) {
            return Err(stale());
        }
        let mut judge = judging::Judge::new(request);
        let mut ratings = Vec::new();
        let mut findings = Vec::with_capacity(request.exchanges.len());
        for (place, exchange) in request.exchanges.iter().enumerate() {
            let (of_exchange, finding) = judge.judge(place, exchange);
            ratings.extend(of_exchange);
            findings.push(finding);
        }
        let remarks = remarks::remarks(request.interview.interview_type, &findings, &judge.planned);
        let words = judging(request.language);
        let say = |remarks: &[_]| remarks.iter().map(words.remark).collect();
        let mut judgement = Judgement::new(ratings);
        let is_blank = |finding: &judging::Finding| finding.fault == Some(faults::Fault::Blank);
        let answered: Vec<f64> = findings.iter().filter(|it| !is_blank(it)).map(|it| it.score).collect();
        judgement.calibration = request.calibration.filter(|_| judge.is_calibrated).map(Calibration::label);
        judgement.strengths = say(&remarks.strengths);
        judgement.weaknesses = say(&remarks.weaknesses);
        judgement.recommendations = say(&remarks.recommendations);
        judgement.needs_review = say(&remarks.needs_review);
        judgement.key_points = judge.planned.iter().flatten().flat_map(|planned| planned.key_points()).collect();
        let next = remarks.recommendations.iter().find(|it| !matches!(it, Remark::Study { .. })).map(words.remark);
        judgement.next = next.clone();
        judgement.feedback = (words.feedback)(&Summary {
            key_points: remarks.key_points,
            missed: remarks.missed,
            partly: remarks.partly,
            next,
            ..summary(request, &judgement.ratings, &answered)
        });
        Ok(judgement)
    }
}
