//! What keeps a store trustworthy: audit, erasure, copies, backups and health.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Engine;
use super::metrics::Operation;
use crate::audit::{Recorder, Verifier};
use crate::domain::{Action, AuditHead, AuditReport, InterviewId, limits};
use crate::error::{Error, Result};
use crate::store::{AuditState, EraseInterview, Written};

/// How many entries of a log are verified at a time, and how many interviews are copied.
const PAGE: u32 = 500;
const COPY_PAGE: u32 = 50;

/// How an engine's store is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// `memory`, `sqlite` or `postgres`.
    pub store: String,
    /// The number of the last migration that the store has; 0 in memory.
    pub schema_version: u32,
    /// How long the store took to answer; in documents `latency_ms`, in milliseconds.
    #[serde(rename = "latency_ms", with = "milliseconds")]
    pub latency: Duration,
}

/// A duration as a number of milliseconds.
pub(super) mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in crate::engine) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_nanos() as f64 / 1e6)
    }

    pub(in crate::engine) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let milliseconds = f64::deserialize(deserializer)?;
        let nanos = (milliseconds * 1e6).round();
        if !(0.0..9e18).contains(&nanos) {
            return Err(serde::de::Error::custom("a duration is negative or too long"));
        }
        Ok(Duration::from_nanos(nanos as u64))
    }
}

impl Engine {
    /// The end of an interview's audit log, to be kept elsewhere. Erased interviews have one too.
    ///
    /// # Errors
    /// `not_found` where there never was such an interview.
    pub fn audit_head(&self, interview: InterviewId) -> Result<AuditHead> {
        self.run(Operation::Audit, || {
            let state = self.audit_state(interview)?;
            Ok(AuditHead { interview_id: interview, number: state.number, link: state.link })
        })
    }

    /// Verifies an interview's audit log and everything it speaks of: with a head, up to that head; without, up to its end, and then a log whose end was cut off
    /// cannot be told from a sound one, which the report says.
    ///
    /// # Errors
    /// `not_found` where there never was such an interview; `invalid_input` where the head is another interview's.
    pub fn verify_audit(&self, interview: InterviewId, head: Option<AuditHead>) -> Result<AuditReport> {
        self.run(Operation::Audit, || {
            if head.is_some_and(|head| head.interview_id != interview) {
                return Err(Error::invalid_input("the audit head is of another interview"));
            }
            loop {
                let state = self.audit_state(interview)?;
                let report = self.verify(interview, head, &state)?;
                // An erasure meanwhile looks like tampering, and so does another plan than that of the last entry.
                let has_moved = |now: &AuditState| {
                    now.erased != state.erased || (report.first_bad == Some(state.number) && now.number > state.number)
                };
                if report.is_sound() || !has_moved(&self.audit_state(interview)?) {
                    return Ok(report);
                }
            }
        })
    }

    fn verify(&self, interview: InterviewId, head: Option<AuditHead>, state: &AuditState) -> Result<AuditReport> {
        // The store's word alone would let anybody remove salts.
        let mut erasure = None;
        if let Some(before) = state.number.checked_sub(1).filter(|_| state.erased)
            && let Some((last, _)) = self.store().audit_page(&self.tenant, interview, before, 1)?.first()
            && last.is_erasure(interview)?
        {
            erasure = Some(last.number);
        }
        let mut verifier = Verifier::new(interview, head, erasure);
        let mut after = 0;
        'log: while after < state.number {
            self.ensure_wanted()?;
            let page = self.store().audit_page(&self.tenant, interview, after, PAGE)?;
            if page.is_empty() {
                break;
            }
            for (event, content) in &page {
                // What was appended after the state was read is not part of this verification.
                if event.number > state.number || !verifier.check(event, content)? {
                    break 'log;
                }
                after = event.number;
            }
        }
        Ok(verifier.finish(Some((state.number, state.link))))
    }

    fn audit_state(&self, interview: InterviewId) -> Result<AuditState> {
        self.store().audit_state(&self.tenant, interview)?.ok_or_else(|| Error::not_found("interview", interview))
    }

    /// Erases an interview: the candidate's name and words from every table, cache, key, quote, feedback and reply. Its id, its times and its audit log stay, and the log
    /// still verifies; `requested_by` is recorded there. Erasing again does no harm. Copies that were made before, backups among them, are out of reach; on PostgreSQL, so are
    /// dead rows until they are vacuumed, and the server's write-ahead log. The caches of other processes forget the words when they next ask the store, which they do before
    /// they answer with what is older than their [read staleness](crate::EngineBuilder::read_staleness), or when other sessions and interviews take the place.
    ///
    /// # Errors
    /// `not_found` where there never was such an interview; `invalid_input` where `requested_by` is blank or longer than 200 characters; a retryable `storage` where the
    /// words are gone from the tables but a reader keeps SQLite's log file from being emptied: erase again.
    pub fn erase_interview(&self, interview: InterviewId, requested_by: &str) -> Result<()> {
        self.run(Operation::Erase, || {
            self.erase(interview, None, requested_by)?;
            self.store().purge()
        })
    }

    /// Deletes a draft: erases an interview of which no session was started, and no evaluation asked for, and refuses any other. Nothing can be begun in between. As with every
    /// erasure its id, its times and its audit log stay, and `requested_by` is recorded there; on an interview that is erased already it does nothing.
    ///
    /// ```
    /// use vivavoce::{Engine, ErrorKind, InterviewType, NewInterview, StartSession};
    ///
    /// let engine = Engine::open("memory:")?;
    /// let plan = NewInterview::new("Ada", InterviewType::General).question("Who are you?");
    /// let (draft, held) = (engine.create_interview(plan.clone())?, engine.create_interview(plan)?);
    /// engine.delete_draft(draft.id, "Grace")?;
    /// assert!(engine.interview(draft.id).is_err());
    /// engine.start_session(held.id, StartSession::default())?;
    /// assert_eq!(engine.delete_draft(held.id, "Grace").unwrap_err().kind(), ErrorKind::InvalidState);
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`erase_interview`](Self::erase_interview); `invalid_state` where it is no draft.
    pub fn delete_draft(&self, interview: InterviewId, requested_by: &str) -> Result<()> {
        self.run(Operation::Erase, || {
            limits::required_text("requested_by", requested_by, limits::MAX_LABEL)?;
            loop {
                let Some(planned) = self.store().planned(&self.tenant, interview)? else {
                    return match self.audit_state(interview)?.erased {
                        true => self.store().purge(),
                        false => Err(Error::not_found("interview", interview)),
                    };
                };
                let draft = self.draft(&planned)?;
                if self.erase(interview, Some(draft), requested_by)? {
                    return self.store().purge();
                }
            }
        })
    }

    /// Erases all interviews of a candidate, by the application's own id, and says which.
    ///
    /// # Errors
    /// As [`erase_interview`](Self::erase_interview); `not_found` where no interview has this id (any more: the words are then gone from the files too).
    pub fn erase_candidate(&self, external_id: &str, requested_by: &str) -> Result<Vec<InterviewId>> {
        self.run(Operation::Erase, || {
            limits::required_text("external_id", external_id, limits::MAX_LABEL)?;
            let interviews = self.store().interviews_of(&self.tenant, external_id)?;
            if interviews.is_empty() {
                // They may have been erased by a call that could not empty the log.
                self.store().purge()?;
                return Err(Error::new(crate::ErrorKind::NotFound, "no interview has this external id"));
            }
            for interview in &interviews {
                self.erase(*interview, None, requested_by)?;
            }
            self.store().purge()?;
            Ok(interviews)
        })
    }

    /// Forgets what this process keeps of an interview.
    fn forget(&self, interview: InterviewId) {
        self.inner.cache.erase(interview);
        #[cfg(feature = "llm")]
        if let Some(client) = &self.inner.client {
            client.erase(*interview.as_uuid());
        }
    }

    /// False where it was a draft whose log has gone on.
    fn erase(&self, interview: InterviewId, draft: Option<u64>, requested_by: &str) -> Result<bool> {
        limits::required_text("requested_by", requested_by, limits::MAX_LABEL)?;
        let time = self.now();
        let recorder = Recorder { interview_id: interview, session_id: None, time };
        let event = recorder.plain(Action::InterviewErased, requested_by.to_owned(), self.salt())?;
        let write = EraseInterview { tenant: Arc::clone(&self.tenant), interview_id: interview, draft, time, event };
        let written = self.store().erase_interview(write);
        // Also when it failed: it may have been done.
        self.forget(interview);
        self.inner.hub.wake();
        match written? {
            Written::Done => Ok(true),
            Written::Stale if draft.is_some() => Ok(false),
            Written::Stale | Written::KeyTaken(_) => Err(Error::not_found("interview", interview)),
        }
    }

    /// Copies everything of all tenants into another engine's store, and says how many interviews it looked at. What is there already as it is here stays; what has gone on
    /// here takes the place of its earlier copy, erasures too. So a copy that was interrupted is made again and goes on, and one that was made while the application worked is
    /// brought up to date. Each interview is copied as it was at one moment.
    ///
    /// # Errors
    /// `conflict` where an interview is in the other store with another log, or a version of a calibration says something else there: what came before it is copied. `invalid_state` where either engine is closed.
    pub fn copy_to(&self, target: &Self) -> Result<u64> {
        self.run(Operation::Copy, || {
            target.ensure_open()?;
            let mut copied = 0;
            let mut after = None;
            loop {
                let page = self.store().export(after, COPY_PAGE)?;
                let Some(last) = page.last() else { break };
                after = Some(last.interview.id);
                for bundle in page {
                    self.ensure_wanted()?;
                    let (id, erased) = (bundle.interview.id, bundle.erased_at.is_some());
                    if target.store().import(bundle)? {
                        target.forget(id);
                        target.inner.hub.wake();
                    }
                    if erased {
                        target.store().purge()?;
                    }
                    copied += 1;
                }
            }
            // After what names them: whatever a copied evaluation rests on is here by now.
            for calibration in self.store().calibrations(None)? {
                target.store().import_calibration(&calibration)?;
            }
            Ok(copied)
        })
    }

    /// Writes a consistent copy of the store to a new file while it is in use; SQLite only. The copy is a store of its own.
    ///
    /// # Errors
    /// `unsupported` on the other stores; `invalid_input` where the file exists; `storage` where it cannot be written.
    pub fn backup(&self, path: impl AsRef<Path>) -> Result<()> {
        self.run(Operation::Backup, || self.store().backup(path.as_ref()))
    }

    /// Asks the store whether it answers.
    ///
    /// # Errors
    /// `storage` where it does not.
    pub fn health(&self) -> Result<Health> {
        self.run(Operation::Health, || {
            let asked = Instant::now();
            let health = self.store().health()?;
            Ok(Health {
                store: self.store().kind().to_owned(),
                schema_version: health.schema_version,
                latency: asked.elapsed(),
            })
        })
    }
}
