//! Asking language models: providers' wire protocols, and one place for retries, limits, budgets and the cache. It knows nothing of interviews.
//!
//! `provider` names services and what a protocol does; each protocol has a file, pure of I/O. `client` finds the models to ask and looks into the cache (`reply_cache`);
//! `flights` runs each call on a thread of its own and shares identical ones; `retry` makes it, attempt after attempt, by `transport`, with a `breaker` and the `quota`s.

mod address;
mod anthropic;
mod asking;
mod breaker;
mod client;
mod counters;
mod delay;
mod document;
mod failure;
mod flights;
mod gemini;
mod models;
mod object;
mod ollama;
mod openai;
mod prompt;
mod provider;
mod quota;
mod reply_cache;
mod request;
mod response;
mod retry;
mod secret;
mod stream;
mod template;
#[cfg(test)]
mod tests;
mod transport;

pub use address::is_public_address;
pub(crate) use asking::{Asking, Kept};
pub(crate) use client::{Client, Surroundings, Unanswered};
pub use counters::ModelMetrics;
pub(crate) use document::at_least_one;
pub(crate) use flights::Heard;
pub use models::Models;
pub(crate) use object::{Fields, Node, object, spoken, text, texts};
pub(crate) use prompt::{Prompt, PromptTurn, Schema, Speaker};
pub use provider::{ModelName, Provider, ProviderKind};
pub(crate) use quota::Amount;
pub use quota::{Budget, Period, Price, RateLimit};
pub(crate) use reply_cache::{Keeper, Owner, Reservation};
pub use secret::Secret;
pub(crate) use template::{PART, fill, marker};
