//! Subscriptions: events that are handed to somebody outside the engine, at least once each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use chrono::TimeDelta;

use super::metrics::Operation;
use super::{Call, CallOptions, Engine};
use crate::domain::{Action, Backlog, Delivery, Subscription, limits};
use crate::error::{Error, ErrorKind, Result};
use crate::patience::CancelToken;
use crate::store::Lease;

/// How often a delivery is tried whose failures may pass: over more than two days.
const MOST_ATTEMPTS: u32 = 12;
/// The pause after its first failure; each further one is four times as long.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(5);
/// The longest pause, also of those that a subscriber asks for.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(12);
/// For how long nobody else takes what is being delivered.
const LEASE: TimeDelta = TimeDelta::minutes(1);
/// How long somebody who has nothing to deliver waits before it looks again.
const LOOK: Duration = Duration::from_secs(1);

impl Engine {
    /// Subscribes to what happens to this engine's tenant from now on, whichever process it happens in: each event of these actions is kept, in the same transaction as what
    /// happened, until [`run_deliveries`](Self::run_deliveries) has handed it over. A subscription outlives the process that made it, and stays until it is
    /// [ended](Self::unsubscribe). Where there is one of this name, its actions are replaced, and what was to be delivered still is.
    ///
    /// Interviews that are [copied](Self::copy_to) into the store are nobody's to be told of.
    ///
    /// # Errors
    /// `invalid_input` where the name is blank, longer than 200 characters or contains NUL, where no action is given, or one of what is said: messages are followed by
    /// [`next_events`](Self::next_events).
    pub fn subscribe(&self, name: &str, actions: &[Action]) -> Result<()> {
        limits::required_text("name", name, limits::MAX_LABEL)?;
        if actions.is_empty() {
            return Err(Error::invalid_input("actions are missing: a subscription is of one at least"));
        }
        if let Some(said) =
            actions.iter().find(|action| matches!(action, Action::MessageSent | Action::MessageReceived))
        {
            return Err(Error::invalid_input(format!("{said} cannot be subscribed to: messages are live events")));
        }
        let mut distinct: Vec<Action> = Vec::with_capacity(actions.len());
        for action in actions {
            if !distinct.contains(action) {
                distinct.push(*action);
            }
        }
        let subscription = Subscription { name: name.to_owned(), actions: distinct };
        self.run(Operation::Subscribe, || self.store().subscribe(&self.tenant, &subscription))
    }

    /// Ends a subscription, and forgets what was to be delivered to it; false where there is none of this name.
    ///
    /// # Errors
    /// `invalid_input` where the name is none that a subscription can have.
    pub fn unsubscribe(&self, name: &str) -> Result<bool> {
        limits::required_text("name", name, limits::MAX_LABEL)?;
        self.run(Operation::Subscribe, || self.store().unsubscribe(&self.tenant, name))
    }

    /// The subscriptions of this engine's tenant, by name.
    ///
    /// # Errors
    /// Those of every method.
    pub fn subscriptions(&self) -> Result<Vec<Subscription>> {
        self.run(Operation::Subscribe, || self.store().subscriptions(&self.tenant))
    }

    /// Hands a subscription's events to `deliver`, one after the other, until `stop` is cancelled; says how many it handed over. Any number of threads and processes may do
    /// so: each event is leased to one of them for a minute, by which time `deliver` should be done; one whose process dies is handed over again by another. So an event
    /// arrives at least once, and seldom twice: its interview and number tell. The order is that of the events, except for those that failed.
    ///
    /// What fails with an error that may pass ([`Error::is_retryable`]) is tried again after 5 seconds, then after four times as long each time up to 12 hours, or
    /// after what the error asks for if that is longer; it is given up after 12 times, which is more than two days. What fails otherwise is given up at once. What is given up is told to the
    /// log, at the level of a warning, with the interview and the number; the event itself stays in the interview's log.
    ///
    /// ```
    /// use vivavoce::{Action, CancelToken, Engine, InterviewType, NewInterview, StartSession};
    ///
    /// let engine = Engine::open("memory:")?;
    /// engine.subscribe("mail", &[Action::SessionStarted])?;
    /// let interview = engine.create_interview(NewInterview::new("Ada", InterviewType::General).question("Why?"))?;
    /// engine.start_session(interview.id, StartSession::default())?;
    ///
    /// let stop = CancelToken::new();
    /// let delivered = engine.run_deliveries("mail", &stop, |delivery| {
    ///     assert_eq!(delivery.event.interview_id, interview.id);
    ///     stop.cancel();
    ///     Ok(())
    /// })?;
    /// assert_eq!(delivered, 1);
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    ///
    /// # Errors
    /// `not_found` where there is no subscription of this name; `invalid_state` when the engine is closed; `storage` where the store fails for good. A store that fails for
    /// now is waited for.
    pub fn run_deliveries(
        &self,
        name: &str,
        stop: &CancelToken,
        mut deliver: impl FnMut(&Delivery) -> Result<()>,
    ) -> Result<u64> {
        if !self.subscriptions()?.iter().any(|subscription| subscription.name == name) {
            return Err(Error::new(ErrorKind::NotFound, "there is no subscription of this name"));
        }
        let call = match self.call(&CallOptions::default().cancel(stop)) {
            Err(_) if stop.is_cancelled() => return Ok(0),
            call => call?,
        };
        let patient = self.patient(&call.patience);
        let engine = patient.as_ref().unwrap_or(self);
        let mut delivered = 0;
        while !stop.is_cancelled() {
            let done = self.run(Operation::Deliver, || engine.deliver_one(name, &call, &mut deliver));
            match done {
                Ok(Some(done)) => delivered += u64::from(done),
                Err(_) if stop.is_cancelled() => {}
                Err(error) if !(error.is_retryable() && error.kind() == ErrorKind::Storage) => return Err(error),
                Ok(None) | Err(_) => {
                    let _ = call.patience.pause(LOOK, "events to deliver were waited for");
                    if !stop.is_cancelled() {
                        self.ensure_open()?;
                    }
                }
            }
        }
        Ok(delivered)
    }

    /// Whether it was handed over; none where there is nothing to do.
    fn deliver_one(
        &self,
        name: &str,
        call: &Call,
        deliver: &mut impl FnMut(&Delivery) -> Result<()>,
    ) -> Result<Option<bool>> {
        let lease = Lease { until: self.now() + LEASE, ..self.new_lease() };
        let Some(delivery) = self.store().lease_delivery(&self.tenant, name, self.now(), lease)? else {
            return Ok(None);
        };
        // Whoever is next would not fare better than those before, who did not live to say what came of it.
        let done = match delivery.attempts > MOST_ATTEMPTS {
            true => Err(Error::internal("nobody lived to say what came of it")),
            false => catch_unwind(AssertUnwindSafe(|| deliver(&delivery)))
                .unwrap_or_else(|_| Err(Error::internal("the subscriber panicked").retryable())),
        };
        // By the store of all calls: also when it was stopped meanwhile, what is done is done.
        let store = &*self.inner.store;
        let Err(failure) = done else { return store.end_delivery(lease.token).map(Some) };
        if call.patience.check("an event was delivered").is_err() {
            store.release_delivery(lease.token, self.now(), false)?;
        } else if failure.is_retryable() && delivery.attempts < MOST_ATTEMPTS {
            let asked_for = failure.retry_after().and_then(|pause| TimeDelta::from_std(pause).ok()).unwrap_or_default();
            let pause = FIRST_PAUSE * 4_i32.saturating_pow(delivery.attempts.saturating_sub(1).min(10));
            store.release_delivery(lease.token, self.now() + pause.max(asked_for).min(LONGEST_PAUSE), true)?;
        } else {
            let (interview, number) = (delivery.event.interview_id, delivery.event.number);
            tracing::warn!(%interview, number, attempts = delivery.attempts, kind = failure.kind().as_str(), "a delivery was given up");
            store.end_delivery(lease.token)?;
        }
        Ok(Some(false))
    }

    /// What waits to be done, of all tenants: how far workers and deliveries are behind.
    ///
    /// ```
    /// # let engine = vivavoce::Engine::open("memory:")?;
    /// assert_eq!(engine.backlog()?.evaluations, 0);
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of every method.
    pub fn backlog(&self) -> Result<Backlog> {
        self.run(Operation::Backlog, || self.store().backlog())
    }
}
