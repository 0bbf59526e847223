//! What every call of an engine has in common: options, the GIL, interruption, panics, errors, spans and the log.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::prelude::*;
use vivavoce::{CallOptions, Error, ErrorKind};

use crate::ending::UnderWay;
use crate::engine::Engine;
use crate::error::{Raised, raise};
use crate::read::read;
use crate::values::{Count, Span, Text, owned};
use crate::{interrupts, log, spans};

/// Cancels calls from another thread. One that was cancelled stays so.
///
/// Example:
///     >>> from vivavoce import CancelToken, Engine, TimeoutError
///     >>> token = CancelToken()
///     >>> token.cancel()
///     >>> with Engine() as engine:
///     ...     try:
///     ...         engine.generate_questions(interview_type="general", count=1, cancel=token)
///     ...     except TimeoutError as error:
///     ...         print(error)
///     the call was cancelled while it began
#[pyclass(frozen, module = "vivavoce")]
#[derive(Default)]
pub(crate) struct CancelToken(pub(crate) vivavoce::CancelToken);

#[pymethods]
impl CancelToken {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Cancels the calls that have this token: those that wait end within 100 ms with a `TimeoutError`, also where they wait for a database. A request that was sent runs on, and a write may have been made: its
    /// idempotency key tells.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether it was cancelled.
    #[getter]
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn __repr__(&self) -> String {
        format!("CancelToken(is_cancelled={})", if self.is_cancelled() { "True" } else { "False" })
    }
}

/// What a caller may say about one call.
#[derive(Default)]
pub(crate) struct Options<'a, 'py> {
    pub(crate) idempotency_key: Option<Text<'a>>,
    pub(crate) timeout: Option<Span>,
    pub(crate) expected_version: Option<Count<u64>>,
    pub(crate) cancel: Option<&'a Bound<'py, CancelToken>>,
    pub(crate) queued: bool,
    pub(crate) model: Option<Text<'a>>,
    pub(crate) provider: Option<&'a Bound<'py, PyAny>>,
}

impl Options<'_, '_> {
    fn read(self, py: Python<'_>) -> PyResult<CallOptions> {
        let mut options = CallOptions::default();
        options.idempotency_key = owned(self.idempotency_key);
        options.timeout = self.timeout.map(|Span(timeout)| timeout);
        options.expected_version = self.expected_version.map(|Count(version)| version);
        options.cancel = self.cancel.map(|token| token.get().0.clone());
        options.queued = self.queued;
        options.model = match self.model {
            Some(model) => Some(model.parse().map_err(|error| raise(py, &error))?),
            None => None,
        };
        options.provider = self.provider.map(|provider| read("provider", provider)).transpose()?;
        Ok(options)
    }
}

/// An error of what a panic had to say: nothing, or the exception that the application's clock raised.
fn panicked(panic: Box<dyn Any + Send>) -> Error {
    match panic.downcast::<PyErr>() {
        Ok(error) => {
            let cause = Python::attach(|py| error.into_value(py));
            Error::new(ErrorKind::Provider, "the clock raised an exception").caused_by(Raised(cause))
        }
        Err(_) => Error::new(ErrorKind::Internal, "a call panicked: please report it"),
    }
}

pub(crate) fn caught<T>(work: impl FnOnce() -> vivavoce::Result<T>) -> vivavoce::Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(panic)))
}

impl Engine {
    /// Does what may take a while: without the GIL, unless all of the engine is in memory and nothing waits.
    pub(crate) fn call<T: Send>(
        &self,
        py: Python<'_>,
        name: &'static str,
        options: Options<'_, '_>,
        work: impl FnOnce(&vivavoce::Engine, &CallOptions) -> vivavoce::Result<T> + Send,
    ) -> PyResult<T> {
        if !self.is_instant() {
            return self.slow(py, name, options, work);
        }
        let engine = self.present(py)?;
        let options = options.read(py)?;
        self.finish(py, None, caught(|| work(engine, &options)))
    }

    /// The same for what takes no options: it waits for its store and for nothing else.
    pub(crate) fn quick<T: Send>(
        &self,
        py: Python<'_>,
        name: &'static str,
        work: impl FnOnce(&vivavoce::Engine) -> vivavoce::Result<T> + Send,
    ) -> PyResult<T> {
        if self.is_instant() {
            let engine = self.present(py)?;
            return self.finish(py, None, caught(|| work(engine)));
        }
        let engine = self.watched(py)?;
        self.without_gil(py, name, || work(engine))
    }

    /// Does what takes a while whatever the store is.
    pub(crate) fn slow<T: Send>(
        &self,
        py: Python<'_>,
        name: &'static str,
        options: Options<'_, '_>,
        work: impl FnOnce(&vivavoce::Engine, &CallOptions) -> vivavoce::Result<T> + Send,
    ) -> PyResult<T> {
        // Where all else keeps the GIL, nobody may wait for it who holds a lock; and nothing there takes long.
        let engine = if self.is_instant() { self.present(py)? } else { self.watched(py)? };
        let options = options.read(py)?;
        self.without_gil(py, name, || work(engine, &options))
    }

    /// Does what waits for something to happen, or has much to do, and holds no lock meanwhile.
    pub(crate) fn waiting<T: Send>(
        &self,
        py: Python<'_>,
        name: &'static str,
        options: Options<'_, '_>,
        work: impl FnOnce(&vivavoce::Engine, &CallOptions) -> vivavoce::Result<T> + Send,
    ) -> PyResult<T> {
        let engine = self.watched(py)?;
        let options = options.read(py)?;
        self.without_gil(py, name, || work(engine, &options))
    }

    fn without_gil<T: Send>(
        &self,
        py: Python<'_>,
        name: &'static str,
        work: impl FnOnce() -> vivavoce::Result<T> + Send,
    ) -> PyResult<T> {
        let under_way = UnderWay::begin();
        let span = spans::begin(py, name)?;
        let done = py.detach(|| {
            let done = caught(work);
            under_way.before_python();
            done
        });
        self.finish(py, span, done)
    }

    fn finish<T>(&self, py: Python<'_>, span: Option<spans::Span>, done: vivavoce::Result<T>) -> PyResult<T> {
        log::deliver(py);
        if let Some(span) = span {
            span.end(py, done.as_ref().err());
        }
        if let Some(interrupt) = interrupts::raised(py) {
            return Err(interrupt);
        }
        done.map_err(|error| raise(py, &error))
    }
}

/// Panics, as a fault of the library would, for the test that a panic is caught.
#[pyfunction]
pub(crate) fn panic_for_a_test(py: Python<'_>) -> PyResult<()> {
    #[allow(clippy::panic, reason = "that is what it is for")]
    caught(|| panic!("canary")).map_err(|error| raise(py, &error))
}
