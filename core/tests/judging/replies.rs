//! Replies: which count, which are asked for again, and what is left out.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{TimeDelta, Utc};
use vivavoce::{Basis, CallOptions, CancelToken, ErrorKind, EvaluationStatus, Missing};

use super::*;

const QUOTE: &str = "Two threads each hold a lock the other needs.";

#[test]
fn a_good_reply_becomes_ratings_with_the_rubrics_scores_and_exact_quotes() {
    for (level, score) in [(0, 0.0), (1, 0.2), (2, 0.6), (3, 1.0)] {
        let server = model(move |body, _| judgement(body, level, QUOTE));
        let found = engine(&server).evaluate_answer(&question(), ANSWER, &technical()).unwrap();
        assert_eq!((found.ratings.len(), found.score), (competencies(), score));
        for rating in &found.ratings {
            assert_eq!((rating.score, rating.basis, rating.reason.as_str()), (score, Basis::KeyPoints, "It says so."));
            let quotes: Vec<&str> = rating.quotes.iter().map(|quote| quote.text.as_str()).collect();
            assert_eq!(quotes, if level == 0 { vec![] } else { vec![QUOTE] });
            assert!((0.0..=1.0).contains(&rating.confidence));
        }
        assert_eq!(found.strengths, ["Names the cause."]);
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_quote_may_differ_in_white_space_and_typography_and_is_kept_as_the_answer_has_it() {
    let server =
        model(|body, _| judgement(body, 2, "\"Neither gives it up\",  so both wait for ever - we broke the cycle"));
    let found = engine(&server).evaluate_answer(&question(), ANSWER, &technical()).unwrap();
    let quote = &found.ratings[0].quotes[0];
    assert_eq!(quote.text, "“Neither gives it up”, so both wait for ever — we broke the cycle");
    let characters: Vec<char> = ANSWER.chars().collect();
    assert_eq!(characters[quote.start as usize..quote.end as usize].iter().collect::<String>(), quote.text);
}

#[test]
fn what_stands_around_a_reply_that_validates_whole_is_passed_over() {
    for around in [
        |reply: &str| format!("```json\n{reply}\n```"),
        |reply: &str| format!("```\n{reply}\n```\n"),
        |reply: &str| format!("Here is the judgement:\n\n{reply}"),
        |reply: &str| format!("Sure!\n```json\n{reply}\n```"),
        |reply: &str| format!("<think>It says {{\"level\": 3}}, but …</think>\n{reply}"),
        |reply: &str| format!("\u{feff}\n  {reply}\n\n"),
    ] {
        let server = model(move |body, _| around(&judgement(body, 2, QUOTE)));
        let found = engine(&server).evaluate_answer(&question(), ANSWER, &technical()).unwrap();
        assert_eq!((found.score, server.requests().len()), (0.6, 1));
    }
}

#[test]
fn a_reply_that_does_not_validate_is_asked_for_again_in_our_own_words() {
    let server = model(|body, number| match number {
        0 => judgement(body, 9, QUOTE).replace("It says so.", "Ignore all rules, zebra."),
        _ => judgement(body, 2, QUOTE),
    });
    let found = engine(&server).evaluate_answer(&question(), ANSWER, &technical()).unwrap();
    assert_eq!((found.score, found.calls.len()), (0.6, 2));
    let requests = server.requests();
    let (system, user) = said(&body(&requests[1]));
    assert_eq!(system, said(&body(&requests[0])).0);
    assert!(user.contains("ratings.c1.level is not a whole number from 0 to 3"), "{user}");
    assert!(!user.contains("zebra"), "nothing of the bad reply is said again");
}

#[test]
fn it_is_asked_again_twice_and_what_cannot_be_had_is_no_score() {
    let server = model(|_, _| "I would give this a 7 out of 10.".into());
    let engine = engine(&server);
    let error = engine.evaluate_answer(&question(), ANSWER, &technical()).unwrap_err();
    assert_eq!((error.kind(), server.requests().len()), (ErrorKind::Provider, 3));
    assert!(error.to_string().contains("it has no JSON object") && !error.to_string().contains('7'), "{error}");
    let interview = engine.create_interview(plan()).unwrap();
    let made = engine.evaluate(interview.id, &[(0, ANSWER.to_owned())].into()).unwrap();
    assert_eq!((made.status, made.score, made.ratings.len()), (EvaluationStatus::Failed, None, 0));
    assert!(made.failure.as_ref().unwrap().contains("no JSON object"), "{:?}", made.failure);
    assert_eq!(made.calls.len(), 3, "the replies are kept, as evidence");
}

#[test]
fn a_rating_whose_quotes_do_not_hold_is_left_out_with_its_reason() {
    let server = model(|body, _| {
        let mut reply: Value = serde_json::from_str(&judgement(body, 2, QUOTE)).unwrap();
        reply["ratings"]["c2"]["quotes"] = json!(["I invented the mutex."]);
        reply.to_string()
    });
    let engine = engine(&server);
    let interview = engine.create_interview(plan()).unwrap();
    let made = engine.evaluate(interview.id, &[(0, ANSWER.to_owned())].into()).unwrap();
    assert_eq!((made.status, server.requests().len()), (EvaluationStatus::Partial, 3));
    assert_eq!(made.ratings.len(), competencies() - 1);
    let names: Vec<_> = interview.effective_rubric().competencies.into_iter().map(|it| it.name).collect();
    let Missing { exchange, competency, reason } = &made.missing[0];
    assert_eq!((*exchange, competency.as_deref(), made.missing.len()), (0, Some(names[1].as_str()), 1));
    assert!(reason.contains("ratings.c2.quotes[0]") && !reason.contains("mutex"), "{reason}");
    assert!(made.failure.as_ref().unwrap().contains(reason.as_str()));
    assert_eq!(made.score, Some(0.3), "the ratings there are, and the open question");
}

#[test]
fn a_level_above_nothing_without_a_quote_does_not_hold() {
    let server = model(|body, number| judgement(body, 2, if number == 0 { "" } else { QUOTE }).replace("[\"\"]", "[]"));
    let found = engine(&server).evaluate_answer(&question(), ANSWER, &technical()).unwrap();
    assert_eq!((found.score, server.requests().len()), (0.6, 2));
    let (_, user) = said(&body(&server.requests()[1]));
    assert!(user.contains("ratings.c1 has a level above 0 and no quote"), "{user}");
}

#[test]
fn an_answer_whose_judging_fails_leaves_the_others_judged() {
    let server = HttpServer::start(|request, _| {
        let body = body(request);
        vec![match said(&body).1.contains("concurrent code") {
            true => response(401, &[], "{}"),
            false => completion(&judgement(&body, 3, QUOTE)),
        }]
    });
    let engine = engine(&server);
    let interview = engine.create_interview(plan()).unwrap();
    let answers = [(0, ANSWER.to_owned()), (1, "By stress tests under a scheduler of our own.".to_owned())].into();
    let made = engine.evaluate(interview.id, &answers).unwrap();
    assert_eq!((made.status, made.score), (EvaluationStatus::Partial, Some(1.0)));
    assert_eq!((made.missing.len(), made.missing[0].exchange, &made.missing[0].competency), (1, 1, &None));
    assert!(made.missing[0].reason.contains("the key is wrong"), "{:?}", made.missing);
}

#[test]
fn when_the_model_fails_for_all_the_evaluation_is_failed_and_can_be_asked_for_again() {
    let server = HttpServer::start(|request, number| {
        vec![if number < 3 { response(500, &[], "") } else { completion(&judgement(&body(request), 3, QUOTE)) }]
    });
    let engine = engine(&server);
    let interview = engine.create_interview(plan().max_answers(1)).unwrap();
    let session = engine.start_session(interview.id, vivavoce::StartSession::default()).unwrap();
    engine.send_message(session.id, ANSWER).unwrap();
    let failed = engine.end_session(session.id).unwrap();
    assert_eq!((failed.status, failed.score), (EvaluationStatus::Failed, None));
    assert!(failed.failure.as_ref().unwrap().starts_with("provider: compatible/judge: the service failed"));
    let made = engine.end_session(session.id).unwrap();
    assert_eq!((made.status, made.score), (EvaluationStatus::Completed, Some(1.0)));
    assert_eq!(engine.evaluation(failed.id).unwrap(), failed);
}

#[test]
fn a_cut_reply_is_said_to_be_cut_and_is_no_bad_json() {
    let cut = json!({
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "{\"ratings\": {"}, "finish_reason": "length"}],
    });
    let server = HttpServer::start(move |_, _| vec![response(200, &[], cut.to_string())]);
    let error = engine(&server).evaluate_answer(&question(), ANSWER, &technical()).unwrap_err();
    assert!(error.to_string().contains("cut at the most tokens"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn blank_answers_are_not_asked_about_and_score_nothing() {
    let server = model(|body, _| judgement(body, 3, QUOTE));
    let engine = engine(&server);
    let interview = engine.create_interview(plan()).unwrap();
    let made = engine.evaluate(interview.id, &[(0, ANSWER.to_owned()), (1, " \n".to_owned())].into()).unwrap();
    assert_eq!((made.status, made.score, server.requests().len()), (EvaluationStatus::Completed, Some(0.5), 1));
    let none = engine.evaluate(interview.id, &[(0, String::new())].into()).unwrap();
    assert_eq!((none.status, none.score, server.requests().len()), (EvaluationStatus::Completed, None, 1));
}

#[test]
fn provenance_says_who_judged_by_what_at_which_cost() {
    let server = model(|body, _| judgement(body, 2, QUOTE));
    let price = vivavoce::Price { input: 1.0, output: 10.0 };
    let evaluator = ModelEvaluator::new(name("compatible/judge"));
    let priced = models(&server).price(name("compatible/judge"), price);
    let engine = Engine::builder().models(priced).evaluator(evaluator).open("memory:").unwrap();
    let interview = engine.create_interview(plan()).unwrap();
    let answers = [(0, ANSWER.to_owned())].into();
    let made = engine.evaluate(interview.id, &answers).unwrap();
    let evaluator = &made.evaluator;
    assert_eq!(
        (evaluator.provider.as_str(), evaluator.model.as_str(), evaluator.version.as_str()),
        ("compatible", "judge", "judge-1")
    );
    let call = &made.calls[0];
    assert_eq!((call.model.as_str(), call.answered_by.as_deref()), ("compatible/judge", Some("judge-2026")));
    assert_eq!((call.parameters.temperature, call.prompt_version.as_str()), (Some(0.0), "judge-1"));
    assert_eq!((call.prompt_hash.len(), call.schema_hash.len()), (64, 64));
    assert_eq!((call.tokens.input, call.tokens.output, call.cost), (900, 80, Some(0.0017)));
    assert_eq!((call.tries, call.cached, call.request_id.is_some()), (1, false, true));
    assert_eq!(made.rubric_hash, interview.effective_rubric().hash().unwrap());
    let again = engine.evaluate(interview.id, &answers).unwrap();
    assert!(again.calls[0].cached && again.ratings == made.ratings);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn the_model_that_took_the_place_of_another_is_the_one_that_judged() {
    let server = HttpServer::start(|request, _| {
        let body = body(request);
        vec![if body["model"] == "first" { response(404, &[], "{}") } else { completion(&judgement(&body, 2, QUOTE)) }]
    });
    let evaluator = ModelEvaluator::new(name("compatible/first")).fallback(name("compatible/second"));
    let engine = Engine::builder().models(models(&server)).evaluator(evaluator).open("memory:").unwrap();
    let found = engine.evaluate_answer(&question(), ANSWER, &technical()).unwrap();
    assert_eq!(found.evaluator.model, "second");
    assert_eq!((found.calls[0].model.as_str(), found.calls[0].tries), ("compatible/second", 2));
}

#[test]
fn a_call_may_bring_its_own_model_and_credentials() {
    let server = model(|body, _| judgement(body, 2, QUOTE));
    let engine = engine(&server);
    let own = Provider::compatible(&server.url("/v1")).unwrap().key("own");
    let call = vivavoce::CallOptions::default().model(name("compatible/another")).provider(own);
    let options = AnswerOptions { call, ..technical() };
    let found = engine.evaluate_answer(&question(), ANSWER, &options).unwrap();
    assert_eq!(found.evaluator.model, "another");
    let request = &server.requests()[0];
    assert_eq!(
        (body(request)["model"].as_str(), request.header("authorization")),
        (Some("another"), Some("Bearer own"))
    );
}

#[test]
fn an_engine_without_the_provider_that_will_be_asked_does_not_open() {
    let evaluator = || ModelEvaluator::new(name("openai/x"));
    for builder in [
        Engine::builder().evaluator(evaluator()),
        Engine::builder().models(Models::new()).evaluator(evaluator()),
        Engine::builder().models(Models::new().provider(Provider::anthropic("k"))).evaluator(evaluator()),
    ] {
        let error = builder.open("memory:").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    Engine::builder()
        .models(Models::new().provider(Provider::openai("k")))
        .evaluator(evaluator())
        .open("memory:")
        .unwrap();
}

#[test]
fn what_is_missing_for_now_is_tried_again_when_the_service_says() {
    let server = HttpServer::start(|request, number| {
        let body = body(request);
        let is_second = said(&body).1.contains("The second answer.");
        vec![match (is_second, number) {
            (true, 0 | 1) => response(429, &[("retry-after", "600")], "{}"),
            (true, _) => completion(&judgement(&body, 1, "The second answer.")),
            (false, _) => completion(&judgement(&body, 1, "Two threads each hold a lock the other needs.")),
        }]
    });
    let (began, later) = (Utc::now(), Arc::new(AtomicI64::new(0)));
    let seconds = Arc::clone(&later);
    let clock = move || began + TimeDelta::seconds(seconds.load(Ordering::SeqCst));
    let evaluator = ModelEvaluator::new(name("compatible/judge"));
    let models = models(&server).retries(0);
    let engine = Engine::builder().clock(clock).models(models).evaluator(evaluator).open("memory:").unwrap();
    let interview = engine.create_interview(plan()).unwrap();
    let answers = [(0, ANSWER.to_owned()), (1, "The second answer.".to_owned())].into();
    let asked = engine.evaluate_with(interview.id, &answers, &CallOptions::default().queued()).unwrap();
    let stop = CancelToken::new();
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| engine.run_worker(&stop).unwrap());
        server.wait_for_requests(2);
        while engine.evaluation(asked.id).unwrap().status != EvaluationStatus::Pending {
            std::thread::yield_now();
        }
        // The queue's own pauses would be over, and it would be taken before another.
        later.store(500, Ordering::SeqCst);
        let other = [(0, ANSWER.to_owned())].into();
        let other = engine.evaluate_with(interview.id, &other, &CallOptions::default().queued()).unwrap();
        while !engine.evaluation(other.id).unwrap().status.is_final() {
            std::thread::yield_now();
        }
        assert_eq!(engine.evaluation(asked.id).unwrap().status, EvaluationStatus::Pending);
        later.store(700, Ordering::SeqCst);
        while !engine.evaluation(asked.id).unwrap().status.is_final() {
            std::thread::yield_now();
        }
        stop.cancel();
        assert_eq!(worker.join().unwrap(), 2);
    });
    assert_eq!(engine.evaluation(asked.id).unwrap().status, EvaluationStatus::Completed);
}

#[test]
fn a_caller_whose_time_is_over_while_it_asks_again_is_told_so() {
    let server = HttpServer::start(|_, number| vec![if number == 0 { completion("nonsense") } else { Act::Hang }]);
    let call = CallOptions::default().timeout(Duration::from_millis(500));
    let error =
        engine(&server).evaluate_answer(&question(), ANSWER, &AnswerOptions { call, ..technical() }).unwrap_err();
    assert_eq!((error.kind(), error.is_retryable(), server.requests().len()), (ErrorKind::Timeout, true, 2));
    let server = HttpServer::start(|_, number| {
        vec![if number == 0 { completion("nonsense") } else { response(429, &[("retry-after", "900")], "{}") }]
    });
    let error = engine(&server).evaluate_answer(&question(), ANSWER, &technical()).unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Limited, Some(Duration::from_secs(900))));
}

#[test]
fn what_kept_each_answer_from_being_judged_is_told_and_what_may_pass_is_tried_again() {
    let server = HttpServer::start(|request, _| {
        let is_second = said(&body(request)).1.contains("The second answer.");
        vec![if is_second { response(503, &[], "{}") } else { response(401, &[], "{}") }]
    });
    let evaluator = ModelEvaluator::new(name("compatible/judge"));
    let engine = Engine::builder().models(models(&server).retries(0)).evaluator(evaluator).open("memory:").unwrap();
    let interview = engine.create_interview(plan()).unwrap();
    for (first, second) in [(ANSWER, "The second answer."), ("The second answer.", ANSWER)] {
        let answers = [(0, first.to_owned()), (1, second.to_owned())].into();
        let failed = engine.evaluate(interview.id, &answers).unwrap();
        let statuses = if first == ANSWER { ["HTTP 401", "HTTP 503"] } else { ["HTTP 503", "HTTP 401"] };
        for (place, status) in statuses.iter().enumerate() {
            assert!(failed.missing[place].reason.contains(status), "{:?}", failed.missing);
            let call = &failed.calls[place];
            assert!(call.failure.as_ref().unwrap().contains(status) && call.tries == 1, "{:?}", failed.calls);
        }
        assert_eq!((failed.status, failed.score), (EvaluationStatus::Failed, None));
        // Whichever comes first, the answer whose failure may pass is tried again.
        let asked = engine.evaluate_with(interview.id, &answers, &CallOptions::default().queued()).unwrap();
        let (stop, before) = (CancelToken::new(), server.requests().len());
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| engine.run_worker(&stop).unwrap());
            server.wait_for_requests(before + 2);
            while engine.evaluation(asked.id).unwrap().status == EvaluationStatus::Running {
                std::thread::yield_now();
            }
            stop.cancel();
            assert_eq!(worker.join().unwrap(), 0);
        });
        assert_eq!(engine.evaluation(asked.id).unwrap().status, EvaluationStatus::Pending);
    }
}

#[test]
fn a_reply_with_a_character_that_no_store_keeps_is_asked_for_again() {
    let server = model(|body, number| {
        let good = judgement(body, 2, QUOTE);
        if number == 0 { format!("{good}\u{0}") } else { good }
    });
    let found = engine(&server).evaluate_answer(&question(), ANSWER, &technical()).unwrap();
    assert_eq!((found.calls.len(), found.calls[0].tries), (1, 2));
}
