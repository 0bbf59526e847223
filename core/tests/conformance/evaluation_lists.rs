//! Lists of evaluations: of all interviews, newest first, in pages.

use std::sync::Arc;

use vivavoce::{
    CallOptions, Engine, ErrorKind, Evaluation, EvaluationId, EvaluationStatus, InterviewId, ListEvaluations,
    ListInterviews, Override,
};

use crate::{Clock, Slow, TestStore, answers, begun, missing, plan, refused};

/// Evaluations of three interviews in three statuses, some made at the same time, newest first.
fn filled(engine: &Engine, clock: &Clock) -> Vec<Arc<Evaluation>> {
    let interviews: Vec<_> = (0..3).map(|_| engine.create_interview(plan()).unwrap().id).collect();
    let mut all = Vec::new();
    for n in 0..36 {
        if n % 9 == 0 {
            clock.advance(1);
        }
        let (interview, options) = (interviews[n % 3], CallOptions::default());
        let made = match n % 4 {
            0 => engine.evaluate_with(interview, &answers(&format!("Answer {n}")), &options.queued()).unwrap(),
            1 => {
                let (_, session) = begun(engine);
                let ended = engine.end_session(session.id).unwrap();
                all.push(Arc::clone(&ended));
                engine.override_score(ended.id, Override::new(0.5, "Grace", "Heard it.")).unwrap()
            }
            _ => engine.evaluate(interview, &answers(&format!("Answer {n}"))).unwrap(),
        };
        all.push(made);
    }
    all.sort_by_key(|evaluation| std::cmp::Reverse(evaluation.id));
    all
}

fn ids(all: &[Arc<Evaluation>]) -> Vec<EvaluationId> {
    all.iter().map(|evaluation| evaluation.id).collect()
}

/// Reads a list to its end.
fn read(engine: &Engine, list: &ListEvaluations) -> Vec<Arc<Evaluation>> {
    let mut list = list.clone();
    let mut all = Vec::new();
    loop {
        let page = engine.list_evaluations(&list).unwrap();
        assert!(page.evaluations.len() <= list.limit as usize);
        if page.next_cursor.is_some() {
            assert_eq!(page.evaluations.len(), list.limit as usize, "only the last page is not full");
        }
        all.extend(page.evaluations);
        match page.next_cursor {
            Some(cursor) => list.cursor = Some(cursor),
            None => return all,
        }
    }
}

conformance! {
    fn every_filter_is_read_in_pages_without_gaps_or_doubles(store: &TestStore) {
        let clock = Clock::at("2026-03-01T10:00:00Z");
        let engine = store.open(clock.builder());
        let all = filled(&engine, &clock);
        let engine = if store.persists() { engine.close().unwrap(); store.open(clock.builder()) } else { engine };
        let foreign = engine.for_tenant("other").unwrap();
        let theirs = foreign.evaluate(foreign.create_interview(plan()).unwrap().id, &answers("x")).unwrap();
        let mut interviews: Vec<Option<InterviewId>> = all.iter().map(|it| Some(it.interview_id)).collect();
        interviews.push(None);
        interviews.sort_unstable();
        interviews.dedup();
        interviews.truncate(8);
        let statuses = [None, Some(EvaluationStatus::Pending), Some(EvaluationStatus::Running),
            Some(EvaluationStatus::Completed), Some(EvaluationStatus::Partial), Some(EvaluationStatus::Failed)];
        for interview_id in &interviews {
            for status in statuses {
                let wanted = |it: &&Arc<Evaluation>| {
                    interview_id.is_none_or(|id| id == it.interview_id) && status.is_none_or(|status| status == it.status)
                };
                let expected: Vec<_> = all.iter().filter(wanted).cloned().collect();
                for limit in [1, 7, 100] {
                    let list = ListEvaluations { status, interview_id: *interview_id, limit, cursor: None };
                    let found = read(&engine, &list);
                    assert_eq!(ids(&found), ids(&expected), "{list:?}");
                    assert!(found == expected);
                }
            }
        }
        assert_eq!(ids(&read(&foreign, &ListEvaluations::default())), [theirs.id]);
        let of_ours = ListEvaluations { interview_id: interviews[1], ..Default::default() };
        assert!(read(&foreign, &of_ours).is_empty(), "another tenant's");
        let default = engine.list_evaluations(&ListEvaluations::default()).unwrap();
        assert_eq!(ids(&default.evaluations), ids(&all[..10]));
    }

    fn a_list_is_read_on_while_it_grows(store: &TestStore) {
        let engine = store.engine();
        let interview = engine.create_interview(plan()).unwrap().id;
        let make = || engine.evaluate(interview, &answers("x")).unwrap();
        let mut all: Vec<_> = (0..6).map(|_| make()).collect();
        all.reverse();
        let mut list = ListEvaluations { limit: 2, ..Default::default() };
        for place in [0, 2, 4] {
            let page = engine.list_evaluations(&list).unwrap();
            assert_eq!(page.evaluations, all[place..place + 2]);
            list.cursor = page.next_cursor;
            make();
        }
        assert_eq!(list.cursor, None);
    }

    fn what_is_being_judged_is_shown_as_it_is(store: &TestStore) {
        let (slow, asked, answer) = Slow::new();
        let engine = store.open(Engine::builder().evaluator(slow));
        let interview = engine.create_interview(plan()).unwrap().id;
        let left = engine.evaluate_with(interview, &answers("a"), &CallOptions::default().queued()).unwrap();
        let shown = |status| {
            let all = engine.list_evaluations(&ListEvaluations::default()).unwrap().evaluations;
            for listed in &all {
                assert_eq!(*listed, engine.evaluation(listed.id).unwrap());
            }
            for interview_id in [None, Some(interview)] {
                let list = ListEvaluations { status: Some(status), interview_id, ..Default::default() };
                let some: Vec<_> = all.iter().filter(|listed| listed.status == status).cloned().collect();
                assert_eq!(engine.list_evaluations(&list).unwrap().evaluations, some);
            }
            ids(&all.into_iter().filter(|listed| listed.status == status).collect::<Vec<_>>())
        };
        assert_eq!(shown(EvaluationStatus::Pending), [left.id]);
        std::thread::scope(|scope| {
            let judging = scope.spawn(|| engine.evaluate(interview, &answers("b")).unwrap());
            asked.recv().unwrap();
            let running = shown(EvaluationStatus::Running);
            assert_eq!((running.len(), shown(EvaluationStatus::Pending)), (1, vec![left.id]));
            answer.send(()).unwrap();
            assert_eq!([judging.join().unwrap().id], *running);
        });
        assert_eq!((shown(EvaluationStatus::Running).len(), shown(EvaluationStatus::Completed).len()), (0, 1));
    }

    fn evaluations_of_erased_interviews_are_gone(store: &TestStore) {
        let engine = store.engine();
        let [gone, stays] = [0, 1].map(|_| engine.create_interview(plan()).unwrap().id);
        let all: Vec<_> =
            [stays, gone, stays, gone].map(|id| engine.evaluate(id, &answers("My secret words")).unwrap()).into();
        let mut list = ListEvaluations { limit: 1, ..Default::default() };
        let first = engine.list_evaluations(&list).unwrap();
        assert_eq!(first.evaluations[0].id, all[3].id);
        engine.erase_interview(gone, "me").unwrap();
        assert_eq!(ids(&read(&engine, &list)), [all[2].id, all[0].id]);
        let of_gone = ListEvaluations { interview_id: Some(gone), ..list.clone() };
        assert!(read(&engine, &of_gone).is_empty());
        // A cursor that stood on one of them goes on from there.
        list.cursor = first.next_cursor;
        assert_eq!(ids(&read(&engine, &list)), [all[2].id, all[0].id]);
        let copy = store.another().engine();
        engine.copy_to(&copy).unwrap();
        assert!(read(&copy, &ListEvaluations::default()) == read(&engine, &ListEvaluations::default()));
        missing(engine.evaluation(all[1].id));
    }

    fn wrong_limits_and_cursors_are_refused(store: &TestStore) {
        let engine = store.engine();
        for limit in [0, 101, u32::MAX] {
            let list = ListEvaluations { limit, ..Default::default() };
            refused(engine.list_evaluations(&list), ErrorKind::InvalidInput, "limit");
        }
        let interview = engine.create_interview(plan()).unwrap().id;
        for _ in 0..2 {
            engine.create_interview(plan()).unwrap();
            engine.evaluate(interview, &answers("x")).unwrap();
        }
        let list = ListEvaluations { limit: 1, ..Default::default() };
        let cursor = engine.list_evaluations(&list).unwrap().next_cursor.unwrap();
        let of_interviews = ListInterviews { limit: 1, ..Default::default() };
        let foreign = engine.list_interviews(&of_interviews).unwrap().next_cursor.unwrap();
        for wrong in ["", "x", &cursor[1..], &cursor.replace(&cursor[..2], "7f"), &foreign] {
            let list = ListEvaluations { cursor: Some(wrong.to_owned()), ..list.clone() };
            refused(engine.list_evaluations(&list), ErrorKind::InvalidInput, "cursor is not one that a page of this list returned");
        }
        for other in [
            ListEvaluations { status: Some(EvaluationStatus::Completed), ..list.clone() },
            ListEvaluations { interview_id: Some(interview), ..list.clone() },
        ] {
            let other = ListEvaluations { cursor: Some(cursor.clone()), ..other };
            refused(engine.list_evaluations(&other), ErrorKind::InvalidInput, "cursor");
        }
        // As with lists of interviews, the size of the page is the caller's each time.
        let longer = ListEvaluations { limit: 50, cursor: Some(cursor), ..list };
        assert_eq!(engine.list_evaluations(&longer).unwrap().evaluations.len(), 1);
    }
}
