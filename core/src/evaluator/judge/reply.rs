//! Reading a model's reply. It is accepted only if all of it validates, and what is wrong is said in our own words, never in those of the reply.

use super::levels::Levels;
use super::questions::{Subject, key};
use crate::domain::Quote;
use crate::evaluator::quotes::Spans;
use crate::llm::{Fields, Node, object, text, texts};

/// What a reply says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// In the order of the subject's competencies.
    pub(super) ratings: Vec<FoundRating>,
    pub(super) strengths: Vec<String>,
    pub(super) weaknesses: Vec<String>,
    pub(super) recommendations: Vec<String>,
}

/// What a reply says of one competency.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FoundRating {
    pub(super) score: f64,
    pub(super) reason: String,
    /// Exact spans of the answer; or what is wrong with them.
    pub(super) quotes: Result<Vec<Quote>, String>,
}

impl Found {
    /// What is wrong with the first quotes that do not hold.
    pub(super) fn problem(&self) -> Option<&str> {
        self.ratings.iter().find_map(|rating| rating.quotes.as_ref().err().map(String::as_str))
    }
}

/// Reads a reply.
pub(super) fn read(text: &str, subject: &Subject<'_>) -> Result<Found, String> {
    let root = object(text)?;
    let mut fields = Fields::new("", root, &["ratings", "strengths", "weaknesses", "recommendations"])?;
    let ratings = fields.take("ratings");
    let strengths = remarks("strengths", fields.take("strengths"))?;
    let weaknesses = remarks("weaknesses", fields.take("weaknesses"))?;
    let recommendations = remarks("recommendations", fields.take("recommendations"))?;
    let keys: Vec<String> = (0..subject.competencies.len()).map(key).collect();
    let names: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut fields = Fields::new("ratings", ratings, &names)?;
    let spans = Spans::new(&subject.exchange.answer);
    let mut found = Vec::with_capacity(keys.len());
    for (name, competency) in keys.iter().zip(&subject.competencies) {
        found.push(rating(&format!("ratings.{name}"), fields.take(name), &Levels::of(competency), &spans)?);
    }
    Ok(Found { ratings: found, strengths, weaknesses, recommendations })
}

fn rating(path: &str, node: Node, levels: &Levels<'_>, spans: &Spans<'_>) -> Result<FoundRating, String> {
    let mut fields = Fields::new(path, node, &["quotes", "explanation", "level"])?;
    let highest = levels.highest();
    let out_of_range = || format!("{path}.level is not a whole number from 0 to {highest}");
    let Node::Number(level) = fields.take("level") else { return Err(out_of_range()) };
    let level = level.as_u64().and_then(|level| usize::try_from(level).ok()).ok_or_else(out_of_range)?;
    let score = levels.score(level).ok_or_else(out_of_range)?;
    let reason = text(format_args!("{path}.explanation"), fields.take("explanation"))?;
    let wanted = texts(format_args!("{path}.quotes"), fields.take("quotes"))?;
    let mut quotes: Vec<Quote> = Vec::with_capacity(wanted.len());
    let mut problem = None;
    for (place, wanted) in wanted.iter().enumerate() {
        match spans.find(wanted) {
            Some(quote) if quotes.contains(&quote) => {}
            Some(quote) => quotes.push(quote),
            None => {
                problem = Some(format!(
                    "{path}.quotes[{place}] is not copied from the answer letter by letter, in whole words"
                ))
            }
        }
    }
    if score > 0.0 && quotes.is_empty() {
        problem = problem.or_else(|| Some(format!("{path} has a level above 0 and no quote")));
    }
    // What shows nothing has nothing to be shown by.
    let quotes = match problem {
        _ if score == 0.0 => Ok(Vec::new()),
        Some(problem) => Err(problem),
        None => Ok(quotes),
    };
    Ok(FoundRating { score, reason, quotes })
}

fn remarks(path: &str, node: Node) -> Result<Vec<String>, String> {
    let mut remarks: Vec<String> = texts(path, node)?.iter().map(|remark| remark.trim().to_owned()).collect();
    remarks.retain(|remark| !remark.is_empty());
    Ok(remarks)
}
