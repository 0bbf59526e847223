//! The example as people use it: with a transcript, with the keyboard, and with mistakes.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn interviews() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../interviews")
}

/// Runs the example in `folder` with the words, and types the input.
fn run(folder: &Path, words: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vivavoce-example"))
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that ends at once reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn every_interview_is_held_from_its_transcript() {
    for name in ["general", "technical", "behavioral", "general.zh-TW", "technical.zh-TW"] {
        let folder = tempfile::tempdir().unwrap();
        let file = |extension: &str| interviews().join(format!("{name}.{extension}")).display().to_string();
        let words =
            [&file("json"), "--transcript", &file("transcript.txt"), "--database", "new/a.db", "--html", "b/c.html"];
        let output = run(folder.path(), &words, "");
        let text = said(&output);
        assert!(output.status.success(), "{text}");
        let answers = fs::read_to_string(file("transcript.txt")).unwrap().split("\n---\n").count();
        let last = format!("[{answers} of {answers} answers, kept as message {}]", 2 * answers);
        assert!(text.contains(&last), "{text}");
        assert!(text.contains(", sound.\nDatabase:  new/a.db\nScorecard: b/c.html\n"), "{text}");
        assert!(
            text.contains("/ 100") && fs::read(folder.path().join("new/a.db")).unwrap().starts_with(b"SQLite format 3")
        );
        assert!(fs::read_to_string(folder.path().join("b/c.html")).unwrap().contains("<svg"));
    }
}

#[test]
fn a_person_answers_at_the_keyboard_and_may_stop() {
    let folder = tempfile::tempdir().unwrap();
    let file = interviews().join("technical.json").display().to_string();
    let long = "long ".repeat(8_000);
    let output =
        run(folder.path(), &[&file], &format!("Two threads wait for each other.\n{long}\nThey take turns.\n\n"));
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("not sent: message is longer than 32000 characters"), "{text}");
    assert!(text.contains("[2 of 8 answers, kept as message 4]") && !text.contains("[3 of 8"), "{text}");
    assert!(folder.path().join("interviews.db").exists() && folder.path().join("scorecard.html").exists());
    // The end of input at once: there is nothing to score, and the card says so.
    let output = run(folder.path(), &[&file], "");
    assert!(output.status.success() && said(&output).contains("No score"), "{}", said(&output));
}

#[test]
fn a_transcript_of_another_system_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let plan = fs::read_to_string(interviews().join("technical.json")).unwrap();
    fs::write(folder.path().join("plan.json"), format!("\u{feff}{plan}")).unwrap();
    fs::write(folder.path().join("answers.txt"), "\u{feff}One.\r\nStill one.\r\n---\r\nTwo.\r\n").unwrap();
    let output = run(folder.path(), &["plan.json", "--transcript", "answers.txt", "--database", "memory:"], "");
    let text = said(&output);
    assert!(output.status.success() && text.contains("One.\nStill one.") && text.contains("[2 of 8 answers"), "{text}");
}

#[test]
fn mistakes_are_one_line_that_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = interviews().join("technical.json").display().to_string();
    fs::write(folder.path().join("bad.json"), "{\"candidate_name\": 1}").unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let cases: [(&[&str], i32, &str); 8] = [
        (&[], 2, "usage: vivavoce-example FILE"),
        (&["a", "b"], 2, "usage: "),
        (&[&file, "--html"], 2, "usage: "),
        (&["nowhere.json"], 1, "error: nowhere.json: "),
        (&["bad.json"], 1, "error: bad.json: the interview has a wrong value: expected a string (line 1, column "),
        (&[&file, "--transcript", "nowhere.txt"], 1, "error: nowhere.txt: "),
        (&[&file, "--database", "file/a.db"], 1, "error: file: "),
        (&[&file, "--html", "file/a.html"], 1, "error: file: "),
    ];
    for (words, code, expected) in cases {
        let output = run(folder.path(), words, "");
        let error = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {error}");
        assert!(error.starts_with(expected), "{words:?}: {error}");
        assert!(code == 2 || error.lines().count() == 1, "{error}");
    }
    assert!(run(folder.path(), &["--help"], "").status.success());
}
