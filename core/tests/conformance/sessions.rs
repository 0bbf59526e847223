//! Holding a session: every word is kept once, in order, whatever fails.

use std::time::Duration;

use vivavoce::{
    BuiltinEvaluator, CallOptions, Engine, ErrorKind, Evaluator, EvaluatorInfo, Interviewer, JudgeRequest, Judgement,
    Language, MessageKind, Role, Scene, SessionId, SessionStatus, Speech, StartSession,
};

use crate::{Clock, Moody, Slow, TestStore, begun, contents, held, key, missing, plan, refused, together, whole};

fn a_failing_interviewer_loses_nothing(store: &TestStore, instant: bool) {
    let moody = Moody::new(instant);
    let engine = store.open(Engine::builder().interviewer(moody.clone()));
    let (interview, session) = begun(&engine);

    // The same text continues the turn.
    moody.fail(2);
    refused(engine.send_message(session.id, "first"), ErrorKind::Provider, "the model is away");
    let pending = engine.session_exact(session.id).unwrap();
    assert_eq!(pending.pending().unwrap().content, "first");
    refused(engine.send_message(session.id, "first"), ErrorKind::Provider, "the model is away");
    let turn = engine.send_message(session.id, "first").unwrap();
    assert_eq!((turn.message.number, turn.reply.number), (2, 3));

    // The same key continues the turn, and afterwards answers the same.
    moody.fail(1);
    refused(engine.send_message_with(session.id, "second", &key("k")), ErrorKind::Provider, "");
    refused(engine.send_message_with(session.id, "other", &key("k")), ErrorKind::Conflict, "idempotency key");
    let turn = engine.send_message_with(session.id, "second", &key("k")).unwrap();
    assert_eq!((turn.message.number, turn.reply.number), (4, 5));
    assert_eq!(engine.send_message_with(session.id, "second", &key("k")).unwrap(), turn);

    // Another text is accepted; one reply answers both.
    moody.fail(1);
    refused(engine.send_message(session.id, "third"), ErrorKind::Provider, "");
    let turn = engine.send_message(session.id, "fourth").unwrap();
    assert_eq!((turn.message.number, turn.reply.number), (7, 8));

    let after = engine.session_exact(session.id).unwrap();
    whole(&after);
    let said: Vec<_> =
        after.messages.iter().filter(|m| m.role() == Role::Candidate).map(|m| m.content.as_str()).collect();
    assert_eq!(said, ["first", "second", "third", "fourth"]);
    assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
}

fn read_of(engine: &Engine, session: vivavoce::SessionId) -> std::sync::Arc<vivavoce::Session> {
    let read = engine.session_exact(session).unwrap();
    assert_eq!(read.status, SessionStatus::Abandoned);
    read
}

conformance! {
    fn a_whole_interview_is_held_and_scored(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        assert_eq!((session.version, session.status), (1, SessionStatus::Active));
        assert_eq!(session.messages.len(), 1);
        let greeting = &session.messages[0];
        assert_eq!((greeting.kind, greeting.question, greeting.number), (MessageKind::Question, Some(0), 1));
        assert!(greeting.content.contains("What is a deadlock?") && greeting.content.contains("AI"));

        let turns = held(&engine, &session);
        assert_eq!(turns.len(), 8);
        assert_eq!(turns[0].reply.question, Some(1));
        assert!(turns[0].reply.content.contains("B-tree"));
        assert!(turns[1..7].iter().all(|turn| turn.reply.kind == MessageKind::Probe));
        assert_eq!(turns[7].reply.kind, MessageKind::Closing);
        refused(engine.send_message(session.id, "more"), ErrorKind::InvalidState, "is not active");

        let ended = engine.session(session.id).unwrap();
        assert_eq!((ended.status, ended.messages.len()), (SessionStatus::Completed, 17));
        assert_eq!(ended.version, turns[7].session_version);
        assert!(ended.ended_at.is_some());
        whole(&ended);

        let evaluation = engine.end_session(session.id).unwrap();
        assert!(evaluation.score.is_some_and(|score| (0.0..=1.0).contains(&score)));
        assert_eq!(engine.end_session(session.id).unwrap(), evaluation);
        let engine = store.reopen(engine);
        assert_eq!(engine.end_session(session.id).unwrap(), evaluation);
        assert_eq!(engine.evaluation(evaluation.id).unwrap(), evaluation);
        assert_eq!(engine.evaluations(interview.id).unwrap(), [evaluation.id]);
        assert_eq!(engine.session(session.id).unwrap(), ended);
        let card = engine.scorecard(evaluation.id).unwrap();
        assert!(card.to_markdown().contains("Ada Lovelace"));
        assert!(card.to_html().contains("<svg"));
        serde_json::from_str::<serde_json::Value>(&card.to_json().unwrap()).unwrap();
    }

    fn a_session_may_be_held_in_another_language(store: &TestStore) {
        let engine = store.engine();
        let interview = engine.create_interview(plan()).unwrap();
        let session = engine.start_session(interview.id, StartSession::default().language(Language::ZhTw)).unwrap();
        let engine = store.reopen(engine);
        assert_eq!(*engine.session_exact(session.id).unwrap(), *session);
        assert_eq!(session.session_language, Language::ZhTw);
        assert_eq!(engine.end_session(session.id).unwrap().language, Language::ZhTw);
    }

    fn messages_beyond_a_limit_are_refused(store: &TestStore) {
        let engine = store.engine();
        let (_, session) = begun(&engine);
        for (text, words) in [
            (String::new(), "message is empty"),
            (" \n\u{3000}".into(), "message is empty"),
            ("界".repeat(32_001), "message is longer than 32000 characters"),
            ("a\0b".into(), "message contains a NUL character"),
        ] {
            refused(engine.send_message(session.id, &text), ErrorKind::InvalidInput, words);
        }
        for (text, words) in [("", "idempotency_key is empty"), ("\0", "contains a NUL")] {
            refused(engine.send_message_with(session.id, "a", &key(text)), ErrorKind::InvalidInput, words);
        }
        let long = key(&"k".repeat(201));
        refused(engine.send_message_with(session.id, "a", &long), ErrorKind::InvalidInput, "longer than 200");
        assert_eq!(engine.session_exact(session.id).unwrap(), session);
    }

    fn ids_that_lead_nowhere_are_not_found(store: &TestStore) {
        let engine = store.engine();
        let nowhere = "0190b2c4-0000-7000-8000-000000000000";
        let (interview, session) = (nowhere.parse().unwrap(), nowhere.parse().unwrap());
        refused(engine.interview(interview), ErrorKind::NotFound, &format!("interview {nowhere} not found"));
        missing(engine.start_session(interview, StartSession::default()));
        missing(engine.sessions(interview));
        missing(engine.evaluations(interview));
        missing(engine.evaluate(interview, &Default::default()));
        missing(engine.audit_head(interview));
        missing(engine.verify_audit(interview, None));
        missing(engine.erase_interview(interview, "me"));
        missing(engine.erase_candidate("nobody", "me"));
        refused(engine.session(session), ErrorKind::NotFound, &format!("session {nowhere} not found"));
        missing(engine.session_exact(session));
        missing(engine.send_message(session, "a"));
        missing(engine.send_message_with(session, "a", &key("k")));
        missing(engine.end_session(session));
        missing(engine.abandon_session(session));
        missing(engine.events(session, 0));
        missing(engine.next_events(session, 0, vivavoce::Wake::Poll(Duration::from_millis(5)), Duration::ZERO));
        missing(engine.evaluation(nowhere.parse().unwrap()));
        missing(engine.scorecard(nowhere.parse().unwrap()));
    }

    fn an_ended_session_takes_nothing_more(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        engine.send_message(session.id, "one").unwrap();
        let given_up = engine.abandon_session(session.id).unwrap();
        assert_eq!(given_up.status, SessionStatus::Abandoned);
        assert_eq!(engine.session_exact(session.id).unwrap(), given_up);
        refused(engine.send_message(session.id, "two"), ErrorKind::InvalidState, "is not active");
        refused(engine.abandon_session(session.id), ErrorKind::InvalidState, "is not active");
        // What was said can be evaluated all the same, and the session stays given up.
        let evaluation = engine.end_session(session.id).unwrap();
        let said: Vec<_> = evaluation.exchanges.iter().map(|exchange| exchange.answer.as_str()).collect();
        assert_eq!(said, ["one", ""]);
        assert_eq!(engine.session_exact(session.id).unwrap(), given_up);

        let ended = engine.start_session(interview.id, StartSession::default()).unwrap();
        engine.end_session(ended.id).unwrap();
        refused(engine.send_message(ended.id, "two"), ErrorKind::InvalidState, "is not active");
        refused(engine.abandon_session(ended.id), ErrorKind::InvalidState, "is not active");
    }

    fn a_version_that_moved_is_a_conflict(store: &TestStore) {
        let engine = store.engine();
        let (_, session) = begun(&engine);
        let at = |version| CallOptions::default().expected_version(version);
        let turn = engine.send_message_with(session.id, "one", &at(1)).unwrap();
        assert_eq!(turn.session_version, engine.session_exact(session.id).unwrap().version);
        refused(engine.send_message_with(session.id, "two", &at(1)), ErrorKind::Conflict, "not at 1");
        refused(engine.end_session_with(session.id, &at(1)), ErrorKind::Conflict, "not at 1");
        assert_eq!(engine.session_exact(session.id).unwrap().messages.len(), 3);
        engine.send_message_with(session.id, "two", &at(turn.session_version)).unwrap();
        let version = engine.session(session.id).unwrap().version;
        engine.end_session_with(session.id, &at(version)).unwrap();
    }

    fn of_many_that_name_one_version_one_is_taken(store: &TestStore) {
        let engine = store.engine();
        let (_, session) = begun(&engine);
        let options = CallOptions::default().expected_version(1);
        let sent = together(8, |n| engine.send_message_with(session.id, &format!("{n}"), &options));
        assert_eq!(sent.iter().filter(|result| result.is_ok()).count(), 1);
        for error in sent.into_iter().filter_map(Result::err) {
            assert_eq!(error.kind(), ErrorKind::Conflict);
        }
        assert_eq!(engine.session_exact(session.id).unwrap().messages.len(), 3);
    }

    fn a_failing_interviewer_that_takes_its_time_loses_nothing(store: &TestStore) {
        a_failing_interviewer_loses_nothing(store, false);
    }

    fn a_failing_interviewer_that_answers_at_once_loses_nothing(store: &TestStore) {
        a_failing_interviewer_loses_nothing(store, true);
    }

    fn a_pending_turn_survives_a_restart(store: &TestStore) {
        let moody = Moody::new(false);
        let engine = store.open(Engine::builder().interviewer(moody.clone()));
        let (_, session) = begun(&engine);
        moody.fail(1);
        refused(engine.send_message_with(session.id, "one", &key("k")), ErrorKind::Provider, "");
        let engine = store.reopen(engine);
        let turn = engine.send_message_with(session.id, "one", &key("k")).unwrap();
        assert_eq!((turn.message.number, turn.reply.number), (2, 3));
        assert_eq!(engine.session_exact(session.id).unwrap().messages.len(), 3);
    }

    fn an_interviewer_that_fails_at_the_start_leaves_no_session(store: &TestStore) {
        let moody = Moody::new(false);
        let engine = store.open(Engine::builder().interviewer(moody.clone()));
        let interview = engine.create_interview(plan()).unwrap();
        moody.fail(1);
        refused(engine.start_session_with(interview.id, StartSession::default(), &key("k")), ErrorKind::Provider, "");
        assert!(engine.sessions(interview.id).unwrap().is_empty());
        engine.start_session_with(interview.id, StartSession::default(), &key("k")).unwrap();
        assert_eq!(engine.sessions(interview.id).unwrap().len(), 1);
    }

    fn texts_that_wait_for_their_replies_are_stored_once(store: &TestStore) {
        let moody = Moody::new(false);
        let engine = store.open(Engine::builder().interviewer(moody.clone()));
        let (_, session) = begun(&engine);
        moody.fail(6);
        for text in ["A", "B", "A", "B", "A", "B"] {
            refused(engine.send_message(session.id, text), ErrorKind::Provider, "");
        }
        let turn = engine.send_message(session.id, "A").unwrap();
        assert_eq!((turn.message.number, turn.reply.number), (2, 4));
        assert_eq!(contents(&engine.session_exact(session.id).unwrap())[1..3], ["A", "B"]);
        // Once it is answered, the same text is said again.
        assert_eq!(engine.send_message(session.id, "A").unwrap().message.number, 5);
    }

    fn an_interviewer_that_panics_is_an_error_and_loses_nothing(store: &TestStore) {
        struct Panicking;
        impl Interviewer for Panicking {
            fn speak(&self, scene: &Scene<'_>) -> vivavoce::Result<Speech> {
                assert!(scene.messages.len() != 2, "on purpose");
                Ok(Speech::new("Why?"))
            }
        }
        let engine = store.open(Engine::builder().interviewer(Panicking));
        let (_, session) = begun(&engine);
        for _ in 0..2 {
            refused(engine.send_message(session.id, "one"), ErrorKind::Internal, "the interviewer panicked");
        }
        assert_eq!(engine.session_exact(session.id).unwrap().pending().unwrap().content, "one");
        assert_eq!(engine.send_message(session.id, "two").unwrap().reply.number, 4);
    }

    fn an_interviewer_and_an_evaluator_are_told_the_deadline(store: &TestStore) {
        #[derive(Clone)]
        struct Punctual;
        fn check(deadline: Option<std::time::Instant>) {
            let left = deadline.expect("a deadline").saturating_duration_since(std::time::Instant::now());
            assert!(left > Duration::from_secs(50) && left <= Duration::from_secs(60), "{left:?}");
        }
        impl Interviewer for Punctual {
            fn speak(&self, scene: &Scene<'_>) -> vivavoce::Result<Speech> {
                check(scene.deadline);
                Ok(Speech::new("Why?"))
            }
        }
        impl Evaluator for Punctual {
            fn info(&self) -> EvaluatorInfo {
                EvaluatorInfo::new("test", "punctual", "1")
            }

            fn judge(&self, request: &JudgeRequest<'_>) -> vivavoce::Result<Judgement> {
                check(request.deadline);
                BuiltinEvaluator::new().judge(request)
            }
        }
        let engine = store.open(Engine::builder().interviewer(Punctual).evaluator(Punctual));
        let options = CallOptions::default().timeout(Duration::from_secs(60));
        let interview = engine.create_interview(plan()).unwrap();
        let session = engine.start_session_with(interview.id, StartSession::default(), &options).unwrap();
        engine.send_message_with(session.id, "one", &options).unwrap();
        let judged = [
            engine.end_session_with(session.id, &options).unwrap(),
            engine.evaluate_with(interview.id, &crate::answers("one"), &options).unwrap(),
        ];
        assert!(judged.iter().all(|evaluation| evaluation.failure.is_none()), "{judged:?}");
    }

    fn a_session_is_ended_while_the_interviewer_thinks(store: &TestStore) {
        let (interviewer, asked, answer) = Slow::new();
        let engine = store.open(Engine::builder().interviewer(interviewer));
        let interview = engine.create_interview(plan()).unwrap();
        answer.send(()).unwrap();
        let session = engine.start_session(interview.id, StartSession::default()).unwrap();
        asked.recv().unwrap();
        std::thread::scope(|scope| {
            let sending = scope.spawn(|| engine.send_message(session.id, "one"));
            asked.recv().unwrap();
            let evaluation = engine.end_session(session.id).unwrap();
            assert_eq!(evaluation.exchanges[0].answer, "one");
            answer.send(()).unwrap();
            refused(sending.join().unwrap(), ErrorKind::InvalidState, "is not active");
        });
        let ended = engine.session_exact(session.id).unwrap();
        assert_eq!((ended.status, contents(&ended)[1]), (SessionStatus::Completed, "one"));
        assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
    }

    fn giving_up_is_repeated_with_its_key(store: &TestStore) {
        let engine = store.engine();
        let (_, session) = begun(&engine);
        let stale = key("k").expected_version(7);
        refused(engine.abandon_session_with(session.id, &stale), ErrorKind::Conflict, "is at version 1, not at 7");
        let given_up = engine.abandon_session_with(session.id, &key("k")).unwrap();
        assert_eq!(given_up.status, SessionStatus::Abandoned);
        let engine = store.reopen(engine);
        assert_eq!(engine.abandon_session_with(session.id, &key("k")).unwrap(), given_up);
        refused(engine.abandon_session_with(session.id, &key("l")), ErrorKind::InvalidState, "is not active");
    }

    fn sessions_that_do_not_fit_the_cache_are_held_all_the_same(store: &TestStore) {
        let engine = store.open(Engine::builder().cached_sessions(std::num::NonZeroUsize::MIN));
        let interview = engine.create_interview(plan().max_answers(1_000)).unwrap();
        let sessions: Vec<_> =
            (0..60).map(|_| engine.start_session(interview.id, StartSession::default()).unwrap().id).collect();
        // All write to all sessions, so that places are pushed out while others hold them.
        together(4, |place| {
            for round in 0..3 {
                for session in &sessions {
                    let turn = engine.send_message(*session, &format!("{place}-{round}")).unwrap();
                    let read = engine.session(*session).unwrap();
                    assert!(read.messages.len() as u64 >= turn.session_version, "{}", read.messages.len());
                }
            }
        });
        for session in sessions {
            let session = engine.session_exact(session).unwrap();
            whole(&session);
            let said: std::collections::HashSet<_> = contents(&session).into_iter().skip(1).step_by(2).collect();
            assert_eq!((session.messages.len(), said.len()), (25, 12));
        }
        assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
    }

    fn an_idle_session_is_given_up_by_one_of_many_readers(store: &TestStore) {
        let clock = Clock::at("2026-03-01T12:00:00Z");
        let builder = || clock.builder().idle_timeout(Duration::from_secs(60));
        let one = store.open(builder());
        let two = if store.persists() { store.open(builder()) } else { one.clone() };
        for _ in 0..10 {
            let (interview, session) = begun(&one);
            two.session(session.id).unwrap();
            clock.advance(61);
            let engines = [&one, &two];
            let read = together(6, |place| engines[place % 2].session(session.id).unwrap());
            assert!(read.iter().all(|read| *read == read_of(&one, session.id)), "{read:?}");
            assert_eq!(one.audit_head(interview.id).unwrap().number(), 4);
        }
    }

    fn times_that_no_store_can_write_are_none(store: &TestStore) {
        for time in [chrono::DateTime::<chrono::Utc>::MAX_UTC, chrono::DateTime::<chrono::Utc>::MIN_UTC] {
            let engine = store.open(Engine::builder().clock(move || time).idle_timeout(Duration::MAX));
            let (interview, session) = begun(&engine);
            engine.send_message(session.id, "one").unwrap();
            assert!(engine.abandon_idle_sessions().unwrap().is_empty());
            let engine = store.reopen(engine);
            assert_eq!(engine.session_exact(session.id).unwrap().messages.len(), 3);
            engine.interview(interview.id).unwrap();
            assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
        }
    }

    fn an_idle_session_is_abandoned_when_it_is_read(store: &TestStore) {
        let clock = Clock::at("2026-03-01T12:00:00Z");
        let engine = store.open(clock.builder().idle_timeout(Duration::from_secs(60)));
        let (interview, session) = begun(&engine);
        clock.advance(60);
        assert_eq!(engine.session(session.id).unwrap().status, SessionStatus::Active);
        clock.advance(1);
        let read = engine.session(session.id).unwrap();
        assert_eq!(read.status, SessionStatus::Abandoned);
        assert_eq!(engine.session_exact(session.id).unwrap(), read);
        assert!(engine.abandon_idle_sessions().unwrap().is_empty());
        assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
    }

    fn an_idle_session_is_abandoned_when_it_is_written(store: &TestStore) {
        let clock = Clock::at("2026-03-01T12:00:00Z");
        let engine = store.open(clock.builder().idle_timeout(Duration::from_secs(60)));
        let (_, session) = begun(&engine);
        clock.advance(50);
        engine.send_message(session.id, "one").unwrap();
        clock.advance(50);
        engine.send_message(session.id, "two").unwrap();
        clock.advance(61);
        refused(engine.send_message(session.id, "three"), ErrorKind::InvalidState, "is not active");
        let read = engine.session_exact(session.id).unwrap();
        assert_eq!((read.status, read.messages.len()), (SessionStatus::Abandoned, 5));
    }

    fn idle_sessions_are_abandoned_together(store: &TestStore) {
        let clock = Clock::at("2026-03-01T12:00:00Z");
        let engine = store.open(clock.builder().idle_timeout(Duration::from_secs(60)));
        let other = engine.for_tenant("other").unwrap();
        let (_, elsewhere) = begun(&other);
        let mut idle: Vec<_> = (0..105).map(|_| begun(&engine).1.id).collect();
        let (_, ended) = begun(&engine);
        engine.end_session(ended.id).unwrap();
        clock.advance(61);
        let (_, fresh) = begun(&engine);
        let mut found = engine.abandon_idle_sessions().unwrap();
        found.sort_unstable();
        idle.sort_unstable();
        assert_eq!(found, idle);
        assert!(engine.abandon_idle_sessions().unwrap().is_empty());
        assert_eq!(engine.session(fresh.id).unwrap().status, SessionStatus::Active);
        assert_eq!(other.abandon_idle_sessions().unwrap(), [elsewhere.id]);
    }

    fn everything_is_equal_after_a_restart(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        engine.send_message(session.id, "one").unwrap();
        let evaluation = engine.evaluate(interview.id, &crate::answers("two locks")).unwrap();
        let before = (
            engine.interview(interview.id).unwrap(),
            engine.session_exact(session.id).unwrap(),
            engine.events(session.id, 0).unwrap(),
            engine.audit_head(interview.id).unwrap(),
        );
        let engine = store.reopen(engine);
        assert_eq!(engine.interview(interview.id).unwrap(), before.0);
        assert_eq!(engine.session_exact(session.id).unwrap(), before.1);
        assert_eq!(engine.events(session.id, 0).unwrap(), before.2);
        assert_eq!(engine.audit_head(interview.id).unwrap(), before.3);
        assert_eq!(engine.evaluation(evaluation.id).unwrap(), evaluation);
        assert_eq!(engine.send_message(session.id, "two").unwrap().message.number, 4);
        assert!(engine.verify_audit(interview.id, Some(before.3)).unwrap().is_sound());
    }

    fn two_engines_see_what_the_other_wrote(store: &TestStore) {
        if !store.persists() {
            return;
        }
        let (a, b) = (store.engine(), store.open(Engine::builder().read_staleness(Duration::from_secs(3600))));
        let (interview, session) = begun(&a);
        for n in 0..4 {
            let engine = if n % 2 == 0 { &a } else { &b };
            let turn = engine.send_message(session.id, &format!("answer {n}")).unwrap();
            assert_eq!(turn.message.number, 2 * n + 2);
        }
        let exact = b.session_exact(session.id).unwrap();
        a.send_message(session.id, "from a").unwrap();
        let now = b.session_exact(session.id).unwrap();
        assert_eq!(now.messages.len(), exact.messages.len() + 2);
        assert_eq!(contents(&now), contents(&a.session_exact(session.id).unwrap()));
        // A refusal is decided on what the store has, and so is a key.
        let turn = a.send_message_with(session.id, "keyed", &key("k")).unwrap();
        assert_eq!(b.send_message_with(session.id, "keyed", &key("k")).unwrap(), turn);
        let at = CallOptions::default().expected_version(turn.session_version);
        b.send_message_with(session.id, "again", &at).unwrap();
        let evaluation = a.end_session(session.id).unwrap();
        refused(b.send_message(session.id, "late"), ErrorKind::InvalidState, "is not active");
        assert_eq!(b.end_session(session.id).unwrap(), evaluation);
        whole(&b.session_exact(session.id).unwrap());
        assert!(b.verify_audit(interview.id, None).unwrap().is_sound());
    }

    fn a_read_is_behind_other_engines_for_no_longer_than_was_said(store: &TestStore) {
        if !store.persists() {
            return;
        }
        let writer = store.engine();
        let (patient, strict) = (
            store.open(Engine::builder().read_staleness(Duration::from_secs(3_600))),
            store.open(Engine::builder().read_staleness(Duration::ZERO)),
        );
        let (_, session) = begun(&writer);
        for reader in [&patient, &strict] {
            assert_eq!(reader.session(session.id).unwrap(), session);
        }
        writer.send_message(session.id, "one").unwrap();
        assert_eq!(patient.session(session.id).unwrap().messages.len(), 1);
        assert_eq!(strict.session(session.id).unwrap().messages.len(), 3);
        assert_eq!(patient.session_exact(session.id).unwrap().messages.len(), 3);
        // What was read exactly is known from then on; what this engine writes always.
        assert_eq!(patient.session(session.id).unwrap().messages.len(), 3);
        writer.send_message(session.id, "two").unwrap();
        patient.send_message(session.id, "three").unwrap();
        assert_eq!(patient.session(session.id).unwrap().messages.len(), 7);
    }

    fn what_is_kept_is_read_without_the_store_and_is_what_reading_gives(store: &TestStore) {
        let clock = Clock::at("2026-01-01T00:00:00Z");
        let open = |staleness| {
            store.open(clock.builder().read_staleness(staleness).idle_timeout(Duration::from_secs(3_600)))
        };
        let engine = open(Duration::from_secs(3_600));
        let (interview, session) = begun(&engine);
        assert_eq!(engine.kept_session(session.id).unwrap().unwrap(), session);
        engine.send_message(session.id, "one").unwrap();
        assert_eq!(engine.kept_session(session.id).unwrap().unwrap(), engine.session(session.id).unwrap());
        assert_eq!(engine.for_tenant("other").unwrap().kept_session(session.id).unwrap(), None);
        assert_eq!(engine.kept_session("00000000-0000-7000-8000-000000000000".parse::<SessionId>().unwrap()).unwrap(), None);
        if store.persists() {
            // Nothing was read by this one, and nothing is kept for long by the other.
            assert_eq!(open(Duration::from_secs(3_600)).kept_session(session.id).unwrap(), None);
            let strict = open(Duration::ZERO);
            strict.session(session.id).unwrap();
            assert_eq!(strict.kept_session(session.id).unwrap(), None);
        }
        // Whether it is given up is for the store to say.
        clock.advance(7_200);
        assert_eq!(engine.kept_session(session.id).unwrap(), None);
        assert_eq!(engine.session(session.id).unwrap().status, SessionStatus::Abandoned);
        engine.erase_interview(interview.id, "J. Smith").unwrap();
        assert_eq!(engine.kept_session(session.id).unwrap(), None);
        engine.close().unwrap();
        refused(engine.kept_session(session.id), ErrorKind::InvalidState, "closed");
    }
}
