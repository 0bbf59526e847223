//! Planning interviews, and reading the plans.

use std::sync::Arc;

use chrono::TimeDelta;

use super::call::check_record;
use super::metrics::Operation;
use super::steps::{foreign_result, not_over};
use super::{Call, CallOptions, Engine};
use crate::audit::Recorder;
use crate::domain::{Interview, InterviewId, InterviewStatus, NewInterview, Question, QuestionRequest, Rubric};
use crate::error::{Error, ErrorKind, Result};
use crate::interviewer::Planning;
use crate::store::{
    CreateInterview, InterviewPage, KeyClaim, KeyRecord, KeyResult, ListInterviews, Planned, UpdateInterview, Written,
};

impl Engine {
    /// Plans an interview.
    ///
    /// # Errors
    /// `invalid_input` where a limit is broken, naming the field, or there is no such calibration.
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
            engine.ensure_calibrated(&new, claim.as_ref())?;
            let now = engine.now();
            let again = claim.is_some().then(|| new.clone());
            let interview = Arc::new(new.into_interview(InterviewId::new(now, engine.id_entropy()), now));
            let recorder = Recorder { interview_id: interview.id, session_id: None, time: now };
            let write = CreateInterview {
                tenant: Arc::clone(&engine.tenant),
                interview: Arc::clone(&interview),
                events: vec![recorder.interview_created(&interview, engine.salt())?],
                key: claim,
            };
            match (engine.store().create_interview(write)?, claim.zip(again)) {
                (Written::Done, _) => Ok(interview),
                (Written::KeyTaken(record), Some((claim, again))) => {
                    check_record(&record, &claim)?;
                    let KeyResult::Interview(id) = record.result else { return Err(foreign_result()) };
                    // The first success was the plan as it was made, which may have been replaced since.
                    Ok(Arc::new(again.into_interview(id, engine.read_interview(id)?.created_at)))
                }
                (Written::KeyTaken(_) | Written::Stale, _) => {
                    Err(Error::internal("a plan was neither kept nor refused"))
                }
            }
        })
    }

    /// Replaces the plan of a draft: an interview of which no session was started, and no evaluation asked for. The whole plan: read it, change it, give it back. Its id and
    /// [`created_at`](Interview::created_at) stay, [`updated_at`](Interview::updated_at) rises by a microsecond at least. Of two updates at once, both are done, one after
    /// the other; of an update and the start of a session, either the session is held by the new plan, or the update is refused. The earlier plan is not kept; that there was
    /// one stays in the audit log.
    ///
    /// ```
    /// use vivavoce::{Engine, InterviewType, NewInterview, StartSession};
    ///
    /// let engine = Engine::open("memory:")?;
    /// let mut plan = NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlok?");
    /// let draft = engine.create_interview(plan.clone())?;
    /// plan.questions[0].text = "What is a deadlock?".to_owned();
    /// let draft = engine.update_interview(draft.id, plan.clone())?;
    /// assert_eq!(draft.questions, plan.questions);
    /// engine.start_session(draft.id, StartSession::default())?;
    /// assert!(engine.update_interview(draft.id, plan).is_err());
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_input` where a limit is broken, naming the field; `not_found` where there is none, or it was erased; `invalid_state` where it is no draft.
    pub fn update_interview(&self, id: InterviewId, plan: NewInterview) -> Result<Arc<Interview>> {
        self.update_interview_with(id, plan, &CallOptions::default())
    }

    /// Replaces the plan of a draft, with options of this call.
    ///
    /// # Errors
    /// As [`update_interview`](Self::update_interview); `conflict` where the key was used for another plan.
    pub fn update_interview_with(
        &self,
        id: InterviewId,
        plan: NewInterview,
        options: &CallOptions,
    ) -> Result<Arc<Interview>> {
        self.calling(Operation::UpdateInterview, options, |engine, call| {
            plan.check()?;
            let claim = options.claim(&engine.tenant, "update_interview", id, &plan)?;
            engine.change_draft(id, call, claim, &mut |_| Ok(plan.clone()))
        })
    }

    /// Changes the plan of a draft by what it is now: `change` is given the interview, and says what its plan becomes. It is asked again where another update came first, in
    /// whichever process, so that neither is lost.
    ///
    /// ```
    /// use vivavoce::{Engine, InterviewType, NewInterview};
    ///
    /// let engine = Engine::open("memory:")?;
    /// let draft = engine.create_interview(NewInterview::new("Ada", InterviewType::General).question("Why?"))?;
    /// let draft = engine.change_interview(draft.id, |draft| Ok(draft.to_plan().question("Why now?")))?;
    /// assert_eq!(draft.questions.len(), 2);
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`update_interview`](Self::update_interview); what `change` fails with, and then nothing is changed.
    pub fn change_interview(
        &self,
        id: InterviewId,
        mut change: impl FnMut(&Interview) -> Result<NewInterview>,
    ) -> Result<Arc<Interview>> {
        self.calling(Operation::UpdateInterview, &CallOptions::default(), |engine, call| {
            engine.change_draft(id, call, None, &mut change)
        })
    }

    fn change_draft(
        &self,
        id: InterviewId,
        call: &Call,
        claim: Option<KeyClaim>,
        change: &mut dyn FnMut(&Interview) -> Result<NewInterview>,
    ) -> Result<Arc<Interview>> {
        loop {
            let kept = self.read_planned(id)?;
            let draft = match self.draft(&kept) {
                Ok(draft) => draft,
                // The first success counts, whatever has become of the interview since.
                Err(refused) => match claim {
                    Some(claim) if refused.kind() == ErrorKind::InvalidState => {
                        let record = self.store().key(&claim.scope)?.ok_or(refused)?;
                        return self.updated(&record, &claim, change(&kept.interview)?);
                    }
                    _ => return Err(refused),
                },
            };
            let plan = change(&kept.interview)?;
            plan.check()?;
            if plan.calibration != kept.interview.calibration {
                self.ensure_calibrated(&plan, claim.as_ref())?;
            }
            let before = kept.interview.updated_at;
            let now = self.now().max(before.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(before));
            let mut interview = plan.clone().into_interview(id, kept.interview.created_at);
            interview.updated_at = now;
            let recorder = Recorder { interview_id: id, session_id: None, time: now };
            let number = u32::try_from(draft + 1).map_err(|_| Error::internal("a log is too long"))?;
            let write = UpdateInterview {
                tenant: Arc::clone(&self.tenant),
                draft,
                event: recorder.interview_updated(&interview, self.salt())?,
                interview: Arc::new(interview),
                key: claim.map(|claim| (claim, KeyResult::Plan(id, number))),
            };
            let interview = Arc::clone(&write.interview);
            match (self.store().update_interview(write)?, claim) {
                (Written::Done, _) => return Ok(interview),
                (Written::KeyTaken(record), Some(claim)) => return self.updated(&record, &claim, plan),
                (Written::KeyTaken(_), None) => return Err(Error::internal("a key was taken that nobody gave")),
                (Written::Stale, _) => not_over(&call.patience)?,
            }
        }
    }

    /// The interview as it was after the update that was made under a key.
    fn updated(&self, record: &KeyRecord, claim: &KeyClaim, plan: NewInterview) -> Result<Arc<Interview>> {
        check_record(record, claim)?;
        let KeyResult::Plan(id, number) = record.result else { return Err(foreign_result()) };
        let created_at = self.read_interview(id)?.created_at;
        let entry = self.store().audit_page(&self.tenant, id, u64::from(number).saturating_sub(1), 1)?;
        let (entry, _) = entry.first().ok_or_else(|| Error::not_found("interview", id))?;
        let mut first = plan.into_interview(id, created_at);
        first.updated_at = entry.time;
        Ok(Arc::new(first))
    }

    /// The number of the last entry of a draft's log.
    ///
    /// # Errors
    /// `invalid_state` where it is none, which says why.
    pub(super) fn draft(&self, planned: &Planned) -> Result<u64> {
        let id = planned.interview.id;
        planned.draft.ok_or_else(|| {
            Error::invalid_state(match planned.interview.status {
                InterviewStatus::Pending => format!("interview {id} has an evaluation"),
                InterviewStatus::InProgress | InterviewStatus::Completed => format!("interview {id} has a session"),
            })
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
            let questions = engine.guarded("interviewer", call, || engine.interviewer(call).questions(&planning))?;
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

    /// Reads an interview for a write that starts from its plan.
    pub(super) fn read_planned(&self, id: InterviewId) -> Result<Planned> {
        self.store().planned(&self.tenant, id)?.ok_or_else(|| Error::not_found("interview", id))
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
