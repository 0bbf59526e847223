"""Tables of evaluations and ratings."""

from __future__ import annotations

import copy
import csv
import io
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

import vivavoce
from vivavoce import (
    Competency,
    Engine,
    Evaluation,
    Judgement,
    JudgeRequest,
    Quote,
    Rating,
    Rubric,
    Table,
    evaluation_table,
    rating_table,
)

HOSTILE = '<script>alert("1")</script>\u202e, "a";\r\n=1+1 鎖'
ANSWER = f"=HYPERLINK(1) A lock. {HOSTILE}"


class Judge:
    """Gives the first competency a score with evidence, and the second one none."""

    info = vivavoce.EvaluatorInfo("example", "=model", "1")

    def judge(self, request: JudgeRequest) -> Judgement:
        answer = request.exchanges[0].answer
        names = [competency.name for competency in request.rubric.competencies]
        quotes = [Quote.find(answer, "=HYPERLINK(1)"), Quote.find(answer, HOSTILE)]
        return Judgement(
            [Rating(0, names[0], 0.75, confidence=0.5, quotes=quotes, reason="@SUM(1)"), Rating(0, names[1], 0.0)],
            needs_review=["Look."],
        )


class Fails:
    def judge(self, request: JudgeRequest) -> Judgement:
        raise vivavoce.ProviderError("nobody is there")


def judged(evaluator: Any, *competencies: str) -> Evaluation:
    with Engine(evaluator=evaluator) as engine:
        interview = engine.create_interview(
            candidate_name="Ada",
            interview_type="technical",
            interview_language="zh-TW",
            questions=["What?"],
            rubric=Rubric([Competency(name) for name in competencies]),
        )
        return engine.evaluate(interview.id, {0: ANSWER})


@pytest.fixture
def evaluations() -> list[Evaluation]:
    with Engine() as engine:
        interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who?"])
        session = engine.start_session(interview.id)
        waiting = engine.end_session(session.id, queued=True)
    return [judged(Judge(), "Rust", "=Go"), judged(Judge(), "=Go", "C"), judged(Fails(), "Rust"), waiting]


def cells(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, row)) for row in table]


def test_a_table_of_evaluations_has_a_row_each(evaluations: list[Evaluation]) -> None:
    first, second, failed, waiting = evaluations
    table = evaluation_table(iter(evaluations))
    assert table.columns == (
        *("evaluation_id", "interview_id", "session_id", "status", "score", "language", "provider", "model", "version"),
        *("calibration", "needs_review", "created_at", "completed_at", "competency:Rust", "competency:=Go", "competency:C"),
    )
    rows = cells(table)
    assert len(table) == len(rows) == 4
    assert [row["evaluation_id"] for row in rows] == [str(it.id) for it in evaluations]
    assert [row["status"] for row in rows] == ["completed", "completed", "failed", "pending"]
    assert [row["score"] for row in rows] == [first.score, second.score, None, None]
    assert [row["needs_review"] for row in rows] == [True, True, False, False]
    assert [row["competency:Rust"] for row in rows] == [0.75, None, None, None]
    assert [row["competency:=Go"] for row in rows] == [0.0, 0.75, None, None]
    assert rows[0]["created_at"] == first.created_at
    assert (rows[0]["session_id"], rows[3]["session_id"]) == (None, str(waiting.session_id))
    assert (rows[2]["language"], rows[2]["model"], rows[3]["completed_at"]) == ("zh-TW", "Fails", None)
    assert failed.score is None


def test_a_table_of_evaluations_says_what_corrected_the_scores() -> None:
    with Engine() as engine:
        engine.calibrate("why", [("Why?", f"Because of it, {place}.", 0.9) for place in range(10)])
        plan: dict[str, Any] = {"candidate_name": "Ada", "interview_type": "general", "questions": ["Why?"]}
        interviews = [engine.create_interview(**plan, calibration=name) for name in (None, "why")]
        table = evaluation_table(engine.evaluate(it.id, {0: "Because of the lock."}) for it in interviews)
    assert [row["calibration"] for row in cells(table)] == [None, "why@1"]


def test_a_table_of_ratings_has_a_row_each(evaluations: list[Evaluation]) -> None:
    table = rating_table(evaluations)
    assert table.columns == (
        *("evaluation_id", "exchange", "question", "competency", "score", "basis", "confidence", "spread", "quotes"),
        "reason",
    )
    rows = cells(table)
    assert [(row["competency"], row["score"]) for row in rows] == [
        ("Rust", 0.75),
        ("=Go", 0.0),
        ("=Go", 0.75),
        ("C", 0.0),
    ]
    assert rows[0] == {
        "evaluation_id": str(evaluations[0].id),
        "exchange": 0,
        "question": 0,
        "competency": "Rust",
        "score": 0.75,
        "basis": "application",
        "confidence": 0.5,
        "spread": None,
        "quotes": ("=HYPERLINK(1)", HOSTILE),
        "reason": "@SUM(1)",
    }


def test_a_table_is_a_value(evaluations: list[Evaluation]) -> None:
    table = rating_table(evaluations)
    same = rating_table(tuple(evaluations))
    assert table == same and hash(table) == hash(same)
    assert table != rating_table(evaluations[:1]) and table != evaluation_table(evaluations)
    assert pickle.loads(pickle.dumps(table)) == copy.deepcopy(table) == table
    assert list(table) == list(table.rows)
    with pytest.raises(AttributeError):
        table.rows = ()  # type: ignore[misc]


def test_any_iterable_of_evaluations_will_do_and_nothing_else(evaluations: list[Evaluation]) -> None:
    def few() -> Iterator[Evaluation]:
        yield from evaluations

    assert evaluation_table(few()) == evaluation_table({it.id: it for it in evaluations}.values())
    for table in (evaluation_table, rating_table):
        with pytest.raises(TypeError, match="not of str"):
            table(["evaluation"])  # type: ignore[list-item]
        with pytest.raises(TypeError, match="not iterable"):
            table(evaluations[0])  # type: ignore[arg-type]


def test_what_is_printed_has_no_words_of_the_candidate(evaluations: list[Evaluation]) -> None:
    assert repr(rating_table(evaluations)) == str(rating_table(evaluations)) == "Table(rows=4, columns=10)"


def test_a_notebook_shows_the_table_as_data(evaluations: list[Evaluation]) -> None:
    html = rating_table(evaluations)._repr_html_()
    assert "<script" not in html and "\u202e" not in html
    assert "&lt;script&gt;" in html and "U+202E" in html
    assert html.count("<tr>") == 5
    many = rating_table(evaluations * 100)._repr_html_()
    assert many.count("<tr>") == 101 and "… 300 more rows" in many
    assert "<tbody>" in evaluation_table([])._repr_html_()


def test_csv_reads_back(evaluations: list[Evaluation]) -> None:
    text = rating_table(evaluations).to_csv()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert json.loads(rows[0]["quotes"]) == ["=HYPERLINK(1)", HOSTILE]
    assert (rows[0]["score"], rows[0]["exchange"], rows[0]["spread"]) == ("0.75", "0", "")
    rows = list(csv.DictReader(io.StringIO(evaluation_table(evaluations).to_csv(), newline="")))
    assert (rows[0]["needs_review"], rows[2]["needs_review"]) == ("true", "false")
    assert rows[0]["created_at"].endswith("Z")
    assert datetime.fromisoformat(rows[0]["created_at"].replace("Z", "+00:00")) == evaluations[0].created_at


def test_csv_has_no_formulas(evaluations: list[Evaluation]) -> None:
    text = rating_table(evaluations).to_csv() + evaluation_table(evaluations).to_csv()
    values = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert "'@SUM(1)" in values and "'=model" in values and "'=Go" in values
    assert not [value for value in values if value.startswith(tuple("=+-@\t\r\n＝＋－＠"))]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a"])
def test_whatever_begins_a_formula_is_defused(text: str) -> None:
    table = Table((text,), ("text",), ((text,), ("a" + text,), (None,)))
    rows = list(csv.reader(io.StringIO(table.to_csv(), newline="")))
    assert rows[:3] == [["'" + text], ["'" + text], ["a" + text]]


def test_numbers_are_no_formulas() -> None:
    assert Table(("a",), ("number",), ((-0.5,), (None,))).to_csv().split("\r\n")[1] == "-0.5"


def test_csv_goes_into_paths_and_files(evaluations: list[Evaluation], tmp_path: Path) -> None:
    table = rating_table(evaluations)
    text = io.StringIO()
    table.to_csv(text)
    assert text.getvalue() == table.to_csv()
    for path in (tmp_path / "one.csv", str(tmp_path / "two.csv")):
        table.to_csv(path)
        assert Path(path).read_bytes().decode() == table.to_csv()
    with pytest.raises(OSError):
        table.to_csv(tmp_path)


PANDAS = {"text": "string", "texts": "object", "number": "float64", "count": "Int64", "flag": "bool"}


@pytest.mark.parametrize("make", [evaluation_table, rating_table])
@pytest.mark.parametrize("count", [0, 1, 4])
def test_pandas_has_the_right_types(make: Any, count: int, evaluations: list[Evaluation]) -> None:
    # The last one has no ratings and no times.
    table = make(evaluations[4 - count :])
    frame = table.to_pandas()
    assert tuple(frame.columns) == table.columns
    assert len(frame) == len(table)
    for name, kind in zip(table.columns, table.kinds):
        assert str(frame[name].dtype) == PANDAS.get(kind, "datetime64[us, UTC]"), name


def test_pandas_has_the_values(evaluations: list[Evaluation]) -> None:
    import pandas

    frame = evaluation_table(evaluations).to_pandas()
    assert frame["score"].isna().tolist() == [False, False, True, True]
    assert frame["completed_at"][0] == pandas.Timestamp(evaluations[0].completed_at)
    assert frame["completed_at"][3] is pandas.NaT
    assert frame["session_id"][0] is pandas.NA
    assert frame[frame.needs_review].evaluation_id.tolist() == [str(it.id) for it in evaluations[:2]]
    ratings = rating_table(evaluations).to_pandas()
    assert ratings["quotes"].tolist()[:2] == [["=HYPERLINK(1)", HOSTILE], []]
    assert ratings["reason"][0] == "@SUM(1)"
    assert ratings.merge(frame, on="evaluation_id").shape[0] == 4


@pytest.mark.parametrize("make", [evaluation_table, rating_table])
@pytest.mark.parametrize("count", [0, 1, 4])
def test_arrow_has_the_right_types(make: Any, count: int, evaluations: list[Evaluation]) -> None:
    import pyarrow as arrow

    types = {
        "text": arrow.string(),
        "texts": arrow.list_(arrow.string()),
        "number": arrow.float64(),
        "count": arrow.int64(),
        "flag": arrow.bool_(),
        "time": arrow.timestamp("us", tz="UTC"),
    }
    table = make(evaluations[4 - count :])
    found = table.to_arrow()
    assert tuple(found.column_names) == table.columns
    assert found.schema.types == [types[kind] for kind in table.kinds]
    assert found.num_rows == len(table)
    found.validate(full=True)


def test_arrow_has_the_values(evaluations: list[Evaluation]) -> None:
    found = rating_table(evaluations).to_arrow().to_pylist()
    assert [tuple({**row, "quotes": tuple(row["quotes"])}.values()) for row in found] == list(rating_table(evaluations))
    found = evaluation_table(evaluations).to_arrow().to_pylist()
    assert found[0]["created_at"] == evaluations[0].created_at.astimezone(timezone.utc)
    assert [tuple(row.values()) for row in found] == list(evaluation_table(evaluations))


def test_a_spread_is_that_of_a_panel() -> None:
    class Other:
        def judge(self, request: JudgeRequest) -> list[Rating]:
            return [Rating(0, "Rust", 0.25, quotes=[Quote.find(request.exchanges[0].answer, "lock")])]

    class One:
        def judge(self, request: JudgeRequest) -> list[Rating]:
            return [Rating(0, "Rust", 0.75, quotes=[Quote.find(request.exchanges[0].answer, "lock")])]

    evaluation = judged(vivavoce.Panel([One(), Other()]), "Rust")
    assert cells(rating_table([evaluation]))[0]["spread"] == 0.5


WITHOUT = """
import sys, vivavoce
assert "vivavoce._tables" not in sys.modules and "pandas" not in sys.modules
sys.modules["pandas"] = sys.modules["pyarrow"] = None
table = vivavoce.evaluation_table([])
assert len(table.to_csv().splitlines()) == 1
for convert in (table.to_pandas, table.to_arrow):
    try:
        convert()
    except ImportError as error:
        assert "pip install vivavoce[tables]" in str(error)
    else:
        raise AssertionError
"""


def test_a_table_needs_no_more_than_it_says() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", WITHOUT], check=True)
