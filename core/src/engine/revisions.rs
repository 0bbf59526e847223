//! Evaluations that take the place of others: made again, or with a score that a person changed. And judging again from the stored replies.

use std::sync::Arc;

use super::judging::{conclusion, superseded};
use super::metrics::Operation;
use super::{CallOptions, Engine};
use crate::domain::{Basis, Evaluation, EvaluationId, EvaluationStatus, Interview, Override, limits};
use crate::error::{Error, ErrorKind, Result};
use crate::evaluator::{self, JudgeRequest};

impl Engine {
    /// Has the same answers judged again, by the evaluator that the engine has now. The new evaluation supersedes the earlier one, which stays as it is.
    ///
    /// # Errors
    /// `not_found`; `invalid_state` where the evaluation is not finished; `conflict` where it was superseded already.
    pub fn re_evaluate(&self, id: EvaluationId) -> Result<Arc<Evaluation>> {
        self.re_evaluate_with(id, &CallOptions::default())
    }

    /// Has the same answers judged again, with options of this call.
    ///
    /// # Errors
    /// As [`re_evaluate`](Self::re_evaluate); `timeout` where the call's time passed or it was cancelled: the evaluation is then still asked for.
    pub fn re_evaluate_with(&self, id: EvaluationId, options: &CallOptions) -> Result<Arc<Evaluation>> {
        self.evaluating(Operation::ReEvaluate, (id, &()), options, |engine, call, claim| {
            let earlier = engine.superseding(id)?;
            let interview = engine.read_interview(earlier.interview_id)?;
            let exchanges = earlier.exchanges.clone();
            let mut new = engine.request(&interview, earlier.language, earlier.session_id, exchanges)?;
            new.supersedes = Some(engine.standing(earlier)?);
            engine.make(&interview, None, new, claim, call)
        })
    }

    /// Puts a person's score in the place of a judge's: of the whole evaluation, or of one rating, from which the evaluation's scores then follow, unless a person has decided
    /// on the whole. The rating's reason is then the person's, and its quotes, which were a judge's, are gone. The new evaluation supersedes the earlier one, which stays as
    /// it is; who did it and why is in the new one, and that it was done in the audit log.
    ///
    /// ```
    /// use vivavoce::{Engine, InterviewType, NewInterview, Override};
    ///
    /// let engine = Engine::open("memory:")?;
    /// let interview = engine.create_interview(NewInterview::new("Ada", InterviewType::General).question("Why?"))?;
    /// let made = engine.evaluate(interview.id, &[(0, "Because I like it.".to_owned())].into())?;
    /// let changed = engine.override_score(made.id, Override::new(0.8, "J. Smith", "The candidate answered by telephone."))?;
    /// assert_eq!(changed.score, Some(0.8));
    /// assert_eq!(engine.evaluation(made.id)?.score, made.score);
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` where the score is not within 0 to 1, name or reason are blank, or there is no such rating; `invalid_state` where the evaluation has no
    /// score yet; `conflict` where it was superseded already.
    pub fn override_score(&self, id: EvaluationId, change: Override) -> Result<Arc<Evaluation>> {
        self.override_score_with(id, change, &CallOptions::default())
    }

    /// Puts a person's score in the place of a judge's, with options of this call.
    ///
    /// # Errors
    /// As [`override_score`](Self::override_score).
    pub fn override_score_with(
        &self,
        id: EvaluationId,
        change: Override,
        options: &CallOptions,
    ) -> Result<Arc<Evaluation>> {
        self.evaluating(Operation::OverrideScore, (id, &change), options, |engine, call, claim| {
            limits::required_text("by", &change.by, limits::MAX_LABEL)?;
            limits::required_text("reason", &change.reason, limits::MAX_QUESTION)?;
            if !(0.0..=1.0).contains(&change.score) {
                return Err(Error::invalid_input("score is not within 0 to 1"));
            }
            let earlier = engine.superseding(id)?;
            if earlier.score.is_none() {
                return Err(Error::invalid_state(format!("evaluation {id} has no score")));
            }
            let interview = engine.read_interview(earlier.interview_id)?;
            let mut new = changed(&interview, &earlier, change.clone())?;
            let now = engine.now();
            new.id = EvaluationId::new(now, engine.id_entropy());
            (new.created_at, new.completed_at) = (now, Some(now));
            engine.save_new(new, None, None, claim, call)
        })
    }

    /// Judges again from the stored replies, without asking anybody, and says what comes of it: the same evaluation, byte for byte, unless it was tampered with. Nothing is
    /// kept.
    ///
    /// # Errors
    /// `not_found`; `invalid_state` where the evaluation is not finished; `unsupported` where it was made by an application's own evaluator, by other rules than this
    /// library's, or failed before there was a reply.
    pub fn replay(&self, id: EvaluationId) -> Result<Evaluation> {
        self.run(Operation::Replay, || {
            let kept = self.read_evaluation(id)?;
            if !kept.status.is_final() {
                return Err(not_finished(id));
            }
            let interview = self.read_interview(kept.interview_id)?;
            self.replayed(&interview, &kept)
        })
    }

    fn replayed(&self, interview: &Interview, kept: &Evaluation) -> Result<Evaluation> {
        if let (Some(change), Some(earlier)) = (kept.overridden.last(), kept.supersedes) {
            let earlier = self.replayed(interview, &*self.read_evaluation(earlier)?)?;
            let mut again = changed(interview, &earlier, change.clone())?;
            (again.id, again.created_at, again.completed_at) = (kept.id, kept.created_at, kept.completed_at);
            return Ok(again);
        }
        let rubric = interview.effective_rubric();
        let calibration = self.correcting(kept.calibration.as_deref())?;
        let request = JudgeRequest::new(interview, &rubric, kept.language, &kept.exchanges);
        let request = JudgeRequest { calibration: calibration.as_ref(), ..request };
        let judgement = evaluator::replay(&request, kept)?;
        let mut again = conclusion(interview, kept, Ok(judgement), || kept.evaluator.clone());
        again.completed_at = kept.completed_at;
        Ok(again)
    }

    /// An evaluation that may be superseded.
    fn superseding(&self, id: EvaluationId) -> Result<Arc<Evaluation>> {
        let earlier = self.read_evaluation(id)?;
        if !earlier.status.is_final() {
            return Err(not_finished(id));
        }
        let standing = self.standing(Arc::clone(&earlier))?;
        match self.store().successor(&self.tenant, standing)? {
            Some(by) => Err(superseded(id, by)),
            None => Ok(earlier),
        }
    }

    /// What a new version of an evaluation supersedes: in the place of one that failed, what that was to supersede. So there is never more than one present version.
    pub(super) fn standing(&self, mut evaluation: Arc<Evaluation>) -> Result<EvaluationId> {
        while let (EvaluationStatus::Failed, Some(earlier)) = (evaluation.status, evaluation.supersedes) {
            evaluation = self.read_evaluation(earlier)?;
        }
        Ok(evaluation.id)
    }

    /// Why an evaluation could not be superseded.
    pub(super) fn not_superseded(&self, id: EvaluationId) -> Result<Error> {
        Ok(match self.store().successor(&self.tenant, id)? {
            Some(by) => superseded(id, by),
            // Who was faster has failed since; or its interview was erased.
            None => match self.store().evaluation(&self.tenant, id)? {
                Some(_) => Error::conflict(format!("evaluation {id} was superseded by one that failed")).retryable(),
                None => Error::not_found("evaluation", id),
            },
        })
    }
}

fn not_finished(id: EvaluationId) -> Error {
    Error::invalid_state(format!("evaluation {id} is not finished"))
}

/// The evaluation with a person's score, but for its id and times.
fn changed(interview: &Interview, earlier: &Evaluation, change: Override) -> Result<Evaluation> {
    let mut new = earlier.clone();
    match &change.rating {
        None => new.score = Some(change.score),
        Some(place) => {
            let is_it = |it: &&mut crate::Rating| it.exchange == place.exchange && it.competency == place.competency;
            let rating = new.ratings.iter_mut().find(is_it).ok_or_else(|| {
                Error::new(ErrorKind::InvalidInput, "rating: the evaluation has none of this exchange and competency")
            })?;
            rating.score = change.score;
            rating.basis = Basis::Person;
            rating.reason.clone_from(&change.reason);
            (rating.quotes, rating.spread, rating.confidence) = (Vec::new(), None, 1.0);
            let rubric = interview.effective_rubric();
            let request = JudgeRequest::new(interview, &rubric, new.language, &new.exchanges);
            let scores = evaluator::score(&request, &new.ratings, &new.unanswered, new.unanswered_policy);
            new.competencies = scores.competencies;
            // A person's word on the whole stands until a person changes that.
            if !new.overridden.iter().any(|earlier| earlier.rating.is_none()) {
                new.score = scores.score;
            }
        }
    }
    new.supersedes = Some(earlier.id);
    new.overridden.push(change);
    Ok(new)
}
