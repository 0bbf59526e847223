//! Replies that are kept: in memory, least recently used first to go, bounded by size and age. What outlives the process is kept by whoever brings a [`Keeper`].

use chrono::{DateTime, Utc};
use lru::LruCache;
use parking_lot::Mutex;
use uuid::Uuid;

use super::client::Answer;
use super::quota::Amount;
use crate::domain::canonical::Sha256Digest;
use crate::error::Result;

/// What an entry costs beside its text, in bytes.
const OVERHEAD: u64 = 512;

/// Whom a reply belongs to, so that it can be erased with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) tenant: std::sync::Arc<str>,
    pub(crate) id: Uuid,
}

/// A budget of somebody for a period, and an amount of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reservation {
    /// Whose budget it is.
    pub(crate) scope: String,
    /// When the period began.
    pub(crate) period: DateTime<Utc>,
    pub(crate) amount: Amount,
    pub(crate) most_tokens: Option<u64>,
    pub(crate) most_nanos: Option<u64>,
}

/// A place that keeps replies and spending beyond this process.
pub(crate) trait Keeper: Send + Sync {
    /// The reply that is kept under a key and is not older than `not_before`.
    fn reply(&self, key: &Sha256Digest, not_before: DateTime<Utc>) -> Result<Option<String>>;

    /// Keeps a reply for its owner, and says whether it did: not when the owner was erased. Drops what is older than `not_before`, and, oldest first, what exceeds
    /// `most_bytes` in all.
    fn keep_reply(
        &self,
        owner: &Owner,
        key: &Sha256Digest,
        reply: String,
        now: DateTime<Utc>,
        not_before: DateTime<Utc>,
        most_bytes: u64,
    ) -> Result<bool>;

    /// Sets an amount aside; false where the budget does not have it.
    fn reserve(&self, reservation: &Reservation) -> Result<bool>;

    /// Gives back what was not used.
    fn settle(&self, scope: &str, period: DateTime<Utc>, back: Amount) -> Result<()>;
}

struct Entry {
    answer: Answer,
    at: DateTime<Utc>,
    owner: Option<Uuid>,
}

impl Entry {
    fn size(&self) -> u64 {
        self.answer.text.len() as u64 + OVERHEAD
    }
}

struct Entries {
    by_key: LruCache<Sha256Digest, Entry>,
    bytes: u64,
}

/// The replies in memory.
pub(super) struct ReplyCache {
    most_bytes: u64,
    entries: Mutex<Entries>,
}

impl ReplyCache {
    pub(super) fn new(most_bytes: u64) -> Self {
        Self { most_bytes, entries: Mutex::new(Entries { by_key: LruCache::unbounded(), bytes: 0 }) }
    }

    /// The reply under a key, if it is not older than `not_before`.
    pub(super) fn get(&self, key: &Sha256Digest, not_before: DateTime<Utc>) -> Option<Answer> {
        let mut entries = self.entries.lock();
        let entry = entries.by_key.get(key)?;
        if entry.at >= not_before {
            return Some(entry.answer.clone());
        }
        if let Some(old) = entries.by_key.pop(key) {
            entries.bytes -= old.size();
        }
        None
    }

    pub(super) fn keep(&self, key: Sha256Digest, answer: Answer, at: DateTime<Utc>, owner: Option<Uuid>) {
        let entry = Entry { answer, at, owner };
        if entry.size() > self.most_bytes {
            return;
        }
        let mut entries = self.entries.lock();
        entries.bytes += entry.size();
        if let Some(old) = entries.by_key.put(key, entry) {
            entries.bytes -= old.size();
        }
        while entries.bytes > self.most_bytes {
            let Some((_, old)) = entries.by_key.pop_lru() else { return };
            entries.bytes -= old.size();
        }
    }

    /// Forgets one reply.
    pub(super) fn forget(&self, key: &Sha256Digest) {
        let mut entries = self.entries.lock();
        if let Some(old) = entries.by_key.pop(key) {
            entries.bytes -= old.size();
        }
    }

    /// Forgets what belongs to somebody.
    pub(super) fn erase(&self, owner: Uuid) {
        let mut entries = self.entries.lock();
        let of_owner = entries.by_key.iter().filter(|(_, entry)| entry.owner == Some(owner));
        let keys: Vec<Sha256Digest> = of_owner.map(|(key, _)| *key).collect();
        for key in keys {
            if let Some(old) = entries.by_key.pop(&key) {
                entries.bytes -= old.size();
            }
        }
    }
}
