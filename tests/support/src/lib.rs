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
use std::sync::atomic::{AtomicU32, Ordering};

/// A TCP port of the loopback interface that is free, and stays so until its server listens, and while that restarts: it is below those that systems give to connections, and
/// programs that run side by side look in different places.
fn free_port() -> u16 {
    const PORTS: std::ops::Range<u16> = 11_000..31_000;
    static TRIED: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id().wrapping_mul(64);
    (0..PORTS.len())
        .map(|_| {
            let place = first.wrapping_add(TRIED.fetch_add(1, Ordering::Relaxed)) as usize % PORTS.len();
            PORTS.start + place as u16
        })
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free loopback port")
}
