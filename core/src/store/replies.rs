//! Replies of language models that are kept, so that the same question need not be paid for twice.

use chrono::{DateTime, Utc};

use super::Tenant;
use crate::domain::InterviewId;
use crate::domain::canonical::Sha256Digest;

/// Keeps a reply, in the place of an earlier one under its key. Stale where the interview is not there or was erased: the reply may hold the candidate's words, and
/// is erased with the interview. A reply that alone is larger than all may be is not kept either, which is no failure.
#[derive(Debug, Clone)]
pub(crate) struct KeepReply {
    pub(crate) tenant: Tenant,
    pub(crate) interview_id: InterviewId,
    /// The SHA-256 of all that the reply depends on, the tenant and the credentials included.
    pub(crate) key: Sha256Digest,
    pub(crate) time: DateTime<Utc>,
    pub(crate) reply: String,
    /// What is older goes.
    pub(crate) not_before: DateTime<Utc>,
    /// How many bytes all replies may have together: what is more goes, the oldest first.
    pub(crate) most_bytes: u64,
}
