//! What happens when a file system is full or read-only. Each runs where `DIRECTORY` is a small file system of this process alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use vivavoce::{Engine, ErrorKind, InterviewId, Role, Session, SessionId, StartSession};
use vivavoce_test_support::{Cluster, ClusterOptions};

use crate::plan;

const THREADS: usize = 8;
/// Enough to fill what is left of the file system.
const MOST: usize = 100_000;

/// A file that fills the file system up to a little.
struct Ballast(PathBuf);

impl Ballast {
    fn put(directory: &Path, left: usize) -> Self {
        let path = directory.join("ballast");
        let free = free_bytes(directory);
        fs::write(&path, vec![1; free.checked_sub(left).expect("there is room")]).expect("there is room");
        Self(path)
    }

    fn remove(self) {
        fs::remove_file(self.0).expect("the ballast is there");
    }
}

fn free_bytes(directory: &Path) -> usize {
    let output =
        Command::new("df").args(["--block-size=1", "--output=avail"]).arg(directory).output().expect("df runs");
    let said = String::from_utf8_lossy(&output.stdout);
    said.lines().nth(1).and_then(|line| line.trim().parse().ok()).expect("df tells the free bytes")
}

/// An interview with a session for each thread.
fn begun(engine: &Engine) -> (InterviewId, Vec<SessionId>) {
    let interview = engine.create_interview(plan("Ada")).expect("an interview is planned");
    let session = |_| engine.start_session(interview.id, StartSession::default()).expect("a session starts").id;
    (interview.id, (0..THREADS).map(session).collect())
}

fn text(thread: usize, number: usize) -> String {
    format!("{thread}-{number} {}", "What holds a lock waits for another. ".repeat(20))
}

/// Sends from all threads until each has failed, and returns how many messages each has sent.
fn send_until_full(engine: &Engine, sessions: &[SessionId]) -> Vec<usize> {
    let failed = AtomicBool::new(false);
    let send = |thread: usize, session: SessionId| {
        for number in 0..MOST {
            if let Err(error) = engine.send_message(session, &text(thread, number)) {
                assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Storage, true), "{error}");
                assert!(error.to_string().contains("disk is full"), "{error}");
                failed.store(true, Ordering::SeqCst);
                return number;
            }
        }
        panic!("the disk takes everything");
    };
    let sent = std::thread::scope(|scope| {
        let threads: Vec<_> =
            sessions.iter().enumerate().map(|(thread, session)| scope.spawn(move || send(thread, *session))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread ends")).collect()
    });
    assert!(failed.load(Ordering::SeqCst));
    sent
}

/// What was acknowledged is there, once, in order, and nothing else is.
fn check(engine: &Engine, interview: InterviewId, sessions: &[SessionId], sent: &[usize]) {
    for (thread, (session, sent)) in sessions.iter().zip(sent).enumerate() {
        let session: &Session = &engine.session_exact(*session).expect("a session is read");
        assert!(session.messages.iter().zip(1..).all(|(message, number)| message.number == number));
        let said = session.messages.iter().filter(|message| message.role() == Role::Candidate);
        let said: Vec<_> = said.map(|message| message.content.clone()).collect();
        assert_eq!(said, (0..*sent).map(|number| text(thread, number)).collect::<Vec<_>>());
    }
    let report = engine.verify_audit(interview, None).expect("the log is read");
    assert!(report.is_sound(), "{report:?}");
}

fn fill_and_free(engine: &Engine, directory: &Path, left: usize) -> (InterviewId, Vec<SessionId>, Vec<usize>) {
    let (interview, sessions) = begun(engine);
    let ballast = Ballast::put(directory, left);
    let mut sent = send_until_full(engine, &sessions);
    assert!(sent.iter().sum::<usize>() > 0, "there was no room at all");
    check(engine, interview, &sessions, &sent);
    // It stays so, and reading goes on.
    for (thread, session) in sessions.iter().enumerate() {
        if engine.send_message(*session, &text(thread, sent[thread])).is_ok() {
            sent[thread] += 1;
        }
    }
    check(engine, interview, &sessions, &sent);
    ballast.remove();
    for (thread, session) in sessions.iter().enumerate() {
        engine.send_message(*session, &text(thread, sent[thread])).expect("there is room again");
        sent[thread] += 1;
    }
    check(engine, interview, &sessions, &sent);
    (interview, sessions, sent)
}

pub(crate) fn full(directory: &str) {
    let directory = Path::new(directory);
    let url = format!("sqlite:{}", directory.join("interviews.db").display());
    let engine = Engine::open(&url).expect("the store opens");
    let (interview, sessions, sent) = fill_and_free(&engine, directory, 400_000);
    engine.close().expect("the engine closes");
    let engine = Engine::open(&url).expect("the store opens again");
    check(&engine, interview, &sessions, &sent);
}

pub(crate) fn full_on_server(directory: &str) {
    let directory = Path::new(directory);
    let cluster = Cluster::start_with(&ClusterOptions { fsync: false, ..ClusterOptions::default() });
    let tablespace = cluster.server_directory(directory, "tablespace");
    cluster.sql("postgres", &format!("CREATE TABLESPACE small LOCATION '{}'", tablespace.display()));
    cluster.sql("postgres", "CREATE DATABASE small TABLESPACE small");
    let engine = Engine::open(&cluster.url("small")).expect("the store opens");
    let (interview, sessions, sent) = fill_and_free(&engine, directory, 400_000);
    engine.close().expect("the engine closes");
    let engine = Engine::open(&cluster.url("small")).expect("the store opens again");
    check(&engine, interview, &sessions, &sent);
}

pub(crate) fn read_only(directory: &str) {
    let url = format!("sqlite:{directory}/interviews.db");
    let remount = |mode: &str| {
        let status = Command::new("mount").args(["-o", &format!("remount,bind,{mode}"), directory]).status();
        assert!(status.expect("mount runs").success(), "the file system cannot be remounted {mode}");
    };
    let engine = Engine::open(&url).expect("the store opens");
    let (interview, sessions) = begun(&engine);
    engine.send_message(sessions[0], &text(0, 0)).expect("a message is sent");
    engine.close().expect("the engine closes");
    remount("ro");
    let error = Engine::open(&url).expect_err("nothing can be written");
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Storage, false), "{error}");
    assert!(error.to_string().contains("read-only"), "{error}");
    remount("rw");
    let engine = Engine::open(&url).expect("the store opens again");
    let mut sent = vec![0; THREADS];
    sent[0] = 1;
    check(&engine, interview, &sessions, &sent);
    engine.send_message(sessions[1], &text(1, 0)).expect("a message is sent");
}
