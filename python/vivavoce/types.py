"""The types that the signatures of this package speak of: the names that values have, and what may be given in the place of an object. Annotations alone need them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, TypedDict, TypeVar
from uuid import UUID

from vivavoce._errors import Kind
from vivavoce._native import (
    Competency,
    Flag,
    Judgement,
    KeyPointCoverage,
    Level,
    Missing,
    Question,
    Quote,
    Rating,
    Rubric,
)
from vivavoce._protocols import Evaluator, Interviewer
from vivavoce._settings import (
    BuiltinEvaluator,
    ConversationalInterviewer,
    ModelEvaluator,
    Models,
    Panel,
    Provider,
    ScriptedInterviewer,
)

__all__ = [
    "Action",
    "Basis",
    "Combine",
    "CompetencyInput",
    "Coverage",
    "Dataclass",
    "EngineSettings",
    "ErrorKind",
    "EvaluationStatus",
    "EvaluatorInput",
    "Fields",
    "FlagInput",
    "FlagKind",
    "GradedInput",
    "IdInput",
    "InterviewStatus",
    "InterviewType",
    "InterviewerInput",
    "JudgementInput",
    "KeyPointInput",
    "Language",
    "LevelInput",
    "Listed",
    "MessageKind",
    "MissingInput",
    "ModelsInput",
    "NextWords",
    "Order",
    "Origin",
    "Period",
    "ProviderInput",
    "ProviderKind",
    "PydanticModel",
    "QuestionInput",
    "QuoteInput",
    "RatingInput",
    "RatingsInput",
    "Role",
    "RubricInput",
    "ScorecardFormat",
    "Seconds",
    "Seniority",
    "SessionStatus",
    "Several",
    "SortBy",
    "StoreKind",
    "Unanswered",
]

T_co = TypeVar("T_co", covariant=True)

# The names of an interview and its session.
InterviewType: TypeAlias = Literal["general", "technical", "behavioral"]
InterviewStatus: TypeAlias = Literal["pending", "in_progress", "completed"]
Language: TypeAlias = Literal["en", "zh-TW"]
Seniority: TypeAlias = Literal["junior", "mid", "senior"]
SessionStatus: TypeAlias = Literal["active", "completed", "abandoned"]
Role: TypeAlias = Literal["interviewer", "candidate"]
MessageKind: TypeAlias = Literal["question", "probe", "closing", "answer"]
Origin: TypeAlias = Literal["model", "scripted", "guarded"]
NextWords: TypeAlias = Literal["question", "probe", "closing"]

# The names of an evaluation.
EvaluationStatus: TypeAlias = Literal["pending", "running", "completed", "partial", "failed"]
Basis: TypeAlias = Literal["reference", "key_points", "rubric", "heuristic", "application", "person"]
Coverage: TypeAlias = Literal["covered", "partly", "missing"]
Combine: TypeAlias = Literal["median", "mean"]
Unanswered: TypeAlias = Literal["lowers_score", "ignored"]
FlagKind: TypeAlias = Literal["instruction", "fake_reply", "fake_marker", "role_header", "hidden_text", "encoded_text"]
ScorecardFormat: TypeAlias = Literal["markdown", "html", "json"]

# The names of lists, stores, services and the log.
SortBy: TypeAlias = Literal["date", "name", "status"]
Order: TypeAlias = Literal["ascending", "descending"]
StoreKind: TypeAlias = Literal["memory", "sqlite", "postgres"]
ProviderKind: TypeAlias = Literal["openai", "azure", "anthropic", "gemini", "ollama", "compatible"]
Period: TypeAlias = Literal["day", "month"]
ErrorKind: TypeAlias = Kind
Action: TypeAlias = Literal[
    "interview_created",
    "interview_updated",
    "session_started",
    "message_sent",
    "message_received",
    "session_completed",
    "session_abandoned",
    "evaluation_requested",
    "evaluation_completed",
    "evaluation_partial",
    "evaluation_failed",
    "evaluation_overridden",
    "interview_erased",
]

# An id, or its text.
IdInput: TypeAlias = UUID | str
# A duration, or its seconds.
Seconds: TypeAlias = timedelta | float


class Listed(Protocol[T_co]):
    """Several things in order. A text is none of these: it is not made of texts that anybody means, and its `__contains__` takes texts alone."""

    def __contains__(self, value: object, /) -> bool: ...
    def __iter__(self) -> Iterator[T_co]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, place: int, /) -> T_co: ...


class _Gathered(Protocol[T_co]):
    """As `Listed`, but a set is one too."""

    def __contains__(self, value: object, /) -> bool: ...
    def __iter__(self) -> Iterator[T_co]: ...


class Dataclass(Protocol):
    """A dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class PydanticModel(Protocol):
    """A model of pydantic's."""

    def model_dump(self, *, exclude_none: bool = ...) -> dict[str, Any]: ...


class _ByRater(Protocol):
    """The scores of raters by their names: a mapping, or a data frame of pandas."""

    def items(self) -> Iterable[tuple[object, Iterable[float | None]]]: ...


# Several things, read once.
Several: TypeAlias = _Gathered[T_co] | Iterator[T_co]
# An object with the fields of a document.
Fields: TypeAlias = Mapping[str, Any] | Dataclass | PydanticModel

# What may be given where one of our objects is wanted.
QuestionInput: TypeAlias = str | Question | Fields
LevelInput: TypeAlias = Level | Fields
CompetencyInput: TypeAlias = Competency | Fields
RubricInput: TypeAlias = Rubric | Fields
QuoteInput: TypeAlias = Quote | Fields
RatingInput: TypeAlias = Rating | Fields
MissingInput: TypeAlias = Missing | Fields
FlagInput: TypeAlias = Flag | Fields
KeyPointInput: TypeAlias = KeyPointCoverage | Fields
JudgementInput: TypeAlias = Judgement | Fields | list[Rating] | tuple[Rating, ...]

# A question, the answer to it, and the score that a person gave for that.
GradedInput: TypeAlias = tuple[QuestionInput, str, float] | Fields

# The scores of several raters, None or NaN where there is none.
RatingsInput: TypeAlias = _ByRater | Iterable[Iterable[float | None]]

# What an engine is made of: a setting, its document, or an object of the application's own.
ProviderInput: TypeAlias = Provider | Mapping[str, Any]
ModelsInput: TypeAlias = Models | Mapping[str, Any]
InterviewerInput: TypeAlias = ScriptedInterviewer | ConversationalInterviewer | Interviewer | Mapping[str, Any]
EvaluatorInput: TypeAlias = BuiltinEvaluator | ModelEvaluator | Panel | Evaluator | Mapping[str, Any]


class EngineSettings(TypedDict, total=False):
    """What `Engine` takes beside the URL, for those who pass it on."""

    interviewer: InterviewerInput | None
    evaluator: EvaluatorInput | None
    models: ModelsInput | None
    idle_timeout: Seconds | None
    unanswered: Unanswered
    cached_sessions: int
    read_staleness: Seconds
    clock: Callable[[], datetime] | None
