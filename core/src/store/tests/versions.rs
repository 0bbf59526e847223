//! Versions of an evaluation: each supersedes one, and is superseded by one.

use super::fixtures::{answer, begun, changed, completion, evaluation, now, request, result, tenant, verify};
use super::on_every_store;
use crate::domain::{Action, EvaluationId, EvaluationStatus, Override, Session};
use crate::store::{EvaluationWrite, SaveEvaluation, Store, Tenant, Written};

/// A version that takes the place of another.
fn version(session: &Session, of: &EvaluationWrite, status: EvaluationStatus) -> EvaluationWrite {
    changed(&evaluation(session, status), |new| {
        new.supersedes = Some(of.evaluation.id);
        new.session_id = of.evaluation.session_id;
    })
}

/// A session with an evaluation that is completed.
fn judged(store: &dyn Store) -> (std::sync::Arc<Session>, EvaluationWrite) {
    let (_, session) = begun(store);
    let step = completion(&session);
    let (session, asked) = (std::sync::Arc::clone(&step.session), step.evaluation.clone().unwrap());
    assert_eq!(store.step_session(step).unwrap(), Written::Done);
    let done = result(&asked);
    let write = done.write.clone();
    assert_eq!(store.save_evaluation(done).unwrap(), Written::Done);
    (session, write)
}

fn newest(store: &dyn Store, session: &Session) -> EvaluationId {
    store.evaluation_of_session(&tenant(), session.id).unwrap().unwrap().id
}

on_every_store! {
    fn the_newest_version_that_has_not_failed_is_the_sessions(store: &TestStore) {
        let (session, first) = judged(&**store);
        let id = |write: &EvaluationWrite| write.evaluation.id;
        let second = version(&session, &first, EvaluationStatus::Pending);
        assert_eq!(store.save_evaluation(request(&second)).unwrap(), Written::Done);
        assert_eq!(newest(&**store, &session), id(&second), "also while it is pending");
        assert_eq!(store.successor(&tenant(), id(&first)).unwrap(), Some(id(&second)));
        assert_eq!(store.successor(&tenant(), id(&second)).unwrap(), None);

        let failed = changed(&second, |second| second.status = EvaluationStatus::Failed);
        assert_eq!(store.save_evaluation(SaveEvaluation { new: false, ..request(&failed) }).unwrap(), Written::Done);
        assert_eq!(newest(&**store, &session), id(&first), "what failed supersedes nothing");
        assert_eq!(store.successor(&tenant(), id(&first)).unwrap(), None);

        let third = version(&session, &first, EvaluationStatus::Completed);
        assert_eq!(store.save_evaluation(request(&third)).unwrap(), Written::Done);
        let fourth = version(&session, &third, EvaluationStatus::Partial);
        assert_eq!(store.save_evaluation(request(&fourth)).unwrap(), Written::Done);
        assert_eq!(newest(&**store, &session), id(&fourth));
        assert_eq!(store.successor(&tenant(), id(&third)).unwrap(), Some(id(&fourth)));
        for (write, kept) in [(&first, &first), (&second, &failed), (&third, &third), (&fourth, &fourth)] {
            assert_eq!(store.evaluation(&tenant(), id(write)).unwrap().unwrap(), kept.evaluation, "all stay as they are");
        }
        assert_eq!(store.evaluations_of(&tenant(), session.interview_id).unwrap().len(), 4);
        assert!(verify(&**store, session.interview_id).is_sound());
    }

    fn only_what_is_final_and_of_the_same_answers_is_superseded_and_once(store: &TestStore) {
        let (session, first) = judged(&**store);
        let (other_session, of_other) = judged(&**store);
        let alone = changed(&evaluation(&session, EvaluationStatus::Completed), |alone| alone.session_id = None);
        let pending = changed(&evaluation(&session, EvaluationStatus::Pending), |alone| alone.session_id = None);
        for write in [&alone, &pending] {
            assert_eq!(store.save_evaluation(request(write)).unwrap(), Written::Done);
        }
        let nowhere = evaluation(&session, EvaluationStatus::Completed);
        let of_session = |mut write: EvaluationWrite, session: &Session| {
            write = changed(&write, |write| write.session_id = Some(session.id));
            request(&write)
        };
        let completed = EvaluationStatus::Completed;
        for (case, save) in [
            ("it is not there", request(&version(&session, &nowhere, completed))),
            ("it is not final", request(&version(&session, &pending, completed))),
            ("it is another interview's", request(&version(&session, &of_other, completed))),
            ("it is another session's", of_session(version(&session, &alone, completed), &session)),
            ("it is not the tenant's", SaveEvaluation {
                tenant: "other".into(),
                ..request(&version(&session, &first, completed))
            }),
        ] {
            assert_eq!(store.save_evaluation(save).unwrap(), Written::Stale, "{case}");
        }
        let second = version(&session, &first, completed);
        assert_eq!(store.save_evaluation(request(&second)).unwrap(), Written::Done);
        let again = request(&version(&session, &first, EvaluationStatus::Pending));
        assert_eq!(store.save_evaluation(again).unwrap(), Written::Stale, "it is superseded");
        let first_again = request(&evaluation(&session, completed));
        assert_eq!(store.save_evaluation(first_again).unwrap(), Written::Stale, "the session has one");
        assert_eq!(newest(&**store, &session), second.evaluation.id);
        assert_eq!(store.evaluations_of(&tenant(), session.interview_id).unwrap().len(), 4);
        for session in [&session, &other_session] {
            assert!(verify(&**store, session.interview_id).is_sound());
        }
    }

    fn evaluations_without_a_session_have_versions_too(store: &TestStore) {
        let (_, session) = begun(&**store);
        let [one, two] = [0, 1].map(|_| {
            let write = changed(&evaluation(&session, EvaluationStatus::Completed), |write| write.session_id = None);
            assert_eq!(store.save_evaluation(request(&write)).unwrap(), Written::Done);
            write
        });
        let second = version(&session, &one, EvaluationStatus::Completed);
        assert_eq!(store.save_evaluation(request(&second)).unwrap(), Written::Done);
        let again = version(&session, &one, EvaluationStatus::Completed);
        assert_eq!(store.save_evaluation(request(&again)).unwrap(), Written::Stale);
        let successor = |of: &EvaluationWrite| store.successor(&tenant(), of.evaluation.id).unwrap();
        assert_eq!((successor(&one), successor(&two)), (Some(second.evaluation.id), None));
        assert_eq!(store.evaluation_of_session(&tenant(), session.id).unwrap(), None);
    }

    fn of_evaluations_that_all_failed_the_last_one_is_the_sessions_and_may_be_superseded(store: &TestStore) {
        let (_, session) = begun(&**store);
        let failed = [0, 1].map(|_| evaluation(&session, EvaluationStatus::Failed));
        for write in &failed {
            assert_eq!(store.save_evaluation(request(write)).unwrap(), Written::Done);
        }
        assert_eq!(newest(&**store, &session), failed[1].evaluation.id);
        let later = version(&session, &failed[0], EvaluationStatus::Failed);
        assert_eq!(store.save_evaluation(request(&later)).unwrap(), Written::Done);
        assert_eq!(newest(&**store, &session), later.evaluation.id);
        let made = version(&session, &later, EvaluationStatus::Completed);
        assert_eq!(store.save_evaluation(request(&made)).unwrap(), Written::Done);
        assert_eq!(newest(&**store, &session), made.evaluation.id);
        let first = request(&evaluation(&session, EvaluationStatus::Completed));
        assert_eq!(store.save_evaluation(first).unwrap(), Written::Stale);
    }

    fn of_many_that_supersede_one_at_once_one_is_kept(store: &TestStore) {
        let (session, mut current) = judged(&**store);
        for round in 1..=5 {
            let saved = store.together(12, |_, store| {
                let write = version(&session, &current, EvaluationStatus::Completed);
                (store.save_evaluation(request(&write)).unwrap(), write)
            });
            let mut done: Vec<_> = saved.into_iter().filter(|(written, _)| *written == Written::Done).collect();
            assert_eq!(done.len(), 1);
            current = done.remove(0).1;
            assert_eq!(newest(&**store, &session), current.evaluation.id);
            assert_eq!(store.evaluations_of(&tenant(), session.interview_id).unwrap().len(), 1 + round);
        }
        assert!(verify(&**store, session.interview_id).is_sound());
    }

    fn of_many_first_evaluations_at_once_one_is_kept(store: &TestStore) {
        for _ in 0..5 {
            let (_, session) = begun(&**store);
            let saved = store.together(8, |_, store| {
                store.save_evaluation(request(&evaluation(&session, EvaluationStatus::Completed))).unwrap()
            });
            assert_eq!(saved.iter().filter(|written| **written == Written::Done).count(), 1);
        }
    }

    fn a_step_does_not_end_a_session_that_has_an_evaluation_with_another(store: &TestStore) {
        let (_, session) = begun(&**store);
        assert_eq!(store.save_evaluation(request(&evaluation(&session, EvaluationStatus::Completed))).unwrap(), Written::Done);
        assert_eq!(store.step_session(completion(&session)).unwrap(), Written::Stale);
        assert_eq!(store.session_version(&tenant(), session.id).unwrap(), Some(session.version));
        assert_eq!(store.step_session(answer(&session, "on")).unwrap(), Written::Done);
    }

    fn what_a_person_changed_is_logged_under_their_name(store: &TestStore) {
        let (session, first) = judged(&**store);
        let second = changed(&version(&session, &first, EvaluationStatus::Completed), |second| {
            second.overridden = vec![Override::new(0.9, "Grace \"the officer\"", "she said more")];
        });
        let mut save = request(&second);
        save.events.remove(0);
        assert_eq!(store.save_evaluation(save).unwrap(), Written::Done);
        let events = store.events(&tenant(), session.id, 0, 100).unwrap();
        let last = events.last().unwrap();
        assert_eq!((last.action, last.actor.as_str()), (Action::EvaluationOverridden, "Grace \"the officer\""));
        assert_eq!(last.evaluation_id, Some(second.evaluation.id));
        assert_eq!(store.evaluation(&tenant(), second.evaluation.id).unwrap().unwrap(), second.evaluation);
        assert!(verify(&**store, session.interview_id).is_sound());
    }

    fn versions_are_copied(store: &TestStore) {
        let (session, first) = judged(&**store);
        let failed = version(&session, &first, EvaluationStatus::Failed);
        let second = version(&session, &first, EvaluationStatus::Completed);
        let third = version(&session, &second, EvaluationStatus::Pending);
        for write in [&failed, &second, &third] {
            assert_eq!(store.save_evaluation(request(write)).unwrap(), Written::Done);
        }
        for other in [store.another(), crate::store::tests::TestStore::memory()] {
            for bundle in store.export(None, 10).unwrap() {
                assert!(!other.import(bundle).unwrap());
            }
            assert_eq!(newest(&*other, &session), third.evaluation.id);
            assert_eq!(other.successor(&tenant(), first.evaluation.id).unwrap(), Some(second.evaluation.id));
            let again = request(&version(&session, &first, EvaluationStatus::Completed));
            assert_eq!(other.save_evaluation(again).unwrap(), Written::Stale);
            let (ours, theirs) = (other.export(None, 10).unwrap(), store.export(None, 10).unwrap());
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
        }
    }

    fn another_tenant_sees_no_version(store: &TestStore) {
        let (session, first) = judged(&**store);
        let second = version(&session, &first, EvaluationStatus::Completed);
        assert_eq!(store.save_evaluation(request(&second)).unwrap(), Written::Done);
        let other: Tenant = "other".into();
        assert_eq!(store.successor(&other, first.evaluation.id).unwrap(), None);
        assert_eq!(store.evaluation_of_session(&other, session.id).unwrap(), None);
        assert!(second.evaluation.created_at < now());
    }
}
