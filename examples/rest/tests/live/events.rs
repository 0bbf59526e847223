//! Server-sent events.

use super::*;

on_every_store! {
    fn a_listener_hears_everything_once_and_the_stream_ends(store: &Store) {
        let service = store.service(&[]);
        let chat = chat(&service);
        let mut early = Events::open(&service, &format!("{chat}/events?after=0"), "");
        assert_eq!(words(&early.take(2)), ["active", "ai"]);
        let turn = say(&service, &chat, "Two threads wait.");
        let heard = early.take(2);
        assert_eq!((&heard[0]["message"], &heard[1]["message"]), (&turn["message"], &turn["ai_response"]));
        say(&service, &chat, "For ever.");
        let made = service.post(&format!("{chat}/end"), "").ok(200);
        let mut rest = Vec::new();
        while let Some(event) = early.next() {
            rest.push(event);
        }
        let last = rest.last().unwrap();
        assert_eq!((&last["type"], &last["evaluation_id"], &last["score"]), (&json!("evaluation"), &made["id"], &made["score"]));
        assert!(words(&rest).starts_with(&["user".into(), "ai".into(), "completed".into()]), "{rest:?}");
        let mut late = Events::open(&service, &format!("{chat}/events"), "");
        let mut all = Vec::new();
        while let Some(event) = late.next() {
            all.push(event);
        }
        assert_eq!(all[2..4], heard);
        assert_eq!(all[4..], rest);
        let numbers: Vec<u64> = all.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    }

    fn a_listener_comes_back_and_goes_on(store: &Store) {
        let service = store.service(&[]);
        let chat = chat(&service);
        let path = format!("{chat}/events");
        let seen = Events::open(&service, &path, "").take(2);
        let turn = say(&service, &chat, "Two threads wait.");
        let after = seen[1]["seq"].as_u64().unwrap();
        for (path, header) in [
            (path.clone(), format!("last-event-id: {after}\r\n")),
            (format!("{path}?after={after}"), String::new()),
            (format!("{path}?after=0"), format!("last-event-id: {after}\r\n")),
        ] {
            let mut back = Events::open(&service, &path, &header);
            assert_eq!(back.take(1)[0]["message"], turn["message"]);
        }
        for (path, header) in [(format!("{path}?after=x"), vec![]), (path.clone(), vec![("last-event-id", "x")])] {
            assert_eq!(service.send("GET", &path, &header, "").status, 400);
        }
        service.get("/api/chat/0190b2c4-0000-7000-8000-000000000000/events").fails(404, "Chat session not found");
    }

    fn one_that_was_given_up_is_over(store: &Store) {
        let service = store.service(&[]);
        let chat = chat(&service);
        let mut events = Events::open(&service, &format!("{chat}/events"), "");
        events.take(2);
        service.post(&format!("{chat}/abandon"), "").ok(200);
        assert_eq!(words(&events.take(1)), ["abandoned"]);
        assert_eq!(events.next(), None);
    }

    fn many_listeners_of_many_sessions_hear_their_own(store: &Store) {
        let service = &store.service(&[]);
        let chats: Vec<String> = (0..4).map(|_| chat(service)).collect();
        std::thread::scope(|scope| {
            let mut all = Vec::new();
            for chat in chats.iter().chain(&chats).chain(&chats) {
                let mut events = Events::open(service, &format!("{chat}/events"), "");
                events.take(2);
                all.push((chat, scope.spawn(move || events.take(2))));
            }
            for chat in &chats {
                say(service, chat, chat);
            }
            for (chat, heard) in all {
                assert_eq!(heard.join().unwrap()[0]["message"]["content"], json!(chat));
            }
        });
    }
}

#[test]
fn what_one_process_writes_listeners_of_another_hear() {
    for store in [Store::sqlite(), Store::postgres()] {
        let (one, other) = (store.service(&[]), store.service(&[]));
        let chat = chat(&one);
        let mut events = Events::open(&other, &format!("{chat}/events"), "");
        events.take(2);
        let turn = say(&one, &chat, "Two threads wait.");
        assert_eq!(events.take(2)[1]["message"], turn["ai_response"]);
        let turn = say(&other, &chat, "For ever.");
        assert_eq!(events.take(3)[0]["message"], turn["message"]);
        let made = one.post(&format!("{chat}/end"), "").ok(200);
        let heard = std::iter::from_fn(|| events.next()).last().unwrap();
        assert_eq!(heard["evaluation_id"], made["id"]);
    }
}

#[test]
fn a_service_that_stops_ends_its_streams_and_another_goes_on() {
    let store = Store::postgres();
    let (one, other) = (store.service(&[]), store.service(&[]));
    let chat = chat(&one);
    let mut events = Events::open(&one, &format!("{chat}/events"), "");
    let seen = events.take(2)[1]["seq"].as_u64().unwrap();
    one.stop();
    assert_eq!(events.next(), None);
    let turn = say(&other, &chat, "Two threads wait.");
    let mut events = Events::open(&other, &format!("{chat}/events"), &format!("last-event-id: {seen}\r\n"));
    assert_eq!(events.take(1)[0]["message"], turn["message"]);
}

#[test]
fn more_connections_than_there_may_be_are_refused() {
    let service = Store::memory().service(&["--max-connections", "2"]);
    let path = format!("{}/events", chat(&service));
    let mut held: Vec<Events> = (0..2).map(|_| Events::open(&service, &path, "")).collect();
    held.iter_mut().for_each(|events| drop(events.take(2)));
    let refused = service.get(&path);
    refused.fails(503, "Too many live connections");
    assert_eq!(refused.header("retry-after"), Some("1"));
    drop(held);
    let deadline = std::time::Instant::now() + LONG;
    while service.get("/metrics").text().contains("vivavoce_http_live{of=\"connections\"} 2") {
        assert!(std::time::Instant::now() < deadline, "places are given back");
        std::thread::yield_now();
    }
    Events::open(&service, &path, "").take(2);
}
