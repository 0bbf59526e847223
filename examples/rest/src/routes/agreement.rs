//! How far raters agree.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::respond;
use crate::access::Caller;
use crate::app::{App, Lane};
use crate::documents::agreement::{Agreement, NewAgreement};
use crate::error::{Failure, Subject};
use crate::request::{Payload, RepeatKey};

/// Says how far raters agree, people or models: correlations, kappas, intraclass correlations, Krippendorff's alpha, bias and limits of agreement, each with a 95 % interval. Nothing
/// is kept.
#[utoipa::path(post, path = "/agreement", tag = "evaluations", request_body = NewAgreement,
    responses((status = 200, body = Agreement)))]
pub(super) async fn of(
    State(app): State<App>,
    caller: Caller,
    key: RepeatKey,
    payload: Payload,
) -> Result<Response, Failure> {
    let request = payload.read::<NewAgreement>()?.read();
    let compute = move |_: &vivavoce::Engine| vivavoce::agreement::Agreement::of(&request);
    // It takes long: not from those who read.
    let found = app.call(Lane::Model, &caller, Subject::Evaluation, compute).await?;
    // The same request has the same answer each time, so that its key keeps the request alone.
    app.repeats.once(&key, payload.bytes(), async { Ok((StatusCode::OK, Bytes::new())) }).await?;
    Ok(respond(StatusCode::OK, found))
}
