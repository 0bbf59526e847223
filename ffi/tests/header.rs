//! The committed header is what the source says, and both languages read it. `VIVAVOCE_WRITE_HEADER=1` writes it (`make header`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn generated() -> String {
    let ffi = root().join("ffi");
    let config = cbindgen::Config::from_file(ffi.join("cbindgen.toml")).unwrap();
    let bindings = cbindgen::Builder::new().with_crate(&ffi).with_config(config).generate().unwrap();
    let mut header = Vec::new();
    bindings.write(&mut header);
    String::from_utf8(header).unwrap()
}

#[test]
fn the_header_is_what_the_source_says() {
    let path = root().join("include/vivavoce.h");
    let generated = generated();
    if std::env::var_os("VIVAVOCE_WRITE_HEADER").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "include/vivavoce.h is not what ffi/src says: run `make header`");
}

#[test]
fn headers_are_read_alone_and_twice_by_c99_and_by_cpp17() {
    let directory = tempfile::tempdir().unwrap();
    for (compiler, standard, name, header) in [
        ("cc", "c99", "alone.c", "vivavoce.h"),
        ("c++", "c++17", "alone.cpp", "vivavoce.h"),
        ("c++", "c++17", "alone.cpp", "vivavoce.hpp"),
    ] {
        let source = directory.path().join(name);
        std::fs::write(&source, format!("#include <{header}>\n#include <{header}>\nextern int none;\n")).unwrap();
        let compiled = Command::new(compiler)
            .args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"])
            .args([format!("-std={standard}"), format!("-I{}", root().join("include").display())])
            .arg(&source)
            .output()
            .unwrap();
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    }
}

#[test]
fn every_function_says_whether_threads_may_call_it() {
    let header = generated();
    let mut told = 0;
    for (comment, declaration) in declarations(&header) {
        if declaration.contains("(*") {
            // A field that is a function.
            continue;
        }
        assert!(comment.contains("hread"), "{declaration}");
        told += 1;
    }
    assert!(told > 55, "{told}");
}

/// Each function's comment and declaration.
fn declarations(header: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for part in header.split("/**").skip(1) {
        let Some((comment, rest)) = part.split_once("*/") else { continue };
        let Some((declaration, _)) = rest.split_once(';') else { continue };
        if declaration.contains("(") && !declaration.contains('{') && !declaration.contains('#') {
            all.push((comment.to_owned(), declaration.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    all
}
