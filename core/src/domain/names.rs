//! Enums whose values have names in documents, tables and URLs.

/// Writes an enum as `as_str` names it, and reads it by the names of `ALL`.
macro_rules! named {
    ($type:ty, $what:literal) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::error::Error;

            fn from_str(text: &str) -> crate::error::Result<Self> {
                Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or_else(|| {
                    let known = Self::ALL.map(Self::as_str).join(", ");
                    crate::error::Error::invalid_input(format!("unknown {}: known are {known}", $what))
                })
            }
        }
    };
}

pub(super) use named;
