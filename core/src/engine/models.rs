//! The engine's language models: what they need from outside, and what each call brings for them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::builder::Clock;
use super::entropy::Entropy;
use super::metrics::Operation;
use super::{Call, Engine};
use crate::domain::canonical::Sha256Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::llm::{Amount, Asking, Client, Keeper, ModelName, Models, Owner, Reservation, Surroundings};
use crate::store::{self, KeepReply, Store, Written};

/// The store as a place for replies and spending.
struct Kept(Arc<dyn Store>);

impl Keeper for Kept {
    fn reply(&self, key: &Sha256Digest, not_before: DateTime<Utc>) -> Result<Option<String>> {
        self.0.kept_reply(key, not_before)
    }

    fn keep_reply(
        &self,
        owner: &Owner,
        key: &Sha256Digest,
        reply: String,
        now: DateTime<Utc>,
        not_before: DateTime<Utc>,
        most_bytes: u64,
    ) -> Result<bool> {
        let write = KeepReply {
            tenant: Arc::clone(&owner.tenant),
            interview_id: owner.id.into(),
            key: *key,
            time: now,
            reply,
            not_before,
            most_bytes,
        };
        Ok(self.0.keep_reply(write)? == Written::Done)
    }

    fn reserve(&self, reservation: &Reservation) -> Result<bool> {
        self.0.reserve(store::Reservation {
            scope: reservation.scope.clone(),
            period: reservation.period,
            tokens: reservation.amount.tokens,
            nanos: reservation.amount.nanos,
            most_tokens: reservation.most_tokens,
            most_nanos: reservation.most_nanos,
        })
    }

    fn settle(&self, scope: &str, period: DateTime<Utc>, back: Amount) -> Result<()> {
        self.0.settle(scope, period, back.tokens, back.nanos)
    }
}

/// The client for an engine that is being opened; none where it has no models.
///
/// # Errors
/// `invalid_input` where what was configured cannot be meant, or where one of the models that are asked has no provider.
pub(super) fn client(
    models: Option<Models>,
    asked: &[ModelName],
    clock: &Arc<Clock>,
    entropy: &Arc<Entropy>,
    store: &Arc<dyn Store>,
) -> Result<Option<Client>> {
    let Some(models) = models else {
        return match asked.first() {
            None => Ok(None),
            Some(model) => Err(Error::invalid_input(format!("{model} is to be asked, and the engine has no models"))),
        };
    };
    for model in asked {
        models.ensure_askable(model)?;
    }
    let (clock, entropy) = (Arc::clone(clock), Arc::clone(entropy));
    let surroundings = Surroundings {
        now: Box::new(move || clock()),
        random: Box::new(move || u64::from_le_bytes(entropy.bytes())),
        keeper: Box::new(Kept(Arc::clone(store))),
    };
    Client::new(models, surroundings).map(Some)
}

/// What a tenant has used of its budget for language models, calls under way counted by what they may use at most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Spent {
    /// Tokens, read and written.
    pub tokens: u64,
    /// Money, in the currency of the prices.
    pub money: f64,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl Engine {
    /// What this engine's tenant has used of its budget in the present period, by all engines on the store.
    ///
    /// # Errors
    /// `unsupported` where tenants have no budget.
    pub fn spent(&self) -> Result<Spent> {
        self.run(Operation::Health, || {
            let budget = self.inner.client.as_ref().and_then(Client::tenant_budget);
            let budget = budget.ok_or_else(|| Error::new(ErrorKind::Unsupported, "tenants have no budget here"))?;
            let since = budget.began(self.now());
            let (tokens, nanos) = self.store().spent(&budget.scope(&self.tenant), since)?;
            Ok(Spent { tokens, money: nanos as f64 / 1e9, since })
        })
    }

    /// What a call brings for language models; none where the engine has none.
    pub(super) fn asking<'a>(&'a self, call: &'a Call, owner: Option<&'a Owner>) -> Option<Asking<'a>> {
        Some(Asking {
            client: self.inner.client.as_ref()?,
            tenant: &self.tenant,
            patience: &call.patience,
            provider: call.provider.as_ref(),
            model: call.model.as_ref(),
            owner,
        })
    }

    /// With whom the replies about an interview are erased.
    pub(super) fn owner(&self, interview: crate::InterviewId) -> Owner {
        let id: Uuid = *interview.as_uuid();
        Owner { tenant: Arc::clone(&self.tenant), id }
    }

    /// Refuses a model or credentials of a call that `whose` part of the engine would not use.
    pub(super) fn ensure_asks(&self, call: &Call, whose: &str, asked: &[ModelName]) -> Result<()> {
        match asked.is_empty() && (call.model.is_some() || call.provider.is_some()) {
            true => Err(Error::new(ErrorKind::Unsupported, format!("the {whose} asks no language model"))),
            false => Ok(()),
        }
    }
}
