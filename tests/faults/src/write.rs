//! Holding interviews, one after another, and telling when each call begins and when it is done.

use vivavoce::{CallOptions, Engine, StartSession};

use crate::{plan, tell};

/// Answers of one interview. Every other one has an idempotency key.
const ANSWERS: usize = 6;

/// On each thread, holds `rounds` interviews. Names and keys hold `run`, so that runs on one store are told apart.
pub(crate) fn write(url: &str, run: &str, threads: usize, rounds: usize) {
    let engine = Engine::open(url).expect("the store opens");
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let engine = &engine;
            scope.spawn(move || (0..rounds).for_each(|round| hold(engine, &format!("{run}.{thread}.{round}"))));
        }
    });
    engine.close().expect("the engine closes");
}

/// Tells `begin CALL NAME PARENT`, does the call, and tells `done CALL NAME PARENT RESULT`.
fn told<T>(
    call: &str,
    name: &str,
    parent: &str,
    work: impl FnOnce() -> vivavoce::Result<T>,
    result: impl Fn(&T) -> String,
) -> T {
    tell(&format!("begin {call} {name} {parent}"));
    let done = work().unwrap_or_else(|error| panic!("{call} {name}: {error}"));
    tell(&format!("done {call} {name} {parent} {}", result(&done)));
    done
}

fn hold(engine: &Engine, name: &str) {
    let key = CallOptions::default().idempotency_key(name);
    let create = || engine.create_interview_with(plan(name), &key);
    let interview = told("create", name, "-", create, |it| it.id.to_string());
    let draft = interview.id.to_string();
    let update = || engine.update_interview_with(interview.id, plan(name).max_answers(999), &key);
    let at = |it: &std::sync::Arc<vivavoce::Interview>| it.updated_at.timestamp_micros().to_string();
    told("update", name, &draft, update, at);
    let start = || engine.start_session_with(interview.id, StartSession::default(), &key);
    let session = told("start", name, &draft, start, |it| it.id.to_string());
    let parent = session.id.to_string();
    for number in 0..ANSWERS {
        let text = format!("{name}.{number}");
        let options =
            if number % 2 == 0 { CallOptions::default().idempotency_key(&text) } else { CallOptions::default() };
        let call = if number % 2 == 0 { "send" } else { "send-without-key" };
        let send = || engine.send_message_with(session.id, &text, &options);
        told(call, &text, &parent, send, |turn| turn.message.number.to_string());
    }
    told("end", name, &parent, || engine.end_session_with(session.id, &key), |it| it.id.to_string());
}
