//! The scenarios of `tests/scenarios`, run by programs in C, C++ and Go on every store: what each is told is what Rust is told.

use std::path::Path;
use std::process::Command;

use super::go::go;
use super::running::{by_rust, interview, on_every_store, same, told};
use super::{done, ffi, flags, with_library};

#[test]
fn every_language_is_told_the_same_on_every_store() {
    let interview = interview();
    let expected = by_rust(&interview);
    let directory = tempfile::tempdir().unwrap();
    let build = |name: &str, command: &mut Command| {
        let program = directory.path().join(name);
        done(command.arg("-o").arg(&program));
        program
    };
    let warnings = ["-Wall", "-Wextra", "-Werror", "-g"];
    let sources = ffi().join("tests/c");
    let libraries = flags(&["--cflags", "--libs"]);
    let mut c = Command::new("cc");
    c.arg("-std=c99").args(warnings).arg(sources.join("scenario.c")).args(&libraries).arg("-lcjson");
    let mut cpp = Command::new("c++");
    cpp.arg("-std=c++17").args(warnings).arg(sources.join("scenario.cpp")).args(&libraries);
    let programs = [build("in-c", &mut c), build("in-cpp", &mut cpp), in_go(directory.path())];
    for program in programs {
        let all = on_every_store(&interview, |path, url| told(with_library(&program).arg(path).arg(url)));
        same(&expected, &all);
    }
}

fn in_go(directory: &Path) -> std::path::PathBuf {
    let program = directory.join("in-go");
    done(go("ffi/go").args(["build", "-o"]).arg(&program).arg("./internal/scenario"));
    program
}
