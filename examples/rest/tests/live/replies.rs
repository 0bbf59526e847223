//! Replies that are heard while they are found.

use std::sync::mpsc::{Receiver, Sender, channel};

use parking_lot::Mutex;
use vivavoce::{Engine, Error, ErrorKind, Interviewer, Scene, ScriptedInterviewer, Speech};
use vivavoce_rest::app::App;

use super::*;

/// What an interviewer does next.
enum Does {
    Says(&'static str),
    BeginsAgain,
    Fails,
    Ends,
}

/// An interviewer who does what a test says, when it says so.
struct Puppet {
    does: Mutex<Receiver<Does>>,
    begun: Sender<()>,
}

impl Interviewer for Puppet {
    fn speak(&self, scene: &Scene<'_>) -> vivavoce::Result<Speech> {
        if scene.messages.is_empty() {
            return ScriptedInterviewer::default().speak(scene);
        }
        let _ = self.begun.send(());
        let does = self.does.lock();
        let mut said = String::new();
        loop {
            match does.recv().unwrap_or(Does::Fails) {
                Does::Says(words) => {
                    scene.say(words);
                    said.push_str(words);
                }
                Does::BeginsAgain => {
                    scene.begin_again();
                    said.clear();
                }
                Does::Fails => return Err(Error::new(ErrorKind::Provider, "the model does not answer")),
                Does::Ends => return Ok(Speech::new(said)),
            }
        }
    }
}

struct Stage {
    service: Service,
    does: Sender<Does>,
    begun: Receiver<()>,
}

fn stage(store: &Store) -> Stage {
    let (does, done) = channel();
    let (begin, begun) = channel();
    let url = store.url.clone();
    let service = Service::start_with([], move |config| {
        let puppet = Puppet { does: Mutex::new(done), begun: begin };
        let engine = Engine::builder().interviewer(puppet).open(&url).unwrap();
        App::with_engine(config, engine).unwrap()
    });
    Stage { service, does, begun }
}

/// The next event that nothing keeps.
fn passing(listener: &mut dyn Heard) -> Value {
    loop {
        let event = listener.next().expect("it ended before");
        if event.get("seq").is_none() {
            return event;
        }
    }
}

#[track_caller]
fn is_token(event: &Value, turn: u32, text: &str, again: bool) {
    assert_eq!(
        (&event["type"], &event["turn"], &event["text"]),
        (&json!("token"), &json!(turn), &json!(text)),
        "{event}"
    );
    assert_eq!(event.get("again").is_some(), again, "{event}");
    assert!(event["session_id"].is_string() && event["time"].is_string());
}

#[track_caller]
fn is_typing(event: &Value, turn: u32, active: bool) {
    assert_eq!(
        (&event["type"], &event["turn"], &event["active"]),
        (&json!("typing"), &json!(turn), &json!(active)),
        "{event}"
    );
}

on_every_store! {
    fn words_are_heard_before_the_reply_is_there(store: &Store) {
        let Stage { service, does, begun } = stage(store);
        let session = session(&service, 8);
        let mut listeners = By::BOTH.map(|by| by.listen(service.address, &session, 0));
        let mut sender = Ws::open(service.address, &session, 0);
        sender.ask(&json!({"type": "message", "id": "a", "content": "Two threads wait."}));
        begun.recv().unwrap();
        for listener in &mut listeners {
            let told = next_logged(&mut **listener, 3);
            assert_eq!(told[2]["message"]["content"], "Two threads wait.");
            is_typing(&passing(&mut **listener), 2, true);
        }
        for words in ["Thank ", "you 界.", " Well, "] {
            does.send(Does::Says(words)).unwrap();
            for listener in &mut listeners {
                is_token(&passing(&mut **listener), 2, words, false);
            }
        }
        // Who comes now hears it from the beginning.
        for by in By::BOTH {
            let mut late = by.listen(service.address, &session, 0);
            assert_eq!(next_logged(&mut *late, 3).len(), 3);
            is_typing(&passing(&mut *late), 2, true);
            is_token(&passing(&mut *late), 2, "Thank you 界. Well, ", true);
        }
        does.send(Does::BeginsAgain).unwrap();
        does.send(Does::Says("Good. ")).unwrap();
        does.send(Does::Says("Why?")).unwrap();
        for listener in &mut listeners {
            is_token(&passing(&mut **listener), 2, "Good. ", true);
            is_token(&passing(&mut **listener), 2, "Why?", false);
        }
        does.send(Does::Ends).unwrap();
        for listener in &mut listeners {
            let reply = listener.next().unwrap();
            assert!(reply["message"]["content"] == "Good. Why?" && reply["seq"].is_u64(), "{reply}");
        }
        assert_eq!(sender.answer(), json!({"type": "accepted", "id": "a"}));
    }

    fn a_reply_that_fails_is_told_and_asked_for_again(store: &Store) {
        let Stage { service, does, begun } = stage(store);
        let session = session(&service, 8);
        let mut listener = Sse::open(service.address, &session, 0);
        let mut sender = Ws::open(service.address, &session, 0);
        let message = json!({"type": "message", "id": "a", "content": "Two threads wait."});
        sender.ask(&message);
        begun.recv().unwrap();
        is_typing(&passing(&mut listener), 2, true);
        does.send(Does::Says("Tha")).unwrap();
        is_token(&passing(&mut listener), 2, "Tha", false);
        does.send(Does::Fails).unwrap();
        is_typing(&passing(&mut listener), 2, false);
        let failed = sender.answer();
        assert_eq!((&failed["id"], &failed["status"], &failed["error"]), (&json!("a"), &json!(502), &json!("Language model failed")));
        // The message is kept, and the reply is asked for again: by the same request, over whatever connection.
        drop(sender);
        let mut sender = Ws::open(service.address, &session, 0);
        assert_eq!(next_logged(&mut sender, 3)[2]["message"]["content"], "Two threads wait.");
        sender.ask(&message);
        begun.recv().unwrap();
        is_typing(&passing(&mut listener), 2, true);
        does.send(Does::Says("Thank you.")).unwrap();
        is_token(&passing(&mut listener), 2, "Thank you.", false);
        does.send(Does::Ends).unwrap();
        assert_eq!(sender.answer(), json!({"type": "accepted", "id": "a"}));
        let messages = service.get(&format!("/api/chat/{session}")).ok(200)["messages"].as_array().unwrap().len();
        assert_eq!(messages, 3);
    }

    fn an_earlier_message_that_is_sent_again_is_not_heard_as_the_reply_to_another(store: &Store) {
        let Stage { service, does, begun } = stage(store);
        let session = session(&service, 8);
        let mut listener = Sse::open(service.address, &session, 0);
        let (mut sender, mut other) = (Ws::open(service.address, &session, 0), Ws::open(service.address, &session, 0));
        let first = json!({"type": "message", "id": "a", "content": "Two threads wait."});
        does.send(Does::Says("Thank you.")).unwrap();
        does.send(Does::Ends).unwrap();
        sender.ask(&first);
        assert_eq!(sender.answer()["type"], "accepted");
        begun.recv().unwrap();
        next_logged(&mut listener, 4);
        sender.ask(&json!({"type": "message", "id": "b", "content": "Neither goes on."}));
        begun.recv().unwrap();
        is_typing(&passing(&mut listener), 4, true);
        does.send(Does::Says("I ")).unwrap();
        is_token(&passing(&mut listener), 4, "I ", false);
        other.ask(&first);
        assert_eq!(other.answer()["type"], "accepted");
        does.send(Does::Says("see.")).unwrap();
        let told = passing(&mut listener);
        let told = if told["type"] == "typing" { passing(&mut listener) } else { told };
        is_token(&told, 4, "see.", false);
        does.send(Does::Ends).unwrap();
        assert_eq!(sender.answer()["id"], "b");
    }

    fn words_of_a_message_that_was_posted_are_heard_too(store: &Store) {
        let Stage { service, does, .. } = stage(store);
        let session = session(&service, 8);
        let mut listener = Ws::open(service.address, &session, 0);
        std::thread::scope(|scope| {
            let turn = scope.spawn(|| say(&service, &session, "Two threads wait."));
            does.send(Does::Says("Thank you.")).unwrap();
            is_typing(&passing(&mut listener), 2, true);
            // They may come before the message that they answer is told, and are then held back.
            assert_eq!(passing(&mut listener)["text"], "Thank you.");
            does.send(Does::Ends).unwrap();
            assert_eq!(turn.join().unwrap()["ai_response"]["content"], "Thank you.");
        });
    }
}

#[test]
fn a_service_that_stops_answers_what_was_begun_and_ends_all_streams() {
    let Stage { service, does, begun } = stage(&Store::memory());
    let session = session(&service, 8);
    let mut sse = Sse::open(service.address, &session, 0);
    let mut ws = Ws::open(service.address, &session, 0);
    let mut sender = Ws::open(service.address, &session, 0);
    sender.ask(&json!({"type": "message", "id": "a", "content": "Two threads wait."}));
    begun.recv().unwrap();
    std::thread::scope(|scope| {
        let stopped = scope.spawn(|| service.stop());
        while sse.next().is_some() {}
        assert_eq!(ws.close_code(), Some(1001));
        assert!(!stopped.is_finished(), "something was begun");
        does.send(Does::Says("Thank you.")).unwrap();
        does.send(Does::Ends).unwrap();
        assert_eq!(sender.answer(), json!({"type": "accepted", "id": "a"}));
        assert_eq!(sender.close_code(), Some(1001));
    });
}
