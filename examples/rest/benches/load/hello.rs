//! A service that only says hello: what axum can do here at most.

use std::net::SocketAddr;
use std::process::Command;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::served::Served;

/// What this program is called with to be that service.
pub(crate) const ARGUMENT: &str = "hello";

pub(crate) fn start() -> Served {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(ARGUMENT);
    Served::of(command)
}

pub(crate) fn serve() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        println!("listening on http://{}", listener.local_addr().unwrap());
        axum::serve(listener, Router::new().route("/", get(|| async { "hello" }))).await.unwrap();
    });
}
