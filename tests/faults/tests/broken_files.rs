//! Files that were cut off: an error, or what was there at an earlier moment, but never half of a write.

use std::fs;
use std::path::{Path, PathBuf};

use vivavoce::{Engine, ErrorKind, InterviewId, InterviewType, ListInterviews, NewInterview, Session, StartSession};

use crate::{assert_whole, sqlite_url};

/// The file of a store and its write-ahead log.
struct Files {
    database: Vec<u8>,
    log: Vec<u8>,
    interview: InterviewId,
    session: Session,
}

/// Holds an interview, and copies the files while the log is full or after it was emptied.
fn files(closed: bool) -> Files {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("interviews.db");
    let engine = Engine::open(&sqlite_url(&path)).unwrap();
    let plan = NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlock?").max_answers(1_000);
    let interview = engine.create_interview(plan).unwrap().id;
    let session = engine.start_session(interview, StartSession::default()).unwrap().id;
    for number in 0..30 {
        engine.send_message(session, &format!("{number}: {}", "Two threads wait. ".repeat(20))).unwrap();
    }
    let session = Session::clone(&*engine.session_exact(session).unwrap());
    if closed {
        engine.close().unwrap();
    }
    let log = fs::read(log_of(&path)).unwrap_or_default();
    assert_eq!(log.is_empty(), closed);
    Files { database: fs::read(&path).unwrap(), log, interview, session }
}

fn log_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// Reads everything of a store: what is read is whole and verifies; what cannot be read is a storage error that trying again does not cure.
fn read_everything(path: &Path, files: &Files) -> vivavoce::Result<usize> {
    let engine = Engine::open(&sqlite_url(path))?;
    engine.list_interviews(&ListInterviews { total: true, ..ListInterviews::default() })?;
    let session = engine.session_exact(files.session.id)?;
    assert_whole(&session);
    assert_eq!(session.messages[..], files.session.messages[..session.messages.len()]);
    assert_eq!(session.messages.len() % 2, 1, "half of a turn");
    let report = engine.verify_audit(files.interview, None)?;
    assert!(report.is_sound(), "{report:?}");
    engine.send_message(files.session.id, "What was cut off is not in the way of more.")?;
    engine.close()?;
    Ok(session.messages.len())
}

#[test]
fn a_truncated_file_is_a_storage_error_until_it_is_whole_again() {
    let files = files(true);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("interviews.db");
    let page = 4_096;
    let lengths = (1..files.database.len() / page).flat_map(|pages| [pages * page - 1_000, pages * page]);
    // One of no bytes, or of a single one, is a new file to SQLite.
    for length in [15, 100, 512].into_iter().chain(lengths) {
        let _ = fs::remove_file(log_of(&path));
        fs::write(&path, &files.database[..length]).unwrap();
        let error = read_everything(&path, &files).expect_err("a part of the file is missing");
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Storage, false), "{length}: {error}");
    }
    let _ = fs::remove_file(log_of(&path));
    fs::write(&path, &files.database).unwrap();
    assert_eq!(read_everything(&path, &files).unwrap(), files.session.messages.len());
}

#[test]
fn a_truncated_log_is_an_earlier_moment_and_never_half_of_a_write() {
    let files = files(false);
    let mut seen = std::collections::BTreeSet::new();
    for part in 0..=40 {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("interviews.db");
        fs::write(&path, &files.database).unwrap();
        fs::write(log_of(&path), &files.log[..files.log.len() * part / 40]).unwrap();
        match read_everything(&path, &files) {
            Ok(messages) => drop(seen.insert(messages)),
            // Before the session was there, or the tables.
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{part}: {error}"),
        }
    }
    assert!(seen.len() > 10 && seen.contains(&files.session.messages.len()), "{seen:?}");
}
