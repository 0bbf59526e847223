//! The live sessions of an engine: the snapshot each was last seen at, and the locks by which its writers take turns.

use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lru::LruCache;
use parking_lot::{Mutex, MutexGuard};

use super::Tenant;
use crate::domain::{Interview, InterviewId, Session, SessionId};
use crate::error::Result;
use crate::patience::Patience;

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

/// The moment before the store was asked or told what is then kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since {
    at: Instant,
    erasures: u64,
}

impl Since {
    pub(crate) fn at(self) -> Instant {
        self.at
    }
}

#[derive(Debug, Default)]
struct Place {
    snapshot: Option<Snapshot>,
    /// The latest version that was here; what was read before it comes too late.
    latest: u64,
}

/// A session's place in the cache.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// Held while a step is decided and written, never while an interviewer thinks.
    write: Mutex<()>,
    /// Held while an interviewer thinks about a reply.
    turn: Mutex<()>,
    /// Held while an evaluator judges the session.
    judging: Mutex<()>,
    place: Mutex<Place>,
}

impl Live {
    pub(crate) fn lock_writes(&self, patience: &Patience) -> Result<MutexGuard<'_, ()>> {
        patience.lock(&self.write, UNDER_WAY)
    }

    pub(crate) fn lock_turn(&self, patience: &Patience) -> Result<MutexGuard<'_, ()>> {
        patience.lock(&self.turn, UNDER_WAY)
    }

    pub(crate) fn lock_judging(&self, patience: &Patience) -> Result<MutexGuard<'_, ()>> {
        patience.lock(&self.judging, UNDER_WAY)
    }

    pub(crate) fn snapshot(&self) -> Option<Snapshot> {
        self.place.lock().snapshot.clone()
    }

    pub(crate) fn forget(&self) {
        self.place.lock().snapshot = None;
    }
}

/// What a caller waits for.
const UNDER_WAY: &str = "another call on the session was under way";

/// A bounded number of live sessions; those that were not used for longest make room. Two callers may for a moment hold different places of one session
/// that was just pushed out: the version that every write checks in the store keeps them apart, and what was written is kept where others look for it.
#[derive(Debug)]
pub(crate) struct SessionCache {
    /// The most that each shard holds. Room is not taken before it is needed: what an application says may be more than there is.
    each: usize,
    shards: Vec<Mutex<LruCache<SessionId, Arc<Live>>>>,
    hasher: RandomState,
    /// How many erasures there have been: what was read before one is not kept after it.
    erasures: AtomicU64,
}

impl SessionCache {
    pub(crate) fn new(capacity: NonZeroUsize) -> Self {
        let each = capacity.get().div_ceil(SHARDS);
        let shards = (0..SHARDS).map(|_| Mutex::new(LruCache::unbounded())).collect();
        Self { each, shards, hasher: RandomState::new(), erasures: AtomicU64::new(0) }
    }

    fn shard(&self, id: SessionId) -> &Mutex<LruCache<SessionId, Arc<Live>>> {
        &self.shards[self.hasher.hash_one(id) as usize % SHARDS]
    }

    /// The session's place, made where it has none.
    pub(crate) fn live(&self, id: SessionId) -> Arc<Live> {
        let mut shard = self.shard(id).lock();
        let live = Arc::clone(shard.get_or_insert(id, Arc::default));
        if shard.len() > self.each {
            shard.pop_lru();
        }
        live
    }

    /// The session's snapshot, where it has one.
    pub(crate) fn kept(&self, id: SessionId) -> Option<Snapshot> {
        let live = self.shard(id).lock().get(&id).map(Arc::clone)?;
        live.snapshot()
    }

    /// The moment before the store is asked or told something.
    pub(crate) fn since(&self) -> Since {
        Since { at: Instant::now(), erasures: self.erasures.load(Ordering::SeqCst) }
    }

    /// Keeps a snapshot, unless a later one was here, or an interview was erased meanwhile: it may be this one.
    pub(crate) fn keep(&self, live: &Live, new: &Snapshot, since: Since) {
        let mut place = live.place.lock();
        if new.session.version >= place.latest {
            place.latest = new.session.version;
            place.snapshot = Some(new.clone());
        }
        drop(place);
        self.unless_erased(live, since);
    }

    /// Keeps what was written, also where the writer's place was pushed out meanwhile and another reads from a new one.
    pub(crate) fn keep_written(&self, live: &Live, new: &Snapshot, since: Since) {
        let current = self.live(new.session.id);
        self.keep(&current, new, since);
        if !std::ptr::eq(&*current, live) {
            self.keep(live, new, since);
        }
    }

    /// Keeps the plan with the snapshot that is here.
    pub(crate) fn keep_plan(&self, live: &Live, plan: &Arc<Interview>, since: Since) {
        if let Some(snapshot) = &mut live.place.lock().snapshot {
            snapshot.interview = Some(Arc::clone(plan));
        }
        self.unless_erased(live, since);
    }

    fn unless_erased(&self, live: &Live, since: Since) {
        if self.erasures.load(Ordering::SeqCst) != since.erasures {
            live.forget();
        }
    }

    /// Forgets a session that is not there, so that ids of nothing take no room.
    pub(crate) fn remove(&self, id: SessionId) {
        if let Some(live) = self.shard(id).lock().pop(&id) {
            live.forget();
        }
    }

    /// Forgets the sessions of an interview that was erased just now, also those that are being read.
    pub(crate) fn erase(&self, interview: InterviewId) {
        self.erasures.fetch_add(1, Ordering::SeqCst);
        for shard in &self.shards {
            let mut shard = shard.lock();
            let of_interview = |live: &Live| live.snapshot().is_some_and(|kept| kept.session.interview_id == interview);
            let gone: Vec<_> = shard.iter().filter(|(_, live)| of_interview(live)).map(|(id, _)| *id).collect();
            for live in gone.iter().filter_map(|id| shard.pop(id)) {
                live.forget();
            }
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
        let _held = live.lock_writes(&Patience::default()).unwrap();
        let patience = Patience::until(Some(Instant::now() + Duration::from_millis(5)));
        assert_eq!(live.lock_writes(&patience).unwrap_err().kind(), crate::ErrorKind::Timeout);
    }
}
