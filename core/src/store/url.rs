//! Reading the URL that names a store.

use std::path::PathBuf;
use std::time::Duration;

use super::Store;
use super::memory::MemoryStore;
use crate::error::{Error, Result};

/// How long a write to a file that another process is writing waits, when the URL does not say.
pub(crate) const DEFAULT_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Where an SQLite store lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SqlitePlace {
    File(PathBuf),
    Memory,
}

/// What an acknowledged write of an SQLite store survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// A power cut: `synchronous=FULL`.
    Full,
    /// A killed process, but not a power cut: `synchronous=NORMAL`.
    Normal,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SqliteUrl {
    pub(crate) place: SqlitePlace,
    pub(crate) durability: Durability,
    pub(crate) busy_timeout: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreUrl {
    Memory,
    Sqlite(SqliteUrl),
    /// Read further by the backend.
    Postgres(String),
}

impl StoreUrl {
    pub(crate) fn parse(url: &str) -> Result<Self> {
        if url.as_bytes().contains(&0) {
            return Err(Error::invalid_input("store URL contains a NUL character"));
        }
        match url.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("sqlite", rest)) => parse_sqlite(rest).map(Self::Sqlite),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => Ok(Self::Postgres(url.to_owned())),
            // A URL may hold a password: it is not repeated.
            _ => Err(Error::invalid_input(
                "store URL is none of memory:, sqlite:PATH, sqlite::memory:, postgres://… and postgresql://…",
            )),
        }
    }

    pub(crate) fn open(self) -> Result<Box<dyn Store>> {
        match self {
            Self::Memory => Ok(Box::new(MemoryStore::new())),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(url) => Ok(Box::new(super::sqlite::SqliteStore::open(&url)?)),
            #[cfg(not(feature = "sqlite"))]
            Self::Sqlite(_) => Err(Error::new(crate::ErrorKind::Unsupported, "this build has no SQLite store")),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => Ok(Box::new(super::postgres::PostgresStore::open(&url)?)),
            #[cfg(not(feature = "postgres"))]
            Self::Postgres(_) => Err(Error::new(crate::ErrorKind::Unsupported, "this build has no PostgreSQL store")),
        }
    }
}

/// Reads `PATH[?durability=full|normal][&busy_timeout=SECONDS]`. What stands before the first `?` is the path as it is: no
/// percent-encoding is undone, because a path is not a URL. A file whose name holds a `?` cannot be named.
fn parse_sqlite(rest: &str) -> Result<SqliteUrl> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut url = SqliteUrl {
        place: match path {
            "" => return Err(Error::invalid_input("store URL sqlite: names no file")),
            ":memory:" => SqlitePlace::Memory,
            // Elsewhere that is a relative path; here it would be a file of the root folder.
            path if path.starts_with("//") => {
                let words =
                    "store URL sqlite://…: write sqlite:PATH for a relative path, sqlite:/PATH for an absolute one";
                return Err(Error::invalid_input(words));
            }
            path => SqlitePlace::File(PathBuf::from(path)),
        },
        durability: Durability::Full,
        busy_timeout: DEFAULT_BUSY_TIMEOUT,
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("durability", "full")) => url.durability = Durability::Full,
            Some(("durability", "normal")) => url.durability = Durability::Normal,
            Some(("busy_timeout", seconds)) => {
                url.busy_timeout = seconds
                    .parse::<u32>()
                    .ok()
                    .filter(|seconds| *seconds <= 3600)
                    .map(|seconds| Duration::from_secs(seconds.into()))
                    .ok_or_else(|| Error::invalid_input("busy_timeout is not a number of seconds from 0 to 3600"))?;
            }
            Some(("durability", _)) => return Err(Error::invalid_input("durability is neither full nor normal")),
            _ => {
                return Err(Error::invalid_input(
                    "store URL has an unknown parameter: known are durability=full|normal and busy_timeout=SECONDS",
                ));
            }
        }
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use proptest::prelude::*;

    fn sqlite(path: &str) -> SqliteUrl {
        SqliteUrl {
            place: SqlitePlace::File(path.into()),
            durability: Durability::Full,
            busy_timeout: DEFAULT_BUSY_TIMEOUT,
        }
    }

    #[test]
    fn urls_name_stores() {
        let cases = [
            ("memory:", Some(StoreUrl::Memory)),
            ("sqlite://a.db", None),
            ("sqlite:///tmp/a.db", None),
            ("sqlite:a b.db", Some(StoreUrl::Sqlite(sqlite("a b.db")))),
            ("sqlite:/tmp/x%20.db", Some(StoreUrl::Sqlite(sqlite("/tmp/x%20.db")))),
            ("sqlite::memory:", Some(StoreUrl::Sqlite(SqliteUrl { place: SqlitePlace::Memory, ..sqlite("") }))),
            (
                "sqlite:x.db?durability=normal&busy_timeout=1",
                Some(StoreUrl::Sqlite(SqliteUrl {
                    durability: Durability::Normal,
                    busy_timeout: Duration::from_secs(1),
                    ..sqlite("x.db")
                })),
            ),
            ("postgres://h/db", Some(StoreUrl::Postgres("postgres://h/db".into()))),
            ("postgresql://h/db", Some(StoreUrl::Postgres("postgresql://h/db".into()))),
            ("", None),
            ("memory", None),
            ("memory:x", None),
            ("mysql://h/db", None),
            ("sqlite:", None),
            ("sqlite:x.db?durability=off", None),
            ("sqlite:x.db?cache=shared", None),
            ("sqlite:x.db?busy_timeout=-1", None),
            ("sqlite:x\0.db", None),
        ];
        for (url, expected) in cases {
            match (StoreUrl::parse(url), expected) {
                (Ok(parsed), Some(expected)) => assert_eq!(parsed, expected, "{url}"),
                (Err(error), None) => assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}"),
                (other, _) => panic!("{url}: {other:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_url_or_invalid_input(url in "(memory|sqlite|postgres|)(:|://|)\\PC{0,40}") {
            if let Err(error) = StoreUrl::parse(&url) {
                prop_assert_eq!(error.kind(), ErrorKind::InvalidInput);
            }
        }
    }
}
