//! What a caller may say about one call, and the keys that make a call safe to repeat.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::domain::canonical::{canonical_json, sha256};
use crate::domain::limits;
use crate::error::{Error, Result};
#[cfg(feature = "llm")]
use crate::llm::{ModelName, Provider};
use crate::patience::{CancelToken, Patience};
use crate::store::{KeyClaim, KeyRecord};

/// Options of one call; the short form of each method uses none.
///
/// ```
/// use std::time::Duration;
/// use vivavoce::CallOptions;
///
/// let options = CallOptions::default().idempotency_key("answer-1").timeout(Duration::from_secs(5));
/// assert_eq!(options.idempotency_key.as_deref(), Some("answer-1"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// Makes the call safe to repeat: the same key with the same request gives the first success again; with another request, `conflict`. An evaluation that failed is no success, and is made again. Scoped to the tenant, the
    /// operation and its parent (session or interview). 1 to 200 characters.
    pub idempotency_key: Option<String>,
    /// How long the call may wait: for other calls on the same session or with the same key, and for the database, which has limits of its own besides (see its URL); the
    /// interviewer and the evaluator are told when it is over. What was under way in the database may be done all the same: the idempotency key tells.
    pub timeout: Option<Duration>,
    /// The session's version that the caller has seen: `conflict` where it has moved. For calls on a session that is there.
    pub expected_version: Option<u64>,
    /// Cancels the call from another thread.
    pub cancel: Option<CancelToken>,
    /// Leaves an evaluation to a worker (see [`Engine::run_worker`](crate::Engine::run_worker)): the call answers with the evaluation as it was asked for. For calls that
    /// evaluate.
    pub queued: bool,
    /// The language model to ask in this call, in the place of the interviewer's and the evaluator's own and of those that they would turn to.
    #[cfg(feature = "llm")]
    pub model: Option<ModelName>,
    /// The service and the credentials for this call alone: they are kept nowhere, and nothing that is kept, limited or shared crosses from one credential to another. A base
    /// URL that is not one of the application's [`Models`](crate::Models) must be https and lead to a public address.
    #[cfg(feature = "llm")]
    pub provider: Option<Provider>,
}

/// One call: how long it may wait, and what it brings for language models.
#[derive(Debug, Clone, Default)]
pub(super) struct Call {
    pub(super) patience: Patience,
    pub(super) queued: bool,
    #[cfg(feature = "llm")]
    pub(super) model: Option<ModelName>,
    #[cfg(feature = "llm")]
    pub(super) provider: Option<Provider>,
}

impl Call {
    /// The call of these options on an engine that says by `closed` when it is closed, and whose calls `also` cancels.
    ///
    /// # Errors
    /// `invalid_input` where it leaves to a worker what no worker can know; `timeout` where it was cancelled before.
    pub(super) fn new(options: &CallOptions, also: Option<&CancelToken>, closed: &Arc<AtomicBool>) -> Result<Self> {
        #[cfg(feature = "llm")]
        if options.queued && (options.model.is_some() || options.provider.is_some()) {
            let words = "a model and credentials are for a call that evaluates here and now: a queued evaluation is its worker's";
            return Err(Error::invalid_input(words));
        }
        let deadline = options.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let cancel = match (&options.cancel, also) {
            (Some(own), Some(also)) => Some(own.clone().or(also)),
            (own, also) => own.as_ref().or(also).cloned(),
        };
        let closed = Some(Arc::clone(closed));
        let patience = Patience { deadline, cancel, closed, ..Patience::default() };
        // Who has cancelled it wants nothing of it done.
        patience.check("it began")?;
        Ok(Self {
            patience,
            queued: options.queued,
            #[cfg(feature = "llm")]
            model: options.model.clone(),
            #[cfg(feature = "llm")]
            provider: options.provider.clone(),
        })
    }
}

impl CallOptions {
    /// Makes the call safe to repeat.
    #[must_use]
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Bounds the call's waiting.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Refuses the call where the session has moved.
    #[must_use]
    pub fn expected_version(mut self, version: u64) -> Self {
        self.expected_version = Some(version);
        self
    }

    /// Cancels the call when the token is cancelled.
    #[must_use]
    pub fn cancel(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.clone());
        self
    }

    /// Leaves an evaluation to a worker.
    #[must_use]
    pub fn queued(mut self) -> Self {
        self.queued = true;
        self
    }

    /// Asks this language model.
    #[cfg(feature = "llm")]
    #[must_use]
    pub fn model(mut self, model: ModelName) -> Self {
        self.model = Some(model);
        self
    }

    /// Asks this service with these credentials.
    #[cfg(feature = "llm")]
    #[must_use]
    pub fn provider(mut self, provider: Provider) -> Self {
        self.provider = Some(provider);
        self
    }

    /// The key at its scope, with the digest of the request.
    pub(super) fn claim<T: Serialize>(
        &self,
        tenant: &str,
        operation: &str,
        parent: impl std::fmt::Display,
        request: &T,
    ) -> Result<Option<KeyClaim>> {
        let Some(key) = &self.idempotency_key else { return Ok(None) };
        limits::required_text("idempotency_key", key, limits::MAX_LABEL)?;
        // No part contains NUL, so that it separates them.
        let scope = format!("{tenant}\0{operation}\0{parent}\0{key}");
        Ok(Some(KeyClaim {
            scope: sha256(&[scope.as_bytes()]),
            request: sha256(&[canonical_json(request)?.as_bytes()]),
        }))
    }
}

/// Whether a key that is taken was taken by this very request.
pub(super) fn check_record(record: &KeyRecord, claim: &KeyClaim) -> Result<()> {
    match record.request {
        None => Err(Error::new(crate::ErrorKind::NotFound, "what was done under this idempotency key was erased")),
        Some(request) if request == claim.request => Ok(()),
        Some(_) => Err(Error::conflict("the idempotency key was used for another request")),
    }
}
