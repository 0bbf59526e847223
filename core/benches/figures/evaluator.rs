//! The built-in evaluator.

use std::hint::black_box;
use std::time::Instant;

use vivavoce::{AnswerOptions, Engine, Question};

use vivavoce_test_support::table::{ROUNDS, Target, median, p99, reported, row};

const CALLS: usize = 2_000;
const LONGEST: usize = 32_000;
/// Questions whose answers are judged in turns, so that nothing is known from the answer before.
const QUESTIONS: usize = 20;

const REFERENCE: &str = "a deadlock is a state in which each thread of a set holds a lock and waits for another that some other thread of \
    the set holds so that none of them can ever go on it needs mutual exclusion hold and wait no preemption and a circular wait and it is \
    avoided by taking all locks in one global order or by a timeout after which a thread gives back what it has and tries again later";
const SAID: &str = "a deadlock is when two threads each hold one lock and both need the one that the other has so neither goes on and to avoid it we \
    took every lock in the same order and measured how long anybody waited";

fn words(text: &str, count: usize, first: usize) -> String {
    text.split_whitespace().cycle().skip(first).take(count).collect::<Vec<_>>().join(" ")
}

/// Sentences of ten words.
fn sentences(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    words.chunks(10).map(|chunk| chunk.join(" ") + ".").collect::<Vec<_>>().join(" ")
}

fn micros(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64() * 1e6
}

/// What this process has in memory, in megabytes.
fn resident() -> f64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok()));
    pages.unwrap_or(0.0) * 4096.0 / 1e6
}

pub(crate) fn figures() {
    let engine = Engine::open("memory:").unwrap();
    let options = AnswerOptions::default();
    let pairs: Vec<(Question, String)> = (0..QUESTIONS)
        .map(|number| {
            let reference = sentences(&words(REFERENCE, 80, number));
            let question = Question::new("What is a deadlock, and how do you avoid it?").reference_answer(reference);
            (question, sentences(&words(SAID, 100, number)))
        })
        .collect();
    let judge = |question: &Question, answer: &str| {
        black_box(engine.evaluate_answer(question, black_box(answer), &options).unwrap());
    };

    let before = resident();
    let all = |judged: usize| {
        (0..judged).map(|at| &pairs[at % QUESTIONS]).map(|(question, answer)| micros(|| judge(question, answer)))
    };
    let rounds: Vec<Vec<f64>> = (0..ROUNDS).map(|_| all(CALLS).collect()).collect();
    let of = |which: fn(Vec<f64>) -> f64| median(rounds.iter().cloned().map(which).collect());
    row("evaluate_answer, 100 words with a reference of 80, p50", of(median), " µs", "", &Target::AtMost(100.0));
    row("the same, p99", of(p99), " µs", "", &Target::AtMost(1000.0));
    row("what it takes in memory", resident() - before, " MB", "10,000 answers", &Target::AtMost(20.0));

    let long: String = sentences(&words(SAID, LONGEST / 4, 0)).chars().take(LONGEST).collect();
    let (question, eighth) = (&pairs[0].0, &long[..LONGEST / 8]);
    let timed = |answer: &str| micros(|| judge(question, answer));
    let pairs_of_times: Vec<(f64, f64)> = (0..ROUNDS * 8).map(|_| (timed(&long), timed(eighth))).collect();
    let whole = median(pairs_of_times.iter().map(|(whole, _)| *whole).collect());
    let ratio = median(pairs_of_times.iter().map(|(whole, eighth)| whole / eighth).collect());
    row("evaluate_answer, 32,000 characters", whole / 1e3, " ms", "", &Target::AtMost(50.0));
    row("32,000 characters against 4,000", ratio, "", "8 is linear", &Target::AtMost(8.8));
    let chinese = "死鎖是指兩個執行緒各自持有一個鎖，又等待對方的鎖，因此都無法繼續。"
        .chars()
        .cycle()
        .take(LONGEST)
        .collect::<String>();
    let chinese = median((0..ROUNDS * 4).map(|_| timed(&chinese)).collect());
    reported("evaluate_answer, 32,000 Chinese characters", &format!("{:.2} ms", chinese / 1e3));

    let batch: Vec<(Question, String)> = pairs.iter().cycle().take(CALLS).cloned().collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let ratios = (0..ROUNDS).map(|_| {
        let one = micros(|| batch.iter().for_each(|(question, answer)| judge(question, answer)));
        let together = micros(|| drop(black_box(engine.evaluate_answers(&batch, &options).unwrap())));
        one / together
    });
    let at_least = 0.85 * cores as f64;
    row(
        "evaluate_answers against one after the other",
        median(ratios.collect()),
        "",
        &format!("{cores} cores"),
        &Target::AtLeast(at_least),
    );
}
