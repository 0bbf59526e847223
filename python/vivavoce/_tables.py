"""Evaluations and their ratings as tables, for pandas, Arrow, spreadsheets."""

# What pyarrow and pandas give is of no known type.
# pyright: basic

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TextIO, cast, overload

from vivavoce._native import Evaluation, Rating

if TYPE_CHECKING:
    import pandas
    import pyarrow

Kind = Literal["text", "texts", "number", "count", "flag", "time"]

_PANDAS: dict[Kind, str] = {
    "text": "string",
    "texts": "object",
    "number": "float64",
    "count": "Int64",
    "flag": "bool",
    "time": "datetime64[us, UTC]",
}

# What a spreadsheet takes for the beginning of a formula, in the full width of Chinese and Japanese too, and what it skips before one.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """Rows with named columns that pandas, Arrow and CSV have alike. `evaluation_table` and `rating_table` make them.

    Attributes:
        columns: The names of the columns.
        kinds: What each column holds: `text`, `texts` (a tuple of them), `number`, `count` (a whole number), `flag`, or `time` (UTC). Text, numbers, counts and times may be None.
        rows: The rows, each with one value for each column.

    Example:
        >>> from vivavoce import Engine, evaluation_table
        >>> with Engine() as engine:
        ...     interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who are you?"])
        ...     table = evaluation_table([engine.evaluate(interview.id, {0: "A mathematician, and I write programs."})])
        >>> table
        Table(rows=1, columns=16)
        >>> table.columns[-1]
        'competency:Communication'
    """

    columns: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rows: tuple[tuple[Any, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"Table(rows={len(self.rows)}, columns={len(self.columns)})"

    def _repr_html_(self) -> str:
        from vivavoce import _notebook

        return _notebook.table(self.columns, self.rows)

    def _values(self) -> Iterator[tuple[str, Kind, list[Any]]]:
        """Each column by itself."""
        for place, (name, kind) in enumerate(zip(self.columns, self.kinds)):
            yield name, kind, [row[place] for row in self.rows]

    def to_pandas(self) -> pandas.DataFrame:
        """The table as a data frame, whose types are the same with and without rows: ids and other text are `string`, scores `float64` with NaN where there is none, counts
        `Int64`, times `datetime64[us, UTC]`, lists of texts `object`.

        Raises:
            ImportError: Where pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise ImportError("a data frame needs pandas: pip install vivavoce[tables]") from error
        # Cast as well: pandas before 2.1 makes nanoseconds of times at first, whatever it is told.
        columns = {
            name: pandas.Series([list(it) for it in values] if kind == "texts" else values, dtype=dtype).astype(dtype)
            for name, kind, values in self._values()
            for dtype in [cast("Any", _PANDAS[kind])]
        }
        frame: pandas.DataFrame = pandas.DataFrame(columns)
        return frame

    def to_arrow(self) -> pyarrow.Table:
        """The table for Arrow: text is `string`, lists of texts `list<string>`, scores `double`, counts `int64`, flags `bool`, times `timestamp[us, tz=UTC]`; what is None is null.

        Raises:
            ImportError: Where pyarrow is not installed.
        """
        try:
            import pyarrow
        except ImportError as error:
            raise ImportError("an Arrow table needs pyarrow: pip install vivavoce[tables]") from error
        types = {
            "text": pyarrow.string(),
            "texts": pyarrow.list_(pyarrow.string()),
            "number": pyarrow.float64(),
            "count": pyarrow.int64(),
            "flag": pyarrow.bool_(),
            "time": pyarrow.timestamp("us", tz="UTC"),
        }
        columns = {name: pyarrow.array(values, type=types[kind]) for name, kind, values in self._values()}
        return pyarrow.table(columns)

    @overload
    def to_csv(self, path_or_file: None = None) -> str: ...
    @overload
    def to_csv(self, path_or_file: str | os.PathLike[str] | TextIO) -> None: ...
    def to_csv(self, path_or_file: str | os.PathLike[str] | TextIO | None = None) -> str | None:
        """Writes CSV (RFC 4180) with a line of names first. Times are RFC 3339, lists of texts JSON, and what is None is empty.

        Text that a spreadsheet would run as a formula is defused by an apostrophe before it: what begins with `=`, `+`, `-`, `@` (also of full width), a tab or a line break.
        Candidates and models write what they like; so the text in such a cell is not byte for byte what it was. Use `to_arrow` or `to_pandas` for that.

        Args:
            path_or_file: A path, whose file is written in UTF-8, or an open text file; best opened with `newline=""`, and for Excel with `encoding="utf-8-sig"`. Where None, the
                text is returned.

        Raises:
            OSError: The file cannot be written.
        """
        if path_or_file is None:
            text = io.StringIO()
            self._write_csv(text)
            return text.getvalue()
        if isinstance(path_or_file, (str, os.PathLike)):
            with open(path_or_file, "w", encoding="utf-8", newline="") as file:
                self._write_csv(file)
        else:
            self._write_csv(path_or_file)
        return None

    def _write_csv(self, file: TextIO) -> None:
        writer = csv.writer(file)
        writer.writerow(map(cell, self.columns))
        writer.writerows(map(cell, row) for row in self.rows)


def cell(value: Any) -> Any:
    """A value as CSV has it."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


_EVALUATION: dict[str, Kind] = {
    "evaluation_id": "text",
    "interview_id": "text",
    "session_id": "text",
    "status": "text",
    "score": "number",
    "language": "text",
    "provider": "text",
    "model": "text",
    "version": "text",
    "calibration": "text",
    "needs_review": "flag",
    "created_at": "time",
    "completed_at": "time",
}

_RATING: dict[str, Kind] = {
    "evaluation_id": "text",
    "exchange": "count",
    "question": "count",
    "competency": "text",
    "score": "number",
    "basis": "text",
    "confidence": "number",
    "spread": "number",
    "quotes": "texts",
    "reason": "text",
}


def _read(evaluations: Iterable[Evaluation]) -> Iterator[Evaluation]:
    for evaluation in evaluations:
        if not isinstance(evaluation, Evaluation):
            raise TypeError(f"a table is made of evaluations, not of {type(evaluation).__name__}")
        yield evaluation


def evaluation_table(evaluations: Iterable[Evaluation]) -> Table:
    """A table of evaluations, one row each, in their order.

    Its columns are `evaluation_id`, `interview_id` and `session_id` (None for answers given without one); `status`; `score`, 0 to 1, None where there is none; `language`;
    `provider`, `model` and `version` of who judged; `calibration`, the one that corrected the scores, as `name@version`, None where none did; `needs_review`, whether a person
    should look at it; `created_at` and `completed_at` in UTC, the latter None where it is not done; and for each competency that any of them has `competency:` and its name,
    with a score from 0 to 1, or None where an evaluation has none for it.

    Args:
        evaluations: The evaluations, in any iterable.

    Raises:
        TypeError: One is none.

    Example:
        >>> from vivavoce import Engine, evaluation_table
        >>> with Engine() as engine:
        ...     interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who are you?"])
        ...     _ = engine.evaluate(interview.id, {0: "A mathematician, and I write programs."})
        ...     table = evaluation_table(map(engine.evaluation, engine.evaluations(interview.id)))
        >>> [dict(zip(table.columns, row))["status"] for row in table]
        ['completed']
    """
    found = list(_read(evaluations))
    competencies = dict.fromkeys(it.competency for each in found for it in each.competencies)

    def row(of: Evaluation) -> tuple[Any, ...]:
        scores = {it.competency: it.score for it in of.competencies}
        return (
            str(of.id),
            str(of.interview_id),
            None if of.session_id is None else str(of.session_id),
            of.status,
            of.score,
            of.language,
            of.evaluator.provider,
            of.evaluator.model,
            of.evaluator.version,
            of.calibration,
            bool(of.needs_review),
            of.created_at,
            of.completed_at,
            *map(scores.get, competencies),
        )

    columns: dict[str, Kind] = {**_EVALUATION, **{f"competency:{name}": "number" for name in competencies}}
    return Table(tuple(columns), tuple(columns.values()), tuple(map(row, found)))


def rating_table(evaluations: Iterable[Evaluation]) -> Table:
    """A table of the ratings of evaluations, one row each, in their order.

    Its columns are `evaluation_id`; `exchange`, its place in the evaluation, from 0; `question`, the planned question, from 0, that was asked or probed, None for another;
    `competency`; `score` and `confidence`, 0 to 1; `basis`; `spread`, how far the judges of a panel are apart, None otherwise; `quotes`, the candidate's words that support the
    score; and `reason`.

    Args:
        evaluations: The evaluations, in any iterable.

    Raises:
        TypeError: One is none.

    Example:
        >>> from vivavoce import Engine, Rating, Quote, rating_table
        >>> class Named:
        ...     def judge(self, request):
        ...         quote = Quote.find(request.exchanges[0].answer, "Ada")
        ...         return [Rating(0, it.name, 0.5, quotes=[quote]) for it in request.rubric.competencies]
        >>> with Engine(evaluator=Named()) as engine:
        ...     interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who are you?"])
        ...     table = rating_table([engine.evaluate(interview.id, {0: "I am Ada."})])
        >>> table.columns[4], table.columns[8], table.rows[0][4], table.rows[0][8]
        ('score', 'quotes', 0.5, ('Ada',))
    """

    def row(of: Evaluation, rating: Rating) -> tuple[Any, ...]:
        return (
            str(of.id),
            rating.exchange,
            of.exchanges[rating.exchange].question,
            rating.competency,
            rating.score,
            rating.basis,
            rating.confidence,
            rating.spread,
            tuple(quote.text for quote in rating.quotes),
            rating.reason,
        )

    rows = (row(each, rating) for each in _read(evaluations) for rating in each.ratings)
    return Table(tuple(_RATING), tuple(_RATING.values()), tuple(rows))
