//! Ollama's chat.

use serde_json::json;

use super::*;

fn ollama() -> &'static dyn Protocol {
    Provider::ollama().protocol()
}

/// `truncate` and `shift`: github.com/ollama/ollama/pull/17944.
#[test]
fn a_request_forbids_to_cut_the_prompt_in_silence() {
    let plain = request(&Provider::ollama(), &prompt(), false);
    assert_eq!(plain.url, "http://127.0.0.1:11434/api/chat");
    assert!(header(&plain, "authorization").is_none());
    let expected = json!({
        "model": "model-x",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "u"},
            {"role": "assistant", "content": "m"},
            {"role": "user", "content": "v"},
        ],
        "format": {"type": "object", "properties": {"z": {"type": "integer"}, "a": {"type": "string"}}},
        "options": {"num_predict": 99, "temperature": 0.5, "seed": 7},
        "stream": false,
        "truncate": false,
        "shift": false,
    });
    assert_eq!(body(&plain), expected);
    let with_key = request(&Provider::ollama().key("k"), &prompt(), true);
    assert_eq!(header(&with_key, "authorization").as_deref(), Some("Bearer k"));
}

/// ollama, `docs/api.md`.
#[test]
fn a_reply_is_read() {
    let reply = ollama().reply(&head(200), recorded!("ollama.json")).unwrap();
    assert_eq!((reply.text.as_str(), reply.tokens), (r#"{"age": 22, "available": false}"#, tokens(34, 12)));
    assert_eq!((reply.model.as_deref(), reply.request_id), (Some("llama3.1"), None));
    let reply = streamed(ollama(), recorded!("ollama_stream.txt")).unwrap();
    assert_eq!((reply.text.as_str(), reply.tokens), ("The", tokens(26, 282)));
}

#[test]
fn absent_counts_are_zero_and_thinking_is_left_out() {
    let body = br#"{"model":"m","message":{"role":"assistant","content":"x","thinking":"hm"},"done":true}"#;
    let reply = ollama().reply(&head(200), body).unwrap();
    assert_eq!((reply.text.as_str(), reply.tokens), ("x", tokens(0, 0)));
}

/// ollama, `docs/api.md` (loading) and `docs/api/errors.mdx`.
#[test]
fn what_is_no_reply_is_told_apart() {
    let cut = br#"{"message":{"content":"x"},"done":true,"done_reason":"length"}"#;
    let missing = br#"{"error":"model 'x' not found"}"#;
    let too_long = br#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#;
    let cases: [(u16, &[u8], Failure); 7] = [
        (200, cut, permanent(Cause::Truncated, None)),
        (200, recorded!("ollama_load.json"), passing(Cause::Unreadable, None)),
        (404, missing, permanent(Cause::UnknownModel, 404)),
        (400, too_long, permanent(Cause::TooLong, 400)),
        (500, br#"{"error":"the model failed to generate a response"}"#, passing(Cause::ServerError, 500)),
        (429, br#"{"error":"too many requests"}"#, passing(Cause::RateLimited, 429)),
        (200, br#"{"error":"an error"}"#, passing(Cause::ServerError, None)),
    ];
    for (status, body, expected) in cases {
        assert_eq!(failed(ollama(), status, body), expected, "{}", String::from_utf8_lossy(body));
    }
    let failure = streamed(ollama(), recorded!("ollama_stream_error.txt")).unwrap_err();
    assert_eq!(failure, passing(Cause::ServerError, None));
}
