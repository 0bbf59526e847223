//! The end of Python. Until 3.14 it ends daemon threads wherever they next ask for the GIL, by unwinding their stacks, which Rust's frames do not survive. So Python first waits a moment for
//! the calls that are under way, which end because their engines are closed; a thread that comes back from one later stays where it is, without the GIL.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::interrupts;

/// How long Python waits for calls to end. What waits longer waits for code of the application.
const PATIENCE: Duration = Duration::from_secs(1);

static ENDING: AtomicBool = AtomicBool::new(false);
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

/// A call, or another thread's way into Python, for as long as it has frames of ours on its stack.
pub(crate) struct UnderWay(());

impl UnderWay {
    pub(crate) fn begin() -> Self {
        UNDER_WAY.fetch_add(1, Ordering::SeqCst);
        Self(())
    }

    /// Before the GIL is asked for again.
    pub(crate) fn before_python(&self) {
        if is_over() {
            UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
            stay();
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether Python ends, and this is not the thread that ends it.
fn is_over() -> bool {
    ENDING.load(Ordering::SeqCst) && !interrupts::is_known_main()
}

fn stay() {
    loop {
        std::thread::park();
    }
}

/// In a forked child, which has none of its parent's calls.
pub(crate) fn begin_again() {
    UNDER_WAY.store(0, Ordering::SeqCst);
}

/// In the main thread: `close` ends what waits; then no other thread comes back to Python.
pub(crate) fn begin(py: Python<'_>, close: impl FnOnce() + Send) {
    if !interrupts::is_main(py) {
        return;
    }
    py.detach(|| {
        close();
        let end = Instant::now() + PATIENCE;
        let wait = || {
            while UNDER_WAY.load(Ordering::SeqCst) > 0 && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        wait();
        ENDING.store(true, Ordering::SeqCst);
        // Who began in between, and did not see it.
        wait();
    });
}
