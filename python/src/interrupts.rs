//! Ctrl-C. Python's signal handlers run in the main thread, between its own instructions; a call that waits without the GIL has to look whether one is due.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use vivavoce::CancelToken;

use crate::fork;

/// How often a waiting call looks.
const EVERY: Duration = Duration::from_millis(50);

static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
/// When was last looked, in microseconds since then.
static LOOKED: AtomicU64 = AtomicU64::new(0);
/// What a handler raised, until its call is over.
static RAISED: Mutex<Option<PyErr>> = Mutex::new(None);
static HAS_RAISED: AtomicBool = AtomicBool::new(false);

/// Cancelled, for a call in the main thread, by what a signal's handler raises.
pub(crate) static TOKEN: LazyLock<CancelToken> = LazyLock::new(|| CancelToken::new().or_when(Arc::new(look)));

thread_local! {
    /// Whether this is Python's main thread, and in which process that was found.
    static MAIN: Cell<Option<(u32, bool)>> = const { Cell::new(None) };
}

pub(crate) fn is_main(py: Python<'_>) -> bool {
    let generation = fork::generation();
    if let Some((_, is_main)) = MAIN.get().filter(|(of, _)| *of == generation) {
        return is_main;
    }
    let asked = || -> PyResult<bool> {
        let threading = py.import("threading")?;
        let main = threading.call_method0("main_thread")?.getattr("ident")?;
        main.eq(threading.call_method0("get_ident")?)
    };
    let is_main = asked().unwrap_or(false);
    MAIN.set(Some((generation, is_main)));
    is_main
}

/// Whether this thread was found to be the main thread.
pub(crate) fn is_known_main() -> bool {
    MAIN.get().is_some_and(|(of, is_main)| is_main && of == fork::generation())
}

fn micros() -> u64 {
    u64::try_from(BEGAN.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// Whether the call that begins on this thread has to look: whether it is made in the main thread.
pub(crate) fn are_looked_for(py: Python<'_>) -> bool {
    let is_main = is_main(py);
    if is_main {
        LOOKED.store(micros(), Ordering::Relaxed);
    }
    is_main
}

fn look() -> bool {
    if HAS_RAISED.load(Ordering::Acquire) {
        return true;
    }
    if !is_known_main() {
        return false;
    }
    let now = micros();
    if now.saturating_sub(LOOKED.load(Ordering::Relaxed)) < EVERY.as_micros() as u64 {
        return false;
    }
    LOOKED.store(now, Ordering::Relaxed);
    let Err(error) = Python::attach(|py| py.check_signals()) else { return false };
    *RAISED.lock() = Some(error);
    HAS_RAISED.store(true, Ordering::Release);
    true
}

/// Keeps what is no error but ends the program, such as Ctrl-C, where it came into code that has nobody to raise it to; the call in the main thread ends with it. Gives back everything
/// else, and what another thread raised.
pub(crate) fn keep(py: Python<'_>, error: PyErr) -> Option<PyErr> {
    if error.is_instance_of::<PyException>(py) || !is_main(py) {
        return Some(error);
    }
    *RAISED.lock() = Some(error);
    HAS_RAISED.store(true, Ordering::Release);
    None
}

/// Tells Python of an exception that nobody is there for.
pub(crate) fn swallow(py: Python<'_>, error: PyErr) {
    if let Some(error) = keep(py, error) {
        error.write_unraisable(py, None);
    }
}

/// In a forked child.
pub(crate) fn begin_again() {
    HAS_RAISED.store(false, Ordering::Release);
    LOOKED.store(0, Ordering::Relaxed);
}

/// What a handler raised while the call waited.
pub(crate) fn raised(py: Python<'_>) -> Option<PyErr> {
    if !HAS_RAISED.load(Ordering::Acquire) || !is_main(py) {
        return None;
    }
    HAS_RAISED.store(false, Ordering::Release);
    RAISED.lock().take()
}
