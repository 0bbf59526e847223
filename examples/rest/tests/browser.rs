//! The web application in a real browser: Debian's Chromium, driven through every page by `tests/browser/main.mjs`, which starts the service itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a program to its end, and shows what it said where it fails.
fn done(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "{command:?}: {}\n{}\n{}", output.status, said[0], said[1]);
}

/// The folder of the tests, with what they need, as the lock file names it.
fn prepared() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let wanted = fs::read(folder.join("package-lock.json")).unwrap();
    let installed = folder.join("node_modules/installed-by");
    if fs::read(&installed).ok().as_ref() != Some(&wanted) {
        done(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder));
        fs::write(installed, wanted).unwrap();
    }
    folder
}

#[test]
fn the_pages_hold_in_a_real_browser() {
    let folder = prepared();
    done(Command::new("npm").args(["run", "types"]).current_dir(&folder));
    let service = env!("CARGO_BIN_EXE_vivavoce-rest");
    done(Command::new("node").args(["main.mjs", "--service", service]).current_dir(&folder));
}
