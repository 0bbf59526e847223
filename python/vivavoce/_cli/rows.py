"""The rows that `evaluate` reads, and those that it writes."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import sys
from collections.abc import Generator, Iterable, Iterator
from typing import Any, NamedTuple, TextIO

from vivavoce import AnswerEvaluation, Error, InvalidInputError, Question
from vivavoce._cli.common import an_object, create, open_text, parse, reading, sync, sync_folder

Fields = dict[str, Any]

_OURS_BEFORE = ["row"]
_OURS_AFTER = ["score", "feedback", "needs_review", "error", "digest"]
_RETRYABLE = ("storage: ", "provider: ", "timeout: ", "limited: ")
# An answer has up to 32,000 characters, what is carried through beside it perhaps more.
csv.field_size_limit(2**31 - 1)


class Input:
    """A file of questions and answers: CSV, a JSON array, or JSON Lines. It is read once before anything is judged, so that a mistake in its last line costs nothing."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.is_csv = path.lower().endswith(".csv")
        if not self.is_csv:
            with open_text(path) as file, reading(path):
                self.is_csv = file.read(4096).lstrip()[:1] not in {"[", "{", ""}
        # A dict, for the order in which they appear.
        columns: dict[str, None] = {}
        self.total = 0
        for fields in self:
            columns.update(dict.fromkeys(fields))
            self.total += 1
        self.columns = list(columns)
        for name in ("question", "answer"):
            if self.total and name not in columns:
                raise InvalidInputError(f"{path}: there is no column {name}")
        for name in (*_OURS_BEFORE, *_OURS_AFTER, "evaluation"):
            if name in columns:
                raise InvalidInputError(f"{path}: the column {name} is one that evaluate writes: rename it")

    def __iter__(self) -> Iterator[Fields]:
        with open_text(self.path) as file, reading(self.path):
            yield from self._csv(file) if self.is_csv else self._json(file)

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
        document = {"text": self.fields["question"]}
        for name in ("reference_answer", "key_points", "competency", "weight"):
            value = self.fields.get(name)
            if value is None or value == "":
                continue
            if isinstance(value, str):
                if name == "key_points":
                    value = [point.strip() for point in value.split("|") if point.strip()]
                elif name == "weight":
                    with contextlib.suppress(ValueError):
                        value = float(value)
            document[name] = value
        answer: str = self.fields["answer"]
        try:
            answer.encode()
        except UnicodeEncodeError:
            raise InvalidInputError("answer holds half a character") from None
        return Question.from_json(json.dumps(document)), answer


def digest(fields: Fields, how: Any) -> str:
    whole = json.dumps([fields, how], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


class Output:
    """Where the judged rows go. What is in a file already stays there, and a row that a killed run left half-written is written again."""

    def __init__(self, path: str | None, is_csv: bool, columns: list[str]) -> None:
        self.path, self.is_csv = path, is_csv
        self.columns = [*_OURS_BEFORE, *columns, *_OURS_AFTER]
        self.header = _csv(self.columns) if is_csv else ""
        # The digests of the rows that are there, by their numbers.
        self.kept: dict[int, str] = {}
        self.failed = 0
        is_new = path is None or not os.path.exists(path)
        if path is not None and not is_new:
            self._recover(path)
        self.file = sys.stdout if path is None else create(path, "a")
        if is_new:
            self.file.write(self.header)
        if path is not None:
            sync(self.file)
            sync_folder(path)

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
            fields["error"] = f"{found.kind}: {found}"
        else:
            fields.update(score=found.score, feedback=found.feedback, needs_review=list(found.needs_review))
        if self.is_csv:
            return _csv([_cell(fields.get(name)) for name in self.columns])
        fields["evaluation"] = None if isinstance(found, Error) else found.to_dict()
        return json.dumps(fields, ensure_ascii=False) + "\n"

    def _recover(self, path: str) -> None:
        """Reads what an earlier run wrote, and takes out what is half-written and what failed for now."""
        if not os.path.isfile(path):
            raise InvalidInputError(f"{path}: is no file; leave --output out to write to stdout")
        size = len(self.header.encode())
        for text, fields in self._lasting(path):
            self.kept[int(fields["row"])] = fields["digest"]
            self.failed += bool(fields["error"])
            size += len(text.encode())
        if size == os.path.getsize(path):
            return
        part = f"{path}.part"
        with create(part) as file:
            file.write(self.header)
            file.writelines(text for text, _ in self._lasting(path))
            sync(file)
        os.replace(part, path)

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
        # One that breaks off within quotes is an error; one that breaks off elsewhere is the last, and has no line end.
        with contextlib.suppress(csv.Error):
            for following in reader:
                if row:
                    yield _csv(row), dict(zip(self.columns, row, strict=False))
                row = following
            if row and _ends_a_line(file.name):
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


def _csv(row: list[str]) -> str:
    text = io.StringIO()
    # With these line ends, all versions of Python quote a cell that has either of their characters.
    csv.writer(text, lineterminator="\r\n").writerow(row)
    return text.getvalue()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case [*items] if all(isinstance(it, str) for it in items):
            return "|".join(items)
        case _:
            return json.dumps(value, ensure_ascii=False)
