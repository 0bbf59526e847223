//! The program: how it is started, what it writes, and how it ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use super::{Tokens, Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_vivavoce-rest");

#[test]
fn a_wrong_configuration_is_one_line_and_exit_2() {
    for (arguments, variable, said) in [
        (vec!["--listen", "nowhere"], None, "--listen"),
        (vec!["--listen", "0.0.0.0:8080"], None, "without --tokens"),
        (vec!["--listen", "[::]:8080"], None, "without --tokens"),
        (vec!["--listen", "192.0.2.1:8080"], None, "without --tokens"),
        (vec![], Some(("VIVAVOCE_LISTEN", "0.0.0.0:8080")), "without --tokens"),
        (vec!["--tokens", "/nowhere.toml"], None, "/nowhere.toml"),
        (vec!["--trusted-proxy", "everybody"], None, "--trusted-proxy"),
        (vec!["token", "--role", "candidate", "--name", "a"], None, "--role"),
        (vec!["token", "--role", "interviewer", "--name", ""], None, "a token has a name"),
        (vec!["key", "/nowhere/key"], None, "/nowhere/key"),
        (vec![], Some(("VIVAVOCE_THREADS", "none")), "--threads"),
        (vec!["--store", "mysql://user:canary@host/"], None, "the store"),
        (vec!["--models", "/nowhere.json"], None, "/nowhere.json"),
        (vec!["--config", "/nowhere.toml"], None, "/nowhere.toml"),
        (vec!["--nonsense"], None, "--nonsense"),
    ] {
        let output = Command::new(PROGRAM).args(&arguments).envs(variable).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.lines().count() == 1 && text.contains(said) && !text.contains("canary"), "{text}");
        assert!(output.stdout.is_empty());
    }
    let help = Command::new(PROGRAM).arg("--help").env("VIVAVOCE_STORE", "canary").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(help.status.success() && text.contains("--static-dir") && !text.contains("canary"));
}

#[test]
fn flags_beat_the_environment_and_the_environment_beats_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.toml");
    std::fs::write(&path, "listen = \"127.0.0.1:0\"\nbase-path = \"/file\"\n").unwrap();
    let config = path.to_str().unwrap();
    for (variable, flag, expected) in [
        (None, None, "/file"),
        (Some("/environment"), None, "/environment"),
        (Some("/environment"), Some("/flag"), "/flag"),
    ] {
        let mut command = Command::new(PROGRAM);
        command.args(["--config", config]);
        command.envs(variable.map(|path| ("VIVAVOCE_BASE_PATH", path)));
        command.args(flag.map(|path| format!("--base-path={path}")));
        let (running, address) = started(command);
        let reply = get(&address, &format!("{expected}/interviews"));
        assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
        running.end();
    }
}

/// A program that is killed with the test.
struct Running(Child);

impl Running {
    /// Asks it to stop, and gives what it wrote to its log.
    fn end(mut self) -> String {
        let killed = Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        assert!(killed.success());
        let mut log = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert_eq!(self.0.wait().unwrap().code(), Some(0), "{log}");
        log
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn started(mut command: Command) -> (Running, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit("http://").next().unwrap().to_owned();
    (Running(child), address)
}

fn get(address: &str, path: &str) -> String {
    request(address, &format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"))
}

fn request(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

#[test]
fn the_log_names_requests_and_never_what_they_say() {
    let mut command = Command::new(PROGRAM);
    command.args(["--listen", "127.0.0.1:0"]);
    let (running, address) = started(command);
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let body = r#"{"candidate_name": "canary", "questions": ["canary"], "interview_type": "general"}"#;
    let length = body.len();
    let reply = request(
        &address,
        &format!(
            "POST /api/interviews HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ntraceparent: {trace}\r\nx-request-id: mine\r\nx-openai-key: canary\r\nauthorization: Bearer canary\r\ncontent-length: {length}\r\n\r\n{body}"
        ),
    );
    assert!(reply.starts_with("HTTP/1.1 201"), "{reply}");
    get(&address, "/api/interviews?candidate_name=canary");
    get(&address, "/canary?access_token=canary");
    let log = running.end();
    assert!(!log.contains("canary"), "{log}");
    let line = log.lines().find(|line| line.contains("\"mine\"")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let fields = &line["fields"];
    assert_eq!(
        (&fields["trace_id"], &fields["parent_id"]),
        (&"0af7651916cd43dd8448eb211c80319c".into(), &"b7ad6b7169203331".into())
    );
    assert_eq!((&fields["route"], &fields["status"]), (&"/api/interviews".into(), &201.into()));
}

#[test]
fn a_request_under_way_is_finished_when_the_program_is_asked_to_stop() {
    let mut command = Command::new(PROGRAM);
    command.args(["--listen", "127.0.0.1:0"]);
    let (running, address) = started(command);
    let mut stream = TcpStream::connect(&address).unwrap();
    let body = r#"{"candidate_name": "Ada", "questions": ["Why?"], "interview_type": "general"}"#;
    let (first, rest) = body.split_at(20);
    let length = body.len();
    write!(
        stream,
        "POST /api/interviews HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n\r\n"
    )
    .unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 100"), "{line}");
    stream.write_all(first.as_bytes()).unwrap();
    assert!(Command::new("kill").arg(running.0.id().to_string()).status().unwrap().success());
    // No new connection is taken once it stops.
    while TcpStream::connect(&address).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(rest.as_bytes()).unwrap();
    let mut reply = String::new();
    reader.read_to_string(&mut reply).unwrap();
    assert!(reply.contains("HTTP/1.1 201"), "{reply}");
}

#[test]
fn what_the_program_makes_is_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().join("tokens.toml"), folder.path().join("key"));
    // Where the service is told to listen in public, its first token can still be made.
    let run = |arguments: &[&str]| {
        let output = Command::new(PROGRAM).args(arguments).env("VIVAVOCE_LISTEN", "0.0.0.0:0").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let text = run(&["token", "--role", "interviewer", "--tenant", "acme", "--name", "desk"]);
    let (token, entry) = text.split_once("\n\n").unwrap();
    assert_eq!(run(&["key", key.to_str().unwrap()]), "");
    std::fs::write(&path, format!("signing_key_file = \"key\"\n{entry}")).unwrap();
    assert!(!entry.contains(token));
    let mut command = Command::new(PROGRAM);
    command.args(["--listen", "0.0.0.0:0", "--tokens", path.to_str().unwrap()]).env("RUST_LOG", "trace");
    let (running, address) = started(command);
    let address = address.replace("0.0.0.0", "127.0.0.1");
    let ask = |method: &str, path: &str, token: &str, body: &str| {
        let length = body.len();
        let head =
            format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}");
        request(&address, &format!("{head}\r\nauthorization: Bearer {token}\r\n\r\n{body}"))
    };
    let access = ask("GET", "/api/access", token, "");
    assert!(access.contains("\"role\":\"interviewer\"") && access.contains("\"name\":\"desk\""), "{access}");
    let id = |reply: &str| reply.split("\"id\":\"").nth(1).unwrap()[..36].to_owned();
    let plan = r#"{"candidate_name": "Ada", "questions": ["Why?"], "interview_type": "general"}"#;
    let interview = id(&ask("POST", "/api/interviews", token, plan));
    let session = id(&ask("POST", &format!("/api/interviews/{interview}/chat/start"), token, ""));
    let made = ask("POST", "/api/tokens", token, &format!("{{\"session_id\": \"{session}\"}}"));
    let candidate = made.split("\"token\":\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(candidate.starts_with("vvc_"), "{made}");
    ask("POST", &format!("/api/chat/{session}/end"), candidate, "");
    let events = get(&address, &format!("/api/chat/{session}/events?access_token={candidate}"));
    assert!(events.starts_with("HTTP/1.1 200"), "{events}");
    get(&address, &format!("/api/interviews?access_token={token}&limit=1"));
    ask("GET", "/api/access", &token[1..], "");
    let key = std::fs::read_to_string(key).unwrap();
    let hash = entry.split("hash = \"").nth(1).unwrap()[..64].to_owned();
    let log = running.end();
    assert!(log.contains("/api/chat/{session_id}/events"), "{log}");
    for secret in [&token[1..], &candidate[4..], key.trim(), &hash] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn files_that_others_may_get_at_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().join("tokens.toml"), folder.path().join("key"));
    assert!(Command::new(PROGRAM).args(["key", key.to_str().unwrap()]).status().unwrap().success());
    std::fs::write(&path, "signing_key_file = \"key\"\n").unwrap();
    for (file, mode, said) in
        [(&key, 0o644, "key: others may get at it"), (&path, 0o646, "tokens.toml: others may get at it")]
    {
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
        let mut command = Command::new(PROGRAM);
        let output = command.args(["--listen", "127.0.0.1:0", "--tokens", path.to_str().unwrap()]).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.lines().count() == 1 && text.contains(said), "{text}");
    }
    let again = Command::new(PROGRAM).args(["key", key.to_str().unwrap()]).output().unwrap();
    assert_eq!(again.status.code(), Some(2), "a key is not replaced");
}

#[test]
fn the_log_says_who_asked_and_where_somebody_came_from_who_was_turned_away() {
    let tokens = Tokens::new();
    let mut command = Command::new(PROGRAM);
    command.args(["--listen", "127.0.0.1:0", "--tokens", tokens.file().to_str().unwrap()]);
    let (running, address) = started(command);
    for (id, token) in [("known", tokens.interviewer.as_str()), ("unknown", "vv_canary")] {
        let head =
            format!("GET /api/interviews HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nx-request-id: {id}\r\n");
        request(&address, &format!("{head}authorization: Bearer {token}\r\n\r\n"));
    }
    let log = running.end();
    assert!(!log.contains("vv_"), "{log}");
    let fields = |id: &str| -> Value {
        let line = log.lines().find(|line| line.contains(&format!("\"{id}\""))).unwrap();
        serde_json::from_str::<Value>(line).unwrap()["fields"].clone()
    };
    let (known, unknown) = (fields("known"), fields("unknown"));
    assert_eq!((&known["tenant"], &known["caller"]), (&json!("acme"), &json!("desk")));
    assert!(known.get("address").is_none());
    assert_eq!((&unknown["status"], &unknown["address"]), (&json!(401), &json!("127.0.0.1")));
    assert!(unknown.get("caller").is_none());
}
