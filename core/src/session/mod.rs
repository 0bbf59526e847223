//! The rules of a session, as pure functions over plain data.

mod exchanges;
mod flow;

pub(crate) use exchanges::exchanges;
pub use flow::Next;
pub(crate) use flow::{is_idle, next, unanswered};
