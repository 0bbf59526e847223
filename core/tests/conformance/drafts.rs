//! Drafts: a plan may be replaced or deleted until something has come of it.

use std::sync::Arc;

use vivavoce::{
    CallOptions, Engine, ErrorKind, Interview, InterviewId, InterviewStatus, InterviewType, Language, ListInterviews,
    NewInterview, Question, Rubric, SessionStatus, StartSession,
};

use crate::{Clock, Slow, TestStore, answers, begun, key, missing, plan, refused, together};

/// Another plan, in everything.
fn other_plan() -> NewInterview {
    let mut other = NewInterview::new("Grace Hopper", InterviewType::Behavioral)
        .language(Language::ZhTw)
        .question(Question::new("How was \"it\"?\n{}").weight(0.1 + 0.2).key_point("so"))
        .job_description("Ships 🚢")
        .resume("Forty years")
        .external_id("c-2")
        .rubric(Rubric::standard(InterviewType::Technical));
    other.max_answers = Some(3);
    other
}

fn numbered(n: usize) -> NewInterview {
    NewInterview::new(format!("Ada {n}"), InterviewType::General).question(format!("Question {n}?"))
}

/// Whether it holds exactly this plan.
fn holds(interview: &Interview, plan: &NewInterview) -> bool {
    interview.candidate_name == plan.candidate_name
        && interview.interview_type == plan.interview_type
        && interview.interview_language == plan.interview_language
        && interview.questions == plan.questions
        && interview.job_description == plan.job_description
        && interview.resume == plan.resume
        && interview.external_id == plan.external_id
        && interview.rubric == plan.rubric
        && plan.max_answers.is_none_or(|answers| answers == interview.max_answers)
}

#[track_caller]
fn sound(engine: &Engine, id: InterviewId, replaced: u64) {
    let head = engine.audit_head(id).unwrap();
    for kept in [None, Some(head)] {
        let report = engine.verify_audit(id, kept).unwrap();
        assert!(report.is_sound(), "{report:?}");
        assert_eq!((report.checked, report.replaced, report.erased), (head.number(), replaced, 0));
    }
}

conformance! {
    fn a_plan_is_replaced_as_a_whole(store: &TestStore) {
        let clock = Clock::at("2026-03-01T10:00:00Z");
        let engine = store.open(clock.builder());
        let draft = engine.create_interview(plan().external_id("c-1").job_description("Locks").max_answers(99)).unwrap();
        clock.advance(5);
        let updated = engine.update_interview(draft.id, other_plan()).unwrap();
        assert!(holds(&updated, &other_plan()), "{updated:?}");
        assert_eq!((updated.id, updated.created_at, updated.status), (draft.id, draft.created_at, InterviewStatus::Pending));
        assert_eq!((updated.updated_at - draft.updated_at).num_seconds(), 5);
        assert_eq!(engine.interview(draft.id).unwrap(), updated);
        // What was there and is not given is gone.
        let again = engine.update_interview(draft.id, plan()).unwrap();
        assert!(holds(&again, &plan()) && again.max_answers == 8, "{again:?}");

        let engine = if store.persists() { engine.close().unwrap(); store.open(clock.builder()) } else { engine };
        assert_eq!(engine.interview(draft.id).unwrap(), again);
        let list = ListInterviews { candidate_name: Some("LOVELACE".into()), ..Default::default() };
        assert_eq!(engine.list_interviews(&list).unwrap().interviews, std::slice::from_ref(&again));
        let list = ListInterviews { candidate_name: Some("grace".into()), ..list };
        assert!(engine.list_interviews(&list).unwrap().interviews.is_empty(), "nothing is found by what it was");
        missing(engine.erase_candidate("c-1", "me"));
        missing(engine.erase_candidate("c-2", "me"));
        sound(&engine, draft.id, 2);

        let session = engine.start_session(draft.id, StartSession::default()).unwrap();
        assert!(session.messages[0].content.contains("What is a deadlock?"));
        sound(&engine, draft.id, 2);
    }

    fn the_time_of_a_change_rises_whatever_the_clock_says(store: &TestStore) {
        let clock = Clock::at("2026-03-01T10:00:00Z");
        let engine = store.open(clock.builder());
        let mut last = engine.create_interview(plan()).unwrap();
        for moved in [0, 0, -3600, 10, 7200] {
            clock.advance(moved);
            let next = engine.update_interview(last.id, plan()).unwrap();
            assert!(next.updated_at > last.updated_at, "{} after {}", next.updated_at, last.updated_at);
            if moved < 7200 {
                assert_eq!((next.updated_at - last.updated_at).num_microseconds(), Some(1));
            }
            last = next;
        }
        assert_eq!(last.updated_at.to_rfc3339(), "2026-03-01T11:00:10+00:00");
        // A plan that is put back is a change like any other, and its entry could be checked, but need not be.
        sound(&engine, last.id, 5);
    }

    fn of_changes_at_once_none_is_lost(store: &TestStore) {
        let engine = store.engine();
        let draft = engine.create_interview(numbered(0)).unwrap();
        let id = draft.id;
        let others: Vec<Engine> = (0..4).map(|_| engine.clone()).collect();
        std::thread::scope(|scope| {
            for (place, other) in others.iter().enumerate() {
                scope.spawn(move || {
                    for n in 0..5 {
                        let more = |now: &Interview| Ok(now.to_plan().question(format!("{place}/{n}")));
                        other.change_interview(id, more).unwrap();
                    }
                });
            }
        });
        let now = engine.interview(draft.id).unwrap();
        let mut texts: Vec<&str> = now.questions.iter().map(|question| question.text.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!((texts.len(), now.questions.len(), now.max_answers), (21, 21, 21));
        sound(&engine, draft.id, 20);
        let nothing = engine.change_interview(draft.id, |_| Err(vivavoce::Error::new(ErrorKind::Limited, "not today")));
        refused(nothing, ErrorKind::Limited, "not today");
        refused(engine.change_interview(draft.id, |_| Ok(plan().question(""))), ErrorKind::InvalidInput, "questions");
        assert_eq!(engine.interview(draft.id).unwrap(), now);
        missing(engine.change_interview(InterviewId::from(uuid::Uuid::from_u128(7)), |_| Ok(plan())));
        engine.start_session(draft.id, StartSession::default()).unwrap();
        refused(engine.change_interview(draft.id, |now| Ok(now.to_plan())), ErrorKind::InvalidState, "has a session");
    }

    fn only_a_draft_is_replaced_or_deleted(store: &TestStore) {
        let engine = store.engine();
        let (held, session) = begun(&engine);
        let (given_up, abandoned) = begun(&engine);
        assert_eq!(engine.abandon_session(abandoned.id).unwrap().status, SessionStatus::Abandoned);
        let (over, ended) = begun(&engine);
        engine.end_session(ended.id).unwrap();
        let judged = engine.create_interview(plan()).unwrap();
        engine.evaluate(judged.id, &answers("x")).unwrap();
        let left = engine.create_interview(plan()).unwrap();
        engine.evaluate_with(left.id, &answers("x"), &CallOptions::default().queued()).unwrap();
        let cases = [(&held, "a session"), (&given_up, "a session"), (&over, "a session"), (&judged, "an evaluation"), (&left, "an evaluation")];
        for (interview, what) in cases {
            let head = engine.audit_head(interview.id).unwrap();
            let kept = engine.interview(interview.id).unwrap();
            let words = format!("interview {} has {what}", interview.id);
            refused(engine.update_interview(interview.id, other_plan()), ErrorKind::InvalidState, &words);
            refused(engine.update_interview_with(interview.id, other_plan(), &key("k")), ErrorKind::InvalidState, &words);
            refused(engine.delete_draft(interview.id, "me"), ErrorKind::InvalidState, &words);
            assert_eq!(engine.interview(interview.id).unwrap(), kept);
            assert_eq!(engine.audit_head(interview.id).unwrap(), head);
        }
        engine.send_message(session.id, "still there").unwrap();

        let foreign = engine.for_tenant("other").unwrap();
        let draft = engine.create_interview(plan()).unwrap();
        let erased = engine.create_interview(plan()).unwrap();
        engine.erase_interview(erased.id, "me").unwrap();
        let nowhere: InterviewId = "01890000-0000-7000-8000-000000000000".parse().unwrap();
        for (engine, id) in [(&engine, erased.id), (&engine, nowhere), (&foreign, draft.id)] {
            missing(engine.update_interview(id, other_plan()));
        }
        for (engine, id) in [(&engine, nowhere), (&foreign, draft.id)] {
            missing(engine.delete_draft(id, "me"));
        }
        assert_eq!(engine.interview(draft.id).unwrap(), draft);
    }

    fn a_plan_beyond_a_limit_replaces_nothing(store: &TestStore) {
        let engine = store.engine();
        let draft = engine.create_interview(plan()).unwrap();
        let nothing = NewInterview::new("Ada", InterviewType::General);
        refused(engine.update_interview(draft.id, nothing), ErrorKind::InvalidInput, "questions");
        let stranger = plan().question(Question::new("Why?").competency("nothing of the rubric"));
        refused(engine.update_interview(draft.id, stranger), ErrorKind::InvalidInput, "questions[2].competency");
        assert_eq!(engine.interview(draft.id).unwrap(), draft);
        for name in [" ", "\0"] {
            refused(engine.delete_draft(draft.id, name), ErrorKind::InvalidInput, "requested_by");
        }
        engine.interview(draft.id).unwrap();
    }

    fn a_key_gives_the_first_success_again(store: &TestStore) {
        let engine = store.engine();
        let draft = engine.create_interview_with(plan(), &key("create")).unwrap();
        let first = engine.update_interview_with(draft.id, other_plan(), &key("k")).unwrap();
        assert_eq!(engine.update_interview_with(draft.id, other_plan(), &key("k")).unwrap(), first);
        refused(engine.update_interview_with(draft.id, plan(), &key("k")), ErrorKind::Conflict, "another request");
        let second = engine.update_interview_with(draft.id, numbered(2), &key("l")).unwrap();
        // Another interview's keys are others.
        let other = engine.create_interview(plan()).unwrap();
        engine.update_interview_with(other.id, numbered(3), &key("k")).unwrap();

        let engine = store.reopen(engine);
        assert_eq!(engine.interview(draft.id).unwrap(), second);
        engine.start_session(draft.id, StartSession::default()).unwrap();
        for _ in 0..2 {
            assert_eq!(engine.create_interview_with(plan(), &key("create")).unwrap(), draft, "the plan as it was made");
            assert_eq!(engine.update_interview_with(draft.id, other_plan(), &key("k")).unwrap(), first);
            assert_eq!(engine.update_interview_with(draft.id, numbered(2), &key("l")).unwrap(), second);
        }
        sound(&engine, draft.id, 2);
        engine.erase_interview(draft.id, "me").unwrap();
        missing(engine.update_interview_with(draft.id, other_plan(), &key("k")));
        missing(engine.create_interview_with(plan(), &key("create")));
    }

    fn one_key_many_callers_one_update(store: &TestStore) {
        let engine = store.engine();
        let draft = engine.create_interview(plan()).unwrap();
        let mut all = together(8, |_| engine.update_interview_with(draft.id, other_plan(), &key("k")).unwrap());
        all.dedup();
        assert_eq!(all, [engine.interview(draft.id).unwrap()]);
        sound(&engine, draft.id, 1);
    }

    fn updates_at_once_are_all_done_one_after_the_other(store: &TestStore) {
        let engines = if store.persists() { vec![store.engine(), store.engine()] } else { vec![store.engine()] };
        let engine = &engines[0];
        let draft = engine.create_interview(plan()).unwrap();
        let made = together(8, |place| {
            let engine = &engines[place % engines.len()];
            (0..5).map(|n| engine.update_interview(draft.id, numbered(10 * place + n)).unwrap()).collect::<Vec<_>>()
        });
        let mut made: Vec<Arc<Interview>> = made.into_iter().flatten().collect();
        made.sort_by_key(|made| made.updated_at);
        assert!(made.windows(2).all(|pair| pair[0].updated_at < pair[1].updated_at));
        assert_eq!(engine.interview(draft.id).unwrap(), *made.last().unwrap());
        assert_eq!(engine.audit_head(draft.id).unwrap().number(), 41);
        sound(engine, draft.id, 40);
    }

    fn a_session_is_held_by_the_plan_that_is_kept(store: &TestStore) {
        let engines = if store.persists() { vec![store.engine(), store.engine()] } else { vec![store.engine()] };
        for _ in 0..15 {
            let engine = &engines[0];
            let draft = engine.create_interview(numbered(0)).unwrap();
            let begun = together(6, |place| {
                let engine = &engines[place % engines.len()];
                if place < 2 {
                    return vec![engine.start_session(draft.id, StartSession::default()).unwrap()];
                }
                for n in 1..4 {
                    if let Err(error) = engine.update_interview(draft.id, numbered(10 * place + n)) {
                        assert_eq!(error.kind(), ErrorKind::InvalidState, "{error}");
                    }
                }
                Vec::new()
            });
            let kept = engine.interview(draft.id).unwrap();
            for session in begun.iter().flatten() {
                let first = &session.messages[0].content;
                assert!(first.contains(&kept.questions[0].text), "{first} by {}", kept.questions[0].text);
                let reply = engines[engines.len() - 1].send_message(session.id, "So.").unwrap();
                assert_eq!(reply.message.number, 2);
            }
            let report = engine.verify_audit(draft.id, None).unwrap();
            assert!(report.is_sound(), "{report:?}");
        }
    }

    fn a_plan_that_is_replaced_while_the_interviewer_thinks_is_asked_about_again(store: &TestStore) {
        let (slow, asked, answer) = Slow::new();
        let engine = store.open(Engine::builder().interviewer(slow));
        let draft = engine.create_interview(numbered(1)).unwrap();
        std::thread::scope(|scope| {
            let starting = scope.spawn(|| engine.start_session(draft.id, StartSession::default()).unwrap());
            asked.recv().unwrap();
            engine.update_interview(draft.id, numbered(2)).unwrap();
            answer.send(()).unwrap();
            // About the new plan.
            asked.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
            answer.send(()).unwrap();
            assert!(starting.join().unwrap().messages[0].content.contains("Question 2?"));
        });
        // Where only another session came first, nobody is asked again.
        let draft = engine.create_interview(numbered(1)).unwrap();
        std::thread::scope(|scope| {
            let starting: Vec<_> =
                (0..2).map(|_| scope.spawn(|| engine.start_session(draft.id, StartSession::default()).unwrap())).collect();
            for _ in 0..2 {
                asked.recv().unwrap();
            }
            for _ in 0..2 {
                answer.send(()).unwrap();
            }
            starting.into_iter().for_each(|starting| drop(starting.join().unwrap()));
        });
        assert!(asked.try_recv().is_err());
        assert_eq!(engine.sessions(draft.id).unwrap().len(), 2);
        sound(&engine, draft.id, 0);
    }

    fn answers_are_judged_by_the_plan_that_is_kept(store: &TestStore) {
        let engines = if store.persists() { vec![store.engine(), store.engine()] } else { vec![store.engine()] };
        for _ in 0..10 {
            let engine = &engines[0];
            let draft = engine.create_interview(numbered(0)).unwrap();
            let made = together(6, |place| {
                let engine = &engines[place % engines.len()];
                if place < 2 {
                    return vec![engine.evaluate(draft.id, &answers("So.")).unwrap()];
                }
                for n in 1..4 {
                    if let Err(error) = engine.update_interview(draft.id, numbered(10 * place + n)) {
                        refused(Err::<(), _>(error), ErrorKind::InvalidState, "has an evaluation");
                    }
                }
                Vec::new()
            });
            let kept = engine.interview(draft.id).unwrap();
            for evaluation in made.iter().flatten() {
                assert_eq!(evaluation.exchanges[0].question_text, kept.questions[0].text);
            }
            let report = engine.verify_audit(draft.id, None).unwrap();
            assert!(report.is_sound(), "{report:?}");
        }
    }

    fn a_deleted_draft_leaves_its_log(store: &TestStore) {
        let engine = store.engine();
        let draft = engine.create_interview(plan().external_id("c-1")).unwrap();
        engine.update_interview(draft.id, other_plan()).unwrap();
        let head = engine.audit_head(draft.id).unwrap();
        engine.delete_draft(draft.id, "Grace, the officer").unwrap();
        let after = engine.audit_head(draft.id).unwrap();
        assert_eq!(after.number(), head.number() + 1);
        engine.delete_draft(draft.id, "somebody else").unwrap();
        assert_eq!(engine.audit_head(draft.id).unwrap(), after, "deleting again does no harm");
        let engine = store.reopen(engine);
        missing(engine.interview(draft.id));
        missing(engine.update_interview(draft.id, plan()));
        missing(engine.start_session(draft.id, StartSession::default()));
        assert!(engine.list_interviews(&ListInterviews::default()).unwrap().interviews.is_empty());
        for kept in [None, Some(head), Some(after)] {
            let report = engine.verify_audit(draft.id, kept).unwrap();
            assert!(report.is_sound() && report.erased == 2 && report.replaced == 0, "{report:?}");
        }
    }

    fn a_draft_is_deleted_or_begun_and_never_both(store: &TestStore) {
        let engines = if store.persists() { vec![store.engine(), store.engine()] } else { vec![store.engine()] };
        for round in 0..20 {
            let engine = &engines[0];
            let draft = engine.create_interview(plan()).unwrap();
            let done = together(4, |place| {
                let engine = &engines[place % engines.len()];
                match place {
                    0 => engine.delete_draft(draft.id, "me"),
                    1 => engine.update_interview(draft.id, other_plan()).map(drop),
                    _ if round % 2 == 0 => engine.start_session(draft.id, StartSession::default()).map(drop),
                    _ => engine.evaluate(draft.id, &answers("x")).map(drop),
                }
                .map_err(|error| error.kind())
            });
            match done[0] {
                Ok(()) => {
                    assert_eq!(done[2..], [Err(ErrorKind::NotFound); 2], "{done:?}");
                    missing(engine.interview(draft.id));
                }
                Err(kind) => {
                    assert_eq!((kind, &done[2..]), (ErrorKind::InvalidState, &[Ok(()); 2][..]), "{done:?}");
                    engine.interview(draft.id).unwrap();
                }
            }
            let report = engine.verify_audit(draft.id, None).unwrap();
            assert!(report.is_sound(), "{report:?}");
        }
    }

    fn a_log_is_sound_while_its_plan_is_replaced(store: &TestStore) {
        let engine = store.engine();
        let draft = engine.create_interview(numbered(0)).unwrap();
        let first = engine.audit_head(draft.id).unwrap();
        together(4, |place| {
            for n in 0..30 {
                if place == 0 {
                    engine.update_interview(draft.id, numbered(n)).unwrap();
                    continue;
                }
                let head = if place == 1 { Some(first) } else { None };
                let report = engine.verify_audit(draft.id, head).unwrap();
                assert!(report.is_sound(), "{report:?}");
            }
        });
        sound(&engine, draft.id, 30);
    }

    fn a_replaced_plan_is_erased_with_the_others(store: &TestStore) {
        let engine = store.engine();
        let draft = engine.create_interview(plan()).unwrap();
        engine.update_interview(draft.id, other_plan()).unwrap();
        engine.start_session(draft.id, StartSession::default()).unwrap();
        let head = engine.audit_head(draft.id).unwrap();
        assert_eq!(engine.erase_candidate("c-2", "me").unwrap(), [draft.id]);
        let report = engine.verify_audit(draft.id, Some(head)).unwrap();
        assert!(report.is_sound() && report.erased == head.number(), "{report:?}");
        missing(engine.interview(draft.id));
    }

    fn a_replaced_plan_is_copied_with_its_log_and_keys(store: &TestStore) {
        let engine = store.engine();
        let draft = engine.create_interview(plan()).unwrap();
        for target in [store.another(), TestStore::memory()] {
            let copy = target.engine();
            let first = engine.update_interview_with(draft.id, other_plan(), &key("k")).unwrap();
            engine.copy_to(&copy).unwrap();
            assert_eq!(copy.interview(draft.id).unwrap(), engine.interview(draft.id).unwrap());
            // What has gone on here takes the place of its earlier copy.
            let last = engine.update_interview(draft.id, numbered(7)).unwrap();
            engine.copy_to(&copy).unwrap();
            assert_eq!(copy.interview(draft.id).unwrap(), last);
            assert_eq!(copy.update_interview_with(draft.id, other_plan(), &key("k")).unwrap(), first);
            assert_eq!(copy.audit_head(draft.id).unwrap(), engine.audit_head(draft.id).unwrap());
            let replaced = copy.audit_head(draft.id).unwrap().number() - 1;
            sound(&copy, draft.id, replaced);
            // The copy is a draft too, and then another one than this.
            for each in [&engine, &copy] {
                each.update_interview(draft.id, plan()).unwrap();
                sound(each, draft.id, replaced + 1);
            }
            refused(engine.copy_to(&copy), ErrorKind::Conflict, "another log");
        }
    }
}
