//! Replies that are kept. One round trip each.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;

use super::PostgresStore;
use super::rows::{get, signed64};
use crate::domain::canonical::Sha256Digest;
use crate::error::Result;
use crate::store::{KeepReply, Written};

const KEPT: &str = "SELECT reply FROM {schema}.kept_replies WHERE key = $1 AND time >= $2";
const KEEP: &str = "SELECT {schema}.keep_reply($1, $2, $3, $4, $5, $6, $7)";

impl PostgresStore {
    pub(super) fn read_reply(&self, key: &Sha256Digest, not_before: DateTime<Utc>) -> Result<Option<String>> {
        let text = self.statements.names().text(KEPT);
        let rows = self.read(&text, &[(&&key[..], Type::BYTEA), (&not_before, Type::TIMESTAMPTZ)])?;
        rows.first().map(|row| get(row, 0)).transpose()
    }

    /// Run again, it does the same again.
    pub(super) fn write_reply(&self, write: &KeepReply) -> Result<Written> {
        let text = self.statements.names().text(KEEP);
        let most = signed64(write.most_bytes);
        let rows = self.read(
            &text,
            &[
                (write.interview_id.as_uuid(), Type::UUID),
                (&&*write.tenant, Type::TEXT),
                (&&write.key[..], Type::BYTEA),
                (&write.time, Type::TIMESTAMPTZ),
                (&write.reply, Type::TEXT),
                (&write.not_before, Type::TIMESTAMPTZ),
                (&most, Type::INT8),
            ],
        )?;
        let kept = rows.first().map(|row| get(row, 0)).transpose()?.unwrap_or(false);
        Ok(if kept { Written::Done } else { Written::Stale })
    }
}
