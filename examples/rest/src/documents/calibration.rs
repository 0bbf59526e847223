//! What graders teach the built-in evaluator: what is given, and, for the OpenAPI document, what is learned, which is the library's own value.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vivavoce::AnswerOptions;

use super::interview::{interview_type, language};
use super::names;
use super::question::{NewQuestion, Rubric};
use crate::error::Failure;

/// Answers that people graded. 10 to one question are needed, or 50 in all, of which half have to say something.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewCalibration {
    /// The name; where there is one of this name, this becomes its next version.
    #[schema(value_type = String, required = true, min_length = 1, max_length = 100, pattern = r"^[^@\s\x00-\x1f\x7f-\x9f]([^@\x00-\x1f\x7f-\x9f]*[^@\s\x00-\x1f\x7f-\x9f])?$")]
    name: Option<String>,
    #[schema(value_type = Vec<GradedAnswer>, required = true, min_items = 10)]
    graded: Option<Vec<GradedAnswer>>,
    /// Decides the standard rubric.
    #[schema(value_type = Option<names::InterviewType>, default = "general")]
    interview_type: Option<String>,
    #[schema(value_type = Option<names::Language>, default = "en")]
    interview_language: Option<String>,
    /// The job.
    #[schema(max_length = 50_000)]
    job_description: Option<String>,
    rubric: Option<Rubric>,
}

/// An answer that a person graded.
#[derive(Debug, Deserialize, ToSchema)]
pub struct GradedAnswer {
    question: NewQuestion,
    /// What was answered; it is not kept.
    #[schema(max_length = 32_000)]
    answer: String,
    /// The grader's score.
    #[schema(minimum = 0.0, maximum = 1.0)]
    score: f64,
}

/// What the library is asked to learn.
pub struct Wanted {
    /// The name.
    pub name: String,
    /// The answers.
    pub graded: Vec<vivavoce::GradedAnswer>,
    /// How answers are judged.
    pub options: AnswerOptions,
}

impl NewCalibration {
    /// What the library is asked for, which checks it.
    ///
    /// # Errors
    /// 400 where something is missing, or the type or the language unknown.
    pub fn read(self) -> Result<Wanted, Failure> {
        let name = self.name.filter(|name| !name.trim().is_empty());
        let Some((name, graded)) = name.zip(self.graded) else {
            return Err(Failure::bad_request("Missing name or graded"));
        };
        let graded = graded.into_iter().map(|it| vivavoce::GradedAnswer::new(it.question, it.answer, it.score));
        let mut options = AnswerOptions::default();
        if let Some(kind) = self.interview_type.as_deref().filter(|kind| !kind.is_empty()) {
            options.interview_type = interview_type(Some(kind))?;
        }
        options.language = language(self.interview_language.as_deref())?.unwrap_or_default();
        options.job_description = self.job_description;
        options.rubric = self.rubric.map(Into::into);
        Ok(Wanted { name, graded: graded.collect(), options })
    }
}

/// A straight line from the evaluator's score to a person's: `score + offset + slope × (score − center)`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct Correction {
    /// How much more people give on average.
    offset: f64,
    /// How much more they give for each point of the score above `center`.
    slope: f64,
    /// The evaluator's mean score of the graded answers.
    center: f64,
}

/// What was learned of one question.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct QuestionCorrection {
    /// The question, by a hash of its text, its reference answer and its key points.
    question: String,
    /// From how many graded answers.
    answers: u32,
    line: Correction,
    /// Words of the reference answer and the key points, by their hashes.
    words: Vec<i64>,
    /// What the graders give for each of them.
    weights: Vec<f64>,
}

/// How near scores are to people's.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct Nearness {
    /// Pearson's correlation; null where all scores of either are the same.
    #[schema(required = true)]
    pearson: Option<f64>,
    /// The root of the mean squared difference.
    #[schema(minimum = 0.0, maximum = 1.0)]
    rmse: f64,
}

/// What was learned from graded answers.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct Calibration {
    name: String,
    /// Which of this name it is, from 1; evaluations name it `name@version`.
    version: u32,
    created_at: DateTime<Utc>,
    /// The version of the built-in evaluator that it corrects.
    evaluator_version: String,
    /// How many graded answers it was learned from: those that say something.
    answers: u32,
    /// For every question; null where there were fewer than 50 answers, or most of them said nothing.
    #[schema(required = true)]
    bank: Option<Correction>,
    /// For the questions with 10 answers, besides.
    questions: Vec<QuestionCorrection>,
    /// How near the scores are to the graders' as they are,
    before: Nearness,
    /// and corrected by what was learned from other answers.
    after: Nearness,
}

/// All calibrations, every version, by name and version.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalibrationList {
    #[schema(value_type = Vec<Calibration>)]
    calibrations: Vec<vivavoce::Calibration>,
    total: usize,
}

impl From<Vec<vivavoce::Calibration>> for CalibrationList {
    fn from(calibrations: Vec<vivavoce::Calibration>) -> Self {
        Self { total: calibrations.len(), calibrations }
    }
}
