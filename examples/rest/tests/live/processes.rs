//! Several services on one store.

use super::process::Process;
use super::*;

fn hears_the_other(store: &Store) {
    let (one, other) = (store.service(&[]), store.service(&[]));
    let session = session(&one, 6);
    let mut listeners = By::BOTH.map(|by| by.listen(other.address, &session, 0));
    for n in 0..6 {
        let words = format!("Answer {n}");
        // In turn, so that each also writes after the other.
        say(if n % 2 == 0 { &one } else { &other }, &session, &words);
        for listener in &mut listeners {
            until(&mut **listener, &words);
        }
    }
    one.post(&format!("/api/chat/{session}/end"), "").ok(200);
    let whole = whole(&one, &session);
    for listener in &mut listeners {
        let rest = logged(&mut **listener);
        assert_eq!(rest, whole[whole.len() - rest.len()..]);
        assert_eq!(rest.last().unwrap()["type"], "evaluation");
    }
}

#[test]
fn a_message_at_one_service_is_heard_at_the_other_by_notification() {
    hears_the_other(&Store::postgres());
}

#[test]
fn a_message_at_one_service_is_heard_at_the_other_by_looking() {
    hears_the_other(&Store::sqlite());
}

/// The same calls as of a service of this process.
fn remote(process: &Process) -> Service {
    Service::at(process.address)
}

#[test]
fn a_process_that_is_killed_loses_nothing_that_it_acknowledged_and_its_listeners_go_on_at_another() {
    let store = Store::postgres();
    let (mut one, other) = (Process::start(&store.url, &[]), Process::start(&store.url, &[]));
    let (first, second) = (remote(&one), remote(&other));
    let session = &session(&first, 40);
    let kill = &mut one;
    std::thread::scope(|scope| {
        let listeners = By::BOTH.map(|by| {
            let other = second.address;
            let mut listener = by.listen(first.address, session, 0);
            scope.spawn(move || {
                // Until it is cut off, and then at the other.
                let mut told = logged(&mut *listener);
                told.extend(logged(&mut *by.listen(other, session, told.last().map_or(0, seq))));
                told
            })
        });
        let mut sender = Ws::open(first.address, session, 0);
        let mut acknowledged: Vec<String> = Vec::new();
        for n in 0..10 {
            let words = format!("Answer {n}");
            sender.ask(&json!({"type": "message", "id": words, "content": words}));
            if n == 9 {
                // This one may have been taken, or not.
                kill.kill();
                break;
            }
            assert_eq!(sender.answer()["type"], "accepted");
            acknowledged.push(words);
        }
        while sender.next().is_some() {}
        // A client sends what was not acknowledged again, at the other.
        let mut sender = Ws::open(second.address, session, 0);
        for n in 9..12 {
            let words = format!("Answer {n}");
            sender.ask(&json!({"type": "message", "id": words, "content": words}));
            assert_eq!(sender.answer()["type"], "accepted");
            acknowledged.push(words);
        }
        sender.ask(&json!({"type": "end"}));
        assert_eq!(sender.answer()["type"], "accepted");
        let whole = whole(&second, session);
        let said: Vec<&Value> = whole
            .iter()
            .filter(|event| event["message"]["type"] == "user")
            .map(|event| &event["message"]["content"])
            .collect();
        assert_eq!(json!(said), json!(acknowledged), "each once, in order");
        for listener in listeners {
            assert_eq!(listener.join().unwrap(), whole);
        }
    });
}
