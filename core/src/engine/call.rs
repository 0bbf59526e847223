//! What a caller may say about one call, and the keys that make a call safe to repeat.

use std::time::Duration;

use serde::Serialize;

use crate::domain::canonical::{canonical_json, sha256};
use crate::domain::limits;
use crate::error::{Error, Result};
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
    /// Makes the call safe to repeat: the same key with the same request gives the first success again; with another request, `conflict`. Scoped to the tenant, the
    /// operation and its parent (session or interview). 1 to 200 characters.
    pub idempotency_key: Option<String>,
    /// How long the call may wait for other calls on the same session or with the same key; the interviewer and the evaluator are told when it is over. The store has
    /// limits of its own: see its URL.
    pub timeout: Option<Duration>,
    /// The session's version that the caller has seen: `conflict` where it has moved. For calls on a session that is there.
    pub expected_version: Option<u64>,
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
