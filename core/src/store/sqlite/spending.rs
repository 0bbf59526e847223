//! What was spent, by scope and period.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::error::Outcome;
use super::read::one;
use super::rows::{signed64, unsigned};
use crate::store::Reservation;

const RESERVE: &str = "INSERT INTO spending (scope, period, tokens, nanos) VALUES (?1, ?2, ?3, ?4) \
    ON CONFLICT (scope, period) DO UPDATE SET tokens = tokens + excluded.tokens, nanos = nanos + excluded.nanos \
    WHERE tokens <= ?5 AND nanos <= ?6";
const FORGET: &str = "DELETE FROM spending WHERE scope = ?1 \
    AND period < (SELECT max(before.period) FROM spending AS before WHERE before.scope = ?1 AND before.period < ?2)";

pub(super) fn reserve(connection: &Connection, reservation: &Reservation) -> Outcome<bool> {
    let Some(room) = reservation.room() else { return Ok(false) };
    let period = reservation.period.timestamp_micros();
    let reserved = connection.prepare_cached(RESERVE)?.execute(params![
        reservation.scope,
        period,
        signed64(room.tokens),
        signed64(room.nanos),
        signed64(room.before_tokens),
        signed64(room.before_nanos),
    ])?;
    connection.prepare_cached(FORGET)?.execute(params![reservation.scope, period])?;
    Ok(reserved == 1)
}

pub(super) fn settle(
    connection: &Connection,
    scope: &str,
    period: DateTime<Utc>,
    back_tokens: u64,
    back_nanos: u64,
) -> Outcome<()> {
    connection
        .prepare_cached(
            "UPDATE spending SET tokens = max(tokens - ?3, 0), nanos = max(nanos - ?4, 0) WHERE scope = ?1 AND period = ?2",
        )?
        .execute(params![scope, period.timestamp_micros(), signed64(back_tokens), signed64(back_nanos)])?;
    Ok(())
}

pub(super) fn spent(connection: &Connection, scope: &str, period: DateTime<Utc>) -> Outcome<(u64, u64)> {
    let text = "SELECT tokens, nanos FROM spending WHERE scope = ?1 AND period = ?2";
    let spent = one(connection, text, params![scope, period.timestamp_micros()], |row| {
        Ok((unsigned(row, 0)?, unsigned(row, 1)?))
    })?;
    Ok(spent.unwrap_or_default())
}
