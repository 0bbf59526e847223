//! Erasure: words go, the proof stays.

use vivavoce::{ErrorKind, ListInterviews, StartSession, Wake};

use crate::{TestStore, answers, begun, begun_with, missing, plan, refused};

conformance! {
    fn the_words_are_gone_from_every_read(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun_with(&engine, plan().external_id("c-1").resume("A résumé"));
        engine.send_message(session.id, "My secret words").unwrap();
        let ended = engine.end_session(session.id).unwrap();
        let open = engine.start_session(interview.id, StartSession::default()).unwrap();
        let judged = engine.evaluate(interview.id, &answers("More words")).unwrap();
        let (bystander, beside) = begun(&engine);
        let head = engine.audit_head(interview.id).unwrap();
        engine.erase_interview(interview.id, "Grace, the officer").unwrap();

        let mut engine = engine;
        for _ in 0..2 {
            missing(engine.interview(interview.id));
            missing(engine.sessions(interview.id));
            missing(engine.evaluations(interview.id));
            missing(engine.start_session(interview.id, StartSession::default()));
            missing(engine.evaluate(interview.id, &answers("x")));
            for id in [session.id, open.id] {
                missing(engine.session(id));
                missing(engine.session_exact(id));
                missing(engine.send_message(id, "x"));
                missing(engine.end_session(id));
                missing(engine.abandon_session(id));
                missing(engine.events(id, 0));
                missing(engine.next_events(id, 0, Wake::Poll(std::time::Duration::from_millis(1)), Default::default()));
            }
            for id in [ended.id, judged.id] {
                missing(engine.evaluation(id));
                missing(engine.scorecard(id));
            }
            missing(engine.erase_candidate("c-1", "me"));
            let listed = engine.list_interviews(&ListInterviews { total: true, ..Default::default() }).unwrap();
            assert_eq!((listed.total, listed.interviews.len()), (Some(1), 1));
            assert_eq!(listed.interviews[0].id, bystander.id);

            let after = engine.audit_head(interview.id).unwrap();
            assert_eq!(after.number(), head.number() + 1);
            for kept in [None, Some(head), Some(after)] {
                let report = engine.verify_audit(interview.id, kept).unwrap();
                assert!(report.is_sound() && report.erased > 0, "{report:?}");
            }
            engine.send_message(beside.id, "still here").unwrap();
            assert_eq!(engine.verify_audit(bystander.id, None).unwrap().erased, 0);
            engine = store.reopen(engine);
        }
    }

    fn erasing_again_does_no_harm(store: &TestStore) {
        let engine = store.engine();
        let (interview, _) = begun(&engine);
        engine.erase_interview(interview.id, "me").unwrap();
        let head = engine.audit_head(interview.id).unwrap();
        engine.erase_interview(interview.id, "somebody else").unwrap();
        assert_eq!(engine.audit_head(interview.id).unwrap(), head);
        assert!(engine.verify_audit(interview.id, Some(head)).unwrap().is_sound());
    }

    fn who_asks_has_a_name(store: &TestStore) {
        let engine = store.engine();
        let (interview, _) = begun(&engine);
        for (name, words) in [(" ", "empty"), ("\0", "NUL")] {
            refused(engine.erase_interview(interview.id, name), ErrorKind::InvalidInput, words);
        }
        let long = "x".repeat(201);
        refused(engine.erase_interview(interview.id, &long), ErrorKind::InvalidInput, "longer than 200");
        engine.interview(interview.id).unwrap();
    }

    fn a_candidate_is_erased_with_all_interviews(store: &TestStore) {
        let engine = store.engine();
        let mut of_one: Vec<_> = (0..3).map(|_| begun_with(&engine, plan().external_id("c-1")).0.id).collect();
        let (other, _) = begun_with(&engine, plan().external_id("c-10"));
        let foreign = engine.for_tenant("other").unwrap();
        let (theirs, _) = begun_with(&foreign, plan().external_id("c-1"));
        let mut erased = engine.erase_candidate("c-1", "me").unwrap();
        erased.sort_unstable();
        of_one.sort_unstable();
        assert_eq!(erased, of_one);
        erased.into_iter().for_each(|id| missing(engine.interview(id)));
        engine.interview(other.id).unwrap();
        foreign.interview(theirs.id).unwrap();
        missing(engine.erase_candidate("c-1", "me"));
        refused(engine.erase_candidate("", "me"), ErrorKind::InvalidInput, "external_id is empty");
    }

    fn an_erasure_by_another_engine_is_noticed(store: &TestStore) {
        if !store.persists() {
            return;
        }
        let (a, b) = (store.engine(), store.engine());
        let (interview, session) = begun(&a);
        b.send_message(session.id, "kept in b's cache").unwrap();
        a.erase_interview(interview.id, "me").unwrap();
        missing(b.send_message(session.id, "more"));
        missing(b.session(session.id));
        missing(b.session_exact(session.id));
        missing(b.interview(interview.id));
        assert!(b.verify_audit(interview.id, None).unwrap().is_sound());
    }

    fn an_erasure_among_writers_leaves_no_word(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun_with(&engine, plan().max_answers(1000));
        crate::together(9, |place| {
            if place == 0 {
                std::thread::sleep(std::time::Duration::from_millis(20));
                engine.erase_interview(interview.id, "me").unwrap();
                return;
            }
            for n in 0..1000 {
                if let Err(error) = engine.send_message(session.id, &format!("{place}-{n}")) {
                    assert!(matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidState), "{error}");
                    return;
                }
            }
        });
        missing(engine.session(session.id));
        missing(engine.session_exact(session.id));
        missing(engine.events(session.id, 0));
        let report = engine.verify_audit(interview.id, None).unwrap();
        assert!(report.is_sound(), "{report:?}");
    }
}
