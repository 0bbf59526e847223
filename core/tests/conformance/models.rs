//! What language models bring into a store: where words come from, kept replies, budgets of tenants, and queues.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use vivavoce::{
    Basis, Budget, CallOptions, CancelToken, ConversationalInterviewer, Engine, ErrorKind, Evaluation,
    EvaluationStatus, Evaluator, EvaluatorInfo, InterviewType, Interviewer, JudgeRequest, Judgement, Missing,
    ModelEvaluator, Models, Next, Origin, Override, Provider, QuestionRequest, Quote, Rating, Said, Scene, Speech,
    StartSession,
};
use vivavoce_test_support::{Act, HttpServer, Request, response};

use crate::{TestStore, begun, plan, refused};

/// Says where its words come from: another origin in each reply, also in the first words.
struct Telling;

impl Interviewer for Telling {
    fn speak(&self, scene: &Scene<'_>) -> vivavoce::Result<Speech> {
        scene.say("Well: ");
        let mut speech = Speech::new(if matches!(scene.next, Next::Closing) { "Well: Goodbye." } else { "Well: Why?" });
        speech.origin =
            [Some(Origin::Guarded), Some(Origin::Model), None, Some(Origin::Scripted)][scene.messages.len() / 2 % 4];
        Ok(speech)
    }
}

/// Judges the first answer, and has none of the second.
struct Half;

impl Evaluator for Half {
    fn info(&self) -> EvaluatorInfo {
        EvaluatorInfo::new("test", "half", "1")
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> vivavoce::Result<Judgement> {
        let rated = request.rubric.competencies.iter().map(|it| {
            let mut rating = Rating::new(0, &it.name, 0.5);
            rating.quotes.push(Quote { start: 0, end: 7, text: "because".into() });
            rating
        });
        let mut judgement = Judgement::new(rated.collect());
        judgement.missing.push(Missing { exchange: 1, competency: None, reason: "the line was dead".into() });
        Ok(judgement)
    }
}

/// A judgement of the lowest level for whatever is asked.
fn judgement(request: &Request) -> Act {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let ratings = &body["response_format"]["json_schema"]["schema"]["properties"]["ratings"]["required"];
    let rating = json!({"quotes": ["because"], "explanation": "It says so.", "level": 1});
    let keys = ratings.as_array().unwrap().iter().map(|key| (key.as_str().unwrap().to_owned(), rating.clone()));
    let reply = json!({
        "ratings": keys.collect::<serde_json::Map<_, _>>(), "strengths": [], "weaknesses": [], "recommendations": [],
    });
    let completion = json!({
        "model": "m", "choices": [{"index": 0, "message": {"content": reply.to_string()}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
    });
    response(200, &[], completion.to_string())
}

fn models(server: &HttpServer) -> Models {
    Models::new().provider(Provider::compatible(&server.url("/v1")).unwrap()).retries(0)
}

fn judged_by(store: &TestStore, models: Models) -> Engine {
    let evaluator = ModelEvaluator::new("compatible/m".parse().unwrap());
    store.open(Engine::builder().models(models).evaluator(evaluator))
}

fn answers() -> std::collections::BTreeMap<u32, String> {
    [(0, "because".to_owned())].into()
}

fn json_of(evaluation: &Evaluation) -> String {
    serde_json::to_string(evaluation).unwrap()
}

conformance! {
    fn where_words_come_from_is_kept_copied_and_sealed(store: &TestStore) {
        let engine = store.open(Engine::builder().interviewer(Telling));
        let interview = engine.create_interview(plan().max_answers(4)).unwrap();
        let session = engine.start_session(interview.id, StartSession::default()).unwrap();
        for answer in ["one", "two", "three", "four"] {
            let mut heard = String::new();
            let turn = engine
                .send_message_heard(session.id, answer, &CallOptions::default(), &mut |said| {
                    if let Said::Words(words) = said {
                        heard.push_str(words);
                    }
                })
                .unwrap();
            assert_eq!(heard, turn.reply.content);
        }
        let origins = |engine: &Engine| -> Vec<Option<Origin>> {
            let session = engine.session_exact(session.id).unwrap();
            session.messages.iter().step_by(2).map(|message| message.origin).collect()
        };
        let expected = [Some(Origin::Guarded), Some(Origin::Model), None, Some(Origin::Scripted), Some(Origin::Guarded)];
        assert_eq!(origins(&engine), expected);
        assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
        let told: Vec<_> = engine.events(session.id, 0).unwrap().into_iter().filter_map(|event| event.message).collect();
        assert_eq!(told.iter().step_by(2).map(|message| message.origin).collect::<Vec<_>>(), expected);
        let engine = store.reopen(engine);
        let others = [TestStore::memory(), TestStore::sqlite_file(), TestStore::postgres()];
        for other in &others {
            let copy = other.engine();
            engine.copy_to(&copy).unwrap();
            assert_eq!(origins(&copy), expected);
            assert!(copy.verify_audit(interview.id, None).unwrap().is_sound());
        }
    }

    fn a_reply_that_is_kept_serves_another_engine_until_its_interview_is_erased(store: &TestStore) {
        let server = HttpServer::start(|request, _| vec![judgement(request)]);
        let engine = judged_by(store, models(&server));
        let interview = engine.create_interview(plan()).unwrap();
        let first = engine.evaluate(interview.id, &answers()).unwrap();
        assert_eq!((first.status, first.calls[0].cached), (EvaluationStatus::Completed, false));
        let engine = if store.persists() { judged_by(store, models(&server)) } else { engine };
        let second = engine.evaluate(interview.id, &answers()).unwrap();
        assert!(second.calls[0].cached && second.ratings == first.ratings);
        assert_eq!(server.requests().len(), 1);
        let other = engine.for_tenant("another").unwrap();
        let foreign = other.create_interview(plan()).unwrap();
        assert!(!other.evaluate(foreign.id, &answers()).unwrap().calls[0].cached, "a tenant's own");
        engine.erase_interview(interview.id, "tester").unwrap();
        let again = engine.create_interview(plan()).unwrap();
        assert!(!engine.evaluate(again.id, &answers()).unwrap().calls[0].cached);
        assert_eq!(server.requests().len(), 3);
    }

    fn a_tenants_budget_is_shared_by_all_engines_on_a_store(store: &TestStore) {
        let server = HttpServer::start(|request, _| vec![judgement(request)]);
        let budget = |tokens| Budget { tokens: Some(tokens), ..Budget::default() };
        let limited = |tokens| models(&server).tenant_budget(budget(tokens)).cache(0, std::time::Duration::from_secs(1));
        let engine = judged_by(store, limited(1_000_000));
        let interview = engine.create_interview(plan()).unwrap();
        engine.evaluate(interview.id, &answers()).unwrap();
        let spent = engine.spent().unwrap();
        assert_eq!((spent.tokens, spent.money), (15, 0.0));
        assert_eq!(engine.for_tenant("another").unwrap().spent().unwrap().tokens, 0);
        refused(Engine::open("memory:").unwrap().spent(), ErrorKind::Unsupported, "no budget");
        if store.persists() {
            let poor = judged_by(store, limited(16));
            let failed = poor.evaluate(interview.id, &answers()).unwrap();
            let reason = failed.failure.as_ref().unwrap();
            assert!(reason.starts_with("limited: ") && reason.contains("is 16 tokens, and one call may use "), "{reason}");
            assert_eq!((failed.score, server.requests().len()), (None, 1));
            assert_eq!(poor.spent().unwrap().tokens, 15);
        }
    }

    fn workers_make_what_was_left_to_them_each_once(store: &TestStore) {
        let server = HttpServer::start(|request, _| vec![judgement(request)]);
        let uncached = || models(&server).cache(0, std::time::Duration::from_secs(1));
        let engine = judged_by(store, uncached());
        let queued = CallOptions::default().queued();
        let interview = engine.create_interview(plan()).unwrap();
        let session = engine.start_session(interview.id, StartSession::default()).unwrap();
        engine.send_message(session.id, "because").unwrap();
        let mut asked = vec![(engine.clone(), engine.end_session_with(session.id, &queued).unwrap())];
        for tenant in ["a", "b"] {
            let own = engine.for_tenant(tenant).unwrap();
            let interview = own.create_interview(plan()).unwrap();
            for _ in 0..5 {
                asked.push((own.clone(), own.evaluate_with(interview.id, &answers(), &queued).unwrap()));
            }
        }
        assert!(asked.iter().all(|(_, it)| it.status == EvaluationStatus::Pending && it.score.is_none()));
        assert_eq!(engine.end_session_with(session.id, &queued).unwrap().id, asked[0].1.id);
        let others = if store.persists() { vec![judged_by(store, uncached()), judged_by(store, uncached())] } else { vec![] };
        let stop = CancelToken::new();
        let made = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for worker in others.iter().chain([&engine, &engine]) {
                scope.spawn(|| made.fetch_add(worker.run_worker(&stop).unwrap() as usize, Ordering::SeqCst));
            }
            for (own, evaluation) in &asked {
                while !own.evaluation(evaluation.id).unwrap().status.is_final() {
                    std::thread::yield_now();
                }
            }
            stop.cancel();
        });
        assert_eq!((made.into_inner(), server.requests().len()), (asked.len(), asked.len()));
        for (own, evaluation) in &asked {
            let done = own.evaluation(evaluation.id).unwrap();
            assert_eq!((done.status, done.created_at), (EvaluationStatus::Completed, evaluation.created_at));
            assert!(own.verify_audit(done.interview_id, None).unwrap().is_sound());
        }
    }

    fn an_evaluation_is_made_again_and_its_scores_overridden_and_the_earlier_ones_stay(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        engine.send_message(session.id, "because").unwrap();
        let first = engine.end_session(session.id).unwrap();
        let second = engine.re_evaluate(first.id).unwrap();
        assert_eq!((second.supersedes, second.score, &second.ratings), (Some(first.id), first.score, &first.ratings));
        let by = format!("was superseded by {}", second.id);
        refused(engine.re_evaluate(first.id), ErrorKind::Conflict, &by);
        let place = (second.ratings[0].exchange, second.ratings[0].competency.clone());
        let change = Override::new(1.0, "J. Smith", "Heard it.").of_rating(place.0, place.1);
        let third = engine.override_score(second.id, change.clone()).unwrap();
        assert_eq!((third.supersedes, &third.overridden[..]), (Some(second.id), &[change.clone()][..]));
        let changed = &third.ratings[0];
        assert_eq!((changed.score, changed.basis, changed.reason.as_str(), &changed.quotes[..]), (1.0, Basis::Person, "Heard it.", &[][..]));
        assert!(third.score > second.score);
        let fourth = engine.override_score(third.id, Override::new(0.25, "A. Chair", "By the panel.")).unwrap();
        assert_eq!(fourth.score, Some(0.25));
        // What a person decided on the whole stands, and nobody is forgotten.
        let place = (second.ratings[1].exchange, second.ratings[1].competency.clone());
        let fifth = engine.override_score(fourth.id, Override::new(0.9, "B. Member", "As well.").of_rating(place.0, place.1)).unwrap();
        assert_eq!((fifth.score, fifth.ratings[1].score), (Some(0.25), 0.9));
        let people: Vec<&str> = fifth.overridden.iter().map(|change| change.by.as_str()).collect();
        assert_eq!(people, ["J. Smith", "A. Chair", "B. Member"]);
        let page = engine.scorecard(fifth.id).unwrap().to_markdown();
        assert!(people.iter().all(|person| page.contains(person)) && page.contains("a person’s decision"), "{page}");
        assert_eq!(engine.end_session(session.id).unwrap(), fifth, "the newest version");
        for kept in [&first, &second, &third, &fourth, &fifth] {
            assert_eq!(engine.evaluation(kept.id).unwrap(), *kept);
            assert_eq!(json_of(&engine.replay(kept.id).unwrap()), json_of(kept));
        }
        let actors: Vec<String> = engine.events(session.id, 0).unwrap().into_iter().rev().take(3).map(|it| it.actor).collect();
        assert_eq!(actors, ["B. Member", "A. Chair", "J. Smith"]);
        assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
        for bad in [
            Override::new(1.1, "x", "y"),
            Override::new(f64::NAN, "x", "y"),
            Override::new(0.5, " ", "y"),
            Override::new(0.5, "x", ""),
            Override::new(0.5, "x", "y").of_rating(9, "Nothing"),
        ] {
            refused(engine.override_score(fifth.id, bad), ErrorKind::InvalidInput, "");
        }
        engine.erase_interview(interview.id, "tester").unwrap();
        refused(engine.evaluation(third.id), ErrorKind::NotFound, "");
        assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
    }

    fn a_call_that_is_cancelled_leaves_its_evaluation_to_the_next(store: &TestStore) {
        let server = HttpServer::start(|request, number| vec![if number == 0 { Act::Hang } else { judgement(request) }]);
        let engine = judged_by(store, models(&server));
        let (_, session) = begun(&engine);
        engine.send_message(session.id, "because").unwrap();
        let cancel = CancelToken::new();
        std::thread::scope(|scope| {
            let ending = scope.spawn(|| engine.end_session_with(session.id, &CallOptions::default().cancel(&cancel)));
            server.wait_for_requests(1);
            cancel.cancel();
            refused(ending.join().unwrap(), ErrorKind::Timeout, "cancelled");
        });
        let done = engine.end_session(session.id).unwrap();
        assert_eq!((done.status, engine.evaluations(done.interview_id).unwrap().len()), (EvaluationStatus::Completed, 1));
    }

    fn an_engine_is_closed_while_a_model_is_waited_for(store: &TestStore) {
        let server = HttpServer::start(|_, _| vec![Act::Hang]);
        let evaluator = ModelEvaluator::new("compatible/m".parse().unwrap());
        let interviewer = ConversationalInterviewer::new("compatible/m".parse().unwrap());
        let builder = Engine::builder().models(models(&server)).evaluator(evaluator).interviewer(interviewer);
        let engine = store.open(builder);
        let (interview, session) = begun(&engine);
        std::thread::scope(|scope| {
            let judged = scope.spawn(|| engine.evaluate(interview.id, &answers()));
            let talked = scope.spawn(|| engine.send_message(session.id, "because"));
            let planned = scope.spawn(|| engine.generate_questions(&QuestionRequest::new(InterviewType::General, 1)));
            server.wait_for_requests(3);
            engine.close().unwrap();
            refused(judged.join().unwrap(), ErrorKind::InvalidState, "closed");
            refused(talked.join().unwrap(), ErrorKind::InvalidState, "closed");
            refused(planned.join().unwrap(), ErrorKind::InvalidState, "closed");
        });
        if store.persists() {
            let engine = store.engine();
            let kept = engine.session_exact(session.id).unwrap();
            assert_eq!(kept.messages.last().unwrap().content, "because");
            assert_eq!(engine.send_message(session.id, "because").unwrap().message.number, 2, "its turn goes on");
        }
    }

    fn a_partial_judgement_of_an_applications_evaluator_is_kept_as_such(store: &TestStore) {
        let engine = store.open(Engine::builder().evaluator(Half));
        let interview = engine.create_interview(plan()).unwrap();
        let two = [(0, "because".to_owned()), (1, "therefore".to_owned())].into();
        let made = engine.evaluate(interview.id, &two).unwrap();
        assert_eq!((made.status, made.score, made.missing.len()), (EvaluationStatus::Partial, Some(0.5), 1));
        assert_eq!(made.failure.as_deref(), Some("answer 2: the line was dead"));
        assert!(made.needs_review.iter().any(|it| it.contains("not counted in full")), "{:?}", made.needs_review);
        let engine = store.reopen(engine);
        assert_eq!(engine.evaluation(made.id).unwrap(), made);
        assert!(engine.verify_audit(interview.id, None).unwrap().is_sound());
    }

    fn a_call_with_credentials_is_served_where_the_engine_asks_nobody(store: &TestStore) {
        let server = HttpServer::start(|request, _| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            let words = json!({"index": 0, "message": {"content": "I see what you mean."}, "finish_reason": "stop"});
            let completion = json!({"model": "m", "choices": [words], "usage": {"prompt_tokens": 9, "completion_tokens": 5}});
            vec![match body["response_format"].is_null() {
                true => response(200, &[], completion.to_string()),
                false => judgement(request),
            }]
        });
        let provider = Provider::compatible(&server.url("/v1")).unwrap();
        let model: vivavoce::ModelName = "compatible/m".parse().unwrap();
        let (speaks, judges) = (ConversationalInterviewer::new(model.clone()), ModelEvaluator::new(model));
        let models = Models::new().provider(provider.clone());
        let engine = store.open(Engine::builder().models(models).with_credentials_of_calls(speaks, judges));
        let own = CallOptions::default().provider(provider.key("sk-own"));
        let (_, session) = begun(&engine);
        let turn = engine.send_message_with(session.id, "because", &own).unwrap();
        assert_eq!(turn.reply.origin, Some(Origin::Model));
        let made = engine.end_session_with(session.id, &own).unwrap();
        assert_eq!((made.status, made.evaluator.provider.as_str()), (EvaluationStatus::Completed, "compatible"));
        let asked = server.requests();
        assert!(asked.iter().all(|request| request.header("authorization") == Some("Bearer sk-own")));

        let (_, session) = begun(&engine);
        assert_eq!(engine.send_message(session.id, "because").unwrap().reply.origin, None);
        assert_eq!(engine.end_session(session.id).unwrap().evaluator.provider, "builtin");
        assert_eq!(server.requests().len(), asked.len());
    }

    fn what_a_call_brings_for_nothing_is_refused(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        let model = CallOptions::default().model("openai/x".parse().unwrap());
        refused(engine.send_message_with(session.id, "because", &model), ErrorKind::Unsupported, "asks no language model");
        assert_eq!(engine.session_exact(session.id).unwrap().messages.len(), 1, "nothing was kept");
        refused(engine.end_session_with(session.id, &model), ErrorKind::Unsupported, "asks no language model");
        refused(engine.evaluate_with(interview.id, &answers(), &model), ErrorKind::Unsupported, "asks no language model");
        assert_eq!(engine.evaluations(interview.id).unwrap(), []);
        refused(engine.evaluate_with(interview.id, &answers(), &model.queued()), ErrorKind::InvalidInput, "worker");
    }
}
