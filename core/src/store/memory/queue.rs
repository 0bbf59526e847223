//! The queue of evaluations that are to be judged.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;

use crate::domain::EvaluationId;
use crate::store::{Job, Lease, LeaseToken, Leased, Tenant};

struct Entry {
    tenant: Tenant,
    /// By which those that are due at the same time stand in the order in which they came.
    number: u64,
    /// When it can be taken: where it is leased, when the lease is over.
    due_at: DateTime<Utc>,
    attempts: u32,
    token: Option<LeaseToken>,
}

#[derive(Default)]
struct Entries {
    of: HashMap<EvaluationId, Entry>,
    due: BTreeSet<(DateTime<Utc>, u64, EvaluationId)>,
    next: u64,
}

impl Entries {
    /// Changes an entry and its place.
    fn put(&mut self, id: EvaluationId, change: impl FnOnce(&mut Entry)) {
        let Some(entry) = self.of.get_mut(&id) else { return };
        self.due.remove(&(entry.due_at, entry.number, id));
        change(entry);
        self.due.insert((entry.due_at, entry.number, id));
    }

    fn lease(&mut self, id: EvaluationId, lease: Lease) {
        self.put(id, |entry| {
            if entry.token != Some(lease.token) {
                entry.attempts = entry.attempts.saturating_add(1);
            }
            entry.token = Some(lease.token);
            entry.due_at = lease.until;
        });
    }

    fn is_held_by(&self, id: EvaluationId, token: LeaseToken) -> bool {
        self.of.get(&id).is_some_and(|entry| entry.token == Some(token))
    }
}

/// Its lock is taken last, after that of an interview's state.
#[derive(Default)]
pub(super) struct Queue(Mutex<Entries>);

impl Queue {
    pub(super) fn add(&self, id: EvaluationId, tenant: &Tenant, at: DateTime<Utc>, lease: Option<Lease>) {
        let mut entries = self.0.lock();
        let number = entries.next;
        entries.next += 1;
        let entry = Entry { tenant: Tenant::clone(tenant), number, due_at: at, attempts: 0, token: None };
        entries.due.insert((at, number, id));
        entries.of.insert(id, entry);
        if let Some(lease) = lease {
            entries.lease(id, lease);
        }
    }

    pub(super) fn remove(&self, id: EvaluationId) {
        let mut entries = self.0.lock();
        if let Some(entry) = entries.of.remove(&id) {
            entries.due.remove(&(entry.due_at, entry.number, id));
        }
    }

    /// Whether whoever has this token, or none, may bring the evaluation's result.
    pub(super) fn may_finish(&self, id: EvaluationId, token: Option<LeaseToken>) -> bool {
        let entries = self.0.lock();
        entries.of.get(&id).is_some_and(|entry| entry.token.is_none() || entry.token == token)
    }

    pub(super) fn is_leased(&self, id: EvaluationId) -> bool {
        self.0.lock().of.get(&id).is_some_and(|entry| entry.token.is_some())
    }

    pub(super) fn lease_next(&self, now: DateTime<Utc>, lease: Lease) -> Option<Job> {
        let mut entries = self.0.lock();
        let (_, _, id) = entries.due.first().copied().filter(|(due_at, _, _)| *due_at <= now)?;
        entries.lease(id, lease);
        let entry = entries.of.get(&id)?;
        Some(Job { tenant: Tenant::clone(&entry.tenant), evaluation_id: id, attempts: entry.attempts })
    }

    pub(super) fn lease(&self, tenant: &Tenant, id: EvaluationId, now: DateTime<Utc>, lease: Lease) -> Leased {
        let mut entries = self.0.lock();
        match entries.of.get(&id) {
            Some(entry) if entry.tenant != *tenant => Leased::Gone,
            Some(Entry { token: Some(token), due_at, .. }) if *token != lease.token && *due_at > now => {
                Leased::HeldUntil(*due_at)
            }
            Some(_) => {
                entries.lease(id, lease);
                Leased::Yours
            }
            None => Leased::Gone,
        }
    }

    pub(super) fn renew(&self, id: EvaluationId, lease: Lease) -> bool {
        let mut entries = self.0.lock();
        let held = entries.is_held_by(id, lease.token);
        if held {
            entries.lease(id, lease);
        }
        held
    }

    pub(super) fn release(&self, id: EvaluationId, token: LeaseToken, run_at: DateTime<Utc>, counts: bool) -> bool {
        let mut entries = self.0.lock();
        let held = entries.is_held_by(id, token);
        if held {
            entries.put(id, |entry| {
                entry.token = None;
                entry.due_at = run_at;
                entry.attempts -= u32::from(!counts);
            });
        }
        held
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        self.0.lock().of.len() as u64
    }

    pub(super) fn next_due(&self) -> Option<DateTime<Utc>> {
        self.0.lock().due.first().map(|(due_at, _, _)| *due_at)
    }
}
