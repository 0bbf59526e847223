//! The examples in C and C++, built by CMake against the installed library with both compilers, shared and static, and run.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{PREFIX, done, root, with_library};

const PLAN: &str = "examples/interviews/technical.json";

/// Builds a folder of examples in every way, and runs them.
fn built_in_every_way(folder: &str, check: impl Fn(&Path)) {
    for (c, cpp) in [("gcc", "g++"), ("clang", "clang++")] {
        for library in ["vivavoce", "vivavoce_static"] {
            let build = tempfile::tempdir().unwrap();
            done(
                Command::new("cmake")
                    .arg("-S")
                    .arg(root().join(folder))
                    .arg("-B")
                    .arg(build.path())
                    .arg(format!("-DCMAKE_PREFIX_PATH={}", PREFIX.display()))
                    .arg(format!("-DVIVAVOCE_LIBRARY=Vivavoce::{library}"))
                    .envs([("CC", c), ("CXX", cpp)]),
            );
            done(Command::new("cmake").arg("--build").arg(build.path()));
            check(build.path());
        }
    }
}

/// A program of a build, from the root of the repository.
fn example(build: &Path, name: &str, arguments: &[&str]) -> Command {
    let mut command = with_library(build.join(name));
    command.current_dir(root()).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a program says to these lines.
fn said(mut command: Command, lines: &str) -> (bool, String) {
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.success(), [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat())
}

/// An interview in the terminal, whatever it is written in.
fn holds_interviews(build: &Path) {
    let (is_ok, told) = said(example(build, "interview", &[PLAN]), "I measure first.\n\nThen I change one thing.\n");
    assert!(is_ok && told.contains("Hello") && told.contains("message is empty"), "{told}");
    assert!(told.contains("# Interview scorecard") && told.contains("I measure first."), "{told}");
    let (is_ok, told) = said(example(build, "interview", &["README.md"]), "");
    assert!(!is_ok && told.contains("is not JSON (line 1, column"), "{told}");
    let (is_ok, told) = said(example(build, "interview", &[PLAN, "nothing:"]), "");
    assert!(!is_ok && told.starts_with("error: "), "{told}");
}

#[test]
fn the_examples_in_c_hold_interviews_judge_and_serve() {
    built_in_every_way("examples/c", |build| {
        holds_interviews(build);
        let (is_ok, told) = said(example(build, "evaluator", &["Each has a lock — 鎖 — and they wait."]), "");
        assert!(is_ok && told.starts_with("1 answer judged") && told.contains("**67 / 100**"), "{told}");
        serves(build);
    });
}

#[test]
fn the_examples_in_cpp_hold_interviews_of_many_at_a_time() {
    built_in_every_way("examples/cpp", |build| {
        holds_interviews(build);
        let directory = tempfile::tempdir().unwrap();
        let file = format!("sqlite:{}", directory.path().join("a.db").display());
        let (is_ok, told) = said(example(build, "candidates", &[PLAN, &file, "12"]), "");
        assert!(is_ok && told.starts_with("12 candidates, "), "{told}");
        assert!(!told.contains(" 0 events heard"), "{told}");
    });
}

/// A line of the server's.
fn line(server: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    line
}

/// Candidates at the same time, one who leaves, and one who is still there when the server ends.
fn serves(build: &Path) {
    let directory = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", directory.path().join("a.db").display());
    let mut server = example(build, "server", &[PLAN, &file]).spawn().unwrap();
    let port: u16 = line(&mut server).trim().rsplit(':').next().unwrap().parse().unwrap();
    let connect = || TcpStream::connect(("127.0.0.1", port)).unwrap();
    std::thread::scope(|scope| {
        for answers in 1..=8 {
            scope.spawn(move || {
                let mut candidate = TcpStream::connect(("127.0.0.1", port)).unwrap();
                candidate.write_all("I measure first.\n".repeat(answers).as_bytes()).unwrap();
                candidate.shutdown(Shutdown::Write).unwrap();
                let mut told = String::new();
                candidate.read_to_string(&mut told).unwrap();
                assert!(told.starts_with("Hello") && told.contains("\nevaluation "), "{told}");
            });
        }
    });
    drop(connect());
    let staying = connect();
    let mut greeting = String::new();
    BufReader::new(&staying).read_line(&mut greeting).unwrap();
    assert!(greeting.starts_with("Hello"), "{greeting}");
    drop(server.stdin.take());
    let output = server.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && told.ends_with(" evaluations made\n"), "{}: {told}", output.status);
}
