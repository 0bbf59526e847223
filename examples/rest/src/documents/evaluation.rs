//! Evaluations: the answers that are given, and what came of judging them.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};
use vivavoce::{EvaluationId, EvaluationStatus, InterviewId, Language, SessionId};

use super::{judging, names};
use crate::error::{Failure, Subject};

/// Answers by the place of their question, from 0.
pub type Answers = BTreeMap<u32, String>;

/// Answers that were given without a session.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewEvaluation {
    #[schema(value_type = Uuid, required = true)]
    interview_id: Option<String>,
    #[schema(value_type = GivenAnswers, required = true)]
    answers: Option<BTreeMap<String, String>>,
}

impl NewEvaluation {
    /// The interview and the answers.
    ///
    /// # Errors
    /// 400 where either is missing or an answer is to no question; 404 for an id that is none.
    pub fn read(self) -> Result<(InterviewId, Answers), Failure> {
        let id = self.interview_id.filter(|id| !id.is_empty());
        let answers = self.answers.filter(|answers| !answers.is_empty());
        let Some((id, answers)) = id.zip(answers) else {
            return Err(Failure::bad_request("Missing interview_id or answers"));
        };
        let answers = read_answers(answers)?;
        Ok((id.parse().map_err(|_| Subject::Interview.not_found())?, answers))
    }
}

/// Answers by their places.
///
/// # Errors
/// 400 for a key that is none, naming it.
pub fn read_answers(answers: BTreeMap<String, String>) -> Result<Answers, Failure> {
    let place = |key: &str| {
        let digits = key.strip_prefix("question_")?;
        // One way of writing each: no sign, no zero before it.
        let place: u32 = digits.parse().ok()?;
        (place.to_string() == digits).then_some(place)
    };
    let read = |(key, answer): (String, String)| match place(&key) {
        Some(place) => Ok((place, answer)),
        None => {
            let shown: String = key.chars().take(64).collect();
            Err(Failure::bad_request(format!("Unknown answer key: {shown}")))
        }
    };
    answers.into_iter().map(read).collect()
}

/// Answers by the keys that clients write, for the OpenAPI document.
struct GivenAnswers;

impl PartialSchema for GivenAnswers {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let answers = ObjectBuilder::new().schema_type(Type::Object).min_properties(Some(1));
        let answers = answers.property_names(Some(text().pattern(Some("^question_(0|[1-9][0-9]{0,8})$"))));
        let answer = text().max_length(Some(32_000));
        let answers = answers.additional_properties(Some(Schema::from(answer)));
        let about = "The answers by their question's place in the interview, from 0: `question_0`, `question_1` …";
        let example = serde_json::json!({"question_0": "Two threads each hold a lock the other needs."});
        answers.description(Some(about)).examples([example]).into()
    }
}

impl ToSchema for GivenAnswers {}

/// What is to be evaluated later: a session, which is ended, or answers given without one.
#[derive(Debug, Deserialize)]
pub struct QueuedEvaluation {
    session_id: Option<String>,
    answers: Option<BTreeMap<String, String>>,
}

impl PartialSchema for QueuedEvaluation {
    // That the one goes without the other, the macro has no words for.
    fn schema() -> RefOr<Schema> {
        let of = |types: &[Type]| ObjectBuilder::new().schema_type(SchemaType::Array(types.to_vec()));
        let object = || ObjectBuilder::new().schema_type(Type::Object);
        let id =
            ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
        let session = object()
            .property("session_id", id.description(Some("The session to end and judge.")))
            .property("answers", of(&[Type::Object, Type::Null]).max_properties(Some(0)))
            .required("session_id");
        let answers = object()
            .property("answers", Ref::from_schema_name("GivenAnswers"))
            .property("session_id", of(&[Type::String, Type::Null]).max_length(Some(0)))
            .required("answers");
        let about = "What is to be evaluated later: a session, which is ended, or answers given without one.";
        OneOfBuilder::new().item(session).item(answers).description(Some(about)).into()
    }
}

impl ToSchema for QueuedEvaluation {}

/// What a queued evaluation is of.
#[derive(Debug)]
pub enum Of {
    /// A session.
    Session(SessionId),
    /// Answers.
    Answers(Answers),
}

impl QueuedEvaluation {
    /// What is to be evaluated.
    ///
    /// # Errors
    /// 400 where that is not one thing; 404 for an id that is none.
    pub fn read(self) -> Result<Of, Failure> {
        let session = self.session_id.filter(|id| !id.is_empty());
        let answers = self.answers.filter(|answers| !answers.is_empty());
        match (session, answers) {
            (Some(id), None) => Ok(Of::Session(id.parse().map_err(|_| Subject::Session.not_found())?)),
            (None, Some(answers)) => Ok(Of::Answers(read_answers(answers)?)),
            (None, None) => Err(Failure::bad_request("Missing session_id or answers")),
            (Some(_), Some(_)) => Err(Failure::bad_request("Give session_id or answers, not both")),
        }
    }
}

/// The result of judging a session or a set of answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Evaluation<'a> {
    #[schema(value_type = Uuid)]
    id: EvaluationId,
    #[schema(value_type = Uuid)]
    interview_id: InterviewId,
    /// The session whose answers were judged; left out for answers given without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    session_id: Option<SessionId>,
    /// The answers: of a session in their order, of others by their question's place.
    #[schema(value_type = BTreeMap<String, String>)]
    answers: BTreeMap<String, &'a str>,
    /// Null until there is one, and where no answer was given.
    #[schema(minimum = 0.0, maximum = 1.0, required = true)]
    score: Option<f64>,
    /// The judgement in words.
    feedback: &'a str,
    created_at: DateTime<Utc>,
    #[schema(value_type = names::EvaluationStatus)]
    status: EvaluationStatus,
    #[schema(value_type = Vec<judging::Rating>)]
    ratings: &'a [vivavoce::Rating],
    /// What was good.
    strengths: &'a [String],
    /// What was lacking.
    weaknesses: &'a [String],
    /// What would help.
    recommendations: &'a [String],
    #[schema(value_type = judging::Evaluator)]
    evaluator: &'a vivavoce::EvaluatorInfo,
    /// The language of everything said here.
    #[schema(value_type = names::Language)]
    language: Language,
    /// What was judged, in order.
    #[schema(value_type = Vec<judging::Exchange>)]
    exchanges: &'a [vivavoce::Exchange],
    /// Each competency over all exchanges, in the rubric's order.
    #[schema(value_type = Vec<judging::CompetencyScore>)]
    competencies: &'a [vivavoce::CompetencyScore],
    /// The planned questions, from 0, that have no answer.
    unanswered: &'a [u32],
    /// Why a person should look at this; empty when nobody needs to.
    needs_review: &'a [String],
    /// Why it is `partial` or `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
    /// The ratings that could not be had.
    #[schema(value_type = Vec<judging::Missing>)]
    missing: &'a [vivavoce::Missing],
    /// What speaks to the judge in the answers.
    #[schema(value_type = Vec<judging::Flag>)]
    flags: &'a [vivavoce::Flag],
    /// What was said of the key points, by question and point.
    #[schema(value_type = Vec<judging::KeyPointCoverage>)]
    key_points: &'a [vivavoce::KeyPointCoverage],
    /// The calibration that corrected the scores, as `name@version`; left out where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    calibration: Option<&'a str>,
    /// What people changed since the answers were judged, oldest first.
    #[schema(value_type = Vec<judging::Override>)]
    overridden: &'a [vivavoce::Override],
    /// The evaluation that this one takes the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    supersedes: Option<EvaluationId>,
    /// The hash of the rubric that was used.
    rubric_hash: &'a str,
    /// When it had its result.
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<DateTime<Utc>>,
}

impl Evaluation<'_> {
    /// What a candidate is shown: that the answers were given and are judged, and nothing of the judgement, which is for those who decide.
    #[must_use]
    pub fn for_candidate(self) -> Self {
        Self {
            score: None,
            feedback: "",
            ratings: &[],
            strengths: &[],
            weaknesses: &[],
            recommendations: &[],
            competencies: &[],
            needs_review: &[],
            failure: None,
            missing: &[],
            flags: &[],
            key_points: &[],
            calibration: None,
            overridden: &[],
            ..self
        }
    }
}

impl<'a> From<&'a vivavoce::Evaluation> for Evaluation<'a> {
    fn from(evaluation: &'a vivavoce::Evaluation) -> Self {
        let exchanges = evaluation.exchanges.iter();
        let answers: Vec<(u32, &str)> = match evaluation.session_id {
            // The last question of a session may have none.
            Some(_) => (0..).zip(exchanges.map(|it| it.answer.as_str()).filter(|answer| !answer.is_empty())).collect(),
            None => exchanges.filter_map(|it| Some((it.question?, it.answer.as_str()))).collect(),
        };
        Self {
            id: evaluation.id,
            interview_id: evaluation.interview_id,
            session_id: evaluation.session_id,
            answers: answers.into_iter().map(|(place, answer)| (format!("question_{place}"), answer)).collect(),
            score: evaluation.score,
            feedback: &evaluation.feedback,
            created_at: evaluation.created_at,
            status: evaluation.status,
            ratings: &evaluation.ratings,
            strengths: &evaluation.strengths,
            weaknesses: &evaluation.weaknesses,
            recommendations: &evaluation.recommendations,
            evaluator: &evaluation.evaluator,
            language: evaluation.language,
            exchanges: &evaluation.exchanges,
            competencies: &evaluation.competencies,
            unanswered: &evaluation.unanswered,
            needs_review: &evaluation.needs_review,
            failure: evaluation.failure.as_deref(),
            missing: &evaluation.missing,
            flags: &evaluation.flags,
            key_points: &evaluation.key_points,
            calibration: evaluation.calibration.as_deref(),
            overridden: &evaluation.overridden,
            supersedes: evaluation.supersedes,
            rubric_hash: &evaluation.rubric_hash,
            completed_at: evaluation.completed_at,
        }
    }
}

/// An interview's evaluations, oldest first, all versions of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluationList<'a> {
    evaluations: Vec<Evaluation<'a>>,
    total: usize,
}

impl<'a> From<&'a [Arc<vivavoce::Evaluation>]> for EvaluationList<'a> {
    fn from(all: &'a [Arc<vivavoce::Evaluation>]) -> Self {
        Self { evaluations: all.iter().map(|evaluation| (&**evaluation).into()).collect(), total: all.len() }
    }
}

/// A score that a person puts in the place of a judge's.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewOverride {
    #[schema(minimum = 0.0, maximum = 1.0)]
    score: f64,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"[^\s\x85]")]
    reason: String,
    /// The person who does so; the caller's token where it is not given.
    #[schema(min_length = 1, max_length = 200, pattern = r"[^\s\x85]")]
    by: Option<String>,
    /// The rating it is for; without one, the evaluation's whole score.
    #[schema(value_type = Option<judging::RatingPlace>)]
    rating: Option<judging::RatingPlace>,
}

impl NewOverride {
    /// What the engine is told; `caller` is who asks.
    pub fn read(self, caller: &str) -> vivavoce::Override {
        let by = self.by.unwrap_or_else(|| caller.to_owned());
        let change = vivavoce::Override::new(self.score, by, self.reason);
        match self.rating {
            Some(place) => change.of_rating(place.exchange, place.competency),
            None => change,
        }
    }
}
