//! The use cases that read: one statement, which is one snapshot, each.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::error::{Outcome, unreadable};
use super::rows::{self, INTERVIEW, LOG, id, last, parse, place, text, unsigned};
use crate::audit::{Content, StoredEvent, Subject};
use crate::domain::{Evaluation, EvaluationId, Event, Interview, InterviewId, Session, SessionId};
use crate::store::{AuditPage, AuditState, Planned, as_kept};

pub(super) fn all<T>(
    connection: &Connection,
    text: &str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Outcome<T>,
) -> Outcome<Vec<T>> {
    let mut statement = connection.prepare_cached(text)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

pub(super) fn one<T>(
    connection: &Connection,
    text: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Outcome<T>,
) -> Outcome<Option<T>> {
    let mut statement = connection.prepare_cached(text)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

pub(super) fn interview(connection: &Connection, tenant: &str, id: InterviewId) -> Outcome<Option<Arc<Interview>>> {
    let text = format!("SELECT {INTERVIEW} FROM interviews WHERE id = ?1 AND tenant = ?2 AND erased_at IS NULL");
    one(connection, &text, [&*id.to_string(), tenant], |row| rows::interview(row).map(Arc::new))
}

pub(super) fn planned(connection: &Connection, tenant: &str, id: InterviewId) -> Outcome<Option<Planned>> {
    let text = format!(
        "SELECT {INTERVIEW}, audit_heads.number, EXISTS (SELECT 1 FROM events \
         WHERE events.key = interviews.seq << 20 | audit_heads.number AND events.subject = 'plan') \
         FROM interviews JOIN audit_heads ON audit_heads.interview = interviews.seq \
         WHERE interviews.id = ?1 AND interviews.tenant = ?2 AND interviews.erased_at IS NULL"
    );
    one(connection, &text, [&*id.to_string(), tenant], |row| {
        let (interview, number) = (Arc::new(rows::interview(row)?), unsigned(row, 14)?);
        Ok(Planned { interview, draft: row.get::<_, bool>(15)?.then_some(number) })
    })
}

pub(super) fn interviews_of(connection: &Connection, tenant: &str, external_id: &str) -> Outcome<Vec<InterviewId>> {
    let text = "SELECT id FROM interviews WHERE tenant = ?1 AND external_id = ?2 AND erased_at IS NULL ORDER BY id";
    all(connection, text, [tenant, external_id], |row| parse(row, 0))
}

const SESSION: &str = "SELECT sessions.id, sessions.session_language, sessions.status, sessions.version, \
    sessions.started_at, sessions.created_at, sessions.updated_at, sessions.ended_at, interviews.id, \
    messages.key, messages.id, messages.kind, messages.question, messages.content, messages.created_at, messages.origin \
    FROM sessions JOIN interviews ON interviews.seq = sessions.interview \
    LEFT JOIN messages ON messages.key BETWEEN (sessions.seq << 20) AND ((sessions.seq << 20) | 1048575) \
    WHERE sessions.id = ?1 AND sessions.tenant = ?2 ORDER BY messages.key";

pub(super) fn session(connection: &Connection, tenant: &str, id: SessionId) -> Outcome<Option<Arc<Session>>> {
    let mut statement = connection.prepare_cached(SESSION)?;
    let mut rows = statement.query(params![id.as_uuid().as_bytes(), tenant])?;
    let mut session: Option<Session> = None;
    while let Some(row) = rows.next()? {
        let session = match &mut session {
            Some(session) => session,
            none => none.insert(rows::session(row, 0)?),
        };
        if let Some(message) = rows::message(row, 9)? {
            rows::add_message(session, message);
        }
    }
    Ok(session.map(Arc::new))
}

pub(super) fn session_version(connection: &Connection, tenant: &str, id: SessionId) -> Outcome<Option<u64>> {
    let text = "SELECT coalesce(version, (SELECT max(messages.key) & 1048575 FROM messages \
        WHERE messages.key BETWEEN sessions.seq << 20 AND (sessions.seq << 20) | 1048575), 0) \
        FROM sessions WHERE id = ?1 AND tenant = ?2";
    one(connection, text, params![id.as_uuid().as_bytes(), tenant], |row| unsigned(row, 0))
}

pub(super) fn sessions_of(connection: &Connection, tenant: &str, interview: InterviewId) -> Outcome<Vec<SessionId>> {
    let text = "SELECT sessions.id FROM interviews JOIN sessions ON sessions.interview = interviews.seq \
        WHERE interviews.id = ?1 AND interviews.tenant = ?2 ORDER BY sessions.id";
    all(connection, text, [&*interview.to_string(), tenant], |row| id(row, 0))
}

pub(super) fn idle_sessions(
    connection: &Connection,
    tenant: &str,
    before: DateTime<Utc>,
    limit: u32,
) -> Outcome<Vec<SessionId>> {
    let text = "SELECT id FROM sessions INDEXED BY sessions_active \
        WHERE tenant = ?1 AND status = 'active' AND (SELECT messages.created_at FROM messages \
            WHERE messages.key BETWEEN sessions.seq << 20 AND (sessions.seq << 20) | 1048575 \
            ORDER BY messages.key DESC LIMIT 1) < ?2 ORDER BY id LIMIT ?3";
    all(connection, text, params![tenant, before.timestamp_micros(), limit], |row| id(row, 0))
}

/// Reads document and status.
pub(super) fn kept(row: &Row<'_>) -> Outcome<Arc<Evaluation>> {
    let evaluation = serde_json::from_str(text(row, 0)?).map(Arc::new).map_err(|_| unreadable())?;
    Ok(as_kept(evaluation, parse(row, 1)?))
}

pub(super) fn evaluation(connection: &Connection, tenant: &str, id: EvaluationId) -> Outcome<Option<Arc<Evaluation>>> {
    let text = "SELECT evaluations.document, evaluations.status \
        FROM evaluations JOIN interviews ON interviews.seq = evaluations.interview \
        WHERE evaluations.id = ?1 AND interviews.tenant = ?2";
    one(connection, text, params![id.as_uuid().as_bytes(), tenant], kept)
}

pub(super) fn evaluation_of_session(
    connection: &Connection,
    tenant: &str,
    id: SessionId,
) -> Outcome<Option<Arc<Evaluation>>> {
    let text = "SELECT evaluations.document, evaluations.status \
        FROM evaluations JOIN sessions ON sessions.id = evaluations.session_id \
        WHERE evaluations.session_id = ?1 AND sessions.tenant = ?2 \
        ORDER BY evaluations.status = 'failed', EXISTS (SELECT 1 FROM evaluations AS later \
            WHERE later.supersedes = evaluations.id AND later.status <> 'failed'), evaluations.seq DESC LIMIT 1";
    one(connection, text, params![id.as_uuid().as_bytes(), tenant], kept)
}

pub(super) fn successor(connection: &Connection, tenant: &str, of: EvaluationId) -> Outcome<Option<EvaluationId>> {
    let text = "SELECT evaluations.id FROM evaluations JOIN interviews ON interviews.seq = evaluations.interview \
        WHERE evaluations.supersedes = ?1 AND evaluations.status <> 'failed' AND interviews.tenant = ?2";
    one(connection, text, params![of.as_uuid().as_bytes(), tenant], |row| id(row, 0))
}

pub(super) fn evaluations_of(
    connection: &Connection,
    tenant: &str,
    interview: InterviewId,
) -> Outcome<Vec<EvaluationId>> {
    let text = "SELECT evaluations.id FROM interviews JOIN evaluations ON evaluations.interview = interviews.seq \
        WHERE interviews.id = ?1 AND interviews.tenant = ?2 ORDER BY evaluations.id";
    all(connection, text, [&*interview.to_string(), tenant], |row| id(row, 0))
}

pub(super) fn events(
    connection: &Connection,
    tenant: &str,
    session: SessionId,
    after: u64,
    limit: u32,
) -> Outcome<Vec<Event>> {
    let found = one(
        connection,
        "SELECT sessions.interview, interviews.id FROM sessions \
         JOIN interviews ON interviews.seq = sessions.interview WHERE sessions.id = ?1 AND sessions.tenant = ?2",
        params![session.as_uuid().as_bytes(), tenant],
        |row| Ok((row.get::<_, i64>(0)?, parse::<InterviewId>(row, 1)?)),
    )?;
    let Some((interview, interview_id)) = found else { return Ok(Vec::new()) };
    let text = format!("SELECT * FROM ({LOG}) WHERE session_id = ?3 ORDER BY entry LIMIT ?4");
    let session = session.as_uuid().as_bytes();
    all(connection, &text, params![place(interview, after), last(interview), session, limit], |row| {
        let (event, message) = rows::event(row)?;
        Ok(event.into_event(interview_id, message))
    })
}

/// An interview's whole log.
pub(super) fn log(connection: &Connection, interview: i64) -> Outcome<Vec<StoredEvent>> {
    let text = format!("{LOG} ORDER BY entry");
    all(connection, &text, [place(interview, 0), last(interview)], |row| Ok(rows::event(row)?.0))
}

pub(super) fn audit_state(connection: &Connection, tenant: &str, id: InterviewId) -> Outcome<Option<AuditState>> {
    let text = "SELECT audit_heads.number, audit_heads.link, interviews.erased_at IS NOT NULL \
        FROM interviews JOIN audit_heads ON audit_heads.interview = interviews.seq \
        WHERE interviews.id = ?1 AND interviews.tenant = ?2";
    one(connection, text, [&*id.to_string(), tenant], |row| {
        Ok(AuditState { number: unsigned(row, 0)?, link: row.get(1)?, erased: row.get(2)? })
    })
}

/// In a transaction, because the plan is read apart.
pub(super) fn audit_page(
    connection: &Connection,
    tenant: &str,
    id: InterviewId,
    after: u64,
    limit: u32,
) -> Outcome<AuditPage> {
    let transaction = connection.unchecked_transaction()?;
    let seq = transaction
        .prepare_cached("SELECT seq FROM interviews WHERE id = ?1 AND tenant = ?2")?
        .query_row([&*id.to_string(), tenant], |row| row.get::<_, i64>(0))
        .optional()?;
    let Some(seq) = seq else { return Ok(Vec::new()) };
    let plan = |connection: &Connection, number: u64| -> Outcome<Option<Content>> {
        let text = format!(
            "SELECT {INTERVIEW} FROM interviews WHERE seq = ?1 AND erased_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM events WHERE events.key = ?2 AND events.subject = 'plan')"
        );
        let next = place(seq, number.saturating_add(1));
        Ok(one(connection, &text, [seq, next], rows::interview)?.map(|plan| Content::Plan(Arc::new(plan))))
    };
    let text = format!(
        "SELECT log.*, sessions.session_language, evaluations.document FROM ({LOG}) AS log \
         LEFT JOIN sessions ON log.subject = 'session' AND sessions.id = log.session_id \
         LEFT JOIN evaluations ON log.subject = 'evaluation' AND evaluations.id = log.evaluation_id \
         ORDER BY log.entry LIMIT ?3"
    );
    all(&transaction, &text, params![place(seq, after), last(seq), limit], |row| {
        let (event, message) = rows::event(row)?;
        let content = match event.subject {
            Subject::Nothing | Subject::Request(_) => Content::Nothing,
            Subject::Plan => plan(&transaction, event.number)?.unwrap_or(Content::Nothing),
            Subject::Session => match row.get_ref(18)? {
                rusqlite::types::ValueRef::Null => Content::Nothing,
                _ => Content::Session(parse(row, 18)?),
            },
            Subject::Message(_) => message.map_or(Content::Nothing, Content::Message),
            Subject::Evaluation(_) => row.get::<_, Option<String>>(19)?.map_or(Content::Nothing, Content::Evaluation),
        };
        Ok((event, content))
    })
}
