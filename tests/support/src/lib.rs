//! Real servers for tests: private PostgreSQL clusters, PgBouncer, an HTTP server that answers as it is told, and a network that fails on request.
//!
//! A test that needs a server gets one: what is missing on the machine is named in a panic with the Debian package that has it, and nothing is
//! skipped. No server outlives the test process, not even when that is killed with signal 9 (see `supervisor.rs`).
#![forbid(unsafe_code)]

mod cluster;
mod http_server;
mod pgbouncer;
mod proxy;
mod supervisor;
pub mod table;
mod user;

pub use cluster::{Cluster, ClusterOptions};
pub use http_server::{Act, HttpServer, Request, response};
pub use pgbouncer::PgBouncer;
pub use proxy::TcpProxy;

use std::net::TcpListener;

/// A TCP port of the loopback interface that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free loopback port");
    listener.local_addr().expect("a bound socket has an address").port()
}
