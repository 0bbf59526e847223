"""Text for terminals: what a name or a model may do to one, and how wide it is there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence


def shown(text: str) -> str:
    """The text without what would steer the terminal, or hide or reorder the words around it."""
    return "".join(" " if it == "\r" else it if it in "\n\t" or _is_harmless(it) else "\ufffd" for it in text)


def _is_harmless(character: str) -> bool:
    # The joiner holds together what is written as one, such as a family.
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} or character == "\u200d"


def one_line(text: str) -> str:
    """The text in one line."""
    return shown(" ".join(text.split()))


def width(text: str) -> int:
    """How many cells of a terminal the text takes: East Asian wide characters take two, marks and joiners none."""
    return sum(_cells(it) for it in text)


def _cells(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines with the cells of each column below each other."""
    rows = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (most - width(cell)) for cell, most in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
