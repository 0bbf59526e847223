//! Moving everything between stores.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::PostgresStore;
use super::connection::{Connection, Param};
use super::failure::Failure;
use super::rows::{
    self, EvaluationRow, EventColumns, INTERVIEW, InterviewRow, MessageColumns, get, key_columns, key_record, signed64,
    unreadable,
};
use crate::audit::origin;
use crate::domain::{InterviewId, Session};
use crate::error::{Error, Result};
use crate::store::{Bundle, EvaluationWrite, Standing};

const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The statements of a page, each but the first of the interviews `$1`.
const MESSAGES: &str = "SELECT messages.number, messages.id, messages.kind, messages.question, messages.content, \
    messages.created_at, messages.origin, sessions.id FROM {schema}.messages JOIN {schema}.sessions ON sessions.seq = messages.session_seq \
    WHERE sessions.interview_id = ANY($1) ORDER BY messages.session_seq, messages.number";
const SESSIONS: &str = "SELECT id, interview_id, session_language, status, version, started_at, created_at, updated_at, \
    ended_at FROM {schema}.sessions WHERE interview_id = ANY($1) ORDER BY id";
const EVALUATIONS: &str =
    "SELECT interview_id, document FROM {schema}.evaluations WHERE interview_id = ANY($1) ORDER BY id";
const EVENTS: &str = "SELECT number, session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, \
    link, interview_id FROM {schema}.events WHERE interview_id = ANY($1) ORDER BY interview_id, number";
const KEYS: &str = "SELECT request, result, result_id, message_number, scope, interview_id \
    FROM {schema}.idempotency_keys WHERE interview_id = ANY($1) ORDER BY scope";

impl PostgresStore {
    pub(super) fn read_bundles(&self, after: Option<InterviewId>, limit: u32) -> Result<Vec<Bundle>> {
        let names = self.statements.names();
        let page = names.text(&format!(
            "SELECT {INTERVIEW}, tenant, erased_at FROM {{schema}}.interviews WHERE $1 IS NULL OR id > $1 ORDER BY id LIMIT $2"
        ));
        let parts = [SESSIONS, MESSAGES, EVALUATIONS, EVENTS, KEYS].map(|text| names.text(text));
        let after = after.map(|id| *id.as_uuid());
        let limit = i64::from(limit);
        // The rows are read in one snapshot, and put together after it.
        let (interviews, [sessions, messages, evaluations, events, keys]) = self.pool.run(|connection, _| {
            connection.transaction(SNAPSHOT, |connection| {
                let interviews = connection.query(&page, &[(&after, Type::UUID), (&limit, Type::INT8)])?;
                let ids: Vec<Uuid> = interviews.iter().map(|row| get(row, 0)).collect::<Result<_>>()?;
                let mut rows: [Vec<Row>; 5] = Default::default();
                for (rows, part) in rows.iter_mut().zip(&parts) {
                    *rows = connection.query(part, &[(&ids, Type::UUID_ARRAY)])?;
                }
                Ok((interviews, rows))
            })
        })?;

        let mut bundles: Vec<Bundle> = interviews.iter().map(bundle).collect::<Result<_>>()?;
        let places: HashMap<Uuid, usize> =
            bundles.iter().enumerate().map(|(place, bundle)| (*bundle.interview.id.as_uuid(), place)).collect();
        let place = |row: &Row, column| places.get(&get::<Uuid>(row, column)?).copied().ok_or_else(unreadable);
        let mut said: HashMap<Uuid, Vec<_>> = HashMap::new();
        for row in &messages {
            said.entry(get(row, 7)?).or_default().extend(rows::message(row, 0)?);
        }
        for row in &sessions {
            let id: Uuid = get(row, 0)?;
            let session = rows::session(row, 1, id, said.remove(&id).unwrap_or_default())?;
            bundles[place(row, 1)?].sessions.push(Arc::new(session));
        }
        for row in &evaluations {
            let document: String = get(row, 1)?;
            let evaluation = serde_json::from_str(&document).map(Arc::new).map_err(|_| unreadable())?;
            bundles[place(row, 0)?].evaluations.push(EvaluationWrite { evaluation, document, lease: None });
        }
        for row in &events {
            bundles[place(row, 11)?].events.push(rows::event(row)?);
        }
        for row in &keys {
            bundles[place(row, 5)?].keys.push((rows::digest(row, 4)?, key_record(row, 0)?));
        }
        Ok(bundles)
    }

    /// Whether the interview took the place of an earlier copy of it.
    pub(super) fn write_bundle(&self, bundle: &Bundle) -> Result<bool> {
        let id = bundle.interview.id;
        let there = || {
            Error::conflict(format!("interview {id} is there already with another log, or a part of it is another's"))
        };
        self.pool.run(|connection, _| {
            let written = connection.transaction("BEGIN", |connection| {
                let replaces = match self.standing(connection, bundle)? {
                    None => false,
                    Some(Standing::Same) => return Ok(false),
                    Some(Standing::Other) => return Err(there().into()),
                    Some(Standing::Later) => true,
                };
                if replaces {
                    self.remove(connection, bundle)?;
                }
                self.insert_bundle(connection, bundle)?;
                Ok(replaces)
            });
            match written {
                // Another copy was faster, or a part of it belongs to another interview.
                Err(Failure::Taken(_)) => match self.standing(connection, bundle)? {
                    Some(Standing::Same) => Ok(false),
                    _ => Err(there().into()),
                },
                written => written,
            }
        })
    }

    /// What the bundle is to the interview that is there; none where it is not there. Everything of it is locked, in the order of all writers.
    fn standing(&self, connection: &mut Connection, bundle: &Bundle) -> Result<Option<Standing>, Failure> {
        let names = self.statements.names();
        let id: [Param<'_>; 1] = [(bundle.interview.id.as_uuid(), Type::UUID)];
        for text in [
            "SELECT FROM {schema}.sessions WHERE interview_id = $1 ORDER BY id FOR UPDATE",
            "SELECT FROM {schema}.evaluations WHERE interview_id = $1 ORDER BY id FOR UPDATE",
        ] {
            connection.query(&names.text(text), &id)?;
        }
        let text = names.text(
            "SELECT heads.number, heads.links[cardinality(heads.links)], interviews.tenant \
             FROM {schema}.audit_heads AS heads JOIN {schema}.interviews ON interviews.id = heads.interview_id \
             WHERE heads.interview_id = $1 FOR UPDATE OF heads",
        );
        let rows = connection.query(&text, &id)?;
        let Some(row) = rows.first() else { return Ok(None) };
        let kept = (rows::unsigned(row, 0)?, rows::digest(row, 1)?);
        Ok(Some(bundle.standing(get(row, 2)?, kept)))
    }

    /// Removes an interview with all that belongs to it.
    fn remove(&self, connection: &mut Connection, bundle: &Bundle) -> Result<(), Failure> {
        let names = self.statements.names();
        for text in [
            "DELETE FROM {schema}.messages USING {schema}.sessions WHERE messages.session_seq = sessions.seq AND sessions.interview_id = $1",
            "DELETE FROM {schema}.sessions WHERE interview_id = $1",
            "DELETE FROM {schema}.deliveries WHERE interview_id = $1",
            "DELETE FROM {schema}.evaluations WHERE interview_id = $1",
            "DELETE FROM {schema}.events WHERE interview_id = $1",
            "DELETE FROM {schema}.idempotency_keys WHERE interview_id = $1",
            "WITH forgotten AS (DELETE FROM {schema}.kept_replies WHERE interview_id = $1 RETURNING bytes) \
             UPDATE {schema}.kept_replies_total AS totals SET bytes = totals.bytes - gone.bytes \
             FROM (SELECT sum(bytes) AS bytes FROM forgotten) AS gone WHERE gone.bytes > 0",
            "DELETE FROM {schema}.audit_heads WHERE interview_id = $1",
            "DELETE FROM {schema}.interviews WHERE id = $1",
        ] {
            connection.query(&names.text(text), &[(bundle.interview.id.as_uuid(), Type::UUID)])?;
        }
        Ok(())
    }

    fn insert_bundle(&self, connection: &mut Connection, bundle: &Bundle) -> Result<(), Failure> {
        let names = self.statements.names();
        let id = bundle.interview.id;
        let links: Vec<&[u8]> = bundle.events.iter().map(|event| &event.link[..]).collect();
        let (columns, row) =
            (EventColumns::stored(&bundle.events), InterviewRow::new(&bundle.tenant, &bundle.interview)?);
        let origin = vec![origin(id).to_vec()];
        let mut params = columns.params().to_vec();
        if links.is_empty() {
            params.push((&origin, Type::BYTEA_ARRAY));
        } else {
            params.push((&links, Type::BYTEA_ARRAY));
        }
        params.extend(row.params());
        connection.query(self.statements.create_interview.text(false), &params)?;
        // The head row holds the last write's links alone.
        let state = [
            "UPDATE {schema}.audit_heads SET links = links[cardinality(links):], erased = $2::timestamptz IS NOT NULL WHERE interview_id = $1",
            "UPDATE {schema}.interviews SET erased_at = $2 WHERE id = $1",
        ];
        for text in state {
            connection
                .query(&names.text(text), &[(id.as_uuid(), Type::UUID), (&bundle.erased_at, Type::TIMESTAMPTZ)])?;
        }
        // What happened elsewhere was delivered there.
        let deliveries = names.text("DELETE FROM {schema}.deliveries WHERE interview_id = $1");
        connection.query(&deliveries, &[(id.as_uuid(), Type::UUID)])?;
        for session in &bundle.sessions {
            self.insert_session(connection, bundle, session)?;
        }
        let evaluation = names.text(
            "INSERT INTO {schema}.evaluations (id, interview_id, tenant, session_id, status, created_at, document, supersedes, due_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        );
        for write in &bundle.evaluations {
            let row = EvaluationRow::new(write);
            // Without a lease.
            connection.query(&evaluation, &row.params(&&*bundle.tenant)[..9])?;
        }
        let key = names.text(
            "INSERT INTO {schema}.idempotency_keys (scope, request, interview_id, result, result_id, message_number) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        );
        for (scope, record) in &bundle.keys {
            let (result, result_id, number) = key_columns(record.result);
            let request = record.request.as_ref().map(|request| &request[..]);
            connection.query(
                &key,
                &[
                    (&&scope[..], Type::BYTEA),
                    (&request as &(dyn ToSql + Sync), Type::BYTEA),
                    (id.as_uuid(), Type::UUID),
                    (&result, Type::TEXT),
                    (&result_id, Type::UUID),
                    (&number as &(dyn ToSql + Sync), Type::INT4),
                ],
            )?;
        }
        Ok(())
    }

    fn insert_session(&self, connection: &mut Connection, bundle: &Bundle, session: &Session) -> Result<(), Failure> {
        let text = self.statements.names().text(
            "WITH session AS (INSERT INTO {schema}.sessions (id, interview_id, tenant, session_language, status, version, \
             started_at, created_at, updated_at, ended_at) VALUES ($7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING seq) \
             INSERT INTO {schema}.messages (session_seq, number, id, kind, question, content, created_at, origin) \
             SELECT session.seq, said.* FROM session, unnest($1::integer[], $2::uuid[], $3::text[], $4::integer[], $5::text[], $6::timestamptz[], $17::text[]) AS said",
        );
        let said = MessageColumns::new(&session.messages);
        let mut params: Vec<Param<'_>> = said.params().to_vec();
        let ended_at: &Option<DateTime<Utc>> = &session.ended_at;
        let (tenant, version) = (&*bundle.tenant, signed64(session.version));
        let (language, status) = (session.session_language.as_str(), session.status.as_str());
        params.extend([
            (session.id.as_uuid() as _, Type::UUID),
            (session.interview_id.as_uuid() as _, Type::UUID),
            (&tenant as _, Type::TEXT),
            (&language as _, Type::TEXT),
            (&status as _, Type::TEXT),
            (&version as _, Type::INT8),
            (&session.started_at as _, Type::TIMESTAMPTZ),
            (&session.created_at as _, Type::TIMESTAMPTZ),
            (&session.updated_at as _, Type::TIMESTAMPTZ),
            (ended_at as _, Type::TIMESTAMPTZ),
            said.origins(),
        ]);
        connection.query(&text, &params).map(drop)
    }
}

/// An interview with its tenant and its erasure, and nothing of it yet.
fn bundle(row: &Row) -> Result<Bundle> {
    Ok(Bundle {
        tenant: get::<&str>(row, 14)?.into(),
        interview: Arc::new(rows::interview(row, 0)?),
        erased_at: get(row, 15)?,
        sessions: Vec::new(),
        evaluations: Vec::new(),
        events: Vec::new(),
        keys: Vec::new(),
    })
}
