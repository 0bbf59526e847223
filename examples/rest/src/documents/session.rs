//! Sessions and what is said in them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vivavoce::{InterviewId, InterviewType, Language, MessageId, MessageKind, Role, SessionId, SessionStatus};

use super::{names, whole};
use crate::error::{Failure, Subject};
use crate::facts::Facts;

/// How a session is started.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct StartSession {
    /// The language that the interviewer speaks; the interview's where none is given.
    #[schema(value_type = Option<names::Language>)]
    session_language: Option<String>,
}

impl StartSession {
    /// What the engine is told.
    ///
    /// # Errors
    /// 400 where the language is unknown.
    pub fn read(&self) -> Result<vivavoce::StartSession, Failure> {
        let session_language = super::interview::language(self.session_language.as_deref())?;
        Ok(vivavoce::StartSession { session_language })
    }
}

/// What the candidate says.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewMessage {
    /// The words.
    #[schema(value_type = String, required = true, min_length = 1, max_length = 32_000, pattern = r"[^\s\x85]",
        example = "Two threads each hold a lock the other needs.")]
    message: Option<String>,
    /// The language model to ask for the reply, `provider/model`.
    #[schema(max_length = 220, example = "openai/gpt-5-mini")]
    model: Option<String>,
}

impl NewMessage {
    const LONGEST_MODEL: usize = 220;

    /// The words, and the model that is to reply.
    ///
    /// # Errors
    /// 400 where there are no words, or the model can be none.
    pub fn read(self) -> Result<(String, Option<String>), Failure> {
        let words = self.message.filter(|words| !words.trim().is_empty());
        let words = words.ok_or_else(|| Failure::bad_request("Message cannot be empty"))?;
        let is_long = |model: &String| model.chars().count() > Self::LONGEST_MODEL;
        match self.model {
            Some(model) if is_long(&model) => {
                Err(Failure::bad_request(format!("model is longer than {} characters", Self::LONGEST_MODEL)))
            }
            model => Ok((words, model)),
        }
    }
}

/// Who says a message.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageType {
    /// The interviewer.
    Ai,
    /// The candidate.
    User,
}

/// One utterance.
#[derive(Debug, Serialize, ToSchema)]
pub struct Message<'a> {
    #[schema(value_type = Uuid)]
    id: MessageId,
    r#type: MessageType,
    /// What was said.
    content: &'a str,
    /// When it was said.
    timestamp: DateTime<Utc>,
    /// Its place in the session, from 1 without gaps.
    number: u32,
    #[schema(value_type = names::MessageKind)]
    kind: MessageKind,
    /// The planned question, from 0, that it asks, probes or answers; left out for a closing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    question: Option<u32>,
}

impl<'a> From<&'a vivavoce::Message> for Message<'a> {
    fn from(message: &'a vivavoce::Message) -> Self {
        Self {
            id: message.id,
            r#type: match message.role() {
                Role::Interviewer => MessageType::Ai,
                Role::Candidate => MessageType::User,
            },
            content: &message.content,
            timestamp: message.created_at,
            number: message.number,
            kind: message.kind,
            question: message.question,
        }
    }
}

/// One conversation about an interview.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session<'a> {
    #[schema(value_type = Uuid)]
    id: SessionId,
    #[schema(value_type = Uuid)]
    interview_id: InterviewId,
    #[schema(value_type = names::Language)]
    session_language: Language,
    /// What was said, in order.
    messages: Vec<Message<'a>>,
    #[schema(value_type = names::SessionStatus)]
    status: SessionStatus,
    started_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// When it was completed or abandoned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ended_at: Option<DateTime<Utc>>,
    #[schema(value_type = names::InterviewType)]
    interview_type: InterviewType,
    /// How many questions are planned.
    question_count: usize,
    /// After how many answers it completes.
    max_answers: u32,
}

impl<'a> Session<'a> {
    /// A session, with what is to be known of its interview.
    pub fn new(session: &'a vivavoce::Session, facts: Facts) -> Self {
        Self {
            id: session.id,
            interview_id: session.interview_id,
            session_language: session.session_language,
            messages: session.messages.iter().map(|message| (&**message).into()).collect(),
            status: session.status,
            started_at: session.started_at,
            created_at: session.created_at,
            updated_at: session.updated_at,
            ended_at: session.ended_at,
            interview_type: facts.interview_type,
            question_count: facts.question_count,
            max_answers: facts.max_answers,
        }
    }
}

/// A candidate's message with the interviewer's reply to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Turn<'a> {
    message: Message<'a>,
    ai_response: Message<'a>,
    /// Where the session stood after the reply.
    #[schema(value_type = names::SessionStatus)]
    session_status: SessionStatus,
}

impl<'a> From<&'a vivavoce::Turn> for Turn<'a> {
    fn from(turn: &'a vivavoce::Turn) -> Self {
        Self {
            message: (&*turn.message).into(),
            ai_response: (&*turn.reply).into(),
            session_status: turn.session_status,
        }
    }
}

/// An interview's sessions, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionList<'a> {
    sessions: Vec<Session<'a>>,
    total: usize,
}

impl<'a> SessionList<'a> {
    /// The sessions of one interview.
    pub fn new(sessions: &'a [Arc<vivavoce::Session>], facts: Facts) -> Self {
        let all = sessions.iter().map(|session| Session::new(session, facts));
        Self { sessions: all.collect(), total: sessions.len() }
    }
}

/// Whose token is wanted.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewToken {
    /// The session that the candidate is let into.
    #[schema(value_type = Uuid)]
    session_id: String,
    /// For how long, in seconds; a day when not given.
    #[serde(default, deserialize_with = "whole::optional")]
    #[schema(minimum = 1, maximum = 31_536_000, default = 86_400)]
    expires_in: Option<u64>,
}

impl NewToken {
    const DAY: u64 = 86_400;

    /// The session, and for how long.
    ///
    /// # Errors
    /// 400 where the time is none, 404 for an id that is none.
    pub fn read(&self) -> Result<(SessionId, Duration), Failure> {
        let seconds = self.expires_in.unwrap_or(Self::DAY);
        if !(1..=365 * Self::DAY).contains(&seconds) {
            return Err(Failure::bad_request("expires_in is not 1 to 31536000"));
        }
        let id = self.session_id.parse().map_err(|_| Subject::Session.not_found())?;
        Ok((id, Duration::from_secs(seconds)))
    }
}

/// A candidate's token for one session.
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    /// The token, for `Authorization: Bearer`.
    pub token: String,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}
