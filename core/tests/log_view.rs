//! What any SQL user reads of an SQLite store: `interviews` and `interview_logs`.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test may fail in the shortest way")]

use std::collections::BTreeMap;

use rusqlite::Connection;
use vivavoce::{Engine, InterviewType, NewInterview, StartSession};

#[test]
fn every_answer_is_a_row_with_its_question() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let engine = Engine::open(&format!("sqlite:{}", path.display())).unwrap();
    let plan = NewInterview::new("Ada", InterviewType::Technical).question("What is a \"deadlock\"?").max_answers(2);
    let interview = engine.create_interview(plan).unwrap();
    let session = engine.start_session(interview.id, StartSession::default()).unwrap();
    let probe = engine.send_message(session.id, "Two threads wait for each other.").unwrap().reply;
    engine.send_message(session.id, "Last year, in our ledger.").unwrap();
    engine.evaluate(interview.id, &BTreeMap::from([(0, "Without a session.".to_owned())])).unwrap();

    let sql = Connection::open(&path).unwrap();
    let mut rows = sql
        .prepare("SELECT question, answer, interview_id, created_at FROM interview_logs ORDER BY id & 1048576, id")
        .unwrap();
    let rows: Vec<(String, String, String, String)> = rows
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let said: Vec<_> = rows.iter().map(|row| (row.0.as_str(), row.1.as_str())).collect();
    assert_eq!(
        said,
        [
            ("What is a \"deadlock\"?", "Two threads wait for each other."),
            (probe.content.as_str(), "Last year, in our ledger."),
            ("What is a \"deadlock\"?", "Without a session."),
        ]
    );
    for (_, _, id, time) in &rows {
        assert_eq!(*id, interview.id.to_string());
        assert!(time.ends_with('Z') && time.len() == 27, "{time}");
    }
    let distinct: i64 = sql.query_row("SELECT count(DISTINCT id) FROM interview_logs", [], |row| row.get(0)).unwrap();
    assert_eq!(distinct, 3);
}
