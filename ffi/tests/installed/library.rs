//! The names, the symbols, and that C programs are built against it in every way that is said.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::{PREFIX, done, ffi, flags, root, with_library};

/// The names that the header declares as functions.
fn declared() -> BTreeSet<String> {
    let header = std::fs::read_to_string(root().join("include/vivavoce.h")).unwrap();
    let names = header.match_indices("vv_").filter_map(|(at, _)| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_inside = header[..at].ends_with(is_name);
        let (name, rest) = header[at..].split_at(header[at..].find(|c| !is_name(c))?);
        // A function's name is followed by its parameters; within comments there are none.
        (!is_inside && rest.starts_with('(')).then(|| name.to_owned())
    });
    names.collect()
}

fn runs(program: &Path) {
    assert_eq!(done(with_library(program).arg("memory:")), "ok\n");
}

#[test]
fn the_shared_library_has_the_symbols_of_the_header_a_name_and_a_bounded_size() {
    let shared = PREFIX.join("lib/libvivavoce.so");
    let symbols = done(Command::new("nm").args(["-D", "--defined-only"]).arg(&shared));
    let exported: BTreeSet<String> = symbols
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .map(|name| name.trim_end_matches("@@VIVAVOCE_0").to_owned())
        .collect();
    let mut expected = declared();
    expected.insert("VIVAVOCE_0".into());
    assert_eq!(exported, expected);
    let symbols = done(Command::new("nm").args(["-g", "--defined-only"]).arg(PREFIX.join("lib/libvivavoce.a")));
    let ours: BTreeSet<String> =
        symbols.lines().filter_map(|line| line.split_whitespace().nth(2)).map(str::to_owned).collect();
    assert_eq!(ours, declared());
    let dynamic = done(Command::new("readelf").arg("-d").arg(&shared));
    assert!(dynamic.contains("soname: [libvivavoce.so.0]"), "{dynamic}");

    let directory = tempfile::tempdir().unwrap();
    let stripped = directory.path().join("stripped.so");
    done(Command::new("strip").arg("-o").arg(&stripped).arg(&shared));
    let size = stripped.metadata().unwrap().len();
    assert!(size <= 8_000_000, "the stripped library has {size} bytes");
}

#[test]
fn gcc_and_clang_build_against_both_libraries_by_pkg_config() {
    let directory = tempfile::tempdir().unwrap();
    for compiler in ["gcc", "clang"] {
        for source in ["interview.c", "callbacks.c"] {
            let shared = flags(&["--cflags", "--libs"]);
            let mut private = flags(&["--cflags", "--libs", "--static"]);
            // The archive itself, as whoever links one library of many statically says it.
            private.iter_mut().filter(|flag| *flag == "-lvivavoce").for_each(|flag| *flag = "-l:libvivavoce.a".into());
            for (name, flags) in [("shared", shared), ("static", private)] {
                let program = directory.path().join(format!("{compiler}-{name}-{source}.out"));
                let source = ffi().join("tests/c").join(source);
                let standard = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-o"];
                done(Command::new(compiler).args(standard).arg(&program).arg(source).args(&flags).arg("-lpthread"));
                runs(&program);
            }
        }
    }
}
