//! The error object, which its caller owns.

use std::borrow::Cow;
use std::ffi::{CStr, CString, c_char};
use std::time::Duration;

use vivavoce::{Error, ErrorKind};

use crate::status::vv_status;

/// Why a call failed. It never holds a secret or a candidate's words: it may be logged and shown.
pub struct vv_error {
    status: vv_status,
    message: Cow<'static, CStr>,
    retryable: bool,
    retry_after_ms: i64,
}

/// What every call in a forked child answers. It is there before the fork, so that nothing has to be allocated.
pub(crate) static FORKED: vv_error = vv_error {
    status: vv_status::VV_INVALID_STATE,
    message: Cow::Borrowed(c"the engine belongs to the process that was forked"),
    retryable: false,
    retry_after_ms: -1,
};

impl From<Error> for vv_error {
    fn from(error: Error) -> Self {
        // No message of ours has a NUL; what an application's callback says is cut there.
        let text = error.to_string();
        let text = text.split('\0').next().unwrap_or_default();
        let after = milliseconds(&error).map_or(-1, |delay| i64::try_from(delay).unwrap_or(i64::MAX));
        Self {
            status: error.kind().into(),
            message: Cow::Owned(CString::new(text).unwrap_or_default()),
            retryable: error.is_retryable(),
            retry_after_ms: after,
        }
    }
}

impl vv_error {
    pub(crate) fn status(&self) -> vv_status {
        self.status
    }

    /// The error that a callback gave.
    pub(crate) fn to_error(&self) -> Error {
        let kind = crate::callbacks::kind_of(self.status as i32).unwrap_or(ErrorKind::Internal);
        let error = Error::new(kind, self.message.to_string_lossy().into_owned());
        match (self.retryable, u64::try_from(self.retry_after_ms)) {
            (false, _) => error,
            (true, Ok(delay)) => error.retryable_after(Duration::from_millis(delay)),
            (true, Err(_)) => error.retryable(),
        }
    }

    pub(crate) fn into_raw(self) -> *mut Self {
        Box::into_raw(Box::new(self))
    }
}

/// When to try again, in milliseconds: rounded up, so that nobody comes too early.
pub(crate) fn milliseconds(error: &Error) -> Option<u64> {
    error.retry_after().and_then(|delay| u64::try_from(delay.as_nanos().div_ceil(1_000_000)).ok())
}

pub(crate) fn invalid_input(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}

/// What kind of error it is; `VV_OK` for null. Any thread; not while another frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_error_status(error: *const vv_error) -> vv_status {
    // SAFETY: null, or an error that the caller has not freed.
    unsafe { error.as_ref() }.map_or(vv_status::VV_OK, vv_error::status)
}

/// What happened, in words: UTF-8, ends with NUL, the error's own, so valid until it is freed. Empty for null. Any thread; not while another frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_error_message(error: *const vv_error) -> *const c_char {
    // SAFETY: null, or an error that the caller has not freed.
    unsafe { error.as_ref() }.map_or(c"".as_ptr(), |error| error.message.as_ptr())
}

/// Whether the same call, made again later, can succeed. Any thread; not while another frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_error_is_retryable(error: *const vv_error) -> bool {
    // SAFETY: null, or an error that the caller has not freed.
    unsafe { error.as_ref() }.is_some_and(|error| error.retryable)
}

/// How long to wait before the call is made again, in milliseconds; -1 where that is not known. Any thread; not while another frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_error_retry_after_ms(error: *const vv_error) -> i64 {
    // SAFETY: null, or an error that the caller has not freed.
    unsafe { error.as_ref() }.map_or(-1, |error| error.retry_after_ms)
}

/// Frees an error and sets the caller's pointer to null. Does nothing for null, or a pointer to null. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_error_free(error: *mut *mut vv_error) {
    // SAFETY: null, or where the caller keeps the pointer.
    let Some(error) = (unsafe { error.as_mut() }) else { return };
    let freed = std::mem::replace(error, std::ptr::null_mut());
    if !freed.is_null() && !std::ptr::eq(freed, &FORKED) {
        // SAFETY: it came out of `into_raw`, and its only pointer is gone.
        drop(unsafe { Box::from_raw(freed) });
    }
}
