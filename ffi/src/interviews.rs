//! Plans.

use std::ffi::c_char;

use vivavoce::{NewInterview, QuestionRequest};

use crate::call::{document_of, made, with_engine};
use crate::engine::vv_engine;
use crate::error::vv_error;
use crate::id::vv_id;
use crate::options::{call_options, vv_call_options};
use crate::status::vv_status;
use crate::text::{document, text};

/// Plans an interview. `plan` is a document: `candidate_name`, `interview_type` and `questions`, and what else `NewInterview` has. `id` and `interview`, the whole
/// interview, may be null; free the latter with `vv_string_free`. Any thread.
///
/// `VV_INVALID_INPUT` where the document or a limit is broken, or it names a calibration that is not there, `VV_CONFLICT` where the key was used for another plan.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_create_interview(
    engine: *const vv_engine,
    plan: *const c_char,
    plan_len: usize,
    options: *const vv_call_options,
    id: *mut vv_id,
    interview: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        made(engine, (id, interview), error, |engine| {
            let new: NewInterview = document("plan", plan, plan_len)?;
            let made = engine.create_interview_with(new, &call_options(options)?)?;
            Ok((made.id.as_uuid().into(), made))
        })
    }
}

/// Reads an interview as a document, to be freed with `vv_string_free`. Any thread.
///
/// `VV_NOT_FOUND` where there is none, or it was erased.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_interview(
    engine: *const vv_engine,
    id: vv_id,
    interview: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { document_of(engine, interview, error, |engine| engine.interview(id.as_any())) }
}

/// Replaces the plan of a draft: an interview of which no session was started, and no evaluation asked for. `plan` is a whole plan, as in `vv_engine_create_interview`.
/// `interview`, the whole interview afterwards, may be null; free it with `vv_string_free`. Of two updates at once, both are done, one after the other. Any thread.
///
/// `VV_INVALID_INPUT` where the document or a limit is broken, or the plan names a calibration that is not there; `VV_NOT_FOUND` where there is none, or it was erased; `VV_INVALID_STATE` where it is no draft; `VV_CONFLICT` where
/// the key was used for another plan.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_update_interview(
    engine: *const vv_engine,
    id: vv_id,
    plan: *const c_char,
    plan_len: usize,
    options: *const vv_call_options,
    interview: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        document_of(engine, interview, error, |engine| {
            let plan: NewInterview = document("plan", plan, plan_len)?;
            engine.update_interview_with(id.as_any(), plan, &call_options(options)?)
        })
    }
}

/// Deletes a draft: erases an interview of which no session was started, and no evaluation asked for, and refuses any other. Its id, times and audit log stay. `requested_by`
/// is recorded. On an interview that is erased already it does nothing. Any thread.
///
/// As `vv_engine_erase_interview`; `VV_INVALID_STATE` where it is no draft.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_delete_draft(
    engine: *const vv_engine,
    interview: vv_id,
    requested_by: *const c_char,
    requested_by_len: usize,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            engine.delete_draft(interview.as_any(), text("requested_by", requested_by, requested_by_len)?)
        })
    }
}

/// Questions for a plan, as a list of documents to be freed with `vv_string_free`. `wanted` is a document: `interview_type` and `count`, and what else `QuestionRequest` has.
/// Any thread.
///
/// `VV_INVALID_INPUT` where the document or a limit is broken, `VV_PROVIDER` where a model's questions could not be used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_generate_questions(
    engine: *const vv_engine,
    wanted: *const c_char,
    wanted_len: usize,
    options: *const vv_call_options,
    questions: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        document_of(engine, questions, error, |engine| {
            let wanted: QuestionRequest = document("wanted", wanted, wanted_len)?;
            engine.generate_questions_with(&wanted, &call_options(options)?)
        })
    }
}
