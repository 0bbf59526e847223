//! The entries of the append-only audit log, which are also the live events.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::canonical::{Sha256Digest, from_hex, hex};
use super::id::{EvaluationId, InterviewId, SessionId};
use super::names::named;
use super::session::Message;
use crate::error::{Error, Result};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// An interview was planned.
    InterviewCreated,
    /// An interview's plan was replaced by another, before anything had come of it.
    InterviewUpdated,
    /// A session was started.
    SessionStarted,
    /// The interviewer said something.
    MessageSent,
    /// The candidate said something.
    MessageReceived,
    /// A session was completed.
    SessionCompleted,
    /// A session was given up.
    SessionAbandoned,
    /// An evaluation was asked for.
    EvaluationRequested,
    /// An evaluation has its whole result.
    EvaluationCompleted,
    /// An evaluation has a part of its result.
    EvaluationPartial,
    /// An evaluation could not be made.
    EvaluationFailed,
    /// A person changed a score; the new evaluation has the reason.
    EvaluationOverridden,
    /// The candidate's name and words were erased.
    InterviewErased,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 13] = [
        Self::InterviewCreated,
        Self::InterviewUpdated,
        Self::SessionStarted,
        Self::MessageSent,
        Self::MessageReceived,
        Self::SessionCompleted,
        Self::SessionAbandoned,
        Self::EvaluationRequested,
        Self::EvaluationCompleted,
        Self::EvaluationPartial,
        Self::EvaluationFailed,
        Self::EvaluationOverridden,
        Self::InterviewErased,
    ];

    /// The name in documents and tables, for example `message_sent`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InterviewCreated => "interview_created",
            Self::InterviewUpdated => "interview_updated",
            Self::SessionStarted => "session_started",
            Self::MessageSent => "message_sent",
            Self::MessageReceived => "message_received",
            Self::SessionCompleted => "session_completed",
            Self::SessionAbandoned => "session_abandoned",
            Self::EvaluationRequested => "evaluation_requested",
            Self::EvaluationCompleted => "evaluation_completed",
            Self::EvaluationPartial => "evaluation_partial",
            Self::EvaluationFailed => "evaluation_failed",
            Self::EvaluationOverridden => "evaluation_overridden",
            Self::InterviewErased => "interview_erased",
        }
    }
}

named!(Action, "action");

/// One entry of the audit log as a reader sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// The interview it belongs to.
    pub interview_id: InterviewId,
    /// Its place in the interview's log, from 1 without gaps; a session's events have gaps where other sessions of the same
    /// interview wrote.
    pub number: u64,
    /// The session it belongs to, where it belongs to one.
    pub session_id: Option<SessionId>,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// Who did it: `candidate`, `interviewer`, `evaluator`, `application`, `engine`, or the name of whoever changed a score or asked for an erasure.
    pub actor: String,
    /// What happened.
    pub action: Action,
    /// What was said, for a message; none after erasure.
    pub message: Option<Arc<Message>>,
    /// The evaluation, for what happened to one.
    pub evaluation_id: Option<EvaluationId>,
}

/// The end of an interview's audit log at some moment. Kept elsewhere, it proves later that nothing up to it was changed,
/// removed or reordered. Its text form is `interview/number/link`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AuditHead {
    pub(crate) interview_id: InterviewId,
    pub(crate) number: u64,
    pub(crate) link: Sha256Digest,
}

impl AuditHead {
    /// The interview.
    pub fn interview_id(&self) -> InterviewId {
        self.interview_id
    }

    /// How many events the log had.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The last event's link of the chain, in lower-case hexadecimal.
    pub fn link(&self) -> String {
        hex(&self.link)
    }
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.interview_id, self.number, hex(&self.link))
    }
}

impl From<AuditHead> for String {
    fn from(head: AuditHead) -> Self {
        head.to_string()
    }
}

impl FromStr for AuditHead {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.split('/');
        let head = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(id), Some(number), Some(link), None) => {
                let number = number.parse().ok().filter(|number: &u64| *number > 0);
                id.parse().ok().zip(number).zip(from_hex(link))
            }
            _ => None,
        };
        let ((interview_id, number), link) =
            head.ok_or_else(|| Error::invalid_input("audit head is not of the form interview/number/link"))?;
        Ok(Self { interview_id, number, link })
    }
}

impl TryFrom<String> for AuditHead {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

/// What a verification of an interview's audit log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditReport {
    /// The first event, by number, that was changed, is missing or stands in another's place; none where there is none.
    pub first_bad: Option<u64>,
    /// What is wrong with it, in words without any content.
    pub finding: Option<String>,
    /// How many events were checked.
    pub checked: u64,
    /// How many of those had their content erased: their links were checked, their content cannot be.
    pub erased: u64,
    /// How many of those are of plans that others replaced: what they say and their links were checked as far as that goes without the plan, which is not kept.
    #[serde(default)]
    pub replaced: u64,
    /// Whether a head was given. Without one, a log whose end was cut off, or that was rewritten as a whole, cannot be told from a sound one.
    pub tail_checked: bool,
}

impl AuditReport {
    /// Whether nothing wrong was found.
    pub fn is_sound(&self) -> bool {
        self.first_bad.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn heads_are_read_back(id: u128, number in 1..=u64::MAX, link: [u8; 32]) {
            let head = AuditHead { interview_id: uuid::Uuid::from_u128(id).into(), number, link };
            prop_assert_eq!(head.to_string().parse::<AuditHead>().unwrap(), head);
        }

        #[test]
        fn any_text_is_a_head_or_invalid_input(text in "[0-9a-f/-]{0,120}") {
            if let Err(error) = text.parse::<AuditHead>() {
                prop_assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
            }
        }
    }
}
