//! Replies that are kept.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::error::{Outcome, unreadable};
use super::read::one;
use super::rows::{signed64, unsigned};
use super::write::own_interview;
use crate::domain::canonical::Sha256Digest;
use crate::store::{KeepReply, Written};

pub(super) fn kept(connection: &Connection, key: &Sha256Digest, not_before: DateTime<Utc>) -> Outcome<Option<String>> {
    let text = "SELECT reply FROM kept_replies WHERE key = ?1 AND time >= ?2";
    one(connection, text, params![key, not_before.timestamp_micros()], |row| Ok(row.get(0)?))
}

pub(super) fn keep(connection: &Connection, write: &KeepReply) -> Outcome<Written> {
    let Some((interview, false)) = own_interview(connection, &write.tenant, write.interview_id)? else {
        return Ok(Written::Stale);
    };
    // Not OR REPLACE, which tells no trigger that a row is deleted.
    delete(connection, &write.key)?;
    let bytes = write.reply.len() as u64;
    if bytes <= write.most_bytes {
        connection
            .prepare_cached(
                "INSERT INTO kept_replies (key, interview, time, bytes, reply) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![write.key, interview, write.time.timestamp_micros(), signed64(bytes), write.reply])?;
    }
    trim(connection, write.not_before, write.most_bytes)?;
    Ok(Written::Done)
}

fn delete(connection: &Connection, key: &Sha256Digest) -> Outcome<()> {
    connection.prepare_cached("DELETE FROM kept_replies WHERE key = ?1")?.execute([key])?;
    Ok(())
}

/// Reads no more rows than it deletes, and one.
fn trim(connection: &Connection, not_before: DateTime<Utc>, most_bytes: u64) -> Outcome<()> {
    let total = one(connection, "SELECT bytes FROM kept_replies_total", [], |row| unsigned(row, 0))?;
    let mut total = total.ok_or_else(unreadable)?;
    let mut gone: Vec<Sha256Digest> = Vec::new();
    let mut oldest = connection.prepare_cached("SELECT key, time, bytes FROM kept_replies ORDER BY time, key")?;
    let mut rows = oldest.query([])?;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(1)? >= not_before.timestamp_micros() && total <= most_bytes {
            break;
        }
        gone.push(row.get(0)?);
        total = total.saturating_sub(unsigned(row, 2)?);
    }
    drop(rows);
    gone.iter().try_for_each(|key| delete(connection, key))
}
