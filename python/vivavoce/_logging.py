"""The engine's log in Python's `logging`: one logger for each module, below `vivavoce`."""

from __future__ import annotations

import logging
import traceback
from pathlib import PurePath
from types import TracebackType


def deliver(level: int, name: str, message: str, fields: dict[str, str], time: float) -> None:
    """Handles one record that the engine wrote at `time`, in seconds since 1970."""
    logger = logging.getLogger(name)
    if not logger.isEnabledFor(level):
        return
    text = " ".join([message, *(f"{name}={value}" for name, value in fields.items())])
    record = logger.makeRecord(name, level, "", 0, text, (), None, None, {"vivavoce": fields})
    record.created = time
    record.msecs = (time % 1) * 1000
    logger.handle(record)


def places(trace: TracebackType | None) -> str:
    """Where an exception came from, the innermost place last: files, lines and functions, and nothing of what was there."""
    return " > ".join(f"{PurePath(at.filename).name}:{at.lineno} {at.name}" for at in traceback.extract_tb(trace))
