//! Waiting for what other processes write.
//!
//! A notification in every transaction would serialise all commits, so that a writer notifies only for sessions that somebody listens to. A reader says so in the
//! session's own row: the row's lock puts it before or after each write, and what is written after is notified. The notifications arrive on one connection
//! of the store, which is opened, with a thread of its own, when a reader waits for the first time, and ends with the store.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::PostgresStore;
use super::connection::{Connector, outside_runtime};
use crate::domain::SessionId;
use crate::error::{Error, Result};
use crate::patience::Patience;
use crate::store::Tenant;

/// How long a reader's word that it listens holds.
const LEASE: Duration = Duration::from_secs(60);
/// It is renewed when less than this is left.
const MARGIN: Duration = Duration::from_secs(20);
/// How soon the thread notices that the store is closed.
const TICK: Duration = Duration::from_millis(100);
/// How long the thread waits before it connects again.
const RECONNECT: Duration = Duration::from_millis(250);

thread_local! {
    /// The session whose events this thread read last, of which store, and what had been notified before: what came since must not be slept through.
    static LAST_READ: Cell<Option<(u64, Uuid, u64)>> = const { Cell::new(None) };
}

#[derive(Default)]
struct Heard {
    /// Counts all notifications; a session's is the count when it was last notified.
    count: u64,
    sessions: HashMap<Uuid, Listened>,
    /// The count when the connection was last made: what was notified before it was not heard.
    connected: u64,
    listening: bool,
    closed: bool,
    thread: Option<JoinHandle<()>>,
}

struct Listened {
    until: Instant,
    notified: u64,
}

#[derive(Default)]
struct Shared {
    heard: Mutex<Heard>,
    changed: Condvar,
    stop: AtomicBool,
}

/// The listening part of a store.
pub(super) struct Listener {
    shared: Arc<Shared>,
    number: u64,
}

impl Listener {
    pub(super) fn new() -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        Self { shared: Arc::default(), number: NUMBERS.fetch_add(1, Ordering::Relaxed) }
    }

    /// Remembers, before this thread reads a session's events, what had been notified until then.
    pub(super) fn reading(&self, session: SessionId) {
        let heard = self.shared.heard.lock();
        if heard.thread.is_some() {
            LAST_READ.set(Some((self.number, *session.as_uuid(), heard.count)));
        }
    }

    /// Ends the connection and its thread, and wakes all readers.
    pub(super) fn close(&self) -> Result<()> {
        self.shared.stop.store(true, Ordering::SeqCst);
        let mut heard = self.shared.heard.lock();
        heard.closed = true;
        let thread = heard.thread.take();
        drop(heard);
        self.shared.changed.notify_all();
        match thread.map(JoinHandle::join) {
            Some(Err(_)) => Err(Error::internal("the thread that listens to the database ended badly")),
            _ => Ok(()),
        }
    }
}

impl PostgresStore {
    /// Waits until the session is notified, or for `timeout`; returns at once where something may have been written unnoticed.
    pub(super) fn wait_notified(&self, tenant: &Tenant, session: SessionId, timeout: Duration) -> Result<()> {
        let deadline = Instant::now() + timeout;
        let shared = &self.listener.shared;
        let id = *session.as_uuid();
        if !self.listens(deadline)? {
            return Ok(());
        }
        loop {
            let now = Instant::now();
            let until = shared.heard.lock().sessions.get(&id).map(|listened| listened.until);
            if until.is_none_or(|until| until < now + MARGIN) {
                // The row is written with no lock held.
                if !self.say_listening(tenant, session)? {
                    // There is no such session (any more).
                    thread::sleep(deadline.saturating_duration_since(now).min(TICK));
                    return Ok(());
                }
                let mut heard = shared.heard.lock();
                let notified = heard.count;
                heard.sessions.retain(|_, listened| listened.until > now);
                heard.sessions.entry(id).or_insert(Listened { until: now, notified }).until = now + LEASE;
                if until.is_none_or(|until| until < now) {
                    // What was written before was not notified.
                    return Ok(());
                }
            }
            let mut heard = shared.heard.lock();
            let seen = match LAST_READ.get() {
                Some((number, read, count)) if number == self.listener.number && read == id => count,
                // Nothing is known of what this thread has read: it reads again, and waits the next time.
                _ => {
                    LAST_READ.set(Some((self.listener.number, id, heard.count)));
                    return Ok(());
                }
            };
            if heard.closed || heard.connected > seen || heard.sessions.get(&id).is_none_or(|it| it.notified > seen) {
                return Ok(());
            }
            let renew = heard.sessions.get(&id).map_or(deadline, |listened| listened.until - MARGIN);
            shared.changed.wait_until(&mut heard, deadline.min(renew));
            if Instant::now() >= deadline {
                return Ok(());
            }
        }
    }

    /// Makes sure that the listening connection is there, and waits for it; false where it cannot be made in time.
    fn listens(&self, deadline: Instant) -> Result<bool> {
        let shared = &self.listener.shared;
        let mut heard = shared.heard.lock();
        if heard.closed {
            return Err(super::pool::closed());
        }
        if heard.thread.is_none() {
            let (pool, shared) = (self.pool.patient(&Patience::default()), Arc::clone(shared));
            let channel = self.statements.names().channel().to_owned();
            let run = move || listen(pool.connector(), &channel, &shared);
            let thread = thread::Builder::new().name("vivavoce-listen".to_owned()).spawn(run);
            heard.thread =
                Some(thread.map_err(|_| Error::storage("no thread for the database can be started").retryable())?);
        }
        while !heard.listening && !heard.closed {
            if shared.changed.wait_until(&mut heard, deadline).timed_out() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes into the session's row that somebody listens; false where there is no such session.
    fn say_listening(&self, tenant: &Tenant, session: SessionId) -> Result<bool> {
        let seconds = i64::try_from(LEASE.as_secs()).unwrap_or(i64::MAX);
        let tenant: &str = tenant;
        let params: [super::connection::Param<'_>; 3] =
            [(session.as_uuid(), Type::UUID), (&tenant, Type::TEXT), (&seconds, Type::INT8)];
        outside_runtime(|| self.read(&self.statements.listen, &params)).flatten().map(|rows| !rows.is_empty())
    }
}

/// The thread: hears notifications until the store is closed, over as many connections as that takes.
fn listen(connector: &Connector, channel: &str, shared: &Shared) {
    while !shared.stop.load(Ordering::SeqCst) {
        if hear(connector, channel, shared).is_none() && !shared.stop.load(Ordering::SeqCst) {
            shared.heard.lock().listening = false;
            thread::sleep(RECONNECT);
        }
    }
}

/// Hears notifications on one connection; none when it breaks or cannot be made.
fn hear(connector: &Connector, channel: &str, shared: &Shared) -> Option<()> {
    let patience = Patience::default();
    let mut client = connector.client(&patience).ok()?;
    client.batch(&format!("LISTEN {channel}"), &patience).ok()?;
    {
        let mut heard = shared.heard.lock();
        heard.count += 1;
        heard.connected = heard.count;
        heard.listening = true;
    }
    shared.changed.notify_all();
    while !shared.stop.load(Ordering::SeqCst) {
        let arrived = client.notification(TICK).ok()?;
        if let Some(id) = arrived.and_then(|notification| notification.payload().parse::<Uuid>().ok()) {
            let mut heard = shared.heard.lock();
            heard.count += 1;
            let count = heard.count;
            if let Some(listened) = heard.sessions.get_mut(&id) {
                listened.notified = count;
                drop(heard);
                shared.changed.notify_all();
            }
        }
        if client.is_closed() {
            return None;
        }
    }
    Some(())
}
