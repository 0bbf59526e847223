//! How many may listen, and what is left when they are gone.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use vivavoce_rest::app::App;

use super::*;

/// A service, and its parts to look at.
fn open(store: &Store, arguments: &[&str]) -> (Service, App) {
    let (tell, told) = mpsc::channel();
    let arguments = ["--store", &store.url].into_iter().chain(arguments.iter().copied());
    let service = Service::start_with(arguments, move |config| {
        let app = App::open(config).unwrap();
        tell.send(app.clone()).unwrap();
        app
    });
    (service, told.recv().unwrap())
}

/// Waits for what nobody tells.
fn wait(until: impl Fn() -> bool) {
    let begin = Instant::now();
    while !until() {
        assert!(begin.elapsed() < Duration::from_secs(30), "it did not come");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn there_are_so_many_connections_and_no_more() {
    let (service, app) = open(&Store::memory(), &["--max-connections", "2"]);
    let session = session(&service, 4);
    let events = format!("/api/chat/{session}/events");
    let first = Sse::open(service.address, &session, 0);
    let second = Ws::open(service.address, &session, 0);
    let refused = service.get(&events);
    refused.fails(503, "Too many live connections");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(Ws::with(service.address, &session, 0, &[]).err(), Some(503));
    say(&service, &session, "Calls that are no connections are not counted.");
    drop(second);
    wait(|| app.live.load().0 == 1);
    let mut third = Ws::open(service.address, &session, 0);
    assert_eq!(Ws::with(service.address, &session, 0, &[]).err(), Some(503));
    assert_eq!(next_logged(&mut third, 4).len(), 4);
    drop((first, third));
    wait(|| app.live.load().0 == 0);
}

on_every_store! {
    fn a_session_is_watched_once_and_only_while_somebody_listens(store: &Store) {
        let (service, app) = open(store, &[]);
        let sessions = [session(&service, 4), session(&service, 4)];
        let listen = |session: &String| By::BOTH.map(|by| by.listen(service.address, session, 0));
        let mut listeners: Vec<_> = sessions.iter().flat_map(listen).collect();
        for listener in &mut listeners {
            next_logged(&mut **listener, 2);
        }
        assert_eq!(app.live.load(), (4, 2));
        let threads = || {
            let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
            tasks.filter(|task| std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == "live")).count()
        };
        assert!(threads() >= 2);
        drop(listeners);
        wait(|| app.live.load() == (0, 0));
        // Whoever comes then is told all the same.
        let mut again = Ws::open(service.address, &sessions[0], 0);
        say(&service, &sessions[0], "Still here.");
        until(&mut again, "Still here.");
        // A service that stops ends those who watch, and at once.
        let (stopping, parts) = open(store, &[]);
        let watched = session(&stopping, 4);
        let mut listeners = By::BOTH.map(|by| by.listen(stopping.address, &watched, 0));
        for listener in &mut listeners {
            next_logged(&mut **listener, 2);
        }
        stopping.stop();
        assert_eq!(parts.live.load(), (0, 0));
        // A session that is over is watched by nobody.
        service.post(&format!("/api/chat/{}/end", sessions[1]), "").ok(200);
        whole(&service, &sessions[1]);
        wait(|| app.live.load() == (1, 1));
    }
}

#[test]
fn a_candidate_hears_its_own_session_without_scores_for_as_long_as_its_token_is_good() {
    let service = Store::memory().service(&[]);
    let (own, other) = (session(&service, 4), session(&service, 4));
    let token = |seconds: u32| {
        let made = service.post("/api/tokens", json!({"session_id": own, "expires_in": seconds})).ok(201);
        made["token"].as_str().unwrap().to_owned()
    };
    let bearer = format!("Bearer {}", token(600));
    let mut ws = Ws::with(service.address, &own, 0, &[("authorization", &bearer)]).unwrap();
    assert_eq!(Ws::with(service.address, &other, 0, &[("authorization", &bearer)]).err(), Some(404));
    let path = |session: &str, token: &str| format!("/api/chat/{session}/events?access_token={token}");
    service.get(&path(&other, &token(600))).fails(404, "Chat session not found");
    let mut sse = Sse::get(service.address, &path(&own, &token(600)), "");
    // Nothing happens on this one, and it ends all the same.
    let short = format!("Bearer {}", token(1));
    let mut ending = Ws::with(service.address, &own, 0, &[("authorization", &short)]).unwrap();
    assert_eq!(ending.close_code(), Some(1008));
    ws.ask(&json!({"type": "message", "id": "a", "content": "Two threads wait."}));
    ws.ask(&json!({"type": "end"}));
    for told in [logged(&mut ws), logged(&mut sse)] {
        let judged = told.last().unwrap();
        assert_eq!(
            (&judged["type"], &judged["status"], judged.get("score")),
            (&json!("evaluation"), &json!("completed"), None)
        );
    }
    assert!(whole(&service, &own).last().unwrap()["score"].is_number());
}

#[test]
fn what_is_asked_for_over_a_connection_counts_as_requests_do() {
    let service = Store::memory().service(&["--rate-limit", "20"]);
    let session = session(&service, 4);
    let made = service.post("/api/tokens", json!({"session_id": session})).ok(201);
    let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
    let mut ws = Ws::with(service.address, &session, 0, &[("authorization", &bearer)]).unwrap();
    let mut statuses = Vec::new();
    while statuses.last() != Some(&429) {
        ws.ask(&json!({"type": "message", "id": format!("m{}", statuses.len()), "content": " "}));
        let reply = std::iter::from_fn(|| ws.next()).find(|event| event["type"] == "error").unwrap();
        statuses.push(reply["status"].as_u64().unwrap());
        assert_eq!(reply["retry_after"].is_u64(), statuses.last() == Some(&429), "{reply}");
        assert!(statuses.len() < 100, "{statuses:?}");
    }
    // The connection was the first request.
    assert!(statuses.len() >= 20 && statuses[..statuses.len() - 1].iter().all(|status| *status == 400), "{statuses:?}");
}

#[test]
fn a_candidate_has_few_connections_and_leaves_room_for_others() {
    let service = Store::memory().service(&["--max-connections", "20"]);
    let (own, other) = (session(&service, 4), session(&service, 4));
    let made = service.post("/api/tokens", json!({"session_id": own})).ok(201);
    let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
    let open = || Ws::with(service.address, &own, 0, &[("authorization", &bearer)]);
    let mut held: Vec<Ws> = (0..8).map(|_| open().unwrap()).collect();
    assert_eq!(open().err(), Some(503));
    let _other = Ws::open(service.address, &other, 0);
    held.pop();
    // The service learns of it from the connection.
    wait(|| open().is_ok());
}
