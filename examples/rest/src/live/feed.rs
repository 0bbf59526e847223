//! Noticing what happens: one thread for each session that somebody listens to, and none for others.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use vivavoce::{Engine, ErrorKind, Said, SessionId, Wake};

use super::told::Told;
use crate::error::Failure;

/// How many events a listener may be behind; one that is further behind has to begin again where it was.
const BEHIND: usize = 256;
/// How often a store without notifications is asked for what other processes have written.
const POLL: Duration = Duration::from_secs(1);
/// How long a thread waits for an event before it looks whether anybody still listens.
const LOOK: Duration = Duration::from_secs(15);
/// How long it waits after the store failed.
const PAUSE: Duration = Duration::from_secs(1);
/// What a thread needs to wait.
const STACK: usize = 256 * 1024;

type Key = (Arc<str>, SessionId);

/// What is told to the listeners of a session.
pub(super) struct Feed(broadcast::Sender<Arc<Told>>);

impl Feed {
    pub(super) fn listen(&self) -> broadcast::Receiver<Arc<Told>> {
        self.0.subscribe()
    }

    fn tell(&self, told: Told) {
        // Nobody may be there.
        let _ = self.0.send(Arc::new(told));
    }
}

/// The feeds of this process.
#[derive(Default)]
pub struct Feeds(Mutex<HashMap<Key, Weak<Feed>>>);

/// What live connections share.
pub struct Live {
    feeds: Arc<Feeds>,
    places: Arc<Semaphore>,
    most: usize,
    wake: Wake,
}

impl Live {
    /// For so many connections at a time, on this store.
    pub fn new(most: usize, store: &str) -> Self {
        let has_notifications = store.starts_with("postgres:") || store.starts_with("postgresql:");
        let wake = if has_notifications { Wake::Notify } else { Wake::Poll(POLL) };
        Self { feeds: Arc::default(), places: Arc::new(Semaphore::new(most)), most, wake }
    }

    /// A place for a connection, for as long as it is held.
    ///
    /// # Errors
    /// 503 where all are taken.
    pub(super) fn place(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map_err(|_| Failure::busy("Too many live connections"))
    }

    /// How many connections there are, and how many sessions they listen to.
    pub fn load(&self) -> (usize, usize) {
        (self.most - self.places.available_permits(), self.feeds.0.lock().len())
    }

    /// The feed of a session; one that is new tells what comes after the event `after`.
    pub(super) fn feed(&self, engine: &Engine, tenant: &Arc<str>, session: SessionId, after: u64) -> Arc<Feed> {
        let key = (Arc::clone(tenant), session);
        let mut feeds = self.feeds.0.lock();
        if let Some(feed) = feeds.get(&key).and_then(Weak::upgrade) {
            return feed;
        }
        let feed = Arc::new(Feed(broadcast::Sender::new(BEHIND)));
        feeds.insert(key.clone(), Arc::downgrade(&feed));
        drop(feeds);
        let watch = Watch { feeds: Arc::clone(&self.feeds), feed: Arc::downgrade(&feed), key };
        let (engine, wake) = (engine.clone(), self.wake);
        let thread = std::thread::Builder::new().name("feed".into()).stack_size(STACK);
        if let Err(error) = thread.spawn(move || watch.run(&engine, wake, after)) {
            tracing::error!(%error, "there is no thread for a session's events");
        }
        feed
    }

    /// Somebody's ear for the reply of the interviewer in this session, where anybody listens.
    pub fn ear(&self, tenant: &Arc<str>, session: SessionId) -> Option<Ear> {
        let feed = self.feeds.0.lock().get(&(Arc::clone(tenant), session)).and_then(Weak::upgrade)?;
        Some(Ear { feed, session })
    }
}

/// Lets listeners hear a reply while it is found.
pub struct Ear {
    feed: Arc<Feed>,
    session: SessionId,
}

impl Ear {
    /// Tells what was said of the reply to the candidate's message `turn`.
    pub fn hear(&self, turn: u32, said: Said<'_>) {
        self.feed.tell(match said {
            Said::Words(text) => Told::token(self.session, turn, text),
            Said::Again => Told::typing(self.session),
        });
    }

    /// Tells that a reply is being found.
    pub fn typing(&self) {
        self.feed.tell(Told::typing(self.session));
    }
}

/// A thread's own view of a feed: it does not keep it alive.
struct Watch {
    feeds: Arc<Feeds>,
    feed: Weak<Feed>,
    key: Key,
}

impl Watch {
    fn run(&self, engine: &Engine, mut wake: Wake, mut after: u64) {
        while self.feed.strong_count() > 0 {
            let events = engine.next_events(self.key.1, after, wake, LOOK).and_then(|events| {
                let told: vivavoce::Result<Vec<_>> = events.iter().map(|event| Told::of(engine, event)).collect();
                Ok((events.last().map_or(after, |last| last.number), told?))
            });
            match events {
                Ok((last, told)) => {
                    let Some(feed) = self.feed.upgrade() else { break };
                    told.into_iter().flatten().for_each(|told| feed.tell(told));
                    after = last;
                }
                // A pooler before the database has no notifications.
                Err(error) if error.kind() == ErrorKind::Unsupported && wake == Wake::Notify => wake = Wake::Poll(POLL),
                Err(error) if error.kind() == ErrorKind::Storage => {
                    tracing::warn!(kind = error.kind().as_str(), "a session's events could not be read");
                    std::thread::sleep(PAUSE);
                }
                // The session was erased, or the engine closed.
                Err(_) => break,
            }
        }
        let mut feeds = self.feeds.0.lock();
        // Another may have taken the place since.
        if feeds.get(&self.key).is_some_and(|known| known.ptr_eq(&self.feed)) {
            feeds.remove(&self.key);
        }
    }
}
