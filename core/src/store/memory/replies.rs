//! Replies that are kept.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;

use crate::domain::InterviewId;
use crate::domain::canonical::Sha256Digest;
use crate::store::KeepReply;

struct Reply {
    interview: InterviewId,
    time: DateTime<Utc>,
    text: String,
}

#[derive(Default)]
struct Kept {
    by_key: HashMap<Sha256Digest, Reply>,
    by_age: BTreeSet<(DateTime<Utc>, Sha256Digest)>,
    by_interview: BTreeSet<(InterviewId, Sha256Digest)>,
    bytes: u64,
}

impl Kept {
    fn remove(&mut self, key: &Sha256Digest) {
        if let Some(reply) = self.by_key.remove(key) {
            self.by_age.remove(&(reply.time, *key));
            self.by_interview.remove(&(reply.interview, *key));
            self.bytes -= reply.text.len() as u64;
        }
    }
}

/// Its lock is taken last, after that of an interview's state.
#[derive(Default)]
pub(super) struct Replies(Mutex<Kept>);

impl Replies {
    pub(super) fn get(&self, key: &Sha256Digest, not_before: DateTime<Utc>) -> Option<String> {
        let kept = self.0.lock();
        kept.by_key.get(key).filter(|reply| reply.time >= not_before).map(|reply| reply.text.clone())
    }

    pub(super) fn keep(&self, write: KeepReply) {
        let KeepReply { interview_id: interview, key, time, reply: text, not_before, most_bytes, .. } = write;
        let mut kept = self.0.lock();
        kept.remove(&key);
        let bytes = text.len() as u64;
        if bytes <= most_bytes {
            kept.bytes += bytes;
            kept.by_age.insert((time, key));
            kept.by_interview.insert((interview, key));
            kept.by_key.insert(key, Reply { interview, time, text });
        }
        while let Some((oldest, key)) = kept.by_age.first().copied()
            && (oldest < not_before || kept.bytes > most_bytes)
        {
            kept.remove(&key);
        }
    }

    pub(super) fn forget(&self, interview: InterviewId) {
        let mut kept = self.0.lock();
        let of_interview = (interview, [0; 32])..=(interview, [u8::MAX; 32]);
        let keys: Vec<_> = kept.by_interview.range(of_interview).map(|(_, key)| *key).collect();
        keys.iter().for_each(|key| kept.remove(key));
    }
}
