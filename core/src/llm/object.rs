//! Reading the JSON object that a model was asked for, strictly. What is wrong is said in our own words, never in those of the reply.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::domain::limits;

/// Most entries of a list.
const MOST: usize = 20;
/// Longest text, in characters.
const LONGEST: usize = 4_000;

/// A JSON value in which a key that is there twice is an error.
pub(crate) enum Node {
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

/// The object in a reply. Thinking aloud, words before the object, and a fence around it are passed over; nothing but the end of a fence may follow it, so that an
/// object that a model merely repeats is not taken for its reply.
pub(crate) fn object(text: &str) -> Result<Node, String> {
    let text = text.trim_start_matches('\u{feff}');
    let text = spoken(text).unwrap_or(text);
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

/// The text after a block in which a model thinks aloud; while a text comes in, none where it may still be such a block.
pub(crate) fn spoken(text: &str) -> Option<&str> {
    const OPEN: &str = "<think>";
    let text = text.trim_start();
    match text.strip_prefix(OPEN) {
        Some(thought) => thought.split_once("</think>").map(|(_, rest)| rest.trim_start()),
        None => (!OPEN.starts_with(text)).then_some(text),
    }
}

/// The fields of an object that has exactly these.
pub(crate) struct Fields(Vec<(String, Node)>);

impl Fields {
    pub(crate) fn new(path: &str, node: Node, names: &[&str]) -> Result<Self, String> {
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

    pub(crate) fn take(&mut self, name: &str) -> Node {
        let place = self.0.iter().position(|(known, _)| known == name);
        place.map_or(Node::Null, |place| self.0.swap_remove(place).1)
    }
}

/// A list of texts, at most 20.
pub(crate) fn texts(path: impl fmt::Display, node: Node) -> Result<Vec<String>, String> {
    let Node::List(list) = node else { return Err(format!("{path} is no list")) };
    if list.len() > MOST {
        return Err(format!("{path} has more than {MOST} entries"));
    }
    list.into_iter().enumerate().map(|(place, node)| text(format_args!("{path}[{place}]"), node)).collect()
}

/// A text of at most 4,000 characters, without NUL.
pub(crate) fn text(path: impl fmt::Display, node: Node) -> Result<String, String> {
    match node {
        Node::Text(text) if limits::optional_text("", &text, LONGEST).is_ok() => Ok(text),
        Node::Text(_) => Err(format!("{path} is longer than {LONGEST} characters or has a NUL character")),
        Node::Null | Node::Bool | Node::Number(_) | Node::List(_) | Node::Object(_) => {
            Err(format!("{path} is no text"))
        }
    }
}
