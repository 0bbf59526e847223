//! What differs from run to run is taken out of what was told: ids become their order, and times, hashes and cursors become words.

use std::collections::HashMap;

use serde_json::Value;

pub(crate) fn normal(told: Vec<Value>) -> Vec<Value> {
    let mut ids = HashMap::new();
    told.into_iter().map(|value| walk(value, &mut ids)).collect()
}

fn walk(value: Value, ids: &mut HashMap<String, usize>) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(|value| walk(value, ids)).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (String, Value)| {
                let value = match name.as_str() {
                    // How long something took, and where a page ended.
                    "duration_ms" => Value::from(0),
                    "next_cursor" if value.is_string() => "a cursor".into(),
                    _ => walk(value, ids),
                };
                (name, value)
            };
            Value::Object(fields.into_iter().map(field).collect())
        }
        // Numbers are equal where their values are, however they are written.
        Value::Number(number) => number.as_f64().map_or(Value::Number(number), Value::from),
        Value::String(text) => text_of(&text, ids).into(),
        other => other,
    }
}

fn text_of(text: &str, ids: &mut HashMap<String, usize>) -> String {
    if chrono::DateTime::parse_from_rfc3339(text).is_ok() {
        return "a time".to_owned();
    }
    if text.len() >= 32 && text.chars().all(|c| c.is_ascii_hexdigit()) {
        return "a hash".to_owned();
    }
    // Ids stand alone, in messages and in keys.
    let mut said = String::new();
    let mut rest = text;
    while let Some(at) = rest.char_indices().map(|(at, _)| at).find(|at| is_id(&rest[*at..])) {
        let known = ids.len();
        let number = *ids.entry(rest[at..at + 36].to_owned()).or_insert(known);
        said += &format!("{}id {number}", &rest[..at]);
        rest = &rest[at + 36..];
    }
    said + rest
}

fn is_id(text: &str) -> bool {
    text.get(..36).is_some_and(|id| uuid::Uuid::try_parse(id).is_ok())
}
