//! What a server can do wrong: how many requests are made, how long it takes, and what the caller is told.

use super::*;

/// One fault: what the server does, how many requests it then gets, and the kind of the final error.
struct Fault {
    name: &'static str,
    acts: fn() -> Vec<Act>,
    requests: usize,
    kind: ErrorKind,
}

fn head(extra: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{extra}\r\n").into_bytes()
}

const FAULTS: [Fault; 19] = [
    Fault { name: "a reset before the head", acts: || vec![Act::Reset], requests: 3, kind: ErrorKind::Provider },
    Fault { name: "an end before the head", acts: || vec![Act::Close], requests: 3, kind: ErrorKind::Provider },
    Fault {
        name: "a reset within the head",
        acts: || vec![Act::Send(b"HTTP/1.1 200 OK\r\ncontent-".to_vec()), Act::Reset],
        requests: 3,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "an end within the head",
        acts: || vec![Act::Send(b"HTTP/1.1 200 OK\r\ncontent-".to_vec()), Act::Close],
        requests: 3,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "a reset within the body",
        acts: || vec![Act::Send([head("content-length: 500\r\n"), b"{\"choices\":".to_vec()].concat()), Act::Reset],
        requests: 3,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "a body that is shorter than its length",
        acts: || vec![Act::Send([head("content-length: 500\r\n"), b"{\"choices\":".to_vec()].concat()), Act::Close],
        requests: 3,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "chunks that end early",
        acts: || {
            vec![Act::Send([head("transfer-encoding: chunked\r\n"), b"5\r\n{\"cho\r\n".to_vec()].concat()), Act::Close]
        },
        requests: 3,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "chunks that are none",
        acts: || vec![Act::Send([head("transfer-encoding: chunked\r\n"), b"zzz\r\n{}".to_vec()].concat()), Act::Close],
        requests: 3,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "no HTTP",
        acts: || vec![Act::Send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec()), Act::Close],
        requests: 3,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "a head without end",
        acts: || vec![Act::Send(head(&format!("x-padding: {}\r\n", "x".repeat(200_000)))), Act::Close],
        requests: 1,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "a huge body",
        acts: || vec![response(200, &[], vec![b' '; 9 << 20])],
        requests: 1,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "a body without end",
        acts: || {
            let mut acts = vec![Act::Send(head("transfer-encoding: chunked\r\n"))];
            let chunk = [b"100000\r\n".to_vec(), vec![b' '; 0x10_0000], b"\r\n".to_vec()].concat();
            acts.extend(std::iter::repeat_n(Act::Send(chunk), 20));
            acts
        },
        requests: 1,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "an encoding that nobody asked for",
        acts: || vec![response(200, &[("content-encoding", "gzip")], b"\x1f\x8b\x08\0\0\0\0\0")],
        requests: 3,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "invalid UTF-8",
        acts: || vec![response(200, &[], [b"{\"choices\": \"".as_slice(), b"\xff\xfe", b"\"}"].concat())],
        requests: 3,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "a page instead of JSON",
        acts: || vec![response(200, &[("content-type", "text/html")], "<html>Welcome to nginx</html>")],
        requests: 3,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "an event stream instead of JSON",
        acts: || vec![response(200, &[("content-type", "text/event-stream")], "data: {}\n\n")],
        requests: 3,
        kind: ErrorKind::Provider,
    },
    Fault { name: "nothing in it", acts: || vec![response(200, &[], "")], requests: 3, kind: ErrorKind::Provider },
    Fault {
        name: "another document",
        acts: || vec![response(200, &[], "[1, 2, 3]")],
        requests: 3,
        kind: ErrorKind::Provider,
    },
    Fault {
        name: "deep nesting",
        acts: || vec![response(200, &[], "[".repeat(100_000))],
        requests: 3,
        kind: ErrorKind::Provider,
    },
];

#[test]
fn each_fault_is_met_with_so_many_requests_and_told_as_such() {
    for fault in &FAULTS {
        let server = always(fault.acts);
        let error = told(Call::default().ask(&client(models(&server))));
        assert_eq!((error.kind(), server.requests().len()), (fault.kind, fault.requests), "{}: {error}", fault.name);
    }
}

#[test]
fn a_fault_that_passes_is_survived() {
    for fault in FAULTS.iter().filter(|fault| fault.requests > 1) {
        let server = first(2, fault.acts);
        let answer =
            Call::default().ask(&client(models(&server))).unwrap_or_else(|error| panic!("{}: {error}", fault.name));
        assert_eq!((answer.text.as_str(), answer.tries, server.requests().len()), ("fine", 3, 3), "{}", fault.name);
    }
}

#[test]
fn every_status_has_its_number_of_requests_and_its_kind() {
    let passing = |status: u16| matches!(status, 408 | 409 | 429 | 500..);
    for status in 300..=599 {
        let server = always(move || {
            let body = r#"{"error": {"message": "Incorrect API key provided: sk-canary", "type": "t", "code": "c"}}"#;
            vec![response(status, &[("content-type", "application/json"), ("location", "/elsewhere")], body)]
        });
        let error = told(Call::default().ask(&client(models(&server))));
        let expected = if status == 429 { ErrorKind::Limited } else { ErrorKind::Provider };
        let requests = if passing(status) { 3 } else { 1 };
        assert_eq!((error.kind(), server.requests().len()), (expected, requests), "{status}: {error}");
        assert_eq!(error.is_retryable(), passing(status), "{status}");
        let text = format!("{error} {error:?}");
        assert!(text.contains(&status.to_string()) && !text.contains("canary"), "{text}");
    }
}

#[test]
fn silence_ends_with_the_read_time_out_and_is_tried_again() {
    let server = always(|| vec![Act::Hang]);
    let models = models(&server).read_timeout(Duration::from_millis(60));
    assert_eq!(kind(Call::default().ask(&client(models))), ErrorKind::Timeout);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn nothing_takes_longer_than_the_deadline() {
    type Acts = fn() -> Vec<Act>;
    let slow: [(&str, Acts); 4] = [
        ("silence", || vec![Act::Hang]),
        ("a silent body", || vec![Act::Send(head("content-length: 50\r\n")), Act::Hang]),
        ("a dripping head", || vec![Act::Drip(head(&"x: y\r\n".repeat(9_000)), Duration::from_millis(5))]),
        ("a dripping body", || {
            let body = vec![b' '; 9_000];
            vec![Act::Send(head("content-length: 9000\r\n")), Act::Drip(body, Duration::from_millis(5))]
        }),
    ];
    for (name, acts) in slow {
        let server = always(acts);
        let client = client(models(&server));
        let began = Instant::now();
        let error = told(Call::within(Duration::from_millis(300)).ask(&client));
        let took = began.elapsed();
        assert_eq!((error.kind(), server.requests().len()), (ErrorKind::Timeout, 1), "{name}: {error}");
        assert!(took >= Duration::from_millis(290) && took < Duration::from_millis(900), "{name}: {took:?}");
    }
}

#[test]
fn half_a_stream_is_no_reply_and_what_was_heard_is_taken_back() {
    let piece = |text: &str| {
        format!(
            r#"{{"model": "m-1", "choices": [{{"index": 0, "delta": {{"content": "{text}"}}, "finish_reason": null}}]}}"#
        )
    };
    let end = r#"{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}"#;
    let half = format!("data: {}\n\ndata: {}", piece("Hal"), piece("f"));
    let unended = format!("data: {}\n\ndata: {}\n\n", piece("Hal"), piece("f"));
    let invalid = [format!("data: {}\n\n", piece("Hal")).into_bytes(), b"data: \xff\n\n".to_vec()].concat();
    let failing =
        format!("data: {}\n\ndata: {{\"error\": {{\"message\": \"overloaded\", \"code\": 503}}}}\n\n", piece("Hal"));
    let whole = format!("data: {}\n\ndata: {}\n\ndata: {end}\n\ndata: [DONE]\n\n", piece("Who"), piece("le"));
    // Whether the bad half was heard before it was known to be bad is the network's chance, but for the first two.
    for (bad, is_heard) in
        [(half.into_bytes(), true), (unended.into_bytes(), true), (invalid, false), (failing.into_bytes(), false)]
    {
        let whole = whole.clone();
        let server = HttpServer::start(move |_, number| {
            let body = if number == 0 { bad.clone() } else { whole.clone().into_bytes() };
            vec![response(200, &[("content-type", "text/event-stream")], body)]
        });
        let mut heard = String::new();
        let mut again = 0;
        let mut hear = |piece: Heard| match piece {
            Heard::Text(text) => heard.push_str(&text),
            Heard::Restart => {
                heard.clear();
                again += 1;
            }
        };
        let answer = Call::default().hear(&client(models(&server)), Some(&mut hear)).unwrap();
        assert_eq!((answer.text.as_str(), heard.as_str()), ("Whole", "Whole"));
        assert!(again == 1 || (again == 0 && !is_heard), "{again}");
        assert!(body(&server.requests()[0])["stream"].as_bool().unwrap());
    }
}
