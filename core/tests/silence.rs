//! No candidate's words and no secret in any log record, span or error, whatever level is listened to: ours, and those of the libraries below.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "llm"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use vivavoce::{
    AnswerOptions, CallOptions, Competency, ConversationalInterviewer, Engine, EngineBuilder, Error, ErrorKind,
    InterviewType, Interviewer, ListInterviews, ModelEvaluator, Models, NewInterview, Provider, Question,
    QuestionRequest, Rubric, Scene, Speech, StartSession,
};
use vivavoce_test_support::{HttpServer, response};

/// A word that stands in everything that must not be told.
const SECRET: &str = "quincunx";

/// All that was recorded.
static RECORDED: Mutex<String> = Mutex::new(String::new());

fn record(text: &str) {
    let mut recorded = RECORDED.lock().unwrap();
    recorded.push_str(text);
    recorded.push('\n');
}

/// What the libraries below record.
static LOGGER: Recorder = Recorder(AtomicU64::new(1));

/// Listens to everything.
struct Recorder(AtomicU64);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl tracing::Subscriber for Recorder {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields(format!("span {}", span.metadata().name()));
        span.record(&mut fields);
        record(&fields.0);
        Id::from_u64(self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        record(&fields.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields(format!("event {}", event.metadata().target()));
        event.record(&mut fields);
        record(&fields.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, message: &log::Record<'_>) {
        record(&format!("log {} {}", message.target(), message.args()));
    }

    fn flush(&self) {}
}

/// An interviewer that fails at the second answer.
struct Failing;

impl Interviewer for Failing {
    fn speak(&self, scene: &Scene<'_>) -> vivavoce::Result<Speech> {
        match scene.messages.len() {
            4 => Err(Error::new(ErrorKind::Provider, "the model is away")),
            _ => Ok(Speech::new(format!("Tell me more, {SECRET}."))),
        }
    }
}

/// What an error says goes where the application's log goes.
fn told<T: Debug>(result: vivavoce::Result<T>) {
    let error = result.unwrap_err();
    record(&format!("error {error} {error:?}"));
}

/// A server that says the key and the words again: in a failure at every second request, in a reply of its model otherwise.
fn telling_server() -> HttpServer {
    HttpServer::start(|request, number| {
        let key = request.header("authorization").unwrap_or_default();
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        if number % 2 == 0 {
            let error =
                serde_json::json!({"error": {"message": format!("{key} {SECRET}"), "type": SECRET, "code": SECRET}});
            return vec![response(500, &[("x-request-id", SECRET), ("set-cookie", SECRET)], error.to_string())];
        }
        let ratings = &body["response_format"]["json_schema"]["schema"]["properties"]["ratings"]["required"];
        let rating = serde_json::json!({"quotes": [], "explanation": format!("{SECRET}."), "level": 0});
        let text = match ratings.as_array() {
            None => format!("Thank you, {SECRET}."),
            Some(keys) => {
                let ratings: serde_json::Map<String, serde_json::Value> =
                    keys.iter().map(|key| (key.as_str().unwrap().to_owned(), rating.clone())).collect();
                let remarks = [SECRET];
                serde_json::json!({"ratings": ratings, "strengths": remarks, "weaknesses": remarks, "recommendations": []})
                    .to_string()
            }
        };
        let choice = serde_json::json!({"message": {"content": text}, "finish_reason": "stop"});
        vec![response(
            200,
            &[("x-request-id", SECRET)],
            serde_json::json!({"model": SECRET, "choices": [choice]}).to_string(),
        )]
    })
}

fn with_models(server: &HttpServer) -> EngineBuilder {
    let provider = Provider::compatible(&server.url("/v1")).unwrap().key(format!("sk-{SECRET}"));
    let models = Models::new().provider(provider).backoff(std::time::Duration::from_millis(1));
    record(&format!("{models:?}"));
    let model = || "compatible/m".parse().unwrap();
    Engine::builder()
        .models(models)
        .interviewer(ConversationalInterviewer::new(model()))
        .evaluator(ModelEvaluator::new(model()))
}

fn use_everything(url: &str, builder: EngineBuilder) {
    let engine = builder.open(url).unwrap().for_tenant(&format!("tenant {SECRET}")).unwrap();
    let secret = |words: &str| format!("{words} {SECRET}");
    let plan = || {
        let question = Question::new(secret("What is a")).reference_answer(secret("It is a")).key_point(secret("a"));
        NewInterview::new(secret("Ada"), InterviewType::Technical)
            .question(question.competency(secret("Knowing")))
            .job_description(secret("Job"))
            .resume(secret("I was a"))
            .external_id(secret("id"))
            .rubric(Rubric::new([Competency::new(secret("Knowing"))]))
    };
    let key = CallOptions::default().idempotency_key(secret("key"));
    let wanted =
        || QuestionRequest::new(InterviewType::Technical, 1).job_description(secret("Job")).resume(secret("I was a"));
    if let Err(error) = engine.generate_questions(&wanted()) {
        told(Err::<(), _>(error));
    }
    told(engine.generate_questions(&wanted().resume(SECRET.repeat(10_000))));
    let interview = engine.create_interview_with(plan(), &key).unwrap();
    told(engine.create_interview_with(plan().max_answers(2), &key));
    told(engine.create_interview(NewInterview::new(SECRET.repeat(100), InterviewType::General).question("?")));
    told(engine.create_interview(plan().question(SECRET.repeat(1_000).as_str())));
    told(NewInterview::from_json(&format!("{{\"candidate_name\": \"{SECRET}\", \"{SECRET}\": 1}}")));
    let session = engine.start_session_with(interview.id, StartSession::default(), &key).unwrap();
    engine.send_message_with(session.id, &secret("one"), &key).unwrap();
    told(engine.send_message_with(session.id, &secret("another"), &key));
    told(engine.send_message(session.id, &SECRET.repeat(10_000)));
    let _ = engine.send_message(session.id, &secret("two"));
    engine.session_exact(session.id).unwrap();
    let list = ListInterviews { candidate_name: Some(secret("Ada")), total: true, ..ListInterviews::default() };
    assert_eq!(engine.list_interviews(&list).unwrap().total, Some(1));
    let evaluation = engine.end_session(session.id).unwrap();
    told(engine.send_message(session.id, &secret("late")));
    engine.scorecard(evaluation.id).unwrap().to_html();
    engine.evaluate(interview.id, &BTreeMap::from([(0, secret("zero"))])).unwrap();
    told(engine.evaluate(interview.id, &BTreeMap::from([(7, secret("seven"))])));
    engine.evaluate_answer(&Question::new(secret("Why")), &secret("So"), &AnswerOptions::default()).unwrap();
    engine.events(session.id, 0).unwrap();
    engine.verify_audit(interview.id, None).unwrap();
    let copy = Engine::open("memory:").unwrap();
    engine.copy_to(&copy).unwrap();
    engine.erase_candidate(&secret("id"), &secret("officer")).unwrap();
    told(engine.erase_candidate(&secret("id"), "officer"));
    record(&format!("{engine:?} {}", engine.metrics().to_prometheus()));
    engine.close().unwrap();
    told(engine.send_message(session.id, &secret("closed")));
}

#[test]
fn nothing_that_is_recorded_holds_content_or_secrets() {
    tracing::subscriber::set_global_default(Recorder(AtomicU64::new(1))).unwrap();
    log::set_logger(&LOGGER).unwrap();
    log::set_max_level(log::LevelFilter::Trace);

    let directory = tempfile::tempdir().unwrap();
    let cluster = vivavoce_test_support::Cluster::shared();
    let database = cluster.new_database();
    cluster.sql(&database, &format!("CREATE USER ada PASSWORD '{SECRET}' SUPERUSER"));
    let server = format!("postgres://ada:{SECRET}@127.0.0.1:{}/{database}", cluster.port());
    let stores = [
        "memory:".to_owned(),
        format!("sqlite:{}", directory.path().join("a.db").display()),
        format!("{server}?schema=plain"),
        format!("{server}?schema=prepared&prepared=yes"),
    ];
    for url in &stores {
        use_everything(url, Engine::builder());
    }
    use_everything("memory:", Engine::builder().interviewer(Failing));
    let telling = telling_server();
    let file = format!("sqlite:{}", directory.path().join("b.db").display());
    for url in ["memory:", &file, &format!("{server}?schema=models")] {
        use_everything(url, with_models(&telling));
    }
    let away = HttpServer::start(|_, _| vec![response(401, &[], SECRET)]);
    let engine = with_models(&away).open("memory:").unwrap();
    told(engine.evaluate_answer(&Question::new(SECRET), SECRET, &AnswerOptions::default()));
    let own = Provider::compatible("https://127.0.0.1/v1").unwrap().key(SECRET);
    let call = CallOptions::default().provider(own);
    record(&format!("{call:?}"));
    told(engine.evaluate_answer(&Question::new(SECRET), SECRET, &AnswerOptions { call, ..AnswerOptions::default() }));
    // A key is in no page of a database.
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let key = format!("sk-{SECRET}");
        assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()));
    }
    told(Engine::open(&format!("postgres://ada:{SECRET}@127.0.0.1:1/{SECRET}?connect_timeout=1")));
    told(Engine::open(&format!("{server}?sslmode={SECRET}")));
    told(Engine::open(&format!("{SECRET}:")));

    let recorded = RECORDED.lock().unwrap();
    for expected in
        ["span vivavoce operation=\"send_message\"", "kind=\"conflict\"", "log tokio_postgres", "log ureq", "error "]
    {
        assert!(recorded.contains(expected), "nothing was recorded of {expected}");
    }
    let lines: Vec<_> = recorded.lines().filter(|line| line.to_lowercase().contains(SECRET)).collect();
    assert!(lines.is_empty(), "{lines:#?}");
}
