//! Having answers judged, and reading what came of it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use serde::Serialize;

use super::call::check_record;
use super::judging::write_of;
use super::metrics::Operation;
use super::steps::{Ending, expect_version, not_over};
use super::{Call, CallOptions, Engine};
use crate::domain::{
    Evaluation, EvaluationId, EvaluationStatus, Exchange, Interview, InterviewId, Session, SessionId, SessionStatus,
    limits,
};
use crate::error::{Error, ErrorKind, Result};
use crate::report::Scorecard;
use crate::session;
use crate::store::{
    EvaluationPage, EvaluationWrite, KeyClaim, KeyRecord, KeyResult, Lease, ListEvaluations, Live, Planned, Written,
};

/// What became of the wish to end a session.
enum Ended {
    /// It has ended: now, with a lease on its evaluation, or before.
    Session(Arc<Session>, Option<Lease>),
    /// It was ended under this very key.
    Before(KeyRecord, KeyClaim),
}

/// The answers with the questions that they were given to.
fn given(plan: &Interview, answers: &BTreeMap<u32, String>) -> Result<Vec<Exchange>> {
    let mut exchanges = Vec::with_capacity(answers.len());
    for (question, answer) in answers {
        limits::optional_text(&format!("answers[{question}]"), answer, limits::MAX_MESSAGE)?;
        let planned = plan.questions.get(*question as usize).ok_or_else(|| {
            Error::invalid_input(format!("answers[{question}]: the interview has {} questions", plan.questions.len()))
        })?;
        exchanges.push(Exchange {
            question: Some(*question),
            question_text: planned.text.clone(),
            probe: false,
            answer: answer.clone(),
        });
    }
    Ok(exchanges)
}

impl Engine {
    /// Ends a session and has it evaluated before answering. On an ended session, the evaluation it has, made now if there is none or the last one failed.
    ///
    /// A failing evaluator is no error: the evaluation is then `failed` and says why, and nothing that was said is lost.
    ///
    /// # Errors
    /// `not_found`; `timeout` where the call's time passed or it was cancelled: the evaluation is then still asked for, and a later call or a worker makes it.
    pub fn end_session(&self, session: SessionId) -> Result<Arc<Evaluation>> {
        self.end_session_with(session, &CallOptions::default())
    }

    /// Ends a session, with options of this call.
    ///
    /// # Errors
    /// As [`end_session`](Self::end_session); `conflict` where the session is not at the version that the caller named.
    pub fn end_session_with(&self, id: SessionId, options: &CallOptions) -> Result<Arc<Evaluation>> {
        self.evaluating(Operation::EndSession, (id, &()), options, |call, claim| {
            let live = self.inner.cache.live(id);
            // One evaluation at a time: a second caller finds the first one's. Who leaves it to a worker need not wait for it.
            let _judging = (!call.queued).then(|| live.lock_judging(&call.patience)).transpose()?;
            let ended = {
                let _writing = live.lock_writes(&call.patience)?;
                self.ended(&live, id, claim, options.expected_version, call)?
            };
            let (session, lease) = match ended {
                Ended::Session(session, lease) => (session, lease),
                // Another process was faster.
                Ended::Before(record, claim) => return self.evaluated(&record, &claim, call),
            };
            let interview = self.plan(&live, &session)?;
            match self.store().evaluation_of_session(&self.tenant, id)? {
                Some(kept) if kept.status == EvaluationStatus::Failed => self.again(&interview, kept, claim, call),
                Some(kept) if kept.status.is_final() => Ok(kept),
                Some(kept) => self.finish(&interview, kept, lease, call),
                None => {
                    let exchanges = session::exchanges(&interview, &session.messages);
                    let new = self.request(&interview, session.session_language, Some(id), exchanges)?;
                    self.make(&interview, None, new, claim, call)
                }
            }
        })
    }

    /// Makes an evaluation that failed again, or finds the one that was made in its place.
    fn again(
        &self,
        interview: &Interview,
        failed: Arc<Evaluation>,
        claim: Option<KeyClaim>,
        call: &Call,
    ) -> Result<Arc<Evaluation>> {
        let standing = self.standing(Arc::clone(&failed))?;
        loop {
            if let Some(by) = self.store().successor(&self.tenant, standing)? {
                let kept = self.read_evaluation(by)?;
                return if kept.status.is_final() { Ok(kept) } else { self.finish(interview, kept, None, call) };
            }
            let exchanges = failed.exchanges.clone();
            let mut new = self.request(interview, failed.language, failed.session_id, exchanges)?;
            new.supersedes = Some(standing);
            match self.make(interview, None, new, claim, call) {
                // Another process was faster, and what it makes is found now, unless that has failed as well.
                Err(error) if error.kind() == ErrorKind::Conflict && self.has_moved(standing, &error)? => {
                    not_over(&call.patience)?;
                }
                made => return made,
            }
        }
    }

    fn has_moved(&self, standing: EvaluationId, error: &Error) -> Result<bool> {
        Ok(error.is_retryable() || self.store().successor(&self.tenant, standing)?.is_some())
    }

    /// Does what makes an evaluation: one call with a key at a time, and where the key was used before, the evaluation that was made then.
    pub(super) fn evaluating<T: Serialize>(
        &self,
        operation: Operation,
        (parent, request): (impl Display, &T),
        options: &CallOptions,
        work: impl FnOnce(&Call, Option<KeyClaim>) -> Result<Arc<Evaluation>>,
    ) -> Result<Arc<Evaluation>> {
        self.run(operation, || {
            let claim = options.claim(&self.tenant, operation.as_str(), parent, request)?;
            let call = self.call(options)?;
            self.ensure_evaluator_asks(&call)?;
            let _alone = self.alone(claim.as_ref(), &call.patience)?;
            if let Some(claim) = &claim
                && let Some(record) = self.store().key(&claim.scope)?
            {
                return self.evaluated(&record, claim, &call);
            }
            work(&call, claim)
        })
    }

    /// Ends the session if it is active, asking for its evaluation in the same write, which leases it to the caller.
    fn ended(
        &self,
        live: &Live,
        id: SessionId,
        claim: Option<KeyClaim>,
        expected_version: Option<u64>,
        call: &Call,
    ) -> Result<Ended> {
        loop {
            let session = self.load(live, id)?.session;
            // The first success under a key counts, whatever has become of the session since.
            if session.status != SessionStatus::Active
                && let Some(claim) = claim
                && let Some(record) = self.store().key(&claim.scope)?
            {
                return Ok(Ended::Before(record, claim));
            }
            expect_version(&session, expected_version)?;
            if session.status != SessionStatus::Active {
                return Ok(Ended::Session(session, None));
            }
            let interview = self.plan(live, &session)?;
            let exchanges = session::exchanges(&interview, &session.messages);
            let evaluation = self.request(&interview, session.session_language, Some(id), exchanges)?;
            let key = claim.map(|claim| (claim, KeyResult::Evaluation(evaluation.id)));
            let lease = self.first_lease(call);
            let write = EvaluationWrite { lease, ..write_of(Arc::new(evaluation))? };
            let ending = Ending { status: SessionStatus::Completed, evaluation: Some(write) };
            if let (Written::Done, after) = self.end(live, &session, ending, "application", key)? {
                if call.queued {
                    self.inner.queue.wake();
                }
                return Ok(Ended::Session(after, lease));
            }
            not_over(&call.patience)?;
        }
    }

    /// The evaluation that was made under a key; where that failed, it is made again, since a key is for a success.
    pub(super) fn evaluated(&self, record: &KeyRecord, claim: &KeyClaim, call: &Call) -> Result<Arc<Evaluation>> {
        check_record(record, claim)?;
        let KeyResult::Evaluation(id) = record.result else {
            return Err(Error::internal("a key of one operation holds another's result"));
        };
        let kept = self.read_evaluation(id)?;
        let is_failed = kept.status == EvaluationStatus::Failed;
        if kept.status.is_final() && !is_failed {
            return Ok(kept);
        }
        let interview = self.read_interview(kept.interview_id)?;
        match is_failed {
            // No success yet.
            true => self.again(&interview, kept, None, call),
            // Its first caller died, or is still at it, and is then waited for.
            false => self.finish(&interview, kept, None, call),
        }
    }

    /// Has answers judged that were given without a session: by the place of their question in the plan, from 0. Blank answers count as none.
    ///
    /// # Errors
    /// `not_found` where there is no such interview; `invalid_input` where an answer is too long or belongs to no question.
    pub fn evaluate(&self, interview: InterviewId, answers: &BTreeMap<u32, String>) -> Result<Arc<Evaluation>> {
        self.evaluate_with(interview, answers, &CallOptions::default())
    }

    /// Has answers judged, with options of this call.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate); `conflict` where the key was used for other answers; `timeout` where the call's time passed or it was cancelled: the evaluation is then
    /// still asked for, and a worker makes it, or the same call with the same key.
    pub fn evaluate_with(
        &self,
        interview: InterviewId,
        answers: &BTreeMap<u32, String>,
        options: &CallOptions,
    ) -> Result<Arc<Evaluation>> {
        self.evaluating(Operation::Evaluate, (interview, answers), options, |call, claim| {
            loop {
                let Planned { interview: plan, draft } = self.read_planned(interview)?;
                let new = self.request(&plan, plan.interview_language, None, given(&plan, answers)?)?;
                match self.make(&plan, draft, new, claim, call) {
                    // The plan was replaced, or is none of a draft any more.
                    Err(error) if draft.is_some() && error.kind() == ErrorKind::Conflict && error.is_retryable() => {
                        not_over(&call.patience)?;
                    }
                    made => return made,
                }
            }
        })
    }

    /// Reads an evaluation.
    ///
    /// # Errors
    /// `not_found` where there is none, or its interview was erased.
    pub fn evaluation(&self, id: EvaluationId) -> Result<Arc<Evaluation>> {
        self.run(Operation::ReadEvaluation, || self.read_evaluation(id))
    }

    /// An interview's evaluations, oldest first.
    ///
    /// # Errors
    /// `not_found` where there is no such interview.
    pub fn evaluations(&self, interview: InterviewId) -> Result<Vec<EvaluationId>> {
        self.run(Operation::ReadEvaluation, || {
            self.read_interview(interview)?;
            self.store().evaluations_of(&self.tenant, interview)
        })
    }

    /// Lists evaluations of all interviews, newest first. One that has no result yet is `pending` or `running`, as [`evaluation`](Self::evaluation) says it.
    ///
    /// # Errors
    /// `invalid_input` where the limit or the cursor is wrong.
    pub fn list_evaluations(&self, list: &ListEvaluations) -> Result<EvaluationPage> {
        self.run(Operation::ListEvaluations, || {
            let query = list.resolve()?;
            Ok(list.page(self.store().list_evaluations(&self.tenant, &query)?))
        })
    }

    /// The scorecard of an evaluation: for people in Markdown or HTML, for programs in JSON.
    ///
    /// # Errors
    /// As [`evaluation`](Self::evaluation).
    pub fn scorecard(&self, id: EvaluationId) -> Result<Scorecard> {
        self.run(Operation::ReadEvaluation, || {
            let evaluation = self.read_evaluation(id)?;
            Ok(Scorecard::new(self.read_interview(evaluation.interview_id)?, evaluation))
        })
    }

    pub(super) fn read_evaluation(&self, id: EvaluationId) -> Result<Arc<Evaluation>> {
        self.store().evaluation(&self.tenant, id)?.ok_or_else(|| Error::not_found("evaluation", id))
    }
}
