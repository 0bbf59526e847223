//! Several processes at once on one store.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::process::Child;
use std::time::{Duration, Instant};

use vivavoce::{Engine, ErrorKind, InterviewType, ListInterviews, NewInterview, Role, StartSession};
use vivavoce_test_support::{Cluster, PgBouncer};

use crate::{assert_whole, sqlite_url, worker};

/// Lets workers begin together, waits for their good end, and returns what they said.
fn run_together(mut workers: Vec<Child>) -> Vec<String> {
    for worker in &mut workers {
        let mut input = worker.stdin.take().expect("the input is piped");
        input.write_all(b"go\n").expect("the worker reads");
    }
    let end = |mut worker: Child| {
        let mut said = String::new();
        worker.stdout.take().expect("the output is piped").read_to_string(&mut said).expect("the output is text");
        assert!(worker.wait().expect("a child can be waited for").success());
        said.trim().to_owned()
    };
    workers.into_iter().map(end).collect()
}

#[test]
fn the_environment_names_the_store_or_it_is_memory() {
    let directory = tempfile::tempdir().unwrap();
    let cases = [
        (None, "memory"),
        (Some("memory:".to_owned()), "memory"),
        (Some(sqlite_url(&directory.path().join("a.db"))), "sqlite"),
        (Some(Cluster::shared().create_database()), "postgres"),
        (Some(Cluster::shared().create_database().replacen("postgres:", "postgresql:", 1)), "postgres"),
        // What was asked for and is not there is an error, not another store.
        (Some(String::new()), "invalid_input"),
        (Some("mysql://localhost/a".to_owned()), "invalid_input"),
        (Some(sqlite_url(&directory.path().join("no/such/folder.db"))), "storage"),
    ];
    for (url, expected) in cases {
        let mut command = std::process::Command::new(crate::WORKER);
        command.arg("store").env_remove("DATABASE_URL").envs(url.iter().map(|url| ("DATABASE_URL", url)));
        let output = command.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected, "{url:?}");
    }
}

fn ten_open_an_empty_store(url: &str) {
    let made = run_together((0..10).map(|_| worker(&["create", url])).collect());
    let engine = Engine::open(url).unwrap();
    let listed = engine.list_interviews(&ListInterviews { total: true, ..ListInterviews::default() }).unwrap();
    assert_eq!(listed.total, Some(10));
    let listed: HashSet<_> = listed.interviews.iter().map(|interview| interview.id.to_string()).collect();
    assert_eq!(listed, made.into_iter().collect());
}

#[test]
fn ten_processes_open_an_empty_file_at_once() {
    let directory = tempfile::tempdir().unwrap();
    ten_open_an_empty_store(&sqlite_url(&directory.path().join("interviews.db")));
}

#[test]
fn ten_processes_open_an_empty_database_at_once() {
    ten_open_an_empty_store(&Cluster::shared().create_database());
}

/// Several processes, and this one, send to one session.
fn share_a_session(url: &str, processes: usize, count: usize) {
    let engine = Engine::open(url).unwrap();
    let plan = NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlock?").max_answers(1_000);
    let interview = engine.create_interview(plan).unwrap();
    let session = engine.start_session(interview.id, StartSession::default()).unwrap().id;
    let (id, messages) = (session.to_string(), count.to_string());
    let names: Vec<String> = (0..processes).map(|number| format!("process{number}")).collect();
    run_together(names.iter().map(|name| worker(&["share", url, &id, name, &messages])).collect());
    engine.send_message(session, "mine-0").unwrap();
    let session = engine.session_exact(session).unwrap();
    assert_whole(&session);
    let said: Vec<_> =
        session.messages.iter().filter(|it| it.role() == Role::Candidate).map(|it| &it.content).collect();
    let once: HashSet<_> = said.iter().collect();
    assert_eq!((said.len(), once.len()), (processes * count + 1, processes * count + 1));
    for name in &names {
        // Each process's own messages stand in the order in which it sent them.
        let own: Vec<_> = said.iter().filter(|text| text.split('-').next() == Some(name)).collect();
        assert_eq!(
            own,
            (0..count)
                .map(|number| format!("{name}-{number}"))
                .collect::<Vec<_>>()
                .iter()
                .collect::<Vec<_>>()
                .iter()
                .collect::<Vec<_>>()
        );
    }
    assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
}

#[test]
fn processes_share_a_session_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    share_a_session(&sqlite_url(&directory.path().join("interviews.db")), 3, 40);
}

#[test]
fn processes_share_a_session_in_a_database() {
    share_a_session(&Cluster::shared().create_database(), 3, 40);
}

#[test]
fn two_processes_share_a_session_through_a_transaction_pooling_proxy() {
    let cluster = Cluster::shared();
    // Fewer connections than processes, so that each gets what the other had.
    let proxy = PgBouncer::start(cluster, 1);
    share_a_session(&proxy.url(&cluster.new_database()), 2, 100);
}

/// Several processes replace a draft's plan, and one starts a session meanwhile.
fn share_a_draft(url: &str) {
    let engine = Engine::open(url).unwrap();
    for count in [30, 100_000] {
        let plan = NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlock?");
        let draft = engine.create_interview(plan).unwrap().id;
        let id = draft.to_string();
        let names = ["process0", "process1", "process2"];
        let count = count.to_string();
        let mut workers: Vec<Child> = names.iter().map(|name| worker(&["draft", url, &id, name, &count])).collect();
        let begins = count.len() > 2;
        if begins {
            workers.push(worker(&["begin", url, &id]));
        }
        let mut said = run_together(workers);
        let kept = engine.interview(draft).unwrap();
        if begins {
            let session = engine.session_exact(said.pop().unwrap().parse().unwrap()).unwrap();
            let first = &session.messages[0].content;
            assert!(first.contains(&kept.questions[0].text), "{first} by {}", kept.questions[0].text);
        } else {
            assert_eq!(said, [&*count; 3], "all updates are done");
        }
        let updates: u64 = said.iter().map(|said| said.parse::<u64>().unwrap()).sum();
        let report = engine.verify_audit(draft, None).unwrap();
        assert!(report.is_sound() && report.replaced == updates, "{updates} updates, {report:?}");
        assert_eq!(report.checked, 1 + updates + if begins { 2 } else { 0 });
    }
}

#[test]
fn processes_share_a_draft_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    share_a_draft(&sqlite_url(&directory.path().join("interviews.db")));
}

#[test]
fn processes_share_a_draft_in_a_database() {
    share_a_draft(&Cluster::shared().create_database());
}

#[test]
fn a_file_that_another_keeps_locked_is_waited_for_and_then_a_retryable_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("interviews.db");
    let engine = Engine::open(&format!("{}?busy_timeout=1", sqlite_url(&path))).unwrap();
    let plan = || NewInterview::new("Ada", InterviewType::General).question("Why?");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    let error = engine.create_interview(plan()).unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Storage, true), "{error}");
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    // Readers do not wait.
    assert!(engine.list_interviews(&ListInterviews::default()).unwrap().interviews.is_empty());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| engine.create_interview(plan()).unwrap());
        // It is waiting, or about to; it succeeds either way, and fails where it does not wait.
        std::thread::sleep(Duration::from_millis(200));
        other.execute_batch("ROLLBACK").unwrap();
        waiting.join().unwrap();
    });
    assert_eq!(engine.list_interviews(&ListInterviews::default()).unwrap().interviews.len(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn a_handle_that_this_process_closes_does_not_let_another_delete_the_log() {
    use std::os::unix::fs::MetadataExt as _;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("interviews.db");
    let url = sqlite_url(&path);
    let engine = Engine::open(&url).unwrap();
    let plan = || NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlock?");
    engine.create_interview(plan()).unwrap();
    let log = directory.path().join("interviews.db-wal");
    let before = log.metadata().unwrap().ino();
    // Closing any handle of a file lets go of all that the process has locked in it.
    std::fs::copy(&path, directory.path().join("copy.db")).unwrap();
    // Python's SQLite, which is another than ours.
    let look =
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM interviews'); c.close()";
    assert!(std::process::Command::new("python3").args(["-c", look]).arg(&path).status().unwrap().success());
    assert_eq!(log.metadata().map(|log| log.ino()).ok(), Some(before));
    engine.create_interview(plan()).unwrap();
    run_together(vec![worker(&["create", &url])]);
    let list = ListInterviews { total: true, ..ListInterviews::default() };
    assert_eq!(engine.list_interviews(&list).unwrap().total, Some(3));
    engine.close().unwrap();
    assert!(!log.exists(), "the last one deletes it");
}
