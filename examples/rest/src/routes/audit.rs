//! Verifying an interview's audit log.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vivavoce::{AuditHead, InterviewId};

use super::list::{parameter, read_query};
use super::respond;
use crate::access::Caller;
use crate::app::{App, Lane};
use crate::error::{ErrorBody, Failure, Subject};
use crate::request::Id;

/// Up to where to verify.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditParameters {
    /// A `head` that was told earlier: the log has to be the same up to there.
    #[param(value_type = String, nullable = false,
        pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[1-9][0-9]{0,17}/[0-9a-f]{64}$")]
    head: Option<String>,
}

/// What a verification of an interview's audit log found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditReport {
    #[schema(value_type = Uuid)]
    interview_id: InterviewId,
    /// Whether nothing wrong was found.
    verified: bool,
    /// The first event, by number, that was changed, is missing or stands in another's place.
    #[schema(required = true)]
    first_bad: Option<u64>,
    /// What is wrong with it.
    #[schema(required = true)]
    finding: Option<String>,
    /// How many events were checked.
    checked: u64,
    /// How many of those had their content erased.
    erased: u64,
    /// How many had theirs replaced by a later plan of the draft.
    replaced: u64,
    /// Whether a head was given; without one, a log whose end was cut off cannot be told from a sound one.
    tail_checked: bool,
    /// The end of the log as it is now, `interview/number/link`: kept elsewhere, it proves later that nothing was changed.
    head: String,
}

/// Verifies an interview's audit log and everything that it speaks of. Erased interviews have one too.
#[utoipa::path(get, path = "/interviews/{id}/audit", tag = "audit", params(("id" = Uuid, Path), AuditParameters),
    responses((status = 200, body = AuditReport), (status = 404, body = ErrorBody)))]
pub(super) async fn verify(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let given = read_query::<AuditParameters>(query.as_deref())?;
    let head = parameter::<AuditHead>("head", given.head.as_deref())?;
    let id = id.interview()?;
    let verify = move |engine: &vivavoce::Engine| Ok((engine.verify_audit(id, head)?, engine.audit_head(id)?));
    let (report, head) = app.call(Lane::Store, &caller, Subject::Interview, verify).await?;
    let report = AuditReport {
        interview_id: id,
        verified: report.is_sound(),
        first_bad: report.first_bad,
        finding: report.finding,
        checked: report.checked,
        erased: report.erased,
        replaced: report.replaced,
        tail_checked: report.tail_checked,
        head: head.to_string(),
    };
    Ok(respond(StatusCode::OK, report))
}
