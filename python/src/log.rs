//! The library's log, for Python's `logging`.
//!
//! Whoever has something to say may hold a lock, and others may wait for that lock with the GIL; so nothing here waits for the GIL to write a record. Records are queued: the call
//! that is done delivers what there is, and a thread delivers what no call has delivered soon after.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::ending::UnderWay;
use crate::interrupts;

/// How many records wait at most; what is more is counted.
const MOST: usize = 10_000;
/// How long the thread leaves records to the calls that wrote them.
const SOON: Duration = Duration::from_millis(50);

/// What one process has to say.
struct Queue {
    records: Mutex<VecDeque<Told>>,
    waiting: AtomicBool,
    lost: AtomicU64,
    delivering: AtomicBool,
    /// Whether a thread will look whether records wait.
    looks: AtomicBool,
}

/// A record.
struct Told {
    level: u8,
    target: String,
    message: String,
    fields: Vec<(&'static str, String)>,
    time: f64,
}

static QUEUE: LazyLock<ArcSwap<Queue>> = LazyLock::new(|| ArcSwap::from_pointee(Queue::new()));

thread_local! {
    /// Whether this thread hands records over.
    static DELIVERS: Cell<bool> = const { Cell::new(false) };
}

impl Queue {
    fn new() -> Self {
        Self {
            records: Mutex::default(),
            waiting: AtomicBool::new(false),
            lost: AtomicU64::new(0),
            delivering: AtomicBool::new(false),
            looks: AtomicBool::new(false),
        }
    }

    fn push(self: &Arc<Self>, told: Told) {
        // What a handler causes itself would come back to it for ever.
        if DELIVERS.get() {
            return;
        }
        let mut records = self.records.lock();
        if records.len() >= MOST {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        records.push_back(told);
        self.waiting.store(true, Ordering::Release);
        drop(records);
        if !self.looks.swap(true, Ordering::AcqRel) {
            let theirs = Arc::clone(self);
            // Where the system has no thread for it, records wait for the next call.
            if std::thread::Builder::new().name("vivavoce-log".into()).spawn(move || theirs.look()).is_err() {
                self.looks.store(false, Ordering::Release);
            }
        }
    }

    /// Hands everything to `logging`. Who comes while another does so leaves it to them.
    fn deliver(&self, py: Python<'_>) {
        while self.waiting.load(Ordering::Acquire) && !self.delivering.swap(true, Ordering::AcqRel) {
            DELIVERS.set(true);
            loop {
                let told = self.records.lock().pop_front();
                let Some(told) = told else { break };
                if let Err(error) = hand_over(py, told) {
                    interrupts::swallow(py, error);
                }
            }
            self.tell_of_lost(py);
            DELIVERS.set(false);
            self.waiting.store(!self.records.lock().is_empty(), Ordering::Release);
            self.delivering.store(false, Ordering::Release);
        }
    }

    fn tell_of_lost(&self, py: Python<'_>) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let message = format!("{lost} records were lost: they came faster than logging took them");
            let told = Told { level: 30, target: "vivavoce".into(), message, fields: Vec::new(), time: now() };
            if let Err(error) = hand_over(py, told) {
                interrupts::swallow(py, error);
            }
        }
    }

    /// Hands over what no call has, after a while.
    fn look(&self) {
        std::thread::sleep(SOON);
        self.looks.store(false, Ordering::Release);
        if self.waiting.load(Ordering::Acquire) {
            // Python may be ending: it then waits for this, or this for ever.
            let under_way = UnderWay::begin();
            under_way.before_python();
            Python::attach(|py| self.deliver(py));
        }
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn hand_over(py: Python<'_>, told: Told) -> PyResult<()> {
    let fields = PyDict::new(py);
    for (name, value) in told.fields {
        fields.set_item(name, value)?;
    }
    let name = told.target.replace("::", ".");
    let record = (told.level, name, told.message, fields, told.time);
    py.import("vivavoce._logging")?.call_method1("deliver", record)?;
    Ok(())
}

/// Delivers what the last calls had to say: one load where that was nothing.
pub(crate) fn deliver(py: Python<'_>) {
    let queue = QUEUE.load();
    if queue.waiting.load(Ordering::Acquire) {
        // A handler that calls the engine comes here again, and then must find nothing borrowed.
        Arc::clone(&queue).deliver(py);
    }
}

/// A record of this module's own: what the application's code raised. Only places are told: the words may be a candidate's.
pub(crate) fn raised(whose: &str, class: &str, at: String) {
    let told = Told {
        level: 40,
        target: "vivavoce.callbacks".into(),
        message: format!("the {whose} raised {class}"),
        fields: vec![("at", at)],
        time: now(),
    };
    QUEUE.load_full().push(told);
}

/// Has the library's records queued.
pub(crate) fn start() {
    // It fails only where this module has a subscriber already.
    let _ = tracing::subscriber::set_global_default(Log);
}

/// In a forked child, where what the parent queued is the parent's to tell, and its thread is not.
pub(crate) fn begin_again() {
    // A thread that is not here may have held its lock.
    std::mem::forget(QUEUE.swap(Arc::new(Queue::new())));
}

/// The subscriber.
struct Log;

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // The library's own words: what others here would say of a database or a service is not known to be free of content.
        metadata.is_event() && metadata.target().starts_with("vivavoce") && *metadata.level() <= Level::DEBUG
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields { message: String::new(), others: Vec::new() };
        event.record(&mut fields);
        let level = match *event.metadata().level() {
            Level::ERROR => 40,
            Level::WARN => 30,
            Level::INFO => 20,
            _ => 10,
        };
        let Fields { message, others } = fields;
        let target = event.metadata().target().to_owned();
        QUEUE.load_full().push(Told { level, target, message, fields: others, time: now() });
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

struct Fields {
    message: String,
    others: Vec<(&'static str, String)>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.message, "{value:?}");
        } else {
            self.others.push((field.name(), format!("{value:?}")));
        }
    }
}
