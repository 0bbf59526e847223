//! What is SQLite's own, and enough of the trait to build on; the conformance suite of all stores is the engine's.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;

use super::SqliteStore;
use crate::audit::{EventDraft, Recorder};
use crate::domain::canonical::sha256;
use crate::domain::{
    Action, Interview, InterviewId, InterviewType, Language, Message, MessageId, MessageKind, NewInterview, Session,
    SessionId, SessionStatus,
};
use crate::error::ErrorKind;
use crate::store::url::{Durability, SqlitePlace, SqliteUrl};
use crate::store::{
    CreateInterview, EraseInterview, KeyClaim, ListInterviews, SessionStep, StartSession, Store, Tenant, Written,
};

fn url(place: SqlitePlace) -> SqliteUrl {
    SqliteUrl { place, durability: Durability::Normal, busy_timeout: Duration::from_secs(5) }
}

fn tenant() -> Tenant {
    "t".into()
}

fn creation(number: u64) -> CreateInterview {
    let at = DateTime::from_timestamp_micros(1_760_000_000_000_000 + number as i64 * 1_000_001).unwrap();
    let mut entropy = [0; 10];
    entropy[2..].copy_from_slice(&number.to_be_bytes());
    let plan = NewInterview::new(format!("Zebulon {number}"), InterviewType::General).question("Why?").external_id("x");
    let interview = Arc::new(plan.into_interview(InterviewId::new(at, entropy), at));
    let recorder = Recorder { interview_id: interview.id, session_id: None, time: at };
    let events = vec![recorder.interview_created(&interview, [1; 16]).unwrap()];
    CreateInterview { tenant: tenant(), interview, events, key: None }
}

/// Adds a message to a session, and returns its entry.
fn say(session: &mut Session, words: &str) -> EventDraft {
    let number = session.messages.len() as u32 + 1;
    let message = Message {
        content: words.into(),
        created_at: session.created_at,
        id: MessageId::new(session.created_at, [number as u8; 10]),
        kind: MessageKind::Question,
        number,
        origin: None,
        question: Some(0),
    };
    let recorder =
        Recorder { interview_id: session.interview_id, session_id: Some(session.id), time: session.created_at };
    let entry = recorder.message(&message, [number as u8; 16]).unwrap();
    session.messages.push(Arc::new(message));
    session.version = number.into();
    entry
}

fn beginning(interview: &Interview) -> StartSession {
    let at = interview.created_at;
    let mut session = Session {
        id: SessionId::new(at, [3; 10]),
        interview_id: interview.id,
        session_language: Language::En,
        status: SessionStatus::Active,
        version: 1,
        messages: Vec::new(),
        started_at: at,
        created_at: at,
        updated_at: at,
        ended_at: None,
    };
    let recorder = Recorder { interview_id: interview.id, session_id: Some(session.id), time: at };
    let mut events = vec![recorder.session_started(&session, [2; 16]).unwrap()];
    events.push(say(&mut session, "Hello."));
    StartSession { tenant: tenant(), draft: None, session: Arc::new(session), events, key: None }
}

#[test]
fn an_interview_is_kept_stepped_and_erased() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.db");
    for place in [SqlitePlace::File(path.clone()), SqlitePlace::Memory] {
        let store = SqliteStore::open(&url(place)).unwrap();
        let create = creation(1);
        let interview = Arc::clone(&create.interview);
        assert_eq!(store.create_interview(create.clone()).unwrap(), Written::Done);
        assert_eq!(store.create_interview(create).unwrap_err().kind(), ErrorKind::Conflict);
        assert_eq!(store.interview(&tenant(), interview.id).unwrap().unwrap(), interview);
        assert!(store.interview(&"other".into(), interview.id).unwrap().is_none());
        let start = beginning(&interview);
        let mut session = Session::clone(&start.session);
        assert_eq!(store.start_session(start).unwrap(), Written::Done);
        let entry = say(&mut session, "And then?");
        let key = KeyClaim { scope: sha256(&[b"s"]), request: sha256(&[b"r"]) };
        let result = crate::store::KeyResult::Session(session.id);
        let step = SessionStep {
            tenant: tenant(),
            from_version: 1,
            session: Arc::new(session.clone()),
            added: 1,
            evaluation: None,
            events: vec![entry],
            key: Some((key, result)),
        };
        assert_eq!(store.step_session(step.clone()).unwrap(), Written::Done);
        assert!(matches!(store.step_session(step.clone()).unwrap(), Written::KeyTaken(_)));
        assert_eq!(store.step_session(SessionStep { key: None, ..step }).unwrap(), Written::Stale);
        assert_eq!(*store.session(&tenant(), session.id).unwrap().unwrap(), session);
        let recorder = Recorder { interview_id: interview.id, session_id: None, time: interview.created_at };
        let event = recorder.plain(Action::InterviewErased, "application", [4; 16]).unwrap();
        let erase = EraseInterview {
            tenant: tenant(),
            interview_id: interview.id,
            draft: None,
            time: interview.created_at,
            event,
        };
        assert_eq!(store.erase_interview(erase.clone()).unwrap(), Written::Done);
        assert_eq!(store.erase_interview(erase).unwrap(), Written::Done);
        assert!(store.session(&tenant(), session.id).unwrap().is_none());
        assert_eq!(store.key(&key.scope).unwrap().unwrap().request, None);
        assert_eq!(store.audit_page(&tenant(), interview.id, 0, 10).unwrap().len(), 5);
        store.close().unwrap();
        assert_eq!(store.health().unwrap_err().kind(), ErrorKind::InvalidState);
    }
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(7).any(|window| window.eq_ignore_ascii_case(b"zebulon")));
}

#[test]
fn sixteen_threads_share_commits_and_lists_are_paged() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&url(SqlitePlace::File(directory.path().join("a.db")))).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let store = &store;
            scope.spawn(move || {
                for number in 0..20 {
                    store.create_interview(creation(thread * 20 + number)).unwrap();
                }
            });
        }
    });
    for sort_by in [crate::SortBy::Date, crate::SortBy::Name, crate::SortBy::Status] {
        let mut list = ListInterviews { limit: 100, sort_by, total: true, ..ListInterviews::default() };
        list.candidate_name = Some("zebulon".into());
        let mut seen = std::collections::HashSet::new();
        loop {
            let (rows, total) = store.list_interviews(&tenant(), &list.resolve().unwrap()).unwrap();
            let page = list.page(rows, total);
            assert_eq!(page.total, Some(320));
            seen.extend(page.interviews.iter().map(|interview| interview.id));
            let Some(next) = page.next_cursor else { break };
            list.paging = crate::Paging::Cursor(next);
        }
        assert_eq!(seen.len(), 320);
    }
    let copy = SqliteStore::open(&url(SqlitePlace::Memory)).unwrap();
    for bundle in store.export(None, 1000).unwrap() {
        copy.import(bundle.clone()).unwrap();
        copy.import(bundle).unwrap();
    }
    assert_eq!(copy.export(None, 1000).unwrap().len(), 320);
    let backup = directory.path().join("b.db");
    store.backup(&backup).unwrap();
    assert_eq!(store.backup(&backup).unwrap_err().kind(), ErrorKind::InvalidInput);
    SqliteStore::open(&url(SqlitePlace::File(backup))).unwrap();
}

#[test]
fn a_panic_is_one_callers_own_and_other_files_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.db");
    let store = SqliteStore::open(&url(SqlitePlace::File(path.clone()))).unwrap();
    assert_eq!(store.writer.write(|_| panic!("on purpose")).unwrap_err().kind(), ErrorKind::Internal);
    store.create_interview(creation(1)).unwrap();
    store.close().unwrap();
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refused = SqliteStore::open(&url(SqlitePlace::File(path))).err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    let text = directory.path().join("text");
    std::fs::write(&text, "not a database, but long enough to be looked at".repeat(100)).unwrap();
    let refused = SqliteStore::open(&url(SqlitePlace::File(text))).err().unwrap();
    assert_eq!((refused.kind(), refused.is_retryable()), (ErrorKind::Storage, false));
}

/// Queues writes while another uses the connection, so that they share a transaction.
fn shared_transaction(store: &SqliteStore, jobs: Vec<super::writer::Job>) -> Vec<crate::Result<Written>> {
    let (begin, may_end) = std::sync::mpsc::channel::<()>();
    let (has_begun, begun) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let busy = scope.spawn(move || {
            let hold = |_: &rusqlite::Connection| {
                has_begun.send(()).unwrap();
                may_end.recv().unwrap();
                Ok(())
            };
            store.writer.with(hold).unwrap();
        });
        begun.recv().unwrap();
        let mut results = Vec::new();
        for job in jobs {
            // One after the other, so that their order is known; the first of them leads, and waits for the connection.
            let before = store.writer.queued();
            results.push(scope.spawn(move || store.writer.write(job)));
            while store.writer.queued() == before {
                std::thread::yield_now();
            }
        }
        begin.send(()).unwrap();
        busy.join().unwrap();
        results.into_iter().map(|result| result.join().unwrap()).collect()
    })
}

fn insert(key: i64) -> impl Fn(&rusqlite::Connection) -> super::error::Outcome<()> {
    move |connection| {
        let text = "INSERT INTO idempotency_keys (scope, interview, result, result_id) VALUES (?1, ?2, 'x', x'00')";
        connection.execute(text, rusqlite::params![key.to_be_bytes(), key])?;
        Ok(())
    }
}

fn inserted(store: &SqliteStore) -> Vec<i64> {
    store
        .read(|connection| {
            let text = "SELECT interview FROM idempotency_keys ORDER BY interview";
            super::read::all(connection, text, [], |row| Ok(row.get(0)?))
        })
        .unwrap()
}

#[test]
fn a_failure_among_writes_that_share_a_commit_is_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&url(SqlitePlace::File(directory.path().join("a.db")))).unwrap();
    // Each writes a row before it fails, so that it has something to undo; the first of them has no savepoint.
    let job = |key: i64, end: fn() -> super::error::Outcome<Written>| -> super::writer::Job {
        Box::new(move |connection| {
            insert(key)(connection)?;
            end()
        })
    };
    let fail = || Err(crate::Error::new(ErrorKind::NotFound, "not there").into());
    for first in [0, 10] {
        let results = shared_transaction(
            &store,
            vec![
                job(first + 1, fail),
                job(first + 2, || Ok(Written::Done)),
                job(first + 3, fail),
                job(first + 4, || panic!("on purpose")),
                job(first + 5, || Ok(Written::Stale)),
                job(first + 2, || Ok(Written::Done)),
                job(first + 6, || Ok(Written::Done)),
            ],
        );
        let kinds: Vec<_> = results.iter().map(|result| result.as_ref().map_err(crate::Error::kind).copied()).collect();
        assert_eq!(
            kinds,
            [
                Err(ErrorKind::NotFound),
                Ok(Written::Done),
                Err(ErrorKind::NotFound),
                Err(ErrorKind::Internal),
                Ok(Written::Stale),
                Err(ErrorKind::Conflict),
                Ok(Written::Done),
            ]
        );
    }
    assert_eq!(inserted(&store), [2, 6, 12, 16]);
}

#[test]
fn a_commit_that_fails_fails_all_that_share_it_and_the_next_one_works() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&url(SqlitePlace::File(directory.path().join("a.db")))).unwrap();
    let good = |key: i64| -> super::writer::Job {
        Box::new(move |connection| {
            insert(key)(connection)?;
            Ok(Written::Done)
        })
    };
    // A reference to nothing that is looked at only when the transaction is committed.
    let bad: super::writer::Job = Box::new(|connection| {
        connection.pragma_update(None, "defer_foreign_keys", true)?;
        connection.execute("INSERT INTO audit_heads (interview, number, link) VALUES (77, 0, x'00')", [])?;
        Ok(Written::Done)
    });
    let results = shared_transaction(&store, vec![good(1), bad, good(2)]);
    assert!(results.iter().all(Result::is_err), "{results:?}");
    assert_eq!(inserted(&store), Vec::<i64>::new());
    assert_eq!(store.writer.write(good(3)).unwrap(), Written::Done);
    assert_eq!(inserted(&store), [3]);
}
