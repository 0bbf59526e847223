//! Planning interviews, and reading the plans.

use std::sync::Arc;

use super::call::check_record;
use super::metrics::Operation;
use super::{CallOptions, Engine};
use crate::audit::Recorder;
use crate::domain::{Interview, InterviewId, InterviewStatus, NewInterview};
use crate::error::{Error, Result};
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
        self.run(Operation::CreateInterview, || {
            new.check()?;
            let claim = options.claim(&self.tenant, "create_interview", "", &new)?;
            let now = self.now();
            let interview = Arc::new(new.into_interview(InterviewId::new(now, self.id_entropy()), now));
            let recorder = Recorder { interview_id: interview.id, session_id: None, time: now };
            let write = CreateInterview {
                tenant: Arc::clone(&self.tenant),
                interview: Arc::clone(&interview),
                events: vec![recorder.interview_created(&interview, self.salt())?],
                key: claim,
            };
            match (self.store().create_interview(write)?, claim) {
                (Written::Done, _) => Ok(interview),
                (Written::KeyTaken(record), Some(claim)) => {
                    check_record(&record, &claim)?;
                    let KeyResult::Interview(id) = record.result else {
                        return Err(Error::internal("a key of one operation holds another's result"));
                    };
                    // The first success was the plan as it was made.
                    let mut first = Interview::clone(&*self.read_interview(id)?);
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
