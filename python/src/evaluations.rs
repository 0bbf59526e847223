//! Having answers judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList, PyMapping, PySequence, PyString};
use vivavoce::{AnswerOptions, CallOptions, EvaluationId, InterviewId, ListEvaluations, SessionId, limits};

use crate::calls::{CancelToken, Options};
use crate::classes::{AnswerEvaluation, Evaluation, EvaluationPage, Question};
use crate::document::Document as _;
use crate::engine::Engine;
use crate::error::raise;
use crate::interviews::read_rubric;
use crate::lists::Evaluations;
use crate::read::{name, read};
use crate::sessions::ids_of;
use crate::values::{Count, Id, Span, Text, count, owned};

/// A question as it is given: a text, a `Question`, or its fields.
pub(crate) fn read_question(given: &Bound<'_, PyAny>) -> PyResult<vivavoce::Question> {
    if let Ok(text) = given.cast::<PyString>() {
        return Ok(vivavoce::Question::new(text.extract::<Text<'_>>()?));
    }
    match given.cast::<Question>() {
        Ok(question) => Ok((*question.get().0).clone()),
        Err(_) => read("question", given),
    }
}

pub(crate) fn judging(
    py: Python<'_>,
    interview_type: &str,
    language: &str,
    job_description: Option<Text<'_>>,
    rubric: Option<&Bound<'_, PyAny>>,
    calibration: Option<Text<'_>>,
) -> PyResult<AnswerOptions> {
    Ok(AnswerOptions {
        interview_type: name(py, interview_type)?,
        language: name(py, language)?,
        job_description: owned(job_description),
        rubric: rubric.map(read_rubric).transpose()?,
        calibration: owned(calibration),
        call: CallOptions::default(),
    })
}

#[pymethods]
impl Engine {
    /// Ends a session and has it judged. On one that has ended, gives its evaluation, or makes one where there is none.
    ///
    /// Args:
    ///     session_id: The session.
    ///     queued: Whether to leave the judging to a worker (`run_worker`): the evaluation is then `pending`.
    ///     idempotency_key: Makes the call safe to repeat. An evaluation that failed is made again.
    ///     timeout: How long the call may wait, a `timedelta` or seconds.
    ///     expected_version: The session's version that the caller has seen.
    ///     cancel: Cancels the call from another thread.
    ///     model: The language model to ask in this call, `provider/model`.
    ///     provider: The service and the credentials for this call alone.
    ///
    /// Returns:
    ///     Evaluation: Where judging failed, its status is `failed` or `partial`, and `failure` says why: there is no made-up score.
    ///
    /// Raises:
    ///     NotFoundError: There is no such session.
    ///     InvalidStateError: The session was given up.
    ///     ConflictError: The session is not at the expected version.
    #[pyo3(signature = (session_id, *, queued=false, idempotency_key=None, timeout=None, expected_version=None, cancel=None, model=None, provider=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn end_session(
        &self,
        py: Python<'_>,
        session_id: Id<SessionId>,
        queued: bool,
        idempotency_key: Option<Text<'_>>,
        timeout: Option<Span>,
        expected_version: Option<Count<u64>>,
        cancel: Option<&Bound<'_, CancelToken>>,
        model: Option<Text<'_>>,
        provider: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Evaluation> {
        let options = Options { idempotency_key, timeout, expected_version, cancel, queued, model, provider };
        let evaluation =
            self.slow(py, "end_session", options, |engine, options| engine.end_session_with(session_id.0, options))?;
        Ok(Evaluation::of(evaluation))
    }

    /// Judges answers to an interview's questions that were given without a session, and keeps the evaluation.
    ///
    /// Args:
    ///     interview_id: The interview.
    ///     answers: The answers, by the question's place in the plan, from 0.
    ///     queued: Whether to leave the judging to a worker (`run_worker`).
    ///     idempotency_key: Makes the call safe to repeat. An evaluation that failed is made again.
    ///     timeout: How long the call may wait, a `timedelta` or seconds.
    ///     cancel: Cancels the call from another thread.
    ///     model: The language model to ask in this call, `provider/model`.
    ///     provider: The service and the credentials for this call alone.
    ///
    /// Raises:
    ///     NotFoundError: There is no such interview.
    ///     InvalidInputError: There is no such question, or an answer is too long.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who are you?", "Why us?"])
    ///     ...     evaluation = engine.evaluate(interview.id, {0: "I am a mathematician."})
    ///     >>> evaluation.unanswered
    ///     (1,)
    #[pyo3(signature = (interview_id, answers, *, queued=false, idempotency_key=None, timeout=None, cancel=None, model=None, provider=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn evaluate(
        &self,
        py: Python<'_>,
        interview_id: Id<InterviewId>,
        answers: &Bound<'_, PyMapping>,
        queued: bool,
        idempotency_key: Option<Text<'_>>,
        timeout: Option<Span>,
        cancel: Option<&Bound<'_, CancelToken>>,
        model: Option<Text<'_>>,
        provider: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Evaluation> {
        let mut given = BTreeMap::new();
        for entry in answers.items()? {
            let (question, answer): (Bound<'_, PyAny>, Bound<'_, PyAny>) = entry.extract()?;
            if !question.is_instance_of::<PyInt>() || !answer.is_instance_of::<PyString>() {
                return Err(PyTypeError::new_err("answers are texts, by the question's place in the plan"));
            }
            given.insert(question.extract::<Count<u32>>()?.0, answer.extract::<Text<'_>>()?.into());
        }
        let options = Options { idempotency_key, timeout, cancel, queued, model, provider, ..Options::default() };
        let evaluation = self
            .slow(py, "evaluate", options, |engine, options| engine.evaluate_with(interview_id.0, &given, options))?;
        Ok(Evaluation::of(evaluation))
    }

    /// Judges one answer without keeping anything. A blank answer scores 0.
    ///
    /// Args:
    ///     question: A text, a `Question`, or an object with its fields.
    ///     answer: What was answered, up to 32,000 characters.
    ///     interview_type: `general`, `technical` or `behavioral`; decides the standard rubric.
    ///     language: The language to write in, `en` or `zh-TW`.
    ///     job_description: The job, up to 50,000 characters.
    ///     rubric: How to judge; the standard rubric of the type where None.
    ///     calibration: By which calibration the built-in evaluator's scores are corrected: its name, for the newest of that name, or `name@version`; none where None. See `calibrate`.
    ///     timeout: How long the call may wait, a `timedelta` or seconds.
    ///     cancel: Cancels the call from another thread.
    ///     model: The language model to ask in this call, `provider/model`.
    ///     provider: The service and the credentials for this call alone.
    ///
    /// Raises:
    ///     InvalidInputError: A limit is broken, or there is no such calibration.
    ///     UnsupportedError: The calibration corrects the rules of another version of this library.
    ///     ProviderError: The evaluator failed, or has no rating at all.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine, Question
    ///     >>> question = Question("What is a deadlock?", key_points=["two threads wait for each other's lock"])
    ///     >>> with Engine() as engine:
    ///     ...     found = engine.evaluate_answer(question, "Two threads wait for the lock of the other.")
    ///     >>> found.score > 0.3
    ///     True
    #[pyo3(signature = (question, answer, *, interview_type="general", language="en", job_description=None, rubric=None, calibration=None, timeout=None, cancel=None, model=None, provider=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn evaluate_answer(
        &self,
        py: Python<'_>,
        question: &Bound<'_, PyAny>,
        answer: Text<'_>,
        interview_type: &str,
        language: &str,
        job_description: Option<Text<'_>>,
        rubric: Option<&Bound<'_, PyAny>>,
        calibration: Option<Text<'_>>,
        timeout: Option<Span>,
        cancel: Option<&Bound<'_, CancelToken>>,
        model: Option<Text<'_>>,
        provider: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<AnswerEvaluation> {
        let question = read_question(question)?;
        let mut how = judging(py, interview_type, language, job_description, rubric, calibration)?;
        let options = Options { timeout, cancel, model, provider, ..Options::default() };
        let found = self.slow(py, "evaluate_answer", options, |engine, options| {
            how.call = options.clone();
            engine.evaluate_answer(&question, answer.0, &how)
        })?;
        Ok(AnswerEvaluation::of(Arc::new(found)))
    }

    /// Judges many answers at once, on all processors, without the GIL, and without keeping anything.
    ///
    /// Args:
    ///     answers: Pairs of a question (a text, a `Question`, or an object with its fields) and the answer to it.
    ///     interview_type: `general`, `technical` or `behavioral`; decides the standard rubric.
    ///     language: The language to write in, `en` or `zh-TW`.
    ///     job_description: The job, up to 50,000 characters.
    ///     rubric: How to judge; the standard rubric of the type where None.
    ///     calibration: By which calibration the built-in evaluator's scores are corrected: its name, for the newest of that name, or `name@version`; none where None. See `calibrate`.
    ///     timeout: How long the whole call may wait, a `timedelta` or seconds.
    ///     cancel: Cancels the call from another thread.
    ///     model: The language model to ask in this call, `provider/model`.
    ///     provider: The service and the credentials for this call alone.
    ///
    /// Returns:
    ///     list[AnswerEvaluation | Error]: In the order of the answers; where one could not be judged, the error that `evaluate_answer` would have raised.
    ///
    /// Raises:
    ///     InvalidInputError: There is no such calibration.
    ///     UnsupportedError: The calibration corrects the rules of another version of this library.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     found = engine.evaluate_answers([("What is a lock?", "Mutual exclusion."), ("What is a lock?", "")])
    ///     >>> found[1].score
    ///     0.0
    #[pyo3(signature = (answers, *, interview_type="general", language="en", job_description=None, rubric=None, calibration=None, timeout=None, cancel=None, model=None, provider=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn evaluate_answers<'py>(
        &self,
        py: Python<'py>,
        answers: &Bound<'py, PyAny>,
        interview_type: &str,
        language: &str,
        job_description: Option<Text<'_>>,
        rubric: Option<&Bound<'_, PyAny>>,
        calibration: Option<Text<'_>>,
        timeout: Option<Span>,
        cancel: Option<&Bound<'_, CancelToken>>,
        model: Option<Text<'_>>,
        provider: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let mut given = Vec::with_capacity(answers.len().unwrap_or(0));
        for (place, pair) in answers.try_iter()?.enumerate() {
            let pair = pair?;
            let wrong =
                || PyTypeError::new_err(format!("answers[{place}] is no pair of a question and the answer to it"));
            let pair = pair.cast::<PySequence>().map_err(|_| wrong())?;
            if pair.len()? != 2 || pair.is_instance_of::<PyString>() {
                return Err(wrong());
            }
            let (question, answer) = (pair.get_item(0)?, pair.get_item(1)?);
            if !answer.is_instance_of::<PyString>() {
                let class = answer.get_type().name()?;
                return Err(PyTypeError::new_err(format!("answers[{place}]: the answer is a str, and not {class}")));
            }
            given.push((read_question(&question)?, answer.extract::<Text<'_>>()?.into()));
        }
        let mut how = judging(py, interview_type, language, job_description, rubric, calibration)?;
        let options = Options { timeout, cancel, model, provider, ..Options::default() };
        let found = self.waiting(py, "evaluate_answers", options, |engine, options| {
            how.call = options.clone();
            engine.evaluate_answers(&given, &how)
        })?;
        let results = found.into_iter().map(|found| match found {
            Ok(found) => Ok(Bound::new(py, AnswerEvaluation::of(Arc::new(found)))?.into_any()),
            Err(error) => Ok(raise(py, &error).into_value(py).into_bound(py).into_any()),
        });
        PyList::new(py, results.collect::<PyResult<Vec<_>>>()?)
    }

    /// Reads an evaluation.
    ///
    /// Raises:
    ///     NotFoundError: There is none, or its interview was erased.
    fn evaluation(&self, py: Python<'_>, evaluation_id: Id<EvaluationId>) -> PyResult<Evaluation> {
        self.quick(py, "evaluation", |engine| engine.evaluation(evaluation_id.0)).map(Evaluation::of)
    }

    /// The ids of an interview's evaluations, oldest first.
    ///
    /// Raises:
    ///     NotFoundError: There is no such interview.
    fn evaluations<'py>(&self, py: Python<'py>, interview_id: Id<InterviewId>) -> PyResult<Bound<'py, PyList>> {
        let ids = self.quick(py, "evaluations", |engine| engine.evaluations(interview_id.0))?;
        ids_of(py, &ids)
    }

    /// Reads one page of the evaluations of all interviews, newest first. One that has no result yet is `pending` or `running`, as `evaluation` says it.
    ///
    /// Args:
    ///     status: Only evaluations of this status, `pending`, `running`, `completed`, `partial` or `failed`.
    ///     interview_id: Only this interview's evaluations; none where there is no such interview.
    ///     limit: How many at most, 1 to 100.
    ///     cursor: Where the page before ended: its `next_cursor`. The cost is the same at any depth.
    ///
    /// Raises:
    ///     InvalidInputError: The limit is broken, or the cursor is none of this list.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who are you?"])
    ///     ...     for answer in ["A mathematician.", "A programmer."]:
    ///     ...         _ = engine.evaluate(interview.id, {0: answer})
    ///     ...     page = engine.list_evaluations(status="completed", limit=1)
    ///     ...     rest = engine.list_evaluations(status="completed", limit=1, cursor=page.next_cursor)
    ///     >>> page.evaluations[0].exchanges[0].answer, rest.next_cursor
    ///     ('A programmer.', None)
    #[pyo3(signature = (*, status=None, interview_id=None, limit=10, cursor=None))]
    fn list_evaluations(
        &self,
        py: Python<'_>,
        status: Option<Text<'_>>,
        interview_id: Option<Id<InterviewId>>,
        limit: i64,
        cursor: Option<Text<'_>>,
    ) -> PyResult<EvaluationPage> {
        let list = ListEvaluations {
            status: status.map(|status| name(py, &status)).transpose()?,
            interview_id: interview_id.map(|id| id.0),
            limit: count(py, limit)?,
            cursor: owned(cursor),
        };
        let page = self.quick(py, "list_evaluations", |engine| engine.list_evaluations(&list))?;
        Ok(EvaluationPage::of(Arc::new(page)))
    }

    /// All evaluations that the filters let through, newest first, read as they are asked for, at the same cost at any depth. Arguments and errors are those of `list_evaluations`.
    ///
    /// Returns:
    ///     Iterator[Evaluation]: Newest first.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Why?"])
    ///     ...     made = engine.evaluate(interview.id, {0: "Because."})
    ///     ...     [evaluation.id == made.id for evaluation in engine.all_evaluations(status="completed")]
    ///     [True]
    #[pyo3(signature = (*, status=None, interview_id=None))]
    fn all_evaluations(
        slf: Py<Self>,
        py: Python<'_>,
        status: Option<Text<'_>>,
        interview_id: Option<Id<InterviewId>>,
    ) -> PyResult<Evaluations> {
        let status = status.map(|status| name(py, &status)).transpose()?;
        let interview_id = interview_id.map(|id| id.0);
        let list = ListEvaluations { status, interview_id, limit: limits::MAX_PAGE, ..ListEvaluations::default() };
        Ok(Evaluations::new(slf, list))
    }

    /// What people read about an evaluation, written in its language. The candidate's words are data in all forms: nothing they say can become markup, a link or a script.
    ///
    /// Args:
    ///     evaluation_id: The evaluation.
    ///     format: `markdown` for a ticket or a chat, `html` for the screen and for paper, `json` for programs.
    ///
    /// Raises:
    ///     NotFoundError: There is none, or its interview was erased.
    #[pyo3(signature = (evaluation_id, *, format="markdown"))]
    fn scorecard(&self, py: Python<'_>, evaluation_id: Id<EvaluationId>, format: &str) -> PyResult<String> {
        let write = match format {
            "markdown" => |card: &vivavoce::Scorecard| Ok(card.to_markdown()),
            "html" => |card: &vivavoce::Scorecard| Ok(card.to_html()),
            "json" => vivavoce::Scorecard::to_json,
            _ => {
                let words = "format: expected one of markdown, html, json";
                return Err(raise(py, &vivavoce::Error::new(vivavoce::ErrorKind::InvalidInput, words)));
            }
        };
        self.quick(py, "scorecard", |engine| write(&engine.scorecard(evaluation_id.0)?))
    }

    /// Has the same answers judged again, as another evaluation that takes the place of this one; this one stays as it is.
    ///
    /// Args:
    ///     evaluation_id: The evaluation.
    ///     queued: Whether to leave the judging to a worker (`run_worker`).
    ///     idempotency_key: Makes the call safe to repeat. An evaluation that failed is made again.
    ///     timeout: How long the call may wait, a `timedelta` or seconds.
    ///     cancel: Cancels the call from another thread.
    ///     model: The language model to ask in this call, `provider/model`.
    ///     provider: The service and the credentials for this call alone.
    ///
    /// Raises:
    ///     NotFoundError: There is no such evaluation.
    ///     InvalidStateError: It has no result yet.
    ///     ConflictError: Another has taken its place, or the key was used for another request.
    #[pyo3(signature = (evaluation_id, *, queued=false, idempotency_key=None, timeout=None, cancel=None, model=None, provider=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn re_evaluate(
        &self,
        py: Python<'_>,
        evaluation_id: Id<EvaluationId>,
        queued: bool,
        idempotency_key: Option<Text<'_>>,
        timeout: Option<Span>,
        cancel: Option<&Bound<'_, CancelToken>>,
        model: Option<Text<'_>>,
        provider: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Evaluation> {
        let options = Options { idempotency_key, timeout, cancel, queued, model, provider, ..Options::default() };
        let evaluation =
            self.slow(py, "re_evaluate", options, |engine, options| engine.re_evaluate_with(evaluation_id.0, options))?;
        Ok(Evaluation::of(evaluation))
    }

    /// Puts a person's score in the place of a judge's, as another evaluation that takes the place of this one.
    ///
    /// Args:
    ///     evaluation_id: The evaluation.
    ///     score: The score, 0 to 1.
    ///     by: Who decides so, 1 to 200 characters.
    ///     reason: Why.
    ///     exchange: With `competency`, the one rating to change, by the place of its exchange, from 0; the evaluation's scores follow. The whole score where None.
    ///     competency: The rubric's competency.
    ///     idempotency_key: Makes the call safe to repeat.
    ///
    /// Raises:
    ///     NotFoundError: There is no such evaluation.
    ///     InvalidInputError: The score is not within 0 to 1, there is no such rating, or a text is blank.
    ///     InvalidStateError: It has no result yet.
    ///     ConflictError: Another has taken its place, or the key was used for another request.
    #[pyo3(signature = (evaluation_id, score, *, by, reason, exchange=None, competency=None, idempotency_key=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn override_score(
        &self,
        py: Python<'_>,
        evaluation_id: Id<EvaluationId>,
        score: f64,
        by: Text<'_>,
        reason: Text<'_>,
        exchange: Option<Count<u32>>,
        competency: Option<Text<'_>>,
        idempotency_key: Option<Text<'_>>,
    ) -> PyResult<Evaluation> {
        let change = vivavoce::Override::new(score, by, reason);
        let change = match (exchange, competency) {
            (Some(exchange), Some(competency)) => change.of_rating(exchange.0, competency),
            (None, None) => change,
            _ => {
                let words = "a rating is named by both exchange and competency";
                return Err(raise(py, &vivavoce::Error::new(vivavoce::ErrorKind::InvalidInput, words)));
            }
        };
        let options = Options { idempotency_key, ..Options::default() };
        let evaluation = self.call(py, "override_score", options, |engine, options| {
            engine.override_score_with(evaluation_id.0, change, options)
        })?;
        Ok(Evaluation::of(evaluation))
    }

    /// Judges again from the replies that an evaluation keeps, without asking anybody: equal to the evaluation, where nothing was tampered with.
    ///
    /// Raises:
    ///     NotFoundError: There is no such evaluation.
    ///     InvalidStateError: It has no result yet.
    ///     UnsupportedError: An evaluator of the application judged.
    fn replay(&self, py: Python<'_>, evaluation_id: Id<EvaluationId>) -> PyResult<Evaluation> {
        let options = Options::default();
        let evaluation = self.slow(py, "replay", options, |engine, _| engine.replay(evaluation_id.0))?;
        Ok(Evaluation::of(Arc::new(evaluation)))
    }

    /// Makes queued evaluations, one after the other, until it is stopped. Run as many as you like, in threads and processes.
    ///
    /// Args:
    ///     stop: Stops the worker; the evaluation under way is left to others.
    ///
    /// Returns:
    ///     int: How many evaluations it made.
    #[pyo3(signature = (stop))]
    fn run_worker(&self, py: Python<'_>, stop: &Bound<'_, CancelToken>) -> PyResult<u64> {
        let options = Options { cancel: Some(stop), ..Options::default() };
        self.waiting(py, "run_worker", options, |engine, options| {
            engine.run_worker(options.cancel.as_ref().unwrap_or(&vivavoce::CancelToken::new()))
        })
    }
}
