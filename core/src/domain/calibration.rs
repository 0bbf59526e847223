//! What an application's own graders teach the built-in evaluator.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::canonical::sha256;
use super::interview::Question;
use super::limits;
use crate::error::{Error, Result};

/// Fewest graded answers of a question, by which its own correction is learned, and fewest in all, by which one for all questions is.
pub(crate) const FEWEST_OF_A_QUESTION: usize = 10;
pub(crate) const FEWEST_OF_A_BANK: usize = 50;

/// An answer that a person graded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradedAnswer {
    /// The question, as interviews have it: a correction is for this text, reference answer and key points.
    pub question: Question,
    /// What was answered, up to 32,000 characters. It is not kept.
    pub answer: String,
    /// The grader's score, 0 to 1.
    pub score: f64,
}

impl GradedAnswer {
    /// A graded answer.
    pub fn new(question: impl Into<Question>, answer: impl Into<String>, score: f64) -> Self {
        Self { question: question.into(), answer: answer.into(), score }
    }
}

/// A straight line from the evaluator's score to a person's: `score + offset + slope × (score − center)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Correction {
    /// How much more people give on average.
    pub offset: f64,
    /// How much more they give for each point of the score above `center`.
    pub slope: f64,
    /// The evaluator's mean score of the graded answers.
    pub center: f64,
}

impl Correction {
    pub(crate) fn of(self, score: f64) -> f64 {
        score + self.offset + self.slope * (score - self.center)
    }
}

/// What was learned of one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QuestionCorrection {
    /// The question, by a hash of its text, its reference answer and its key points.
    pub question: String,
    /// From how many graded answers.
    pub answers: u32,
    /// The line, from scores that are corrected for all questions already.
    pub line: Correction,
    /// Words of the reference answer and the key points, by their hashes, in rising order.
    pub words: Vec<u32>,
    /// What the graders give for each of them where an answer has it, divided by the square root of how many it has.
    pub weights: Vec<f64>,
}

/// How near scores are to people's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Nearness {
    /// Pearson's correlation; none where all scores of either are the same.
    pub pearson: Option<f64>,
    /// The root of the mean squared difference, 0 to 1.
    pub rmse: f64,
}

/// What was learned from graded answers: a small correction of the built-in evaluator's scores, see [`Engine::calibrate`](crate::Engine::calibrate). It has no words of anybody
/// in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Calibration {
    /// Its name, 1 to 100 characters.
    pub name: String,
    /// Which of this name it is, from 1.
    pub version: u32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The version of the built-in evaluator that it corrects.
    pub evaluator_version: String,
    /// How many graded answers it was learned from: those that say something.
    pub answers: u32,
    /// For every question, where there were 50 answers of which half say something.
    pub bank: Option<Correction>,
    /// For the questions with 10 answers of which half say something, besides; by their hashes, in rising order.
    pub questions: Vec<QuestionCorrection>,
    /// How near the scores of the graded answers are to the graders' as they are,
    pub before: Nearness,
    /// and corrected, each by what was learned from the others: a fifth of each question's answers is left out in turn.
    pub after: Nearness,
}

impl Calibration {
    /// How evaluations name it: `name@version`.
    pub fn label(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

/// A calibration as an interview or a call names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CalibrationName {
    pub(crate) name: String,
    /// The newest where it is not said.
    pub(crate) version: Option<u32>,
}

impl CalibrationName {
    /// Reads `name` or `name@version`.
    pub(crate) fn read(label: &str) -> Result<Self> {
        let wrong = || Error::invalid_input("calibration is no name of a calibration, nor name@version");
        let (name, version) = match label.split_once('@') {
            Some((name, version)) if !version.starts_with(['+', '0']) => {
                (name, Some(version.parse().map_err(|_| wrong())?))
            }
            Some(_) => return Err(wrong()),
            None => (label, None),
        };
        check_name("calibration", name)?;
        Ok(Self { name: name.to_owned(), version })
    }
}

/// A name has no `@`, which stands before the version.
fn check_name(field: &str, name: &str) -> Result<()> {
    limits::required_text(field, name, limits::MAX_CALIBRATION_NAME)?;
    if name.contains('@') {
        return Err(Error::invalid_input(format!("{field} has a @, which stands before a calibration's version")));
    }
    Ok(())
}

/// Whoever gives a name gives one with no control characters and no white space at its ends.
pub(crate) fn check_new_name(field: &str, name: &str) -> Result<()> {
    check_name(field, name)?;
    if name.trim() != name || name.contains(char::is_control) {
        return Err(Error::invalid_input(format!(
            "{field} begins or ends with white space, or has a control character"
        )));
    }
    Ok(())
}

/// What an import answers where a version is there already and says something else.
pub(crate) fn calibration_moved(name: &str, version: u32) -> Error {
    Error::conflict(format!("calibration {name}@{version} is there already, and says something else"))
}

/// The hash by which a question is known.
pub(crate) fn question_hash(question: &Question) -> String {
    let mut parts: Vec<&[u8]> = vec![question.text.as_bytes()];
    parts.push(question.reference_answer.as_deref().unwrap_or_default().as_bytes());
    parts.extend(question.key_points.iter().map(String::as_bytes));
    // No text has a NUL character.
    let hash = sha256(&[&parts.join(&b"\0"[..])[..]]);
    hash[..12].iter().map(|byte| format!("{byte:02x}")).collect()
}
