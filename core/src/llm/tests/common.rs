//! What holds for every protocol: statuses, delays, bodies that are none.

use std::time::Duration;

use super::*;
use crate::llm::delay;
use crate::llm::prompt::Parameter;
use crate::llm::response;

fn protocols() -> Vec<(&'static str, &'static dyn Protocol)> {
    vec![
        ("chat", Provider::openai("k").protocol()),
        ("responses", Provider::openai("k").responses().protocol()),
        ("anthropic", Provider::anthropic("k").protocol()),
        ("gemini", Provider::gemini("k").protocol()),
        ("ollama", Provider::ollama().protocol()),
    ]
}

/// The official clients' rule: openai 3.57 and anthropic 2.13, `_should_retry`; google-genai 3.6, `_RETRY_HTTP_STATUS_CODES`.
#[test]
fn statuses_are_retried_as_the_official_clients_retry_them() {
    let cases = [
        (301, permanent(Cause::Redirect, 301)),
        (302, permanent(Cause::Redirect, 302)),
        (308, permanent(Cause::Redirect, 308)),
        (400, permanent(Cause::BadRequest, 400)),
        (401, permanent(Cause::Unauthorized, 401)),
        (402, permanent(Cause::QuotaExhausted, 402)),
        (403, permanent(Cause::Unauthorized, 403)),
        (404, permanent(Cause::UnknownModel, 404)),
        (405, permanent(Cause::BadRequest, 405)),
        (408, passing(Cause::Timeout, 408)),
        (409, passing(Cause::Overloaded, 409)),
        (413, permanent(Cause::TooLong, 413)),
        (422, permanent(Cause::BadRequest, 422)),
        (429, passing(Cause::RateLimited, 429)),
        (500, passing(Cause::ServerError, 500)),
        (502, passing(Cause::ServerError, 502)),
        (503, passing(Cause::Overloaded, 503)),
        (504, passing(Cause::Timeout, 504)),
        (529, passing(Cause::Overloaded, 529)),
        (0, passing(Cause::Unreadable, 0)),
        (199, passing(Cause::Unreadable, 199)),
        (999, passing(Cause::ServerError, 999)),
    ];
    for (name, protocol) in protocols() {
        for (status, expected) in &cases {
            for body in [b"".as_slice(), b"<html>no</html>", b"{}", b"[]", b"null", b"{\"error\":null}", b"\xff"] {
                assert_eq!(&failed(protocol, *status, body), expected, "{name} {status} {body:?}");
            }
        }
    }
}

#[test]
fn a_success_that_is_none_of_the_protocol_may_pass() {
    let nested = format!(r#"{{"choices":{0}{1},"a":{0}{1}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let bodies = [
        "",
        " ",
        "<html><body>Sign in to the network</body></html>",
        "null",
        "5",
        "[]",
        "{}",
        "\"text\"",
        r#"{"choices":[],"content":[],"candidates":[],"output":[],"done":false}"#,
        r#"{"choices":[{"index":0}],"content":[],"candidates":[{}],"output":[{"type":"message"}],"status":"completed","done":true}"#,
        r#"{"choices":5,"content":5,"candidates":5,"output":5,"done":5}"#,
        r#"{"choices":null,"choices":null,"content":null,"content":[],"candidates":null,"candidates":[],"output":[],"output":[],"done":true,"done":true}"#,
        &nested,
    ];
    for (name, protocol) in protocols() {
        for body in bodies {
            let failure = failed(protocol, 200, body.as_bytes());
            let start: String = body.chars().take(80).collect();
            assert!(matches!(failure.cause, Cause::Unreadable | Cause::Broken), "{name} {start} {failure:?}");
            assert!(matches!(failure.retry, Retry::After(_)), "{name} {start}");
        }
    }
}

#[test]
fn counts_that_are_none_make_a_reply_unreadable() {
    // Where each protocol has a count.
    let bodies = [
        r#"{"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":COUNT}}"#,
        r#"{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"x"}]}],"usage":{"output_tokens":COUNT}}"#,
        r#"{"content":[{"type":"text","text":"x"}],"stop_reason":"end_turn","usage":{"cache_read_input_tokens":COUNT}}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}],"usageMetadata":{"thoughtsTokenCount":COUNT}}"#,
        r#"{"message":{"content":"x"},"done":true,"eval_count":COUNT}"#,
    ];
    for ((name, protocol), body) in protocols().into_iter().zip(bodies) {
        for count in ["-1", "1.5", "4294967296", "1e30", "\"7\"", "[]", "true"] {
            let failure = failed(protocol, 200, body.replace("COUNT", count).as_bytes());
            assert_eq!(failure, passing(Cause::Unreadable, None), "{name} {count}");
        }
        let whole = body.replace("COUNT", "null");
        assert_eq!(protocol.reply(&head(200), whole.as_bytes()).unwrap().tokens, tokens(0, 0), "{name}");
    }
}

/// The order and the forms are those of the official clients' `_parse_retry_after_header` (openai 3.57, anthropic 2.13).
#[test]
fn a_delay_is_read_in_every_form() {
    let seconds = |number: f64| Some(Duration::from_secs_f64(number));
    let month = Some(Duration::from_secs(30 * 24 * 3600));
    type Headers = &'static [(&'static str, &'static str)];
    let cases: &[(Headers, Option<Duration>)] = &[
        (&[], None),
        (&[("retry-after-ms", "1500")], seconds(1.5)),
        (&[("retry-after-ms", "250"), ("retry-after", "9")], seconds(0.25)),
        (&[("retry-after-ms", "soon"), ("retry-after", "9")], seconds(9.0)),
        (&[("retry-after", "20")], seconds(20.0)),
        (&[("retry-after", "0.5")], seconds(0.5)),
        (&[("retry-after", "0")], None),
        (&[("retry-after", "-3")], None),
        (&[("retry-after", "NaN")], None),
        (&[("retry-after", "inf")], None),
        (&[("retry-after", "1e300")], month),
        (&[("retry-after", "tomorrow")], None),
        // RFC 9110, section 5.6.7: the three forms of a date, half a minute after the response came.
        (&[("retry-after", "Tue, 25 Nov 2025 00:00:30 GMT")], seconds(30.0)),
        (&[("retry-after", "Tuesday, 25-Nov-25 00:00:30 GMT")], seconds(30.0)),
        (&[("retry-after", "Tue Nov 25 00:00:30 2025")], seconds(30.0)),
        (&[("retry-after", "Tue, 25 Nov 2025 00:00:00 GMT")], None),
        (&[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")], None),
        // thoughtbot.com/blog/openai-rate-limits; community.openai.com/t/1268905; Azure's whole seconds: learn.microsoft.com/answers/questions/5625878.
        (&[("x-ratelimit-reset-requests", "1s"), ("x-ratelimit-reset-tokens", "6m0s")], seconds(360.0)),
        (&[("x-ratelimit-reset-requests", "12ms")], seconds(0.012)),
        (&[("x-ratelimit-reset-tokens", "1h2m3.5s")], seconds(3723.5)),
        (&[("x-ratelimit-reset-tokens", "7.66s")], seconds(7.66)),
        (&[("x-ratelimit-reset-tokens", "20")], seconds(20.0)),
        (&[("x-ratelimit-reset-tokens", "0")], None),
        (&[("x-ratelimit-reset-tokens", "soon"), ("x-ratelimit-reset-requests", "2s")], seconds(2.0)),
        (&[("x-ratelimit-reset-tokens", "1.s.2"), ("x-ratelimit-reset-requests", "s")], None),
        (
            &[
                ("x-ratelimit-reset-requests", "1s"),
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-tokens", "6m0s"),
                ("x-ratelimit-remaining-tokens", "149984"),
            ],
            seconds(1.0),
        ),
        (&[("retry-after", "3"), ("x-ratelimit-reset-requests", "1m")], seconds(3.0)),
    ];
    for (headers, expected) in cases {
        assert_eq!(delay::asked_for(&head_with(429, headers)), *expected, "{headers:?}");
    }
    assert_eq!(delay::asked_for(&head_with(503, &[("x-ratelimit-reset-requests", "1m")])), None);
}

#[test]
fn should_retry_overrules_the_status_but_not_a_hopeless_request() {
    let delayed = Retry::After(Some(Duration::from_secs(2)));
    let cases: [(u16, &str, &[u8], Retry); 7] = [
        (400, "true", b"{}", delayed),
        (500, "false", b"{}", Retry::Never),
        (429, "false", b"{}", Retry::Never),
        (500, "perhaps", b"{}", delayed),
        (307, "true", b"{}", Retry::Never),
        (429, "true", recorded!("openai_error_quota.json"), Retry::Never),
        (400, "true", recorded!("openai_error_context.json"), Retry::Never),
    ];
    for (status, value, body, retry) in cases {
        let head = head_with(status, &[("x-should-retry", value), ("retry-after", "2")]);
        let failure = Provider::openai("k").protocol().reply(&head, body).unwrap_err();
        assert_eq!(failure.retry, retry, "{status} {value}");
    }
}

#[test]
fn a_refused_parameter_is_told_by_the_words_a_complaint_begins_with() {
    let cases = [
        (
            "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
            Some(Parameter::Temperature),
        ),
        ("Unsupported parameter: 'seed' is not supported with this model.", Some(Parameter::Seed)),
        // github.com/Mixpeal/anthropic-sdk/issues/11, github.com/altic-dev/FluidVoice/issues/285, github.com/ttlequals0/MinusPod/releases/tag/v2.101.10.
        ("`temperature` is deprecated for this model.", Some(Parameter::Temperature)),
        ("temperature is deprecated for this model.", Some(Parameter::Temperature)),
        ("temperature: Extra inputs are not permitted", Some(Parameter::Temperature)),
        ("temperatures: Extra inputs are not permitted", None),
        ("temperature: must be at most 2", None),
        ("messages: temperature is not supported", None),
        ("'response_format' is not supported", None),
        ("", None),
    ];
    for (message, parameter) in cases {
        assert_eq!(response::refused_parameter(message), parameter, "{message}");
    }
}

#[test]
fn what_goes_into_records_is_short_and_printable() {
    assert_eq!(response::label(Some(" gpt-5 ")), Some("gpt-5".into()));
    for bad in ["", "  ", "a\nb", "a\u{0}b", &"x".repeat(201)] {
        assert_eq!(response::label(Some(bad)), None);
    }
    assert_eq!(response::label(None), None);
}

#[test]
fn a_failure_repeats_nothing_of_the_server() {
    let body = br#"{"error":{"message":"sk-canary","type":"sk-canary","code":"sk-canary","status":"sk-canary","param":"sk-canary"}}"#;
    for (name, protocol) in protocols() {
        for status in [200, 302, 400, 401, 429, 500] {
            let failure = failed(protocol, status, body);
            assert!(!format!("{failure} {failure:?}").contains("canary"), "{name} {status}");
        }
    }
}
