//! Having answers judged, and what came of it.

use std::collections::BTreeMap;
use std::ffi::c_char;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use vivavoce::{
    AnswerEvaluation, AnswerOptions, CallOptions, CancelToken, Error, ErrorKind, InterviewType, Language, Override,
    Question, Rubric,
};

use crate::call::{document_of, made, with_engine, write};
use crate::cancel::vv_cancel;
use crate::engine::vv_engine;
use crate::error::{invalid_input, milliseconds, vv_error};
use crate::id::vv_id;
use crate::options::{call_options, vv_call_options};
use crate::status::vv_status;
use crate::text::{document, json, string};

/// A scorecard for people, in Markdown.
pub const VV_SCORECARD_MARKDOWN: u32 = 0;
/// A scorecard for people, as one page of HTML that needs nothing else.
pub const VV_SCORECARD_HTML: u32 = 1;
/// A scorecard for programs, as a document.
pub const VV_SCORECARD_JSON: u32 = 2;

/// Answers by the places of their questions; a place that stands twice is refused, as one of its answers would be lost.
struct Answers(BTreeMap<u32, String>);

impl<'de> Deserialize<'de> for Answers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Answers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of answers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Answers, A::Error> {
                let mut answers = BTreeMap::new();
                while let Some((place, answer)) = map.next_entry()? {
                    if answers.insert(place, answer).is_some() {
                        return Err(serde::de::Error::custom(format_args!("{place} is there twice")));
                    }
                }
                Ok(Answers(answers))
            }
        }

        deserializer.deserialize_map(Each)
    }
}

/// How answers without an interview are judged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Judging {
    interview_type: InterviewType,
    #[serde(default)]
    language: Language,
    job_description: Option<String>,
    rubric: Option<Rubric>,
    calibration: Option<String>,
}

impl Judging {
    pub(crate) fn options(self, call: CallOptions) -> AnswerOptions {
        let Self { interview_type, language, job_description, rubric, calibration } = self;
        AnswerOptions { interview_type, language, job_description, rubric, calibration, call }
    }
}

/// An answer and its question.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    question: Question,
    answer: String,
}

/// What became of one answer of several.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Judged {
    Judgement(Box<AnswerEvaluation>),
    Error {
        kind: &'static str,
        message: String,
        retryable: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
}

impl From<Result<AnswerEvaluation, Error>> for Judged {
    fn from(judged: Result<AnswerEvaluation, Error>) -> Self {
        match judged {
            Ok(judgement) => Self::Judgement(Box::new(judgement)),
            Err(error) => Self::Error {
                kind: error.kind().as_str(),
                message: error.to_string(),
                retryable: error.is_retryable(),
                retry_after_ms: milliseconds(&error),
            },
        }
    }
}

/// Has answers judged that were given without a session: a document whose keys are the places of their questions in the plan, from 0, for example {"0": "Because."}. Gives the
/// evaluation's id and document, either of which may be null; free the latter with `vv_string_free`. Any thread.
///
/// A failing evaluator is no error: the evaluation is then `failed` and says why. `VV_NOT_FOUND`, `VV_INVALID_INPUT`, `VV_CONFLICT`, `VV_TIMEOUT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_evaluate(
    engine: *const vv_engine,
    interview: vv_id,
    answers: *const c_char,
    answers_len: usize,
    options: *const vv_call_options,
    id: *mut vv_id,
    evaluation: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        made(engine, (id, evaluation), error, |engine| {
            let answers: Answers = document("answers", answers, answers_len)?;
            let made = engine.evaluate_with(interview.as_any(), &answers.0, &call_options(options)?)?;
            Ok((made.id.as_uuid().into(), made))
        })
    }
}

/// Judges one answer without keeping anything. `answered` is a document: `question` and `answer`; `judging` is one: `interview_type`, and it may have `language`,
/// `job_description`, `rubric`, `calibration` (see `vv_engine_calibrate`). Gives the score, 0 to 1, and the judgement as a document, either of which may be null; free the latter with
/// `vv_string_free`. Any thread.
///
/// `VV_INVALID_INPUT` where a document or a limit is broken, or there is no such calibration; `VV_UNSUPPORTED` where it corrects another version of the built-in
/// evaluator; what the evaluator answers where it fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_evaluate_answer(
    engine: *const vv_engine,
    answered: *const c_char,
    answered_len: usize,
    judging: *const c_char,
    judging_len: usize,
    options: *const vv_call_options,
    score: *mut f64,
    judgement: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let Answered { question, answer } = document("answered", answered, answered_len)?;
            let judging: Judging = document("judging", judging, judging_len)?;
            let found = engine.evaluate_answer(&question, &answer, &judging.options(call_options(options)?))?;
            write(judgement, || json(&found))?;
            write(score, || Ok(found.score))
        })
    }
}

/// Judges many answers at once without keeping anything: `answered` is a list of documents, each as that of `vv_engine_evaluate_answer`. Gives a list in their order, to be freed
/// with `vv_string_free`: each is a document with `judgement`, or with `error`, which has `kind` (for example "timeout"), `message`, `retryable` and, where that is known, `retry_after_ms`. Any thread.
///
/// `VV_INVALID_INPUT` where a document is broken; `VV_NOT_FOUND` and `VV_UNSUPPORTED` as with `vv_engine_evaluate_answer`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_evaluate_answers(
    engine: *const vv_engine,
    answered: *const c_char,
    answered_len: usize,
    judging: *const c_char,
    judging_len: usize,
    options: *const vv_call_options,
    judged: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        document_of(engine, judged, error, |engine| {
            let answered: Vec<Answered> = document("answered", answered, answered_len)?;
            let answered: Vec<_> = answered.into_iter().map(|it| (it.question, it.answer)).collect();
            let judging: Judging = document("judging", judging, judging_len)?;
            let found = engine.evaluate_answers(&answered, &judging.options(call_options(options)?))?;
            Ok(found.into_iter().map(Judged::from).collect::<Vec<_>>())
        })
    }
}

/// Reads an evaluation as a document, to be freed with `vv_string_free`. Any thread.
///
/// `VV_NOT_FOUND` where there is none, or its interview was erased.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_evaluation(
    engine: *const vv_engine,
    id: vv_id,
    evaluation: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { document_of(engine, evaluation, error, |engine| engine.evaluation(id.as_any())) }
}

/// The score of an evaluation, 0 to 1. Any thread.
///
/// `VV_NOT_FOUND`; `VV_INVALID_STATE` where it has none: it is not finished, or failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_score(
    engine: *const vv_engine,
    id: vv_id,
    score: *mut f64,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let found = engine.evaluation(id.as_any())?;
            let none = || Error::new(ErrorKind::InvalidState, format!("evaluation {} has no score", found.id));
            write(score, || found.score.ok_or_else(none))
        })
    }
}

/// The ids of an interview's evaluations, oldest first, as a list of texts to be freed with `vv_string_free`. Any thread.
///
/// `VV_NOT_FOUND` where there is no such interview.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_evaluations(
    engine: *const vv_engine,
    interview: vv_id,
    ids: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { document_of(engine, ids, error, |engine| engine.evaluations(interview.as_any())) }
}

/// The scorecard of an evaluation, to be freed with `vv_string_free`; `format` is one of `VV_SCORECARD_MARKDOWN`, `VV_SCORECARD_HTML`, `VV_SCORECARD_JSON`. Any thread.
///
/// `VV_NOT_FOUND` where there is no such evaluation, `VV_INVALID_INPUT` for another format.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_scorecard(
    engine: *const vv_engine,
    id: vv_id,
    format: u32,
    scorecard: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let card = engine.scorecard(id.as_any())?;
            write(scorecard, || match format {
                VV_SCORECARD_MARKDOWN => string(card.to_markdown()),
                VV_SCORECARD_HTML => string(card.to_html()),
                VV_SCORECARD_JSON => string(card.to_json()?),
                _ => {
                    Err(invalid_input("format is none of VV_SCORECARD_MARKDOWN, VV_SCORECARD_HTML, VV_SCORECARD_JSON"))
                }
            })
        })
    }
}

/// Has the same answers judged again. The new evaluation supersedes the earlier one, which stays; see `vv_engine_evaluate` for what comes out. Any thread.
///
/// `VV_NOT_FOUND`; `VV_INVALID_STATE` where the evaluation is not finished; `VV_CONFLICT` where it was superseded already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_re_evaluate(
    engine: *const vv_engine,
    earlier: vv_id,
    options: *const vv_call_options,
    id: *mut vv_id,
    evaluation: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        made(engine, (id, evaluation), error, |engine| {
            let made = engine.re_evaluate_with(earlier.as_any(), &call_options(options)?)?;
            Ok((made.id.as_uuid().into(), made))
        })
    }
}

/// Puts a person's score in the place of a judge's. `change` is a document: `score`, `by`, `reason`, and, for one rating, `rating` with `exchange` and `competency`. The new
/// evaluation supersedes the earlier one, which stays; see `vv_engine_evaluate` for what comes out. Any thread.
///
/// `VV_NOT_FOUND`, `VV_INVALID_INPUT`; `VV_INVALID_STATE` where the evaluation has no score; `VV_CONFLICT` where it was superseded already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_override_score(
    engine: *const vv_engine,
    earlier: vv_id,
    change: *const c_char,
    change_len: usize,
    options: *const vv_call_options,
    id: *mut vv_id,
    evaluation: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        made(engine, (id, evaluation), error, |engine| {
            let change: Override = document("change", change, change_len)?;
            let made = engine.override_score_with(earlier.as_any(), change, &call_options(options)?)?;
            Ok((made.id.as_uuid().into(), made))
        })
    }
}

/// Judges again from the stored replies, without asking anybody: the same document as `vv_engine_evaluation` gives, unless it was tampered with. Free it with
/// `vv_string_free`. Any thread.
///
/// `VV_NOT_FOUND`; `VV_INVALID_STATE` where the evaluation is not finished; `VV_UNSUPPORTED` where an application's own evaluator made it, or it has no replies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_replay(
    engine: *const vv_engine,
    id: vv_id,
    evaluation: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { document_of(engine, evaluation, error, |engine| engine.replay(id.as_any())) }
}

/// Makes the evaluations that were left to workers, of all tenants, in this thread, until `stop` is cancelled; gives how many it made. Any number of workers may run, in this
/// process and in others. `stop` must live until the call returns.
///
/// `VV_INVALID_STATE` when the engine is closed, `VV_STORAGE` where the store fails for good.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_run_worker(
    engine: *const vv_engine,
    stop: *const vv_cancel,
    made: *mut u64,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let stop: &CancelToken = &stop.as_ref().ok_or_else(|| invalid_input("stop is null"))?.0;
            let count = engine.run_worker(stop)?;
            write(made, || Ok(count))
        })
    }
}

/// What this engine's tenant has used of its budget for language models, as a document to be freed with `vv_string_free`: `tokens`, `money`, `since`. Any thread.
///
/// `VV_UNSUPPORTED` where tenants have no budget.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_spent(
    engine: *const vv_engine,
    spent: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { document_of(engine, spent, error, |engine| engine.spent()) }
}
