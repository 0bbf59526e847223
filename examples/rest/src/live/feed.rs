//! Who watches which session: one feed for each session that anybody listens to in this process.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio::sync::broadcast;
use vivavoce::{Engine, SessionId};

use super::course::Course;
use super::documents::{Frame, Place, What};
use super::{Key, watch};

/// How many events a listener may be behind the others before it is cut off.
const BEHIND: usize = 128;

/// How long those who watch may take to notice that the engine is closed.
const CLOSING: Duration = Duration::from_secs(5);

/// What listeners are told.
#[derive(Debug, Clone)]
pub(super) enum Told {
    /// Something happened.
    Event(Arc<Frame>),
    /// Nothing will be told any more.
    End(End),
}

/// Why nothing is told any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The session is ended and judged.
    Over,
    /// The session was erased.
    Erased,
    /// The listener's token is over.
    Expired,
    /// The listener did not keep up.
    Behind,
    /// The service stops.
    Stopping,
    /// The store cannot be read.
    Failed,
}

/// All feeds of this process.
pub(super) struct Feeds {
    most: usize,
    all: Mutex<All>,
    /// One ended, or the service stops.
    changed: Condvar,
}

#[derive(Default)]
struct All {
    feeds: HashMap<Key, Arc<Feed>>,
    closed: bool,
}

/// What a new listener has.
pub(super) struct Subscription {
    /// What is told from now on.
    pub(super) told: broadcast::Receiver<Told>,
    /// What was told of a reply under way: to which message, and its words.
    pub(super) reply: Option<(u32, String)>,
}

impl Feeds {
    pub(super) fn new(most: usize) -> Self {
        Self { most, all: Mutex::default(), changed: Condvar::new() }
    }

    pub(super) fn count(&self) -> usize {
        self.all.lock().feeds.len()
    }

    pub(super) fn find(&self, key: &Key) -> Option<Arc<Feed>> {
        self.all.lock().feeds.get(key).cloned()
    }

    /// Hears a session. Where nobody did before, it is watched from where `course` has come to, by `engine`, which is nobody's request: whoever came first may leave
    /// first. None where too many are watched, or the service stops.
    pub(super) fn subscribe(feeds: &Arc<Self>, engine: &Engine, key: &Key, course: Course) -> Option<Subscription> {
        let mut all = feeds.all.lock();
        if let Some(feed) = all.feeds.get(key) {
            return Some(feed.subscribe());
        }
        if all.closed || all.feeds.len() >= feeds.most {
            return None;
        }
        let engine = engine.for_tenant(&key.0).ok()?;
        let feed = Arc::new(Feed::new(key.1, course));
        let subscription = feed.subscribe();
        all.feeds.insert(key.clone(), Arc::clone(&feed));
        if watch::start(engine, Arc::clone(feeds), key.clone(), feed).is_err() {
            all.feeds.remove(key);
            return None;
        }
        Some(subscription)
    }

    /// Whether a feed may end because nobody listens; nobody can any more if so.
    pub(super) fn is_left(&self, key: &Key, feed: &Feed) -> bool {
        let mut all = self.all.lock();
        let is_left = feed.told.receiver_count() == 0;
        if is_left {
            all.feeds.remove(key);
            self.changed.notify_all();
        }
        is_left
    }

    /// Ends a feed: its listeners are told why.
    pub(super) fn end(&self, key: &Key, feed: &Feed, why: End) {
        let mut all = self.all.lock();
        if all.feeds.get(key).is_some_and(|known| std::ptr::eq(&**known, feed)) {
            all.feeds.remove(key);
        }
        feed.send(Told::End(why));
        self.changed.notify_all();
    }

    /// Lets time pass, at most until the service stops.
    pub(super) fn pause(&self, time: Duration) {
        let mut all = self.all.lock();
        if !all.closed {
            self.changed.wait_for(&mut all, time);
        }
    }

    pub(super) fn close(&self) {
        let mut all = self.all.lock();
        all.closed = true;
        self.changed.notify_all();
        let end = Instant::now() + CLOSING;
        while !all.feeds.is_empty() && !self.changed.wait_until(&mut all, end).timed_out() {}
    }
}

/// What the listeners of one session are told.
pub(super) struct Feed {
    session: SessionId,
    told: broadcast::Sender<Told>,
    state: Mutex<State>,
}

struct State {
    /// What was told.
    course: Course,
    /// The reply under way, as far as it was heard.
    heard: String,
}

impl Feed {
    fn new(session: SessionId, course: Course) -> Self {
        let state = State { course, heard: String::new() };
        Self { session, told: broadcast::Sender::new(BEHIND), state: Mutex::new(state) }
    }

    fn subscribe(&self) -> Subscription {
        let state = self.state.lock();
        let reply = state.course.waits.filter(|_| !state.heard.is_empty()).map(|turn| (turn, state.heard.clone()));
        Subscription { told: self.told.subscribe(), reply }
    }

    /// The number of the last event that was told.
    pub(super) fn number(&self) -> u64 {
        self.state.lock().course.number
    }

    /// Tells what the log has further. `course` has followed it.
    pub(super) fn tell(&self, frames: Vec<Arc<Frame>>, number: u64) {
        let mut state = self.state.lock();
        for frame in frames {
            if let Place::Logged(step) = frame.place {
                state.course.follow(step);
            }
            self.send(Told::Event(frame));
        }
        // Events that tell a client nothing count all the same.
        state.course.number = number;
        match state.course.waits {
            Some(turn) => {
                self.send_of_turn(turn, What::Typing { turn, active: true });
                // Words that came before the message that they answer were held back.
                if !state.heard.is_empty() {
                    self.send_of_turn(turn, What::Token { turn, text: &state.heard, again: true });
                }
            }
            None => state.heard.clear(),
        }
    }

    /// Tells what is new of a reply of which this was heard so far.
    pub(super) fn reply(&self, heard: &str) {
        let mut state = self.state.lock();
        let told = state.heard.len();
        let (text, again) = match heard.starts_with(&state.heard) {
            true => (&heard[told..], false),
            false => (heard, true),
        };
        if let Some(turn) = state.course.waits.filter(|_| again || !text.is_empty()) {
            self.send_of_turn(turn, What::Token { turn, text, again });
        }
        if again {
            state.heard.clear();
        }
        state.heard.push_str(text);
    }

    /// A reply is asked for; again, where a message waits already: then true.
    pub(super) fn speaks(&self) -> bool {
        let waits = self.state.lock().course.waits;
        if let Some(turn) = waits {
            self.send_of_turn(turn, What::Typing { turn, active: true });
        }
        waits.is_some()
    }

    /// Whether a message waits for its reply.
    pub(super) fn waits(&self) -> bool {
        self.state.lock().course.waits.is_some()
    }

    /// The reply of this turn was given.
    pub(super) fn spoke(&self, turn: u32) {
        let mut state = self.state.lock();
        if state.course.waits.is_none_or(|waits| waits == turn) {
            state.heard.clear();
        }
    }

    /// A reply is not to be had.
    pub(super) fn failed(&self) {
        let mut state = self.state.lock();
        state.heard.clear();
        if let Some(turn) = state.course.waits {
            self.send_of_turn(turn, What::Typing { turn, active: false });
        }
    }

    fn send_of_turn(&self, turn: u32, what: What<'_>) {
        if let Some(frame) = Frame::of_turn(self.session, turn, what) {
            self.send(Told::Event(frame));
        }
    }

    fn send(&self, told: Told) {
        // It fails where nobody listens.
        let _ = self.told.send(told);
    }
}
