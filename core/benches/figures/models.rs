//! What the engine adds to asking a language model: a server on loopback that answers at once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vivavoce::{AnswerOptions, Engine, InterviewType, ModelEvaluator, Models, NewInterview, Provider, Question};
use vivavoce_test_support::{HttpServer, Request, response};

use vivavoce_test_support::table::{ROUNDS, Target, median, p99, row};

const CALLS: usize = 400;
const QUOTE: &str = "each hold a lock the other needs";

fn reply(request: &Request) -> String {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let keys = &body["response_format"]["json_schema"]["schema"]["properties"]["ratings"]["required"];
    let rating = json!({"quotes": [QUOTE], "explanation": "It says so.", "level": 2});
    let ratings: serde_json::Map<String, Value> =
        keys.as_array().unwrap().iter().map(|key| (key.as_str().unwrap().to_owned(), rating.clone())).collect();
    let judgement = json!({"ratings": ratings, "strengths": [], "weaknesses": [], "recommendations": []});
    json!({"choices": [{"message": {"content": judgement.to_string()}, "finish_reason": "stop"}]}).to_string()
}

fn builder(server: &HttpServer, cache: u64) -> vivavoce::EngineBuilder {
    let provider = Provider::compatible(&server.url("/v1")).unwrap();
    let models = Models::new().provider(provider).cache(cache, Duration::from_secs(3_600));
    Engine::builder().models(models).evaluator(ModelEvaluator::new("compatible/m".parse().unwrap()))
}

fn timed(mut work: impl FnMut()) -> Vec<f64> {
    (0..CALLS)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect()
}

pub(crate) fn figures() {
    let server = HttpServer::start(|request, _| vec![response(200, &[], reply(request))]);
    let question = Question::new("What is a deadlock?").key_point("each waits for the other");
    let words = format!("Two threads {QUOTE}, so that neither goes on. ");
    let answer = words.repeat(6);
    let options = AnswerOptions { interview_type: InterviewType::Technical, ..AnswerOptions::default() };
    let engine = builder(&server, 0).open("memory:").unwrap();
    engine.evaluate_answer(&question, &answer, &options).unwrap();
    let body = server.requests()[0].body.clone();
    let agent = ureq::agent();
    let url = server.url("/v1/chat/completions");
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(p99(timed(|| drop(engine.evaluate_answer(&question, &answer, &options).unwrap()))));
        bare.push(p99(timed(|| {
            let mut response = agent.post(&url).header("content-type", "application/json").send(&body[..]).unwrap();
            drop(response.body_mut().read_to_vec().unwrap());
        })));
    }
    let (ours, bare) = (median(ours), median(bare));
    let details = format!("p99 {ours:.2} against {bare:.2} ms");
    row("A judged answer, p99 above a bare ureq call", ours - bare, " ms", &details, &Target::AtMost(1.0));

    let engine = builder(&server, 1 << 26).open("memory:").unwrap();
    let rounds = (0..ROUNDS)
        .map(|_| median(timed(|| drop(engine.evaluate_answer(&question, &answer, &options).unwrap()))) * 1e3);
    row("A judged answer whose reply is kept in memory", median(rounds.collect()), " µs", "", &Target::AtMost(50.0));

    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}?durability=normal", directory.path().join("kept.db").display());
    let first = builder(&server, 1 << 26).open(&url).unwrap();
    let plan = NewInterview::new("Ada", InterviewType::Technical).question(question.clone());
    let interview = first.create_interview(plan).unwrap();
    let answers = [(0, answer.clone())].into();
    first.evaluate(interview.id, &answers).unwrap();
    let times: Vec<f64> = (0..100)
        .map(|_| {
            // Another engine, which has nothing in memory.
            let engine = builder(&server, 1 << 26).open(&url).unwrap();
            engine.interview(interview.id).unwrap();
            let began = Instant::now();
            assert!(engine.evaluate(interview.id, &answers).unwrap().calls[0].cached);
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let figure = "A kept evaluation whose reply is kept in SQLite, its two writes included";
    row(figure, median(times), " ms", "", &Target::AtMost(1.0));
}
