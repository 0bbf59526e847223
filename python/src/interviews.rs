//! Planning interviews and finding them again.

use std::sync::Arc;

use chrono::NaiveDate;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyList};
use vivavoce::{InterviewId, ListInterviews, NewInterview, Order, Paging, QuestionRequest, SortBy, limits};

use crate::calls::{CancelToken, Options};
use crate::classes::{Interview, InterviewPage, Rubric};
use crate::document::Document as _;
use crate::engine::Engine;
use crate::lists::Interviews;
use crate::read::{name, read};
use crate::values::{Count, Id, Span, Text, count, invalid_input, owned};

/// Which interviews to list, as Python says it.
struct Wanted<'a, 'py> {
    candidate_name: Option<Text<'a>>,
    status: Option<Text<'a>>,
    date_from: Option<&'a Bound<'py, PyAny>>,
    date_to: Option<&'a Bound<'py, PyAny>>,
    sort_by: &'a str,
    order: &'a str,
}

impl Wanted<'_, '_> {
    fn read(self, py: Python<'_>) -> PyResult<ListInterviews> {
        let day = |given: &Bound<'_, PyAny>| -> PyResult<NaiveDate> {
            // A time would lose its hours.
            let is_day = !given.is_instance_of::<PyDateTime>();
            let day = given.extract().ok().filter(|_| is_day);
            day.ok_or_else(|| PyTypeError::new_err("a day is a datetime.date"))
        };
        Ok(ListInterviews {
            candidate_name: owned(self.candidate_name),
            status: self.status.map(|status| name(py, &status)).transpose()?,
            date_from: self.date_from.map(day).transpose()?,
            date_to: self.date_to.map(day).transpose()?,
            sort_by: match self.sort_by {
                "date" => SortBy::Date,
                "name" => SortBy::Name,
                "status" => SortBy::Status,
                _ => return Err(invalid_input(py, "sort_by: expected one of date, name, status")),
            },
            order: match self.order {
                "ascending" => Order::Ascending,
                "descending" => Order::Descending,
                _ => return Err(invalid_input(py, "order: expected one of ascending, descending")),
            },
            ..ListInterviews::default()
        })
    }
}

/// A plan, as Python says it.
struct Plan<'a, 'py> {
    candidate_name: Text<'a>,
    interview_type: Text<'a>,
    questions: &'a Bound<'py, PyAny>,
    interview_language: &'a str,
    job_description: Option<Text<'a>>,
    resume: Option<Text<'a>>,
    external_id: Option<Text<'a>>,
    rubric: Option<&'a Bound<'py, PyAny>>,
    calibration: Option<Text<'a>>,
    max_answers: Option<Count<u32>>,
}

impl Plan<'_, '_> {
    fn read(self, py: Python<'_>) -> PyResult<NewInterview> {
        Ok(NewInterview {
            candidate_name: self.candidate_name.into(),
            interview_type: name(py, &self.interview_type)?,
            interview_language: name(py, self.interview_language)?,
            questions: read("questions", self.questions)?,
            job_description: owned(self.job_description),
            resume: owned(self.resume),
            external_id: owned(self.external_id),
            rubric: self.rubric.map(read_rubric).transpose()?,
            calibration: owned(self.calibration),
            max_answers: self.max_answers.map(|Count(answers)| answers),
        })
    }
}

#[pymethods]
impl Engine {
    /// Plans an interview.
    ///
    /// Args:
    ///     candidate_name: The candidate's name, 1 to 200 characters.
    ///     interview_type: What it is about, `general`, `technical` or `behavioral`; decides the standard rubric.
    ///     questions: What the candidate is asked, in order: 1 to 200 texts, `Question`s, or objects with their fields (dicts, dataclasses, pydantic models).
    ///     interview_language: The language it is planned in, `en` or `zh-TW`; a session may be held in another.
    ///     job_description: The job, up to 50,000 characters.
    ///     resume: The candidate's résumé, up to 50,000 characters.
    ///     external_id: The application's own id of the candidate, by which the candidate can be erased.
    ///     rubric: How answers are judged; the standard rubric of the type where None.
    ///     calibration: By which calibration the built-in evaluator's scores are corrected: its name, for the newest of that name when an answer is judged, or `name@version`; none
    ///         where None. See `calibrate`.
    ///     max_answers: After how many answers a session completes, 1 to 1,000; 8, or the number of questions if larger, where None.
    ///     idempotency_key: Makes the call safe to repeat: the same key with the same request gives the first success again.
    ///     timeout: How long the call may wait, a `timedelta` or seconds.
    ///     cancel: Cancels the call from another thread.
    ///
    /// Returns:
    ///     Interview: As it is kept.
    ///
    /// Raises:
    ///     InvalidInputError: A limit is broken; says which field and which limit. Or there is no such calibration.
    ///     ConflictError: The key was used for another request.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine, Question
    ///     >>> with Engine() as engine:
    ///     ...     interview = engine.create_interview(
    ///     ...         candidate_name="Ada", interview_type="technical",
    ///     ...         questions=["What is a deadlock?", Question("What is a lock-free queue?", weight=2)])
    ///     >>> interview.max_answers
    ///     8
    #[pyo3(signature = (*, candidate_name, interview_type, questions, interview_language="en", job_description=None, resume=None, external_id=None, rubric=None, calibration=None, max_answers=None, idempotency_key=None, timeout=None, cancel=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn create_interview(
        &self,
        py: Python<'_>,
        candidate_name: Text<'_>,
        interview_type: Text<'_>,
        questions: &Bound<'_, PyAny>,
        interview_language: &str,
        job_description: Option<Text<'_>>,
        resume: Option<Text<'_>>,
        external_id: Option<Text<'_>>,
        rubric: Option<&Bound<'_, PyAny>>,
        calibration: Option<Text<'_>>,
        max_answers: Option<Count<u32>>,
        idempotency_key: Option<Text<'_>>,
        timeout: Option<Span>,
        cancel: Option<&Bound<'_, CancelToken>>,
    ) -> PyResult<Interview> {
        let plan = Plan {
            candidate_name,
            interview_type,
            questions,
            interview_language,
            job_description,
            resume,
            external_id,
            rubric,
            calibration,
            max_answers,
        };
        let plan = plan.read(py)?;
        let options = Options { idempotency_key, timeout, cancel, ..Options::default() };
        let interview =
            self.call(py, "create_interview", options, |engine, options| engine.create_interview_with(plan, options))?;
        Ok(Interview::of(interview))
    }

    /// Replaces the plan of a draft: an interview of which no session was started, and no evaluation asked for. The whole plan: what is not given is as in `create_interview`.
    /// Its id and `created_at` stay, `updated_at` rises. Of two updates at once, both are done, one after the other; a session that is started at the same time is held by the
    /// new plan, or the update is refused. The earlier plan is not kept; that there was one stays in the audit log.
    ///
    /// Args:
    ///     interview_id: The interview.
    ///     candidate_name: The candidate's name, 1 to 200 characters.
    ///     interview_type: What it is about, `general`, `technical` or `behavioral`; decides the standard rubric.
    ///     questions: What the candidate is asked, in order: 1 to 200 texts, `Question`s, or objects with their fields (dicts, dataclasses, pydantic models).
    ///     interview_language: The language it is planned in, `en` or `zh-TW`; a session may be held in another.
    ///     job_description: The job, up to 50,000 characters.
    ///     resume: The candidate's résumé, up to 50,000 characters.
    ///     external_id: The application's own id of the candidate, by which the candidate can be erased.
    ///     rubric: How answers are judged; the standard rubric of the type where None.
    ///     calibration: By which calibration the built-in evaluator's scores are corrected: its name, for the newest of that name when an answer is judged, or `name@version`; none
    ///         where None. See `calibrate`.
    ///     max_answers: After how many answers a session completes, 1 to 1,000; 8, or the number of questions if larger, where None.
    ///     idempotency_key: Makes the call safe to repeat: the same key with the same request gives the first success again.
    ///     timeout: How long the call may wait, a `timedelta` or seconds.
    ///     cancel: Cancels the call from another thread.
    ///
    /// Returns:
    ///     Interview: As it is kept.
    ///
    /// Raises:
    ///     InvalidInputError: A limit is broken; says which field and which limit. Or there is no such calibration.
    ///     NotFoundError: There is none, or it was erased.
    ///     InvalidStateError: It is no draft.
    ///     ConflictError: The key was used for another request.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     draft = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who are yuo?"])
    ///     ...     draft = engine.update_interview(draft.id, candidate_name="Ada", interview_type="general", questions=["Who are you?"])
    ///     >>> draft.questions[0].text
    ///     'Who are you?'
    #[pyo3(signature = (interview_id, *, candidate_name, interview_type, questions, interview_language="en", job_description=None, resume=None, external_id=None, rubric=None, calibration=None, max_answers=None, idempotency_key=None, timeout=None, cancel=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn update_interview(
        &self,
        py: Python<'_>,
        interview_id: Id<InterviewId>,
        candidate_name: Text<'_>,
        interview_type: Text<'_>,
        questions: &Bound<'_, PyAny>,
        interview_language: &str,
        job_description: Option<Text<'_>>,
        resume: Option<Text<'_>>,
        external_id: Option<Text<'_>>,
        rubric: Option<&Bound<'_, PyAny>>,
        calibration: Option<Text<'_>>,
        max_answers: Option<Count<u32>>,
        idempotency_key: Option<Text<'_>>,
        timeout: Option<Span>,
        cancel: Option<&Bound<'_, CancelToken>>,
    ) -> PyResult<Interview> {
        let plan = Plan {
            candidate_name,
            interview_type,
            questions,
            interview_language,
            job_description,
            resume,
            external_id,
            rubric,
            calibration,
            max_answers,
        };
        let plan = plan.read(py)?;
        let options = Options { idempotency_key, timeout, cancel, ..Options::default() };
        let interview = self.call(py, "update_interview", options, |engine, options| {
            engine.update_interview_with(interview_id.0, plan, options)
        })?;
        Ok(Interview::of(interview))
    }

    /// Deletes a draft: erases an interview of which no session was started, and no evaluation asked for, and refuses any other. Its id, its times and its audit log stay. On an
    /// interview that is erased already it does nothing.
    ///
    /// Args:
    ///     interview_id: The interview.
    ///     requested_by: Who asked for it, 1 to 200 characters; is recorded in the log.
    ///
    /// Raises:
    ///     NotFoundError: There never was such an interview.
    ///     InvalidInputError: `requested_by` is blank or too long.
    ///     InvalidStateError: It is no draft.
    ///     StorageError: Retryable: the words are gone from the tables, but a reader keeps SQLite's log file from being emptied. Delete again.
    #[pyo3(signature = (interview_id, *, requested_by))]
    fn delete_draft(&self, py: Python<'_>, interview_id: Id<InterviewId>, requested_by: Text<'_>) -> PyResult<()> {
        self.quick(py, "delete_draft", |engine| engine.delete_draft(interview_id.0, &requested_by))
    }

    /// Makes questions for a plan: from the built-in bank, or by the interviewer's language model.
    ///
    /// Args:
    ///     interview_type: What the interview is about, `general`, `technical` or `behavioral`; its standard rubric has the competencies.
    ///     count: How many questions, 1 to 20.
    ///     level: How much experience the job asks for, `junior`, `mid` or `senior`.
    ///     language: The language to ask in, `en` or `zh-TW`.
    ///     job_description: The job, up to 50,000 characters.
    ///     resume: The candidate's résumé, up to 50,000 characters.
    ///     timeout: How long the call may wait, a `timedelta` or seconds.
    ///     cancel: Cancels the call from another thread.
    ///     model: The language model to ask in this call, `provider/model`.
    ///     provider: The service and the credentials for this call alone.
    ///
    /// Returns:
    ///     list[Question]: As many as wanted, each for a competency of the rubric.
    ///
    /// Raises:
    ///     InvalidInputError: A limit is broken, or the bank has not so many.
    ///     ProviderError: The language model failed.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     len(engine.generate_questions(interview_type="behavioral", count=3, level="senior"))
    ///     3
    #[pyo3(signature = (*, interview_type, count, level="mid", language="en", job_description=None, resume=None, timeout=None, cancel=None, model=None, provider=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn generate_questions<'py>(
        &self,
        py: Python<'py>,
        interview_type: Text<'_>,
        count: Count<u32>,
        level: &str,
        language: &str,
        job_description: Option<Text<'_>>,
        resume: Option<Text<'_>>,
        timeout: Option<Span>,
        cancel: Option<&Bound<'_, CancelToken>>,
        model: Option<Text<'_>>,
        provider: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let wanted = QuestionRequest {
            interview_type: name(py, &interview_type)?,
            count: count.0,
            level: name(py, level)?,
            language: name(py, language)?,
            job_description: owned(job_description),
            resume: owned(resume),
        };
        let options = Options { timeout, cancel, model, provider, ..Options::default() };
        let questions = self.call(py, "generate_questions", options, |engine, options| {
            engine.generate_questions_with(&wanted, options)
        })?;
        PyList::new(py, questions.into_iter().map(|question| crate::classes::Question::of(Arc::new(question))))
    }

    /// Reads an interview.
    ///
    /// Raises:
    ///     NotFoundError: There is none, or it was erased.
    fn interview(&self, py: Python<'_>, interview_id: Id<InterviewId>) -> PyResult<Interview> {
        self.quick(py, "interview", |engine| engine.interview(interview_id.0)).map(Interview::of)
    }

    /// Reads one page of a list of interviews. See `interviews` for all of them.
    ///
    /// Args:
    ///     candidate_name: Only candidates whose name contains this, whatever the case; no character has a special meaning.
    ///     status: Only interviews of this status, `pending`, `in_progress` or `completed`.
    ///     date_from: Only interviews created on this day (UTC) or later.
    ///     date_to: Only interviews created on this day (UTC) or earlier.
    ///     sort_by: What to order by, `date`, `name` or `status`; interviews that are equal in it stand in the order of their creation.
    ///     order: In which direction, `ascending` or `descending`.
    ///     limit: How many at most, 1 to 100.
    ///     offset: After how many to begin; costs more the more there are.
    ///     cursor: Where the page before ended: its `next_cursor`. In the place of `offset`.
    ///     total: Whether to count all interviews that the filters let through; costs a pass over them.
    ///
    /// Raises:
    ///     InvalidInputError: A limit is broken, or the cursor is none of this list.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     for name in ["Ada", "Grace"]:
    ///     ...         _ = engine.create_interview(candidate_name=name, interview_type="general", questions=["Who are you?"])
    ///     ...     page = engine.list_interviews(candidate_name="ad", total=True)
    ///     >>> page.total, page.interviews[0].candidate_name
    ///     (1, 'Ada')
    #[pyo3(signature = (*, candidate_name=None, status=None, date_from=None, date_to=None, sort_by="date", order="descending", limit=10, offset=0, cursor=None, total=false))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn list_interviews(
        &self,
        py: Python<'_>,
        candidate_name: Option<Text<'_>>,
        status: Option<Text<'_>>,
        date_from: Option<&Bound<'_, PyAny>>,
        date_to: Option<&Bound<'_, PyAny>>,
        sort_by: &str,
        order: &str,
        limit: i64,
        offset: i64,
        cursor: Option<Text<'_>>,
        total: bool,
    ) -> PyResult<InterviewPage> {
        let wanted = Wanted { candidate_name, status, date_from, date_to, sort_by, order };
        let (limit, offset) = (count(py, limit)?, count(py, offset)?);
        let paging = owned(cursor).map_or(Paging::Offset(offset), Paging::Cursor);
        let list = ListInterviews { limit, paging, total, ..wanted.read(py)? };
        let page = self.quick(py, "list_interviews", |engine| engine.list_interviews(&list))?;
        Ok(InterviewPage::of(Arc::new(page)))
    }

    /// All interviews that the filters let through, read as they are asked for, at the same cost at any depth. Arguments and errors are those of `list_interviews`.
    ///
    /// Returns:
    ///     Iterator[Interview]: In order; what is planned meanwhile may be among them.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     _ = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who are you?"])
    ///     ...     [interview.candidate_name for interview in engine.interviews(sort_by="name")]
    ///     ['Ada']
    #[pyo3(signature = (*, candidate_name=None, status=None, date_from=None, date_to=None, sort_by="date", order="descending"))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn interviews(
        slf: Py<Self>,
        py: Python<'_>,
        candidate_name: Option<Text<'_>>,
        status: Option<Text<'_>>,
        date_from: Option<&Bound<'_, PyAny>>,
        date_to: Option<&Bound<'_, PyAny>>,
        sort_by: &str,
        order: &str,
    ) -> PyResult<Interviews> {
        let wanted = Wanted { candidate_name, status, date_from, date_to, sort_by, order };
        let list = ListInterviews { limit: limits::MAX_PAGE, ..wanted.read(py)? };
        Ok(Interviews::new(slf, list))
    }
}

/// A rubric, or an object with its field.
pub(crate) fn read_rubric(given: &Bound<'_, PyAny>) -> PyResult<vivavoce::Rubric> {
    match given.cast::<Rubric>() {
        Ok(rubric) => Ok((*rubric.get().0).clone()),
        Err(_) => read("rubric", given),
    }
}
