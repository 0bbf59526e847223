//! The interviews that lists have read last. A list asks its database each time; what it finds unchanged need not be read, which takes longer than finding it.

use std::num::NonZeroUsize;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use lru::LruCache;
use parking_lot::Mutex;

use crate::domain::{Interview, InterviewId, InterviewStatus};

/// How many are kept.
const MOST: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();
/// How many bytes of text an interview has that is kept.
const LARGEST: usize = 16 * 1_024;

struct Kept {
    interviews: LruCache<InterviewId, Arc<Interview>>,
    erasures: u64,
}

/// The moment before the database was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Before(u64);

pub(crate) struct InterviewCache(Mutex<Kept>);

impl InterviewCache {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Kept { interviews: LruCache::new(MOST), erasures: 0 }))
    }

    pub(crate) fn before(&self) -> Before {
        Before(self.0.lock().erasures)
    }

    /// The interview as the database has it, where that is how it was read before. Every change of an interview changes its time or its status.
    pub(crate) fn unchanged(
        &self,
        id: InterviewId,
        status: InterviewStatus,
        updated_at: DateTime<Utc>,
    ) -> Option<Arc<Interview>> {
        let mut kept = self.0.lock();
        let interview = kept.interviews.get(&id)?;
        (interview.status == status && interview.updated_at == updated_at).then(|| Arc::clone(interview))
    }

    /// Keeps what was read, unless something was erased since.
    pub(crate) fn keep(&self, interview: &Arc<Interview>, before: Before) {
        if text_bytes(interview) > LARGEST {
            return;
        }
        let mut kept = self.0.lock();
        if kept.erasures == before.0 {
            kept.interviews.put(interview.id, Arc::clone(interview));
        }
    }

    /// Forgets an interview that was erased.
    pub(crate) fn erase(&self, id: InterviewId) {
        let mut kept = self.0.lock();
        kept.erasures += 1;
        kept.interviews.pop(&id);
    }
}

/// About how much text there is.
fn text_bytes(interview: &Interview) -> usize {
    let Interview { candidate_name, questions, job_description, resume, rubric, .. } = interview;
    let questions = questions.iter().map(|question| {
        question.text.len()
            + question.reference_answer.as_ref().map_or(0, String::len)
            + question.key_points.iter().chain(&question.follow_ups).map(String::len).sum::<usize>()
    });
    // A rubric is small where it is anybody's at all; the largest are left out.
    let rubric = rubric.as_ref().map_or(0, |rubric| rubric.competencies.len() * 1_024);
    let texts = [job_description, resume].into_iter().flatten().map(|text| text.len());
    candidate_name.len() + questions.sum::<usize>() + texts.sum::<usize>() + rubric
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::fixtures::interview;

    fn found(cache: &InterviewCache, interview: &Interview) -> bool {
        cache.unchanged(interview.id, interview.status, interview.updated_at).is_some()
    }

    #[test]
    fn what_has_changed_was_erased_or_is_large_is_read_again() {
        let cache = InterviewCache::new();
        let first = interview("Ada");
        assert!(!found(&cache, &first));
        let before = cache.before();
        cache.keep(&first, before);
        assert!(found(&cache, &first));
        let later = Interview { updated_at: first.updated_at + chrono::TimeDelta::microseconds(1), ..(*first).clone() };
        let begun = Interview { status: InterviewStatus::InProgress, ..(*first).clone() };
        assert!(!found(&cache, &later) && !found(&cache, &begun));
        cache.erase(first.id);
        assert!(!found(&cache, &first));
        // It was read before the erasure, and comes after it.
        cache.keep(&first, before);
        assert!(!found(&cache, &first));
        cache.keep(&first, cache.before());
        assert!(found(&cache, &first));
        let large = interview("Grace");
        let large = Arc::new(Interview { resume: Some("x".repeat(LARGEST)), ..(*large).clone() });
        cache.keep(&large, cache.before());
        assert!(!found(&cache, &large));
    }
}
