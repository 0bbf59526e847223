//! What a failing call of SQLite means for the caller. No value ever stands in a message.

use rusqlite::ErrorCode;

use crate::error::{Error, ErrorKind};

/// An error inside this backend, so that `?` takes SQLite's errors as well as ours.
#[derive(Debug)]
pub(super) struct Failure(pub(super) Error);

pub(super) type Outcome<T> = std::result::Result<T, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self(from_sqlite(&error))
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

pub(super) fn from_sqlite(error: &rusqlite::Error) -> Error {
    let Some(code) = error.sqlite_error_code() else { return unreadable() };
    let (words, retryable) = match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            ("the database file is in use by another writer for longer than busy_timeout", true)
        }
        ErrorCode::DiskFull => ("the disk is full", true),
        ErrorCode::SystemIoFailure => ("the database file cannot be read or written", true),
        ErrorCode::FileLockingProtocolFailed => ("the database file's locks are contended", true),
        ErrorCode::OutOfMemory => ("the database has no memory left", true),
        ErrorCode::ReadOnly => ("the database file is read-only", false),
        ErrorCode::NotADatabase => ("the file is not a database", false),
        ErrorCode::DatabaseCorrupt => ("the database file is damaged", false),
        ErrorCode::CannotOpen => ("the database file cannot be opened", false),
        ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
            ("the database file may not be accessed", false)
        }
        ErrorCode::TooBig => ("a value is too large for the database", false),
        ErrorCode::ConstraintViolation if is_there_already(error) => {
            return Error::conflict("the database has this already");
        }
        _ => ("the database's tables are not those of this library, or this is a bug", false),
    };
    let number = match error {
        rusqlite::Error::SqliteFailure(failure, _) => failure.extended_code,
        rusqlite::Error::SqlInputError { error, .. } => error.extended_code,
        _ => 0,
    };
    let error = Error::new(ErrorKind::Storage, format!("{words} (SQLite {number})"));
    if retryable { error.retryable() } else { error }
}

/// Whether a row was refused because of another one.
fn is_there_already(error: &rusqlite::Error) -> bool {
    let unique = [
        rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE,
        rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
        rusqlite::ffi::SQLITE_CONSTRAINT_ROWID,
    ];
    matches!(error, rusqlite::Error::SqliteFailure(failure, _) if unique.contains(&failure.extended_code))
}

/// The same error for another caller.
pub(super) fn again(error: &Error) -> Error {
    let copy = Error::new(error.kind(), error.to_string());
    if error.is_retryable() { copy.retryable() } else { copy }
}

pub(super) fn unreadable() -> Error {
    Error::storage("the database holds a row that this library did not write")
}

pub(super) fn closed() -> Error {
    Error::invalid_state("the engine is closed")
}
