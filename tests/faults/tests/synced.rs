//! Killing a process does not lose what the kernel holds; a power cut does. So the calls of the system are watched: between the beginning of a write and its
//! acknowledgement, the write-ahead log was written and then synced.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use crate::{WORKER, sqlite_url, told};

/// A call of the system: the places in the trace at which it began and was over.
#[derive(Debug, Clone, Copy)]
struct Span {
    began: usize,
    over: usize,
}

#[derive(Default)]
struct Trace {
    log_writes: Vec<Span>,
    log_syncs: Vec<Span>,
    /// What the worker told, and when.
    told: Vec<(told::Call, Span)>,
}

/// Runs `worker write` under strace.
fn trace(directory: &Path, durability: &str, threads: usize, rounds: usize) -> Trace {
    let (output, url) = (directory.join("trace"), sqlite_url(&directory.join("interviews.db")));
    let status = Command::new("strace")
        .args(["-f", "-y", "-qq", "-s", "300", "-e", "trace=write,pwrite64,fsync,fdatasync", "-o"])
        .arg(&output)
        .args([WORKER, "write", &format!("{url}?durability={durability}"), "run"])
        .args([threads.to_string(), rounds.to_string()])
        .stdout(std::process::Stdio::null())
        .status()
        .expect("strace was not found: install the Debian package `strace`");
    assert!(status.success());
    read(&std::fs::read_to_string(output).unwrap())
}

/// Reads lines of `PID call(…) = result`, which are cut in two where another thread's call came between.
fn read(text: &str) -> Trace {
    let mut trace = Trace::default();
    let mut unfinished: HashMap<&str, (usize, &str)> = HashMap::new();
    for (place, line) in text.lines().enumerate() {
        let (thread, rest) = line.split_once(' ').expect("a thread's id and a call");
        let rest = rest.trim_start();
        if rest.ends_with("<unfinished ...>") {
            unfinished.insert(thread, (place, rest));
            continue;
        }
        let (began, call) = match rest.strip_prefix("<... ") {
            Some(_) => unfinished.remove(thread).expect("a call that was begun"),
            None => (place, rest),
        };
        let span = Span { began, over: place };
        let failed = rest.rsplit_once(" = ").is_none_or(|(_, result)| result.starts_with('-'));
        assert!(!failed, "{line}");
        let on_log = call.split(['>', ',', ')']).next().is_some_and(|first| first.ends_with("-wal"));
        match call.split('(').next() {
            Some("pwrite64" | "write") if on_log => trace.log_writes.push(span),
            Some("fdatasync" | "fsync") if on_log => trace.log_syncs.push(span),
            Some("write") => {
                let said = call.split('"').nth(1).and_then(|said| said.strip_suffix("\\n"));
                trace.told.extend(said.and_then(told::line).map(|told| (told, span)));
            }
            _ => {}
        }
    }
    trace
}

/// How many acknowledged calls there are, and how many of them without a log that was written and then synced since they had begun.
fn unsynced(trace: &Trace) -> (usize, usize) {
    let mut begun = HashMap::new();
    let (mut acknowledged, mut unsynced) = (0, 0);
    for (call, span) in &trace.told {
        let name = (&call.call, &call.name);
        if call.result.is_none() {
            begun.insert(name, span.over);
            continue;
        }
        let after = begun[&name];
        let written = trace.log_writes.iter().filter(|write| write.began > after);
        let first = written.map(|write| write.over).min();
        let synced = |sync: &Span| first.is_some_and(|first| sync.began > first) && sync.over < span.began;
        acknowledged += 1;
        unsynced += usize::from(!trace.log_syncs.iter().any(synced));
    }
    (acknowledged, unsynced)
}

/// Calls of one interview: created, changed, started, six answers, ended.
const CALLS: usize = 10;

#[test]
fn every_acknowledged_write_was_synced_before() {
    for (threads, rounds) in [(1, 5), (8, 5)] {
        let directory = tempfile::tempdir().unwrap();
        let trace = trace(directory.path(), "full", threads, rounds);
        assert_eq!(unsynced(&trace), (CALLS * threads * rounds, 0), "threads: {threads}");
    }
}

#[test]
fn the_watch_sees_writes_that_were_not_synced() {
    let directory = tempfile::tempdir().unwrap();
    let (acknowledged, unsynced) = unsynced(&trace(directory.path(), "normal", 1, 5));
    assert_eq!(acknowledged, CALLS * 5);
    assert!(unsynced > acknowledged / 2, "{unsynced} of {acknowledged}");
}
