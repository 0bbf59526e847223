//! Several services on one store.

use super::common::process::Process;
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

/// A candidate with a WebSocket at one of two services, who goes on at the other when it is gone.
struct Candidate<'a> {
    addresses: [SocketAddr; 2],
    session: &'a str,
    socket: Ws,
    /// What is kept of what was heard.
    heard: Vec<Value>,
    moved: bool,
}

impl<'a> Candidate<'a> {
    fn new(addresses: [SocketAddr; 2], session: &'a str) -> Self {
        let socket = Ws::open(addresses[0], session, 0);
        Self { addresses, session, socket, heard: Vec::new(), moved: false }
    }

    /// The next message; none where the service is gone, and this goes on at the other.
    fn next(&mut self) -> Option<Value> {
        let Some(event) = self.socket.next() else {
            assert!(!self.moved, "the other went as well");
            self.moved = true;
            self.socket = Ws::open(self.addresses[1], self.session, self.heard.last().map_or(0, seq));
            return None;
        };
        if event.get("seq").is_some() {
            self.heard.push(event.clone());
        }
        Some(event)
    }

    /// Sends, and again at the other service, until it is acknowledged.
    fn say(&mut self, words: &str) {
        let request = json!({"type": "message", "id": words, "content": words});
        self.socket.send(request.to_string());
        loop {
            match self.next() {
                None => self.socket.send(request.to_string()),
                Some(event) if event["type"] == "accepted" => return,
                Some(event) => assert_ne!(event["type"], "error", "{event}"),
            }
        }
    }

    fn end(mut self) -> Vec<Value> {
        self.socket.send(json!({"type": "end"}).to_string());
        // The last word of a session.
        while !self.heard.last().is_some_and(|event| event["type"] == "evaluation" && event["status"] == "completed") {
            self.next();
        }
        self.heard
    }
}

#[test]
fn under_load_a_process_is_killed_and_every_candidate_goes_on_at_the_other() {
    const CANDIDATES: usize = 16;
    const ANSWERS: usize = 24;
    let store = Store::postgres();
    let (mut one, other) = (Process::start(&store.url, &[]), Process::start(&store.url, &[]));
    let (first, second) = (remote(&one), remote(&other));
    let sessions: Vec<String> = (0..CANDIDATES).map(|_| session(&first, 40)).collect();
    let (acknowledged, count) = std::sync::mpsc::channel();
    let words = |n: usize, answer: usize| format!("Candidate {n}: {answer}");
    let (moved, heard): (Vec<bool>, Vec<Vec<Value>>) = std::thread::scope(|scope| {
        let candidates: Vec<_> = sessions
            .iter()
            .enumerate()
            .map(|(n, session)| {
                let acknowledged = acknowledged.clone();
                // Half of them at each.
                let addresses = if n % 2 == 0 { [first.address, second.address] } else { [second.address; 2] };
                scope.spawn(move || {
                    let mut candidate = Candidate::new(addresses, session);
                    for answer in 0..ANSWERS {
                        candidate.say(&words(n, answer));
                        let _ = acknowledged.send(());
                    }
                    (candidate.moved, candidate.end())
                })
            })
            .collect();
        // In the middle of it all.
        for _ in 0..CANDIDATES * ANSWERS / 3 {
            count.recv().unwrap();
        }
        one.kill();
        candidates.into_iter().map(|candidate| candidate.join().unwrap()).unzip()
    });
    for (n, (session, heard)) in sessions.iter().zip(&heard).enumerate() {
        let whole = whole(&second, session);
        let seqs = |events: &[Value]| events.iter().map(seq).collect::<Vec<_>>();
        assert_eq!(seqs(heard), seqs(&whole), "each event once, in order");
        assert!(heard == &whole);
        let of_candidate = whole.iter().filter(|event| event["message"]["type"] == "user");
        let said: Vec<&str> = of_candidate.map(|event| event["message"]["content"].as_str().unwrap()).collect();
        assert_eq!(said, (0..ANSWERS).map(|answer| words(n, answer)).collect::<Vec<_>>());
    }
    assert!(moved.iter().step_by(2).any(|moved| *moved) && !moved.iter().skip(1).step_by(2).any(|moved| *moved));
}
