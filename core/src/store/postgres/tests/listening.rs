use std::thread;
use std::time::{Duration, Instant};

use super::*;

const LONG: Duration = Duration::from_secs(20);

/// Waits as the engine does: reads, and waits where there is nothing.
fn next_event(store: &PostgresStore, session: SessionId, after: u64) -> Option<crate::Event> {
    let deadline = Instant::now() + LONG;
    while Instant::now() < deadline {
        if let Some(event) = store.events(&tenant(), session, after, 1).unwrap().into_iter().next() {
            return Some(event);
        }
        store.wait_for_notification(&tenant(), session, deadline - Instant::now()).unwrap();
    }
    None
}

#[test]
fn a_reader_is_woken_by_another_process_at_once() {
    let url = Cluster::shared().create_database();
    let (reader, writer) = (PostgresStore::open(&url).unwrap(), PostgresStore::open(&url).unwrap());
    let (_, session) = begun(&writer);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut after = 3;
                    let mut times = Vec::new();
                    while times.len() < 10 {
                        after = next_event(&reader, session.id, after).expect("an event in time").number;
                        times.push(Instant::now());
                    }
                    times
                })
            })
            .collect();
        let mut session = Arc::clone(&session);
        for _ in 0..5 {
            thread::sleep(Duration::from_millis(150));
            let step = answer(&session, "hello");
            session = Arc::clone(&step.session);
            writer.step_session(step).unwrap();
        }
        let end = Instant::now();
        for reader in readers {
            let last = *reader.join().unwrap().last().unwrap();
            assert!(last < end + Duration::from_millis(500), "{:?} late", last - end);
        }
    });
}

#[test]
fn no_event_is_slept_through() {
    let url = Cluster::shared().create_database();
    let (reader, writer) = (PostgresStore::open(&url).unwrap(), PostgresStore::open(&url).unwrap());
    let (_, session) = begun(&writer);
    let started = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut session = Arc::clone(&session);
            for _ in 0..300 {
                let step = answer(&session, "hello");
                session = Arc::clone(&step.session);
                writer.step_session(step).unwrap();
            }
        });
        let mut after = 3;
        for _ in 0..600 {
            after = next_event(&reader, session.id, after).expect("an event in time").number;
        }
    });
    assert!(started.elapsed() < LONG);
}

#[test]
fn waiting_without_news_takes_the_time_and_closing_ends_it() {
    let store = store();
    let (_, session) = begun(&store);
    let wait = |timeout| {
        let started = Instant::now();
        store.events(&tenant(), session.id, 3, 1).unwrap();
        store.wait_for_notification(&tenant(), session.id, timeout).map(|()| started.elapsed())
    };
    // The first return is early: what was written before is not known.
    wait(LONG).unwrap();
    assert!(wait(Duration::from_millis(300)).unwrap() >= Duration::from_millis(300));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| wait(LONG));
        thread::sleep(Duration::from_millis(100));
        store.close().unwrap();
        assert!(waiting.join().unwrap().unwrap() < LONG / 2);
    });
    let closed = store.wait_for_notification(&tenant(), session.id, LONG);
    assert_eq!(closed.unwrap_err().kind(), crate::ErrorKind::InvalidState);
}
