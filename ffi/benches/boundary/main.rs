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
/// How often each side begins.
const ROUNDS: usize = 5;

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
    // The first quarter is not counted: what setting up leaves in the allocator is not what a message costs.
    let first = count / 4;
    let sessions: Vec<_> = (0..(first + count).div_ceil(ANSWERS))
        .map(|_| {
            let interview = engine.create_interview(plan.clone()).unwrap();
            engine.start_session(interview.id, StartSession::default()).unwrap().id
        })
        .collect();
    let mut began = Instant::now();
    let mut replied = 0;
    for number in 0..first + count {
        if number == first {
            began = Instant::now();
        }
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

/// Medians of rounds in which all take turns, each on a store of its own. Another begins each time: what comes after something else finds the disk busier.
fn in_turns<const N: usize>(mut url: impl FnMut() -> String, sides: [&dyn Fn(&str) -> f64; N]) -> [f64; N] {
    let mut told = [const { Vec::new() }; N];
    for round in 0..ROUNDS * N {
        for turn in 0..N {
            let side = (round + turn) % N;
            told[side].push(sides[side](&url()));
        }
    }
    told.map(median)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, url, count, plan, answer] = arguments.as_slice()
        && word == "call"
    {
        // In a thread that is not the first, as in a server: the allocator treats the first one better.
        std::thread::scope(|scope| scope.spawn(|| call(url, count.parse().unwrap(), plan, answer)).join().unwrap());
        return;
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
            .args(["-lvivavoce", "-lpthread"]),
    );

    let go_program = prefix.join("call-go");
    done(
        Command::new("go")
            .current_dir(ffi.join("go"))
            .args(["build", "-o"])
            .arg(&go_program)
            .arg("./internal/boundary")
            .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"))
            .env("CGO_LDFLAGS_ALLOW", "-Wl,-rpath,.*")
            .env("CGO_LDFLAGS", format!("-Wl,-rpath,{}", prefix.join("lib").display())),
    );

    let rust = |url: &str, count| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("call");
        told(command, url, count)
    };
    let c = |url: &str, count| told(Command::new(&program), url, count);
    let go = |url: &str, count| told(Command::new(&go_program), url, count);

    let memory = || "memory:".to_owned();
    let count = 20_000;
    let sides: [&dyn Fn(&str) -> f64; 3] = [&|url| rust(url, count), &|url| c(url, count), &|url| go(url, count)];
    let [in_rust, in_c, in_go] = in_turns(memory, sides);
    row(
        "send_message from C above the same from Rust, memory",
        in_c - in_rust,
        " ns",
        &format!("{in_c:.0} against {in_rust:.0} ns"),
        &Target::AtMost(200.0),
    );
    row(
        "send_message from Go above the same from Rust, memory",
        in_go - in_rust,
        " ns",
        &format!("{in_go:.0} against {in_rust:.0} ns"),
        &Target::AtMost(500.0),
    );
    let directory = tempfile::tempdir().unwrap();
    let mut files = 0;
    let sqlite = || {
        files += 1;
        // Without a sync for each message, whose time is the disk's mood and larger than all the rest.
        format!("sqlite:{}?durability=normal", directory.path().join(format!("{files}.db")).display())
    };
    let count = 4_000;
    let [in_rust, in_c] = in_turns(sqlite, [&|url| rust(url, count), &|url| c(url, count)]);
    row(
        "send_message from C against the same from Rust, SQLite, NORMAL",
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
