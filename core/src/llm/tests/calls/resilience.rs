//! Retries, waiting, other models, the breaker, cancellation.

use std::sync::mpsc;

use super::*;
use crate::patience::CancelToken;

fn too_many(headers: &[(&str, &str)]) -> Act {
    response(429, headers, r#"{"error": {"message": "slow down", "type": "requests", "code": "rate_limit_exceeded"}}"#)
}

#[test]
fn each_way_of_saying_when_is_waited_for() {
    // Dates have whole seconds; the application's clock says 12:00:00.
    for (headers, least) in [
        (vec![("retry-after-ms", "150")], 150),
        (vec![("retry-after", "0.15")], 150),
        (vec![("retry-after", "1")], 1_000),
        (vec![("retry-after", "Wed, 25 Nov 2026 12:00:01 GMT")], 1_000),
        (vec![("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "150ms")], 150),
        (vec![("x-ratelimit-reset-tokens", "0.15s")], 150),
    ] {
        let sent = headers.clone();
        let server = HttpServer::start(move |_, number| vec![if number == 0 { too_many(&sent) } else { good() }]);
        let began = Instant::now();
        Call::default().ask(&client(models(&server))).unwrap();
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(least), "{headers:?}: {took:?}");
        assert!(took < Duration::from_millis(least + 900), "{headers:?}: {took:?}");
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn geminis_delay_is_waited_for() {
    let body = r#"{"error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED", "details": [
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.2s"}]}}"#;
    let good =
        r#"{"candidates": [{"content": {"parts": [{"text": "fine"}], "role": "model"}, "finishReason": "STOP"}]}"#;
    let server = HttpServer::start(move |_, number| {
        vec![if number == 0 { response(429, &[], body) } else { response(200, &[], good) }]
    });
    let provider = Provider::gemini("k").base_url(&server.url("/v1beta")).unwrap();
    let client = client(models(&server).provider(provider));
    let began = Instant::now();
    let call = Call { models: vec![name("gemini/m")], ..Call::default() };
    assert_eq!(call.ask(&client).unwrap().text, "fine");
    assert!(began.elapsed() >= Duration::from_millis(200));
}

#[test]
fn a_delay_beyond_the_deadline_is_not_waited_for_but_told() {
    let server = always(|| vec![too_many(&[("retry-after", "100")])]);
    let began = Instant::now();
    let error = told(Call::within(Duration::from_secs(10)).ask(&client(models(&server))));
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Limited, Some(Duration::from_secs(100))));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn retries_are_as_many_as_configured_and_pauses_double_with_chance() {
    for retries in [0, 1, 4] {
        let server = always(|| vec![response(500, &[], "")]);
        let models = models(&server).retries(retries).backoff(Duration::from_millis(20));
        let began = Instant::now();
        assert_eq!(kind(Call::default().ask(&client(models))), ErrorKind::Provider);
        assert_eq!(server.requests().len(), retries as usize + 1);
        // 20 + 40 + 80 + 160, each nearly whole by the test's own chance.
        let least = Duration::from_millis(20 * ((1 << retries) - 1)).mul_f64(0.9);
        assert!(began.elapsed() >= least, "{:?}", began.elapsed());
    }
}

#[test]
fn the_next_model_is_asked_where_one_fails_for_good_or_too_often() {
    for (status, requests) in [(401, 1), (404, 1), (400, 1), (500, 3), (429, 3)] {
        let server = HttpServer::start(move |request, _| {
            vec![if body(request)["model"] == "first" { response(status, &[], "{}") } else { good() }]
        });
        let call = Call { models: vec![name("compatible/first"), name("compatible/second")], ..Call::default() };
        let answer = call.ask(&client(models(&server))).unwrap();
        assert_eq!((answer.model, answer.answered_by.as_deref()), (name("compatible/second"), Some("m-1")), "{status}");
        assert_eq!((answer.tries as usize, server.requests().len()), (requests + 1, requests + 1), "{status}");
    }
}

#[test]
fn when_all_models_fail_each_is_told_of() {
    let server = HttpServer::start(|request, _| {
        vec![response(if body(request)["model"] == "first" { 401 } else { 500 }, &[], "{}")]
    });
    let call = Call { models: vec![name("compatible/first"), name("compatible/second")], ..Call::default() };
    let error = told(call.ask(&client(models(&server))));
    let text = error.to_string();
    assert!(text.contains("compatible/first: the key is wrong") && text.contains("compatible/second: "), "{text}");
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Provider, true));
}

#[test]
fn a_refusal_is_an_answer_and_no_other_model_is_asked() {
    let refused = r#"{"choices": [{"index": 0, "message": {"role": "assistant", "content": null, "refusal": "I can't."}, "finish_reason": "stop"}]}"#;
    let filtered = r#"{"choices": [{"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "content_filter"}]}"#;
    for body in [refused, filtered] {
        let server = always(move || vec![response(200, &[], body)]);
        let call = Call { models: vec![name("compatible/a"), name("compatible/b")], ..Call::default() };
        let error = told(call.ask(&client(models(&server))));
        assert_eq!((error.kind(), error.is_retryable(), server.requests().len()), (ErrorKind::Provider, false, 1));
    }
}

#[test]
fn a_cut_reply_is_said_to_be_cut() {
    let cut = r#"{"choices": [{"index": 0, "message": {"role": "assistant", "content": "{\"a"}, "finish_reason": "length"}]}"#;
    let server = always(move || vec![response(200, &[], cut)]);
    let error = told(Call::default().ask(&client(models(&server))));
    assert!(error.to_string().contains("cut at the most tokens"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_parameter_that_a_model_refuses_is_left_out_at_once_and_from_then_on() {
    let server = HttpServer::start(|request, _| {
        let refused = body(request).get("temperature").is_some();
        vec![match refused {
            true => response(
                400,
                &[],
                r#"{"error": {"message": "Unsupported value: 'temperature' does not support 0.5 with this model.",
                    "type": "invalid_request_error", "param": "temperature", "code": "unsupported_value"}}"#,
            ),
            false => good(),
        }]
    });
    let client = client(models(&server).retries(0));
    let answer = Call::default().ask(&client).unwrap();
    assert_eq!((answer.tries, answer.parameters.temperature, answer.parameters.seed), (2, None, Some(7)));
    assert_eq!(Call::default().ask(&client).unwrap().tries, 1);
    assert_eq!(server.requests().len(), 3);
    let other = Call { models: vec![name("compatible/other")], ..Call::default() };
    assert_eq!(other.ask(&client).unwrap().tries, 2, "what one model refuses, another may take");
}

#[test]
fn a_server_that_refuses_every_parameter_for_ever_is_not_asked_for_ever() {
    let server = always(|| {
        let body = r#"{"error": {"message": "Unsupported parameter: 'seed' is not supported.", "param": "seed", "code": "unsupported_parameter"}}"#;
        vec![response(400, &[], body)]
    });
    assert_eq!(kind(Call::default().ask(&client(models(&server)))), ErrorKind::Provider);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn after_failures_in_a_row_a_model_is_left_alone_and_another_is_asked_at_once() {
    let server = HttpServer::start(|request, _| {
        vec![if body(request)["model"] == "down" { response(500, &[], "") } else { good() }]
    });
    let client = client(models(&server).retries(0));
    let down = Call { models: vec![name("compatible/down")], ..Call::default() };
    for _ in 0..5 {
        assert_eq!(kind(down.ask(&client)), ErrorKind::Provider);
    }
    let error = told(down.ask(&client));
    assert_eq!(server.requests().len(), 5, "the sixth call made no request");
    assert!(error.is_retryable() && error.retry_after().is_some(), "{error:?}");
    let both = Call { models: vec![name("compatible/down"), name("compatible/up")], ..Call::default() };
    assert_eq!(both.ask(&client).unwrap().tries, 1);
}

#[test]
fn what_fails_under_one_credential_is_not_left_alone_under_another() {
    let server = HttpServer::start(|request, _| {
        vec![if request.header("authorization") == Some("Bearer bad") { response(500, &[], "") } else { good() }]
    });
    let client = client(models(&server).retries(0));
    let with = |key: &str| {
        let own = Provider::compatible(&server.url("/v1")).unwrap().key(key);
        Call { own: Some(own), ..Call::default() }
    };
    for _ in 0..6 {
        assert_eq!(kind(with("bad").ask(&client)), ErrorKind::Provider);
    }
    assert_eq!(server.requests().len(), 5);
    assert!(with("good").ask(&client).is_ok() && Call::default().ask(&client).is_ok());
}

#[test]
fn a_rate_is_kept_by_waiting_or_told_where_the_deadline_does_not_allow_it() {
    let server = always(|| vec![good()]);
    let limit = crate::RateLimit { requests: Some(120), tokens: None };
    let client = client(models(&server).rate_limit(name("compatible/m"), limit));
    let began = Instant::now();
    // What was saved up, and what comes in meanwhile: however slow the machine is.
    let is_within = |asked: usize| asked as f64 <= 120.0 + began.elapsed().as_secs_f64() * 2.0;
    let mut asked = 0;
    let error = loop {
        match Call::within(Duration::from_millis(50)).ask(&client) {
            Ok(_) => asked += 1,
            // The machine was slow; the call had its turn.
            Err(error) if error.kind() == ErrorKind::Timeout => asked += 1,
            Err(error) => break error,
        }
        assert!(is_within(asked));
    };
    assert_eq!(error.kind(), ErrorKind::Limited);
    assert!(asked >= 120 && server.requests().len() <= asked, "{asked}");
    assert!(error.retry_after().is_some_and(|delay| delay <= Duration::from_millis(500)), "{error:?}");
    for _ in 0..2 {
        Call::default().ask(&client).unwrap();
        asked += 1;
        assert!(is_within(asked), "it waited for its turn");
    }
}

#[test]
fn cancelling_ends_the_wait_within_a_tenth_of_a_second() {
    let server = always(|| vec![Act::Hang]);
    let client = client(models(&server));
    let took = (0..3)
        .map(|attempt| {
            let cancel = CancelToken::new();
            let patience = Patience { cancel: Some(cancel.clone()), ..Patience::default() };
            let call = Call { patience, ..Call::default() };
            std::thread::scope(|scope| {
                let asking = scope.spawn(|| kind(call.ask(&client)));
                server.wait_for_requests(attempt + 1);
                let cancelled = Instant::now();
                cancel.cancel();
                assert_eq!(asking.join().unwrap(), ErrorKind::Timeout);
                cancelled.elapsed()
            })
        })
        .min();
    assert!(took < Some(Duration::from_millis(100)), "{took:?}");
}

#[test]
fn a_call_that_nobody_waits_for_any_more_makes_no_further_attempts() {
    let (arrived, wait) = mpsc::channel();
    let (go_on, gate) = mpsc::channel::<()>();
    let (arrived, gate) = (Mutex::new(arrived), Mutex::new(gate));
    let server = HttpServer::start(move |_, _| {
        arrived.lock().send(()).unwrap();
        gate.lock().recv().unwrap();
        vec![response(500, &[], "")]
    });
    let client = client(models(&server).retries(5).backoff(Duration::from_millis(200)));
    let cancel = CancelToken::new();
    let call = Call { patience: Patience { cancel: Some(cancel.clone()), ..Patience::default() }, ..Call::default() };
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| kind(call.ask(&client)));
        wait.recv().unwrap();
        cancel.cancel();
        assert_eq!(asking.join().unwrap(), ErrorKind::Timeout);
    });
    go_on.send(()).unwrap();
    // Every other request would be announced.
    assert!(wait.recv_timeout(Duration::from_millis(600)).is_err());
    assert_eq!(server.requests().len(), 1);
}
