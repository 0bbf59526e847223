//! Judging answers without an interview, and without keeping anything.

use super::metrics::Operation;
use super::{CallOptions, Engine};
use crate::domain::{
    AnswerEvaluation, Calibration, Exchange, Interview, InterviewType, Language, NewInterview, Question, Rubric,
    Unanswered, limits,
};
use crate::error::{Error, ErrorKind, Result};
use crate::evaluator::{self, JudgeRequest};
use crate::threads;

/// How many answers are judged at once by an evaluator that waits for others.
const WAITING: usize = 8;

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
    /// A calibration by which the built-in evaluator's scores are corrected: its name, for the newest of that name, or `name@version`; see
    /// [`Engine::calibrate`](crate::Engine::calibrate).
    pub calibration: Option<String>,
    /// How long the call may take, and what it brings; it has no use for keys and versions.
    pub call: CallOptions,
}

impl Default for AnswerOptions {
    fn default() -> Self {
        Self {
            interview_type: InterviewType::General,
            language: Language::default(),
            job_description: None,
            rubric: None,
            calibration: None,
            call: CallOptions::default(),
        }
    }
}

impl AnswerOptions {
    /// An interview with this question alone, and the exchange with this answer.
    pub(super) fn planned(&self, question: &Question, answer: &str) -> Result<(Interview, Exchange)> {
        limits::optional_text("answer", answer, limits::MAX_MESSAGE)?;
        let plan = NewInterview {
            job_description: self.job_description.clone(),
            rubric: self.rubric.clone(),
            calibration: self.calibration.clone(),
            ..NewInterview::new("-", self.interview_type).language(self.language).question(question.clone())
        };
        // There is one question, and the caller speaks of it by no number.
        plan.check()
            .map_err(|error| Error::new(error.kind(), error.to_string().replace("questions[0]", "question")))?;
        let interview = plan.into_interview(uuid::Uuid::nil().into(), chrono::DateTime::UNIX_EPOCH);
        let exchange = Exchange {
            question: Some(0),
            question_text: question.text.clone(),
            probe: false,
            answer: answer.to_owned(),
        };
        Ok((interview, exchange))
    }
}

impl Engine {
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
    /// `invalid_input` where a limit is broken, or there is no such calibration; what the evaluator answers where it fails, which it also does where it has no rating at all.
    pub fn evaluate_answer(
        &self,
        question: &Question,
        answer: &str,
        options: &AnswerOptions,
    ) -> Result<AnswerEvaluation> {
        self.run(Operation::EvaluateAnswer, || {
            let calibration = self.correcting(options.calibration.as_deref())?;
            self.judge_answer(question, answer, options, calibration.as_ref())
        })
    }

    /// Judges many answers at once, on all processors or, where an evaluator waits for others, more than that; the results stand in the order of the answers, each with its own error.
    ///
    /// # Errors
    /// `invalid_state` on a closed engine; `invalid_input` where there is no such calibration.
    pub fn evaluate_answers(
        &self,
        answers: &[(Question, String)],
        options: &AnswerOptions,
    ) -> Result<Vec<Result<AnswerEvaluation>>> {
        self.run(Operation::EvaluateAnswer, || {
            let processors = std::thread::available_parallelism().map_or(1, usize::from);
            let most = if self.inner.evaluator.is_instant() { processors } else { processors.max(WAITING) };
            let calibration = self.correcting(options.calibration.as_deref())?;
            let judged = threads::each(answers, most, |_, (question, answer)| {
                self.judge_answer(question, answer, options, calibration.as_ref())
            });
            let panicked = || Err(Error::internal("judging panicked"));
            Ok(judged.into_iter().map(|judged| judged.unwrap_or_else(panicked)).collect())
        })
    }

    fn judge_answer(
        &self,
        question: &Question,
        answer: &str,
        options: &AnswerOptions,
        calibration: Option<&Calibration>,
    ) -> Result<AnswerEvaluation> {
        let (interview, exchange) = options.planned(question, answer)?;
        let rubric = interview.effective_rubric();
        let exchanges = [exchange];
        let call = self.call(&options.call)?;
        let rubric_hash = interview.rubric_hash()?;
        let token = call.patience.token();
        let request = JudgeRequest::new(&interview, &rubric, options.language, &exchanges);
        let request = JudgeRequest { calibration, ..request };
        let judgement = self.judge(&self.with_call(request, &call, &token, &rubric_hash, None), &call)?;
        if let (true, Some(missing)) = (judgement.ratings.is_empty(), judgement.missing.first()) {
            let unusable = || Error::new(ErrorKind::Provider, missing.reason.clone());
            return Err(judgement.failure.unwrap_or_else(unusable));
        }
        let scores = evaluator::score(&request, &judgement.ratings, &[], Unanswered::Ignored);
        let mut needs_review = judgement.needs_review;
        needs_review.extend(evaluator::incomplete(&request, &judgement.missing));
        Ok(AnswerEvaluation {
            score: scores.score.unwrap_or(0.0),
            ratings: judgement.ratings,
            feedback: judgement.feedback,
            strengths: judgement.strengths,
            weaknesses: judgement.weaknesses,
            recommendations: judgement.recommendations,
            needs_review,
            evaluator: judgement.evaluator.unwrap_or_else(|| self.inner.evaluator.info()),
            rubric_hash,
            missing: judgement.missing,
            flags: judgement.flags,
            calibration: judgement.calibration,
            key_points: judgement.key_points,
            calls: judgement.calls,
        })
    }
}
