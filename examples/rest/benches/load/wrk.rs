//! Asking as fast as it goes.

use std::path::Path;
use std::process::Command;

use crate::served::Served;

/// What wrk is to do.
pub(crate) struct Load<'a> {
    pub(crate) connections: u32,
    pub(crate) seconds: u32,
    pub(crate) script: Option<&'a Path>,
}

/// What it found; times in milliseconds.
pub(crate) struct Reported {
    pub(crate) per_second: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Load<'_> {
    pub(crate) fn on(&self, served: &Served) -> Reported {
        let mut command = Command::new("wrk");
        command.args(["--latency", "-t1", &format!("-c{}", self.connections), &format!("-d{}s", self.seconds)]);
        if let Some(script) = self.script {
            command.arg("-s").arg(script);
        }
        let output = command.arg(served.url("/")).output().unwrap_or_else(|error| panic!("wrk: {error}"));
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        // An answer that is none would be counted as fast.
        assert!(!text.contains("Non-2xx") && !text.contains("Socket errors"), "{text}");
        let after = |word: &str| {
            let line = text.lines().find(|line| line.trim_start().starts_with(word));
            line.and_then(|line| line.split_whitespace().last()).unwrap_or_else(|| panic!("no {word} in {text}"))
        };
        Reported {
            per_second: after("Requests/sec:").parse().unwrap(),
            p50: millis(after("50%")),
            p99: millis(after("99%")),
        }
    }
}

/// A time as wrk writes it, such as `12.3us`.
fn millis(text: &str) -> f64 {
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let scale = match &text[number.len()..] {
        "us" => 0.001,
        "ms" => 1.0,
        "s" => 1_000.0,
        unit => panic!("{unit}"),
    };
    number.parse::<f64>().unwrap() * scale
}

/// A script that asks for one after the other. All are written before the first is sent: what it takes to write one would be counted as the service's.
fn script(sessions: &[String], request: &str) -> String {
    let list = sessions.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ");
    format!(
        r#"
local sessions = {{{list}}}
local requests = {{}}
local count = 0
wrk.headers["Content-Type"] = "application/json"
init = function()
  for i, id in ipairs(sessions) do requests[i] = {request} end
end
request = function()
  count = count % #requests + 1
  return requests[count]
end
"#
    )
}

/// The same by people who pause between two requests: milliseconds.
pub(crate) fn paused(script: &str, pause: u32) -> String {
    format!("{script}delay = function() return {pause} end\n")
}

pub(crate) fn reads(sessions: &[String]) -> String {
    script(sessions, r#"wrk.format("GET", "/api/chat/" .. id)"#)
}

pub(crate) fn messages(sessions: &[String]) -> String {
    const MESSAGE: &str =
        "I led the move of our service to a queue, and the errors of the nightly run went from forty to two.";
    script(
        sessions,
        &format!(r#"wrk.format("POST", "/api/chat/" .. id .. "/message", nil, '{{"message": "{MESSAGE}"}}')"#),
    )
}

pub(crate) fn creations() -> String {
    const INTERVIEW: &str = r#"{"candidate_name": "Ada", "interview_type": "technical", "questions": ["What is a deadlock?", "What is a race?", "What is a lock?"]}"#;
    script(&[String::new()], &format!(r#"wrk.format("POST", "/api/interviews", nil, '{INTERVIEW}')"#))
}
