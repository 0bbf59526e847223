//! Reading a conversation as questions and the answers given to them.

use std::sync::Arc;

use crate::domain::{Exchange, Interview, Message, MessageKind, Role};

/// What a candidate said in several messages to one question is joined by this.
const BETWEEN_MESSAGES: &str = "\n\n";

/// What was said as exchanges, in order. A planned question that was asked and not answered has an empty answer; a probe that nobody answered is no exchange,
/// and neither is the closing.
pub(crate) fn exchanges(interview: &Interview, said: &[Arc<Message>]) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for message in said {
        match (message.role(), exchanges.last_mut()) {
            (Role::Interviewer, _) if message.kind == MessageKind::Closing => {}
            (Role::Interviewer, _) => {
                let probe = message.kind == MessageKind::Probe;
                let planned = message.question.and_then(|place| interview.questions.get(place as usize));
                exchanges.push(Exchange {
                    question: message.question,
                    // The words around a planned question (a greeting, a transition) are no part of it.
                    question_text: match planned {
                        Some(question) if !probe => question.text.clone(),
                        _ => message.content.clone(),
                    },
                    probe,
                    answer: String::new(),
                });
            }
            (Role::Candidate, Some(exchange)) => {
                if !exchange.answer.is_empty() {
                    exchange.answer.push_str(BETWEEN_MESSAGES);
                }
                exchange.answer.push_str(&message.content);
            }
            // A session begins with the interviewer, so that there is always a question.
            (Role::Candidate, None) => {}
        }
    }
    exchanges.pop_if(|exchange| exchange.probe && exchange.answer.is_empty());
    exchanges
}
