//! Names that values have in documents, for the OpenAPI document; the values themselves are the library's.

use utoipa::ToSchema;

/// What an interview is about.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum InterviewType {
    /// A first conversation: background, motivation, communication.
    General,
    /// Knowledge and problem solving.
    Technical,
    /// What the candidate did in real situations.
    Behavioral,
}

/// A language that interviews are held in.
#[derive(ToSchema)]
pub enum Language {
    /// English.
    #[schema(rename = "en")]
    En,
    /// Traditional Chinese as written in Taiwan.
    #[schema(rename = "zh-TW")]
    ZhTw,
}

/// How far an interview has come.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum InterviewStatus {
    /// Planned; no session has been started.
    Pending,
    /// A session has been started and none has been completed.
    InProgress,
    /// A session has been completed.
    Completed,
}

/// Where a session stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum SessionStatus {
    /// Messages are accepted.
    Active,
    /// Ended by request, or because all answers were given.
    Completed,
    /// Given up.
    Abandoned,
}

/// How far an evaluation has come.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum EvaluationStatus {
    /// Asked for.
    Pending,
    /// Being made.
    Running,
    /// Every answer was judged (or there was none to judge).
    Completed,
    /// Some answers could not be judged; `failure` says why.
    Partial,
    /// Nothing could be judged; `failure` says why.
    Failed,
}

/// What a list is ordered by.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum SortBy {
    /// When the interview was created; the default.
    Date,
    /// The candidate's name.
    Name,
    /// The status's name.
    Status,
}

/// The direction of a list.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum SortOrder {
    /// Smallest, or oldest, first.
    Asc,
    /// Largest, or newest, first; the default.
    Desc,
}

/// What a message does in the conversation.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum MessageKind {
    /// The interviewer asks a planned question.
    Question,
    /// The interviewer asks further about a planned question.
    Probe,
    /// The interviewer ends the conversation.
    Closing,
    /// The candidate speaks.
    Answer,
}

/// How much experience a job asks for.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Seniority {
    /// Who begins.
    Junior,
    /// Who works on their own.
    Mid,
    /// Who decides for others.
    Senior,
}
