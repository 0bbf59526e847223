//! Vivavoce: an embeddable engine for AI-conducted interviews.
//!
//! An [`Engine`] plans interviews, holds sessions, keeps every word in memory, SQLite or PostgreSQL, and has answers judged. Start there.
#![forbid(unsafe_code)]

mod audit;
mod domain;
mod engine;
mod error;
mod evaluator;
mod interviewer;
mod messages;
mod report;
mod session;
mod store;

pub use domain::*;
pub use engine::{AnswerOptions, CallOptions, Engine, EngineBuilder, Health, MetricsSnapshot, OperationMetrics};
pub use error::{Error, ErrorKind, Result};
pub use evaluator::{BuiltinEvaluator, Evaluator, JudgeRequest, Judgement};
pub use interviewer::{Interviewer, Scene, ScriptedInterviewer};
pub use report::Scorecard;
pub use session::Next;
pub use store::{InterviewPage, ListInterviews, Order, Paging, SortBy, Wake};

/// Compiles the README's example.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
