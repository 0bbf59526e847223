//! Processes that are killed, disks that are full, files that are broken, and many processes at once: what was acknowledged is there, once, and the
//! engine works again.

mod broken_files;
mod disks;
mod killed;
mod processes;
mod synced;
mod told;
mod workers;

use std::path::Path;
use std::process::{Child, Command, Stdio};

use vivavoce::Session;

/// The program of `src/main.rs`.
const WORKER: &str = env!("CARGO_BIN_EXE_worker");

/// Starts a worker whose input and output are pipes.
fn worker(words: &[&str]) -> Child {
    let mut command = Command::new(WORKER);
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the worker starts")
}

fn sqlite_url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

/// Numbers without gaps or doubles.
#[track_caller]
fn assert_whole(session: &Session) {
    let numbers: Vec<_> = session.messages.iter().map(|message| message.number as usize).collect();
    assert_eq!(numbers, (1..=session.messages.len()).collect::<Vec<_>>());
}

/// How often a text was said in a session.
fn times_said(session: &Session, text: &str) -> usize {
    session.messages.iter().filter(|message| message.content == text).count()
}
