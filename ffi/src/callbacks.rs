//! The application's own functions: its clock, its interviewer and its evaluator.

use std::ffi::{c_char, c_void};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use vivavoce::{
    CancelToken, Error, ErrorKind, Evaluator, EvaluatorInfo, Exchange, Interview, Interviewer, JudgeRequest, Judgement,
    Language, Message, Missing, Next, Quote, Rating, Rubric, Scene, Speech,
};

use crate::error::{FORKED, vv_error};
use crate::status::vv_status;
use crate::text::{Told, terminated, text};

/// What a callback answers with: text that the library keeps a copy of. It also says how long the callback may take.
pub struct vv_answer {
    /// Behind a lock, because other threads may ask the same answer for its time.
    said: Mutex<Option<Result<String, Error>>>,
    deadline: Option<Instant>,
    cancel: Option<CancelToken>,
}

/// Where the time comes from. All zeros for the system's clock.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct vv_clock {
    /// The time in microseconds since 1970 (UTC). Called by any thread, by several at once, and often: it must be quick. Must not call the engine.
    pub now_us: Option<unsafe extern "C" fn(data: *mut c_void) -> i64>,
    /// What the function is given.
    pub data: *mut c_void,
    /// Frees `data` when the engine has no more use for it; null where there is nothing to free.
    pub free: Option<unsafe extern "C" fn(data: *mut c_void)>,
}

/// Who finds the interviewer's words. All zeros for the scripted interviewer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct vv_interviewer {
    /// Says what comes next: gives the words to `vv_answer_set`, and returns `VV_OK`; or another status, and may say why with `vv_error_new` in `error`. `scene` is a document:
    /// `interview`, `language`, `messages`, and `next` with `kind` (`question`, `probe`, `closing`) and the place of its `question`. Called by any thread, by several at once.
    pub speak: Option<
        unsafe extern "C" fn(
            data: *mut c_void,
            scene: *const c_char,
            scene_len: usize,
            answer: *mut vv_answer,
            error: *mut *mut vv_error,
        ) -> i32,
    >,
    /// What the function is given.
    pub data: *mut c_void,
    /// Frees `data` when the engine has no more use for it; null where there is nothing to free.
    pub free: Option<unsafe extern "C" fn(data: *mut c_void)>,
}

/// Who judges. All zeros for the built-in evaluator.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct vv_evaluator {
    /// Judges: gives a document to `vv_answer_set`, and returns `VV_OK`; or another status, and may say why with `vv_error_new` in `error`. `request` is a document: `interview`,
    /// `rubric`, `language` and `exchanges`. The answer has `ratings`, each with `exchange`, `competency`, `score` (0 to 1), and it may have `confidence`, `quotes` and `reason`; it may have `feedback`,
    /// `strengths`, `weaknesses`, `recommendations`, `needs_review` and `missing`. The library checks it: a quote is an exact span of the answer. Called by any thread, by
    /// several at once.
    pub judge: Option<
        unsafe extern "C" fn(
            data: *mut c_void,
            request: *const c_char,
            request_len: usize,
            answer: *mut vv_answer,
            error: *mut *mut vv_error,
        ) -> i32,
    >,
    /// What the evaluations say of who judged, for example "keywords"; ends with NUL, and is copied. Null for "application".
    pub name: *const c_char,
    /// The version of its rules; ends with NUL, and is copied. Null for none.
    pub version: *const c_char,
    /// What the function is given.
    pub data: *mut c_void,
    /// Frees `data` when the engine has no more use for it; null where there is nothing to free.
    pub free: Option<unsafe extern "C" fn(data: *mut c_void)>,
}

/// Gives what a callback answers: text that is copied. Only within the callback that was given `answer`, in its thread. Text that cannot be used fails the callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_answer_set(answer: *mut vv_answer, data: *const c_char, len: usize) {
    // SAFETY: null, or what the library gave the callback.
    if let Some(answer) = unsafe { answer.as_ref() } {
        // SAFETY: the callback's text, as the conventions ask.
        let said = unsafe { text("the callback's answer", data, len) }.map(str::to_owned);
        // It is the application's mistake and not the caller's.
        let said = said.map_err(|error| Error::new(ErrorKind::Provider, error.to_string()));
        *answer.said.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
    }
}

/// How long the call that asks may still wait for the callback, in milliseconds: 0 where the answer is not wanted any more, because the time is over, the call was cancelled, another worker took over, or the engine
/// is closed; -1 for no limit yet. A callback that waits for something looks now and then, and gives up with `VV_TIMEOUT`. Until the callback returns, any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_answer_remaining_ms(answer: *const vv_answer) -> i64 {
    // SAFETY: null, or what the library gave a callback that has not returned.
    let Some(answer) = (unsafe { answer.as_ref() }) else { return 0 };
    if answer.cancel.as_ref().is_some_and(CancelToken::is_cancelled) {
        return 0;
    }
    let Some(deadline) = answer.deadline else { return -1 };
    // Rounded up: 0 is when it is over, and no sooner, as the call itself counts.
    let left = deadline.saturating_duration_since(Instant::now()).as_nanos().div_ceil(1_000_000);
    i64::try_from(left).unwrap_or(i64::MAX)
}

/// An error for a callback to give: its status (`VV_PROVIDER`, for example), a message, which is copied and must hold no secret and none of the candidate's words, and when to try
/// again, in milliseconds: -1 for never, 0 for any time. The library takes it. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_error_new(
    status: i32,
    message: *const c_char,
    message_len: usize,
    retry_after_ms: i64,
) -> *mut vv_error {
    // SAFETY: the caller's text, as the conventions ask.
    let words = match unsafe { text("message", message, message_len) } {
        Ok("") | Err(_) => "a callback failed".to_owned(),
        Ok(words) => words.to_owned(),
    };
    let error = Error::new(kind(status), words);
    let error = match u64::try_from(retry_after_ms) {
        Ok(0) => error.retryable(),
        Ok(delay) => error.retryable_after(std::time::Duration::from_millis(delay)),
        Err(_) => error,
    };
    vv_error::from(error).into_raw()
}

/// The kind of a status, where that is one of a failure.
pub(crate) fn kind_of(status: i32) -> Option<ErrorKind> {
    ErrorKind::ALL.into_iter().find(|kind| vv_status::from(*kind) as i32 == status)
}

/// The kind of a status that a callback gives; what is none is a fault of the callback's.
fn kind(status: i32) -> ErrorKind {
    kind_of(status).unwrap_or(ErrorKind::Provider)
}

/// What a callback is given, which is freed with the last use of it.
pub(crate) struct Data {
    data: *mut c_void,
    free: Option<unsafe extern "C" fn(*mut c_void)>,
}

impl Data {
    pub(crate) fn new(data: *mut c_void, free: Option<unsafe extern "C" fn(*mut c_void)>) -> Self {
        Self { data, free }
    }

    pub(crate) fn get(&self) -> *mut c_void {
        self.data
    }
}

// SAFETY: the conventions ask that callbacks may be called, and their data be freed, by any thread.
unsafe impl Send for Data {}
// SAFETY: as above.
unsafe impl Sync for Data {}

impl Drop for Data {
    fn drop(&mut self) {
        if let Some(free) = self.free {
            // SAFETY: the application's function with the application's data, once.
            unsafe { free(self.data) };
        }
    }
}

/// The application's clock, owned.
pub(crate) struct Clock {
    now: unsafe extern "C" fn(*mut c_void) -> i64,
    data: Data,
}

impl Clock {
    pub(crate) fn take(given: vv_clock) -> Option<Self> {
        let data = Data::new(given.data, given.free);
        Some(Self { now: given.now_us?, data })
    }

    pub(crate) fn now_us(&self) -> i64 {
        // SAFETY: the application's function with the application's data.
        unsafe { (self.now)(self.data.get()) }
    }
}

type Ask = unsafe extern "C" fn(*mut c_void, *const c_char, usize, *mut vv_answer, *mut *mut vv_error) -> i32;

/// A callback that is asked something and answers with text.
struct Asked {
    ask: Ask,
    data: Data,
}

impl Asked {
    fn ask<T: Serialize>(
        &self,
        whose: &'static str,
        question: &T,
        (deadline, cancel): (Option<Instant>, Option<&CancelToken>),
    ) -> Result<String, Error> {
        let question = Told::new(question)?;
        let answer = vv_answer { said: Mutex::new(None), deadline, cancel: cancel.cloned() };
        let given = (&raw const answer).cast_mut();
        // SAFETY: the application's function with the application's data; all that it is given lives until it returns.
        unsafe {
            outcome(whose, |error| (self.ask)(self.data.get(), question.as_ptr(), question.len(), given, error))?;
        }
        answer
            .said
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .unwrap_or_else(|| Err(Error::new(ErrorKind::Provider, format!("the {whose} gave no answer"))))
    }
}

/// Calls the application back, and says what became of it: its function returns a status, and may leave an error, which is the library's then.
pub(crate) unsafe fn outcome(
    whose: &'static str,
    callback: impl FnOnce(*mut *mut vv_error) -> i32,
) -> Result<(), Error> {
    let mut error: *mut vv_error = std::ptr::null_mut();
    let status = callback(&mut error);
    let told = (!error.is_null() && !std::ptr::eq(error, &FORKED)).then(|| {
        // SAFETY: it came out of `vv_error_new`, or of a call that the callback made; it is the library's now.
        unsafe { Box::from_raw(error) }.to_error()
    });
    match status {
        0 => Ok(()),
        status => Err(told.unwrap_or_else(|| Error::new(kind(status), format!("the {whose} failed")))),
    }
}

/// The application's interviewer.
pub(crate) struct OwnInterviewer(Asked);

impl OwnInterviewer {
    pub(crate) fn take(given: vv_interviewer) -> Option<Self> {
        let data = Data::new(given.data, given.free);
        Some(Self(Asked { ask: given.speak?, data }))
    }
}

#[derive(Serialize)]
struct SceneDocument<'a> {
    interview: &'a Interview,
    language: Language,
    messages: &'a [Arc<Message>],
    next: NextDocument,
}

#[derive(Serialize)]
struct NextDocument {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<u32>,
}

impl Interviewer for OwnInterviewer {
    fn speak(&self, scene: &Scene<'_>) -> Result<Speech, Error> {
        let (kind, question) = match scene.next {
            Next::Question { question } => ("question", Some(question)),
            Next::Probe { question, .. } => ("probe", Some(question)),
            Next::Closing => ("closing", None),
            _ => {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    "the interviewer is to say what this ABI has no word for",
                ));
            }
        };
        let document = SceneDocument {
            interview: scene.interview,
            language: scene.language,
            messages: scene.messages,
            next: NextDocument { kind, question },
        };
        self.0.ask("interviewer", &document, (scene.deadline, scene.cancel)).map(Speech::new)
    }
}

/// The application's evaluator.
pub(crate) struct OwnEvaluator {
    asked: Asked,
    info: EvaluatorInfo,
}

impl OwnEvaluator {
    /// # Safety
    /// Name and version are null, or end with NUL.
    pub(crate) unsafe fn take(given: vv_evaluator) -> Result<Option<Self>, Error> {
        let data = Data::new(given.data, given.free);
        let Some(ask) = given.judge else { return Ok(None) };
        let named = |field, text: *const c_char, otherwise| match text.is_null() {
            true => Ok(otherwise),
            // SAFETY: as the caller of this says.
            false => unsafe { terminated(field, text) },
        };
        let (name, version) =
            (named("evaluator.name", given.name, "application")?, named("evaluator.version", given.version, "")?);
        Ok(Some(Self { asked: Asked { ask, data }, info: EvaluatorInfo::new("application", name, version) }))
    }
}

#[derive(Serialize)]
struct RequestDocument<'a> {
    interview: &'a Interview,
    rubric: &'a Rubric,
    language: Language,
    exchanges: &'a [Exchange],
}

/// A rating as a callback gives it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RatingDocument {
    exchange: u32,
    competency: String,
    score: f64,
    #[serde(default = "sure")]
    confidence: f64,
    #[serde(default)]
    quotes: Vec<Quote>,
    #[serde(default)]
    reason: String,
}

fn sure() -> f64 {
    1.0
}

impl From<RatingDocument> for Rating {
    fn from(given: RatingDocument) -> Self {
        let mut rating = Self::new(given.exchange, given.competency, given.score);
        rating.confidence = given.confidence;
        rating.quotes = given.quotes;
        rating.reason = given.reason;
        rating
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JudgementDocument {
    ratings: Vec<RatingDocument>,
    #[serde(default)]
    feedback: String,
    #[serde(default)]
    strengths: Vec<String>,
    #[serde(default)]
    weaknesses: Vec<String>,
    #[serde(default)]
    recommendations: Vec<String>,
    #[serde(default)]
    needs_review: Vec<String>,
    #[serde(default)]
    missing: Vec<Missing>,
}

impl Evaluator for OwnEvaluator {
    fn info(&self) -> EvaluatorInfo {
        self.info.clone()
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement, Error> {
        let document = RequestDocument {
            interview: request.interview,
            rubric: request.rubric,
            language: request.language,
            exchanges: request.exchanges,
        };
        let answer = self.asked.ask("evaluator", &document, (request.deadline, request.cancel))?;
        let found: JudgementDocument = vivavoce::from_json("the evaluator's answer", &answer)
            .map_err(|error| Error::new(ErrorKind::Provider, error.to_string()))?;
        let mut judgement = Judgement::new(found.ratings.into_iter().map(Rating::from).collect());
        judgement.feedback = found.feedback;
        judgement.strengths = found.strengths;
        judgement.weaknesses = found.weaknesses;
        judgement.recommendations = found.recommendations;
        judgement.needs_review = found.needs_review;
        judgement.missing = found.missing;
        Ok(judgement)
    }
}
