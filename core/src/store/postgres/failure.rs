//! What a failing statement means: for the connection, for what was under way, and for the caller.

use std::error::Error as _;
use std::io;

use tokio_postgres::error::{Severity, SqlState};

use crate::error::{Error, ErrorKind};

/// What is there already where it should be new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Key,
    Interview,
    Session,
    Evaluation,
    Other,
}

/// Why a statement, or a transaction, did not come to its end.
#[derive(Debug)]
pub(super) enum Failure {
    /// The connection is gone, and whether a commit was made is unknown.
    Lost(Error),
    /// All was rolled back, and the same again may succeed: a deadlock, or a server that became a standby.
    Undone {
        error: Error,
        /// Whether another connection is needed.
        elsewhere: bool,
    },
    /// All was rolled back: something is there already.
    Taken(Taken),
    /// All was rolled back: a table, or the schema, is not there.
    Missing(Error),
    /// All was rolled back, and the same again would fail again.
    Refused(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Failure {
    /// The error for a caller when nothing more is tried.
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Lost(error) | Self::Undone { error, .. } | Self::Missing(error) | Self::Refused(error) => error,
            Self::Taken(_) => Error::conflict("the database has this already"),
        }
    }
}

/// The driver's error while a connection is being made.
pub(super) fn connecting(error: &tokio_postgres::Error) -> Error {
    if let Some(code) = error.code() {
        return by_code(code);
    }
    match error.source().and_then(|cause| cause.downcast_ref::<io::Error>()) {
        Some(cause) if is_certificate(cause) => {
            Error::storage("the database server's certificate was refused: it is not by sslrootcert, or not the host's")
        }
        Some(cause) if cause.kind() == io::ErrorKind::PermissionDenied => {
            // What the driver makes of a server that is not of `target_session_attrs`.
            Error::storage("no database server of the wanted target_session_attrs").retryable()
        }
        Some(_) => unreachable_server(),
        // Words of ours from the driver: they hold no values.
        None if error.to_string().contains("TLS") => Error::storage("the database server does not offer TLS"),
        None if error.is_closed() => unreachable_server(),
        None => {
            Error::storage("the database server's answer to the connection was not understood, or asked for a password")
        }
    }
}

fn is_certificate(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}

pub(super) fn unreachable_server() -> Error {
    Error::storage("the database cannot be reached").retryable()
}

pub(super) fn lost() -> Error {
    Error::storage("the connection to the database was lost").retryable()
}

/// What the same transaction, run again, need not meet.
const RUN_AGAIN: [SqlState; 3] =
    [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE, SqlState::LOCK_NOT_AVAILABLE];

/// The driver's error for a statement. Only its code is told: the server's message may repeat values.
pub(super) fn statement(error: &tokio_postgres::Error) -> Failure {
    let Some(server) = error.as_db_error() else {
        let io = error.source().is_some_and(|cause| cause.is::<io::Error>());
        return if io || error.is_closed() {
            Failure::Lost(lost())
        } else {
            Failure::Refused(Error::internal("the database's answer was not understood"))
        };
    };
    let code = server.code();
    let ends_connection = !matches!(server.parsed_severity(), Some(Severity::Error) | None);
    let error = by_code(code);
    if ends_connection || code.code().starts_with("08") {
        // Also when the server shuts down while a commit waits for a standby, and has been made here.
        Failure::Lost(error)
    } else if *code == SqlState::UNIQUE_VIOLATION {
        Failure::Taken(match server.constraint() {
            Some("idempotency_keys_pkey") => Taken::Key,
            Some("interviews_pkey") => Taken::Interview,
            Some("sessions_id_key") => Taken::Session,
            Some("evaluations_pkey" | "evaluations_one_of_session" | "evaluations_one_successor") => Taken::Evaluation,
            _ => Taken::Other,
        })
    } else if RUN_AGAIN.contains(code) {
        Failure::Undone { error, elsewhere: false }
    } else if [SqlState::READ_ONLY_SQL_TRANSACTION, SqlState::FEATURE_NOT_SUPPORTED].contains(code) {
        // The server became a standby; or a prepared statement is older than a migration.
        Failure::Undone { error, elsewhere: true }
    } else if [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME].contains(code) {
        Failure::Missing(error)
    } else {
        Failure::Refused(error)
    }
}

/// The caller's error for a SQLSTATE.
fn by_code(code: &SqlState) -> Error {
    let code = code.code();
    let (words, retryable) = match code {
        "25006" => ("the database server takes no writes, it is a standby", true),
        "40001" | "40P01" => ("the database undid the transaction in favour of another", true),
        "42501" => ("the database user lacks a right", false),
        "3D000" => ("the database does not exist", false),
        "53100" => ("the database server's disk is full", true),
        "57014" | "55P03" => ("the database gave the statement up after its time limit", true),
        "57P03" => ("the database server is starting up or shutting down", true),
        _ => match &code[..2.min(code.len())] {
            "08" => ("the connection to the database failed", true),
            "28" => ("the database refused the user or the password", false),
            "53" => ("the database server lacks resources", true),
            "57" => ("the database server ended the connection", true),
            "42" | "3F" | "2F" | "22" => return unexpected(code),
            _ => ("the database refused the statement", false),
        },
    };
    let error = Error::storage(format!("{words} (SQLSTATE {code})"));
    if retryable { error.retryable() } else { error }
}

/// The schema is not as the migrations left it, or a statement is wrong.
fn unexpected(code: &str) -> Error {
    Error::new(
        ErrorKind::Storage,
        format!("the database's tables are not those of this library, or this is a bug (SQLSTATE {code})"),
    )
}
