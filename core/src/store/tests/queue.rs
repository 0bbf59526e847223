//! The queue: each evaluation is judged by one holder at a time, and its result is kept once.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::fixtures::{
    beginning, begun, changed, completion, creation, erasure, evaluation, interview, now, request, result, tenant,
    unique, verify,
};
use super::on_every_store;
use crate::domain::{EvaluationId, EvaluationStatus, Interview, Session};
use crate::store::{
    CreateInterview, EvaluationWrite, Job, Lease, LeaseToken, Leased, SaveEvaluation, Store, Tenant, Written,
};

const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// A new one each time.
fn token() -> LeaseToken {
    let mut token = [3; 16];
    token[8..].copy_from_slice(&unique().to_be_bytes());
    token
}

fn lease(until: DateTime<Utc>) -> Lease {
    Lease { token: token(), until }
}

/// An evaluation of an interview's answers that is to be judged.
fn asked(session: &Session) -> EvaluationWrite {
    let write = changed(&evaluation(session, EvaluationStatus::Pending), |write| write.session_id = None);
    EvaluationWrite { lease: None, ..write }
}

/// Keeps new evaluations that are to be judged.
fn queued(store: &dyn Store, count: usize) -> (Arc<Interview>, Vec<EvaluationWrite>) {
    let (interview, session) = begun(store);
    let writes: Vec<_> = (0..count).map(|_| asked(&session)).collect();
    for write in &writes {
        assert_eq!(store.save_evaluation(request(write)).unwrap(), Written::Done);
    }
    (interview, writes)
}

fn status(store: &dyn Store, id: EvaluationId) -> EvaluationStatus {
    store.evaluation(&tenant(), id).unwrap().unwrap().status
}

/// The result of an evaluation, by whoever has this lease.
fn result_under(asked: &EvaluationWrite, lease: Option<Lease>) -> SaveEvaluation {
    let mut save = result(asked);
    save.write.lease = lease;
    save
}

fn job(write: &EvaluationWrite, attempts: u32) -> Option<Job> {
    Some(Job { tenant: tenant(), evaluation_id: write.evaluation.id, attempts })
}

on_every_store! {
    fn what_is_to_be_judged_is_a_job_until_its_result_is_kept(store: &TestStore) {
        let (interview, session) = begun(&**store);
        let step = completion(&session);
        let of_session = step.evaluation.clone().unwrap();
        let of_answers = asked(&session);
        let final_at_once = changed(&asked(&session), |write| write.status = EvaluationStatus::Completed);
        assert_eq!(store.next_due(now()).unwrap(), None);
        assert_eq!(store.step_session(step).unwrap(), Written::Done);
        for write in [&of_answers, &final_at_once] {
            assert_eq!(store.save_evaluation(request(write)).unwrap(), Written::Done);
        }
        let later = now();
        assert_eq!(store.next_due(later).unwrap(), Some(later));
        let [first, second] = [0, 1].map(|_| lease(later + MINUTE));
        for (write, lease) in [(&of_session, first), (&of_answers, second)] {
            assert_eq!(status(&**store, write.evaluation.id), EvaluationStatus::Pending);
            assert_eq!(store.lease_next(later, lease).unwrap(), job(write, 1));
            assert_eq!(status(&**store, write.evaluation.id), EvaluationStatus::Running);
        }
        assert_eq!(store.evaluation_of_session(&tenant(), session.id).unwrap().unwrap().status, EvaluationStatus::Running);
        assert_eq!(store.lease_next(later, lease(later + MINUTE)).unwrap(), None);
        assert_eq!(store.next_due(later).unwrap(), Some(later + MINUTE));
        for (write, lease) in [(&of_session, first), (&of_answers, second)] {
            assert_eq!(store.save_evaluation(result_under(write, Some(lease))).unwrap(), Written::Done);
            assert_eq!(status(&**store, write.evaluation.id), EvaluationStatus::Completed);
            assert!(!store.renew_lease(write.evaluation.id, lease).unwrap());
            assert!(!store.release_job(write.evaluation.id, lease.token, later, true).unwrap());
            assert_eq!(store.save_evaluation(result_under(write, Some(lease))).unwrap(), Written::Stale, "once");
        }
        assert_eq!(store.next_due(later + MINUTE).unwrap(), None);
        assert!(verify(&**store, interview.id).is_sound());
    }

    fn what_its_caller_judges_at_once_is_nobodys_until_its_lease_is_over(store: &TestStore) {
        let (_, session) = begun(&**store);
        let at = now();
        let mine = lease(at + MINUTE);
        let mut step = completion(&session);
        let write = EvaluationWrite { lease: Some(mine), ..step.evaluation.unwrap() };
        step.evaluation = Some(write.clone());
        assert_eq!(store.step_session(step).unwrap(), Written::Done);
        let saved = EvaluationWrite { lease: Some(lease(at + MINUTE * 2)), ..asked(&session) };
        assert_eq!(store.save_evaluation(request(&saved)).unwrap(), Written::Done);
        let id = write.evaluation.id;
        assert_eq!(status(&**store, id), EvaluationStatus::Running);
        assert_eq!(store.next_due(at).unwrap(), Some(at + MINUTE));
        assert_eq!(store.lease_next(at, lease(at + MINUTE)).unwrap(), None);
        let theirs = lease(at + MINUTE * 5);
        assert_eq!(store.lease_next(at + MINUTE, theirs).unwrap(), job(&write, 2));
        assert_eq!(store.save_evaluation(result_under(&write, Some(mine))).unwrap(), Written::Stale);
        assert_eq!(status(&**store, id), EvaluationStatus::Running);
        assert_eq!(store.save_evaluation(result_under(&write, Some(theirs))).unwrap(), Written::Done);
        assert_eq!(store.save_evaluation(result_under(&saved, saved.lease)).unwrap(), Written::Done);
    }

    fn whatever_could_be_taken_for_longest_is_next(store: &TestStore) {
        let (_, writes) = queued(&**store, 3);
        let at = now();
        let mut held = Vec::new();
        for write in &writes {
            let lease = lease(at + MINUTE);
            assert_eq!(store.lease_next(at, lease).unwrap(), job(write, 1));
            held.push(lease);
        }
        let id = |place: usize| writes[place].evaluation.id;
        assert!(store.release_job(id(0), held[0].token, at + MINUTE * 3, true).unwrap());
        assert!(store.release_job(id(1), held[1].token, at + MINUTE * 2, true).unwrap());
        assert_eq!(status(&**store, id(0)), EvaluationStatus::Pending);
        assert!(!store.release_job(id(0), held[0].token, at, true).unwrap(), "it is given back already");
        assert!(!store.renew_lease(id(0), held[0]).unwrap());
        let next = |at| store.lease_next(at, lease(at + MINUTE * 9)).unwrap();
        assert_eq!(next(at + MINUTE - TimeDelta::microseconds(1)), None);
        assert_eq!(store.next_due(at).unwrap(), Some(at + MINUTE));
        let late = at + MINUTE * 4;
        assert_eq!([0; 4].map(|_| next(late)), [job(&writes[2], 2), job(&writes[1], 2), job(&writes[0], 2), None]);
    }

    fn a_lease_is_lost_only_when_another_has_the_evaluation(store: &TestStore) {
        let (_, writes) = queued(&**store, 1);
        let write = &writes[0];
        let id = write.evaluation.id;
        let at = now();
        let first = lease(at + MINUTE);
        assert_eq!(store.lease_next(at, first).unwrap(), job(write, 1));
        let longer = Lease { until: at + MINUTE * 3, ..first };
        assert!(store.renew_lease(id, longer).unwrap());
        assert_eq!(store.lease_next(at + MINUTE * 2, lease(at + MINUTE * 4)).unwrap(), None);
        // It is over, but nobody has taken the evaluation: its holder goes on.
        assert!(store.renew_lease(id, Lease { until: at + MINUTE * 5, ..first }).unwrap());
        let second = lease(at + MINUTE * 9);
        assert_eq!(store.lease_next(at + MINUTE * 5, second).unwrap(), job(write, 2));
        assert!(!store.renew_lease(id, longer).unwrap());
        assert!(!store.release_job(id, first.token, at, true).unwrap());
        for lease in [Some(first), None, Some(lease(at))] {
            assert_eq!(store.save_evaluation(result_under(write, lease)).unwrap(), Written::Stale);
        }
        // Given back by the second, the first one's result is better than none.
        assert!(store.release_job(id, second.token, at + MINUTE * 10, true).unwrap());
        assert_eq!(store.save_evaluation(result_under(write, Some(first))).unwrap(), Written::Done);
        assert_eq!(store.save_evaluation(result_under(write, Some(second))).unwrap(), Written::Stale);
        assert_eq!(store.next_due(at).unwrap(), None);
    }

    fn one_evaluation_is_leased_by_its_id(store: &TestStore) {
        let (_, writes) = queued(&**store, 2);
        let (write, id) = (&writes[1], writes[1].evaluation.id);
        let at = now();
        assert_eq!(store.save_evaluation(result(&writes[0])).unwrap(), Written::Done, "it was never leased");
        let first = lease(at + MINUTE);
        let take = |at, lease| store.lease_evaluation(&tenant(), id, at, lease).unwrap();
        assert_eq!(take(at, first), Leased::Yours);
        assert_eq!(status(&**store, id), EvaluationStatus::Running);
        assert_eq!(take(at, lease(at + MINUTE)), Leased::HeldUntil(at + MINUTE));
        assert_eq!(take(at, Lease { until: at + MINUTE * 2, ..first }), Leased::Yours, "its own is renewed");
        assert_eq!(take(at + MINUTE, lease(at + MINUTE)), Leased::HeldUntil(at + MINUTE * 2));
        let second = lease(at + MINUTE * 3);
        assert_eq!(take(at + MINUTE * 2, second), Leased::Yours);
        assert!(!store.renew_lease(id, first).unwrap());
        assert!(store.release_job(id, second.token, at + MINUTE * 9, true).unwrap());
        // Whoever wants this one now does not wait until it is due.
        let third = lease(at + MINUTE * 4);
        assert_eq!(take(at + MINUTE * 3, third), Leased::Yours);
        assert!(store.release_job(id, third.token, at, true).unwrap());
        let fourth = lease(at);
        assert_eq!(store.lease_next(at, fourth).unwrap(), job(write, 4), "its own renewal was no attempt");
        assert!(store.release_job(id, fourth.token, at, false).unwrap());
        assert_eq!(store.lease_next(at, lease(at)).unwrap(), job(write, 4), "who was stopped made no attempt");
        let other: Tenant = "other".into();
        let gone = |tenant: &Tenant, id| store.lease_evaluation(tenant, id, at + MINUTE * 99, lease(at)).unwrap();
        assert_eq!(gone(&tenant(), writes[0].evaluation.id), Leased::Gone, "it is final");
        assert_eq!(gone(&tenant(), EvaluationId::new(at, [8; 10])), Leased::Gone, "it is not there");
        assert_eq!(gone(&other, id), Leased::Gone, "it is not the tenant's");
        assert_eq!(gone(&tenant(), id), Leased::Yours);
    }

    fn many_threads_take_each_evaluation_exactly_once(store: &TestStore) {
        let (_, writes) = queued(&**store, 200);
        let at = now();
        let taken = store.together(8, |_, store| {
            let mut taken = Vec::new();
            while let Some(job) = store.lease_next(at, lease(at + MINUTE)).unwrap() {
                assert_eq!((&job.tenant, job.attempts), (&tenant(), 1));
                taken.push(job.evaluation_id);
            }
            taken
        });
        let taken: Vec<_> = taken.into_iter().flatten().collect();
        let once: HashSet<_> = taken.iter().copied().collect();
        assert_eq!((taken.len(), once.len()), (200, 200));
        assert!(writes.iter().all(|write| once.contains(&write.evaluation.id)));
    }

    fn many_threads_that_lease_too_briefly_keep_one_result_each(store: &TestStore) {
        let (interview, writes) = queued(&**store, 20);
        let before = store.audit_state(&tenant(), interview.id).unwrap().unwrap().number;
        let at = now();
        let kept = store.together(8, |place, store| {
            let mut kept = 0;
            for round in 0..40 {
                // Every lease is over at once, and many have the same evaluation.
                let lease = lease(at);
                let Some(job) = store.lease_next(at, lease).unwrap() else { break };
                let write = writes.iter().find(|write| write.evaluation.id == job.evaluation_id).unwrap();
                if (place + round) % 3 == 0 {
                    std::thread::yield_now();
                }
                kept += usize::from(store.save_evaluation(result_under(write, Some(lease))).unwrap() == Written::Done);
            }
            kept
        });
        let left = writes.iter().filter(|write| !status(&**store, write.evaluation.id).is_final()).count();
        assert_eq!(kept.iter().sum::<usize>() + left, 20);
        let after = store.audit_state(&tenant(), interview.id).unwrap().unwrap().number;
        assert_eq!((after - before) as usize + left, 20);
        assert!(verify(&**store, interview.id).is_sound());
    }

    fn of_many_that_want_one_evaluation_at_once_one_has_it(store: &TestStore) {
        let (_, writes) = queued(&**store, 5);
        let at = now();
        for write in &writes {
            let taken = store.together(8, |_, store| {
                store.lease_evaluation(&tenant(), write.evaluation.id, at, lease(at + MINUTE)).unwrap()
            });
            assert_eq!(taken.iter().filter(|taken| **taken == Leased::Yours).count(), 1, "{taken:?}");
            assert_eq!(taken.iter().filter(|taken| **taken == Leased::HeldUntil(at + MINUTE)).count(), 7, "{taken:?}");
        }
    }

    fn jobs_of_all_tenants_come_in_turn(store: &TestStore) {
        let (_, writes) = queued(&**store, 1);
        let other: Tenant = "other".into();
        let theirs = interview("Grace");
        let create = CreateInterview { tenant: Arc::clone(&other), ..creation(&theirs, None) };
        assert_eq!(store.create_interview(create).unwrap(), Written::Done);
        let write = asked(&beginning(&theirs, None).session);
        let save = SaveEvaluation { tenant: Arc::clone(&other), ..request(&write) };
        assert_eq!(store.save_evaluation(save).unwrap(), Written::Done);
        let at = now();
        assert_eq!(store.lease_next(at, lease(at + MINUTE)).unwrap(), job(&writes[0], 1));
        let mine = lease(at + MINUTE);
        let job = Job { tenant: Arc::clone(&other), evaluation_id: write.evaluation.id, attempts: 1 };
        assert_eq!(store.lease_next(at, mine).unwrap(), Some(job));
        assert_eq!(store.save_evaluation(result_under(&write, Some(mine))).unwrap(), Written::Stale, "of another tenant");
        let save = SaveEvaluation { tenant: other, ..result_under(&write, Some(mine)) };
        assert_eq!(store.save_evaluation(save).unwrap(), Written::Done);
    }

    fn an_erasure_takes_the_jobs_away(store: &TestStore) {
        let (interview, writes) = queued(&**store, 3);
        let at = now();
        let mine = lease(at + MINUTE);
        assert_eq!(store.lease_next(at, mine).unwrap(), job(&writes[0], 1));
        assert_eq!(store.erase_interview(erasure(interview.id)).unwrap(), Written::Done);
        assert_eq!(store.lease_next(at + MINUTE * 9, lease(at)).unwrap(), None);
        assert_eq!(store.next_due(at).unwrap(), None);
        assert!(!store.renew_lease(writes[0].evaluation.id, mine).unwrap());
        assert!(!store.release_job(writes[0].evaluation.id, mine.token, at, true).unwrap());
        assert_eq!(store.save_evaluation(result_under(&writes[0], Some(mine))).unwrap(), Written::Stale);
        let gone = store.lease_evaluation(&tenant(), writes[1].evaluation.id, at, lease(at)).unwrap();
        assert_eq!(gone, Leased::Gone);
        assert!(verify(&**store, interview.id).is_sound());
    }

    fn an_erasure_among_workers_ends(store: &TestStore) {
        for _ in 0..4 {
            let (interview, writes) = queued(&**store, 30);
            let at = now();
            store.together(6, |place, store| {
                if place == 0 {
                    assert_eq!(store.erase_interview(erasure(interview.id)).unwrap(), Written::Done);
                }
                loop {
                    let mine = lease(at + MINUTE);
                    let Some(job) = store.lease_next(at, mine).unwrap() else { break };
                    let write = writes.iter().find(|write| write.evaluation.id == job.evaluation_id).unwrap();
                    store.renew_lease(job.evaluation_id, mine).unwrap();
                    store.save_evaluation(result_under(write, Some(mine))).unwrap();
                }
            });
            assert_eq!(store.next_due(at).unwrap(), None);
            assert!(verify(&**store, interview.id).is_sound());
        }
    }

    fn copies_hold_what_is_to_be_judged_without_a_lease(store: &TestStore) {
        let (interview, writes) = queued(&**store, 2);
        let at = now();
        assert_eq!(store.lease_next(at, lease(at + MINUTE)).unwrap(), job(&writes[0], 1));
        let bundles = store.export(None, 10).unwrap();
        for other in [store.another(), crate::store::tests::TestStore::memory()] {
            for bundle in &bundles {
                assert!(!other.import(bundle.clone()).unwrap());
            }
            let mine = lease(at + MINUTE);
            assert_eq!(status(&*other, writes[0].evaluation.id), EvaluationStatus::Pending);
            for write in &writes {
                assert_eq!(other.lease_next(at, Lease { token: token(), ..mine }).unwrap(), job(write, 1));
            }
            // It goes on here, and takes the place of its copy: the jobs there are new ones.
            let more = asked(&begun(&**store).1);
            let more = changed(&more, |more| more.interview_id = interview.id);
            assert_eq!(store.save_evaluation(request(&more)).unwrap(), Written::Done);
            let bundle = store.export(None, 1).unwrap().remove(0);
            assert!(other.import(bundle).unwrap());
            assert_eq!(other.lease_next(at, mine).unwrap(), job(&writes[0], 1));
            assert_eq!(other.save_evaluation(result_under(&writes[0], Some(mine))).unwrap(), Written::Done);
            assert!(verify(&*other, interview.id).is_sound());
        }
    }
}
