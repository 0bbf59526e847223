//! Making an evaluation: asked for, judged under a lease, and kept with its result exactly once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use parking_lot::{Condvar, Mutex};

use super::{Call, Engine};
use crate::audit::{Recorder, evaluation_document};
use crate::domain::{
    Calibration, Evaluation, EvaluationId, EvaluationStatus, Exchange, Interview, Language, Missing, SessionId,
};
use crate::error::{Error, ErrorKind, Result};
use crate::evaluator::{self, JudgeRequest, Judgement};
#[cfg(feature = "llm")]
use crate::llm::Owner;
use crate::patience::CancelToken;
use crate::session;
use crate::store::{EvaluationWrite, KeyClaim, Lease, Leased, SaveEvaluation, Written};

/// How long others leave an evaluation to whoever judges it. It is renewed for as long as they do, and what they wait for where they died.
const LEASE: TimeDelta = TimeDelta::seconds(10);
const RENEWAL: Duration = Duration::from_secs(3);
/// Between two looks for another's result: at first, and at most.
const FIRST_LOOK: Duration = Duration::from_millis(10);
const LONGEST_LOOK: Duration = Duration::from_millis(250);

/// What became of a result.
pub(super) enum Kept {
    /// It is kept.
    Own(Arc<Evaluation>),
    /// Another one was kept before it.
    Others(Arc<Evaluation>),
    /// The lease was lost, and another is at it.
    UnderWay,
}

impl Engine {
    /// A judgement that was checked.
    pub(super) fn judge(&self, request: &JudgeRequest<'_>, call: &Call) -> Result<Judgement> {
        self.ensure_evaluator_asks(call)?;
        let evaluator = self.evaluator(call);
        let mut judgement = self.guarded("evaluator", call, || evaluator.judge(request))?;
        // What was asked for may name the engine's own.
        judgement.evaluator = judgement.evaluator.or_else(|| Some(evaluator.info()));
        evaluator::check(request, &judgement)?;
        Ok(judgement)
    }

    /// Refuses a model or credentials that nobody would use, before anything is written.
    pub(super) fn ensure_evaluator_asks(&self, call: &Call) -> Result<()> {
        #[cfg(feature = "llm")]
        self.ensure_asks(call, "evaluator", &self.evaluator(call).models())?;
        let _ = call;
        Ok(())
    }

    /// The request with what a call brings.
    pub(super) fn with_call<'a>(
        &'a self,
        request: JudgeRequest<'a>,
        call: &'a Call,
        token: &'a CancelToken,
        rubric_hash: &'a str,
        #[cfg(feature = "llm")] owner: Option<&'a Owner>,
        #[cfg(not(feature = "llm"))] _owner: Option<&'a ()>,
    ) -> JudgeRequest<'a> {
        JudgeRequest {
            deadline: call.patience.deadline,
            cancel: Some(token),
            rubric_hash,
            #[cfg(feature = "llm")]
            asking: self.asking(call, owner),
            ..request
        }
    }

    /// An evaluation that is asked for.
    pub(super) fn request(
        &self,
        interview: &Interview,
        language: Language,
        session_id: Option<SessionId>,
        exchanges: Vec<Exchange>,
    ) -> Result<Evaluation> {
        let now = self.now();
        // A session asks no more questions than it takes answers.
        let most = if session_id.is_some() { interview.max_answers as usize } else { usize::MAX };
        Ok(Evaluation {
            id: EvaluationId::new(now, self.id_entropy()),
            interview_id: interview.id,
            session_id,
            status: EvaluationStatus::Pending,
            score: None,
            feedback: String::new(),
            language,
            unanswered: session::unanswered(interview.questions.len().min(most), &exchanges),
            exchanges,
            ratings: Vec::new(),
            competencies: Vec::new(),
            strengths: Vec::new(),
            weaknesses: Vec::new(),
            recommendations: Vec::new(),
            unanswered_policy: self.inner.options.unanswered,
            needs_review: Vec::new(),
            failure: None,
            evaluator: self.inner.evaluator.info(),
            rubric_hash: interview.rubric_hash()?,
            created_at: now,
            completed_at: None,
            supersedes: None,
            overridden: Vec::new(),
            missing: Vec::new(),
            flags: Vec::new(),
            calibration: None,
            key_points: Vec::new(),
            calls: Vec::new(),
        })
    }

    /// Asks the evaluator.
    pub(super) fn judged(
        &self,
        interview: &Interview,
        asked: &Evaluation,
        calibration: &Result<Option<Calibration>>,
        call: &Call,
    ) -> Result<Judgement> {
        let rubric = interview.effective_rubric();
        let calibration = calibration.as_ref().map_err(|error| Error::new(error.kind(), error.to_string()))?;
        let request = JudgeRequest::new(interview, &rubric, asked.language, &asked.exchanges);
        let request = JudgeRequest { calibration: calibration.as_ref(), ..request };
        let token = call.patience.token();
        #[cfg(feature = "llm")]
        let owner = Some(self.owner(interview.id));
        #[cfg(not(feature = "llm"))]
        let owner = None;
        let request = self.with_call(request, call, &token, &asked.rubric_hash, owner.as_ref());
        self.judge(&request, call)
    }

    /// The evaluation with its result. What cannot be judged is `failed`, with the reason, and has no score.
    pub(super) fn concluded(&self, interview: &Interview, asked: &Evaluation, judged: Result<Judgement>) -> Evaluation {
        let mut evaluation = conclusion(interview, asked, judged, || self.inner.evaluator.info());
        evaluation.completed_at = Some(self.now());
        evaluation
    }

    /// Makes a new evaluation, or leaves it to a worker where the call says so. Of an interview that was a draft: a retryable `conflict` where its log has gone on.
    pub(super) fn make(
        &self,
        interview: &Interview,
        draft: Option<u64>,
        asked: Evaluation,
        claim: Option<KeyClaim>,
        call: &Call,
    ) -> Result<Arc<Evaluation>> {
        // What takes no time is kept in one write with its result.
        if self.evaluator(call).is_instant() && !call.queued {
            let judged = self.judged(interview, &asked, &self.correcting_judgement(interview)?, call);
            let done = self.concluded(interview, &asked, judged);
            let kept = self.save_new(done, draft, None, claim, call)?;
            // Somebody else was faster, and may still be at it.
            return if kept.status.is_final() { Ok(kept) } else { self.finish(interview, kept, None, call) };
        }
        let lease = self.first_lease(call);
        let id = asked.id;
        let kept = self.save_new(asked, draft, lease, claim, call)?;
        match kept.status.is_final() {
            true => Ok(kept),
            // Where somebody else was faster, under this key or for this session, theirs is waited for.
            false => self.finish(interview, Arc::clone(&kept), lease.filter(|_| kept.id == id), call),
        }
    }

    /// Makes the result of an evaluation that is kept without one, under the lease that the caller has on it, if any. Where another judges it, its result is waited for, also by
    /// an evaluator that takes no time, whose result counts where nobody holds a lease. A call that leaves it to a worker is answered as it is.
    pub(super) fn finish(
        &self,
        interview: &Interview,
        asked: Arc<Evaluation>,
        mut held: Option<Lease>,
        call: &Call,
    ) -> Result<Arc<Evaluation>> {
        if call.queued {
            return Ok(asked);
        }
        let calibration = self.correcting_judgement(interview)?;
        if self.evaluator(call).is_instant() {
            let done = self.concluded(interview, &asked, self.judged(interview, &asked, &calibration, call));
            if let Kept::Own(kept) | Kept::Others(kept) = self.keep_result(done, None)? {
                return Ok(kept);
            }
        }
        let mut pause = FIRST_LOOK;
        loop {
            let Some(lease) = held.take() else {
                let lease = self.new_lease();
                match self.store().lease_evaluation(&self.tenant, asked.id, self.now(), lease)? {
                    Leased::Yours => held = Some(lease),
                    Leased::Gone => return self.read_evaluation(asked.id),
                    Leased::HeldUntil(_) => {
                        call.patience.pause(pause, "another call or worker judged the answers")?;
                        pause = LONGEST_LOOK.min(pause * 2);
                    }
                }
                continue;
            };
            let (judged, lost) =
                self.under_lease(asked.id, lease, call, |call| self.judged(interview, &asked, &calibration, call));
            if lost && !is_whole(&judged) {
                continue;
            }
            if !is_whole(&judged)
                && let Err(over) = call.patience.check("the answers were judged")
            {
                // Whoever asks again, or a worker, goes on with it.
                self.store().release_job(asked.id, lease.token, self.now(), false)?;
                self.inner.queue.wake();
                return Err(over);
            }
            let done = self.concluded(interview, &asked, judged);
            if let Kept::Own(kept) | Kept::Others(kept) = self.keep_result(done, Some(lease))? {
                return Ok(kept);
            }
        }
    }

    /// Keeps a result that was made under a lease, or while nobody had one.
    pub(super) fn keep_result(&self, done: Evaluation, lease: Option<Lease>) -> Result<Kept> {
        let done = Arc::new(done);
        let write = EvaluationWrite { lease, ..write_of(Arc::clone(&done))? };
        let events = vec![self.recorder(&done).evaluation(&done, &write.document, self.salt())?];
        let save =
            SaveEvaluation { tenant: Arc::clone(&self.tenant), write, draft: None, new: false, events, key: None };
        if self.store().save_evaluation(save)? == Written::Done {
            self.inner.hub.wake();
            return Ok(Kept::Own(done));
        }
        // It took so long that another has finished it, whose result stays, or is at it.
        let kept = self.read_evaluation(done.id)?;
        Ok(if kept.status.is_final() { Kept::Others(kept) } else { Kept::UnderWay })
    }

    /// Keeps a new evaluation in one write: with its result, or without, to be judged under `lease` or by a worker.
    pub(super) fn save_new(
        &self,
        new: Evaluation,
        draft: Option<u64>,
        lease: Option<Lease>,
        claim: Option<KeyClaim>,
        call: &Call,
    ) -> Result<Arc<Evaluation>> {
        let new = Arc::new(new);
        let write = EvaluationWrite { lease, ..write_of(Arc::clone(&new))? };
        let recorder = self.recorder(&new);
        let mut events = Vec::with_capacity(2);
        if new.overridden.is_empty() {
            events.push(recorder.evaluation_requested(new.id, self.salt())?);
        }
        if new.status.is_final() {
            events.push(recorder.evaluation(&new, &write.document, self.salt())?);
        }
        let save = SaveEvaluation { tenant: Arc::clone(&self.tenant), draft, write, new: true, events, key: claim };
        match (self.store().save_evaluation(save)?, claim) {
            (Written::Done, _) => {
                self.inner.hub.wake();
                if lease.is_none() && !new.status.is_final() {
                    self.inner.queue.wake();
                }
                Ok(new)
            }
            (Written::KeyTaken(record), Some(claim)) => self.evaluated(&record, &claim, call),
            (Written::KeyTaken(_), None) => Err(Error::internal("a key was taken that nobody gave")),
            (Written::Stale, _) if draft.is_some() => {
                let words = format!("interview {} was changed meanwhile", new.interview_id);
                Err(Error::conflict(words).retryable())
            }
            (Written::Stale, _) => match new.supersedes {
                Some(earlier) => Err(self.not_superseded(earlier)?),
                // Another process has evaluated the session, or its interview was erased.
                None => {
                    let of_session = new.session_id.map(|id| self.store().evaluation_of_session(&self.tenant, id));
                    of_session.transpose()?.flatten().ok_or_else(|| Error::not_found("interview", new.interview_id))
                }
            },
        }
    }

    /// A hold on an evaluation that is judged here and now; none where that takes no time, or is left to a worker.
    pub(super) fn first_lease(&self, call: &Call) -> Option<Lease> {
        (!call.queued && !self.evaluator(call).is_instant()).then(|| self.new_lease())
    }

    pub(super) fn new_lease(&self) -> Lease {
        Lease { token: self.inner.entropy.bytes(), until: self.now() + LEASE }
    }

    /// Works for as long as it takes while the lease is renewed; whether it was lost meanwhile, which the work is told by its call's patience.
    pub(super) fn under_lease<T>(
        &self,
        id: EvaluationId,
        lease: Lease,
        call: &Call,
        work: impl FnOnce(&Call) -> T,
    ) -> (T, bool) {
        if self.evaluator(call).is_instant() {
            return (work(call), false);
        }
        let lost = Arc::new(AtomicBool::new(false));
        let call = Call { patience: call.patience.until_lost(&lost), ..call.clone() };
        let (done, ended) = (Mutex::new(false), Condvar::new());
        let renew = || {
            let mut done = done.lock();
            while !*done && !lost.load(Ordering::Acquire) {
                if !ended.wait_for(&mut done, RENEWAL).timed_out() {
                    continue;
                }
                let renewed = parking_lot::MutexGuard::unlocked(&mut done, || {
                    self.store().renew_lease(id, Lease { until: self.now() + LEASE, ..lease })
                });
                // A store that fails may be back before the lease is over.
                lost.store(matches!(renewed, Ok(false)), Ordering::Release);
            }
        };
        let done = std::thread::scope(|scope| {
            // Without a thread the lease may be lost, and the work be done twice; its result is kept once all the same.
            let _ = std::thread::Builder::new().name("vivavoce-lease".into()).spawn_scoped(scope, renew);
            let _ends = Ends { done: &done, ended: &ended };
            work(&call)
        });
        (done, lost.load(Ordering::Acquire))
    }

    pub(super) fn recorder(&self, evaluation: &Evaluation) -> Recorder {
        Recorder { interview_id: evaluation.interview_id, session_id: evaluation.session_id, time: self.now() }
    }
}

/// Whether a judgement is all that there will be.
pub(super) fn is_whole(judged: &Result<Judgement>) -> bool {
    judged.as_ref().is_ok_and(|judgement| !judgement.failure.as_ref().is_some_and(Error::is_retryable))
}

/// Ends the renewal of a lease in whatever way the work ends.
struct Ends<'a> {
    done: &'a Mutex<bool>,
    ended: &'a Condvar,
}

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        *self.done.lock() = true;
        self.ended.notify_all();
    }
}

/// An evaluation with the result that follows from a judgement, but for the time.
pub(super) fn conclusion(
    interview: &Interview,
    asked: &Evaluation,
    judged: Result<Judgement>,
    info: impl FnOnce() -> crate::EvaluatorInfo,
) -> Evaluation {
    let mut evaluation = asked.clone();
    let judgement = match judged {
        Ok(judgement) => judgement,
        Err(error) => {
            evaluation.evaluator = info();
            evaluation.status = EvaluationStatus::Failed;
            evaluation.failure = Some(format!("{}: {error}", error.kind()));
            return evaluation;
        }
    };
    let rubric = interview.effective_rubric();
    let request = JudgeRequest::new(interview, &rubric, asked.language, &asked.exchanges);
    evaluation.evaluator = judgement.evaluator.unwrap_or_else(info);
    evaluation.missing = judgement.missing;
    evaluation.flags = judgement.flags;
    evaluation.calls = judgement.calls;
    evaluation.key_points = judgement.key_points;
    evaluation.calibration = judgement.calibration;
    let is_answered = |exchange: u32| {
        request.exchanges.get(exchange as usize).is_some_and(|exchange| !exchange.answer.trim().is_empty())
    };
    let has_any = judgement.ratings.iter().any(|rating| is_answered(rating.exchange));
    evaluation.status = match (evaluation.missing.is_empty(), has_any) {
        (true, _) => EvaluationStatus::Completed,
        (false, true) => EvaluationStatus::Partial,
        (false, false) => EvaluationStatus::Failed,
    };
    evaluation.failure = failure(&evaluation.missing, has_any);
    if evaluation.status == EvaluationStatus::Failed {
        return evaluation;
    }
    let scores = evaluator::score(&request, &judgement.ratings, &asked.unanswered, asked.unanswered_policy);
    evaluation.score = scores.score;
    evaluation.competencies = scores.competencies;
    evaluation.ratings = judgement.ratings;
    evaluation.feedback = judgement.feedback;
    evaluation.strengths = judgement.strengths;
    evaluation.weaknesses = judgement.weaknesses;
    evaluation.recommendations = judgement.recommendations;
    evaluation.needs_review = judgement.needs_review;
    evaluation.needs_review.extend(evaluator::incomplete(&request, &evaluation.missing));
    evaluation
}

/// Why ratings are missing: the first reason, and how many more there are; just the reason, where it is the same for all that there is.
fn failure(missing: &[Missing], has_any: bool) -> Option<String> {
    let first = missing.first()?;
    if !has_any && missing.iter().all(|it| it.reason == first.reason) {
        return Some(first.reason.clone());
    }
    let what = match &first.competency {
        Some(competency) => format!("answer {}, {competency}: {}", first.exchange + 1, first.reason),
        None => format!("answer {}: {}", first.exchange + 1, first.reason),
    };
    Some(match missing.len() - 1 {
        0 => what,
        more => format!("{what}; and {more} more"),
    })
}

pub(super) fn write_of(evaluation: Arc<Evaluation>) -> Result<EvaluationWrite> {
    let document = evaluation_document(&evaluation)?;
    Ok(EvaluationWrite { evaluation, document, lease: None })
}

/// What a caller is told who wants to supersede an evaluation that was superseded.
pub(super) fn superseded(earlier: EvaluationId, by: EvaluationId) -> Error {
    Error::new(ErrorKind::Conflict, format!("evaluation {earlier} was superseded by {by}"))
}
