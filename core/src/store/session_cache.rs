//! The live sessions of an engine: the snapshot each was last seen at, and the locks by which its writers take turns.

use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lru::LruCache;
use parking_lot::{Mutex, MutexGuard};

use super::Tenant;
use crate::domain::{Interview, Session, SessionId};
use crate::error::{Error, ErrorKind, Result};

const SHARDS: usize = 16;

/// A session as it was last seen.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) tenant: Tenant,
    pub(crate) session: Arc<Session>,
    /// The plan, where it was needed; it never changes but for its status.
    pub(crate) interview: Option<Arc<Interview>>,
    /// When the store was last asked whether this is the latest version.
    pub(crate) checked_at: Instant,
}

/// A session's place in the cache.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// Held while a step is decided and written, never while an interviewer thinks.
    write: Mutex<()>,
    /// Held while an interviewer thinks about a reply.
    turn: Mutex<()>,
    snapshot: Mutex<Option<Snapshot>>,
}

impl Live {
    pub(crate) fn lock_writes(&self, deadline: Option<Instant>) -> Result<MutexGuard<'_, ()>> {
        lock(&self.write, deadline)
    }

    pub(crate) fn lock_turn(&self, deadline: Option<Instant>) -> Result<MutexGuard<'_, ()>> {
        lock(&self.turn, deadline)
    }

    pub(crate) fn snapshot(&self) -> Option<Snapshot> {
        self.snapshot.lock().clone()
    }

    /// Keeps a snapshot, unless a later one is there.
    pub(crate) fn keep(&self, new: &Snapshot) {
        let mut place = self.snapshot.lock();
        match &*place {
            Some(old) if old.session.version > new.session.version => {}
            _ => *place = Some(new.clone()),
        }
    }

    pub(crate) fn forget(&self) {
        *self.snapshot.lock() = None;
    }
}

fn lock(mutex: &Mutex<()>, deadline: Option<Instant>) -> Result<MutexGuard<'_, ()>> {
    match deadline {
        None => Ok(mutex.lock()),
        Some(deadline) => mutex.try_lock_until(deadline).ok_or_else(|| {
            Error::new(ErrorKind::Timeout, "the deadline passed while another call on the session was under way")
                .retryable()
        }),
    }
}

/// A bounded number of live sessions; those that were not used for longest make room. Two callers may for a moment hold different places of one session
/// that was just pushed out: the version that every write checks in the store keeps them apart.
#[derive(Debug)]
pub(crate) struct SessionCache {
    shards: Vec<Mutex<LruCache<SessionId, Arc<Live>>>>,
    hasher: RandomState,
}

impl SessionCache {
    pub(crate) fn new(capacity: NonZeroUsize) -> Self {
        let each = NonZeroUsize::new(capacity.get().div_ceil(SHARDS)).unwrap_or(NonZeroUsize::MIN);
        Self { shards: (0..SHARDS).map(|_| Mutex::new(LruCache::new(each))).collect(), hasher: RandomState::new() }
    }

    fn shard(&self, id: SessionId) -> &Mutex<LruCache<SessionId, Arc<Live>>> {
        &self.shards[self.hasher.hash_one(id) as usize % SHARDS]
    }

    /// The session's place, made where it has none.
    pub(crate) fn live(&self, id: SessionId) -> Arc<Live> {
        Arc::clone(self.shard(id).lock().get_or_insert(id, Arc::default))
    }

    /// Forgets a session that is not there, so that ids of nothing take no room.
    pub(crate) fn remove(&self, id: SessionId) {
        if let Some(live) = self.shard(id).lock().pop(&id) {
            live.forget();
        }
    }
}

impl Snapshot {
    /// Whether the store was asked about it within `limit`.
    pub(crate) fn is_fresh(&self, limit: Duration) -> bool {
        self.checked_at.elapsed() <= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_stays_within_its_bound() {
        let cache = SessionCache::new(NonZeroUsize::new(64).unwrap());
        for number in 0..10_000_u128 {
            cache.live(uuid::Uuid::from_u128(number).into());
        }
        let held: usize = cache.shards.iter().map(|shard| shard.lock().len()).sum();
        assert!(held <= 64 + SHARDS, "{held}");
    }

    #[test]
    fn a_lock_that_is_held_past_the_deadline_is_a_timeout() {
        let live = Live::default();
        let _held = live.lock_writes(None).unwrap();
        let error = live.lock_writes(Some(Instant::now() + Duration::from_millis(5))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }
}
