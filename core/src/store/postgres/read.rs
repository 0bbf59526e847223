//! The use cases that read: one round trip each.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::PostgresStore;
use super::connection::Param;
use super::rows::{self, INTERVIEW, digest, get, parse, unreadable, unsigned};
use crate::audit::{Content, Subject};
use crate::domain::{Evaluation, EvaluationId, Event, Interview, InterviewId, Session, SessionId};
use crate::error::Result;
use crate::store::{AuditPage, AuditState, Planned, Tenant, as_kept};

impl PostgresStore {
    pub(super) fn read(&self, text: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        self.pool.run(|connection, _| connection.query(text, params))
    }

    /// Runs a small statement about one thing of a tenant: `$1` is its id, `$2` the tenant.
    fn read_of(&self, template: &str, id: &Uuid, tenant: &Tenant) -> Result<Vec<Row>> {
        self.read(&self.statements.names().text(template), &[(id, Type::UUID), (&&**tenant, Type::TEXT)])
    }

    pub(super) fn read_interview(&self, tenant: &Tenant, id: InterviewId) -> Result<Option<Arc<Interview>>> {
        let text = format!(
            "SELECT {INTERVIEW} FROM {{schema}}.interviews WHERE id = $1 AND tenant = $2 AND erased_at IS NULL"
        );
        let rows = self.read_of(&text, id.as_uuid(), tenant)?;
        rows.first().map(|row| rows::interview(row, 0).map(Arc::new)).transpose()
    }

    pub(super) fn read_planned(&self, tenant: &Tenant, id: InterviewId) -> Result<Option<Planned>> {
        let text = format!(
            "SELECT {INTERVIEW}, heads.number, EXISTS (SELECT FROM {{schema}}.events WHERE events.interview_id = heads.interview_id \
             AND events.number = heads.number AND events.subject = 'plan') \
             FROM {{schema}}.interviews JOIN {{schema}}.audit_heads AS heads ON heads.interview_id = interviews.id \
             WHERE interviews.id = $1 AND interviews.tenant = $2 AND interviews.erased_at IS NULL"
        );
        let rows = self.read_of(&text, id.as_uuid(), tenant)?;
        let planned = |row| {
            let (interview, number) = (Arc::new(rows::interview(row, 0)?), unsigned(row, 14)?);
            Ok(Planned { interview, draft: get::<bool>(row, 15)?.then_some(number) })
        };
        rows.first().map(planned).transpose()
    }

    pub(super) fn read_interviews_of(&self, tenant: &Tenant, external_id: &str) -> Result<Vec<InterviewId>> {
        let text = self.statements.names().text(
            "SELECT id FROM {schema}.interviews \
             WHERE tenant = $1 AND external_id = $2 AND erased_at IS NULL AND external_id IS NOT NULL ORDER BY id",
        );
        ids(&self.read(&text, &[(&&**tenant, Type::TEXT), (&external_id, Type::TEXT)])?)
    }

    pub(super) fn read_session(&self, tenant: &Tenant, id: SessionId) -> Result<Option<Arc<Session>>> {
        let params: [Param<'_>; 2] = [(id.as_uuid(), Type::UUID), (&&**tenant, Type::TEXT)];
        let rows = self.read(&self.statements.session, &params)?;
        let Some(first) = rows.first() else { return Ok(None) };
        let messages = rows.iter().filter_map(|row| rows::message(row, 0).transpose()).collect::<Result<_>>()?;
        rows::session(first, 7, *id.as_uuid(), messages).map(|session| Some(Arc::new(session)))
    }

    pub(super) fn read_version(&self, tenant: &Tenant, id: SessionId) -> Result<Option<u64>> {
        let text = "SELECT version FROM {schema}.sessions WHERE id = $1 AND tenant = $2";
        self.read_of(text, id.as_uuid(), tenant)?.first().map(|row| unsigned(row, 0)).transpose()
    }

    pub(super) fn read_sessions_of(&self, tenant: &Tenant, interview: InterviewId) -> Result<Vec<SessionId>> {
        let text = "SELECT id FROM {schema}.sessions WHERE interview_id = $1 AND tenant = $2 ORDER BY id";
        ids(&self.read_of(text, interview.as_uuid(), tenant)?)
    }

    pub(super) fn read_idle(&self, tenant: &Tenant, before: DateTime<Utc>, limit: u32) -> Result<Vec<SessionId>> {
        let text = self.statements.names().text(
            "SELECT id FROM {schema}.sessions \
             WHERE tenant = $1 AND status = 'active' AND updated_at < $2 ORDER BY id LIMIT $3",
        );
        let limit = i64::from(limit);
        ids(&self.read(&text, &[(&&**tenant, Type::TEXT), (&before, Type::TIMESTAMPTZ), (&limit, Type::INT8)])?)
    }

    pub(super) fn read_evaluation(&self, tenant: &Tenant, id: EvaluationId) -> Result<Option<Arc<Evaluation>>> {
        let text = "SELECT document, status FROM {schema}.evaluations WHERE id = $1 AND tenant = $2";
        self.read_of(text, id.as_uuid(), tenant)?.first().map(evaluation).transpose()
    }

    pub(super) fn read_evaluation_of(&self, tenant: &Tenant, id: SessionId) -> Result<Option<Arc<Evaluation>>> {
        let text = "SELECT document, status FROM {schema}.evaluations WHERE session_id = $1 AND tenant = $2 \
                    ORDER BY status = 'failed', EXISTS (SELECT FROM {schema}.evaluations AS later \
                    WHERE later.supersedes = evaluations.id AND later.status <> 'failed'), seq DESC LIMIT 1";
        self.read_of(text, id.as_uuid(), tenant)?.first().map(evaluation).transpose()
    }

    pub(super) fn read_successor(&self, tenant: &Tenant, id: EvaluationId) -> Result<Option<EvaluationId>> {
        let text = "SELECT id FROM {schema}.evaluations WHERE supersedes = $1 AND status <> 'failed' AND tenant = $2";
        Ok(ids(&self.read_of(text, id.as_uuid(), tenant)?)?.first().copied())
    }

    pub(super) fn read_evaluations_of(&self, tenant: &Tenant, interview: InterviewId) -> Result<Vec<EvaluationId>> {
        let text = "SELECT id FROM {schema}.evaluations WHERE interview_id = $1 AND tenant = $2 ORDER BY id";
        ids(&self.read_of(text, interview.as_uuid(), tenant)?)
    }

    pub(super) fn read_events(
        &self,
        tenant: &Tenant,
        session: SessionId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Event>> {
        let params: [Param<'_>; 4] = [
            (session.as_uuid(), Type::UUID),
            (&&**tenant, Type::TEXT),
            (&rows::signed64(after), Type::INT8),
            (&i64::from(limit), Type::INT8),
        ];
        let rows = self.read(&self.statements.events, &params)?;
        rows.iter()
            .map(|row| {
                let evaluation = get::<Option<Uuid>>(row, 6)?.map(EvaluationId::from);
                Ok(Event {
                    interview_id: get::<Uuid>(row, 0)?.into(),
                    number: unsigned(row, 1)?,
                    session_id: Some(session),
                    time: get(row, 2)?,
                    actor: get(row, 3)?,
                    action: parse(row, 4)?,
                    message: rows::message(row, 7)?,
                    evaluation_id: evaluation,
                })
            })
            .collect()
    }

    pub(super) fn read_audit_state(&self, tenant: &Tenant, interview: InterviewId) -> Result<Option<AuditState>> {
        let text = "SELECT heads.number, heads.links[cardinality(heads.links)], heads.erased AND interviews.erased_at IS NOT NULL \
                    FROM {schema}.audit_heads AS heads JOIN {schema}.interviews ON interviews.id = heads.interview_id \
                    WHERE heads.interview_id = $1 AND interviews.tenant = $2";
        let rows = self.read_of(text, interview.as_uuid(), tenant)?;
        let state = |row| Ok(AuditState { number: unsigned(row, 0)?, link: digest(row, 1)?, erased: get(row, 2)? });
        rows.first().map(state).transpose()
    }

    pub(super) fn read_audit_page(
        &self,
        tenant: &Tenant,
        interview: InterviewId,
        after: u64,
        limit: u32,
    ) -> Result<AuditPage> {
        let params: [Param<'_>; 4] = [
            (interview.as_uuid(), Type::UUID),
            (&&**tenant, Type::TEXT),
            (&rows::signed64(after), Type::INT8),
            (&i64::from(limit), Type::INT8),
        ];
        let rows = self.read(&self.statements.audit_page, &params)?;
        rows.iter()
            .map(|row| {
                let event = rows::event(row)?;
                let content = match event.subject {
                    Subject::Nothing | Subject::Request(_) => None,
                    Subject::Plan if get::<Option<Uuid>>(row, 20)?.is_none() => None,
                    Subject::Plan => Some(Content::Plan(Arc::new(rows::interview(row, 20)?))),
                    Subject::Session => get::<Option<&str>>(row, 11)?
                        .map(|language| language.parse().map(Content::Session).map_err(|_| unreadable()))
                        .transpose()?,
                    Subject::Message(_) => rows::message(row, 13)?.map(Content::Message),
                    Subject::Evaluation(_) => get::<Option<String>>(row, 12)?.map(Content::Evaluation),
                };
                Ok((event, content.unwrap_or(Content::Nothing)))
            })
            .collect()
    }
}

fn ids<T: From<Uuid>>(rows: &[Row]) -> Result<Vec<T>> {
    rows.iter().map(|row| get::<Uuid>(row, 0).map(T::from)).collect()
}

/// Reads document and status.
pub(super) fn evaluation(row: &Row) -> Result<Arc<Evaluation>> {
    let evaluation = serde_json::from_str(get(row, 0)?).map(Arc::new).map_err(|_| unreadable())?;
    Ok(as_kept(evaluation, parse(row, 1)?))
}
