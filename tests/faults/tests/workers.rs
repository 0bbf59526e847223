//! Workers of the queue that are killed while they judge.

use std::io::{BufRead as _, BufReader};

use chrono::{TimeDelta, Utc};
use vivavoce::{Action, CallOptions, CancelToken, Engine, EvaluationStatus, InterviewType, NewInterview, StartSession};
use vivavoce_test_support::Cluster;

use crate::{sqlite_url, worker};

fn a_killed_workers_evaluation_is_taken_over(url: &str) {
    let engine = Engine::open(url).unwrap();
    let plan = NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlock?");
    let interview = engine.create_interview(plan).unwrap();
    let session = engine.start_session(interview.id, StartSession::default()).unwrap();
    engine.send_message(session.id, "Two threads each hold a lock the other needs.").unwrap();
    let asked = engine.end_session_with(session.id, &CallOptions::default().queued()).unwrap();
    assert_eq!(asked.status, EvaluationStatus::Pending);

    let mut killed = worker(&["judge", url]);
    let mut line = String::new();
    BufReader::new(killed.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "judging\n");
    assert_eq!(engine.evaluation(asked.id).unwrap().status, EvaluationStatus::Running);
    // Signal 9.
    killed.kill().unwrap();
    killed.wait().unwrap();

    // A minute later its lease is over.
    let stop = CancelToken::new();
    let later = Engine::builder().clock(|| Utc::now() + TimeDelta::minutes(1)).open(url).unwrap();
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| later.run_worker(&stop).unwrap());
        while !engine.evaluation(asked.id).unwrap().status.is_final() {
            std::thread::yield_now();
        }
        stop.cancel();
        assert_eq!(worker.join().unwrap(), 1);
    });
    let done = engine.evaluation(asked.id).unwrap();
    assert_eq!((done.status, done.score.is_some()), (EvaluationStatus::Completed, true));
    let results =
        engine.events(session.id, 0).unwrap().into_iter().filter(|it| it.action == Action::EvaluationCompleted);
    assert_eq!(results.count(), 1);
    assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
}

#[test]
fn a_killed_workers_evaluation_is_taken_over_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    a_killed_workers_evaluation_is_taken_over(&sqlite_url(&directory.path().join("a.db")));
}

#[test]
fn a_killed_workers_evaluation_is_taken_over_in_a_database() {
    a_killed_workers_evaluation_is_taken_over(&Cluster::shared().create_database());
}
