//! Health, metrics, backups, and the end.

use std::collections::HashSet;

use vivavoce::{AnswerOptions, CallOptions, Engine, ErrorKind, ListInterviews, Question, Role, StartSession, Wake};

use crate::{TestStore, answers, begun, begun_with, key, missing, plan, refused, together, whole};

conformance! {
    fn health_names_the_store(store: &TestStore) {
        let engine = store.engine();
        let health = engine.health().unwrap();
        let name = store.url().split(':').next().unwrap();
        assert_eq!(health.store, name);
        assert_eq!(health.schema_version > 0, name != "memory");
        engine.close().unwrap();
        refused(engine.health(), ErrorKind::InvalidState, "closed");
    }

    fn calls_and_errors_are_counted(store: &TestStore) {
        let engine = store.engine();
        let (_, session) = begun(&engine);
        engine.send_message(session.id, "one").unwrap();
        refused(engine.send_message(session.id, ""), ErrorKind::InvalidInput, "empty");
        missing(engine.send_message("0190b2c4-0000-7000-8000-000000000000".parse().unwrap(), "one"));
        let snapshot = engine.metrics();
        let sent = snapshot.operations.iter().find(|it| it.operation == "send_message").unwrap();
        assert_eq!((sent.calls, sent.buckets.iter().sum::<u64>()), (3, 3));
        assert_eq!(sent.errors, [(ErrorKind::InvalidInput, 1), (ErrorKind::NotFound, 1)].into());
        assert!(!sent.total.is_zero());
        let text = snapshot.to_prometheus();
        for line in [
            "vivavoce_calls_total{operation=\"send_message\"} 3",
            "vivavoce_errors_total{operation=\"send_message\",kind=\"not_found\"} 1",
            "vivavoce_call_seconds_bucket{operation=\"send_message\",le=\"+Inf\"} 3",
            "vivavoce_call_seconds_count{operation=\"create_interview\"} 1",
        ] {
            assert!(text.lines().any(|it| it == line), "{line} is not in {text}");
        }
    }

    fn a_closed_engine_and_its_clones_answer_invalid_state(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        let evaluation = engine.end_session(session.id).unwrap();
        let clone = engine.for_tenant("default").unwrap();
        engine.close().unwrap();
        engine.close().unwrap();
        clone.close().unwrap();
        #[track_caller]
        fn closed<T: std::fmt::Debug>(result: vivavoce::Result<T>) {
            refused(result, ErrorKind::InvalidState, "the engine is closed");
        }
        for engine in [&engine, &clone] {
            closed(engine.create_interview(plan()));
            closed(engine.interview(interview.id));
            closed(engine.list_interviews(&ListInterviews::default()));
            closed(engine.start_session(interview.id, StartSession::default()));
            closed(engine.session(session.id));
            closed(engine.session_exact(session.id));
            closed(engine.sessions(interview.id));
            closed(engine.send_message(session.id, "one"));
            closed(engine.send_message_with(session.id, "one", &key("k")));
            closed(engine.abandon_session(session.id));
            closed(engine.abandon_idle_sessions());
            closed(engine.end_session(session.id));
            closed(engine.evaluate(interview.id, &answers("a")));
            closed(engine.evaluate_answer(&Question::new("Why?"), "So.", &AnswerOptions::default()));
            closed(engine.evaluate_answers(&[], &AnswerOptions::default()));
            closed(engine.evaluation(evaluation.id));
            closed(engine.evaluations(interview.id));
            closed(engine.scorecard(evaluation.id));
            closed(engine.events(session.id, 0));
            closed(engine.next_events(session.id, 0, Wake::Poll(std::time::Duration::ZERO), Default::default()));
            closed(engine.audit_head(interview.id));
            closed(engine.verify_audit(interview.id, None));
            closed(engine.erase_interview(interview.id, "me"));
            closed(engine.erase_candidate("c", "me"));
            closed(engine.copy_to(&Engine::open("memory:").unwrap()));
            closed(engine.backup("nowhere"));
        }
        closed(Engine::open("memory:").unwrap().copy_to(&engine));
    }

    fn calls_under_way_finish_or_end_with_invalid_state(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun_with(&engine, plan().max_answers(1_000));
        let acknowledged: Vec<Vec<String>> = together(9, |place| {
            let mut sent = Vec::new();
            if place == 0 {
                // When others have come some way.
                while engine.session(session.id).unwrap().messages.len() < 60 {
                    std::thread::yield_now();
                }
                engine.close().unwrap();
                return sent;
            }
            // Fewer than the session takes.
            for n in 0..110 {
                let text = format!("{place}-{n}");
                match engine.send_message(session.id, &text) {
                    Ok(_) => sent.push(text),
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::InvalidState, "{error}");
                        assert!(error.to_string().contains("closed"), "{error}");
                        break;
                    }
                }
            }
            sent
        });
        if store.persists() {
            let engine = store.engine();
            let session = engine.session_exact(session.id).unwrap();
            whole(&session);
            let said = session.messages.iter().filter(|message| message.role() == Role::Candidate);
            let said: HashSet<_> = said.map(|message| message.content.clone()).collect();
            for text in acknowledged.iter().flatten() {
                assert!(said.contains(text), "{text} was acknowledged");
            }
            assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
        }
    }

    fn a_backup_among_writers_is_a_store_of_one_moment(store: &TestStore) {
        let engine = store.engine();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("backup.db");
        let (interview, session) = begun_with(&engine, plan().max_answers(1_000));
        if !store.url().starts_with("sqlite:") {
            refused(engine.backup(&path), ErrorKind::Unsupported, "");
            assert!(!path.exists());
            return;
        }
        together(4, |place| {
            for n in 0..20 {
                if place == 0 {
                    let path = directory.path().join(format!("{n}.db"));
                    engine.backup(&path).unwrap();
                    let backup = Engine::open(&format!("sqlite:{}", path.display())).unwrap();
                    whole(&backup.session_exact(session.id).unwrap());
                    let report = backup.verify_audit(interview.id, None).unwrap();
                    assert!(report.is_sound(), "{report:?}");
                } else {
                    engine.send_message(session.id, &format!("{place}-{n}")).unwrap();
                }
            }
        });
        engine.backup(&path).unwrap();
        refused(engine.backup(&path), ErrorKind::InvalidInput, "is there already");
        let backup = Engine::open(&format!("sqlite:{}", path.display())).unwrap();
        assert_eq!(backup.session_exact(session.id).unwrap(), engine.session_exact(session.id).unwrap());
        assert_eq!(backup.audit_head(interview.id).unwrap(), engine.audit_head(interview.id).unwrap());
        // It goes on by itself.
        backup.send_message_with(session.id, "on", &CallOptions::default()).unwrap();
        let nowhere = directory.path().join("no").join("such").join("folder.db");
        assert_eq!(engine.backup(nowhere).unwrap_err().kind(), ErrorKind::Storage);
    }
}
