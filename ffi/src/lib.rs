//! The C ABI of Vivavoce. What holds for every call is in `docs/c-abi.md`; the comments here become those of `include/vivavoce.h`, and are written for whoever reads that.
#![allow(non_camel_case_types, reason = "the names are those of C")]
#![allow(clippy::missing_safety_doc, reason = "what callers owe is in the conventions, and in C nothing is safe")]

mod agreement;
mod calibrations;
mod call;
mod callbacks;
mod cancel;
mod deliveries;
mod engine;
mod error;
mod evaluations;
mod fork;
mod id;
mod interviews;
mod log;
mod options;
mod panics;
mod sessions;
mod status;
#[cfg(test)]
mod tests;
mod text;
mod turn;
mod upkeep;

pub use agreement::*;
pub use calibrations::*;
pub use callbacks::*;
pub use cancel::*;
pub use deliveries::*;
pub use engine::*;
pub use error::*;
pub use evaluations::*;
pub use id::*;
pub use interviews::*;
pub use log::*;
pub use options::*;
pub use sessions::*;
pub use status::*;
pub use text::*;
pub use turn::*;
pub use upkeep::*;
