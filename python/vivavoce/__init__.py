"""Vivavoce: an embeddable engine for AI-conducted interviews.

An `Engine` plans interviews, holds sessions, keeps every word in memory, SQLite or PostgreSQL, and has answers judged. `AsyncEngine` does the same for `async` programs.

Example:
    >>> import vivavoce
    >>> with vivavoce.Engine("memory:") as engine:
    ...     interview = engine.create_interview(
    ...         candidate_name="Ada", interview_type="technical", questions=["What is a deadlock?"])
    ...     session = engine.start_session(interview.id)
    ...     turn = engine.send_message(session.id, "Two threads each hold a lock the other needs.")
    ...     evaluation = engine.end_session(session.id)
    >>> 0 <= evaluation.score <= 1
    True
"""

from __future__ import annotations

import atexit as _atexit
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from vivavoce._errors import (
    ConflictError,
    Error,
    InternalError,
    InvalidInputError,
    InvalidStateError,
    LimitedError,
    NotFoundError,
    ProviderError,
    StorageError,
    TimeoutError,
    UnsupportedError,
)
from vivavoce._native import (
    Agreement,
    AnswerEvaluation,
    AuditReport,
    Backlog,
    Calibration,
    CancelToken,
    Competency,
    CompetencyScore,
    Correction,
    Delivery,
    Engine,
    Estimate,
    Evaluation,
    EvaluationPage,
    EvaluatorInfo,
    Event,
    Exchange,
    Flag,
    Health,
    Interview,
    InterviewPage,
    Judgement,
    JudgeRequest,
    KeyPointCoverage,
    Level,
    LimitsOfAgreement,
    Message,
    Metrics,
    Missing,
    ModelCall,
    ModelMetrics,
    Nearness,
    OperationMetrics,
    Override,
    PairAgreement,
    PairMeans,
    PanelInfo,
    Parameters,
    Question,
    QuestionCorrection,
    QuestionRequest,
    Quote,
    Rating,
    RatingPlace,
    Rubric,
    Scene,
    Session,
    Spent,
    Subscription,
    Tokens,
    Turn,
    __version__,
    metrics,
)
from vivavoce._native import shutdown as _shutdown

if _TYPE_CHECKING:
    from vivavoce._agreement import agreement
    from vivavoce._aio import AsyncEngine
    from vivavoce._protocols import Evaluator, Interviewer
    from vivavoce._settings import (
        Budget,
        BuiltinEvaluator,
        ConversationalInterviewer,
        ModelEvaluator,
        Models,
        Panel,
        Price,
        Provider,
        RateLimit,
        ScriptedInterviewer,
    )
    from vivavoce._tables import Table, evaluation_table, rating_table

__all__ = [
    "Agreement",
    "AnswerEvaluation",
    "AsyncEngine",
    "AuditReport",
    "Backlog",
    "Budget",
    "BuiltinEvaluator",
    "Calibration",
    "CancelToken",
    "Competency",
    "CompetencyScore",
    "ConflictError",
    "ConversationalInterviewer",
    "Correction",
    "Delivery",
    "Engine",
    "Error",
    "Estimate",
    "Evaluation",
    "EvaluationPage",
    "Evaluator",
    "EvaluatorInfo",
    "Event",
    "Exchange",
    "Flag",
    "Health",
    "InternalError",
    "Interview",
    "InterviewPage",
    "Interviewer",
    "InvalidInputError",
    "InvalidStateError",
    "JudgeRequest",
    "Judgement",
    "KeyPointCoverage",
    "Level",
    "LimitedError",
    "LimitsOfAgreement",
    "Message",
    "Metrics",
    "Missing",
    "ModelCall",
    "ModelEvaluator",
    "ModelMetrics",
    "Models",
    "Nearness",
    "NotFoundError",
    "OperationMetrics",
    "Override",
    "PairAgreement",
    "PairMeans",
    "Panel",
    "PanelInfo",
    "Parameters",
    "Price",
    "Provider",
    "ProviderError",
    "Question",
    "QuestionCorrection",
    "QuestionRequest",
    "Quote",
    "RateLimit",
    "Rating",
    "RatingPlace",
    "Rubric",
    "Scene",
    "ScriptedInterviewer",
    "Session",
    "Spent",
    "StorageError",
    "Subscription",
    "Table",
    "TimeoutError",
    "Tokens",
    "Turn",
    "UnsupportedError",
    "__version__",
    "agreement",
    "evaluation_table",
    "metrics",
    "rating_table",
]

# What not everybody needs is imported with its first use: an application that only asks for `Engine` starts faster.
_LATER = {
    "AsyncEngine": "_aio",
    "Evaluator": "_protocols",
    "Interviewer": "_protocols",
    "agreement": "_agreement",
    **dict.fromkeys(
        (
            "Budget",
            "BuiltinEvaluator",
            "ConversationalInterviewer",
            "ModelEvaluator",
            "Models",
            "Panel",
            "Price",
            "Provider",
            "RateLimit",
            "ScriptedInterviewer",
        ),
        "_settings",
    ),
    **dict.fromkeys(("Table", "evaluation_table", "rating_table"), "_tables"),
}


# Type checkers would take it for any name.
if not _TYPE_CHECKING:

    def __getattr__(name: str) -> _Any:
        if name not in _LATER:
            raise AttributeError(f"module 'vivavoce' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"vivavoce.{_LATER[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


_atexit.register(_shutdown)
