//! Lists of evaluations, as the stores read them.

use std::sync::Arc;

use super::fixtures::{begun, changed, completion, evaluation, now, request, result, tenant};
use super::on_every_store;
use crate::domain::{EvaluationId, EvaluationStatus};
use crate::store::{EvaluationQuery, Lease, Store, Written};

fn all() -> EvaluationQuery {
    EvaluationQuery { status: None, interview: None, before: None, limit: 100 }
}

fn listed(store: &dyn Store, query: &EvaluationQuery) -> Vec<(EvaluationId, EvaluationStatus)> {
    let rows = store.list_evaluations(&tenant(), query).unwrap();
    rows.iter().map(|evaluation| (evaluation.id, evaluation.status)).collect()
}

on_every_store! {
    fn a_page_has_one_row_more_than_its_limit(store: &TestStore) {
        let (interview, session) = begun(&**store);
        let mut kept: Vec<_> = (0..5)
            .map(|_| {
                let write = changed(&evaluation(&session, EvaluationStatus::Completed), |it| it.session_id = None);
                assert_eq!(store.save_evaluation(request(&write)).unwrap(), Written::Done);
                write.evaluation
            })
            .collect();
        kept.reverse();
        assert_eq!(store.list_evaluations(&tenant(), &all()).unwrap(), kept);
        for interview in [None, Some(interview.id)] {
            let query = EvaluationQuery { interview, before: Some(kept[1].id), limit: 1, ..all() };
            assert_eq!(store.list_evaluations(&tenant(), &query).unwrap(), kept[2..4]);
        }
        assert!(store.list_evaluations(&"other".into(), &all()).unwrap().is_empty());
    }

    fn the_status_is_that_of_the_lease(store: &TestStore) {
        let (interview, session) = begun(&**store);
        let step = completion(&session);
        let asked = step.evaluation.clone().unwrap();
        let id = asked.evaluation.id;
        assert_eq!(store.step_session(step).unwrap(), Written::Done);
        let only = |status| {
            assert_eq!(listed(&**store, &all()), [(id, status)]);
            for wanted in [EvaluationStatus::Pending, EvaluationStatus::Running, EvaluationStatus::Completed] {
                for interview in [None, Some(interview.id)] {
                    let query = EvaluationQuery { status: Some(wanted), interview, ..all() };
                    assert_eq!(listed(&**store, &query).len(), usize::from(wanted == status), "{wanted}");
                }
            }
            assert_eq!(store.evaluation(&tenant(), id).unwrap().unwrap().status, status);
        };
        only(EvaluationStatus::Pending);
        let at = now();
        let lease = Lease { token: [3; 16], until: at };
        store.lease_evaluation(&tenant(), id, at, lease).unwrap();
        only(EvaluationStatus::Running);
        assert!(store.release_job(id, lease.token, at, true).unwrap());
        only(EvaluationStatus::Pending);
        assert_eq!(store.save_evaluation(result(&asked)).unwrap(), Written::Done);
        only(EvaluationStatus::Completed);
    }

    fn copied_evaluations_are_listed(store: &TestStore) {
        let (_, session) = begun(&**store);
        let write = evaluation(&session, EvaluationStatus::Partial);
        assert_eq!(store.save_evaluation(request(&write)).unwrap(), Written::Done);
        let other = store.another();
        for _ in 0..2 {
            for bundle in store.export(None, 10).unwrap() {
                other.import(bundle).unwrap();
            }
            assert_eq!(other.list_evaluations(&tenant(), &all()).unwrap(), [Arc::clone(&write.evaluation)]);
        }
    }
}
