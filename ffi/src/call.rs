//! What every call goes through: nothing of a handle that was inherited is touched, no panic leaves, an error is handed over, and what comes out is written on success only.

use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;
use vivavoce::{Error, ErrorKind};

use crate::engine::vv_engine;
use crate::error::{FORKED, invalid_input, vv_error};
use crate::fork;
use crate::id::vv_id;
use crate::status::vv_status;
use crate::text::json;

/// Does `work`, and says what became of it.
pub(crate) unsafe fn call(error: *mut *mut vv_error, work: impl FnOnce() -> Result<(), Error>) -> vv_status {
    let result = catch_unwind(AssertUnwindSafe(work));
    let Err(failure) = result.unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "a call panicked"))) else {
        return vv_status::VV_OK;
    };
    let failure = vv_error::from(failure);
    let status = failure.status();
    // SAFETY: null, or where the caller wants the error.
    if let Some(error) = unsafe { error.as_mut() } {
        *error = failure.into_raw();
    }
    status
}

/// Does `work` with an engine.
pub(crate) unsafe fn with_engine(
    engine: *const vv_engine,
    error: *mut *mut vv_error,
    work: impl FnOnce(&vivavoce::Engine) -> Result<(), Error>,
) -> vv_status {
    // SAFETY: null, or an engine that the caller has not freed, as the conventions ask.
    let handle = unsafe { engine.as_ref() };
    if handle.is_some_and(|handle| fork::is_inherited(handle.generation)) {
        // SAFETY: null, or where the caller wants the error.
        if let Some(error) = unsafe { error.as_mut() } {
            *error = (&raw const FORKED).cast_mut();
        }
        return FORKED.status();
    }
    // SAFETY: as the caller of this says.
    unsafe { call(error, || work(&handle.ok_or_else(|| invalid_input("engine is null"))?.engine)) }
}

/// Asks an engine for what comes out as a document.
pub(crate) unsafe fn document_of<T: Serialize>(
    engine: *const vv_engine,
    out: *mut *mut c_char,
    error: *mut *mut vv_error,
    work: impl FnOnce(&vivavoce::Engine) -> Result<T, Error>,
) -> vv_status {
    // SAFETY: as the caller of this says.
    unsafe {
        with_engine(engine, error, |engine| {
            let found = work(engine)?;
            write(out, || json(&found))
        })
    }
}

/// Has an engine make what comes out with its id and as a document.
pub(crate) unsafe fn made<T: Serialize>(
    engine: *const vv_engine,
    (id, out): (*mut vv_id, *mut *mut c_char),
    error: *mut *mut vv_error,
    work: impl FnOnce(&vivavoce::Engine) -> Result<(vv_id, T), Error>,
) -> vv_status {
    // SAFETY: as the caller of this says.
    unsafe {
        with_engine(engine, error, |engine| {
            let (made, document) = work(engine)?;
            write(out, || json(&document))?;
            write(id, || Ok(made))
        })
    }
}

/// Writes what comes out, where the caller wants it.
pub(crate) unsafe fn write<T>(out: *mut T, value: impl FnOnce() -> Result<T, Error>) -> Result<(), Error> {
    if !out.is_null() {
        let value = value()?;
        // SAFETY: not null, and the caller's to be written; what was there is not looked at.
        unsafe { out.write(value) };
    }
    Ok(())
}
