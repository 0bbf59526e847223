//! What was appended, in order, exactly once.

use std::time::{Duration, Instant};

use vivavoce::{Action, StartSession, Wake};

use crate::{TestStore, begun, begun_with, held, plan};

const POLL: Wake = Wake::Poll(Duration::from_secs(60));

conformance! {
    fn a_session_is_told_in_order(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun_with(&engine, plan().max_answers(2));
        held(&engine, &session);
        let evaluation = engine.end_session(session.id).unwrap();
        let engine = store.reopen(engine);
        let events = engine.events(session.id, 0).unwrap();
        let told: Vec<_> = events.iter().map(|event| (event.number, event.action, event.actor.as_str())).collect();
        assert_eq!(told, [
            (2, Action::SessionStarted, "application"),
            (3, Action::MessageSent, "interviewer"),
            (4, Action::MessageReceived, "candidate"),
            (5, Action::MessageSent, "interviewer"),
            (6, Action::MessageReceived, "candidate"),
            (7, Action::MessageSent, "interviewer"),
            (8, Action::SessionCompleted, "engine"),
            (9, Action::EvaluationRequested, "application"),
            (10, Action::EvaluationCompleted, "evaluator"),
        ]);
        assert!(events.iter().all(|e| e.session_id == Some(session.id) && e.interview_id == interview.id));
        assert!(events[7..].iter().all(|event| event.evaluation_id == Some(evaluation.id)));
        let said: Vec<_> = events.iter().filter_map(|event| event.message.clone()).collect();
        assert_eq!(said, engine.session_exact(session.id).unwrap().messages);
        for after in 0..=10 {
            let rest: Vec<_> = events.iter().filter(|event| event.number > after).cloned().collect();
            assert_eq!(engine.events(session.id, after).unwrap(), rest);
        }
        assert!(engine.events(session.id, u64::MAX).unwrap().is_empty());
    }

    fn sessions_of_one_interview_are_told_apart(store: &TestStore) {
        let engine = store.engine();
        let (interview, a) = begun(&engine);
        let b = engine.start_session(interview.id, StartSession::default()).unwrap();
        for n in 0..3 {
            engine.send_message(a.id, &format!("a{n}")).unwrap();
            engine.send_message(b.id, &format!("b{n}")).unwrap();
        }
        let mut numbers = vec![1];
        for session in [&a, &b] {
            let events = engine.events(session.id, 0).unwrap();
            assert!(events.iter().all(|event| event.session_id == Some(session.id)));
            assert!(events.is_sorted_by(|x, y| x.number < y.number));
            numbers.extend(events.iter().map(|event| event.number));
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=engine.audit_head(interview.id).unwrap().number()).collect::<Vec<_>>());
    }

    fn a_reader_follows_a_writer_exactly_once(store: &TestStore) {
        let engine = store.engine();
        let (_, session) = begun_with(&engine, plan().max_answers(30));
        let seen = std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let (mut seen, mut after) = (Vec::new(), 0);
                while !seen.iter().any(|event: &vivavoce::Event| event.action == Action::SessionCompleted) {
                    let next = engine.next_events(session.id, after, POLL, Duration::from_secs(20)).unwrap();
                    after = next.last().expect("woken, not timed out").number;
                    seen.extend(next);
                }
                seen
            });
            held(&engine, &session);
            reader.join().unwrap()
        });
        assert_eq!(seen, engine.events(session.id, 0).unwrap());
    }

    fn a_waiting_reader_is_woken_at_once(store: &TestStore) {
        let engine = store.engine();
        let (_, session) = begun(&engine);
        let began = Instant::now();
        let next = std::thread::scope(|scope| {
            let reader = scope.spawn(|| engine.next_events(session.id, 3, POLL, Duration::from_secs(30)).unwrap());
            std::thread::sleep(Duration::from_millis(100));
            engine.send_message(session.id, "one").unwrap();
            reader.join().unwrap()
        });
        assert_eq!(next[0].action, Action::MessageReceived);
        assert!(began.elapsed() < Duration::from_secs(15));
    }

    fn a_reader_waits_no_longer_than_it_said(store: &TestStore) {
        let engine = store.engine();
        let (_, session) = begun(&engine);
        let began = Instant::now();
        let wake = Wake::Poll(Duration::from_millis(10));
        assert!(engine.next_events(session.id, 3, wake, Duration::from_millis(60)).unwrap().is_empty());
        assert!(began.elapsed() >= Duration::from_millis(60));
        assert_eq!(engine.next_events(session.id, 0, wake, Duration::ZERO).unwrap().len(), 2);
    }

    fn a_reader_notices_another_engine(store: &TestStore) {
        if !store.persists() {
            return;
        }
        let (a, b) = (store.engine(), store.engine());
        let (_, session) = begun(&a);
        let wake = Wake::Poll(Duration::from_millis(10));
        let next = std::thread::scope(|scope| {
            let reader = scope.spawn(|| b.next_events(session.id, 3, wake, Duration::from_secs(20)).unwrap());
            std::thread::sleep(Duration::from_millis(50));
            a.send_message(session.id, "one").unwrap();
            reader.join().unwrap()
        });
        assert_eq!(next.len(), 2);
    }

    fn a_reader_is_notified_of_another_engine_or_told_that_it_cannot_be(store: &TestStore) {
        let (a, b) = (store.engine(), store.engine());
        let (_, session) = begun(&a);
        if !store.url().starts_with("postgres:") {
            let waited = a.next_events(session.id, 3, Wake::Notify, Duration::from_secs(20));
            return crate::refused(waited, vivavoce::ErrorKind::Unsupported, "use Wake::Poll");
        }
        let mut after = 3;
        for text in ["one", "two", "three"] {
            let next = std::thread::scope(|scope| {
                let reader = scope.spawn(|| b.next_events(session.id, after, Wake::Notify, Duration::MAX).unwrap());
                a.send_message(session.id, text).unwrap();
                reader.join().unwrap()
            });
            assert_eq!(next[0].message.as_ref().unwrap().content, text);
            after = next.last().unwrap().number;
        }
        let began = Instant::now();
        assert!(b.next_events(session.id, after, Wake::Notify, Duration::from_millis(60)).unwrap().is_empty());
        assert!(began.elapsed() >= Duration::from_millis(60));
    }

    fn an_erasure_ends_a_wait(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| engine.next_events(session.id, 3, POLL, Duration::from_secs(30)));
            engine.erase_interview(interview.id, "me").unwrap();
            crate::missing(reader.join().unwrap());
        });
    }

    fn closing_ends_a_wait(store: &TestStore) {
        let engine = store.engine();
        let (_, session) = begun(&engine);
        let waited = std::thread::scope(|scope| {
            let reader = scope.spawn(|| engine.next_events(session.id, 3, POLL, Duration::from_secs(30)));
            std::thread::sleep(Duration::from_millis(100));
            engine.close().unwrap();
            reader.join().unwrap()
        });
        crate::refused(waited, vivavoce::ErrorKind::InvalidState, "closed");
    }
}
