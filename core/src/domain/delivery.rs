//! Events that are handed to somebody outside the engine, at least once each.

use serde::{Deserialize, Serialize};

use super::event::{Action, Event};

/// Who is told of a tenant's events: see [`Engine::subscribe`](crate::Engine::subscribe).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subscription {
    /// The name, 1 to 200 characters; a tenant has one subscription of a name.
    pub name: String,
    /// What it is told of.
    pub actions: Vec<Action>,
}

/// An event on its way to a subscriber.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Delivery {
    /// What happened. An event has the same interview and number each time it is handed over, by which a subscriber tells one that it has had.
    pub event: Event,
    /// How often it was tried, this time included.
    pub attempts: u32,
}

/// What waits to be done, of all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Backlog {
    /// Evaluations that are not final, those that are being made included.
    pub evaluations: u64,
    /// Events that subscribers were not told of yet.
    pub deliveries: u64,
}
