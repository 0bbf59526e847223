//! The queue of evaluations that are to be judged: the rows of those that are not final.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::error::Outcome;
use super::read::one;
use super::rows::{id, text, time};
use crate::domain::EvaluationId;
use crate::store::{Job, Lease, LeaseToken, Leased};

const LEASE_NEXT: &str = "UPDATE evaluations SET status = 'running', due_at = ?2, lease = ?3, attempts = attempts + 1 \
    WHERE seq = (SELECT seq FROM evaluations INDEXED BY evaluations_due \
        WHERE status IN ('pending', 'running') AND due_at <= ?1 ORDER BY due_at, seq LIMIT 1) \
    RETURNING id, attempts, (SELECT interviews.tenant FROM interviews WHERE interviews.seq = interview)";

pub(super) fn lease_next(connection: &Connection, now: DateTime<Utc>, lease: Lease) -> Outcome<Option<Job>> {
    let values = params![now.timestamp_micros(), lease.until.timestamp_micros(), lease.token];
    one(connection, LEASE_NEXT, values, |row| {
        Ok(Job { evaluation_id: id(row, 0)?, attempts: row.get(1)?, tenant: text(row, 2)?.into() })
    })
}

pub(super) fn lease(
    connection: &Connection,
    tenant: &str,
    id: EvaluationId,
    now: DateTime<Utc>,
    lease: Lease,
) -> Outcome<Leased> {
    let text = "SELECT evaluations.seq, evaluations.due_at, evaluations.lease \
        FROM evaluations JOIN interviews ON interviews.seq = evaluations.interview \
        WHERE evaluations.id = ?1 AND interviews.tenant = ?2 AND evaluations.status IN ('pending', 'running')";
    let found = one(connection, text, params![id.as_uuid().as_bytes(), tenant], |row| {
        Ok((row.get::<_, i64>(0)?, time(row, 1)?, row.get::<_, Option<LeaseToken>>(2)?))
    })?;
    let Some((seq, due_at, holder)) = found else { return Ok(Leased::Gone) };
    let is_own = holder == Some(lease.token);
    if holder.is_some() && !is_own && due_at > now {
        return Ok(Leased::HeldUntil(due_at));
    }
    connection
        .prepare_cached(
            "UPDATE evaluations SET status = 'running', due_at = ?2, lease = ?3, attempts = attempts + ?4 WHERE seq = ?1",
        )?
        .execute(params![seq, lease.until.timestamp_micros(), lease.token, !is_own])?;
    Ok(Leased::Yours)
}

pub(super) fn renew(connection: &Connection, id: EvaluationId, lease: Lease) -> Outcome<bool> {
    let changed = connection
        .prepare_cached(
            "UPDATE evaluations SET due_at = ?3 WHERE id = ?1 AND lease = ?2 AND status IN ('pending', 'running')",
        )?
        .execute(params![id.as_uuid().as_bytes(), lease.token, lease.until.timestamp_micros()])?;
    Ok(changed == 1)
}

pub(super) fn release(
    connection: &Connection,
    id: EvaluationId,
    token: LeaseToken,
    run_at: DateTime<Utc>,
    counts: bool,
) -> Outcome<bool> {
    let changed = connection
        .prepare_cached(
            "UPDATE evaluations SET status = 'pending', due_at = ?3, lease = NULL, attempts = attempts - ?4 \
             WHERE id = ?1 AND lease = ?2 AND status IN ('pending', 'running')",
        )?
        .execute(params![id.as_uuid().as_bytes(), token, run_at.timestamp_micros(), u32::from(!counts)])?;
    Ok(changed == 1)
}

pub(super) fn next_due(connection: &Connection) -> Outcome<Option<DateTime<Utc>>> {
    let text = "SELECT due_at FROM evaluations INDEXED BY evaluations_due \
        WHERE status IN ('pending', 'running') ORDER BY due_at LIMIT 1";
    one(connection, text, [], |row| time(row, 0))
}
