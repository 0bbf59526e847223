//! The models, the interviewer and the evaluator as one document.

use vivavoce::{CallOptions, ErrorKind, Settings, StartSession};

use super::*;

fn opened(settings: &str) -> vivavoce::Result<Engine> {
    Engine::builder().settings(vivavoce::from_json::<Settings>("settings", settings)?)?.open("memory:")
}

#[test]
fn a_document_says_who_speaks_who_judges_and_which_models_they_ask() {
    let server = model(|body, _| match body.get("response_format") {
        Some(_) => judgement(body, 4, "Neither gives it up"),
        None => "Thank you, that is clear.".to_owned(),
    });
    let document = json!({
        "models": {
            "providers": [{"kind": "compatible", "base_url": server.url("/v1"), "key": "a key"}],
            "retries": 1, "backoff_ms": 1, "timeout_ms": 20_000, "connect_timeout_ms": 5_000, "read_timeout_ms": 5_000,
            "rate_limits": {"compatible/judge": {"requests": 1_000}},
            "prices": {"compatible/judge": {"input": 1.0, "output": 2.0}, "compatible/talk": {"input": 0, "output": 0}},
            "tenant_budget": {"money": 5.0, "period": "month"},
            "cache_bytes": 0, "cache_age_ms": 1_000,
        },
        "interviewer": {"kind": "conversational", "models": ["compatible/talk"], "parameters": {"temperature": 0.2}},
        "evaluator": {
            "kind": "panel", "combine": "mean", "disagreement": 1,
            "judges": [{"kind": "model", "models": ["compatible/judge"], "max_tokens": 777}, {"kind": "builtin"}],
        },
    });
    let engine = opened(&document.to_string()).unwrap();
    let plan = NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlock?").question("And then?");
    let session = engine.start_session(engine.create_interview(plan).unwrap().id, StartSession::default()).unwrap();
    let turn = engine.send_message(session.id, ANSWER).unwrap();
    assert!(turn.reply.content.starts_with("Thank you, that is clear."));
    let evaluation = engine.end_session(session.id).unwrap();
    let panel = evaluation.evaluator.panel.as_ref().unwrap();
    assert_eq!(panel.judges.len(), 2);
    assert_eq!((panel.combine, panel.disagreement), (vivavoce::Combine::Mean, 1.0));
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.header("authorization") == Some("Bearer a key")));
    let asked: Vec<Value> = requests.iter().map(body).collect();
    assert_eq!((&asked[0]["model"], &asked[0]["temperature"]), (&json!("talk"), &json!(0.2)));
    let judge = asked.iter().find(|body| body["model"] == "judge").unwrap();
    assert_eq!((&judge["max_tokens"], &judge["temperature"]), (&json!(777), &json!(0.0)));
    assert!(engine.spent().unwrap().money > 0.0);
}

#[test]
fn a_document_that_cannot_be_meant_is_refused_and_no_key_is_told() {
    let compatible = r#"{"kind": "compatible", "base_url": "http://127.0.0.1:9/v1"}"#;
    for (settings, said) in [
        (
            r#"{"model": {}}"#.into(),
            "settings has a field that is not known: expected one of `models`, `interviewer`, `evaluator`",
        ),
        (r#"{"models": {}}"#.into(), "missing field `providers`"),
        (
            r#"{"models": {"providers": [{"kind": "canary"}]}}"#.into(),
            "unknown model provider: known are openai, azure",
        ),
        (r#"{"models": {"providers": [{"kind": "openai"}]}}"#.into(), "provider `openai` needs a key"),
        (r#"{"models": {"providers": [{"kind": "openai", "key": 5}]}}"#.into(), "expected a string"),
        (
            r#"{"models": {"providers": [{"kind": "openai", "kee": "canary"}]}}"#.into(),
            "a field that is not known: expected one of `kind`, `key`",
        ),
        (r#"{"models": {"providers": [{"kind": "openai", "key": ["canary"]}]}}"#.into(), "expected a string"),
        (
            r#"{"models": {"providers": [{"kind": "azure", "key": "canary"}]}}"#.into(),
            "provider `azure` needs a base_url",
        ),
        (
            r#"{"models": {"providers": [{"kind": "gemini", "key": "canary", "responses": true}]}}"#.into(),
            "provider `gemini` has no `responses`",
        ),
        (
            r#"{"models": {"providers": [{"kind": "openai", "key": "canary", "x_api_key": true}]}}"#.into(),
            "provider `openai` has no `x_api_key`",
        ),
        (
            r#"{"models": {"providers": [{"kind": "openai", "key": "canary", "base_url": "canary"}]}}"#.into(),
            "a provider's base URL is neither https nor http",
        ),
        (
            format!(r#"{{"models": {{"providers": [{compatible}, {compatible}]}}}}"#),
            "provider `compatible` is there twice",
        ),
        (r#"{"models": {"providers": [], "timeout_ms": 0}}"#.into(), "a time-out for language models is zero"),
        (
            r#"{"models": {"providers": [], "budget": {"money": -1}}}"#.into(),
            "the engine's budget is not within 0 and a billion",
        ),
        (r#"{"evaluator": {"kind": "model", "models": []}}"#.into(), "`models` has at least one"),
        (r#"{"evaluator": {"kind": "model", "models": ["canary"]}}"#.into(), "a model is named provider/model"),
        (
            r#"{"evaluator": {"kind": "model", "models": ["openai/m"]}}"#.into(),
            "openai/m is to be asked, and the engine has no models",
        ),
        (
            r#"{"evaluator": {"kind": "model", "models": ["openai/m"], "temperature": 1}}"#.into(),
            "expected one of `models`, `parameters`, `max_tokens`",
        ),
        (r#"{"models": {"providers": [{"kind": "ollama"}], "tenant_budget": {"money": 1}}, "evaluator": {"kind": "model", "models": ["ollama/m"]}}"#.into(), "ollama/m has no price, which a budget in money needs"),
        (r#"{"evaluator": {"kind": "panel", "judges": []}}"#.into(), "a panel has at least one judge"),
        (
            r#"{"evaluator": {"kind": "panel", "judges": [{"kind": "panel", "judges": []}]}}"#.into(),
            "expected `builtin` or `model`",
        ),
        (
            r#"{"evaluator": {"kind": "panel", "judges": [{"kind": "builtin"}], "disagreement": 2}}"#.into(),
            "within 0 and 1",
        ),
        (r#"{"evaluator": {"kind": "builtin", "canary": 1}}"#.into(), "a field that is not known"),
        (
            r#"{"interviewer": {"kind": "conversational", "models": ["anthropic/m"]}, "models": {"providers": []}}"#
                .into(),
            "the engine has no provider `anthropic`",
        ),
    ] {
        let settings: String = settings;
        let error = opened(&settings).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{settings}");
        let text = error.to_string();
        assert!(text.contains(said) && !text.contains("canary"), "{settings}: {text}");
    }
}

#[test]
fn a_document_can_bring_the_credentials_of_one_call() {
    let provider: Provider = vivavoce::from_json(
        "provider",
        r#"{"kind": "anthropic", "key": "k", "x_api_key": true, "base_url": "https://gateway.example"}"#,
    )
    .unwrap();
    assert_eq!(provider, Provider::anthropic("k").x_api_key().base_url("https://gateway.example").unwrap());
    assert_eq!(CallOptions::default().provider(provider.clone()).provider, Some(provider));
}
