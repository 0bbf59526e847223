//! Rows to domain values and back.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use super::connection::Param;
use crate::audit::{EventDraft, StoredEvent, Subject};
use crate::domain::canonical::Sha256Digest;
use crate::domain::{EvaluationId, Interview, Message, Origin, Session};
use crate::error::{Error, Result};
use crate::store::interview_cache::{Before, InterviewCache};
use crate::store::{EvaluationWrite, KeyClaim, KeyRecord, KeyResult, kept_status};

/// The columns that [`interview`] reads, of a table of this alias.
pub(super) const INTERVIEW: &str = "interviews.id, interviews.candidate_name, interviews.interview_type, \
    interviews.interview_language, interviews.questions, interviews.job_description, interviews.resume, interviews.external_id, \
    interviews.rubric, interviews.max_answers, interviews.status, interviews.created_at, interviews.updated_at, \
    interviews.calibration";

pub(super) fn unreadable() -> Error {
    Error::storage("the database holds a row that this library did not write")
}

pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T> {
    row.try_get(column).map_err(|_| unreadable())
}

/// A name of ours, as a value.
pub(super) fn parse<T: std::str::FromStr>(row: &Row, column: usize) -> Result<T> {
    get::<&str>(row, column)?.parse().map_err(|_| unreadable())
}

/// A number that is never negative.
pub(super) fn unsigned<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T> {
    T::try_from(get::<i64>(row, column)?).map_err(|_| unreadable())
}

pub(super) fn unsigned32(row: &Row, column: usize) -> Result<Option<u32>> {
    get::<Option<i32>>(row, column)?.map(u32::try_from).transpose().map_err(|_| unreadable())
}

pub(super) fn digest(row: &Row, column: usize) -> Result<Sha256Digest> {
    get::<&[u8]>(row, column)?.try_into().map_err(|_| unreadable())
}

/// A number as the database has it: its own are signed.
pub(super) fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(super) fn signed64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Reads the columns of [`INTERVIEW`] from the first on, unless the interview is known as it is.
pub(super) fn listed(row: &Row, known: &InterviewCache, before: Before) -> Result<Arc<Interview>> {
    if let Some(interview) = known.unchanged(get::<Uuid>(row, 0)?.into(), parse(row, 10)?, get(row, 12)?) {
        return Ok(interview);
    }
    let interview = Arc::new(interview(row, 0)?);
    known.keep(&interview, before);
    Ok(interview)
}

/// Reads the columns of [`INTERVIEW`] from `first` on.
pub(super) fn interview(row: &Row, first: usize) -> Result<Interview> {
    let json = |_| unreadable();
    Ok(Interview {
        id: get::<Uuid>(row, first)?.into(),
        candidate_name: get(row, first + 1)?,
        interview_type: parse(row, first + 2)?,
        interview_language: parse(row, first + 3)?,
        questions: serde_json::from_str(get(row, first + 4)?).map_err(json)?,
        job_description: get(row, first + 5)?,
        resume: get(row, first + 6)?,
        external_id: get(row, first + 7)?,
        rubric: get::<Option<&str>>(row, first + 8)?.map(serde_json::from_str).transpose().map_err(json)?,
        max_answers: unsigned32(row, first + 9)?.ok_or_else(unreadable)?,
        status: parse(row, first + 10)?,
        created_at: get(row, first + 11)?,
        updated_at: get(row, first + 12)?,
        calibration: get(row, first + 13)?,
    })
}

/// Reads number, id, kind, question, content, time and origin from `first` on; none where there is no message.
pub(super) fn message(row: &Row, first: usize) -> Result<Option<Arc<Message>>> {
    let Some(number) = unsigned32(row, first)? else { return Ok(None) };
    Ok(Some(Arc::new(Message {
        number,
        id: get::<Uuid>(row, first + 1)?.into(),
        kind: parse(row, first + 2)?,
        question: unsigned32(row, first + 3)?,
        content: get(row, first + 4)?,
        created_at: get(row, first + 5)?,
        origin: match get::<Option<&str>>(row, first + 6)? {
            Some(_) => Some(parse(row, first + 6)?),
            None => None,
        },
    })))
}

/// Reads interview, language, status, version and the four times from `first` on.
pub(super) fn session(row: &Row, first: usize, id: Uuid, messages: Vec<Arc<Message>>) -> Result<Session> {
    Ok(Session {
        id: id.into(),
        interview_id: get::<Uuid>(row, first)?.into(),
        session_language: parse(row, first + 1)?,
        status: parse(row, first + 2)?,
        version: unsigned(row, first + 3)?,
        messages,
        started_at: get(row, first + 4)?,
        created_at: get(row, first + 5)?,
        updated_at: get(row, first + 6)?,
        ended_at: get(row, first + 7)?,
    })
}

/// The name of a subject in the table; its number or id stands in a column of its own.
fn subject_name(subject: Subject) -> &'static str {
    match subject {
        Subject::Nothing => "nothing",
        Subject::Plan => "plan",
        Subject::Session => "session",
        Subject::Message(_) => "message",
        Subject::Request(_) => "request",
        Subject::Evaluation(_) => "evaluation",
    }
}

fn subject_number(subject: Subject) -> Option<i32> {
    match subject {
        Subject::Message(number) => Some(signed(number)),
        _ => None,
    }
}

fn subject(name: &str, number: Option<u32>, evaluation: Option<Uuid>) -> Result<Subject> {
    let evaluation = evaluation.map(EvaluationId::from).ok_or_else(unreadable);
    Ok(match name {
        "nothing" => Subject::Nothing,
        "plan" => Subject::Plan,
        "session" => Subject::Session,
        "message" => Subject::Message(number.ok_or_else(unreadable)?),
        "request" => Subject::Request(evaluation?),
        "evaluation" => Subject::Evaluation(evaluation?),
        _ => return Err(unreadable()),
    })
}

/// Reads number, session, time, actor, action, subject, message number, evaluation, salt, digest and link.
pub(super) fn event(row: &Row) -> Result<StoredEvent> {
    let salt = get::<Option<&[u8]>>(row, 8)?.map(TryInto::try_into).transpose().map_err(|_| unreadable())?;
    Ok(StoredEvent {
        number: unsigned(row, 0)?,
        session_id: get::<Option<Uuid>>(row, 1)?.map(Into::into),
        time: get(row, 2)?,
        actor: get::<String>(row, 3)?.into(),
        action: parse(row, 4)?,
        subject: subject(get(row, 5)?, unsigned32(row, 6)?, get(row, 7)?)?,
        salt,
        digest: digest(row, 9)?,
        link: digest(row, 10)?,
    })
}

/// Reads request, result, id and message number from `first` on.
pub(super) fn key_record(row: &Row, first: usize) -> Result<KeyRecord> {
    let id = get::<Uuid>(row, first + 2)?;
    let request = get::<Option<&[u8]>>(row, first)?.map(TryInto::try_into).transpose().map_err(|_| unreadable())?;
    let result = match get::<&str>(row, first + 1)? {
        "interview" => KeyResult::Interview(id.into()),
        "plan" => KeyResult::Plan(id.into(), unsigned32(row, first + 3)?.ok_or_else(unreadable)?),
        "session" => KeyResult::Session(id.into()),
        "message" => KeyResult::Message(id.into(), unsigned32(row, first + 3)?.ok_or_else(unreadable)?),
        "evaluation" => KeyResult::Evaluation(id.into()),
        _ => return Err(unreadable()),
    };
    Ok(KeyRecord { request, result })
}

/// A key's result as the columns result, result_id and message_number.
pub(super) fn key_columns(result: KeyResult) -> (&'static str, Uuid, Option<i32>) {
    match result {
        KeyResult::Interview(id) => ("interview", *id.as_uuid(), None),
        KeyResult::Plan(id, number) => ("plan", *id.as_uuid(), Some(signed(number))),
        KeyResult::Session(id) => ("session", *id.as_uuid(), None),
        KeyResult::Message(id, number) => ("message", *id.as_uuid(), Some(signed(number))),
        KeyResult::Evaluation(id) => ("evaluation", *id.as_uuid(), None),
    }
}

/// A key's row, as parameters that stand at `$30` to `$34` in most statements; those before that have no use are filled up with nulls.
pub(super) struct KeyRow<'a> {
    scope: &'a [u8],
    request: &'a [u8],
    result: &'static str,
    result_id: Uuid,
    message_number: Option<i32>,
}

/// The place of a key's first parameter.
const KEY_PLACE: usize = 30;

impl<'a> KeyRow<'a> {
    pub(super) fn new(claim: &'a KeyClaim, result: KeyResult) -> Self {
        let (result, result_id, message_number) = key_columns(result);
        Self { scope: &claim.scope, request: &claim.request, result, result_id, message_number }
    }

    pub(super) fn push_onto<'b>(&'b self, params: &mut Vec<Param<'b>>) {
        while params.len() < KEY_PLACE - 1 {
            params.push((&None::<bool>, Type::BOOL));
        }
        params.extend(self.params());
    }

    pub(super) fn params(&self) -> [Param<'_>; 5] {
        [
            (&self.scope, Type::BYTEA),
            (&self.request, Type::BYTEA),
            (&self.result, Type::TEXT),
            (&self.result_id, Type::UUID),
            (&self.message_number, Type::INT4),
        ]
    }

    /// The same where there is no key.
    pub(super) fn none() -> [Param<'a>; 5] {
        [
            (&None::<&[u8]>, Type::BYTEA),
            (&None::<&[u8]>, Type::BYTEA),
            (&None::<&str>, Type::TEXT),
            (&None::<Uuid>, Type::UUID),
            (&None::<i32>, Type::INT4),
        ]
    }
}

/// What is written of an evaluation.
pub(super) struct EvaluationRow<'a> {
    write: &'a EvaluationWrite,
    session: Option<Uuid>,
    status: &'static str,
    supersedes: Option<Uuid>,
    due_at: DateTime<Utc>,
    lease: Option<&'a [u8]>,
}

impl<'a> EvaluationRow<'a> {
    pub(super) fn new(write: &'a EvaluationWrite) -> Self {
        Self {
            write,
            session: write.evaluation.session_id.map(|id| *id.as_uuid()),
            status: kept_status(write).as_str(),
            supersedes: write.evaluation.supersedes.map(|id| *id.as_uuid()),
            due_at: write.lease.map_or(write.evaluation.created_at, |lease| lease.until),
            lease: write.lease.as_ref().map(|lease| &lease.token[..]),
        }
    }

    /// The parameters of `save_evaluation.sql` and of a copy from `$10` on.
    pub(super) fn params<'b>(&'b self, tenant: &'b &'b str) -> [Param<'b>; 10] {
        let evaluation = &self.write.evaluation;
        [
            (evaluation.id.as_uuid(), Type::UUID),
            (evaluation.interview_id.as_uuid(), Type::UUID),
            (tenant, Type::TEXT),
            (&self.session, Type::UUID),
            (&self.status, Type::TEXT),
            (&evaluation.created_at, Type::TIMESTAMPTZ),
            (&self.write.document, Type::TEXT),
            (&self.supersedes, Type::UUID),
            (&self.due_at, Type::TIMESTAMPTZ),
            (&self.lease, Type::BYTEA),
        ]
    }

    /// The parameters of `step_session_asking` from `$28` on.
    pub(super) fn asked(&self) -> [Param<'_>; 7] {
        let evaluation = &self.write.evaluation;
        [
            (evaluation.id.as_uuid(), Type::UUID),
            (evaluation.interview_id.as_uuid(), Type::UUID),
            (&self.status, Type::TEXT),
            (&evaluation.created_at, Type::TIMESTAMPTZ),
            (&self.write.document, Type::TEXT),
            (&self.due_at, Type::TIMESTAMPTZ),
            (&self.lease, Type::BYTEA),
        ]
    }

    /// The parameters of `step_session` for a step without an evaluation.
    pub(super) fn none() -> [Param<'a>; 4] {
        [
            (&None::<Uuid>, Type::UUID),
            (&None::<&str>, Type::TEXT),
            (&None::<DateTime<Utc>>, Type::TIMESTAMPTZ),
            (&None::<&str>, Type::TEXT),
        ]
    }
}

/// New entries of a log, as the arrays that stand at `$1` to `$9`.
#[derive(Default)]
pub(super) struct EventColumns<'a> {
    sessions: Vec<Option<Uuid>>,
    times: Vec<DateTime<Utc>>,
    actors: Vec<&'a str>,
    actions: Vec<&'static str>,
    subjects: Vec<&'static str>,
    messages: Vec<Option<i32>>,
    evaluations: Vec<Option<Uuid>>,
    salts: Vec<Option<&'a [u8]>>,
    digests: Vec<&'a [u8]>,
}

impl<'a> EventColumns<'a> {
    pub(super) fn new(events: &'a [EventDraft]) -> Self {
        let mut columns = Self::default();
        for event in events {
            columns.sessions.push(event.session_id.map(|id| *id.as_uuid()));
            columns.times.push(event.time);
            columns.actors.push(&event.actor);
            columns.salts.push(Some(&event.salt));
            columns.digests.push(&event.digest);
            columns.push_what(event.action, event.subject);
        }
        columns
    }

    /// The same of entries that are kept elsewhere.
    pub(super) fn stored(events: &'a [StoredEvent]) -> Self {
        let mut columns = Self::default();
        for event in events {
            columns.sessions.push(event.session_id.map(|id| *id.as_uuid()));
            columns.times.push(event.time);
            columns.actors.push(&event.actor);
            columns.salts.push(event.salt.as_ref().map(|salt| &salt[..]));
            columns.digests.push(&event.digest);
            columns.push_what(event.action, event.subject);
        }
        columns
    }

    fn push_what(&mut self, action: crate::domain::Action, subject: Subject) {
        self.actions.push(action.as_str());
        self.subjects.push(subject_name(subject));
        self.messages.push(subject_number(subject));
        self.evaluations.push(subject.evaluation_id().map(|id| *id.as_uuid()));
    }

    pub(super) fn params(&self) -> [Param<'_>; 9] {
        [
            (&self.sessions, Type::UUID_ARRAY),
            (&self.times, Type::TIMESTAMPTZ_ARRAY),
            (&self.actors, Type::TEXT_ARRAY),
            (&self.actions, Type::TEXT_ARRAY),
            (&self.subjects, Type::TEXT_ARRAY),
            (&self.messages, Type::INT4_ARRAY),
            (&self.evaluations, Type::UUID_ARRAY),
            (&self.salts, Type::BYTEA_ARRAY),
            (&self.digests, Type::BYTEA_ARRAY),
        ]
    }
}

/// New messages, as arrays.
#[derive(Default)]
pub(super) struct MessageColumns<'a> {
    numbers: Vec<i32>,
    ids: Vec<Uuid>,
    kinds: Vec<&'static str>,
    questions: Vec<Option<i32>>,
    contents: Vec<&'a str>,
    times: Vec<DateTime<Utc>>,
    origins: Vec<Option<&'static str>>,
}

impl<'a> MessageColumns<'a> {
    pub(super) fn new(messages: impl IntoIterator<Item = &'a Arc<Message>>) -> Self {
        let mut columns = Self::default();
        for message in messages {
            columns.numbers.push(signed(message.number));
            columns.ids.push(*message.id.as_uuid());
            columns.kinds.push(message.kind.as_str());
            columns.questions.push(message.question.map(signed));
            columns.contents.push(&message.content);
            columns.times.push(message.created_at);
            columns.origins.push(message.origin.map(Origin::as_str));
        }
        columns
    }

    /// Whether the origin of one of them is told.
    pub(super) fn have_origins(&self) -> bool {
        self.origins.iter().any(Option::is_some)
    }

    pub(super) fn origins(&self) -> Param<'_> {
        (&self.origins, Type::TEXT_ARRAY)
    }

    pub(super) fn params(&self) -> [Param<'_>; 6] {
        [
            (&self.numbers, Type::INT4_ARRAY),
            (&self.ids, Type::UUID_ARRAY),
            (&self.kinds, Type::TEXT_ARRAY),
            (&self.questions, Type::INT4_ARRAY),
            (&self.contents, Type::TEXT_ARRAY),
            (&self.times, Type::TIMESTAMPTZ_ARRAY),
        ]
    }
}

/// What is written of an interview, as the parameters of `create_interview.sql` from `$11` on.
pub(super) struct InterviewRow<'a> {
    id: Uuid,
    tenant: &'a str,
    interview: &'a Interview,
    created_at: DateTime<Utc>,
    kind: &'static str,
    language: &'static str,
    status: &'static str,
    max_answers: i32,
    folded: String,
    questions: String,
    rubric: Option<String>,
}

impl<'a> InterviewRow<'a> {
    pub(super) fn new(tenant: &'a str, interview: &'a Interview) -> Result<Self> {
        let json = |_| Error::internal("an interview has no JSON form");
        Ok(Self {
            id: *interview.id.as_uuid(),
            tenant,
            interview,
            created_at: interview.created_at,
            kind: interview.interview_type.as_str(),
            language: interview.interview_language.as_str(),
            status: interview.status.as_str(),
            max_answers: signed(interview.max_answers),
            folded: crate::store::list::fold(&interview.candidate_name),
            questions: serde_json::to_string(&interview.questions).map_err(json)?,
            rubric: interview.rubric.as_ref().map(serde_json::to_string).transpose().map_err(json)?,
        })
    }

    pub(super) fn params(&self) -> [Param<'_>; 16] {
        [
            (&self.id, Type::UUID),
            (&self.tenant, Type::TEXT),
            (&self.created_at, Type::TIMESTAMPTZ),
            (&self.interview.updated_at, Type::TIMESTAMPTZ),
            (&self.status, Type::TEXT),
            (&self.kind, Type::TEXT),
            (&self.language, Type::TEXT),
            (&self.max_answers, Type::INT4),
            (&self.interview.candidate_name, Type::TEXT),
            (&self.folded, Type::TEXT),
            (&self.interview.external_id, Type::TEXT),
            (&self.interview.job_description, Type::TEXT),
            (&self.interview.resume, Type::TEXT),
            (&self.questions, Type::TEXT),
            (&self.rubric, Type::TEXT),
            (&self.interview.calibration, Type::TEXT),
        ]
    }
}
