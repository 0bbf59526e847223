//! Google's Gemini.

use std::time::Duration;

use serde_json::json;

use super::*;

fn gemini() -> &'static dyn Protocol {
    Provider::gemini("k").protocol()
}

#[test]
fn a_request_keeps_the_key_out_of_the_address() {
    let provider = Provider::gemini("goog-1");
    let whole = request(&provider, &prompt(), false);
    assert_eq!(whole.url, "https://generativelanguage.googleapis.com/v1beta/models/model-x:generateContent");
    assert_eq!(header(&whole, "x-goog-api-key").as_deref(), Some("goog-1"));
    let expected = json!({
        "contents": [
            {"role": "user", "parts": [{"text": "u"}]},
            {"role": "model", "parts": [{"text": "m"}]},
            {"role": "user", "parts": [{"text": "v"}]},
        ],
        "systemInstruction": {"role": "user", "parts": [{"text": "s"}]},
        "generationConfig": {
            "maxOutputTokens": 99,
            "temperature": 0.5,
            "seed": 7,
            "responseMimeType": "application/json",
            "responseJsonSchema": {"type": "object", "properties": {"z": {"type": "integer"}, "a": {"type": "string"}}},
        },
    });
    assert_eq!(body(&whole), expected);
    let stream = request(&provider, &prompt(), true);
    assert!(stream.url.ends_with("/models/model-x:streamGenerateContent?alt=sse"), "{}", stream.url);
    assert!(!format!("{whole:?} {stream:?}").contains("goog-1"));
}

#[test]
fn a_qualified_model_is_taken_as_it_is() {
    let provider = Provider::gemini("k");
    for model in ["models/m", "tunedModels/m"] {
        let url = gemini().request(&provider, model, &prompt(), false).url;
        assert_eq!(url, format!("https://generativelanguage.googleapis.com/v1beta/{model}:generateContent"));
    }
}

/// google/ai/generativelanguage/v1beta/generative_service.proto: a seed is an int32.
#[test]
fn a_large_seed_becomes_the_signed_number_of_the_same_bits() {
    let prompt = Prompt {
        system: String::new(),
        schema: None,
        parameters: Parameters { temperature: None, seed: Some(u32::MAX) },
        ..prompt()
    };
    let body = body(&request(&Provider::gemini("k"), &prompt, false));
    assert_eq!(body["generationConfig"], json!({"maxOutputTokens": 99, "seed": -1}));
    assert!(body.get("systemInstruction").is_none());
}

/// firebase.google.com/docs/ai-logic: what Gemini 3 answered.
#[test]
fn a_reply_counts_thoughts_as_output() {
    let reply = gemini().reply(&head(200), recorded!("gemini.json")).unwrap();
    assert_eq!((reply.text.as_str(), reply.tokens), ("**TOTAL DUE:** **$1,598.40**", tokens(34, 856)));
    assert_eq!(reply.model.as_deref(), Some("gemini-3-flash-preview"));
    assert_eq!(reply.request_id.as_deref(), Some("3w4Vad6yF-y1vdIP_q_zgAw"));
}

#[test]
fn thoughts_are_left_out_and_pieces_put_together() {
    let stream = concat!(
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hm\",\"thought\":true},{\"text\":\"{\\\"a\\\":\"}],\"role\":\"model\"},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":5}}\r\n\r\n",
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"1}\"}]},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":5,\"candidatesTokenCount\":3,\"thoughtsTokenCount\":2},\"responseId\":\"r\"}\r\n\r\n",
    );
    let reply = streamed(gemini(), stream.as_bytes()).unwrap();
    assert_eq!((reply.text.as_str(), reply.tokens), (r#"{"a":1}"#, tokens(5, 5)));
    assert_eq!(streamed(gemini(), &stream.as_bytes()[..stream.len() - 2]).unwrap_err(), passing(Cause::Broken, None));
}

/// The reasons are google-genai 3.6's `FinishReason` and `BlockedReason`.
#[test]
fn the_end_of_a_reply_says_what_it_is_worth() {
    let filtered = Some(permanent(Cause::Filtered, None));
    let mut cases = vec![
        ("STOP", None),
        ("MAX_TOKENS", Some(permanent(Cause::Truncated, None))),
        ("CONTINUATION", Some(permanent(Cause::Truncated, None))),
        ("OTHER", Some(passing(Cause::Unreadable, None))),
        ("MALFORMED_RESPONSE", Some(passing(Cause::Unreadable, None))),
    ];
    let reasons = ["SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "ESCALATION"];
    cases.extend(reasons.map(|reason| (reason, filtered.clone())));
    for (reason, expected) in cases {
        let body =
            format!(r#"{{"candidates":[{{"content":{{"parts":[{{"text":"x"}}]}},"finishReason":"{reason}"}}]}}"#);
        assert_eq!(gemini().reply(&head(200), body.as_bytes()).err(), expected, "{reason}");
        assert_eq!(streamed(gemini(), format!("data: {body}\n\n").as_bytes()).err(), expected, "{reason}");
    }
    for reason in ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "JAILBREAK"] {
        let body = format!(
            r#"{{"promptFeedback":{{"blockReason":"{reason}"}},"usageMetadata":{{"promptTokenCount":638,"totalTokenCount":638}}}}"#
        );
        assert_eq!(gemini().reply(&head(200), body.as_bytes()).err(), filtered, "{reason}");
        assert_eq!(streamed(gemini(), format!("data: {body}\n\n").as_bytes()).err(), filtered, "{reason}");
    }
}

#[test]
fn errors_are_told_apart_and_delays_are_in_their_details() {
    let delayed = |cause, status: Option<u16>, seconds| Failure {
        cause,
        status,
        retry: Retry::After(Some(Duration::from_secs_f64(seconds))),
    };
    let quota = recorded!("gemini_error_quota.json");
    assert_eq!(failed(gemini(), 429, quota), delayed(Cause::RateLimited, Some(429), 22.0));
    let fraction = String::from_utf8_lossy(quota).replace("22s", "45.8s");
    assert_eq!(failed(gemini(), 429, fraction.as_bytes()), delayed(Cause::RateLimited, Some(429), 45.8));
    let head = head_with(429, &[("retry-after", "5")]);
    assert_eq!(gemini().reply(&head, quota).unwrap_err(), delayed(Cause::RateLimited, Some(429), 5.0));
    let cases: [(u16, &[u8], Failure); 4] = [
        (400, recorded!("gemini_error_too_long.json"), permanent(Cause::TooLong, 400)),
        (400, recorded!("gemini_error_key.json"), permanent(Cause::Unauthorized, 400)),
        (429, recorded!("gemini_error_overloaded_in_array.json"), passing(Cause::RateLimited, 429)),
        (503, br#"{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}"#, passing(Cause::Overloaded, 503)),
    ];
    for (status, body, expected) in cases {
        assert_eq!(failed(gemini(), status, body), expected, "{}", String::from_utf8_lossy(body));
    }
    let line = String::from_utf8_lossy(quota).replace('\n', "");
    let stream = format!("data: {line}\n\n");
    assert_eq!(streamed(gemini(), stream.as_bytes()).unwrap_err(), delayed(Cause::RateLimited, None, 22.0));
}
