//! Webhooks: what happens to sessions and evaluations is posted to those who asked for it, signed as Standard Webhooks says, and again until they have taken it.

mod file;
mod message;
mod post;

use std::thread::JoinHandle;

use parking_lot::Mutex;
use prometheus::IntCounterVec;
use vivavoce::{CancelToken, Engine};

use self::file::Webhook;
pub use self::message::EventType;
use self::post::Sender;
use crate::config::{Config, Refused};
use crate::workers::until_stopped;

/// The name under which the engine knows a webhook: other subscriptions of the application are not ours.
pub fn subscription(name: &str) -> String {
    format!("webhook:{name}")
}

/// The threads that deliver, one for each webhook, so that one that is slow keeps no other waiting.
pub struct Webhooks {
    stop: CancelToken,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Webhooks {
    /// Subscribes those of the file, and starts. `delivered` counts by webhook and outcome.
    ///
    /// # Errors
    /// Where the file is wrong, or the store refuses.
    pub fn start(config: &Config, engine: &Engine, delivered: &IntCounterVec) -> Result<Self, Refused> {
        let stop = CancelToken::new();
        let mut threads = Vec::new();
        for webhook in config.webhooks.as_deref().map(file::read).transpose()?.unwrap_or_default() {
            let named =
                |error: &dyn std::fmt::Display| Refused::wrong(format!("the webhook {}: {error}", webhook.name));
            let engine = engine.for_tenant(&webhook.tenant).map_err(|error| named(&error))?;
            let actions: Vec<_> = webhook.events.iter().map(|event| event.action()).collect();
            engine.subscribe(&subscription(&webhook.name), &actions).map_err(|error| named(&error))?;
            let (stop, delivered) = (stop.clone(), delivered.clone());
            let thread = std::thread::Builder::new().name(format!("webhook-{}", threads.len()));
            let thread = thread.spawn(move || deliver(&engine, &webhook, &stop, &delivered));
            threads.push(thread.map_err(|error| Refused::wrong(format!("threads: {error}")))?);
        }
        Ok(Self { stop, threads: Mutex::new(threads) })
    }

    /// Stops them; what one had begun is delivered again. Blocks, except for what is `late`: that ends by itself within seconds.
    pub fn close(&self, late: bool) {
        self.stop.cancel();
        for thread in self.threads.lock().drain(..).filter(|_| !late) {
            let _ = thread.join();
        }
    }
}

fn deliver(engine: &Engine, webhook: &Webhook, stop: &CancelToken, delivered: &IntCounterVec) {
    let sender = Sender::new(webhook);
    until_stopped(&format!("the webhook {}", webhook.name), stop, || {
        engine.run_deliveries(&subscription(&webhook.name), stop, |delivery| {
            let sent = sender.send(delivery);
            let outcome = if sent.is_ok() { "delivered" } else { "failed" };
            delivered.with_label_values(&[webhook.name.as_str(), outcome]).inc();
            if let Err(error) = &sent {
                let (interview, number) = (delivery.event.interview_id, delivery.event.number);
                let attempt = delivery.attempts;
                tracing::warn!(webhook = webhook.name, %interview, number, attempt, %error, "a webhook was not delivered");
            }
            sent
        })
    });
}
