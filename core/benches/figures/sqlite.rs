//! Appends to SQLite against bare rusqlite, and reads.

use std::hint::black_box;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rusqlite::{Connection, params};
use vivavoce::{Engine, SessionId};

use crate::{ANSWERS, answer, send, sessions};
use vivavoce_test_support::table::{ROUNDS, Target, median, p99, row};

const THREADS: usize = 32;

/// The writes of core/src/store/sqlite/write.rs for one answer and its reply, without anything else.
struct Bare {
    connection: Connection,
    answer: String,
    reply: String,
}

impl Bare {
    fn open(path: &Path, durability: &str, answer: &str, reply: &str) -> Self {
        let connection = Connection::open(path).unwrap();
        connection.set_prepared_statement_cache_capacity(128);
        connection
            .execute_batch(&format!(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = {durability}; PRAGMA foreign_keys = ON; \
                 PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY"
            ))
            .unwrap();
        Self { connection, answer: answer.to_owned(), reply: reply.to_owned() }
    }

    fn run(&self, text: &str) {
        self.connection.prepare_cached(text).unwrap().execute([]).unwrap();
    }

    fn append(&self, id: SessionId, turn: i64) {
        let id = id.as_uuid().as_bytes();
        let (version, time) = (1 + 2 * turn, 1_760_000_000_000_000_i64 + turn);
        self.run("BEGIN IMMEDIATE");
        let (seq, interview): (i64, i64) = self
            .connection
            .prepare_cached(
                "SELECT seq, interview FROM sessions WHERE id = ?1 AND tenant = ?2 AND status = 'active' \
                 AND (SELECT max(messages.key) & 1048575 FROM messages \
                 WHERE messages.key BETWEEN sessions.seq << 20 AND (sessions.seq << 20) | 1048575) = ?3",
            )
            .unwrap()
            .query_row(params![id, "default", version], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        let (number, link): (i64, [u8; 32]) = self
            .connection
            .prepare_cached("SELECT number, link FROM audit_heads WHERE interview = ?1")
            .unwrap()
            .query_row([interview], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        let mut messages = self
            .connection
            .prepare_cached(
                "INSERT INTO messages (key, entry, id, kind, question, created_at, content, salt, digest, link) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )
            .unwrap();
        for (added, kind, content) in [(1, "answer", &self.answer), (2, "probe", &self.reply)] {
            messages
                .execute(params![
                    (seq << 20) | (version + added),
                    (interview << 20) | (number + added),
                    id,
                    kind,
                    0,
                    time,
                    content,
                    [7_u8; 16],
                    link,
                    link
                ])
                .unwrap();
        }
        self.connection
            .prepare_cached("UPDATE audit_heads SET number = ?2, link = ?3 WHERE interview = ?1")
            .unwrap()
            .execute(params![interview, number + 2, link])
            .unwrap();
        self.run("COMMIT");
    }
}

/// A new store with sessions for each thread.
fn prepare(path: &Path, durability: &str, threads: usize, sends: usize) -> (Engine, Vec<Vec<SessionId>>) {
    let engine = Engine::open(&format!("sqlite:{}?durability={durability}", path.display())).unwrap();
    let work = sessions(&engine, threads, sends);
    (engine, work)
}

fn parallel(work: &[Vec<SessionId>], send: impl Fn(&[SessionId]) + Sync) -> f64 {
    let began = Instant::now();
    std::thread::scope(|scope| {
        for mine in work {
            let send = &send;
            scope.spawn(move || send(mine));
        }
    });
    began.elapsed().as_secs_f64()
}

/// Median rates of the engine and of bare rusqlite, which take turns.
fn compare(durability: &str, threads: usize, sends: usize) -> [f64; 2] {
    let text = answer();
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let directory = tempfile::tempdir().unwrap();
        let (engine, work) = prepare(&directory.path().join("engine.db"), durability, threads, sends);
        let took = parallel(&work, |mine| send(&engine, mine, sends, &text));
        rates[0].push((threads * sends) as f64 / took);
        let reply = engine.send_message(sessions(&engine, 1, 1)[0][0], &text).unwrap().reply.content.clone();
        engine.close().unwrap();

        let path = directory.path().join("bare.db");
        let (engine, work) = prepare(&path, durability, threads, sends);
        engine.close().unwrap();
        let bare = Mutex::new(Bare::open(&path, durability, &text, &reply));
        let took = parallel(&work, |mine| {
            for number in 0..sends {
                bare.lock().unwrap().append(mine[number / ANSWERS], (number % ANSWERS) as i64);
            }
        });
        rates[1].push((threads * sends) as f64 / took);
    }
    rates.map(median)
}

fn appends() {
    for (durability, threads, sends, target) in
        [("full", 1, 1_000, 0.9), ("normal", 1, 5_000, 0.7), ("full", THREADS, 200, 8.0)]
    {
        let [engine, bare] = compare(durability, threads, sends);
        let against = if threads == 1 { "bare rusqlite" } else { "bare rusqlite behind a mutex" };
        row(
            &format!("SQLite append, {}, threads: {threads}, against {against}", durability.to_uppercase()),
            engine / bare,
            "",
            &format!("{engine:.0} against {bare:.0} calls/s"),
            &Target::AtLeast(target),
        );
    }
}

/// A session of 21 messages: the interviewer speaks first and last, so that their number is odd.
fn transcript(engine: &Engine) -> SessionId {
    let session = sessions(engine, 1, 1)[0][0];
    for _ in 0..10 {
        engine.send_message(session, &answer()).unwrap();
    }
    session
}

fn time(calls: usize, mut call: impl FnMut()) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        for _ in 0..calls {
            call();
        }
        began.elapsed().as_secs_f64() * 1e6 / calls as f64
    });
    median(rounds.collect())
}

fn reads() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("reads.db");
    let (engine, work) = prepare(&path, "full", 4, 20_000);
    let session = transcript(&engine);
    let (text, done) = (answer(), AtomicBool::new(false));
    let times = std::thread::scope(|scope| {
        for mine in &work {
            scope.spawn(|| {
                for number in 0..20_000 {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    engine.send_message(mine[number / ANSWERS], &text).unwrap();
                }
            });
        }
        let times: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let one = |_| {
                    let began = Instant::now();
                    black_box(engine.session_exact(session).unwrap());
                    began.elapsed().as_secs_f64() * 1e3
                };
                p99((0..2_000).map(one).collect())
            })
            .collect();
        done.store(true, Ordering::Relaxed);
        times
    });
    row("SQLite: p99 of a read while 4 threads write, FULL", median(times), " ms", "", &Target::AtMost(0.5));
    let exact = time(2_000, || drop(black_box(engine.session_exact(session).unwrap())));
    let cached = time(100_000, || drop(black_box(engine.session(session).unwrap())));
    row("Reading a session of 21 messages, cached", cached, " µs", "", &Target::AtMost(2.0));
    row("Reading a session of 21 messages, from SQLite", exact, " µs", "", &Target::AtMost(60.0));
    engine.close().unwrap();
    let url = format!("sqlite:{}", path.display());
    let open = time(10, || drop(black_box(Engine::open(&url).unwrap()))) / 1e3;
    row("Opening an SQLite store that is there", open, " ms", "", &Target::AtMost(10.0));
}

pub(crate) fn figures() {
    appends();
    reads();
}
