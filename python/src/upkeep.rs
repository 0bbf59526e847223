//! What keeps a store trustworthy: audit, erasure, copies, backups and health.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyList;
use vivavoce::InterviewId;

use crate::calls::Options;
use crate::classes::{AuditReport, Health, Spent};
use crate::document::Document as _;
use crate::engine::Engine;
use crate::error::raise;
use crate::sessions::ids_of;
use crate::values::{Id, Text};

#[pymethods]
impl Engine {
    /// The end of an interview's audit log, to be kept elsewhere: it proves later that nothing up to it was changed, removed or reordered. Erased interviews have one too.
    ///
    /// Returns:
    ///     str: `interview/number/link`.
    ///
    /// Raises:
    ///     NotFoundError: There never was such an interview.
    fn audit_head(&self, py: Python<'_>, interview_id: Id<InterviewId>) -> PyResult<String> {
        self.quick(py, "audit_head", |engine| engine.audit_head(interview_id.0)).map(|head| head.to_string())
    }

    /// Verifies an interview's audit log and everything it speaks of.
    ///
    /// Args:
    ///     interview_id: The interview.
    ///     head: What `audit_head` gave at some time: the log is verified up to there. Without it, up to its end, and then a log whose end was cut off cannot be told from a
    ///         sound one, which the report says.
    ///
    /// Raises:
    ///     NotFoundError: There never was such an interview.
    ///     InvalidInputError: The head is none, or another interview's.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who are you?"])
    ///     ...     engine.verify_audit(interview.id, head=engine.audit_head(interview.id)).is_sound
    ///     True
    #[pyo3(signature = (interview_id, *, head=None))]
    fn verify_audit(
        &self,
        py: Python<'_>,
        interview_id: Id<InterviewId>,
        head: Option<Text<'_>>,
    ) -> PyResult<AuditReport> {
        let head = head.map(|head| head.parse()).transpose().map_err(|error| raise(py, &error))?;
        let options = Options::default();
        let report = self.slow(py, "verify_audit", options, |engine, _| engine.verify_audit(interview_id.0, head))?;
        Ok(AuditReport::of(Arc::new(report)))
    }

    /// Erases an interview: the candidate's name and words from every table, cache, key, quote, feedback and reply. Its id, its times and its audit log stay, and the log
    /// still verifies. Erasing again does no harm. Copies that were made before, backups among them, are out of reach.
    ///
    /// Args:
    ///     interview_id: The interview.
    ///     requested_by: Who asked for it, 1 to 200 characters; is recorded in the log.
    ///
    /// Raises:
    ///     NotFoundError: There never was such an interview.
    ///     InvalidInputError: `requested_by` is blank or too long.
    ///     StorageError: Retryable: the words are gone from the tables, but a reader keeps SQLite's log file from being emptied. Erase again.
    #[pyo3(signature = (interview_id, *, requested_by))]
    fn erase_interview(&self, py: Python<'_>, interview_id: Id<InterviewId>, requested_by: Text<'_>) -> PyResult<()> {
        self.quick(py, "erase_interview", |engine| engine.erase_interview(interview_id.0, &requested_by))
    }

    /// Erases all interviews of a candidate, by the application's own id, and says which.
    ///
    /// Args:
    ///     external_id: The application's own id of the candidate.
    ///     requested_by: Who asked for it, 1 to 200 characters; is recorded in the logs.
    ///
    /// Raises:
    ///     NotFoundError: No interview has this id (any more).
    #[pyo3(signature = (external_id, *, requested_by))]
    fn erase_candidate<'py>(
        &self,
        py: Python<'py>,
        external_id: Text<'_>,
        requested_by: Text<'_>,
    ) -> PyResult<Bound<'py, PyList>> {
        let erased = self.quick(py, "erase_candidate", |engine| engine.erase_candidate(&external_id, &requested_by))?;
        ids_of(py, &erased)
    }

    /// Copies everything of all tenants into another engine's store. What is there already stays; what has gone on here takes the place of its earlier copy. So a copy that was
    /// interrupted is made again and goes on.
    ///
    /// Args:
    ///     target: The other engine.
    ///
    /// Returns:
    ///     int: How many interviews were looked at.
    ///
    /// Raises:
    ///     ConflictError: An interview is in the other store with another log.
    ///     InvalidStateError: Either engine is closed.
    fn copy_to(&self, py: Python<'_>, target: &Bound<'_, Self>) -> PyResult<u64> {
        let target = target.get().present(py)?;
        self.slow(py, "copy_to", Options::default(), |engine, _| engine.copy_to(target))
    }

    /// Writes a consistent copy of the store to a new file while it is in use; SQLite only. The copy is a store of its own.
    ///
    /// Args:
    ///     path: The new file.
    ///
    /// Raises:
    ///     UnsupportedError: The store is another.
    ///     InvalidInputError: The file exists.
    ///     StorageError: It cannot be written.
    fn backup(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.slow(py, "backup", Options::default(), |engine, _| engine.backup(path))
    }

    /// Asks the store whether it answers.
    ///
    /// Raises:
    ///     StorageError: It does not.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> with Engine() as engine:
    ///     ...     engine.health().store
    ///     'memory'
    fn health(&self, py: Python<'_>) -> PyResult<Health> {
        let health = self.quick(py, "health", vivavoce::Engine::health)?;
        Ok(Health::of(Arc::new(health)))
    }

    /// What this engine's tenant has used of its budget for language models in the present period, by all engines on the store.
    ///
    /// Raises:
    ///     UnsupportedError: The engine has no language models, or no budget for tenants.
    fn spent(&self, py: Python<'_>) -> PyResult<Spent> {
        let spent = self.quick(py, "spent", vivavoce::Engine::spent)?;
        Ok(Spent::of(Arc::new(spent)))
    }
}
