//! Events that subscribers were not told of yet. A trigger adds them with the event.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::error::{Outcome, unreadable};
use super::read::{all, one};
use super::rows::{self, LOG, parse, text, unsigned};
use crate::domain::{Action, Backlog, Delivery, InterviewId, Subscription};
use crate::store::{Lease, LeaseToken};

const NEXT: &str = "SELECT deliveries.event, deliveries.subscription \
    FROM deliveries JOIN subscriptions ON subscriptions.seq = deliveries.subscription \
    WHERE subscriptions.tenant = ?1 AND subscriptions.name = ?2 AND deliveries.due_at <= ?3 \
    ORDER BY deliveries.due_at, deliveries.event LIMIT 1";

pub(super) fn subscribe(connection: &Connection, tenant: &str, subscription: &Subscription) -> Outcome<()> {
    let actions: String = subscription.actions.iter().map(|action| format!(" {action}")).collect();
    connection
        .prepare_cached(
            "INSERT INTO subscriptions (tenant, name, actions) VALUES (?1, ?2, ?3) \
             ON CONFLICT (tenant, name) DO UPDATE SET actions = excluded.actions",
        )?
        .execute([tenant, &subscription.name, &format!("{actions} ")])?;
    Ok(())
}

pub(super) fn unsubscribe(connection: &Connection, tenant: &str, name: &str) -> Outcome<bool> {
    let text = "SELECT seq FROM subscriptions WHERE tenant = ?1 AND name = ?2";
    let Some(seq) = one(connection, text, [tenant, name], |row| Ok(row.get::<_, i64>(0)?))? else { return Ok(false) };
    for text in ["DELETE FROM deliveries WHERE subscription = ?1", "DELETE FROM subscriptions WHERE seq = ?1"] {
        connection.prepare_cached(text)?.execute([seq])?;
    }
    Ok(true)
}

pub(super) fn subscriptions(connection: &Connection, tenant: &str) -> Outcome<Vec<Subscription>> {
    let list = "SELECT name, actions FROM subscriptions WHERE tenant = ?1 ORDER BY name";
    all(connection, list, [tenant], |row| {
        let actions = text(row, 1)?.split_whitespace().map(str::parse::<Action>).collect::<Result<_, _>>();
        Ok(Subscription { name: text(row, 0)?.to_owned(), actions: actions.map_err(|_| unreadable())? })
    })
}

pub(super) fn is_due(connection: &Connection, tenant: &str, name: &str, now: DateTime<Utc>) -> Outcome<bool> {
    Ok(one(connection, NEXT, params![tenant, name, now.timestamp_micros()], |_| Ok(()))?.is_some())
}

pub(super) fn lease(
    connection: &Connection,
    tenant: &str,
    name: &str,
    now: DateTime<Utc>,
    lease: Lease,
) -> Outcome<Option<Delivery>> {
    let next = one(connection, NEXT, params![tenant, name, now.timestamp_micros()], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    })?;
    let Some((key, subscription)) = next else { return Ok(None) };
    let leased = "UPDATE deliveries SET due_at = ?3, lease = ?4, attempts = attempts + 1 \
        WHERE event = ?1 AND subscription = ?2 RETURNING attempts";
    let values = params![key, subscription, lease.until.timestamp_micros(), lease.token];
    let attempts = one(connection, leased, values, |row| Ok(row.get::<_, u32>(0)?))?.ok_or_else(unreadable)?;
    let interview = "SELECT id FROM interviews WHERE seq = ?1 >> 20";
    let interview: InterviewId = one(connection, interview, [key], |row| parse(row, 0))?.ok_or_else(unreadable)?;
    let event = one(connection, LOG, [key - 1, key], |row| Ok(rows::event(row)?.0))?.ok_or_else(unreadable)?;
    Ok(Some(Delivery { event: event.into_event(interview, None), attempts }))
}

pub(super) fn end(connection: &Connection, token: LeaseToken) -> Outcome<bool> {
    Ok(connection.prepare_cached("DELETE FROM deliveries WHERE lease = ?1")?.execute([token])? == 1)
}

pub(super) fn release(
    connection: &Connection,
    token: LeaseToken,
    run_at: DateTime<Utc>,
    counts: bool,
) -> Outcome<bool> {
    let changed = connection
        .prepare_cached("UPDATE deliveries SET due_at = ?2, lease = NULL, attempts = attempts - ?3 WHERE lease = ?1")?
        .execute(params![token, run_at.timestamp_micros(), u32::from(!counts)])?;
    Ok(changed == 1)
}

pub(super) fn backlog(connection: &Connection) -> Outcome<Backlog> {
    let counts = "SELECT (SELECT count(*) FROM evaluations INDEXED BY evaluations_due \
        WHERE status IN ('pending', 'running')), (SELECT count(*) FROM deliveries)";
    let backlog = one(connection, counts, [], |row| {
        Ok(Backlog { evaluations: unsigned(row, 0)?, deliveries: unsigned(row, 1)? })
    })?;
    Ok(backlog.ok_or_else(unreadable)?)
}
