//! What a session's reader wants to know of its interview: what cannot change any more once a session has begun, and nothing of the candidate.

use std::num::NonZeroUsize;

use lru::LruCache;
use parking_lot::RwLock;
use vivavoce::{Engine, InterviewId, InterviewType};

const MOST: NonZeroUsize = NonZeroUsize::new(4_096).unwrap();

/// What is known of an interview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// What it is about.
    pub interview_type: InterviewType,
    /// How many questions are planned.
    pub question_count: usize,
    /// After how many answers a session completes.
    pub max_answers: u32,
}

impl From<&vivavoce::Interview> for Facts {
    fn from(interview: &vivavoce::Interview) -> Self {
        Self {
            interview_type: interview.interview_type,
            question_count: interview.questions.len(),
            max_answers: interview.max_answers,
        }
    }
}

/// The facts of the interviews whose sessions were first read last. Reading one does not change the order, so that readers need not wait for each other.
pub struct KnownFacts(RwLock<LruCache<InterviewId, Facts>>);

impl Default for KnownFacts {
    fn default() -> Self {
        Self(RwLock::new(LruCache::new(MOST)))
    }
}

impl KnownFacts {
    /// The facts, where they are known.
    pub fn known(&self, id: InterviewId) -> Option<Facts> {
        self.0.read().peek(&id).copied()
    }

    /// The facts of an interview that has a session.
    ///
    /// # Errors
    /// As [`Engine::interview`].
    pub fn of(&self, engine: &Engine, id: InterviewId) -> vivavoce::Result<Facts> {
        if let Some(known) = self.known(id) {
            return Ok(known);
        }
        let facts = Facts::from(&*engine.interview(id)?);
        self.0.write().put(id, facts);
        Ok(facts)
    }
}
