//! An interview's evaluations: asked for, listed, made again, changed by people.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vivavoce::{EvaluationStatus, InterviewId, ListEvaluations};

use super::list::{parameter, read_query};
use super::{drafts, evaluations, located, respond};
use crate::access::Caller;
use crate::app::{App, Lane};
use crate::documents::evaluation::{Evaluation, EvaluationList, NewOverride, Of, QueuedEvaluation};
use crate::documents::names;
use crate::error::{ErrorBody, Failure, Subject};
use crate::model_headers::OwnModel;
use crate::request::{Id, Payload, RepeatKey};

/// Lists an interview's evaluations, oldest first, all versions of them.
#[utoipa::path(get, path = "/interviews/{id}/evaluations", tag = "evaluations", params(("id" = Uuid, Path)),
    responses((status = 200, body = EvaluationList<'_>), (status = 404, body = ErrorBody)))]
pub(super) async fn of_interview(State(app): State<App>, caller: Caller, id: Id) -> Result<Response, Failure> {
    let id = id.interview()?;
    let read = move |engine: &vivavoce::Engine| {
        engine.evaluations(id)?.into_iter().map(|id| engine.evaluation(id)).collect::<vivavoce::Result<Vec<_>>>()
    };
    let all = app.call(Lane::Store, &caller, Subject::Interview, read).await?;
    Ok(respond(StatusCode::OK, EvaluationList::from(all.as_slice())))
}

/// Asks for an evaluation that a worker makes: of a session, which is ended, or of answers. It is read at its `Location` until its status is final.
#[utoipa::path(post, path = "/interviews/{id}/evaluations", tag = "evaluations", params(("id" = Uuid, Path)),
    request_body = QueuedEvaluation,
    responses((status = 202, body = Evaluation<'_>, headers(("Location" = String, description = "Where the evaluation is"),
            ("Retry-After" = u32, description = "How soon to look, in seconds"))),
        (status = 404, body = ErrorBody)))]
pub(super) async fn queue(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    key: RepeatKey,
    payload: Payload,
) -> Result<Response, Failure> {
    let wanted = payload.read::<QueuedEvaluation>()?.read()?;
    let id = id.interview()?;
    let options = key.options(&app).queued();
    let evaluation = match wanted {
        Of::Answers(answers) => {
            let asked = app.attempt(Lane::Model, &caller, move |engine| engine.evaluate_with(id, &answers, &options));
            asked.await?.map_err(|error| evaluations::failed(&app, &error))?
        }
        Of::Session(session) => {
            let end = move |engine: &vivavoce::Engine| {
                engine.interview(id).map_err(|error| (Subject::Interview, error))?;
                let of_session = |error| (Subject::Session, error);
                match engine.session(session).map_err(of_session)?.interview_id == id {
                    true => engine.end_session_with(session, &options).map_err(of_session).map(Some),
                    false => Ok(None),
                }
            };
            let ended = app.attempt(Lane::Model, &caller, end).await?;
            let ended = ended.map_err(|(about, error)| app.failed(about, &error))?;
            ended.ok_or_else(|| Subject::Session.not_found())?
        }
    };
    let path = format_args!("/evaluation/{}", evaluation.id);
    let mut response = located(&app, StatusCode::ACCEPTED, path, Evaluation::from(&*evaluation));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    Ok(response)
}

/// Has the same answers judged again. The new evaluation takes the place of this one, which stays as it is.
#[utoipa::path(post, path = "/evaluation/{id}/re-evaluate", tag = "evaluations", params(("id" = Uuid, Path)),
    responses((status = 200, body = Evaluation<'_>), (status = 404, body = ErrorBody)))]
pub(super) async fn again(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    key: RepeatKey,
    own: OwnModel,
    _payload: Payload,
) -> Result<Response, Failure> {
    let id = id.evaluation()?;
    let options = own.apply(key.options(&app), None)?;
    let evaluation = app
        .call(Lane::Model, &caller, Subject::Evaluation, move |engine| engine.re_evaluate_with(id, &options))
        .await?;
    Ok(respond(StatusCode::OK, Evaluation::from(&*evaluation)))
}

/// Puts a person's score in the place of a judge's. The new evaluation takes the place of this one, which stays as it is.
#[utoipa::path(post, path = "/evaluation/{id}/override", tag = "evaluations", params(("id" = Uuid, Path)),
    request_body = NewOverride,
    responses((status = 200, body = Evaluation<'_>), (status = 404, body = ErrorBody)))]
pub(super) async fn change(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    key: RepeatKey,
    payload: Payload,
) -> Result<Response, Failure> {
    let change = payload.read::<NewOverride>()?.read(&drafts::by(None, &caller));
    let id = id.evaluation()?;
    let options = key.options(&app);
    let change = move |engine: &vivavoce::Engine| engine.override_score_with(id, change, &options);
    let evaluation = app.call(Lane::Store, &caller, Subject::Evaluation, change).await?;
    Ok(respond(StatusCode::OK, Evaluation::from(&*evaluation)))
}

/// Which page of a list of evaluations.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct EvaluationPaging {
    /// How many at most.
    #[param(value_type = u32, minimum = 1, maximum = 100, default = 10, nullable = false)]
    limit: Option<String>,
    /// The `next_cursor` of the page before.
    #[param(value_type = String, nullable = false)]
    cursor: Option<String>,
}

/// Which evaluations.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct EvaluationFilters {
    /// Only evaluations of this status.
    #[param(value_type = names::EvaluationStatus, nullable = false)]
    status: Option<String>,
    /// Only this interview's evaluations.
    #[param(value_type = Uuid, nullable = false)]
    interview_id: Option<String>,
}

impl EvaluationPaging {
    /// A list with the page that they ask for.
    fn of(self, list: ListEvaluations) -> Result<ListEvaluations, Failure> {
        let limit = parameter("limit", self.limit.as_deref())?.unwrap_or(list.limit);
        Ok(ListEvaluations { limit, cursor: self.cursor.filter(|cursor| !cursor.is_empty()), ..list })
    }
}

impl EvaluationFilters {
    /// The list that they ask for.
    ///
    /// # Errors
    /// 400 where one is not of its type.
    pub(super) fn resolve(&self) -> Result<ListEvaluations, Failure> {
        Ok(ListEvaluations {
            status: parameter::<EvaluationStatus>("status", self.status.as_deref())?,
            interview_id: parameter::<InterviewId>("interview_id", self.interview_id.as_deref())?,
            ..ListEvaluations::default()
        })
    }
}

/// A page of a list of evaluations.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EvaluationPage<'a> {
    evaluations: Vec<Evaluation<'a>>,
    /// What the next page begins with; left out on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_cursor: Option<&'a str>,
}

/// Lists evaluations, newest first.
#[utoipa::path(get, path = "/evaluations", tag = "evaluations", params(EvaluationPaging, EvaluationFilters),
    responses((status = 200, body = EvaluationPage<'_>)))]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let filters = read_query::<EvaluationFilters>(query.as_deref())?.resolve()?;
    let list = read_query::<EvaluationPaging>(query.as_deref())?.of(filters)?;
    let list = move |engine: &vivavoce::Engine| engine.list_evaluations(&list);
    let page = app.call(Lane::Store, &caller, Subject::Evaluation, list).await?;
    let page = EvaluationPage {
        evaluations: page.evaluations.iter().map(|evaluation| (&**evaluation).into()).collect(),
        next_cursor: page.next_cursor.as_deref(),
    };
    Ok(respond(StatusCode::OK, page))
}
