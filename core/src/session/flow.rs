//! What may happen next in a session.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::{Exchange, Interview, Message, MessageKind, Session, SessionStatus};

/// What the interviewer is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Next {
    /// The planned question at this place, from 0. Before the first one, the interviewer greets and says that an AI conducts the interview.
    Question {
        /// The question's place in the plan.
        question: u32,
    },
    /// Something further about a planned question that was answered.
    Probe {
        /// The question's place in the plan.
        question: u32,
        /// How often it was probed before: the place of the planned follow-up to ask, as long as there is one.
        number: u32,
    },
    /// The end of the conversation.
    Closing,
}

/// What comes after what was said: the planned questions in order; when they have run out before `max_answers` answers, a probe of the question
/// that was probed least (the earlier of two); then the closing. Planned follow-ups come before other probes.
pub(crate) fn next(interview: &Interview, said: &[Arc<Message>]) -> Next {
    let count = |kind: MessageKind| said.iter().filter(|message| message.kind == kind).count();
    if count(MessageKind::Answer) >= interview.max_answers as usize {
        return Next::Closing;
    }
    let asked = count(MessageKind::Question);
    if asked < interview.questions.len() {
        return Next::Question { question: place(asked) };
    }
    let mut probes = vec![0_u32; interview.questions.len()];
    for probe in said.iter().filter(|message| message.kind == MessageKind::Probe) {
        if let Some(count) = probe.question.and_then(|question| probes.get_mut(question as usize)) {
            *count += 1;
        }
    }
    let follow_up_left =
        |(question, number): &(usize, u32)| interview.questions[*question].follow_ups.len() > *number as usize;
    let by_question = || probes.iter().copied().enumerate();
    by_question()
        .find(follow_up_left)
        .or_else(|| by_question().min_by_key(|(_, number)| *number))
        .map_or(Next::Closing, |(question, number)| Next::Probe { question: place(question), number })
}

/// The first `count` planned questions, from 0, that have no answer.
pub(crate) fn unanswered(count: usize, exchanges: &[Exchange]) -> Vec<u32> {
    let mut open = vec![true; count];
    for exchange in exchanges.iter().filter(|exchange| !exchange.answer.trim().is_empty()) {
        if let Some(slot) = exchange.question.and_then(|question| open.get_mut(question as usize)) {
            *slot = false;
        }
    }
    (0..).zip(open).filter_map(|(question, open)| open.then_some(question)).collect()
}

/// Whether an active session has been left alone for longer than `limit`.
pub(crate) fn is_idle(session: &Session, now: DateTime<Utc>, limit: Option<Duration>) -> bool {
    session.status == SessionStatus::Active
        && limit.is_some_and(|limit| (now - session.updated_at).to_std().is_ok_and(|idle| idle > limit))
}

fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{InterviewType, NewInterview, Question};
    use proptest::prelude::*;

    fn interview(questions: usize, max_answers: Option<u32>, follow_ups: &[usize]) -> Interview {
        let mut plan = NewInterview::new("Ada", InterviewType::General);
        for number in 0..questions {
            let mut question = Question::new(format!("Question {number}?"));
            question.follow_ups = vec!["And then?".into(); follow_ups.get(number).copied().unwrap_or(0)];
            plan = plan.question(question);
        }
        plan.max_answers = max_answers;
        plan.into_interview(uuid::Uuid::nil().into(), DateTime::UNIX_EPOCH)
    }

    /// Holds a whole conversation of the rules with themselves.
    fn course(interview: &Interview) -> Vec<Next> {
        let mut said = Vec::new();
        let mut course = Vec::new();
        loop {
            let step = next(interview, &said);
            course.push(step);
            let (kind, question) = match step {
                Next::Question { question } => (MessageKind::Question, question),
                Next::Probe { question, .. } => (MessageKind::Probe, question),
                Next::Closing => return course,
            };
            said.push(Message::next(&said, kind, Some(question), "Why?"));
            said.push(Message::next(&said, MessageKind::Answer, Some(question), "yes"));
        }
    }

    #[test]
    fn follow_ups_come_first_then_the_least_probed_question() {
        let steps = course(&interview(2, Some(6), &[0, 1]));
        assert_eq!(
            steps,
            [
                Next::Question { question: 0 },
                Next::Question { question: 1 },
                Next::Probe { question: 1, number: 0 },
                Next::Probe { question: 0, number: 0 },
                Next::Probe { question: 0, number: 1 },
                Next::Probe { question: 1, number: 1 },
                Next::Closing,
            ]
        );
    }

    proptest! {
        #[test]
        fn a_session_asks_the_plan_in_order_and_ends_after_max_answers(
            questions in 1_usize..12,
            max_answers in proptest::option::of(1_u32..30),
            follow_ups in proptest::collection::vec(0_usize..4, 0..12),
        ) {
            let interview = interview(questions, max_answers, &follow_ups);
            let steps = course(&interview);
            prop_assert_eq!(steps.len() as u32, interview.max_answers + 1);
            prop_assert_eq!(steps.last(), Some(&Next::Closing));
            for (place, step) in steps.iter().take(questions.min(interview.max_answers as usize)).enumerate() {
                prop_assert_eq!(step, &Next::Question { question: place as u32 });
            }
            let planned = steps.iter().filter(|step| matches!(step, Next::Question { .. })).count();
            prop_assert_eq!(planned, questions.min(interview.max_answers as usize));
            let mut probes = vec![0; questions];
            for step in &steps {
                if let Next::Probe { question, number } = step {
                    prop_assert_eq!(probes[*question as usize], *number);
                    probes[*question as usize] += 1;
                }
            }
        }

        #[test]
        fn the_default_is_eight_answers_or_the_number_of_questions(questions in 1_usize..40) {
            prop_assert_eq!(interview(questions, None, &[]).max_answers, 8.max(questions as u32));
        }
    }
}
