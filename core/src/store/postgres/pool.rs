//! A small, bounded pool of connections, and what is done when one breaks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::connection::{Connection, Connector};
use super::failure::Failure;
use crate::error::{Error, Result};
use crate::patience::Patience;

/// How long a call waits for a connection while all are in use.
const LEASING: Duration = Duration::from_secs(10);
/// How long a call whose connection was lost tries to find out what became of its work.
const RECOVERY: Duration = Duration::from_secs(4);
/// How often a transaction that the database undid in favour of another is run again.
const MAX_UNDONE: u32 = 12;
/// How long closing waits for what is under way.
const CLOSING: Duration = Duration::from_secs(10);

#[derive(Default)]
struct State {
    /// The one that was used last is used next.
    idle: Vec<Connection>,
    /// Idle, in use, or being made.
    open: usize,
    closed: bool,
}

struct Shared {
    connector: Connector,
    state: Mutex<State>,
    changed: Condvar,
}

/// A handle on the connections. Clones share them.
#[derive(Clone)]
pub(super) struct Pool {
    shared: Arc<Shared>,
    /// How long its calls wait.
    patience: Patience,
}

/// A connection for as long as one call needs it.
struct Lease<'a> {
    pool: &'a Shared,
    connection: Option<Connection>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let returned = self.connection.take().filter(|connection| !connection.is_broken());
        let mut state = self.pool.state.lock();
        let unwanted = match returned {
            Some(connection) if !state.closed => {
                state.idle.push(connection);
                None
            }
            unwanted => {
                state.open -= 1;
                unwanted
            }
        };
        drop(state);
        self.pool.changed.notify_one();
        drop(unwanted);
    }
}

/// The answer of every call after [`Store::close`](super::super::Store::close).
pub(super) fn closed() -> Error {
    Error::invalid_state("the engine is closed")
}

impl Pool {
    pub(super) fn new(connector: Connector) -> Self {
        let shared = Shared { connector, state: Mutex::default(), changed: Condvar::new() };
        Self { shared: Arc::new(shared), patience: Patience::default() }
    }

    /// The same connections, for a call that waits no longer than that.
    pub(super) fn patient(&self, patience: &Patience) -> Self {
        Self { shared: Arc::clone(&self.shared), patience: patience.clone() }
    }

    pub(super) fn connector(&self) -> &Connector {
        &self.shared.connector
    }

    /// A connection that was not found broken when it was used last; it is not tested, because that would cost a round trip each time.
    fn lease(&self, patience: &Patience) -> Result<Lease<'_>> {
        let pool = &*self.shared;
        let mut waits = None;
        let mut state = pool.state.lock();
        loop {
            if state.closed {
                return Err(closed());
            }
            if let Some(connection) = state.idle.pop() {
                return Ok(Lease { pool, connection: Some(connection) });
            }
            if state.open < pool.connector.url().pool {
                state.open += 1;
                break;
            }
            let words = "all connections to the database are in use";
            let waits = waits.get_or_insert_with(|| patience.at_most(LEASING));
            if waits.wait(&pool.changed, &mut state, words).is_err() {
                patience.check(words)?;
                return Err(Error::storage(format!("{words}: see pool in the store URL")).retryable());
            }
        }
        drop(state);
        // Gives the place back where no connection can be made.
        let mut lease = Lease { pool, connection: None };
        lease.connection = Some(pool.connector.connect(patience)?);
        Ok(lease)
    }

    /// Drops the connections that wait for work: when one is lost, they mostly are too.
    fn forget_idle(&self) {
        let mut state = self.shared.state.lock();
        let idle = std::mem::take(&mut state.idle);
        state.open -= idle.len();
        drop(state);
        self.shared.changed.notify_all();
        drop(idle);
    }

    /// Runs `work`, and runs it again where a connection was lost or the database undid it. `work` is told whether an earlier run may have committed.
    pub(super) fn run<T>(&self, mut work: impl FnMut(&mut Connection, bool) -> Result<T, Failure>) -> Result<T> {
        let mut done = None;
        self.attempt(&mut |connection, unsure| {
            done = Some(work(connection, unsure)?);
            Ok(())
        })?;
        done.ok_or_else(|| Error::internal("nothing came of the work"))
    }

    /// The same without an answer: once for all kinds of work, which would otherwise each have a copy of this.
    fn attempt(&self, work: &mut dyn FnMut(&mut Connection, bool) -> Result<(), Failure>) -> Result<()> {
        let mut unsure = false;
        let mut recovery: Option<Instant> = None;
        let mut pause = Duration::ZERO;
        let mut undone = 0;
        let patience = self.patience.for_store();
        loop {
            let failed = match self.lease(&patience) {
                Ok(mut lease) => {
                    let Some(connection) = &mut lease.connection else { return Err(closed()) };
                    connection.wait_for(patience.clone());
                    match work(connection, unsure) {
                        Ok(()) => return Ok(()),
                        Err(Failure::Undone { error, elsewhere }) if undone < MAX_UNDONE => {
                            undone += 1;
                            if elsewhere {
                                connection.discard();
                                drop(lease);
                                self.forget_idle();
                                if undone == 1 {
                                    continue;
                                }
                                // A standby is promoted in seconds.
                                recovery.get_or_insert_with(|| Instant::now() + RECOVERY);
                                error
                            } else {
                                drop(lease);
                                patience
                                    .pause(Duration::from_millis(1 << undone.min(7)), "others used the same rows")?;
                                continue;
                            }
                        }
                        Err(Failure::Lost(error)) => {
                            connection.discard();
                            drop(lease);
                            self.forget_idle();
                            unsure = true;
                            recovery.get_or_insert_with(|| Instant::now() + RECOVERY);
                            error
                        }
                        Err(failed) => return Err(failed.into_error()),
                    }
                }
                Err(error) => error,
            };
            let tries = recovery.is_some_and(|until| Instant::now() + pause < until);
            if !failed.is_retryable() || !tries {
                return Err(if unsure { unknown(failed) } else { failed });
            }
            patience.pause(pause, "the database was asked what became of the call")?;
            pause = (pause * 2).clamp(Duration::from_millis(25), Duration::from_millis(400));
        }
    }

    /// Whether the pool is closed.
    pub(super) fn is_closed(&self) -> bool {
        self.shared.state.lock().closed
    }

    /// Refuses further work, waits for what is under way, and ends all connections.
    pub(super) fn close(&self) -> Result<()> {
        let deadline = Instant::now() + CLOSING;
        let changed = &self.shared.changed;
        let mut state = self.shared.state.lock();
        state.closed = true;
        let idle = std::mem::take(&mut state.idle);
        state.open -= idle.len();
        changed.notify_all();
        while state.open > 0 {
            if changed.wait_until(&mut state, deadline).timed_out() {
                return Err(Error::storage("the database has not answered calls that were under way while closing"));
            }
        }
        drop(state);
        drop(idle);
        Ok(())
    }
}

fn unknown(cause: Error) -> Error {
    Error::storage(
        "the connection to the database was lost, and it cannot be asked whether what was under way was done: try again later",
    )
    .retryable()
    .caused_by(cause)
}
