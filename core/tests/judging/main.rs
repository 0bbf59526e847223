//! A language model as judge, over real sockets: what it is asked, what of its replies counts, and what is kept of it.
#![cfg(feature = "llm")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod mutations;
mod panels;
mod planning;
mod prompts;
mod replaying;
mod replies;
mod settings;
mod talking;

use std::time::Duration;

use serde_json::{Value, json};
use vivavoce::{
    AnswerOptions, Engine, InterviewType, ModelEvaluator, ModelName, Models, NewInterview, Provider, Question, Rubric,
};
use vivavoce_test_support::{Act, HttpServer, Request, response};

/// What the tests' candidate says; every quote is of this.
const ANSWER: &str = "Two threads each hold a lock the other needs.\n\n“Neither gives it up”, so both wait for ever — \
     we broke the cycle by a fixed lock order and cut stalls from 12 to 0 a week.";

/// A chat completion that says `text`.
fn completion(text: &str) -> Act {
    let body = json!({
        "id": "chatcmpl-7", "object": "chat.completion", "model": "judge-2026",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 80, "total_tokens": 980},
    });
    response(200, &[("content-type", "application/json"), ("x-request-id", "req-7")], body.to_string())
}

/// A server whose model says what `says` makes of the request's body and number.
fn model(says: impl Fn(&Value, usize) -> String + Send + Sync + 'static) -> HttpServer {
    HttpServer::start(move |request, number| vec![completion(&says(&body(request), number))])
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// What was said to the model: the system's words and the user's.
fn said(body: &Value) -> (String, String) {
    let text = |place: usize| body["messages"][place]["content"].as_str().unwrap().to_owned();
    (text(0), text(1))
}

/// The names of the competencies that the request's schema asks for.
fn keys(body: &Value) -> Vec<String> {
    let ratings = &body["response_format"]["json_schema"]["schema"]["properties"]["ratings"];
    ratings["required"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect()
}

/// A good judgement: this level for every competency, with this quote.
fn judgement(body: &Value, level: u32, quote: &str) -> String {
    let quotes = if level == 0 { json!([]) } else { json!([quote]) };
    let rating = json!({"quotes": quotes, "explanation": "It says so.", "level": level});
    let ratings: serde_json::Map<String, Value> = keys(body).into_iter().map(|key| (key, rating.clone())).collect();
    json!({
        "ratings": ratings, "strengths": ["Names the cause."], "weaknesses": ["No alternative."],
        "recommendations": ["Compare two remedies."],
    })
    .to_string()
}

fn name(text: &str) -> ModelName {
    text.parse().unwrap()
}

fn models(server: &HttpServer) -> Models {
    let provider = Provider::compatible(&server.url("/v1")).unwrap();
    Models::new().provider(provider).backoff(Duration::from_millis(1)).timeout(Duration::from_secs(20))
}

fn engine(server: &HttpServer) -> Engine {
    let evaluator = ModelEvaluator::new(name("compatible/judge"));
    Engine::builder().models(models(server)).evaluator(evaluator).open("memory:").unwrap()
}

fn question() -> Question {
    Question::new("What is a deadlock?")
        .key_point("each thread waits for the other")
        .key_point("nobody gives up a lock")
}

fn technical() -> AnswerOptions {
    AnswerOptions { interview_type: InterviewType::Technical, ..AnswerOptions::default() }
}

fn plan() -> NewInterview {
    NewInterview::new("Ada", InterviewType::Technical).question(question()).question("How do you test concurrent code?")
}

/// How many competencies the standard rubric of these tests has.
fn competencies() -> usize {
    Rubric::standard(InterviewType::Technical).competencies.len()
}
