//! A database that another keeps waiting: whoever waits for it can stop, and nothing of what it asked for is done twice or half.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use vivavoce::{CallOptions, CancelToken, Engine, ErrorKind, ListInterviews, StartSession};
use vivavoce_test_support::{Cluster, TcpProxy};

use crate::{TestStore, begun, key, plan};

/// No wait of these tests takes as long where the caller can stop it.
const MUCH_LONGER: Duration = Duration::from_secs(60);
const PROMPTLY: Duration = Duration::from_secs(20);

/// A store that keeps its callers waiting from one call of it to the next.
enum Blocked {
    Sqlite { store: TestStore, file: String, holder: Option<rusqlite::Connection> },
    Locked { database: String, holder: Option<thread::JoinHandle<()>> },
    Silent { proxy: TcpProxy, database: String },
}

impl Blocked {
    fn all() -> [Self; 3] {
        let cluster = Cluster::shared();
        let store = TestStore::sqlite_file();
        let file = store.url().trim_start_matches("sqlite:").to_owned();
        [
            Self::Sqlite { store, file, holder: None },
            Self::Locked { database: cluster.new_database(), holder: None },
            Self::Silent { proxy: TcpProxy::start(cluster.port()), database: cluster.new_database() },
        ]
    }

    fn engine(&self) -> Engine {
        let url = match self {
            Self::Sqlite { store, .. } => format!("{}?busy_timeout={}", store.url(), MUCH_LONGER.as_secs()),
            Self::Locked { database, .. } => Cluster::shared().url(database),
            Self::Silent { proxy, database } => {
                format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", proxy.port())
            }
        };
        Engine::open(&url).unwrap()
    }

    fn block(&mut self) {
        match self {
            Self::Sqlite { file, holder, .. } => {
                let connection = rusqlite::Connection::open(file).unwrap();
                connection.execute_batch("BEGIN IMMEDIATE").unwrap();
                *holder = Some(connection);
            }
            Self::Locked { database, holder } => {
                let own = database.clone();
                *holder = Some(thread::spawn(move || {
                    let lock = "BEGIN; LOCK TABLE vivavoce.interviews, vivavoce.sessions; SELECT pg_sleep(600)";
                    // Ended from outside, it answers with an error.
                    drop(std::panic::catch_unwind(|| Cluster::shared().sql(&own, lock)));
                }));
                let asleep = "SELECT count(*) FROM pg_locks JOIN pg_class c ON c.oid = relation \
                              WHERE mode = 'AccessExclusiveLock' AND granted AND relname = 'sessions'";
                while Cluster::shared().sql(database, asleep) != "1" {}
            }
            Self::Silent { proxy, .. } => proxy.hang(true),
        }
    }

    fn unblock(&mut self) {
        match self {
            Self::Sqlite { holder, .. } => drop(holder.take()),
            Self::Locked { database, holder } => {
                let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                           WHERE datname = current_database() AND query LIKE 'BEGIN; LOCK TABLE%'";
                Cluster::shared().sql(database, end);
                holder.take().unwrap().join().unwrap();
            }
            Self::Silent { proxy, .. } => {
                proxy.hang(false);
                proxy.cut();
            }
        }
    }
}

/// A token that is cancelled by the first who waits and asks: the call is then known to wait.
fn when_waiting() -> (CancelToken, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    // Asked once when the call begins.
    (CancelToken::new().or_when(Arc::new(move || count.fetch_add(1, Ordering::SeqCst) > 0)), asked)
}

fn over<T: std::fmt::Debug>(began: Instant, result: vivavoce::Result<T>) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Timeout, true), "{error}");
    assert!(began.elapsed() < PROMPTLY, "{error}");
}

#[test]
fn a_call_that_is_cancelled_or_late_stops_waiting_for_the_database_and_can_be_made_again() {
    for mut store in Blocked::all() {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        store.block();
        let began = Instant::now();
        let late = key("late").timeout(Duration::from_millis(150));
        over(began, engine.create_interview_with(plan(), &late));
        assert!(began.elapsed() >= Duration::from_millis(150));
        over(began, engine.send_message_with(session.id, "hello", &late));
        let (token, asked) = when_waiting();
        over(began, engine.start_session_with(interview.id, StartSession::default(), &key("start").cancel(&token)));
        assert!(asked.load(Ordering::SeqCst) > 1);
        let (token, _) = when_waiting();
        over(began, engine.cancelled_by(&token).erase_interview(interview.id, "J. Smith"));
        store.unblock();
        let made = engine.create_interview_with(plan(), &key("late")).unwrap();
        assert_eq!(engine.create_interview_with(plan(), &key("late")).unwrap(), made);
        if engine.interview(interview.id).is_ok() {
            let turn = engine.send_message_with(session.id, "hello", &key("late")).unwrap();
            assert_eq!(turn.message.number, 2);
            let started = engine.start_session_with(interview.id, StartSession::default(), &key("start")).unwrap();
            assert_eq!(engine.sessions(interview.id).unwrap(), [session.id, started.id]);
        }
        assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
        let all = engine.list_interviews(&ListInterviews::default()).unwrap().interviews;
        assert!(all.iter().filter(|listed| listed.id != interview.id).eq([&made]), "{all:?}");
        engine.close().unwrap();
    }
}

#[test]
fn a_read_that_is_cancelled_stops_waiting_for_a_server() {
    for mut store in Blocked::all().into_iter().skip(1) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        store.block();
        let began = Instant::now();
        let cancelled = || engine.cancelled_by(&when_waiting().0);
        over(began, cancelled().interview(interview.id));
        over(began, cancelled().session_exact(session.id));
        over(began, cancelled().list_interviews(&ListInterviews::default()));
        over(began, cancelled().sessions(interview.id));
        store.unblock();
        assert_eq!(engine.interview(interview.id).unwrap().id, interview.id);
    }
}

#[test]
fn a_connection_whose_statement_was_stopped_is_used_no_more() {
    let database = Cluster::shared().new_database();
    let mut store = Blocked::Locked { database: database.clone(), holder: None };
    let engine = store.engine();
    let (interview, _) = begun(&engine);
    store.block();
    let waits =
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' LIMIT 1";
    let (stopped, of) = (Arc::new(Mutex::new(String::new())), database.clone());
    let found = Arc::clone(&stopped);
    let token = CancelToken::new().or_when(Arc::new(move || {
        let mut found = found.lock().unwrap();
        if found.is_empty() {
            found.clone_from(&Cluster::shared().sql(&of, waits));
        }
        !found.is_empty()
    }));
    let began = Instant::now();
    over(began, engine.cancelled_by(&token).interview(interview.id));
    store.unblock();
    assert_eq!(engine.interview(interview.id).unwrap().id, interview.id);
    let there = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {}", stopped.lock().unwrap());
    while Cluster::shared().sql(&database, &there) != "0" {
        assert!(began.elapsed() < PROMPTLY, "it is still there");
    }
}

#[test]
fn one_of_many_writers_who_wait_for_a_file_may_leave_whether_it_leads_or_not() {
    let mut stores = Blocked::all();
    let store = &mut stores[0];
    let engine = store.engine();
    store.block();
    thread::scope(|scope| {
        let (leaves, left) = mpsc::channel();
        let writer = |name: String, token: Option<CancelToken>| {
            let (engine, leaves) = (engine.clone(), leaves.clone());
            let options = CallOptions::default().cancel(&token.unwrap_or_default());
            scope.spawn(move || {
                let result =
                    engine.create_interview_with(vivavoce::NewInterview { candidate_name: name, ..plan() }, &options);
                if result.is_err() {
                    leaves.send(()).unwrap();
                }
                result
            })
        };
        // The first leads; the others wait behind it.
        let impatient: Vec<_> = (0..4).map(|n| writer(format!("leaves {n}"), Some(when_waiting().0))).collect();
        let patient: Vec<_> = (0..4).map(|n| writer(format!("stays {n}"), None)).collect();
        for _ in &impatient {
            left.recv_timeout(PROMPTLY).unwrap();
        }
        store.unblock();
        impatient.into_iter().for_each(|call| assert_eq!(call.join().unwrap().unwrap_err().kind(), ErrorKind::Timeout));
        patient.into_iter().for_each(|call| drop(call.join().unwrap().unwrap()));
    });
    let all = engine.list_interviews(&ListInterviews::default()).unwrap().interviews;
    let mut names: Vec<_> = all.iter().map(|interview| interview.candidate_name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["stays 0", "stays 1", "stays 2", "stays 3"]);
}
