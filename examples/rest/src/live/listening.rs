//! One connection that is told what happens in a session.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep_until};
use vivavoce::SessionId;

use super::course::{Course, Step};
use super::documents::{Frame, Place, What, told};
use super::feed::{End, Told};
use super::{Key, Occupied};
use crate::access::{Caller, Role};
use crate::app::{App, Lane};
use crate::error::{Failure, Subject};

/// The most events that the engine gives at a time.
const PAGE: usize = 1_000;

/// Somebody who is told a session's events after the one numbered `after`, in order, each once.
pub(super) struct Listening {
    app: App,
    caller: Caller,
    session: SessionId,
    after: u64,
    /// As far as the log was read.
    course: Course,
    /// Read, and not told yet.
    ready: VecDeque<Arc<Frame>>,
    /// What follows; none before the log was read for the first time.
    live: Option<broadcast::Receiver<Told>>,
    reply: Option<(u32, String)>,
    /// Whether what was written before `live` was read.
    is_up_to_date: bool,
    stopping: watch::Receiver<bool>,
    /// When the caller's token is over.
    expires: Option<Instant>,
    _place: Occupied,
}

impl Listening {
    /// Begins to listen.
    ///
    /// # Errors
    /// 404 where there is no such session; 503 where too many listen.
    pub(super) async fn begin(app: &App, caller: Caller, session: SessionId, after: u64) -> Result<Self, Failure> {
        let mut listening = Self {
            stopping: app.stopping(),
            expires: caller.expires.map(instant),
            _place: app.live.place(&caller)?,
            app: app.clone(),
            caller,
            session,
            after,
            course: Course::default(),
            ready: VecDeque::new(),
            live: None,
            reply: None,
            is_up_to_date: false,
        };
        listening.read_on().await?;
        Ok(listening)
    }

    /// What the caller may do.
    pub(super) fn role(&self) -> Role {
        self.caller.role
    }

    /// Whether there is nothing to tell, now or later.
    pub(super) fn is_over(&self) -> bool {
        self.is_up_to_date && self.ready.is_empty() && self.course.is_over()
    }

    /// The next event. It may be dropped while it waits: nothing is lost.
    pub(super) async fn next(&mut self) -> Result<Arc<Frame>, End> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Ok(frame);
            }
            if self.is_over() {
                return Err(End::Over);
            }
            let Some(live) = self.live.as_mut().filter(|_| self.is_up_to_date) else {
                if let Err(failure) = self.read_on().await {
                    return Err(self.ended(&failure));
                }
                continue;
            };
            let told = tokio::select! {
                biased;
                told = live.recv() => told,
                _ = self.stopping.wait_for(|stopping| *stopping) => return Err(End::Stopping),
                () = over(self.expires) => return Err(End::Expired),
            };
            match told {
                Ok(Told::Event(frame)) if self.is_new(&frame) => return Ok(frame),
                Ok(Told::Event(_)) => {}
                Ok(Told::End(why)) => return Err(why),
                Err(RecvError::Lagged(_)) => return Err(End::Behind),
                Err(RecvError::Closed) => return Err(End::Failed),
            }
        }
    }

    fn ended(&self, failure: &Failure) -> End {
        match failure.status() == Subject::Session.not_found().status() {
            true => End::Erased,
            false if self.app.is_stopping() => End::Stopping,
            false => End::Failed,
        }
    }

    /// Whether an event of the feed was not told before. The feed may be behind what was read.
    fn is_new(&mut self, frame: &Frame) -> bool {
        match frame.place {
            Place::Logged(step) if step.number > self.course.number => {
                self.course.follow(step);
                step.number > self.after
            }
            Place::Logged(_) => false,
            Place::Turn(turn) => self.course.waits == Some(turn),
        }
    }

    /// Reads the log further. At its end the feed is heard, and then read what was written before that. It is read from its beginning, which says how far the session has come.
    async fn read_on(&mut self) -> Result<(), Failure> {
        let (app, session, after) = (self.app.clone(), self.session, self.after);
        let (mut course, mut live) = (self.course, self.live.is_some());
        let key: Key = (Arc::clone(&self.caller.tenant), session);
        let read = self.app.call(Lane::Store, &self.caller, Subject::Session, move |engine| {
            let (mut frames, mut subscription, mut is_all) = (VecDeque::new(), None, false);
            while frames.len() < PAGE && !is_all {
                let events = engine.events(session, course.number)?;
                for event in &events {
                    course.follow(Step::from(event));
                    if event.number > after {
                        frames.extend(told(engine, session, event)?);
                    }
                }
                if events.len() == PAGE {
                    continue;
                }
                is_all = live || course.is_over();
                if !is_all {
                    match app.live.subscribe(&app.engine, &key, course) {
                        Ok(begun) => subscription = Some(begun),
                        Err(failure) => return Ok(Err(failure)),
                    }
                    live = true;
                }
            }
            Ok(Ok((frames, course, subscription, is_all)))
        });
        let (frames, course, subscription, is_all) = read.await??;
        self.course = course;
        self.ready.extend(frames);
        if let Some(subscription) = subscription {
            self.live = Some(subscription.told);
            self.reply = subscription.reply;
        }
        self.is_up_to_date = is_all;
        if is_all {
            self.tell_of_reply();
        }
        Ok(())
    }

    /// What the others were told of a reply under way.
    fn tell_of_reply(&mut self) {
        let Some(turn) = self.course.waits else { return };
        let typing = Frame::of_turn(self.session, turn, What::Typing { turn, active: true });
        let heard = self.reply.take().filter(|(answered, _)| *answered == turn);
        let heard = heard
            .and_then(|(_, text)| Frame::of_turn(self.session, turn, What::Token { turn, text: &text, again: true }));
        self.ready.extend(typing.into_iter().chain(heard));
    }
}

/// When that many seconds since 1970 have passed.
fn instant(seconds: u64) -> Instant {
    let left = (UNIX_EPOCH + Duration::from_secs(seconds)).duration_since(SystemTime::now());
    Instant::now() + left.unwrap_or_default()
}

async fn over(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => std::future::pending().await,
    }
}
