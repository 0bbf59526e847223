//! What the application's own interviewer and evaluator are given, and what they answer with.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use serde::{Deserialize, Serialize};
use vivavoce::{CancelToken, Next};

use crate::document::{ToPython, document};
use crate::read::{read, several};
use crate::values::Text;

/// How long the call may still wait.
pub(crate) struct Patience {
    deadline: Option<Instant>,
    cancel: Option<CancelToken>,
}

impl Patience {
    pub(crate) fn new(deadline: Option<Instant>, cancel: Option<&CancelToken>) -> Self {
        Self { deadline, cancel: cancel.cloned() }
    }

    fn remaining(&self) -> Option<Duration> {
        if self.is_cancelled() {
            return Some(Duration::ZERO);
        }
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Also when the time is over: what is found then comes too late.
    fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(CancelToken::is_cancelled)
            || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// The moment at which the interviewer speaks. All text in it is data, never an instruction.
#[pyclass(frozen, module = "vivavoce")]
pub(crate) struct Scene {
    pub(crate) interview: Arc<vivavoce::Interview>,
    pub(crate) language: vivavoce::Language,
    pub(crate) messages: Vec<Arc<vivavoce::Message>>,
    pub(crate) exchanges: Vec<vivavoce::Exchange>,
    pub(crate) next: Next,
    pub(crate) patience: Patience,
}

#[pymethods]
impl Scene {
    /// The plan.
    #[getter]
    fn interview<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.interview.to_python(py)
    }

    /// The language to speak.
    #[getter]
    fn language<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.language.to_python(py)
    }

    /// What has been said, in order; empty at the start.
    #[getter]
    fn messages<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.messages.to_python(py)
    }

    /// What has been asked and answered, in order.
    #[getter]
    fn exchanges<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.exchanges.to_python(py)
    }

    /// What is to be said: a planned `question`, a `probe` of one, or the `closing`.
    #[getter]
    fn next(&self) -> &'static str {
        match self.next {
            Next::Question { .. } => "question",
            Next::Probe { .. } => "probe",
            _ => "closing",
        }
    }

    /// The place in the plan, from 0, of the question that is asked or probed; None for the closing.
    #[getter]
    fn question(&self) -> Option<u32> {
        match self.next {
            Next::Question { question } | Next::Probe { question, .. } => Some(question),
            _ => None,
        }
    }

    /// How long the caller still waits; None without a limit. Zero when the words are not wanted any more.
    #[getter]
    fn remaining(&self) -> Option<Duration> {
        self.patience.remaining()
    }

    /// Whether the words are not wanted any more: the caller's time is over, the call was cancelled, or the engine is closed.
    #[getter]
    fn is_cancelled(&self) -> bool {
        self.patience.is_cancelled()
    }

    fn __repr__(&self) -> String {
        format!("Scene(next='{}')", self.next())
    }
}

/// What an evaluator is asked to judge. All text in it is data, never an instruction.
#[pyclass(frozen, module = "vivavoce")]
pub(crate) struct JudgeRequest {
    pub(crate) interview: Arc<vivavoce::Interview>,
    pub(crate) rubric: Arc<vivavoce::Rubric>,
    pub(crate) language: vivavoce::Language,
    pub(crate) exchanges: Vec<vivavoce::Exchange>,
    pub(crate) patience: Patience,
}

#[pymethods]
impl JudgeRequest {
    /// The plan: questions with reference answers and key points, job description, type.
    #[getter]
    fn interview<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.interview.to_python(py)
    }

    /// The rubric to judge by.
    #[getter]
    fn rubric<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.rubric.to_python(py)
    }

    /// The language to write in.
    #[getter]
    fn language<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.language.to_python(py)
    }

    /// What to judge, in order. An exchange's question has more to it in the interview's plan, where it is planned.
    #[getter]
    fn exchanges<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.exchanges.to_python(py)
    }

    /// How long the caller still waits; None without a limit. Zero when the judgement is not wanted any more.
    #[getter]
    fn remaining(&self) -> Option<Duration> {
        self.patience.remaining()
    }

    /// Whether the judgement is not wanted any more: the caller's time is over, the call was cancelled, another worker took over, or the engine is closed.
    #[getter]
    fn is_cancelled(&self) -> bool {
        self.patience.is_cancelled()
    }

    fn __repr__(&self) -> String {
        format!("JudgeRequest(exchanges={})", self.exchanges.len())
    }
}

document! {
    /// What questions are wanted for; see `Engine.generate_questions`.
    QuestionRequest(vivavoce::QuestionRequest) {
        /// What the interview is about; its standard rubric has the competencies.
        interview_type,
        /// How many questions, 1 to 20.
        count,
        /// How much experience the job asks for.
        level,
        /// The language to ask in.
        language,
        /// The job; None where that is not said.
        job_description,
        /// The candidate's résumé; None where there is none.
        resume,
    }
    shows(interview_type, count, level, language);
}

/// What an evaluator of the application found, as a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Found {
    pub(crate) ratings: Vec<vivavoce::Rating>,
    #[serde(default)]
    pub(crate) feedback: String,
    #[serde(default)]
    pub(crate) strengths: Vec<String>,
    #[serde(default)]
    pub(crate) weaknesses: Vec<String>,
    #[serde(default)]
    pub(crate) recommendations: Vec<String>,
    #[serde(default)]
    pub(crate) needs_review: Vec<String>,
    #[serde(default)]
    pub(crate) missing: Vec<vivavoce::Missing>,
    #[serde(default)]
    pub(crate) flags: Vec<vivavoce::Flag>,
    #[serde(default)]
    pub(crate) key_points: Vec<vivavoce::KeyPointCoverage>,
}

/// The same as an evaluator gives it: a rating may leave out what `Rating` has a default for, and a key point what follows of its share.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    ratings: Vec<GivenRating>,
    #[serde(default)]
    feedback: String,
    #[serde(default)]
    strengths: Vec<String>,
    #[serde(default)]
    weaknesses: Vec<String>,
    #[serde(default)]
    recommendations: Vec<String>,
    #[serde(default)]
    needs_review: Vec<String>,
    #[serde(default)]
    missing: Vec<vivavoce::Missing>,
    #[serde(default)]
    flags: Vec<vivavoce::Flag>,
    #[serde(default)]
    key_points: Vec<GivenKeyPoint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenRating {
    exchange: u32,
    competency: String,
    score: f64,
    confidence: Option<f64>,
    #[serde(default)]
    quotes: Vec<vivavoce::Quote>,
    #[serde(default)]
    reason: String,
    #[serde(rename = "basis")]
    _basis: Option<vivavoce::Basis>,
    #[serde(rename = "spread")]
    _spread: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenKeyPoint {
    exchange: u32,
    point: u32,
    text: String,
    share: f64,
    #[serde(default)]
    quotes: Vec<vivavoce::Quote>,
    #[serde(rename = "coverage")]
    _coverage: Option<vivavoce::Coverage>,
}

impl From<Given> for Found {
    fn from(given: Given) -> Self {
        let Given {
            ratings,
            feedback,
            strengths,
            weaknesses,
            recommendations,
            needs_review,
            missing,
            flags,
            key_points,
        } = given;
        let rating = |given: GivenRating| {
            let mut rating = vivavoce::Rating::new(given.exchange, given.competency, given.score);
            rating.confidence = given.confidence.unwrap_or(rating.confidence);
            rating.quotes = given.quotes;
            rating.reason = given.reason;
            rating
        };
        let key_point = |given: GivenKeyPoint| {
            let mut found = vivavoce::KeyPointCoverage::new(given.exchange, given.point, given.text, given.share);
            found.quotes = given.quotes;
            found
        };
        let ratings = ratings.into_iter().map(rating).collect();
        let key_points = key_points.into_iter().map(key_point).collect();
        Self { ratings, feedback, strengths, weaknesses, recommendations, needs_review, missing, flags, key_points }
    }
}

document! {
    /// What an evaluator found. The engine checks it: scores are within 0 to 1, exchanges and competencies exist and are rated once, and every quote is an exact span of
    /// the answer. One that fails the check is not a score.
    ///
    /// Example:
    ///     >>> from vivavoce import Judgement, Rating
    ///     >>> Judgement([Rating(0, "Communication", 0.5)]).feedback
    ///     ''
    Judgement(Found) {
        /// For each exchange, a rating of its question's competency, or of each of the rubric's where the question names none.
        ratings,
        /// The judgement in words.
        feedback,
        /// What was good.
        strengths,
        /// What was lacking.
        weaknesses,
        /// What would help.
        recommendations,
        /// Why a person should look at this.
        needs_review,
        /// The ratings that could not be had; an answer that is not blank has ratings or stands here.
        missing,
        /// What speaks to the judge in the answers.
        flags,
        /// What was said of the key points, by question and point, where the evaluator tells it.
        key_points,
    }
    shows(ratings);

    #[new]
    #[pyo3(signature = (ratings, *, feedback=Text(""), strengths=None, weaknesses=None, recommendations=None, needs_review=None, missing=None, flags=None, key_points=None), text_signature = "(ratings, *, feedback='', strengths=(), weaknesses=(), recommendations=(), needs_review=(), missing=None, flags=None, key_points=None)")]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn new(
        ratings: &Bound<'_, PyAny>,
        feedback: Text<'_>,
        strengths: Option<&Bound<'_, PyAny>>,
        weaknesses: Option<&Bound<'_, PyAny>>,
        recommendations: Option<&Bound<'_, PyAny>>,
        needs_review: Option<&Bound<'_, PyAny>>,
        missing: Option<&Bound<'_, PyAny>>,
        flags: Option<&Bound<'_, PyAny>>,
        key_points: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        Ok(Self(Arc::new(Found {
            ratings: read("ratings", ratings)?,
            feedback: feedback.into(),
            strengths: several("strengths", strengths)?,
            weaknesses: several("weaknesses", weaknesses)?,
            recommendations: several("recommendations", recommendations)?,
            needs_review: several("needs_review", needs_review)?,
            missing: several("missing", missing)?,
            flags: several("flags", flags)?,
            key_points: several("key_points", key_points)?,
        })))
    }
}
