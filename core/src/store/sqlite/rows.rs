//! Rows to domain values and back.

use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::Row;
use uuid::Uuid;

use super::error::{Outcome, unreadable};
use crate::audit::{StoredEvent, Subject, of_role};
use crate::domain::{EvaluationId, Interview, Message, Session, SessionStatus};
use crate::error::{Error, Result};
use crate::store::interview_cache::{Before, InterviewCache};
use crate::store::{KeyRecord, KeyResult};

/// The columns that [`interview`] reads.
pub(super) const INTERVIEW: &str = "interviews.id, interviews.candidate_name, interviews.interview_type, \
    interviews.interview_language, interviews.questions, interviews.job_description, interviews.resume, interviews.external_id, \
    interviews.rubric, interviews.max_answers, interviews.status, interviews.created_at, interviews.updated_at, \
    interviews.calibration";

/// How far a seq is shifted in a key, to make room for a number.
pub(super) const SHIFT: u32 = 20;
pub(super) const LARGEST_NUMBER: u64 = (1 << SHIFT) - 1;

pub(super) fn full() -> Error {
    Error::new(crate::ErrorKind::Unsupported, "an interview has too many entries, or a session messages")
}

/// The key of a number that is being written.
pub(super) fn key(seq: i64, number: u64) -> Result<i64> {
    if number > LARGEST_NUMBER { Err(full()) } else { Ok(place(seq, number)) }
}

/// The key up to which readers have read.
pub(super) fn place(seq: i64, number: u64) -> i64 {
    (seq << SHIFT) | i64::try_from(number.min(LARGEST_NUMBER)).unwrap_or(i64::MAX)
}

/// The last key of a seq.
pub(super) fn last(seq: i64) -> i64 {
    place(seq, LARGEST_NUMBER)
}

pub(super) fn number(key: i64) -> u64 {
    u64::try_from(key).unwrap_or(0) & LARGEST_NUMBER
}

pub(super) fn signed64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(row: &Row<'_>, column: usize) -> Outcome<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).map_err(|_| unreadable())?)
}

pub(super) fn text<'a>(row: &'a Row<'_>, column: usize) -> Outcome<&'a str> {
    Ok(row.get_ref(column)?.as_str().map_err(|_| unreadable())?)
}

/// A name of ours, or an id as text.
pub(super) fn parse<T: FromStr>(row: &Row<'_>, column: usize) -> Outcome<T> {
    Ok(text(row, column)?.parse().map_err(|_| unreadable())?)
}

pub(super) fn id<T: From<Uuid>>(row: &Row<'_>, column: usize) -> Outcome<T> {
    Ok(Uuid::from_bytes(row.get(column)?).into())
}

pub(super) fn optional_id<T: From<Uuid>>(row: &Row<'_>, column: usize) -> Outcome<Option<T>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(|bytes| Uuid::from_bytes(bytes).into()))
}

fn from_micros(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(unreadable)
}

pub(super) fn time(row: &Row<'_>, column: usize) -> Outcome<DateTime<Utc>> {
    Ok(from_micros(row.get(column)?)?)
}

/// A time as ordinary users of SQL read it.
pub(super) fn written_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

pub(super) fn read_time(text: &str) -> Result<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).map_err(|_| unreadable())
}

/// Reads them, unless the interview is known as it is.
pub(super) fn listed(row: &Row<'_>, known: &InterviewCache, before: Before) -> Outcome<Arc<Interview>> {
    let updated_at = read_time(text(row, 12)?)?;
    if let Some(interview) = known.unchanged(parse(row, 0)?, parse(row, 10)?, updated_at) {
        return Ok(interview);
    }
    let interview = Arc::new(interview(row)?);
    known.keep(&interview, before);
    Ok(interview)
}

/// Reads the columns of [`INTERVIEW`] from the first on.
pub(super) fn interview(row: &Row<'_>) -> Outcome<Interview> {
    let rubric = row.get_ref(8)?.as_str_or_null().map_err(|_| unreadable())?;
    Ok(Interview {
        id: parse(row, 0)?,
        candidate_name: row.get(1)?,
        interview_type: parse(row, 2)?,
        interview_language: parse(row, 3)?,
        questions: serde_json::from_str(text(row, 4)?).map_err(|_| unreadable())?,
        job_description: row.get(5)?,
        resume: row.get(6)?,
        external_id: row.get(7)?,
        rubric: rubric.map(serde_json::from_str).transpose().map_err(|_| unreadable())?,
        max_answers: row.get(9)?,
        status: parse(row, 10)?,
        created_at: read_time(text(row, 11)?)?,
        updated_at: read_time(text(row, 12)?)?,
        calibration: row.get(13)?,
    })
}

/// Reads key, id, kind, question, content, time and origin from `first` on; none where there is no message.
pub(super) fn message(row: &Row<'_>, first: usize) -> Outcome<Option<Arc<Message>>> {
    let Some(key) = row.get::<_, Option<i64>>(first)? else { return Ok(None) };
    Ok(Some(Arc::new(Message {
        number: u32::try_from(number(key)).map_err(|_| unreadable())?,
        id: id(row, first + 1)?,
        kind: parse(row, first + 2)?,
        question: row.get(first + 3)?,
        content: row.get(first + 4)?,
        created_at: time(row, first + 5)?,
        origin: match row.get_ref(first + 6)? {
            rusqlite::types::ValueRef::Null => None,
            _ => Some(parse(row, first + 6)?),
        },
    })))
}

/// Reads id, language, status, version, the four times and the interview's id from `first` on; without messages.
pub(super) fn session(row: &Row<'_>, first: usize) -> Outcome<Session> {
    let created_at = time(row, first + 5)?;
    let [updated_at, ended_at] = [first + 6, first + 7].map(|column| row.get::<_, Option<i64>>(column));
    Ok(Session {
        id: id(row, first)?,
        interview_id: parse(row, first + 8)?,
        session_language: parse(row, first + 1)?,
        status: parse(row, first + 2)?,
        version: row.get::<_, Option<i64>>(first + 3)?.map_or(Ok(0), u64::try_from).map_err(|_| unreadable())?,
        messages: Vec::new(),
        started_at: time(row, first + 4)?,
        created_at,
        updated_at: updated_at?.map_or(Ok(created_at), from_micros)?,
        ended_at: ended_at?.map(from_micros).transpose()?,
    })
}

/// Adds the next message to a session that is being read. What is not stored of an active session follows from it.
pub(super) fn add_message(session: &mut Session, message: Arc<Message>) {
    if session.status == SessionStatus::Active {
        session.version = message.number.into();
        session.updated_at = message.created_at;
    }
    session.messages.push(message);
}

pub(super) fn subject_name(subject: Subject) -> &'static str {
    match subject {
        Subject::Nothing => "nothing",
        Subject::Plan => "plan",
        Subject::Session => "session",
        Subject::Message(_) => "message",
        Subject::Request(_) => "request",
        Subject::Evaluation(_) => "evaluation",
    }
}

pub(super) fn subject_number(subject: Subject) -> Option<u32> {
    match subject {
        Subject::Message(number) => Some(number),
        _ => None,
    }
}

/// An interview's log from one key (`?1`, exclusive) to another (`?2`), with the messages that its entries speak of: the columns that [`event`] reads.
/// The entries of messages are the messages; both parts are read in the order of their indexes.
pub(super) const LOG: &str = "SELECT events.key AS entry, events.session_id AS session_id, events.time, events.actor, events.action, \
    events.subject AS subject, events.message_number, events.evaluation_id AS evaluation_id, events.salt, events.digest, events.link, \
    NULL AS key, NULL, NULL, NULL, NULL, NULL, NULL FROM events WHERE events.key > ?1 AND events.key <= ?2 \
    UNION ALL SELECT messages.entry, sessions.id, messages.created_at, NULL, NULL, 'message', messages.key & 1048575, NULL, \
    messages.salt, messages.digest, messages.link, \
    messages.key, messages.id, messages.kind, messages.question, messages.content, messages.created_at, messages.origin \
    FROM messages CROSS JOIN sessions ON sessions.seq = messages.key >> 20 \
    WHERE messages.entry > ?1 AND messages.entry <= ?2";

/// Reads the columns of [`LOG`] from the first on: an entry, and the message that it is, where it is one.
pub(super) fn event(row: &Row<'_>) -> Outcome<(StoredEvent, Option<Arc<Message>>)> {
    let message = message(row, 11)?;
    let evaluation = optional_id::<EvaluationId>(row, 7)?;
    let subject = match text(row, 5)? {
        "nothing" => Subject::Nothing,
        "plan" => Subject::Plan,
        "session" => Subject::Session,
        "message" => Subject::Message(row.get(6)?),
        "request" => Subject::Request(evaluation.ok_or_else(unreadable)?),
        "evaluation" => Subject::Evaluation(evaluation.ok_or_else(unreadable)?),
        _ => return Err(unreadable().into()),
    };
    let (action, actor) = match &message {
        Some(message) => {
            let (action, actor) = of_role(message.role());
            (action, actor.into())
        }
        None => (parse(row, 4)?, text(row, 3)?.to_owned().into()),
    };
    let event = StoredEvent {
        number: number(row.get(0)?),
        session_id: optional_id(row, 1)?,
        time: time(row, 2)?,
        actor,
        action,
        subject,
        salt: row.get(8)?,
        digest: row.get(9)?,
        link: row.get(10)?,
    };
    Ok((event, message))
}

/// Reads request, result, id and message number.
pub(super) fn key_record(row: &Row<'_>) -> Outcome<KeyRecord> {
    let result = match text(row, 1)? {
        "interview" => KeyResult::Interview(id(row, 2)?),
        "plan" => KeyResult::Plan(id(row, 2)?, row.get(3)?),
        "session" => KeyResult::Session(id(row, 2)?),
        "message" => KeyResult::Message(id(row, 2)?, row.get(3)?),
        "evaluation" => KeyResult::Evaluation(id(row, 2)?),
        _ => return Err(unreadable().into()),
    };
    Ok(KeyRecord { request: row.get(0)?, result })
}

/// A key's result as the columns result, result_id and message_number.
pub(super) fn key_columns(result: KeyResult) -> (&'static str, Uuid, Option<u32>) {
    match result {
        KeyResult::Interview(id) => ("interview", *id.as_uuid(), None),
        KeyResult::Plan(id, number) => ("plan", *id.as_uuid(), Some(number)),
        KeyResult::Session(id) => ("session", *id.as_uuid(), None),
        KeyResult::Message(id, number) => ("message", *id.as_uuid(), Some(number)),
        KeyResult::Evaluation(id) => ("evaluation", *id.as_uuid(), None),
    }
}
