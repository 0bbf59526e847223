//! From a model's replies to a judgement of one answer: pure, so that what was judged can be judged again from the stored replies.

use super::questions::Subject;
use super::reply::Found;
use crate::domain::{Basis, Missing, Rating};

/// What became of one answer.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Settled {
    pub(super) ratings: Vec<Rating>,
    pub(super) missing: Vec<Missing>,
    pub(super) strengths: Vec<String>,
    pub(super) weaknesses: Vec<String>,
    pub(super) recommendations: Vec<String>,
}

/// What is wrong with a reply, and is told to the model when it is asked again; none where all of it holds.
pub(super) fn problem(found: &Result<Found, String>) -> Option<&str> {
    found.as_ref().map_or_else(|problem| Some(problem.as_str()), Found::problem)
}

/// The judgement of an answer by its replies, in order: the last one that can be read counts; of that, what has quotes that do not hold is left out. `failure` says why
/// there are no more replies, where a further one was wanted.
pub(super) fn settle(subject: &Subject<'_>, read: &[&Result<Found, String>], failure: Option<&str>) -> Settled {
    let last_problem = read.last().and_then(|last| last.as_ref().err());
    let Some(found) = read.iter().rev().find_map(|found| found.as_ref().ok()) else {
        let reason = match (failure, last_problem) {
            (Some(failure), _) => failure.to_owned(),
            (None, Some(problem)) => format!("the model's reply could not be used: {problem}"),
            (None, None) => "the model was not asked".into(),
        };
        let missing = vec![Missing { exchange: number(subject.place), competency: None, reason }];
        return Settled { missing, ..Settled::default() };
    };
    let mut settled = Settled {
        strengths: found.strengths.clone(),
        weaknesses: found.weaknesses.clone(),
        recommendations: found.recommendations.clone(),
        ..Settled::default()
    };
    for (competency, rating) in subject.competencies.iter().zip(&found.ratings) {
        let exchange = number(subject.place);
        match &rating.quotes {
            Ok(quotes) => {
                let mut kept = Rating::new(exchange, &competency.name, rating.score);
                kept.basis = basis(subject);
                kept.quotes.clone_from(quotes);
                kept.reason.clone_from(&rating.reason);
                settled.ratings.push(kept);
            }
            Err(problem) => settled.missing.push(Missing {
                exchange,
                competency: Some(competency.name.clone()),
                reason: match failure {
                    None => format!("the model's evidence does not hold: {problem}"),
                    Some(failure) => {
                        format!("the model's evidence does not hold: {problem}; it could not be asked again: {failure}")
                    }
                },
            }),
        }
    }
    settled
}

/// What the model had to compare with.
fn basis(subject: &Subject<'_>) -> Basis {
    match subject.planned {
        Some(question) if question.reference_answer.as_ref().is_some_and(|it| !it.trim().is_empty()) => {
            Basis::Reference
        }
        Some(question) if !question.key_points.is_empty() => Basis::KeyPoints,
        _ => Basis::Rubric,
    }
}

pub(super) fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
