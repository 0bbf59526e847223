//! The use cases that write: one statement, one round trip and one commit each.
//!
//! A write whose connection is lost is run again: what it starts from guards it against being done twice. Where the run again finds its place taken, it
//! is asked whether the one before had done it, by the digest of its own entry of the log, which no other write has.

use postgres::types::Type;

use super::PostgresStore;
use super::connection::Connection;
use super::failure::{Failure, Taken};
use super::rows::{
    EvaluationRow, EventColumns, InterviewRow, KeyRow, MessageColumns, digest, get, key_record, signed64,
};
use crate::audit::{EventDraft, StoredEvent, origin};
use crate::domain::InterviewId;
use crate::domain::canonical::Sha256Digest;
use crate::error::{Error, Result};
use crate::store::{
    CreateInterview, EraseInterview, EvaluationWrite, KeyClaim, KeyRecord, KeyResult, SaveEvaluation, SessionStep,
    StartSession, UpdateInterview, Written,
};

/// What shows that a write was made.
enum Trace<'a> {
    Event(InterviewId, &'a EventDraft),
    Step(&'a SessionStep),
    Evaluation(&'a EvaluationWrite),
}

impl<'a> Trace<'a> {
    fn of(interview: InterviewId, events: &'a [EventDraft], otherwise: Self) -> Self {
        events.last().map_or(otherwise, |event| Self::Event(interview, event))
    }
}

impl PostgresStore {
    fn wrote(&self, connection: &mut Connection, trace: &Trace<'_>) -> Result<bool, Failure> {
        let rows = match trace {
            Trace::Event(interview, event) => connection.query(
                &self.statements.wrote_event,
                &[(interview.as_uuid(), Type::UUID), (&&event.digest[..], Type::BYTEA)],
            ),
            Trace::Step(step) => connection.query(
                &self.statements.wrote_step,
                &[
                    (step.session.id.as_uuid(), Type::UUID),
                    (&signed64(step.session.version), Type::INT8),
                    (&step.session.updated_at, Type::TIMESTAMPTZ),
                ],
            ),
            Trace::Evaluation(write) => connection.query(
                &self.statements.wrote_evaluation,
                &[(write.evaluation.id.as_uuid(), Type::UUID), (&write.document, Type::TEXT)],
            ),
        }?;
        Ok(rows.first().map(|row| get(row, 0)).transpose()?.unwrap_or(false))
    }

    pub(super) fn find_key(
        &self,
        connection: &mut Connection,
        scope: &Sha256Digest,
    ) -> Result<Option<KeyRecord>, Failure> {
        let rows = connection.query(&self.statements.key, &[(&&scope[..], Type::BYTEA)])?;
        Ok(rows.first().map(|row| key_record(row, 0)).transpose()?)
    }

    /// Runs a write that answers one row where it is done, and none where it is stale.
    fn write(
        &self,
        key: Option<&KeyClaim>,
        trace: &Trace<'_>,
        mut attempt: impl FnMut(&mut Connection) -> Result<bool, Failure>,
    ) -> Result<Written> {
        self.pool.run(|connection, unsure| {
            let failed = match attempt(connection) {
                Ok(true) => return Ok(Written::Done),
                Ok(false) => None,
                Err(Failure::Taken(taken)) => Some(taken),
                Err(other) => return Err(other),
            };
            if unsure && self.wrote(connection, trace)? {
                return Ok(Written::Done);
            }
            // A key that is taken says more than that its first use has moved the session on.
            if let Some(key) = key
                && let Some(record) = self.find_key(connection, &key.scope)?
            {
                return Ok(Written::KeyTaken(record));
            }
            match failed {
                None | Some(Taken::Evaluation) => Ok(Written::Stale),
                // Whoever had it was rolled back meanwhile, or erased.
                Some(Taken::Key) => Err(Failure::Undone { error: busy_key(), elsewhere: false }),
                Some(taken) => Err(Failure::Taken(taken)),
            }
        })
    }

    pub(super) fn write_interview(&self, write: &CreateInterview) -> Result<Written> {
        let CreateInterview { tenant, interview, events, key } = write;
        let id = interview.id;
        let mut links: Vec<Sha256Digest> = Vec::with_capacity(events.len());
        for (draft, number) in events.iter().zip(1..) {
            let previous = links.last().copied().unwrap_or_else(|| origin(id));
            links.push(StoredEvent::after(&previous, number, draft.clone()).link);
        }
        if links.is_empty() {
            links.push(origin(id));
        }
        let links: Vec<&[u8]> = links.iter().map(|link| &link[..]).collect();
        let (columns, row) = (EventColumns::new(events), InterviewRow::new(tenant, interview)?);
        let key_row = key.as_ref().map(|claim| KeyRow::new(claim, KeyResult::Interview(id)));
        let text = self.statements.create_interview.text(key.is_some());
        let trace = events.last().map(|event| Trace::Event(id, event));
        let trace = trace.ok_or_else(|| Error::internal("an interview without its first entry"))?;
        let written = self.write(key.as_ref(), &trace, |connection| {
            let mut params = columns.params().to_vec();
            params.push((&links, Type::BYTEA_ARRAY));
            params.extend(row.params());
            key_row.iter().for_each(|row| row.push_onto(&mut params));
            match connection.query(text, &params) {
                Ok(rows) => Ok(!rows.is_empty()),
                Err(failed) => Err(failed),
            }
        });
        written.map_err(|error| match error.kind() {
            crate::ErrorKind::Conflict => Error::conflict(format!("interview {id} is there already")),
            _ => error,
        })
    }

    pub(super) fn write_update(&self, write: &UpdateInterview) -> Result<Written> {
        let UpdateInterview { tenant, draft, interview, event, key } = write;
        let (columns, row) = (EventColumns::new(std::slice::from_ref(event)), InterviewRow::new(tenant, interview)?);
        let key_row = key.as_ref().map(|(claim, result)| KeyRow::new(claim, *result));
        let text = self.statements.update_interview.text(key.is_some());
        let draft = signed64(*draft);
        self.write(key.as_ref().map(|(claim, _)| claim), &Trace::Event(interview.id, event), |connection| {
            let mut params = columns.params().to_vec();
            params.push((&draft, Type::INT8));
            params.extend(row.params());
            key_row.iter().for_each(|row| row.push_onto(&mut params));
            Ok(!connection.query(text, &params)?.is_empty())
        })
    }

    pub(super) fn write_session(&self, write: &StartSession) -> Result<Written> {
        let StartSession { tenant, draft, session, events, key } = write;
        let (columns, said) = (EventColumns::new(events), MessageColumns::new(&session.messages));
        let key_row = key.as_ref().map(|claim| KeyRow::new(claim, KeyResult::Session(session.id)));
        let text = self.statements.start_session.text(key.is_some());
        let trace = events.last().map(|event| Trace::Event(session.interview_id, event));
        let trace = trace.ok_or_else(|| Error::internal("a session without its first entry"))?;
        let (tenant, version, draft) = (&**tenant, signed64(session.version), draft.map(signed64));
        let (language, status) = (session.session_language.as_str(), session.status.as_str());
        self.write(key.as_ref(), &trace, |connection| {
            let mut params = columns.params().to_vec();
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
                (&session.ended_at as _, Type::TIMESTAMPTZ),
            ]);
            params.extend(said.params());
            params.push(said.origins());
            params.push((&draft, Type::INT8));
            key_row.iter().for_each(|row| row.push_onto(&mut params));
            Ok(!connection.query(text, &params)?.is_empty())
        })
    }

    pub(super) fn write_step(&self, step: &SessionStep) -> Result<Written> {
        let SessionStep { tenant, from_version, session, evaluation, events, key, .. } = step;
        let (columns, said) = (EventColumns::new(events), MessageColumns::new(step.messages()));
        let key_row = key.as_ref().map(|(claim, result)| KeyRow::new(claim, *result));
        let (tenant, status) = (&**tenant, session.status.as_str());
        let (from_version, version) = (signed64(*from_version), signed64(session.version));
        let asked = evaluation.as_ref().map(EvaluationRow::new);
        let trace = Trace::of(session.interview_id, events, Trace::Step(step));
        self.write(key.as_ref().map(|(claim, _)| claim), &trace, |connection| {
            let mut params = columns.params().to_vec();
            params.reserve(25);
            params.extend([
                (session.id.as_uuid() as _, Type::UUID),
                (&tenant as _, Type::TEXT),
                (&from_version as _, Type::INT8),
                (&version as _, Type::INT8),
                (&status as _, Type::TEXT),
                (&session.updated_at as _, Type::TIMESTAMPTZ),
                (&session.ended_at as _, Type::TIMESTAMPTZ),
            ]);
            params.extend(said.params());
            if asked.is_none() {
                params.extend(EvaluationRow::none());
            }
            params.extend(key_row.as_ref().map_or_else(KeyRow::none, KeyRow::params));
            let text = match &asked {
                Some(row) => {
                    params.extend(row.asked());
                    &self.statements.step_session_asking
                }
                None if said.have_origins() => {
                    params.push(said.origins());
                    &self.statements.step_session_said
                }
                None => &self.statements.step_session,
            };
            let rows = connection.query(text, &params)?;
            Ok(rows.first().map(|row| get(row, 0)).transpose()?.unwrap_or(false))
        })
    }

    pub(super) fn write_evaluation(&self, save: &SaveEvaluation) -> Result<Written> {
        let SaveEvaluation { tenant, draft, write, new, events, key } = save;
        let evaluation = &write.evaluation;
        let columns = EventColumns::new(events);
        let key_row = key.as_ref().map(|claim| KeyRow::new(claim, KeyResult::Evaluation(evaluation.id)));
        let statement = if *new { &self.statements.new_evaluation } else { &self.statements.finish_evaluation };
        let text = statement.text(key.is_some());
        let (tenant, draft) = (&**tenant, draft.map(signed64));
        let row = EvaluationRow::new(write);
        let trace = Trace::of(evaluation.interview_id, events, Trace::Evaluation(write));
        self.write(key.as_ref(), &trace, |connection| {
            let mut params = columns.params().to_vec();
            params.extend(row.params(&tenant));
            params.push((&draft, Type::INT8));
            key_row.iter().for_each(|row| row.push_onto(&mut params));
            Ok(!connection.query(text, &params)?.is_empty())
        })
    }

    /// Erases in one transaction. Run again on an erased interview it does nothing, so that a lost connection needs no thought.
    pub(super) fn erase(&self, write: &EraseInterview) -> Result<Written> {
        let EraseInterview { tenant, interview_id, draft, time, event } = write;
        let tenant: &str = tenant;
        let names = self.statements.names();
        let id = interview_id.as_uuid();
        let locks = [
            names.text("SELECT FROM {schema}.sessions WHERE interview_id = $1 ORDER BY id FOR UPDATE"),
            names.text("SELECT FROM {schema}.evaluations WHERE interview_id = $1 ORDER BY id FOR UPDATE"),
        ];
        // Stronger than the lock of a change: whoever keeps a reply is waited for as well.
        let lock_head =
            names.text("SELECT erased, number FROM {schema}.audit_heads WHERE interview_id = $1 FOR UPDATE");
        let exists = names.text("SELECT FROM {schema}.interviews WHERE id = $1 AND tenant = $2");
        let take_head = names.text(include_str!("sql/erase_head.sql"));
        let erase_words = names.text(include_str!("sql/erase_words.sql"));
        let session = event.session_id.map(|id| *id.as_uuid());
        let owner = [(id as _, Type::UUID), (&tenant as _, Type::TEXT)];
        self.pool.run(|connection, _| {
            connection.transaction("BEGIN", |connection| {
                if connection.query(&exists, &owner)?.is_empty() {
                    return Ok(Written::Stale);
                }
                // In the order that all writers lock in.
                for lock in &locks {
                    connection.query(lock, &owner[..1])?;
                }
                let locked = connection.query(&lock_head, &owner[..1])?;
                if let (Some(head), Some(draft)) = (locked.first(), draft)
                    && !get::<bool>(head, 0)?
                    && get::<i64>(head, 1)? != signed64(*draft)
                {
                    return Ok(Written::Stale);
                }
                let digests = vec![&event.digest[..]];
                let mut params = owner.to_vec();
                params.push((&digests, Type::BYTEA_ARRAY));
                let head = connection.query(&take_head, &params)?;
                let Some(head) = head.first() else { return Ok(Written::Done) };
                // What was begun meanwhile may be held by a writer that waits for the head: then all is let go, and tried again, instead of a deadlock.
                for lock in &locks {
                    connection.query(&format!("{lock} NOWAIT"), &owner[..1])?;
                }
                let (number, link) = (get::<i64>(head, 0)?, digest(head, 1)?);
                connection.query(
                    &erase_words,
                    &[
                        (id, Type::UUID),
                        (time, Type::TIMESTAMPTZ),
                        (&number, Type::INT8),
                        (&session as &(dyn postgres::types::ToSql + Sync), Type::UUID),
                        (&event.time, Type::TIMESTAMPTZ),
                        (&&*event.actor, Type::TEXT),
                        (&event.action.as_str(), Type::TEXT),
                        (&&event.salt[..], Type::BYTEA),
                        (&&event.digest[..], Type::BYTEA),
                        (&&link[..], Type::BYTEA),
                    ],
                )?;
                Ok(Written::Done)
            })
        })
    }
}

fn busy_key() -> Error {
    Error::storage("the idempotency key is in use by a call that is neither done nor undone").retryable()
}
