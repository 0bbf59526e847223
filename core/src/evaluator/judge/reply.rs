//! Reading a model's reply. It is accepted only if all of it validates, and what is wrong is said in our own words, never in those of the reply.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::levels::Levels;
use super::questions::{Subject, key};
use crate::domain::{Quote, limits};
use crate::evaluator::quotes::Spans;

/// Most quotes of a rating, and most strengths, weaknesses or recommendations.
const MOST: usize = 20;
/// Longest explanation or remark, in characters.
const LONGEST: usize = 4_000;

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

/// A JSON value in which a key that is there twice is an error.
enum Node {
    Null,
    Bool,
    Number(serde_json::Number),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Null)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
                Ok(Node::Bool)
            }

            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Number(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Number(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(serde_json::Number::from_f64(value).map_or(Node::Null, Node::Number))
            }

            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Text(value.to_owned()))
            }

            fn visit_string<E>(self, value: String) -> Result<Node, E> {
                Ok(Node::Text(value))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(Node::List(values))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut entries: Vec<(String, Node)> = Vec::new();
                let mut seen = HashSet::new();
                while let Some(key) = map.next_key::<String>()? {
                    if !seen.insert(key.clone()) {
                        return Err(serde::de::Error::custom(TWICE));
                    }
                    entries.push((key, map.next_value()?));
                }
                Ok(Node::Object(entries))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// How a key that is there twice is told from other faults.
const TWICE: &str = "a key is there twice";

/// Reads a reply. Thinking aloud, words before the object, and a fence around it are passed over; nothing but the end of a fence may follow it, so that an object
/// that a model merely repeats is not taken for its judgement.
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

fn object(text: &str) -> Result<Node, String> {
    let text = after_thinking(text.trim_start_matches('\u{feff}'));
    let start = text.find('{').ok_or("it has no JSON object")?;
    let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Node>();
    let node = match values.next() {
        Some(Ok(node)) => node,
        Some(Err(error)) if error.to_string().starts_with(TWICE) => return Err(TWICE.into()),
        Some(Err(error)) if error.is_eof() => return Err("its JSON ends too early".into()),
        Some(Err(error)) => {
            return Err(format!("its JSON is broken at line {}, column {}", error.line(), error.column()));
        }
        None => return Err("it has no JSON object".into()),
    };
    let rest = text[start + values.byte_offset()..].trim();
    match rest.is_empty() || rest == "```" {
        true => Ok(node),
        false => Err("there is text after the JSON object".into()),
    }
}

/// The text after a block in which a model thinks aloud.
fn after_thinking(text: &str) -> &str {
    let text = text.trim_start();
    let thought = text.strip_prefix("<think>").and_then(|text| text.split_once("</think>"));
    thought.map_or(text, |(_, rest)| rest)
}

/// The fields of an object that has exactly these.
struct Fields(Vec<(String, Node)>);

impl Fields {
    fn new(path: &str, node: Node, names: &[&str]) -> Result<Self, String> {
        let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let Node::Object(fields) = node else {
            return Err(if path.is_empty() { "it is no object".into() } else { format!("{path} is no object") });
        };
        if let Some(missing) = names.iter().find(|name| !fields.iter().any(|(known, _)| known == **name)) {
            return Err(format!("{} is missing", at(missing)));
        }
        if fields.len() > names.len() {
            let whose = if path.is_empty() { "the object" } else { path };
            return Err(format!("{whose} has fields that are not in the schema"));
        }
        Ok(Self(fields))
    }

    fn take(&mut self, name: &str) -> Node {
        let place = self.0.iter().position(|(known, _)| known == name);
        place.map_or(Node::Null, |place| self.0.swap_remove(place).1)
    }
}

fn rating(path: &str, node: Node, levels: &Levels<'_>, spans: &Spans<'_>) -> Result<FoundRating, String> {
    let mut fields = Fields::new(path, node, &["quotes", "explanation", "level"])?;
    let highest = levels.highest();
    let out_of_range = || format!("{path}.level is not a whole number from 0 to {highest}");
    let Node::Number(level) = fields.take("level") else { return Err(out_of_range()) };
    let level = level.as_u64().and_then(|level| usize::try_from(level).ok()).ok_or_else(out_of_range)?;
    let score = levels.score(level).ok_or_else(out_of_range)?;
    let reason = text(&format!("{path}.explanation"), fields.take("explanation"))?;
    let wanted = texts(&format!("{path}.quotes"), fields.take("quotes"))?;
    let mut quotes: Vec<Quote> = Vec::with_capacity(wanted.len());
    let mut problem = None;
    for (place, wanted) in wanted.iter().enumerate() {
        match spans.find(wanted) {
            Some(quote) if quotes.contains(&quote) => {}
            Some(quote) => quotes.push(quote),
            None => problem = Some(format!("{path}.quotes[{place}] is not copied from the answer letter by letter")),
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

fn texts(path: &str, node: Node) -> Result<Vec<String>, String> {
    let Node::List(list) = node else { return Err(format!("{path} is no list")) };
    if list.len() > MOST {
        return Err(format!("{path} has more than {MOST} entries"));
    }
    list.into_iter().enumerate().map(|(place, node)| text(&format!("{path}[{place}]"), node)).collect()
}

fn text(path: &str, node: Node) -> Result<String, String> {
    match node {
        Node::Text(text) if limits::optional_text(path, &text, LONGEST).is_ok() => Ok(text),
        Node::Text(_) => Err(format!("{path} is longer than {LONGEST} characters or has a NUL character")),
        Node::Null | Node::Bool | Node::Number(_) | Node::List(_) | Node::Object(_) => {
            Err(format!("{path} is no text"))
        }
    }
}
