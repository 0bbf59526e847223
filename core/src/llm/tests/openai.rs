//! Chat completions: OpenAI's, Azure's and those of compatible servers.

use serde_json::json;

use super::*;
use crate::llm::prompt::Parameter;

fn chat() -> &'static dyn Protocol {
    Provider::openai("k").protocol()
}

#[test]
fn a_request_has_the_schema_in_its_own_order() {
    let provider = Provider::openai("sk-1");
    let request = request(&provider, &prompt(), false);
    assert_eq!(request.url, "https://api.openai.com/v1/chat/completions");
    assert_eq!(header(&request, "authorization").as_deref(), Some("Bearer sk-1"));
    let expected = json!({
        "model": "model-x",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "u"},
            {"role": "assistant", "content": "m"},
            {"role": "user", "content": "v"},
        ],
        "max_completion_tokens": 99,
        "temperature": 0.5,
        "seed": 7,
        "response_format": {"type": "json_schema", "json_schema": {
            "name": "Ev",
            "strict": true,
            "schema": {"type": "object", "properties": {"z": {"type": "integer"}, "a": {"type": "string"}}},
        }},
        "stream": false,
    });
    assert_eq!(body(&request), expected);
    let text = String::from_utf8(request.body.0).unwrap();
    assert!(text.find(r#""z""#) < text.find(r#""a""#), "{text}");
}

#[test]
fn what_a_prompt_leaves_out_is_not_sent() {
    let prompt = Prompt { system: String::new(), schema: None, parameters: Parameters::default(), ..prompt() };
    let body = body(&request(&Provider::openai("k"), &prompt, true));
    for field in ["response_format", "temperature", "seed", "max_tokens"] {
        assert!(body.get(field).is_none(), "{field}");
    }
    assert_eq!(body["messages"][0]["role"], "user");
    assert_eq!((&body["stream"], &body["stream_options"]), (&json!(true), &json!({"include_usage": true})));
}

#[test]
fn azure_has_its_own_address_and_key_header() {
    let provider = Provider::azure("https://r.openai.azure.com", "az-1").unwrap();
    let request = request(&provider, &prompt(), false);
    assert_eq!(request.url, "https://r.openai.azure.com/openai/v1/chat/completions");
    assert_eq!((header(&request, "api-key").as_deref(), header(&request, "authorization")), (Some("az-1"), None));
    assert_eq!(body(&request)["max_completion_tokens"], 99);
}

#[test]
fn a_compatible_server_gets_the_older_limit_and_no_authorization_without_a_key() {
    let provider = Provider::compatible("http://127.0.0.1:8080/v1").unwrap();
    let request = request(&provider, &prompt(), false);
    assert_eq!(request.url, "http://127.0.0.1:8080/v1/chat/completions");
    assert!(["authorization", "api-key"].iter().all(|name| header(&request, name).is_none()));
    let body = body(&request);
    assert_eq!((&body["max_tokens"], body.get("max_completion_tokens")), (&json!(99), None));
    // The schema is where OpenAI has it: llama.cpp reads `json_schema.schema`, too.
    assert!(body["response_format"]["json_schema"]["schema"].is_object());
    let with_key = super::request(&provider.key("k2"), &prompt(), false);
    assert_eq!(header(&with_key, "authorization").as_deref(), Some("Bearer k2"));
}

/// openai-python, `test_parse_pydantic_model`: the live interface's answer.
#[test]
fn a_reply_is_read() {
    let head = head_with(200, &[("x-request-id", "req_1")]);
    let reply = chat().reply(&head, recorded!("openai_chat.json")).unwrap();
    assert_eq!(reply.text, r#"{"city":"San Francisco","temperature":65,"units":"f"}"#);
    assert_eq!(reply.model.as_deref(), Some("gpt-4o-2024-08-06"));
    assert_eq!(reply.request_id.as_deref(), Some("req_1"));
    assert_eq!(reply.tokens, tokens(79, 14));
    let without_header = chat().reply(&super::head(200), recorded!("openai_chat.json")).unwrap();
    assert_eq!(without_header.request_id.as_deref(), Some("chatcmpl-ABfvbtVnTu5DeC4EFnRYj8mtfOM99"));
}

/// openai-python: `test_parse_max_tokens_reached`, `test_parse_pydantic_model_refusal`, `test_parse_pydantic_tool`, and their streams.
#[test]
fn a_reply_that_is_cut_refused_or_a_call_is_no_reply() {
    assert_eq!(failed(chat(), 200, recorded!("openai_chat_length.json")), permanent(Cause::Truncated, None));
    assert_eq!(failed(chat(), 200, recorded!("openai_chat_refusal.json")), permanent(Cause::Refused, None));
    assert_eq!(failed(chat(), 200, recorded!("openai_chat_tool_call.json")), passing(Cause::Unreadable, None));
    let stream = |bytes| streamed(chat(), bytes).unwrap_err();
    assert_eq!(stream(recorded!("openai_chat_stream_length.txt")), permanent(Cause::Truncated, None));
    assert_eq!(stream(recorded!("openai_chat_stream_refusal.txt")), permanent(Cause::Refused, None));
}

/// The ends that the official client knows (`ChatCompletion.finish_reason`), and those of servers of open models.
#[test]
fn the_end_of_a_reply_says_what_it_is_worth() {
    let reply = |finish: &str, content: &str| {
        let body = format!(
            r#"{{"choices":[{{"index":0,"message":{{"content":{content}}},"finish_reason":{finish}}}],"usage":null,"x_groq":{{"id":"req_x"}}}}"#
        );
        chat()
            .reply(&head(200), body.as_bytes())
            .map(|reply| (reply.text, reply.tokens))
            .map_err(|failure| failure.cause)
    };
    for finish in ["stop", "eos", "eos_token", "stop_sequence"] {
        assert_eq!(reply(&format!("\"{finish}\""), "\"x\""), Ok(("x".into(), tokens(0, 0))), "{finish}");
    }
    assert_eq!(reply("\"content_filter\"", "null"), Err(Cause::Filtered));
    assert_eq!(reply("\"length\"", "null"), Err(Cause::Truncated));
    for (finish, content) in [("null", "\"x\""), ("\"error\"", "\"x\""), ("\"stop\"", "null"), ("\"stop\"", "\" \\n\"")]
    {
        assert_eq!(reply(finish, content), Err(Cause::Unreadable), "{finish} {content}");
    }
}

/// openai-python, `.inline-snapshot/external/15ae68f7….bin`: the live interface's stream.
#[test]
fn a_stream_is_put_together() {
    let reply = streamed(chat(), recorded!("openai_chat_stream.txt")).unwrap();
    assert_eq!(reply.text, r#"{"city":"San Francisco","temperature":68,"units":"f"}"#);
    assert_eq!(reply.model.as_deref(), Some("gpt-4o-2024-08-06"));
    assert_eq!(reply.request_id.as_deref(), Some("chatcmpl-9tXji2y8kKxlOO3muVvfdJ7ECJVlD"));
    assert_eq!(reply.tokens, tokens(17, 14));
}

#[test]
fn only_the_first_choice_is_read() {
    let body = br#"{"choices":[{"index":1,"message":{"content":"b"},"finish_reason":"length"},{"index":0,"message":{"content":"a"},"finish_reason":"stop"}]}"#;
    assert_eq!(chat().reply(&head(200), body).unwrap().text, "a");
}

#[test]
fn errors_are_told_apart() {
    let cases: [(u16, &[u8], Failure); 13] = [
        (429, recorded!("openai_error_quota.json"), permanent(Cause::QuotaExhausted, 429)),
        (400, recorded!("openai_error_temperature.json"), permanent(Cause::Parameter(Parameter::Temperature), 400)),
        (
            400,
            recorded!("openai_error_temperature_parameter.json"),
            permanent(Cause::Parameter(Parameter::Temperature), 400),
        ),
        (
            400,
            recorded!("openai_error_temperature_responses.json"),
            permanent(Cause::Parameter(Parameter::Temperature), 400),
        ),
        (400, recorded!("openai_error_context.json"), permanent(Cause::TooLong, 400)),
        (400, recorded!("azure_error_content_filter.json"), permanent(Cause::Filtered, 400)),
        (400, recorded!("litellm_error_content_filter.json"), permanent(Cause::Filtered, 400)),
        (400, recorded!("llamacpp_error_context.json"), permanent(Cause::TooLong, 400)),
        (500, recorded!("llamacpp_error_context_500.json"), permanent(Cause::TooLong, 500)),
        (503, recorded!("llamacpp_error_loading.json"), passing(Cause::Overloaded, 503)),
        (400, recorded!("vllm_error_context_flat.json"), permanent(Cause::TooLong, 400)),
        // The error types of openai-python's `APIError`: any field may be missing.
        (
            400,
            br#"{"error":{"message":"no","param":"temperature","code":"decimal_above_max_value"}}"#,
            permanent(Cause::BadRequest, 400),
        ),
        (
            401,
            br#"{"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}}"#,
            permanent(Cause::Unauthorized, 401),
        ),
    ];
    for (status, body, expected) in cases {
        assert_eq!(failed(chat(), status, body), expected, "{}", String::from_utf8_lossy(body));
    }
}

/// Gateways that answer 200 (github.com/oobabooga/textgen/issues/7257), and errors within a stream (openai 3.57, `_streaming.py`: an `error` in any event).
#[test]
fn an_error_may_come_with_a_success() {
    let cases: [(&[u8], Failure); 5] = [
        (recorded!("llamacpp_error_context.json"), permanent(Cause::TooLong, None)),
        (recorded!("llamacpp_error_loading.json"), passing(Cause::Overloaded, None)),
        (recorded!("vllm_error_context_flat.json"), permanent(Cause::TooLong, None)),
        (br#"{"error":{"message":"overloaded","code":"429"},"choices":[]}"#, passing(Cause::RateLimited, None)),
        (br#"{"error":"down for a while"}"#, passing(Cause::ServerError, None)),
    ];
    for (document, expected) in cases {
        assert_eq!(failed(chat(), 200, document), expected);
        let line = String::from_utf8_lossy(document).replace('\n', "");
        let stream =
            format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"x\"}}}}]}}\n\ndata: {line}\n\ndata: [DONE]\n\n");
        assert_eq!(streamed(chat(), stream.as_bytes()).unwrap_err(), expected);
    }
}

#[test]
fn azures_empty_first_choices_are_no_failure() {
    let stream = concat!(
        "data: {\"choices\":[],\"prompt_filter_results\":[{\"prompt_index\":0}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
        "data: [DONE]\n\n"
    );
    assert_eq!(streamed(chat(), stream.as_bytes()).unwrap().text, "a");
}
