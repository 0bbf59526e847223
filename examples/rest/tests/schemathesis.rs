//! The service against its own OpenAPI document: schemathesis asks everything that the document allows and forbids, and holds every answer against it.
//!
//! Once in memory, where anybody may do everything, and once on PostgreSQL, where an administrator's token is asked for. The live calls are left out: their answers are
//! streams without an end and a protocol that is not HTTP (`tests/live` has them).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "tools/mod.rs"]
mod tools;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tools::{run, tool};
use vivavoce_test_support::Cluster;

const SERVICE: &str = env!("CARGO_BIN_EXE_vivavoce-rest");

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis")
}

/// The service, which is killed with the test.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Service {
    /// Starts it on a free port, and gives its address.
    fn start(store: &str, further: &[&str]) -> (Self, String) {
        let mut command = Command::new(SERVICE);
        command.args(["--listen", "127.0.0.1:0", "--store", store]).args(further);
        let mut service = Self(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
        let mut line = String::new();
        BufReader::new(service.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_whitespace().find(|word| word.starts_with("http://"));
        let address = address.unwrap_or_else(|| panic!("no address: {line}")).to_owned();
        (service, address)
    }
}

/// Has everything asked of a service, which has to be as its document says.
fn hold(address: &str, token: Option<&str>) {
    let mut command = tool("schemathesis");
    command
        .env_remove("VIVAVOCE_TOKEN")
        .env("SCHEMATHESIS_HOOKS", here().join("checks.py"))
        .arg("--config-file")
        .arg(here().join("schemathesis.toml"));
    command.args(["run", &format!("{address}/openapi.json"), "--exclude-tag", "live"]);
    if let Some(token) = token {
        command.args(["--header", &format!("Authorization: Bearer {token}")]).env("VIVAVOCE_TOKEN", token);
    }
    // What it keeps for itself has no place among the sources.
    let folder = tempfile::tempdir().unwrap();
    let (went_well, said) = run(command.current_dir(folder.path()));
    assert!(went_well && !said.contains("never succeeded"), "{said}");
}

#[test]
fn in_memory_without_tokens() {
    let (_service, address) = Service::start("memory:", &[]);
    hold(&address, None);
}

#[test]
fn on_postgresql_with_an_administrators_token() {
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().join("tokens.toml"), folder.path().join("key"));
    let (went_well, said) = run(Command::new(SERVICE).arg("key").arg(&key));
    assert!(went_well, "{said}");
    let (went_well, said) = run(Command::new(SERVICE).args(["token", "--role", "administrator", "--name", "ada"]));
    let (token, entry) = said.split_once("\n\n").unwrap_or_else(|| panic!("{went_well}: {said}"));
    fs::write(&path, format!("signing_key_file = \"key\"\n{entry}")).unwrap();
    let store = Cluster::shared().create_database();
    // It asks more than a client may.
    let further = ["--tokens", path.to_str().unwrap(), "--rate-limit", "1000000"];
    let (_service, address) = Service::start(&store, &further);
    hold(&address, Some(token));
}
