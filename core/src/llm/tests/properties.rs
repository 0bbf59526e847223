//! What holds for any bytes.

use proptest::prelude::*;

use super::*;
use crate::llm::provider::{Framing, StreamEvent};

/// A protocol, with documents of it and streams that end well.
type Recording = (&'static dyn Protocol, Vec<&'static [u8]>, Vec<&'static [u8]>);

/// Every protocol.
fn recordings() -> Vec<Recording> {
    let gemini_stream = concat!(
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"我👍\"}],\"role\":\"model\"},\"index\":0}]}\r\n\r\n",
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"é\"}]},\"finishReason\":\"STOP\",\"index\":0}]}\r\n\r\n",
    );
    vec![
        (
            Provider::openai("k").protocol(),
            vec![recorded!("openai_chat.json"), recorded!("azure_error_content_filter.json")],
            vec![recorded!("openai_chat_stream.txt")],
        ),
        (
            Provider::openai("k").responses().protocol(),
            vec![recorded!("openai_responses.json"), recorded!("openai_responses_commentary.json")],
            vec![recorded!("openai_responses_stream.txt"), recorded!("openai_responses_stream_commentary.txt")],
        ),
        (
            Provider::anthropic("k").protocol(),
            vec![recorded!("anthropic_error_overloaded.json")],
            vec![recorded!("anthropic_stream.txt"), recorded!("anthropic_stream_cached.txt")],
        ),
        (
            Provider::gemini("k").protocol(),
            vec![recorded!("gemini.json"), recorded!("gemini_error_quota.json")],
            vec![gemini_stream.as_bytes()],
        ),
        (Provider::ollama().protocol(), vec![recorded!("ollama.json")], vec![recorded!("ollama_stream.txt")]),
    ]
}

#[test]
fn a_recorded_stream_gives_the_same_reply_wherever_it_is_split() {
    for (protocol, _, streams) in recordings() {
        for stream in streams {
            let whole = streamed(protocol, stream).unwrap();
            for at in 1..stream.len() {
                assert_eq!(streamed_in(protocol, stream, &[at]), Ok(whole.clone()), "at {at}");
            }
            for length in 1..5 {
                assert_eq!(streamed_in(protocol, stream, &[length]), Ok(whole.clone()), "by {length}");
            }
        }
    }
}

#[test]
fn a_recorded_stream_that_breaks_off_is_never_a_reply() {
    for (protocol, _, streams) in recordings() {
        for stream in streams {
            // The blank line after the last event; a last line of JSON is whole without its line feed.
            let end = stream.trim_ascii_end().len() + usize::from(protocol.framing() == Framing::ServerSentEvents);
            for length in 0..end {
                let failure = streamed(protocol, &stream[..length]).unwrap_err();
                assert!(matches!(failure.retry, Retry::After(_)) && failure.status.is_none(), "{length}: {failure:?}");
            }
            assert!(streamed(protocol, stream).is_ok());
        }
    }
}

/// A recorded document with one thing in it replaced by another.
fn spoilt(documents: Vec<&'static [u8]>) -> impl Strategy<Value = Vec<u8>> {
    let junk = prop_oneof![
        Just(b"null".to_vec()),
        Just(b"-1".to_vec()),
        Just(b"99999999999999999999".to_vec()),
        Just(b"[]".to_vec()),
        Just(b"{}".to_vec()),
        Just(b"\"\"".to_vec()),
        Just(b"\xff".to_vec()),
        Just(b"\n\n".to_vec()),
        Just(b"\"type\":\"error\",".to_vec()),
        Just(vec![b'['; 300]),
        proptest::collection::vec(any::<u8>(), 0..8),
    ];
    (proptest::sample::select(documents), any::<prop::sample::Index>(), 0_usize..40, junk).prop_map(
        |(document, at, length, junk)| {
            let at = at.index(document.len());
            let end = (at + length).min(document.len());
            [&document[..at], &junk, &document[end..]].concat()
        },
    )
}

proptest! {
    #[test]
    fn any_bytes_are_a_reply_or_a_failure(
        status in prop_oneof![Just(200_u16), any::<u16>()],
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        lengths in proptest::collection::vec(1_usize..20, 1..5),
    ) {
        for (protocol, _, _) in recordings() {
            prop_assert!(protocol.reply(&head(status), &bytes).is_err());
            prop_assert!(streamed_in(protocol, &bytes, &lengths).is_err());
        }
    }

    #[test]
    fn any_json_is_a_reply_or_a_failure(text in "(data: )?[\\[{]{0,3}(\"(error|choices|candidates|content|type|message|done|response)\":)?[\\[{\"a0-9:,}\\]]{0,30}\n{0,2}") {
        for (protocol, _, _) in recordings() {
            let _ = protocol.reply(&head(200), text.as_bytes());
            let _ = protocol.reply(&head(400), text.as_bytes());
            let _ = streamed_in(protocol, text.as_bytes(), &[3]);
            let mut partial = protocol.begin(&head(200));
            let _ = protocol.event(&mut partial, StreamEvent { name: "error", data: &text });
        }
    }

    #[test]
    fn a_spoilt_document_does_not_panic(
        (index, document) in (0_usize..5).prop_flat_map(|index| {
            let documents = recordings().swap_remove(index).1;
            (Just(index), spoilt(documents))
        }),
        status in proptest::sample::select(vec![200_u16, 400, 429, 500]),
    ) {
        let protocol = recordings()[index].0;
        let _ = protocol.reply(&head(status), &document);
    }

    #[test]
    fn a_spoilt_stream_is_the_same_however_it_comes(
        (index, stream) in (0_usize..5).prop_flat_map(|index| {
            let streams = recordings().swap_remove(index).2;
            (Just(index), spoilt(streams))
        }),
        lengths in proptest::collection::vec(1_usize..50, 1..5),
    ) {
        let protocol = recordings()[index].0;
        prop_assert_eq!(streamed_in(protocol, &stream, &lengths), streamed(protocol, &stream));
    }

    #[test]
    fn any_header_is_a_delay_or_none(value in "\\PC{0,20}|[0-9.smhe+-]{0,12}", name in proptest::sample::select(vec!["retry-after", "retry-after-ms", "x-ratelimit-reset-tokens"])) {
        let delay = crate::llm::delay::asked_for(&head_with(429, &[(name, &value)]));
        prop_assert!(delay.is_none_or(|delay| delay.as_secs() <= 30 * 24 * 3600));
    }
}
