//! What all classes of documents have in common: they are frozen, and a document of JSON is their other form.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::raise;
use crate::read::read;

/// A class over a plain value of the library.
pub(crate) trait Document: Sized {
    /// The value.
    type Inner: Serialize + DeserializeOwned;

    /// The name of the class.
    const NAME: &'static str;
    /// The class's attributes that are fields of its document, and their names there.
    const FIELDS: &'static [(&'static str, &'static str)];
    /// The attributes that `repr` shows: never a candidate's words.
    const SHOWN: &'static [&'static str];

    fn of(inner: Arc<Self::Inner>) -> Self;
    fn inner(&self) -> &Self::Inner;
}

/// A value as Python sees it.
pub(crate) trait ToPython {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;
}

pub(crate) fn to_json<D: Document>(document: &D) -> PyResult<String> {
    serde_json::to_string(document.inner()).map_err(|_| unwritable::<D>())
}

pub(crate) fn from_json<D: Document>(py: Python<'_>, json: &Bound<'_, PyAny>) -> PyResult<D> {
    let bytes: Vec<u8>;
    let text = match json.extract::<&str>() {
        Ok(text) => text,
        Err(_) => {
            bytes = json.extract().map_err(|_| PyTypeError::new_err("the document is neither str nor bytes"))?;
            std::str::from_utf8(&bytes).map_err(|_| PyTypeError::new_err("the document is not UTF-8"))?
        }
    };
    vivavoce::from_json(D::NAME, text).map(|inner| D::of(Arc::new(inner))).map_err(|error| raise(py, &error))
}

pub(crate) fn to_dict<'py, D: Document>(py: Python<'py>, document: &D) -> PyResult<Bound<'py, PyAny>> {
    let value = serde_json::to_value(document.inner()).map_err(|_| unwritable::<D>())?;
    plain(py, &value)
}

/// What JSON holds, as Python has it.
pub(crate) fn plain<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(yes) => yes.to_python(py),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => number.to_python(py),
            (_, Some(number)) => number.to_python(py),
            _ => number.as_f64().to_python(py),
        },
        Value::String(text) => text.to_python(py),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| plain(py, item)).collect::<PyResult<_>>()?;
            Ok(PyList::new(py, items)?.into_any())
        }
        Value::Object(fields) => {
            let dict = PyDict::new(py);
            for (name, value) in fields {
                dict.set_item(name, plain(py, value)?)?;
            }
            Ok(dict.into_any())
        }
    }
}

/// Equal documents have equal hashes: in their canonical form 0 and -0 are the same.
pub(crate) fn hash<D: Document>(document: &D) -> PyResult<u64> {
    let canonical = serde_json_canonicalizer::to_vec(document.inner()).map_err(|_| unwritable::<D>())?;
    let mut hasher = DefaultHasher::new();
    hasher.write(&canonical);
    Ok(hasher.finish())
}

pub(crate) fn repr<D: Document>(document: &Bound<'_, PyAny>) -> PyResult<String> {
    let mut text = String::from(D::NAME);
    for (place, name) in D::SHOWN.iter().enumerate() {
        let before = if place == 0 { "(" } else { ", " };
        let _ = write!(text, "{before}{name}={}", document.getattr(*name)?.repr()?.to_str()?);
    }
    text.push_str(if D::SHOWN.is_empty() { "()" } else { ")" });
    Ok(text)
}

/// The same document with other values in some fields.
pub(crate) fn replace<D: Document>(py: Python<'_>, document: &D, changes: Option<&Bound<'_, PyDict>>) -> PyResult<D> {
    let dict = to_dict(py, document)?.cast_into::<PyDict>()?;
    for (name, value) in changes.into_iter().flatten() {
        let name: &str = name.extract()?;
        let Some((_, field)) = D::FIELDS.iter().find(|(attribute, _)| *attribute == name) else {
            return Err(PyTypeError::new_err(format!("{} has no field {name:?}", D::NAME)));
        };
        dict.set_item(field, crate::values::as_field(&value, field)?)?;
    }
    read(D::NAME, &dict).map(|inner| D::of(Arc::new(inner)))
}

fn unwritable<D: Document>() -> PyErr {
    PyTypeError::new_err(format!("{} holds a number that JSON cannot", D::NAME))
}

/// Defines a frozen class over a value of the library: a getter for each field, and what `Document` needs. `field as conversion` for those whose form in Python is
/// another; `own` fields have their getter among the class's further methods, and
/// perhaps another name `in` the document. A second type is what an object keeps for itself.
macro_rules! document {
    (
        $(#[$meta:meta])*
        $name:ident($inner:ty $(, $kept:ty)?) {
            $( $(#[$doc:meta])* $field:ident $(as $conversion:path)? ),* $(,)?
        }
        shows($($shown:ident),*) $(, own($($own:ident $(in $document:ident)?),*))?;
        $($more:tt)*
    ) => {
        $(#[$meta])*
        #[pyo3::pyclass(frozen, module = "vivavoce")]
        pub(crate) struct $name(pub(crate) std::sync::Arc<$inner>, $($kept)?);

        impl $crate::document::Document for $name {
            type Inner = $inner;
            const NAME: &'static str = stringify!($name);
            const FIELDS: &'static [(&'static str, &'static str)] =
                &[
                $( (stringify!($field), stringify!($field)), )*
                $($( (stringify!($own), document!(@name $own $($document)?)), )*)?
            ];
            const SHOWN: &'static [&'static str] = &[$(stringify!($shown)),*];

            fn of(inner: std::sync::Arc<$inner>) -> Self {
                Self(inner, $(<$kept>::new())?)
            }

            fn inner(&self) -> &$inner {
                &self.0
            }
        }

        impl $crate::document::ToPython for std::sync::Arc<$inner> {
            fn to_python<'py>(
                &self,
                py: pyo3::Python<'py>,
            ) -> pyo3::PyResult<pyo3::Bound<'py, pyo3::PyAny>> {
                let document = <$name as $crate::document::Document>::of(std::sync::Arc::clone(self));
                Ok(pyo3::Bound::new(py, document)?.into_any())
            }
        }

        impl $crate::document::ToPython for $inner {
            fn to_python<'py>(
                &self,
                py: pyo3::Python<'py>,
            ) -> pyo3::PyResult<pyo3::Bound<'py, pyo3::PyAny>> {
                $crate::document::ToPython::to_python(&std::sync::Arc::new(self.clone()), py)
            }
        }

        #[pyo3::pymethods]
        impl $name {
            $(
                $(#[$doc])*
                #[getter]
                fn $field<'py>(
                    &self,
                    py: pyo3::Python<'py>,
                ) -> pyo3::PyResult<pyo3::Bound<'py, pyo3::PyAny>> {
                    $crate::document::ToPython::to_python(&document!(@value self.0.$field $(, $conversion)?), py)
                }
            )*

            fn __repr__(slf: &pyo3::Bound<'_, Self>) -> pyo3::PyResult<String> {
                $crate::document::repr::<Self>(slf.as_any())
            }

            fn __eq__(&self, other: pyo3::PyRef<'_, Self>) -> bool {
                std::sync::Arc::ptr_eq(&self.0, &other.0) || *self.0 == *other.0
            }

            fn __hash__(&self) -> pyo3::PyResult<u64> {
                $crate::document::hash(self)
            }

            fn __copy__(slf: pyo3::Py<Self>) -> pyo3::Py<Self> {
                slf
            }

            fn __deepcopy__(slf: pyo3::Py<Self>, _memo: &pyo3::Bound<'_, pyo3::PyAny>) -> pyo3::Py<Self> {
                slf
            }

            fn __reduce__<'py>(
                slf: &pyo3::Bound<'py, Self>,
            ) -> pyo3::PyResult<(pyo3::Bound<'py, pyo3::PyAny>, (String,))> {
                let read = slf.get_type().getattr("from_json")?;
                Ok((read, ($crate::document::to_json(slf.get())?,)))
            }

            #[pyo3(signature = (**changes))]
            fn __replace__(
                &self,
                py: pyo3::Python<'_>,
                changes: Option<&pyo3::Bound<'_, pyo3::types::PyDict>>,
            ) -> pyo3::PyResult<Self> {
                $crate::document::replace(py, self, changes)
            }

            /// The document as Python has what JSON holds: ids and times are text.
            fn to_dict<'py>(&self, py: pyo3::Python<'py>) -> pyo3::PyResult<pyo3::Bound<'py, pyo3::PyAny>> {
                $crate::document::to_dict(py, self)
            }

            /// The document as JSON, in one line.
            fn to_json(&self) -> pyo3::PyResult<String> {
                $crate::document::to_json(self)
            }

            /// Reads what `to_json` wrote.
            ///
            /// Raises:
            ///     InvalidInputError: Where it is no such document; says where and what was expected, and repeats nothing of it.
            #[staticmethod]
            #[pyo3(signature = (json, /))]
            fn from_json(py: pyo3::Python<'_>, json: &pyo3::Bound<'_, pyo3::PyAny>) -> pyo3::PyResult<Self> {
                $crate::document::from_json(py, json)
            }

            /// Reads what `to_dict` gave.
            ///
            /// Raises:
            ///     InvalidInputError: Where it is no such document; says where and what was expected, and repeats no value of it.
            #[staticmethod]
            #[pyo3(signature = (document, /))]
            fn from_dict(document: &pyo3::Bound<'_, pyo3::PyAny>) -> pyo3::PyResult<Self> {
                let inner = $crate::read::read(stringify!($name), document)?;
                Ok(<Self as $crate::document::Document>::of(std::sync::Arc::new(inner)))
            }

            $($more)*
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $attribute:ident) => { stringify!($attribute) };
    (@value $value:expr) => { $value };
    (@value $value:expr, $conversion:path) => { $conversion(&$value) };
}
pub(crate) use document;
