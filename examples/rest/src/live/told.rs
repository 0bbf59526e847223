//! What listeners are told.

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use vivavoce::{Action, Engine, EvaluationId, EvaluationStatus, Event, SessionId, SessionStatus};

use crate::access::Role;
use crate::documents::names;
use crate::documents::session::Message;

/// An event of a session, or, without a `seq`, a piece of what is being said.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum LiveEvent<'a> {
    /// Something was said.
    Message {
        /// The event's number in the interview's audit log: to be sent as `Last-Event-ID`.
        seq: u64,
        #[schema(value_type = Uuid)]
        session_id: SessionId,
        time: DateTime<Utc>,
        message: Message<'a>,
    },
    /// The session began, or ended.
    Status {
        seq: u64,
        #[schema(value_type = Uuid)]
        session_id: SessionId,
        time: DateTime<Utc>,
        #[schema(value_type = names::SessionStatus)]
        status: SessionStatus,
    },
    /// The session's evaluation was asked for, or made.
    Evaluation {
        seq: u64,
        #[schema(value_type = Uuid)]
        session_id: SessionId,
        time: DateTime<Utc>,
        #[schema(value_type = Uuid)]
        evaluation_id: EvaluationId,
        #[schema(value_type = names::EvaluationStatus)]
        status: EvaluationStatus,
        /// Not for candidates.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        score: Option<f64>,
    },
    /// The interviewer begins to find words; pieces that were heard before do not count.
    Typing {
        #[schema(value_type = Uuid)]
        session_id: SessionId,
    },
    /// A piece of the interviewer's reply to the candidate's message of this number, which follows as a whole.
    Token {
        #[schema(value_type = Uuid)]
        session_id: SessionId,
        turn: u32,
        text: &'a str,
    },
}

/// An event as it is sent.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// None for what cannot be heard again.
    pub(super) seq: Option<u64>,
    pub(super) name: &'static str,
    /// The document, for who may see scores, and for candidates.
    document: Bytes,
    without_score: Option<Bytes>,
    pub(super) means: Means,
}

/// What an event means for whether there will be more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// Nothing.
    Nothing,
    /// The session was completed.
    Completed,
    /// The session was given up.
    Abandoned,
    /// Its evaluation is there.
    Evaluated,
}

impl Told {
    pub(super) fn document(&self, role: Role) -> &Bytes {
        match (role, &self.without_score) {
            (Role::Candidate, Some(document)) => document,
            _ => &self.document,
        }
    }

    fn new(seq: Option<u64>, name: &'static str, event: &LiveEvent<'_>, means: Means) -> Self {
        Self { seq, name, document: written(event), without_score: None, means }
    }

    pub(super) fn typing(session_id: SessionId) -> Self {
        Self::new(None, "typing", &LiveEvent::Typing { session_id }, Means::Nothing)
    }

    pub(super) fn token(session_id: SessionId, turn: u32, text: &str) -> Self {
        Self::new(None, "token", &LiveEvent::Token { session_id, turn, text }, Means::Nothing)
    }

    /// What an event of the audit log is to a listener; none where it is nothing.
    ///
    /// # Errors
    /// Where the evaluation that it speaks of cannot be read.
    pub(super) fn of(engine: &Engine, event: &Event) -> vivavoce::Result<Option<Self>> {
        let Some(session_id) = event.session_id else { return Ok(None) };
        let (seq, time) = (event.number, event.time);
        let status = |status, means| {
            let event = LiveEvent::Status { seq, session_id, time, status };
            Some(Self::new(Some(seq), "status", &event, means))
        };
        Ok(match event.action {
            Action::MessageSent | Action::MessageReceived => event.message.as_ref().map(|message| {
                let event = LiveEvent::Message { seq, session_id, time, message: (&**message).into() };
                Self::new(Some(seq), "message", &event, Means::Nothing)
            }),
            Action::SessionStarted => status(SessionStatus::Active, Means::Nothing),
            Action::SessionCompleted => status(SessionStatus::Completed, Means::Completed),
            Action::SessionAbandoned => status(SessionStatus::Abandoned, Means::Abandoned),
            Action::EvaluationRequested => evaluation(event, session_id, EvaluationStatus::Pending, None),
            Action::EvaluationCompleted
            | Action::EvaluationPartial
            | Action::EvaluationFailed
            | Action::EvaluationOverridden => match event.evaluation_id {
                Some(id) => {
                    let kept = engine.evaluation(id)?;
                    evaluation(event, session_id, kept.status, kept.score)
                }
                None => None,
            },
            _ => None,
        })
    }
}

fn evaluation(event: &Event, session_id: SessionId, status: EvaluationStatus, score: Option<f64>) -> Option<Told> {
    let (seq, time, evaluation_id) = (event.number, event.time, event.evaluation_id?);
    let told = |score| LiveEvent::Evaluation { seq, session_id, time, evaluation_id, status, score };
    let means = if status.is_final() { Means::Evaluated } else { Means::Nothing };
    let whole = Told::new(Some(seq), "evaluation", &told(score), means);
    Some(Told { without_score: Some(written(&told(None))), ..whole })
}

fn written(event: &LiveEvent<'_>) -> Bytes {
    // Everything in it has a JSON form.
    serde_json::to_vec(event).unwrap_or_default().into()
}
