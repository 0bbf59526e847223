//! What happens in a session, told while it happens: the same documents as server-sent events and over a WebSocket.
//!
//! A connection is a `Listening`: it reads the session's log from the store up to its end, and is then told what follows by the session's
//! `Feed`. A feed has one thread, the `watch`, for as long as anybody listens to the session, whichever process they listen at; it learns from the store what any
//! process has written. So every process tells the same events with the same numbers, and a client goes on at any of them where it was cut off. The words of a reply that is
//! being found are in no log: they are told by the process that asks for the reply, to those who listen there.

mod course;
mod documents;
mod feed;
mod hearing;
mod listening;
mod requests;
mod sse;
mod watch;
mod ws;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vivavoce::{Engine, SessionId};

use self::course::Course;
use self::feed::{Feed, Feeds, Subscription};
pub use self::hearing::Heard;
pub use self::requests::{LiveReply, LiveRequest};
use crate::access::Caller;
use crate::app::App;
use crate::error::Failure;
use crate::request::header_text;
use crate::routes::list::{parameter, read_query};

/// How often a connection on which nothing happens is pinged.
const PING: Duration = Duration::from_secs(20);

/// How many connections a candidate may have: as many as one who comes back leaves behind until they are found to be dead.
const OF_A_CANDIDATE: usize = 8;

/// A connection's place, which is free again when this is dropped.
struct Occupied {
    _place: OwnedSemaphorePermit,
    candidate: Option<SessionId>,
    all: Arc<Mutex<HashMap<SessionId, usize>>>,
}

impl Drop for Occupied {
    fn drop(&mut self) {
        let Some(session) = self.candidate else { return };
        if let Entry::Occupied(mut count) = self.all.lock().entry(session) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// The calls.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sse::events)).routes(routes!(ws::talk))
}

/// Where to begin.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct LiveParameters {
    /// The `seq` of the last event that the client was told; everything is told where it is 0 or missing.
    #[param(value_type = u64, minimum = 0, nullable = false)]
    after: Option<String>,
    /// The caller's token, for browsers whose EventSource and WebSocket cannot send it as a header.
    #[param(value_type = String, nullable = false)]
    access_token: Option<String>,
}

/// After which event to begin: the header counts before the query, as a browser that comes back sends both.
fn after(headers: &HeaderMap, query: Option<&str>) -> Result<u64, Failure> {
    let given = read_query::<LiveParameters>(query)?;
    let header = parameter("Last-Event-ID", header_text(headers, "last-event-id")?)?;
    Ok(header.or(parameter("after", given.after.as_deref())?).unwrap_or(0))
}

/// Whose session it is, and which.
type Key = (Arc<str>, SessionId);

/// All live connections.
pub struct Live {
    most: u32,
    places: Arc<Semaphore>,
    /// Of each candidate: how many connections there are.
    of_candidates: Arc<Mutex<HashMap<SessionId, usize>>>,
    feeds: Arc<Feeds>,
}

impl Live {
    /// None yet, and at most so many.
    pub fn new(most: usize) -> Self {
        let most = u32::try_from(most.min(Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
        // Those of sessions whose last listener has just left are still there for a moment.
        let feeds = Feeds::new((most as usize).saturating_mul(2));
        Self {
            most,
            places: Arc::new(Semaphore::new(most as usize)),
            of_candidates: Arc::default(),
            feeds: Arc::new(feeds),
        }
    }

    /// How many connections there are, and how many sessions they listen to.
    pub fn load(&self) -> (usize, usize) {
        (self.most as usize - self.places.available_permits(), self.feeds.count())
    }

    /// Lets those who listen to a session hear a reply in it.
    pub fn heard(&self, app: &App, caller: &Caller, session: SessionId) -> Heard {
        Heard::new(app.clone(), (Arc::clone(&caller.tenant), session))
    }

    /// Waits until there are no connections; they end when the service [stops](crate::app::App::stop).
    pub async fn all_gone(&self) {
        // It fails only where the semaphore is closed, which nobody does.
        let _ = self.places.acquire_many(self.most).await;
    }

    /// Waits until nothing is watched any more, which a closed engine brings about. Blocks.
    pub fn close(&self) {
        self.feeds.close();
    }

    /// A place for a connection. Of those that there are, no candidate has more than a few.
    fn place(&self, caller: &Caller) -> Result<Occupied, Failure> {
        let refused = || Failure::busy("Too many live connections");
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| refused())?;
        let all = Arc::clone(&self.of_candidates);
        if let Some(session) = caller.session {
            let mut all = all.lock();
            let count = all.entry(session).or_default();
            if *count >= OF_A_CANDIDATE {
                return Err(refused());
            }
            *count += 1;
        }
        Ok(Occupied { _place: place, candidate: caller.session, all })
    }

    /// Hears what follows in a session that has come as far as `course`.
    fn subscribe(&self, engine: &Engine, key: &Key, course: Course) -> Result<Subscription, Failure> {
        Feeds::subscribe(&self.feeds, engine, key, course).ok_or_else(|| Failure::busy("Too many live sessions"))
    }

    /// The feed of a session, where anybody listens to it here.
    fn feed(&self, key: &Key) -> Option<Arc<Feed>> {
        self.feeds.find(key)
    }
}
