//! Questions for a plan.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::kept;
use crate::access::Caller;
use crate::app::{App, Lane};
use crate::documents::question::{NewQuestions, Questions};
use crate::error::{ErrorBody, Failure, Subject};
use crate::model_headers::OwnModel;
use crate::request::{Payload, RepeatKey};

/// Makes questions for a plan, by the language model or from the built-in bank. Nothing is kept: read them, change them, and plan an interview with them.
#[utoipa::path(post, path = "/questions", tag = "interviews", request_body = NewQuestions,
    responses((status = 200, body = Questions),
        (status = 502, body = ErrorBody, description = "The language model failed")))]
pub(super) async fn generate(
    State(app): State<App>,
    caller: Caller,
    key: RepeatKey,
    own: OwnModel,
    payload: Payload,
) -> Result<Response, Failure> {
    let wanted = payload.read::<NewQuestions>()?.read()?;
    let options = own.apply(RepeatKey::none().options(&app), None)?;
    let service = app.clone();
    let work = async move {
        let generate = move |engine: &vivavoce::Engine| engine.generate_questions_with(&wanted, &options);
        let questions = service.call(Lane::Model, &caller, Subject::Interview, generate).await?;
        kept(StatusCode::OK, &Questions { questions: questions.iter().map(Into::into).collect() })
    };
    super::again(app.repeats.once(&key, payload.bytes(), work).await?)
}
