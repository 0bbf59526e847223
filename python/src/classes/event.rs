//! The audit log.

use pyo3::prelude::*;

use crate::document::document;

document! {
    /// One entry of the audit log as a reader sees it.
    Event(vivavoce::Event) {
        /// The interview it belongs to.
        interview_id,
        /// Its place in the interview's log, from 1 without gaps; a session's events have gaps where other sessions of the same interview wrote.
        number,
        /// The session it belongs to; None where it belongs to none.
        session_id,
        /// When it happened (UTC).
        time,
        /// Who did it: `candidate`, `interviewer`, `evaluator`, `application`, `engine`, or the name of whoever changed a score or asked for an erasure.
        actor,
        /// What happened.
        action,
        /// What was said, for a message; None after erasure.
        message,
        /// The evaluation, for what happened to one.
        evaluation_id,
    }
    shows(number, action);
}

document! {
    /// What a verification of an interview's audit log found.
    AuditReport(vivavoce::AuditReport) {
        /// The first event, by number, that was changed, is missing or stands in another's place; None where there is none.
        first_bad,
        /// What is wrong with it, in words without any content.
        finding,
        /// How many events were checked.
        checked,
        /// How many of those had their content erased: their links were checked, their content cannot be.
        erased,
        /// How many of those are of plans that others replaced: what they say and their links were checked as far as that goes without the plan, which is not kept.
        replaced,
        /// Whether a head was given. Without one, a log whose end was cut off, or that was rewritten as a whole, cannot be told from a sound one.
        tail_checked,
    }
    shows(first_bad, checked, erased, tail_checked);

    /// Whether nothing wrong was found.
    #[getter]
    fn is_sound(&self) -> bool {
        self.0.is_sound()
    }
}
