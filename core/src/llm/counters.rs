//! What was asked of language models, counted without any content.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use crate::domain::Tokens;

/// Counts since the engine was opened.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    requests: AtomicU64,
    failures: AtomicU64,
    cache_hits: AtomicU64,
    input_tokens: AtomicU64,
    output_tokens: AtomicU64,
}

impl Counters {
    pub(super) fn attempt(&self, failure: Option<&Failure>, used: Tokens) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.failures.fetch_add(u64::from(failure.is_some()), Ordering::Relaxed);
        self.input_tokens.fetch_add(used.input, Ordering::Relaxed);
        self.output_tokens.fetch_add(used.output, Ordering::Relaxed);
    }

    pub(super) fn cache_hit(&self) {
        self.cache_hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> ModelMetrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ModelMetrics {
            requests: read(&self.requests),
            failures: read(&self.failures),
            cache_hits: read(&self.cache_hits),
            input_tokens: read(&self.input_tokens),
            output_tokens: read(&self.output_tokens),
        }
    }
}

/// What an engine has asked of language models since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelMetrics {
    /// Requests, each try counted.
    pub requests: u64,
    /// Requests that failed.
    pub failures: u64,
    /// Replies that came from the cache.
    pub cache_hits: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
}
