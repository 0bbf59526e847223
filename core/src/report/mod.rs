//! What people read: the scorecard.

mod chart;
mod html;
mod markdown;
mod spans;
mod text;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::{
    Evaluation, Exchange, Interview, InterviewId, InterviewType, KeyPointCoverage, Language, Quote, Rating,
};
use crate::error::{Error, Result};
use crate::messages::{self, Report};

/// How much of the rubric's hash a reader sees: enough to tell rubrics apart.
const SHORT_HASH: usize = 12;
/// How much of a flagged span a reader sees, in characters.
const LONGEST_SPAN: usize = 160;

/// What people read about an evaluation: JSON for programs, Markdown for a ticket or a chat, HTML for the screen and for paper.
///
/// It is written in the evaluation's language. The candidate's words are data in all three: nothing they say can become markup, a link, an image or a
/// script, and characters that would reorder or hide the text around them are not shown (JSON keeps every byte).
#[derive(Debug, Clone)]
pub struct Scorecard {
    interview: Arc<Interview>,
    evaluation: Arc<Evaluation>,
}

impl Scorecard {
    pub(crate) fn new(interview: Arc<Interview>, evaluation: Arc<Evaluation>) -> Self {
        Self { interview, evaluation }
    }

    /// The interview that was held.
    pub fn interview(&self) -> &Arc<Interview> {
        &self.interview
    }

    /// The evaluation that is shown.
    pub fn evaluation(&self) -> &Arc<Evaluation> {
        &self.evaluation
    }

    /// The language it is written in: the evaluation's.
    pub fn language(&self) -> Language {
        self.evaluation.language
    }

    /// The scorecard as one line of JSON, in this shape:
    ///
    /// ```json
    /// {
    ///   "schema": 1,
    ///   "interview": {
    ///     "id": "…", "candidate_name": "…", "interview_type": "technical", "interview_language": "en",
    ///     "external_id": null, "created_at": "2026-01-31T09:00:00Z",
    ///     "questions": [{ "text": "…", "competency": null, "weight": 1.0 }]
    ///   },
    ///   "evaluation": { "id": "…", "status": "completed", "score": 0.73, "exchanges": [], "ratings": [] }
    /// }
    /// ```
    ///
    /// `evaluation` has all fields of [`Evaluation`]. Reference answers, the job description and the résumé are not in it; of the key points it has
    /// those that the evaluation tells of. Within one `schema` fields are only ever added.
    ///
    /// # Errors
    /// `internal` where a value has no JSON form; what the engine hands out always has one.
    pub fn to_json(&self) -> Result<String> {
        let document = Document {
            schema: 1,
            interview: InterviewSummary {
                id: self.interview.id,
                candidate_name: &self.interview.candidate_name,
                interview_type: self.interview.interview_type,
                interview_language: self.interview.interview_language,
                external_id: self.interview.external_id.as_deref(),
                created_at: self.interview.created_at,
                questions: self
                    .interview
                    .questions
                    .iter()
                    .map(|question| QuestionSummary {
                        text: &question.text,
                        competency: question.competency.as_deref(),
                        weight: question.weight,
                    })
                    .collect(),
            },
            evaluation: &self.evaluation,
        };
        serde_json::to_string(&document).map_err(|_| Error::internal("a scorecard has no JSON form"))
    }

    /// The scorecard in Markdown (CommonMark with GitHub's tables). It holds no link, no image and no HTML.
    pub fn to_markdown(&self) -> String {
        markdown::render(self)
    }

    /// The scorecard as one HTML page that needs nothing else: no script, no external resource, and a content security policy that allows none. It
    /// reads well on paper, in the dark and on a phone.
    pub fn to_html(&self) -> String {
        html::render(self)
    }

    fn labels(&self) -> &'static Report {
        messages::report(self.evaluation.language)
    }

    /// The overall score, 0 to 100.
    fn points(&self) -> Option<u32> {
        self.evaluation.score.filter(|score| !score.is_nan()).map(points)
    }

    /// The label and the value of everything that is said about the evaluation as a whole, before the score.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let (labels, evaluation) = (self.labels(), &self.evaluation);
        let (when, time) = match evaluation.completed_at {
            Some(time) => (labels.evaluated, time),
            None => (labels.requested, evaluation.created_at),
        };
        vec![
            (labels.interview, (labels.interview_type)(self.interview.interview_type).into()),
            (when, (labels.time)(time)),
            (labels.status, (labels.evaluation_status)(evaluation.status).into()),
        ]
    }

    /// Who judged, corrected by which calibration, by which rubric, under which id.
    fn origin(&self) -> Vec<(&'static str, String)> {
        let (labels, evaluation) = (self.labels(), &self.evaluation);
        let mut origin = vec![
            (labels.judged_by, evaluation.evaluator.provider.clone()),
            (labels.model, evaluation.evaluator.model.clone()),
            (labels.version, evaluation.evaluator.version.clone()),
        ];
        origin.extend(evaluation.calibration.clone().map(|calibration| (labels.calibration, calibration)));
        origin.push((labels.rubric, evaluation.rubric_hash.chars().take(SHORT_HASH).collect()));
        origin.push((labels.evaluation, evaluation.id.to_string()));
        origin
    }

    /// The lists of findings that have something in them.
    fn findings(&self) -> Vec<(&'static str, &[String])> {
        let (labels, evaluation) = (self.labels(), &self.evaluation);
        [
            (labels.strengths, evaluation.strengths.as_slice()),
            (labels.weaknesses, evaluation.weaknesses.as_slice()),
            (labels.recommendations, evaluation.recommendations.as_slice()),
        ]
        .into_iter()
        .filter(|(_, findings)| !findings.is_empty())
        .collect()
    }

    /// What a reader of the score has to know before anything else, each under a title of its own: what a person changed, what could not be had, why a person should look, and
    /// what speaks to the judge.
    fn notes(&self) -> Vec<(&'static str, Vec<String>)> {
        let (labels, evaluation) = (self.labels(), &self.evaluation);
        let colon = labels.colon;
        let of = |exchange: u32, competency: Option<&str>| {
            let heading = evaluation.exchanges.get(exchange as usize).map(|it| self.heading(it)).unwrap_or_default();
            match competency {
                Some(competency) => format!("{heading}, {}", labels.competency_name(competency)),
                None => heading,
            }
        };
        let changed = evaluation.overridden.iter().map(|change| {
            let what = match &change.rating {
                Some(place) => of(place.exchange, Some(&place.competency)),
                None => labels.overall_score.to_owned(),
            };
            format!("{what}{colon}{} / 100 – {}{colon}{}", points(change.score), change.by, change.reason)
        });
        let missing = evaluation
            .missing
            .iter()
            .map(|missing| format!("{}{colon}{}", of(missing.exchange, missing.competency.as_deref()), missing.reason));
        // What is missing is what failed, each by itself.
        let failure = evaluation.failure.iter().filter(|_| evaluation.missing.is_empty()).cloned();
        let flagged = evaluation.flags.iter().map(|flag| {
            let said = (labels.quote)(&shortened(&flag.span.text));
            format!("{}{colon}{}{colon}{said}", of(flag.exchange, None), (labels.flag_kind)(flag.kind))
        });
        let mut notes = vec![
            (labels.changed, changed.collect()),
            (labels.failure, failure.collect()),
            (labels.missing, missing.collect()),
            (labels.needs_review, evaluation.needs_review.clone()),
            (labels.flagged, flagged.collect::<Vec<_>>()),
        ];
        notes.retain(|(_, notes)| !notes.is_empty());
        notes
    }

    /// What an exchange is called: its question's number, or that it followed up on one.
    fn heading(&self, exchange: &Exchange) -> String {
        let labels = self.labels();
        match exchange.question {
            Some(question) if exchange.probe => (labels.probe)(question as usize + 1),
            Some(question) => (labels.question)(question as usize + 1),
            None => labels.unplanned.into(),
        }
    }

    /// The ratings of the exchange at this place.
    fn ratings(&self, place: usize) -> impl Iterator<Item = &Rating> + Clone {
        self.evaluation.ratings.iter().filter(move |rating| rating.exchange as usize == place)
    }

    /// The quotes that the ratings of the exchange at this place rest on.
    fn quotes(&self, place: usize) -> impl Iterator<Item = &Quote> {
        self.ratings(place).flat_map(|rating| &rating.quotes)
    }

    /// The key points that the answer at this place says most of, and those of its question that were not heard.
    fn key_points(&self, place: usize) -> impl Iterator<Item = &KeyPointCoverage> {
        self.evaluation.key_points.iter().filter(move |found| found.exchange as usize == place)
    }

    /// The number, from 1, and the text of each planned question without an answer.
    fn unanswered(&self) -> Vec<(usize, &str)> {
        let text = |question: usize| self.interview.questions.get(question).map(|question| question.text.as_str());
        let numbered = |question: &u32| (*question as usize + 1, text(*question as usize).unwrap_or_default());
        self.evaluation.unanswered.iter().map(numbered).collect()
    }

    /// Whether an exchange without ratings should have some: there is an answer, and the evaluation is over.
    fn lacks_ratings(&self, exchange: &Exchange) -> bool {
        self.evaluation.status.is_final() && !exchange.answer.trim().is_empty()
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    interview: InterviewSummary<'a>,
    evaluation: &'a Evaluation,
}

#[derive(Serialize)]
struct InterviewSummary<'a> {
    id: InterviewId,
    candidate_name: &'a str,
    interview_type: InterviewType,
    interview_language: Language,
    external_id: Option<&'a str>,
    created_at: DateTime<Utc>,
    questions: Vec<QuestionSummary<'a>>,
}

#[derive(Serialize)]
struct QuestionSummary<'a> {
    text: &'a str,
    competency: Option<&'a str>,
    weight: f64,
}

/// A share of one as whole points or percent, 0 to 100. What is no number counts as nothing.
fn points(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u32
}

/// The beginning of a text, which says enough.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_SPAN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A weight with at most two decimals.
fn weight(weight: f64) -> String {
    let text = format!("{weight:.2}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}

#[cfg(test)]
mod tests;
