//! Many threads at once: numbers without gaps or doubles, nothing lost, no deadlock.

use std::collections::HashSet;

use vivavoce::{Engine, Role, SessionId, StartSession};

use crate::{TestStore, begun, begun_with, contents, plan, together, whole};

const THREADS: usize = 50;

/// The candidate's words, each once.
fn said(engine: &Engine, session: SessionId) -> HashSet<String> {
    let session = engine.session_exact(session).unwrap();
    whole(&session);
    let words = session.messages.iter().filter(|message| message.role() == Role::Candidate);
    let words: Vec<_> = words.map(|message| message.content.clone()).collect();
    let once: HashSet<_> = words.iter().cloned().collect();
    assert_eq!(once.len(), words.len());
    once
}

conformance! {
    fn many_threads_write_to_one_session(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun_with(&engine, plan().max_answers(1000));
        let turns = together(THREADS, |place| {
            [0, 1, 2, 3].map(|n| engine.send_message(session.id, &format!("{place}-{n}")).unwrap())
        });
        let numbers: HashSet<_> = turns.iter().flatten().map(|turn| turn.message.number).collect();
        assert_eq!(numbers.len(), THREADS * 4);
        for turn in turns.iter().flatten() {
            assert_eq!(turn.reply.number, turn.message.number + 1);
        }
        assert_eq!(said(&engine, session.id).len(), THREADS * 4);
        let kept = engine.session_exact(session.id).unwrap();
        for turn in turns.iter().flatten() {
            assert_eq!(contents(&kept)[turn.message.number as usize - 1], turn.message.content);
        }
        assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
        let engine = store.reopen(engine);
        assert_eq!(said(&engine, session.id).len(), THREADS * 4);
    }

    fn many_threads_write_to_many_sessions_of_one_interview(store: &TestStore) {
        let engine = store.engine();
        let interview = engine.create_interview(plan()).unwrap();
        let sessions = together(THREADS, |place| {
            let session = engine.start_session(interview.id, StartSession::default()).unwrap();
            (0..4).for_each(|n| drop(engine.send_message(session.id, &format!("{place}-{n}")).unwrap()));
            engine.end_session(session.id).unwrap();
            session.id
        });
        sessions.iter().for_each(|session| assert_eq!(said(&engine, *session).len(), 4));
        let head = engine.audit_head(interview.id).unwrap();
        // Created; then for each session: started, greeted, four turns of two, completed, asked for, evaluated.
        assert_eq!(head.number(), 1 + 13 * THREADS as u64);
        assert!(engine.verify_audit(interview.id, Some(head)).unwrap().is_sound());
        assert_eq!(engine.evaluations(interview.id).unwrap().len(), THREADS);
    }

    fn many_threads_write_to_many_interviews(store: &TestStore) {
        let engine = store.engine();
        let made = together(THREADS, |place| {
            let (interview, session) = begun(&engine);
            (0..4).for_each(|n| drop(engine.send_message(session.id, &format!("{place}-{n}")).unwrap()));
            engine.end_session(session.id).unwrap();
            (interview.id, session.id)
        });
        for (interview, session) in made {
            assert_eq!(said(&engine, session).len(), 4);
            assert!(engine.verify_audit(interview, None).unwrap().is_sound());
            assert_eq!(engine.audit_head(interview).unwrap().number(), 14);
        }
    }

    fn a_slow_interviewer_doubles_nothing(store: &TestStore) {
        let engine = store.open(Engine::builder().interviewer(crate::Moody::new(false)));
        let (interview, session) = begun_with(&engine, plan().max_answers(1000));
        let turns = together(THREADS, |place| engine.send_message(session.id, &format!("{place}")).unwrap());
        let numbers: HashSet<_> = turns.iter().map(|turn| turn.message.number).collect();
        assert_eq!(numbers.len(), THREADS);
        assert_eq!(said(&engine, session.id).len(), THREADS);
        assert!(engine.session_exact(session.id).unwrap().pending().is_none());
        assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
    }

    fn two_engines_write_to_one_session_at_once(store: &TestStore) {
        if !store.persists() {
            return;
        }
        let engines = [store.engine(), store.engine()];
        let (interview, session) = begun_with(&engines[0], plan().max_answers(1000));
        together(8, |place| {
            for n in 0..5 {
                engines[place % 2].send_message(session.id, &format!("{place}-{n}")).unwrap();
            }
        });
        assert_eq!(said(&engines[0], session.id).len(), 40);
        assert_eq!(engines[0].session_exact(session.id).unwrap(), engines[1].session_exact(session.id).unwrap());
        assert!(engines[1].verify_audit(interview.id, None).unwrap().is_sound());
    }
}
