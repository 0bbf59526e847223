//! Counters and latencies, without any content.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::upkeep::milliseconds;
use crate::error::ErrorKind;
#[cfg(feature = "llm")]
use crate::llm::ModelMetrics;

macro_rules! operations {
    ($($variant:ident => $name:literal),+ $(,)?) => {
        /// What an engine does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Operation { $($variant),+ }

        impl Operation {
            const ALL: &[Self] = &[$(Self::$variant),+];

            pub(super) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

operations! {
    CreateInterview => "create_interview",
    UpdateInterview => "update_interview",
    ReadInterview => "read_interview",
    ListInterviews => "list_interviews",
    GenerateQuestions => "generate_questions",
    StartSession => "start_session",
    ReadSession => "read_session",
    SendMessage => "send_message",
    EndSession => "end_session",
    AbandonSession => "abandon_session",
    Evaluate => "evaluate",
    ReEvaluate => "re_evaluate",
    OverrideScore => "override_score",
    Replay => "replay",
    Work => "work",
    EvaluateAnswer => "evaluate_answer",
    ReadEvaluation => "read_evaluation",
    ListEvaluations => "list_evaluations",
    Events => "events",
    Calibrate => "calibrate",
    Subscribe => "subscribe",
    Deliver => "deliver",
    Backlog => "backlog",
    Audit => "audit",
    Erase => "erase",
    Copy => "copy",
    Backup => "backup",
    Health => "health",
}

/// Upper bounds of the latency buckets, in microseconds; one more holds what is above.
const BOUNDS: [u64; 16] =
    [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000, 1_000_000, 10_000_000];
const KINDS: usize = ErrorKind::ALL.len();

#[derive(Default)]
struct Cell {
    errors: [AtomicU64; KINDS],
    buckets: [AtomicU64; BOUNDS.len() + 1],
    total_nanos: AtomicU64,
}

pub(super) struct Metrics(Vec<Cell>);

impl Default for Metrics {
    fn default() -> Self {
        Self(Operation::ALL.iter().map(|_| Cell::default()).collect())
    }
}

impl Metrics {
    pub(super) fn record(&self, operation: Operation, took: Duration, error: Option<ErrorKind>) {
        let Some(cell) = self.0.get(operation as usize) else { return };
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.partition_point(|bound| bound * 1_000 < nanos);
        cell.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        cell.total_nanos.fetch_add(nanos, Ordering::Relaxed);
        if let Some(place) = error.and_then(|kind| ErrorKind::ALL.iter().position(|known| *known == kind)) {
            cell.errors[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn snapshot(&self) -> MetricsSnapshot {
        let operations = Operation::ALL.iter().zip(&self.0).map(|(operation, cell)| {
            let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
            let buckets: Vec<u64> = cell.buckets.iter().map(read).collect();
            OperationMetrics {
                operation: operation.as_str().into(),
                calls: buckets.iter().sum(),
                errors: ErrorKind::ALL
                    .into_iter()
                    .zip(cell.errors.iter().map(read))
                    .filter(|(_, count)| *count > 0)
                    .collect(),
                total: Duration::from_nanos(read(&cell.total_nanos)),
                buckets,
            }
        });
        MetricsSnapshot {
            operations: operations.collect(),
            #[cfg(feature = "llm")]
            models: None,
        }
    }
}

/// What was counted of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperationMetrics {
    /// The operation's name, for example `send_message`.
    pub operation: Cow<'static, str>,
    /// How often it was called.
    pub calls: u64,
    /// How often it failed, by kind; kinds that did not occur are left out.
    pub errors: BTreeMap<ErrorKind, u64>,
    /// How long all calls took together; in documents `total_ms`, in milliseconds.
    #[serde(rename = "total_ms", with = "milliseconds")]
    pub total: Duration,
    /// How many calls fell into each bucket of [`MetricsSnapshot::BOUNDS`], and, last, above them all.
    pub buckets: Vec<u64>,
}

/// What an engine has counted since it was opened.
///
/// ```
/// let engine = vivavoce::Engine::open("memory:")?;
/// engine.health()?;
/// assert!(engine.metrics().to_prometheus().contains("vivavoce_calls_total{operation=\"health\"} 1"));
/// # Ok::<(), vivavoce::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MetricsSnapshot {
    /// Every operation, also those never called.
    pub operations: Vec<OperationMetrics>,
    /// What was asked of language models, where the engine has any.
    #[cfg(feature = "llm")]
    pub models: Option<ModelMetrics>,
}

impl MetricsSnapshot {
    /// The upper bounds of the latency buckets, in microseconds.
    pub const BOUNDS: [u64; 16] = BOUNDS;

    /// Adds what another engine has counted.
    pub fn add(&mut self, other: &Self) {
        for theirs in &other.operations {
            let Some(ours) = self.operations.iter_mut().find(|ours| ours.operation == theirs.operation) else {
                self.operations.push(theirs.clone());
                continue;
            };
            ours.calls += theirs.calls;
            ours.total += theirs.total;
            for (kind, count) in &theirs.errors {
                *ours.errors.entry(*kind).or_default() += count;
            }
            for (ours, theirs) in ours.buckets.iter_mut().zip(&theirs.buckets) {
                *ours += theirs;
            }
        }
        #[cfg(feature = "llm")]
        if let Some(theirs) = other.models {
            let ours = self.models.get_or_insert_default();
            ours.requests += theirs.requests;
            ours.failures += theirs.failures;
            ours.cache_hits += theirs.cache_hits;
            ours.input_tokens += theirs.input_tokens;
            ours.output_tokens += theirs.output_tokens;
        }
    }

    /// The counters in Prometheus' text format, version 0.0.4 (prometheus.io, "Exposition formats"); times in seconds.
    pub fn to_prometheus(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "# HELP vivavoce_calls_total Calls of the engine.\n# TYPE vivavoce_calls_total counter");
        for each in &self.operations {
            let _ = writeln!(text, "vivavoce_calls_total{{operation=\"{}\"}} {}", each.operation, each.calls);
        }
        let _ = writeln!(text, "# HELP vivavoce_errors_total Calls that failed.\n# TYPE vivavoce_errors_total counter");
        for each in &self.operations {
            for (kind, count) in &each.errors {
                let _ =
                    writeln!(text, "vivavoce_errors_total{{operation=\"{}\",kind=\"{kind}\"}} {count}", each.operation);
            }
        }
        let _ =
            writeln!(text, "# HELP vivavoce_call_seconds How long calls took.\n# TYPE vivavoce_call_seconds histogram");
        for each in &self.operations {
            let operation = &each.operation;
            let mut below = 0;
            for (bound, count) in BOUNDS.iter().zip(&each.buckets) {
                below += count;
                let bound = *bound as f64 / 1e6;
                let _ =
                    writeln!(text, "vivavoce_call_seconds_bucket{{operation=\"{operation}\",le=\"{bound}\"}} {below}");
            }
            let _ = writeln!(
                text,
                "vivavoce_call_seconds_bucket{{operation=\"{operation}\",le=\"+Inf\"}} {calls}\nvivavoce_call_seconds_sum{{operation=\"{operation}\"}} {sum}\nvivavoce_call_seconds_count{{operation=\"{operation}\"}} {calls}",
                calls = each.calls,
                sum = each.total.as_secs_f64(),
            );
        }
        #[cfg(feature = "llm")]
        if let Some(models) = &self.models {
            for (name, help, value) in [
                ("requests", "Requests to language models, each try counted.", models.requests),
                ("failures", "Requests to language models that failed.", models.failures),
                ("cache_hits", "Replies that came from the cache.", models.cache_hits),
                ("input_tokens", "Tokens that language models read.", models.input_tokens),
                ("output_tokens", "Tokens that language models wrote.", models.output_tokens),
            ] {
                let name = format!("vivavoce_model_{name}_total");
                let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}");
            }
        }
        text
    }
}
