//! What a WebSocket costs that nobody speaks on.

use std::net::TcpStream;

use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};
use vivavoce_test_support::table::{Target, row};

use crate::served::Served;

const SOCKETS: usize = 1_000;

/// The resident memory of a process, in kB.
fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

pub(crate) fn measure() {
    let served = Served::start("memory:", &["--max-connections", "2000"]);
    let sessions = served.sessions(64);
    let open = |number: usize| -> WebSocket<MaybeTlsStream<TcpStream>> {
        let url =
            served.url(&format!("/api/chat/{}/ws", sessions[number % sessions.len()])).replace("http://", "ws://");
        let (mut socket, _) = tungstenite::connect(url).unwrap();
        // It has been told what there is when the greeting has come.
        while !matches!(socket.read().unwrap(), Message::Text(text) if text.contains("\"message\"")) {}
        socket
    };
    // What the first ones cost is not theirs alone.
    let mut sockets: Vec<_> = (0..100).map(open).collect();
    let before = resident(served.pid());
    sockets.extend((100..100 + SOCKETS).map(open));
    let each = (resident(served.pid()) - before) / SOCKETS as f64;
    row(
        "memory of a WebSocket that nobody speaks on",
        each,
        " kB",
        &format!("{SOCKETS} of them"),
        &Target::AtMost(64.0),
    );
}
