//! The application's log sink: where what the library has to say goes. There is one for the whole process.

use std::cell::Cell;
use std::ffi::{c_char, c_void};
use std::fmt;
use std::sync::{Arc, Once};

use arc_swap::ArcSwapOption;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::call::call;
use crate::callbacks::Data;
use crate::error::{invalid_input, vv_error};
use crate::fork;
use crate::status::vv_status;
use crate::text::Told;

/// Something failed for good.
pub const VV_LOG_ERROR: i32 = 1;
/// Something is wrong, and goes on all the same.
pub const VV_LOG_WARN: i32 = 2;
/// What an operator wants to know.
pub const VV_LOG_INFO: i32 = 3;
/// What a developer wants to know, failing calls among it.
pub const VV_LOG_DEBUG: i32 = 4;
/// Everything.
pub const VV_LOG_TRACE: i32 = 5;

/// Where the library's log goes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct vv_log {
    /// Is told a record: its level, one of `VV_LOG_ERROR` … `VV_LOG_TRACE`, and a document: `level` (its name), `target` (the module that speaks), `message`, and the record's `fields`. There is never a secret or a candidate's
    /// word in it. Called by any thread, by several at once; what it does itself is not logged.
    pub write: Option<unsafe extern "C" fn(data: *mut c_void, level: i32, record: *const c_char, len: usize)>,
    /// What the function is given.
    pub data: *mut c_void,
    /// Frees `data` when the library has no more use for it; null where there is nothing to free.
    pub free: Option<unsafe extern "C" fn(data: *mut c_void)>,
}

/// Has the library's log written by `log`, of this level and all that are graver; one sink takes the place of that before it. With all zeros in `log`, nothing is logged, as in the beginning. A forked child logs nothing
/// until it sets a sink of its own. Any thread.
///
/// `VV_INVALID_INPUT` where the level is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_log_set(log: vv_log, level: i32, error: *mut *mut vv_error) -> vv_status {
    let set = || {
        // It comes first: what it holds is the library's, also where the call fails.
        let data = Data::new(log.data, log.free);
        let Some(write) = log.write else {
            replace(None);
            return Ok(());
        };
        let level = match level {
            VV_LOG_ERROR => Level::ERROR,
            VV_LOG_WARN => Level::WARN,
            VV_LOG_INFO => Level::INFO,
            VV_LOG_DEBUG => Level::DEBUG,
            VV_LOG_TRACE => Level::TRACE,
            _ => return Err(invalid_input("level is none of VV_LOG_ERROR … VV_LOG_TRACE")),
        };
        INSTALL.call_once(|| {
            // It fails only where this library has one already.
            let _ = tracing::subscriber::set_global_default(Log);
        });
        replace(Some(Arc::new(Sink { write, data, level, generation: fork::generation() })));
        Ok(())
    };
    // SAFETY: the caller's place for an error.
    unsafe { call(error, set) }
}

/// Puts a sink in the place of the one before. One that was inherited is its own process's to free.
fn replace(sink: Option<Arc<Sink>>) {
    let before = SINK.swap(sink);
    if before.as_ref().is_some_and(|before| fork::is_inherited(before.generation)) {
        std::mem::forget(before);
    }
    tracing::callsite::rebuild_interest_cache();
}

struct Sink {
    write: unsafe extern "C" fn(*mut c_void, i32, *const c_char, usize),
    data: Data,
    level: Level,
    generation: u32,
}

/// Without a lock, which a forked child could inherit taken.
static SINK: ArcSwapOption<Sink> = ArcSwapOption::const_empty();
static INSTALL: Once = Once::new();

thread_local! {
    /// Whether this thread is in the sink.
    static WRITING: Cell<bool> = const { Cell::new(false) };
}

/// The library's log, which goes to the sink.
struct Log;

fn number(level: Level) -> i32 {
    match level {
        Level::ERROR => VV_LOG_ERROR,
        Level::WARN => VV_LOG_WARN,
        Level::INFO => VV_LOG_INFO,
        Level::DEBUG => VV_LOG_DEBUG,
        _ => VV_LOG_TRACE,
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // The library's own words: what others here would say of a database or a service is not known to be free of content.
        metadata.is_event()
            && metadata.target().starts_with("vivavoce")
            && SINK.load().as_ref().is_some_and(|sink| *metadata.level() <= sink.level)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(SINK.load().as_ref().map_or(LevelFilter::OFF, |sink| sink.level.into()))
    }

    fn event(&self, event: &Event<'_>) {
        let sink = SINK.load_full();
        let Some(sink) = sink.filter(|sink| !fork::is_inherited(sink.generation)) else { return };
        if WRITING.replace(true) {
            return;
        }
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let message = fields.0.remove("message");
        let level = *event.metadata().level();
        let record = json!({
            "level": level.as_str().to_ascii_lowercase(), "target": event.metadata().target(),
            "message": message, "fields": fields.0,
        });
        if let Ok(record) = Told::new(&record) {
            // SAFETY: the application's function with the application's data; the record lives until it returns.
            unsafe { (sink.write)(sink.data.get(), number(level), record.as_ptr(), record.len()) };
        }
        WRITING.set(false);
    }

    // Spans are not told of.
    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _span: &Id, _values: &Record<'_>) {}
    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}
    fn enter(&self, _span: &Id) {}
    fn exit(&self, _span: &Id) {}
}

struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }
}
