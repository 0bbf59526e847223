"""Days as they are written on every surface."""

from __future__ import annotations

from datetime import date


def day(text: str) -> date:
    """Reads YYYY-MM-DD.

    Raises:
        ValueError: It is something else. Later versions of Python read more forms by themselves: the weeks and the dates without hyphens of ISO 8601.
    """
    found = date.fromisoformat(text)
    if found.isoformat() != text:
        raise ValueError(text)
    return found
