//! Opening a file: its pragmas, and its schema brought to this library's version.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Instant;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::{Failure, Outcome, from_sqlite, is_busy};
use super::tune;
use crate::error::{Error, ErrorKind, Result};
use crate::store::url::{Durability, SqlitePlace, SqliteUrl};

/// "Viva": by which the file is known for one of this library's.
const APPLICATION: i32 = 0x5669_7661;

/// Each in a transaction with the ones before it; numbered from 1.
const MIGRATIONS: [&str; 5] = [
    include_str!("schema/0001_tables.sql"),
    include_str!("schema/0002_queue.sql"),
    include_str!("schema/0003_evaluations.sql"),
    include_str!("schema/0004_deliveries.sql"),
    include_str!("schema/0005_calibrations.sql"),
];

fn latest() -> u32 {
    MIGRATIONS.len() as u32
}

fn number<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> rusqlite::Result<T> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

pub(super) fn version(connection: &Connection) -> Outcome<u32> {
    let version: i64 = number(connection, "user_version")?;
    Ok(u32::try_from(version).map_err(|_| foreign())?)
}

fn foreign() -> Error {
    Error::storage("the file is a database of another program")
}

/// What may be tried again for as long as other processes begin as well.
enum Attempt {
    Sqlite(rusqlite::Error),
    Refused(Error),
}

impl From<rusqlite::Error> for Attempt {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Makes the file, where there is none, so that nobody else may read what candidates say; SQLite gives its other files the same permissions. What it fails at, opening fails at, and says.
fn own(path: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(path);
}

/// The writer's connection.
pub(super) fn open(url: &SqliteUrl) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match &url.place {
        SqlitePlace::Memory => Connection::open_in_memory_with_flags(flags),
        SqlitePlace::File(path) => {
            own(path);
            Connection::open_with_flags(path, flags)
        }
    };
    let connection = connection.map_err(|error| from_sqlite(&error))?;
    tune(&connection, url.busy_timeout)?;
    let deadline = Instant::now() + url.busy_timeout;
    loop {
        match prepare(&connection, url) {
            Ok(()) => return Ok(connection),
            // Changing the journal does not wait by itself.
            Err(Attempt::Sqlite(error)) if is_busy(&error) && Instant::now() < deadline => {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            Err(Attempt::Sqlite(error)) => return Err(from_sqlite(&error)),
            Err(Attempt::Refused(error)) => return Err(error),
        }
    }
}

fn prepare(connection: &Connection, url: &SqliteUrl) -> std::result::Result<(), Attempt> {
    if connection.is_readonly("main")? {
        return Err(Attempt::Refused(Error::storage("the database file is read-only")));
    }
    connection.pragma_update(None, "foreign_keys", true)?;
    // Not `pragma_update`: this one answers with a row.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    // One snapshot: another process may make the tables between two looks.
    let reading = rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
    let at = check(&reading)?;
    drop(reading);
    if matches!(url.place, SqlitePlace::File(_)) {
        let mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(Attempt::Refused(Error::storage("the database file's system does not allow write-ahead logs")));
        }
    }
    let synchronous = match url.durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    if at == latest() {
        return Ok(());
    }
    let transaction = rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let at = check(&transaction)?;
    for migration in MIGRATIONS.iter().skip(at as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", latest())?;
    transaction.commit()?;
    Ok(())
}

/// The schema's version; refuses what is not this library's, or is newer.
fn check(connection: &Connection) -> std::result::Result<u32, Attempt> {
    let application: i32 = number(connection, "application_id")?;
    let version: i64 = number(connection, "user_version")?;
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let refused = |error: Error| Err(Attempt::Refused(error));
    match u32::try_from(version) {
        Ok(0) if application == 0 && objects == 0 => Ok(0),
        Ok(version) if application == APPLICATION && version > latest() => {
            let latest = latest();
            refused(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "the database's schema has version {version}, this library knows up to {latest}: use a newer library"
                ),
            ))
        }
        Ok(version) if application == APPLICATION && version > 0 => Ok(version),
        _ => refused(foreign()),
    }
}

/// What every connection has.
pub(super) fn harden(connection: &Connection) -> Outcome<()> {
    // Stable plans: a statement is never prepared again for its values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(Failure::from)?;
    // What is sorted never reaches a file.
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(Failure::from)
}
