//! What an application's own graders teach the built-in evaluator.

use std::ffi::c_char;

use vivavoce::GradedAnswer;

use crate::call::document_of;
use crate::engine::vv_engine;
use crate::error::vv_error;
use crate::evaluations::Judging;
use crate::options::{call_options, vv_call_options};
use crate::status::vv_status;
use crate::text::{document, text};

/// Learns from answers that people graded how the built-in evaluator's scores have to be corrected, and keeps it as the next version of a name, 1 to 100 characters without `@` or control characters, and with no white space at either end.
/// `graded` is a list of documents: `question` (a text, or an object as plans have it), `answer`, and the grader's `score`, 0 to 1; up to 20,000. `judging` is a document as that of
/// `vv_engine_evaluate_answer`, without a calibration: what answers are judged by then. Gives the calibration as a document, to be freed with `vv_string_free`: `name`, `version`,
/// `created_at`, `evaluator_version`, `answers` (how many say something), `bank` and `questions` (what was learned), and `before` and `after`, each with `pearson` (-1 to 1, or null) and
/// `rmse` (0 to 1), which say how near the scores come to the graders': where `after` is not nearer, do not use it. Nobody's scores change until a plan, or `judging`, names it in
/// `calibration`, as `name` for the newest or as `name@version`.
///
/// 10 answers to a question are needed, or 50 in all. The answers are not kept, and the same ones again give the same version: the call is safe to repeat without a key. It asks
/// nobody, computes for seconds where there are many answers, and goes on until it is done: a timeout and a cancellation in `options` do not end it. Any thread.
///
/// `VV_INVALID_INPUT` where a document, the name or a limit is broken (the message says of which answer, from 0), and where there are too few answers; `VV_STORAGE` where the store
/// fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_calibrate(
    engine: *const vv_engine,
    name: *const c_char,
    name_len: usize,
    graded: *const c_char,
    graded_len: usize,
    judging: *const c_char,
    judging_len: usize,
    options: *const vv_call_options,
    calibration: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        document_of(engine, calibration, error, |engine| {
            let name = text("name", name, name_len)?;
            let graded: Vec<GradedAnswer> = document("graded", graded, graded_len)?;
            let judging: Judging = document("judging", judging, judging_len)?;
            engine.calibrate(name, &graded, &judging.options(call_options(options)?))
        })
    }
}

/// Reads a calibration as a document, to be freed with `vv_string_free`; `name` is its name, for the newest of that name, or `name@version`. See `vv_engine_calibrate` for what comes
/// out. Any thread.
///
/// `VV_NOT_FOUND` where there is none; `VV_INVALID_INPUT` where that is no name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_calibration(
    engine: *const vv_engine,
    name: *const c_char,
    name_len: usize,
    calibration: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { document_of(engine, calibration, error, |engine| engine.calibration(text("name", name, name_len)?)) }
}

/// All calibrations of this engine's tenant, every version, by name and version, as a list of documents to be freed with `vv_string_free`; see `vv_engine_calibrate`. Any thread.
///
/// `VV_STORAGE` where the store fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_calibrations(
    engine: *const vv_engine,
    calibrations: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { document_of(engine, calibrations, error, vivavoce::Engine::calibrations) }
}
