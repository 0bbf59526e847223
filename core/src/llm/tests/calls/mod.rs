//! Whole calls against a server on real sockets that behaves as each test says.

mod budgets;
mod caching;
mod faults;
mod places;
mod resilience;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use vivavoce_test_support::{Act, HttpServer, Request, response};

use super::prompt;
use crate::domain::canonical::Sha256Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::llm::client::{Answer, Ask, CacheFor, Client, Surroundings};
use crate::llm::flights::Heard;
use crate::llm::models::Models;
use crate::llm::prompt::Prompt;
use crate::llm::provider::{ModelName, Provider};
use crate::llm::quota::Amount;
use crate::llm::reply_cache::{Keeper, Owner, Reservation};
use crate::patience::Patience;

const NOW: &str = "2026-11-25T12:00:00Z";

/// A store of replies and spending, in memory.
#[derive(Default)]
struct Shelf {
    replies: Mutex<HashMap<Sha256Digest, String>>,
    spent: Mutex<HashMap<(String, DateTime<Utc>), Amount>>,
}

impl Keeper for Arc<Shelf> {
    fn reply(&self, key: &Sha256Digest, _: DateTime<Utc>) -> Result<Option<String>> {
        Ok(self.replies.lock().get(key).cloned())
    }

    fn keep_reply(
        &self,
        _: &Owner,
        key: &Sha256Digest,
        reply: String,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
        _: u64,
    ) -> Result<bool> {
        self.replies.lock().insert(*key, reply);
        Ok(true)
    }

    fn reserve(&self, it: &Reservation) -> Result<bool> {
        let mut spent = self.spent.lock();
        let used = spent.entry((it.scope.clone(), it.period)).or_default();
        let tokens = used.tokens + it.amount.tokens;
        let nanos = used.nanos + it.amount.nanos;
        let fits = it.most_tokens.is_none_or(|most| tokens <= most) && it.most_nanos.is_none_or(|most| nanos <= most);
        if fits {
            *used = Amount { tokens, nanos };
        }
        Ok(fits)
    }

    fn settle(&self, scope: &str, period: DateTime<Utc>, back: Amount) -> Result<()> {
        let mut spent = self.spent.lock();
        let used = spent.entry((scope.to_owned(), period)).or_default();
        *used = Amount { tokens: used.tokens - back.tokens, nanos: used.nanos - back.nanos };
        Ok(())
    }
}

fn name(text: &str) -> ModelName {
    text.parse().unwrap()
}

fn client_with(models: Models, shelf: &Arc<Shelf>) -> Client {
    let chance = AtomicU64::new(1);
    let surroundings = Surroundings {
        now: Box::new(|| NOW.parse().unwrap()),
        // Large enough for pauses to be near their longest.
        random: Box::new(move || u64::MAX - chance.fetch_add(1 << 40, Ordering::Relaxed)),
        keeper: Box::new(Arc::clone(shelf)),
    };
    Client::new(models, surroundings).unwrap()
}

fn client(models: Models) -> Client {
    client_with(models, &Arc::default())
}

/// Short pauses, so that retries take no time.
fn models(server: &HttpServer) -> Models {
    let provider = Provider::compatible(&server.url("/v1")).unwrap();
    Models::new().provider(provider).backoff(Duration::from_millis(1)).timeout(Duration::from_secs(20))
}

/// What a call is made of; each test changes what it is about.
struct Call {
    models: Vec<ModelName>,
    own: Option<Provider>,
    tenant: Arc<str>,
    prompt: Prompt,
    facets: Option<Vec<(&'static str, String)>>,
    owner: Option<Owner>,
    patience: Patience,
}

impl Default for Call {
    fn default() -> Self {
        Self {
            models: vec![name("compatible/m")],
            own: None,
            tenant: "t".into(),
            prompt: prompt(),
            facets: None,
            owner: None,
            patience: Patience::default(),
        }
    }
}

impl Call {
    fn within(limit: Duration) -> Self {
        Self { patience: Patience::until(Instant::now().checked_add(limit)), ..Self::default() }
    }

    fn ask(&self, client: &Client) -> Result<Answer> {
        self.hear(client, None)
    }

    fn hear(&self, client: &Client, hear: Option<&mut dyn FnMut(Heard)>) -> Result<Answer> {
        self.with(|ask| client.ask(ask, hear)).map_err(Error::from)
    }

    fn is_remembered(&self, client: &Client) -> bool {
        self.with(|ask| client.remembers(&ask))
    }

    fn with<T>(&self, work: impl FnOnce(Ask<'_>) -> T) -> T {
        let facets: Option<Vec<(&'static str, &str)>> =
            self.facets.as_ref().map(|facets| facets.iter().map(|(name, value)| (*name, value.as_str())).collect());
        work(Ask {
            models: &self.models,
            own: self.own.as_ref(),
            tenant: &self.tenant,
            prompt: &self.prompt,
            cache: facets.as_deref().map(|facets| CacheFor {
                prompt: self.prompt.hash(),
                facets,
                owner: self.owner.as_ref(),
                is_good: &|text| text != "bad",
            }),
            patience: &self.patience,
        })
    }
}

/// A chat completion that says `text`.
fn completion(text: &str) -> String {
    serde_json::json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "m-1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    })
    .to_string()
}

fn good() -> Act {
    response(200, &[("content-type", "application/json")], completion("fine"))
}

/// An answer to every request.
fn always(acts: impl Fn() -> Vec<Act> + Send + Sync + 'static) -> HttpServer {
    HttpServer::start(move |_, _| acts())
}

/// An answer to the first requests, and a good one afterwards.
fn first(bad: usize, acts: impl Fn() -> Vec<Act> + Send + Sync + 'static) -> HttpServer {
    HttpServer::start(move |_, number| if number < bad { acts() } else { vec![good()] })
}

fn body(request: &Request) -> serde_json::Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn kind(result: Result<Answer>) -> ErrorKind {
    result.map(|_| ()).unwrap_err().kind()
}

fn told(result: Result<Answer>) -> Error {
    result.map(|_| ()).unwrap_err()
}
