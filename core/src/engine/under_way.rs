//! Calls with an idempotency key that are under way: the same key again waits for them, so that a model is not asked twice.

use std::collections::HashSet;

use parking_lot::{Condvar, Mutex};

use crate::domain::canonical::Sha256Digest;
use crate::error::Result;
use crate::patience::Patience;
use crate::store::KeyClaim;

#[derive(Default)]
pub(super) struct UnderWay {
    scopes: Mutex<HashSet<Sha256Digest>>,
    ended: Condvar,
}

/// The place of a call with a key, until it ends in whatever way.
pub(super) struct Passage<'a> {
    under_way: &'a UnderWay,
    scope: Sha256Digest,
}

impl UnderWay {
    /// Waits until no other call of this engine has the key.
    pub(super) fn enter(&self, claim: &KeyClaim, patience: &Patience) -> Result<Passage<'_>> {
        let mut scopes = self.scopes.lock();
        while !scopes.insert(claim.scope) {
            patience.wait(&self.ended, &mut scopes, "another call with this idempotency key was under way")?;
        }
        Ok(Passage { under_way: self, scope: claim.scope })
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        self.under_way.scopes.lock().remove(&self.scope);
        self.under_way.ended.notify_all();
    }
}
