//! Subscriptions: events that are handed to somebody outside the engine, at least once each.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::callbacks::Delivering;
use crate::calls::{CancelToken, Options};
use crate::classes::{Backlog, Subscription};
use crate::document::Document as _;
use crate::engine::Engine;
use crate::read::read;
use crate::values::Text;

#[pymethods]
impl Engine {
    /// Subscribes to what happens to this engine's tenant from now on, whichever process it happens in: each event of these actions is kept, in the same transaction as what
    /// happened, until `run_deliveries` has handed it over. A subscription outlives the process that made it, and stays until `unsubscribe`. Where there is one of this name, its
    /// actions are replaced, and what was to be delivered still is. Interviews that are copied into the store (`copy_to`) are nobody's to be told of.
    ///
    /// Args:
    ///     name: The name, 1 to 200 characters; a tenant has one subscription of a name.
    ///     actions: What to be told of, as `Event.action` names it, one at least. Messages are not among it: `follow` has them.
    ///
    /// Raises:
    ///     InvalidInputError: The name is blank, too long or contains NUL; no action is given, or one that is none or is of a message.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     engine.subscribe("mail", ["session_completed", "evaluation_completed"])
    ///     ...     engine.subscriptions()
    ///     [Subscription(name='mail', actions=('session_completed', 'evaluation_completed'))]
    fn subscribe(&self, py: Python<'_>, name: Text<'_>, actions: &Bound<'_, PyAny>) -> PyResult<()> {
        let actions: Vec<vivavoce::Action> = read("actions", actions)?;
        self.quick(py, "subscribe", |engine| engine.subscribe(name.0, &actions))
    }

    /// Ends a subscription, and forgets what was to be delivered to it.
    ///
    /// Returns:
    ///     bool: Whether there was one of this name.
    ///
    /// Raises:
    ///     InvalidInputError: The name is none that a subscription can have.
    fn unsubscribe(&self, py: Python<'_>, name: Text<'_>) -> PyResult<bool> {
        self.quick(py, "unsubscribe", |engine| engine.unsubscribe(name.0))
    }

    /// The subscriptions of this engine's tenant, by name.
    fn subscriptions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let subscriptions = self.quick(py, "subscriptions", vivavoce::Engine::subscriptions)?;
        PyList::new(py, subscriptions.into_iter().map(|each| Subscription::of(Arc::new(each))))
    }

    /// Hands a subscription's events to a function, one after the other, until it is stopped. Run as many as you like, in threads and processes: each event is leased to one of
    /// them for a minute, by which time the function should be done; one whose process dies is handed over again by another. So an event arrives at least once, and seldom
    /// twice: its interview and number tell. The order is that of the events, except for those that failed.
    ///
    /// An event is handed over when the function returns. Where it raises an exception, the event is tried again after 5 seconds, then after four times as long each time up to
    /// 12 hours, or after an error's `retry_after` if that is longer; it is given up after 12 times, which is more than two days. Where it raises an error of ours that is not
    /// `retryable`, such as `ProviderError("gone")`, the event is given up at once. What is given up is told to the log, as a warning with the interview and the number; the event
    /// itself stays in the interview's log. What is no error, such as Ctrl-C, ends the call, and the event is left to others.
    ///
    /// Args:
    ///     name: The subscription.
    ///     deliver: Is called with each `Delivery`, by the thread that called this; may be asynchronous. What it returns does not matter.
    ///     stop: Stops the deliveries. One that is under way is let end, or cancelled where it is asynchronous, and then left to others.
    ///
    /// Returns:
    ///     int: How many events it handed over.
    ///
    /// Raises:
    ///     NotFoundError: There is no subscription of this name.
    ///     InvalidStateError: The engine was closed.
    ///     StorageError: The store failed for good. One that fails for now is waited for.
    ///
    /// Example:
    ///     >>> from vivavoce import CancelToken, Engine
    ///     >>> stop = CancelToken()
    ///     >>> def deliver(delivery):
    ///     ...     print(delivery.event.action, delivery.attempts)
    ///     ...     stop.cancel()
    ///     >>> with Engine() as engine:
    ///     ...     engine.subscribe("mail", ["session_started"])
    ///     ...     interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Why?"])
    ///     ...     session = engine.start_session(interview.id)
    ///     ...     engine.run_deliveries("mail", deliver, stop=stop)
    ///     session_started 1
    ///     1
    #[pyo3(signature = (name, deliver, *, stop))]
    fn run_deliveries(
        &self,
        py: Python<'_>,
        name: Text<'_>,
        deliver: Py<PyAny>,
        stop: &Bound<'_, CancelToken>,
    ) -> PyResult<u64> {
        if !deliver.bind(py).is_callable() {
            return Err(PyTypeError::new_err("deliver is not a function"));
        }
        let mut delivering = Delivering::new(&deliver, stop);
        let delivered = self.waiting(py, "run_deliveries", Options::default(), |engine, _| {
            let stop = delivering.stop();
            engine.run_deliveries(name.0, &stop, |delivery| delivering.deliver(delivery))
        });
        delivering.failure.map_or(delivered, Err)
    }

    /// What waits to be done, of all tenants: how far workers and deliveries are behind.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     engine.backlog()
    ///     Backlog(evaluations=0, deliveries=0)
    fn backlog(&self, py: Python<'_>) -> PyResult<Backlog> {
        let backlog = self.quick(py, "backlog", vivavoce::Engine::backlog)?;
        Ok(Backlog::of(Arc::new(backlog)))
    }
}
