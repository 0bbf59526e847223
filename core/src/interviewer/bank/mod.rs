//! The built-in bank of questions, and what is taken from it.
//!
//! A file for each type of interview. An entry has the words of job descriptions and résumés that it suits (the first names its subject), the levels that it is fair for,
//! the competency of the standard rubric that it shows, and the question in each language.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::{InterviewType, Language, Question, QuestionRequest, Rubric, Seniority};
use crate::error::{Error, Result};

/// How many of an entry's words count, in a job description and in a résumé each: a text that repeats itself should not decide everything.
const MOST_MATCHES: usize = 3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    topics: Vec<String>,
    levels: Vec<Seniority>,
    competency: String,
    words: BTreeMap<Language, Words>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    text: String,
    reference_answer: String,
    key_points: Vec<String>,
}

fn entries(interview_type: InterviewType) -> Result<Vec<Entry>> {
    let file = match interview_type {
        InterviewType::General => include_str!("general.json"),
        InterviewType::Technical => include_str!("technical.json"),
        InterviewType::Behavioral => include_str!("behavioral.json"),
    };
    serde_json::from_str(file).map_err(|error| Error::internal(format!("the bank of questions is broken: {error}")))
}

/// Takes the wanted questions from the bank; the same for the same request.
///
/// The competencies come in the proportions of the rubric's weights. Of each, those are taken first that are fair for the level and on a subject that was not had, and among
/// them those that suit the job most, then the candidate's résumé.
pub(super) fn select(request: &QuestionRequest, rubric: &Rubric) -> Result<Vec<Question>> {
    let job = Text::new(request.job_description.as_deref());
    let resume = Text::new(request.resume.as_deref());
    let mut left: Vec<(usize, Entry)> = entries(request.interview_type)?
        .into_iter()
        .map(|entry| (2 * job.matches(&entry.topics) + resume.matches(&entry.topics), entry))
        .collect();
    let mut taken: Vec<Entry> = Vec::new();
    while taken.len() < request.count as usize {
        let is_fair = |entry: &Entry| entry.levels.contains(&request.level);
        let is_new = |entry: &Entry| !taken.iter().any(|it| it.topics.first() == entry.topics.first());
        let rank = |entry: &Entry| (is_fair(entry), is_new(entry));
        let Some(best) = left.iter().map(|(_, entry)| rank(entry)).max() else {
            return Err(Error::internal("the bank has fewer questions than a request may want"));
        };
        // How far a competency is behind its share.
        let total: f64 = rubric.competencies.iter().map(|it| it.weight).sum();
        let behind = |name: &str| {
            let weight = rubric.competencies.iter().find(|it| it.name == name).map_or(0.0, |it| it.weight);
            let had = taken.iter().filter(|it| it.competency == name).count();
            weight / total * (taken.len() + 1) as f64 - had as f64
        };
        let (place, _) = left
            .iter()
            .enumerate()
            .filter(|(_, (_, entry))| rank(entry) == best)
            .max_by(|(a, (suits_a, one)), (b, (suits_b, other))| {
                let by_share = behind(&one.competency).total_cmp(&behind(&other.competency));
                by_share.then_with(|| (suits_a, Reverse(a)).cmp(&(suits_b, Reverse(b))))
            })
            .ok_or_else(|| Error::internal("the best of the bank is not in it"))?;
        taken.push(left.remove(place).1);
    }
    taken.into_iter().map(|entry| question(entry, request.language)).collect()
}

fn question(mut entry: Entry, language: Language) -> Result<Question> {
    let words = entry.words.remove(&language);
    let words = words.ok_or_else(|| Error::internal("a question of the bank is not there in every language"))?;
    let mut question = Question::new(words.text).competency(entry.competency).reference_answer(words.reference_answer);
    question.key_points = words.key_points;
    Ok(question)
}

/// A text in which words are looked for.
struct Text(String);

impl Text {
    fn new(text: Option<&str>) -> Self {
        Self(text.unwrap_or_default().to_lowercase())
    }

    /// How many of these are there, at most [`MOST_MATCHES`].
    fn matches(&self, topics: &[String]) -> usize {
        topics.iter().filter(|topic| self.has(topic)).take(MOST_MATCHES).count()
    }

    /// Whether a topic is there: letters of the Latin alphabet as whole words, also in the plural.
    fn has(&self, topic: &str) -> bool {
        self.0.match_indices(topic).any(|(at, _)| {
            let (before, after) = (&self.0[..at], &self.0[at + topic.len()..]);
            let after = after.strip_prefix('s').unwrap_or(after);
            let bounded = |outside: Option<char>, inside: Option<char>| {
                !(outside.is_some_and(is_of_word) && inside.is_some_and(is_of_word))
            };
            bounded(before.chars().next_back(), topic.chars().next())
                && bounded(after.chars().next(), topic.chars().next_back())
        })
    }
}

/// Whether a character makes one word with its neighbours. Chinese characters do not: they stand without spaces.
fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() && character < '\u{2e80}'
}

#[cfg(test)]
mod tests;
