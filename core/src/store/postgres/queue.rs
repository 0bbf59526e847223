//! The queue of evaluations that are to be judged: the rows of those that are not final. One round trip each.

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::PostgresStore;
use super::connection::{Connection, Param};
use super::failure::Failure;
use super::rows::{get, unreadable};
use crate::domain::EvaluationId;
use crate::error::Result;
use crate::store::{Job, Lease, LeaseToken, Leased, Tenant};

const HELD: &str =
    "SELECT tenant, id, attempts FROM {schema}.evaluations WHERE lease = $1 AND status IN ('pending', 'running')";
const RENEW: &str = "UPDATE {schema}.evaluations SET due_at = $3 \
    WHERE id = $1 AND lease = $2 AND status IN ('pending', 'running') RETURNING id";
const RELEASE: &str = "UPDATE {schema}.evaluations SET status = 'pending', due_at = $3, lease = NULL, \
    attempts = attempts - $4 \
    WHERE id = $1 AND lease = $2 AND status IN ('pending', 'running') RETURNING id";
const RELEASED: &str =
    "SELECT id FROM {schema}.evaluations WHERE id = $1 AND status = 'pending' AND due_at = $2 AND lease IS NULL";
const NEXT_DUE: &str =
    "SELECT due_at FROM {schema}.evaluations WHERE status IN ('pending', 'running') ORDER BY due_at, seq LIMIT 1";

impl PostgresStore {
    pub(super) fn small(
        &self,
        connection: &mut Connection,
        text: &str,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, Failure> {
        connection.query(&self.statements.names().text(text), params)
    }

    pub(super) fn take_next(&self, now: DateTime<Utc>, lease: Lease) -> Result<Option<Job>> {
        let token = &lease.token[..];
        let rows = self.pool.run(|connection, unsure| {
            if unsure {
                // A run before may have leased one, which nobody else would take for as long as the lease is.
                let held = self.small(connection, HELD, &[(&token, Type::BYTEA)])?;
                if !held.is_empty() {
                    return Ok(held);
                }
            }
            connection.query(
                &self.statements.lease_next,
                &[(&now, Type::TIMESTAMPTZ), (&lease.until, Type::TIMESTAMPTZ), (&token, Type::BYTEA)],
            )
        })?;
        rows.first().map(job).transpose()
    }

    pub(super) fn take_evaluation(
        &self,
        tenant: &Tenant,
        id: EvaluationId,
        now: DateTime<Utc>,
        lease: Lease,
    ) -> Result<Leased> {
        let rows = self.read(
            &self.statements.lease_evaluation,
            &[
                (id.as_uuid(), Type::UUID),
                (&&**tenant, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
                (&lease.until, Type::TIMESTAMPTZ),
                (&&lease.token[..], Type::BYTEA),
            ],
        )?;
        let Some(row) = rows.first() else { return Ok(Leased::Gone) };
        Ok(get::<Option<DateTime<Utc>>>(row, 0)?.map_or(Leased::Yours, Leased::HeldUntil))
    }

    pub(super) fn renew(&self, id: EvaluationId, lease: Lease) -> Result<bool> {
        let params: [Param<'_>; 3] =
            [(id.as_uuid(), Type::UUID), (&&lease.token[..], Type::BYTEA), (&lease.until, Type::TIMESTAMPTZ)];
        let renewed = self.pool.run(|connection, _| self.small(connection, RENEW, &params))?;
        Ok(!renewed.is_empty())
    }

    pub(super) fn release(
        &self,
        id: EvaluationId,
        token: LeaseToken,
        run_at: DateTime<Utc>,
        counts: bool,
    ) -> Result<bool> {
        let id: Param<'_> = (id.as_uuid(), Type::UUID);
        let run_at: Param<'_> = (&run_at, Type::TIMESTAMPTZ);
        let given_back = i32::from(!counts);
        let released = self.pool.run(|connection, unsure| {
            let params = [id.clone(), (&&token[..], Type::BYTEA), run_at.clone(), (&given_back, Type::INT4)];
            let released = self.small(connection, RELEASE, &params)?;
            if released.is_empty() && unsure {
                return self.small(connection, RELEASED, &[id.clone(), run_at.clone()]);
            }
            Ok(released)
        })?;
        Ok(!released.is_empty())
    }

    pub(super) fn read_next_due(&self) -> Result<Option<DateTime<Utc>>> {
        let rows = self.pool.run(|connection, _| self.small(connection, NEXT_DUE, &[]))?;
        rows.first().map(|row| get(row, 0)).transpose()
    }
}

fn job(row: &Row) -> Result<Job> {
    Ok(Job {
        tenant: get::<&str>(row, 0)?.into(),
        evaluation_id: get::<Uuid>(row, 1)?.into(),
        attempts: u32::try_from(get::<i32>(row, 2)?).map_err(|_| unreadable())?,
    })
}
