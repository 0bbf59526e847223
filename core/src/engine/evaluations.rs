//! Having answers judged, and reading what came of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::call::check_record;
use super::metrics::Operation;
use super::steps::{Ending, expect_version, not_over};
use super::{CallOptions, Engine, deadline};
use crate::audit::{Recorder, evaluation_document};
use crate::domain::{
    AnswerEvaluation, Evaluation, EvaluationId, EvaluationStatus, Exchange, Interview, InterviewId, InterviewType,
    Language, NewInterview, Question, Rubric, Session, SessionId, SessionStatus, Unanswered, limits,
};
use crate::error::{Error, ErrorKind, Result};
use crate::evaluator::{self, JudgeRequest, Judgement};
use crate::report::Scorecard;
use crate::session;
use crate::store::{EvaluationWrite, KeyClaim, KeyRecord, KeyResult, Live, SaveEvaluation, Written};

/// How an answer without an interview is judged.
///
/// ```
/// use vivavoce::{AnswerOptions, InterviewType};
///
/// let options = AnswerOptions { interview_type: InterviewType::Technical, ..AnswerOptions::default() };
/// assert!(options.rubric.is_none());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerOptions {
    /// Decides the standard rubric.
    pub interview_type: InterviewType,
    /// The language to write in.
    pub language: Language,
    /// The job, up to 50,000 characters.
    pub job_description: Option<String>,
    /// The rubric; the standard one of the type where none is given.
    pub rubric: Option<Rubric>,
}

impl Default for AnswerOptions {
    fn default() -> Self {
        Self {
            interview_type: InterviewType::General,
            language: Language::default(),
            job_description: None,
            rubric: None,
        }
    }
}

/// What became of the wish to end a session.
enum Ended {
    /// It has ended, now or before.
    Session(Arc<Session>),
    /// It was ended under this very key.
    Before(KeyRecord, KeyClaim),
}

impl Engine {
    /// Ends a session and has it evaluated before answering. On an ended session, the evaluation it has, made now if there is none or the last one failed.
    ///
    /// A failing evaluator is no error: the evaluation is then `failed` and says why, and nothing that was said is lost.
    ///
    /// # Errors
    /// `not_found`.
    pub fn end_session(&self, session: SessionId) -> Result<Arc<Evaluation>> {
        self.end_session_with(session, &CallOptions::default())
    }

    /// Ends a session, with options of this call.
    ///
    /// # Errors
    /// As [`end_session`](Self::end_session); `conflict` where the session is not at the version that the caller named.
    pub fn end_session_with(&self, id: SessionId, options: &CallOptions) -> Result<Arc<Evaluation>> {
        self.run(Operation::EndSession, || {
            let claim = options.claim(&self.tenant, "end_session", id, &())?;
            let deadline = deadline(options.timeout);
            let _alone = self.alone(claim.as_ref(), deadline)?;
            if let Some(claim) = &claim
                && let Some(record) = self.store().key(&claim.scope)?
            {
                return self.evaluated(&record, claim, deadline);
            }
            let live = self.inner.cache.live(id);
            // One evaluation at a time: a second caller finds the first one's.
            let _judging = live.lock_judging(deadline)?;
            let ended = {
                let _writing = live.lock_writes(deadline)?;
                self.ended(&live, id, claim, options.expected_version, deadline)?
            };
            let session = match ended {
                Ended::Session(session) => session,
                // Another process was faster.
                Ended::Before(record, claim) => return self.evaluated(&record, &claim, deadline),
            };
            let interview = self.plan(&live, &session)?;
            let kept = self.store().evaluation_of_session(&self.tenant, id)?;
            match kept {
                Some(kept) if matches!(kept.status, EvaluationStatus::Completed | EvaluationStatus::Partial) => {
                    Ok(kept)
                }
                Some(kept) if !kept.status.is_final() => self.finish(&interview, &kept, deadline),
                _ => {
                    let exchanges = session::exchanges(&interview, &session.messages);
                    let new = self.request(&interview, session.session_language, Some(id), exchanges)?;
                    self.save_new(&interview, new, claim, deadline)
                }
            }
        })
    }

    /// Ends the session if it is active, asking for its evaluation in the same write.
    fn ended(
        &self,
        live: &Live,
        id: SessionId,
        claim: Option<KeyClaim>,
        expected_version: Option<u64>,
        deadline: Option<Instant>,
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
                return Ok(Ended::Session(session));
            }
            let interview = self.plan(live, &session)?;
            let exchanges = session::exchanges(&interview, &session.messages);
            let evaluation = self.request(&interview, session.session_language, Some(id), exchanges)?;
            let key = claim.map(|claim| (claim, KeyResult::Evaluation(evaluation.id)));
            let ending = Ending { status: SessionStatus::Completed, evaluation: Some(write_of(Arc::new(evaluation))?) };
            if let (Written::Done, after) = self.end(live, &session, ending, "application", key)? {
                return Ok(Ended::Session(after));
            }
            not_over(deadline)?;
        }
    }

    /// The evaluation that was made under a key.
    fn evaluated(&self, record: &KeyRecord, claim: &KeyClaim, deadline: Option<Instant>) -> Result<Arc<Evaluation>> {
        check_record(record, claim)?;
        let KeyResult::Evaluation(id) = record.result else {
            return Err(Error::internal("a key of one operation holds another's result"));
        };
        let kept = self.read_evaluation(id)?;
        if kept.status.is_final() {
            return Ok(kept);
        }
        // Its first caller died, or is still at it: who finishes first is kept.
        let interview = self.read_interview(kept.interview_id)?;
        self.finish(&interview, &kept, deadline)
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
    /// As [`evaluate`](Self::evaluate); `conflict` where the key was used for other answers.
    pub fn evaluate_with(
        &self,
        interview: InterviewId,
        answers: &BTreeMap<u32, String>,
        options: &CallOptions,
    ) -> Result<Arc<Evaluation>> {
        self.run(Operation::Evaluate, || {
            let claim = options.claim(&self.tenant, "evaluate", interview, answers)?;
            let deadline = deadline(options.timeout);
            let _alone = self.alone(claim.as_ref(), deadline)?;
            if let Some(claim) = &claim
                && let Some(record) = self.store().key(&claim.scope)?
            {
                return self.evaluated(&record, claim, deadline);
            }
            let plan = self.read_interview(interview)?;
            let mut exchanges = Vec::with_capacity(answers.len());
            for (question, answer) in answers {
                limits::optional_text(&format!("answers[{question}]"), answer, limits::MAX_MESSAGE)?;
                let planned = plan.questions.get(*question as usize).ok_or_else(|| {
                    Error::invalid_input(format!(
                        "answers[{question}]: the interview has {} questions",
                        plan.questions.len()
                    ))
                })?;
                exchanges.push(Exchange {
                    question: Some(*question),
                    question_text: planned.text.clone(),
                    probe: false,
                    answer: answer.clone(),
                });
            }
            let new = self.request(&plan, plan.interview_language, None, exchanges)?;
            self.save_new(&plan, new, claim, deadline)
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

    fn read_evaluation(&self, id: EvaluationId) -> Result<Arc<Evaluation>> {
        self.store().evaluation(&self.tenant, id)?.ok_or_else(|| Error::not_found("evaluation", id))
    }

    /// Judges one answer without keeping anything. A blank answer scores 0.
    ///
    /// ```
    /// use vivavoce::{AnswerOptions, Engine, Question};
    ///
    /// let engine = Engine::open("memory:")?;
    /// let question = Question::new("What is a deadlock?").key_point("two threads wait for each other's lock");
    /// let found = engine.evaluate_answer(&question, "Two threads wait for the lock of the other.", &AnswerOptions::default())?;
    /// assert!(found.score > 0.3);
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_input` where a limit is broken; what the evaluator answers where it fails.
    pub fn evaluate_answer(
        &self,
        question: &Question,
        answer: &str,
        options: &AnswerOptions,
    ) -> Result<AnswerEvaluation> {
        self.run(Operation::EvaluateAnswer, || self.judge_answer(question, answer, options))
    }

    /// Judges many answers on all processors; the results stand in the order of the answers, each with its own error.
    ///
    /// # Errors
    /// `invalid_state` on a closed engine.
    pub fn evaluate_answers(
        &self,
        answers: &[(Question, String)],
        options: &AnswerOptions,
    ) -> Result<Vec<Result<AnswerEvaluation>>> {
        self.run(Operation::EvaluateAnswer, || {
            let threads = std::thread::available_parallelism().map_or(1, usize::from).min(answers.len().max(1));
            let each = answers.len().div_ceil(threads).max(1);
            let judge = |part: &[(Question, String)]| -> Vec<Result<AnswerEvaluation>> {
                part.iter().map(|(question, answer)| self.judge_answer(question, answer, options)).collect()
            };
            std::thread::scope(|scope| {
                let parts: Vec<_> = answers.chunks(each).map(|part| scope.spawn(move || judge(part))).collect();
                let mut results = Vec::with_capacity(answers.len());
                for part in parts {
                    results.extend(part.join().map_err(|_| Error::internal("judging panicked"))?);
                }
                Ok(results)
            })
        })
    }

    fn judge_answer(&self, question: &Question, answer: &str, options: &AnswerOptions) -> Result<AnswerEvaluation> {
        limits::optional_text("answer", answer, limits::MAX_MESSAGE)?;
        let plan = NewInterview {
            job_description: options.job_description.clone(),
            rubric: options.rubric.clone(),
            ..NewInterview::new("-", options.interview_type).language(options.language).question(question.clone())
        };
        plan.check()?;
        let interview = plan.into_interview(uuid::Uuid::nil().into(), chrono::DateTime::UNIX_EPOCH);
        let rubric = interview.effective_rubric();
        let exchanges = [Exchange {
            question: Some(0),
            question_text: question.text.clone(),
            probe: false,
            answer: answer.to_owned(),
        }];
        let request = JudgeRequest::new(&interview, &rubric, options.language, &exchanges);
        let judgement = self.judge(&request)?;
        let scores = evaluator::score(&request, &judgement.ratings, &[], Unanswered::Ignored);
        Ok(AnswerEvaluation {
            score: scores.score.unwrap_or(0.0),
            ratings: judgement.ratings,
            feedback: judgement.feedback,
            strengths: judgement.strengths,
            weaknesses: judgement.weaknesses,
            recommendations: judgement.recommendations,
            needs_review: judgement.needs_review,
            evaluator: self.inner.evaluator.info(),
            rubric_hash: rubric.hash()?,
        })
    }

    /// A judgement that was checked.
    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement> {
        let judgement = self.guarded("evaluator", || self.inner.evaluator.judge(request))?;
        evaluator::check(request, &judgement)?;
        Ok(judgement)
    }

    /// An evaluation that is asked for.
    fn request(
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
            rubric_hash: interview.effective_rubric().hash()?,
            created_at: now,
            completed_at: None,
        })
    }

    /// The evaluation with its result. What cannot be judged is `failed`, with the reason, and has no score.
    fn result(&self, interview: &Interview, asked: &Evaluation, deadline: Option<Instant>) -> Evaluation {
        let rubric = interview.effective_rubric();
        let request = JudgeRequest::new(interview, &rubric, asked.language, &asked.exchanges);
        let request = JudgeRequest { deadline, ..request };
        let mut evaluation = asked.clone();
        evaluation.evaluator = self.inner.evaluator.info();
        match self.judge(&request) {
            Ok(judgement) => {
                let scores = evaluator::score(&request, &judgement.ratings, &asked.unanswered, asked.unanswered_policy);
                evaluation.status = EvaluationStatus::Completed;
                evaluation.score = scores.score;
                evaluation.competencies = scores.competencies;
                evaluation.ratings = judgement.ratings;
                evaluation.feedback = judgement.feedback;
                evaluation.strengths = judgement.strengths;
                evaluation.weaknesses = judgement.weaknesses;
                evaluation.recommendations = judgement.recommendations;
                evaluation.needs_review = judgement.needs_review;
            }
            Err(error) => {
                evaluation.status = EvaluationStatus::Failed;
                evaluation.failure = Some(format!("{}: {error}", error.kind()));
            }
        }
        evaluation.completed_at = Some(self.now());
        evaluation
    }

    /// Makes the result of an evaluation that is kept without one.
    fn finish(&self, interview: &Interview, asked: &Evaluation, deadline: Option<Instant>) -> Result<Arc<Evaluation>> {
        let done = Arc::new(self.result(interview, asked, deadline));
        let write = write_of(Arc::clone(&done))?;
        let events = vec![self.recorder(&done).evaluation(&done, &write.document, self.salt())?];
        let save = SaveEvaluation { tenant: Arc::clone(&self.tenant), write, new: false, events, key: None };
        match self.store().save_evaluation(save)? {
            Written::Done => {
                self.inner.hub.wake();
                Ok(done)
            }
            // Somebody else finished it: that result stays.
            Written::Stale | Written::KeyTaken(_) => self.read_evaluation(done.id),
        }
    }

    /// Makes and keeps a new evaluation in one write.
    fn save_new(
        &self,
        interview: &Interview,
        asked: Evaluation,
        claim: Option<KeyClaim>,
        deadline: Option<Instant>,
    ) -> Result<Arc<Evaluation>> {
        let done = Arc::new(self.result(interview, &asked, deadline));
        let write = write_of(Arc::clone(&done))?;
        let recorder = self.recorder(&done);
        let events = vec![
            recorder.evaluation_requested(done.id, self.salt())?,
            recorder.evaluation(&done, &write.document, self.salt())?,
        ];
        let save = SaveEvaluation { tenant: Arc::clone(&self.tenant), write, new: true, events, key: claim };
        match (self.store().save_evaluation(save)?, claim) {
            (Written::Done, _) => {
                self.inner.hub.wake();
                Ok(done)
            }
            (Written::KeyTaken(record), Some(claim)) => self.evaluated(&record, &claim, deadline),
            (Written::KeyTaken(_), None) => Err(Error::new(ErrorKind::Internal, "a key was taken that nobody gave")),
            // Another process has evaluated the session, or its interview was erased.
            (Written::Stale, _) => {
                let of_session = asked.session_id.map(|id| self.store().evaluation_of_session(&self.tenant, id));
                of_session.transpose()?.flatten().ok_or_else(|| Error::not_found("interview", interview.id))
            }
        }
    }

    fn recorder(&self, evaluation: &Evaluation) -> Recorder {
        Recorder { interview_id: evaluation.interview_id, session_id: evaluation.session_id, time: self.now() }
    }
}

fn write_of(evaluation: Arc<Evaluation>) -> Result<EvaluationWrite> {
    let document = evaluation_document(&evaluation)?;
    Ok(EvaluationWrite { evaluation, document })
}
