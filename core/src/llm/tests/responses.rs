//! OpenAI's Responses.

use serde_json::json;

use super::*;
use crate::llm::prompt::Parameter;

fn responses() -> &'static dyn Protocol {
    Provider::openai("k").responses().protocol()
}

#[test]
fn a_request_is_not_stored_and_has_no_seed() {
    let request = request(&Provider::openai("k").responses(), &prompt(), false);
    assert_eq!(request.url, "https://api.openai.com/v1/responses");
    let expected = json!({
        "model": "model-x",
        "instructions": "s",
        "input": [
            {"role": "user", "content": "u"},
            {"role": "assistant", "content": "m"},
            {"role": "user", "content": "v"},
        ],
        "max_output_tokens": 99,
        "temperature": 0.5,
        "text": {"format": {
            "type": "json_schema",
            "name": "Ev",
            "strict": true,
            "schema": {"type": "object", "properties": {"z": {"type": "integer"}, "a": {"type": "string"}}},
        }},
        "store": false,
        "stream": false,
    });
    assert_eq!(body(&request), expected);
    let sent = responses().parameters(prompt().parameters);
    assert_eq!(sent, Parameters { temperature: Some(0.5), seed: None });
}

#[test]
fn azure_has_responses_too() {
    let provider = Provider::azure("https://r.openai.azure.com", "az").unwrap().responses();
    let prompt = Prompt { system: String::new(), schema: None, ..prompt() };
    let request = request(&provider, &prompt, true);
    assert_eq!(request.url, "https://r.openai.azure.com/openai/v1/responses");
    let body = body(&request);
    assert_eq!((body.get("text"), body.get("instructions"), &body["stream"]), (None, None, &json!(true)));
}

/// openai-python, `test_output_text`: the live interface's answer.
#[test]
fn a_reply_is_read() {
    let reply = responses().reply(&head(200), recorded!("openai_responses.json")).unwrap();
    assert!(reply.text.starts_with("I can't provide real-time updates"));
    assert_eq!(reply.model.as_deref(), Some("gpt-4o-mini-2024-07-18"));
    assert_eq!(reply.request_id.as_deref(), Some("resp_689a0b2545288193953c892439b42e2800b2e36c65a1fd4b"));
    assert_eq!(reply.tokens, tokens(14, 50));
}

/// openai-python, `test_commentary_parsing.py`: what a model says on its way is no part of the reply, whole or streamed.
#[test]
fn commentary_is_left_out() {
    let reply = responses().reply(&head(200), recorded!("openai_responses_commentary.json")).unwrap();
    assert_eq!(reply.text, r#"{"answer":"final"}"#);
    let reply = streamed(responses(), recorded!("openai_responses_stream_commentary.txt")).unwrap();
    assert_eq!(reply.text, r#"{"answer":"final"}"#);
}

/// The official clients' contract, `websocket_scenarios.json`.
#[test]
fn streams_end_as_the_contract_says() {
    let reply = streamed(responses(), recorded!("openai_responses_stream.txt")).unwrap();
    assert_eq!((reply.text.as_str(), reply.request_id.as_deref()), ("Synthetic text", Some("resp_first")));
    let cases: [(&[u8], Failure); 4] = [
        (recorded!("openai_responses_stream_failed.txt"), passing(Cause::ServerError, None)),
        (recorded!("openai_responses_stream_incomplete.txt"), permanent(Cause::Truncated, None)),
        (recorded!("openai_responses_stream_error.txt"), permanent(Cause::BadRequest, None)),
        // It completes with an empty output: nothing was said.
        (recorded!("openai_responses_stream_unknown_event.txt"), passing(Cause::Unreadable, None)),
    ];
    for (stream, expected) in cases {
        assert_eq!(streamed(responses(), stream).unwrap_err(), expected);
    }
}

/// The states and codes are those of openai-python's `ResponseStatus`, `IncompleteDetails` and `ResponseError`; a flat error event is its `ResponseErrorEvent`.
#[test]
fn every_state_is_told_apart() {
    let message = |part: &str| {
        format!(
            r#""output":[{{"type":"reasoning","content":[{{"type":"reasoning_text","text":"t"}}]}},{{"type":"message","content":[{part}]}}]"#
        )
    };
    let text = message(r#"{"type":"output_text","text":"x"}"#);
    let cases = [
        (format!(r#"{{"status":"completed",{text}}}"#), None),
        (
            format!(r#"{{"status":"completed",{}}}"#, message(r#"{"type":"refusal","refusal":"no"}"#)),
            Some(Cause::Refused),
        ),
        (
            format!(r#"{{"status":"incomplete","incomplete_details":{{"reason":"max_output_tokens"}},{text}}}"#),
            Some(Cause::Truncated),
        ),
        (
            format!(r#"{{"status":"incomplete","incomplete_details":{{"reason":"content_filter"}},{text}}}"#),
            Some(Cause::Filtered),
        ),
        (format!(r#"{{"status":"incomplete","incomplete_details":null,{text}}}"#), Some(Cause::Unreadable)),
        (format!(r#"{{"status":"in_progress",{text}}}"#), Some(Cause::Unreadable)),
        (r#"{"status":"failed","error":{"code":"rate_limit_exceeded","message":""}}"#.into(), Some(Cause::RateLimited)),
        (r#"{"status":"failed","error":{"code":"invalid_prompt","message":""}}"#.into(), Some(Cause::Filtered)),
        (r#"{"status":"failed","error":null}"#.into(), Some(Cause::ServerError)),
        (r#"{"error":{"code":"server_error"}}"#.into(), Some(Cause::ServerError)),
    ];
    for (body, expected) in cases {
        let outcome = responses().reply(&head(200), body.as_bytes());
        assert_eq!(outcome.as_ref().err().map(|failure| failure.cause), expected, "{body}");
        let stream = format!("data: {{\"type\":\"response.completed\",\"response\":{body}}}\n\n");
        assert_eq!(streamed(responses(), stream.as_bytes()), outcome, "{body}");
    }
    let flat = "event: error\ndata: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"m\",\"param\":null,\"sequence_number\":1}\n\n";
    assert_eq!(streamed(responses(), flat.as_bytes()).unwrap_err(), passing(Cause::RateLimited, None));
    let named = "event: error\ndata: {\"code\":\"context_length_exceeded\"}\n\n";
    assert_eq!(streamed(responses(), named.as_bytes()).unwrap_err(), permanent(Cause::TooLong, None));
}

/// github.com/OpenHands/software-agent-sdk/issues/1837: here the code is null.
#[test]
fn a_refused_temperature_is_told_without_a_code() {
    let failure = failed(responses(), 400, recorded!("openai_error_temperature_responses.json"));
    assert_eq!(failure, permanent(Cause::Parameter(Parameter::Temperature), 400));
}
