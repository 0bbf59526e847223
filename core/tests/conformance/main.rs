//! One suite for all stores: what holds on one holds on each, to the same ordering, case folding, error kinds, limits and concurrency rules.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use vivavoce::{
    BuiltinEvaluator, CallOptions, Engine, EngineBuilder, ErrorKind, Evaluator, EvaluatorInfo, Interview,
    InterviewType, Interviewer, JudgeRequest, Judgement, NewInterview, Result, Scene, ScriptedInterviewer, Session,
    SessionStatus, Speech, StartSession, Turn,
};

/// Makes of each test of a store one test for each kind of store.
macro_rules! conformance {
    ($(fn $name:ident($store:ident: &TestStore) $body:block)*) => {$(
        mod $name {
            use super::*;

            fn check($store: &TestStore) $body

            #[test]
            fn memory() {
                check(&TestStore::memory());
            }

            #[test]
            #[cfg(feature = "sqlite")]
            fn sqlite_file() {
                check(&TestStore::sqlite_file());
            }

            #[test]
            #[cfg(feature = "sqlite")]
            fn sqlite_memory() {
                check(&TestStore::sqlite_memory());
            }

            #[test]
            #[cfg(feature = "postgres")]
            fn postgres() {
                check(&TestStore::postgres());
            }
        }
    )*};
}

mod audit;
mod calibrations;
mod concurrency;
mod copy;
mod deliveries;
mod drafts;
mod erasure;
mod evaluation_lists;
mod evaluations;
mod events;
mod idempotency;
mod interviews;
mod lists;
#[cfg(all(feature = "llm", feature = "sqlite", feature = "postgres"))]
mod models;
mod queue;
mod sessions;
mod tenants;
mod upkeep;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod waiting;

/// A store that a test has to itself.
struct TestStore {
    url: String,
    persists: bool,
    fresh: fn() -> Self,
    _directory: Option<tempfile::TempDir>,
}

impl TestStore {
    fn memory() -> Self {
        Self { url: "memory:".into(), persists: false, fresh: Self::memory, _directory: None }
    }

    #[cfg(feature = "sqlite")]
    fn sqlite_file() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("interviews.db").display());
        Self { url, persists: true, fresh: Self::sqlite_file, _directory: Some(directory) }
    }

    #[cfg(feature = "sqlite")]
    fn sqlite_memory() -> Self {
        Self { url: "sqlite::memory:".into(), persists: false, fresh: Self::sqlite_memory, _directory: None }
    }

    #[cfg(feature = "postgres")]
    fn postgres() -> Self {
        let url = vivavoce_test_support::Cluster::shared().create_database();
        Self { url, persists: true, fresh: Self::postgres, _directory: None }
    }

    fn url(&self) -> &str {
        &self.url
    }

    /// Opens the store with the default options.
    fn engine(&self) -> Engine {
        self.open(Engine::builder())
    }

    fn open(&self, builder: EngineBuilder) -> Engine {
        builder.open(self.url()).unwrap()
    }

    /// Another, empty store of this kind.
    fn another(&self) -> Self {
        (self.fresh)()
    }

    /// Whether the store outlives its engine, and several engines share it.
    fn persists(&self) -> bool {
        self.persists
    }

    /// The engine after a restart; the same engine where nothing outlives it.
    fn reopen(&self, engine: Engine) -> Engine {
        if !self.persists() {
            return engine;
        }
        engine.close().unwrap();
        self.engine()
    }
}

/// A clock that a test moves.
#[derive(Clone)]
struct Clock(Arc<Mutex<DateTime<Utc>>>);

impl Clock {
    fn at(time: &str) -> Self {
        Self(Arc::new(Mutex::new(time.parse().unwrap())))
    }

    fn set(&self, time: &str) {
        *self.0.lock().unwrap() = time.parse().unwrap();
    }

    fn advance(&self, seconds: i64) {
        *self.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    fn builder(&self) -> EngineBuilder {
        let time = Arc::clone(&self.0);
        Engine::builder().clock(move || *time.lock().unwrap())
    }
}

/// An interviewer that fails as often as it is told to, and otherwise follows the script.
#[derive(Clone)]
struct Moody {
    instant: bool,
    failures: Arc<AtomicU32>,
}

impl Moody {
    fn new(instant: bool) -> Self {
        Self { instant, failures: Arc::default() }
    }

    fn fail(&self, times: u32) {
        self.failures.store(times, Ordering::SeqCst);
    }
}

impl Interviewer for Moody {
    fn speak(&self, scene: &Scene<'_>) -> Result<Speech> {
        let left = self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match left {
            Ok(_) => Err(vivavoce::Error::new(ErrorKind::Provider, "the model is away").retryable()),
            Err(_) => ScriptedInterviewer::default().speak(scene),
        }
    }

    fn is_instant(&self) -> bool {
        self.instant
    }
}

/// An interviewer and evaluator that says when it is asked, and answers when it may.
struct Slow {
    asked: SyncSender<()>,
    may_answer: Mutex<Receiver<()>>,
}

impl Slow {
    fn new() -> (Self, Receiver<()>, SyncSender<()>) {
        let (asked, was_asked) = std::sync::mpsc::sync_channel(10);
        let (answer, may_answer) = std::sync::mpsc::sync_channel(10);
        (Self { asked, may_answer: Mutex::new(may_answer) }, was_asked, answer)
    }

    fn think(&self) {
        self.asked.send(()).unwrap();
        self.may_answer.lock().unwrap().recv().unwrap();
    }
}

impl Interviewer for Slow {
    fn speak(&self, scene: &Scene<'_>) -> Result<Speech> {
        self.think();
        ScriptedInterviewer::default().speak(scene)
    }
}

impl Evaluator for Slow {
    fn info(&self) -> EvaluatorInfo {
        BuiltinEvaluator::new().info()
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement> {
        self.think();
        BuiltinEvaluator::new().judge(request)
    }
}

fn plan() -> NewInterview {
    NewInterview::new("Ada Lovelace", InterviewType::Technical)
        .question("What is a deadlock?")
        .question("How does a B-tree stay balanced?")
}

fn begun_with(engine: &Engine, plan: NewInterview) -> (Arc<Interview>, Arc<Session>) {
    let interview = engine.create_interview(plan).unwrap();
    let session = engine.start_session(interview.id, StartSession::default()).unwrap();
    (interview, session)
}

fn begun(engine: &Engine) -> (Arc<Interview>, Arc<Session>) {
    begun_with(engine, plan())
}

fn key(text: &str) -> CallOptions {
    CallOptions::default().idempotency_key(text)
}

fn answers(text: &str) -> BTreeMap<u32, String> {
    BTreeMap::from([(0, text.to_owned())])
}

#[track_caller]
fn refused<T: Debug>(result: Result<T>, kind: ErrorKind, words: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(words), "{error:?} does not say {words:?}");
}

#[track_caller]
fn missing<T: Debug>(result: Result<T>) {
    refused(result, ErrorKind::NotFound, "");
}

/// Runs `work` on many threads that begin together.
fn together<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = std::sync::Barrier::new(threads);
    std::thread::scope(|scope| {
        let (start, work) = (&start, &work);
        let all: Vec<_> = (0..threads)
            .map(|place| {
                scope.spawn(move || {
                    start.wait();
                    work(place)
                })
            })
            .collect();
        all.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Numbers without gaps or doubles, and every word there once.
#[track_caller]
fn whole(session: &Session) {
    let numbers: Vec<_> = session.messages.iter().map(|message| message.number as usize).collect();
    assert_eq!(numbers, (1..=session.messages.len()).collect::<Vec<_>>());
}

fn contents(session: &Session) -> Vec<&str> {
    session.messages.iter().map(|message| message.content.as_str()).collect()
}

/// Sends until the session is completed.
fn held(engine: &Engine, session: &Session) -> Vec<Turn> {
    let mut turns = Vec::new();
    loop {
        let turn = engine.send_message(session.id, &format!("Answer {}", turns.len())).unwrap();
        let over = turn.session_status == SessionStatus::Completed;
        turns.push(turn);
        if over {
            return turns;
        }
    }
}
