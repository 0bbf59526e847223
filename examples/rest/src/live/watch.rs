//! The thread that learns what any process writes into a session.

use std::sync::Arc;
use std::time::Duration;

use vivavoce::{Engine, ErrorKind, Wake};

use super::Key;
use super::documents::told;
use super::feed::{End, Feed, Feeds};

/// How soon it notices that nobody listens any more. Each time costs the store a read.
const LOOK: Duration = Duration::from_secs(5);
/// How often a store without notifications is asked what other processes have written.
const POLL: Duration = Duration::from_millis(500);
/// What a thread needs that reads from a store.
const STACK: usize = 512 * 1024;
/// How long it waits where the store cannot be read.
const RETRY: Duration = Duration::from_secs(1);

/// Starts it, for as long as anybody listens.
///
/// # Errors
/// Where the system has no more threads.
pub(super) fn start(engine: Engine, feeds: Arc<Feeds>, key: Key, feed: Arc<Feed>) -> std::io::Result<()> {
    let watch = move || {
        // A panic, too, ends the feed, so that its listeners come again.
        let mut ending = Ending { feeds: &feeds, key: &key, feed: &feed, why: Some(End::Failed) };
        ending.why = watch(&engine, &feeds, &key, &feed);
    };
    std::thread::Builder::new().name("live".to_owned()).stack_size(STACK).spawn(watch).map(drop)
}

/// Tells what is written until nobody listens, or there is nothing to tell any more: then why.
fn watch(engine: &Engine, feeds: &Feeds, key: &Key, feed: &Feed) -> Option<End> {
    let mut wake = Wake::Notify;
    while !feeds.is_left(key, feed) {
        let events = engine.next_events(key.1, feed.number(), wake, LOOK).and_then(|events| {
            let frames: vivavoce::Result<Vec<_>> = events.iter().map(|event| told(engine, key.1, event)).collect();
            Ok((frames?, events.last().map(|event| event.number)))
        });
        match events {
            Ok((frames, Some(number))) => feed.tell(frames.into_iter().flatten().collect(), number),
            Ok((_, None)) => {}
            Err(error) => match error.kind() {
                ErrorKind::Unsupported => wake = Wake::Poll(POLL),
                ErrorKind::NotFound => return Some(End::Erased),
                // The engine is closed.
                ErrorKind::InvalidState => return Some(End::Stopping),
                _ => {
                    tracing::warn!(error = %error.kind(), "a session's events could not be read");
                    feeds.pause(RETRY);
                }
            },
        }
    }
    None
}

struct Ending<'a> {
    feeds: &'a Feeds,
    key: &'a Key,
    feed: &'a Feed,
    why: Option<End>,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if let Some(why) = self.why {
            self.feeds.end(self.key, self.feed, why);
        }
    }
}
