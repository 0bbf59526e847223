//! Deciding what is said next.
//!
//! *What may happen* next (the next planned question, a probe, the end) follows from the session's rules; an [`Interviewer`] finds the words.

mod gaps;
mod quoting;
mod scripted;

pub use scripted::ScriptedInterviewer;

use std::sync::Arc;
use std::time::Instant;

use crate::domain::{Exchange, Interview, Language, Message};
use crate::error::Result;
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
}

impl Scene<'_> {
    /// What has been asked and answered, in order.
    pub fn exchanges(&self) -> Vec<Exchange> {
        crate::session::exchanges(self.interview, self.messages)
    }
}

/// Finds the interviewer's words. An application can bring its own.
pub trait Interviewer: Send + Sync {
    /// What the interviewer says in this scene: not blank, at most 32,000 characters.
    ///
    /// One that is not [instant](Self::is_instant) is called without the session's write lock held, so that further messages are kept while it thinks. It may
    /// be called again for the same scene, when the session moved meanwhile or after a failure.
    ///
    /// # Errors
    /// Whatever kept it from speaking; a panic is one of kind `internal`. The candidate's message stays stored and its turn pending; sending it again continues the turn.
    fn speak(&self, scene: &Scene<'_>) -> Result<String>;

    /// Whether [`speak`](Self::speak) answers at once, without waiting for anything. The engine then asks it while it holds the session's write lock, and
    /// stores a message and its reply in one write.
    fn is_instant(&self) -> bool {
        false
    }
}
