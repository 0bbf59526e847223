//! Spans for OpenTelemetry, where its API is installed and a provider is set: one for each call that leaves memory, with its name and how it ended, and no content.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::document::ToPython;
use crate::interrupts;

/// A span under way.
pub(crate) struct Span(Py<PyAny>);

/// Begins a span where anybody would see it.
pub(crate) fn begin(py: Python<'_>, name: &'static str) -> PyResult<Option<Span>> {
    static BEGIN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let begin =
        BEGIN.get_or_try_init(py, || Ok::<_, PyErr>(py.import("vivavoce._tracing")?.getattr("begin")?.unbind()))?;
    let span = begin.bind(py).call1((name,))?;
    Ok(if span.is_none() { None } else { Some(Span(span.unbind())) })
}

impl Span {
    pub(crate) fn end(self, py: Python<'_>, error: Option<&vivavoce::Error>) {
        let ended = error.map(vivavoce::Error::kind).to_python(py).and_then(|kind| self.0.bind(py).call1((kind,)));
        if let Err(error) = ended {
            interrupts::swallow(py, error);
        }
    }
}
