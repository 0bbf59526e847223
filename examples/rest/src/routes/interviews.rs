//! Planning interviews, and reading the plans.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::list::{FilterParameters, PageParameters, read_query};
use super::{located, respond};
use crate::access::Caller;
use crate::app::{App, Lane};
use crate::documents::interview::{Interview, InterviewList, NewInterview};
use crate::error::{ErrorBody, Failure, Subject};
use crate::request::{Id, Payload, RepeatKey};

/// Plans an interview.
#[utoipa::path(post, path = "/interviews", tag = "interviews", request_body = NewInterview,
    responses((status = 201, body = Interview<'_>, headers(("Location" = String, description = "Where the interview is"))),
        (status = 404, body = ErrorBody, description = "The interview that was made under this key is no longer there")))]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    key: RepeatKey,
    payload: Payload,
) -> Result<Response, Failure> {
    let plan = payload.read::<NewInterview>()?.into_plan()?;
    let options = key.options(&app);
    let interview = app
        .call(Lane::Store, &caller, Subject::Interview, move |engine| engine.create_interview_with(plan, &options))
        .await?;
    let path = format_args!("/interviews/{}", interview.id);
    Ok(located(&app, StatusCode::CREATED, path, Interview::from(&*interview)))
}

/// Lists interviews.
#[utoipa::path(get, path = "/interviews", tag = "interviews", params(PageParameters, FilterParameters),
    responses((status = 200, body = InterviewList<'_>)))]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let filters = read_query::<FilterParameters>(query.as_deref())?.resolve()?;
    let list = read_query::<PageParameters>(query.as_deref())?.of(filters)?;
    let page = app.call(Lane::Store, &caller, Subject::Interview, move |engine| engine.list_interviews(&list)).await?;
    Ok(respond(StatusCode::OK, InterviewList::from(&page)))
}

/// Reads an interview.
#[utoipa::path(get, path = "/interviews/{id}", tag = "interviews", params(("id" = Uuid, Path)),
    responses((status = 200, body = Interview<'_>), (status = 404, body = ErrorBody)))]
pub(super) async fn read(State(app): State<App>, caller: Caller, id: Id) -> Result<Response, Failure> {
    let id = id.interview()?;
    let interview = app.call(Lane::Store, &caller, Subject::Interview, move |engine| engine.interview(id)).await?;
    Ok(respond(StatusCode::OK, Interview::from(&*interview)))
}
