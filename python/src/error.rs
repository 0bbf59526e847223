//! The library's errors as Python's exceptions, which are written in Python (`vivavoce/_errors.py`).

use std::fmt;

use pyo3::exceptions::{PyBaseException, PyException};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};
use vivavoce::{Error, ErrorKind};

use crate::document::ToPython;

/// An exception of the application's own code, as the cause of an error of ours. It says nothing of its own: its words may be a candidate's.
#[derive(Debug)]
pub(crate) struct Raised(pub(crate) Py<PyBaseException>);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exception of the application")
    }
}

impl std::error::Error for Raised {}

fn class(py: Python<'_>, kind: ErrorKind) -> PyResult<Bound<'_, PyType>> {
    static CLASSES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let classes = CLASSES.import(py, "vivavoce._errors", "BY_KIND")?;
    let class = classes.as_any().get_item(kind.as_str())?;
    Ok(class.cast_into::<PyType>()?)
}

/// The exception of an error.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).unwrap_or_else(|failed| failed)
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let cause = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Raised>());
    if let Some(Raised(cause)) = cause
        && !cause.bind(py).is_instance_of::<PyException>()
    {
        // Ctrl-C and the like are not errors of ours.
        return Ok(PyErr::from_value(cause.bind(py).clone().into_any()));
    }
    let options = PyDict::new(py);
    options.set_item("retryable", error.is_retryable())?;
    options.set_item("retry_after", error.retry_after().to_python(py)?)?;
    let value = class(py, error.kind())?.call((error.to_string(),), Some(&options))?;
    let exception = PyErr::from_value(value);
    if let Some(Raised(cause)) = cause {
        exception.set_cause(py, Some(PyErr::from_value(cause.bind(py).clone().into_any())));
    }
    Ok(exception)
}

/// What the application's own code raised, as an error of the engine's: of its own kind where it is an error of ours, and `provider` where it is not.
pub(crate) fn raised(py: Python<'_>, whose: &str, error: PyErr) -> Error {
    let told = described(py, whose, &error);
    told.unwrap_or_else(|_| Error::new(ErrorKind::Provider, format!("the {whose} raised an exception")))
        .caused_by(Raised(error.into_value(py)))
}

/// Whether it is an error of the package.
pub(crate) fn is_ours(py: Python<'_>, error: &PyErr) -> PyResult<bool> {
    static ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    error.value(py).is_instance(ERROR.import(py, "vivavoce._errors", "Error")?)
}

fn described(py: Python<'_>, whose: &str, error: &PyErr) -> PyResult<Error> {
    let value = error.value(py);
    if is_ours(py, error)? {
        let kind: String = value.getattr("kind")?.extract()?;
        let kind = ErrorKind::ALL.into_iter().find(|known| known.as_str() == kind).unwrap_or(ErrorKind::Provider);
        let error = Error::new(kind, value.str()?.to_str()?.to_owned());
        return Ok(match value.getattr("retry_after")?.extract::<Option<std::time::Duration>>()? {
            Some(delay) => error.retryable_after(delay),
            None if value.getattr("retryable")?.extract()? => error.retryable(),
            None => error,
        });
    }
    let name = error.get_type(py).name()?.to_str()?.to_owned();
    let timed_out = value.is_instance_of::<pyo3::exceptions::PyTimeoutError>();
    let cut_off = value.is_instance_of::<pyo3::exceptions::PyConnectionError>();
    let kind = if timed_out { ErrorKind::Timeout } else { ErrorKind::Provider };
    let error = Error::new(kind, format!("the {whose} raised {name}"));
    Ok(if timed_out || cut_off { error.retryable() } else { error })
}
