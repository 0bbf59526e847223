//! The service under load, over loopback, beside a service that only says hello, on the same machine and in turns: `make bench`. The load is wrk's, which takes its share of the same
//! processors.
//!
//! `cargo bench -p vivavoce-rest -- postgres sockets` measures these parts alone.
#![allow(clippy::print_stdout, reason = "what was measured is the result")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a measurement may fail in the shortest way")]

mod hello;
mod served;
mod sockets;
mod wrk;

use std::fs;
use std::path::Path;

use vivavoce_test_support::Cluster;
use vivavoce_test_support::table::{ROUNDS, Target, heading, median, reported, row};

use served::Served;
use wrk::{Load, Reported};

/// How many connections ask at once.
const CONNECTIONS: u32 = 64;
/// How many sessions they ask for.
const SESSIONS: usize = 256;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench").peekable();
    if arguments.peek().map(String::as_str) == Some(hello::ARGUMENT) {
        return hello::serve();
    }
    let wanted: Vec<String> = arguments.collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|it| it == part);
    let directory = tempfile::tempdir().unwrap();
    heading();
    let hello = hello::start();
    for store in ["memory", "sqlite", "postgres"].into_iter().filter(|store| is_wanted(store)) {
        let url = match store {
            "memory" => "memory:".to_owned(),
            "sqlite" => format!("sqlite:{}", directory.path().join("interviews.db").display()),
            _ => Cluster::shared().create_database(),
        };
        measure(store, &Served::start(&url, &[]), &hello, directory.path());
    }
    if is_wanted("sockets") {
        sockets::measure();
    }
}

/// How long each connection pauses where not as much is asked for as the service can answer, in milliseconds.
const PAUSE: u32 = 100;

/// A kind of request, and what was found of it in each round: as fast as it goes, and with pauses.
struct Kind {
    name: &'static str,
    fast: Vec<Reported>,
    paused: Vec<Reported>,
}

fn measure(store: &str, served: &Served, hello: &Served, directory: &Path) {
    let sessions = served.sessions(SESSIONS);
    let on = |service: &Served, script: Option<String>| {
        let path = script.map(|text| {
            let path = directory.join("requests.lua");
            fs::write(&path, text).unwrap();
            path
        });
        Load { connections: CONNECTIONS, seconds: 3, script: path.as_deref() }.on(service)
    };
    let kind = |name| Kind { name, fast: Vec::new(), paused: Vec::new() };
    let mut hellos = Vec::new();
    let mut kinds = ["read", "message", "new interview"].map(kind);
    for _ in 0..ROUNDS {
        hellos.push(on(hello, None));
        for kind in &mut kinds {
            let script = match kind.name {
                "read" => wrk::reads(&sessions),
                // New ones each time, which have not had all their answers yet.
                "message" => wrk::messages(&served.sessions(SESSIONS)),
                _ => wrk::creations(),
            };
            kind.paused.push(on(served, Some(wrk::paused(&script, PAUSE))));
            kind.fast.push(on(served, Some(script)));
        }
    }
    let share = rate(&kinds[0].fast) / rate(&hellos);
    let details = format!("{}; hello {}", words(&kinds[0].fast), words(&hellos));
    let name = format!("{store}: reading a session that is cached, against hello");
    row(&name, share, "×", &details, &Target::AtLeast(0.5));
    for Kind { name, fast, paused } in &kinds {
        let paused_name = format!("{store}: p99 of a {name}, with pauses of {PAUSE} ms");
        let fast_name = format!("{store}: p99 of a {name}, as fast as it goes");
        for (name, figures) in [(paused_name, paused), (fast_name, fast)] {
            match store {
                "postgres" => row(&name, p99(figures), " ms", &words(figures), &Target::AtMost(10.0)),
                _ => reported(&name, &words(figures)),
            }
        }
    }
}

fn rate(all: &[Reported]) -> f64 {
    median(all.iter().map(|one| one.per_second).collect())
}

fn p99(all: &[Reported]) -> f64 {
    median(all.iter().map(|one| one.p99).collect())
}

fn words(all: &[Reported]) -> String {
    let p50 = median(all.iter().map(|one| one.p50).collect());
    format!("{:.0}/s; p50 {p50:.2} ms, p99 {:.2} ms", rate(all), p99(all))
}
