//! What changes a draft, and what erases an interview.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use vivavoce::InterviewId;

use super::interview::{interview_type, language};
use super::question::{NewQuestion, Rubric};
use super::{names, whole};
use crate::error::Failure;

/// What is to change of a draft; what is left out stays, and null takes away what may be absent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct InterviewChange {
    /// The candidate's name.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"[^\s\x85]")]
    candidate_name: Option<Option<String>>,
    /// What the candidate is asked, in order.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Vec<NewQuestion>, required = false, min_items = 1, max_items = 200)]
    questions: Option<Option<Vec<NewQuestion>>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = names::InterviewType, required = false)]
    interview_type: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<names::Language>)]
    interview_language: Option<Option<String>>,
    /// The job.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 50_000)]
    job_description: Option<Option<String>>,
    /// The candidate's résumé.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 50_000)]
    resume: Option<Option<String>>,
    /// The application's own id of the candidate.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"[^\s\x85]")]
    external_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Rubric>)]
    rubric: Option<Option<Rubric>>,
    /// A calibration by which the built-in evaluator's scores are corrected: `name`, for the newest of that name, or `name@version`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 120, pattern = r"[^\s\x85]")]
    calibration: Option<Option<String>>,
    /// After how many answers a session completes.
    #[serde(default, deserialize_with = "given_number")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    max_answers: Option<Option<u32>>,
}

/// A value that is there, be it null.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A whole number that is there, be it null.
fn given_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u32>>, D::Error> {
    whole::optional(deserializer).map(Some)
}

impl InterviewChange {
    /// The plan that an interview becomes.
    ///
    /// # Errors
    /// 400 as for a new one.
    pub fn apply(self, interview: &vivavoce::Interview) -> Result<vivavoce::NewInterview, Failure> {
        let missing = || Failure::bad_request("Missing candidate_name or questions");
        let mut plan = interview.to_plan();
        if let Some(name) = self.candidate_name {
            plan.candidate_name = name.filter(|name| !name.trim().is_empty()).ok_or_else(missing)?;
        }
        if let Some(questions) = self.questions {
            let questions = questions.filter(|questions| !questions.is_empty()).ok_or_else(missing)?;
            plan.questions = questions.into_iter().map(Into::into).collect();
        }
        if let Some(name) = self.interview_type {
            plan.interview_type = interview_type(name.as_deref())?;
        }
        if let Some(tag) = self.interview_language {
            plan.interview_language = language(tag.as_deref())?.unwrap_or_default();
        }
        if let Some(text) = self.job_description {
            plan.job_description = text;
        }
        if let Some(text) = self.resume {
            plan.resume = text;
        }
        if let Some(id) = self.external_id {
            plan.external_id = id;
        }
        if let Some(rubric) = self.rubric {
            plan.rubric = rubric.map(Into::into);
        }
        if let Some(name) = self.calibration {
            plan.calibration = name;
        }
        if let Some(number) = self.max_answers {
            plan.max_answers = number;
        }
        plan.check().map_err(|error| Failure::bad_request(error.to_string()))?;
        Ok(plan)
    }
}

/// Who asks for an erasure.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct Erasure {
    /// Who asked for it, for the audit log; the caller's token where it is not given.
    #[schema(min_length = 1, max_length = 200, pattern = r"[^\s\x85]")]
    pub requested_by: Option<String>,
}

/// Which candidate is to be erased.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CandidateErasure {
    /// The application's own id of the candidate.
    #[schema(min_length = 1, max_length = 200, pattern = r"[^\s\x85]")]
    pub external_id: String,
    /// Who asked for it, for the audit log; the caller's token where it is not given.
    #[schema(min_length = 1, max_length = 200, pattern = r"[^\s\x85]")]
    pub requested_by: Option<String>,
}

/// The interviews that were erased.
#[derive(Debug, Serialize, ToSchema)]
pub struct Erased {
    /// Their ids.
    #[schema(value_type = Vec<Uuid>)]
    pub interviews: Vec<InterviewId>,
}
