//! The queue of evaluations: what fails for now, what fails for good, and workers that are too slow.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use vivavoce::{
    BuiltinEvaluator, CallOptions, CancelToken, Engine, Error, ErrorKind, EvaluationId, EvaluationStatus, Evaluator,
    EvaluatorInfo, JudgeRequest, Judgement, Override, Result,
};

use crate::{Clock, TestStore, answers, begun, refused};

/// Fails so many times, then judges; counts how often it was asked.
#[derive(Clone)]
struct Failing {
    left: Arc<AtomicU32>,
    asked: Arc<AtomicU32>,
    passes: bool,
}

impl Failing {
    fn new(times: u32, passes: bool) -> Self {
        Self { left: Arc::new(AtomicU32::new(times)), asked: Arc::default(), passes }
    }
}

impl Evaluator for Failing {
    fn info(&self) -> EvaluatorInfo {
        EvaluatorInfo::new("test", "failing", "1")
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let failing = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        match (failing, self.passes) {
            (true, true) => Err(Error::new(ErrorKind::Provider, "away").retryable()),
            (true, false) => Err(Error::new(ErrorKind::Provider, "refused")),
            (false, _) => BuiltinEvaluator::new().judge(request),
        }
    }
}

/// Is held up the first time it is asked, and says so.
struct HeldUp {
    asked: AtomicU32,
    began: Mutex<Sender<()>>,
    goes_on: Mutex<Receiver<()>>,
}

impl Evaluator for HeldUp {
    fn info(&self) -> EvaluatorInfo {
        EvaluatorInfo::new("test", "held up", "1")
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement> {
        if self.asked.fetch_add(1, Ordering::SeqCst) == 0 {
            self.began.lock().unwrap().send(()).unwrap();
            self.goes_on.lock().unwrap().recv().unwrap();
        }
        BuiltinEvaluator::new().judge(request)
    }
}

/// Is held up whenever it is asked, and says so.
struct Stuck {
    began: Mutex<Sender<()>>,
    goes_on: Mutex<Receiver<()>>,
}

impl Evaluator for Stuck {
    fn info(&self) -> EvaluatorInfo {
        EvaluatorInfo::new("test", "stuck", "1")
    }

    fn judge(&self, _: &JudgeRequest<'_>) -> Result<Judgement> {
        self.began.lock().unwrap().send(()).unwrap();
        // Until the test is over.
        let _ = self.goes_on.lock().unwrap().recv();
        Err(Error::new(ErrorKind::Provider, "stuck"))
    }
}

/// Waits until nobody wants its judgement any more, and says when it began.
struct Patient(Mutex<Sender<()>>);

impl Evaluator for Patient {
    fn info(&self) -> EvaluatorInfo {
        EvaluatorInfo::new("test", "patient", "1")
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement> {
        self.0.lock().unwrap().send(()).unwrap();
        while !request.cancel.unwrap().is_cancelled() {
            std::thread::yield_now();
        }
        Err(Error::new(ErrorKind::Timeout, "left").retryable())
    }
}

fn queued() -> CallOptions {
    CallOptions::default().queued()
}

/// Works until the evaluation is as wanted; how many the worker made.
fn work_until(engine: &Engine, id: EvaluationId, wanted: impl Fn(EvaluationStatus) -> bool) -> u64 {
    let stop = CancelToken::new();
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| engine.run_worker(&stop).unwrap());
        while !wanted(engine.evaluation(id).unwrap().status) {
            std::thread::yield_now();
        }
        stop.cancel();
        worker.join().unwrap()
    })
}

/// Fails once, and asks for so long a pause as no calendar has; then it judges. Counts how often it was asked.
#[derive(Clone, Default)]
struct Overasking(Arc<AtomicU32>);

impl Evaluator for Overasking {
    fn info(&self) -> EvaluatorInfo {
        EvaluatorInfo::new("test", "overasking", "1")
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement> {
        match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Error::new(ErrorKind::Limited, "too many")
                .retryable_after(Duration::from_millis(i64::MAX.unsigned_abs()))),
            _ => BuiltinEvaluator::new().judge(request),
        }
    }
}

conformance! {
    fn a_pause_that_an_evaluator_asks_for_is_a_day_at_most(store: &TestStore) {
        let clock = Clock::at("2026-03-01T12:00:00Z");
        let evaluator = Overasking::default();
        let engine = store.open(clock.builder().evaluator(evaluator.clone()));
        let (interview, _) = begun(&engine);
        let asked = engine.evaluate_with(interview.id, &answers("because"), &queued()).unwrap();
        // It is looked whether it was tried before it is looked whether it was given back.
        let tried = || evaluator.0.load(Ordering::SeqCst) == 1;
        let given_back = |_| tried() && engine.evaluation(asked.id).unwrap().status == EvaluationStatus::Pending;
        assert_eq!(work_until(&engine, asked.id, given_back), 0);
        clock.advance(24 * 3600);
        assert_eq!(work_until(&engine, asked.id, EvaluationStatus::is_final), 1);
        assert_eq!(engine.evaluation(asked.id).unwrap().status, EvaluationStatus::Completed);
    }

    fn what_fails_for_now_is_tried_five_times_later_each_time(store: &TestStore) {
        for (failures, last) in [(4, EvaluationStatus::Completed), (9, EvaluationStatus::Failed)] {
            let clock = Clock::at("2026-03-01T12:00:00Z");
            let evaluator = Failing::new(failures, true);
            let fresh = store.another();
            let engine = fresh.open(clock.builder().evaluator(evaluator.clone()));
            let (interview, _) = begun(&engine);
            let asked = engine.evaluate_with(interview.id, &answers("because"), &queued()).unwrap();
            for attempt in 1..=4_u32 {
                let tried = || evaluator.asked.load(Ordering::SeqCst) == attempt;
                // It is looked whether it was tried before it is looked whether it was given back.
                let given_back = |_| tried() && engine.evaluation(asked.id).unwrap().status == EvaluationStatus::Pending;
                assert_eq!(work_until(&engine, asked.id, given_back), 0);
                // Not before its time.
                let early = work_until(&engine, asked.id, |_| true);
                assert_eq!((early, evaluator.asked.load(Ordering::SeqCst)), (0, attempt));
                clock.advance(5 << (attempt - 1));
            }
            assert_eq!(work_until(&engine, asked.id, EvaluationStatus::is_final), 1);
            let done = engine.evaluation(asked.id).unwrap();
            assert_eq!((done.status, done.score.is_some(), evaluator.asked.load(Ordering::SeqCst)), (last, last == EvaluationStatus::Completed, 5));
            if last == EvaluationStatus::Failed {
                assert_eq!(done.failure.as_deref(), Some("provider: away"));
                evaluator.left.store(0, Ordering::SeqCst);
                let again = engine.re_evaluate(asked.id).unwrap();
                assert_eq!((again.status, again.supersedes), (EvaluationStatus::Completed, Some(asked.id)));
            }
        }
    }

    fn what_fails_for_good_is_failed_at_once_and_can_be_asked_for_again(store: &TestStore) {
        let evaluator = Failing::new(2, false);
        let engine = store.open(Engine::builder().evaluator(evaluator.clone()));
        let (interview, session) = begun(&engine);
        engine.send_message(session.id, "because").unwrap();
        let asked = engine.end_session_with(session.id, &queued()).unwrap();
        assert_eq!((asked.status, asked.score), (EvaluationStatus::Pending, None));
        assert_eq!(work_until(&engine, asked.id, EvaluationStatus::is_final), 1);
        let failed = engine.evaluation(asked.id).unwrap();
        assert_eq!((failed.status, failed.score, failed.failure.as_deref()), (EvaluationStatus::Failed, None, Some("provider: refused")));
        refused(engine.override_score(failed.id, Override::new(1.0, "J. Smith", "Heard it.")), ErrorKind::InvalidState, "has no score");
        let second = engine.end_session(session.id).unwrap();
        assert_eq!((second.status, second.supersedes), (EvaluationStatus::Failed, Some(failed.id)));
        // What failed stands aside, so that there is never more than one present version.
        let third = engine.end_session(session.id).unwrap();
        assert_eq!((third.status, third.supersedes), (EvaluationStatus::Completed, Some(failed.id)));
        for failed in [failed.id, second.id] {
            refused(engine.re_evaluate(failed), ErrorKind::Conflict, "superseded");
        }
        evaluator.left.store(1, Ordering::SeqCst);
        let fourth = engine.re_evaluate(third.id).unwrap();
        assert_eq!((fourth.status, engine.end_session(session.id).unwrap().id), (EvaluationStatus::Failed, third.id));
        let fifth = engine.re_evaluate(fourth.id).unwrap();
        assert_eq!((fifth.status, fifth.supersedes), (EvaluationStatus::Completed, Some(third.id)));
        refused(engine.re_evaluate(third.id), ErrorKind::Conflict, "superseded");
        assert_eq!(engine.end_session(session.id).unwrap().id, fifth.id);
        assert_eq!(engine.evaluations(interview.id).unwrap().len(), 5);
    }

    fn a_key_is_for_a_success_and_what_failed_is_made_again_under_it(store: &TestStore) {
        let evaluator = Failing::new(2, false);
        let engine = store.open(Engine::builder().evaluator(evaluator.clone()));
        let (interview, session) = begun(&engine);
        engine.send_message(session.id, "because").unwrap();
        let key = CallOptions::default().idempotency_key("k");
        let ended = || engine.end_session_with(session.id, &key).unwrap();
        let evaluated = || engine.evaluate_with(interview.id, &answers("because"), &key).unwrap();
        let failed = [ended(), evaluated()];
        let made = [ended(), evaluated()];
        for (failed, made) in failed.iter().zip(&made) {
            assert_eq!((failed.status, made.status), (EvaluationStatus::Failed, EvaluationStatus::Completed));
            assert_eq!((made.supersedes, &made.exchanges), (Some(failed.id), &failed.exchanges));
        }
        assert_eq!([ended(), evaluated()], made);
        assert_eq!(engine.evaluations(interview.id).unwrap().len(), 4);
    }

    fn what_five_makers_did_not_live_to_finish_is_failed(store: &TestStore) {
        let clock = Clock::at("2026-03-01T12:00:00Z");
        let (began, wait) = channel();
        let (go_on, goes_on) = channel::<()>();
        let evaluator = Stuck { began: Mutex::new(began), goes_on: Mutex::new(goes_on) };
        let engine = store.open(clock.builder().evaluator(evaluator));
        let (interview, _) = begun(&engine);
        let asked = engine.evaluate_with(interview.id, &answers("because"), &queued()).unwrap();
        let stop = CancelToken::new();
        std::thread::scope(|scope| {
            for _ in 0..5 {
                scope.spawn(|| engine.run_worker(&stop).unwrap());
                // Whoever is stuck may have renewed its lease meanwhile, as nobody does who died.
                while wait.recv_timeout(std::time::Duration::from_secs(1)).is_err() {
                    clock.advance(60);
                }
                clock.advance(60);
            }
            let sixth = scope.spawn(|| engine.run_worker(&stop).unwrap());
            while !engine.evaluation(asked.id).unwrap().status.is_final() {
                clock.advance(60);
            }
            stop.cancel();
            drop(go_on);
            assert_eq!(sixth.join().unwrap(), 1);
        });
        let failed = engine.evaluation(asked.id).unwrap();
        let reason = failed.failure.as_deref();
        assert_eq!((failed.status, reason), (EvaluationStatus::Failed, Some("internal: tried 5 times, and whoever judged last did not live to say what came of it")));
    }

    fn who_leaves_an_evaluation_to_a_worker_does_not_wait_for_a_slow_judge(store: &TestStore) {
        let (began, wait) = channel();
        let (go_on, goes_on) = channel();
        let evaluator = HeldUp { asked: AtomicU32::new(0), began: Mutex::new(began), goes_on: Mutex::new(goes_on) };
        let engine = store.open(Engine::builder().evaluator(evaluator));
        let (_, session) = begun(&engine);
        engine.send_message(session.id, "because").unwrap();
        std::thread::scope(|scope| {
            let slow = scope.spawn(|| engine.end_session(session.id).unwrap());
            wait.recv().unwrap();
            let asked = engine.end_session_with(session.id, &queued()).unwrap();
            assert_eq!(asked.status, EvaluationStatus::Running);
            go_on.send(()).unwrap();
            assert_eq!(slow.join().unwrap().id, asked.id);
        });
    }

    fn of_many_who_make_an_evaluation_again_one_does(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        engine.send_message(session.id, "because").unwrap();
        let first = engine.end_session(session.id).unwrap();
        let made: Vec<_> = std::thread::scope(|scope| {
            let again: Vec<_> = (0..8).map(|_| scope.spawn(|| engine.re_evaluate(first.id))).collect();
            again.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let (done, others): (Vec<_>, Vec<_>) = made.into_iter().partition(std::result::Result::is_ok);
        assert_eq!((done.len(), others.len()), (1, 7));
        for other in others {
            refused(other, ErrorKind::Conflict, "was superseded by");
        }
        let second = done.into_iter().next().unwrap().unwrap();
        // Under a key, the first success counts, also when what it made was superseded.
        let key = CallOptions::default().idempotency_key("again");
        let third = engine.re_evaluate_with(second.id, &key).unwrap();
        let fourth = engine.re_evaluate(third.id).unwrap();
        assert_eq!(engine.re_evaluate_with(second.id, &key).unwrap(), third);
        assert_eq!(engine.evaluations(interview.id).unwrap().len(), 4);
        for other in [TestStore::memory(), TestStore::sqlite_file(), TestStore::postgres()] {
            let copy = other.engine();
            engine.copy_to(&copy).unwrap();
            assert_eq!(copy.end_session(session.id).unwrap(), fourth);
            for kept in [&first, &second, &third] {
                assert_eq!(copy.evaluation(kept.id).unwrap(), *kept);
                refused(copy.re_evaluate(kept.id), ErrorKind::Conflict, "superseded");
            }
            assert!(copy.verify_audit(interview.id, None).unwrap().is_sound());
        }
    }

    fn what_is_not_finished_can_be_neither_made_again_nor_replayed(store: &TestStore) {
        let engine = store.open(Engine::builder().evaluator(Failing::new(0, true)));
        let (interview, _) = begun(&engine);
        let asked = engine.evaluate_with(interview.id, &answers("because"), &queued()).unwrap();
        refused(engine.re_evaluate(asked.id), ErrorKind::InvalidState, "not finished");
        refused(engine.replay(asked.id), ErrorKind::InvalidState, "not finished");
        let change = Override::new(1.0, "J. Smith", "Heard it.");
        refused(engine.override_score(asked.id, change), ErrorKind::InvalidState, "not finished");
        assert_eq!(work_until(&engine, asked.id, EvaluationStatus::is_final), 1);
        refused(engine.replay(asked.id), ErrorKind::Unsupported, "cannot be made again by this library");
    }

    fn a_worker_that_lost_its_lease_records_nothing(store: &TestStore) {
        let clock = Clock::at("2026-03-01T12:00:00Z");
        let (began, wait) = channel();
        let (go_on, goes_on) = channel();
        let evaluator = HeldUp { asked: AtomicU32::new(0), began: Mutex::new(began), goes_on: Mutex::new(goes_on) };
        let engine = store.open(clock.builder().evaluator(evaluator));
        let (interview, _) = begun(&engine);
        let asked = engine.evaluate_with(interview.id, &answers("because"), &queued()).unwrap();
        let stop = CancelToken::new();
        std::thread::scope(|scope| {
            let slow = scope.spawn(|| engine.run_worker(&stop).unwrap());
            wait.recv().unwrap();
            assert_eq!(engine.evaluation(asked.id).unwrap().status, EvaluationStatus::Running);
            clock.advance(60);
            assert_eq!(work_until(&engine, asked.id, EvaluationStatus::is_final), 1);
            stop.cancel();
            go_on.send(()).unwrap();
            assert_eq!(slow.join().unwrap(), 0);
        });
        let done = engine.evaluation(asked.id).unwrap();
        assert_eq!(done.status, EvaluationStatus::Completed);
        let report = engine.verify_audit(interview.id, None).unwrap();
        assert!(report.is_sound());
    }

    fn an_evaluator_is_told_when_its_caller_leaves_and_when_the_engine_is_closed(store: &TestStore) {
        let (began, wait) = channel();
        let engine = store.open(Engine::builder().evaluator(Patient(Mutex::new(began))));
        let (interview, _) = begun(&engine);
        let leave = CancelToken::new();
        let options = CallOptions::default().cancel(&leave);
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| engine.evaluate_with(interview.id, &answers("because"), &options));
            wait.recv().unwrap();
            leave.cancel();
            refused(asking.join().unwrap(), ErrorKind::Timeout, "cancelled");
            let asking = scope.spawn(|| engine.evaluate(interview.id, &answers("because")));
            wait.recv().unwrap();
            engine.close().unwrap();
            refused(asking.join().unwrap(), ErrorKind::InvalidState, "closed");
        });
    }

    fn an_erasure_while_a_worker_judges_does_not_end_the_worker(store: &TestStore) {
        let (began, wait) = channel();
        let (go_on, goes_on) = channel();
        let evaluator = HeldUp { asked: AtomicU32::new(0), began: Mutex::new(began), goes_on: Mutex::new(goes_on) };
        let engine = store.open(Engine::builder().evaluator(evaluator));
        let (interview, _) = begun(&engine);
        engine.evaluate_with(interview.id, &answers("because"), &queued()).unwrap();
        let stop = CancelToken::new();
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| engine.run_worker(&stop).unwrap());
            wait.recv().unwrap();
            engine.erase_interview(interview.id, "tester").unwrap();
            go_on.send(()).unwrap();
            let (other, _) = begun(&engine);
            let asked = engine.evaluate_with(other.id, &answers("because"), &queued()).unwrap();
            while !engine.evaluation(asked.id).unwrap().status.is_final() {
                std::thread::yield_now();
            }
            stop.cancel();
            assert_eq!(worker.join().unwrap(), 1);
        });
    }

    fn two_callers_at_once_on_an_ended_session_have_one_evaluation(store: &TestStore) {
        let (began, wait) = channel();
        let (go_on, goes_on) = channel();
        let evaluator = HeldUp { asked: AtomicU32::new(0), began: Mutex::new(began), goes_on: Mutex::new(goes_on) };
        let slow = store.open(Engine::builder().evaluator(evaluator));
        let other = if store.persists() { store.engine() } else { slow.clone() };
        let (_, session) = begun(&slow);
        slow.send_message(session.id, "because").unwrap();
        std::thread::scope(|scope| {
            let first = scope.spawn(|| slow.end_session(session.id).unwrap());
            wait.recv().unwrap();
            let second = scope.spawn(|| other.end_session(session.id).unwrap());
            go_on.send(()).unwrap();
            let (first, second) = (first.join().unwrap(), second.join().unwrap());
            assert!(first.status == EvaluationStatus::Completed && first == second);
        });
    }

    fn whoever_asks_while_another_judges_waits_for_that(store: &TestStore) {
        let (began, wait) = channel();
        let (go_on, goes_on) = channel();
        let evaluator = HeldUp { asked: AtomicU32::new(0), began: Mutex::new(began), goes_on: Mutex::new(goes_on) };
        let engine = store.open(Engine::builder().evaluator(evaluator));
        let (interview, _) = begun(&engine);
        let options = CallOptions::default().idempotency_key("k");
        let asked = engine.evaluate_with(interview.id, &answers("because"), &options.clone().queued()).unwrap();
        let stop = CancelToken::new();
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| engine.run_worker(&stop).unwrap());
            wait.recv().unwrap();
            let waiting = scope.spawn(|| engine.evaluate_with(interview.id, &answers("because"), &options).unwrap());
            go_on.send(()).unwrap();
            let done = waiting.join().unwrap();
            assert_eq!((done.id, done.status), (asked.id, EvaluationStatus::Completed));
            stop.cancel();
            assert_eq!(worker.join().unwrap(), 1);
        });
        assert_eq!(engine.evaluations(interview.id).unwrap(), [asked.id]);
    }
}
