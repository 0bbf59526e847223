//! The files by which the service is installed are read by the programs that know what is wrong with such files. Nothing is built or started with them here.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "tools/mod.rs"]
mod tools;

use std::fs;
use std::path::Path;
use std::process::Command;

use tools::{run, tool};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_dockerfile_is_sound() {
    let (went_well, said) = run(tool("hadolint").arg("--no-color").arg(here().join("Dockerfile")));
    assert!(went_well && said.is_empty(), "{said}");
}

#[test]
fn the_unit_is_sound_and_gives_no_more_than_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("vivavoce-rest.service");
    let text = fs::read_to_string(here().join("vivavoce-rest.service")).unwrap();
    // The program is not installed here.
    let text = text.replace("/usr/local/bin/vivavoce-rest\n", "/bin/true\n");
    assert!(text.contains("ExecStart=/bin/true\n"));
    fs::write(&unit, text).unwrap();
    let (went_well, said) = run(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit));
    assert!(went_well && said.is_empty(), "{said}");
    // In tenths of its scale from 0 to 10.
    let (went_well, said) =
        run(Command::new("systemd-analyze").args(["security", "--offline=yes", "--threshold=25"]).arg(&unit));
    assert!(went_well, "{said}");
}
