//! The wheel against the Rust engine, and what it does to its process.

use std::process::Command;
use std::time::Instant;

use vivavoce_test_support::table::{Target, median, reported, row};

use crate::{Bench, call, done, in_turns, told};

/// What `call.py` tells of a figure.
pub(crate) fn in_python(bench: &Bench, figure: &str, url: &str, count: usize, threads: usize) -> f64 {
    let numbers = [count.to_string(), threads.to_string()];
    told(bench.program("call.py").args([figure, url]).args(numbers).args([call::plan(), call::answer()]))
}

fn in_rust(figure: &str, url: &str, count: usize) -> f64 {
    told(Command::new(std::env::current_exe().unwrap()).args(["call", figure, url]).arg(count.to_string()))
}

/// Nanoseconds in Python and in Rust, on new stores.
fn both(bench: &Bench, figure: &str, count: usize, url: &dyn Fn(&tempfile::TempDir) -> String) -> [f64; 2] {
    let python = || in_python(bench, figure, &url(&bench.new_folder()), count, 1);
    let rust = || in_rust(figure, &url(&bench.new_folder()), count);
    in_turns([&python, &rust])
}

pub(crate) fn calls(bench: &Bench) {
    let memory = |_: &tempfile::TempDir| "memory:".to_owned();
    let above = |name: &str, figure: &str, count: usize, most: Option<f64>| {
        let [python, rust] = both(bench, figure, count, &memory);
        let (name, extra) = (format!("{name}, memory, above the same in Rust"), (python - rust) / 1e3);
        let details = format!("{:.2} against {:.2} µs", python / 1e3, rust / 1e3);
        match most {
            Some(most) => row(&name, extra, " µs", &details, &Target::AtMost(most)),
            None => reported(&name, &format!("{extra:.2} µs ({details})")),
        }
    };
    above("send_message", "send", 20_000, Some(1.0));
    above("session", "session", 500_000, Some(1.0));
    above("interview", "interview", 500_000, Some(1.0));
    above("A new snapshot's 21 messages", "messages", 200_000, Some(2.0));
    above("The contents of a new snapshot's 21 messages", "contents", 200_000, None);

    let sqlite = |folder: &tempfile::TempDir| {
        // Without a sync for each message, whose time is the disk's mood and larger than all the rest.
        format!("sqlite:{}?durability=normal", folder.path().join("of.db").display())
    };
    let against = |name: &str, figure: &str, count: usize, most: f64| {
        let [python, rust] = both(bench, figure, count, &sqlite);
        let details = format!("{:.2} against {:.2} µs", python / 1e3, rust / 1e3);
        row(&format!("{name}, SQLite, against Rust"), python / rust, "", &details, &Target::AtMost(most));
    };
    against("send_message, NORMAL", "send", 4_000, 1.15);
    against("A page of 20 of 1,000 interviews", "list", 4_000, 1.25);
    against("A session of 21 messages, exact", "exact", 20_000, 1.35);
    let [python, rust] = both(bench, "messages", 200_000, &sqlite);
    // No database is asked, so that a ratio would say nothing.
    let details = format!("{:.2} against {:.2} µs", python / 1e3, rust / 1e3);
    let extra = format!("{:.2} µs ({details})", (python - rust) / 1e3);
    reported("A session of 21 messages, cached, SQLite, above the same in Rust", &extra);
}

pub(crate) fn process(bench: &Bench) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let rate = |cores: usize| told(bench.program("cores.py").args(["rate", &cores.to_string()]));
    let [all, one] = in_turns([&|| rate(cores), &|| rate(1)]);
    row(
        &format!("evaluate_answers of 10,000 answers on {cores} cores against one"),
        all / one,
        "",
        &format!("{all:.0} against {one:.0} answers/s"),
        &Target::AtLeast(0.85 * cores as f64),
    );
    let spin = told(bench.program("cores.py").args(["spin", &cores.to_string()]));
    // The evaluation has all cores busy, so that one thread more has its share of them.
    reported(
        "What another thread of Python does while answers are judged, against what it does alone",
        &format!("{spin:.2} ({cores} cores for {} threads)", cores + 1),
    );

    for (what, how) in [
        ("waits for events", "events"),
        ("waits for a language model", "model"),
        ("works for the queue", "worker"),
        ("delivers events", "deliveries"),
        ("judges answers", "answers"),
    ] {
        let printed = done(bench.program("interrupted.py").arg(how));
        let times: Vec<f64> = printed.split_whitespace().map(|time| time.parse().unwrap()).collect();
        let slowest = times.iter().copied().fold(0.0, f64::max);
        let details = format!("the slowest of {}; the middle one {:.0} ms", times.len(), median(times));
        row(&format!("Ctrl-C ends a call that {what}"), slowest, " ms", &details, &Target::AtMost(200.0));
    }

    let start = |program: &str| {
        let began = Instant::now();
        done(Command::new(&bench.python).args(["-c", program]).current_dir(bench.directory.path()));
        began.elapsed().as_secs_f64() * 1e3
    };
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..20 {
        times[0].push(start("import vivavoce"));
        times[1].push(start("pass"));
    }
    let [with, without] = times.map(median);
    row(
        "import vivavoce",
        with - without,
        " ms",
        &format!("a program with it {with:.1}, an empty one {without:.1} ms"),
        &Target::AtMost(50.0),
    );
}
