//! Plain data: what an interview, a session and an evaluation are. No I/O, no clock, no randomness.

mod calibration;
pub(crate) mod canonical;
mod delivery;
mod document;
mod evaluation;
mod event;
mod id;
mod interview;
mod language;
pub mod limits;
mod names;
mod planning;
mod provenance;
mod rubric;
mod session;

pub use calibration::{Calibration, Correction, GradedAnswer, Nearness, QuestionCorrection};
pub(crate) use calibration::{
    CalibrationName, FEWEST_OF_A_BANK, FEWEST_OF_A_QUESTION, calibration_moved, check_new_name, question_hash,
};
pub use delivery::{Backlog, Delivery, Subscription};
pub use document::from_json;
pub use evaluation::{
    AnswerEvaluation, Basis, Combine, CompetencyScore, Coverage, Evaluation, EvaluationStatus, EvaluatorInfo, Exchange,
    KeyPointCoverage, PanelInfo, Quote, Rating, Unanswered,
};
pub use event::{Action, AuditHead, AuditReport, Event};
pub(crate) use id::IdEntropy;
pub use id::{EvaluationId, InterviewId, MessageId, SessionId};
pub use interview::{Interview, InterviewStatus, InterviewType, NewInterview, Question};
pub use language::Language;
pub use planning::{QuestionRequest, Seniority};
pub use provenance::{Flag, FlagKind, Missing, ModelCall, Override, Parameters, RatingPlace, Tokens};
pub use rubric::{Competency, Level, Rubric};
pub use session::{Message, MessageKind, Origin, Role, Session, SessionStatus, StartSession, Turn};
