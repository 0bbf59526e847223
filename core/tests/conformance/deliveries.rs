//! Subscriptions: what happens is handed over at least once, whichever process it happened in, and whoever dies.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use vivavoce::{
    Action, CallOptions, CancelToken, Delivery, Engine, Error, ErrorKind, InterviewId, NewInterview, Result,
};

use crate::{Clock, TestStore, answers, begun, held, missing, plan, refused};

const OF_EVALUATIONS: [Action; 2] = [Action::EvaluationRequested, Action::EvaluationCompleted];

/// Delivers until so many were tried.
fn tried(engine: &Engine, name: &str, count: usize, outcome: impl Fn(&Delivery) -> Result<()>) -> Vec<Delivery> {
    let stop = CancelToken::new();
    let mut tried = Vec::new();
    let mut left = count;
    engine
        .run_deliveries(name, &stop, |delivery| {
            tried.push(delivery.clone());
            left -= 1;
            let done = outcome(delivery);
            if left == 0 {
                stop.cancel();
            }
            done
        })
        .unwrap();
    tried
}

fn delivered(engine: &Engine, name: &str, count: usize) -> Vec<Delivery> {
    tried(engine, name, count, |_| Ok(()))
}

/// Lets a failure count, which it does not where somebody stops meanwhile.
fn fails_once(engine: &Engine, name: &str, error: &(dyn Fn() -> Error + Sync)) -> Delivery {
    let stop = CancelToken::new();
    let mut first = None;
    let tried = AtomicUsize::new(0);
    let before = failures(engine);
    std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            engine.run_deliveries(name, &stop, |delivery| {
                first.get_or_insert_with(|| delivery.clone());
                tried.fetch_add(1, Ordering::SeqCst);
                Err(error())
            })
        });
        while tried.load(Ordering::SeqCst) == 0 || failures(engine) == before {
            std::thread::yield_now();
        }
        stop.cancel();
        assert_eq!(running.join().unwrap().unwrap(), 0);
    });
    first.unwrap()
}

/// How many looks for something to deliver have ended.
fn failures(engine: &Engine) -> u64 {
    let metrics = engine.metrics();
    metrics.operations.iter().find(|operation| operation.operation == "deliver").unwrap().calls
}

fn away() -> Error {
    Error::new(ErrorKind::Provider, "away").retryable()
}

conformance! {
    fn each_subscriber_is_told_of_what_it_asked_for_and_of_nothing_before(store: &TestStore) {
        let engine = store.engine();
        let (_, before) = begun(&engine);
        engine.subscribe("evaluations", &OF_EVALUATIONS).unwrap();
        engine.subscribe("all", &Action::ALL.into_iter().filter(|action| !action.as_str().starts_with("message_")).collect::<Vec<_>>()).unwrap();
        held(&engine, &before);
        let evaluation = engine.end_session(before.id).unwrap();
        let (interview, _) = begun(&engine);

        // The subscriptions, and what is to be delivered, outlive the engine.
        let engine = store.reopen(engine);
        let names: Vec<_> = engine.subscriptions().unwrap().into_iter().map(|subscription| subscription.name).collect();
        assert_eq!(names, ["all", "evaluations"]);
        assert_eq!(engine.backlog().unwrap().deliveries, 2 + 5);

        let all = delivered(&engine, "all", 5);
        let actions: Vec<_> = all.iter().map(|delivery| delivery.event.action).collect();
        let mut expected = engine.events(before.id, 0).unwrap();
        expected.retain(|event| event.message.is_none() && event.action != Action::SessionStarted);
        assert_eq!(all.iter().map(|delivery| &delivery.event).take(3).collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
        assert_eq!(actions[3..], [Action::InterviewCreated, Action::SessionStarted]);
        assert!(all[3..].iter().all(|delivery| delivery.event.interview_id == interview.id));
        assert!(all.iter().all(|delivery| delivery.attempts == 1));

        let evaluations = delivered(&engine, "evaluations", 2);
        let actions: Vec<_> = evaluations.iter().map(|delivery| delivery.event.action).collect();
        assert_eq!(actions, OF_EVALUATIONS);
        assert!(evaluations.iter().all(|delivery| delivery.event.evaluation_id == Some(evaluation.id)));
        assert_eq!(engine.backlog().unwrap().deliveries, 0);
    }

    fn a_subscription_is_of_one_tenant(store: &TestStore) {
        let engine = store.engine();
        let other = engine.for_tenant("other").unwrap();
        other.subscribe("mail", &[Action::SessionStarted]).unwrap();
        assert!(engine.subscriptions().unwrap().is_empty());
        missing(engine.run_deliveries("mail", &CancelToken::new(), |_| Ok(())));
        begun(&engine);
        let (interview, _) = begun(&other);
        assert_eq!(engine.backlog().unwrap().deliveries, 1);
        assert_eq!(delivered(&other, "mail", 1)[0].event.interview_id, interview.id);
        assert!(!engine.unsubscribe("mail").unwrap());
        assert!(other.unsubscribe("mail").unwrap());
    }

    fn what_fails_is_tried_again_later_each_time_and_given_up_after_two_days(store: &TestStore) {
        let clock = Clock::at("2026-03-01T12:00:00Z");
        let engine = store.open(clock.builder());
        engine.subscribe("mail", &[Action::SessionStarted]).unwrap();
        let (interview, _) = begun(&engine);
        let mut pauses = Vec::new();
        for attempt in 1..=12 {
            assert_eq!(engine.backlog().unwrap().deliveries, 1);
            let failed = fails_once(&engine, "mail", &away);
            assert_eq!((failed.attempts, failed.event.interview_id), (attempt, interview.id));
            // To the second.
            let pause = [5, 20, 80, 320, 1_280, 5_120, 20_480].get(attempt as usize - 1).copied().unwrap_or(12 * 3_600);
            clock.advance(pause - 1);
            nothing_is_due(&engine, "mail");
            clock.advance(1);
            pauses.push(pause);
        }
        assert_eq!(engine.backlog().unwrap().deliveries, 0, "it was given up");
        assert!(pauses[..11].iter().sum::<i64>() > 2 * 24 * 3_600);
    }

    fn a_subscriber_says_when_to_come_again_and_that_it_never_will(store: &TestStore) {
        let clock = Clock::at("2026-03-01T12:00:00Z");
        let engine = store.open(clock.builder());
        engine.subscribe("mail", &[Action::SessionStarted]).unwrap();
        begun(&engine);
        fails_once(&engine, "mail", &|| Error::new(ErrorKind::Limited, "busy").retryable_after(Duration::from_secs(60)));
        clock.advance(59);
        nothing_is_due(&engine, "mail");
        clock.advance(1);
        // A panic may pass as well.
        let panics = fails_once(&engine, "mail", &|| panic!("a subscriber's own fault"));
        assert_eq!(panics.attempts, 2);
        clock.advance(20);
        fails_once(&engine, "mail", &|| Error::new(ErrorKind::Provider, "gone for good"));
        assert_eq!(engine.backlog().unwrap().deliveries, 0);
    }

    fn what_was_stopped_made_no_attempt_and_is_there_at_once(store: &TestStore) {
        let clock = Clock::at("2026-03-01T12:00:00Z");
        let engine = store.open(clock.builder());
        engine.subscribe("mail", &[Action::SessionStarted]).unwrap();
        begun(&engine);
        let stopped = tried(&engine, "mail", 1, |_| Err(away()));
        let again = delivered(&engine, "mail", 1);
        assert_eq!((stopped[0].attempts, again[0].attempts), (1, 1));
        assert_eq!(stopped[0].event, again[0].event);
    }

    fn many_share_the_work_and_nothing_is_handed_over_twice(store: &TestStore) {
        let engine = store.engine();
        engine.subscribe("mail", &[Action::InterviewCreated]).unwrap();
        let expected: BTreeSet<InterviewId> = (0..40).map(|_| engine.create_interview(plan()).unwrap().id).collect();
        let stop = CancelToken::new();
        let seen = Mutex::new(Vec::new());
        let total: u64 = std::thread::scope(|scope| {
            let running: Vec<_> = (0..4).map(|_| {
                // By several engines, where several share the store.
                let engine = if store.persists() { store.engine() } else { engine.clone() };
                let (stop, seen) = (&stop, &seen);
                scope.spawn(move || {
                    let done = engine.run_deliveries("mail", stop, |delivery| {
                        let mut seen = seen.lock().unwrap();
                        seen.push(delivery.event.interview_id);
                        if seen.len() == 40 {
                            stop.cancel();
                        }
                        Ok(())
                    });
                    done.unwrap()
                })
            }).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        let seen = seen.into_inner().unwrap();
        assert_eq!((total, seen.len()), (40, 40));
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);
        assert_eq!(engine.backlog().unwrap().deliveries, 0);
    }

    fn whoever_takes_longer_than_a_minute_is_taken_for_dead(store: &TestStore) {
        let clock = Clock::at("2026-03-01T12:00:00Z");
        let engine = store.open(clock.builder());
        engine.subscribe("mail", &[Action::SessionStarted]).unwrap();
        begun(&engine);
        let slow = CancelToken::new();
        let handed_over = engine.run_deliveries("mail", &slow, |first| {
            nothing_is_due(&engine, "mail");
            clock.advance(60);
            let second = delivered(&engine, "mail", 1);
            assert_eq!((first.attempts, second[0].attempts), (1, 2));
            assert_eq!(first.event, second[0].event);
            slow.cancel();
            Ok(())
        });
        assert_eq!(handed_over.unwrap(), 0, "the other one did");
        assert_eq!(engine.backlog().unwrap().deliveries, 0);
    }

    fn what_kills_whoever_delivers_it_is_given_up(store: &TestStore) {
        let clock = Clock::at("2026-03-01T12:00:00Z");
        let engine = store.open(clock.builder());
        engine.subscribe("mail", &[Action::SessionStarted]).unwrap();
        begun(&engine);
        dies(&engine, &clock, 1);
        assert_eq!(engine.backlog().unwrap().deliveries, 0);
    }

    fn what_was_forgotten_is_not_delivered(store: &TestStore) {
        let engine = store.engine();
        engine.subscribe("mail", &[Action::SessionStarted]).unwrap();
        begun(&engine);
        assert!(engine.unsubscribe("mail").unwrap());
        assert!(!engine.unsubscribe("mail").unwrap());
        assert_eq!(engine.backlog().unwrap().deliveries, 0);
        engine.subscribe("mail", &[Action::SessionStarted]).unwrap();
        nothing_is_due(&engine, "mail");
        // Another choice of actions leaves what was to be delivered.
        let (interview, _) = begun(&engine);
        engine.subscribe("mail", &[Action::InterviewErased, Action::InterviewErased]).unwrap();
        assert_eq!(engine.subscriptions().unwrap()[0].actions, [Action::InterviewErased]);
        begun(&engine);
        engine.erase_interview(interview.id, "ada").unwrap();
        let actions: Vec<_> = delivered(&engine, "mail", 2).into_iter().map(|delivery| delivery.event.action).collect();
        assert_eq!(actions, [Action::SessionStarted, Action::InterviewErased]);
    }

    fn what_is_copied_was_delivered_where_it_happened(store: &TestStore) {
        let (source, target) = (store.engine(), store.another());
        let target = target.engine();
        target.subscribe("mail", &[Action::InterviewCreated, Action::SessionStarted, Action::SessionCompleted]).unwrap();
        let (_, session) = begun(&source);
        source.copy_to(&target).unwrap();
        held(&source, &session);
        source.copy_to(&target).unwrap();
        assert_eq!(target.backlog().unwrap().deliveries, 0);
        let (interview, _) = begun(&target);
        assert!(delivered(&target, "mail", 2).iter().all(|delivery| delivery.event.interview_id == interview.id));
    }

    fn wrong_subscriptions_are_refused(store: &TestStore) {
        let engine = store.engine();
        refused(engine.subscribe(" ", &OF_EVALUATIONS), ErrorKind::InvalidInput, "name");
        refused(engine.subscribe(&"n".repeat(201), &OF_EVALUATIONS), ErrorKind::InvalidInput, "name");
        refused(engine.unsubscribe("a\0b"), ErrorKind::InvalidInput, "name");
        refused(engine.subscribe("mail", &[]), ErrorKind::InvalidInput, "actions");
        refused(engine.subscribe("mail", &[Action::MessageReceived]), ErrorKind::InvalidInput, "message_received");
        assert!(engine.subscriptions().unwrap().is_empty());
        engine.subscribe("mail", &OF_EVALUATIONS).unwrap();
        engine.close().unwrap();
        refused(engine.run_deliveries("mail", &CancelToken::new(), |_| Ok(())), ErrorKind::InvalidState, "closed");
    }

    fn the_backlog_has_what_workers_were_left(store: &TestStore) {
        let engine = store.engine();
        let interview = engine.create_interview(NewInterview::new("Ada", vivavoce::InterviewType::General).question("Why?")).unwrap();
        let asked = engine.evaluate_with(interview.id, &answers("So."), &CallOptions::default().queued()).unwrap();
        assert_eq!((engine.backlog().unwrap().evaluations, engine.backlog().unwrap().deliveries), (1, 0));
        let stop = CancelToken::new();
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| engine.run_worker(&stop));
            while !engine.evaluation(asked.id).unwrap().status.is_final() {
                std::thread::yield_now();
            }
            stop.cancel();
            worker.join().unwrap().unwrap();
        });
        assert_eq!(engine.backlog().unwrap().evaluations, 0);
    }
}

/// Delivers for so long that the next one does so too, until nobody is left to.
fn dies(engine: &Engine, clock: &Clock, attempt: u32) {
    let stop = CancelToken::new();
    let handed_over = engine.run_deliveries("mail", &stop, |delivery| {
        assert_eq!(delivery.attempts, attempt);
        clock.advance(60);
        match attempt {
            12 => nothing_is_due(engine, "mail"),
            _ => dies(engine, clock, attempt + 1),
        }
        stop.cancel();
        Ok(())
    });
    assert_eq!(handed_over.unwrap(), 0);
}

/// Has a look that hands nothing over.
#[track_caller]
fn nothing_is_due(engine: &Engine, name: &str) {
    let stop = CancelToken::new();
    let before = failures(engine);
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            engine.run_deliveries(name, &stop, |delivery| {
                stop.cancel();
                panic!("{:?} was delivered", delivery.event.action)
            })
        });
        while failures(engine) == before && !stop.is_cancelled() {
            std::thread::yield_now();
        }
        assert!(!stop.is_cancelled(), "something was due");
        stop.cancel();
        assert_eq!(looking.join().unwrap().unwrap(), 0);
    });
}
