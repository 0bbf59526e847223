//! Documents that come in.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use crate::error::{Error, Result};

/// How what serde says of a wrong value begins, where it may go on with the value itself.
const REPEATING: [&str; 5] =
    ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant ", "unknown field "];

/// Reads a document of JSON, such as a [`NewInterview`](crate::NewInterview) or the [`Settings`](crate::Settings) of an engine; `what` names it in messages.
///
/// ```
/// use vivavoce::NewInterview;
///
/// let wrong = r#"{"candidate_name": "Ada", "interview_type": "technical", "questoins": []}"#;
/// let error = vivavoce::from_json::<NewInterview>("interview", wrong).unwrap_err();
/// assert!(error.to_string().starts_with("interview has a field that is not known: expected one of `candidate_name`"));
/// ```
///
/// # Errors
/// `invalid_input`, which says where something is wrong and what was expected there, and repeats nothing of the document.
pub fn from_json<T: DeserializeOwned>(what: &str, json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let said = error.to_string();
        let reason = match error.classify() {
            Category::Data => said.rsplit_once(" at line ").map_or(said.as_str(), |(reason, _)| reason),
            // Keys that cannot be read count as syntax.
            _ if serde_json::from_str::<IgnoredAny>(json).is_ok() => {
                return Error::invalid_input(format!("{what} has a wrong key ({place})"));
            }
            _ => return Error::invalid_input(format!("{what} is not JSON ({place})")),
        };
        // What is expected comes from the type, and stands at the end; a field's or variant's own name ends with a backquote before it.
        let begins = if reason.starts_with("unknown ") { "`, expected " } else { ", expected " };
        let expected = reason.rsplit_once(begins).map(|(_, expected)| expected);
        let expected = expected.filter(|_| !reason.ends_with("there are no fields"));
        // What was read as a whole before it was looked at has no place.
        let place = if error.line() == 0 { String::new() } else { format!(" ({place})") };
        let wrong = if reason.starts_with("unknown field ") { "a field that is not known" } else { "a wrong value" };
        Error::invalid_input(match expected {
            _ if !REPEATING.iter().any(|start| reason.starts_with(start)) => format!("{what}: {reason}{place}"),
            Some(expected) => format!("{what} has {wrong}: expected {expected}{place}"),
            None => format!("{what} has {wrong}{place}"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, NewInterview, Question};

    #[test]
    fn an_error_says_where_and_what_was_expected_and_repeats_nothing() {
        for (document, said) in [
            ("", "x is not JSON (line 1, column 0)"),
            ("{", "x is not JSON (line 1, column 1)"),
            ("[1, 2] canary", "x has a wrong value"),
            (r#"{"canary": 1}"#, "x has a field that is not known: expected one of"),
            (r#"{"text": {"canary": 1}}"#, "x has a wrong value: expected a string"),
            (r#"{"text": "canary", "text": "canary, expected canary"}"#, "x: duplicate field `text` (line 1"),
            (r#"{"weight": 1}"#, "x: missing field `text` (line 1, column 13)"),
            (r#"{"text": "a", "weight": "canary, expected one"}"#, "x has a wrong value: expected f64"),
        ] {
            let error = from_json::<Question>("x", document).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().starts_with(said) && !error.to_string().contains("canary"), "{error}");
        }
        let keys = from_json::<std::collections::BTreeMap<u32, String>>("x", r#"{"canary": "y"}"#).unwrap_err();
        assert!(keys.to_string().starts_with("x has a wrong key (line 1"), "{keys}");
        let hidden = r#"{"interviewer": {"kind": "scripted", "a, expected canary": 1}}"#;
        let error = from_json::<crate::Settings>("x", hidden).unwrap_err().to_string();
        assert!(error.starts_with("x has a field that is not known") && !error.contains("canary"), "{error}");
        let hidden = r#"{"interviewer": {"kind": "a`, expected canary"}}"#;
        let error = from_json::<crate::Settings>("x", hidden).unwrap_err().to_string();
        assert!(error.contains("expected `scripted`") && !error.contains("canary"), "{error}");
        let typed = r#"{"candidate_name": "Ada", "interview_type": "canary"}"#;
        let error = from_json::<NewInterview>("x", typed).unwrap_err().to_string();
        assert!(error.contains("expected one of `general`, `technical`, `behavioral`"), "{error}");
    }
}
