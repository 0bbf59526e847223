//! Events that are handed to somebody outside the engine.

use pyo3::prelude::*;

use crate::document::document;

document! {
    /// Who is told of a tenant's events: see `Engine.subscribe`.
    Subscription(vivavoce::Subscription) {
        /// The name, 1 to 200 characters; a tenant has one subscription of a name.
        name,
        /// What it is told of.
        actions,
    }
    shows(name, actions);
}

document! {
    /// An event on its way to a subscriber.
    Delivery(vivavoce::Delivery) {
        /// What happened. An event has the same interview and number each time it is handed over, by which a subscriber tells one that it has had.
        event,
        /// How often it was tried, this time included.
        attempts,
    }
    shows(event, attempts);
}

document! {
    /// What waits to be done, of all tenants.
    Backlog(vivavoce::Backlog) {
        /// Evaluations that are not final, those that are being made included.
        evaluations,
        /// Events that subscribers were not told of yet.
        deliveries,
    }
    shows(evaluations, deliveries);
}
