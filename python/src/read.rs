//! Documents that Python gives: dicts, our own classes, dataclasses, pydantic's models. An error says where something is wrong and what was expected there, and repeats nothing of the document.

use std::fmt;

use pyo3::prelude::*;
use pyo3::types::{
    IntoPyDict, PyBool, PyBytes, PyDate, PyDateTime, PyDelta, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString,
    PyTuple, PyType,
};
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use vivavoce::ErrorKind;

use crate::classes::is_field;
use crate::error::raise;

/// How deep documents nest: no document of ours does more, and one that holds itself has no end.
const DEEPEST: u32 = 32;

/// Reads a document; `what` names it in messages.
pub(crate) fn read<T: DeserializeOwned>(what: &str, given: &Bound<'_, PyAny>) -> PyResult<T> {
    T::deserialize(Reader { given: given.clone(), deep: 0 }).map_err(|failure| failure.of(what, given.py()))
}

/// Reads several things; nothing given is none of them.
pub(crate) fn several<T: DeserializeOwned>(what: &str, given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<T>> {
    given.map_or(Ok(Vec::new()), |given| read(what, given))
}

/// Why a document cannot be read.
#[derive(Debug)]
enum Failure {
    /// At this place, from the innermost to the outermost.
    Wrong { place: Vec<String>, why: String },
    /// Python's own.
    Raised(PyErr),
}

impl Failure {
    fn of(self, what: &str, py: Python<'_>) -> PyErr {
        match self {
            Self::Raised(error) => error,
            Self::Wrong { mut place, why } => {
                place.push(what.to_owned());
                place.reverse();
                let at = place.concat();
                raise(py, &vivavoce::Error::new(ErrorKind::InvalidInput, format!("{at}: {why}")))
            }
        }
    }

    fn at(mut self, step: impl FnOnce() -> String) -> Self {
        if let Self::Wrong { place, .. } = &mut self {
            place.push(step());
        }
        self
    }

    fn expected(what: &dyn Expected) -> Self {
        // What Rust calls its types says nothing to a user of Python.
        let what = what.to_string();
        let words = match what.as_str() {
            "f64" => "a number",
            "u32" | "u64" => "a whole number, not negative",
            "a boolean" => "True or False",
            what if what.starts_with("struct ") => "an object with its fields",
            what => what,
        };
        de::Error::custom(format_args!("expected {words}"))
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong { why, .. } => f.write_str(why),
            Self::Raised(_) => f.write_str("Python raised an exception"),
        }
    }
}

impl std::error::Error for Failure {}

impl de::Error for Failure {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self::Wrong { place: Vec::new(), why: why.to_string() }
    }

    // What is there is not said: only what should be.
    fn invalid_type(_found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(expected)
    }

    fn invalid_value(_found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(expected)
    }

    fn invalid_length(_found: usize, expected: &dyn Expected) -> Self {
        Self::expected(expected)
    }

    fn unknown_variant(_found: &str, known: &'static [&'static str]) -> Self {
        Self::custom(format_args!("expected one of {}", known.join(", ")))
    }

    fn unknown_field(found: &str, known: &'static [&'static str]) -> Self {
        // A name is the program's; what could be anything else is not said.
        let is_name = found.len() <= 40 && found.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let field = if is_name { format!("`{found}`") } else { "one".to_owned() };
        Self::custom(format_args!("no field {field} is known: expected one of {}", known.join(", ")))
    }
}

type Result<T> = std::result::Result<T, Failure>;

/// One value of the document.
struct Reader<'py> {
    given: Bound<'py, PyAny>,
    deep: u32,
}

impl<'py> Reader<'py> {
    fn inner(&self, given: Bound<'py, PyAny>) -> Self {
        Self { given, deep: self.deep + 1 }
    }

    /// The value as a mapping, where it is one or has one for its other form.
    fn fields(&self) -> Result<Option<Bound<'py, PyMapping>>> {
        let (given, py) = (&self.given, self.given.py());
        if let Ok(mapping) = given.cast::<PyMapping>() {
            return Ok(Some(mapping.clone()));
        }
        if given.is_instance_of::<PyType>() {
            return Ok(None);
        }
        // Ours, pydantic's, and those of dataclasses.
        if let Some(form) = given.getattr_opt(pyo3::intern!(py, "to_dict"))? {
            return Ok(form.call0()?.cast_into().ok());
        }
        if let Some(form) = given.getattr_opt(pyo3::intern!(py, "model_dump"))? {
            let options = [("exclude_none", true)].into_py_dict(py)?;
            return Ok(form.call((), Some(&options))?.cast_into().ok());
        }
        let Some(fields) = given.getattr_opt(pyo3::intern!(py, "__dataclass_fields__"))? else { return Ok(None) };
        let dict = PyDict::new(py);
        for name in fields.try_iter()? {
            let name = name?;
            let value = given.getattr(name.cast::<PyString>().map_err(PyErr::from)?)?;
            // What a dataclass has to have, and a document may leave out.
            if !value.is_none() {
                dict.set_item(name, value)?;
            }
        }
        Ok(dict.into_any().cast_into().ok())
    }

    fn items(&self) -> Result<Option<Vec<Bound<'py, PyAny>>>> {
        let given = &self.given;
        let is_list = given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>();
        let is_other = || given.hasattr("__iter__").unwrap_or(false) && !given.is_instance_of::<PyBytes>();
        if is_list || is_other() {
            return Ok(Some(given.try_iter()?.collect::<PyResult<_>>()?));
        }
        Ok(None)
    }

    fn map<'de, V: Visitor<'de>>(self, visitor: V, known: Option<&'static [&'static str]>) -> Result<V::Value> {
        let Some(fields) = self.fields()? else {
            return Err(match self.given.is_instance_of::<PyString>() {
                true => return self.deserialize_any(visitor),
                false => Failure::expected(&visitor),
            });
        };
        let entries = fields.items()?.into_iter();
        visitor.visit_map(Fields { entries, value: None, known, of: self })
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let given = &self.given;
        if self.deep > DEEPEST {
            return Err(de::Error::custom("the document nests too deep"));
        }
        if given.is_none() {
            return visitor.visit_unit();
        }
        if let Ok(text) = given.cast::<PyString>() {
            return match text.to_str() {
                Ok(text) => visitor.visit_str(text),
                Err(_) => Err(Failure::expected(&"Unicode text, without half of a surrogate pair")),
            };
        }
        if given.is_instance_of::<PyBool>() {
            return visitor.visit_bool(given.extract()?);
        }
        if given.is_instance_of::<PyInt>() {
            return match given.extract::<u64>() {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => match given.extract::<i64>() {
                    Ok(number) => visitor.visit_i64(number),
                    Err(_) => Err(Failure::expected(&visitor)),
                },
            };
        }
        if given.is_instance_of::<PyFloat>() {
            return visitor.visit_f64(given.extract()?);
        }
        if given.is_instance_of::<PyDelta>() {
            let number = crate::values::as_field(given, "")?;
            return Reader { given: number, deep: self.deep }.deserialize_any(visitor);
        }
        if given.is_instance_of::<PyDateTime>() {
            let time: chrono::DateTime<chrono::FixedOffset> =
                given.extract().map_err(|_| Failure::expected(&"a datetime with a time zone"))?;
            return visitor.visit_string(time.to_rfc3339());
        }
        if given.is_instance_of::<PyDate>() {
            return visitor.visit_string(given.str()?.to_str()?.to_owned());
        }
        let class = given.get_type();
        if class.name()? == "UUID" {
            return visitor.visit_string(given.str()?.to_str()?.to_owned());
        }
        if let Some(fields) = self.fields()? {
            let entries = fields.items()?.into_iter();
            return visitor.visit_map(Fields { entries, value: None, known: None, of: self });
        }
        if let Some(items) = self.items()? {
            return visitor.visit_seq(Items { items: items.into_iter(), place: 0, of: self });
        }
        // An enumeration's member stands for its value; NumPy's numbers for themselves.
        if let Some(value) = given.getattr_opt("value")? {
            return self.inner(value).deserialize_any(visitor);
        }
        if let Ok(number) = given.extract::<f64>() {
            return visitor.visit_f64(number);
        }
        Err(Failure::expected(&visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.given.is_none() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        // By name only: a sequence in its place is a mistake.
        self.map(visitor, Some(fields))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.map(visitor, None)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let given = match self.given.getattr_opt("value")? {
            Some(value) if !self.given.is_instance_of::<PyString>() => value,
            _ => self.given,
        };
        match given.cast::<PyString>() {
            Ok(name) => visitor.visit_enum(Name(name)),
            Err(_) => Err(Failure::expected(&"a name")),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct identifier ignored_any
    }
}

/// A mapping's entries.
struct Fields<'py, I> {
    entries: I,
    value: Option<(String, Bound<'py, PyAny>)>,
    known: Option<&'static [&'static str]>,
    of: Reader<'py>,
}

impl<'de, 'py, I: Iterator<Item = Bound<'py, PyAny>>> MapAccess<'de> for Fields<'py, I> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let (name, value) = loop {
            let Some(entry) = self.entries.next() else { return Ok(None) };
            let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = entry.extract()?;
            // What is None is as good as absent.
            if !value.is_none() {
                break (name, value);
            }
        };
        let text = name.cast::<PyString>().ok().and_then(|name| name.to_str().ok());
        let name = text.ok_or_else(|| Failure::expected(&"names of fields"))?.to_owned();
        let key = seed.deserialize(StrDeserializer::<Failure>::new(&name))?;
        self.value = Some((name, value));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let Some((name, value)) = self.value.take() else { return Err(de::Error::custom("a value before its name")) };
        seed.deserialize(self.of.inner(value)).map_err(|failure| {
            // Only names that are ours are said.
            let known = self.known.map_or_else(|| is_field(&name), |known| known.contains(&name.as_str()));
            failure.at(|| if known { format!(".{name}") } else { "[…]".to_owned() })
        })
    }
}

/// A sequence's items.
struct Items<'py> {
    items: std::vec::IntoIter<Bound<'py, PyAny>>,
    place: usize,
    of: Reader<'py>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let place = self.place;
        self.place += 1;
        seed.deserialize(self.of.inner(item)).map(Some).map_err(|failure| failure.at(|| format!("[{place}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// One of an enumeration's names.
struct Name<'a, 'py>(&'a Bound<'py, PyString>);

impl<'de> EnumAccess<'de> for Name<'_, '_> {
    type Error = Failure;
    type Variant = NoMore;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, NoMore)> {
        let name = self.0.to_str().map_err(|_| Failure::expected(&"a name"))?;
        let name = seed.deserialize(StrDeserializer::<Failure>::new(name))?;
        Ok((name, NoMore))
    }
}

/// A name has nothing with it.
struct NoMore;

impl<'de> VariantAccess<'de> for NoMore {
    type Error = Failure;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _seed: T) -> Result<T::Value> {
        Err(Failure::expected(&"a name"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        Err(Failure::expected(&visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        Err(Failure::expected(&visitor))
    }
}

/// The names of an enumeration of the library, as Python's `Literal`s have them.
pub(crate) fn name<T: std::str::FromStr<Err = vivavoce::Error>>(py: Python<'_>, given: &str) -> PyResult<T> {
    given.parse().map_err(|error| raise(py, &error))
}
