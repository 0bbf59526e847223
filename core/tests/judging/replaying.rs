//! Judging again from the stored replies, with no network.

use vivavoce::{EvaluationStatus, Override};

use super::*;

const QUOTE: &str = "Two threads each hold a lock the other needs.";

#[test]
fn a_replay_is_the_same_byte_for_byte_and_asks_nobody() {
    let wrong = |body: &Value| {
        let mut reply: Value = serde_json::from_str(&judgement(body, 3, QUOTE)).unwrap();
        reply["ratings"]["c1"]["quotes"] = json!(["never said"]);
        reply.to_string()
    };
    type Says = fn(&Value, usize) -> String;
    let cases: [(&str, Says, EvaluationStatus); 4] = [
        ("completed", |body, _| judgement(body, 2, QUOTE), EvaluationStatus::Completed),
        (
            "asked again",
            |body, number| if number == 0 { "nonsense".into() } else { judgement(body, 1, QUOTE) },
            EvaluationStatus::Completed,
        ),
        ("never readable", |_, _| "nonsense".into(), EvaluationStatus::Failed),
        (
            "then unreadable",
            |body, number| if number == 0 { judgement(body, 3, "never said") } else { "{".into() },
            EvaluationStatus::Failed,
        ),
    ];
    for (case, says, status) in cases {
        let server = model(says);
        let engine = engine(&server);
        let interview = engine.create_interview(plan()).unwrap();
        let made = engine.evaluate(interview.id, &[(0, ANSWER.to_owned())].into()).unwrap();
        let requests = server.requests().len();
        drop(server);
        let again = engine.replay(made.id).unwrap();
        assert_eq!(made.status, status, "{case}");
        assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(&*made).unwrap(), "{case}");
        assert!(requests > 0);
    }
    let server = model(move |body, _| wrong(body));
    let engine = engine(&server);
    let interview = engine.create_interview(plan()).unwrap();
    let made = engine.evaluate(interview.id, &[(0, ANSWER.to_owned())].into()).unwrap();
    assert_eq!(made.status, EvaluationStatus::Partial);
    let changed = engine.override_score(made.id, Override::new(0.9, "J. Smith", "Heard it.")).unwrap();
    drop(server);
    for kept in [made, changed] {
        let again = engine.replay(kept.id).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(&*kept).unwrap());
    }
}

#[test]
fn asking_again_in_vain_leaves_its_trace_and_is_replayed() {
    let server = HttpServer::start(|request, number| {
        let mut reply: Value = serde_json::from_str(&judgement(&body(request), 3, QUOTE)).unwrap();
        reply["ratings"]["c1"]["quotes"] = json!(["never said"]);
        vec![if number == 0 { completion(&reply.to_string()) } else { response(500, &[], "") }]
    });
    let engine = engine(&server);
    let interview = engine.create_interview(plan()).unwrap();
    let made = engine.evaluate(interview.id, &[(0, ANSWER.to_owned())].into()).unwrap();
    assert_eq!((made.status, made.missing.len(), made.calls.len()), (EvaluationStatus::Partial, 1, 2));
    let reason = &made.missing[0].reason;
    assert!(reason.contains("could not be asked again: provider: compatible/judge: the service failed"), "{reason}");
    let failed = &made.calls[1];
    assert_eq!((failed.model.as_str(), failed.tries, failed.reply.as_str()), ("compatible/judge", 3, ""));
    assert!(failed.failure.as_ref().unwrap().starts_with("provider: "));
    drop(server);
    let again = engine.replay(made.id).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(&*made).unwrap());
}
