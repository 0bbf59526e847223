//! The native part of the Python package `vivavoce`, over the library's engine.

mod agreement;
mod calibrations;
mod callbacks;
mod calls;
mod classes;
mod deliveries;
mod document;
mod ending;
mod engine;
mod error;
mod evaluations;
mod events;
mod fork;
mod interrupts;
mod interviews;
mod lists;
mod log;
mod panics;
mod read;
mod sessions;
mod settings;
mod spans;
mod upkeep;
mod values;

/// What the package `vivavoce` is made of; import that.
#[pyo3::pymodule]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::agreement::agreement;
    #[pymodule_export]
    use crate::calls::{CancelToken, panic_for_a_test};
    #[pymodule_export]
    use crate::classes::{
        Agreement, AnswerEvaluation, AuditReport, Backlog, Calibration, Competency, CompetencyScore, Correction,
        Delivery, Estimate, Evaluation, EvaluationPage, EvaluatorInfo, Event, Exchange, Flag, Health, Interview,
        InterviewPage, JudgeRequest, Judgement, KeyPointCoverage, Level, LimitsOfAgreement, Message, Metrics, Missing,
        ModelCall, ModelMetrics, Nearness, OperationMetrics, Override, PairAgreement, PairMeans, PanelInfo, Parameters,
        Question, QuestionCorrection, QuestionRequest, Quote, Rating, RatingPlace, Rubric, Scene, Session, Spent,
        Subscription, Tokens, Turn,
    };
    #[pymodule_export]
    use crate::engine::{Engine, metrics, shutdown};
    #[pymodule_export]
    use crate::events::{Events, Following};
    #[pymodule_export]
    use crate::lists::{Evaluations, Interviews};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::log::start();
        crate::panics::are_told_to_the_log();
        crate::fork::watch(module)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
