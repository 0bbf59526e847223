//! Judgements: never a made-up score.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use vivavoce::{
    Action, AnswerOptions, CallOptions, Engine, Error, ErrorKind, EvaluationStatus, Evaluator, EvaluatorInfo,
    JudgeRequest, Judgement, Question, Quote, Rating, Result, SessionStatus, Unanswered,
};

use crate::{Clock, Slow, TestStore, answers, begun, plan, refused};

/// Does something wrong the first time, and judges the second time.
#[derive(Clone)]
struct Faulty {
    fault: fn(&mut Rating),
    fails: bool,
    faults_left: Arc<AtomicU32>,
}

impl Faulty {
    fn new(fault: fn(&mut Rating), fails: bool) -> Self {
        Self { fault, fails, faults_left: Arc::new(AtomicU32::new(1)) }
    }
}

impl Evaluator for Faulty {
    fn info(&self) -> EvaluatorInfo {
        EvaluatorInfo::new("test", "faulty", "1")
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement> {
        let faulty =
            self.faults_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if faulty && self.fails {
            return Err(Error::new(ErrorKind::Provider, "the judge is away"));
        }
        let rating = |exchange| {
            let mut rating = Rating::new(exchange, &request.rubric.competencies[0].name, 0.5);
            if faulty {
                (self.fault)(&mut rating);
            }
            rating
        };
        Ok(Judgement::new((0..).take(request.exchanges.len()).map(rating).collect()))
    }
}

fn a_fault_makes_no_score(store: &TestStore, evaluator: Faulty, reason: &str) {
    let engine = store.open(Engine::builder().evaluator(evaluator.clone()));
    let (interview, session) = begun(&engine);
    engine.send_message(session.id, "Two locks.").unwrap();
    let failed = engine.end_session(session.id).unwrap();
    assert_eq!((failed.status, failed.score), (EvaluationStatus::Failed, None));
    assert!(failed.failure.as_ref().unwrap().contains(reason), "{:?}", failed.failure);
    assert!(failed.ratings.is_empty() && failed.competencies.is_empty());
    assert_eq!(failed.exchanges[0].answer, "Two locks.");
    let ended = engine.session_exact(session.id).unwrap();
    assert_eq!((ended.status, ended.messages.len()), (SessionStatus::Completed, 3));

    let again = engine.end_session(session.id).unwrap();
    assert_ne!(again.id, failed.id);
    assert_eq!(again.status, EvaluationStatus::Completed);
    assert!(again.score.is_some());
    assert_eq!(engine.end_session(session.id).unwrap(), again);
    let mut both = vec![failed.id, again.id];
    both.sort_unstable();
    assert_eq!(engine.evaluations(interview.id).unwrap(), both);
    assert_eq!(engine.evaluation(failed.id).unwrap(), failed);
    let actions: Vec<_> = engine.events(session.id, 0).unwrap().iter().map(|event| event.action).collect();
    assert!(actions.contains(&Action::EvaluationFailed) && actions.contains(&Action::EvaluationCompleted));
    assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());

    evaluator.faults_left.store(1, Ordering::SeqCst);
    assert_eq!(engine.evaluate(interview.id, &answers("x")).unwrap().status, EvaluationStatus::Failed);
}

fn foreign_quote(rating: &mut Rating) {
    rating.quotes.push(Quote { start: 0, end: 3, text: "One".into() });
}

conformance! {
    fn a_failing_evaluator_makes_no_score(store: &TestStore) {
        a_fault_makes_no_score(store, Faulty::new(|_| (), true), "the judge is away");
    }

    fn a_score_that_is_no_number_is_no_score(store: &TestStore) {
        a_fault_makes_no_score(store, Faulty::new(|rating| rating.score = f64::NAN, false), "score is not within 0 to 1");
    }

    fn a_score_out_of_range_is_no_score(store: &TestStore) {
        a_fault_makes_no_score(store, Faulty::new(|rating| rating.score = 1.01, false), "score is not within 0 to 1");
    }

    fn a_quote_that_nobody_said_is_no_evidence(store: &TestStore) {
        a_fault_makes_no_score(store, Faulty::new(foreign_quote, false), "a quote is not what the answer says");
    }

    fn what_another_engine_judges_is_running_and_waited_for(store: &TestStore) {
        if !store.persists() {
            return;
        }
        let (judge, asked, answer) = Slow::new();
        let (a, b) = (store.open(Engine::builder().evaluator(judge)), store.engine());
        let (interview, session) = begun(&a);
        a.send_message(session.id, "Two locks.").unwrap();
        std::thread::scope(|scope| {
            let first = scope.spawn(|| a.end_session(session.id).unwrap());
            asked.recv().unwrap();
            let id = b.evaluations(interview.id).unwrap()[0];
            assert_eq!(b.evaluation(id).unwrap().status, EvaluationStatus::Running);
            let hurried = CallOptions::default().timeout(Duration::from_millis(30));
            refused(b.end_session_with(session.id, &hurried), ErrorKind::Timeout, "deadline");
            let second = scope.spawn(|| b.end_session(session.id).unwrap());
            answer.send(()).unwrap();
            let judged = first.join().unwrap();
            assert_eq!((judged.id, judged.status), (id, EvaluationStatus::Completed));
            assert_eq!(second.join().unwrap(), judged);
        });
        assert!(a.verify_audit(interview.id, None).unwrap().is_sound());
    }

    fn what_nobody_judges_any_more_is_judged_by_who_asks_when_its_lease_is_over(store: &TestStore) {
        if !store.persists() {
            return;
        }
        let clock = Clock::at("2026-01-01T00:00:00Z");
        let (judge, asked, answer) = Slow::new();
        let (a, b) = (store.open(clock.builder().evaluator(judge)), store.open(clock.builder()));
        let (interview, session) = begun(&a);
        std::thread::scope(|scope| {
            let lost = scope.spawn(|| a.end_session(session.id).unwrap());
            asked.recv().unwrap();
            clock.advance(30);
            let judged = b.end_session(session.id).unwrap();
            assert_eq!(judged.status, EvaluationStatus::Completed);
            answer.send(()).unwrap();
            assert_eq!(lost.join().unwrap(), judged);
        });
        assert_eq!(a.evaluations(interview.id).unwrap().len(), 1);
        assert!(a.verify_audit(interview.id, None).unwrap().is_sound());
    }

    fn answers_are_judged_without_a_session(store: &TestStore) {
        let engine = store.engine();
        let interview = engine.create_interview(plan()).unwrap();
        let made = engine.evaluate(interview.id, &answers("Two threads wait for each other's lock.")).unwrap();
        assert_eq!((made.session_id, made.status), (None, EvaluationStatus::Completed));
        assert_eq!(made.unanswered, [1]);
        let none = engine.evaluate(interview.id, &BTreeMap::new()).unwrap();
        assert_eq!((none.score, none.unanswered.as_slice()), (None, [0, 1].as_slice()));
        let words = "answers[2]: the interview has 2 questions";
        let beyond = BTreeMap::from([(2, "x".to_owned())]);
        refused(engine.evaluate(interview.id, &beyond), ErrorKind::InvalidInput, words);
        let long = answers(&"界".repeat(32_001));
        refused(engine.evaluate(interview.id, &long), ErrorKind::InvalidInput, "longer than 32000");
        refused(engine.evaluate(interview.id, &answers("\0")), ErrorKind::InvalidInput, "NUL");
        let engine = store.reopen(engine);
        assert_eq!(engine.evaluation(made.id).unwrap(), made);
        assert_eq!(engine.evaluation(none.id).unwrap(), none);
        assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
    }

    fn unanswered_questions_lower_the_score_unless_told_otherwise(store: &TestStore) {
        let engine = store.engine();
        let interview = engine.create_interview(plan()).unwrap();
        let given = answers("Two threads wait for each other's lock, because each holds one of them.");
        let lowered = engine.evaluate(interview.id, &given).unwrap();
        let ignoring = Engine::builder().unanswered(Unanswered::Ignored);
        let other = store.another();
        let engine = other.open(ignoring);
        let interview = engine.create_interview(plan()).unwrap();
        let ignored = engine.evaluate(interview.id, &given).unwrap();
        assert!(lowered.score.unwrap() < ignored.score.unwrap());
        assert_eq!(ignored.unanswered, [1]);
    }

    fn the_same_answers_get_the_same_judgement(store: &TestStore) {
        let engine = store.engine();
        let interview = engine.create_interview(plan()).unwrap();
        let [a, b] = ["k", "l"].map(|_| engine.evaluate(interview.id, &answers("Two locks, two threads.")).unwrap());
        assert_ne!(a.id, b.id);
        assert_eq!((&a.score, &a.ratings, &a.feedback), (&b.score, &b.ratings, &b.feedback));
    }

    fn one_answer_is_judged_and_kept_nowhere(store: &TestStore) {
        let engine = store.engine();
        let question = Question::new("What is a deadlock?");
        let options = AnswerOptions::default();
        let one = engine.evaluate_answer(&question, "Two threads wait.", &options).unwrap();
        let many = vec![(question.clone(), "Two threads wait.".to_owned()), (question, "\0".to_owned())];
        let many = engine.evaluate_answers(&many, &options).unwrap();
        assert_eq!(many[0].as_ref().unwrap(), &one);
        assert_eq!(many[1].as_ref().unwrap_err().kind(), ErrorKind::InvalidInput);
        assert!(engine.list_interviews(&Default::default()).unwrap().interviews.is_empty());
    }
}
