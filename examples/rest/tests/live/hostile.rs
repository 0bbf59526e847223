//! Clients that mean no good.

use tungstenite::Message;
use vivavoce::{Engine, Interviewer, Scene, Speech};
use vivavoce_rest::app::App;

use super::*;

/// A WebSocket's frame of a client, masked with zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let size = u8::try_from(payload.len()).unwrap();
    assert!(size < 126);
    [&[first, 0x80 | size, 0, 0, 0, 0][..], payload].concat()
}

#[test]
fn what_is_no_request_is_answered_and_what_is_no_message_ends_the_connection() {
    let service = Store::memory().service(&[]);
    let session = session(&service, 4);
    let mut ws = Ws::open(service.address, &session, 0);
    let deep = "[".repeat(200_000);
    for text in [
        "",
        "{",
        "7",
        "[]",
        "null",
        "{}",
        "{\"type\":\"other\"}",
        "{\"type\":\"message\",\"content\":\"no id\"}",
        "{\"type\":\"message\",\"id\":\"a\",\"content\":7}",
        &deep,
    ] {
        ws.send(Message::text(text));
        let mut answer = ws.answer();
        let details = answer.as_object_mut().unwrap().remove("details").unwrap();
        assert!(details.as_str().unwrap().starts_with("the request"), "{details}");
        assert_eq!(answer, json!({"type": "error", "status": 400, "error": "Invalid JSON"}), "{:.40}", text);
    }
    ws.ask(&json!({"type": "message", "id": "a", "content": "It goes on."}));
    assert_eq!(ws.answer()["type"], "accepted");

    ws.send(Message::binary(vec![1, 2, 3]));
    assert_eq!(ws.close_code(), Some(1003));
    for (sent, code) in [
        // Larger than it may be, said beforehand and found out.
        ([&[0x81, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0][..], b"never sent"].concat(), 1009),
        (frame(0x81, b"\xff\xfe"), 1007),
        // A text without its mask, a bit that means nothing, an operation that is none.
        (b"\x81\x02{}".to_vec(), 1002),
        (frame(0xc1, b"{}"), 1002),
        (frame(0x83, b"{}"), 1002),
    ] {
        let mut ws = Ws::open(service.address, &session, 0);
        ws.send_raw(&sent);
        assert_eq!(ws.close_code(), Some(code), "{sent:?}");
    }
    let mut ws = Ws::open(service.address, &session, 0);
    ws.send(Message::text("x".repeat(600 * 1024)));
    assert_eq!(ws.close_code(), Some(1009));
    // A fragment after a fragment: the whole is too large.
    let mut ws = Ws::open(service.address, &session, 0);
    let part = vec![b' '; 300 * 1024];
    let size = u64::try_from(part.len()).unwrap().to_be_bytes();
    for first in [0x01, 0x00] {
        ws.send_raw(&[&[first, 0xff][..], &size, &[0; 4], &part].concat());
    }
    assert_eq!(ws.close_code(), Some(1009));

    assert_eq!(service.get(&format!("/api/chat/{session}")).ok(200)["messages"].as_array().unwrap().len(), 3);
    assert_eq!(next_logged(&mut Ws::open(service.address, &session, 0), 4).len(), 4, "the service goes on");
}

#[test]
fn a_client_that_asks_without_end_is_refused_what_is_too_much() {
    let service = Store::memory().service(&[]);
    let session = session(&service, 1_000);
    let mut ws = Ws::open(service.address, &session, 0);
    for n in 0..300 {
        ws.ask(&json!({"type": "message", "id": n.to_string(), "content": format!("Answer {n}")}));
    }
    let answers: Vec<Value> = (0..300).map(|_| ws.answer()).collect();
    let accepted = answers.iter().filter(|answer| answer["type"] == "accepted").count();
    for refused in answers.iter().filter(|answer| answer["type"] == "error") {
        assert_eq!((&refused["status"], &refused["error"]), (&json!(503), &json!("Too many requests at once")));
        assert_eq!(refused["retry_after"], 1);
    }
    let read = service.get(&format!("/api/chat/{session}")).ok(200);
    assert_eq!(read["messages"].as_array().unwrap().len(), 1 + 2 * accepted);
}

#[test]
fn a_page_of_another_origin_cannot_open_a_websocket() {
    let service = Store::memory().service(&["--allow-origin", "https://a.example"]);
    let session = session(&service, 1);
    let own = format!("http://{}", service.address);
    for (origin, refused) in [
        (own.as_str(), None),
        ("https://a.example", None),
        ("https://b.example", Some(403)),
        ("http://localhost.b.example", Some(403)),
        ("null", Some(403)),
    ] {
        assert_eq!(Ws::with(service.address, &session, 0, &[("origin", origin)]).err(), refused, "{origin}");
    }
}

/// An interviewer whose replies fill what the system keeps for a connection.
struct Verbose;

impl Interviewer for Verbose {
    fn speak(&self, scene: &Scene<'_>) -> vivavoce::Result<Speech> {
        Ok(Speech::new(format!("{}: {}", scene.messages.len(), "界".repeat(30_000))))
    }

    fn is_instant(&self) -> bool {
        true
    }
}

#[test]
fn a_client_that_does_not_keep_up_is_cut_off_and_goes_on_from_there() {
    const TURNS: usize = 150;
    let service = Service::start_with([], |config| {
        let engine = Engine::builder().interviewer(Verbose).open("memory:").unwrap();
        App::with_engine(config, engine).unwrap()
    });
    let session = session(&service, 400);
    let (mut ws, mut sse) = (Ws::slow(service.address, &session), Sse::slow(service.address, &session));
    let mut quick = Ws::open(service.address, &session, 0);
    let told = std::thread::scope(|scope| {
        let quick = scope.spawn(|| next_logged(&mut quick, 2 + 2 * TURNS));
        for n in 0..TURNS {
            say(&service, &session, &format!("Answer {n}"));
        }
        quick.join().unwrap()
    });
    // Each has some of the events, and is told that these are not all.
    let before = logged(&mut ws);
    assert_eq!(ws.closed.map(u16::from), Some(1013));
    let told_of =
        |before: &[Value]| assert!(before.len() < told.len() && before == &told[..before.len()], "{}", before.len());
    told_of(&before);
    let after = before.last().map_or(0, seq);
    assert_eq!(
        next_logged(&mut Ws::open(service.address, &session, after), told.len() - before.len()),
        told[before.len()..]
    );
    let before = logged(&mut sse);
    told_of(&before);
    let after = before.last().map_or(0, seq);
    assert_eq!(
        next_logged(&mut Sse::open(service.address, &session, after), told.len() - before.len()),
        told[before.len()..]
    );
}
