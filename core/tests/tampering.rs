//! Whoever changes, removes or reorders what an audit log speaks of behind the library's back is found, and the first entry is named.
#![cfg(all(feature = "sqlite", feature = "postgres"))]
#![allow(clippy::unwrap_used, reason = "a test may fail in the shortest way")]

use rusqlite::Connection;
use vivavoce::{Engine, InterviewType, NewInterview, Override, StartSession};
use vivavoce_test_support::Cluster;

/// One interview's log: 1 created, 2 started, 3 greeting, then an answer and its reply each: 4/5, 6/7, 8/9; 10 completed, 11 requested, 12 judged, 13 overridden.
const EVENTS: u64 = 13;

/// What is done to the tables, which entry is named with a head from before, and which without one.
type Case<'a> = (&'a str, Option<u64>, Option<u64>);

fn check(url: &str, (sql, with_head, without_head): Case<'_>, tamper: impl FnOnce(&str)) {
    let engine = Engine::open(url).unwrap();
    let plan = NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlock?").max_answers(4);
    let interview = engine.create_interview(plan).unwrap();
    let session = engine.start_session(interview.id, StartSession::default()).unwrap();
    for answer in ["Two threads wait for each other.", "Each holds a lock.", "Neither lets go."] {
        engine.send_message(session.id, answer).unwrap();
    }
    let made = engine.end_session(session.id).unwrap();
    engine.override_score(made.id, Override::new(0.5, "J. Smith", "Heard it.")).unwrap();
    let head = engine.audit_head(interview.id).unwrap();
    assert_eq!(head.number(), EVENTS);

    tamper(sql);

    let report = engine.verify_audit(interview.id, Some(head)).unwrap();
    assert_eq!(report.first_bad, with_head, "{sql}: {report:?}");
    assert!(report.tail_checked);
    let report = engine.verify_audit(interview.id, None).unwrap();
    assert_eq!(report.first_bad, without_head, "{sql}: {report:?}");
    assert!(!report.tail_checked);
}

#[test]
fn the_first_changed_missing_or_reordered_entry_is_named_on_sqlite() {
    // Entries 3 to 9 are messages, the others are events.
    let move_entry = |from: u64, to: u64| {
        format!("UPDATE messages SET entry = (entry & ~1048575) | {to} WHERE entry & 1048575 = {from};")
    };
    let swap = [move_entry(6, 900), move_entry(7, 6), move_entry(900, 7)].concat();
    let cases: [Case<'_>; 22] = [
        ("SELECT 1", None, None),
        ("UPDATE messages SET content = content || '!' WHERE kind = 'answer' AND key & 1048575 = 4", Some(6), Some(6)),
        ("UPDATE messages SET created_at = created_at + 1 WHERE entry & 1048575 = 5", Some(5), Some(5)),
        ("UPDATE messages SET kind = 'answer' WHERE entry & 1048575 = 7", Some(7), Some(7)),
        ("UPDATE messages SET origin = 'model' WHERE entry & 1048575 = 7", Some(7), Some(7)),
        ("UPDATE messages SET question = 5 WHERE entry & 1048575 = 7", Some(7), Some(7)),
        ("DELETE FROM messages WHERE key & 1048575 = 5", Some(7), Some(7)),
        ("UPDATE interviews SET questions = replace(questions, 'deadlock', 'livelock')", Some(1), Some(1)),
        ("UPDATE interviews SET calibration = 'mild@1'", Some(1), Some(1)),
        ("UPDATE sessions SET session_language = 'zh-TW'", Some(2), Some(2)),
        ("UPDATE evaluations SET document = replace(document, 'score', 'Score')", Some(12), Some(12)),
        ("UPDATE evaluations SET document = replace(document, 'J. Smith', 'J. Smyth')", Some(13), Some(13)),
        ("UPDATE events SET actor = 'somebody' WHERE key & 1048575 = 11", Some(11), Some(11)),
        ("UPDATE events SET time = time + 1 WHERE key & 1048575 = 2", Some(2), Some(2)),
        ("UPDATE messages SET link = randomblob(32) WHERE entry & 1048575 = 9", Some(9), Some(9)),
        ("UPDATE events SET salt = NULL WHERE key & 1048575 = 10", Some(10), Some(10)),
        ("UPDATE messages SET salt = randomblob(16) WHERE entry & 1048575 = 4", Some(4), Some(4)),
        ("DELETE FROM events WHERE key & 1048575 = 2", Some(2), Some(2)),
        (&swap, Some(6), Some(6)),
        ("DELETE FROM events WHERE key & 1048575 > 9", Some(10), Some(10)),
        // A tail that is cut with care is seen with a head only.
        (
            "DELETE FROM events WHERE key & 1048575 > 9;
             UPDATE audit_heads SET number = 9, link = (SELECT link FROM messages WHERE entry & 1048575 = 9)",
            Some(10),
            None,
        ),
        // That it was erased does not hide what was changed: no entry says so.
        (
            "UPDATE interviews SET erased_at = '2026-01-01T00:00:00.000000Z', candidate_name = '', questions = '[]';
             UPDATE events SET salt = NULL",
            Some(1),
            Some(1),
        ),
    ];
    for case in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let tamper = |sql: &str| Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        check(&format!("sqlite:{}", path.display()), case, tamper);
    }
}

#[test]
fn the_first_changed_missing_or_reordered_entry_is_named_on_postgres() {
    let cases: [Case<'_>; 17] = [
        ("SELECT 1", None, None),
        ("UPDATE messages SET content = content || '!' WHERE number = 4", Some(6), Some(6)),
        ("UPDATE messages SET created_at = created_at + interval '1 microsecond' WHERE number = 3", Some(5), Some(5)),
        ("DELETE FROM messages WHERE number = 5", Some(7), Some(7)),
        ("UPDATE messages SET origin = 'model' WHERE number = 5", Some(7), Some(7)),
        ("UPDATE interviews SET questions = replace(questions, 'deadlock', 'livelock')", Some(1), Some(1)),
        ("UPDATE interviews SET calibration = 'mild@1'", Some(1), Some(1)),
        ("UPDATE sessions SET session_language = 'zh-TW'", Some(2), Some(2)),
        ("UPDATE evaluations SET document = replace(document, 'score', 'Score')", Some(12), Some(12)),
        ("UPDATE evaluations SET document = replace(document, 'J. Smith', 'J. Smyth')", Some(13), Some(13)),
        ("UPDATE events SET actor = 'somebody' WHERE number = 8", Some(8), Some(8)),
        ("UPDATE events SET link = sha256('x') WHERE number = 9", Some(9), Some(9)),
        ("UPDATE events SET salt = NULL WHERE number = 4", Some(4), Some(4)),
        ("DELETE FROM events WHERE number = 3", Some(3), Some(3)),
        (
            "UPDATE events SET number = 900 WHERE number = 6; UPDATE events SET number = 6 WHERE number = 7;
             UPDATE events SET number = 7 WHERE number = 900",
            Some(6),
            Some(6),
        ),
        (
            "DELETE FROM events WHERE number > 9;
             UPDATE audit_heads SET number = 9, links = ARRAY[(SELECT link FROM events WHERE number = 9)]",
            Some(10),
            None,
        ),
        // Whoever removes the salts and says that this was an erasure may otherwise change any word.
        (
            "UPDATE events SET salt = NULL; UPDATE audit_heads SET erased = true;
             UPDATE messages SET content = 'never said' WHERE number = 2",
            Some(1),
            Some(1),
        ),
    ];
    let cluster = Cluster::shared();
    for case in cases {
        let database = cluster.new_database();
        let tamper = |sql: &str| drop(cluster.sql(&database, &format!("SET search_path = vivavoce; {sql}")));
        check(&cluster.url(&database), case, tamper);
    }
}

/// A log of 1 created, 2 and 3 updated, 4 started, 5 greeting.
fn check_replaced(url: &str, (sql, first_bad): (&str, Option<u64>), tamper: impl FnOnce(&str)) {
    let engine = Engine::open(url).unwrap();
    let plan = |text: &str| NewInterview::new("Ada", InterviewType::Technical).question(text);
    let interview = engine.create_interview(plan("What is a lock?")).unwrap();
    let draft = engine.audit_head(interview.id).unwrap();
    for text in ["What is a livelock?", "What is a deadlock?"] {
        engine.update_interview(interview.id, plan(text)).unwrap();
    }
    engine.start_session(interview.id, StartSession::default()).unwrap();
    let head = engine.audit_head(interview.id).unwrap();
    tamper(sql);
    for head in [Some(head), Some(draft), None] {
        let report = engine.verify_audit(interview.id, head).unwrap();
        assert_eq!(report.first_bad, first_bad, "{sql}: {report:?}");
    }
}

#[test]
fn what_is_left_of_a_replaced_plan_and_the_plan_that_replaced_it_are_checked_on_sqlite() {
    for case in [
        ("SELECT 1", None),
        ("UPDATE interviews SET questions = replace(questions, 'deadlock', 'lock')", Some(3)),
        ("UPDATE interviews SET created_at = '2026-01-01T00:00:00.000000Z'", Some(3)),
        ("UPDATE events SET time = time - 1 WHERE key & 1048575 = 1", Some(1)),
        ("UPDATE events SET time = time + 60000000 WHERE key & 1048575 = 2", Some(2)),
        ("UPDATE events SET actor = 'somebody' WHERE key & 1048575 = 1", Some(1)),
        ("UPDATE events SET action = 'interview_created' WHERE key & 1048575 = 2", Some(2)),
        ("UPDATE events SET subject = 'nothing' WHERE key & 1048575 = 3", Some(2)),
        ("UPDATE events SET link = randomblob(32) WHERE key & 1048575 = 2", Some(2)),
        ("DELETE FROM events WHERE key & 1048575 = 2", Some(1)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let tamper = |sql: &str| Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        check_replaced(&format!("sqlite:{}", path.display()), case, tamper);
    }
}

#[test]
fn what_is_left_of_a_replaced_plan_and_the_plan_that_replaced_it_are_checked_on_postgres() {
    let cluster = Cluster::shared();
    for case in [
        ("SELECT 1", None),
        ("UPDATE interviews SET questions = replace(questions, 'deadlock', 'lock')", Some(3)),
        ("UPDATE events SET time = time - interval '1 microsecond' WHERE number = 1", Some(1)),
        ("UPDATE events SET time = time + interval '1 minute' WHERE number = 2", Some(2)),
        ("UPDATE events SET actor = 'somebody' WHERE number = 2", Some(2)),
        ("UPDATE events SET action = 'interview_created' WHERE number = 2", Some(2)),
        ("UPDATE events SET subject = 'nothing' WHERE number = 3", Some(2)),
        ("DELETE FROM events WHERE number = 2", Some(1)),
    ] {
        let database = cluster.new_database();
        let tamper = |sql: &str| drop(cluster.sql(&database, &format!("SET search_path = vivavoce; {sql}")));
        check_replaced(&cluster.url(&database), case, tamper);
    }
}
