//! Asking: which models, from the cache or by a request, shared with whoever asks the same.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use lru::LruCache;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::breaker::Breaker;
use super::counters::{Counters, ModelMetrics};
use super::failure::Failure;
use super::flights::{Flights, Heard};
use super::models::{Models, not_configured};
use super::prompt::{Parameter, Prompt};
use super::provider::{ModelName, Provider};
use super::quota::{Budget, Price, Rate, Spending};
use super::reply_cache::{Keeper, Owner, ReplyCache};
use super::retry;
use super::transport::{Reach, Transport};
use crate::domain::canonical::{Sha256Digest, hex, sha256};
use crate::domain::{Parameters, Tokens};
use crate::error::{Error, ErrorKind, Result};
use crate::patience::Patience;

/// For how many models and credentials it is remembered how they do.
const SLOTS: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();

/// What comes from outside: the time, chance, and a place to keep things.
pub(crate) struct Surroundings {
    pub(crate) now: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    pub(crate) random: Box<dyn Fn() -> u64 + Send + Sync>,
    pub(crate) keeper: Box<dyn Keeper>,
}

/// One question to language models.
pub(crate) struct Ask<'a> {
    /// The models, in the order in which they are tried.
    pub(crate) models: &'a [ModelName],
    /// A service and credentials for this call alone.
    pub(crate) own: Option<&'a Provider>,
    /// Whose budget it is.
    pub(crate) tenant: &'a Arc<str>,
    pub(crate) prompt: &'a Prompt,
    /// None where each reply is wanted anew.
    pub(crate) cache: Option<CacheFor<'a>>,
    pub(crate) patience: &'a Patience,
}

/// How a reply is kept.
#[derive(Clone, Copy)]
pub(crate) struct CacheFor<'a> {
    /// The prompt's hash.
    pub(crate) prompt: Sha256Digest,
    /// What decides the reply beside the prompt itself: versions, hashes, the language, the number of a sample.
    pub(crate) facets: &'a [(&'static str, &'a str)],
    /// With whom it is erased. Without an owner it is kept in memory alone.
    pub(crate) owner: Option<&'a Owner>,
    /// Whether a reply is worth keeping: one that cannot be used is wanted anew.
    pub(crate) is_good: &'a dyn Fn(&str) -> bool,
}

/// A reply, and where it comes from. Not printable.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) model: ModelName,
    pub(crate) answered_by: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) parameters: Parameters,
    pub(crate) tokens: Tokens,
    /// In the currency of the prices.
    pub(crate) cost: Option<f64>,
    pub(crate) duration_ms: u64,
    pub(crate) tries: u32,
    /// Whether another call had asked the same.
    #[serde(skip)]
    pub(crate) cached: bool,
}

/// A question that had no reply.
#[derive(Debug)]
pub(crate) struct Unanswered {
    pub(crate) error: Error,
    /// How many requests were made; 0 where the caller left before that was known.
    pub(crate) tries: u32,
}

impl From<Error> for Unanswered {
    fn from(error: Error) -> Self {
        Self { error, tries: 0 }
    }
}

impl From<Unanswered> for Error {
    fn from(unanswered: Unanswered) -> Self {
        unanswered.error
    }
}

/// An error that several callers can be told.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) kind: ErrorKind,
    pub(super) message: String,
    pub(super) retryable: bool,
    pub(super) retry_after: Option<std::time::Duration>,
    /// How many requests were made.
    pub(super) tries: u32,
}

impl From<Told> for Unanswered {
    fn from(told: Told) -> Self {
        let tries = told.tries;
        Self { error: told.into(), tries }
    }
}

impl From<Told> for Error {
    fn from(told: Told) -> Self {
        let error = Self::new(told.kind, told.message);
        match (told.retryable, told.retry_after) {
            (_, Some(delay)) => error.retryable_after(delay),
            (true, None) => error.retryable(),
            (false, None) => error,
        }
    }
}

impl From<&Error> for Told {
    fn from(error: &Error) -> Self {
        Self {
            kind: error.kind(),
            message: error.to_string(),
            retryable: error.is_retryable(),
            retry_after: error.retry_after(),
            tries: 0,
        }
    }
}

pub(super) type Outcome = std::result::Result<Answer, Told>;

/// A model that may be asked, with all that is needed for it.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) name: ModelName,
    pub(super) provider: Provider,
    pub(super) reach: Reach,
    pub(super) price: Option<Price>,
    pub(super) slot: SlotKey,
    /// None where nothing is kept.
    pub(super) cache: Option<Sha256Digest>,
}

/// Names a model at a service with a credential: what is known of it never crosses to another one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SlotKey {
    model: ModelName,
    base_url: String,
    credential: Sha256Digest,
    /// Whether the credential came with a call: what happens to it is no business of the application's own.
    own: bool,
}

/// What is known of a model at a service with a credential.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) breaker: Breaker,
    pub(super) rate: Option<Rate>,
    /// Parameters that the model refused.
    pub(super) refused: Vec<Parameter>,
}

/// What all calls share.
pub(super) struct Shared {
    pub(super) models: Models,
    pub(super) surroundings: Surroundings,
    pub(super) transport: Transport,
    pub(super) spending: Mutex<Spending>,
    pub(super) cache: ReplyCache,
    pub(super) counters: Counters,
    slots: Mutex<LruCache<SlotKey, Slot>>,
}

impl Shared {
    /// Looks at, or changes, what is known of a model.
    pub(super) fn slot<T>(&self, route: &Route, look: impl FnOnce(&mut Slot) -> T) -> T {
        let mut slots = self.slots.lock();
        look(slots.get_or_insert_mut(route.slot.clone(), || {
            let limit = self.models.rate_limits.get(&route.name);
            Slot { rate: limit.map(|limit| Rate::new(*limit, Instant::now())), ..Slot::default() }
        }))
    }

    /// The reply that is kept for a route.
    pub(super) fn kept(&self, route: &Route, owned: bool) -> Option<Answer> {
        let key = route.cache.as_ref()?;
        let now = (self.surroundings.now)();
        let not_before = self.not_before(now);
        let found = self.cache.get(key, not_before).or_else(|| {
            // A store that fails has no reply; the model has.
            let text = owned.then(|| self.surroundings.keeper.reply(key, not_before).ok().flatten()).flatten()?;
            serde_json::from_str::<Answer>(&text).ok()
        })?;
        self.counters.cache_hit();
        Some(Answer { cached: true, ..found })
    }

    fn not_before(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let age = chrono::TimeDelta::from_std(self.models.cache_age).ok();
        age.and_then(|age| now.checked_sub_signed(age)).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    /// Keeps a reply in memory and, where it has an owner, in the store.
    pub(super) fn keep(&self, route: &Route, answer: &Answer, owner: Option<&Owner>) {
        let Some(key) = route.cache else { return };
        let now = (self.surroundings.now)();
        self.cache.keep(key, answer.clone(), now, owner.map(|owner| owner.id));
        let Some(owner) = owner else { return };
        let kept = serde_json::to_string(answer).ok().map(|text| {
            let (not_before, most) = (self.not_before(now), self.models.cache_bytes);
            self.surroundings.keeper.keep_reply(owner, &key, text, now, not_before, most)
        });
        // Also when the owner was erased meanwhile, of which memory may have been told before it was given this.
        if !matches!(kept, Some(Ok(true))) {
            self.cache.forget(&key);
        }
    }
}

/// Asks language models, for one engine.
pub(crate) struct Client {
    shared: Arc<Shared>,
    flights: Arc<Flights<Outcome>>,
}

impl Client {
    pub(crate) fn new(models: Models, surroundings: Surroundings) -> Result<Self> {
        models.check()?;
        let cache = ReplyCache::new(models.cache_bytes);
        Ok(Self {
            shared: Arc::new(Shared {
                models,
                surroundings,
                transport: Transport::new(),
                spending: Mutex::new(Spending::default()),
                cache,
                counters: Counters::default(),
                slots: Mutex::new(LruCache::new(SLOTS)),
            }),
            flights: Arc::default(),
        })
    }

    /// What was counted so far.
    pub(crate) fn counted(&self) -> ModelMetrics {
        self.shared.counters.read()
    }

    /// The budget of each tenant.
    pub(crate) fn tenant_budget(&self) -> Option<&Budget> {
        self.shared.models.tenant_budget.as_ref()
    }

    /// Forgets the replies that belong to somebody who was erased.
    pub(crate) fn erase(&self, owner: uuid::Uuid) {
        self.shared.cache.erase(owner);
    }

    /// Asks, and waits for the reply; `hear` hears it while it comes in.
    ///
    /// # Errors
    /// `provider` where all models failed, `limited` where rates or budgets were the reason, `timeout` after the deadline or a cancellation, `invalid_input` where a model's
    /// provider is not configured or its address is not allowed.
    pub(crate) fn ask(
        &self,
        ask: Ask<'_>,
        hear: Option<&mut dyn FnMut(Heard)>,
    ) -> std::result::Result<Answer, Unanswered> {
        let patience = ask.patience.at_most(self.shared.models.timeout);
        let routes = self.routes(&ask)?;
        let owner = ask.cache.and_then(|cache| cache.owner);
        if let Some(first) = routes.first()
            && let Some(answer) = self.shared.kept(first, owner.is_some())
        {
            return Ok(answer);
        }
        let keys = routes.iter().map(|route| route.cache).collect::<Option<Vec<_>>>();
        let key = keys.map(|keys| sha256(&keys.iter().map(|key| &key[..]).collect::<Vec<_>>()));
        let mut ignore = |_: Heard| {};
        let streamed = hear.is_some();
        let hear: &mut dyn FnMut(Heard) = match hear {
            Some(hear) => hear,
            None => &mut ignore,
        };
        loop {
            let job = retry::Job {
                shared: Arc::clone(&self.shared),
                routes: routes.clone(),
                prompt: ask.prompt.clone(),
                tenant: Arc::clone(ask.tenant),
                is_owned: owner.is_some(),
                deadline: patience.deadline,
                streamed,
            };
            let work = move |flight: &_| job.run(flight);
            let (outcome, others) = self.flights.fly(key, &patience, hear, lost, work)?;
            match outcome {
                Ok(answer) => {
                    if let Some(cache) =
                        ask.cache.filter(|cache| !others && !answer.cached && (cache.is_good)(&answer.text))
                        && let Some(route) = routes.iter().find(|route| route.name == answer.model)
                    {
                        self.shared.keep(route, &answer, cache.owner);
                    }
                    return Ok(Answer { cached: others || answer.cached, ..answer });
                }
                // Whoever had begun it had less patience, or gave up.
                Err(told) if others && told.kind == ErrorKind::Timeout => {
                    patience.check("the language model had not replied")?;
                }
                Err(told) => return Err(told.into()),
            }
        }
    }

    /// Whether memory has a reply for the first model.
    #[cfg(test)]
    pub(super) fn remembers(&self, ask: &Ask<'_>) -> bool {
        let routes = self.routes(ask).unwrap_or_default();
        let key = routes.first().and_then(|route| route.cache);
        key.is_some_and(|key| self.shared.cache.get(&key, DateTime::<Utc>::MIN_UTC).is_some())
    }

    fn routes(&self, ask: &Ask<'_>) -> Result<Vec<Route>> {
        let models = &self.shared.models;
        let mut routes = Vec::with_capacity(ask.models.len());
        for name in ask.models {
            let configured = models.providers.get(&name.provider());
            let (provider, own) = match ask.own {
                // What a caller brings is used for its own kind alone, and nothing of the application's with it.
                Some(own) if own.kind() != name.provider() => continue,
                Some(own) => (own, true),
                None => (configured.ok_or_else(|| not_configured(name.provider()))?, false),
            };
            let is_configured = configured.is_some_and(|it| it.base_url == provider.base_url);
            let reach = match (own && !is_configured, provider.allows_plain_http) {
                (true, _) => Reach::Requested,
                (false, true) => Reach::ConfiguredPlain,
                (false, false) => Reach::Configured,
            };
            let credential = sha256(&[provider.key.as_ref().map_or("", |key| key.reveal()).as_bytes()]);
            let price = models.prices.get(name).copied();
            models.ensure_priced(name)?;
            let slot = SlotKey { model: name.clone(), base_url: provider.base_url.clone(), credential, own };
            let cache = match ask.cache.filter(|_| models.cache_bytes > 0) {
                Some(cache) => Some(cache_key(&slot, provider, ask, cache)?),
                None => None,
            };
            routes.push(Route { name: name.clone(), provider: provider.clone(), reach, price, slot, cache });
        }
        match routes.is_empty() {
            true => Err(Error::invalid_input("the credentials of the call are for another provider than the model's")),
            false => Ok(routes),
        }
    }
}

fn lost() -> Outcome {
    Err(Told {
        kind: ErrorKind::Internal,
        message: "asking a language model panicked".into(),
        retryable: false,
        retry_after: None,
        tries: 0,
    })
}

/// The name of a reply: the hash of everything that can change it.
fn cache_key(slot: &SlotKey, provider: &Provider, ask: &Ask<'_>, cache: CacheFor<'_>) -> Result<Sha256Digest> {
    #[derive(Serialize)]
    struct Key<'a> {
        model: &'a ModelName,
        base_url: &'a str,
        api: &'static str,
        credential: String,
        tenant: &'a str,
        facets: &'a [(&'static str, &'a str)],
        prompt: String,
        parameters: Parameters,
        max_tokens: u32,
    }
    let key = Key {
        model: &slot.model,
        base_url: &slot.base_url,
        api: provider.api.as_str(),
        credential: hex(&slot.credential),
        tenant: ask.tenant,
        facets: cache.facets,
        prompt: hex(&cache.prompt),
        parameters: ask.prompt.parameters,
        max_tokens: ask.prompt.max_tokens,
    };
    let key = serde_json::to_vec(&key).map_err(|_| Error::internal("the name of a reply has no JSON form"))?;
    Ok(sha256(&[&key]))
}

/// What a failure means to the caller, after all retries.
pub(super) fn told(name: &ModelName, failure: &Failure) -> Told {
    use super::failure::{Cause, Retry};
    let kind = match failure.cause {
        Cause::Address => ErrorKind::InvalidInput,
        // Not what a gateway says of a service behind it.
        Cause::Timeout if failure.status.is_none() => ErrorKind::Timeout,
        Cause::RateLimited => ErrorKind::Limited,
        _ => ErrorKind::Provider,
    };
    let (retryable, retry_after) = match failure.retry {
        Retry::Never => (false, None),
        Retry::After(delay) => (true, delay),
    };
    Told { kind, message: format!("{name}: {failure}"), retryable, retry_after, tries: 0 }
}
