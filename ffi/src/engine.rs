//! The engine: opened, closed, freed, and what is asked of the whole of it.

use std::ffi::c_char;
use std::sync::Arc;

use vivavoce::{Engine, EngineBuilder, Error, ErrorKind};

use crate::call::{call, document_of, with_engine, write};
use crate::error::{invalid_input, vv_error};
use crate::fork;
use crate::options::{builder, vv_engine_options};
use crate::panics;
use crate::status::vv_status;
use crate::text::{string, terminated, text};

/// The one object that an application opens: it owns the store, the interviewer and the evaluator. Any number of threads may use one at once.
pub struct vv_engine {
    pub(crate) generation: u32,
    pub(crate) engine: Engine,
    /// Where it is on an SQLite file; all handles of an engine share it.
    file: Option<Arc<fork::OpenFile>>,
}

impl vv_engine {
    fn into_raw(engine: Engine, file: Option<Arc<fork::OpenFile>>) -> *mut Self {
        Box::into_raw(Box::new(Self { generation: fork::generation(), engine, file }))
    }
}

/// The library's version, for example "0.1.0". It is the library's own. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn vv_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The number of this ABI, which is also in the name of the shared library. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn vv_abi_version() -> u32 {
    0
}

/// Opens an engine on the store that `url` names: "memory:", "sqlite:PATH", "postgres://…"; ends with NUL. `options` may be null. Any thread.
///
/// The caller closes and frees the engine with `vv_engine_close` and `vv_engine_free`.
///
/// `VV_INVALID_INPUT` for a URL that names no store, `VV_UNSUPPORTED` for a store that this build lacks or whose schema is newer than this library, `VV_STORAGE` where it
/// cannot be opened, `VV_INVALID_STATE` for an SQLite file in the child of a process that was forked while it had one open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_open(
    url: *const c_char,
    options: *const vv_engine_options,
    engine: *mut *mut vv_engine,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        opened(options, engine, error, |builder| {
            let url = terminated("url", url)?;
            on_file(is_file(url), || builder.open(url))
        })
    }
}

/// Opens an engine as `vv_engine_open` does, on the store that the environment variable DATABASE_URL names, or in memory where that is not set. Any thread.
///
/// As `vv_engine_open`; `VV_INVALID_INPUT` where the variable is not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_open_from_env(
    options: *const vv_engine_options,
    engine: *mut *mut vv_engine,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        opened(options, engine, error, |builder| {
            let is_file = std::env::var("DATABASE_URL").is_ok_and(|url| is_file(&url));
            on_file(is_file, || builder.open_from_env())
        })
    }
}

fn is_file(url: &str) -> bool {
    url.starts_with("sqlite:") && !url.starts_with("sqlite::memory:")
}

type Opened = (Engine, Option<Arc<fork::OpenFile>>);

/// Opens an engine, and counts it where it is on an SQLite file.
fn on_file(is_file: bool, open: impl FnOnce() -> Result<Engine, Error>) -> Result<Opened, Error> {
    if !is_file {
        return Ok((open()?, None));
    }
    fork::generation();
    if fork::has_inherited_files() {
        let words = "this process was forked while an SQLite file was open: close it before the fork, or exec after it";
        return Err(Error::new(ErrorKind::InvalidState, words));
    }
    // Counted before it is open, so that a fork meanwhile is noticed.
    let file = Arc::new(fork::OpenFile::new());
    Ok((open()?, Some(file)))
}

unsafe fn opened(
    options: *const vv_engine_options,
    engine: *mut *mut vv_engine,
    error: *mut *mut vv_error,
    open: impl FnOnce(EngineBuilder) -> Result<Opened, Error>,
) -> vv_status {
    let work = || {
        // SAFETY: the caller's options, as the conventions ask. They come first: what they hold is the library's, also where the call fails.
        let builder = unsafe { builder(options) }?;
        if engine.is_null() {
            return Err(invalid_input("there is no place for the engine"));
        }
        panics::are_told_to_the_log();
        let (opened, file) = open(builder)?;
        // SAFETY: the caller's place for it.
        unsafe { write(engine, || Ok(vv_engine::into_raw(opened, file))) }
    };
    // SAFETY: the caller's place for an error.
    unsafe { call(error, work) }
}

/// The same engine for another tenant: it sees that tenant's interviews and no others. It is a handle of its own, to be freed as well; the engine ends with the last
/// of its handles, or when any of them is closed. Any thread.
///
/// `VV_INVALID_INPUT` where the name is blank or longer than 200 characters.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_for_tenant(
    engine: *const vv_engine,
    tenant: *const c_char,
    tenant_len: usize,
    other: *mut *mut vv_engine,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe {
        with_engine(engine, error, |asked| {
            let own = asked.for_tenant(text("tenant", tenant, tenant_len)?)?;
            let file = engine.as_ref().and_then(|handle| handle.file.clone());
            write(other, || Ok(vv_engine::into_raw(own, file)))
        })
    }
}

/// Ends the engine: calls under way finish or end with `VV_INVALID_STATE`, and so does every later one. Closing again, or null, does nothing. Any thread.
///
/// `VV_STORAGE` where the store could not be closed cleanly; what was acknowledged is safe all the same.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_close(engine: *const vv_engine, error: *mut *mut vv_error) -> vv_status {
    if engine.is_null() {
        return vv_status::VV_OK;
    }
    // SAFETY: an engine that the caller has not freed, and its place for an error.
    unsafe {
        with_engine(engine, error, |asked| {
            let closed = asked.close();
            if let Some(file) = engine.as_ref().and_then(|handle| handle.file.as_ref()) {
                file.closed();
            }
            closed
        })
    }
}

/// Frees a handle and sets the caller's pointer to null; with its last handle, an engine ends. Does nothing for null, or a pointer to null. Any thread, while no other call is under way on
/// this handle. In the child of a fork, what was inherited is left alone, and the pointer set to null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_free(engine: *mut *mut vv_engine) {
    // SAFETY: null, or where the caller keeps the pointer.
    let Some(engine) = (unsafe { engine.as_mut() }) else { return };
    let freed = std::mem::replace(engine, std::ptr::null_mut());
    // SAFETY: null, or an engine that the caller has not freed.
    let Some(handle) = (unsafe { freed.as_ref() }) else { return };
    if fork::is_inherited(handle.generation) {
        return;
    }
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        // SAFETY: it came out of `into_raw`, and its pointer is gone.
        drop(unsafe { Box::from_raw(freed) });
    }));
}

/// Whether the store answers, as a document: `store`, `schema_version` and `latency_ms`. Free it with `vv_string_free`. Any thread.
///
/// `VV_STORAGE` where it does not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_health(
    engine: *const vv_engine,
    health: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { document_of(engine, health, error, |engine| engine.health()) }
}

/// What the engine has counted, for all tenants, in the text format of Prometheus. Free it with `vv_string_free`. Also of a closed engine. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_engine_metrics(
    engine: *const vv_engine,
    metrics: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    // SAFETY: the caller's pointers, as the conventions ask.
    unsafe { with_engine(engine, error, |engine| write(metrics, || string(engine.metrics().to_prometheus()))) }
}
