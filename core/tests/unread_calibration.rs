//! A store that cannot read a calibration makes no judgement without it, and no failed one: whoever asked is told, and asks again.
#![cfg(all(feature = "sqlite", feature = "postgres"))]
#![allow(clippy::unwrap_used, reason = "a test may fail in the shortest way")]

use vivavoce::{
    AnswerOptions, Engine, ErrorKind, EvaluationStatus, GradedAnswer, InterviewType, NewInterview, Question,
};
use vivavoce_test_support::Cluster;

fn check(url: &str, sql: impl Fn(&str)) {
    let engine = Engine::open(url).unwrap();
    let question = Question::new("What is a mutex?").reference_answer("A lock that one thread at a time can hold.");
    let graded = vec![GradedAnswer::new(question.clone(), "A lock for one thread.", 0.2); 10];
    engine.calibrate("strict", &graded, &AnswerOptions::default()).unwrap();
    let plan = NewInterview::new("Ada", InterviewType::Technical).question(question).calibration("strict");
    let interview = engine.create_interview(plan.clone()).unwrap();
    let session = engine.start_session(interview.id, Default::default()).unwrap();
    engine.send_message(session.id, "A lock for one thread.").unwrap();

    sql("ALTER TABLE calibrations RENAME TO lost");
    assert_eq!(engine.end_session(session.id).unwrap_err().kind(), ErrorKind::Storage);
    assert_eq!(engine.create_interview(plan).unwrap_err().kind(), ErrorKind::Storage);
    sql("ALTER TABLE lost RENAME TO calibrations");

    let evaluation = engine.end_session(session.id).unwrap();
    assert_eq!((evaluation.status, evaluation.calibration.as_deref()), (EvaluationStatus::Completed, Some("strict@1")));
    assert_eq!(engine.evaluations(interview.id).unwrap(), [evaluation.id]);
}

#[test]
fn sqlite_that_cannot_read_a_calibration_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let sql = |sql: &str| rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    check(&format!("sqlite:{}", path.display()), sql);
}

#[test]
fn postgres_that_cannot_read_a_calibration_is_asked_again() {
    let cluster = Cluster::shared();
    let database = cluster.new_database();
    let sql = |sql: &str| drop(cluster.sql(&database, &format!("SET search_path = vivavoce; {sql}")));
    check(&cluster.url(&database), sql);
}
