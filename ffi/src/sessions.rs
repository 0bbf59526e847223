//! Sessions: started, talked in, ended.

use std::ffi::{c_char, c_void};

use vivavoce::{Error, ErrorKind, Role, Said, SessionStatus, StartSession};

use crate::call::{document_of, made, with_engine, write};
use crate::engine::vv_engine;
use crate::error::{invalid_input, vv_error};
use crate::id::vv_id;
use crate::options::{call_options, vv_call_options};
use crate::status::vv_status;
use crate::text::{document, string, text};
use crate::turn::{into_raw, vv_turn};

/// Starts a session. `start` is a document with what `StartSession` has, or null for nothing. `id` and `session`, the whole session, may be null; free the latter with
/// `vv_string_free`. Any thread.
///
/// `VV_NOT_FOUND` where there is no such interview, `VV_INVALID_INPUT` where the document is broken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_start_session(
    engine: *const vv_engine,
    interview: vv_id,
    start: *const c_char,
    start_len: usize,
    options: *const vv_call_options,
    id: *mut vv_id,
    session: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        made(engine, (id, session), error, |engine| {
            let start = match start.is_null() && start_len == 0 {
                true => StartSession::default(),
                false => document("start", start, start_len)?,
            };
            let made = engine.start_session_with(interview.as_any(), start, &call_options(options)?)?;
            Ok((made.id.as_uuid().into(), made))
        })
    }
}

/// Reads a session with its messages as a document, to be freed with `vv_string_free`: what this process has seen of it, or, where `exact`, what the store has now. Any thread.
///
/// `VV_NOT_FOUND` where there is none, or its interview was erased.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_session(
    engine: *const vv_engine,
    id: vv_id,
    exact: bool,
    session: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        document_of(engine, session, error, |engine| {
            if exact { engine.session_exact(id.as_any()) } else { engine.session(id.as_any()) }
        })
    }
}

/// What the candidate is to answer now: the interviewer's last words, to be freed with `vv_string_free`, and the number of their message; either may be null. Any thread.
///
/// `VV_NOT_FOUND`; `VV_INVALID_STATE` where the session is not active, or the reply to the candidate's last message is missing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_next_question(
    engine: *const vv_engine,
    session: vv_id,
    words: *mut *mut c_char,
    number: *mut u32,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let session = engine.session(session.as_any())?;
            let refuse = |why: &str| Err(Error::new(ErrorKind::InvalidState, format!("session {}: {why}", session.id)));
            if session.status != SessionStatus::Active {
                return refuse("it is not active");
            }
            let Some(asked) = session.messages.last().filter(|last| last.role() == Role::Interviewer) else {
                return refuse("the reply to the last message is missing: send that message again");
            };
            write(words, || string(asked.content.as_str()))?;
            write(number, || Ok(asked.number))
        })
    }
}

/// Sends the candidate's message and gives the turn: the message as it is kept, and the reply. Free it with `vv_turn_free`. Any thread; calls on one session take turns.
///
/// Where the interviewer fails the message is kept and its turn is pending: the same call again, with its key or the same text, continues it and stores nothing twice.
///
/// `VV_NOT_FOUND`; `VV_INVALID_STATE` where the session is not active; `VV_INVALID_INPUT` where the text is blank or longer than 32,000 characters; `VV_CONFLICT`,
/// `VV_TIMEOUT`, and whatever kept the interviewer from speaking.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_send_message(
    engine: *const vv_engine,
    session: vv_id,
    data: *const c_char,
    len: usize,
    options: *const vv_call_options,
    turn: *mut *mut vv_turn,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let made = engine.send_message_with(session.as_any(), text("text", data, len)?, &call_options(options)?)?;
            write(turn, || Ok(into_raw(made)))
        })
    }
}

/// Hears the interviewer's words while they are found: `words` of `len` bytes, UTF-8; with null, what was heard so far does not count and the reply begins again. Called in the
/// thread of the call that it was given to.
pub type vv_hear = Option<unsafe extern "C" fn(data: *mut c_void, words: *const c_char, len: usize)>;

/// As `vv_engine_send_message`, and `hear` is called with `data` for each part of the reply. What was heard in the end is the reply. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_send_message_heard(
    engine: *const vv_engine,
    session: vv_id,
    data: *const c_char,
    len: usize,
    options: *const vv_call_options,
    hear: vv_hear,
    hear_data: *mut c_void,
    turn: *mut *mut vv_turn,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |engine| {
            let hear = hear.ok_or_else(|| invalid_input("hear is null"))?;
            let mut told = |said: Said<'_>| match said {
                Said::Words(words) => hear(hear_data, words.as_ptr().cast(), words.len()),
                Said::Again => hear(hear_data, std::ptr::null(), 0),
            };
            let (text, options) = (text("text", data, len)?, call_options(options)?);
            let made = engine.send_message_heard(session.as_any(), text, &options, &mut told)?;
            write(turn, || Ok(into_raw(made)))
        })
    }
}

/// Ends a session and has it evaluated; gives the evaluation's id and document, either of which may be null. Free the latter with `vv_string_free`. Any thread.
///
/// A failing evaluator is no error: the evaluation is then `failed` and says why. `VV_NOT_FOUND`, `VV_CONFLICT`, `VV_TIMEOUT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_end_session(
    engine: *const vv_engine,
    session: vv_id,
    options: *const vv_call_options,
    id: *mut vv_id,
    evaluation: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        made(engine, (id, evaluation), error, |engine| {
            let made = engine.end_session_with(session.as_any(), &call_options(options)?)?;
            Ok((made.id.as_uuid().into(), made))
        })
    }
}
