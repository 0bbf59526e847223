//! Events that subscribers were not told of yet.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use parking_lot::Mutex;

use crate::audit::StoredEvent;
use crate::domain::{Backlog, Delivery, Event, InterviewId, Subscription};
use crate::store::{Lease, LeaseToken, Tenant};

struct Entry {
    event: Event,
    attempts: u32,
    token: Option<LeaseToken>,
}

/// By when they can be taken: where one is leased, when the lease is over.
type Deliveries = BTreeMap<(DateTime<Utc>, InterviewId, u64), Entry>;

#[derive(Default)]
struct Subscribed {
    actions: Vec<crate::domain::Action>,
    deliveries: Deliveries,
}

impl Subscribed {
    fn add(&mut self, due_at: DateTime<Utc>, entry: Entry) {
        self.deliveries.insert((due_at, entry.event.interview_id, entry.event.number), entry);
    }

    fn take(&mut self, token: LeaseToken) -> Option<Entry> {
        let place = self.deliveries.iter().find(|(_, entry)| entry.token == Some(token)).map(|(place, _)| *place)?;
        self.deliveries.remove(&place)
    }
}

/// Its lock is taken last, after that of an interview's state.
#[derive(Default)]
pub(super) struct Outbox(Mutex<BTreeMap<(Tenant, String), Subscribed>>);

impl Outbox {
    pub(super) fn add(&self, tenant: &Tenant, interview: InterviewId, event: &StoredEvent) {
        let mut all = self.0.lock();
        let of_tenant = all.iter_mut().filter(|((of, _), _)| of == tenant).map(|(_, subscribed)| subscribed);
        for subscribed in of_tenant.filter(|subscribed| subscribed.actions.contains(&event.action)) {
            let entry = Entry { event: event.clone().into_event(interview, None), attempts: 0, token: None };
            subscribed.add(event.time, entry);
        }
    }

    /// Forgets what was to be delivered of an interview.
    pub(super) fn forget(&self, interview: InterviewId) {
        for subscribed in self.0.lock().values_mut() {
            subscribed.deliveries.retain(|(_, of, _), _| *of != interview);
        }
    }

    pub(super) fn subscribe(&self, tenant: &Tenant, subscription: &Subscription) {
        let mut all = self.0.lock();
        let subscribed = all.entry((Tenant::clone(tenant), subscription.name.clone())).or_default();
        subscribed.actions.clone_from(&subscription.actions);
    }

    pub(super) fn unsubscribe(&self, tenant: &Tenant, name: &str) -> bool {
        self.0.lock().remove(&(Tenant::clone(tenant), name.to_owned())).is_some()
    }

    pub(super) fn subscriptions(&self, tenant: &Tenant) -> Vec<Subscription> {
        let all = self.0.lock();
        let of_tenant = all.iter().filter(|((of, _), _)| of == tenant);
        of_tenant
            .map(|((_, name), subscribed)| Subscription { name: name.clone(), actions: subscribed.actions.clone() })
            .collect()
    }

    pub(super) fn lease(&self, tenant: &Tenant, name: &str, now: DateTime<Utc>, lease: Lease) -> Option<Delivery> {
        let mut all = self.0.lock();
        let subscribed = all.get_mut(&(Tenant::clone(tenant), name.to_owned()))?;
        let next = subscribed.deliveries.first_entry().filter(|next| next.key().0 <= now)?;
        let mut entry = next.remove();
        entry.attempts = entry.attempts.saturating_add(1);
        entry.token = Some(lease.token);
        let delivery = Delivery { event: entry.event.clone(), attempts: entry.attempts };
        subscribed.add(lease.until, entry);
        Some(delivery)
    }

    pub(super) fn end(&self, token: LeaseToken) -> bool {
        self.0.lock().values_mut().any(|subscribed| subscribed.take(token).is_some())
    }

    pub(super) fn release(&self, token: LeaseToken, run_at: DateTime<Utc>, counts: bool) -> bool {
        let mut all = self.0.lock();
        all.values_mut().any(|subscribed| {
            let Some(mut entry) = subscribed.take(token) else { return false };
            entry.token = None;
            entry.attempts -= u32::from(!counts);
            subscribed.add(run_at, entry);
            true
        })
    }

    /// With so many evaluations.
    pub(super) fn backlog(&self, evaluations: u64) -> Backlog {
        let all = self.0.lock();
        Backlog { evaluations, deliveries: all.values().map(|subscribed| subscribed.deliveries.len() as u64).sum() }
    }
}
