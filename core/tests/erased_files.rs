//! After an erasure, the raw files of an SQLite store hold none of the erased words.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test may fail in the shortest way")]

use std::path::Path;

use vivavoce::{CallOptions, Engine, InterviewType, NewInterview, Question, StartSession};

/// Words of each kind of text that an erasure has to find.
const NAME: &str = "Zephyrine Quillfeather";
const RESUME: &str = "bathyscaphe navigator";
const JOB: &str = "lighthouse wickmender";
const POINT: &str = "gyroscope quorum";
const ANSWER: &str = "marmalade interlock";
const EXTERNAL: &str = "candidate-7f3a9c";

const WORDS: [&str; 6] = [NAME, RESUME, JOB, POINT, ANSWER, EXTERNAL];

fn found(folder: &Path, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        // A folded copy counts as well.
        let bytes = bytes.to_ascii_lowercase();
        let word = word.to_ascii_lowercase();
        if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

/// What every read of the interview's words is about: `words` in its plan, `answer` in the candidate's words and all quotes.
fn hold(engine: &Engine, external_id: &str, name: &str, words: [&str; 3], answer: &str) -> vivavoce::InterviewId {
    let [resume, job, point] = words;
    let plan = NewInterview::new(name, InterviewType::Technical)
        .resume(format!("Ten years as a {resume}."))
        .job_description(format!("We look for a {job}."))
        .external_id(external_id)
        .question(
            Question::new("What is a deadlock?")
                .reference_answer("Two threads wait for each other.")
                // The evaluator repeats it in what it says.
                .key_point(point),
        );
    let interview = engine.create_interview(plan).unwrap();
    let session = engine.start_session(interview.id, StartSession::default()).unwrap();
    for number in 0..8 {
        let key = CallOptions::default().idempotency_key(format!("answer {number}"));
        let text = format!("A deadlock, number {number}, is a {answer}: two threads wait for each other's lock.");
        engine.send_message_with(session.id, &text, &key).unwrap();
    }
    engine.end_session(session.id).unwrap();
    interview.id
}

/// What the language model replies has the candidate's words in it, and is kept.
#[cfg(feature = "llm")]
#[test]
fn the_raw_files_hold_no_erased_word_of_a_kept_reply() {
    use vivavoce::{ModelEvaluator, Models, Provider};
    use vivavoce_test_support::{HttpServer, response};

    let server = HttpServer::start(|_, _| {
        let quote = serde_json::json!({"quotes": ["marmalade interlock"], "explanation": "wombat reason", "level": 3});
        let reply = serde_json::json!({
            "ratings": {"c1": quote, "c2": quote, "c3": quote}, "strengths": [], "weaknesses": [], "recommendations": [],
        });
        let choice = serde_json::json!({"message": {"content": reply.to_string()}, "finish_reason": "stop"});
        vec![response(200, &[], serde_json::json!({"choices": [choice]}).to_string())]
    });
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    let models = Models::new().provider(Provider::compatible(&server.url("/v1")).unwrap());
    let evaluator = ModelEvaluator::new("compatible/m".parse().unwrap());
    let engine = Engine::builder().models(models).evaluator(evaluator).open(&url).unwrap();
    let erased = hold(&engine, EXTERNAL, NAME, [RESUME, JOB, POINT], ANSWER);
    assert!(!server.requests().is_empty());
    for word in [ANSWER, "wombat reason"] {
        assert!(!found(folder.path(), word).is_empty(), "{word} is in the files before the erasure");
    }
    engine.erase_interview(erased, "privacy office").unwrap();
    for word in WORDS.into_iter().chain(["wombat reason"]) {
        assert_eq!(found(folder.path(), word), Vec::<String>::new(), "{word}");
    }
}

#[test]
fn the_raw_files_hold_no_erased_word_while_the_engine_is_open_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(&format!("sqlite:{}", folder.path().join("store.db").display())).unwrap();
    let kept = hold(&engine, "somebody else", "Grace", ["pilot", "clerk", "locks"], "a cycle of waiting");
    let erased = hold(&engine, EXTERNAL, NAME, [RESUME, JOB, POINT], ANSWER);
    for word in WORDS {
        assert!(!found(folder.path(), word).is_empty(), "{word} is in the files before the erasure");
    }
    let head = engine.audit_head(erased).unwrap();

    assert_eq!(engine.erase_candidate(EXTERNAL, "privacy office").unwrap(), [erased]);
    for word in WORDS {
        assert_eq!(found(folder.path(), word), Vec::<String>::new(), "{word}");
    }
    assert!(engine.verify_audit(erased, Some(head)).unwrap().is_sound());
    assert!(engine.verify_audit(kept, None).unwrap().is_sound());
    engine.close().unwrap();
    for word in WORDS {
        assert_eq!(found(folder.path(), word), Vec::<String>::new(), "{word}");
    }
    // The other candidate's words are still there.
    assert!(!found(folder.path(), "a cycle of waiting").is_empty());
}

/// What candidates say is for nobody else on the machine to read, whatever the process's mask is.
#[cfg(unix)]
#[test]
fn a_new_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let engine = vivavoce::Engine::open(&format!("sqlite:{}", folder.path().join("a.db").display())).unwrap();
    let plan = vivavoce::NewInterview::new("Ada", vivavoce::InterviewType::General).question("Why?");
    engine.create_interview(plan).unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}
