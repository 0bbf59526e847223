//! Letting those who listen hear a reply while it is found.

use vivavoce::{Error, ErrorKind, Role, Said, Turn};

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

    /// Has `say` find a reply to these words, and lets them hear it.
    ///
    /// # Errors
    /// What `say` fails with.
    pub fn by(
        &self,
        words: &str,
        say: impl FnOnce(&mut dyn FnMut(Said<'_>)) -> vivavoce::Result<Turn>,
    ) -> vivavoce::Result<Turn> {
        // Looked for each time: whoever begins to listen meanwhile hears it as well.
        let feed = || self.app.live.feed(&self.key);
        let waits = feed().is_some_and(|feed| feed.speaks());
        let (mut heard, mut is_of_turn) = (String::new(), None);
        let said = say(&mut |said| {
            match said {
                Said::Words(words) => heard.push_str(words),
                Said::Again => return heard.clear(),
            }
            if let Some(feed) = feed()
                && *is_of_turn.get_or_insert_with(|| !feed.waits() || self.is_asked(words))
            {
                feed.reply(&heard);
            }
        });
        if let Some(feed) = feed() {
            match &said {
                Ok(turn) => feed.spoke(turn.message.number),
                Err(error) if waits || leaves_pending(error) => feed.failed(),
                Err(_) => {}
            }
        }
        said
    }
}

impl Heard {
    /// Whether the message that waits for a reply is this one, and not a later one than that which is sent again.
    fn is_asked(&self, words: &str) -> bool {
        let kept = self.app.engine.for_tenant(&self.key.0).and_then(|engine| engine.kept_session(self.key.1));
        let kept = kept.ok().flatten();
        let last = kept.as_ref().and_then(|session| session.messages.last());
        last.is_some_and(|last| last.role() == Role::Candidate && last.content == words)
    }
}

/// Whether the message was taken, and its reply failed.
fn leaves_pending(error: &Error) -> bool {
    use ErrorKind::{Conflict, InvalidInput, InvalidState, NotFound, Unsupported};
    !matches!(error.kind(), InvalidInput | InvalidState | NotFound | Conflict | Unsupported)
}
