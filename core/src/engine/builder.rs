//! Options of an engine.

use std::env::VarError;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::entropy::Entropy;
use super::events::Hub;
use super::metrics::Metrics;
use super::under_way::UnderWay;
use super::{DEFAULT_TENANT, Engine, Inner};
use crate::domain::Unanswered;
use crate::error::{Error, Result};
use crate::evaluator::{BuiltinEvaluator, Evaluator};
use crate::interviewer::{Interviewer, ScriptedInterviewer};
#[cfg(feature = "llm")]
use crate::llm::Models;
use crate::store::{self, SessionCache, Store};

/// How many live sessions are kept before a database when the application does not say.
const DEFAULT_CACHED_SESSIONS: NonZeroUsize = NonZeroUsize::new(4_096).unwrap();
/// How far a read may be behind other processes when the application does not say.
const DEFAULT_READ_STALENESS: Duration = Duration::from_secs(1);

/// Where the time comes from.
pub(super) type Clock = dyn Fn() -> DateTime<Utc> + Send + Sync;

/// Who speaks and who judges with what a call brings.
#[cfg(feature = "llm")]
pub(super) type WithCredentials = (Box<dyn Interviewer>, Box<dyn Evaluator>);

pub(super) struct Options {
    pub(super) clock: Arc<Clock>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) unanswered: Unanswered,
    pub(super) read_staleness: Duration,
}

/// Opens an [`Engine`] with options.
///
/// ```
/// use std::time::Duration;
/// use vivavoce::Engine;
///
/// let engine = Engine::builder().idle_timeout(Duration::from_secs(3600)).open("memory:")?;
/// # Ok::<(), vivavoce::Error>(())
/// ```
#[must_use]
pub struct EngineBuilder {
    options: Options,
    cached_sessions: NonZeroUsize,
    interviewer: Box<dyn Interviewer>,
    evaluator: Box<dyn Evaluator>,
    #[cfg(feature = "llm")]
    models: Option<Models>,
    #[cfg(feature = "llm")]
    with_credentials: Option<WithCredentials>,
}

impl Default for EngineBuilder {
    fn default() -> Self {
        Self {
            options: Options {
                clock: Arc::new(Utc::now),
                idle_timeout: None,
                unanswered: Unanswered::default(),
                read_staleness: DEFAULT_READ_STALENESS,
            },
            cached_sessions: DEFAULT_CACHED_SESSIONS,
            interviewer: Box::new(ScriptedInterviewer::default()),
            evaluator: Box::new(BuiltinEvaluator::default()),
            #[cfg(feature = "llm")]
            models: None,
            #[cfg(feature = "llm")]
            with_credentials: None,
        }
    }
}

impl std::fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineBuilder").finish_non_exhaustive()
    }
}

impl EngineBuilder {
    /// Who decides the words; the scripted interviewer by default.
    pub fn interviewer(mut self, interviewer: impl Interviewer + 'static) -> Self {
        self.interviewer = Box::new(interviewer);
        self
    }

    /// Who judges; the built-in evaluator by default.
    pub fn evaluator(mut self, evaluator: impl Evaluator + 'static) -> Self {
        self.evaluator = Box::new(evaluator);
        self
    }

    /// The language models that the interviewer and the evaluator may ask; none by default.
    #[cfg(feature = "llm")]
    pub fn models(mut self, models: Models) -> Self {
        self.models = Some(models);
        self
    }

    /// Who speaks and who judges in a call that brings a [provider](crate::CallOptions::provider) of its own, each where the engine's own asks no language model; without,
    /// such a call is `unsupported`. The models that they name are asked only with what a call brings.
    ///
    /// ```
    /// use vivavoce::{ConversationalInterviewer, Engine, ModelEvaluator, ModelName};
    ///
    /// let model: ModelName = "openai/gpt-5-mini".parse()?;
    /// let (speaks, judges) = (ConversationalInterviewer::new(model.clone()), ModelEvaluator::new(model));
    /// let engine = Engine::builder().with_credentials_of_calls(speaks, judges).open("memory:")?;
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    #[cfg(feature = "llm")]
    pub fn with_credentials_of_calls(
        mut self,
        interviewer: impl Interviewer + 'static,
        evaluator: impl Evaluator + 'static,
    ) -> Self {
        self.with_credentials = Some((Box::new(interviewer), Box::new(evaluator)));
        self
    }

    /// Where the time comes from; the system's clock by default. Times before 1970 count as its beginning, those after the year 9999 as its end.
    pub fn clock(mut self, clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        self.options.clock = Arc::new(clock);
        self
    }

    /// After how long without a message an active session counts as abandoned; never by default.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.options.idle_timeout = Some(limit);
        self
    }

    /// How planned questions without an answer count; they lower the score by default.
    pub fn unanswered(mut self, policy: Unanswered) -> Self {
        self.options.unanswered = policy;
        self
    }

    /// How many live sessions are kept in memory before a database; 4,096 by default.
    pub fn cached_sessions(mut self, sessions: NonZeroUsize) -> Self {
        self.cached_sessions = sessions;
        self
    }

    /// How far reading a session may be behind what other processes have written; a second by default. Never behind what this engine has written.
    pub fn read_staleness(mut self, limit: Duration) -> Self {
        self.options.read_staleness = limit;
        self
    }

    /// Opens the engine as [`Engine::open_from_env`] does.
    ///
    /// # Errors
    /// As [`open`](Self::open); `invalid_input` where the variable is not Unicode.
    pub fn open_from_env(self) -> Result<Engine> {
        match std::env::var("DATABASE_URL") {
            Ok(url) => self.open(&url),
            Err(VarError::NotPresent) => self.open("memory:"),
            Err(VarError::NotUnicode(_)) => Err(Error::invalid_input("DATABASE_URL is not Unicode")),
        }
    }

    /// Opens the engine on the store that `url` names.
    ///
    /// # Errors
    /// As [`Engine::open`]; `invalid_input` where the interviewer or the evaluator asks a language model that no provider is there for.
    pub fn open(self, url: &str) -> Result<Engine> {
        let store: Arc<dyn Store> = Arc::from(store::open(url)?);
        let entropy = Arc::new(Entropy::new());
        #[cfg(feature = "llm")]
        let client = {
            let asked = [self.interviewer.models(), self.evaluator.models()].concat();
            let models = self.models.or_else(|| self.with_credentials.as_ref().map(|_| Models::new()));
            super::models::client(models, &asked, &self.options.clock, &entropy, &store)?
        };
        let inner = Inner {
            store,
            #[cfg(feature = "llm")]
            client,
            interviewer: self.interviewer,
            evaluator: self.evaluator,
            #[cfg(feature = "llm")]
            with_credentials: self.with_credentials,
            options: self.options,
            cache: SessionCache::new(self.cached_sessions),
            entropy,
            hub: Hub::default(),
            queue: Hub::default(),
            under_way: UnderWay::default(),
            metrics: Metrics::default(),
            closed: Arc::new(AtomicBool::new(false)),
        };
        Ok(Engine { inner: Arc::new(inner), tenant: DEFAULT_TENANT.into() })
    }
}
