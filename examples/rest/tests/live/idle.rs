//! Connections on which nothing happens.

use vivavoce_test_support::Cluster;

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
fn an_idle_connection_is_pinged_and_its_session_is_not_asked_for_meanwhile() {
    let store = Store::postgres();
    let service = store.service(&[]);
    let database = store.url.rsplit_once('/').unwrap().1;
    let database = database.split('?').next().unwrap();
    let asked = || -> i64 {
        let sql = "select xact_commit from pg_stat_database where datname = current_database()";
        Cluster::shared().sql(database, sql).trim().parse().unwrap()
    };
    let others: Vec<Sse> = (0..10)
        .map(|_| {
            let mut sse = Sse::open(service.address, &session(&service, 4), 0);
            next_logged(&mut sse, 2);
            sse
        })
        .collect();
    let session = session(&service, 4);
    let (mut ws, mut sse) = (Ws::open(service.address, &session, 0), Sse::open(service.address, &session, 0));
    next_logged(&mut sse, 2);
    let before = asked();
    assert!(ws.pinged());
    assert!(sse.block().unwrap().starts_with(':'));
    // In twenty seconds each of eleven sessions is looked at four times, in case a notification was lost.
    let more = asked() - before;
    assert!(more < 400, "{more} transactions");
    drop(others);
    say(&service, &session, "Still here.");
    until(&mut ws, "Still here.");
    until(&mut sse, "Still here.");
}
