//! The use cases that write. Each runs inside a transaction that is undone unless it answers `Done`.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::{Outcome, unreadable};
use super::read::{log, one};
use super::rows::{
    LARGEST_NUMBER, full, key, key_columns, key_record, last, number, place, signed64, subject_name, subject_number,
    unsigned, written_time,
};
use crate::audit::{EventDraft, StoredEvent, Subject, origin};
use crate::domain::canonical::Sha256Digest;
use crate::domain::{Action, Evaluation, Interview, InterviewId, Message, Origin, Session, SessionStatus};
use crate::error::{Error, Result};
use crate::store::list::fold;
use crate::store::{
    CreateInterview, EraseInterview, EvaluationWrite, KeyClaim, KeyRecord, KeyResult, SaveEvaluation, SessionStep,
    StartSession, UpdateInterview, Written, kept_status,
};

pub(super) fn find_key(connection: &Connection, scope: &Sha256Digest) -> Outcome<Option<KeyRecord>> {
    let mut statement = connection
        .prepare_cached("SELECT request, result, result_id, message_number FROM idempotency_keys WHERE scope = ?1")?;
    let mut rows = statement.query([scope])?;
    rows.next()?.map(key_record).transpose()
}

/// A key that is taken says more than that its first use has moved the session on.
fn taken(connection: &Connection, key: Option<&KeyClaim>) -> Outcome<Option<Written>> {
    let Some(key) = key else { return Ok(None) };
    Ok(find_key(connection, &key.scope)?.map(Written::KeyTaken))
}

pub(super) fn insert_key(
    connection: &Connection,
    interview: i64,
    scope: &Sha256Digest,
    request: Option<&Sha256Digest>,
    result: KeyResult,
) -> Outcome<()> {
    let (name, id, number) = key_columns(result);
    connection
        .prepare_cached(
            "INSERT INTO idempotency_keys (scope, request, interview, result, result_id, message_number) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![scope, request, interview, name, id.as_bytes(), number])?;
    Ok(())
}

fn keep_key(connection: &Connection, interview: i64, key: Option<(KeyClaim, KeyResult)>) -> Outcome<()> {
    match key {
        Some((claim, result)) => insert_key(connection, interview, &claim.scope, Some(&claim.request), result),
        None => Ok(()),
    }
}

pub(super) fn insert_event(connection: &Connection, interview: i64, event: &StoredEvent) -> Outcome<()> {
    connection
        .prepare_cached(
            "INSERT INTO events (key, session_id, time, actor, action, subject, message_number, evaluation_id, salt, digest, link) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            key(interview, event.number)?,
            event.session_id.as_ref().map(|id| id.as_uuid().as_bytes()),
            event.time.timestamp_micros(),
            event.actor,
            event.action.as_str(),
            subject_name(event.subject),
            subject_number(event.subject),
            event.subject.evaluation_id().as_ref().map(|id| id.as_uuid().as_bytes()),
            event.salt,
            event.digest,
            event.link,
        ])?;
    Ok(())
}

/// Where an interview's log ends.
pub(super) struct LogEnd {
    interview: i64,
    pub(super) number: u64,
    pub(super) link: Sha256Digest,
}

pub(super) fn log_end(connection: &Connection, interview: i64) -> Outcome<LogEnd> {
    let text = "SELECT number, link FROM audit_heads WHERE interview = ?1";
    let read = |row: &Row<'_>| Ok(LogEnd { interview, number: unsigned(row, 0)?, link: row.get(1)? });
    Ok(one(connection, text, [interview], read)?.ok_or_else(unreadable)?)
}

/// Whether nothing can be written on the strength of the draft that this was.
fn is_past(end: &LogEnd, draft: Option<u64>) -> bool {
    draft.is_some_and(|draft| draft != end.number)
}

/// What a session is told to have said, with the session's seq.
struct Said<'a> {
    session: i64,
    messages: &'a [Arc<Message>],
}

const NOTHING_SAID: Said<'static> = Said { session: 0, messages: &[] };

/// Appends to an interview's log, and with it the messages that its entries speak of.
fn append(connection: &Connection, end: LogEnd, events: Vec<EventDraft>, said: &Said<'_>) -> Outcome<()> {
    let LogEnd { interview, mut number, mut link } = end;
    let mut messages = said.messages.iter();
    for draft in events {
        number += 1;
        // The last number is the erasure's, so that there is always one for it.
        if number >= LARGEST_NUMBER && draft.action != Action::InterviewErased {
            return Err(full().into());
        }
        let event = StoredEvent::after(&link, number, draft);
        match event.subject {
            Subject::Message(_) => {
                let message = messages.next().ok_or_else(without_message)?;
                insert_message(connection, said.session, interview, message, &event)?;
            }
            _ => insert_event(connection, interview, &event)?,
        }
        link = event.link;
    }
    if messages.next().is_some() {
        return Err(without_message().into());
    }
    connection
        .prepare_cached("UPDATE audit_heads SET number = ?2, link = ?3 WHERE interview = ?1")?
        .execute(params![interview, signed64(number), link])?;
    Ok(())
}

fn without_message() -> Error {
    Error::internal("a message and its entry of the log are not written together")
}

/// Inserts a message with its entry.
pub(super) fn insert_message(
    connection: &Connection,
    session: i64,
    interview: i64,
    message: &Message,
    event: &StoredEvent,
) -> Outcome<()> {
    connection
        .prepare_cached(
            "INSERT INTO messages (key, entry, id, kind, question, created_at, content, salt, digest, link, origin) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            key(session, message.number.into())?,
            key(interview, event.number)?,
            message.id.as_uuid().as_bytes(),
            message.kind.as_str(),
            message.question,
            message.created_at.timestamp_micros(),
            message.content,
            event.salt,
            event.digest,
            event.link,
            message.origin.map(Origin::as_str),
        ])?;
    Ok(())
}

/// An interview by its id, whatever the tenant.
pub(super) fn interview_seq(connection: &Connection, id: InterviewId) -> Outcome<Option<(i64, String)>> {
    let mut statement = connection.prepare_cached("SELECT seq, tenant FROM interviews WHERE id = ?1")?;
    Ok(statement.query_row([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// A tenant's interview, and whether it is erased.
pub(super) fn own_interview(connection: &Connection, tenant: &str, id: InterviewId) -> Outcome<Option<(i64, bool)>> {
    let mut statement =
        connection.prepare_cached("SELECT seq, erased_at IS NOT NULL FROM interviews WHERE id = ?1 AND tenant = ?2")?;
    Ok(statement.query_row([&*id.to_string(), tenant], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

pub(super) fn insert_interview(connection: &Connection, tenant: &str, interview: &Interview) -> Outcome<i64> {
    let json = |_| Error::internal("an interview has no JSON form");
    connection
        .prepare_cached(
            "INSERT INTO interviews (id, tenant, candidate_name, candidate_name_folded, interview_type, interview_language, \
             status, max_answers, created_at, updated_at, external_id, questions, job_description, resume, rubric, \
             calibration) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .execute(params![
            interview.id.to_string(),
            tenant,
            interview.candidate_name,
            fold(&interview.candidate_name),
            interview.interview_type.as_str(),
            interview.interview_language.as_str(),
            interview.status.as_str(),
            interview.max_answers,
            written_time(interview.created_at),
            written_time(interview.updated_at),
            interview.external_id,
            serde_json::to_string(&interview.questions).map_err(json)?,
            interview.job_description,
            interview.resume,
            interview.rubric.as_ref().map(serde_json::to_string).transpose().map_err(json)?,
            interview.calibration,
        ])?;
    let seq = connection.last_insert_rowid();
    connection
        .prepare_cached("INSERT INTO audit_heads (interview, number, link) VALUES (?1, 0, ?2)")?
        .execute(params![seq, origin(interview.id)])?;
    Ok(seq)
}

/// Inserts a session without its messages, and returns its seq.
pub(super) fn insert_session(connection: &Connection, tenant: &str, interview: i64, session: &Session) -> Outcome<i64> {
    let ended = session.status != SessionStatus::Active;
    connection
        .prepare_cached(
            "INSERT INTO sessions (id, interview, tenant, session_language, status, version, started_at, created_at, \
             updated_at, ended_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            session.id.as_uuid().as_bytes(),
            interview,
            tenant,
            session.session_language.as_str(),
            session.status.as_str(),
            ended.then_some(signed64(session.version)),
            session.started_at.timestamp_micros(),
            session.created_at.timestamp_micros(),
            ended.then_some(session.updated_at.timestamp_micros()),
            session.ended_at.map(|time| time.timestamp_micros()),
        ])?;
    Ok(connection.last_insert_rowid())
}

/// False where it, or one that has not failed in its place, is there already.
pub(super) fn insert_evaluation(connection: &Connection, interview: i64, write: &EvaluationWrite) -> Outcome<bool> {
    let evaluation = &write.evaluation;
    let created_at = evaluation.created_at.timestamp_micros();
    let inserted = connection
        .prepare_cached(
            "INSERT INTO evaluations (id, interview, session_id, status, created_at, document, supersedes, due_at, attempts, lease, tenant) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, (SELECT tenant FROM interviews WHERE seq = ?2)) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            evaluation.id.as_uuid().as_bytes(),
            interview,
            evaluation.session_id.as_ref().map(|id| id.as_uuid().as_bytes()),
            kept_status(write).as_str(),
            created_at,
            write.document,
            evaluation.supersedes.as_ref().map(|id| id.as_uuid().as_bytes()),
            write.lease.map_or(created_at, |lease| lease.until.timestamp_micros()),
            write.lease.is_some(),
            write.lease.map(|lease| lease.token),
        ])?;
    Ok(inserted == 1)
}

/// Whether nothing stands in the place of a new evaluation, and what it supersedes can be superseded.
fn may_begin(connection: &Connection, interview: i64, new: &Evaluation) -> Outcome<bool> {
    let session = new.session_id.as_ref().map(|id| id.as_uuid().as_bytes());
    let Some(superseded) = new.supersedes else {
        let text = "SELECT 1 FROM evaluations WHERE session_id = ?1 AND status <> 'failed'";
        return Ok(one(connection, text, [session], |_| Ok(()))?.is_none());
    };
    let text = "SELECT 1 FROM evaluations WHERE id = ?1 AND interview = ?2 AND session_id IS ?3 \
        AND status NOT IN ('pending', 'running') AND NOT EXISTS \
        (SELECT 1 FROM evaluations AS later WHERE later.supersedes = ?1 AND later.status <> 'failed')";
    Ok(one(connection, text, params![superseded.as_uuid().as_bytes(), interview, session], |_| Ok(()))?.is_some())
}

fn begin_evaluation(connection: &Connection, interview: i64, write: &EvaluationWrite) -> Outcome<bool> {
    Ok(may_begin(connection, interview, &write.evaluation)? && insert_evaluation(connection, interview, write)?)
}

pub(super) fn create_interview(connection: &Connection, write: CreateInterview) -> Outcome<Written> {
    let CreateInterview { tenant, interview, events, key } = write;
    if let Some(taken) = taken(connection, key.as_ref())? {
        return Ok(taken);
    }
    let id = interview.id;
    if interview_seq(connection, id)?.is_some() {
        return Err(Error::conflict(format!("interview {id} is there already")).into());
    }
    let seq = insert_interview(connection, &tenant, &interview)?;
    append(connection, log_end(connection, seq)?, events, &NOTHING_SAID)?;
    keep_key(connection, seq, key.map(|key| (key, KeyResult::Interview(id))))?;
    Ok(Written::Done)
}

pub(super) fn update_interview(connection: &Connection, write: UpdateInterview) -> Outcome<Written> {
    let UpdateInterview { tenant, draft, interview, event, key } = write;
    if let Some(taken) = taken(connection, key.as_ref().map(|(claim, _)| claim))? {
        return Ok(taken);
    }
    let Some((seq, false)) = own_interview(connection, &tenant, interview.id)? else { return Ok(Written::Stale) };
    let end = log_end(connection, seq)?;
    if is_past(&end, Some(draft)) {
        return Ok(Written::Stale);
    }
    let json = |_| Error::internal("an interview has no JSON form");
    connection
        .prepare_cached(
            "UPDATE interviews SET candidate_name = ?2, candidate_name_folded = ?3, interview_type = ?4, interview_language = ?5, \
             max_answers = ?6, updated_at = ?7, external_id = ?8, questions = ?9, job_description = ?10, resume = ?11, rubric = ?12, \
             calibration = ?13 \
             WHERE seq = ?1",
        )?
        .execute(params![
            seq,
            interview.candidate_name,
            fold(&interview.candidate_name),
            interview.interview_type.as_str(),
            interview.interview_language.as_str(),
            interview.max_answers,
            written_time(interview.updated_at),
            interview.external_id,
            serde_json::to_string(&interview.questions).map_err(json)?,
            interview.job_description,
            interview.resume,
            interview.rubric.as_ref().map(serde_json::to_string).transpose().map_err(json)?,
            interview.calibration,
        ])?;
    append(connection, end, vec![event], &NOTHING_SAID)?;
    keep_key(connection, seq, key)?;
    Ok(Written::Done)
}

pub(super) fn start_session(connection: &Connection, write: StartSession) -> Outcome<Written> {
    let StartSession { tenant, draft, session, events, key } = write;
    if let Some(taken) = taken(connection, key.as_ref())? {
        return Ok(taken);
    }
    let Some((seq, false)) = own_interview(connection, &tenant, session.interview_id)? else {
        return Ok(Written::Stale);
    };
    let end = log_end(connection, seq)?;
    if is_past(&end, draft) {
        return Ok(Written::Stale);
    }
    let said = Said { session: insert_session(connection, &tenant, seq, &session)?, messages: &session.messages };
    connection
        .prepare_cached(
            "UPDATE interviews SET status = 'in_progress', updated_at = ?2 WHERE seq = ?1 AND status = 'pending'",
        )?
        .execute(params![seq, written_time(session.updated_at)])?;
    append(connection, end, events, &said)?;
    keep_key(connection, seq, key.map(|key| (key, KeyResult::Session(session.id))))?;
    Ok(Written::Done)
}

/// An active session, the key of its last message, whose number is its version, and where its interview's log ends.
const ACTIVE: &str = "SELECT sessions.seq, sessions.interview, (SELECT max(messages.key) FROM messages \
    WHERE messages.key BETWEEN sessions.seq << 20 AND (sessions.seq << 20) | 1048575), audit_heads.number, audit_heads.link \
    FROM sessions JOIN audit_heads ON audit_heads.interview = sessions.interview \
    WHERE sessions.id = ?1 AND sessions.tenant = ?2 AND sessions.status = 'active'";
const END: &str = "UPDATE sessions SET version = ?2, updated_at = ?3, status = ?4, ended_at = ?5 WHERE seq = ?1";

pub(super) fn step_session(connection: &Connection, step: SessionStep) -> Outcome<Written> {
    if let Some(taken) = taken(connection, step.key.as_ref().map(|(claim, _)| claim))? {
        return Ok(taken);
    }
    let session = &step.session;
    let found = one(connection, ACTIVE, params![session.id.as_uuid().as_bytes(), &*step.tenant], |row| {
        let log = LogEnd { interview: row.get(1)?, number: unsigned(row, 3)?, link: row.get(4)? };
        Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(2)?, log))
    })?;
    let Some((seq, last, log)) = found else { return Ok(Written::Stale) };
    let interview = log.interview;
    if last.map_or(0, number) != step.from_version {
        return Ok(Written::Stale);
    }
    if session.status != SessionStatus::Active {
        connection.prepare_cached(END)?.execute(params![
            seq,
            signed64(session.version),
            session.updated_at.timestamp_micros(),
            session.status.as_str(),
            session.ended_at.map(|time| time.timestamp_micros()),
        ])?;
    }
    if session.status == SessionStatus::Completed {
        connection
            .prepare_cached(
                "UPDATE interviews SET status = 'completed', updated_at = ?2 WHERE seq = ?1 AND status <> 'completed'",
            )?
            .execute(params![interview, written_time(session.updated_at)])?;
    }
    if let Some(write) = &step.evaluation
        && !begin_evaluation(connection, interview, write)?
    {
        return Ok(Written::Stale);
    }
    let said = Said { session: seq, messages: step.messages() };
    let SessionStep { events, key, .. } = &step;
    append(connection, log, events.clone(), &said)?;
    keep_key(connection, interview, *key)?;
    Ok(Written::Done)
}

pub(super) fn save_evaluation(connection: &Connection, save: SaveEvaluation) -> Outcome<Written> {
    let SaveEvaluation { tenant, draft, write, new, events, key } = save;
    if let Some(taken) = taken(connection, key.as_ref())? {
        return Ok(taken);
    }
    let evaluation = &write.evaluation;
    let Some((seq, false)) = own_interview(connection, &tenant, evaluation.interview_id)? else {
        return Ok(Written::Stale);
    };
    let end = log_end(connection, seq)?;
    if is_past(&end, draft) {
        return Ok(Written::Stale);
    }
    let saved = if new {
        begin_evaluation(connection, seq, &write)?
    } else {
        let finished = connection
            .prepare_cached(
                "UPDATE evaluations SET status = ?3, document = ?4, lease = NULL \
                 WHERE id = ?1 AND interview = ?2 AND status IN ('pending', 'running') AND (lease IS NULL OR lease = ?5)",
            )?
            .execute(params![
                evaluation.id.as_uuid().as_bytes(),
                seq,
                evaluation.status.as_str(),
                write.document,
                write.lease.map(|lease| lease.token),
            ])?;
        finished == 1
    };
    if !saved {
        return Ok(Written::Stale);
    }
    append(connection, end, events, &NOTHING_SAID)?;
    keep_key(connection, seq, key.map(|key| (key, KeyResult::Evaluation(evaluation.id))))?;
    Ok(Written::Done)
}

pub(super) fn erase(connection: &Connection, write: EraseInterview) -> Outcome<Written> {
    let EraseInterview { tenant, interview_id, draft, time, event } = write;
    let Some((seq, erased)) = own_interview(connection, &tenant, interview_id)? else { return Ok(Written::Stale) };
    if erased {
        return Ok(Written::Done);
    }
    if is_past(&log_end(connection, seq)?, draft) {
        return Ok(Written::Stale);
    }
    // What stays of the messages' entries is what stays of all entries.
    for event in log(connection, seq)?.into_iter().filter(|event| matches!(event.subject, Subject::Message(_))) {
        insert_event(connection, seq, &event)?;
    }
    connection
        .prepare_cached("DELETE FROM messages WHERE entry BETWEEN ?1 AND ?2")?
        .execute([place(seq, 0), last(seq)])?;
    for text in [
        "DELETE FROM sessions WHERE interview = ?1",
        "DELETE FROM evaluations WHERE interview = ?1",
        "DELETE FROM kept_replies WHERE interview = ?1",
        "UPDATE idempotency_keys SET request = NULL WHERE interview = ?1",
    ] {
        connection.prepare_cached(text)?.execute([seq])?;
    }
    connection
        .prepare_cached("UPDATE events SET salt = NULL WHERE key BETWEEN ?1 AND ?2")?
        .execute([place(seq, 0), last(seq)])?;
    connection
        .prepare_cached(
            "UPDATE interviews SET candidate_name = '', candidate_name_folded = '', external_id = NULL, questions = '[]', \
             job_description = NULL, resume = NULL, rubric = NULL, calibration = NULL, erased_at = ?2 WHERE seq = ?1",
        )?
        .execute(params![seq, written_time(time)])?;
    append(connection, log_end(connection, seq)?, vec![event], &NOTHING_SAID)?;
    Ok(Written::Done)
}

/// Sets a copied interview's head to its log's last entry.
pub(super) fn set_head(connection: &Connection, interview: i64, event: &StoredEvent) -> Result<()> {
    let set = || -> Outcome<()> {
        connection
            .prepare_cached("UPDATE audit_heads SET number = ?2, link = ?3 WHERE interview = ?1")?
            .execute(params![interview, signed64(event.number), event.link])?;
        Ok(())
    };
    Ok(set()?)
}
