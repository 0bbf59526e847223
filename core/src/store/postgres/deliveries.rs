//! Events that subscribers were not told of yet. A trigger adds them with the event. One round trip each.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::PostgresStore;
use super::connection::Param;
use super::rows::{self, get, unreadable, unsigned};
use crate::domain::{Action, Backlog, Delivery, Subscription};
use crate::error::Result;
use crate::store::{Lease, LeaseToken, Tenant};

const SUBSCRIBE: &str = "INSERT INTO {schema}.subscriptions (tenant, name, actions) VALUES ($1, $2, $3) \
    ON CONFLICT (tenant, name) DO UPDATE SET actions = excluded.actions";
// An event that was under way when its subscription was forgotten left a delivery that nobody takes: it goes with the next one.
const UNSUBSCRIBE: &str = "WITH gone AS (DELETE FROM {schema}.subscriptions WHERE tenant = $1 AND name = $2 RETURNING seq), \
    undelivered AS (DELETE FROM {schema}.deliveries WHERE subscription IN (SELECT seq FROM gone) \
        OR subscription NOT IN (SELECT seq FROM {schema}.subscriptions)) \
    SELECT seq FROM gone";
const SUBSCRIPTIONS: &str = "SELECT name, actions FROM {schema}.subscriptions WHERE tenant = $1 ORDER BY name";
const LEASE: &str = include_str!("sql/lease_delivery.sql");
const HELD: &str = "SELECT number, session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, link, \
    events.interview_id, deliveries.attempts \
    FROM {schema}.deliveries JOIN {schema}.events USING (interview_id, number) WHERE deliveries.lease = $1";
const END: &str = "DELETE FROM {schema}.deliveries WHERE lease = $1 RETURNING number";
const RELEASE: &str = "UPDATE {schema}.deliveries SET due_at = $2, lease = NULL, attempts = attempts - $3 \
    WHERE lease = $1 RETURNING number";
const BACKLOG: &str = "SELECT (SELECT count(*) FROM {schema}.evaluations WHERE status IN ('pending', 'running')), \
    (SELECT count(*) FROM {schema}.deliveries)";

impl PostgresStore {
    pub(super) fn write_subscription(&self, tenant: &Tenant, subscription: &Subscription) -> Result<()> {
        let actions: Vec<&str> = subscription.actions.iter().map(|action| action.as_str()).collect();
        let params: [Param<'_>; 3] =
            [(&&**tenant, Type::TEXT), (&subscription.name, Type::TEXT), (&actions, Type::TEXT_ARRAY)];
        self.pool.run(|connection, _| self.small(connection, SUBSCRIBE, &params)).map(drop)
    }

    pub(super) fn delete_subscription(&self, tenant: &Tenant, name: &str) -> Result<bool> {
        let params: [Param<'_>; 2] = [(&&**tenant, Type::TEXT), (&name, Type::TEXT)];
        // Where a run before has done it, it was there.
        self.pool.run(|connection, unsure| Ok(!self.small(connection, UNSUBSCRIBE, &params)?.is_empty() || unsure))
    }

    pub(super) fn read_subscriptions(&self, tenant: &Tenant) -> Result<Vec<Subscription>> {
        let rows = self.pool.run(|connection, _| self.small(connection, SUBSCRIPTIONS, &[(&&**tenant, Type::TEXT)]))?;
        rows.iter()
            .map(|row| {
                let actions = get::<Vec<&str>>(row, 1)?.into_iter().map(str::parse::<Action>).collect::<Result<_>>();
                Ok(Subscription { name: get(row, 0)?, actions: actions.map_err(|_| unreadable())? })
            })
            .collect()
    }

    pub(super) fn take_delivery(
        &self,
        tenant: &Tenant,
        name: &str,
        now: DateTime<Utc>,
        lease: Lease,
    ) -> Result<Option<Delivery>> {
        let token = &lease.token[..];
        let rows = self.pool.run(|connection, unsure| {
            if unsure {
                // A run before may have leased one.
                let held = self.small(connection, HELD, &[(&token, Type::BYTEA)])?;
                if !held.is_empty() {
                    return Ok(held);
                }
            }
            let params: [Param<'_>; 5] = [
                (&&**tenant, Type::TEXT),
                (&name, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
                (&lease.until, Type::TIMESTAMPTZ),
                (&token, Type::BYTEA),
            ];
            self.small(connection, LEASE, &params)
        })?;
        let delivery = rows.first().map(|row| {
            let event = rows::event(row)?.into_event(get::<Uuid>(row, 11)?.into(), None);
            Ok(Delivery { event, attempts: u32::try_from(get::<i32>(row, 12)?).map_err(|_| unreadable())? })
        });
        delivery.transpose()
    }

    pub(super) fn delete_delivery(&self, token: LeaseToken) -> Result<bool> {
        let params: [Param<'_>; 1] = [(&&token[..], Type::BYTEA)];
        self.pool.run(|connection, unsure| Ok(!self.small(connection, END, &params)?.is_empty() || unsure))
    }

    pub(super) fn give_delivery_back(&self, token: LeaseToken, run_at: DateTime<Utc>, counts: bool) -> Result<bool> {
        let given_back = i32::from(!counts);
        let params: [Param<'_>; 3] =
            [(&&token[..], Type::BYTEA), (&run_at, Type::TIMESTAMPTZ), (&given_back, Type::INT4)];
        self.pool.run(|connection, unsure| Ok(!self.small(connection, RELEASE, &params)?.is_empty() || unsure))
    }

    pub(super) fn read_backlog(&self) -> Result<Backlog> {
        let rows = self.pool.run(|connection, _| self.small(connection, BACKLOG, &[]))?;
        let row = rows.first().ok_or_else(unreadable)?;
        Ok(Backlog { evaluations: unsigned(row, 0)?, deliveries: unsigned(row, 1)? })
    }
}
