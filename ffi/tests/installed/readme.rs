//! The README's ten lines in C, C++ and Go, and the lines about calibrations in docs/c-abi.md, built and run as they stand.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::go::go;
use super::{done, ffi, flags, root, with_library};

/// The README's lines in this language.
fn lines(language: &str) -> String {
    lines_after("README.md", "", language)
}

/// The first lines in this language after a heading of a page.
fn lines_after(page: &str, heading: &str, language: &str) -> String {
    let page = std::fs::read_to_string(root().join(page)).unwrap();
    let (_, rest) = page.split_once(heading).unwrap();
    let (_, rest) = rest.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

fn says_what_it_should(directory: &Path, program: &Path) {
    let said = done(with_library(program).current_dir(directory));
    assert!(said.contains("# Interview scorecard: Ada"), "{said}");
}

/// Compiles a program in C, or in C++, against the installed library.
fn compiled(directory: &Path, name: &str, text: &str) -> PathBuf {
    let (compiler, standard) = if name.ends_with(".cpp") { ("c++", "-std=c++17") } else { ("cc", "-std=c99") };
    let (source, program) = (directory.join(name), directory.join("a.out"));
    std::fs::write(&source, text).unwrap();
    let mut compile = Command::new(compiler);
    compile.arg(standard).args(["-Wall", "-Wextra", "-Werror"]).arg(&source).args(flags(&["--cflags", "--libs"]));
    done(compile.arg("-o").arg(&program));
    program
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
    for (name, text) in [("a.c", c), ("a.cpp", cpp)] {
        let directory = tempfile::tempdir().unwrap();
        says_what_it_should(directory.path(), &compiled(directory.path(), name, &text));
    }
}

#[test]
fn the_lines_about_calibrations_in_c_and_cpp_correct_a_score() {
    const QUESTION: &str =
        r#"{"text": "What is a mutex?", "reference_answer": "A lock that one thread at a time can hold."}"#;
    let graded = |answer, score| format!(r#"{{"question": {QUESTION}, "answer": "{answer}", "score": {score}}}"#);
    let both = [graded("A lock for one thread.", 0.9), graded("Something that runs fast.", 0.1)].join(", ");
    let graded = format!("[{}]", [both.as_str(); 5].join(", "));
    let answered = format!(r#"{{"question": {QUESTION}, "answer": "A lock for one thread."}}"#);
    let lines = |language| lines_after("docs/c-abi.md", "\n## Calibrations\n", language);
    let c = format!(
        "#include <stdio.h>\n#include <string.h>\n#include <vivavoce.h>\nint main(void) {{\nvv_error *error = NULL;\n\
         vv_engine *engine = NULL;\nchar *calibration = NULL, *judgement = NULL;\ndouble score = -1;\n\
         const char *graded = {graded:?}, *answered = {answered:?};\n\
         vv_engine_open(\"memory:\", NULL, &engine, &error);\n{}vv_engine_free(&engine);\n\
         return error != NULL || score < 0;\n}}\n",
        lines("c")
    );
    let cpp = format!(
        "#include <iostream>\n#include <vivavoce.hpp>\nint main() {{\nvivavoce::Engine engine(\"memory:\");\n\
         const std::string graded = {graded:?}, answered = {answered:?};\n{}}}\n",
        lines("cpp")
    );
    for (name, text) in [("a.c", c), ("a.cpp", cpp)] {
        let directory = tempfile::tempdir().unwrap();
        let said = done(&mut with_library(compiled(directory.path(), name, &text)));
        assert!(said.starts_with(r#"{"name":"threads","version":1,"#), "{said}");
        assert!(said.contains(r#""calibration":"threads@1""#), "{said}");
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
