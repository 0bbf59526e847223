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

/// How a program is made and run.
struct Way {
    flags: &'static [&'static str],
    under: &'static [&'static str],
}

const PLAIN: Way = Way { flags: &[], under: &[] };
/// The addresses, leaks and undefined behaviour of the C side, and every allocation of ours: sanitizers take the place of malloc.
const SANITIZED: Way = Way { flags: &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"], under: &[] };
const VALGRIND: Way = Way {
    flags: &[],
    under: &[
        "valgrind",
        "--quiet",
        "--leak-check=full",
        "--show-leak-kinds=definite,indirect,possible",
        "--error-exitcode=99",
    ],
};

/// Makes a program of tests/c and runs it on every store.
fn runs_on_every_store(source: &str, way: &Way) {
    let directory = tempfile::tempdir().unwrap();
    let ffi = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = directory.path().join("program");
    let (compiler, standard) = if source.ends_with(".cpp") { ("c++", "-std=c++17") } else { ("cc", "-std=c99") };
    let output = Command::new(compiler)
        .args([standard, "-Wall", "-Wextra", "-Werror", "-pedantic", "-g", "-o"])
        .arg(&program)
        .args(way.flags)
        .arg(format!("-I{}", ffi.parent().unwrap().join("include").display()))
        .arg(ffi.join("tests/c").join(source))
        .arg(library())
        .args(["-lpthread", "-ldl", "-lm"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    is_ok_on_every_store(&program, way.under);
}

fn is_ok_on_every_store(program: &Path, under: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", directory.path().join("a.db").display());
    for url in ["memory:".to_owned(), file, Cluster::shared().create_database()] {
        let words: Vec<&str> = under.iter().copied().chain([program.to_str().unwrap(), &url]).collect();
        let output = Command::new(words[0]).args(&words[1..]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && output.stdout == b"ok\n", "{url}: {}: {said}", output.status);
    }
}

/// Makes of each program a test for each way of running it.
macro_rules! programs {
    ($($name:ident($source:literal);)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn is_right() {
                runs_on_every_store($source, &PLAIN);
            }

            #[test]
            fn has_no_wrong_address_no_leak_and_nothing_undefined() {
                runs_on_every_store($source, &SANITIZED);
            }

            #[test]
            fn gives_valgrind_nothing_to_find() {
                runs_on_every_store($source, &VALGRIND);
            }
        }
    )*};
}

programs! {
    interviews_misuse_and_forks("interview.c");
    functions_of_the_application("callbacks.c");
    many_threads_and_closing_under_them("threads.c");
    cpp("interview.cpp");
}

#[test]
#[ignore = "scripts/nightly builds the program with ThreadSanitizer, and runs this"]
fn the_thread_sanitizer_finds_nothing() {
    let program = std::env::var_os("VIVAVOCE_THREADS").unwrap();
    is_ok_on_every_store(Path::new(&program), &[]);
}
