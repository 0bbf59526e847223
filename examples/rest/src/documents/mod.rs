//! What requests and responses look like: the contract's names, whatever the library's own are.

pub mod agreement;
pub mod calibration;
pub mod draft;
pub mod evaluation;
pub mod interview;
pub mod judging;
pub mod names;
pub mod question;
pub mod session;
pub mod whole;
