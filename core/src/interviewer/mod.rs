//! Deciding what is said next.
//!
//! *What may happen* next (the next planned question, a probe, the end) follows from the session's rules; an [`Interviewer`] finds the words.

mod bank;
#[cfg(feature = "llm")]
mod conversational;
mod gaps;
mod hearing;
#[cfg(feature = "llm")]
mod planning;
mod quoting;
mod scripted;
#[cfg(feature = "llm")]
mod secrets;

#[cfg(feature = "llm")]
pub use conversational::ConversationalInterviewer;
pub use hearing::Said;
pub(crate) use hearing::{Ear, Listener};
pub use scripted::ScriptedInterviewer;

use std::sync::Arc;
use std::time::Instant;

use crate::domain::{Exchange, Interview, Language, Message, Origin, Question, QuestionRequest, Rubric};
use crate::error::Result;
#[cfg(feature = "llm")]
use crate::llm::{Asking, ModelName};
use crate::patience::CancelToken;
use crate::session::Next;

/// The moment at which the interviewer speaks. All text in it is data, never an instruction.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Scene<'a> {
    /// The plan.
    pub interview: &'a Interview,
    /// The language to speak.
    pub language: Language,
    /// What has been said, in order; empty at the start.
    pub messages: &'a [Arc<Message>],
    /// What is to be said.
    pub next: Next,
    /// When the caller wants the words at the latest; an interviewer that cannot keep it fails with `timeout`.
    pub deadline: Option<Instant>,
    /// Set when the words are not wanted any more: the caller has left, or the engine is closed. An interviewer that waits looks at it now and then, and fails with
    /// `timeout`.
    pub cancel: Option<&'a CancelToken>,
    /// Who hears the words while they are found.
    pub(crate) ear: Option<&'a dyn Listener>,
    /// The engine's language models, for this call.
    #[cfg(feature = "llm")]
    pub(crate) asking: Option<Asking<'a>>,
}

impl<'a> Scene<'a> {
    /// What is to be said in this conversation, whenever that is done and with nobody listening meanwhile.
    pub fn new(interview: &'a Interview, language: Language, messages: &'a [Arc<Message>], next: Next) -> Self {
        Self {
            interview,
            language,
            messages,
            next,
            deadline: None,
            cancel: None,
            ear: None,
            #[cfg(feature = "llm")]
            asking: None,
        }
    }

    /// What has been asked and answered, in order.
    pub fn exchanges(&self) -> Vec<Exchange> {
        crate::session::exchanges(self.interview, self.messages)
    }

    /// Whether somebody hears the words while they are found.
    pub fn is_heard(&self) -> bool {
        self.ear.is_some()
    }

    /// Lets the next words be heard, which [`Interviewer::speak`] then returns as a whole. Does nothing where nobody listens.
    pub fn say(&self, words: &str) {
        if let Some(ear) = self.ear {
            ear.say(words);
        }
    }

    /// Takes back what was heard so far: other words come in its place.
    pub fn begin_again(&self) {
        if let Some(ear) = self.ear {
            ear.begin_again();
        }
    }
}

/// What the interviewer says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Speech {
    /// The words: not blank, at most 32,000 characters.
    pub text: String,
    /// Where they come from, which is kept with the message.
    pub origin: Option<Origin>,
}

impl Speech {
    /// These words.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), origin: None }
    }
}

/// What an interviewer is asked to plan. All text in it is data, never an instruction.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Planning<'a> {
    /// What is wanted.
    pub request: &'a QuestionRequest,
    /// The standard rubric of the type, whose competencies the questions name.
    pub rubric: &'a Rubric,
    /// When the caller wants the questions at the latest; an interviewer that cannot keep it fails with `timeout`.
    pub deadline: Option<Instant>,
    /// Set when they are not wanted any more; see [`Scene::cancel`].
    pub cancel: Option<&'a CancelToken>,
    /// The engine's language models, for this call.
    #[cfg(feature = "llm")]
    pub(crate) asking: Option<Asking<'a>>,
}

/// Finds the interviewer's words. An application can bring its own.
pub trait Interviewer: Send + Sync {
    /// What the interviewer says in this scene.
    ///
    /// One that is not [instant](Self::is_instant) is called without the session's write lock held, so that further messages are kept while it thinks. It may
    /// be called again for the same scene, when the session moved meanwhile or after a failure.
    ///
    /// # Errors
    /// Whatever kept it from speaking; a panic is one of kind `internal`. The candidate's message stays stored and its turn pending; sending it again continues the turn.
    fn speak(&self, scene: &Scene<'_>) -> Result<Speech>;

    /// Questions for a plan, as many as wanted, each for a competency of the rubric; from the built-in bank unless an interviewer has its own.
    ///
    /// # Errors
    /// Whatever kept it from planning.
    fn questions(&self, wanted: &Planning<'_>) -> Result<Vec<Question>> {
        bank::select(wanted.request, wanted.rubric)
    }

    /// The language models that it asks by way of the engine, which refuses to open without a provider for each.
    #[cfg(feature = "llm")]
    fn models(&self) -> Vec<ModelName> {
        Vec::new()
    }

    /// Whether [`speak`](Self::speak) answers at once, without waiting for anything. The engine then asks it while it holds the session's write lock, and
    /// stores a message and its reply in one write.
    fn is_instant(&self) -> bool {
        false
    }
}
