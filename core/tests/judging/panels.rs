//! Panels of models, and one model sampled.

use std::num::NonZeroU32;

use vivavoce::{BuiltinEvaluator, EvaluationStatus, Panel, Parameters};

use super::*;

const QUOTE: &str = "cut stalls from 12 to 0 a week";

/// A server whose models are called by the level they give.
fn by_name() -> HttpServer {
    HttpServer::start(|request, _| {
        let body = body(request);
        vec![match body["model"].as_str().unwrap() {
            "down" => response(401, &[], "{}"),
            level => completion(&judgement(&body, level.parse().unwrap(), QUOTE)),
        }]
    })
}

fn judge(model: &str) -> ModelEvaluator {
    ModelEvaluator::new(name(&format!("compatible/{model}")))
}

fn evaluated(server: &HttpServer, panel: Panel) -> std::sync::Arc<vivavoce::Evaluation> {
    let engine = Engine::builder().models(models(server)).evaluator(panel).open("memory:").unwrap();
    let interview = engine.create_interview(plan()).unwrap();
    let made = engine.evaluate(interview.id, &[(0, ANSWER.to_owned())].into()).unwrap();
    assert_eq!(
        serde_json::to_string(&engine.replay(made.id).unwrap()).unwrap(),
        serde_json::to_string(&*made).unwrap()
    );
    made
}

#[test]
fn judges_are_combined_and_their_disagreement_is_for_a_person() {
    let server = by_name();
    let made = evaluated(&server, Panel::new(judge("1")).judge(judge("2")).judge(judge("3")));
    let rating = &made.ratings[0];
    assert_eq!((rating.score, rating.spread, rating.confidence), (0.6, Some(0.8), 0.2));
    assert!(made.needs_review.iter().any(|reason| reason.contains("do not agree")), "{:?}", made.needs_review);
    assert_eq!((made.status, made.calls.len()), (EvaluationStatus::Completed, 3));
    assert_eq!(
        made.calls.iter().map(|call| (call.judge, call.model.as_str())).collect::<Vec<_>>(),
        [(0, "compatible/1"), (1, "compatible/2"), (2, "compatible/3")]
    );
    let panel = made.evaluator.panel.as_ref().unwrap();
    assert_eq!(panel.judges.len(), 3);
}

#[test]
fn a_judge_that_is_down_is_missed_and_the_others_judge() {
    let server = by_name();
    let made = evaluated(&server, Panel::new(judge("down")).judge(judge("2")).judge(BuiltinEvaluator::new()));
    assert_eq!(made.status, EvaluationStatus::Completed);
    assert!(made.needs_review.iter().any(|reason| reason.contains("not all judges")), "{:?}", made.needs_review);
    let absent = made.calls.iter().find(|call| call.judge == 0).unwrap();
    assert!(absent.failure.as_ref().unwrap().contains("HTTP 401"), "{:?}", absent.failure);
    // Two of three cannot be as sure as three.
    assert!(made.ratings.iter().all(|rating| rating.confidence <= 0.6667), "{:?}", made.ratings);
}

#[test]
fn a_panel_whose_judges_are_all_down_fails_with_the_reason_of_each() {
    let server = by_name();
    let made = evaluated(&server, Panel::new(judge("down")).judge(judge("down")));
    assert_eq!((made.status, made.score, made.calls.len()), (EvaluationStatus::Failed, None, 2));
    assert!(made.failure.as_ref().unwrap().starts_with("provider: compatible/down: "), "{:?}", made.failure);
}

#[test]
fn one_judge_is_sampled_with_other_seeds_and_nothing_of_the_cache() {
    let server = by_name();
    let parameters = Parameters { temperature: Some(0.8), seed: Some(40) };
    let panel = Panel::sampled(judge("2").parameters(parameters), NonZeroU32::new(4).unwrap());
    let made = evaluated(&server, panel);
    assert_eq!(made.ratings[0].spread, Some(0.0));
    let mut seeds: Vec<u64> = server.requests().iter().map(|it| body(it)["seed"].as_u64().unwrap()).collect();
    seeds.sort_unstable();
    assert_eq!(seeds, [40, 41, 42, 43]);
    assert!(made.calls.iter().all(|call| !call.cached));
}
