//! Connections for readers, which never wait for the writer.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rusqlite::{Connection, OpenFlags};

use super::error::{Outcome, closed};
use super::tune;
use crate::error::Result;
use crate::patience::Patience;

/// How many are open at most; further readers wait for one.
const LARGEST: usize = 8;

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    open: usize,
    closed: bool,
}

pub(super) struct Readers {
    path: PathBuf,
    busy_timeout: Duration,
    state: Mutex<State>,
    returned: Condvar,
}

/// A connection, or the place of one, which is given back however the work ends.
struct Lease<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut state = self.readers.state.lock();
        match self.connection.take() {
            // A panic may have left a transaction open.
            Some(connection) if !state.closed && connection.is_autocommit() => state.idle.push(connection),
            _ => state.open -= 1,
        }
        drop(state);
        self.readers.returned.notify_all();
    }
}

impl Readers {
    pub(super) fn new(path: PathBuf, busy_timeout: Duration) -> Self {
        Self { path, busy_timeout, state: Mutex::default(), returned: Condvar::new() }
    }

    /// A connection of its own that only reads.
    pub(super) fn connect(&self) -> Outcome<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        tune(&connection, self.busy_timeout)?;
        Ok(connection)
    }

    fn lease(&self, patience: &Patience) -> Result<Lease<'_>> {
        let mut state = self.state.lock();
        loop {
            if state.closed {
                return Err(closed());
            }
            if let Some(connection) = state.idle.pop() {
                return Ok(Lease { readers: self, connection: Some(connection) });
            }
            if state.open < LARGEST {
                state.open += 1;
                return Ok(Lease { readers: self, connection: None });
            }
            patience.wait(&self.returned, &mut state, "other readers used all connections to the database")?;
        }
    }

    pub(super) fn with<T>(&self, patience: &Patience, work: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let mut lease = self.lease(patience)?;
        let connection = match lease.connection.take() {
            Some(connection) => connection,
            None => {
                let connection = self.connect()?;
                connection.pragma_update(None, "query_only", true).map_err(super::error::Failure::from)?;
                connection
            }
        };
        Ok(work(lease.connection.insert(connection))?)
    }

    /// Closes all; waits for readers that are under way.
    pub(super) fn close(&self) {
        let deadline = Instant::now() + self.busy_timeout;
        let mut state = self.state.lock();
        state.closed = true;
        let idle = std::mem::take(&mut state.idle);
        state.open -= idle.len();
        drop(idle);
        self.returned.notify_all();
        while state.open > 0 && !self.returned.wait_until(&mut state, deadline).timed_out() {}
    }
}
