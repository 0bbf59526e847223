//! What is measured of the Rust engine, in a process of its own for each figure, as the same in Python has.

use std::hint::black_box;
use std::time::Instant;

use vivavoce::{Engine, InterviewId, ListInterviews, NewInterview, Order, Paging, SessionId, StartSession};

/// Answers that one session takes before the next one is used; it would take a few more.
const ANSWERS: usize = 20;
/// How many interviews the list has, and a page of it.
const INTERVIEWS: usize = 1_000;
const PAGE: u32 = 20;

pub(crate) fn plan() -> String {
    let questions: Vec<String> =
        (0..10).map(|number| format!("What is the {number}th thing you would look at?")).collect();
    serde_json::json!({
        "candidate_name": "Ada", "interview_type": "technical", "questions": questions, "max_answers": 30,
    })
    .to_string()
}

/// An answer of 300 bytes.
pub(crate) fn answer() -> String {
    "I would measure it first, then change. ".repeat(8)[..300].to_owned()
}

/// A session of a new interview.
fn session(engine: &Engine, plan: &NewInterview) -> (InterviewId, SessionId) {
    let interview = engine.create_interview(plan.clone()).unwrap().id;
    (interview, engine.start_session(interview, StartSession::default()).unwrap().id)
}

/// Nanoseconds for each of `count` calls; the first quarter is not counted: what setting up leaves in the allocator is not what a call costs.
fn timed(count: usize, mut call: impl FnMut(usize)) -> f64 {
    let first = count / 4;
    (0..first).for_each(&mut call);
    let began = Instant::now();
    (first..first + count).for_each(&mut call);
    began.elapsed().as_nanos() as f64 / count as f64
}

/// Prints the nanoseconds that a call takes.
#[allow(clippy::print_stdout, reason = "what was measured is the result")]
pub(crate) fn call(figure: &str, url: &str, count: usize) {
    let engine = Engine::open(url).unwrap();
    let (plan, answer) = (NewInterview::from_json(&plan()).unwrap(), answer());
    let told = if figure == "send" {
        let count_of_sessions = (count / 4 + count).div_ceil(ANSWERS);
        let sessions: Vec<_> = (0..count_of_sessions).map(|_| session(&engine, &plan).1).collect();
        timed(count, |number| {
            black_box(engine.send_message(sessions[number / ANSWERS], &answer).unwrap().reply.content.len());
        })
    } else {
        let (interview, session) = session(&engine, &plan);
        for _ in 0..10 {
            engine.send_message(session, &answer).unwrap();
        }
        match figure {
            "session" => timed(count, |_| drop(black_box(engine.session(session).unwrap()))),
            "messages" | "contents" => timed(count, |_| {
                let session = engine.session(session).unwrap();
                for message in &session.messages {
                    black_box(message.content.as_str());
                }
            }),
            "exact" => timed(count, |_| {
                black_box(engine.session_exact(session).unwrap().messages.len());
            }),
            "interview" => timed(count, |_| drop(black_box(engine.interview(interview).unwrap()))),
            "list" => {
                for _ in 1..INTERVIEWS {
                    engine.create_interview(plan.clone()).unwrap();
                }
                // A page from the middle, by cursor.
                let first = ListInterviews { limit: PAGE, order: Order::Ascending, ..ListInterviews::default() };
                let offset = INTERVIEWS as u64 / 2 - u64::from(PAGE);
                let before = ListInterviews { paging: Paging::Offset(offset), ..first.clone() };
                let cursor = engine.list_interviews(&before).unwrap().next_cursor.unwrap();
                let page = ListInterviews { paging: Paging::Cursor(cursor), ..first };
                timed(count, |_| {
                    assert_eq!(engine.list_interviews(&page).unwrap().interviews.len(), PAGE as usize);
                })
            }
            _ => panic!("{figure}: no such figure"),
        }
    };
    engine.close().unwrap();
    println!("{told}");
}
