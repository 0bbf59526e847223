//! How long a call may wait: until its deadline, until it is cancelled, or until the engine is closed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::error::{Error, ErrorKind, Result};

/// How long a wait lasts before it looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(20);

/// How long a call to the store may wait at least: what is given up is put in order with it.
const AT_LEAST: Duration = Duration::from_millis(30);

/// Cancels calls from another thread. Clones cancel the same calls; one that was cancelled stays so.
///
/// ```
/// use vivavoce::{CallOptions, CancelToken};
///
/// let token = CancelToken::new();
/// let options = CallOptions::default().cancel(&token);
/// token.cancel();
/// assert!(token.is_cancelled());
/// # let _ = options;
/// ```
#[derive(Clone, Default)]
pub struct CancelToken {
    own: Arc<AtomicBool>,
    /// What cancels it as well.
    others: Vec<Arc<AtomicBool>>,
    /// Who is asked whether it is cancelled.
    asked: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

impl std::fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cancelled = self.own.load(Ordering::Relaxed);
        f.debug_struct("CancelToken").field("cancelled", &cancelled).finish_non_exhaustive()
    }
}

impl CancelToken {
    /// A token that was not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same token, which counts as cancelled also where `asked` says so: for an application that is interrupted in a way of its own, such as by a signal. It is asked by
    /// those who wait, every 20 ms, in whichever thread they are, and may itself wait: nobody is kept waiting for a condition meanwhile, but others on the same session may be.
    #[must_use]
    pub fn or_when(mut self, asked: Arc<dyn Fn() -> bool + Send + Sync>) -> Self {
        self.asked = Some(asked);
        self
    }

    /// A token that is cancelled as well where the other is.
    pub(crate) fn or(mut self, other: &Self) -> Self {
        self.others.push(Arc::clone(&other.own));
        self.others.extend(other.others.iter().map(Arc::clone));
        self.asked = match (self.asked, &other.asked) {
            (Some(one), Some(two)) => {
                let two = Arc::clone(two);
                Some(Arc::new(move || one() || two()))
            }
            (one, two) => one.or_else(|| two.clone()),
        };
        self
    }

    /// Cancels the calls that have this token: those that wait end within 100 ms with an error of kind `timeout`. A request that was sent runs on, and a write may have been
    /// made: its idempotency key tells.
    pub fn cancel(&self) {
        self.own.store(true, Ordering::Release);
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.is_set() || self.asked.as_ref().is_some_and(|asked| asked())
    }

    /// Whether it was cancelled, as far as that is known without asking.
    fn is_set(&self) -> bool {
        self.own.load(Ordering::Acquire) || self.others.iter().any(|other| other.load(Ordering::Acquire))
    }
}

impl PartialEq for CancelToken {
    /// Whether they cancel the same calls.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.own, &other.own)
    }
}

impl Eq for CancelToken {}

/// How long one call may wait.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patience {
    pub(crate) deadline: Option<Instant>,
    pub(crate) cancel: Option<CancelToken>,
    /// Set when the engine is closed.
    pub(crate) closed: Option<Arc<AtomicBool>>,
    /// Set when another has taken over what the call works on.
    pub(crate) lost: Option<Arc<AtomicBool>>,
    /// Until when it is not over, whatever else is.
    pub(crate) not_before: Option<Instant>,
}

impl Patience {
    /// Until `deadline`, or for ever.
    #[cfg(test)]
    pub(crate) fn until(deadline: Option<Instant>) -> Self {
        Self { deadline, ..Self::default() }
    }

    /// The same, but no longer than `limit` from now.
    pub(crate) fn at_most(&self, limit: Duration) -> Self {
        let end = Instant::now().checked_add(limit);
        let deadline = match (self.deadline, end) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { deadline, ..self.clone() }
    }

    /// A token that is cancelled when the call is, when the engine is closed, and when another took over.
    pub(crate) fn token(&self) -> CancelToken {
        let mut token = self.cancel.clone().unwrap_or_default();
        token.others.extend(self.closed.iter().chain(&self.lost).map(Arc::clone));
        token
    }

    /// The same, but no longer than until `lost` is set.
    pub(crate) fn until_lost(&self, lost: &Arc<AtomicBool>) -> Self {
        Self { lost: Some(Arc::clone(lost)), ..self.clone() }
    }

    /// The same for one call to the store: what was got before is kept where that takes no time, also when the patience is over by then. A store looks at nothing but what it is
    /// waited for with; whether the engine is closed, it knows itself.
    pub(crate) fn for_store(&self) -> Self {
        if !self.ends() {
            return Self::default();
        }
        let (deadline, cancel) = (self.deadline, self.cancel.clone());
        Self { deadline, cancel, not_before: Instant::now().checked_add(AT_LEAST), ..Self::default() }
    }

    /// Whether it ends at all.
    pub(crate) fn ends(&self) -> bool {
        self.deadline.is_some() || self.cancel.is_some() || self.closed.is_some() || self.lost.is_some()
    }

    /// Lets time pass. Errors as [`check`](Self::check).
    pub(crate) fn pause(&self, pause: Duration, what: &'static str) -> Result<()> {
        let end = Instant::now() + pause;
        loop {
            self.check(what)?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(self.look()));
        }
    }

    /// Refuses to go on when it is over; `what` was waited for.
    ///
    /// # Errors
    /// `timeout` after the deadline or a cancellation, `invalid_state` after the engine was closed.
    pub(crate) fn check(&self, what: &'static str) -> Result<()> {
        self.check_with(what, CancelToken::is_cancelled)
    }

    /// The same, but asks nobody: for whoever holds a lock that others wait for.
    fn check_unasked(&self, what: &'static str) -> Result<()> {
        self.check_with(what, CancelToken::is_set)
    }

    fn check_with(&self, what: &'static str, is_cancelled: fn(&CancelToken) -> bool) -> Result<()> {
        if self.not_before.is_some_and(|not_before| Instant::now() < not_before) {
            return Ok(());
        }
        if self.cancel.as_ref().is_some_and(is_cancelled) {
            return Err(Error::new(ErrorKind::Timeout, format!("the call was cancelled while {what}")).retryable());
        }
        if self.closed.as_ref().is_some_and(|closed| closed.load(Ordering::Acquire)) {
            return Err(Error::invalid_state("the engine is closed"));
        }
        if self.lost.as_ref().is_some_and(|lost| lost.load(Ordering::Acquire)) {
            return Err(Error::new(ErrorKind::Timeout, format!("another took over while {what}")).retryable());
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => {
                Err(Error::new(ErrorKind::Timeout, format!("the deadline passed while {what}")).retryable())
            }
            _ => Ok(()),
        }
    }

    /// Waits to be woken, for a moment; then the caller looks again. Errors as [`check`](Self::check).
    pub(crate) fn wait<T>(&self, condvar: &Condvar, guard: &mut MutexGuard<'_, T>, what: &'static str) -> Result<()> {
        self.check_unasked(what)?;
        if self.cancel.is_none() && self.closed.is_none() && self.lost.is_none() && self.not_before.is_none() {
            match self.deadline {
                None => condvar.wait(guard),
                Some(deadline) => drop(condvar.wait_until(guard, deadline)),
            }
            return Ok(());
        }
        condvar.wait_for(guard, self.look());
        // Who is asked may wait for somebody who waits for this very lock.
        MutexGuard::unlocked(guard, || self.check(what))
    }

    /// Waits for a lock. Errors as [`check`](Self::check).
    pub(crate) fn lock<'a, T>(&self, mutex: &'a Mutex<T>, what: &'static str) -> Result<MutexGuard<'a, T>> {
        if let Some(guard) = mutex.try_lock() {
            return Ok(guard);
        }
        loop {
            self.check(what)?;
            if let Some(guard) = mutex.try_lock_for(self.look()) {
                return Ok(guard);
            }
        }
    }

    /// How long to wait before looking again.
    pub(crate) fn look(&self) -> Duration {
        let end = self.deadline.max(self.deadline.and(self.not_before));
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        left.map_or(LOOK, |left| left.min(LOOK))
    }
}
