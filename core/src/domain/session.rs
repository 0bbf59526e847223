//! One conversation about an interview.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{InterviewId, MessageId, SessionId};
use super::language::Language;
use super::names::named;

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SessionStatus {
    /// Messages are accepted.
    Active,
    /// Ended by request, or because all answers were given.
    Completed,
    /// Given up, by request or after the configured idle time.
    Abandoned,
}

impl SessionStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Active, Self::Completed, Self::Abandoned];

    /// The name in documents and tables: `active`, `completed`, `abandoned`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Completed => "completed",
            Self::Abandoned => "abandoned",
        }
    }
}

named!(SessionStatus, "session status");

/// Who said a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The interviewer (an AI).
    Interviewer,
    /// The candidate.
    Candidate,
}

/// What a message does in the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MessageKind {
    /// The interviewer asks a planned question (the first one after the greeting).
    Question,
    /// The interviewer asks further about a planned question.
    Probe,
    /// The interviewer ends the conversation.
    Closing,
    /// The candidate speaks.
    Answer,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Question, Self::Probe, Self::Closing, Self::Answer];

    /// The name in documents and tables: `question`, `probe`, `closing`, `answer`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Probe => "probe",
            Self::Closing => "closing",
            Self::Answer => "answer",
        }
    }

    /// Who says messages of this kind.
    pub const fn role(self) -> Role {
        match self {
            Self::Answer => Role::Candidate,
            Self::Question | Self::Probe | Self::Closing => Role::Interviewer,
        }
    }
}

named!(MessageKind, "message kind");

/// Where words of an interviewer that speaks by a language model come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// The model's, beside what is asked word for word.
    Model,
    /// The scripted interviewer's: the model failed, and the application had asked for this.
    Scripted,
    /// The scripted interviewer's: the model's words would have told what the candidate must not know, or were not what was asked for.
    Guarded,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 3] = [Self::Model, Self::Scripted, Self::Guarded];

    /// The name in documents and tables: `model`, `scripted`, `guarded`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Scripted => "scripted",
            Self::Guarded => "guarded",
        }
    }
}

named!(Origin, "origin");

/// One utterance.
// The fields stand in the order of RFC 8785, so that serde_json's own form is the canonical one (see `audit`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// What was said, byte for byte.
    pub content: String,
    /// When it was said.
    pub created_at: DateTime<Utc>,
    /// Names it.
    pub id: MessageId,
    /// What it does in the conversation; tells who said it.
    pub kind: MessageKind,
    /// Its place in the session, from 1 without gaps.
    pub number: u32,
    /// Where the interviewer's words come from, where that is said: a language model's, or the scripted interviewer's in their place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The planned question, from 0, that it asks, probes or answers; none for a closing.
    pub question: Option<u32>,
}

impl Message {
    /// Who said it.
    pub fn role(&self) -> Role {
        self.kind.role()
    }
}

#[cfg(test)]
impl Message {
    /// The next message after `said`, for tests.
    pub(crate) fn next(said: &[Arc<Self>], kind: MessageKind, question: Option<u32>, content: &str) -> Arc<Self> {
        let number = said.len() as u32 + 1;
        let (created_at, id) = (DateTime::UNIX_EPOCH, uuid::Uuid::from_u128(number.into()).into());
        Arc::new(Self { content: content.into(), created_at, id, kind, number, origin: None, question })
    }
}

/// One conversation, with everything said so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Session {
    /// Names it.
    pub id: SessionId,
    /// The interview it is about.
    pub interview_id: InterviewId,
    /// The language the library speaks in it.
    pub session_language: Language,
    /// Where it stands.
    pub status: SessionStatus,
    /// Rises with every change, so that a caller can notice that it moved: the number of messages, and one more when it ended without one.
    pub version: u64,
    /// What was said, in order. Shared, never copied.
    pub messages: Vec<Arc<Message>>,
    /// When the first message was said.
    pub started_at: DateTime<Utc>,
    /// When the session was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was completed or abandoned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
}

impl Session {
    /// The session to go on from, with room for a turn.
    pub(crate) fn going_on(&self) -> Self {
        let mut messages = Vec::with_capacity(self.messages.len() + 2);
        messages.extend(self.messages.iter().cloned());
        Self { messages, ..*self }
    }

    /// How many messages the candidate has sent.
    pub fn answers_given(&self) -> u32 {
        self.messages.iter().fold(0, |count, message| count + u32::from(message.role() == Role::Candidate))
    }

    /// The interviewer's reply to the candidate's message `number`: the first thing said by the interviewer after it.
    pub fn reply_to(&self, number: u32) -> Option<&Arc<Message>> {
        self.messages.iter().skip(number as usize).find(|message| message.role() == Role::Interviewer)
    }

    /// The candidate's last message while the interviewer's reply to it is missing.
    pub fn pending(&self) -> Option<&Arc<Message>> {
        self.unanswered().next()
    }

    /// The candidate's messages that have no reply, the last one first.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = &Arc<Message>> {
        self.messages.iter().rev().take_while(|message| message.role() == Role::Candidate)
    }
}

/// A candidate's message with the interviewer's reply to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Turn {
    /// What the candidate said.
    pub message: Arc<Message>,
    /// What the interviewer replied.
    pub reply: Arc<Message>,
    /// Where the session stood after the reply.
    pub session_status: SessionStatus,
    /// The session's version after the reply.
    pub session_version: u64,
}

/// How a session is started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartSession {
    /// The language the library speaks; the interview's where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_language: Option<Language>,
}

impl StartSession {
    /// Holds the session in `language`.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.session_language = Some(language);
        self
    }
}
