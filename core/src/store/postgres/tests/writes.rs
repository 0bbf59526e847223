use std::sync::{Arc, Barrier};
use std::thread;

use super::*;
use crate::domain::InterviewStatus;
use crate::{ErrorKind, store::KeyRecord};
use vivavoce_test_support::{PgBouncer, TcpProxy};

#[test]
fn what_is_written_is_read_back_byte_for_byte() {
    let store = store();
    let (interview, session) = begun(&store);
    let read = store.interview(&tenant(), interview.id).unwrap().unwrap();
    assert_eq!(read.status, InterviewStatus::InProgress);
    assert_eq!(read.updated_at, session.updated_at);
    assert_eq!(Interview { status: interview.status, updated_at: interview.updated_at, ..(*read).clone() }, *interview);
    assert_eq!(store.session(&tenant(), session.id).unwrap().unwrap(), session);

    let step = answer(&session, "Two threads\r\n\u{FEFF}\u{10FFFF} e\u{301} 死結 \u{1}");
    let after = Arc::clone(&step.session);
    assert_eq!(store.step_session(step).unwrap(), Written::Done);
    assert_eq!(store.session(&tenant(), session.id).unwrap().unwrap(), after);
    assert_eq!(store.session_version(&tenant(), session.id).unwrap(), Some(2));

    let step = completion(&after);
    let (after, asked) = (Arc::clone(&step.session), step.evaluation.clone().unwrap());
    assert_eq!(store.step_session(step).unwrap(), Written::Done);
    assert_eq!(store.session(&tenant(), session.id).unwrap().unwrap(), after);
    assert_eq!(store.interview(&tenant(), interview.id).unwrap().unwrap().status, InterviewStatus::Completed);
    assert_eq!(store.evaluation(&tenant(), asked.evaluation.id).unwrap().unwrap(), asked.evaluation);

    let saved = result(&asked);
    assert_eq!(store.save_evaluation(saved.clone()).unwrap(), Written::Done);
    assert_eq!(store.save_evaluation(saved.clone()).unwrap(), Written::Stale, "it is final");
    assert_eq!(store.evaluation_of_session(&tenant(), session.id).unwrap().unwrap(), saved.write.evaluation);
    assert_eq!(store.evaluations_of(&tenant(), interview.id).unwrap(), [asked.evaluation.id]);
    assert_eq!(store.sessions_of(&tenant(), interview.id).unwrap(), [session.id]);

    let report = verify(&store, interview.id);
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.checked, 10);

    let events = store.events(&tenant(), session.id, 2, 100).unwrap();
    assert_eq!(events.len(), 8);
    assert_eq!(events[0].message.as_ref(), Some(&session.messages[0]));
    assert_eq!(events.last().unwrap().evaluation_id, Some(asked.evaluation.id));
}

#[test]
fn another_tenant_sees_and_moves_nothing() {
    let store = store();
    let (interview, session) = begun(&store);
    let other: Tenant = "other".into();
    assert!(store.interview(&other, interview.id).unwrap().is_none());
    assert!(store.session(&other, session.id).unwrap().is_none());
    assert!(store.audit_state(&other, interview.id).unwrap().is_none());
    assert!(store.audit_page(&other, interview.id, 0, 10).unwrap().is_empty());
    assert!(store.events(&other, session.id, 0, 10).unwrap().is_empty());
    assert_eq!(
        store.step_session(SessionStep { tenant: other.clone(), ..answer(&session, "x") }).unwrap(),
        Written::Stale
    );
    let start = StartSession { tenant: other.clone(), ..beginning(&interview, None) };
    assert_eq!(store.start_session(start).unwrap(), Written::Stale);
    let erase = EraseInterview { tenant: other, ..erasure(interview.id) };
    assert_eq!(store.erase_interview(erase).unwrap(), Written::Stale);
    assert!(verify(&store, interview.id).is_sound());
}

#[test]
fn a_step_from_another_version_is_stale_and_writes_nothing() {
    let store = store();
    let (interview, session) = begun(&store);
    let (first, second) = (answer(&session, "first"), answer(&session, "second"));
    assert_eq!(store.step_session(first).unwrap(), Written::Done);
    assert_eq!(store.step_session(second).unwrap(), Written::Stale);
    let kept = store.session(&tenant(), session.id).unwrap().unwrap();
    assert_eq!(kept.messages[1].content, "first");
    assert_eq!(kept.messages.len(), 3);
    assert!(verify(&store, interview.id).is_sound());
}

#[test]
fn a_key_is_taken_by_the_first_success() {
    let store = store();
    let (one, two) = (interview("Ada"), interview("Ada"));
    let key = claim("create");
    let taken = |result| Written::KeyTaken(KeyRecord { request: Some(key.request), result });
    assert_eq!(store.create_interview(creation(&one, Some(key))).unwrap(), Written::Done);
    assert_eq!(store.create_interview(creation(&two, Some(key))).unwrap(), taken(KeyResult::Interview(one.id)));
    assert!(store.interview(&tenant(), two.id).unwrap().is_none());
    assert_eq!(store.create_interview(creation(&one, None)).unwrap_err().kind(), ErrorKind::Conflict);

    let key = claim("start");
    let (first, second) = (beginning(&one, Some(key)), beginning(&one, Some(key)));
    let session = Arc::clone(&first.session);
    assert_eq!(store.start_session(first).unwrap(), Written::Done);
    let record = KeyRecord { request: Some(key.request), result: KeyResult::Session(session.id) };
    assert_eq!(store.start_session(second).unwrap(), Written::KeyTaken(record));
    assert_eq!(store.key(&key.scope).unwrap(), Some(record));

    let key = claim("send");
    let mut step = answer(&session, "hello");
    step.key = Some((key, message_result(&step)));
    let record = KeyRecord { request: Some(key.request), result: message_result(&step) };
    assert_eq!(store.step_session(step.clone()).unwrap(), Written::Done);
    assert_eq!(store.step_session(step.clone()).unwrap(), Written::KeyTaken(record), "though it is stale too");
    let mut later = answer(&step.session, "again");
    later.key = step.key;
    assert_eq!(store.step_session(later).unwrap(), Written::KeyTaken(record));
    assert_eq!(store.session_version(&tenant(), session.id).unwrap(), Some(2));
    assert!(verify(&store, one.id).is_sound());
}

#[test]
fn concurrent_users_of_one_key_create_once() {
    let store = store();
    let barrier = Barrier::new(8);
    let done = thread::scope(|scope| {
        let calls: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let write = creation(&interview("Ada"), Some(claim("same")));
                    barrier.wait();
                    store.create_interview(write).unwrap()
                })
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).filter(|written| *written == Written::Done).count()
    });
    assert_eq!(done, 1);
}

fn many_writers(stores: &[&dyn Store]) {
    let (interview, session) = begun(stores[0]);
    let (threads, each) = (12, 8);
    thread::scope(|scope| {
        for index in 0..threads {
            let (interview, shared) = (Arc::clone(&interview), session.id);
            let store = stores[index % stores.len()];
            scope.spawn(move || {
                // One session that all write to, and one of the thread's own on the same interview's chain.
                let own = beginning(&interview, None);
                let mut mine = Arc::clone(&own.session);
                assert_eq!(store.start_session(own).unwrap(), Written::Done);
                for round in 0..each {
                    let step = answer(&mine, &format!("{index} {round}"));
                    mine = Arc::clone(&step.session);
                    assert_eq!(store.step_session(step).unwrap(), Written::Done);
                    loop {
                        let seen = store.session(&tenant(), shared).unwrap().unwrap();
                        if store.step_session(answer(&seen, &format!("{index} {round}"))).unwrap() == Written::Done {
                            break;
                        }
                    }
                }
            });
        }
    });
    let session = stores[0].session(&tenant(), session.id).unwrap().unwrap();
    assert_eq!(session.messages.len(), 1 + 2 * threads * each);
    assert!(session.messages.iter().zip(1..).all(|(message, number)| message.number == number));
    let report = verify(stores[0], interview.id);
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.checked as usize, 1 + 2 + threads * (2 + 4 * each));
}

#[test]
fn concurrent_sessions_of_one_interview_never_fork_its_log() {
    many_writers(&[&store()]);
}

#[test]
fn two_engines_work_through_a_transaction_pooling_proxy() {
    let cluster = Cluster::shared();
    let proxy = PgBouncer::start(cluster, 3);
    let url = proxy.url(&cluster.new_database());
    let (one, two) = (PostgresStore::open(&url).unwrap(), PostgresStore::open(&url).unwrap());
    many_writers(&[&one, &two]);
}

#[test]
fn prepared_statements_do_the_same() {
    let url = format!("{}?prepared=yes&pool=3", Cluster::shared().create_database());
    many_writers(&[&PostgresStore::open(&url).unwrap()]);
}

#[test]
fn each_use_case_is_one_round_trip() {
    let cluster = Cluster::shared();
    let proxy = TcpProxy::start(cluster.port());
    let database = cluster.new_database();
    let url = format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", proxy.port());
    let store = PostgresStore::open(&url).unwrap();
    let counted = |name: &str, work: &mut dyn FnMut()| {
        let before = proxy.round_trips();
        work();
        assert_eq!(proxy.round_trips() - before, 1, "{name}");
    };
    let interview = interview("Ada");
    counted("create", &mut || {
        assert_eq!(store.create_interview(creation(&interview, Some(claim("a")))).unwrap(), Written::Done)
    });
    let beginning = beginning(&interview, Some(claim("b")));
    let session = Arc::clone(&beginning.session);
    counted("start", &mut || assert_eq!(store.start_session(beginning.clone()).unwrap(), Written::Done));
    let step = answer(&session, "hello");
    counted("step", &mut || assert_eq!(store.step_session(step.clone()).unwrap(), Written::Done));
    let last = completion(&step.session);
    counted("completion", &mut || assert_eq!(store.step_session(last.clone()).unwrap(), Written::Done));
    let mut saved = result(last.evaluation.as_ref().unwrap());
    let id = saved.write.evaluation.id;
    let at = now();
    let lease = Lease { token: [1; 16], until: at + chrono::TimeDelta::minutes(1) };
    counted("lease", &mut || assert!(store.lease_next(at, lease).unwrap().is_some()));
    counted("renewal", &mut || assert!(store.renew_lease(id, lease).unwrap()));
    counted("release", &mut || assert!(store.release_job(id, lease.token, at, true).unwrap()));
    let again = || store.lease_evaluation(&tenant(), id, at, lease).unwrap();
    counted("lease of one", &mut || assert_eq!(again(), Leased::Yours));
    counted("next", &mut || assert!(store.next_due(at).unwrap().is_some()));
    saved.write.lease = Some(lease);
    counted("evaluation", &mut || assert_eq!(store.save_evaluation(saved.clone()).unwrap(), Written::Done));
    let reply = KeepReply {
        tenant: tenant(),
        interview_id: interview.id,
        key: [1; 32],
        time: at,
        reply: "words".into(),
        not_before: at,
        most_bytes: 100,
    };
    counted("reply", &mut || assert_eq!(store.keep_reply(reply.clone()).unwrap(), Written::Done));
    counted("kept", &mut || assert!(store.kept_reply(&reply.key, at).unwrap().is_some()));
    let reservation =
        Reservation { scope: "s".into(), period: at, tokens: 1, nanos: 1, most_tokens: None, most_nanos: None };
    counted("reservation", &mut || assert!(store.reserve(reservation.clone()).unwrap()));
    counted("settlement", &mut || store.settle("s", at, 1, 0).unwrap());
    counted("spent", &mut || assert_eq!(store.spent("s", at).unwrap(), (0, 1)));
    counted("read", &mut || drop(store.session(&tenant(), session.id).unwrap()));
    counted("log", &mut || drop(store.audit_page(&tenant(), interview.id, 0, 100).unwrap()));
}

/// An interviewer that takes its time, so that its reply is a write of its own.
struct Slow;

impl crate::Interviewer for Slow {
    fn speak(&self, scene: &crate::Scene<'_>) -> crate::Result<crate::Speech> {
        crate::ScriptedInterviewer::default().speak(scene)
    }
}

#[test]
fn a_message_with_its_reply_is_one_round_trip_or_two_with_a_slow_interviewer() {
    let cluster = Cluster::shared();
    let proxy = TcpProxy::start(cluster.port());
    for (builder, expected) in [(crate::Engine::builder(), 1), (crate::Engine::builder().interviewer(Slow), 2)] {
        let database = cluster.new_database();
        let url = format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", proxy.port());
        let engine = builder.open(&url).unwrap();
        let plan = NewInterview::new("Ada", InterviewType::General).question("Why?");
        let interview = engine.create_interview(plan).unwrap();
        let session = engine.start_session(interview.id, crate::StartSession::default()).unwrap();
        for number in 0..3 {
            let before = proxy.round_trips();
            let options = crate::CallOptions::default().idempotency_key(format!("k{number}"));
            engine.send_message_with(session.id, "So.", &options).unwrap();
            assert_eq!(proxy.round_trips() - before, expected);
            engine.session(session.id).unwrap();
            assert_eq!(proxy.round_trips() - before, expected, "a warm session was read from the database");
        }
    }
}

#[test]
fn erasure_removes_every_word_and_keeps_the_chain() {
    let cluster = Cluster::shared();
    let database = cluster.new_database();
    let store = PostgresStore::open(&cluster.url(&database)).unwrap();
    let interview = interview("Ada Lovelace");
    let key = claim("k");
    assert_eq!(store.create_interview(creation(&interview, Some(key))).unwrap(), Written::Done);
    let start = beginning(&interview, None);
    let session = Arc::clone(&start.session);
    store.start_session(start).unwrap();
    let step = completion(&session);
    store.step_session(step.clone()).unwrap();
    store.save_evaluation(result(step.evaluation.as_ref().unwrap())).unwrap();

    let logs = "SELECT count(*), min(question), min(answer) FROM vivavoce.interview_logs";
    assert_eq!(cluster.sql(&database, logs), "1|What is a \"deadlock\"?\n死結？|the end");
    assert_eq!(store.erase_interview(erasure(interview.id)).unwrap(), Written::Done);
    assert_eq!(store.erase_interview(erasure(interview.id)).unwrap(), Written::Done);
    assert!(store.interview(&tenant(), interview.id).unwrap().is_none());
    assert!(store.session(&tenant(), session.id).unwrap().is_none());
    assert!(store.events(&tenant(), session.id, 0, 100).unwrap().is_empty());
    assert!(store.interviews_of(&tenant(), "candidate-1").unwrap().is_empty());
    assert_eq!(
        store.key(&key.scope).unwrap(),
        Some(KeyRecord { request: None, result: KeyResult::Interview(interview.id) })
    );
    assert_eq!(store.start_session(beginning(&interview, None)).unwrap(), Written::Stale);
    assert_eq!(store.step_session(answer(&step.session, "late")).unwrap(), Written::Stale);
    let late = SaveEvaluation { new: true, ..result(&evaluation(&session, EvaluationStatus::Pending)) };
    assert_eq!(store.save_evaluation(late).unwrap(), Written::Stale);
    let report = verify(&store, interview.id);
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.erased, report.checked - 1);
    for table in ["interviews", "sessions", "messages", "evaluations", "events", "idempotency_keys", "interview_logs"] {
        let text = cluster.sql(&database, &format!("SELECT t::text FROM vivavoce.{table} t"));
        for word in ["Ada", "Lovelace", "candidate-1", "deadlock", "the end", "ten years", "wörds", "Hello"] {
            assert!(!text.contains(word), "{table} holds {word}");
        }
    }
}

#[test]
fn a_copy_is_the_same_and_is_made_once() {
    let (from, to) = (store(), store());
    let (interview, session) = begun(&from);
    let step = completion(&session);
    from.step_session(step.clone()).unwrap();
    let (erased, _) = begun(&from);
    from.erase_interview(erasure(erased.id)).unwrap();
    let (third, third_session) = begun(&from);
    for session in (0..3).map(|_| beginning(&third, Some(claim(&unique().to_string())))) {
        from.start_session(session).unwrap();
    }
    let first = from.export(None, 1).unwrap();
    assert_eq!(first.len(), 1);
    let rest = from.export(Some(first[0].interview.id), 10).unwrap();
    assert_eq!(rest.iter().map(|bundle| bundle.interview.id).collect::<Vec<_>>(), [erased.id, third.id]);
    for _ in 0..2 {
        for bundle in first.iter().chain(&rest) {
            to.import(bundle.clone()).unwrap();
        }
    }
    for id in [interview.id, erased.id, third.id] {
        assert_eq!(to.audit_state(&tenant(), id).unwrap(), from.audit_state(&tenant(), id).unwrap());
        assert!(verify(&to, id).is_sound());
    }
    assert_eq!(to.session(&tenant(), session.id).unwrap().unwrap(), step.session);
    let (ours, theirs) = (to.export(None, 100).unwrap(), from.export(None, 100).unwrap());
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    // A log that went on here is not overwritten.
    to.step_session(answer(&third_session, "on")).unwrap();
    assert!(verify(&to, third.id).is_sound());
    assert_eq!(to.import(rest[1].clone()).unwrap_err().kind(), ErrorKind::Conflict);
}

#[test]
fn answers_without_a_session_are_logged_with_their_questions() {
    let cluster = Cluster::shared();
    let database = cluster.new_database();
    let store = PostgresStore::open(&cluster.url(&database)).unwrap();
    let (interview, session) = begun(&store);
    let mut submitted = Evaluation::clone(&evaluation(&session, EvaluationStatus::Pending).evaluation);
    submitted.session_id = None;
    submitted.exchanges = ["one", "two"]
        .map(|answer| crate::Exchange {
            question: None,
            question_text: "Why?".into(),
            probe: false,
            answer: answer.into(),
        })
        .into();
    let recorder = Recorder { interview_id: interview.id, session_id: None, time: now() };
    let events = vec![recorder.evaluation_requested(submitted.id, salt()).unwrap()];
    let save = SaveEvaluation {
        tenant: tenant(),
        draft: None,
        write: written(submitted),
        new: true,
        events,
        key: Some(claim("e")),
    };
    assert_eq!(store.save_evaluation(save.clone()).unwrap(), Written::Done);
    assert_eq!(store.save_evaluation(SaveEvaluation { key: None, ..save.clone() }).unwrap(), Written::Stale);
    assert!(matches!(store.save_evaluation(save).unwrap(), Written::KeyTaken(_)));
    store.step_session(answer(&session, "three")).unwrap();
    let rows = cluster.sql(
        &database,
        "SELECT question, answer, count(*) OVER (), count(id) OVER () FROM vivavoce.interview_logs ORDER BY answer",
    );
    assert_eq!(rows, "Why?|one|3|3\nWhat is a \"deadlock\"?\n死結？|three|3|3\nWhy?|two|3|3");
    assert!(verify(&store, interview.id).is_sound());
}

#[test]
fn an_erasure_among_writers_leaves_no_word_and_no_deadlock() {
    let cluster = Cluster::shared();
    let database = cluster.new_database();
    let store = PostgresStore::open(&cluster.url(&database)).unwrap();
    for _ in 0..8 {
        let (interview, _) = begun(&store);
        let barrier = Barrier::new(7);
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    barrier.wait();
                    for _ in 0..4 {
                        let start = beginning(&interview, Some(claim(&unique().to_string())));
                        let session = Arc::clone(&start.session);
                        if store.start_session(start).unwrap() == Written::Stale {
                            return;
                        }
                        let step = completion(&session);
                        if store.step_session(step.clone()).unwrap() == Written::Stale {
                            return;
                        }
                        let at = now();
                        let lease = Lease { token: salt(), until: at };
                        if let Some(job) = store.lease_next(at, lease).unwrap() {
                            store.renew_lease(job.evaluation_id, lease).unwrap();
                        }
                        let reply = KeepReply {
                            tenant: tenant(),
                            interview_id: interview.id,
                            key: [unique() as u8 % 8; 32],
                            time: at,
                            reply: "my words".into(),
                            not_before: at,
                            most_bytes: 30,
                        };
                        store.keep_reply(reply).unwrap();
                        store.save_evaluation(result(step.evaluation.as_ref().unwrap())).unwrap();
                    }
                });
            }
            barrier.wait();
            thread::sleep(std::time::Duration::from_millis(15));
            assert_eq!(store.erase_interview(erasure(interview.id)).unwrap(), Written::Done);
        });
        let report = verify(&store, interview.id);
        assert!(report.is_sound(), "{report:?}");
        assert_eq!(report.erased, report.checked - 1);
    }
    let left = "SELECT (SELECT count(*) FROM vivavoce.sessions) + (SELECT count(*) FROM vivavoce.messages)
                + (SELECT count(*) FROM vivavoce.evaluations) + (SELECT count(*) FROM vivavoce.kept_replies)
                + (SELECT bytes FROM vivavoce.kept_replies_total)";
    assert_eq!(cluster.sql(&database, left), "0");
    // The server's counters arrive when its processes end.
    store.close().unwrap();
    let left = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while cluster.sql("postgres", &left) != "0" {
        assert!(std::time::Instant::now() < deadline, "connections outlive the store");
        thread::sleep(std::time::Duration::from_millis(10));
    }
    let deadlocks = format!("SELECT deadlocks FROM pg_stat_database WHERE datname = '{database}'");
    assert_eq!(cluster.sql("postgres", &deadlocks), "0", "{}", cluster.log());
}
