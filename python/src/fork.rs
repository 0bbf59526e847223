//! Knowing that this process is a child of the one that an engine was opened in.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use pyo3::prelude::*;

/// How often this process, and those it comes from, were forked since the module was loaded.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// The SQLite engines that are open in this process, and those that were when it was forked.
static OPEN_FILES: AtomicUsize = AtomicUsize::new(0);
static INHERITED_FILES: AtomicUsize = AtomicUsize::new(0);

/// Counts an engine on an SQLite file for as long as it is open.
pub(crate) struct OpenFile {
    closed: AtomicBool,
    generation: u32,
}

impl OpenFile {
    pub(crate) fn new() -> Self {
        OPEN_FILES.fetch_add(1, Ordering::SeqCst);
        Self { closed: AtomicBool::new(false), generation: generation() }
    }

    pub(crate) fn closed(&self) {
        // A child's count begins anew.
        if !self.closed.swap(true, Ordering::SeqCst) && !is_inherited(self.generation) {
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

/// Runs in the child.
#[pyfunction]
fn forked() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    INHERITED_FILES.fetch_add(OPEN_FILES.swap(0, Ordering::SeqCst), Ordering::SeqCst);
    crate::log::begin_again();
    crate::interrupts::begin_again();
    crate::ending::begin_again();
    crate::engine::begin_again();
}

/// Has Python tell of its forks.
pub(crate) fn watch(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let os = py.import("os")?;
    // Only where there are forks.
    if os.hasattr("register_at_fork")? {
        let options = pyo3::types::PyDict::new(py);
        options.set_item("after_in_child", wrap_pyfunction!(forked, py)?)?;
        os.call_method("register_at_fork", (), Some(&options))?;
    }
    Ok(())
}

/// The present generation, which an engine keeps.
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Whether what was made in this generation was inherited from another process: one load, and nothing else.
pub(crate) fn is_inherited(generation: u32) -> bool {
    GENERATION.load(Ordering::Relaxed) != generation
}
