//! Values that are no documents: ids, times, durations, names, lists.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::time::Duration;

use chrono::{DateTime, Utc};
use pyo3::IntoPyObjectExt as _;
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDelta, PyDict, PyString, PyTuple, PyType};
use uuid::Uuid;
use vivavoce::{
    Action, Basis, Combine, Coverage, ErrorKind, EvaluationId, EvaluationStatus, FlagKind, InterviewId,
    InterviewStatus, InterviewType, Language, MessageId, MessageKind, Origin, Role, Seniority, SessionId,
    SessionStatus, Unanswered,
};

use crate::document::ToPython;
use crate::error::raise;

macro_rules! by_pyo3 {
    ($($type:ty),*) => {$(
        impl ToPython for $type {
            fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.into_bound_py_any(py)
            }
        }
    )*};
}

by_pyo3!(bool, u32, u64, i64, f64, String, DateTime<Utc>, Duration);

impl ToPython for str {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(PyString::new(py, self).into_any())
    }
}

impl<T: ToPython> ToPython for Option<T> {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.as_ref().map_or_else(|| Ok(py.None().into_bound(py)), |value| value.to_python(py))
    }
}

impl<T: ToPython> ToPython for Vec<T> {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let items: Vec<_> = self.iter().map(|item| item.to_python(py)).collect::<PyResult<_>>()?;
        Ok(PyTuple::new(py, items)?.into_any())
    }
}

impl<K: ToPython, V: ToPython> ToPython for BTreeMap<K, V> {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let dict = PyDict::new(py);
        for (key, value) in self {
            dict.set_item(key.to_python(py)?, value.to_python(py)?)?;
        }
        Ok(dict.into_any())
    }
}

impl ToPython for Cow<'_, str> {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(PyString::intern(py, self).into_any())
    }
}

/// Names that are the same few each time.
macro_rules! named {
    ($($type:ty),*) => {$(
        impl ToPython for $type {
            fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                Ok(PyString::intern(py, self.as_str()).into_any())
            }
        }
    )*};
}

named!(
    Action,
    Basis,
    Coverage,
    ErrorKind,
    EvaluationStatus,
    FlagKind,
    InterviewStatus,
    InterviewType,
    Language,
    MessageKind,
    Origin,
    Seniority,
    SessionStatus
);

/// Those that have no `as_str`.
macro_rules! spelt {
    ($($type:ident { $($variant:ident = $name:literal),* })*) => {$(
        impl ToPython for $type {
            fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                let name = match self { $(Self::$variant => $name),* };
                Ok(PyString::intern(py, name).into_any())
            }
        }
    )*};
}

spelt! {
    Role { Interviewer = "interviewer", Candidate = "candidate" }
    Combine { Median = "median", Mean = "mean" }
    Unanswered { LowersScore = "lowers_score", Ignored = "ignored" }
}

/// Python's own class of ids.
fn uuid_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "uuid", "UUID")
}

impl ToPython for Uuid {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        uuid_class(py)?.call1((py.None(), py.None(), py.None(), py.None(), self.as_u128()))
    }
}

macro_rules! ids {
    ($($type:ty),*) => {$(
        impl ToPython for $type {
            fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.as_uuid().to_python(py)
            }
        }

        impl<'py> FromPyObject<'_, 'py> for Id<$type> {
            type Error = PyErr;

            fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
                read_uuid(&given, |text| text.parse().map(|id: $type| *id.as_uuid())).map(|uuid| Self(uuid.into()))
            }
        }
    )*};
}

/// An id that Python gives: a `uuid.UUID`, or its text.
#[derive(Clone, Copy)]
pub(crate) struct Id<T>(pub(crate) T);

ids!(InterviewId, SessionId, MessageId, EvaluationId);

fn read_uuid(given: &Bound<'_, PyAny>, parse: impl FnOnce(&str) -> vivavoce::Result<Uuid>) -> PyResult<Uuid> {
    if given.is_instance_of::<PyString>() {
        let text: Text<'_> = given.extract()?;
        return parse(&text).map_err(|error| raise(given.py(), &error));
    }
    if given.is_instance(uuid_class(given.py())?)? {
        return given.getattr(pyo3::intern!(given.py(), "int"))?.extract().map(Uuid::from_u128);
    }
    Err(PyTypeError::new_err("an id is a uuid.UUID, or its text: `interview.id`, and not the interview"))
}

/// A text that Python gives. One that has half of a surrogate pair is no Unicode text, and refused as what is wrong of any other value.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl<'a, 'py> FromPyObject<'a, 'py> for Text<'a> {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        given.extract().map(Self).map_err(|error: PyErr| {
            let py = given.py();
            if given.is_instance_of::<PyString>() {
                invalid_input(py, "a text has half of a surrogate pair")
            } else {
                error
            }
        })
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

impl From<Text<'_>> for String {
    fn from(text: Text<'_>) -> Self {
        text.0.to_owned()
    }
}

pub(crate) fn owned(text: Option<Text<'_>>) -> Option<String> {
    text.map(Into::into)
}

/// A number of things that Python gives: one that is negative or too large is refused as what is wrong of any other value.
#[derive(Clone, Copy)]
pub(crate) struct Count<T>(pub(crate) T);

impl<'a, 'py, T: TryFrom<u64>> FromPyObject<'a, 'py> for Count<T> {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let py = given.py();
        let number = match given.extract::<u64>() {
            Ok(number) => T::try_from(number).ok(),
            Err(error) if error.is_instance_of::<PyOverflowError>(py) => None,
            Err(error) => return Err(error),
        };
        number.map(Self).ok_or_else(|| invalid_input(py, "a count is negative or too large"))
    }
}

/// The same for an argument with a default, which is a plain number for Python's signature to show.
pub(crate) fn count<T: TryFrom<i64>>(py: Python<'_>, number: i64) -> PyResult<T> {
    T::try_from(number).map_err(|_| invalid_input(py, "a count is negative or too large"))
}

pub(crate) fn invalid_input(py: Python<'_>, words: &'static str) -> PyErr {
    raise(py, &vivavoce::Error::new(ErrorKind::InvalidInput, words))
}

/// A number that Python gives: one that is not finite is in no document.
#[derive(Clone, Copy)]
pub(crate) struct Number(pub(crate) f64);

impl<'a, 'py> FromPyObject<'a, 'py> for Number {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let number: f64 = given.extract()?;
        if number.is_finite() { Ok(Self(number)) } else { Err(invalid_input(given.py(), "a number is not finite")) }
    }
}

/// How long: a `timedelta`, or seconds.
pub(crate) struct Span(pub(crate) Duration);

impl Span {
    pub(crate) const SECOND: Self = Self(Duration::from_secs(1));
}

impl<'py> FromPyObject<'_, 'py> for Span {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if given.is_instance_of::<PyDelta>() {
            let span: PyResult<Duration> = given.extract();
            return span.map(Self).map_err(|_| invalid_input(given.py(), "a duration is negative or too long"));
        }
        let seconds: f64 =
            given.extract().map_err(|_| PyTypeError::new_err("a duration is a timedelta, or seconds"))?;
        Duration::try_from_secs_f64(seconds)
            .map(Self)
            .map_err(|_| invalid_input(given.py(), "a duration is negative or too long"))
    }
}

/// A number of seconds as a duration.
pub(crate) fn seconds(seconds: &Option<u32>) -> Option<Duration> {
    seconds.map(|seconds| Duration::from_secs(seconds.into()))
}

/// An attribute's value as the document's field has it: durations are numbers there, of seconds, or of milliseconds where the field's name says so.
pub(crate) fn as_field<'py>(value: &Bound<'py, PyAny>, field: &str) -> PyResult<Bound<'py, PyAny>> {
    let in_milliseconds = field.ends_with("_ms");
    if !(value.is_instance_of::<PyDelta>() || (in_milliseconds || field == "time_limit") && !value.is_none()) {
        return Ok(value.clone());
    }
    let Span(span) = value.extract()?;
    let (unit, units) = if in_milliseconds { (1_000_000, 1e6) } else { (1_000_000_000, 1e9) };
    match u64::try_from(span.as_nanos() / unit) {
        // Counts stay counts.
        Ok(whole) if span.as_nanos() % unit == 0 => whole.to_python(value.py()),
        _ => (span.as_nanos() as f64 / units).to_python(value.py()),
    }
}
