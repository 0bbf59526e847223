//! Live events as clients see them.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use vivavoce::{Action, Engine, ErrorKind, EvaluationId, EvaluationStatus, Event, SessionId, SessionStatus};

use super::course::Step;
use crate::access::Role;
use crate::documents::names;
use crate::documents::session::Message;

/// Something that happened in a session.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LiveEvent<'a> {
    /// The number to resume after. It grows, with gaps; `token` and `typing` have none, since nothing keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    seq: Option<u64>,
    #[schema(value_type = Uuid)]
    session_id: SessionId,
    time: DateTime<Utc>,
    #[serde(flatten)]
    what: What<'a>,
}

/// What happened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = LiveEventKind)]
pub(super) enum What<'a> {
    /// Something was said.
    Message {
        /// What was said.
        message: Message<'a>,
    },
    /// The session was started or ended.
    Status {
        /// Where it stands now.
        #[schema(value_type = names::SessionStatus)]
        status: SessionStatus,
    },
    /// The session's answers are, or were, judged.
    Evaluation {
        /// The evaluation.
        #[schema(value_type = Uuid)]
        evaluation_id: EvaluationId,
        /// How far it has come.
        #[schema(value_type = names::EvaluationStatus)]
        status: EvaluationStatus,
        /// The score, where there is one. Not for candidates.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false, minimum = 0.0, maximum = 1.0)]
        score: Option<f64>,
    },
    /// A piece of a reply that is being found. Its `message` event has the whole.
    Token {
        /// The number of the candidate's message that is answered.
        turn: u32,
        /// The next words.
        text: &'a str,
        /// The reply begins again with these words: what was told of it before does not count.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
    /// Whether the interviewer is about to reply.
    Typing {
        /// The number of the candidate's message that waits for a reply.
        turn: u32,
        /// False where the reply failed; sending the message again asks for it again.
        active: bool,
    },
}

/// An event, written once for all who are told it.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: &'static str,
    json: Utf8Bytes,
    /// What candidates are told, where that is something else.
    for_candidates: Option<Utf8Bytes>,
    pub(super) place: Place,
}

/// Where an event belongs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// In the session's log.
    Logged(Step),
    /// Between the candidate's message of this number and the reply to it.
    Turn(u32),
}

impl Frame {
    /// What happened with the reply to a message.
    pub(super) fn of_turn(session: SessionId, turn: u32, what: What<'_>) -> Option<Arc<Self>> {
        Self::written(Place::Turn(turn), LiveEvent { seq: None, session_id: session, time: Utc::now(), what })
    }

    fn written(place: Place, event: LiveEvent<'_>) -> Option<Arc<Self>> {
        let for_candidates = match event.what {
            What::Evaluation { evaluation_id, status, score: Some(_) } => {
                let what = What::Evaluation { evaluation_id, status, score: None };
                Some(json(&LiveEvent { what, ..event })?)
            }
            _ => None,
        };
        Some(Arc::new(Self { kind: event.what.kind(), json: json(&event)?, for_candidates, place }))
    }

    /// The document for listeners of this role.
    pub(super) fn told_to(&self, role: Role) -> &Utf8Bytes {
        self.for_candidates.as_ref().filter(|_| role == Role::Candidate).unwrap_or(&self.json)
    }
}

fn json(event: &LiveEvent<'_>) -> Option<Utf8Bytes> {
    // It has nothing that cannot be written.
    serde_json::to_string(event).ok().map(Into::into)
}

impl What<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Message { .. } => "message",
            Self::Status { .. } => "status",
            Self::Evaluation { .. } => "evaluation",
            Self::Token { .. } => "token",
            Self::Typing { .. } => "typing",
        }
    }
}

/// An event of the log as it is told; none where it tells a client nothing.
///
/// # Errors
/// Where an evaluation's score cannot be read.
pub(super) fn told(engine: &Engine, session: SessionId, event: &Event) -> vivavoce::Result<Option<Arc<Frame>>> {
    let what = match (event.action, &event.message, event.evaluation_id) {
        (_, Some(message), _) => What::Message { message: (&**message).into() },
        (Action::SessionStarted, ..) => What::Status { status: SessionStatus::Active },
        (Action::SessionCompleted, ..) => What::Status { status: SessionStatus::Completed },
        (Action::SessionAbandoned, ..) => What::Status { status: SessionStatus::Abandoned },
        (action, _, Some(id)) => match judged(engine, action, id)? {
            Some((status, score)) => What::Evaluation { evaluation_id: id, status, score },
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let document = LiveEvent { seq: Some(event.number), session_id: session, time: event.time, what };
    Ok(Frame::written(Place::Logged(event.into()), document))
}

/// How far an evaluation had come with this event, and its score if it had one then.
fn judged(
    engine: &Engine,
    action: Action,
    id: EvaluationId,
) -> vivavoce::Result<Option<(EvaluationStatus, Option<f64>)>> {
    let status = match action {
        Action::EvaluationRequested => return Ok(Some((EvaluationStatus::Pending, None))),
        Action::EvaluationCompleted => Some(EvaluationStatus::Completed),
        Action::EvaluationPartial => Some(EvaluationStatus::Partial),
        Action::EvaluationFailed => Some(EvaluationStatus::Failed),
        Action::EvaluationOverridden => None,
        _ => return Ok(None),
    };
    let evaluation = match engine.evaluation(id) {
        Ok(evaluation) => evaluation,
        // It was erased meanwhile.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // One that was made again has another result by now, which has an event of its own.
    let score = evaluation.score.filter(|_| status.is_none_or(|status| status == evaluation.status));
    Ok(Some((status.unwrap_or(evaluation.status), score)))
}
