//! Planning interviews, and reading the plans.

use std::sync::Arc;

use super::call::check_record;
use super::metrics::Operation;
use super::{CallOptions, Engine};
use crate::audit::Recorder;
use crate::domain::{Interview, InterviewId, InterviewStatus, NewInterview, Question, QuestionRequest, Rubric};
use crate::error::{Error, ErrorKind, Result};
use crate::interviewer::Planning;
use crate::store::{CreateInterview, InterviewPage, KeyResult, ListInterviews, Written};

impl Engine {
    /// Plans an interview.
    ///
    /// # Errors
    /// `invalid_input` where a limit is broken, naming the field.
    pub fn create_interview(&self, new: NewInterview) -> Result<Arc<Interview>> {
        self.create_interview_with(new, &CallOptions::default())
    }

    /// Plans an interview, with options of this call.
    ///
    /// # Errors
    /// As [`create_interview`](Self::create_interview); `conflict` where the key was used for another plan.
    pub fn create_interview_with(&self, new: NewInterview, options: &CallOptions) -> Result<Arc<Interview>> {
        self.calling(Operation::CreateInterview, options, |engine, _| {
            new.check()?;
            let claim = options.claim(&engine.tenant, "create_interview", "", &new)?;
            let now = engine.now();
            let interview = Arc::new(new.into_interview(InterviewId::new(now, engine.id_entropy()), now));
            let recorder = Recorder { interview_id: interview.id, session_id: None, time: now };
            let write = CreateInterview {
                tenant: Arc::clone(&engine.tenant),
                interview: Arc::clone(&interview),
                events: vec![recorder.interview_created(&interview, engine.salt())?],
                key: claim,
            };
            match (engine.store().create_interview(write)?, claim) {
                (Written::Done, _) => Ok(interview),
                (Written::KeyTaken(record), Some(claim)) => {
                    check_record(&record, &claim)?;
                    let KeyResult::Interview(id) = record.result else {
                        return Err(Error::internal("a key of one operation holds another's result"));
                    };
                    // The first success was the plan as it was made.
                    let mut first = Interview::clone(&*engine.read_interview(id)?);
                    first.status = InterviewStatus::Pending;
                    first.updated_at = first.created_at;
                    Ok(Arc::new(first))
                }
                (Written::KeyTaken(_) | Written::Stale, _) => {
                    Err(Error::internal("a plan was neither kept nor refused"))
                }
            }
        })
    }

    /// Questions for a plan, with competency, reference answer and key points: by the interviewer's language model, or from the built-in bank where it asks none. Nothing is
    /// kept; read them, change them, and give them to [`create_interview`](Self::create_interview).
    ///
    /// The bank gives the same for the same request: what suits the job description and the résumé first, over the competencies by their weights.
    ///
    /// ```
    /// use vivavoce::{Engine, InterviewType, NewInterview, QuestionRequest};
    ///
    /// let engine = Engine::open("memory:")?;
    /// let wanted = QuestionRequest::new(InterviewType::Technical, 5).job_description("A PostgreSQL administrator.");
    /// let mut plan = NewInterview::new("Ada", InterviewType::Technical);
    /// plan.questions = engine.generate_questions(&wanted)?;
    /// let interview = engine.create_interview(plan)?;
    /// assert_eq!(interview.questions.len(), 5);
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_input` where a limit is broken; what the interviewer answers where it fails: `provider` where a model's questions could not be used, after it was asked three
    /// times. Nothing is taken from the bank in their place.
    pub fn generate_questions(&self, wanted: &QuestionRequest) -> Result<Vec<Question>> {
        self.generate_questions_with(wanted, &CallOptions::default())
    }

    /// Questions for a plan, with options of this call, which has no use for keys and versions.
    ///
    /// # Errors
    /// As [`generate_questions`](Self::generate_questions).
    pub fn generate_questions_with(&self, wanted: &QuestionRequest, options: &CallOptions) -> Result<Vec<Question>> {
        self.calling(Operation::GenerateQuestions, options, |engine, call| {
            wanted.check()?;
            engine.ensure_interviewer_asks(call)?;
            let rubric = Rubric::standard(wanted.interview_type);
            let token = call.patience.token();
            let planning = Planning {
                request: wanted,
                rubric: &rubric,
                deadline: call.patience.deadline,
                cancel: Some(&token),
                #[cfg(feature = "llm")]
                asking: engine.asking(call, None),
            };
            let questions = engine.guarded("interviewer", call, || engine.inner.interviewer.questions(&planning))?;
            wanted.check_made(&questions, &rubric).map_err(|error| {
                Error::new(ErrorKind::Provider, format!("the interviewer's questions cannot be used: {error}"))
            })?;
            Ok(questions)
        })
    }

    /// Reads an interview.
    ///
    /// # Errors
    /// `not_found` where there is none, or it was erased.
    pub fn interview(&self, id: InterviewId) -> Result<Arc<Interview>> {
        self.run(Operation::ReadInterview, || self.read_interview(id))
    }

    pub(super) fn read_interview(&self, id: InterviewId) -> Result<Arc<Interview>> {
        self.store().interview(&self.tenant, id)?.ok_or_else(|| Error::not_found("interview", id))
    }

    /// Lists interviews.
    ///
    /// # Errors
    /// `invalid_input` where a filter, the limit or the cursor is wrong.
    pub fn list_interviews(&self, list: &ListInterviews) -> Result<InterviewPage> {
        self.run(Operation::ListInterviews, || {
            let query = list.resolve()?;
            let (interviews, total) = self.store().list_interviews(&self.tenant, &query)?;
            Ok(list.page(interviews, total))
        })
    }
}
