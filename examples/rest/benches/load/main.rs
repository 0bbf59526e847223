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
use vivavoce_test_support::table::{ROUNDS, Target, heading, median, row};

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

/// A lower bound that nothing is compared with.
const NONE: Target = Target::AtLeast(0.0);

fn measure(store: &str, served: &Served, hello: &Served, directory: &Path) {
    let sessions = served.sessions(SESSIONS);
    let script = |name: &str, text: String| {
        let path = directory.join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let reads = script("reads.lua", wrk::reads(&sessions));
    let creations = script("creations.lua", wrk::creations());
    let on =
        |service: &Served, script: Option<&Path>| Load { connections: CONNECTIONS, seconds: 3, script }.on(service);
    let (mut hellos, mut read, mut sent, mut created) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        hellos.push(on(hello, None));
        read.push(on(served, Some(&reads)));
        // New ones each time, which have not had all their answers yet.
        let messages = script("messages.lua", wrk::messages(&served.sessions(SESSIONS)));
        sent.push(on(served, Some(&messages)));
        created.push(on(served, Some(&creations)));
    }
    let rate = |all: &[Reported]| median(all.iter().map(|one| one.per_second).collect());
    let p50 = |all: &[Reported]| median(all.iter().map(|one| one.p50).collect());
    let p99 = |all: &[Reported]| median(all.iter().map(|one| one.p99).collect());
    let words = |all: &[Reported]| format!("{:.0}/s; p50 {:.2} ms, p99 {:.2} ms", rate(all), p50(all), p99(all));
    let share = rate(&read) / rate(&hellos);
    let details = format!("{}; hello {}", words(&read), words(&hellos));
    row(
        &format!("{store}: reading a session that is cached, against hello"),
        share,
        "×",
        &details,
        &Target::AtLeast(0.5),
    );
    let bound = |limit| if store == "postgres" { Target::AtMost(limit) } else { NONE };
    row(&format!("{store}: p99 of a message"), p99(&sent), " ms", &words(&sent), &bound(10.0));
    row(&format!("{store}: p99 of a new interview"), p99(&created), " ms", &words(&created), &bound(10.0));
    row(&format!("{store}: p99 of a read"), p99(&read), " ms", "", &bound(10.0));
}
