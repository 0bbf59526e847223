//! What all requests share, and the routes.

use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;
use vivavoce::{
    Backlog, CancelToken, ConversationalInterviewer, Engine, EngineBuilder, ErrorKind, Health, ModelEvaluator,
    ModelName, Settings,
};

use crate::access::{Access, Caller, admit};
use crate::config::{Config, Refused};
use crate::error::{Failure, Subject};
use crate::facts::KnownFacts;
use crate::live::Live;
use crate::logs::Observed;
use crate::metrics::Metrics;
use crate::pool::{NotDone, Pool};
use crate::repeats::Repeats;
use crate::shared::Shared;
use crate::unread::Unread;
use crate::webhooks::Webhooks;
use crate::workers::Workers;
use crate::{docs, pages, routes, security};

/// How long a call that was cancelled may take to end, before its request is answered without it.
const GIVING_UP: Duration = Duration::from_millis(100);

/// How long the store may take to say how it is: whoever asks for that waits some seconds.
const HOW_IT_IS: Duration = Duration::from_secs(2);
/// The most bytes of bodies that are there at a time, and how finely they are counted.
const MOST_OF_BODIES: usize = 256 * 1024 * 1024;
const PIECE: usize = 1024;

/// Which threads do something: so many that wait for a language model keep nobody from reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The store is all that it waits for.
    Store,
    /// It may wait for a language model.
    Model,
}

/// What all requests share. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of it.
pub struct Parts {
    /// What it was told at its start.
    pub config: Config,
    /// The engine, for the default tenant.
    pub engine: Engine,
    /// Who is let in.
    pub access: Access,
    /// Who listens to what.
    pub live: Live,
    /// What is known of interviews that have sessions.
    pub facts: KnownFacts,
    /// What was answered under the keys that the engine does not keep.
    pub repeats: Repeats,
    /// What is counted.
    pub metrics: Metrics,
    bodies: Arc<Semaphore>,
    store: Pool,
    model: Pool,
    workers: Workers,
    webhooks: Webhooks,
    /// How the store is: see [`asked_by_anybody`](App::asked_by_anybody).
    pub health: Shared<Health>,
    /// What waits in the store.
    pub backlog: Shared<Backlog>,
    stopping: watch::Sender<bool>,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Opens the store and starts the threads.
    ///
    /// # Errors
    /// Where the configuration is wrong or the store cannot be opened.
    pub fn open(config: Config) -> Result<Self, Refused> {
        let mut builder = speaking(Engine::builder()).map_err(Refused::wrong)?;
        if let Some(path) = &config.models {
            let in_file = |why: &dyn std::fmt::Display| Refused::wrong(format!("{}: {why}", path.display()));
            let text = std::fs::read_to_string(path).map_err(|error| in_file(&error))?;
            let settings: Settings = vivavoce::from_json("settings", &text).map_err(|error| in_file(&error))?;
            builder = builder.settings(settings).map_err(|error| in_file(&error))?;
        }
        let engine = builder.open(&config.store).map_err(|error| Refused::wrong(format!("the store: {error}")))?;
        Self::with_engine(config, engine)
    }

    /// Serves an engine that was opened otherwise, for example with an interviewer of the application's own.
    ///
    /// # Errors
    /// Where the configuration is wrong.
    pub fn with_engine(config: Config, engine: Engine) -> Result<Self, Refused> {
        let access = Access::new(&config)?;
        let pool = |name: &str| Pool::start(name, config.threads.get(), config.queue.get());
        let threads = |error: std::io::Error| Refused::wrong(format!("threads: {error}"));
        let metrics = Metrics::new().map_err(Refused::wrong)?;
        Ok(Self(Arc::new(Parts {
            store: pool("store").map_err(threads)?,
            model: pool("model").map_err(threads)?,
            workers: Workers::start(&engine, config.workers).map_err(threads)?,
            webhooks: Webhooks::start(&config, &engine, metrics.webhooks())?,
            live: Live::new(config.max_connections),
            facts: KnownFacts::default(),
            repeats: Repeats::default(),
            health: Shared::default(),
            backlog: Shared::default(),
            bodies: Arc::new(Semaphore::new(MOST_OF_BODIES / PIECE)),
            stopping: watch::Sender::new(false),
            metrics,
            config,
            engine,
            access,
        })))
    }

    /// The engine as a caller sees it.
    ///
    /// # Errors
    /// Where the service stops.
    pub fn engine_of(&self, caller: &Caller) -> Result<Engine, Failure> {
        self.engine.for_tenant(&caller.tenant).map_err(|error| self.failed(Subject::Interview, &error))
    }

    /// Has the engine do something for a caller; `about` is what the ids of the call name.
    ///
    /// # Errors
    /// What the engine fails with, in the contract's words; 503 where too many wait already.
    pub async fn call<T: Send + 'static>(
        &self,
        lane: Lane,
        caller: &Caller,
        about: Subject,
        work: impl FnOnce(&Engine) -> vivavoce::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        self.attempt(lane, caller, work).await?.map_err(|error| self.failed(about, &error))
    }

    /// Has the engine do something for a caller who knows best what its errors mean. What takes longer than a request may take, it stops waiting for, the database among it.
    ///
    /// # Errors
    /// 503 where too many wait already, 504 where it took too long.
    pub async fn attempt<T: Send + 'static>(
        &self,
        lane: Lane,
        caller: &Caller,
        work: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.attempt_within(self.config.request_timeout, lane, caller, work).await
    }

    /// The same, where a request that is over sooner is better than one that knows more.
    ///
    /// # Errors
    /// As [`attempt`](Self::attempt).
    pub async fn attempt_within<T: Send + 'static>(
        &self,
        limit: Duration,
        lane: Lane,
        caller: &Caller,
        work: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let engine = self.engine_of(caller)?;
        let pool = match lane {
            Lane::Store => &self.store,
            Lane::Model => &self.model,
        };
        let token = CancelToken::new();
        let engine = engine.cancelled_by(&token);
        // What the engine does belongs to the request.
        let span = tracing::Span::current();
        let done = pool.run(move || span.in_scope(|| work(&engine)));
        tokio::pin!(done);
        let Ok(done) = tokio::time::timeout(limit, &mut done).await else {
            token.cancel();
            // Who waits for the store sees that at once: then its thread is free when this is answered.
            let _ = tokio::time::timeout(GIVING_UP, done).await;
            return Err(NotDone::Late.into());
        };
        done.map_err(Into::into)
    }

    /// Has the engine say how it is. Anybody may ask for that without a token, and so all who ask at the same time take one thread among them, and one answer.
    ///
    /// # Errors
    /// What the engine fails with; 504 where the store does not answer in time.
    pub async fn asked_by_anybody<T: Clone + Send + 'static>(
        &self,
        shared: &Shared<T>,
        work: impl FnOnce(&Engine) -> vivavoce::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let look_up = async |limit| {
            self.attempt_within(limit, Lane::Store, &Caller::anybody(), work)
                .await?
                .map_err(|error| self.failed(Subject::Interview, &error))
        };
        shared.get(HOW_IT_IS, look_up).await.unwrap_or_else(|| Err(NotDone::Late.into()))
    }

    /// What an error of the engine means to a client.
    pub fn failed(&self, about: Subject, error: &vivavoce::Error) -> Failure {
        // A closed engine is no fault of the request.
        match error.kind() == ErrorKind::InvalidState && self.is_stopping() {
            true => NotDone::Closed.into(),
            false => about.failed(error),
        }
    }

    /// How many calls wait and are being done, for the store and for language models.
    pub fn load(&self) -> [(&'static str, (usize, usize)); 2] {
        [("store", self.store.load()), ("model", self.model.load())]
    }

    /// Gives a body that has grown to so many bytes the room that it needs; what it has counts, so that small pieces take no more of it than large ones.
    ///
    /// # Errors
    /// 503 where all bodies together have too many bytes already.
    pub fn make_room(&self, room: &mut Option<OwnedSemaphorePermit>, bytes: usize) -> Result<(), Failure> {
        let has = room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(bytes.div_ceil(PIECE).saturating_sub(has)).unwrap_or(u32::MAX);
        if more == 0 {
            return Ok(());
        }
        let more = Arc::clone(&self.bodies).try_acquire_many_owned(more).map_err(|_| NotDone::Full)?;
        match room {
            Some(room) => room.merge(more),
            None => *room = Some(more),
        }
        Ok(())
    }

    /// Tells what lives long that the service stops.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Whether the service stops.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Says when the service stops.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Waits until the service stops.
    pub async fn stopped(&self) {
        // It ends with an error only where nobody can stop it any more.
        let _ = self.stopping().wait_for(|stopping| *stopping).await;
    }

    /// Finishes what was begun and closes the store. Blocks. What is not done when it is `until` ends as where an engine is closed, which keeps what was said; also what
    /// nobody waits for any more, because its client has left.
    ///
    /// # Errors
    /// Where the store could not be closed cleanly.
    pub fn close(&self, until: Instant) -> vivavoce::Result<()> {
        self.stop();
        let is_done = self.store.finish(until) && self.model.finish(until);
        if !is_done {
            tracing::warn!("calls were cut off: they took longer than the shutdown may");
        }
        let cut_off = if is_done { Ok(()) } else { self.engine.close() };
        self.store.close();
        self.model.close();
        self.workers.close();
        self.webhooks.close(!is_done);
        let closed = cut_off.and(self.engine.close());
        self.live.close();
        closed
    }

    /// The whole service.
    pub fn router(&self) -> Router {
        let (api, _) = routes::api().split_for_parts();
        let (root, _) = routes::root().split_for_parts();
        let api = api.fallback(|| async { Failure::no_such_path() }).layer(from_fn_with_state(self.clone(), admit));
        let router = Router::new()
            .nest(self.config.base_path.as_str(), api)
            .merge(root)
            .merge(docs::router(self))
            .fallback_service(pages::fallback(&self.config))
            .method_not_allowed_fallback(|| async {
                Failure::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
            })
            .layer(CatchPanicLayer::custom(|_| Failure::from(NotDone::Panicked).into_response()));
        match pages::other_origins(&self.config) {
            Some(allowed) => router.layer(allowed),
            None => router,
        }
        .layer(from_fn_with_state(self.clone(), around))
        .with_state(self.clone())
    }
}

/// What is done for every request. It is one layer, because each one costs a request as much as a read from memory does.
async fn around(State(app): State<App>, request: Request, next: Next) -> Response {
    let observed = Observed::begin(&app, &request);
    let (request, unread) = Unread::watch(request);
    let mut response = next.run(request).instrument(observed.span()).await;
    unread.tell(&mut response);
    security::protect(&mut response);
    observed.answered(&mut response);
    response
}

/// Lets a request bring a language model of its own, also where the service has none. Which one, the request's headers say.
fn speaking(builder: EngineBuilder) -> vivavoce::Result<EngineBuilder> {
    let model: ModelName = "openai/gpt-5-mini".parse()?;
    Ok(builder.with_credentials_of_calls(ConversationalInterviewer::new(model.clone()), ModelEvaluator::new(model)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_take_room_for_what_they_have_and_no_more_than_there_is() {
        let (config, _) = Config::read(std::iter::empty()).unwrap();
        let app = App::open(config).unwrap();
        let all = app.bodies.available_permits();
        let mut small = None;
        for bytes in 1..=3 * PIECE {
            app.make_room(&mut small, bytes).unwrap();
        }
        assert_eq!(app.bodies.available_permits(), all - 3, "pieces of a byte take no more than one of all");
        let mut large = None;
        assert_eq!(app.make_room(&mut large, MOST_OF_BODIES).unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
        drop(small);
        app.make_room(&mut large, MOST_OF_BODIES).unwrap();
        drop(large);
        assert_eq!(app.bodies.available_permits(), all);
        app.close(Instant::now()).unwrap();
    }
}
