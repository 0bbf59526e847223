//! What happened in a session, and what happens.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyList;
use vivavoce::{Error, ErrorKind, SessionId, Wake};

use crate::calls::{CancelToken, Options};
use crate::classes::Event;
use crate::document::Document as _;
use crate::engine::Engine;
use crate::error::raise;
use crate::values::{Count, Id, Span, count};

/// How long one wait lasts where there is no limit.
const LONG: Duration = Duration::from_secs(3600);

fn wake(poll: Option<Span>) -> Wake {
    poll.map_or(Wake::Notify, |Span(interval)| Wake::Poll(interval))
}

#[pymethods]
impl Engine {
    /// What happened in a session, read as it is asked for.
    ///
    /// Args:
    ///     session_id: The session.
    ///     after: The number of the last event that is known; 0 for all. Numbers are those of the interview's audit log.
    ///
    /// Returns:
    ///     Iterator[Event]: In order.
    ///
    /// Raises:
    ///     NotFoundError: There is no such session.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who are you?"])
    ///     ...     session = engine.start_session(interview.id)
    ///     ...     [event.action for event in engine.events(session.id)]
    ///     ['session_started', 'message_sent']
    #[pyo3(signature = (session_id, *, after=0))]
    fn events(slf: Py<Self>, py: Python<'_>, session_id: Id<SessionId>, after: i64) -> PyResult<Events> {
        Ok(Events { engine: slf, session: session_id.0, state: Mutex::new(State::after(count(py, after)?)) })
    }

    /// Waits for a session's events after one, and gives those that there are: none when the time is over.
    ///
    /// Args:
    ///     session_id: The session.
    ///     after: The number of the last event that is known.
    ///     timeout: How long to wait, a `timedelta` or seconds.
    ///     poll: How often to look for what other processes write, a `timedelta` or seconds; what this process writes is noticed at once. None to be woken by the
    ///         database: PostgreSQL only.
    ///     cancel: Cancels the call from another thread.
    ///
    /// Raises:
    ///     NotFoundError: There is no such session.
    ///     UnsupportedError: The store does not wake anybody.
    ///     InvalidStateError: The engine was closed meanwhile.
    #[pyo3(signature = (session_id, after, *, timeout, poll=Span::SECOND, cancel=None), text_signature = "($self, session_id, after, *, timeout, poll=1.0, cancel=None)")]
    fn next_events<'py>(
        &self,
        py: Python<'py>,
        session_id: Id<SessionId>,
        after: Count<u64>,
        timeout: Span,
        poll: Option<Span>,
        cancel: Option<&Bound<'_, CancelToken>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let options = Options { cancel, ..Options::default() };
        let events = self.waiting(py, "next_events", options, |engine, options| {
            engine.next_events_with(session_id.0, after.0, wake(poll), timeout.0, options)
        })?;
        PyList::new(py, events.into_iter().map(|event| Event::of(Arc::new(event))))
    }

    /// A session's events as they happen, those first that have.
    ///
    /// Args:
    ///     session_id: The session.
    ///     after: The number of the last event that is known; 0 for all.
    ///     timeout: How long to wait for the next one before the iteration ends, a `timedelta` or seconds; without end where None.
    ///     poll: As for `next_events`.
    ///     cancel: Ends the waiting with a `TimeoutError`, from another thread.
    ///
    /// Returns:
    ///     Iterator[Event]: In order.
    #[pyo3(signature = (session_id, *, after=0, timeout=None, poll=Span::SECOND, cancel=None), text_signature = "($self, session_id, *, after=0, timeout=None, poll=1.0, cancel=None)")]
    fn follow(
        slf: Py<Self>,
        py: Python<'_>,
        session_id: Id<SessionId>,
        after: i64,
        timeout: Option<Span>,
        poll: Option<Span>,
        cancel: Option<Py<CancelToken>>,
    ) -> PyResult<Following> {
        Ok(Following {
            engine: slf,
            session: session_id.0,
            timeout: timeout.map(|Span(timeout)| timeout),
            wake: wake(poll),
            cancel,
            state: Mutex::new(State::after(count(py, after)?)),
        })
    }
}

/// What a second thread is told: as a generator does.
pub(crate) fn shared_by_threads(py: Python<'_>) -> PyErr {
    raise(py, &Error::new(ErrorKind::InvalidState, "another thread is in this iterator: have one for each"))
}

/// What was read and not yet given.
struct State {
    after: u64,
    page: std::vec::IntoIter<vivavoce::Event>,
    /// Whether a thread reads the next page.
    reading: bool,
}

impl State {
    fn after(after: u64) -> Self {
        Self { after, page: Vec::new().into_iter(), reading: false }
    }

    /// The next event that is here, or after which one to read more; whoever reads says so when it is done.
    fn next_or_read(&mut self, py: Python<'_>) -> PyResult<Result<Event, u64>> {
        if let Some(event) = self.next() {
            return Ok(Ok(event));
        }
        if std::mem::replace(&mut self.reading, true) {
            return Err(shared_by_threads(py));
        }
        Ok(Err(self.after))
    }

    fn next(&mut self) -> Option<Event> {
        let event = self.page.next()?;
        self.after = event.number;
        Some(Event::of(Arc::new(event)))
    }
}

/// A session's events, a page in advance.
#[pyclass(frozen, module = "vivavoce._native")]
pub(crate) struct Events {
    engine: Py<Engine>,
    session: SessionId,
    state: Mutex<State>,
}

#[pymethods]
impl Events {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        let after = match self.state.lock().next_or_read(py)? {
            Ok(event) => return Ok(Some(event)),
            Err(after) => after,
        };
        let page = self.engine.get().quick(py, "events", |engine| engine.events(self.session, after));
        let mut state = self.state.lock();
        state.reading = false;
        state.page = page?.into_iter();
        Ok(state.next())
    }
}

/// A session's events as they happen.
#[pyclass(frozen, module = "vivavoce._native")]
pub(crate) struct Following {
    engine: Py<Engine>,
    session: SessionId,
    timeout: Option<Duration>,
    wake: Wake,
    cancel: Option<Py<CancelToken>>,
    state: Mutex<State>,
}

#[pymethods]
impl Following {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        let end = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let after = match self.state.lock().next_or_read(py)? {
                Ok(event) => return Ok(Some(event)),
                Err(after) => after,
            };
            let left = end.map_or(LONG, |end| end.saturating_duration_since(Instant::now()));
            let cancel = self.cancel.as_ref().map(|token| token.bind(py));
            let options = Options { cancel, ..Options::default() };
            let page = self.engine.get().waiting(py, "next_events", options, |engine, options| {
                engine.next_events_with(self.session, after, self.wake, left, options)
            });
            self.state.lock().reading = false;
            let page = page?;
            if page.is_empty() && end.is_some_and(|end| Instant::now() >= end) {
                return Ok(None);
            }
            self.state.lock().page = page.into_iter();
        }
    }
}
