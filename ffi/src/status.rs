//! What a call answers.

use std::ffi::c_char;

use vivavoce::ErrorKind;

/// What became of a call. A number keeps its meaning for ever; new ones may come.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum vv_status {
    /// It was done.
    VV_OK = 0,
    /// The caller's value is wrong: the message says which field and which limit.
    VV_INVALID_INPUT = 1,
    /// There is no such interview, session or evaluation for this tenant.
    VV_NOT_FOUND = 2,
    /// The call is not allowed now: the session is not active, the engine is closed, the process was forked.
    VV_INVALID_STATE = 3,
    /// An idempotency key was used for another request, or a version that the caller named has moved.
    VV_CONFLICT = 4,
    /// The database failed or cannot be reached; the error says whether trying again can help.
    VV_STORAGE = 5,
    /// The language-model service failed after all retries and fallbacks.
    VV_PROVIDER = 6,
    /// A deadline passed, or the call was cancelled.
    VV_TIMEOUT = 7,
    /// A rate limit or a budget was reached; the error says when to come back.
    VV_LIMITED = 8,
    /// This build or this store cannot do it.
    VV_UNSUPPORTED = 9,
    /// A bug in this library: please report it.
    VV_INTERNAL = 10,
}

/// The name of a status in documents, logs and metrics, for example "invalid_input"; "ok" for `VV_OK`, "unknown" for a number that is none. It is the library's own. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn vv_status_name(status: i32) -> *const c_char {
    let name = match status {
        0 => c"ok",
        1 => c"invalid_input",
        2 => c"not_found",
        3 => c"invalid_state",
        4 => c"conflict",
        5 => c"storage",
        6 => c"provider",
        7 => c"timeout",
        8 => c"limited",
        9 => c"unsupported",
        10 => c"internal",
        _ => c"unknown",
    };
    name.as_ptr()
}

impl From<ErrorKind> for vv_status {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidInput => Self::VV_INVALID_INPUT,
            ErrorKind::NotFound => Self::VV_NOT_FOUND,
            ErrorKind::InvalidState => Self::VV_INVALID_STATE,
            ErrorKind::Conflict => Self::VV_CONFLICT,
            ErrorKind::Storage => Self::VV_STORAGE,
            ErrorKind::Provider => Self::VV_PROVIDER,
            ErrorKind::Timeout => Self::VV_TIMEOUT,
            ErrorKind::Limited => Self::VV_LIMITED,
            ErrorKind::Unsupported => Self::VV_UNSUPPORTED,
            // A kind that this ABI has no number for yet is one that its callers cannot know.
            _ => Self::VV_INTERNAL,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    #[test]
    fn a_status_has_the_name_of_its_kind() {
        // SAFETY: every name ends with NUL, and lives for ever.
        let name = |status: i32| unsafe { CStr::from_ptr(vv_status_name(status)) }.to_str().map(str::to_owned);
        for kind in ErrorKind::ALL {
            assert_eq!(name(vv_status::from(kind) as i32).as_deref(), Ok(kind.as_str()));
        }
        assert_eq!(name(0).as_deref(), Ok("ok"));
        assert_eq!(name(-1).as_deref(), Ok("unknown"));
        assert_eq!(name(11).as_deref(), Ok("unknown"));
    }
}
