//! A turn, as a structure that is read without a call.

use std::ffi::{CStr, c_char};

use vivavoce::{Message, MessageKind, Origin, SessionStatus, Turn};

use crate::call::{call, write};
use crate::error::{invalid_input, vv_error};
use crate::id::vv_id;
use crate::status::vv_status;
use crate::text::json;

/// One utterance, as a part of a `vv_turn`.
#[repr(C)]
pub struct vv_message {
    /// Names it.
    pub id: vv_id,
    /// The words: UTF-8, not ended by NUL.
    pub content: *const c_char,
    /// Their length in bytes.
    pub content_len: usize,
    /// What it does: "question", "probe", "closing" or "answer". The library's own.
    pub kind: *const c_char,
    /// Where the words of an interviewer with a language model come from: "model", "scripted" or "guarded"; null where no model was asked for. The library's own.
    pub origin: *const c_char,
    /// When it was said, in microseconds since 1970 (UTC).
    pub created_at_us: i64,
    /// Its number in the session, from 1.
    pub number: u32,
    /// The place of the planned question that it is about, from 0; -1 for none.
    pub question: i32,
}

/// A candidate's message and the reply to it. Only read; the library makes it, and may add fields at its end. It is freed with `vv_turn_free`, and all that it points to with it.
#[repr(C)]
pub struct vv_turn {
    /// The candidate's message as it is kept.
    pub message: vv_message,
    /// The reply.
    pub reply: vv_message,
    /// The session's status after it: "active", or "completed" where the reply ended it. The library's own.
    pub session_status: *const c_char,
    /// The session's version after it.
    pub session_version: u64,
}

/// A turn with what it points to. The structure comes first, so that both have one address.
#[repr(C)]
struct Owned {
    view: vv_turn,
    turn: Turn,
}

pub(crate) fn into_raw(turn: Turn) -> *mut vv_turn {
    let view = vv_turn {
        message: view(&turn.message),
        reply: view(&turn.reply),
        session_status: status(turn.session_status).as_ptr(),
        session_version: turn.session_version,
    };
    // The messages are shared, so that they stay where they are when the turn moves.
    Box::into_raw(Box::new(Owned { view, turn })).cast()
}

fn view(message: &Message) -> vv_message {
    vv_message {
        id: message.id.as_uuid().into(),
        content: message.content.as_ptr().cast(),
        content_len: message.content.len(),
        kind: kind(message.kind).as_ptr(),
        origin: message.origin.map_or(std::ptr::null(), |it| origin(it).as_ptr()),
        created_at_us: message.created_at.timestamp_micros(),
        number: message.number,
        question: message.question.and_then(|place| i32::try_from(place).ok()).unwrap_or(-1),
    }
}

fn kind(kind: MessageKind) -> &'static CStr {
    match kind {
        MessageKind::Question => c"question",
        MessageKind::Probe => c"probe",
        MessageKind::Closing => c"closing",
        MessageKind::Answer => c"answer",
        _ => c"unknown",
    }
}

fn origin(origin: Origin) -> &'static CStr {
    match origin {
        Origin::Model => c"model",
        Origin::Scripted => c"scripted",
        Origin::Guarded => c"guarded",
        _ => c"unknown",
    }
}

fn status(status: SessionStatus) -> &'static CStr {
    match status {
        SessionStatus::Active => c"active",
        SessionStatus::Completed => c"completed",
        SessionStatus::Abandoned => c"abandoned",
        _ => c"unknown",
    }
}

/// The turn as a document, to be freed with `vv_string_free`.
///
/// `VV_INVALID_INPUT` for null. Any thread; not while another frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_turn_json(
    turn: *const vv_turn,
    document: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    let written = || {
        // SAFETY: null, or a turn that the caller has not freed; it came out of `into_raw`.
        let owned = unsafe { turn.cast::<Owned>().as_ref() }.ok_or_else(|| invalid_input("turn is null"))?;
        // SAFETY: the caller's place for it.
        unsafe { write(document, || json(&owned.turn)) }
    };
    // SAFETY: the caller's place for an error.
    unsafe { call(error, written) }
}

/// Frees a turn and sets the caller's pointer to null. Does nothing for null, or a pointer to null. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_turn_free(turn: *mut *mut vv_turn) {
    // SAFETY: null, or where the caller keeps the pointer.
    let Some(turn) = (unsafe { turn.as_mut() }) else { return };
    let freed = std::mem::replace(turn, std::ptr::null_mut());
    if !freed.is_null() {
        // SAFETY: it came out of `into_raw`, and its pointer is gone.
        drop(unsafe { Box::from_raw(freed.cast::<Owned>()) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_documents() {
        for it in MessageKind::ALL {
            assert_eq!(kind(it).to_str(), Ok(it.as_str()));
        }
        for it in Origin::ALL {
            assert_eq!(origin(it).to_str(), Ok(it.as_str()));
        }
        for it in SessionStatus::ALL {
            assert_eq!(status(it).to_str(), Ok(it.as_str()));
        }
    }
}
