//! What one call of the engine brings for asking language models.

use std::sync::Arc;

use super::client::{Answer, Ask, CacheFor, Client, Unanswered};
use super::flights::Heard;
use super::prompt::Prompt;
use super::provider::{ModelName, Provider};
use super::reply_cache::Owner;
use crate::domain::canonical::Sha256Digest;
use crate::patience::Patience;

/// A client for one call: whose call it is, how long it may wait, and what it brings of its own.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) client: &'a Client,
    pub(crate) tenant: &'a Arc<str>,
    pub(crate) patience: &'a Patience,
    /// A service and credentials for this call alone.
    pub(crate) provider: Option<&'a Provider>,
    /// A model for this call, in the place of those that would be asked.
    pub(crate) model: Option<&'a ModelName>,
    /// With whom replies are erased.
    pub(crate) owner: Option<&'a Owner>,
}

/// How a reply is kept.
pub(crate) struct Kept<'a> {
    /// The prompt's hash.
    pub(crate) prompt: Sha256Digest,
    /// What decides the reply beside the prompt.
    pub(crate) facets: &'a [(&'static str, &'a str)],
    /// Whether it is worth keeping.
    pub(crate) is_good: &'a dyn Fn(&str) -> bool,
}

impl std::fmt::Debug for Asking<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asking").finish_non_exhaustive()
    }
}

impl Asking<'_> {
    /// The model that is asked first.
    pub(crate) fn first_of<'b>(&'b self, models: &'b [ModelName]) -> Option<&'b ModelName> {
        self.model.or(models.first())
    }

    /// Asks these models, or the call's own; `hear` hears the reply while it comes in.
    pub(crate) fn ask(
        &self,
        models: &[ModelName],
        prompt: &Prompt,
        kept: Option<Kept<'_>>,
        hear: Option<&mut dyn FnMut(Heard)>,
    ) -> Result<Answer, Unanswered> {
        let ask = Ask {
            models: self.model.map_or(models, std::slice::from_ref),
            own: self.provider,
            tenant: self.tenant,
            prompt,
            cache: kept.map(|Kept { prompt, facets, is_good }| CacheFor { prompt, facets, owner: self.owner, is_good }),
            patience: self.patience,
        };
        self.client.ask(ask, hear)
    }
}
