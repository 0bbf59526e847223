//! Panics: each becomes an `InternalError` where it is caught. Rust would also print it, which is not the library's to do, and its words may be a candidate's.

use std::panic::{PanicHookInfo, set_hook};

/// Has the log told where a panic was, and nothing printed. The standard library is this module's own, so that no other part of the program loses its hook.
pub(crate) fn are_told_to_the_log() {
    set_hook(Box::new(tell));
}

fn tell(panic: &PanicHookInfo<'_>) {
    let (file, line) = panic.location().map_or(("", 0), |at| (at.file(), at.line()));
    tracing::error!(file, line, "a call panicked: please report it");
}
