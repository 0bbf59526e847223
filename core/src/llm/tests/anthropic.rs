//! Anthropic's messages.

use serde_json::json;

use super::*;
use crate::llm::prompt::Parameter;

fn messages() -> &'static dyn Protocol {
    Provider::anthropic("k").protocol()
}

/// Version 2026-10-21 refuses a temperature (the official client has none since 2.0), and there is no seed.
#[test]
fn a_request_has_no_parameters() {
    let request = request(&Provider::anthropic("k"), &prompt(), false);
    assert_eq!(request.url, "https://api.anthropic.com/v1/messages");
    assert_eq!(header(&request, "authorization").as_deref(), Some("Bearer k"));
    assert_eq!(header(&request, "anthropic-version").as_deref(), Some("2026-10-21"));
    let expected = json!({
        "model": "model-x",
        "system": "s",
        "messages": [
            {"role": "user", "content": "u"},
            {"role": "assistant", "content": "m"},
            {"role": "user", "content": "v"},
        ],
        "max_tokens": 99,
        "output_config": {"format": {
            "type": "json_schema",
            "schema": {"type": "object", "properties": {"z": {"type": "integer"}, "a": {"type": "string"}}},
        }},
    });
    assert_eq!(body(&request), expected);
    assert_eq!(messages().parameters(prompt().parameters), Parameters::default());
}

#[test]
fn the_key_may_go_in_its_own_header() {
    let prompt = Prompt { system: String::new(), schema: None, ..prompt() };
    let request = request(&Provider::anthropic("k").x_api_key(), &prompt, true);
    assert_eq!((header(&request, "x-api-key").as_deref(), header(&request, "authorization")), (Some("k"), None));
    let body = body(&request);
    assert_eq!((body.get("system"), body.get("output_config"), &body["stream"]), (None, None, &json!(true)));
}

/// The shape is that of anthropic-sdk-python's `Message` and `Usage`: the input is the sum of its three kinds.
#[test]
fn a_reply_is_read() {
    let body = br#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[
        {"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"{\"score\":","citations":null},{"type":"text","text":" 3}"}],
        "stop_reason":"end_turn","stop_sequence":null,
        "usage":{"input_tokens":25,"cache_creation_input_tokens":10,"cache_read_input_tokens":5,"output_tokens":8}}"#;
    let head = head_with(200, &[("request-id", "req_018EeWyXxfu5pfWkrYcMdjWG")]);
    let reply = messages().reply(&head, body).unwrap();
    assert_eq!((reply.text.as_str(), reply.tokens), (r#"{"score": 3}"#, tokens(40, 8)));
    assert_eq!(reply.model.as_deref(), Some("claude-sonnet-4-5"));
    assert_eq!(reply.request_id.as_deref(), Some("req_018EeWyXxfu5pfWkrYcMdjWG"));
}

/// The reasons are anthropic-sdk-python's `StopReason`.
#[test]
fn the_end_of_a_reply_says_what_it_is_worth() {
    let cases = [
        ("\"end_turn\"", None),
        ("\"stop_sequence\"", None),
        ("\"max_tokens\"", Some(permanent(Cause::Truncated, None))),
        ("\"refusal\"", Some(permanent(Cause::Refused, None))),
        ("\"model_context_window_exceeded\"", Some(permanent(Cause::TooLong, None))),
        ("\"tool_use\"", Some(passing(Cause::Unreadable, None))),
        ("\"pause_turn\"", Some(passing(Cause::Unreadable, None))),
        ("null", Some(passing(Cause::Unreadable, None))),
    ];
    for (reason, expected) in cases {
        let body = format!(r#"{{"content":[{{"type":"text","text":"x"}}],"stop_reason":{reason}}}"#);
        assert_eq!(messages().reply(&head(200), body.as_bytes()).err(), expected, "{reason}");
    }
}

/// anthropic-sdk-python, `tests/lib/streaming/fixtures`.
#[test]
fn streams_are_put_together() {
    let cases: [(&[u8], &str, Tokens); 4] = [
        (recorded!("anthropic_stream.txt"), "Hello there!", tokens(11, 6)),
        (recorded!("anthropic_stream_cached.txt"), "Hello there!", tokens(40, 8)),
        (recorded!("anthropic_stream_late_usage.txt"), "hi", tokens(19, 1)),
        (recorded!("anthropic_stream_fallback.txt"), "Hello there!", tokens(25, 8)),
    ];
    for (stream, text, used) in cases {
        let reply = streamed(messages(), stream).unwrap();
        assert_eq!((reply.text.as_str(), reply.tokens), (text, used));
        assert!(reply.request_id.unwrap().starts_with("msg_"));
    }
    let refused = streamed(messages(), recorded!("anthropic_stream_refusal.txt")).unwrap_err();
    assert_eq!(refused, permanent(Cause::Refused, None));
    // It stops without a reason to.
    let unended = streamed(messages(), recorded!("anthropic_stream_unended.txt")).unwrap_err();
    assert_eq!(unended, passing(Cause::Unreadable, None));
}

#[test]
fn thinking_is_left_out_of_a_stream() {
    let stream = concat!(
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"s\"}}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"a\"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"b\"}}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n",
        "event: something_new\ndata: {\"type\":\"something_new\"}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    );
    assert_eq!(streamed(messages(), stream.as_bytes()).unwrap().text, "ab");
}

/// The types are anthropic-sdk-python's `ErrorType`; codes of details are its `types/shared/*_spend_limit_reached_error.py`.
#[test]
fn errors_are_told_apart() {
    let typed =
        |kind: &str| format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"m"}},"request_id":"r"}}"#);
    let spent = r#"{"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}}}"#;
    let ramp = r#"{"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"ramp_limit_exceeded"}}}"#;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let cases = [
        (400, typed("invalid_request_error"), permanent(Cause::BadRequest, 400)),
        (401, typed("authentication_error"), permanent(Cause::Unauthorized, 401)),
        (402, typed("billing_error"), permanent(Cause::QuotaExhausted, 402)),
        (403, typed("permission_error"), permanent(Cause::Unauthorized, 403)),
        (404, typed("not_found_error"), permanent(Cause::UnknownModel, 404)),
        (409, typed("conflict_error"), passing(Cause::Overloaded, 409)),
        (413, typed("request_too_large"), permanent(Cause::TooLong, 413)),
        (429, typed("rate_limit_error"), passing(Cause::RateLimited, 429)),
        (429, spent.into(), permanent(Cause::QuotaExhausted, 429)),
        (429, ramp.into(), passing(Cause::RateLimited, 429)),
        (500, typed("api_error"), passing(Cause::ServerError, 500)),
        (504, typed("timeout_error"), passing(Cause::Timeout, 504)),
        (529, text(recorded!("anthropic_error_overloaded.json")), passing(Cause::Overloaded, 529)),
        (400, text(recorded!("anthropic_error_too_long.json")), permanent(Cause::TooLong, 400)),
        (
            400,
            text(recorded!("anthropic_error_temperature.json")),
            permanent(Cause::Parameter(Parameter::Temperature), 400),
        ),
    ];
    for (status, body, expected) in cases {
        assert_eq!(failed(messages(), status, body.as_bytes()), expected, "{body}");
        let line = body.replace('\n', "");
        let stream = format!("event: error\ndata: {line}\n\n");
        let streamed = streamed(messages(), stream.as_bytes()).unwrap_err();
        if status != 409 {
            assert_eq!((streamed.cause, streamed.retry), (expected.cause, expected.retry), "{body}");
        }
    }
    // docs.anthropic.com, “streaming”, error events.
    let overloaded = streamed(messages(), recorded!("anthropic_stream_error.txt")).unwrap_err();
    assert_eq!(overloaded, passing(Cause::Overloaded, None));
    let words = streamed(messages(), b"event: error\ndata: something broke\n\n").unwrap_err();
    assert_eq!(words, passing(Cause::ServerError, None));
}
