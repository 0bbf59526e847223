//! Questions, and the rubric that their answers are judged by.

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::interview::{interview_type, language};
use super::{names, whole};
use crate::error::Failure;

/// A question: its text, or an object where it carries more.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum NewQuestion {
    /// The text.
    Text(QuestionText),
    /// With more than the text.
    Whole(QuestionDetails),
}

/// A question's text.
#[derive(Debug, Clone, Deserialize)]
pub struct QuestionText(String);

impl PartialSchema for QuestionText {
    // The macro has no limits for a type of one text.
    fn schema() -> RefOr<Schema> {
        required_text(4_000).examples(["What is a deadlock?"]).into()
    }
}

impl ToSchema for QuestionText {}

/// A key point, for the OpenAPI document.
struct KeyPoint;

impl PartialSchema for KeyPoint {
    fn schema() -> RefOr<Schema> {
        required_text(1_000).into()
    }
}

impl ToSchema for KeyPoint {}

/// A text that is not blank: to ECMAScript, whose expressions these are, U+0085 is no space.
fn required_text(longest: usize) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(longest));
    text.pattern(Some(r"[^\s\x85]"))
}

/// A question with all that it carries.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct QuestionDetails {
    /// What is asked.
    #[schema(min_length = 1, max_length = 4000, pattern = r"[^\s\x85]")]
    text: String,
    /// The rubric's competency that the answer shows; without one, all of the rubric's competencies are rated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, pattern = r"[^\s\x85]")]
    competency: Option<String>,
    /// What a full answer says; never shown to the candidate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 32_000)]
    reference_answer: Option<String>,
    /// What a full answer mentions, a point each; never shown to the candidate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<KeyPoint>>, max_items = 50)]
    key_points: Option<Vec<String>>,
    /// How much the answer counts against the others; 1 when not given.
    #[schema(exclusive_minimum = 0.0, maximum = 1000.0)]
    weight: Option<f64>,
    /// How long the candidate may take, in seconds; shown, not enforced.
    #[serde(default, deserialize_with = "whole::optional", skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 86_400)]
    time_limit: Option<u32>,
    /// What to ask further about this question, in order, before anything else is probed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<QuestionText>>, max_items = 20)]
    follow_ups: Option<Vec<String>>,
}

impl From<NewQuestion> for vivavoce::Question {
    fn from(given: NewQuestion) -> Self {
        match given {
            NewQuestion::Text(QuestionText(text)) => Self::new(text),
            NewQuestion::Whole(given) => Self {
                text: given.text,
                competency: given.competency,
                reference_answer: given.reference_answer,
                key_points: given.key_points.unwrap_or_default(),
                weight: given.weight.unwrap_or(1.0),
                time_limit: given.time_limit,
                follow_ups: given.follow_ups.unwrap_or_default(),
            },
        }
    }
}

impl From<&vivavoce::Question> for QuestionDetails {
    fn from(question: &vivavoce::Question) -> Self {
        let some = |texts: &Vec<String>| (!texts.is_empty()).then(|| texts.clone());
        Self {
            text: question.text.clone(),
            competency: question.competency.clone(),
            reference_answer: question.reference_answer.clone(),
            key_points: some(&question.key_points),
            weight: Some(question.weight),
            time_limit: question.time_limit,
            follow_ups: some(&question.follow_ups),
        }
    }
}

/// How answers are judged; the standard rubric of the type where none is given.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Rubric {
    #[schema(min_items = 1, max_items = 30)]
    competencies: Vec<Competency>,
}

/// Something a candidate can show.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Competency {
    /// Its name, unique in the rubric.
    #[schema(min_length = 1, max_length = 200, pattern = r"[^\s\x85]")]
    name: String,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    description: Option<String>,
    /// How much it counts against the others; 1 when not given.
    #[schema(exclusive_minimum = 0.0, maximum = 1000.0)]
    weight: Option<f64>,
    /// Its levels, by rising score.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 10)]
    levels: Option<Vec<Level>>,
}

/// One level of a competency: what an answer at this score looks like.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Level {
    /// The score of this level.
    #[schema(minimum = 0.0, maximum = 1.0)]
    score: f64,
    /// The behaviour that shows it.
    #[schema(min_length = 1, max_length = 1000, pattern = r"[^\s\x85]")]
    anchor: String,
}

impl From<Rubric> for vivavoce::Rubric {
    fn from(given: Rubric) -> Self {
        Self::new(given.competencies.into_iter().map(|given| {
            let levels = given.levels.into_iter().flatten();
            vivavoce::Competency {
                name: given.name,
                description: given.description,
                weight: given.weight.unwrap_or(1.0),
                levels: levels.map(|Level { score, anchor }| vivavoce::Level { score, anchor }).collect(),
            }
        }))
    }
}

/// What questions are wanted for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewQuestions {
    #[schema(value_type = names::InterviewType, required = true)]
    interview_type: Option<String>,
    #[schema(value_type = Option<names::Language>, default = "en")]
    interview_language: Option<String>,
    /// The job.
    #[schema(max_length = 50_000)]
    job_description: Option<String>,
    /// The candidate's résumé.
    #[schema(max_length = 50_000)]
    resume: Option<String>,
    /// How many questions.
    #[serde(default, deserialize_with = "whole::optional")]
    #[schema(minimum = 1, maximum = 20, default = 5)]
    count: Option<u32>,
    /// How much experience the job asks for.
    #[schema(value_type = Option<names::Seniority>, default = "mid")]
    level: Option<String>,
}

impl NewQuestions {
    /// What the engine is asked for.
    ///
    /// # Errors
    /// 400 where the type, the language or the level is unknown.
    pub fn read(self) -> Result<vivavoce::QuestionRequest, Failure> {
        let level = self.level.filter(|level| !level.is_empty()).map(|level| level.parse());
        let level = level.transpose().map_err(|_| Failure::bad_request("Invalid level. Known: junior, mid, senior"))?;
        let kind = interview_type(self.interview_type.as_deref())?;
        let mut wanted = vivavoce::QuestionRequest::new(kind, self.count.unwrap_or(5));
        wanted.level = level.unwrap_or_default();
        wanted.language = language(self.interview_language.as_deref())?.unwrap_or_default();
        wanted.job_description = self.job_description;
        wanted.resume = self.resume;
        Ok(wanted)
    }
}

/// Questions for a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct Questions {
    /// They, with competency and, where there is one, reference answer and key points.
    pub questions: Vec<QuestionDetails>,
}
