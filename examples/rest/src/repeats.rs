//! Idempotency keys of the calls for which the engine keeps none: their answers are kept here, for a day and by this process alone.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::StatusCode;
use lru::LruCache;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;
use tracing::Instrument as _;

use crate::error::Failure;
use crate::request::RepeatKey;

const MOST: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The first success: its status and its document.
pub type Answer = (StatusCode, Bytes);

struct Kept {
    request: [u8; 32],
    since: Instant,
    answer: Arc<OnceCell<Answer>>,
}

/// What was answered under each key.
pub struct Repeats(Mutex<LruCache<String, Kept>>);

impl Default for Repeats {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

impl Repeats {
    /// Answers as the first time, where there was one; a request that comes while the first is under way waits for it. What was begun is done and kept, also where its client
    /// leaves: it will ask again.
    ///
    /// # Errors
    /// 409 where the key was used for another body; what `work` fails with, which is kept by nobody.
    pub async fn once(
        &self,
        key: &RepeatKey,
        body: &[u8],
        work: impl Future<Output = Result<Answer, Failure>> + Send + 'static,
    ) -> Result<Answer, Failure> {
        let Some(key) = key.as_deref() else { return work.await };
        let request: [u8; 32] = Sha256::digest(body).into();
        let answer = {
            let mut kept = self.0.lock();
            if kept.peek(key).is_some_and(|kept| kept.since.elapsed() > LONGEST) {
                kept.pop(key);
            }
            let new = || Kept { request, since: Instant::now(), answer: Arc::default() };
            let kept = kept.get_or_insert_mut(key.to_owned(), new);
            // A key whose requests have all failed is free.
            if kept.request != request && kept.answer.get().is_none() && Arc::strong_count(&kept.answer) == 1 {
                kept.request = request;
            }
            if kept.request != request {
                let words = "the idempotency key was used for another request";
                return Err(Failure::new(StatusCode::CONFLICT, words));
            }
            Arc::clone(&kept.answer)
        };
        let done = async move { answer.get_or_try_init(|| work).await.cloned() };
        tokio::spawn(done.in_current_span()).await.unwrap_or_else(|_| Err(Failure::internal()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(text: &'static str) -> Result<Answer, Failure> {
        Ok((StatusCode::OK, Bytes::from_static(text.as_bytes())))
    }

    #[tokio::test]
    async fn the_first_success_is_given_again_and_a_failure_is_not() {
        let (repeats, key) = (Repeats::default(), RepeatKey::named("a"));
        let failed = repeats.once(&key, b"1", async { Err(Failure::busy("not now")) }).await;
        assert_eq!(failed.unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
        for _ in 0..2 {
            assert_eq!(repeats.once(&key, b"2", answer("first")).await.unwrap().1, "first");
            assert_eq!(repeats.once(&key, b"2", answer("second")).await.unwrap().1, "first");
        }
        let other = repeats.once(&key, b"3", answer("third")).await;
        assert_eq!(other.unwrap_err().status(), StatusCode::CONFLICT);
        assert_eq!(repeats.once(&RepeatKey::none(), b"3", answer("third")).await.unwrap().1, "third");
    }

    #[tokio::test]
    async fn what_was_begun_is_kept_where_its_client_leaves() {
        let (repeats, key) = (Repeats::default(), RepeatKey::named("a"));
        let (go_on, wait) = tokio::sync::oneshot::channel::<()>();
        let first = async {
            wait.await.unwrap();
            answer("first").await
        };
        let asked = repeats.once(&key, b"1", first);
        assert!(futures_util::FutureExt::now_or_never(asked).is_none());
        go_on.send(()).unwrap();
        assert_eq!(repeats.once(&key, b"1", answer("second")).await.unwrap().1, "first");
    }
}
