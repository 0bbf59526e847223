//! Workers: evaluations that were left to them, one after the other.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::events::Waiting;
use super::judging::{Kept, is_whole};
use super::metrics::Operation;
use super::{Call, CallOptions, Engine};
use crate::domain::{Evaluation, Interview};
use crate::error::{Error, ErrorKind, Result};
use crate::evaluator::Judgement;
use crate::patience::CancelToken;
use crate::store::{Job, Lease};

/// How often an evaluation is tried whose failures may pass.
const MOST_ATTEMPTS: u32 = 5;
/// The pause after its first failure; it doubles with each further one.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(5);
/// The longest pause that an evaluator can ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);
/// How long a worker that has nothing to do waits before it looks again for what other processes have left.
const LOOK: Duration = Duration::from_secs(1);

impl Engine {
    /// Makes the evaluations that were left to workers (see [`CallOptions::queued`]), of all tenants, and those whose maker died, until `stop` is cancelled; says how many
    /// it made. Any number of workers may run, in this process and in others: each evaluation is leased to one of them, and is taken over when its worker dies. What
    /// fails for now is tried again, up to five times in all, later each time; what fails for good is `failed` with the reason, and can be asked for again.
    ///
    /// The clocks of all machines that share a store should agree within a few seconds.
    ///
    /// ```
    /// use std::time::Duration;
    /// use vivavoce::{CallOptions, CancelToken, Engine, EvaluationStatus, InterviewType, NewInterview};
    ///
    /// let engine = Engine::open("memory:")?;
    /// let interview = engine.create_interview(NewInterview::new("Ada", InterviewType::General).question("Why?"))?;
    /// let answers = [(0, "Because.".to_owned())].into();
    /// let asked = engine.evaluate_with(interview.id, &answers, &CallOptions::default().queued())?;
    /// assert_eq!(asked.status, EvaluationStatus::Pending);
    ///
    /// let stop = CancelToken::new();
    /// let worker = std::thread::spawn({
    ///     let (engine, stop) = (engine.clone(), stop.clone());
    ///     move || engine.run_worker(&stop)
    /// });
    /// while !engine.evaluation(asked.id)?.status.is_final() {
    ///     std::thread::sleep(Duration::from_millis(1));
    /// }
    /// stop.cancel();
    /// assert_eq!(worker.join().unwrap()?, 1);
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_state` when the engine is closed; `storage` where the store fails for good. A store that fails for now is waited for.
    pub fn run_worker(&self, stop: &CancelToken) -> Result<u64> {
        self.ensure_open()?;
        let call = match self.call(&CallOptions::default().cancel(stop)) {
            Err(_) if stop.is_cancelled() => return Ok(0),
            call => call?,
        };
        let patient = self.patient(&call.patience);
        let engine = patient.as_ref().unwrap_or(self);
        let queue = &self.inner.queue;
        let _waiting = Waiting::on(queue);
        let mut made = 0;
        while !stop.is_cancelled() {
            let seen = queue.generation();
            match self.run(Operation::Work, || engine.take_one(&call)) {
                Ok(Some(done)) => made += u64::from(done),
                Ok(None) => self.wait_for_work(seen, &call),
                Err(error) if error.is_retryable() && error.kind() == ErrorKind::Storage => {
                    // Not until work is due: it may be due, and the store not able to give it.
                    let _ = call.patience.pause(LOOK, "the store failed");
                }
                Err(_) if stop.is_cancelled() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(made)
    }

    /// Takes an evaluation and makes it; whether it has its result. None where there is nothing to do.
    fn take_one(&self, call: &Call) -> Result<Option<bool>> {
        let lease = self.new_lease();
        let Some(job) = self.store().lease_next(self.now(), lease)? else { return Ok(None) };
        let own = Self { tenant: Arc::clone(&job.tenant), ..self.clone() };
        own.work_on(&job, lease, call).map(Some)
    }

    fn work_on(&self, job: &Job, lease: Lease, call: &Call) -> Result<bool> {
        let Some(asked) = self.store().evaluation(&self.tenant, job.evaluation_id)? else { return Ok(false) };
        let Some(interview) = self.store().interview(&self.tenant, asked.interview_id)? else { return Ok(false) };
        if job.attempts > MOST_ATTEMPTS {
            // Whoever is next would not fare better: it may be what ends its process.
            let words =
                format!("tried {MOST_ATTEMPTS} times, and whoever judged last did not live to say what came of it");
            return self.work_done(&interview, &asked, Err(Error::internal(words)), lease);
        }
        let calibration = self.correcting_judgement(&interview)?;
        let (judged, lost) =
            self.under_lease(asked.id, lease, call, |call| self.judged(&interview, &asked, &calibration, call));
        if lost && !is_whole(&judged) {
            return Ok(false);
        }
        let now = self.now();
        if call.patience.check("the worker judged").is_err() {
            // Stopped: the next worker takes it at once.
            if !is_whole(&judged) {
                self.store().release_job(asked.id, lease.token, now, false)?;
                return Ok(false);
            }
        }
        let failure = judged.as_ref().map_or_else(Some, |judgement| judgement.failure.as_ref());
        if let Some(failure) = failure.filter(|failure| failure.is_retryable())
            && job.attempts < MOST_ATTEMPTS
        {
            let asked_for = failure.retry_after().unwrap_or_default().min(LONGEST_PAUSE);
            let asked_for = TimeDelta::from_std(asked_for).unwrap_or_default();
            let pause = FIRST_PAUSE * 2_i32.saturating_pow(job.attempts.saturating_sub(1));
            self.store().release_job(asked.id, lease.token, now + pause.max(asked_for), true)?;
            return Ok(false);
        }
        self.work_done(&interview, &asked, judged, lease)
    }

    /// Keeps what a worker made; whether it was kept.
    fn work_done(
        &self,
        interview: &Interview,
        asked: &Evaluation,
        judged: Result<Judgement>,
        lease: Lease,
    ) -> Result<bool> {
        match self.keep_result(self.concluded(interview, asked, judged), Some(lease)) {
            Ok(kept) => Ok(matches!(kept, Kept::Own(_))),
            // Its interview was erased meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Waits until there may be something to do.
    fn wait_for_work(&self, seen: u64, call: &Call) {
        let now = self.now();
        let due = self.store().next_due(now).ok().flatten();
        let until_due = due.and_then(|due| (due - now).to_std().ok()).unwrap_or(LOOK);
        self.inner.queue.wait(seen, until_due.min(LOOK), &call.patience);
    }
}
