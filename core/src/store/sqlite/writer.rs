//! The one writer: what concurrent callers have queued is committed in one transaction.
//!
//! There is no thread for it. The first caller leads: it takes what is queued, runs and commits it, and hands the lead to one of those that came meanwhile.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use super::error::{Outcome, again, closed, from_sqlite};
use crate::error::{Error, Result};
use crate::store::Written;

/// A write. Whatever it wrote is undone unless it answers `Done`.
type Job = Box<dyn FnOnce(&Connection) -> Outcome<Written> + Send>;

/// How many writes share a commit at most.
const LARGEST_BATCH: usize = 256;

enum Turn {
    Waiting,
    Lead,
    Over(Result<Written>),
}

struct Ticket {
    turn: Mutex<Turn>,
    called: Condvar,
}

impl Ticket {
    fn call(&self, turn: Turn) {
        *self.turn.lock() = turn;
        self.called.notify_one();
    }
}

struct Entry {
    job: Job,
    ticket: Arc<Ticket>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Entry>,
    /// Whether somebody leads, or was called to.
    led: bool,
    closed: bool,
}

pub(super) struct Writer {
    queue: Mutex<Queue>,
    connection: Mutex<Option<Connection>>,
}

impl Writer {
    pub(super) fn new(connection: Connection) -> Self {
        Self { queue: Mutex::default(), connection: Mutex::new(Some(connection)) }
    }

    /// Runs `job` in a transaction, alone or with others; returns when it is committed or undone.
    pub(super) fn write(&self, job: impl FnOnce(&Connection) -> Outcome<Written> + Send + 'static) -> Result<Written> {
        let ticket = Arc::new(Ticket { turn: Mutex::new(Turn::Waiting), called: Condvar::new() });
        let leads = {
            let mut queue = self.queue.lock();
            if queue.closed {
                return Err(closed());
            }
            queue.waiting.push_back(Entry { job: Box::new(job), ticket: Arc::clone(&ticket) });
            !std::mem::replace(&mut queue.led, true)
        };
        if leads {
            self.lead();
        }
        loop {
            let mut turn = ticket.turn.lock();
            match std::mem::replace(&mut *turn, Turn::Waiting) {
                Turn::Over(written) => return written,
                Turn::Lead => {
                    drop(turn);
                    self.lead();
                }
                Turn::Waiting => ticket.called.wait(&mut turn),
            }
        }
    }

    /// Uses the connection between two transactions.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let connection = self.connection.lock();
        Ok(work(connection.as_ref().ok_or_else(closed)?)?)
    }

    /// Takes one batch, and answers everybody in it, the caller among them: it has been in the queue for longest.
    fn lead(&self) {
        let connection = self.connection.lock();
        let batch: Vec<Entry> = {
            let mut queue = self.queue.lock();
            let count = queue.waiting.len().min(LARGEST_BATCH);
            queue.waiting.drain(..count).collect()
        };
        let (jobs, tickets): (Vec<_>, Vec<_>) = batch.into_iter().map(|entry| (entry.job, entry.ticket)).unzip();
        let results = match &*connection {
            Some(connection) => run(connection, jobs),
            None => jobs.iter().map(|_| Err(closed())).collect(),
        };
        drop(connection);
        {
            let mut queue = self.queue.lock();
            match queue.waiting.front() {
                Some(next) => next.ticket.call(Turn::Lead),
                None => queue.led = false,
            }
        }
        for (ticket, result) in tickets.iter().zip(results) {
            ticket.call(Turn::Over(result));
        }
    }

    /// Lets the transaction under way end and takes the connection away; none where that was done before.
    pub(super) fn close(&self) -> Option<Connection> {
        self.queue.lock().closed = true;
        self.connection.lock().take()
    }
}

fn execute(connection: &Connection, text: &str) -> Result<()> {
    let done = connection.prepare_cached(text).and_then(|mut statement| statement.execute([]));
    done.map(drop).map_err(|error| from_sqlite(&error))
}

/// One answer for each job.
fn run(connection: &Connection, jobs: Vec<Job>) -> Vec<Result<Written>> {
    let count = jobs.len();
    let mut results = Vec::with_capacity(count);
    match transaction(connection, jobs, &mut results) {
        Ok(()) => results,
        Err(error) => {
            if !connection.is_autocommit() {
                let _ = execute(connection, "ROLLBACK");
            }
            // What a job found may have come from another that is undone now.
            (0..count).map(|_| Err(again(&error))).collect()
        }
    }
}

fn transaction(connection: &Connection, jobs: Vec<Job>, results: &mut Vec<Result<Written>>) -> Result<()> {
    let alone = jobs.len() == 1;
    let mut wrote = false;
    execute(connection, "BEGIN IMMEDIATE")?;
    for job in jobs {
        if !alone {
            execute(connection, "SAVEPOINT job")?;
        }
        let result = catch_unwind(AssertUnwindSafe(|| job(connection)))
            .unwrap_or_else(|_| Err(Error::internal("a write to the database panicked").into()))
            .map_err(Error::from);
        let done = matches!(result, Ok(Written::Done));
        if connection.is_autocommit() {
            // The disk is full, or failed: SQLite has undone all of it.
            return Err(result
                .err()
                .unwrap_or_else(|| Error::storage("the database undid the transaction").retryable()));
        }
        if !alone {
            if !done {
                execute(connection, "ROLLBACK TO job")?;
            }
            execute(connection, "RELEASE job")?;
        }
        wrote |= done;
        results.push(result);
    }
    execute(connection, if wrote { "COMMIT" } else { "ROLLBACK" })
}
