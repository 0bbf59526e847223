//! Interviews: the plan that is given, and the interview that comes back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vivavoce::{InterviewId, InterviewStatus, InterviewType, Language};

use super::question::{NewQuestion, QuestionDetails, Rubric};
use super::{names, whole};
use crate::error::Failure;

/// A plan for one candidate.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewInterview {
    /// The candidate's name.
    #[schema(value_type = String, required = true, min_length = 1, max_length = 200, pattern = r"[^\s\x85]", example = "Ada Lovelace")]
    candidate_name: Option<String>,
    /// What the candidate is asked, in order.
    #[schema(value_type = Vec<NewQuestion>, required = true, min_items = 1, max_items = 200)]
    questions: Option<Vec<NewQuestion>>,
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
    /// The application's own id of the candidate, by which the candidate can be erased.
    #[schema(min_length = 1, max_length = 200, pattern = r"[^\s\x85]")]
    external_id: Option<String>,
    rubric: Option<Rubric>,
    /// A calibration by which the built-in evaluator's scores are corrected: `name`, for the newest of that name, or `name@version`.
    #[schema(min_length = 1, max_length = 120, pattern = r"[^\s\x85]")]
    calibration: Option<String>,
    /// After how many answers a session completes; 8, or the number of questions if larger, when not given.
    #[serde(default, deserialize_with = "whole::optional")]
    #[schema(minimum = 1, maximum = 1000)]
    max_answers: Option<u32>,
}

impl NewInterview {
    /// The plan.
    ///
    /// # Errors
    /// 400 in the contract's words and order.
    pub fn into_plan(self) -> Result<vivavoce::NewInterview, Failure> {
        let name = self.candidate_name.filter(|name| !name.trim().is_empty());
        let questions = self.questions.filter(|questions| !questions.is_empty());
        let Some((candidate_name, questions)) = name.zip(questions) else {
            return Err(Failure::bad_request("Missing candidate_name or questions"));
        };
        let plan = vivavoce::NewInterview {
            candidate_name,
            interview_type: interview_type(self.interview_type.as_deref())?,
            interview_language: language(self.interview_language.as_deref())?.unwrap_or_default(),
            questions: questions.into_iter().map(Into::into).collect(),
            job_description: self.job_description,
            resume: self.resume,
            external_id: self.external_id,
            rubric: self.rubric.map(Into::into),
            calibration: self.calibration,
            max_answers: self.max_answers,
        };
        plan.check().map_err(|error| Failure::bad_request(error.to_string()))?;
        Ok(plan)
    }
}

/// The type of an interview.
///
/// # Errors
/// 400 where it is missing or unknown.
pub fn interview_type(given: Option<&str>) -> Result<InterviewType, Failure> {
    let name = given.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Failure::bad_request("Missing interview_type field"))?;
    name.parse()
        .map_err(|_| Failure::bad_request("Invalid interview_type. Supported types: general, technical, behavioral"))
}

/// A language, where one is given.
///
/// # Errors
/// 400 where it is unknown.
pub fn language(given: Option<&str>) -> Result<Option<Language>, Failure> {
    let tag = given.filter(|tag| !tag.is_empty()).map(str::parse);
    tag.transpose().map_err(|_| Failure::bad_request("Invalid language code. Supported languages: en, zh-TW"))
}

/// An interview.
#[derive(Debug, Serialize, ToSchema)]
pub struct Interview<'a> {
    #[schema(value_type = Uuid)]
    id: InterviewId,
    candidate_name: &'a str,
    /// The questions' texts, in order.
    questions: Vec<&'a str>,
    /// The questions with all that they carry.
    question_details: Vec<QuestionDetails>,
    #[schema(value_type = names::InterviewType)]
    interview_type: InterviewType,
    #[schema(value_type = names::Language)]
    interview_language: Language,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resume: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Rubric>)]
    rubric: Option<&'a vivavoce::Rubric>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calibration: Option<&'a str>,
    /// After how many answers a session completes.
    max_answers: u32,
    #[schema(value_type = names::InterviewStatus)]
    status: InterviewStatus,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl<'a> From<&'a vivavoce::Interview> for Interview<'a> {
    fn from(interview: &'a vivavoce::Interview) -> Self {
        Self {
            id: interview.id,
            candidate_name: &interview.candidate_name,
            questions: interview.questions.iter().map(|question| question.text.as_str()).collect(),
            question_details: interview.questions.iter().map(Into::into).collect(),
            interview_type: interview.interview_type,
            interview_language: interview.interview_language,
            job_description: interview.job_description.as_deref(),
            resume: interview.resume.as_deref(),
            external_id: interview.external_id.as_deref(),
            rubric: interview.rubric.as_ref(),
            calibration: interview.calibration.as_deref(),
            max_answers: interview.max_answers,
            status: interview.status,
            created_at: interview.created_at,
            updated_at: interview.updated_at,
        }
    }
}

/// A page of a list of interviews.
#[derive(Debug, Serialize, ToSchema)]
pub struct InterviewList<'a> {
    interviews: Vec<Interview<'a>>,
    /// How many there are in all; left out where the page was read with a cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// What the next page begins with; left out on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<&'a str>,
}

impl<'a> From<&'a vivavoce::InterviewPage> for InterviewList<'a> {
    fn from(page: &'a vivavoce::InterviewPage) -> Self {
        Self {
            interviews: page.interviews.iter().map(|interview| (&**interview).into()).collect(),
            total: page.total,
            next_cursor: page.next_cursor.as_deref(),
        }
    }
}
