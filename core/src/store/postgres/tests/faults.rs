use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::ErrorKind;
use vivavoce_test_support::{ClusterOptions, TcpProxy};

fn through(proxy: &TcpProxy, database: &str, parameters: &str) -> PostgresStore {
    PostgresStore::open(&format!("postgres://postgres@127.0.0.1:{}/{database}?{parameters}", proxy.port())).unwrap()
}

#[test]
fn a_lost_reply_to_a_commit_is_found_out() {
    let cluster = Cluster::shared();
    let proxy = TcpProxy::start(cluster.port());
    let store = through(&proxy, &cluster.new_database(), "sslmode=disable");
    let interview = interview("Ada");
    proxy.lose_next_reply();
    assert_eq!(store.create_interview(creation(&interview, Some(claim("a")))).unwrap(), Written::Done);
    let start = beginning(&interview, Some(claim("b")));
    let mut session = Arc::clone(&start.session);
    proxy.lose_next_reply();
    assert_eq!(store.start_session(start).unwrap(), Written::Done);
    for keyed in [false, true] {
        let mut step = answer(&session, "hello");
        step.key = keyed.then(|| (claim("c"), message_result(&step)));
        session = Arc::clone(&step.session);
        proxy.lose_next_reply();
        assert_eq!(store.step_session(step.clone()).unwrap(), Written::Done);
        assert_ne!(store.step_session(step).unwrap(), Written::Done);
    }
    let step = completion(&session);
    proxy.lose_next_reply();
    assert_eq!(store.step_session(step.clone()).unwrap(), Written::Done);
    proxy.lose_next_reply();
    assert_eq!(store.save_evaluation(result(step.evaluation.as_ref().unwrap())).unwrap(), Written::Done);
    let session = store.session(&tenant(), session.id).unwrap().unwrap();
    assert_eq!(session, step.session);
    assert_eq!(verify(&store, interview.id).checked, 12);
    proxy.lose_next_reply();
    assert_eq!(store.erase_interview(erasure(interview.id)).unwrap(), Written::Done);
    assert!(verify(&store, interview.id).is_sound());
}

#[test]
fn a_lost_reply_loses_no_job_and_gives_nothing_back_twice() {
    let cluster = Cluster::shared();
    let proxy = TcpProxy::start(cluster.port());
    let store = through(&proxy, &cluster.new_database(), "sslmode=disable");
    let (interview, session) = begun(&store);
    let step = completion(&session);
    let id = step.evaluation.as_ref().unwrap().evaluation.id;
    store.step_session(step.clone()).unwrap();
    let at = now();
    let lease = |byte| Lease { token: [byte; 16], until: at + chrono::TimeDelta::minutes(1) };
    let job = |attempts| Some(Job { tenant: tenant(), evaluation_id: id, attempts });
    let losing = || proxy.lose_next_reply();
    losing();
    assert_eq!(store.lease_next(at, lease(1)).unwrap(), job(1));
    losing();
    assert!(store.renew_lease(id, lease(1)).unwrap());
    losing();
    assert!(store.release_job(id, [1; 16], at, true).unwrap());
    losing();
    assert_eq!(store.lease_evaluation(&tenant(), id, at, lease(2)).unwrap(), Leased::Yours);
    let mut save = result(step.evaluation.as_ref().unwrap());
    save.write.lease = Some(lease(2));
    losing();
    assert_eq!(store.save_evaluation(save.clone()).unwrap(), Written::Done);
    assert_eq!(store.save_evaluation(save).unwrap(), Written::Stale);
    assert_eq!(store.lease_next(at, lease(3)).unwrap(), None);
    let reply = KeepReply {
        tenant: tenant(),
        interview_id: interview.id,
        key: [7; 32],
        time: at,
        reply: "words".into(),
        not_before: at,
        most_bytes: 9,
    };
    losing();
    assert_eq!(store.keep_reply(reply.clone()).unwrap(), Written::Done);
    assert_eq!(store.keep_reply(KeepReply { key: [8; 32], reply: "four".into(), ..reply }).unwrap(), Written::Done);
    assert!(store.kept_reply(&[7; 32], at).unwrap().is_some(), "it was counted once");
    let reservation =
        Reservation { scope: "s".into(), period: at, tokens: 10, nanos: 10, most_tokens: Some(100), most_nanos: None };
    assert!(store.reserve(reservation).unwrap());
    losing();
    store.settle("s", at, 3, 4).unwrap();
    assert_eq!(store.spent("s", at).unwrap(), (7, 6));
    assert!(verify(&store, interview.id).is_sound());
}

#[test]
fn a_lost_reply_does_not_hide_another_writer() {
    let cluster = Cluster::shared();
    let proxy = TcpProxy::start(cluster.port());
    let store = through(&proxy, &cluster.new_database(), "sslmode=disable");
    let (_, session) = begun(&store);
    assert_eq!(store.step_session(answer(&session, "theirs")).unwrap(), Written::Done);
    proxy.lose_next_reply();
    assert_eq!(store.step_session(answer(&session, "ours")).unwrap(), Written::Stale);
}

#[test]
fn idle_connections_that_were_closed_are_replaced_unnoticed() {
    let cluster = Cluster::shared();
    let proxy = TcpProxy::start(cluster.port());
    let store = through(&proxy, &cluster.new_database(), "prepared=yes");
    let (_, mut session) = begun(&store);
    for _ in 0..3 {
        proxy.cut();
        let step = answer(&session, "hello");
        session = Arc::clone(&step.session);
        assert_eq!(store.step_session(step).unwrap(), Written::Done);
    }
}

#[test]
fn an_unreachable_server_is_a_retryable_error_within_seconds() {
    let cluster = Cluster::shared();
    let proxy = TcpProxy::start(cluster.port());
    let store = through(&proxy, &cluster.new_database(), "connect_timeout=1");
    let (interview, session) = begun(&store);
    proxy.refuse(true);
    proxy.cut();
    for _ in 0..2 {
        let started = Instant::now();
        let error = store.step_session(answer(&session, "hello")).unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Storage, true), "{error}");
        assert!(started.elapsed() < Duration::from_secs(8));
    }
    proxy.refuse(false);
    proxy.hang(true);
    let error = store.interview(&tenant(), interview.id).unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Storage, true), "{error}");
    proxy.hang(false);
    assert_eq!(store.step_session(answer(&session, "hello")).unwrap(), Written::Done);
}

#[test]
fn a_server_that_restarts_costs_no_acknowledged_write() {
    let cluster = Cluster::start();
    let store = PostgresStore::open(&cluster.create_database()).unwrap();
    let (interview, session) = begun(&store);
    let acknowledged = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let deadline = Instant::now() + Duration::from_secs(6);
            let (mut session, mut sure) = (Arc::clone(&session), true);
            while Instant::now() < deadline {
                let step = answer(&session, "hello");
                match store.step_session(step.clone()) {
                    Ok(Written::Done) => {
                        sure = true;
                        session = Arc::clone(&step.session);
                    }
                    // Only after an error may a write have been made that nobody heard of.
                    Ok(written) => {
                        assert!(!sure && written == Written::Stale, "{written:?}");
                        session = store.session(&tenant(), session.id).unwrap().unwrap();
                    }
                    Err(error) => {
                        assert!(error.is_retryable(), "{error:?}");
                        sure = false;
                    }
                }
            }
            session
        });
        for _ in 0..2 {
            thread::sleep(Duration::from_millis(700));
            cluster.stop_immediate();
            thread::sleep(Duration::from_millis(300));
            cluster.restart();
            thread::sleep(Duration::from_millis(700));
            cluster.stop_fast();
            cluster.restart();
        }
        writer.join().unwrap()
    });
    let kept = store.session(&tenant(), session.id).unwrap().unwrap();
    assert!(kept.version >= acknowledged.version);
    assert_eq!(kept.messages[..acknowledged.messages.len()], acknowledged.messages[..]);
    assert!(acknowledged.version > 20, "{}", acknowledged.version);
    let report = verify(&store, interview.id);
    assert!(report.is_sound(), "{report:?}");
}

#[test]
fn a_pool_that_is_in_use_is_waited_for() {
    let store = PostgresStore::open(&format!("{}?pool=1", Cluster::shared().create_database())).unwrap();
    let (_, session) = begun(&store);
    thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| assert!(store.session(&tenant(), session.id).unwrap().is_some()));
        }
    });
}

#[test]
fn a_standby_that_is_promoted_in_time_is_waited_for() {
    let cluster = Cluster::start_with(&ClusterOptions { fsync: false, ..ClusterOptions::default() });
    let read_only = |on: bool| {
        cluster.sql("postgres", &format!("ALTER SYSTEM SET default_transaction_read_only = {on}"));
        cluster.sql("postgres", "SELECT pg_reload_conf()");
        let deadline = Instant::now() + Duration::from_secs(20);
        while cluster.sql("postgres", "SHOW default_transaction_read_only") != if on { "on" } else { "off" } {
            assert!(Instant::now() < deadline, "the server does not read its configuration");
            thread::sleep(Duration::from_millis(10));
        }
    };
    let store = PostgresStore::open(&cluster.create_database()).unwrap();
    let (interview, session) = begun(&store);
    read_only(true);
    let error = store.step_session(answer(&session, "too early")).unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Storage, true), "{error}");
    assert!(store.session(&tenant(), session.id).unwrap().is_some());
    thread::scope(|scope| {
        let step = scope.spawn(|| store.step_session(answer(&session, "in time")).unwrap());
        thread::sleep(Duration::from_millis(500));
        cluster.sql("postgres", "ALTER SYSTEM RESET default_transaction_read_only");
        cluster.sql("postgres", "SELECT pg_reload_conf()");
        assert_eq!(step.join().unwrap(), Written::Done);
    });
    assert!(verify(&store, interview.id).is_sound());
}

#[test]
fn no_error_repeats_what_was_written() {
    let cluster = Cluster::shared();
    let database = cluster.new_database();
    let store = PostgresStore::open(&cluster.url(&database)).unwrap();
    let (_, session) = begun(&store);
    cluster.sql(&database, "ALTER TABLE vivavoce.messages ADD CONSTRAINT short CHECK (length(content) < 60)");
    let step = answer(&session, &"my secret words ".repeat(10));
    let error = store.step_session(step).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("secret"), "{error:?}");
    assert_eq!(store.session_version(&tenant(), session.id).unwrap(), Some(1));
}
