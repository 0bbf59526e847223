//! Exports: every interview and every evaluation, a page at a time as the client reads.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;
use vivavoce::{Engine, ListEvaluations, ListInterviews, Paging, limits};

use super::list::{FilterParameters, read_query};
use super::versions::EvaluationFilters;
use crate::access::Caller;
use crate::app::{App, Lane};
use crate::documents::evaluation::Evaluation;
use crate::documents::interview::Interview;
use crate::error::{Failure, Subject};

const INTERVIEWS: [&str; 9] = [
    "id",
    "candidate_name",
    "interview_type",
    "interview_language",
    "status",
    "external_id",
    "questions",
    "created_at",
    "updated_at",
];
const EVALUATIONS: [&str; 12] = [
    "id",
    "interview_id",
    "session_id",
    "status",
    "score",
    "language",
    "feedback",
    "evaluator",
    "answers",
    "supersedes",
    "created_at",
    "completed_at",
];

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A document a line.
    Lines,
    /// A table.
    Csv,
}

/// Exports interviews as JSON, one a line; filters and order are those of the list.
#[utoipa::path(get, path = "/export/interviews.jsonl", tag = "export", params(FilterParameters),
    responses((status = 200, body = String, content_type = "application/jsonl")))]
pub(super) async fn interview_lines(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    interviews(app, caller, query.as_deref(), Form::Lines).await
}

/// Exports interviews as a table; filters and order are those of the list.
#[utoipa::path(get, path = "/export/interviews.csv", tag = "export", params(FilterParameters),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub(super) async fn interview_table(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    interviews(app, caller, query.as_deref(), Form::Csv).await
}

/// Exports evaluations as JSON, one a line, newest first; filters are those of the list.
#[utoipa::path(get, path = "/export/evaluations.jsonl", tag = "export", params(EvaluationFilters),
    responses((status = 200, body = String, content_type = "application/jsonl")))]
pub(super) async fn evaluation_lines(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    evaluations(app, caller, query.as_deref(), Form::Lines).await
}

/// Exports evaluations as a table, newest first; filters are those of the list.
#[utoipa::path(get, path = "/export/evaluations.csv", tag = "export", params(EvaluationFilters),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub(super) async fn evaluation_table(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    evaluations(app, caller, query.as_deref(), Form::Csv).await
}

async fn interviews(app: App, caller: Caller, query: Option<&str>, form: Form) -> Result<Response, Failure> {
    let list = read_query::<FilterParameters>(query)?.resolve()?;
    let list = ListInterviews { limit: limits::MAX_PAGE, total: false, ..list };
    let page = move |engine: &Engine, cursor: Option<String>| {
        let mut list = list.clone();
        if let Some(cursor) = cursor {
            list.paging = Paging::Cursor(cursor);
        }
        let page = engine.list_interviews(&list)?;
        let rows = page.interviews.iter().map(|it| match form {
            Form::Lines => line(&Interview::from(&**it)),
            Form::Csv => row(interview_row(it)),
        });
        Ok((rows.collect(), page.next_cursor))
    };
    streamed(app, caller, form, &INTERVIEWS, page).await
}

async fn evaluations(app: App, caller: Caller, query: Option<&str>, form: Form) -> Result<Response, Failure> {
    let list = read_query::<EvaluationFilters>(query)?.resolve()?;
    let list = ListEvaluations { limit: limits::MAX_PAGE, ..list };
    let page = move |engine: &Engine, cursor: Option<String>| {
        let page = engine.list_evaluations(&ListEvaluations { cursor, ..list.clone() })?;
        let rows = page.evaluations.iter().map(|it| match form {
            Form::Lines => line(&Evaluation::from(&**it)),
            Form::Csv => row(evaluation_row(it)),
        });
        Ok((rows.collect(), page.next_cursor))
    };
    streamed(app, caller, form, &EVALUATIONS, page).await
}

/// Where a stream of pages is.
enum At {
    Page(Option<String>),
    End,
}

type Rows = (Vec<Bytes>, Option<String>);

/// Sends page after page. The first is read before anything is sent, so that what fails at once is an error like any other; what fails later ends the connection.
async fn streamed(
    app: App,
    caller: Caller,
    form: Form,
    columns: &[&str],
    page: impl Fn(&Engine, Option<String>) -> vivavoce::Result<Rows> + Send + Sync + 'static,
) -> Result<Response, Failure> {
    let page = Arc::new(page);
    let read = move |cursor: Option<String>| {
        let (app, caller, page) = (app.clone(), caller.clone(), Arc::clone(&page));
        async move { app.call(Lane::Store, &caller, Subject::Interview, move |engine| page(engine, cursor)).await }
    };
    let (mut first, next) = read(None).await?;
    if form == Form::Csv {
        first.insert(0, row(columns.iter().map(|column| (*column).to_owned()).collect()));
    }
    let at = next.map_or(At::End, |cursor| At::Page(Some(cursor)));
    let rest = stream::try_unfold(at, move |at| {
        let rows = match at {
            At::Page(cursor) => Some(read(cursor)),
            At::End => None,
        };
        async move {
            let Some(rows) = rows else { return Ok(None) };
            let failed = |failure: Failure| std::io::Error::other(failure.text().to_owned());
            let (rows, next) = rows.await.map_err(failed)?;
            Ok::<_, std::io::Error>(Some((Bytes::from(rows.concat()), next.map_or(At::End, |it| At::Page(Some(it))))))
        }
    });
    let body = Body::from_stream(stream::once(async move { Ok(Bytes::from(first.concat())) }).chain(rest));
    let media = match form {
        Form::Lines => "application/jsonl",
        Form::Csv => "text/csv; charset=utf-8; header=present",
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    Ok(response)
}

fn line(document: &impl Serialize) -> Bytes {
    // What has no JSON form is in no store.
    let mut line = serde_json::to_vec(document).unwrap_or_default();
    line.push(b'\n');
    line.into()
}

fn row(fields: Vec<String>) -> Bytes {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Memory takes everything.
    let _ = writer.write_record(fields.into_iter().map(harmless));
    writer.into_inner().unwrap_or_default().into()
}

/// A text that a spreadsheet does not take for a formula (OWASP, "CSV Injection").
fn harmless(text: String) -> String {
    // Those of full width, too, some take for the others.
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        true => format!("'{text}"),
        false => text,
    }
}

/// As in JSON.
fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn some(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn interview_row(it: &vivavoce::Interview) -> Vec<String> {
    let questions: Vec<&str> = it.questions.iter().map(|question| question.text.as_str()).collect();
    vec![
        it.id.to_string(),
        it.candidate_name.clone(),
        it.interview_type.to_string(),
        it.interview_language.to_string(),
        it.status.to_string(),
        some(it.external_id.as_ref()),
        questions.join("\n"),
        time(it.created_at),
        time(it.updated_at),
    ]
}

fn evaluation_row(it: &vivavoce::Evaluation) -> Vec<String> {
    let answers: Vec<&str> = it.exchanges.iter().map(|exchange| exchange.answer.as_str()).collect();
    vec![
        it.id.to_string(),
        it.interview_id.to_string(),
        some(it.session_id),
        it.status.to_string(),
        some(it.score),
        it.language.to_string(),
        it.feedback.clone(),
        it.evaluator.provider.clone(),
        answers.join("\n"),
        some(it.supersedes),
        time(it.created_at),
        some(it.completed_at.map(time)),
    ]
}
