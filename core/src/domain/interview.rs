//! The plan for one candidate: who is asked what, in which language, judged by which rubric.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::calibration::CalibrationName;
use super::id::InterviewId;
use super::language::Language;
use super::limits;
use super::names::named;
use super::rubric::Rubric;
use crate::error::{Error, Result};

/// The least number of answers a session takes when the interview does not say.
const DEFAULT_MAX_ANSWERS: u32 = 8;

/// What an interview is about; decides the standard rubric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InterviewType {
    /// A first conversation: background, motivation, communication.
    General,
    /// Knowledge and problem solving.
    Technical,
    /// What the candidate did in real situations.
    Behavioral,
}

impl InterviewType {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::General, Self::Technical, Self::Behavioral];

    /// The name in documents: `general`, `technical`, `behavioral`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Technical => "technical",
            Self::Behavioral => "behavioral",
        }
    }
}

named!(InterviewType, "interview type");

/// How far an interview has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InterviewStatus {
    /// Planned; no session has been started.
    Pending,
    /// A session has been started and none has been completed.
    InProgress,
    /// A session has been completed.
    Completed,
}

impl InterviewStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Pending, Self::InProgress, Self::Completed];

    /// The name in documents and tables: `pending`, `in_progress`, `completed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
        }
    }
}

named!(InterviewStatus, "interview status");

/// One planned question. In JSON it is an object, or just the text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Question {
    /// What is asked, 1 to 4,000 characters.
    pub text: String,
    /// The rubric's competency that the answer shows; without one, all of the rubric's competencies are rated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub competency: Option<String>,
    /// What a full answer says; never shown to the candidate. Several that are each right are written with ` ||| ` between them; the built-in evaluator compares with the nearest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_answer: Option<String>,
    /// What a full answer mentions, a point each; never shown to the candidate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key_points: Vec<String>,
    /// How much the answer counts against the others; 1 when not given.
    pub weight: f64,
    /// How long the candidate may take, in seconds; shown, not enforced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_limit: Option<u32>,
    /// What to ask further about this question, in order, before anything else is probed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub follow_ups: Vec<String>,
}

/// A question as an object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionDocument {
    text: String,
    competency: Option<String>,
    reference_answer: Option<String>,
    #[serde(default)]
    key_points: Vec<String>,
    weight: Option<f64>,
    time_limit: Option<u32>,
    #[serde(default)]
    follow_ups: Vec<String>,
}

impl From<QuestionDocument> for Question {
    fn from(given: QuestionDocument) -> Self {
        let QuestionDocument { text, competency, reference_answer, key_points, weight, time_limit, follow_ups } = given;
        Self { text, competency, reference_answer, key_points, weight: weight.unwrap_or(1.0), time_limit, follow_ups }
    }
}

impl<'de> Deserialize<'de> for Question {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Takes both ways a question is written; an untagged enum would lose what is wrong with one.
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Question;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a question's text, or an object")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Question, E> {
                Ok(Question::new(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Question, A::Error> {
                QuestionDocument::deserialize(MapAccessDeserializer::new(map)).map(Question::from)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl From<&str> for Question {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Question {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Question {
    /// A question of weight 1 with nothing but its text.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            competency: None,
            reference_answer: None,
            key_points: Vec::new(),
            weight: 1.0,
            time_limit: None,
            follow_ups: Vec::new(),
        }
    }

    /// Names the competency that the answer shows.
    #[must_use]
    pub fn competency(mut self, name: impl Into<String>) -> Self {
        self.competency = Some(name.into());
        self
    }

    /// Says what a full answer is.
    #[must_use]
    pub fn reference_answer(mut self, text: impl Into<String>) -> Self {
        self.reference_answer = Some(text.into());
        self
    }

    /// Adds a point that a full answer mentions.
    #[must_use]
    pub fn key_point(mut self, text: impl Into<String>) -> Self {
        self.key_points.push(text.into());
        self
    }

    /// Sets how much the answer counts.
    #[must_use]
    pub fn weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }

    /// Checks every limit; `place` is the question's, from 0, for the message.
    pub(crate) fn check(&self, place: usize) -> Result<()> {
        let field = |name: &str| format!("questions[{place}]{name}");
        limits::required_text(&field(""), &self.text, limits::MAX_QUESTION)?;
        if let Some(competency) = &self.competency {
            limits::required_text(&field(".competency"), competency, limits::MAX_LABEL)?;
        }
        if let Some(reference) = &self.reference_answer {
            limits::optional_text(&field(".reference_answer"), reference, limits::MAX_MESSAGE)?;
        }
        limits::count(&field(".key_points"), self.key_points.len(), 0, limits::MAX_KEY_POINTS)?;
        for point in &self.key_points {
            limits::required_text(&field(".key_points"), point, limits::MAX_KEY_POINT)?;
        }
        limits::count(&field(".follow_ups"), self.follow_ups.len(), 0, limits::MAX_FOLLOW_UPS)?;
        for follow_up in &self.follow_ups {
            limits::required_text(&field(".follow_ups"), follow_up, limits::MAX_QUESTION)?;
        }
        limits::weight(&field(".weight"), self.weight)?;
        if let Some(seconds) = self.time_limit {
            limits::count(&field(".time_limit"), seconds as usize, 1, limits::MAX_TIME_LIMIT as usize)?;
        }
        Ok(())
    }
}

/// What an application gives to plan an interview. Also the form of an interview file in JSON.
///
/// ```
/// use vivavoce::{InterviewType, Language, NewInterview, Question};
///
/// let plan = NewInterview::new("Ada", InterviewType::Technical)
///     .language(Language::En)
///     .question("What is a deadlock?")
///     .question(Question::new("What is a lock-free queue?").key_point("compare and swap"));
/// assert_eq!(plan.questions.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewInterview {
    /// The candidate's name, 1 to 200 characters.
    pub candidate_name: String,
    /// What the interview is about.
    pub interview_type: InterviewType,
    /// The language it is planned in; a session may be held in another.
    #[serde(default)]
    pub interview_language: Language,
    /// What the candidate is asked, in order: 1 to 200 questions.
    pub questions: Vec<Question>,
    /// The job, up to 50,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_description: Option<String>,
    /// The candidate's résumé, up to 50,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<String>,
    /// The application's own id of the candidate, by which the candidate can be erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// How answers are judged; the standard rubric of the type where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rubric: Option<Rubric>,
    /// A calibration by which the built-in evaluator's scores are corrected: its name, for the newest of that name, or `name@version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<String>,
    /// After how many answers a session completes, 1 to 1,000; 8, or the number of questions if larger, when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_answers: Option<u32>,
}

impl NewInterview {
    /// An interview in English without questions yet.
    pub fn new(candidate_name: impl Into<String>, interview_type: InterviewType) -> Self {
        Self {
            candidate_name: candidate_name.into(),
            interview_type,
            interview_language: Language::default(),
            questions: Vec::new(),
            job_description: None,
            resume: None,
            external_id: None,
            rubric: None,
            calibration: None,
            max_answers: None,
        }
    }

    /// Adds a question: a text, or a [`Question`] that carries more.
    #[must_use]
    pub fn question(mut self, question: impl Into<Question>) -> Self {
        self.questions.push(question.into());
        self
    }

    /// Sets the language.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.interview_language = language;
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

    /// Gives the application's own id of the candidate.
    #[must_use]
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// Sets how answers are judged.
    #[must_use]
    pub fn rubric(mut self, rubric: Rubric) -> Self {
        self.rubric = Some(rubric);
        self
    }

    /// Names a calibration by which the built-in evaluator's scores are corrected.
    #[must_use]
    pub fn calibration(mut self, name: impl Into<String>) -> Self {
        self.calibration = Some(name.into());
        self
    }

    /// Sets after how many answers a session completes.
    #[must_use]
    pub fn max_answers(mut self, answers: u32) -> Self {
        self.max_answers = Some(answers);
        self
    }

    /// Reads an interview file.
    ///
    /// # Errors
    /// `invalid_input` where the text is no such JSON, or breaks a limit.
    pub fn from_json(text: &str) -> Result<Self> {
        let plan: Self = super::from_json("the interview", text)?;
        plan.check()?;
        Ok(plan)
    }

    /// Checks every limit.
    ///
    /// # Errors
    /// `invalid_input`, naming the field and the limit.
    pub fn check(&self) -> Result<()> {
        limits::required_text("candidate_name", &self.candidate_name, limits::MAX_NAME)?;
        limits::count("questions", self.questions.len(), 1, limits::MAX_QUESTIONS)?;
        for (place, question) in self.questions.iter().enumerate() {
            question.check(place)?;
        }
        for (field, text) in [("job_description", &self.job_description), ("resume", &self.resume)] {
            if let Some(text) = text {
                limits::optional_text(field, text, limits::MAX_JOB_DESCRIPTION)?;
            }
        }
        if let Some(id) = &self.external_id {
            limits::required_text("external_id", id, limits::MAX_LABEL)?;
        }
        if let Some(rubric) = &self.rubric {
            rubric.check()?;
        }
        let named = self.questions.iter().enumerate().filter_map(|(place, it)| Some((place, it.competency.as_ref()?)));
        for (place, name) in named {
            let standard = || Rubric::standard(self.interview_type);
            let rubric = self.rubric.as_ref().map_or_else(|| Cow::Owned(standard()), Cow::Borrowed);
            if !rubric.competencies.iter().any(|competency| competency.name == *name) {
                let words = match self.rubric {
                    Some(_) => "is not in the rubric",
                    None => "is not in the standard rubric of this type: give a rubric that has it",
                };
                return Err(Error::invalid_input(format!("questions[{place}].competency {words}")));
            }
        }
        if let Some(name) = &self.calibration {
            CalibrationName::read(name)?;
        }
        if let Some(answers) = self.max_answers {
            limits::count("max_answers", answers as usize, 1, limits::MAX_ANSWERS as usize)?;
        }
        Ok(())
    }

    /// The interview that this plan makes.
    pub(crate) fn into_interview(self, id: InterviewId, now: DateTime<Utc>) -> Interview {
        let max_answers = self
            .max_answers
            .unwrap_or_else(|| DEFAULT_MAX_ANSWERS.max(u32::try_from(self.questions.len()).unwrap_or(u32::MAX)));
        Interview {
            id,
            candidate_name: self.candidate_name,
            interview_type: self.interview_type,
            interview_language: self.interview_language,
            questions: self.questions,
            job_description: self.job_description,
            resume: self.resume,
            external_id: self.external_id,
            rubric: self.rubric,
            calibration: self.calibration,
            max_answers,
            status: InterviewStatus::Pending,
            created_at: now,
            updated_at: now,
        }
    }
}

/// A planned interview as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interview {
    /// Names it; sorts by creation.
    pub id: InterviewId,
    /// The candidate's name.
    pub candidate_name: String,
    /// What the interview is about.
    pub interview_type: InterviewType,
    /// The language it is planned in.
    pub interview_language: Language,
    /// What the candidate is asked, in order.
    pub questions: Vec<Question>,
    /// The job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_description: Option<String>,
    /// The candidate's résumé.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<String>,
    /// The application's own id of the candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// How answers are judged, where the application said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rubric: Option<Rubric>,
    /// By which calibration the built-in evaluator's scores are corrected, where the application said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<String>,
    /// After how many answers a session completes.
    pub max_answers: u32,
    /// How far it has come.
    pub status: InterviewStatus,
    /// When it was planned.
    pub created_at: DateTime<Utc>,
    /// When its plan was replaced, or its status changed, for the last time.
    pub updated_at: DateTime<Utc>,
}

impl Interview {
    /// The plan that it was made from. How many answers a session takes follows from the number of questions where it does now.
    pub fn to_plan(&self) -> NewInterview {
        let by_default = DEFAULT_MAX_ANSWERS.max(u32::try_from(self.questions.len()).unwrap_or(u32::MAX));
        NewInterview {
            candidate_name: self.candidate_name.clone(),
            interview_type: self.interview_type,
            interview_language: self.interview_language,
            questions: self.questions.clone(),
            job_description: self.job_description.clone(),
            resume: self.resume.clone(),
            external_id: self.external_id.clone(),
            rubric: self.rubric.clone(),
            calibration: self.calibration.clone(),
            max_answers: (self.max_answers != by_default).then_some(self.max_answers),
        }
    }

    /// How answers are judged: the interview's own rubric, or the standard one of its type.
    pub fn effective_rubric(&self) -> Rubric {
        self.rubric.clone().unwrap_or_else(|| Rubric::standard(self.interview_type))
    }

    /// The hash of that rubric.
    pub(crate) fn rubric_hash(&self) -> Result<String> {
        self.rubric.as_ref().map_or_else(|| Rubric::standard_hash(self.interview_type), Rubric::hash)
    }
}
