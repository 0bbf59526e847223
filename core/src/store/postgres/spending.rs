//! What was spent, by scope and period. One round trip each.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;

use super::PostgresStore;
use super::connection::Param;
use super::rows::{signed64, unsigned};
use crate::error::Result;
use crate::store::Reservation;

const SPENT: &str = "SELECT tokens, nanos FROM {schema}.spending WHERE scope = $1 AND period = $2";
const GIVE_BACK: &str = "UPDATE {schema}.spending SET tokens = greatest(tokens - $3, 0), nanos = greatest(nanos - $4, 0) \
    WHERE scope = $1 AND period = $2";

impl PostgresStore {
    /// Where the connection is lost, it may be reserved twice: rather that than more than there is.
    pub(super) fn write_reservation(&self, reservation: &Reservation) -> Result<bool> {
        let Some(room) = reservation.room() else { return Ok(false) };
        let rows = self.read(
            &self.statements.reserve,
            &[
                (&reservation.scope, Type::TEXT),
                (&reservation.period, Type::TIMESTAMPTZ),
                (&signed64(room.tokens), Type::INT8),
                (&signed64(room.nanos), Type::INT8),
                (&signed64(room.before_tokens), Type::INT8),
                (&signed64(room.before_nanos), Type::INT8),
            ],
        )?;
        Ok(!rows.is_empty())
    }

    pub(super) fn give_back(
        &self,
        scope: &str,
        period: DateTime<Utc>,
        back_tokens: u64,
        back_nanos: u64,
    ) -> Result<()> {
        let text = self.statements.names().text(GIVE_BACK);
        let (back_tokens, back_nanos) = (signed64(back_tokens), signed64(back_nanos));
        let params: [Param<'_>; 4] =
            [(&scope, Type::TEXT), (&period, Type::TIMESTAMPTZ), (&back_tokens, Type::INT8), (&back_nanos, Type::INT8)];
        self.pool.run(|connection, unsure| {
            // What may have been given back is not given back a second time: somebody would spend it.
            if unsure { Ok(()) } else { connection.query(&text, &params).map(drop) }
        })
    }

    pub(super) fn read_spent(&self, scope: &str, period: DateTime<Utc>) -> Result<(u64, u64)> {
        let text = self.statements.names().text(SPENT);
        let rows = self.read(&text, &[(&scope, Type::TEXT), (&period, Type::TIMESTAMPTZ)])?;
        let Some(row) = rows.first() else { return Ok((0, 0)) };
        Ok((unsigned(row, 0)?, unsigned(row, 1)?))
    }
}
