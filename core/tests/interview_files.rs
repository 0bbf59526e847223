//! Interview files: those of `examples/interviews` are read in full and have enough answers beside them; any other text is an interview or `invalid_input`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};
use vivavoce::{ErrorKind, InterviewType, Language, NewInterview, Question};

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

/// Any JSON, a little deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("zh-TW")),
        Just(json!("technical")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z_]{1,16}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn is_read_or_refused(text: &str) -> Result<(), TestCaseError> {
    match NewInterview::from_json(text) {
        // What is read is within the limits and comes back.
        Ok(plan) => {
            prop_assert!(plan.check().is_ok());
            let again = serde_json::to_string(&plan).unwrap();
            prop_assert_eq!(NewInterview::from_json(&again).unwrap(), plan);
        }
        Err(error) => {
            prop_assert_eq!(error.kind(), ErrorKind::InvalidInput);
            prop_assert!(!error.to_string().contains("Zaphod"), "{}", error);
        }
    }
    Ok(())
}

/// The names of a file's fields, in the file itself and in a question.
const FIELDS: [&str; 9] = [
    "candidate_name",
    "interview_type",
    "interview_language",
    "questions",
    "job_description",
    "resume",
    "external_id",
    "rubric",
    "max_answers",
];
const QUESTION_FIELDS: [&str; 7] =
    ["text", "competency", "reference_answer", "key_points", "weight", "time_limit", "follow_ups"];

proptest! {
    #[test]
    fn any_text_is_an_interview_or_invalid_input(text in "(\\PC|[{}\\[\\]:,\"]){0,200}") {
        is_read_or_refused(&text)?;
    }

    #[test]
    fn any_value_in_any_field_is_read_or_refused(
        field in proptest::sample::select(&FIELDS[..]),
        of_question in proptest::option::of(proptest::sample::select(&QUESTION_FIELDS[..])),
        value in any_json(),
        cut in proptest::option::of(0.0_f64..1.0),
    ) {
        let mut file = json!({
            "candidate_name": "Zaphod",
            "interview_type": "technical",
            "questions": ["Why?", {"text": "How, Zaphod?", "key_points": ["so"]}],
        });
        match of_question {
            Some(field) => file["questions"][1][field] = value,
            None => file[field] = value,
        }
        let text = file.to_string();
        let length = cut.map_or(text.len(), |part| (text.len() as f64 * part) as usize);
        let length = (0..=length).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        is_read_or_refused(&text[..length])?;
    }

    #[test]
    fn a_plan_that_was_written_is_read_back(
        name in "\\PC{1,60}[a-z]",
        texts in proptest::collection::vec("\\PC{0,60}[a-z]", 1..6),
        weight in 0.001_f64..100.0,
        max_answers in proptest::option::of(1_u32..1_000),
    ) {
        let mut plan = NewInterview::new(name, InterviewType::Behavioral).language(Language::ZhTw);
        for text in &texts {
            plan = plan.question(Question::new(text).weight(weight).reference_answer(text).key_point(text));
        }
        plan.max_answers = max_answers;
        prop_assert!(plan.check().is_ok());
        prop_assert_eq!(NewInterview::from_json(&serde_json::to_string(&plan).unwrap()).unwrap(), plan);
    }
}
