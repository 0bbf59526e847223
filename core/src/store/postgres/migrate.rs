//! Bringing the database's schema to this library's version.

use tokio_postgres::types::Type;

use super::connection::Connection;
use super::failure::Failure;
use super::pool::Pool;
use super::rows::{get, unreadable};
use super::statements::Names;
use crate::domain::canonical::sha256;
use crate::error::{Error, ErrorKind, Result};

/// Each in a transaction, in order; numbered from 1.
const MIGRATIONS: [&str; 6] = [
    include_str!("schema/0001_tables.sql"),
    include_str!("schema/0002_step_session.sql"),
    include_str!("schema/0003_queue.sql"),
    include_str!("schema/0004_evaluations.sql"),
    include_str!("schema/0005_deliveries.sql"),
    include_str!("schema/0006_calibrations.sql"),
];

/// The version that this library works with.
pub(super) fn latest() -> u32 {
    MIGRATIONS.len() as u32
}

/// The version that the database has: 0 where there is none yet.
pub(super) fn version(connection: &mut Connection, names: &Names) -> Result<u32, Failure> {
    let text = names.text("SELECT coalesce(max(version), 0) FROM {schema}.schema_migrations");
    match connection.query(&text, &[]) {
        Ok(rows) => {
            let number: i32 = get(rows.first().ok_or_else(unreadable)?, 0)?;
            Ok(u32::try_from(number).map_err(|_| unreadable())?)
        }
        Err(Failure::Missing(_)) => Ok(0),
        Err(failed) => Err(failed),
    }
}

fn newer(version: u32) -> Error {
    let latest = latest();
    Error::new(
        ErrorKind::Unsupported,
        format!("the database's schema has version {version}, this library knows up to {latest}: use a newer library"),
    )
}

/// Applies what is missing. Any number of processes may do so at once: they take turns by a lock that ends with the transaction, so that no proxy
/// is in its way. A schema that is current is only read.
pub(super) fn migrate(pool: &Pool, names: &Names) -> Result<()> {
    let mut at = pool.run(|connection, _| version(connection, names))?;
    while at < latest() {
        at = pool.run(|connection, _| connection.transaction("BEGIN", |connection| one(connection, names)))?;
    }
    if at > latest() { Err(newer(at)) } else { Ok(()) }
}

/// Applies the next migration, unless another process has applied all of them meanwhile; returns the version after it.
fn one(connection: &mut Connection, names: &Names) -> Result<u32, Failure> {
    let digest = sha256(&[b"vivavoce schema ", names.schema().as_bytes()]);
    let lock = i64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default());
    connection.query("SELECT pg_advisory_xact_lock($1)::text", &[(&lock, Type::INT8)])?;
    let exists = "SELECT to_regnamespace($1) IS NOT NULL, to_regclass($1 || '.schema_migrations') IS NOT NULL";
    let rows = connection.query(exists, &[(&names.schema(), Type::TEXT)])?;
    let row = rows.first().ok_or_else(unreadable)?;
    let (schema, table) = (get::<bool>(row, 0)?, get::<bool>(row, 1)?);
    if !schema {
        // Not IF NOT EXISTS, which asks for the right to create even where there is nothing to create.
        connection.batch(&names.text("CREATE SCHEMA {schema}"))?;
    }
    if !table {
        connection.batch(&names.text(
            "CREATE TABLE {schema}.schema_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
        ))?;
    }
    let at = version(connection, names)?;
    let Some(migration) = MIGRATIONS.get(at as usize) else { return Ok(at) };
    connection.batch(&names.place(migration))?;
    let next = at + 1;
    let number = i32::try_from(next).unwrap_or(i32::MAX);
    let text = names.text("INSERT INTO {schema}.schema_migrations (version) VALUES ($1)");
    connection.query(&text, &[(&number, Type::INT4)])?;
    Ok(next)
}
