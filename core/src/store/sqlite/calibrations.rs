//! What graders taught the built-in evaluator.

use rusqlite::{Connection, Row, params};

use super::error::Outcome;
use super::read::{all, one};
use super::rows::{read_time, text, written_time};
use crate::domain::calibration_moved;
use crate::store::{KeptCalibration, Tenant};

const COLUMNS: &str = "SELECT tenant, name, version, created_at, document FROM calibrations";

fn kept(row: &Row<'_>) -> Outcome<KeptCalibration> {
    Ok(KeptCalibration {
        tenant: text(row, 0)?.into(),
        name: row.get(1)?,
        version: row.get(2)?,
        created_at: read_time(text(row, 3)?)?,
        document: row.get(4)?,
    })
}

/// Keeps a calibration as the next version of its name, unless the newest says the same.
pub(super) fn keep(connection: &Connection, new: KeptCalibration) -> Outcome<KeptCalibration> {
    let newest = read(connection, &new.tenant, &new.name, None)?;
    let version = match newest {
        Some(newest) if newest.document == new.document => return Ok(newest),
        newest => newest.map_or(0, |newest| newest.version) + 1,
    };
    insert(connection, &KeptCalibration { version, ..new.clone() })?;
    Ok(KeptCalibration { version, ..new })
}

fn insert(connection: &Connection, kept: &KeptCalibration) -> Outcome<()> {
    connection
        .prepare_cached(
            "INSERT INTO calibrations (tenant, name, version, created_at, document) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![&*kept.tenant, kept.name, kept.version, written_time(kept.created_at), kept.document])?;
    Ok(())
}

/// Takes a version in from another store.
pub(super) fn import(connection: &Connection, given: &KeptCalibration) -> Outcome<()> {
    match read(connection, &given.tenant, &given.name, Some(given.version))? {
        None => insert(connection, given),
        Some(known) if known.document == given.document => Ok(()),
        Some(_) => Err(calibration_moved(&given.name, given.version).into()),
    }
}

pub(super) fn read(
    connection: &Connection,
    tenant: &Tenant,
    name: &str,
    version: Option<u32>,
) -> Outcome<Option<KeptCalibration>> {
    let text = format!(
        "{COLUMNS} WHERE tenant = ?1 AND name = ?2 AND (?3 IS NULL OR version = ?3) ORDER BY version DESC LIMIT 1"
    );
    one(connection, &text, params![&**tenant, name, version], kept)
}

pub(super) fn list(connection: &Connection, tenant: Option<&Tenant>) -> Outcome<Vec<KeptCalibration>> {
    let text = format!("{COLUMNS} WHERE ?1 IS NULL OR tenant = ?1 ORDER BY tenant, name, version");
    all(connection, &text, params![tenant.map(|tenant| &**tenant)], kept)
}
