# The types of the native module. What each thing does is said in its docstring, which the module itself has; defaults are those of the module.

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, final, overload, type_check_only
from uuid import UUID

from matplotlib.axes import Axes
from typing_extensions import Never, Self

from vivavoce._errors import Error
from vivavoce.types import (
    Action,
    Basis,
    Combine,
    CompetencyInput,
    Coverage,
    ErrorKind,
    EvaluationStatus,
    EvaluatorInput,
    FlagInput,
    FlagKind,
    GradedInput,
    IdInput,
    InterviewStatus,
    InterviewType,
    InterviewerInput,
    KeyPointInput,
    Language,
    LevelInput,
    Listed,
    MessageKind,
    MissingInput,
    ModelsInput,
    NextWords,
    Order,
    Origin,
    ProviderInput,
    QuestionInput,
    QuoteInput,
    RatingInput,
    Role,
    RubricInput,
    ScorecardFormat,
    Seconds,
    Seniority,
    SessionStatus,
    Several,
    SortBy,
    StoreKind,
    Unanswered,
)

__all__ = [
    "Agreement",
    "AnswerEvaluation",
    "AuditReport",
    "Backlog",
    "Calibration",
    "CancelToken",
    "Competency",
    "CompetencyScore",
    "Correction",
    "Delivery",
    "Engine",
    "Estimate",
    "Evaluation",
    "EvaluationPage",
    "Evaluations",
    "EvaluatorInfo",
    "Event",
    "Events",
    "Exchange",
    "Flag",
    "Following",
    "Health",
    "Interview",
    "InterviewPage",
    "Interviews",
    "JudgeRequest",
    "Judgement",
    "KeyPointCoverage",
    "Level",
    "LimitsOfAgreement",
    "Message",
    "Metrics",
    "Missing",
    "ModelCall",
    "ModelMetrics",
    "Nearness",
    "OperationMetrics",
    "Override",
    "PairAgreement",
    "PairMeans",
    "PanelInfo",
    "Parameters",
    "Question",
    "QuestionCorrection",
    "QuestionRequest",
    "Quote",
    "Rating",
    "RatingPlace",
    "Rubric",
    "Scene",
    "Session",
    "Spent",
    "Subscription",
    "Tokens",
    "Turn",
    "__version__",
    "agreement",
    "metrics",
    "panic_for_a_test",
    "shutdown",
]

__version__: str

# For all engines of this process.
def metrics() -> Metrics: ...
# What `vivavoce.agreement` makes of its arguments.
def agreement(request: Mapping[str, Any], /) -> Agreement: ...
def panic_for_a_test() -> None: ...
def shutdown() -> None: ...

# The engine.

@final
class CancelToken:
    def __new__(cls) -> Self: ...
    @property
    def is_cancelled(self) -> bool: ...
    def cancel(self) -> None: ...

@final
class Engine:
    def __new__(
        cls,
        url: str = "memory:",
        *,
        interviewer: InterviewerInput | None = None,
        evaluator: EvaluatorInput | None = None,
        models: ModelsInput | None = None,
        idle_timeout: Seconds | None = None,
        unanswered: Unanswered = "lowers_score",
        cached_sessions: int = 4096,
        read_staleness: Seconds = 1.0,
        clock: Callable[[], datetime] | None = None,
    ) -> Self: ...
    @staticmethod
    def from_env(
        *,
        interviewer: InterviewerInput | None = None,
        evaluator: EvaluatorInput | None = None,
        models: ModelsInput | None = None,
        idle_timeout: Seconds | None = None,
        unanswered: Unanswered = "lowers_score",
        cached_sessions: int = 4096,
        read_staleness: Seconds = 1.0,
        clock: Callable[[], datetime] | None = None,
    ) -> Engine: ...
    def for_tenant(self, tenant: str) -> Self: ...
    def cancelled_by(self, token: CancelToken) -> Self: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...
    def metrics(self) -> Metrics: ...

    # Planning.
    def create_interview(
        self,
        *,
        candidate_name: str,
        interview_type: InterviewType,
        questions: Several[QuestionInput],
        interview_language: Language = "en",
        job_description: str | None = None,
        resume: str | None = None,
        external_id: str | None = None,
        rubric: RubricInput | None = None,
        calibration: str | None = None,
        max_answers: int | None = None,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        cancel: CancelToken | None = None,
    ) -> Interview: ...
    def update_interview(
        self,
        interview_id: IdInput,
        *,
        candidate_name: str,
        interview_type: InterviewType,
        questions: Several[QuestionInput],
        interview_language: Language = "en",
        job_description: str | None = None,
        resume: str | None = None,
        external_id: str | None = None,
        rubric: RubricInput | None = None,
        calibration: str | None = None,
        max_answers: int | None = None,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        cancel: CancelToken | None = None,
    ) -> Interview: ...
    def delete_draft(self, interview_id: IdInput, *, requested_by: str) -> None: ...
    def generate_questions(
        self,
        *,
        interview_type: InterviewType,
        count: int,
        level: Seniority = "mid",
        language: Language = "en",
        job_description: str | None = None,
        resume: str | None = None,
        timeout: Seconds | None = None,
        cancel: CancelToken | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> list[Question]: ...
    def interview(self, interview_id: IdInput) -> Interview: ...
    def list_interviews(
        self,
        *,
        candidate_name: str | None = None,
        status: InterviewStatus | None = None,
        date_from: date | None = None,
        date_to: date | None = None,
        sort_by: SortBy = "date",
        order: Order = "descending",
        limit: int = 10,
        offset: int = 0,
        cursor: str | None = None,
        total: bool = False,
    ) -> InterviewPage: ...
    def interviews(
        self,
        *,
        candidate_name: str | None = None,
        status: InterviewStatus | None = None,
        date_from: date | None = None,
        date_to: date | None = None,
        sort_by: SortBy = "date",
        order: Order = "descending",
    ) -> Iterator[Interview]: ...

    # Holding sessions.
    def start_session(
        self,
        interview_id: IdInput,
        *,
        session_language: Language | None = None,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        cancel: CancelToken | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> Session: ...
    def send_message(
        self,
        session_id: IdInput,
        text: str,
        *,
        hear: Callable[[str | None], object] | None = None,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        expected_version: int | None = None,
        cancel: CancelToken | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> Turn: ...
    def session(self, session_id: IdInput, *, exact: bool = False) -> Session: ...
    def sessions(self, interview_id: IdInput) -> list[UUID]: ...
    def abandon_session(
        self,
        session_id: IdInput,
        *,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        expected_version: int | None = None,
        cancel: CancelToken | None = None,
    ) -> Session: ...
    def abandon_idle_sessions(self) -> list[UUID]: ...

    # Having answers judged.
    def end_session(
        self,
        session_id: IdInput,
        *,
        queued: bool = False,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        expected_version: int | None = None,
        cancel: CancelToken | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> Evaluation: ...
    def evaluate(
        self,
        interview_id: IdInput,
        answers: Mapping[int, str],
        *,
        queued: bool = False,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        cancel: CancelToken | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> Evaluation: ...
    def evaluate_answer(
        self,
        question: QuestionInput,
        answer: str,
        *,
        interview_type: InterviewType = "general",
        language: Language = "en",
        job_description: str | None = None,
        rubric: RubricInput | None = None,
        calibration: str | None = None,
        timeout: Seconds | None = None,
        cancel: CancelToken | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> AnswerEvaluation: ...
    def evaluate_answers(
        self,
        answers: Iterable[tuple[QuestionInput, str]],
        *,
        interview_type: InterviewType = "general",
        language: Language = "en",
        job_description: str | None = None,
        rubric: RubricInput | None = None,
        calibration: str | None = None,
        timeout: Seconds | None = None,
        cancel: CancelToken | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> list[AnswerEvaluation | Error]: ...
    def evaluation(self, evaluation_id: IdInput) -> Evaluation: ...
    def evaluations(self, interview_id: IdInput) -> list[UUID]: ...
    def list_evaluations(
        self,
        *,
        status: EvaluationStatus | None = None,
        interview_id: IdInput | None = None,
        limit: int = 10,
        cursor: str | None = None,
    ) -> EvaluationPage: ...
    def all_evaluations(
        self, *, status: EvaluationStatus | None = None, interview_id: IdInput | None = None
    ) -> Iterator[Evaluation]: ...
    def scorecard(self, evaluation_id: IdInput, *, format: ScorecardFormat = "markdown") -> str: ...
    def re_evaluate(
        self,
        evaluation_id: IdInput,
        *,
        queued: bool = False,
        idempotency_key: str | None = None,
        timeout: Seconds | None = None,
        cancel: CancelToken | None = None,
        model: str | None = None,
        provider: ProviderInput | None = None,
    ) -> Evaluation: ...
    @overload
    def override_score(
        self,
        evaluation_id: IdInput,
        score: float,
        *,
        by: str,
        reason: str,
        exchange: None = None,
        competency: None = None,
        idempotency_key: str | None = None,
    ) -> Evaluation: ...
    @overload
    def override_score(
        self,
        evaluation_id: IdInput,
        score: float,
        *,
        by: str,
        reason: str,
        exchange: int,
        competency: str,
        idempotency_key: str | None = None,
    ) -> Evaluation: ...
    def replay(self, evaluation_id: IdInput) -> Evaluation: ...
    def run_worker(self, stop: CancelToken) -> int: ...

    # Learning from graders.
    def calibrate(
        self,
        name: str,
        graded: Iterable[GradedInput],
        *,
        interview_type: InterviewType = "general",
        language: Language = "en",
        job_description: str | None = None,
        rubric: RubricInput | None = None,
    ) -> Calibration: ...
    def calibration(self, name: str) -> Calibration: ...
    def calibrations(self) -> list[Calibration]: ...

    # Watching sessions.
    def events(self, session_id: IdInput, *, after: int = 0) -> Iterator[Event]: ...
    def next_events(
        self,
        session_id: IdInput,
        after: int,
        *,
        timeout: Seconds,
        poll: Seconds | None = 1.0,
        cancel: CancelToken | None = None,
    ) -> list[Event]: ...
    def follow(
        self,
        session_id: IdInput,
        *,
        after: int = 0,
        timeout: Seconds | None = None,
        poll: Seconds | None = 1.0,
        cancel: CancelToken | None = None,
    ) -> Iterator[Event]: ...

    # Being told for sure.
    def subscribe(self, name: str, actions: Several[Action]) -> None: ...
    def unsubscribe(self, name: str) -> bool: ...
    def subscriptions(self) -> list[Subscription]: ...
    def run_deliveries(self, name: str, deliver: Callable[[Delivery], object], *, stop: CancelToken) -> int: ...
    def backlog(self) -> Backlog: ...

    # Keeping the store trustworthy.
    def audit_head(self, interview_id: IdInput) -> str: ...
    def verify_audit(self, interview_id: IdInput, *, head: str | None = None) -> AuditReport: ...
    def erase_interview(self, interview_id: IdInput, *, requested_by: str) -> None: ...
    def erase_candidate(self, external_id: str, *, requested_by: str) -> list[UUID]: ...
    def copy_to(self, target: Engine) -> int: ...
    def backup(self, path: str | os.PathLike[str]) -> None: ...
    def health(self) -> Health: ...
    def spent(self) -> Spent: ...

# What iterating gives: `Engine.interviews`, `Engine.events` and `Engine.follow`.

@final
class Interviews(_Made):
    def __iter__(self) -> Self: ...
    def __next__(self) -> Interview: ...

@final
class Evaluations(_Made):
    def __iter__(self) -> Self: ...
    def __next__(self) -> Evaluation: ...

@final
class Events(_Made):
    def __iter__(self) -> Self: ...
    def __next__(self) -> Event: ...

@final
class Following(_Made):
    def __iter__(self) -> Self: ...
    def __next__(self) -> Event: ...

# What the engine alone makes has no constructor: nothing can be given for `never`.
@type_check_only
class _Made:
    def __new__(cls, never: Never, /) -> Self: ...

# What all documents have; in the module each class has it for itself. `__replace__` and `from_json` are with the class.
@type_check_only
class _Document:
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any, /) -> Self: ...
    def __reduce__(self) -> tuple[Callable[[str], Self], tuple[str]]: ...
    def to_dict(self) -> dict[str, Any]: ...
    def to_json(self) -> str: ...

# The plan.

@final
class Level(_Document):
    def __new__(cls, score: float, anchor: str) -> Self: ...
    @property
    def score(self) -> float: ...
    @property
    def anchor(self) -> str: ...
    def __replace__(self, *, score: float = ..., anchor: str = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Level: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Level: ...

@final
class Competency(_Document):
    def __new__(
        cls,
        name: str,
        *,
        description: str | None = None,
        weight: float = 1.0,
        levels: Several[LevelInput] | None = None,
    ) -> Self: ...
    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str | None: ...
    @property
    def weight(self) -> float: ...
    @property
    def levels(self) -> tuple[Level, ...]: ...
    def __replace__(
        self, *, name: str = ..., description: str | None = ..., weight: float = ..., levels: Several[LevelInput] = ...
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Competency: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Competency: ...

@final
class Rubric(_Document):
    def __new__(cls, competencies: Several[CompetencyInput]) -> Self: ...
    @property
    def competencies(self) -> tuple[Competency, ...]: ...
    @property
    def hash(self) -> str: ...
    @staticmethod
    def standard(interview_type: InterviewType) -> Rubric: ...
    def __replace__(self, *, competencies: Several[CompetencyInput] = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Rubric: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Rubric: ...

@final
class Question(_Document):
    def __new__(
        cls,
        text: str,
        *,
        competency: str | None = None,
        reference_answer: str | None = None,
        key_points: Listed[str] | None = None,
        weight: float = 1.0,
        time_limit: Seconds | None = None,
        follow_ups: Listed[str] | None = None,
    ) -> Self: ...
    @property
    def text(self) -> str: ...
    @property
    def competency(self) -> str | None: ...
    @property
    def reference_answer(self) -> str | None: ...
    @property
    def key_points(self) -> tuple[str, ...]: ...
    @property
    def weight(self) -> float: ...
    @property
    def time_limit(self) -> timedelta | None: ...
    @property
    def follow_ups(self) -> tuple[str, ...]: ...
    def __replace__(
        self,
        *,
        text: str = ...,
        competency: str | None = ...,
        reference_answer: str | None = ...,
        key_points: Several[str] = ...,
        weight: float = ...,
        time_limit: timedelta | None = ...,
        follow_ups: Several[str] = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Question: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Question: ...

@final
class QuestionRequest(_Document, _Made):
    @property
    def interview_type(self) -> InterviewType: ...
    @property
    def count(self) -> int: ...
    @property
    def level(self) -> Seniority: ...
    @property
    def language(self) -> Language: ...
    @property
    def job_description(self) -> str | None: ...
    @property
    def resume(self) -> str | None: ...
    def __replace__(
        self,
        *,
        interview_type: InterviewType = ...,
        count: int = ...,
        level: Seniority = ...,
        language: Language = ...,
        job_description: str | None = ...,
        resume: str | None = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> QuestionRequest: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> QuestionRequest: ...

@final
class Interview(_Document, _Made):
    @property
    def id(self) -> UUID: ...
    @property
    def candidate_name(self) -> str: ...
    @property
    def interview_type(self) -> InterviewType: ...
    @property
    def interview_language(self) -> Language: ...
    @property
    def questions(self) -> tuple[Question, ...]: ...
    @property
    def job_description(self) -> str | None: ...
    @property
    def resume(self) -> str | None: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def rubric(self) -> Rubric | None: ...
    @property
    def calibration(self) -> str | None: ...
    @property
    def max_answers(self) -> int: ...
    @property
    def status(self) -> InterviewStatus: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...
    @property
    def effective_rubric(self) -> Rubric: ...
    def __replace__(
        self,
        *,
        id: IdInput = ...,
        candidate_name: str = ...,
        interview_type: InterviewType = ...,
        interview_language: Language = ...,
        questions: Several[QuestionInput] = ...,
        job_description: str | None = ...,
        resume: str | None = ...,
        external_id: str | None = ...,
        rubric: RubricInput | None = ...,
        calibration: str | None = ...,
        max_answers: int = ...,
        status: InterviewStatus = ...,
        created_at: datetime = ...,
        updated_at: datetime = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Interview: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Interview: ...

@final
class InterviewPage(_Document, _Made):
    @property
    def interviews(self) -> tuple[Interview, ...]: ...
    @property
    def total(self) -> int | None: ...
    @property
    def next_cursor(self) -> str | None: ...
    def __replace__(
        self, *, interviews: Several[Interview] = ..., total: int | None = ..., next_cursor: str | None = ...
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> InterviewPage: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> InterviewPage: ...

# The conversation.

@final
class Message(_Document, _Made):
    @property
    def id(self) -> UUID: ...
    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> MessageKind: ...
    @property
    def content(self) -> str: ...
    @property
    def question(self) -> int | None: ...
    @property
    def origin(self) -> Origin | None: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def role(self) -> Role: ...
    def __replace__(
        self,
        *,
        id: IdInput = ...,
        number: int = ...,
        kind: MessageKind = ...,
        content: str = ...,
        question: int | None = ...,
        origin: Origin | None = ...,
        created_at: datetime = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Message: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Message: ...

@final
class Turn(_Document, _Made):
    @property
    def message(self) -> Message: ...
    @property
    def reply(self) -> Message: ...
    @property
    def session_status(self) -> SessionStatus: ...
    @property
    def session_version(self) -> int: ...
    def __replace__(
        self,
        *,
        message: Message = ...,
        reply: Message = ...,
        session_status: SessionStatus = ...,
        session_version: int = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Turn: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Turn: ...

@final
class Session(_Document, _Made):
    @property
    def id(self) -> UUID: ...
    @property
    def interview_id(self) -> UUID: ...
    @property
    def session_language(self) -> Language: ...
    @property
    def status(self) -> SessionStatus: ...
    @property
    def version(self) -> int: ...
    @property
    def messages(self) -> tuple[Message, ...]: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def answers_given(self) -> int: ...
    @property
    def pending(self) -> Message | None: ...
    def _repr_html_(self) -> str: ...
    def __replace__(
        self,
        *,
        id: IdInput = ...,
        interview_id: IdInput = ...,
        session_language: Language = ...,
        status: SessionStatus = ...,
        version: int = ...,
        messages: Several[Message] = ...,
        started_at: datetime = ...,
        created_at: datetime = ...,
        updated_at: datetime = ...,
        ended_at: datetime | None = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Session: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Session: ...

# The judgement.

@final
class Exchange(_Document, _Made):
    @property
    def question(self) -> int | None: ...
    @property
    def question_text(self) -> str: ...
    @property
    def probe(self) -> bool: ...
    @property
    def answer(self) -> str: ...
    def __replace__(
        self, *, question: int | None = ..., question_text: str = ..., probe: bool = ..., answer: str = ...
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Exchange: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Exchange: ...

@final
class Quote(_Document):
    def __new__(cls, start: int, end: int, text: str) -> Self: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def text(self) -> str: ...
    @staticmethod
    def find(answer: str, text: str) -> Quote: ...
    def __replace__(self, *, start: int = ..., end: int = ..., text: str = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Quote: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Quote: ...

@final
class Rating(_Document):
    def __new__(
        cls,
        exchange: int,
        competency: str,
        score: float,
        *,
        confidence: float = 1.0,
        quotes: Several[QuoteInput] | None = None,
        reason: str = "",
    ) -> Self: ...
    @property
    def exchange(self) -> int: ...
    @property
    def competency(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def basis(self) -> Basis: ...
    @property
    def confidence(self) -> float: ...
    @property
    def quotes(self) -> tuple[Quote, ...]: ...
    @property
    def reason(self) -> str: ...
    @property
    def spread(self) -> float | None: ...
    def __replace__(
        self,
        *,
        exchange: int = ...,
        competency: str = ...,
        score: float = ...,
        basis: Basis = ...,
        confidence: float = ...,
        quotes: Several[QuoteInput] = ...,
        reason: str = ...,
        spread: float | None = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Rating: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Rating: ...

@final
class KeyPointCoverage(_Document):
    def __new__(
        cls, exchange: int, point: int, text: str, share: float, *, quotes: Several[QuoteInput] | None = None
    ) -> Self: ...
    @property
    def exchange(self) -> int: ...
    @property
    def point(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def coverage(self) -> Coverage: ...
    @property
    def share(self) -> float: ...
    @property
    def quotes(self) -> tuple[Quote, ...]: ...
    def __replace__(
        self,
        *,
        exchange: int = ...,
        point: int = ...,
        text: str = ...,
        coverage: Coverage = ...,
        share: float = ...,
        quotes: Several[QuoteInput] = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> KeyPointCoverage: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> KeyPointCoverage: ...

@final
class CompetencyScore(_Document, _Made):
    @property
    def competency(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def weight(self) -> float: ...
    @property
    def ratings(self) -> int: ...
    def __replace__(
        self, *, competency: str = ..., score: float = ..., weight: float = ..., ratings: int = ...
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> CompetencyScore: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> CompetencyScore: ...

@final
class EvaluatorInfo(_Document):
    def __new__(cls, provider: str, model: str, version: str) -> Self: ...
    @property
    def provider(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def panel(self) -> PanelInfo | None: ...
    def __replace__(
        self, *, provider: str = ..., model: str = ..., version: str = ..., panel: PanelInfo | None = ...
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> EvaluatorInfo: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> EvaluatorInfo: ...

@final
class PanelInfo(_Document, _Made):
    @property
    def judges(self) -> tuple[EvaluatorInfo, ...]: ...
    @property
    def combine(self) -> Combine: ...
    @property
    def disagreement(self) -> float: ...
    def __replace__(
        self, *, judges: Several[EvaluatorInfo] = ..., combine: Combine = ..., disagreement: float = ...
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> PanelInfo: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> PanelInfo: ...

@final
class Missing(_Document):
    def __new__(cls, exchange: int, reason: str, *, competency: str | None = None) -> Self: ...
    @property
    def exchange(self) -> int: ...
    @property
    def competency(self) -> str | None: ...
    @property
    def reason(self) -> str: ...
    def __replace__(self, *, exchange: int = ..., competency: str | None = ..., reason: str = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Missing: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Missing: ...

@final
class Flag(_Document):
    def __new__(cls, exchange: int, kind: FlagKind, span: QuoteInput) -> Self: ...
    @property
    def exchange(self) -> int: ...
    @property
    def kind(self) -> FlagKind: ...
    @property
    def span(self) -> Quote: ...
    def __replace__(self, *, exchange: int = ..., kind: FlagKind = ..., span: QuoteInput = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Flag: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Flag: ...

@final
class RatingPlace(_Document, _Made):
    @property
    def exchange(self) -> int: ...
    @property
    def competency(self) -> str: ...
    def __replace__(self, *, exchange: int = ..., competency: str = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> RatingPlace: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> RatingPlace: ...

@final
class Override(_Document, _Made):
    @property
    def by(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def rating(self) -> RatingPlace | None: ...
    def __replace__(
        self, *, by: str = ..., reason: str = ..., score: float = ..., rating: RatingPlace | None = ...
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Override: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Override: ...

@final
class Parameters(_Document, _Made):
    @property
    def temperature(self) -> float | None: ...
    @property
    def seed(self) -> int | None: ...
    def __replace__(self, *, temperature: float | None = ..., seed: int | None = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Parameters: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Parameters: ...

@final
class Tokens(_Document, _Made):
    @property
    def input(self) -> int: ...
    @property
    def output(self) -> int: ...
    def __replace__(self, *, input: int = ..., output: int = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Tokens: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Tokens: ...

@final
class ModelCall(_Document, _Made):
    @property
    def exchange(self) -> int: ...
    @property
    def judge(self) -> int: ...
    @property
    def model(self) -> str: ...
    @property
    def answered_by(self) -> str | None: ...
    @property
    def parameters(self) -> Parameters: ...
    @property
    def prompt_version(self) -> str: ...
    @property
    def prompt_hash(self) -> str: ...
    @property
    def schema_hash(self) -> str: ...
    @property
    def request_id(self) -> str | None: ...
    @property
    def tokens(self) -> Tokens: ...
    @property
    def cost(self) -> float | None: ...
    @property
    def duration(self) -> timedelta: ...
    @property
    def tries(self) -> int: ...
    @property
    def cached(self) -> bool: ...
    @property
    def reply(self) -> str: ...
    @property
    def failure(self) -> str | None: ...
    def __replace__(
        self,
        *,
        exchange: int = ...,
        judge: int = ...,
        model: str = ...,
        answered_by: str | None = ...,
        parameters: Parameters = ...,
        prompt_version: str = ...,
        prompt_hash: str = ...,
        schema_hash: str = ...,
        request_id: str | None = ...,
        tokens: Tokens = ...,
        cost: float | None = ...,
        duration: timedelta = ...,
        tries: int = ...,
        cached: bool = ...,
        reply: str = ...,
        failure: str | None = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> ModelCall: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> ModelCall: ...

@final
class Evaluation(_Document, _Made):
    @property
    def id(self) -> UUID: ...
    @property
    def interview_id(self) -> UUID: ...
    @property
    def session_id(self) -> UUID | None: ...
    @property
    def status(self) -> EvaluationStatus: ...
    @property
    def score(self) -> float | None: ...
    @property
    def feedback(self) -> str: ...
    @property
    def language(self) -> Language: ...
    @property
    def exchanges(self) -> tuple[Exchange, ...]: ...
    @property
    def ratings(self) -> tuple[Rating, ...]: ...
    @property
    def competencies(self) -> tuple[CompetencyScore, ...]: ...
    @property
    def strengths(self) -> tuple[str, ...]: ...
    @property
    def weaknesses(self) -> tuple[str, ...]: ...
    @property
    def recommendations(self) -> tuple[str, ...]: ...
    @property
    def unanswered(self) -> tuple[int, ...]: ...
    @property
    def unanswered_policy(self) -> Unanswered: ...
    @property
    def needs_review(self) -> tuple[str, ...]: ...
    @property
    def failure(self) -> str | None: ...
    @property
    def evaluator(self) -> EvaluatorInfo: ...
    @property
    def rubric_hash(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def completed_at(self) -> datetime | None: ...
    @property
    def supersedes(self) -> UUID | None: ...
    @property
    def overridden(self) -> tuple[Override, ...]: ...
    @property
    def missing(self) -> tuple[Missing, ...]: ...
    @property
    def flags(self) -> tuple[Flag, ...]: ...
    @property
    def calibration(self) -> str | None: ...
    @property
    def key_points(self) -> tuple[KeyPointCoverage, ...]: ...
    @property
    def calls(self) -> tuple[ModelCall, ...]: ...
    def plot(self, *others: Evaluation, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Axes: ...
    def _repr_html_(self) -> str: ...
    def __replace__(
        self,
        *,
        id: IdInput = ...,
        interview_id: IdInput = ...,
        session_id: IdInput | None = ...,
        status: EvaluationStatus = ...,
        score: float | None = ...,
        feedback: str = ...,
        language: Language = ...,
        exchanges: Several[Exchange] = ...,
        ratings: Several[RatingInput] = ...,
        competencies: Several[CompetencyScore] = ...,
        strengths: Several[str] = ...,
        weaknesses: Several[str] = ...,
        recommendations: Several[str] = ...,
        unanswered: Several[int] = ...,
        unanswered_policy: Unanswered = ...,
        needs_review: Several[str] = ...,
        failure: str | None = ...,
        evaluator: EvaluatorInfo = ...,
        rubric_hash: str = ...,
        created_at: datetime = ...,
        completed_at: datetime | None = ...,
        supersedes: IdInput | None = ...,
        overridden: Several[Override] = ...,
        missing: Several[MissingInput] = ...,
        flags: Several[FlagInput] = ...,
        calibration: str | None = ...,
        key_points: Several[KeyPointInput] = ...,
        calls: Several[ModelCall] = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Evaluation: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Evaluation: ...

@final
class EvaluationPage(_Document, _Made):
    @property
    def evaluations(self) -> tuple[Evaluation, ...]: ...
    @property
    def next_cursor(self) -> str | None: ...
    def __replace__(self, *, evaluations: Several[Evaluation] = ..., next_cursor: str | None = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> EvaluationPage: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> EvaluationPage: ...

@final
class AnswerEvaluation(_Document, _Made):
    @property
    def score(self) -> float: ...
    @property
    def ratings(self) -> tuple[Rating, ...]: ...
    @property
    def feedback(self) -> str: ...
    @property
    def strengths(self) -> tuple[str, ...]: ...
    @property
    def weaknesses(self) -> tuple[str, ...]: ...
    @property
    def recommendations(self) -> tuple[str, ...]: ...
    @property
    def needs_review(self) -> tuple[str, ...]: ...
    @property
    def evaluator(self) -> EvaluatorInfo: ...
    @property
    def rubric_hash(self) -> str: ...
    @property
    def missing(self) -> tuple[Missing, ...]: ...
    @property
    def flags(self) -> tuple[Flag, ...]: ...
    @property
    def calibration(self) -> str | None: ...
    @property
    def key_points(self) -> tuple[KeyPointCoverage, ...]: ...
    @property
    def calls(self) -> tuple[ModelCall, ...]: ...
    def __replace__(
        self,
        *,
        score: float = ...,
        ratings: Several[RatingInput] = ...,
        feedback: str = ...,
        strengths: Several[str] = ...,
        weaknesses: Several[str] = ...,
        recommendations: Several[str] = ...,
        needs_review: Several[str] = ...,
        evaluator: EvaluatorInfo = ...,
        rubric_hash: str = ...,
        missing: Several[MissingInput] = ...,
        flags: Several[FlagInput] = ...,
        calibration: str | None = ...,
        key_points: Several[KeyPointInput] = ...,
        calls: Several[ModelCall] = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> AnswerEvaluation: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> AnswerEvaluation: ...

# What an interviewer and an evaluator of the application are given, and what they answer with.

@final
class Scene(_Made):
    @property
    def interview(self) -> Interview: ...
    @property
    def language(self) -> Language: ...
    @property
    def messages(self) -> tuple[Message, ...]: ...
    @property
    def exchanges(self) -> tuple[Exchange, ...]: ...
    @property
    def next(self) -> NextWords: ...
    @property
    def question(self) -> int | None: ...
    @property
    def remaining(self) -> timedelta | None: ...
    @property
    def is_cancelled(self) -> bool: ...

@final
class JudgeRequest(_Made):
    @property
    def interview(self) -> Interview: ...
    @property
    def rubric(self) -> Rubric: ...
    @property
    def language(self) -> Language: ...
    @property
    def exchanges(self) -> tuple[Exchange, ...]: ...
    @property
    def remaining(self) -> timedelta | None: ...
    @property
    def is_cancelled(self) -> bool: ...

@final
class Judgement(_Document):
    def __new__(
        cls,
        ratings: Several[RatingInput],
        *,
        feedback: str = "",
        strengths: Listed[str] = (),
        weaknesses: Listed[str] = (),
        recommendations: Listed[str] = (),
        needs_review: Listed[str] = (),
        missing: Several[MissingInput] | None = None,
        flags: Several[FlagInput] | None = None,
        key_points: Several[KeyPointInput] | None = None,
    ) -> Self: ...
    @property
    def ratings(self) -> tuple[Rating, ...]: ...
    @property
    def feedback(self) -> str: ...
    @property
    def strengths(self) -> tuple[str, ...]: ...
    @property
    def weaknesses(self) -> tuple[str, ...]: ...
    @property
    def recommendations(self) -> tuple[str, ...]: ...
    @property
    def needs_review(self) -> tuple[str, ...]: ...
    @property
    def missing(self) -> tuple[Missing, ...]: ...
    @property
    def flags(self) -> tuple[Flag, ...]: ...
    @property
    def key_points(self) -> tuple[KeyPointCoverage, ...]: ...
    def __replace__(
        self,
        *,
        ratings: Several[RatingInput] = ...,
        feedback: str = ...,
        strengths: Several[str] = ...,
        weaknesses: Several[str] = ...,
        recommendations: Several[str] = ...,
        needs_review: Several[str] = ...,
        missing: Several[MissingInput] = ...,
        flags: Several[FlagInput] = ...,
        key_points: Several[KeyPointInput] = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Judgement: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Judgement: ...

# The audit log.

@final
class Event(_Document, _Made):
    @property
    def interview_id(self) -> UUID: ...
    @property
    def number(self) -> int: ...
    @property
    def session_id(self) -> UUID | None: ...
    @property
    def time(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def action(self) -> Action: ...
    @property
    def message(self) -> Message | None: ...
    @property
    def evaluation_id(self) -> UUID | None: ...
    def __replace__(
        self,
        *,
        interview_id: IdInput = ...,
        number: int = ...,
        session_id: IdInput | None = ...,
        time: datetime = ...,
        actor: str = ...,
        action: Action = ...,
        message: Message | None = ...,
        evaluation_id: IdInput | None = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Event: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Event: ...

@final
class AuditReport(_Document, _Made):
    @property
    def first_bad(self) -> int | None: ...
    @property
    def finding(self) -> str | None: ...
    @property
    def checked(self) -> int: ...
    @property
    def erased(self) -> int: ...
    @property
    def replaced(self) -> int: ...
    @property
    def tail_checked(self) -> bool: ...
    @property
    def is_sound(self) -> bool: ...
    def __replace__(
        self,
        *,
        first_bad: int | None = ...,
        finding: str | None = ...,
        checked: int = ...,
        erased: int = ...,
        replaced: int = ...,
        tail_checked: bool = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> AuditReport: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> AuditReport: ...

# Subscriptions.

@final
class Subscription(_Document, _Made):
    @property
    def name(self) -> str: ...
    @property
    def actions(self) -> tuple[Action, ...]: ...
    def __replace__(self, *, name: str = ..., actions: Several[Action] = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Subscription: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Subscription: ...

@final
class Delivery(_Document, _Made):
    @property
    def event(self) -> Event: ...
    @property
    def attempts(self) -> int: ...
    def __replace__(self, *, event: Event = ..., attempts: int = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Delivery: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Delivery: ...

@final
class Backlog(_Document, _Made):
    @property
    def evaluations(self) -> int: ...
    @property
    def deliveries(self) -> int: ...
    def __replace__(self, *, evaluations: int = ..., deliveries: int = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Backlog: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Backlog: ...

# How an engine is, and what it has done.

@final
class Health(_Document, _Made):
    @property
    def store(self) -> StoreKind: ...
    @property
    def schema_version(self) -> int: ...
    @property
    def latency(self) -> timedelta: ...
    def __replace__(self, *, store: StoreKind = ..., schema_version: int = ..., latency: timedelta = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Health: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Health: ...

@final
class Spent(_Document, _Made):
    @property
    def tokens(self) -> int: ...
    @property
    def money(self) -> float: ...
    @property
    def since(self) -> datetime: ...
    def __replace__(self, *, tokens: int = ..., money: float = ..., since: datetime = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Spent: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Spent: ...

@final
class Metrics(_Document, _Made):
    BOUNDS: ClassVar[tuple[float, ...]]
    @property
    def operations(self) -> tuple[OperationMetrics, ...]: ...
    @property
    def models(self) -> ModelMetrics | None: ...
    def to_prometheus(self) -> str: ...
    def __replace__(
        self, *, operations: Several[OperationMetrics] = ..., models: ModelMetrics | None = ...
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Metrics: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Metrics: ...

@final
class OperationMetrics(_Document, _Made):
    @property
    def operation(self) -> str: ...
    @property
    def calls(self) -> int: ...
    @property
    def errors(self) -> dict[ErrorKind, int]: ...
    @property
    def total(self) -> timedelta: ...
    @property
    def buckets(self) -> tuple[int, ...]: ...
    def __replace__(
        self,
        *,
        operation: str = ...,
        calls: int = ...,
        errors: Mapping[ErrorKind, int] = ...,
        total: timedelta = ...,
        buckets: Several[int] = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> OperationMetrics: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> OperationMetrics: ...

@final
class ModelMetrics(_Document, _Made):
    @property
    def requests(self) -> int: ...
    @property
    def failures(self) -> int: ...
    @property
    def cache_hits(self) -> int: ...
    @property
    def input_tokens(self) -> int: ...
    @property
    def output_tokens(self) -> int: ...
    def __replace__(
        self,
        *,
        requests: int = ...,
        failures: int = ...,
        cache_hits: int = ...,
        input_tokens: int = ...,
        output_tokens: int = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> ModelMetrics: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> ModelMetrics: ...

# Calibrations.

@final
class Correction(_Document, _Made):
    @property
    def offset(self) -> float: ...
    @property
    def slope(self) -> float: ...
    @property
    def center(self) -> float: ...
    def __replace__(self, *, offset: float = ..., slope: float = ..., center: float = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Correction: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Correction: ...

@final
class QuestionCorrection(_Document, _Made):
    @property
    def question(self) -> str: ...
    @property
    def answers(self) -> int: ...
    @property
    def line(self) -> Correction: ...
    @property
    def words(self) -> tuple[int, ...]: ...
    @property
    def weights(self) -> tuple[float, ...]: ...
    def __replace__(
        self,
        *,
        question: str = ...,
        answers: int = ...,
        line: Correction = ...,
        words: Several[int] = ...,
        weights: Several[float] = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> QuestionCorrection: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> QuestionCorrection: ...

@final
class Nearness(_Document, _Made):
    @property
    def pearson(self) -> float | None: ...
    @property
    def rmse(self) -> float: ...
    def __replace__(self, *, pearson: float | None = ..., rmse: float = ...) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Nearness: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Nearness: ...

@final
class Calibration(_Document, _Made):
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def evaluator_version(self) -> str: ...
    @property
    def answers(self) -> int: ...
    @property
    def bank(self) -> Correction | None: ...
    @property
    def questions(self) -> tuple[QuestionCorrection, ...]: ...
    @property
    def before(self) -> Nearness: ...
    @property
    def after(self) -> Nearness: ...
    @property
    def label(self) -> str: ...
    def __replace__(
        self,
        *,
        name: str = ...,
        version: int = ...,
        created_at: datetime = ...,
        evaluator_version: str = ...,
        answers: int = ...,
        bank: Correction | None = ...,
        questions: Several[QuestionCorrection] = ...,
        before: Nearness = ...,
        after: Nearness = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Calibration: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Calibration: ...

# Agreement.

@final
class Estimate(_Document, _Made):
    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    def __replace__(
        self,
        *,
        value: float = ...,
        low: float | None = ...,
        high: float | None = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Estimate: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Estimate: ...

@final
class LimitsOfAgreement(_Document, _Made):
    @property
    def lower(self) -> Estimate: ...
    @property
    def upper(self) -> Estimate: ...
    def __replace__(
        self,
        *,
        lower: Estimate = ...,
        upper: Estimate = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> LimitsOfAgreement: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> LimitsOfAgreement: ...

@final
class PairAgreement(_Document, _Made):
    @property
    def first(self) -> str: ...
    @property
    def second(self) -> str: ...
    @property
    def items(self) -> int: ...
    @property
    def pearson(self) -> Estimate | None: ...
    @property
    def spearman(self) -> Estimate | None: ...
    @property
    def kendall(self) -> Estimate | None: ...
    @property
    def cohen_kappa(self) -> Estimate | None: ...
    @property
    def weighted_kappa(self) -> Estimate | None: ...
    @property
    def bias(self) -> Estimate | None: ...
    @property
    def limits_of_agreement(self) -> LimitsOfAgreement | None: ...
    def __replace__(
        self,
        *,
        first: str = ...,
        second: str = ...,
        items: int = ...,
        pearson: Estimate | None = ...,
        spearman: Estimate | None = ...,
        kendall: Estimate | None = ...,
        cohen_kappa: Estimate | None = ...,
        weighted_kappa: Estimate | None = ...,
        bias: Estimate | None = ...,
        limits_of_agreement: LimitsOfAgreement | None = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> PairAgreement: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> PairAgreement: ...

@final
class PairMeans(_Document, _Made):
    @property
    def pearson(self) -> Estimate | None: ...
    @property
    def spearman(self) -> Estimate | None: ...
    @property
    def kendall(self) -> Estimate | None: ...
    @property
    def cohen_kappa(self) -> Estimate | None: ...
    @property
    def weighted_kappa(self) -> Estimate | None: ...
    def __replace__(
        self,
        *,
        pearson: Estimate | None = ...,
        spearman: Estimate | None = ...,
        kendall: Estimate | None = ...,
        cohen_kappa: Estimate | None = ...,
        weighted_kappa: Estimate | None = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> PairMeans: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> PairMeans: ...

@final
class Agreement(_Document, _Made):
    @property
    def raters(self) -> tuple[str, ...]: ...
    @property
    def items(self) -> int: ...
    @property
    def complete_items(self) -> int: ...
    @property
    def pairs(self) -> tuple[PairAgreement, ...]: ...
    @property
    def means(self) -> PairMeans: ...
    @property
    def icc_2_1(self) -> Estimate | None: ...
    @property
    def icc_2_k(self) -> Estimate | None: ...
    @property
    def krippendorff_alpha(self) -> Estimate | None: ...
    @property
    def resamples(self) -> int: ...
    @property
    def seed(self) -> int: ...
    def __replace__(
        self,
        *,
        raters: tuple[str, ...] = ...,
        items: int = ...,
        complete_items: int = ...,
        pairs: tuple[PairAgreement, ...] = ...,
        means: PairMeans = ...,
        icc_2_1: Estimate | None = ...,
        icc_2_k: Estimate | None = ...,
        krippendorff_alpha: Estimate | None = ...,
        resamples: int = ...,
        seed: int = ...,
    ) -> Self: ...
    @staticmethod
    def from_json(json: str | bytes, /) -> Agreement: ...
    @staticmethod
    def from_dict(document: Mapping[str, Any], /) -> Agreement: ...
