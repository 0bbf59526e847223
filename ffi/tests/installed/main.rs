//! The installed library: what it is, and what others build with it. It is installed once, by `ffi/install`, as users do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod examples;
mod go;
mod library;
mod readme;
#[path = "../../../tests/scenarios/running.rs"]
mod running;
mod scenarios;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use running::stores;

fn ffi() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn root() -> &'static Path {
    ffi().parent().unwrap()
}

/// What a command that succeeds prints.
fn done(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = [String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)].concat();
    assert!(status.success(), "{command:?}: {status}: {said}");
    String::from_utf8(stdout).unwrap()
}

/// Where the library is installed.
static PREFIX: LazyLock<PathBuf> = LazyLock::new(|| {
    let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("installed");
    done(Command::new(ffi().join("install")).arg(&prefix));
    prefix
});

/// A command that finds the installed library when it builds and when it runs.
fn with_library(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env("PKG_CONFIG_PATH", PREFIX.join("lib/pkgconfig")).env("LD_LIBRARY_PATH", PREFIX.join("lib"));
    command
}

/// What pkg-config says that a compiler needs.
fn flags(options: &[&str]) -> Vec<String> {
    let mut command = with_library("pkg-config");
    done(command.args(options).arg("vivavoce")).split_whitespace().map(str::to_owned).collect()
}
