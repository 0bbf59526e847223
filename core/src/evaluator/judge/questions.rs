//! What a language model is asked about one answer. The prompt and the schema are versioned files: a change of either is a new version.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::levels::Levels;
use crate::domain::canonical::{hex, sha256};
use crate::domain::{Competency, Exchange, Parameters, Question};
use crate::error::{Error, Result};
use crate::evaluator::JudgeRequest;
use crate::llm::{PART, Prompt, PromptTurn, Schema, Speaker, fill, marker};

/// The version of the prompt and the schema together.
pub(super) const VERSION: &str = "judge-1";
const PROMPT: &str = include_str!("prompt_1.md");
const SCHEMA: &str = include_str!("schema_1.json");

/// One answer to be judged, with what it is judged by.
pub(super) struct Subject<'a> {
    pub(super) place: usize,
    pub(super) exchange: &'a Exchange,
    /// The planned question, where the exchange is about one.
    pub(super) planned: Option<&'a Question>,
    /// What is rated: the question's competency, or all of the rubric's.
    pub(super) competencies: Vec<&'a Competency>,
    /// The exchange that this one asks further about.
    before: Option<&'a Exchange>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(request: &JudgeRequest<'a>, place: usize) -> Option<Self> {
        let exchange = request.exchanges.get(place)?;
        let planned = exchange.question.and_then(|question| request.interview.questions.get(question as usize));
        let wanted = planned.and_then(|question| question.competency.as_deref());
        let rubric = &request.rubric.competencies;
        let named: Vec<&Competency> = rubric.iter().filter(|it| Some(it.name.as_str()) == wanted).collect();
        let competencies = if named.is_empty() { rubric.iter().collect() } else { named };
        let is_before = |it: &&Exchange| !it.probe && it.question == exchange.question;
        let before = exchange.probe.then(|| request.exchanges[..place].iter().rev().find(is_before)).flatten();
        Some(Self { place, exchange, planned, competencies, before })
    }
}

/// The name of a competency in a prompt and its reply, from its place.
pub(super) fn key(place: usize) -> String {
    format!("c{}", place + 1)
}

/// The schema of the reply: one property for each competency, so that a model that is held to it cannot leave one out.
pub(super) fn schema(competencies: usize) -> Result<Schema> {
    let broken = || Error::internal("the judge's schema is broken");
    let (before, rest) = SCHEMA.split_once("\"{{key}}\": ").ok_or_else(broken)?;
    // The rating's schema ends where its braces do.
    let mut depth = 0;
    let end = rest.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        (depth == 0).then_some(at + 1)
    });
    let (rating, rest) = rest.split_at(end.ok_or_else(broken)?);
    let each =
        |form: &dyn Fn(String) -> String| (0..competencies).map(|it| form(key(it))).collect::<Vec<_>>().join(", ");
    let ratings = each(&|key| format!("\"{key}\": {rating}"));
    let rest = rest.replace("\"{{keys}}\"", &each(&|key| format!("\"{key}\"")));
    let document = RawValue::from_string(format!("{before}{ratings}{rest}").trim().to_owned()).map_err(|_| broken())?;
    Ok(Schema { name: "judgement", document: Arc::from(document) })
}

/// The hash of a schema, for the record.
pub(super) fn schema_hash(schema: &Schema) -> String {
    hex(&sha256(&[schema.document.get().as_bytes()]))
}

/// The prompt; after a reply that could not be used, with what was wrong with it.
pub(super) fn prompt(
    request: &JudgeRequest<'_>,
    subject: &Subject<'_>,
    parameters: Parameters,
    max_tokens: u32,
    problem: Option<&str>,
) -> Result<Prompt> {
    let mut parts = PROMPT.split(PART);
    let (Some(system), Some(user), Some(again), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(Error::internal("the judge's prompt has not three parts"));
    };
    let before = subject.before.map_or("", |it| it.answer.as_str());
    let job = request.interview.job_description.as_deref().unwrap_or_default();
    let marker = marker(&[job, &subject.exchange.question_text, before, &subject.exchange.answer]);
    let again = match problem {
        Some(problem) => fill(again, |name| (name == "problem").then(|| problem.to_owned()))?,
        None => String::new(),
    };
    let keys: Vec<String> = (0..subject.competencies.len()).map(key).collect();
    let value = |name: &str| {
        Some(match name {
            "language" => request.language.in_english().to_owned(),
            "type" => request.interview.interview_type.to_string(),
            "job" => match request.interview.job_description.as_deref().map(str::trim) {
                Some(job) if !job.is_empty() => format!("\n# Job description\n{marker}\n{job}\n{marker}\n"),
                _ => String::new(),
            },
            "rubric" => rubric(&subject.competencies),
            "marker" => marker.clone(),
            "question" => question(subject, &marker),
            "answer" => subject.exchange.answer.clone(),
            "keys" => keys.join(", "),
            "again" => again.clone(),
            _ => return None,
        })
    };
    let turns = vec![PromptTurn { speaker: Speaker::User, text: fill(user, value)?.trim_end().to_owned() }];
    let schema = Some(schema(subject.competencies.len())?);
    Ok(Prompt { system: fill(system, value)?, turns, schema, max_tokens, parameters })
}

fn rubric(competencies: &[&Competency]) -> String {
    let mut text = String::new();
    for (place, competency) in competencies.iter().enumerate() {
        let _ = write!(text, "{}: {}", key(place), competency.name.trim());
        if let Some(description) = &competency.description {
            let _ = write!(text, ". {}", description.trim());
        }
        text.push('\n');
        for (level, anchor) in Levels::of(competency).anchors() {
            let _ = writeln!(text, "  level {level}: {}", anchor.trim());
        }
    }
    text
}

fn question(subject: &Subject<'_>, marker: &str) -> String {
    let mut text = String::new();
    let mut part = |title: &str, words: &str| {
        let _ = writeln!(text, "{title}:\n{marker}\n{}\n{marker}", words.trim());
    };
    if let Some(before) = subject.before {
        part("The planned question", &before.question_text);
        part("What was answered to it, which is judged elsewhere", &before.answer);
        part("What was then asked further, and is answered here", &subject.exchange.question_text);
    } else {
        part("What was asked", &subject.exchange.question_text);
    }
    if let Some(planned) = subject.planned {
        if let Some(reference) = planned.reference_answer.as_deref().filter(|it| !it.trim().is_empty()) {
            part("A full answer, for comparison", reference);
        }
        if !planned.key_points.is_empty() {
            let points: Vec<String> = planned.key_points.iter().map(|point| format!("- {}", point.trim())).collect();
            part("What a full answer mentions", &points.join("\n"));
        }
    }
    text
}
