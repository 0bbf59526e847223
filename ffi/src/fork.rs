//! Knowing that this process is a child of the one that a handle was made in.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

/// How often this process, and those it comes from, were forked since the library was first used.
static GENERATION: AtomicU32 = AtomicU32::new(0);
static WATCH: Once = Once::new();

/// The SQLite engines that are open in this process, and those that were when it was forked.
static OPEN_FILES: AtomicUsize = AtomicUsize::new(0);
static INHERITED_FILES: AtomicUsize = AtomicUsize::new(0);

/// Counts an engine on an SQLite file for as long as it is open.
pub(crate) struct OpenFile(AtomicBool);

impl OpenFile {
    pub(crate) fn new() -> Self {
        OPEN_FILES.fetch_add(1, Ordering::SeqCst);
        Self(AtomicBool::new(false))
    }

    pub(crate) fn closed(&self) {
        if !self.0.swap(true, Ordering::SeqCst) {
            OPEN_FILES.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.closed();
    }
}

/// Whether an SQLite file was open when this process was forked. SQLite keeps a process's locks in its memory; a child that opens the file believes that it holds its parent's, and
/// what it writes is lost.
pub(crate) fn has_inherited_files() -> bool {
    INHERITED_FILES.load(Ordering::SeqCst) > 0
}

/// Runs in the child, where nothing else may be touched.
#[cfg_attr(miri, allow(dead_code, reason = "there are no forks"))]
extern "C" fn forked() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    INHERITED_FILES.fetch_add(OPEN_FILES.swap(0, Ordering::SeqCst), Ordering::SeqCst);
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
