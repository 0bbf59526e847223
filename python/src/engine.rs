//! Opening and closing an engine.

use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock, Weak};

use parking_lot::Mutex;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use vivavoce::{EngineBuilder, Error, ErrorKind, MetricsSnapshot};

use crate::calls::{CancelToken, caught};
use crate::classes::Metrics;
use crate::document::Document as _;
use crate::error::raise;
use crate::fork::{self, OpenFile};
use crate::values::{Span, Text, count, invalid_input};
use crate::{callbacks, ending, interrupts, log, settings};

/// What engines of all tenants on one store share.
pub(crate) struct Opened {
    generation: u32,
    /// Whether all calls are answered from memory, at once and by the library alone: then they keep the GIL.
    instant: bool,
    file: Option<OpenFile>,
    /// The kind of store.
    store: &'static str,
    /// There until this is dropped. In a forked child it is left as it is: to close it would end the parent's connections.
    engine: Option<vivavoce::Engine>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        let engine = self.engine.take();
        if fork::is_inherited(self.generation) {
            std::mem::forget(engine);
        } else if let Some(engine) = engine {
            COUNTED.lock().add(&engine.metrics());
            // Closing may take a while. Where Python ends there is nobody to let go on.
            let closing = Mutex::new(Some(engine));
            let closed = Python::try_attach(|py| py.detach(|| drop(closing.lock().take())));
            drop((closed, closing));
        }
    }
}

/// The engines of this process, to close them when Python ends, and what those have counted that are gone. Both are locked with the GIL held, and for no longer than it takes
/// to look: so nobody holds them when the process is forked.
static OPEN: Mutex<Vec<Weak<Opened>>> = Mutex::new(Vec::new());
static COUNTED: LazyLock<Mutex<MetricsSnapshot>> = LazyLock::new(Mutex::default);

/// In a forked child, which has counted nothing yet.
pub(crate) fn begin_again() {
    *COUNTED.lock() = MetricsSnapshot::default();
}

fn open_engines() -> Vec<Arc<Opened>> {
    let mut open = OPEN.lock();
    open.retain(|opened| opened.strong_count() > 0);
    open.iter().filter_map(Weak::upgrade).filter(|opened| !fork::is_inherited(opened.generation)).collect()
}

/// What all engines of this process have counted, those that are gone included.
///
/// Returns:
///     Metrics: The sums.
///
/// Example:
///     >>> import vivavoce
///     >>> with vivavoce.Engine() as engine:
///     ...     before = {it.operation: it.calls for it in vivavoce.metrics().operations}
///     ...     _ = engine.health()
///     ...     after = {it.operation: it.calls for it in vivavoce.metrics().operations}
///     >>> after["health"] - before.get("health", 0)
///     1
#[pyfunction]
pub(crate) fn metrics() -> Metrics {
    let open = open_engines();
    let mut sum = COUNTED.lock().clone();
    for engine in open.iter().filter_map(|opened| opened.engine.as_ref()) {
        sum.add(&engine.metrics());
    }
    Metrics::of(Arc::new(sum))
}

/// When Python ends: closes what is open, which ends the calls that wait, and says what there is to say.
#[pyfunction]
pub(crate) fn shutdown(py: Python<'_>) {
    let open = open_engines();
    ending::begin(py, move || {
        for opened in &open {
            // What was acknowledged is safe, and nobody is there to be told of more.
            let _ = opened.close();
        }
    });
    log::deliver(py);
}

impl Opened {
    fn close(&self) -> vivavoce::Result<()> {
        let closed = self.engine.as_ref().map_or(Ok(()), vivavoce::Engine::close);
        if let Some(file) = &self.file {
            file.closed();
        }
        closed
    }
}

/// An engine for AI-conducted interviews: it plans interviews, holds sessions, keeps every word in memory, SQLite or PostgreSQL, and has answers judged.
///
/// All threads may use one engine at once, and one engine is enough for a process. It is closed at the end of a `with` block, by `close`, or when Python ends.
///
/// Args:
///     url: The store: `memory:`, `sqlite:PATH`, `postgresql://user:password@host/database`.
///     interviewer: Who finds the words: the scripted interviewer where None, a `ConversationalInterviewer`, or an object of your own with
///         `speak(scene) -> str` (see `Interviewer`).
///     evaluator: Who judges: the built-in evaluator where None, a `ModelEvaluator`, a `Panel`, or an object of your own with
///         `judge(request) -> Judgement` (see `Evaluator`).
///     models: The language models that those ask: a `Models`, or its document.
///     idle_timeout: After how long without a message an active session counts as abandoned, a `timedelta` or seconds; never where None.
///     unanswered: How planned questions without an answer count: `lowers_score`, or `ignored`.
///     cached_sessions: How many live sessions are kept in memory before a database.
///     read_staleness: How far reading a session may be behind what other processes have written, a `timedelta` or seconds. Never behind what this engine has written.
///     clock: Where the time comes from: a function that gives an aware `datetime`; the system's clock where None. Called often, by any thread: it must be quick, and must not
///         call the engine.
///
/// Raises:
///     InvalidInputError: The URL or a setting cannot be meant.
///     StorageError: The store cannot be reached.
///     UnsupportedError: The store was made by a newer library.
///
/// Example:
///     >>> import vivavoce
///     >>> with vivavoce.Engine("memory:") as engine:
///     ...     interview = engine.create_interview(
///     ...         candidate_name="Ada", interview_type="technical", questions=["What is a deadlock?"])
///     ...     session = engine.start_session(interview.id)
///     ...     turn = engine.send_message(session.id, "Two threads each hold a lock the other needs.")
///     ...     evaluation = engine.end_session(session.id)
///     >>> evaluation.status
///     'completed'
#[pyclass(frozen, module = "vivavoce", weakref)]
pub(crate) struct Engine {
    opened: Arc<Opened>,
    /// This tenant's; there until this is dropped.
    handles: Option<Handles>,
}

struct Handles {
    engine: vivavoce::Engine,
    /// The same for calls in Python's main thread, which Ctrl-C ends.
    watched: vivavoce::Engine,
}

impl Handles {
    fn new(engine: vivavoce::Engine) -> Self {
        Self { watched: engine.cancelled_by(&interrupts::TOKEN), engine }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if fork::is_inherited(self.opened.generation) {
            std::mem::forget(self.handles.take());
        }
    }
}

impl Engine {
    /// The engine, where this process opened it.
    pub(crate) fn present(&self, py: Python<'_>) -> PyResult<&vivavoce::Engine> {
        self.handles(py).map(|handles| &handles.engine)
    }

    /// The engine for a call that may wait, which Ctrl-C ends where it is made in the main thread.
    pub(crate) fn watched(&self, py: Python<'_>) -> PyResult<&vivavoce::Engine> {
        let handles = self.handles(py)?;
        Ok(if interrupts::are_looked_for(py) { &handles.watched } else { &handles.engine })
    }

    fn handles(&self, py: Python<'_>) -> PyResult<&Handles> {
        match &self.handles {
            Some(handles) if !fork::is_inherited(self.opened.generation) => Ok(handles),
            _ => {
                let words = "the engine was opened before this process was forked: open one in this process";
                Err(raise(py, &Error::new(ErrorKind::InvalidState, words)))
            }
        }
    }

    pub(crate) fn is_instant(&self) -> bool {
        self.opened.instant
    }

    /// Opens the store at `url`; where there is none, that of `DATABASE_URL`.
    fn open(py: Python<'_>, url: Option<&str>, builder: EngineBuilder, scripted: bool) -> PyResult<Self> {
        let found = url.map_or_else(|| std::env::var("DATABASE_URL").ok(), |url| Some(url.to_owned()));
        let is_file = found.as_deref().is_some_and(|url| url.starts_with("sqlite:") && url != "sqlite::memory:");
        if is_file && fork::has_inherited_files() {
            let words = "an SQLite file was open when this process was forked: what it writes could be lost. Open engines after forking, or have processes spawned";
            return Err(raise(py, &Error::new(ErrorKind::InvalidState, words)));
        }
        let in_memory = found.as_deref().is_none_or(|url| url == "memory:");
        // Before the store: a fork while it is opened counts it.
        let file = is_file.then(OpenFile::new);
        let generation = fork::generation();
        let opened = py.detach(|| {
            caught(|| match url {
                Some(url) => builder.open(url),
                None => builder.open_from_env(),
            })
        });
        log::deliver(py);
        if let Some(interrupt) = interrupts::raised(py) {
            return Err(interrupt);
        }
        let engine = opened.map_err(|error| raise(py, &error))?;
        let instant = in_memory && scripted;
        let kind = found.as_deref().and_then(|url| url.split(':').next()).unwrap_or("memory");
        let store = ["memory", "sqlite"].into_iter().find(|store| *store == kind).unwrap_or("postgres");
        let opened = Arc::new(Opened { generation, instant, file, store, engine: Some(engine.clone()) });
        let mut open = OPEN.lock();
        open.retain(|opened| opened.strong_count() > 0);
        open.push(Arc::downgrade(&opened));
        drop(open);
        Ok(Self { opened, handles: Some(Handles::new(engine)) })
    }
}

/// What is said of an engine to come, as Python says it.
struct Wanted<'a, 'py> {
    interviewer: Option<&'a Bound<'py, PyAny>>,
    evaluator: Option<&'a Bound<'py, PyAny>>,
    models: Option<&'a Bound<'py, PyAny>>,
    idle_timeout: Option<Span>,
    unanswered: &'a str,
    cached_sessions: i64,
    read_staleness: Span,
    clock: Option<Py<PyAny>>,
}

impl Wanted<'_, '_> {
    /// The builder, and whether nothing that it calls waits or is Python's.
    fn builder(self, py: Python<'_>) -> PyResult<(EngineBuilder, bool)> {
        let plain = self.interviewer.is_none() && self.evaluator.is_none() && self.clock.is_none();
        let sessions = NonZeroUsize::new(count(py, self.cached_sessions)?);
        let sessions = sessions.ok_or_else(|| invalid_input(py, "cached_sessions is 0"))?;
        let mut builder = vivavoce::Engine::builder()
            .unanswered(settings::unanswered(py, self.unanswered)?)
            .cached_sessions(sessions)
            .read_staleness(self.read_staleness.0);
        if let Some(Span(limit)) = self.idle_timeout {
            builder = builder.idle_timeout(limit);
        }
        if let Some(models) = self.models {
            builder = builder.models(settings::models(models)?);
        }
        if let Some(interviewer) = self.interviewer {
            builder = settings::interviewer(builder, interviewer)?;
        }
        if let Some(evaluator) = self.evaluator {
            builder = builder.evaluator(settings::evaluator(evaluator)?);
        }
        if let Some(clock) = self.clock {
            if !clock.bind(py).is_callable() {
                return Err(PyTypeError::new_err("clock is not a function"));
            }
            builder = builder.clock(callbacks::clock(clock));
        }
        Ok((builder, plain))
    }
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (url="memory:", *, interviewer=None, evaluator=None, models=None, idle_timeout=None, unanswered="lowers_score", cached_sessions=4096, read_staleness=Span::SECOND, clock=None), text_signature = "(url='memory:', *, interviewer=None, evaluator=None, models=None, idle_timeout=None, unanswered='lowers_score', cached_sessions=4096, read_staleness=1.0, clock=None)")]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn new(
        py: Python<'_>,
        url: &str,
        interviewer: Option<&Bound<'_, PyAny>>,
        evaluator: Option<&Bound<'_, PyAny>>,
        models: Option<&Bound<'_, PyAny>>,
        idle_timeout: Option<Span>,
        unanswered: &str,
        cached_sessions: i64,
        read_staleness: Span,
        clock: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let wanted =
            Wanted { interviewer, evaluator, models, idle_timeout, unanswered, cached_sessions, read_staleness, clock };
        let (builder, plain) = wanted.builder(py)?;
        Self::open(py, Some(url), builder, plain)
    }

    /// Opens the engine on the store that `DATABASE_URL` names; without that, in memory. Arguments and errors are those of `Engine`.
    ///
    /// Example:
    ///     >>> import os, vivavoce
    ///     >>> os.environ["DATABASE_URL"] = "memory:"
    ///     >>> with vivavoce.Engine.from_env() as engine:
    ///     ...     engine.health().store
    ///     'memory'
    #[staticmethod]
    #[pyo3(signature = (*, interviewer=None, evaluator=None, models=None, idle_timeout=None, unanswered="lowers_score", cached_sessions=4096, read_staleness=Span::SECOND, clock=None), text_signature = "(*, interviewer=None, evaluator=None, models=None, idle_timeout=None, unanswered='lowers_score', cached_sessions=4096, read_staleness=1.0, clock=None)")]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn from_env(
        py: Python<'_>,
        interviewer: Option<&Bound<'_, PyAny>>,
        evaluator: Option<&Bound<'_, PyAny>>,
        models: Option<&Bound<'_, PyAny>>,
        idle_timeout: Option<Span>,
        unanswered: &str,
        cached_sessions: i64,
        read_staleness: Span,
        clock: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let wanted =
            Wanted { interviewer, evaluator, models, idle_timeout, unanswered, cached_sessions, read_staleness, clock };
        let (builder, plain) = wanted.builder(py)?;
        Self::open(py, None, builder, plain)
    }

    /// The same engine for another tenant, who sees nothing of the others. Closing one closes all.
    ///
    /// Args:
    ///     tenant: The tenant's name, 1 to 200 characters.
    ///
    /// Raises:
    ///     InvalidInputError: The name is blank or too long.
    ///     InvalidStateError: The engine is closed.
    fn for_tenant(&self, py: Python<'_>, tenant: Text<'_>) -> PyResult<Self> {
        let engine = self.present(py)?.for_tenant(&tenant).map_err(|error| raise(py, &error))?;
        Ok(Self { opened: Arc::clone(&self.opened), handles: Some(Handles::new(engine)) })
    }

    /// The same engine, all of whose calls this token cancels, also those that take no `cancel`. Closing one closes both.
    ///
    /// Args:
    ///     token: Cancels the calls from another thread.
    ///
    /// Example:
    ///     >>> import vivavoce
    ///     >>> token = vivavoce.CancelToken()
    ///     >>> with vivavoce.Engine() as engine:
    ///     ...     request = engine.cancelled_by(token)
    ///     ...     token.cancel()
    ///     ...     try:
    ///     ...         request.health()
    ///     ...     except vivavoce.TimeoutError as error:
    ///     ...         print(error)
    ///     the call was cancelled while it was worked on
    fn cancelled_by(&self, py: Python<'_>, token: &Bound<'_, CancelToken>) -> PyResult<Self> {
        let engine = self.present(py)?.cancelled_by(&token.get().0);
        Ok(Self { opened: Arc::clone(&self.opened), handles: Some(Handles::new(engine)) })
    }

    /// Closes the engine and those of its other tenants: connections are closed, files are left complete, waiting calls end with an `InvalidStateError`. Closing again does
    /// nothing.
    ///
    /// Raises:
    ///     StorageError: The store could not be closed cleanly; what was acknowledged is safe all the same.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.present(py)?;
        let closed = py.detach(|| caught(|| self.opened.close()));
        log::deliver(py);
        if let Some(interrupt) = interrupts::raised(py) {
            return Err(interrupt);
        }
        closed.map_err(|error| raise(py, &error))
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> PyResult<()> {
        // A child that leaves its parent's block has nothing to close.
        if fork::is_inherited(self.opened.generation) {
            return Ok(());
        }
        self.close(py)
    }

    /// What this engine has counted since it was opened, for all tenants.
    fn metrics(&self, py: Python<'_>) -> PyResult<Metrics> {
        Ok(Metrics::of(Arc::new(self.present(py)?.metrics())))
    }

    fn __repr__(&self) -> String {
        format!("<vivavoce.Engine on {}>", self.opened.store)
    }
}
