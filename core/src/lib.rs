//! Vivavoce: an embeddable engine for AI-conducted interviews.
//!
//! An [`Engine`] plans interviews, holds sessions, keeps every word in memory, SQLite or PostgreSQL, and has answers judged. Start there.
#![forbid(unsafe_code)]
#![cfg_attr(not(feature = "llm"), allow(dead_code, reason = "the stores keep replies and spending in every build"))]

pub mod agreement;
mod audit;
mod domain;
mod engine;
mod error;
mod evaluator;
mod interviewer;
#[cfg(feature = "llm")]
mod llm;
mod messages;
mod patience;
mod report;
mod session;
mod store;
mod threads;

pub use domain::*;
#[cfg(feature = "llm")]
pub use engine::Spent;
pub use engine::{
    AnswerOptions, CallOptions, Engine, EngineBuilder, Health, MetricsSnapshot, OperationMetrics, Settings,
};
pub use error::{Error, ErrorKind, Result};
#[cfg(feature = "llm")]
pub use evaluator::ModelEvaluator;
#[cfg(feature = "training")]
#[doc(hidden)]
pub use evaluator::training;
pub use evaluator::{BuiltinEvaluator, Evaluator, JudgeRequest, Judgement, Panel};
#[cfg(feature = "llm")]
pub use interviewer::ConversationalInterviewer;
pub use interviewer::{Interviewer, Planning, Said, Scene, ScriptedInterviewer, Speech};
#[cfg(feature = "llm")]
pub use llm::{
    Budget, ModelMetrics, ModelName, Models, Period, Price, Provider, ProviderKind, RateLimit, Secret,
    is_public_address,
};
pub use patience::CancelToken;
pub use report::Scorecard;
pub use session::Next;
pub use store::{EvaluationPage, InterviewPage, ListEvaluations, ListInterviews, Order, Paging, SortBy, Wake};

/// Compiles the README's example.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// Compiles and runs the guide's examples.
#[cfg(all(doctest, feature = "llm"))]
#[doc = include_str!("../../docs/language-models.md")]
struct LanguageModels;

/// Compiles and runs the evaluator's examples.
#[cfg(doctest)]
#[doc = include_str!("../../docs/built-in-evaluator.md")]
struct BuiltInEvaluator;
