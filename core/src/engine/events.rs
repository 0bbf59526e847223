//! Live events: what was appended, in order, exactly once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::metrics::Operation;
use super::{CallOptions, Engine, deadline};
use crate::domain::{Event, SessionId};
use crate::error::{Error, Result};
use crate::patience::Patience;
use crate::store::Wake;

/// The most events of one call.
const MAX_EVENTS: u32 = 1_000;
/// Bounds of one look or wait, so that no interval spins and no time overflows.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How soon a wait on the database that can be cancelled looks whether it was.
const CANCELLED_WITHIN: Duration = Duration::from_millis(50);

/// Wakes the readers of this process when one of its writers has appended something.
#[derive(Default)]
pub(super) struct Hub {
    waiting: AtomicUsize,
    generation: Mutex<u64>,
    changed: Condvar,
}

impl Hub {
    /// What was woken so far, to be waited from. Counted only for as long as somebody [waits](Waiting).
    pub(super) fn generation(&self) -> u64 {
        *self.generation.lock()
    }

    /// Waits until it is woken after `seen`, or the time or the patience is over.
    pub(super) fn wait(&self, seen: u64, limit: Duration, patience: &Patience) {
        let mut patience = patience.at_most(limit);
        // Closing the engine wakes it: without a token or a lease that may be lost there is nothing to look for now and then, and whoever waits costs nothing.
        if patience.cancel.is_none() && patience.lost.is_none() {
            patience.closed = None;
        }
        let mut generation = self.generation.lock();
        while *generation == seen && patience.wait(&self.changed, &mut generation, "nothing was there to do").is_ok() {}
    }

    pub(super) fn wake(&self) {
        // Sequentially consistent with the reader's own count: either it is seen here, or the reader sees what was written.
        if self.waiting.load(Ordering::SeqCst) > 0 {
            *self.generation.lock() += 1;
            self.changed.notify_all();
        }
    }
}

/// Counts a reader for as long as it waits.
pub(super) struct Waiting<'a>(&'a Hub);

impl<'a> Waiting<'a> {
    pub(super) fn on(hub: &'a Hub) -> Self {
        hub.waiting.fetch_add(1, Ordering::SeqCst);
        Self(hub)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Engine {
    /// A session's events after the one numbered `after` (0 for all), in order, at most 1,000. Numbers are those of the interview's audit log.
    ///
    /// # Errors
    /// `not_found` where there is no such session.
    pub fn events(&self, session: SessionId, after: u64) -> Result<Vec<Event>> {
        self.run(Operation::Events, || self.read_events(session, after))
    }

    /// The same, but waits up to `timeout` for the first one. `wake` says how writers of other processes are noticed; with [`Wake::Poll`], those of this process
    /// wake it at once, with [`Wake::Notify`] all of them by way of the database. Answers without events when the time is over.
    ///
    /// # Errors
    /// As [`events`](Self::events); `unsupported` for [`Wake::Notify`] on a store without notifications; `invalid_state` when the engine is closed meanwhile.
    pub fn next_events(&self, session: SessionId, after: u64, wake: Wake, timeout: Duration) -> Result<Vec<Event>> {
        self.next_events_with(session, after, wake, timeout, &CallOptions::default())
    }

    /// The same with options: a [`cancel`](CallOptions::cancel) ends the waiting.
    ///
    /// # Errors
    /// As [`next_events`](Self::next_events); `timeout` when it is cancelled.
    pub fn next_events_with(
        &self,
        session: SessionId,
        after: u64,
        wake: Wake,
        timeout: Duration,
        options: &CallOptions,
    ) -> Result<Vec<Event>> {
        self.run(Operation::Events, || {
            let patience = self.call(options)?.patience;
            let end = deadline(Some(timeout));
            let hub = &self.inner.hub;
            let _waiting = Waiting::on(hub);
            loop {
                let seen = hub.generation();
                let events = self.read_events(session, after)?;
                let left = end.map_or(LONGEST_WAIT, |end| end.saturating_duration_since(Instant::now()));
                if !events.is_empty() || left.is_zero() {
                    return Ok(events);
                }
                patience.check("events were waited for")?;
                match wake {
                    Wake::Poll(interval) => {
                        hub.wait(seen, interval.max(SHORTEST_WAIT).min(left).min(LONGEST_WAIT), &patience);
                    }
                    Wake::Notify => {
                        let longest = if options.cancel.is_some() { CANCELLED_WITHIN } else { LONGEST_WAIT };
                        self.store().wait_for_notification(&self.tenant, session, left.min(longest))?;
                    }
                }
            }
        })
    }

    fn read_events(&self, session: SessionId, after: u64) -> Result<Vec<Event>> {
        let events = self.store().events(&self.tenant, session, after, MAX_EVENTS)?;
        if events.is_empty() && self.store().session_version(&self.tenant, session)?.is_none() {
            return Err(Error::not_found("session", session));
        }
        Ok(events)
    }
}
