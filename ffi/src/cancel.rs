//! Cancelling calls from another thread.

use vivavoce::CancelToken;

/// Cancels the calls that have it in their options. Any number of threads may use one at once.
pub struct vv_cancel(pub(crate) CancelToken);

/// A new one, which `vv_cancel_free` frees. Never null. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn vv_cancel_new() -> *mut vv_cancel {
    Box::into_raw(Box::new(vv_cancel(CancelToken::new())))
}

/// Cancels the calls that have it, now and later: those that wait end with `VV_TIMEOUT` within 100 ms. A request that was sent to a language model runs on; whether a
/// write was made is told by the same call with the same idempotency key. Does nothing for null. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_cancel_cancel(cancel: *const vv_cancel) {
    // SAFETY: null, or one that the caller has not freed.
    if let Some(cancel) = unsafe { cancel.as_ref() } {
        cancel.0.cancel();
    }
}

/// Frees it and sets the caller's pointer to null; calls under way that have it go on as they are. Does nothing for null, or a pointer to null. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_cancel_free(cancel: *mut *mut vv_cancel) {
    // SAFETY: null, or where the caller keeps the pointer.
    let Some(cancel) = (unsafe { cancel.as_mut() }) else { return };
    let freed = std::mem::replace(cancel, std::ptr::null_mut());
    if !freed.is_null() {
        // SAFETY: it came out of `vv_cancel_new`, and its pointer is gone.
        drop(unsafe { Box::from_raw(freed) });
    }
}
