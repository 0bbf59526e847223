//! A database that says nothing holds up a request for as long as a request may take, and no thread for longer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::{Duration, Instant};

use common::Service;
use serde_json::json;
use vivavoce_test_support::{Cluster, TcpProxy};

/// How many calls are being done, as the metrics say.
fn working(service: &Service) -> u64 {
    let text = service.get("/metrics").text();
    let lines =
        text.lines().filter(|line| line.starts_with("vivavoce_http_calls{") && line.contains("state=\"working\""));
    let numbers: Vec<u64> = lines.map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers.len(), 2, "{text}");
    numbers.iter().sum()
}

#[test]
fn requests_end_in_time_and_their_threads_are_free_while_the_database_is_silent() {
    let cluster = Cluster::shared();
    let proxy = TcpProxy::start(cluster.port());
    let url = format!("postgres://postgres@127.0.0.1:{}/{}?sslmode=disable", proxy.port(), cluster.new_database());
    let arguments = ["--store", &url, "--workers", "0", "--request-timeout", "1", "--threads", "2"];
    let service = Service::start(arguments);
    let plan = json!({"candidate_name": "Ada", "interview_type": "general", "questions": ["Why?"]});
    let id = service.post("/api/interviews", &plan).ok(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/api/interviews/{id}");
    proxy.hang(true);
    service.get(&path).fails(504, "Timed out");
    service.post("/api/interviews", &plan).fails(504, "Timed out");
    assert_eq!(service.get("/health").status, 503);
    let deadline = Instant::now() + Duration::from_secs(30);
    while working(&service) > 0 {
        assert!(Instant::now() < deadline, "a thread waits on");
        std::thread::yield_now();
    }
    proxy.hang(false);
    proxy.cut();
    assert_eq!(service.get(&path).ok(200)["id"], id.as_str());
    assert_eq!(service.get("/health").status, 200);
}
