//! Identifiers: UUIDv7, so that they sort by the time they were made.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Error;

/// Ten random bytes, of which an id uses 62 bits.
pub(crate) type IdEntropy = [u8; 10];

/// Builds a UUIDv7 whose order is that of `time` to the microsecond (RFC 9562, section 6.2, method 3): the twelve bits
/// after the version hold the fraction of the millisecond.
fn uuid_v7(time: DateTime<Utc>, entropy: IdEntropy) -> Uuid {
    let micros = u64::try_from(time.timestamp_micros()).unwrap_or(0);
    let mut bytes = entropy;
    let fraction = ((micros % 1_000) * 4096 / 1_000) as u16;
    bytes[..2].copy_from_slice(&fraction.to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(micros / 1_000, &bytes).into_uuid()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id as a UUID.
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }

            #[allow(dead_code, reason = "every id type offers the same constructors")]
            pub(crate) fn new(time: DateTime<Utc>, entropy: IdEntropy) -> Self {
                Self(uuid_v7(time, entropy))
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            /// Parses the hyphenated or the simple form, in either case.
            fn from_str(text: &str) -> Result<Self, Error> {
                Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| Error::invalid_input(concat!($what, " is not a UUID")))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self.0.as_hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }
    };
}

id!(
    /// Names an interview.
    InterviewId,
    "interview id"
);
id!(
    /// Names a session.
    SessionId,
    "session id"
);
id!(
    /// Names a message.
    MessageId,
    "message id"
);
id!(
    /// Names an evaluation.
    EvaluationId,
    "evaluation id"
);

impl InterviewId {
    /// The smallest id that an interview created at `time` can have: the bound for a range of ids by time.
    pub(crate) fn lower_bound(time: DateTime<Utc>) -> Self {
        Self(uuid_v7(time, [0; 10]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(micros: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(micros).unwrap()
    }

    proptest! {
        #[test]
        fn ids_sort_by_their_microsecond(a in 0_i64..1 << 47, b in 0_i64..1 << 47, ea: [u8; 10], eb: [u8; 10]) {
            let (x, y) = (InterviewId::new(at(a), ea), InterviewId::new(at(b), eb));
            if a != b {
                prop_assert_eq!(a < b, x < y);
            }
            prop_assert!(InterviewId::lower_bound(at(a)) <= x);
            prop_assert_eq!(x.as_uuid().get_version_num(), 7);
        }

        #[test]
        fn any_text_parses_to_an_id_or_to_invalid_input(text in "\\PC{0,60}") {
            match text.parse::<SessionId>() {
                Ok(id) => prop_assert_eq!(id.to_string().parse::<SessionId>().unwrap(), id),
                Err(error) => prop_assert_eq!(error.kind(), crate::ErrorKind::InvalidInput),
            }
        }
    }
}
