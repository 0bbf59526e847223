//! A service in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A service that runs until this is dropped.
pub(crate) struct Served {
    process: Child,
    base: String,
}

impl Served {
    /// Starts the service on a store.
    pub(crate) fn start(store: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vivavoce-rest"));
        command.args(["--listen", "127.0.0.1:0", "--store", store]).args(arguments);
        Self::of(command)
    }

    /// Starts a program that says in a line where it listens.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        let base = loop {
            let mut line = String::new();
            assert!(said.read_line(&mut line).unwrap() > 0, "the service did not start");
            if let Some(at) = line.find("http://") {
                break line[at..].trim_end_matches(|c: char| !c.is_ascii_digit()).to_owned();
            }
        };
        // Nobody may wait for a reader of what it says.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { process, base }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let body = serde_json::to_string(body).unwrap();
        let mut answer = ureq::post(self.url(path)).content_type("application/json").send(body).unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    /// Begins sessions that take very many answers, and says which.
    pub(crate) fn sessions(&self, count: usize) -> Vec<String> {
        let plan = json!({
            "candidate_name": "Ada", "interview_type": "technical", "questions": ["What is a deadlock?", "What is a race?"], "max_answers": 1000,
        });
        (0..count)
            .map(|_| {
                let interview = self.post("/api/interviews", &plan);
                let path = format!("/api/interviews/{}/chat/start", interview["id"].as_str().unwrap());
                self.post(&path, &json!({}))["id"].as_str().unwrap().to_owned()
            })
            .collect()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
