//! Cutting bytes into events.

use super::*;
use crate::llm::provider::Framing;

/// The events of a body that comes in chunks of one length, and how it ended.
fn cut(framing: Framing, longest: usize, bytes: &[u8], length: usize) -> (Vec<(String, String)>, Result<(), Failure>) {
    let mut cutter = Cutter::new(framing, longest);
    let mut events = Vec::new();
    let mut outcome = Ok(());
    for chunk in bytes.chunks(length) {
        outcome = outcome.and_then(|()| {
            cutter.push(chunk, |event| {
                events.push((event.name.to_owned(), event.data.to_owned()));
                Ok(())
            })
        });
    }
    outcome = outcome.and_then(|()| {
        cutter.end(|event| {
            events.push((event.name.to_owned(), event.data.to_owned()));
            Ok(())
        })
    });
    (events, outcome)
}

/// WHATWG HTML, section 9.2.6, with its own examples among them.
#[test]
fn server_sent_events_are_cut_as_the_standard_says() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("data: YHOO\ndata: +2\ndata: 10\n\n", &[("", "YHOO\n+2\n10")]),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            &[("", "first event"), ("", "second event"), ("", " third event")],
        ),
        ("data\n\ndata\ndata\n\ndata:", &[("", ""), ("", "\n")]),
        ("data:test\n\ndata: test\n\n", &[("", "test"), ("", "test")]),
        ("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n", &[("add", "73857293"), ("remove", "2153")]),
        ("data: a\r\rdata: b\r\n\r\ndata: c\n\n", &[("", "a"), ("", "b"), ("", "c")]),
        ("\u{feff}data: a\n\n\u{feff}data: b\n\n", &[("", "a")]),
        ("event: lost\n\ndata: a\n\n", &[("", "a")]),
        ("retry: 10\nnew: x\nDATA: x\ndata: a: b\n\n", &[("", "a: b")]),
        ("data: 我👍\n\n", &[("", "我👍")]),
        ("data: never ended", &[]),
        ("data: never ended\n", &[]),
        ("", &[]),
        ("\n\r\n\r", &[]),
    ];
    for (text, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|(name, data)| ((*name).into(), (*data).into())).collect();
        for length in 1..=text.len().max(1) {
            let (events, outcome) = cut(Framing::ServerSentEvents, 1000, text.as_bytes(), length);
            assert_eq!((&events, outcome), (&expected, Ok(())), "{text:?} by {length}");
        }
    }
}

#[test]
fn lines_are_cut_with_any_end() {
    let text = "{\"a\":1}\r\n\n  \n{\"b\":\"é\"}\n{\"c\":3}";
    for length in 1..=text.len() {
        let (events, outcome) = cut(Framing::Lines, 1000, text.as_bytes(), length);
        let lines: Vec<_> = events.iter().map(|(_, data)| data.trim()).collect();
        assert_eq!((lines, outcome), (vec!["{\"a\":1}", "{\"b\":\"é\"}", "{\"c\":3}"], Ok(())));
    }
}

#[test]
fn text_that_is_not_utf_8_is_a_failure() {
    for framing in [Framing::ServerSentEvents, Framing::Lines] {
        let (events, outcome) = cut(framing, 1000, b"data: \xff\n\n", 3);
        assert_eq!((events.len(), outcome), (0, Err(passing(Cause::Unreadable, None))));
    }
}

#[test]
fn an_event_that_does_not_end_is_a_failure() {
    let endless = [b"data: ".as_slice(), &[b'x'; 200]].concat();
    let many = b"data: x\n".repeat(100);
    for (framing, bytes) in
        [(Framing::ServerSentEvents, &endless), (Framing::ServerSentEvents, &many), (Framing::Lines, &endless)]
    {
        let (events, outcome) = cut(framing, 100, bytes, 7);
        assert_eq!((events.len(), outcome), (0, Err(permanent(Cause::TooLarge, None))));
    }
    let short = b"data: x\n\n".repeat(100);
    let (events, outcome) = cut(Framing::ServerSentEvents, 10, &short, 7);
    assert_eq!((events.len(), outcome), (100, Ok(())));
}
