//! Knowing that this process is a child of the one that a handle was made in.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

/// How often this process, and those it comes from, were forked since the library was first used.
static GENERATION: AtomicU32 = AtomicU32::new(0);
static WATCH: Once = Once::new();

/// Runs in the child, where nothing else may be touched.
extern "C" fn forked() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// The present generation, which a new handle keeps.
pub(crate) fn generation() -> u32 {
    WATCH.call_once(|| {
        // SAFETY: a function that may be called whenever this library is loaded. Where the system has no memory for it, a fork is not noticed.
        #[cfg(not(miri))]
        unsafe {
            libc::pthread_atfork(None, None, Some(forked))
        };
    });
    GENERATION.load(Ordering::Relaxed)
}

/// Whether a handle of this generation was inherited from another process: one load, and nothing else.
pub(crate) fn is_inherited(generation: u32) -> bool {
    GENERATION.load(Ordering::Relaxed) != generation
}
