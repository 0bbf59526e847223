//! One who listens: reads what was, goes on with what is, and hears everything once and in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use vivavoce::SessionId;

use super::feed::Feed;
use super::told::{Means, Told};
use crate::access::Caller;
use crate::app::{App, Lane};
use crate::error::{Failure, Subject};

/// What a listener hears next.
pub(super) enum Heard {
    /// An event.
    Told(Arc<Told>),
    /// It was too slow, and has to begin again where it was.
    Behind,
    /// The session is over and evaluated.
    Over,
    /// The caller's token is over.
    Expired,
    /// The service stops.
    Stopping,
    /// The session is gone, or the store failed.
    Failed,
}

pub(super) struct Listener {
    app: App,
    pub(super) caller: Caller,
    pub(super) session: SessionId,
    /// What the client has heard already.
    after: u64,
    /// What was read or heard so far.
    last: u64,
    waiting: VecDeque<Arc<Told>>,
    live: Option<(Arc<Feed>, Receiver<Arc<Told>>)>,
    caught_up: bool,
    ended: bool,
    evaluated: bool,
    until: Option<Instant>,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    /// Listens to a session, from the event after `after`.
    ///
    /// # Errors
    /// 404 where there is none, 503 where too many listen.
    pub(super) async fn new(app: &App, caller: Caller, session: SessionId, after: u64) -> Result<Self, Failure> {
        let place = app.live.place()?;
        let until = caller.expires.map(|expires| {
            let left = (UNIX_EPOCH + Duration::from_secs(expires)).duration_since(SystemTime::now());
            Instant::now() + left.unwrap_or_default()
        });
        let mut listener = Self {
            app: app.clone(),
            caller,
            session,
            after,
            last: 0,
            waiting: VecDeque::new(),
            live: None,
            caught_up: false,
            ended: false,
            evaluated: false,
            until,
            _place: place,
        };
        // A session that is not there is an answer of its own.
        listener.read().await?;
        Ok(listener)
    }

    /// Waits for the next thing. May be given up and called again: nothing is lost.
    pub(super) async fn next(&mut self) -> Heard {
        loop {
            while let Some(told) = self.waiting.pop_front() {
                self.note(&told);
                if told.seq.is_none_or(|seq| seq > self.after) {
                    return Heard::Told(told);
                }
            }
            if self.ended && self.evaluated {
                return Heard::Over;
            }
            if !self.caught_up {
                if self.read().await.is_err() {
                    return if self.app.is_stopping() { Heard::Stopping } else { Heard::Failed };
                }
                continue;
            }
            let Some((_, receiver)) = &mut self.live else { return Heard::Failed };
            let expired = async {
                match self.until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                told = receiver.recv() => match told {
                    Ok(told) if told.seq.is_none_or(|seq| seq > self.last) => {
                        self.last = told.seq.unwrap_or(self.last);
                        self.waiting.push_back(told);
                    }
                    // It was read before.
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return Heard::Behind,
                    Err(RecvError::Closed) => return Heard::Failed,
                },
                () = self.app.stopped() => return Heard::Stopping,
                () = expired => return Heard::Expired,
            }
        }
    }

    /// Reads what is in the log, and joins the feed at its end: what happens between the two is read once more.
    async fn read(&mut self) -> Result<(), Failure> {
        let (session, after) = (self.session, self.last);
        let read = move |engine: &vivavoce::Engine| {
            let events = engine.events(session, after)?;
            let told = events.iter().map(|event| Told::of(engine, event));
            Ok((events.last().map(|last| last.number), told.collect::<vivavoce::Result<Vec<_>>>()?))
        };
        let (last, told) = self.app.call(Lane::Store, &self.caller, Subject::Session, read).await?;
        self.waiting.extend(told.into_iter().flatten().map(Arc::new));
        match last {
            Some(last) => self.last = last,
            None if self.live.is_some() => self.caught_up = true,
            None => {
                let engine = self.app.engine.for_tenant(&self.caller.tenant);
                let engine = engine.map_err(|error| self.app.failed(Subject::Session, &error))?;
                let feed = self.app.live.feed(&engine, &self.caller.tenant, session, after);
                let receiver = feed.listen();
                self.live = Some((feed, receiver));
            }
        }
        Ok(())
    }

    fn note(&mut self, told: &Told) {
        match told.means {
            Means::Nothing => {}
            Means::Completed => self.ended = true,
            Means::Abandoned => (self.ended, self.evaluated) = (true, true),
            Means::Evaluated => self.evaluated = true,
        }
    }
}
