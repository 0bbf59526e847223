//! Connections on which nothing happens.

use super::common::process::Process;
use super::*;

/// What an idle WebSocket may cost, in bytes.
const MOST: usize = 64 * 1024;

#[test]
fn an_idle_websocket_costs_little_even_where_each_has_a_session_of_its_own() {
    let process = Process::start("memory:", &[]);
    let service = Service::at(process.address);
    let open = |count: usize| -> Vec<Ws> {
        let sessions: Vec<String> = (0..count).map(|_| session(&service, 4)).collect();
        let listen = |session: &String| {
            let mut ws = Ws::open(process.address, session, 0);
            next_logged(&mut ws, 2);
            ws
        };
        sessions.iter().map(listen).collect()
    };
    // What is made once is no cost of a connection.
    let _some = open(50);
    let before = process.memory();
    let _more = open(300);
    let each = process.memory().saturating_sub(before) / 300;
    assert!(each < MOST, "{each} bytes");
}

#[test]
fn an_idle_connection_is_pinged() {
    let service = Store::memory().service(&[]);
    let session = session(&service, 4);
    let (mut ws, mut sse) = (Ws::open(service.address, &session, 0), Sse::open(service.address, &session, 0));
    next_logged(&mut sse, 2);
    assert!(ws.pinged());
    assert!(sse.block().unwrap().starts_with(':'));
    say(&service, &session, "Still here.");
    until(&mut ws, "Still here.");
    until(&mut sse, "Still here.");
}
