"""The rows that `evaluate` and `calibrate` read, and those that `evaluate` writes."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import math
import os
import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, NamedTuple, TextIO

from vivavoce import AnswerEvaluation, Error, InvalidInputError, Question
from vivavoce._cli.common import (
    an_object,
    create,
    create_part,
    lock,
    open_text,
    parse,
    reading,
    sync,
    sync_folder,
)
from vivavoce._tables import cell

Fields = dict[str, Any]

_OURS_BEFORE = ["row"]
_OURS_AFTER = ["score", "feedback", "needs_review", "error", "digest"]
_RETRYABLE = ("storage: ", "provider: ", "timeout: ", "limited: ")
# An answer has up to 32,000 characters, what is carried through beside it perhaps more.
csv.field_size_limit(2**31 - 1)
# A file without a header has somebody's words in its place: so many of them, and so much of each, are shown.
_SHOWN, _LONGEST = 20, 40


class Input:
    """A file of questions and answers, or `-` for standard input: CSV, a JSON array, or JSON Lines. It is read once before anything is judged, so that a mistake in its last line costs nothing. With `graded` it has scores beside them, and nothing is written."""

    def __init__(self, path: str, *, graded: bool = False) -> None:
        self.path = "standard input" if path == "-" else path
        # What can be read only once is held.
        self.held: str | None = None
        if path == "-":
            with reading(self.path):
                self.held = sys.stdin.buffer.read().decode("utf-8-sig")
        self.is_csv = path.lower().endswith(".csv")
        if not self.is_csv:
            with self._open() as file, reading(self.path):
                self.is_csv = file.read(4096).lstrip()[:1] not in {"[", "{", ""}
        # A dict, for the order in which they appear.
        columns: dict[str, None] = {}
        self.total = 0
        for fields in self:
            columns.update(dict.fromkeys(fields))
            self.total += 1
        self.columns = list(columns)
        for name in ("question", "answer", *["score"] * graded):
            if self.total and name not in columns:
                there = ", ".join(_shortened(column) for column in self.columns[:_SHOWN])
                more = ", …" if len(columns) > _SHOWN else ""
                raise InvalidInputError(f"{self.path}: there is no column {name}: it has {there}{more}")
        for name in (*_OURS_BEFORE, *_OURS_AFTER, "evaluation"):
            if name in columns and not graded:
                raise InvalidInputError(f"{self.path}: the column {name} is one that evaluate writes: rename it")

    def __iter__(self) -> Iterator[Fields]:
        with self._open() as file, reading(self.path):
            yield from self._csv(file) if self.is_csv else self._json(file)

    def _open(self) -> TextIO:
        return open_text(self.path) if self.held is None else io.StringIO(self.held, newline="")

    def _csv(self, file: TextIO) -> Iterator[Fields]:
        reader = csv.DictReader(file, strict=True)
        try:
            names = reader.fieldnames or []
            if len(set(names)) < len(names):
                raise InvalidInputError(f"{self.path}: two columns have the same name")
            for fields in reader:
                if None in fields:
                    raise InvalidInputError(
                        f"{self.path}: line {reader.line_num} has more cells than the header"
                    )
                yield fields
        except csv.Error:
            # Its words are Python's: they may tell of delimiters and quotes, and of what stands there.
            raise InvalidInputError(f"{self.path}: not CSV at line {reader.reader.line_num}") from None

    def _json(self, file: TextIO) -> Iterator[Fields]:
        start = file.read(4096).lstrip()[:1]
        file.seek(0)
        if start == "[":
            for number, fields in enumerate(parse(file.read(), self.path), 1):
                yield an_object(fields, f"{self.path}: row {number} is no object")
            return
        for number, line in enumerate(file, 1):
            if line.strip():
                place = f"{self.path}: line {number}"
                yield an_object(parse(line, place), f"{place} is no object")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class Row(NamedTuple):
    """A row to be judged."""

    number: int
    fields: Fields
    # Of everything that the score depends on.
    digest: str

    def pair(self) -> tuple[Question, str]:
        """The question, and the answer to it."""
        for name in ("question", "answer"):
            if not isinstance(self.fields.get(name), str):
                raise InvalidInputError(f"{name} is missing, or no text")
        answer: str = self.fields["answer"]
        given = {name: value for name in _GIVEN if (value := self.fields.get(name)) not in (None, "")}
        for name, value in {**given, "answer": answer}.items():
            try:
                json.dumps(value, ensure_ascii=False).encode()
            except UnicodeEncodeError:
                raise InvalidInputError(f"{name} holds half a character") from None
        document = {name: _GIVEN[name](name, value) for name, value in given.items()}
        return Question(document.pop("question", ""), **document), answer

    def graded(self) -> tuple[Question, str, float]:
        """The question, the answer to it, and the score that a person gave for that."""
        score = _number("score", self.fields.get("score"))
        if not 0 <= score <= 1:
            raise InvalidInputError("score: expected a number from 0 to 1")
        return *self.pair(), score


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidInputError(f"{name}: expected a text")
    return value


def _texts(name: str, value: Any) -> list[str]:
    match value:
        case str():
            return [point.strip() for point in value.split("|") if point.strip()]
        case [*points]:
            return [_text(name, point) for point in points]
        case _:
            raise InvalidInputError(f"{name}: expected texts")


def _number(name: str, value: Any) -> float:
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        number = float(value)
        if math.isfinite(number) and not isinstance(value, bool):
            return number
    raise InvalidInputError(f"{name}: expected a number")


# What a question is made of, and how it is read from a column.
_GIVEN: dict[str, Callable[[str, Any], Any]] = {
    "question": _text,
    "reference_answer": _text,
    "key_points": _texts,
    "competency": _text,
    "weight": _number,
}


def digest(fields: Fields, how: Any) -> str:
    whole = json.dumps([fields, how], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


class Output:
    """Where the judged rows go. What is in a file already stays there, and a row that a killed run left half-written is written again."""

    def __init__(self, path: str | None, is_csv: bool, columns: list[str]) -> None:
        # A link leads to the file that is meant, and stays.
        self.path, self.is_csv = path and os.path.realpath(path), is_csv
        self.columns = [*_OURS_BEFORE, *columns, *_OURS_AFTER]
        self.header = _csv(map(cell, self.columns)) if is_csv else ""
        # The digests of the rows that are there, by their numbers.
        self.kept: dict[int, str] = {}
        self.failed = 0
        if self.path is None:
            self.file = sys.stdout
            self.file.write(self.header)
            return
        if os.path.exists(self.path) and not os.path.isfile(self.path):
            raise InvalidInputError(f"{path}: is no file; leave --output out to write to stdout")
        self.file = create(self.path, "a")
        lock(self.file)
        if os.path.getsize(self.path):
            self._recover(self.path)
        else:
            self.file.write(self.header)
        sync(self.file)
        sync_folder(self.path)

    def write(self, judged: Iterable[tuple[Row, AnswerEvaluation | Error]]) -> None:
        """Writes rows. When this returns, a file has them for good."""
        self.file.write("".join(self._text(row, found) for row, found in judged))
        if self.path is None:
            self.file.flush()
        else:
            sync(self.file)

    def _text(self, row: Row, found: AnswerEvaluation | Error) -> str:
        fields: Fields = {"row": row.number, **row.fields, **dict.fromkeys(_OURS_AFTER), "digest": row.digest}
        if isinstance(found, Error):
            self.failed += 1
            fields["error"] = f"{found.kind}: {_words(row, found)}"
        else:
            fields.update(score=found.score, feedback=found.feedback, needs_review=list(found.needs_review))
        if self.is_csv:
            return _csv([_cell(fields.get(name)) for name in self.columns])
        fields["evaluation"] = None if isinstance(found, Error) else found.to_dict()
        return json.dumps(fields, ensure_ascii=False) + "\n"

    def _recover(self, path: str) -> None:
        """Reads what an earlier run wrote, and takes out what is half-written and what failed for now."""
        size = len(self.header.encode())
        for text, fields in self._lasting(path):
            self.kept[int(fields["row"])] = fields["digest"]
            self.failed += bool(fields["error"])
            size += len(text.encode())
        if size == os.path.getsize(path):
            return
        part = create_part(path)
        part.write(self.header)
        part.writelines(text for text, _ in self._lasting(path))
        sync(part)
        os.replace(part.name, path)
        self.file.close()
        # It is locked as the one before.
        self.file = part

    def _lasting(self, path: str) -> Iterator[tuple[str, Fields]]:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            for text, fields in self._csv_rows(file) if self.is_csv else self._json_rows(file):
                if not fields.keys() >= {"row", "error", "digest"} or not str(fields["row"]).isdecimal():
                    raise _foreign(path)
                if not (fields["error"] or "").startswith(_RETRYABLE):
                    yield text, fields

    def _csv_rows(self, file: TextIO) -> Iterator[tuple[str, Fields]]:
        start = file.read(len(self.header))
        if start != self.header:
            if self.header.startswith(start):
                return
            raise _foreign(file.name)
        reader = csv.reader(file, strict=True)
        row: list[str] = []
        is_whole = True
        # One that breaks off within quotes is an error, before which another stands whole; one that breaks off elsewhere is the last, and has no line end.
        try:
            for following in reader:
                if row:
                    yield _csv(row), dict(zip(self.columns, row, strict=False))
                row = following
            is_whole = _ends_a_line(file.name)
        except csv.Error:
            pass
        if row and is_whole:
            yield _csv(row), dict(zip(self.columns, row, strict=False))

    def _json_rows(self, file: TextIO) -> Iterator[tuple[str, Fields]]:
        for line in file:
            if line.endswith("\n"):
                with _or_foreign(file.name):
                    fields = an_object(parse(line, file.name), "")
                yield line, fields
            elif not line.startswith(_JSON_START) and not _JSON_START.startswith(line):
                raise _foreign(file.name)


_JSON_START = '{"row": '


@contextlib.contextmanager
def _or_foreign(path: str) -> Generator[None, None, None]:
    try:
        yield
    except InvalidInputError:
        raise _foreign(path) from None


def _foreign(path: str) -> InvalidInputError:
    return InvalidInputError(
        f"{path}: holds something else than rows of this file and its columns: move it away, or name another --output"
    )


def _ends_a_line(path: str) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _words(row: Row, error: Error) -> str:
    """What is wrong with a row, by its columns: for an engine, most of them are of the question."""
    is_ours = isinstance(error, InvalidInputError)
    return f"row {row.number}: {str(error).removeprefix('question.')}" if is_ours else str(error)


def _csv(row: Iterable[str]) -> str:
    text = io.StringIO()
    # With these line ends, all versions of Python quote a cell that has either of their characters.
    csv.writer(text, lineterminator="\r\n").writerow(row)
    return text.getvalue()


# What a column of numbers has is no formula, though it may begin as one.
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def _cell(value: Any) -> str:
    text: str
    match value:
        case None:
            text = ""
        case str() if _NUMBER.fullmatch(value):
            text = value
        case str():
            text = cell(value)
        case [*items] if all(isinstance(it, str) for it in items):
            text = cell("|".join(items))
        case _:
            text = json.dumps(value, ensure_ascii=False)
    return text
