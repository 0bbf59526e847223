//! A tenant sees its own and nothing else.

use std::time::Duration;

use vivavoce::{ErrorKind, ListInterviews, StartSession, Wake};

use crate::{TestStore, answers, begun, begun_with, key, missing, plan, refused};

conformance! {
    fn ids_of_another_tenant_are_not_found(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun_with(&engine, plan().external_id("c-1"));
        engine.send_message_with(session.id, "one", &key("k")).unwrap();
        let judged = engine.evaluate(interview.id, &answers("x")).unwrap();
        let before = (engine.session_exact(session.id).unwrap(), engine.audit_head(interview.id).unwrap());

        let other = engine.for_tenant("other").unwrap();
        missing(other.interview(interview.id));
        missing(other.start_session(interview.id, StartSession::default()));
        missing(other.start_session_with(interview.id, StartSession::default(), &key("k")));
        missing(other.sessions(interview.id));
        missing(other.evaluations(interview.id));
        missing(other.evaluate(interview.id, &answers("x")));
        missing(other.audit_head(interview.id));
        missing(other.verify_audit(interview.id, None));
        missing(other.verify_audit(interview.id, Some(before.1)));
        missing(other.erase_interview(interview.id, "me"));
        missing(other.erase_candidate("c-1", "me"));
        missing(other.session(session.id));
        missing(other.session_exact(session.id));
        missing(other.send_message(session.id, "one"));
        missing(other.send_message_with(session.id, "one", &key("k")));
        missing(other.end_session(session.id));
        missing(other.end_session_with(session.id, &key("k")));
        missing(other.abandon_session(session.id));
        missing(other.events(session.id, 0));
        missing(other.next_events(session.id, 0, Wake::Poll(Duration::from_millis(1)), Duration::ZERO));
        missing(other.evaluation(judged.id));
        missing(other.scorecard(judged.id));
        let list = ListInterviews { total: true, ..Default::default() };
        let page = other.list_interviews(&list).unwrap();
        assert_eq!((page.interviews.len(), page.total), (0, Some(0)));

        // Nothing of it left a trace.
        assert_eq!(engine.session(session.id).unwrap(), before.0);
        assert_eq!(engine.session_exact(session.id).unwrap(), before.0);
        assert_eq!(engine.audit_head(interview.id).unwrap(), before.1);
        let engine = store.reopen(engine);
        missing(engine.for_tenant("other").unwrap().session(session.id));
        assert_eq!(engine.session(session.id).unwrap(), before.0);
    }

    fn lists_are_a_tenants_own(store: &TestStore) {
        let engine = store.engine();
        let tenants = ["default", "other", "Other", "王", "a'b%"].map(|name| engine.for_tenant(name).unwrap());
        for (count, tenant) in tenants.iter().enumerate() {
            (0..count).for_each(|_| drop(begun(tenant)));
        }
        for (count, tenant) in tenants.iter().enumerate() {
            let list = ListInterviews { total: true, ..Default::default() };
            let page = tenant.list_interviews(&list).unwrap();
            assert_eq!((page.interviews.len(), page.total), (count, Some(count as u64)));
        }
    }

    fn the_default_tenant_has_a_name(store: &TestStore) {
        let engine = store.engine();
        let (interview, _) = begun(&engine);
        engine.for_tenant("default").unwrap().interview(interview.id).unwrap();
    }

    fn tenants_without_a_name_are_refused(store: &TestStore) {
        let engine = store.engine();
        refused(engine.for_tenant(" "), ErrorKind::InvalidInput, "tenant is empty");
        refused(engine.for_tenant("\0"), ErrorKind::InvalidInput, "NUL");
        refused(engine.for_tenant(&"x".repeat(201)), ErrorKind::InvalidInput, "tenant is longer than 200");
        engine.for_tenant(&"界".repeat(200)).unwrap().create_interview(plan()).unwrap();
    }
}
