//! The same key gives the first success again; nothing happens twice.

use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use vivavoce::{CallOptions, Engine, ErrorKind, InterviewStatus, Language, Result, StartSession};

use crate::{Slow, TestStore, answers, begun, key, missing, plan, refused, together};

/// Makes a call twice at once: the second waits for the first, and nobody is asked twice.
fn asked_once<T: PartialEq + std::fmt::Debug + Send>(
    call: impl Fn(&CallOptions) -> Result<T> + Sync,
    was_asked: &Receiver<()>,
    answer: &SyncSender<()>,
) {
    std::thread::scope(|scope| {
        let first = scope.spawn(|| call(&key("k")).unwrap());
        was_asked.recv().unwrap();
        let impatient = call(&key("k").timeout(Duration::from_millis(20)));
        refused(impatient, ErrorKind::Timeout, "the deadline passed while another call");
        let second = scope.spawn(|| call(&key("k")).unwrap());
        assert!(was_asked.recv_timeout(Duration::from_millis(200)).is_err(), "the second call did not wait");
        answer.send(()).unwrap();
        assert_eq!(first.join().unwrap(), second.join().unwrap());
    });
}

#[track_caller]
fn one<T: PartialEq + std::fmt::Debug>(results: &[T]) {
    assert!(results.iter().all(|result| *result == results[0]), "{results:?}");
}

conformance! {
    fn a_plan_is_made_once(store: &TestStore) {
        let engine = store.engine();
        let made = engine.create_interview_with(plan(), &key("k")).unwrap();
        assert_eq!(engine.create_interview_with(plan(), &key("k")).unwrap(), made);
        refused(engine.create_interview_with(plan().max_answers(3), &key("k")), ErrorKind::Conflict, "another request");
        engine.start_session(made.id, StartSession::default()).unwrap();
        assert_eq!(engine.interview(made.id).unwrap().status, InterviewStatus::InProgress);
        let engine = store.reopen(engine);
        assert_eq!(engine.create_interview_with(plan(), &key("k")).unwrap(), made);
        assert_ne!(engine.create_interview_with(plan(), &key("l")).unwrap().id, made.id);
        let other = engine.for_tenant("other").unwrap();
        assert_ne!(other.create_interview_with(plan().max_answers(3), &key("k")).unwrap().id, made.id);
    }

    fn a_session_is_started_once(store: &TestStore) {
        let engine = store.engine();
        let made = engine.create_interview(plan()).unwrap();
        let first = engine.start_session_with(made.id, StartSession::default(), &key("k")).unwrap();
        engine.send_message(first.id, "one").unwrap();
        engine.end_session(first.id).unwrap();
        let engine = store.reopen(engine);
        assert_eq!(engine.start_session_with(made.id, StartSession::default(), &key("k")).unwrap(), first);
        let chinese = StartSession::default().language(Language::ZhTw);
        refused(engine.start_session_with(made.id, chinese, &key("k")), ErrorKind::Conflict, "another request");
        let other = engine.create_interview(plan()).unwrap();
        let session = engine.start_session_with(other.id, StartSession::default(), &key("k")).unwrap();
        assert_ne!(session.id, first.id);
        assert_eq!(engine.sessions(made.id).unwrap(), [first.id]);
    }

    fn a_message_is_sent_once(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        let first = engine.send_message_with(session.id, "one", &key("k")).unwrap();
        assert_eq!(engine.send_message_with(session.id, "one", &key("k")).unwrap(), first);
        refused(engine.send_message_with(session.id, "two", &key("k")), ErrorKind::Conflict, "another request");
        engine.send_message(session.id, "two").unwrap();
        assert_eq!(engine.send_message_with(session.id, "one", &key("k")).unwrap(), first);
        // The first success counts, even where the version that the caller named has moved since.
        let named = key("n").expected_version(5);
        let version = engine.session_exact(session.id).unwrap().version;
        let named_turn = engine
            .send_message_with(session.id, "three", &named.clone().expected_version(version))
            .unwrap();
        assert_eq!(engine.send_message_with(session.id, "three", &named).unwrap(), named_turn);
        engine.end_session(session.id).unwrap();
        let engine = store.reopen(engine);
        assert_eq!(engine.send_message_with(session.id, "one", &key("k")).unwrap(), first);
        refused(engine.send_message_with(session.id, "two", &key("k")), ErrorKind::Conflict, "another request");
        assert_eq!(engine.session_exact(session.id).unwrap().messages.len(), 7);
        // Another session of the same interview has keys of its own.
        let second = engine.start_session(interview.id, StartSession::default()).unwrap();
        assert_eq!(engine.send_message_with(second.id, "other", &key("k")).unwrap().message.number, 2);
    }

    fn a_session_is_ended_and_answers_are_evaluated_once(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        engine.send_message(session.id, "Two locks.").unwrap();
        let ended = engine.end_session_with(session.id, &key("k")).unwrap();
        // The same key of another operation is another key.
        let judged = engine.evaluate_with(interview.id, &answers("a"), &key("k")).unwrap();
        assert_ne!(judged.id, ended.id);
        assert_eq!(engine.interview(interview.id).unwrap().status, InterviewStatus::Completed);
        let engine = store.reopen(engine);
        assert_eq!(engine.end_session_with(session.id, &key("k")).unwrap(), ended);
        assert_eq!(engine.evaluate_with(interview.id, &answers("a"), &key("k")).unwrap(), judged);
        refused(engine.evaluate_with(interview.id, &answers("b"), &key("k")), ErrorKind::Conflict, "another request");
        let mut both = vec![ended.id, judged.id];
        both.sort_unstable();
        assert_eq!(engine.evaluations(interview.id).unwrap(), both);
    }

    fn keys_of_operations_are_apart(store: &TestStore) {
        let engine = store.engine();
        let made = engine.create_interview_with(plan(), &key("k")).unwrap();
        let session = engine.start_session_with(made.id, StartSession::default(), &key("k")).unwrap();
        engine.send_message_with(session.id, "one", &key("k")).unwrap();
        engine.end_session_with(session.id, &key("k")).unwrap();
        engine.evaluate_with(made.id, &answers("one"), &key("k")).unwrap();
    }

    fn a_key_used_by_many_at_once_has_one_effect(store: &TestStore) {
        let engine = store.engine();
        let made = together(8, |_| engine.create_interview_with(plan(), &key("k")).unwrap().id);
        one(&made);
        let started =
            together(8, |_| engine.start_session_with(made[0], StartSession::default(), &key("k")).unwrap());
        one(&started);
        assert_eq!(engine.sessions(made[0]).unwrap(), [started[0].id]);
        let sent = together(8, |_| engine.send_message_with(started[0].id, "one", &key("k")).unwrap());
        one(&sent);
        assert_eq!(engine.session_exact(started[0].id).unwrap().messages.len(), 3);
        one(&together(8, |_| engine.evaluate_with(made[0], &answers("one"), &key("k")).unwrap()));
        assert_eq!(engine.evaluations(made[0]).unwrap().len(), 1);
        one(&together(8, |_| engine.end_session_with(started[0].id, &key("k")).unwrap()));
        assert_eq!(engine.evaluations(made[0]).unwrap().len(), 2);
        let all = engine.list_interviews(&Default::default()).unwrap();
        assert_eq!(all.interviews.len(), 1);
        assert!(engine.verify_audit(made[0], None).unwrap().is_sound());
    }

    fn a_call_with_a_key_under_way_is_waited_for(store: &TestStore) {
        let ((interviewer, asked, speak), (evaluator, to_judge, judged)) = (Slow::new(), Slow::new());
        let engine = store.open(Engine::builder().interviewer(interviewer).evaluator(evaluator));
        let made = engine.create_interview(plan()).unwrap();
        let start = |options: &CallOptions| engine.start_session_with(made.id, StartSession::default(), options);
        asked_once(start, &asked, &speak);
        let words = answers("Two threads wait.");
        asked_once(|options| engine.evaluate_with(made.id, &words, options), &to_judge, &judged);
        let session = engine.sessions(made.id).unwrap()[0];
        asked_once(|options| engine.send_message_with(session, "one", options), &asked, &speak);
        asked_once(|options| engine.end_session_with(session, options), &to_judge, &judged);
        assert_eq!(engine.session_exact(session).unwrap().messages.len(), 3);
        assert_eq!(engine.evaluations(made.id).unwrap().len(), 2);
    }

    fn a_session_is_ended_once_also_where_the_version_was_named(store: &TestStore) {
        let engine = store.engine();
        for _ in 0..10 {
            let (interview, session) = begun(&engine);
            let options = key("k").expected_version(1);
            one(&together(4, |_| engine.end_session_with(session.id, &options).unwrap()));
            assert_eq!(engine.evaluations(interview.id).unwrap().len(), 1);
            let other = key("l").expected_version(1);
            refused(engine.end_session_with(session.id, &other), ErrorKind::Conflict, "is at version 2, not at 1");
        }
    }

    fn a_completed_session_has_one_evaluation_whoever_asks(store: &TestStore) {
        let engines = [store.engine(), if store.persists() { store.engine() } else { return }];
        for _ in 0..10 {
            let (interview, session) = crate::begun_with(&engines[0], plan().max_answers(1));
            engines[0].send_message(session.id, "Two locks.").unwrap();
            one(&together(6, |place| engines[place % 2].end_session(session.id).unwrap()));
            assert_eq!(engines[0].evaluations(interview.id).unwrap().len(), 1);
            assert!(engines[1].verify_audit(interview.id, None).unwrap().is_sound());
        }
    }

    fn ending_without_a_key_many_times_at_once_makes_one_evaluation(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        engine.send_message(session.id, "one").unwrap();
        one(&together(8, |_| engine.end_session(session.id).unwrap()));
        assert_eq!(engine.evaluations(interview.id).unwrap().len(), 1);
    }

    fn keys_are_not_found_after_an_erasure(store: &TestStore) {
        let engine = store.engine();
        let made = engine.create_interview_with(plan(), &key("k")).unwrap();
        let session = engine.start_session_with(made.id, StartSession::default(), &key("k")).unwrap();
        engine.send_message_with(session.id, "one", &key("k")).unwrap();
        engine.end_session_with(session.id, &key("k")).unwrap();
        engine.evaluate_with(made.id, &answers("one"), &key("k")).unwrap();
        engine.erase_interview(made.id, "me").unwrap();
        let engine = store.reopen(engine);
        missing(engine.create_interview_with(plan(), &key("k")));
        missing(engine.create_interview_with(plan().max_answers(3), &key("k")));
        missing(engine.start_session_with(made.id, StartSession::default(), &key("k")));
        missing(engine.send_message_with(session.id, "one", &key("k")));
        missing(engine.end_session_with(session.id, &key("k")));
        missing(engine.evaluate_with(made.id, &answers("one"), &key("k")));
        assert!(engine.list_interviews(&Default::default()).unwrap().interviews.is_empty());
    }
}
