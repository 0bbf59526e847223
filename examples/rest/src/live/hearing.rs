//! Letting those who listen hear a reply while it is found.

use vivavoce::{Error, ErrorKind, Said};

use super::Key;
use crate::app::App;

/// Those who listen to a session in this process.
pub struct Heard {
    app: App,
    key: Key,
}

impl Heard {
    pub(super) fn new(app: App, key: Key) -> Self {
        Self { app, key }
    }

    /// Whether anybody listens to the session here.
    pub fn is_listened_to(&self) -> bool {
        self.app.live.feed(&self.key).is_some()
    }

    /// Has `say` find a reply, and lets them hear it.
    ///
    /// # Errors
    /// What `say` fails with.
    pub fn by<T>(&self, say: impl FnOnce(&mut dyn FnMut(Said<'_>)) -> vivavoce::Result<T>) -> vivavoce::Result<T> {
        // Looked for each time: whoever begins to listen meanwhile hears it as well.
        let feed = || self.app.live.feed(&self.key);
        if let Some(feed) = feed() {
            feed.speaks();
        }
        let mut heard = String::new();
        let said = say(&mut |said| {
            match said {
                Said::Words(words) => heard.push_str(words),
                Said::Again => return heard.clear(),
            }
            if let Some(feed) = feed() {
                feed.reply(&heard);
            }
        });
        if let Some(feed) = feed() {
            feed.spoke(said.as_ref().is_err_and(leaves_pending));
        }
        said
    }
}

/// Whether the message was taken, and its reply failed.
fn leaves_pending(error: &Error) -> bool {
    use ErrorKind::{Conflict, InvalidInput, InvalidState, NotFound, Unsupported};
    !matches!(error.kind(), InvalidInput | InvalidState | NotFound | Conflict | Unsupported)
}
