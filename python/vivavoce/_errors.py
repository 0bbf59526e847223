"""What goes wrong: one exception for each kind, which is also what people catch for such a thing."""

from __future__ import annotations

import builtins
from datetime import timedelta
from typing import Any, ClassVar, Literal

Kind = Literal[
    "invalid_input",
    "not_found",
    "invalid_state",
    "conflict",
    "storage",
    "provider",
    "timeout",
    "limited",
    "unsupported",
    "internal",
]


class Error(Exception):
    """Something went wrong. The text says what, and to which id; it never contains a secret or a candidate's words.

    It is made as one of its subclasses. Raise one in an interviewer, an evaluator or a subscriber of your own to say why that failed: the text must be as clean.

    Args:
        message: What went wrong.
        retryable: Whether the same call, made again later, can succeed.
        retry_after: How long to wait before that, where it is known.

    Attributes:
        kind: What the caller should do about it; the same names on every surface of the library.
        retryable: Whether the same call, made again later, can succeed.
        retry_after: How long to wait before that; None where it is not known.

    Example:
        >>> import uuid, vivavoce
        >>> with vivavoce.Engine() as engine:
        ...     try:
        ...         engine.session(uuid.UUID(int=0))
        ...     except LookupError as error:
        ...         print(error.kind, error.retryable)
        not_found False
    """

    kind: ClassVar[Kind]
    # Those of a subclass that does not call this `__init__`.
    retryable: bool = False
    retry_after: timedelta | None = None

    def __init__(
        self, message: str = "", *, retryable: bool = False, retry_after: timedelta | None = None
    ) -> None:
        if not hasattr(self, "kind"):
            raise TypeError(f"{type(self).__name__} has no kind: use a subclass, as ProviderError")
        super().__init__(message)
        self.retryable = retryable or retry_after is not None
        self.retry_after = retry_after

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.args), self.__dict__


def _again(of: type[Error], args: tuple[Any, ...]) -> Error:
    # Not by its `__init__`, whose arguments may be others than `args`.
    error = of.__new__(of, *args)
    error.args = args
    return error


class InvalidInputError(Error, ValueError):
    """The caller's value is wrong: the text says which field and which limit."""

    kind = "invalid_input"


class NotFoundError(Error, LookupError):
    """There is no such interview, session or evaluation for this tenant."""

    kind = "not_found"


class InvalidStateError(Error, RuntimeError):
    """The call is not allowed now: the session is not active, the engine is closed, or the process was forked."""

    kind = "invalid_state"


class ConflictError(Error, RuntimeError):
    """An idempotency key was used for another request, or a version that the caller named has moved."""

    kind = "conflict"


class StorageError(Error, OSError):
    """The database failed or cannot be reached."""

    kind = "storage"


class ProviderError(Error, ConnectionError):
    """The language-model service failed after all retries and fallbacks, or an interviewer or evaluator of the application did."""

    kind = "provider"


class TimeoutError(Error, builtins.TimeoutError):
    """A deadline passed, or the call was cancelled."""

    kind = "timeout"


class LimitedError(Error, RuntimeError):
    """A rate limit or a budget was reached; `retry_after` says when to come back."""

    kind = "limited"


class UnsupportedError(Error, NotImplementedError):
    """This build or this store cannot do it."""

    kind = "unsupported"


class InternalError(Error, RuntimeError):
    """A bug in this library: please report it."""

    kind = "internal"


BY_KIND: dict[Kind, type[Error]] = {
    error.kind: error
    for error in (
        InvalidInputError,
        NotFoundError,
        InvalidStateError,
        ConflictError,
        StorageError,
        ProviderError,
        TimeoutError,
        LimitedError,
        UnsupportedError,
        InternalError,
    )
}
