//! Asking for the questions of a plan.

use serde::{Deserialize, Serialize};

use super::interview::{InterviewType, Question};
use super::language::Language;
use super::limits;
use super::names::named;
use super::rubric::Rubric;
use crate::error::{Error, Result};

/// How much experience a job asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Seniority {
    /// Who begins: asked for what is basic, and how it is learnt.
    Junior,
    /// Who works on their own.
    #[default]
    Mid,
    /// Who decides for others: asked to weigh and to answer for it.
    Senior,
}

impl Seniority {
    /// Every seniority, rising.
    pub const ALL: [Self; 3] = [Self::Junior, Self::Mid, Self::Senior];

    /// The name in documents: `junior`, `mid`, `senior`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Junior => "junior",
            Self::Mid => "mid",
            Self::Senior => "senior",
        }
    }
}

named!(Seniority, "level");

/// What questions are wanted for. See [`Engine::generate_questions`](crate::Engine::generate_questions).
///
/// ```
/// use vivavoce::{InterviewType, QuestionRequest, Seniority};
///
/// let wanted = QuestionRequest::new(InterviewType::Technical, 5)
///     .level(Seniority::Senior)
///     .job_description("We run PostgreSQL on Kubernetes.");
/// assert_eq!(wanted.count, 5);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionRequest {
    /// What the interview is about; its standard rubric has the competencies.
    pub interview_type: InterviewType,
    /// How many questions, 1 to 20.
    pub count: u32,
    /// How much experience the job asks for; `mid` when not given.
    #[serde(default)]
    pub level: Seniority,
    /// The language to ask in.
    #[serde(default)]
    pub language: Language,
    /// The job, up to 50,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_description: Option<String>,
    /// The candidate's résumé, up to 50,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<String>,
}

impl QuestionRequest {
    /// So many questions in English for a job of middle seniority.
    pub fn new(interview_type: InterviewType, count: u32) -> Self {
        Self {
            interview_type,
            count,
            level: Seniority::default(),
            language: Language::default(),
            job_description: None,
            resume: None,
        }
    }

    /// Says how much experience the job asks for.
    #[must_use]
    pub fn level(mut self, level: Seniority) -> Self {
        self.level = level;
        self
    }

    /// Says in which language to ask.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// Describes the job.
    #[must_use]
    pub fn job_description(mut self, text: impl Into<String>) -> Self {
        self.job_description = Some(text.into());
        self
    }

    /// Gives the candidate's résumé.
    #[must_use]
    pub fn resume(mut self, text: impl Into<String>) -> Self {
        self.resume = Some(text.into());
        self
    }

    /// Checks every limit.
    pub(crate) fn check(&self) -> Result<()> {
        limits::count("count", self.count as usize, 1, limits::MAX_GENERATED as usize)?;
        for (field, text) in [("job_description", &self.job_description), ("resume", &self.resume)] {
            if let Some(text) = text {
                limits::optional_text(field, text, limits::MAX_JOB_DESCRIPTION)?;
            }
        }
        Ok(())
    }

    /// Checks the questions that were made for it: as many as wanted, each within the limits, asked once, and for a competency of the rubric.
    pub(crate) fn check_made(&self, questions: &[Question], rubric: &Rubric) -> Result<()> {
        if questions.len() != self.count as usize {
            let (made, wanted) = (questions.len(), self.count);
            return Err(Error::invalid_input(format!("questions has {made} entries, and {wanted} are wanted")));
        }
        for (place, question) in questions.iter().enumerate() {
            question.check(place)?;
            if questions[..place].iter().any(|other| other.text.trim() == question.text.trim()) {
                return Err(Error::invalid_input(format!("questions[{place}] is there twice")));
            }
            let known = |name: &String| rubric.competencies.iter().any(|it| it.name == *name);
            if !question.competency.as_ref().is_some_and(known) {
                return Err(Error::invalid_input(format!("questions[{place}].competency is none of the rubric's")));
            }
        }
        Ok(())
    }
}
