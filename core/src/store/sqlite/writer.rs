//! The one writer: what concurrent callers have queued is committed in one transaction.
//!
//! There is no thread for it. The first caller leads: it runs what is queued and what comes while it does so, commits all of it, and hands the lead to one of
//! those that came during the commit.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use super::error::{Outcome, again, closed, from_sqlite};
use crate::error::{Error, Result};
use crate::store::Written;

/// A write. Whatever it wrote is undone unless it answers `Done`.
pub(super) type Job = Box<dyn FnOnce(&Connection) -> Outcome<Written> + Send>;

/// How many writes share a commit at most.
const LARGEST_BATCH: usize = 256;

/// The part of the last commit's time that each further write is waited for; all of them together, no longer than that commit took.
const PATIENCE: u32 = 8;

/// However long a commit took: who waits, waits with the file locked.
const LONGEST_PATIENCE: Duration = Duration::from_millis(20);

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
    /// How many shared the last commit, and how long the commit took, without what was written for it.
    last_batch: usize,
    last_commit: Duration,
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

    /// How many writes wait.
    #[cfg(test)]
    pub(super) fn queued(&self) -> usize {
        self.queue.lock().waiting.len()
    }

    /// Uses the connection between two transactions.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let connection = self.connection.lock();
        Ok(work(connection.as_ref().ok_or_else(closed)?)?)
    }

    /// Runs what is queued, and what comes meanwhile, in one transaction, and answers everybody in it, the caller among them: it has been in the queue
    /// for longest.
    fn lead(&self) {
        let connection = self.connection.lock();
        let mut batch = Batch::new(self);
        match &*connection {
            Some(connection) => batch.run(connection),
            None => while batch.next().is_some_and(|_| batch.answer(Err(closed()))) {},
        }
        drop(connection);
        {
            let mut queue = self.queue.lock();
            (queue.last_batch, queue.last_commit) = (batch.tickets.len(), batch.commit);
            match queue.waiting.front() {
                Some(next) => next.ticket.call(Turn::Lead),
                None => queue.led = false,
            }
        }
        for (ticket, result) in batch.tickets.iter().zip(batch.results) {
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

/// The writes that share a transaction.
struct Batch<'a> {
    writer: &'a Writer,
    /// Those that were queued and are not begun.
    queued: VecDeque<Entry>,
    /// Those that were begun, and their results.
    tickets: Vec<Arc<Ticket>>,
    results: Vec<Result<Written>>,
    expected: usize,
    /// How long all of those that are expected are waited for, at most.
    patience: Duration,
    waited: Duration,
    /// How long the commit took.
    commit: Duration,
}

impl<'a> Batch<'a> {
    fn new(writer: &'a Writer) -> Self {
        let mut queue = writer.queue.lock();
        let count = queue.waiting.len().min(LARGEST_BATCH);
        Self {
            writer,
            queued: queue.waiting.drain(..count).collect(),
            tickets: Vec::with_capacity(count),
            results: Vec::with_capacity(count),
            expected: queue.last_batch,
            patience: queue.last_commit.min(LONGEST_PATIENCE),
            waited: Duration::ZERO,
            commit: Duration::ZERO,
        }
    }

    /// The next write. Where several callers shared the last commit, those that it has answered are about to write again: as many are waited for. A caller
    /// that is alone never waits.
    fn next(&mut self) -> Option<Job> {
        let began = Instant::now();
        loop {
            if let Some(entry) = self.queued.pop_front() {
                self.tickets.push(entry.ticket);
                return Some(entry.job);
            }
            let room = LARGEST_BATCH - self.tickets.len();
            let mut queue = self.writer.queue.lock();
            let count = queue.waiting.len().min(room);
            self.queued.extend(queue.waiting.drain(..count));
            drop(queue);
            if count > 0 {
                self.waited += began.elapsed();
                continue;
            }
            let waited = began.elapsed();
            let patient = waited < self.patience / PATIENCE && self.waited + waited < self.patience;
            if self.tickets.len() >= self.expected || room == 0 || !patient {
                return None;
            }
            std::thread::yield_now();
        }
    }

    fn answer(&mut self, result: Result<Written>) -> bool {
        self.results.push(result);
        true
    }

    /// Has an answer for everybody afterwards.
    fn run(&mut self, connection: &Connection) {
        if let Err(error) = self.transaction(connection) {
            if !connection.is_autocommit() {
                let _ = execute(connection, "ROLLBACK");
            }
            // What a job found may have come from another that is undone now.
            self.tickets.extend(self.queued.drain(..).map(|entry| entry.ticket));
            self.results = self.tickets.iter().map(|_| Err(again(&error))).collect();
        }
    }

    /// Each write in a savepoint; the first, before which there is nothing to save, in the transaction itself.
    fn transaction(&mut self, connection: &Connection) -> Result<()> {
        let mut wrote = false;
        while let Some(job) = self.next() {
            execute(connection, if wrote { "SAVEPOINT job" } else { "BEGIN IMMEDIATE" })?;
            let result = catch_unwind(AssertUnwindSafe(|| job(connection)))
                .unwrap_or_else(|_| Err(Error::internal("a write to the database panicked").into()))
                .map_err(Error::from);
            if connection.is_autocommit() {
                // The disk is full, or failed: SQLite has undone all of it.
                return Err(result
                    .err()
                    .unwrap_or_else(|| Error::storage("the database undid the transaction").retryable()));
            }
            let done = matches!(result, Ok(Written::Done));
            match (wrote, done) {
                (false, true) => {}
                (false, false) => execute(connection, "ROLLBACK")?,
                (true, true) => execute(connection, "RELEASE job")?,
                (true, false) => {
                    execute(connection, "ROLLBACK TO job")?;
                    execute(connection, "RELEASE job")?;
                }
            }
            wrote |= done;
            self.results.push(result);
        }
        if wrote {
            let began = Instant::now();
            execute(connection, "COMMIT")?;
            self.commit = began.elapsed();
        }
        Ok(())
    }
}
