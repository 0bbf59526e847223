//! A writing process is killed with signal 9 at random moments; what it told to be done is there once, and what it had begun is done once when it is repeated.

use std::hash::{BuildHasher as _, RandomState};
use std::io::{BufRead as _, BufReader, Read as _};
use std::time::Duration;

use vivavoce::{CallOptions, Engine, InterviewType, NewInterview, SessionStatus, StartSession};
use vivavoce_test_support::Cluster;

use crate::told::{Call, calls};
use crate::{assert_whole, sqlite_url, times_said, worker};

const KILLS: usize = 200;
/// A new store after so many: some are killed while they make it.
const KILLS_OF_ONE_STORE: usize = 20;
/// A worker is killed so much after it has told so many lines, at most: one for each call that it begins, and one for each that is done.
const MOST_LINES: f64 = 50.0;
const LONGEST_AFTER: Duration = Duration::from_millis(40);
const THREADS: &str = "4";

/// Moments by Marsaglia's xorshift ("Xorshift RNGs", Journal of Statistical Software 8, 2003).
struct Moments(u64);

impl Moments {
    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// After how many lines, and how long after; every fourth has no line, and may come while the worker makes its store.
    fn next(&mut self) -> (usize, Duration) {
        let lines = (self.part() * 4.0 / 3.0 - 1.0 / 3.0).max(0.0) * MOST_LINES;
        (lines as usize, LONGEST_AFTER.mul_f64(self.part()))
    }
}

/// Lets a worker write until the moment, kills it, and returns what it told.
fn run_and_kill(url: &str, run: &str, (lines, after): (usize, Duration)) -> Vec<Call> {
    let mut worker = worker(&["write", url, run, THREADS, "100000"]);
    let mut output = BufReader::new(worker.stdout.take().expect("the output is piped"));
    let mut told = String::new();
    for _ in 0..lines {
        output.read_line(&mut told).expect("the output is text");
    }
    std::thread::sleep(after);
    worker.kill().expect("a child can be killed");
    output.read_to_string(&mut told).expect("the output is text");
    let status = worker.wait().expect("a child can be waited for");
    assert_eq!(status.code(), None, "the worker ended by itself");
    calls(&told)
}

fn key(call: &Call) -> CallOptions {
    CallOptions::default().idempotency_key(&call.name)
}

fn plan(name: &str) -> NewInterview {
    NewInterview::new(name, InterviewType::Technical)
        .question("What is a deadlock?")
        .question("How does a B-tree stay balanced?")
        .max_answers(1_000)
}

/// The update that was made under the call's key, or is made now; gives its time.
fn update(engine: &Engine, call: &Call) -> String {
    let plan = plan(&call.name).max_answers(999);
    let updated = engine.update_interview_with(call.parent.parse().unwrap(), plan, &key(call)).unwrap();
    updated.updated_at.timestamp_micros().to_string()
}

/// Does again what was begun and not told to be done: all calls with keys.
fn repeat(engine: &Engine, call: &mut Call) {
    let result = match call.call.as_str() {
        "create" => engine.create_interview_with(plan(&call.name), &key(call)).unwrap().id.to_string(),
        "update" => update(engine, call),
        "start" => {
            let interview = call.parent.parse().unwrap();
            engine.start_session_with(interview, StartSession::default(), &key(call)).unwrap().id.to_string()
        }
        "send" => {
            let session = call.parent.parse().unwrap();
            engine.send_message_with(session, &call.name, &key(call)).unwrap().message.number.to_string()
        }
        "end" => engine.end_session_with(call.parent.parse().unwrap(), &key(call)).unwrap().id.to_string(),
        _ => return,
    };
    call.result = Some(result);
}

fn check(engine: &Engine, call: &Call) {
    let Some(result) = &call.result else {
        // It may have been done or not, but not twice, and not by half.
        let interview = match call.call.as_str() {
            "create" => return,
            "update" | "start" => call.parent.parse().unwrap(),
            _ => {
                let session = engine.session_exact(call.parent.parse().unwrap()).unwrap();
                assert!(times_said(&session, &call.name) <= 1);
                assert_whole(&session);
                session.interview_id
            }
        };
        assert!(engine.sessions(interview).unwrap().len() <= 1);
        let report = engine.verify_audit(interview, None).unwrap();
        assert!(report.is_sound() && report.replaced <= 1, "{report:?}");
        return;
    };
    match call.call.as_str() {
        "create" => {
            let interview = engine.interview(result.parse().unwrap()).unwrap();
            assert_eq!(interview.candidate_name, call.name);
        }
        "update" => {
            let interview = call.parent.parse().unwrap();
            assert_eq!(engine.interview(interview).unwrap().max_answers, 999);
            assert_eq!(update(engine, call), *result);
            let report = engine.verify_audit(interview, None).unwrap();
            assert!(report.is_sound() && report.replaced == 1, "{report:?}");
        }
        "start" => {
            let interview = call.parent.parse().unwrap();
            assert_eq!(engine.sessions(interview).unwrap(), [result.parse().unwrap()]);
            let report = engine.verify_audit(interview, None).unwrap();
            assert!(report.is_sound(), "{report:?}");
        }
        "end" => {
            let session = engine.session_exact(call.parent.parse().unwrap()).unwrap();
            assert_eq!(session.status, SessionStatus::Completed);
            assert_eq!(engine.evaluations(session.interview_id).unwrap(), [result.parse().unwrap()]);
            assert!(engine.evaluation(result.parse().unwrap()).unwrap().status.is_final());
        }
        _ => {
            let session = engine.session_exact(call.parent.parse().unwrap()).unwrap();
            assert_whole(&session);
            let number: usize = result.parse().unwrap();
            assert_eq!(session.messages[number - 1].content, call.name);
            assert_eq!(times_said(&session, &call.name), 1);
        }
    }
}

fn kill_at_random_moments(new_store: impl Fn(usize) -> String) {
    let seed = RandomState::new().hash_one(()) | 1;
    println!("the moments' seed: {seed}");
    let mut moments = Moments(seed);
    let (mut done, mut interrupted) = (0, 0);
    let mut url = String::new();
    let mut of_store = Vec::new();
    for kill in 0..KILLS {
        if kill % KILLS_OF_ONE_STORE == 0 {
            url = new_store(kill);
            of_store.clear();
        }
        let moment = moments.next();
        let mut told = run_and_kill(&url, &kill.to_string(), moment);
        done += told.iter().filter(|call| call.result.is_some()).count();
        interrupted += usize::from(told.iter().any(|call| call.result.is_none()));
        let engine = Engine::open(&url).unwrap_or_else(|error| panic!("after kill {kill} at {moment:?}: {error}"));
        told.iter().for_each(|call| check(&engine, call));
        for call in told.iter_mut().filter(|call| call.result.is_none()) {
            repeat(&engine, call);
            check(&engine, call);
        }
        of_store.extend(told);
        if kill % KILLS_OF_ONE_STORE == KILLS_OF_ONE_STORE - 1 {
            // What came later has not hurt what was there.
            of_store.iter().for_each(|call| check(&engine, call));
        }
        engine.close().unwrap();
    }
    println!("{done} calls were told to be done; {interrupted} of {KILLS} kills came in the middle of calls");
    assert!(done > KILLS * 5 && interrupted > KILLS / 4, "{done} {interrupted}: the workers hardly wrote");
}

#[test]
fn nothing_acknowledged_is_lost_on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    kill_at_random_moments(|kill| sqlite_url(&directory.path().join(format!("{kill}.db"))));
}

#[test]
fn nothing_acknowledged_is_lost_on_postgres() {
    kill_at_random_moments(|_| Cluster::shared().create_database());
}
