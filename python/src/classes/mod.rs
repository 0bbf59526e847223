//! The classes of documents: frozen, and made of the library's own values.

mod agreement;
mod calibration;
mod delivery;
mod evaluation;
mod event;
mod interview;
mod judging;
mod session;
mod upkeep;

pub(crate) use agreement::*;
pub(crate) use calibration::*;
pub(crate) use delivery::*;
pub(crate) use evaluation::*;
pub(crate) use event::*;
pub(crate) use interview::*;
pub(crate) use judging::*;
pub(crate) use session::*;
pub(crate) use upkeep::*;

use crate::document::Document;

/// Whether a document that is given may have a field of this name.
pub(crate) fn is_field(name: &str) -> bool {
    fn has<D: Document>(name: &str) -> bool {
        D::FIELDS.iter().any(|(_, field)| *field == name)
    }
    has::<Question>(name)
        || has::<Rubric>(name)
        || has::<Competency>(name)
        || has::<Level>(name)
        || has::<Judgement>(name)
        || has::<Rating>(name)
        || has::<KeyPointCoverage>(name)
        || has::<Quote>(name)
}
