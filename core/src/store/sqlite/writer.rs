//! The one writer: what concurrent callers have queued is committed in one transaction.
//!
//! There is no thread for it. The first caller leads: it runs what is queued and what comes while it does so, commits all of it, and hands the lead to one of
//! those that came during the commit.
//!
//! While another process has the file locked, nothing is begun: whoever waits, also who leads, can still take its write back.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use super::error::{Outcome, again, closed, from_sqlite, is_busy};
use crate::error::{Error, Result};
use crate::patience::Patience;
use crate::store::Written;

/// A write. Whatever it wrote is undone unless it answers `Done`.
pub(super) type Job = Box<dyn FnOnce(&Connection) -> Outcome<Written> + Send>;

/// How many writes share a commit at most.
const LARGEST_BATCH: usize = 256;

/// The part of the last commit's time that each further write is waited for; all of them together, no longer than that commit took.
const LINGERING: u32 = 8;

/// However long a commit took: who waits, waits with the file locked.
const LONGEST_LINGERING: Duration = Duration::from_millis(20);

/// How long one attempt to lock the file waits for another process, before whoever leads looks whether it may wait on.
const ATTEMPT: Duration = Duration::from_millis(20);

const LOCKED: &str = "the database file was in use by another writer";

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

    fn is_called_to_lead(&self) -> bool {
        matches!(*self.turn.lock(), Turn::Lead)
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
    /// Since when every attempt to lock the file has found it locked.
    locked_since: Option<Instant>,
    /// How many shared the last commit, and how long the commit took, without what was written for it.
    last_batch: usize,
    last_commit: Duration,
}

/// What came of one lead.
enum Led {
    /// Whoever was in the batch has its answer.
    Over,
    /// Another process has the file locked, as it was found first at that time: nothing was begun, and the caller leads still.
    Locked { since: Instant, error: rusqlite::Error },
}

pub(super) struct Writer {
    queue: Mutex<Queue>,
    connection: Mutex<Option<Connection>>,
    busy_timeout: Duration,
}

impl Writer {
    pub(super) fn new(connection: Connection, busy_timeout: Duration) -> Self {
        Self { queue: Mutex::default(), connection: Mutex::new(Some(connection)), busy_timeout }
    }

    /// Runs `job` in a transaction, alone or with others; returns when it is committed or undone, or when it was taken back before it was begun.
    pub(super) fn write(
        &self,
        patience: &Patience,
        job: impl FnOnce(&Connection) -> Outcome<Written> + Send + 'static,
    ) -> Result<Written> {
        let ticket = Arc::new(Ticket { turn: Mutex::new(Turn::Waiting), called: Condvar::new() });
        let mut leads = {
            let mut queue = self.queue.lock();
            if queue.closed {
                return Err(closed());
            }
            queue.waiting.push_back(Entry { job: Box::new(job), ticket: Arc::clone(&ticket) });
            !std::mem::replace(&mut queue.led, true)
        };
        let queued = Instant::now();
        loop {
            if leads && let Led::Locked { since, error } = self.lead() {
                let is_long = since.max(queued).elapsed() >= self.busy_timeout;
                let over = patience.check(LOCKED).err().or_else(|| is_long.then(|| from_sqlite(&error)));
                if let Some(over) = over.filter(|_| self.withdraw(&ticket)) {
                    self.hand_on();
                    return Err(over);
                }
                continue;
            }
            let mut turn = ticket.turn.lock();
            let over = match &*turn {
                Turn::Waiting => patience.wait(&ticket.called, &mut turn, "other writes were made").err(),
                Turn::Lead | Turn::Over(_) => None,
            };
            leads = match std::mem::replace(&mut *turn, Turn::Waiting) {
                Turn::Over(written) => return written,
                Turn::Lead => true,
                Turn::Waiting => false,
            };
            drop(turn);
            if let Some(over) = over {
                if self.withdraw(&ticket) {
                    if leads || ticket.is_called_to_lead() {
                        self.hand_on();
                    }
                    return Err(over);
                }
                // It was begun.
                let mut turn = ticket.turn.lock();
                if !leads && matches!(*turn, Turn::Waiting) {
                    ticket.called.wait_for(&mut turn, ATTEMPT);
                }
            }
        }
    }

    /// Takes a write back; false where it was begun.
    fn withdraw(&self, ticket: &Arc<Ticket>) -> bool {
        let mut queue = self.queue.lock();
        let place = queue.waiting.iter().position(|entry| Arc::ptr_eq(&entry.ticket, ticket));
        place.and_then(|place| queue.waiting.remove(place)).is_some()
    }

    /// Calls the next to lead, where there is one.
    fn hand_on(&self) {
        let mut queue = self.queue.lock();
        match queue.waiting.front() {
            Some(next) => next.ticket.call(Turn::Lead),
            None => queue.led = false,
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
    fn lead(&self) -> Led {
        let connection = self.connection.lock();
        let began = match &*connection {
            Some(connection) => match self.begin(connection) {
                Err(error) if is_busy(&error) => {
                    let since = *self.queue.lock().locked_since.get_or_insert_with(Instant::now);
                    return Led::Locked { since, error };
                }
                began => began,
            },
            None => Ok(()),
        };
        let mut batch = Batch::new(self);
        match &*connection {
            Some(connection) => batch.run(connection, began),
            None => while batch.next().is_some_and(|entry| batch.refuse(entry)) {},
        }
        drop(connection);
        {
            let mut queue = self.queue.lock();
            (queue.last_batch, queue.last_commit) = (batch.tickets.len(), batch.commit);
            queue.locked_since = None;
            // What the file was locked before.
            while let Some(entry) = batch.queued.pop_back() {
                queue.waiting.push_front(entry);
            }
        }
        self.hand_on();
        for (ticket, result) in batch.tickets.iter().zip(batch.results) {
            ticket.call(Turn::Over(result));
        }
        Led::Over
    }

    /// Locks the file for writing, unless another process keeps it locked for the time of one attempt.
    fn begin(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.busy_timeout(ATTEMPT.min(self.busy_timeout))?;
        let began = connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([]));
        connection.busy_timeout(self.busy_timeout)?;
        began.map(drop)
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
    lingering: Duration,
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
            lingering: queue.last_commit.min(LONGEST_LINGERING),
            waited: Duration::ZERO,
            commit: Duration::ZERO,
        }
    }

    /// The next write. Where several callers shared the last commit, those that it has answered are about to write again: as many are waited for. A caller
    /// that is alone never waits.
    fn next(&mut self) -> Option<Entry> {
        let began = Instant::now();
        loop {
            if let Some(entry) = self.queued.pop_front() {
                return Some(entry);
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
            let lingers = waited < self.lingering / LINGERING && self.waited + waited < self.lingering;
            if self.tickets.len() >= self.expected || room == 0 || !lingers {
                return None;
            }
            std::thread::yield_now();
        }
    }

    /// Answers a write on a closed store.
    fn refuse(&mut self, entry: Entry) -> bool {
        self.tickets.push(entry.ticket);
        self.results.push(Err(closed()));
        true
    }

    /// Has an answer for everybody afterwards, but those that are still queued.
    fn run(&mut self, connection: &Connection, began: rusqlite::Result<()>) {
        let done = began.map_err(|error| from_sqlite(&error)).and_then(|()| self.transaction(connection));
        if let Err(error) = done {
            if !connection.is_autocommit() {
                let _ = execute(connection, "ROLLBACK");
            }
            // What a job found may have come from another that is undone now.
            self.tickets.extend(self.queued.drain(..).map(|entry| entry.ticket));
            self.results = self.tickets.iter().map(|_| Err(again(&error))).collect();
        }
    }

    /// Each write in a savepoint; the first, before which there is nothing to save, in the transaction itself, which was begun.
    fn transaction(&mut self, connection: &Connection) -> Result<()> {
        let mut wrote = false;
        while let Some(entry) = self.next() {
            if wrote {
                execute(connection, "SAVEPOINT job")?;
            } else if connection.is_autocommit()
                && let Err(error) = self.writer.begin(connection)
            {
                self.queued.push_front(entry);
                return if is_busy(&error) { Ok(()) } else { Err(from_sqlite(&error)) };
            }
            self.tickets.push(entry.ticket);
            let job = entry.job;
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
