//! The languages an interview can be held in.

use serde::{Deserialize, Serialize};

use super::names::named;

/// A language the library speaks; one message catalogue each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    En,
    /// Traditional Chinese as written in Taiwan.
    #[serde(rename = "zh-TW")]
    ZhTw,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhTw];

    /// The BCP 47 tag: `en`, `zh-TW`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhTw => "zh-TW",
        }
    }

    /// Its name as a language model is told it.
    pub(crate) const fn in_english(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhTw => "Traditional Chinese as written in Taiwan (繁體中文)",
        }
    }
}

named!(Language, "language");
