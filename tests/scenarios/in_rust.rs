//! The scenario in Rust.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vivavoce::{
    AnswerOptions, CallOptions, Engine, Error, GradedAnswer, ListEvaluations, ListInterviews, Paging, Result,
    StartSession,
};

pub(crate) fn run(path: &Path, url: &str) -> Vec<Value> {
    let scenario: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let settings = vivavoce::from_json("settings", &scenario["settings"].to_string()).unwrap();
    let engine = Engine::builder().settings(settings).unwrap().open(url).unwrap();
    let mut kept: HashMap<String, Value> = HashMap::new();
    let mut all = Vec::new();
    for step in scenario["steps"].as_array().unwrap() {
        let told = match told(&engine, step, &kept) {
            Ok(told) => {
                if let Some(name) = step["as"].as_str() {
                    kept.insert(name.to_owned(), told.clone());
                }
                told
            }
            Err(error) => {
                json!({"error": error.kind().as_str(), "message": error.to_string(), "retryable": error.is_retryable()})
            }
        };
        all.push(told);
    }
    all
}

fn told(engine: &Engine, step: &Value, kept: &HashMap<String, Value>) -> Result<Value> {
    fn id<T: std::str::FromStr<Err = Error>>(step: &Value, kept: &HashMap<String, Value>, what: &str) -> Result<T> {
        kept[step[what].as_str().unwrap()]["id"].as_str().unwrap().parse()
    }
    fn given<T: DeserializeOwned>(step: &Value, what: &str) -> Result<T> {
        vivavoce::from_json(what, &step[what].to_string())
    }
    fn judging(step: &Value) -> AnswerOptions {
        AnswerOptions {
            interview_type: serde_json::from_value(step["judging"]["interview_type"].clone()).unwrap(),
            ..AnswerOptions::default()
        }
    }
    fn document<T: Serialize>(value: T) -> Result<Value> {
        Ok(serde_json::to_value(value).unwrap())
    }
    let mut options = CallOptions::default();
    options.idempotency_key = step["key"].as_str().map(str::to_owned);
    options.expected_version = step["expected_version"].as_u64();
    let text = |what: &str| step[what].as_str().unwrap();
    match text("do") {
        "create_interview" => document(engine.create_interview_with(given(step, "plan")?, &options)?),
        "interview" => document(engine.interview(id(step, kept, "interview")?)?),
        "list_interviews" => {
            let mut list: ListInterviews = given(step, "list")?;
            if let Some(page) = step["after"].as_str() {
                list.paging = Paging::Cursor(kept[page]["next_cursor"].as_str().unwrap().to_owned());
            }
            document(engine.list_interviews(&list)?)
        }
        "update_interview" => {
            let interview = id(step, kept, "interview")?;
            document(engine.update_interview_with(interview, given(step, "plan")?, &options)?)
        }
        "delete_draft" => {
            engine.delete_draft(id(step, kept, "interview")?, text("by"))?;
            Ok(Value::Null)
        }
        "list_evaluations" => {
            let mut list: ListEvaluations = given(step, "evaluations")?;
            list.cursor = step["after"].as_str().map(|page| kept[page]["next_cursor"].as_str().unwrap().to_owned());
            if !step["interview"].is_null() {
                list.interview_id = Some(id(step, kept, "interview")?);
            }
            document(engine.list_evaluations(&list)?)
        }
        "start_session" => {
            let interview = id(step, kept, "interview")?;
            document(engine.start_session_with(interview, StartSession::default(), &options)?)
        }
        "session" => document(engine.session(id(step, kept, "session")?)?),
        "send_message" => {
            let session = id(step, kept, "session")?;
            document(engine.send_message_with(session, text("text"), &options)?)
        }
        "end_session" => document(engine.end_session_with(id(step, kept, "session")?, &options)?),
        "abandon_session" => document(engine.abandon_session(id(step, kept, "session")?)?),
        "evaluate" => {
            let answers: BTreeMap<u32, String> = given(step, "answers")?;
            document(engine.evaluate(id(step, kept, "interview")?, &answers)?)
        }
        "evaluate_answer" => {
            let answered = &step["answered"];
            let question = given(answered, "question")?;
            let answer = answered["answer"].as_str().unwrap();
            document(engine.evaluate_answer(&question, answer, &judging(step))?)
        }
        "calibrate" => {
            let graded: Vec<GradedAnswer> = given(step, "graded")?;
            document(engine.calibrate(text("name"), &graded, &judging(step))?)
        }
        "evaluation" => document(engine.evaluation(id(step, kept, "evaluation")?)?),
        "re_evaluate" => document(engine.re_evaluate(id(step, kept, "evaluation")?)?),
        "override_score" => {
            let evaluation = id(step, kept, "evaluation")?;
            document(engine.override_score(evaluation, given(step, "change")?)?)
        }
        "verify_audit" => document(engine.verify_audit(id(step, kept, "interview")?, None)?),
        "events" => document(engine.events(id(step, kept, "session")?, 0)?),
        "erase_interview" => {
            engine.erase_interview(id(step, kept, "interview")?, text("by"))?;
            Ok(Value::Null)
        }
        "erase_candidate" => document(engine.erase_candidate(text("external_id"), text("by"))?),
        other => panic!("no step {other}"),
    }
}
