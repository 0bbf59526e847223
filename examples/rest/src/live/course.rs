//! How far a session has come, as its log tells it.

use vivavoce::{Action, Event, Role, SessionStatus};

/// What an event means for the session's course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// The event's number.
    pub(super) number: u64,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// The candidate said the message of this number.
    Answer(u32),
    /// The interviewer spoke.
    Reply,
    Status(SessionStatus),
    /// An evaluation was asked for, or has its result.
    Evaluation {
        is_final: bool,
    },
    Nothing,
}

impl From<&Event> for Step {
    fn from(event: &Event) -> Self {
        let what = match event.action {
            Action::SessionStarted => What::Status(SessionStatus::Active),
            Action::SessionCompleted => What::Status(SessionStatus::Completed),
            Action::SessionAbandoned => What::Status(SessionStatus::Abandoned),
            Action::EvaluationRequested => What::Evaluation { is_final: false },
            Action::EvaluationCompleted
            | Action::EvaluationPartial
            | Action::EvaluationFailed
            | Action::EvaluationOverridden => What::Evaluation { is_final: true },
            _ => match &event.message {
                Some(message) if message.role() == Role::Candidate => What::Answer(message.number),
                Some(_) => What::Reply,
                None => What::Nothing,
            },
        };
        Self { number: event.number, what }
    }
}

/// How far a session has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Course {
    /// The number of the last event.
    pub(super) number: u64,
    /// The candidate's message that waits for a reply, by its number.
    pub(super) waits: Option<u32>,
    ended: Option<SessionStatus>,
    /// Whether the last evaluation has its result; none where none was asked for.
    judged: Option<bool>,
}

impl Course {
    /// Goes on by an event.
    pub(super) fn follow(&mut self, step: Step) {
        self.number = step.number;
        match step.what {
            What::Answer(number) => self.waits = Some(number),
            What::Reply => self.waits = None,
            What::Status(SessionStatus::Active) | What::Nothing => {}
            What::Status(ended) => {
                self.waits = None;
                self.ended = Some(ended);
            }
            What::Evaluation { is_final } => self.judged = Some(is_final),
        }
    }

    /// Whether nothing follows that a listener waits for. An evaluation that is asked for later, or changed by a person, is no part of the session's course.
    pub(super) fn is_over(&self) -> bool {
        // A session that was given up is judged only where somebody asks for it.
        self.ended.is_some_and(|ended| self.judged.unwrap_or(ended == SessionStatus::Abandoned))
    }
}
