//! What an application says about language models: the services, the limits, the prices.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;

use super::document::ModelsDocument;
use super::provider::{ModelName, Provider, ProviderKind};
use super::quota::{Budget, Price, RateLimit};
use super::transport::TimeLimits;
use crate::error::{Error, Result};

/// The language models that an engine may ask, and how: the services with their keys, time-outs, retries, rate limits, prices, budgets and the cache.
///
/// ```
/// use std::time::Duration;
/// use vivavoce::{Budget, Models, Price, Provider};
///
/// let models = Models::new()
///     .provider(Provider::anthropic("key"))
///     .provider(Provider::compatible("http://127.0.0.1:8080/v1")?)
///     .timeout(Duration::from_secs(60))
///     .price("anthropic/claude-haiku-4-5".parse()?, Price { input: 1.0, output: 5.0 })
///     .budget(Budget { tokens: Some(1_000_000), ..Budget::default() });
/// # let _ = models;
/// # Ok::<(), vivavoce::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "ModelsDocument")]
#[must_use]
pub struct Models {
    pub(super) providers: HashMap<ProviderKind, Provider>,
    pub(super) retries: u32,
    pub(super) backoff: Duration,
    pub(super) timeout: Duration,
    pub(super) time_limits: TimeLimits,
    pub(super) rate_limits: HashMap<ModelName, RateLimit>,
    pub(super) prices: HashMap<ModelName, Price>,
    pub(super) budget: Option<Budget>,
    pub(super) tenant_budget: Option<Budget>,
    pub(super) cache_bytes: u64,
    pub(super) cache_age: Duration,
}

impl Default for Models {
    fn default() -> Self {
        Self {
            providers: HashMap::new(),
            retries: 2,
            backoff: Duration::from_millis(500),
            timeout: Duration::from_secs(120),
            time_limits: TimeLimits { connect: Duration::from_secs(10), read: Duration::from_secs(60) },
            rate_limits: HashMap::new(),
            prices: HashMap::new(),
            budget: None,
            tenant_budget: None,
            cache_bytes: 64 * 1024 * 1024,
            cache_age: Duration::from_secs(30 * 24 * 3600),
        }
    }
}

pub(super) fn not_configured(kind: ProviderKind) -> Error {
    Error::invalid_input(format!("the engine has no provider `{kind}`"))
}

impl Models {
    /// No service yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service; the last one of a kind counts.
    pub fn provider(mut self, provider: Provider) -> Self {
        self.providers.insert(provider.kind(), provider);
        self
    }

    /// How often a request is made again after a failure that may pass, for each model; 2 by default.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// The longest pause before the first retry; half a second by default. It doubles with each retry, up to 16 times as much, and a pause is a random part of it ("full
    /// jitter": Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015). A service that says how long to wait is given that time.
    pub fn backoff(mut self, longest: Duration) -> Self {
        self.backoff = longest;
        self
    }

    /// How long asking may take in all, retries and other models included, where the call has no earlier deadline; 2 minutes by default.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// How long connecting may take, TLS included; 10 seconds by default.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.time_limits.connect = limit;
        self
    }

    /// How long a service may be silent, before its reply and within it; a minute by default. Models that think before they speak may need more.
    pub fn read_timeout(mut self, limit: Duration) -> Self {
        self.time_limits.read = limit;
        self
    }

    /// Bounds how much of a model is used in a minute, for each key. A call waits for its turn where its deadline allows it, and is `limited` where not.
    pub fn rate_limit(mut self, model: ModelName, limit: RateLimit) -> Self {
        self.rate_limits.insert(model, limit);
        self
    }

    /// What a model costs.
    pub fn price(mut self, model: ModelName, price: Price) -> Self {
        self.prices.insert(model, price);
        self
    }

    /// The most that this engine may use.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// The most that each tenant may use, by all engines on one store.
    pub fn tenant_budget(mut self, budget: Budget) -> Self {
        self.tenant_budget = Some(budget);
        self
    }

    /// How large the cache of judging replies may be, in memory and in the store each, in bytes, and how old a reply may be; 64 MiB and 30 days by default. Without bytes
    /// nothing is kept.
    pub fn cache(mut self, bytes: u64, age: Duration) -> Self {
        self.cache_bytes = bytes;
        self.cache_age = age;
        self
    }

    /// Refuses a model that could not be asked: its provider is not there, or it has no price where money is counted.
    pub(crate) fn ensure_askable(&self, model: &ModelName) -> Result<()> {
        if !self.providers.contains_key(&model.provider()) {
            return Err(not_configured(model.provider()));
        }
        self.ensure_priced(model)
    }

    /// Refuses a model without a price where money is counted.
    pub(super) fn ensure_priced(&self, model: &ModelName) -> Result<()> {
        let counts_money =
            [&self.budget, &self.tenant_budget].into_iter().flatten().any(|budget| budget.money.is_some());
        match counts_money && !self.prices.contains_key(model) {
            true => Err(Error::invalid_input(format!("{model} has no price, which a budget in money needs"))),
            false => Ok(()),
        }
    }

    /// Refuses what cannot be meant.
    pub(crate) fn check(&self) -> Result<()> {
        for (model, price) in &self.prices {
            if ![price.input, price.output].iter().all(|price| (0.0..=1e9).contains(price)) {
                return Err(Error::invalid_input(format!("the price of {model} is not within 0 and a billion")));
            }
        }
        for (whose, budget) in [("engine", &self.budget), ("tenant", &self.tenant_budget)] {
            if let Some(money) = budget.and_then(|budget| budget.money)
                && !(0.0..=1e9).contains(&money)
            {
                return Err(Error::invalid_input(format!("the {whose}'s budget is not within 0 and a billion")));
            }
        }
        if self.timeout.is_zero() || self.time_limits.connect.is_zero() || self.time_limits.read.is_zero() {
            return Err(Error::invalid_input("a time-out for language models is zero"));
        }
        Ok(())
    }
}
