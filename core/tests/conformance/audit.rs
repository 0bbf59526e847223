//! The audit log: what was kept elsewhere proves what was here.

use vivavoce::{AuditHead, ErrorKind};

use crate::{TestStore, answers, begun, begun_with, held, plan, refused, together};

conformance! {
    fn a_log_is_sound_with_and_without_a_head(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        let before = engine.audit_head(interview.id).unwrap();
        assert_eq!((before.interview_id(), before.number()), (interview.id, 3));
        held(&engine, &session);
        engine.end_session(session.id).unwrap();
        engine.evaluate(interview.id, &answers("x")).unwrap();
        let head = engine.audit_head(interview.id).unwrap();
        let engine = store.reopen(engine);
        assert_eq!(engine.audit_head(interview.id).unwrap(), head);
        let whole = engine.verify_audit(interview.id, Some(head)).unwrap();
        assert!(whole.is_sound() && whole.tail_checked, "{whole:?}");
        assert_eq!((whole.checked, whole.erased), (head.number(), 0));
        let open = engine.verify_audit(interview.id, None).unwrap();
        assert!(open.is_sound() && !open.tail_checked);
        assert_eq!(open.checked, head.number());
        let earlier = engine.verify_audit(interview.id, Some(before)).unwrap();
        assert!(earlier.is_sound() && earlier.tail_checked, "{earlier:?}");
        let kept: AuditHead = head.to_string().parse().unwrap();
        assert!(engine.verify_audit(interview.id, Some(kept)).unwrap().is_sound());
    }

    fn a_head_of_another_interview_is_refused(store: &TestStore) {
        let engine = store.engine();
        let (a, b) = (begun(&engine).0, begun(&engine).0);
        let head = engine.audit_head(a.id).unwrap();
        refused(engine.verify_audit(b.id, Some(head)), ErrorKind::InvalidInput, "another interview");
    }

    fn a_head_of_nothing_is_no_head(store: &TestStore) {
        let engine = store.engine();
        let (interview, _) = begun(&engine);
        let head = format!("{}/0/{}", interview.id, "ab".repeat(32)).parse::<AuditHead>();
        refused(head, ErrorKind::InvalidInput, "audit head");
    }

    fn a_head_that_the_log_does_not_lead_to_is_found(store: &TestStore) {
        let engine = store.engine();
        let (interview, _) = begun(&engine);
        let head = engine.audit_head(interview.id).unwrap();
        let beyond: AuditHead = format!("{}/{}/{}", interview.id, 4, head.link()).parse().unwrap();
        let other: AuditHead = format!("{}/{}/{}", interview.id, 3, "ab".repeat(32)).parse().unwrap();
        for wrong in [beyond, other] {
            let report = engine.verify_audit(interview.id, Some(wrong)).unwrap();
            assert!(!report.is_sound() && report.finding.is_some(), "{report:?}");
        }
    }

    fn a_log_is_sound_while_its_interview_is_erased(store: &TestStore) {
        let engine = store.engine();
        for _ in 0..10 {
            let (interview, session) = begun(&engine);
            held(&engine, &session);
            let head = engine.audit_head(interview.id).unwrap();
            together(4, |place| {
                if place == 0 {
                    return engine.erase_interview(interview.id, "me").unwrap();
                }
                for _ in 0..5 {
                    let report = engine.verify_audit(interview.id, Some(head)).unwrap();
                    assert!(report.is_sound(), "{report:?}");
                }
            });
            let report = engine.verify_audit(interview.id, Some(head)).unwrap();
            assert_eq!(report.erased, report.checked);
        }
    }

    fn a_log_of_many_pages_is_verified(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun_with(&engine, plan().max_answers(600));
        held(&engine, &session);
        let head = engine.audit_head(interview.id).unwrap();
        assert_eq!(head.number(), 1204);
        let report = engine.verify_audit(interview.id, Some(head)).unwrap();
        assert!(report.is_sound());
        assert_eq!(report.checked, 1204);
        let first = engine.events(session.id, 0).unwrap();
        assert_eq!(first.len(), 1000);
        assert_eq!(engine.events(session.id, first.last().unwrap().number).unwrap().len(), 203);
    }
}
