//! A language model as the judge: one answer at a time, by the rubric, with quotes that are checked.
//!
//! `questions` makes the prompt from its versioned files, `reply` reads what comes back, `levels` turns levels into scores, and `settling` decides what counts.

mod levels;
mod questions;
mod reply;
mod settling;

use std::time::Instant;

use serde::Deserialize;

use self::questions::Subject;
use self::reply::Found;
use self::settling::{Settled, number};
use super::summary::{answered, summary};
use super::{BuiltinEvaluator, Evaluator, JudgeRequest, Judgement, injection, telling};
use crate::domain::canonical::hex;
use crate::domain::{EvaluatorInfo, Flag, ModelCall, Parameters, Rating, Tokens};
use crate::error::{Error, ErrorKind, Result};
use crate::llm::{Asking, Kept, ModelName, Unanswered, at_least_one};
use crate::messages::{Place, Remark, Summary, judging};
use crate::threads;

/// How often a reply that could not be used is asked for again.
const ASK_AGAIN: usize = 2;
/// How many answers of one request are judged at a time.
const AT_A_TIME: usize = 4;
/// Most strengths, weaknesses or recommendations of a judgement.
const MOST_REMARKS: usize = 10;
/// A judge's score that is so much above the built-in evaluator's, on an answer that speaks to the judge, is for a person to look at.
const EXCESS: f64 = 0.35;

/// Has answers judged by a language model of the engine's [`Models`](crate::Models): each answer by itself, against the question's reference answer and key points and
/// the rubric's levels.
///
/// A rating's score is that of the level that the model chose: 0 for nothing, then the rubric's own levels (0.25, 0.5, 0.75 and 1 where a competency has none). A reply
/// counts only if all of it validates, quotes included, which must be the candidate's own words; otherwise it is asked for again, at most twice, and what cannot be had is
/// left out: there is no default score. A rating's confidence is 1 less its distance to the built-in evaluator's score.
///
/// Text that speaks to the judge is flagged, and where the model then scores far above the built-in evaluator, a person is asked to look.
///
/// ```
/// use vivavoce::{Engine, ModelEvaluator, Models, Provider};
///
/// let engine = Engine::builder()
///     .models(Models::new().provider(Provider::openai("key")))
///     .evaluator(ModelEvaluator::new("openai/gpt-5-mini".parse()?))
///     .open("memory:")?;
/// # Ok::<(), vivavoce::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct ModelEvaluator {
    #[serde(deserialize_with = "at_least_one")]
    models: Vec<ModelName>,
    #[serde(default = "without_chance")]
    parameters: Parameters,
    #[serde(default = "max_tokens")]
    max_tokens: u32,
}

fn without_chance() -> Parameters {
    Parameters { temperature: Some(0.0), seed: None }
}

fn max_tokens() -> u32 {
    4_096
}

impl ModelEvaluator {
    /// Judges by this model, with a temperature of 0.
    pub fn new(model: ModelName) -> Self {
        Self { models: vec![model], parameters: without_chance(), max_tokens: max_tokens() }
    }

    /// Asks this model where those before it fail.
    pub fn fallback(mut self, model: ModelName) -> Self {
        self.models.push(model);
        self
    }

    /// How the model is to sample.
    pub fn parameters(mut self, parameters: Parameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// The most tokens of a reply, thinking included; 4,096 by default.
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = tokens;
        self
    }
}

/// A call, and what its reply says, or what is wrong with it; nothing where there was no reply.
struct Asked {
    call: ModelCall,
    found: Option<Result<Found, String>>,
}

/// What the model said of one answer.
struct Heard {
    calls: Vec<Asked>,
    /// Why no further reply was had.
    failure: Option<Error>,
}

impl Evaluator for ModelEvaluator {
    fn info(&self) -> EvaluatorInfo {
        info(self.models.first())
    }

    fn models(&self) -> Vec<ModelName> {
        self.models.clone()
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement> {
        let asking = request.asking.ok_or_else(|| {
            Error::invalid_state("a language model judges by way of an engine, which has its services and limits")
        })?;
        let subjects = subjects(request);
        let asked: Vec<&Subject<'_>> =
            subjects.iter().filter(|subject| !subject.exchange.answer.trim().is_empty()).collect();
        let heard = threads::each(&asked, AT_A_TIME, |_, subject| self.ask(request, &asking, subject));
        let mut calls = Vec::new();
        let mut failures = Vec::new();
        for heard in heard {
            let heard = heard.unwrap_or_else(|| Err(Error::internal("judging panicked")))?;
            calls.extend(heard.calls);
            failures.extend(heard.failure);
        }
        let has_reply = calls.iter().any(|asked| asked.found.is_some());
        match telling(failures) {
            // What is not a service's failure is the caller's to know, but takes no reply from anybody.
            Some(error) if !has_reply && !is_of_service(&error) => Err(error),
            failure => Ok(Judgement { failure, ..judgement(request, 0, &subjects, calls)? }),
        }
    }
}

/// Whether an error tells of a language model that was asked, rather than of what is wrong with asking it.
fn is_of_service(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Provider | ErrorKind::Timeout | ErrorKind::Limited)
}

impl ModelEvaluator {
    /// Asks about one answer until the reply holds.
    fn ask(&self, request: &JudgeRequest<'_>, asking: &Asking<'_>, subject: &Subject<'_>) -> Result<Heard> {
        let mut heard = Heard { calls: Vec::new(), failure: None };
        let sample = request.sample.to_string();
        let parameters =
            Parameters { seed: self.parameters.seed.map(|seed| seed.wrapping_add(request.sample)), ..self.parameters };
        let mut problem: Option<String> = None;
        for _ in 0..=ASK_AGAIN {
            let prompt = questions::prompt(request, subject, parameters, self.max_tokens, problem.as_deref())?;
            let schema_hash = prompt.schema.as_ref().map(questions::schema_hash).unwrap_or_default();
            let facets = [
                ("prompt", questions::VERSION),
                ("schema", schema_hash.as_str()),
                ("rubric", request.rubric_hash),
                ("language", request.language.as_str()),
                ("sample", sample.as_str()),
            ];
            let is_good = |text: &str| settling::problem(&reply::read(text, subject)).is_none();
            let hash = prompt.hash();
            let kept = Kept { prompt: hash, facets: &facets, is_good: &is_good };
            let began = Instant::now();
            let asked = asking.ask(&self.models, &prompt, Some(kept), None);
            let call = ModelCall {
                exchange: number(subject.place),
                judge: 0,
                model: asking.first_of(&self.models).map(ModelName::to_string).unwrap_or_default(),
                answered_by: None,
                parameters,
                prompt_version: questions::VERSION.into(),
                prompt_hash: hex(&hash),
                schema_hash,
                request_id: None,
                tokens: Tokens::default(),
                cost: None,
                duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
                tries: 0,
                cached: false,
                reply: String::new(),
                failure: None,
            };
            let answer = match asked {
                Ok(answer) => answer,
                Err(Unanswered { error, tries }) => {
                    let failure = Some(format!("{}: {error}", error.kind()));
                    heard.calls.push(Asked { call: ModelCall { tries, failure, ..call }, found: None });
                    heard.failure = Some(error);
                    return Ok(heard);
                }
            };
            let found = reply::read(&answer.text, subject);
            problem = settling::problem(&found).map(str::to_owned);
            let call = ModelCall {
                model: answer.model.to_string(),
                answered_by: answer.answered_by,
                parameters: answer.parameters,
                request_id: answer.request_id,
                tokens: answer.tokens,
                cost: answer.cost,
                duration_ms: answer.duration_ms,
                tries: answer.tries,
                cached: answer.cached,
                reply: answer.text,
                ..call
            };
            heard.calls.push(Asked { call, found: Some(found) });
            if problem.is_none() {
                break;
            }
        }
        Ok(heard)
    }
}

fn info(model: Option<&ModelName>) -> EvaluatorInfo {
    match model {
        Some(model) => EvaluatorInfo::new(model.provider().as_str(), model.model(), questions::VERSION),
        None => EvaluatorInfo::new("", "", questions::VERSION),
    }
}

/// The model that judged, where one did it all.
fn answered_by(calls: &[ModelCall]) -> Option<EvaluatorInfo> {
    let mut replied = calls.iter().filter(|call| call.failure.is_none());
    let first = replied.next()?;
    let model: ModelName = first.model.parse().ok()?;
    replied.all(|call| call.model == first.model).then(|| info(Some(&model)))
}

/// Whether this module made an evaluation of such an evaluator.
pub(super) fn is_ours(info: &EvaluatorInfo) -> bool {
    info.version == questions::VERSION
}

/// The answers of a request, with what they are judged by.
fn subjects<'a>(request: &JudgeRequest<'a>) -> Vec<Subject<'a>> {
    (0..request.exchanges.len()).filter_map(|place| Subject::new(request, place)).collect()
}

/// The judgement that follows from what one judge was replied, as it is stored.
pub(super) fn judge_again(request: &JudgeRequest<'_>, judge: u32, calls: Vec<ModelCall>) -> Result<Judgement> {
    let subjects = subjects(request);
    let read = |call: &ModelCall| {
        let subject = subjects.iter().find(|subject| number(subject.place) == call.exchange)?;
        call.failure.is_none().then(|| reply::read(&call.reply, subject))
    };
    let asked = calls.into_iter().map(|call| Asked { found: read(&call), call }).collect();
    judgement(request, judge, &subjects, asked)
}

/// The judgement that follows from what one judge was asked and replied.
fn judgement(request: &JudgeRequest<'_>, judge: u32, subjects: &[Subject<'_>], asked: Vec<Asked>) -> Result<Judgement> {
    let mut judgement = Judgement::new(Vec::new());
    let builtin = BuiltinEvaluator::new().judge(&JudgeRequest { calibration: None, ..*request })?;
    for subject in subjects {
        let place = subject.place;
        if subject.exchange.answer.trim().is_empty() {
            judgement.ratings.extend(builtin.ratings.iter().filter(|it| it.exchange == number(place)).cloned());
            continue;
        }
        let of = || asked.iter().filter(|asked| asked.call.exchange == number(place) && asked.call.judge == judge);
        let found: Vec<&Result<Found, String>> = of().filter_map(|asked| asked.found.as_ref()).collect();
        let failure = of().find_map(|asked| asked.call.failure.as_deref());
        let Settled { ratings, missing, strengths, weaknesses, recommendations } =
            settling::settle(subject, &found, failure);
        judgement.ratings.extend(ratings.into_iter().map(|rating| with_confidence(rating, &builtin.ratings)));
        judgement.missing.extend(missing);
        extend(&mut judgement.strengths, strengths);
        extend(&mut judgement.weaknesses, weaknesses);
        extend(&mut judgement.recommendations, recommendations);
        judgement.flags.extend(injection::flags(number(place), &subject.exchange.answer));
    }
    let words = judging(request.language);
    judgement.next = judgement.recommendations.first().cloned();
    judgement.feedback = (words.feedback)(&Summary {
        next: judgement.next.clone(),
        ..summary(request, &judgement.ratings, &answered(request, &judgement.ratings))
    });
    if let Some(at) = suspicious(request, &judgement.flags, &judgement.ratings, &builtin.ratings) {
        judgement.needs_review.push((words.remark)(&Remark::ReviewFlagged { at }));
    }
    judgement.calls = asked.into_iter().map(|asked| asked.call).collect();
    judgement.evaluator = answered_by(&judgement.calls);
    Ok(judgement)
}

/// How near the built-in evaluator is.
fn with_confidence(mut rating: Rating, builtin: &[Rating]) -> Rating {
    let same = |it: &&Rating| it.exchange == rating.exchange && it.competency == rating.competency;
    let distance = builtin.iter().find(same).map_or(1.0, |it| (it.score - rating.score).abs());
    rating.confidence = ((1.0 - distance) * 10_000.0).round() / 10_000.0;
    rating
}

fn extend(remarks: &mut Vec<String>, more: Vec<String>) {
    for remark in more {
        if remarks.len() < MOST_REMARKS && !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
}

/// The answers that speak to the judge and are scored far above what the built-in evaluator gives them.
fn suspicious(
    request: &JudgeRequest<'_>,
    flags: &[Flag],
    ratings: &[Rating],
    builtin: &[Rating],
) -> Option<Vec<Place>> {
    let mean = |ratings: &[Rating], exchange: u32| {
        let of = ratings.iter().filter(|it| it.exchange == exchange);
        let (sum, count) = of.fold((0.0, 0.0), |(sum, count), it| (sum + it.score, count + 1.0));
        if count > 0.0 { sum / count } else { 0.0 }
    };
    let mut at: Vec<Place> = flags
        .iter()
        .map(|flag| flag.exchange)
        .filter(|exchange| mean(ratings, *exchange) - mean(builtin, *exchange) >= EXCESS)
        .filter_map(|exchange| Some(Place::of(exchange, request.exchanges.get(exchange as usize)?)))
        .collect();
    at.sort_unstable();
    at.dedup();
    (!at.is_empty()).then_some(at)
}
