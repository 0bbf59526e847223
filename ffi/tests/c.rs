//! Programs in C over the static library, on every store.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use vivavoce_test_support::Cluster;

/// The static library that cargo has made for these tests: the last one beside them.
fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let made = std::fs::read_dir(test.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("libvivavoce_ffi-") && name.ends_with(".a")
    };
    made.filter(is_it).max_by_key(|path| path.metadata().unwrap().modified().unwrap()).unwrap()
}

fn compiled(source: &str, directory: &Path) -> PathBuf {
    let ffi = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = directory.join("program");
    let output = Command::new("cc")
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-g", "-o"])
        .arg(&program)
        .arg(format!("-I{}", ffi.parent().unwrap().join("include").display()))
        .arg(ffi.join("tests/c").join(source))
        .arg(library())
        .args(["-lpthread", "-ldl", "-lm"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}

#[test]
fn an_interview_is_held_and_misuse_is_an_error_on_every_store() {
    let directory = tempfile::tempdir().unwrap();
    let program = compiled("interview.c", directory.path());
    let file = format!("sqlite:{}", directory.path().join("a.db").display());
    for url in ["memory:".to_owned(), file, Cluster::shared().create_database()] {
        let output = Command::new(&program).arg(&url).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && output.stdout == b"ok\n", "{}: {said}", output.status);
    }
}
