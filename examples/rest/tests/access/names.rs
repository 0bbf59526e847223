//! Names whose addresses change after somebody looked at them (DNS rebinding).

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use vivavoce_test_support::{HttpServer, response};

use super::webhooks::{File, metric};
use super::*;
use crate::common::process::Process;

/// What `moves.example` leads to at first; see `names.c`.
const PUBLIC: &str = "93.184.215.14";

/// Builds what stands between the service and the system's resolver.
fn library(folder: &Path) -> String {
    let library = folder.join("names.so").to_str().unwrap().to_owned();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/access/names.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-Wall", "-Werror", "-o", &library]).arg(source).status();
    assert!(built.unwrap().success());
    library
}

#[test]
fn a_name_that_moves_to_this_machine_is_not_followed() {
    let inside = HttpServer::start(|_, _| vec![response(200, &[], "")]);
    let outside = TcpListener::bind("127.0.0.1:0").unwrap();
    let internet = outside.local_addr().unwrap().port();
    let reached = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reached);
    // What is there ends each connection.
    std::thread::spawn(move || {
        for _ in outside.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    let address = format!("https://moves.example:{}", inside.port());
    let folder = tempfile::tempdir().unwrap();
    let names = folder.path().join("names");
    fs::write(&names, PUBLIC).unwrap();
    let hooks = File::new(&format!(
        "[[webhook]]\nname = \"hr\"\nurl = \"{address}/\"\nsecret_file = \"SECRET\"\nevents = [\"session.started\"]\n"
    ));
    let environment = [
        ("LD_PRELOAD", library(folder.path())),
        ("NAMES", names.to_str().unwrap().to_owned()),
        ("INTERNET", internet.to_string()),
    ];
    let arguments = ["--webhooks", &hooks.path(), "--model-origin", &address];
    let process = Process::start_with("memory:", &arguments, &environment);
    let service = Service::at(process.address);
    let failed = |count| {
        while metric(&service, "vivavoce_http_webhooks_total{outcome=\"failed\",webhook=\"hr\"}") != Some(count) {
            std::thread::yield_now();
        }
    };
    let session = held(&service, "").session;
    let ask = || {
        let headers = [("x-openai-key", "sk-canary"), ("x-openai-base-url", &*format!("{address}/v1"))];
        service.send("POST", &format!("/api/chat/{session}/message"), &headers, r#"{"message": "because"}"#).status
    };

    failed(1);
    assert_eq!(reached.load(Ordering::SeqCst), 1);
    assert_eq!(ask(), 502);
    let before = reached.load(Ordering::SeqCst);
    assert!(before > 1, "{before}");

    fs::write(&names, "127.0.0.1").unwrap();
    held(&service, "");
    failed(2);
    assert_eq!(ask(), 400);
    assert_eq!(inside.connections(), 0);
    assert_eq!(reached.load(Ordering::SeqCst), before, "the name is looked up anew each time");
}
