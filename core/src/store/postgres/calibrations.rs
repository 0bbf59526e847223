//! What graders taught the built-in evaluator. One round trip each.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::PostgresStore;
use super::connection::Param;
use super::rows::{get, signed, unreadable, unsigned32};
use crate::domain::calibration_moved;
use crate::error::Result;
use crate::store::{KeptCalibration, Tenant};

const COLUMNS: &str = "tenant, name, version, created_at, document";
// The newest says the same, or a new version follows it; neither where another process has just written that version.
const KEEP: &str = "WITH newest AS (SELECT {columns} FROM {schema}.calibrations WHERE tenant = $1 AND name = $2 ORDER BY version DESC LIMIT 1), \
    added AS (INSERT INTO {schema}.calibrations ({columns}) \
        SELECT $1, $2, coalesce((SELECT version FROM newest), 0) + 1, $3, $4 WHERE NOT EXISTS (SELECT FROM newest WHERE document = $4) \
        ON CONFLICT DO NOTHING RETURNING {columns}) \
    SELECT {columns} FROM added UNION ALL SELECT {columns} FROM newest WHERE document = $4";
const IMPORT: &str = "WITH added AS (INSERT INTO {schema}.calibrations ({columns}) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT DO NOTHING RETURNING {columns}) \
    SELECT {columns} FROM added UNION ALL SELECT {columns} FROM {schema}.calibrations WHERE tenant = $1 AND name = $2 AND version = $3";
const READ: &str = "SELECT {columns} FROM {schema}.calibrations WHERE tenant = $1 AND name = $2 AND ($3 IS NULL OR version = $3) \
    ORDER BY version DESC LIMIT 1";
const LIST: &str =
    "SELECT {columns} FROM {schema}.calibrations WHERE $1 IS NULL OR tenant = $1 ORDER BY tenant, name, version";

fn with_columns(text: &str) -> String {
    text.replace("{columns}", COLUMNS)
}

fn kept(row: &Row) -> Result<KeptCalibration> {
    Ok(KeptCalibration {
        tenant: get::<&str>(row, 0)?.into(),
        name: get(row, 1)?,
        version: unsigned32(row, 2)?.ok_or_else(unreadable)?,
        created_at: get(row, 3)?,
        document: get(row, 4)?,
    })
}

impl PostgresStore {
    pub(super) fn write_calibration(&self, new: &KeptCalibration) -> Result<KeptCalibration> {
        let params: [Param<'_>; 4] = [
            (&&*new.tenant, Type::TEXT),
            (&new.name, Type::TEXT),
            (&new.created_at, Type::TIMESTAMPTZ),
            (&new.document, Type::TEXT),
        ];
        loop {
            // Where a run before has done it, the newest says the same.
            let rows = self.pool.run(|connection, _| self.small(connection, &with_columns(KEEP), &params))?;
            if let Some(row) = rows.first() {
                return kept(row);
            }
        }
    }

    pub(super) fn take_calibration(&self, given: &KeptCalibration) -> Result<()> {
        let version = signed(given.version);
        let params: [Param<'_>; 5] = [
            (&&*given.tenant, Type::TEXT),
            (&given.name, Type::TEXT),
            (&version, Type::INT4),
            (&given.created_at, Type::TIMESTAMPTZ),
            (&given.document, Type::TEXT),
        ];
        loop {
            let rows = self.pool.run(|connection, _| self.small(connection, &with_columns(IMPORT), &params))?;
            // None where another process has just written it, which the next look sees.
            match rows.first().map(kept).transpose()? {
                Some(known) if known.document == given.document => return Ok(()),
                Some(_) => return Err(calibration_moved(&given.name, given.version)),
                None => {}
            }
        }
    }

    pub(super) fn read_calibration(
        &self,
        tenant: &Tenant,
        name: &str,
        version: Option<u32>,
    ) -> Result<Option<KeptCalibration>> {
        let version = version.map(signed);
        let params: [Param<'_>; 3] = [(&&**tenant, Type::TEXT), (&name, Type::TEXT), (&version, Type::INT4)];
        let rows = self.pool.run(|connection, _| self.small(connection, &with_columns(READ), &params))?;
        rows.first().map(kept).transpose()
    }

    pub(super) fn read_calibrations(&self, tenant: Option<&Tenant>) -> Result<Vec<KeptCalibration>> {
        let tenant = tenant.map(|tenant| &**tenant);
        let rows =
            self.pool.run(|connection, _| self.small(connection, &with_columns(LIST), &[(&tenant, Type::TEXT)]))?;
        rows.iter().map(kept).collect()
    }
}
