//! Calibrations: what graders teach is kept by name and version, corrects what names it, and is told wherever it did.

use std::collections::BTreeSet;

use vivavoce::{
    AnswerOptions, Calibration, CallOptions, CancelToken, Engine, ErrorKind, EvaluationStatus, GradedAnswer,
    InterviewType, NewInterview, Question,
};

use crate::{TestStore, begun_with, missing, refused, together};

fn question() -> Question {
    Question::new("What is a deadlock?").reference_answer(
        "A deadlock is a state in which threads hold locks and wait for each other. Taking locks in one order prevents it.",
    )
}

const ANSWERS: [&str; 5] = [
    "Threads hold locks and wait for each other.",
    "A state in which nothing goes on, since each waits for a lock.",
    "Taking locks in one order prevents it.",
    "When a program is slow.",
    "Something with threads and locks, I think.",
];

/// Ten answers, each given `score` by the graders, or less.
fn graded(score: f64) -> Vec<GradedAnswer> {
    (0..10).map(|at| GradedAnswer::new(question(), ANSWERS[at % 5], if at % 5 == 3 { 0.0 } else { score })).collect()
}

fn calibrated(engine: &Engine, name: &str, score: f64) -> Calibration {
    engine.calibrate(name, &graded(score), &AnswerOptions::default()).unwrap()
}

fn with(calibration: &str) -> AnswerOptions {
    AnswerOptions { calibration: Some(calibration.into()), ..AnswerOptions::default() }
}

fn score(engine: &Engine, options: &AnswerOptions) -> (f64, Option<String>) {
    let found = engine.evaluate_answer(&question(), ANSWERS[1], options).unwrap();
    (found.score, found.calibration)
}

conformance! {
    fn what_was_learned_is_kept_by_name_and_version(store: &TestStore) {
        let engine = store.engine();
        let strict = calibrated(&engine, "threads", 0.3);
        assert_eq!((strict.label().as_str(), strict.answers, strict.questions.len()), ("threads@1", 10, 1));
        assert!(strict.bank.is_none() && strict.after.rmse < strict.before.rmse, "{strict:?}");
        // The same answers teach the same; others make the next version.
        assert_eq!(calibrated(&engine, "threads", 0.3), strict);
        let lenient = calibrated(&engine, "threads", 1.0);
        assert_eq!(lenient.version, 2);
        let other = calibrated(&engine, "Threads", 1.0);
        assert_eq!((other.version, &other.questions), (1, &lenient.questions));

        let engine = store.reopen(engine);
        assert_eq!(engine.calibration("threads").unwrap(), lenient);
        assert_eq!(engine.calibration("threads@1").unwrap(), strict);
        assert_eq!(engine.calibrations().unwrap(), [other, strict, lenient]);
        missing(engine.calibration("threads@3"));
        missing(engine.calibration("locks"));
        let tenant = engine.for_tenant("other").unwrap();
        missing(tenant.calibration("threads"));
        assert_eq!(tenant.calibrations().unwrap(), []);
        refused(tenant.evaluate_answer(&question(), "", &with("threads")), ErrorKind::InvalidInput, "calibration");
    }

    fn what_names_it_is_corrected_and_says_so(store: &TestStore) {
        let engine = store.engine();
        let (plain, none) = score(&engine, &AnswerOptions::default());
        assert_eq!(none, None);
        calibrated(&engine, "threads", 0.3);
        calibrated(&engine, "threads", 1.0);
        let (strict, first) = score(&engine, &with("threads@1"));
        let (lenient, newest) = score(&engine, &with("threads"));
        assert!(strict < plain - 0.05 && lenient > plain + 0.05, "{strict} {plain} {lenient}");
        assert_eq!((first.as_deref(), newest.as_deref()), (Some("threads@1"), Some("threads@2")));
        assert_eq!(score(&engine, &AnswerOptions::default()), (plain, None));
        // Another question is not corrected by ten answers to this one, nor is an answer that says nothing.
        let other = engine.evaluate_answer(&"What is a mutex?".into(), "A lock.", &with("threads")).unwrap();
        let blank = engine.evaluate_answer(&question(), " ", &with("threads")).unwrap();
        let unknown = engine.evaluate_answer(&question(), "I don't know.", &with("threads")).unwrap();
        assert_eq!(other.score, engine.evaluate_answer(&"What is a mutex?".into(), "A lock.", &AnswerOptions::default()).unwrap().score);
        assert_eq!(other.calibration, None);
        assert_eq!((blank.score, blank.calibration), (0.0, None));
        assert_eq!(unknown.calibration, None);
        assert!(unknown.score < 0.1);
    }

    fn an_interviews_answers_are_corrected_and_replayed(store: &TestStore) {
        let engine = store.engine();
        let plan = || NewInterview::new("Ada", InterviewType::General).question(question());
        refused(engine.create_interview(plan().calibration("threads")), ErrorKind::InvalidInput, "calibration");
        let strict = calibrated(&engine, "threads", 0.1);
        let evaluated = |plan: NewInterview| {
            let (_, session) = begun_with(&engine, plan);
            engine.send_message(session.id, ANSWERS[1]).unwrap();
            engine.end_session(session.id).unwrap()
        };
        let (plain, corrected) = (evaluated(plan()), evaluated(plan().calibration("threads")));
        assert_eq!((plain.calibration.as_deref(), corrected.calibration.clone()), (None, Some(strict.label())));
        assert!(corrected.score.unwrap() < plain.score.unwrap() - 0.05, "{plain:?} {corrected:?}");
        // A newer version is for what is judged from now on; what was judged is judged again as it was.
        calibrated(&engine, "threads", 1.0);
        let engine = store.reopen(engine);
        assert_eq!(engine.replay(corrected.id).unwrap(), *corrected);
        let again = engine.re_evaluate(corrected.id).unwrap();
        assert_eq!(again.calibration.as_deref(), Some("threads@2"));
        assert!(again.score > plain.score, "{again:?}");
        let interview = engine.interview(corrected.interview_id).unwrap();
        assert_eq!(interview.calibration.as_deref(), Some("threads"));
        assert_eq!(interview.to_plan().calibration.as_deref(), Some("threads"));
        let draft = engine.create_interview(plan()).unwrap();
        refused(engine.update_interview(draft.id, plan().calibration("locks")), ErrorKind::InvalidInput, "calibration");
        refused(engine.change_interview(draft.id, |draft| Ok(draft.to_plan().calibration("locks"))), ErrorKind::InvalidInput, "calibration");
        let changed = engine.update_interview(draft.id, plan().calibration("threads@1")).unwrap();
        assert_eq!(engine.interview(draft.id).unwrap(), changed);
        assert_eq!(changed.calibration.as_deref(), Some("threads@1"));
        assert!(engine.verify_audit(draft.id, None).unwrap().is_sound());
        engine.erase_interview(draft.id, "officer").unwrap();
        assert!(engine.verify_audit(draft.id, None).unwrap().is_sound());
        assert_eq!(corrected.status, EvaluationStatus::Completed);
    }

    fn calibrations_made_at_once_each_have_a_version(store: &TestStore) {
        let engine = store.engine();
        let all = together(8, |place| calibrated(&engine, "threads", (place as f64 + 1.0) / 10.0).version);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 8);
        assert_eq!(all.iter().max(), Some(&8));
        let same = together(8, |_| calibrated(&engine, "same", 0.5).version);
        assert_eq!(same, [1; 8]);
    }

    fn calibrations_are_copied(store: &TestStore) {
        let (from, to) = (store.engine(), TestStore::memory().engine());
        calibrated(&from, "threads", 0.3);
        calibrated(&from, "threads", 1.0);
        calibrated(&from.for_tenant("other").unwrap(), "locks", 1.0);
        from.copy_to(&to).unwrap();
        from.copy_to(&to).unwrap();
        assert_eq!(to.calibrations().unwrap(), from.calibrations().unwrap());
        assert_eq!(to.for_tenant("other").unwrap().calibrations().unwrap().len(), 1);
        let (second, third) = (store.another(), store.another());
        let back = second.engine();
        to.copy_to(&back).unwrap();
        to.copy_to(&back).unwrap();
        assert_eq!(back.calibrations().unwrap(), from.calibrations().unwrap());
        let differing = third.engine();
        calibrated(&differing, "threads", 0.7);
        refused(from.copy_to(&differing), ErrorKind::Conflict, "calibration threads@1");
    }

    fn what_cannot_be_learned_from_is_refused(store: &TestStore) {
        let engine = store.engine();
        let invalid = |name: &str, graded: &[GradedAnswer], words: &str| {
            refused(engine.calibrate(name, graded, &AnswerOptions::default()), ErrorKind::InvalidInput, words);
        };
        invalid(" ", &graded(0.5), "name is empty");
        invalid(&"n".repeat(101), &graded(0.5), "name");
        invalid("a@b", &graded(0.5), "@");
        for name in [" a", "a\u{a0}", "a\nb", "a\0"] {
            invalid(name, &graded(0.5), "name");
        }
        invalid("few", &graded(0.5)[..9], "9 graded answers, of which 9 say something: 10 to one question are needed, or 50 in all");
        invalid("none", &[], "graded answers");
        let changed = |change: fn(&mut GradedAnswer)| {
            let mut graded = graded(0.5);
            change(&mut graded[3]);
            graded
        };
        invalid("n", &changed(|it| it.score = 1.1), "graded answer 3: score is not within 0 to 1");
        invalid("n", &changed(|it| it.score = f64::NAN), "graded answer 3: score");
        invalid("n", &changed(|it| it.question.text = String::new()), "graded answer 3: question is empty");
        invalid("n", &changed(|it| it.answer = "x".repeat(40_000)), "graded answer 3: answer");
        let silent: Vec<_> = graded(0.5).into_iter().map(|it| GradedAnswer { answer: " ".into(), ..it }).collect();
        invalid("n", &silent, "10 graded answers, of which 0 say something");
        let cancelled = CancelToken::new();
        cancelled.cancel();
        let call = CallOptions::default().cancel(&cancelled);
        let over = engine.calibrate("n", &graded(0.5), &AnswerOptions { call, ..AnswerOptions::default() });
        refused(over, ErrorKind::Timeout, "");
        refused(engine.calibrate("n", &graded(0.5), &with("n")), ErrorKind::InvalidInput, "no other has corrected");
        for name in ["", "a@", "a@0", "a@+1", "a@x", "a@1@2"] {
            refused(engine.calibration(name), ErrorKind::InvalidInput, "calibration");
        }
        assert_eq!(engine.calibrations().unwrap(), []);
    }
}
