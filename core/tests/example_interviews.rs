//! The interview files of `examples/interviews` are what they are meant to be: read in full, and with enough answers beside them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vivavoce::{Language, NewInterview};

/// Between two answers of a transcript.
const BETWEEN_ANSWERS: &str = "\n---\n";

fn interview_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/interviews");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

/// Whether `part` says nothing that `whole` does not: a misspelt field would be left out on reading.
fn is_within(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|other| is_within(value, other)))
        }
        (Value::Array(part), Value::Array(whole)) => {
            part.len() == whole.len() && part.iter().zip(whole).all(|(value, other)| is_within(value, other))
        }
        (Value::Number(part), Value::Number(whole)) => part.as_f64() == whole.as_f64(),
        _ => part == whole,
    }
}

#[test]
fn every_file_is_an_interview_and_nothing_in_it_is_ignored() {
    let files = interview_files();
    assert!(files.len() >= 4);
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let plan = NewInterview::from_json(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let read = serde_json::to_value(&plan).unwrap();
        assert!(is_within(&serde_json::from_str(&text).unwrap(), &read), "{}", path.display());
        assert!(plan.questions.iter().all(|question| !question.key_points.is_empty()));
        assert_eq!(plan.interview_language == Language::ZhTw, path.to_string_lossy().contains("zh-TW"));
    }
}

#[test]
fn every_transcript_answers_a_whole_session() {
    for path in interview_files() {
        let plan = NewInterview::from_json(&fs::read_to_string(&path).unwrap()).unwrap();
        let wanted = plan.max_answers.map_or(plan.questions.len().max(8), |answers| answers as usize);
        let transcript = fs::read_to_string(path.with_extension("transcript.txt")).unwrap();
        let answers: Vec<&str> = transcript.split(BETWEEN_ANSWERS).map(str::trim).collect();
        assert_eq!(answers.len(), wanted, "{}", path.display());
        assert!(answers.iter().all(|answer| !answer.is_empty()));
    }
}
