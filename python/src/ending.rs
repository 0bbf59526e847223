//! The end of Python. Until 3.14 it ends daemon threads wherever they next ask for the GIL, by unwinding their stacks, which Rust's frames do not survive. So a thread that comes back from a
//! call then stays where it is, without the GIL, and Python waits a moment for those that are still in a call of ours.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::interrupts;

/// How long Python waits for calls to end. What waits longer waits for code of the application.
const PATIENCE: Duration = Duration::from_secs(1);

static ENDING: AtomicBool = AtomicBool::new(false);
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

/// A call, for as long as it has frames of ours on its stack.
pub(crate) struct UnderWay(());

impl UnderWay {
    pub(crate) fn begin(py: Python<'_>) -> Self {
        if is_over() {
            py.detach(stay);
        }
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

/// In the main thread: from now on, no other thread comes back to Python. `close` ends what waits.
pub(crate) fn begin(py: Python<'_>, close: impl FnOnce() + Send) {
    if !interrupts::is_main(py) {
        return;
    }
    ENDING.store(true, Ordering::SeqCst);
    py.detach(|| {
        close();
        let end = Instant::now() + PATIENCE;
        while UNDER_WAY.load(Ordering::SeqCst) > 0 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}
