"""The engine's log in Python's `logging`: one logger for each module, below `vivavoce`."""

from __future__ import annotations

import logging


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
