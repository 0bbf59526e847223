//! Services and limits as documents, for configuration files and for languages that have no builders.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use super::models::Models;
use super::provider::{ModelName, Provider, ProviderKind};
use super::quota::{Budget, Price, RateLimit};
use super::secret::Secret;
use super::transport::TimeLimits;
use crate::error::{Error, Result};

/// A [`Provider`] as a document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderDocument {
    kind: ProviderKind,
    key: Option<Secret>,
    base_url: Option<String>,
    #[serde(default)]
    responses: bool,
    #[serde(default)]
    x_api_key: bool,
    #[serde(default)]
    allow_plain_http: bool,
}

impl TryFrom<ProviderDocument> for Provider {
    type Error = Error;

    fn try_from(given: ProviderDocument) -> Result<Self> {
        use ProviderKind::{Anthropic, Azure, Compatible, Gemini, Ollama, OpenAi};

        let kind = given.kind;
        let refuse = |what: &str| Err(Error::invalid_input(format!("provider `{kind}` {what}")));
        let mut provider = match (kind, given.key, given.base_url.as_deref()) {
            (Azure | Compatible, _, None) => return refuse("needs a base_url"),
            (OpenAi | Azure | Anthropic | Gemini, None, _) => return refuse("needs a key"),
            (Azure, Some(key), Some(resource)) => Self::azure(resource, key)?,
            (OpenAi, Some(key), url) => Self::openai(key).at(url)?,
            (Anthropic, Some(key), url) => Self::anthropic(key).at(url)?,
            (Gemini, Some(key), url) => Self::gemini(key).at(url)?,
            (Compatible, key, Some(url)) => Self { key, ..Self::compatible(url)? },
            (Ollama, key, url) => Self { key, ..Self::ollama().at(url)? },
        };
        if given.responses {
            match kind {
                OpenAi | Azure => provider = provider.responses(),
                _ => return refuse("has no `responses`"),
            }
        }
        if given.x_api_key {
            match kind {
                Anthropic => provider = provider.x_api_key(),
                _ => return refuse("has no `x_api_key`"),
            }
        }
        Ok(if given.allow_plain_http { provider.allow_plain_http() } else { provider })
    }
}

impl Provider {
    fn at(self, url: Option<&str>) -> Result<Self> {
        match url {
            Some(url) => self.base_url(url),
            None => Ok(self),
        }
    }
}

/// The models that are asked, the later ones where those before fail.
pub(crate) fn at_least_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ModelName>, D::Error> {
    let models = Vec::deserialize(deserializer)?;
    match models.is_empty() {
        true => Err(serde::de::Error::custom("`models` has at least one")),
        false => Ok(models),
    }
}

/// [`Models`] as a document. Durations are in milliseconds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelsDocument {
    providers: Vec<Provider>,
    retries: Option<u32>,
    backoff_ms: Option<u64>,
    timeout_ms: Option<u64>,
    connect_timeout_ms: Option<u64>,
    read_timeout_ms: Option<u64>,
    #[serde(default)]
    rate_limits: HashMap<ModelName, RateLimit>,
    #[serde(default)]
    prices: HashMap<ModelName, Price>,
    budget: Option<Budget>,
    tenant_budget: Option<Budget>,
    cache_bytes: Option<u64>,
    cache_age_ms: Option<u64>,
}

impl TryFrom<ModelsDocument> for Models {
    type Error = Error;

    fn try_from(given: ModelsDocument) -> Result<Self> {
        let mut models = Self::new();
        for provider in given.providers {
            let kind = provider.kind();
            if models.providers.insert(kind, provider).is_some() {
                return Err(Error::invalid_input(format!("provider `{kind}` is there twice")));
            }
        }
        let or = |given: Option<u64>, otherwise: Duration| given.map_or(otherwise, Duration::from_millis);
        Ok(Self {
            retries: given.retries.unwrap_or(models.retries),
            backoff: or(given.backoff_ms, models.backoff),
            timeout: or(given.timeout_ms, models.timeout),
            time_limits: TimeLimits {
                connect: or(given.connect_timeout_ms, models.time_limits.connect),
                read: or(given.read_timeout_ms, models.time_limits.read),
            },
            rate_limits: given.rate_limits,
            prices: given.prices,
            budget: given.budget,
            tenant_budget: given.tenant_budget,
            cache_bytes: given.cache_bytes.unwrap_or(models.cache_bytes),
            cache_age: or(given.cache_age_ms, models.cache_age),
            providers: models.providers,
        })
    }
}
