//! The README's ten lines in C, C++ and Go, built and run as they stand.

use std::path::Path;
use std::process::Command;

use super::go::go;
use super::{done, ffi, flags, root, with_library};

/// The README's lines in this language.
fn lines(language: &str) -> String {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, rest) = readme.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

fn says_what_it_should(directory: &Path, program: &Path) {
    let said = done(with_library(program).current_dir(directory));
    assert!(said.contains("# Interview scorecard: Ada"), "{said}");
}

#[test]
fn the_lines_in_c_and_cpp_hold_an_interview() {
    let c = format!(
        "#include <stdio.h>\n#include <string.h>\n#include <vivavoce.h>\nint main(void) {{\nvv_error *error = NULL;\n\
         vv_id interview, session, evaluation;\nvv_turn *turn = NULL;\nchar *scorecard = NULL;\n\
         const char *answer = \"Two threads each hold a lock the other needs.\";\n{}puts(scorecard);\n\
         vv_string_free(scorecard);\nreturn error != NULL;\n}}\n",
        lines("c")
    );
    let cpp = format!("#include <iostream>\n#include <vivavoce.hpp>\nint main() {{\n{}}}\n", lines("cpp"));
    for (compiler, standard, name, text) in [("cc", "-std=c99", "a.c", c), ("c++", "-std=c++17", "a.cpp", cpp)] {
        let directory = tempfile::tempdir().unwrap();
        let (source, program) = (directory.path().join(name), directory.path().join("a.out"));
        std::fs::write(&source, text).unwrap();
        let warnings = ["-Wall", "-Wextra", "-Werror"];
        let mut compile = Command::new(compiler);
        done(
            compile
                .arg(standard)
                .args(warnings)
                .arg(&source)
                .args(flags(&["--cflags", "--libs"]))
                .arg("-o")
                .arg(&program),
        );
        says_what_it_should(directory.path(), &program);
    }
}

#[test]
fn the_lines_in_go_hold_an_interview() {
    let directory = tempfile::tempdir().unwrap();
    let go_file = format!(
        "package main\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\t\"github.com/vivavoce/vivavoce/ffi/go\"\n)\n\nfunc main() {{\n\
         ctx := context.Background()\n{}if err != nil {{ panic(err) }}\nfmt.Println(scorecard)\n}}\n",
        lines("go")
    );
    let module = format!(
        "module readme\n\ngo 1.24\n\nrequire github.com/vivavoce/vivavoce/ffi/go v0.0.0\n\n\
         replace github.com/vivavoce/vivavoce/ffi/go => {}\n",
        ffi().join("go").display()
    );
    std::fs::write(directory.path().join("main.go"), go_file).unwrap();
    std::fs::write(directory.path().join("go.mod"), module).unwrap();
    let program = directory.path().join("a.out");
    done(go(".").current_dir(directory.path()).args(["build", "-o"]).arg(&program).arg("."));
    says_what_it_should(directory.path(), &program);
}
