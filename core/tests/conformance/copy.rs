//! Everything moves between any two stores.

use vivavoce::{Engine, ErrorKind, Interview, InterviewId, ListInterviews, SessionId, StartSession};

use crate::{TestStore, answers, begun, key, missing, plan, refused, together};

struct Filled {
    interviews: Vec<InterviewId>,
    sessions: Vec<SessionId>,
    erased: InterviewId,
    foreign: InterviewId,
}

fn filled(engine: &Engine) -> Filled {
    let mut interviews = Vec::new();
    let mut sessions = Vec::new();
    for n in 0..55 {
        let made = engine.create_interview_with(plan(), &key(&format!("k{n}"))).unwrap();
        interviews.push(made.id);
        if n % 10 == 0 {
            let session = engine.start_session_with(made.id, StartSession::default(), &key("k")).unwrap();
            engine.send_message_with(session.id, "Two locks.", &key("k")).unwrap();
            if n % 20 == 0 {
                engine.end_session_with(session.id, &key("k")).unwrap();
            }
            engine.evaluate_with(made.id, &answers("a"), &key("k")).unwrap();
            sessions.push(session.id);
        }
    }
    let (erased, _) = begun(engine);
    engine.erase_interview(erased.id, "me").unwrap();
    let (foreign, _) = begun(&engine.for_tenant("other").unwrap());
    Filled { interviews, sessions, erased: erased.id, foreign: foreign.id }
}

fn everything_is_equal(from: &Engine, to: &Engine, filled: &Filled) {
    let listed = |engine: &Engine| {
        let list = ListInterviews { limit: 100, total: true, ..Default::default() };
        engine.list_interviews(&list).unwrap()
    };
    assert_eq!(listed(from), listed(to));
    for id in &filled.interviews {
        assert_eq!(from.interview(*id).unwrap(), to.interview(*id).unwrap());
        assert_eq!(from.sessions(*id).unwrap(), to.sessions(*id).unwrap());
        let evaluations = from.evaluations(*id).unwrap();
        assert_eq!(evaluations, to.evaluations(*id).unwrap());
        for evaluation in evaluations {
            assert_eq!(from.evaluation(evaluation).unwrap(), to.evaluation(evaluation).unwrap());
        }
    }
    for id in &filled.sessions {
        assert_eq!(from.session_exact(*id).unwrap(), to.session_exact(*id).unwrap());
        assert_eq!(from.events(*id, 0).unwrap(), to.events(*id, 0).unwrap());
        let turn = from.send_message_with(*id, "Two locks.", &key("k")).unwrap();
        assert_eq!(to.send_message_with(*id, "Two locks.", &key("k")).unwrap(), turn);
        refused(to.send_message_with(*id, "Three.", &key("k")), ErrorKind::Conflict, "another request");
    }
    let replayed: Vec<_> = (0..filled.interviews.len())
        .map(|n| to.create_interview_with(plan(), &key(&format!("k{n}"))).unwrap().id)
        .collect();
    assert_eq!(replayed, filled.interviews);
    missing(to.interview(filled.erased));
    missing(to.interview(filled.foreign));
    let other = |engine: &Engine| -> Interview {
        Interview::clone(&*engine.for_tenant("other").unwrap().interview(filled.foreign).unwrap())
    };
    assert_eq!(other(from), other(to));
    for id in filled.interviews.iter().chain([&filled.erased]) {
        let head = from.audit_head(*id).unwrap();
        assert_eq!(to.audit_head(*id).unwrap(), head);
        let report = to.verify_audit(*id, Some(head)).unwrap();
        assert!(report.is_sound() && (report.erased > 0) == (*id == filled.erased), "{report:?}");
    }
}

fn copied(from: &Engine, to: &Engine) {
    let filled = filled(from);
    assert_eq!(from.copy_to(to).unwrap(), 57);
    everything_is_equal(from, to, &filled);
    assert_eq!(from.copy_to(to).unwrap(), 57);
    everything_is_equal(from, to, &filled);
    // What went on here takes the place of its copy, also where the other engine has it in its cache.
    to.session(filled.sessions[5]).unwrap();
    from.send_message(filled.sessions[5], "Going on.").unwrap();
    from.end_session_with(filled.sessions[3], &key("ended")).unwrap();
    let erased = filled.interviews[40];
    from.erase_interview(erased, "officer").unwrap();
    assert_eq!(from.copy_to(to).unwrap(), 57);
    assert_eq!(to.session(filled.sessions[5]).unwrap(), from.session(filled.sessions[5]).unwrap());
    assert_eq!(to.session(filled.sessions[5]).unwrap().messages.len(), 5);
    assert_eq!(to.events(filled.sessions[3], 0).unwrap(), from.events(filled.sessions[3], 0).unwrap());
    let ended = from.end_session_with(filled.sessions[3], &key("ended")).unwrap();
    assert_eq!(to.end_session_with(filled.sessions[3], &key("ended")).unwrap(), ended);
    missing(to.interview(erased));
    missing(to.session(filled.sessions[4]));
    for id in &filled.interviews {
        let head = from.audit_head(*id).unwrap();
        assert!(to.verify_audit(*id, Some(head)).unwrap().is_sound());
    }
    to.send_message(filled.sessions[5], "On from here.").unwrap();
    // What moved on in the other one is not overwritten.
    to.send_message(filled.sessions[1], "Moved on.").unwrap();
    assert!(to.verify_audit(filled.interviews[10], None).unwrap().is_sound());
    refused(from.copy_to(to), ErrorKind::Conflict, "with another log");
    assert_eq!(to.session_exact(filled.sessions[1]).unwrap().messages.len(), 5);
}

conformance! {
    fn this_store_is_copied_into_memory(store: &TestStore) {
        copied(&store.engine(), &TestStore::memory().engine());
    }

    fn memory_is_copied_into_this_store(store: &TestStore) {
        copied(&TestStore::memory().engine(), &store.engine());
    }

    fn this_store_is_copied_into_another_of_its_kind(store: &TestStore) {
        let another = store.another();
        copied(&store.engine(), &another.engine());
    }

    fn a_copy_among_writers_is_of_one_moment(store: &TestStore) {
        let (from, to) = (store.engine(), TestStore::memory().engine());
        let (interview, _) = begun(&from);
        let copies = together(5, |place| {
            for n in 0..10 {
                if place == 0 {
                    let to = TestStore::memory().engine();
                    from.copy_to(&to).unwrap();
                    let report = to.verify_audit(interview.id, None).unwrap();
                    assert!(report.is_sound(), "{report:?}");
                } else {
                    let options = key(&format!("{place}-{n}"));
                    let session = from.start_session_with(interview.id, StartSession::default(), &options).unwrap();
                    from.send_message_with(session.id, "one", &options).unwrap();
                }
            }
        });
        assert_eq!(copies.len(), 5);
        from.copy_to(&to).unwrap();
        assert_eq!(to.audit_head(interview.id).unwrap(), from.audit_head(interview.id).unwrap());
    }
}
