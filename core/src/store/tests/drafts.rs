//! Drafts: what starts from one is done while its log ends where it did, and not after.

use std::sync::Arc;

use super::fixtures::{
    answer, beginning, begun, changed, claim, creation, erasure, evaluation, interview, request, tenant, update, verify,
};
use super::on_every_store;
use crate::domain::{Evaluation, EvaluationStatus, Interview, InterviewStatus};
use crate::store::{
    EraseInterview, EvaluationWrite, KeyRecord, KeyResult, SaveEvaluation, StartSession, Store, Tenant,
    UpdateInterview, Written,
};

fn draft(store: &dyn Store) -> Arc<Interview> {
    let interview = interview("Ada");
    assert_eq!(store.create_interview(creation(&interview, None)).unwrap(), Written::Done);
    interview
}

fn number(store: &dyn Store, interview: &Interview) -> Option<u64> {
    store.planned(&tenant(), interview.id).unwrap().unwrap().draft
}

/// Answers that were judged without a session.
fn judged(interview: &Interview, status: EvaluationStatus) -> EvaluationWrite {
    let alone = |alone: &mut Evaluation| alone.session_id = None;
    changed(&evaluation(&beginning(interview, None).session, status), alone)
}

on_every_store! {
    fn an_interview_is_a_draft_until_its_log_speaks_of_more_than_its_plan(store: &TestStore) {
        let plain = draft(&**store);
        let planned = store.planned(&tenant(), plain.id).unwrap().unwrap();
        assert_eq!((planned.interview, planned.draft), (plain.clone(), Some(1)));
        assert!(store.planned(&"other".into(), plain.id).unwrap().is_none());
        assert!(store.planned(&tenant(), interview("Ada").id).unwrap().is_none());
        let write = update(&plain, 1, "Grace");
        let second = Arc::clone(&write.interview);
        assert_eq!(store.update_interview(write).unwrap(), Written::Done);
        let planned = store.planned(&tenant(), plain.id).unwrap().unwrap();
        assert_eq!((planned.interview, planned.draft), (second, Some(2)));

        let (held, session) = begun(&**store);
        assert_eq!(number(&**store, &held), None);
        assert_eq!(store.step_session(answer(&session, "on")).unwrap(), Written::Done);
        assert_eq!(number(&**store, &held), None);
        for status in [EvaluationStatus::Pending, EvaluationStatus::Failed] {
            let asked = draft(&**store);
            assert_eq!(store.save_evaluation(request(&judged(&asked, status))).unwrap(), Written::Done);
            let planned = store.planned(&tenant(), asked.id).unwrap().unwrap();
            assert_eq!((planned.interview.status, planned.draft), (InterviewStatus::Pending, None));
        }
        assert_eq!(store.erase_interview(erasure(plain.id)).unwrap(), Written::Done);
        assert!(store.planned(&tenant(), plain.id).unwrap().is_none());
    }

    fn what_starts_from_an_earlier_state_of_a_draft_is_stale_and_writes_nothing(store: &TestStore) {
        let kept = draft(&**store);
        assert_eq!(store.update_interview(update(&kept, 1, "Grace")).unwrap(), Written::Done);
        let export = format!("{:?}", store.export(None, 10).unwrap());
        let other: Tenant = "other".into();
        for draft in [0, 1, 3, u64::MAX] {
            assert_eq!(store.update_interview(update(&kept, draft, "Eve")).unwrap(), Written::Stale, "{draft}");
            let keyed = UpdateInterview {
                key: Some((claim(&format!("drafts {draft}")), KeyResult::Plan(kept.id, 2))),
                ..update(&kept, draft, "Eve")
            };
            assert_eq!(store.update_interview(keyed).unwrap(), Written::Stale, "{draft}");
            let draft = Some(draft);
            let start = StartSession { draft, ..beginning(&kept, None) };
            assert_eq!(store.start_session(start).unwrap(), Written::Stale);
            let save = SaveEvaluation { draft, ..request(&judged(&kept, EvaluationStatus::Completed)) };
            assert_eq!(store.save_evaluation(save).unwrap(), Written::Stale);
            let erase = EraseInterview { draft, ..erasure(kept.id) };
            assert_eq!(store.erase_interview(erase).unwrap(), Written::Stale);
        }
        let foreign = UpdateInterview { tenant: other, ..update(&kept, 2, "Eve") };
        assert_eq!(store.update_interview(foreign).unwrap(), Written::Stale);
        assert_eq!(store.update_interview(update(&interview("Ada"), 1, "Eve")).unwrap(), Written::Stale);
        assert_eq!(format!("{:?}", store.export(None, 10).unwrap()), export);
        assert!(verify(&**store, kept.id).is_sound());

        for write in [
            |store: &dyn Store, kept: &Interview, draft| {
                store.start_session(StartSession { draft, ..beginning(kept, None) }).unwrap()
            },
            |store: &dyn Store, kept: &Interview, draft| {
                let save = SaveEvaluation { draft, ..request(&judged(kept, EvaluationStatus::Completed)) };
                store.save_evaluation(save).unwrap()
            },
            |store: &dyn Store, kept: &Interview, draft| {
                store.erase_interview(EraseInterview { draft, ..erasure(kept.id) }).unwrap()
            },
        ] {
            let kept = draft(&**store);
            assert_eq!(write(&**store, &kept, Some(2)), Written::Stale);
            assert_eq!(write(&**store, &kept, Some(1)), Written::Done);
            assert_eq!(store.update_interview(update(&kept, 1, "Eve")).unwrap(), Written::Stale);
            assert!(verify(&**store, kept.id).is_sound());
        }
    }

    fn an_erased_draft_is_erased_already(store: &TestStore) {
        let kept = draft(&**store);
        let erase = |draft| store.erase_interview(EraseInterview { draft, ..erasure(kept.id) }).unwrap();
        assert_eq!(erase(Some(1)), Written::Done);
        let state = store.audit_state(&tenant(), kept.id).unwrap();
        assert_eq!([erase(Some(1)), erase(Some(7)), erase(None)], [Written::Done; 3]);
        assert_eq!(store.audit_state(&tenant(), kept.id).unwrap(), state);
        assert_eq!(store.update_interview(update(&kept, 2, "Eve")).unwrap(), Written::Stale);
    }

    fn a_key_of_an_update_is_kept_with_its_entry(store: &TestStore) {
        let kept = draft(&**store);
        let key = claim("update");
        let record = KeyRecord { request: Some(key.request), result: KeyResult::Plan(kept.id, 2) };
        let keyed = |draft| UpdateInterview { key: Some((key, record.result)), ..update(&kept, draft, "Grace") };
        assert_eq!(store.update_interview(keyed(1)).unwrap(), Written::Done);
        for draft in [1, 2] {
            assert_eq!(store.update_interview(keyed(draft)).unwrap(), Written::KeyTaken(record));
        }
        assert_eq!(store.key(&key.scope).unwrap(), Some(record));
        assert_eq!(number(&**store, &kept), Some(2));
        let other = store.another();
        for bundle in store.export(None, 10).unwrap() {
            assert!(!other.import(bundle).unwrap());
        }
        assert_eq!(other.key(&key.scope).unwrap(), Some(record));
        assert_eq!(store.erase_interview(erasure(kept.id)).unwrap(), Written::Done);
        assert_eq!(store.key(&key.scope).unwrap(), Some(KeyRecord { request: None, ..record }));
    }

    fn of_many_that_start_from_one_state_one_is_done(store: &TestStore) {
        for _ in 0..10 {
            let kept = draft(&**store);
            let written = store.together(8, |place, store| match place % 4 {
                0 => store.update_interview(update(&kept, 1, "Grace")).unwrap(),
                1 => store.start_session(StartSession { draft: Some(1), ..beginning(&kept, None) }).unwrap(),
                2 => {
                    let write = judged(&kept, EvaluationStatus::Completed);
                    store.save_evaluation(SaveEvaluation { draft: Some(1), ..request(&write) }).unwrap()
                }
                _ => store.erase_interview(EraseInterview { draft: Some(1), ..erasure(kept.id) }).unwrap(),
            });
            let done: Vec<_> = (0..8).filter(|place| written[*place] == Written::Done).map(|place| place % 4).collect();
            // Erasing what is erased is done too.
            assert!(done.len() == 1 || done == [3, 3], "{written:?}");
            let report = verify(&**store, kept.id);
            assert!(report.is_sound(), "{report:?}");
        }
    }

    fn of_plans_that_were_replaced_the_log_has_the_last(store: &TestStore) {
        let kept = draft(&**store);
        for draft in 1..10 {
            assert_eq!(store.update_interview(update(&kept, draft, &format!("Ada {draft}"))).unwrap(), Written::Done);
        }
        let report = verify(&**store, kept.id);
        assert!(report.is_sound() && report.checked == 10 && report.replaced == 9, "{report:?}");
        let page = store.audit_page(&tenant(), kept.id, 0, 100).unwrap();
        let with_content = page.iter().filter(|(_, content)| !matches!(content, crate::audit::Content::Nothing));
        assert_eq!(with_content.map(|(event, _)| event.number).collect::<Vec<_>>(), [10]);
        assert_eq!(store.interviews_of(&tenant(), "candidate-2").unwrap(), [kept.id]);
        assert!(store.interviews_of(&tenant(), "candidate-1").unwrap().is_empty());
    }
}
