//! Lists, events, the audit log, erasure, copies and backups.

use std::ffi::{c_char, c_void};
use std::time::Duration;

use vivavoce::{AuditHead, CallOptions, Engine, Error, ErrorKind, ListEvaluations, ListInterviews, Wake};

use crate::call::{document_of, with_engine, write};
use crate::cancel::vv_cancel;
use crate::engine::vv_engine;
use crate::error::{invalid_input, vv_error};
use crate::fork;
use crate::id::vv_id;
use crate::options::{call_options, vv_call_options};
use crate::status::vv_status;
use crate::text::{Told, document, json, optional, terminated, text};

/// How long a listener waits for events at a time; to be stopped it does not wait so long.
const LOOK: Duration = Duration::from_secs(60);

/// A page of interviews, as a document to be freed with `vv_string_free`: `interviews`, `next_cursor` where there are more, and `total` where it was asked for. `list` is a
/// document with what `ListInterviews` has, or null for the newest ten. The next page is asked for with `{"paging": {"cursor": …}}`. Any thread.
///
/// `VV_INVALID_INPUT` where a filter, the limit or the cursor is wrong.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_list_interviews(
    engine: *const vv_engine,
    list: *const c_char,
    list_len: usize,
    page: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        document_of(engine, page, error, |engine| {
            let list = match list.is_null() && list_len == 0 {
                true => ListInterviews::default(),
                false => document("list", list, list_len)?,
            };
            engine.list_interviews(&list)
        })
    }
}

/// A page of evaluations of all interviews, newest first, as a document to be freed with `vv_string_free`: `evaluations`, and `next_cursor` where there are more. `list` is a
/// document with what `ListEvaluations` has (`status`, `interview_id`, `limit`, `cursor`), or null for the newest ten. The next page is asked for with the same filters and
/// `{"cursor": …}`. Any thread.
///
/// `VV_INVALID_INPUT` where a filter, the limit or the cursor is wrong.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_list_evaluations(
    engine: *const vv_engine,
    list: *const c_char,
    list_len: usize,
    page: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        document_of(engine, page, error, |engine| {
            let list = match list.is_null() && list_len == 0 {
                true => ListEvaluations::default(),
                false => document("list", list, list_len)?,
            };
            engine.list_evaluations(&list)
        })
    }
}

/// The ids of an interview's sessions, oldest first, as a list of texts to be freed with `vv_string_free`. Any thread.
///
/// `VV_NOT_FOUND` where there is no such interview.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_sessions(
    engine: *const vv_engine,
    interview: vv_id,
    ids: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { document_of(engine, ids, error, |engine| engine.sessions(interview.as_any())) }
}

/// Abandons a session: it takes no more messages and is not evaluated. Gives it as a document, to be freed with `vv_string_free`. Any thread.
///
/// `VV_NOT_FOUND`; `VV_INVALID_STATE` where it is completed; `VV_CONFLICT`, `VV_TIMEOUT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_abandon_session(
    engine: *const vv_engine,
    id: vv_id,
    options: *const vv_call_options,
    session: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        document_of(engine, session, error, |engine| engine.abandon_session_with(id.as_any(), &call_options(options)?))
    }
}

/// Abandons the sessions that had no message for the engine's idle time, and gives their ids as a list of texts to be freed with `vv_string_free`. Any thread.
///
/// `VV_STORAGE` where the store fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_abandon_idle_sessions(
    engine: *const vv_engine,
    ids: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { document_of(engine, ids, error, |engine| engine.abandon_idle_sessions()) }
}

/// A session's events after the one numbered `after` (0 for all), at most 1,000, as a list of documents to be freed with `vv_string_free`. Waits up to `timeout_ms` for the
/// first one, and looks every `poll_ms` for what other processes write; with a `poll_ms` of 0 the database says when (PostgreSQL only). `cancel` ends the waiting; it may be null, and must live until the call returns. Any thread.
///
/// `VV_NOT_FOUND` where there is no such session; `VV_TIMEOUT` where it was cancelled; `VV_UNSUPPORTED` where the store does not say when.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_next_events(
    engine: *const vv_engine,
    session: vv_id,
    after: u64,
    poll_ms: u64,
    timeout_ms: u64,
    cancel: *const vv_cancel,
    events: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let found = match (timeout_ms, poll_ms) {
                (0, _) => engine.events(session.as_any(), after)?,
                (timeout, poll) => {
                    let wake = if poll == 0 { Wake::Notify } else { Wake::Poll(Duration::from_millis(poll)) };
                    let options = cancelled_by(cancel.as_ref());
                    engine.next_events_with(session.as_any(), after, wake, Duration::from_millis(timeout), &options)?
                }
            };
            write(events, || json(&found))
        })
    }
}

fn cancelled_by(cancel: Option<&vv_cancel>) -> CallOptions {
    let options = CallOptions::default();
    match cancel {
        Some(cancel) => options.cancel(&cancel.0),
        None => options,
    }
}

/// Is told an event, a document of `len` bytes; goes on where it returns true. Called in the thread of `vv_engine_listen`.
pub type vv_listener = Option<unsafe extern "C" fn(data: *mut c_void, event: *const c_char, len: usize) -> bool>;

/// Tells a session's events after the one numbered `after` (0 for all), in order, each once, as they come, in this thread, until `listener` returns false or `stop` is cancelled.
/// Looks every `poll_ms` for what other processes write; with 0 the database says when (PostgreSQL only). Gives the number of the last event that was told; `last` may be null.
///
/// `VV_NOT_FOUND` where there is no such session; `VV_INVALID_STATE` when the engine is closed; `VV_UNSUPPORTED` where the store does not say when.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_listen(
    engine: *const vv_engine,
    session: vv_id,
    after: u64,
    poll_ms: u64,
    stop: *const vv_cancel,
    listener: vv_listener,
    data: *mut c_void,
    last: *mut u64,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let listener = listener.ok_or_else(|| invalid_input("listener is null"))?;
            let stop = stop.as_ref().ok_or_else(|| invalid_input("stop is null"))?;
            let wake = if poll_ms == 0 { Wake::Notify } else { Wake::Poll(Duration::from_millis(poll_ms)) };
            let options = cancelled_by(Some(stop));
            let mut told = after;
            'listening: loop {
                let events = match engine.next_events_with(session.as_any(), told, wake, LOOK, &options) {
                    Err(error) if error.kind() == ErrorKind::Timeout && stop.0.is_cancelled() => break,
                    events => events?,
                };
                for event in events {
                    if stop.0.is_cancelled() {
                        break 'listening;
                    }
                    let document = Told::new(&event)?;
                    told = event.number;
                    if !listener(data, document.as_ptr(), document.len()) {
                        break 'listening;
                    }
                }
            }
            write(last, || Ok(told))
        })
    }
}

/// The end of an interview's audit log as text, to be kept elsewhere and freed with `vv_string_free`. Any thread.
///
/// `VV_NOT_FOUND` where there never was such an interview.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_audit_head(
    engine: *const vv_engine,
    interview: vv_id,
    head: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let found = engine.audit_head(interview.as_any())?;
            write(head, || crate::text::string(found.to_string()))
        })
    }
}

/// Verifies an interview's audit log: with a head that `vv_engine_audit_head` gave, up to that; with null, up to its end. Gives whether it is sound, and the report as a
/// document; either may be null. Free the latter with `vv_string_free`. Any thread.
///
/// `VV_NOT_FOUND` where there never was such an interview; `VV_INVALID_INPUT` where the head is another interview's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_verify_audit(
    engine: *const vv_engine,
    interview: vv_id,
    head: *const c_char,
    head_len: usize,
    sound: *mut bool,
    report: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let head: Option<AuditHead> = optional("head", head, head_len)?.map(str::parse).transpose()?;
            let found = engine.verify_audit(interview.as_any(), head)?;
            write(report, || json(&found))?;
            write(sound, || Ok(found.is_sound()))
        })
    }
}

/// Erases an interview: the candidate's name and words, everywhere; its id, times and audit log stay. `requested_by` is recorded. Any thread.
///
/// `VV_NOT_FOUND` where there never was such an interview; `VV_INVALID_INPUT` where `requested_by` is blank or too long; a retryable `VV_STORAGE` where it is to be done again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_erase_interview(
    engine: *const vv_engine,
    interview: vv_id,
    requested_by: *const c_char,
    requested_by_len: usize,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            engine.erase_interview(interview.as_any(), text("requested_by", requested_by, requested_by_len)?)
        })
    }
}

/// Erases all interviews of a candidate, by the application's own id, and gives their ids as a list of texts to be freed with `vv_string_free`. Any thread.
///
/// As `vv_engine_erase_interview`; `VV_NOT_FOUND` where no interview has this id.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_erase_candidate(
    engine: *const vv_engine,
    external_id: *const c_char,
    external_id_len: usize,
    requested_by: *const c_char,
    requested_by_len: usize,
    ids: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        document_of(engine, ids, error, |engine| {
            let external_id = text("external_id", external_id, external_id_len)?;
            engine.erase_candidate(external_id, text("requested_by", requested_by, requested_by_len)?)
        })
    }
}

/// Copies everything of all tenants into another engine's store, and gives how many interviews it looked at. Copying again brings the copy up to date. Any thread.
///
/// `VV_CONFLICT` where an interview is there with another log; `VV_INVALID_STATE` where either engine is closed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_copy_to(
    engine: *const vv_engine,
    target: *const vv_engine,
    copied: *mut u64,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let count = engine.copy_to(own(target)?)?;
            write(copied, || Ok(count))
        })
    }
}

/// A second engine that is of this process.
unsafe fn own<'a>(engine: *const vv_engine) -> Result<&'a Engine, Error> {
    // SAFETY: null, or an engine that the caller has not freed.
    let handle = unsafe { engine.as_ref() }.ok_or_else(|| invalid_input("target is null"))?;
    match fork::is_inherited(handle.generation) {
        true => Err(Error::new(ErrorKind::InvalidState, "the target belongs to the process that was forked")),
        false => Ok(&handle.engine),
    }
}

/// Writes a consistent copy of the store to a new file while it is in use; SQLite only. `path` ends with NUL. Any thread.
///
/// `VV_UNSUPPORTED` on the other stores; `VV_INVALID_INPUT` where the file exists; `VV_STORAGE` where it cannot be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_backup(
    engine: *const vv_engine,
    path: *const c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { with_engine(engine, error, |engine| engine.backup(terminated("path", path)?)) }
}
