//! Whole numbers. JSON knows only numbers, and to JSON Schema 3.0 is the integer 3: some clients have no other way of writing it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// A number.
///
/// # Errors
/// Where it is none, has a fraction or is out of range.
pub fn number<'de, D: Deserializer<'de>, T: TryFrom<u64>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(Whole(PhantomData))
}

/// A number, or null.
///
/// # Errors
/// As [`number`].
pub fn optional<'de, D: Deserializer<'de>, T: TryFrom<u64>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<Number<T>>::deserialize(deserializer)?.map(|number| number.0))
}

struct Number<T>(T);

impl<'de, T: TryFrom<u64>> Deserialize<'de> for Number<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        number(deserializer).map(Self)
    }
}

struct Whole<T>(PhantomData<T>);

impl<T: TryFrom<u64>> Visitor<'_> for Whole<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a whole number")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        T::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        // What is not below zero comes as the other.
        Err(E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        // Up to here, every whole number has a form of its own.
        const LARGEST: f64 = 9_007_199_254_740_992.0;
        match number.fract() == 0.0 && (0.0..=LARGEST).contains(&number) {
            true => self.visit_u64(number as u64),
            false => Err(E::invalid_value(Unexpected::Float(number), &self)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Given {
        #[serde(default, deserialize_with = "super::optional")]
        count: Option<u32>,
    }

    #[test]
    fn a_point_makes_no_fraction() {
        for (text, count) in [("3", Some(3)), ("3.0", Some(3)), ("3e0", Some(3)), ("0", Some(0)), ("null", None)] {
            let given: Given = serde_json::from_str(&format!("{{\"count\": {text}}}")).unwrap();
            assert_eq!(given.count, count, "{text}");
        }
        assert_eq!(serde_json::from_str::<Given>("{}").unwrap().count, None);
        for text in ["3.5", "-1", "-1.0", "4294967296", "4294967296.0", "1e300", "\"3\"", "true", "[]"] {
            assert!(serde_json::from_str::<Given>(&format!("{{\"count\": {text}}}")).is_err(), "{text}");
        }
    }
}
