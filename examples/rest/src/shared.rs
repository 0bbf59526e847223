//! One answer for all who ask the same at the same time.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

/// The last answer to a question that one at a time has looked up. Whoever came before that began takes it; an answer is never older than the asking.
pub struct Shared<T>(Mutex<Option<(Instant, T)>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Shared<T> {
    /// The answer of `look_up`, which is told how long it may take, or of the one that was begun after this call; none where that takes too long. Failures are not shared.
    ///
    /// # Errors
    /// Those of `look_up`.
    pub async fn get<E>(
        &self,
        limit: Duration,
        look_up: impl AsyncFnOnce(Duration) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let came = Instant::now();
        let until = came + limit;
        let mut last = timeout_at(until, self.0.lock()).await.ok()?;
        if let Some((begun, answer)) = &*last
            && *begun > came
        {
            return Some(Ok(answer.clone()));
        }
        let begun = Instant::now();
        let found = look_up(until.saturating_duration_since(begun)).await;
        if let Ok(answer) = &found {
            *last = Some((begun, answer.clone()));
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_meanwhile_is_told_by_the_next_one_who_looks() {
        let shared = Shared::default();
        let looked = AtomicUsize::new(0);
        let ask = || {
            shared.get(LIMIT, async |_| {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok::<_, ()>(looked.fetch_add(1, SeqCst))
            })
        };
        let answers = futures_util::future::join_all((0..100).map(|_| ask())).await;
        // The first looks for itself; the others came before the second began.
        let counted = |number| answers.iter().filter(|answer| **answer == Some(Ok(number))).count();
        assert_eq!((counted(0), counted(1), looked.load(SeqCst)), (1, 99, 2));
        assert_eq!(ask().await, Some(Ok(2)), "an answer from before is not taken");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_the_limit_and_failures_are_not_shared() {
        let shared = Shared::<()>::default();
        let slow = shared.get(LIMIT * 2, async |_| {
            tokio::time::sleep(LIMIT + Duration::from_secs(1)).await;
            Err("slow")
        });
        let other = shared.get(LIMIT, async |_| Ok::<_, &str>(()));
        assert_eq!(tokio::join!(slow, other), (Some(Err("slow")), None));
        assert_eq!(shared.get(LIMIT, async |_| Ok::<_, &str>(())).await, Some(Ok(())));
    }
}
