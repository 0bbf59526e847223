//! What the boundary costs: the same calls from Rust, from C over the installed library, and from Go, in turns: `make bench`.
#![allow(clippy::print_stdout, reason = "what was measured is the result")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a measurement may fail in the shortest way")]

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use vivavoce::{Engine, NewInterview, StartSession};
use vivavoce_test_support::table::{Target, median, row};

/// Answers that one session takes before the next one is used; it would take a few more.
const ANSWERS: usize = 20;
const ROUNDS: usize = 9;

fn plan() -> String {
    let questions: Vec<String> =
        (0..10).map(|number| format!("What is the {number}th thing you would look at?")).collect();
    serde_json::json!({
        "candidate_name": "Ada", "interview_type": "technical", "questions": questions, "max_answers": 30,
    })
    .to_string()
}

/// An answer of 300 bytes.
fn answer() -> String {
    "I would measure it first, then change. ".repeat(8)[..300].to_owned()
}

/// What call.c does, in Rust: a process of its own as well, so that memory is as new to it.
fn call(url: &str, count: usize, plan: &str, answer: &str) {
    let engine = Engine::open(url).unwrap();
    let plan = NewInterview::from_json(plan).unwrap();
    let sessions: Vec<_> = (0..count.div_ceil(ANSWERS))
        .map(|_| {
            let interview = engine.create_interview(plan.clone()).unwrap();
            engine.start_session(interview.id, StartSession::default()).unwrap().id
        })
        .collect();
    let began = Instant::now();
    let mut replied = 0;
    for number in 0..count {
        replied += engine.send_message(sessions[number / ANSWERS], answer).unwrap().reply.content.len();
    }
    let took = began.elapsed();
    assert!(replied > count);
    println!("{}", took.as_nanos() as f64 / count as f64);
}

/// Nanoseconds for each call as a program says.
fn told(mut program: Command, url: &str, count: usize) -> f64 {
    let output = program.arg(url).arg(count.to_string()).args([plan(), answer()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

fn done(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Medians of rounds in which all take turns, each on a store of its own.
fn in_turns<const N: usize>(mut url: impl FnMut() -> String, sides: [&dyn Fn(&str) -> f64; N]) -> [f64; N] {
    let rounds: Vec<[f64; N]> = (0..ROUNDS).map(|_| sides.map(|side| side(&url()))).collect();
    std::array::from_fn(|side| median(rounds.iter().map(|round| round[side]).collect()))
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, url, count, plan, answer] = arguments.as_slice()
        && word == "call"
    {
        return call(url, count.parse().unwrap(), plan, answer);
    }
    let ffi = Path::new(env!("CARGO_MANIFEST_DIR"));
    let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("boundary");
    done(Command::new(ffi.join("install")).arg(&prefix));
    let program = prefix.join("call");
    done(
        Command::new("cc")
            .args(["-O2", "-std=c99", "-o"])
            .arg(&program)
            .arg(ffi.join("benches/boundary/call.c"))
            .arg(format!("-I{}", prefix.join("include").display()))
            .arg(format!("-L{}", prefix.join("lib").display()))
            .arg(format!("-Wl,-rpath,{}", prefix.join("lib").display()))
            .arg("-lvivavoce"),
    );

    let rust = |url: &str, count| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("call");
        told(command, url, count)
    };
    let c = |url: &str, count| told(Command::new(&program), url, count);

    let memory = || "memory:".to_owned();
    let count = 20_000;
    let [in_rust, in_c] = in_turns(memory, [&|url| rust(url, count), &|url| c(url, count)]);
    row(
        "send_message from C above the same from Rust, memory",
        in_c - in_rust,
        " ns",
        &format!("{in_c:.0} against {in_rust:.0} ns"),
        &Target::AtMost(200.0),
    );
    let directory = tempfile::tempdir().unwrap();
    let mut files = 0;
    let sqlite = || {
        files += 1;
        format!("sqlite:{}", directory.path().join(format!("{files}.db")).display())
    };
    let count = 4_000;
    let [in_rust, in_c] = in_turns(sqlite, [&|url| rust(url, count), &|url| c(url, count)]);
    row(
        "send_message from C against the same from Rust, SQLite",
        in_c / in_rust,
        "",
        &format!("{:.1} against {:.1} µs", in_c / 1e3, in_rust / 1e3),
        &Target::AtMost(1.05),
    );
    let stripped = prefix.join("stripped.so");
    done(Command::new("strip").arg("-o").arg(&stripped).arg(prefix.join("lib/libvivavoce.so")));
    let size = stripped.metadata().unwrap().len() as f64 / 1e6;
    row("The shared library, stripped", size, " MB", "", &Target::AtMost(8.0));
}
