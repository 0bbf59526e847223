//! The built-in evaluator.

use std::hint::black_box;
use std::time::Instant;

use vivavoce::{AnswerOptions, Engine, Question};

use vivavoce_test_support::table::{ROUNDS, Target, median, row};

const CALLS: usize = 2_000;

pub(crate) fn figures() {
    let engine = Engine::open("memory:").unwrap();
    let mut question = Question::new("What is a deadlock, and how do you avoid it?");
    question.reference_answer =
        Some("Two threads wait for locks that the other holds. Take the locks in one order, or with a timeout.".into());
    let words = "a deadlock is two threads that each hold a lock the other needs so neither goes on and \
        to avoid it we took all locks in one order ";
    let answer = words.split(' ').cycle().filter(|word| !word.is_empty()).take(100).collect::<Vec<_>>().join(" ");
    let options = AnswerOptions::default();
    let rounds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        for _ in 0..CALLS {
            black_box(engine.evaluate_answer(&question, black_box(&answer), &options).unwrap());
        }
        began.elapsed().as_secs_f64() * 1e6 / CALLS as f64
    });
    row("evaluate_answer, 100 words with a reference", median(rounds.collect()), " µs", "", &Target::AtMost(100.0));
}
