//! WebSockets.

use super::*;
use tungstenite::client::IntoClientRequest as _;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Error, Message, WebSocket};

struct Socket(WebSocket<TcpStream>);

impl Socket {
    fn try_open(service: &Service, path: &str, origin: Option<&str>) -> Result<Self, u16> {
        let mut request = format!("ws://{}{path}", service.address).into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let stream = TcpStream::connect(service.address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tungstenite::HandshakeError::Failure(Error::Http(response))) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    fn open(service: &Service, path: &str) -> Self {
        Self::try_open(service, path, None).unwrap()
    }

    fn send(&mut self, document: Value) {
        self.0.send(Message::text(document.to_string())).unwrap();
    }

    /// The next document, or how the connection was closed.
    fn next(&mut self) -> Result<Value, CloseCode> {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => return Ok(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(frame)) => return Err(frame.unwrap().code),
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Documents of these types, in their order; others are passed over.
    fn heard(&mut self, types: &[&str]) -> Vec<Value> {
        let mut heard = Vec::new();
        while heard.len() < types.len() {
            let document = self.next().unwrap();
            if document["type"] == types[heard.len()] {
                heard.push(document);
            }
        }
        heard
    }
}

on_every_store! {
    fn a_candidate_answers_and_ends_over_a_socket(store: &Store) {
        let service = store.service(&[]);
        let chat = chat(&service);
        let mut socket = Socket::open(&service, &format!("{chat}/ws"));
        assert_eq!(socket.heard(&["status", "message"])[0]["status"], "active");
        socket.send(json!({"type": "message", "id": "a", "content": "Two threads wait."}));
        let heard = socket.heard(&["typing", "message", "message"]);
        assert_eq!((&heard[1]["message"]["type"], &heard[2]["message"]["type"]), (&json!("user"), &json!("ai")));
        // The key is that of the call: what was lost on the way is asked for there, and nothing is said twice.
        let body = json!({"message": "Two threads wait."});
        let again = service.post_with_key(&format!("{chat}/message"), "a", body).ok(200);
        assert_eq!(again["message"], heard[1]["message"]);
        for (asked, error) in [
            (json!({"type": "message", "id": "b", "content": " "}), "Message cannot be empty"),
            (json!({"type": "message", "id": "a", "content": "Otherwise."}), "the idempotency key was used for another request"),
            (json!({"type": "other"}), "Invalid JSON"),
        ] {
            socket.send(asked);
            assert_eq!(socket.heard(&["error"])[0]["error"], error);
        }
        socket.send(json!({"type": "end"}));
        let mut last = Value::Null;
        let closed = loop {
            match socket.next() {
                Ok(document) if document["type"] == "evaluation" => last = document,
                Ok(_) => {}
                Err(code) => break code,
            }
        };
        assert_eq!((closed, &last["status"]), (CloseCode::Normal, &json!("completed")));
        assert_eq!(service.get(&chat).ok(200)["messages"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn pieces_of_a_reply_are_heard_before_the_whole() {
    let service = Store::memory().service(&[]);
    let chat = chat(&service);
    let mut socket = Socket::open(&service, &format!("{chat}/ws"));
    socket.heard(&["status", "message"]);
    let turn = say(&service, &chat, "Two threads wait.");
    let token = &socket.heard(&["token"])[0];
    assert!(turn["ai_response"]["content"].as_str().unwrap().starts_with(token["text"].as_str().unwrap()));
    assert_eq!((&token["turn"], token.get("seq")), (&json!(2), None));
}

#[test]
fn a_socket_resumes_and_a_stopping_service_says_so() {
    let store = Store::postgres();
    let (one, other) = (store.service(&[]), store.service(&[]));
    let chat = chat(&one);
    let mut socket = Socket::open(&one, &format!("{chat}/ws"));
    let seen = socket.heard(&["status", "message"])[1]["seq"].as_u64().unwrap();
    one.stop();
    assert_eq!(std::iter::from_fn(|| Some(socket.next())).find_map(Result::err), Some(CloseCode::Away));
    let turn = say(&other, &chat, "Two threads wait.");
    let mut socket = Socket::open(&other, &format!("{chat}/ws?after={seen}"));
    assert_eq!(socket.heard(&["message"])[0]["message"], turn["message"]);
}

#[test]
fn pages_of_other_origins_are_not_let_in() {
    let service = Store::memory().service(&["--allow-origin", "https://a.example"]);
    let path = format!("{}/ws", chat(&service));
    let own = format!("http://{}", service.address);
    for (origin, expected) in
        [(own.as_str(), None), ("https://a.example", None), ("https://b.example", Some(403)), ("null", Some(403))]
    {
        assert_eq!(Socket::try_open(&service, &path, Some(origin)).err(), expected, "{origin}");
    }
    service.get(&path).fails(400, "Not a WebSocket's request");
    assert_eq!(Socket::try_open(&service, "/api/chat/x/ws", None).err(), Some(404));
}

#[test]
fn one_that_reads_nothing_is_cut_off_and_loses_nothing() {
    let service = Store::memory().service(&[]);
    let plan = json!({
        "candidate_name": "Ada", "questions": ["Why?"], "interview_type": "general", "max_answers": 1000,
    });
    let interview = service.post("/api/interviews", plan).ok(201)["id"].as_str().unwrap().to_owned();
    let started = service.post(&format!("/api/interviews/{interview}/chat/start"), "").ok(201);
    let chat = format!("/api/chat/{}", started["id"].as_str().unwrap());
    let mut socket = Socket::open(&service, &format!("{chat}/ws"));
    socket.heard(&["status", "message"]);
    // More than the system's buffers and ours hold.
    let words = "because ".repeat(3_900);
    for number in 0..400 {
        say(&service, &chat, &format!("{number} {words}"));
    }
    let mut last = 0;
    loop {
        match socket.0.read() {
            Ok(Message::Text(text)) => {
                let document: Value = serde_json::from_str(&text).unwrap();
                last = document["seq"].as_u64().unwrap_or(last);
            }
            Ok(Message::Close(frame)) => {
                assert_eq!(frame.unwrap().code, CloseCode::Again);
                break;
            }
            Ok(_) => {}
            // One that takes nothing at all is not told either.
            Err(_) => break,
        }
    }
    let mut back = Socket::open(&service, &format!("{chat}/ws?after={last}"));
    let next = back.heard(&["message"])[0]["message"]["number"].as_u64().unwrap();
    // A session's event before its first message says that it began.
    assert_eq!(next, last - 1);
}
