//! Options of an engine and of a call: structures that begin with their size, so that both sides may be newer than the other.

use std::ffi::c_char;
use std::mem::{MaybeUninit, size_of};
use std::num::NonZeroUsize;
use std::time::Duration;

use chrono::DateTime;
use vivavoce::{CallOptions, EngineBuilder, Error, ErrorKind, Unanswered};

use crate::callbacks::{Clock, OwnEvaluator, OwnInterviewer, vv_clock, vv_evaluator, vv_interviewer};
use crate::cancel::vv_cancel;
use crate::error::invalid_input;
use crate::text::optional;

/// The largest structure of options that there will ever be, in bytes: a larger size is a mistake.
const LARGEST: usize = 4096;

/// Options of one call. Begin with `VV_CALL_OPTIONS_INIT`, which sets the size and nothing else; what is not set means nothing.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct vv_call_options {
    /// `sizeof(vv_call_options)`.
    pub size: usize,
    /// Makes the call safe to repeat: the same key with the same request gives the first success again; with another request, `VV_CONFLICT`. Null for none.
    pub idempotency_key: *const c_char,
    /// Its length in bytes.
    pub idempotency_key_len: usize,
    /// How long the call may take, in milliseconds; 0 for no limit.
    pub timeout_ms: u64,
    /// The session's version that the caller has seen: `VV_CONFLICT` where it has moved. 0 for any.
    pub expected_version: u64,
    /// Cancels the call from another thread. Null for none; must live until the call returns.
    pub cancel: *const vv_cancel,
    /// Not 0: leaves an evaluation to a worker.
    pub queued: u64,
    /// The language model to ask in this call alone: `provider/model`. Null for the engine's own.
    pub model: *const c_char,
    /// Its length in bytes.
    pub model_len: usize,
    /// The language-model service and the credentials for this call alone, as a document: `kind`, `key` and more, see docs/language-models.md. Null for the engine's own.
    pub provider: *const c_char,
    /// Its length in bytes.
    pub provider_len: usize,
}

/// Options of an engine. Begin with `VV_ENGINE_OPTIONS_INIT`, which sets the size and nothing else; what is not set means the default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct vv_engine_options {
    /// `sizeof(vv_engine_options)`.
    pub size: usize,
    /// After how long without a message an active session counts as abandoned, in milliseconds; 0 for never.
    pub idle_timeout_ms: u64,
    /// How far reading a session may be behind other processes, in milliseconds; 0 for the default of a second.
    pub read_staleness_ms: u64,
    /// How many live sessions are kept in memory before a database; 0 for the default of 4,096.
    pub cached_sessions: usize,
    /// Where the time comes from.
    pub clock: vv_clock,
    /// Who finds the interviewer's words.
    pub interviewer: vv_interviewer,
    /// Who judges.
    pub evaluator: vv_evaluator,
    /// Language models, and who speaks and judges by them, as a document: see docs/language-models.md. Functions above take the place of whom it names. Null for none.
    pub settings: *const c_char,
    /// Its length in bytes.
    pub settings_len: usize,
    /// Not 0: planned questions without an answer do not lower the score.
    pub ignore_unanswered: u64,
}

/// A structure that begins with its size, and of which all zeros mean that nothing is set. It has no padding: a caller need not have set what is between fields, and a new field has
/// to make it larger.
///
/// # Safety
/// All bit patterns that a C caller can write into the fields are values of it, and so are all zeros.
unsafe trait Grows: Copy {}

// SAFETY: numbers and pointers.
unsafe impl Grows for vv_call_options {}
// SAFETY: numbers, pointers, and functions that may be null.
unsafe impl Grows for vv_engine_options {}

/// Options as this library knows them, and what is wrong where more is set.
struct Known<T> {
    options: T,
    beyond: Option<Error>,
}

impl<T> Known<T> {
    fn all(self) -> Result<T, Error> {
        self.beyond.map_or(Ok(self.options), Err)
    }
}

/// What is set, as this library knows the structure: what the caller's lacks is not set, and what the caller's has beyond it must not be.
unsafe fn known<T: Grows>(name: &str, given: *const T) -> Result<Option<Known<T>>, Error> {
    if given.is_null() {
        return Ok(None);
    }
    // SAFETY: not null, and at least the size is there.
    let size = unsafe { given.cast::<usize>().read() };
    if !(size_of::<usize>()..=LARGEST).contains(&size) {
        return Err(invalid_input(format!("{name}.size is {size}: begin with the INIT of the structure")));
    }
    // SAFETY: the caller says that it has this many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(given.cast::<u8>(), size) };
    let beyond = bytes.iter().skip(size_of::<T>()).any(|byte| *byte != 0).then(|| {
        let words = format!("{name} has something set that this version of the library does not know");
        Error::new(ErrorKind::Unsupported, words)
    });
    let mut known = MaybeUninit::<T>::zeroed();
    // SAFETY: as many bytes as both have; all zeros, and whatever a caller writes, are values of it.
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), known.as_mut_ptr().cast::<u8>(), size.min(size_of::<T>()));
        Ok(Some(Known { options: known.assume_init(), beyond }))
    }
}

/// The options of a call.
pub(crate) unsafe fn call_options(given: *const vv_call_options) -> Result<CallOptions, Error> {
    let mut options = CallOptions::default();
    // SAFETY: as the conventions ask of the caller.
    let Some(given) = (unsafe { known("options", given) })? else { return Ok(options) };
    let given = given.all()?;
    // SAFETY: the caller's text.
    let key = unsafe { optional("idempotency_key", given.idempotency_key, given.idempotency_key_len) }?;
    // SAFETY: the caller's text.
    let model = unsafe { optional("model", given.model, given.model_len) }?;
    options.idempotency_key = key.map(str::to_owned);
    options.timeout = (given.timeout_ms > 0).then(|| Duration::from_millis(given.timeout_ms));
    options.expected_version = (given.expected_version > 0).then_some(given.expected_version);
    // SAFETY: null, or one that the caller has not freed.
    options.cancel = unsafe { given.cancel.as_ref() }.map(|cancel| cancel.0.clone());
    options.queued = given.queued != 0;
    options.model = model.map(str::parse).transpose()?;
    // SAFETY: the caller's text.
    let provider = unsafe { optional("provider", given.provider, given.provider_len) }?;
    options.provider = provider.map(|document| vivavoce::from_json("provider", document)).transpose()?;
    Ok(options)
}

/// An engine's builder with these options.
pub(crate) unsafe fn builder(given: *const vv_engine_options) -> Result<EngineBuilder, Error> {
    let mut builder = vivavoce::Engine::builder();
    // SAFETY: as the conventions ask of the caller.
    let Some(Known { options: given, beyond }) = (unsafe { known("options", given) })? else { return Ok(builder) };
    // These come first: what they hold is the library's from now on, and freed where something below fails.
    let (clock, interviewer) = (Clock::take(given.clock), OwnInterviewer::take(given.interviewer));
    // SAFETY: the caller's texts, as the conventions ask.
    let evaluator = unsafe { OwnEvaluator::take(given.evaluator) };
    let evaluator = beyond.map_or(evaluator, Err)?;
    // SAFETY: as above.
    if let Some(settings) = unsafe { optional("settings", given.settings, given.settings_len) }? {
        builder = builder.settings(vivavoce::from_json("settings", settings)?)?;
    }
    if let Some(clock) = clock {
        builder =
            builder.clock(move || DateTime::from_timestamp_micros(clock.now_us()).unwrap_or(DateTime::UNIX_EPOCH));
    }
    if let Some(interviewer) = interviewer {
        builder = builder.interviewer(interviewer);
    }
    if let Some(evaluator) = evaluator {
        builder = builder.evaluator(evaluator);
    }
    if given.ignore_unanswered != 0 {
        builder = builder.unanswered(Unanswered::Ignored);
    }
    if given.idle_timeout_ms > 0 {
        builder = builder.idle_timeout(Duration::from_millis(given.idle_timeout_ms));
    }
    if given.read_staleness_ms > 0 {
        builder = builder.read_staleness(Duration::from_millis(given.read_staleness_ms));
    }
    if let Some(sessions) = NonZeroUsize::new(given.cached_sessions) {
        builder = builder.cached_sessions(sessions);
    }
    Ok(builder)
}
