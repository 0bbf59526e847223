//! Webhooks: who is told, how it is signed, what happens where the receiver fails, and where they never lead.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use vivavoce_test_support::{Act, HttpServer, Request, response};

use super::*;

const PROGRAM: &str = env!("CARGO_BIN_EXE_vivavoce-rest");

/// A folder with a secret and a file of webhooks.
pub(crate) struct File {
    folder: tempfile::TempDir,
}

impl File {
    /// `text` with `SECRET` for where the secret is.
    pub(crate) fn new(text: &str) -> Self {
        let own = Self { folder: tempfile::tempdir().unwrap() };
        own.secrets(&[7]);
        fs::write(own.path(), text.replace("SECRET", "secret")).unwrap();
        own
    }

    fn to(url: &str) -> Self {
        Self::new(&format!(
            "[[webhook]]\nname = \"hr\"\nurl = \"{url}\"\nsecret_file = \"SECRET\"\nallow_private = true\n"
        ))
    }

    fn secrets(&self, bytes: &[u8]) {
        let lines: String = bytes.iter().map(|byte| format!("whsec_{}\n", STANDARD.encode([*byte; 32]))).collect();
        let path = self.folder.path().join("secret");
        fs::write(&path, lines).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn path(&self) -> String {
        self.folder.path().join("webhooks.toml").to_str().unwrap().to_owned()
    }

    fn service(&self, store: &Store) -> Service {
        store.service(&["--webhooks", &self.path()])
    }
}

/// What is said of a message's signature by a receiver that has this secret.
fn is_signed(request: &Request, secret: u8) -> bool {
    let header = |name| request.header(name).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&[secret; 32]).unwrap();
    mac.update(format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    mac.update(&request.body);
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    header("webhook-signature").split(' ').any(|signature| signature == expected)
}

fn said(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// Holds an interview of one question, to its evaluation.
fn held(service: &Service) -> Value {
    let plan = json!({"candidate_name": "Ada Canary", "interview_type": "general", "questions": ["Why canary?"]});
    let interview = service.post("/api/interviews", plan).ok(201);
    let id = interview["id"].as_str().unwrap();
    let session = service.post(&format!("/api/interviews/{id}/chat/start"), "").ok(201);
    let session = session["id"].as_str().unwrap();
    service.post(&format!("/api/chat/{session}/message"), json!({"message": "A canary."})).ok(200);
    service.post(&format!("/api/chat/{session}/end"), "").ok(200);
    interview
}

pub(crate) fn metric(service: &Service, line: &str) -> Option<u64> {
    service.get("/metrics").text().lines().find_map(|known| known.strip_prefix(line)?.trim().parse().ok())
}

on_every_store! {
    fn a_receiver_is_told_of_all_that_happens_in_signed_words_without_content(store: &Store) {
        let receiver = HttpServer::start(|_, _| vec![response(204, &[], "")]);
        let file = File::to(&receiver.url("/hook?of=hr"));
        file.secrets(&[7, 8]);
        let service = file.service(store);
        let interview = held(&service);
        receiver.wait_for_requests(4);
        let requests = receiver.requests();
        let types: Vec<_> = requests.iter().map(|request| said(request)["type"].as_str().unwrap().to_owned()).collect();
        assert_eq!(types, ["session.started", "session.completed", "evaluation.requested", "evaluation.completed"]);
        let ids: BTreeSet<_> = requests.iter().map(|request| request.header("webhook-id").unwrap()).collect();
        assert_eq!(ids.len(), 4);
        for request in &requests {
            assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/hook?of=hr"));
            assert_eq!(request.header("content-type"), Some("application/json"));
            assert!(is_signed(request, 7) && is_signed(request, 8) && !is_signed(request, 9));
            let data = &said(request)["data"];
            assert_eq!(data["interview_id"], interview["id"]);
            assert!(data["session_id"].is_string());
            let whole = format!("{:?}", request).to_lowercase() + &String::from_utf8_lossy(&request.body).to_lowercase();
            assert!(!whole.contains("canary"), "{whole}");
        }
        let evaluation = said(&requests[3])["data"]["evaluation_id"].as_str().unwrap().to_owned();
        service.get(&format!("/api/evaluation/{evaluation}")).ok(200);
        while metric(&service, "vivavoce_http_backlog{of=\"deliveries\"}") != Some(0) {
            std::thread::yield_now();
        }
        assert_eq!(metric(&service, "vivavoce_http_webhooks_total{outcome=\"delivered\",webhook=\"hr\"}"), Some(4));
    }

    fn what_was_not_taken_is_sent_again_under_the_same_id(store: &Store) {
        // One asks to come again at once, one is broken off; a redirect is not followed.
        let receiver = HttpServer::start(|_, number| match number {
            0 => vec![response(503, &[("retry-after", "0")], "canary")],
            1 => vec![Act::Reset],
            _ => vec![response(200, &[], "")],
        });
        let file = File::to(&receiver.url("/"));
        let service = file.service(store);
        held(&service);
        // The first comes again after five seconds.
        receiver.wait_for_requests(6);
        let requests = receiver.requests();
        let id = |place: usize| requests[place].header("webhook-id").unwrap();
        let mut first: Vec<_> = (0..6).map(id).collect();
        assert_eq!(first.iter().filter(|other| **other == first[0]).count(), 2);
        assert_eq!(first.iter().filter(|other| **other == first[1]).count(), 2);
        first.sort_unstable();
        first.dedup();
        assert_eq!(first.len(), 4);
        assert_eq!(metric(&service, "vivavoce_http_webhooks_total{outcome=\"failed\",webhook=\"hr\"}"), Some(2));
    }

    fn what_happened_while_nobody_delivered_is_delivered_later(store: &Store) {
        if store.url.starts_with("memory") {
            return;
        }
        let receiver = HttpServer::start(|_, _| vec![response(200, &[], "")]);
        let file = File::to(&receiver.url("/"));
        file.service(store).stop();
        // By a service that knows nothing of webhooks.
        let other = store.service(&[]);
        held(&other);
        other.stop();
        assert!(receiver.requests().is_empty());
        let service = file.service(store);
        receiver.wait_for_requests(4);
        service.stop();

        // Until it is ended.
        let end = |name: &str| {
            let arguments = ["end-webhook", "--store", &store.url, "--name", name];
            Command::new(PROGRAM).args(arguments).output().unwrap()
        };
        assert!(end("hr").status.success());
        let again = end("hr");
        let why = String::from_utf8(again.stderr).unwrap();
        assert_eq!((again.status.code(), why.trim()), (Some(2), "vivavoce-rest: there is no webhook hr of the tenant default"));
        let other = store.service(&[]);
        held(&other);
        assert_eq!(metric(&other, "vivavoce_http_backlog{of=\"deliveries\"}"), Some(0));
    }
}

#[test]
fn webhooks_lead_nowhere_but_to_the_internet() {
    let receiver = HttpServer::start(|_, _| vec![response(200, &[], "")]);
    let port = receiver.port();
    let hosts = [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ];
    let entries = hosts.iter().enumerate().map(|(place, host)| {
        format!("[[webhook]]\nname = \"hook{place}\"\nurl = \"https://{host}:{port}/\"\nsecret_file = \"SECRET\"\nevents = [\"session.started\"]\n")
    });
    let file = File::new(&entries.collect::<String>());
    let service = file.service(&Store::memory());
    held(&service);
    let failed = |place: usize| {
        metric(&service, &format!("vivavoce_http_webhooks_total{{outcome=\"failed\",webhook=\"hook{place}\"}}"))
    };
    for (place, host) in hosts.iter().enumerate() {
        while failed(place).is_none() {
            std::thread::yield_now();
        }
        assert_eq!(failed(place), Some(1), "{host}");
    }
    assert!(receiver.requests().is_empty());
    // Not so much as a connection: HTTP in the place of TLS would have been no request either.
    assert_eq!(receiver.connections(), 0);
}

#[test]
fn a_redirect_is_a_failure_and_gone_is_for_good() {
    let receiver = HttpServer::start(|request, _| match said(request)["type"].as_str() {
        Some("session.started") => vec![response(302, &[("location", "/elsewhere")], "")],
        _ => vec![response(410, &[], "")],
    });
    let file = File::to(&receiver.url("/"));
    let service = file.service(&Store::memory());
    held(&service);
    receiver.wait_for_requests(4);
    while metric(&service, "vivavoce_http_backlog{of=\"deliveries\"}") != Some(1) {
        std::thread::yield_now();
    }
    assert!(receiver.requests().iter().all(|request| request.path == "/"));
}

#[test]
fn a_wrong_file_is_one_line_and_shows_no_secret() {
    let good = "[[webhook]]\nname = \"hr\"\nurl = \"https://hr.example/\"\nsecret_file = \"SECRET\"\n";
    let refused = |file: &File| {
        let output =
            Command::new(PROGRAM).args(["--listen", "127.0.0.1:0", "--webhooks", &file.path()]).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.lines().count() == 1 && !text.contains("whsec_BwcH"), "{text}");
        text
    };
    for (text, said) in [
        (good.replace("https", "http"), "its url"),
        (good.replace("https://hr", "https://user@hr"), "its url"),
        (good.replace("\"hr\"", "\"h r\""), "name"),
        (format!("{good}{good}"), "is there twice"),
        (format!("{good}events = []\n"), "no events"),
        (format!("{good}events = [\"message.sent\"]\n"), "message.sent"),
        (format!("{good}evnts = []\n"), "evnts"),
        (good.replace("SECRET", "nowhere"), "nowhere"),
        ("[[webhook]]".to_owned(), "missing field"),
    ] {
        let why = refused(&File::new(&text));
        assert!(why.contains(said), "{said}: {why}");
    }
    let file = File::new(good);
    let secret = file.folder.path().join("secret");
    fs::set_permissions(&secret, Permissions::from_mode(0o644)).unwrap();
    assert!(refused(&file).contains("chmod 600"));
    file.secrets(&[]);
    assert!(refused(&file).contains("whsec_"));
    fs::write(&secret, "whsec_BwcHBwcHBwcH\n").unwrap();
    assert!(refused(&file).contains("24 to 64 bytes"));
}
