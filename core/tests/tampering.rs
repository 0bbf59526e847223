//! Whoever changes, removes or reorders what an audit log speaks of behind the library's back is found, and the first entry is named.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test may fail in the shortest way")]

use rusqlite::Connection;
use vivavoce::{Engine, InterviewType, NewInterview, StartSession};

/// One interview's log: 1 created, 2 started, 3 greeting, then an answer and its reply each: 4/5, 6/7, 8/9; 10 completed, 11 requested, 12 judged.
const EVENTS: u64 = 12;

#[test]
fn the_first_changed_missing_or_reordered_event_is_named() {
    // Entries 3 to 9 are messages, the others are events.
    let move_entry = |from: u64, to: u64| {
        format!("UPDATE messages SET entry = (entry & ~1048575) | {to} WHERE entry & 1048575 = {from};")
    };
    let swap = [move_entry(6, 900), move_entry(7, 6), move_entry(900, 7)].concat();
    // What is done to the tables, which event is named with a head from before, and which without one.
    let cases = [
        ("SELECT 1", None, None),
        ("UPDATE messages SET content = content || '!' WHERE kind = 'answer' AND key & 1048575 = 4", Some(6), Some(6)),
        ("UPDATE messages SET created_at = created_at + 1 WHERE entry & 1048575 = 5", Some(5), Some(5)),
        ("UPDATE messages SET kind = 'answer' WHERE entry & 1048575 = 7", Some(7), Some(7)),
        ("UPDATE messages SET question = 5 WHERE entry & 1048575 = 7", Some(7), Some(7)),
        ("DELETE FROM messages WHERE key & 1048575 = 5", Some(7), Some(7)),
        ("UPDATE interviews SET questions = replace(questions, 'deadlock', 'livelock')", Some(1), Some(1)),
        ("UPDATE sessions SET session_language = 'zh-TW'", Some(2), Some(2)),
        ("UPDATE evaluations SET document = replace(document, 'score', 'Score')", Some(12), Some(12)),
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
    ];
    for (sql, with_head, without_head) in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let engine = Engine::open(&format!("sqlite:{}", path.display())).unwrap();
        let plan = NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlock?").max_answers(4);
        let interview = engine.create_interview(plan).unwrap();
        let session = engine.start_session(interview.id, StartSession::default()).unwrap();
        for answer in ["Two threads wait for each other.", "Each holds a lock.", "Neither lets go."] {
            engine.send_message(session.id, answer).unwrap();
        }
        engine.end_session(session.id).unwrap();
        let head = engine.audit_head(interview.id).unwrap();
        assert_eq!(head.number(), EVENTS);

        Connection::open(&path).unwrap().execute_batch(sql).unwrap();

        let report = engine.verify_audit(interview.id, Some(head)).unwrap();
        assert_eq!(report.first_bad, with_head, "{sql}: {report:?}");
        assert!(report.tail_checked);
        let report = engine.verify_audit(interview.id, None).unwrap();
        assert_eq!(report.first_bad, without_head, "{sql}: {report:?}");
        assert!(!report.tail_checked);
    }
}
