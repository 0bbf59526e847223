//! The figures of the engine, each beside what it is compared with, in one run: `make bench`. Not timed tests: only the ratios mean anything elsewhere.

#![allow(clippy::print_stdout, reason = "what was measured is the result")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a measurement may fail in the shortest way")]

mod evaluator;
mod lists;
mod memory;
mod models;
mod postgres;
mod sqlite;

use vivavoce::{Engine, InterviewType, NewInterview, SessionId, StartSession};

/// Answers that one session takes before the next one is used; it would take a few more.
pub(crate) const ANSWERS: usize = 20;

/// An answer of 300 bytes.
pub(crate) fn answer() -> String {
    "I would measure it first, then change. ".repeat(8)[..300].to_owned()
}

/// For each thread, enough sessions for `sends` answers, each of an interview of its own. The threads' sessions are begun in turns, as those of candidates
/// who come at the same time.
pub(crate) fn sessions(engine: &Engine, threads: usize, sends: usize) -> Vec<Vec<SessionId>> {
    let mut plan = NewInterview::new("Ada", InterviewType::Technical);
    for number in 0..10 {
        plan = plan.question(format!("What is the {number}th thing you would look at?"));
    }
    plan.max_answers = Some(30);
    let mut sessions = vec![Vec::new(); threads];
    for _ in 0..sends.div_ceil(ANSWERS) {
        for of_thread in &mut sessions {
            let interview = engine.create_interview(plan.clone()).unwrap();
            of_thread.push(engine.start_session(interview.id, StartSession::default()).unwrap().id);
        }
    }
    sessions
}

/// Sends `sends` answers, the sessions one after another.
pub(crate) fn send(engine: &Engine, sessions: &[SessionId], sends: usize, text: &str) {
    for number in 0..sends {
        engine.send_message(sessions[number / ANSWERS], text).unwrap();
    }
}

fn main() {
    // `cargo bench -p vivavoce -- memory sqlite` measures these alone.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let parts: [(&str, fn()); 6] = [
        ("sqlite", sqlite::figures),
        ("memory", memory::figures),
        ("lists", lists::figures),
        ("evaluator", evaluator::figures),
        ("models", models::figures),
        ("postgres", postgres::figures),
    ];
    vivavoce_test_support::table::heading();
    for (name, figures) in parts {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            figures();
        }
    }
}
