"""Learn from answers that people graded.

FILE has a row for each graded answer, in CSV, a JSON array, or JSON Lines. Columns:
question, answer and score (the grader's, 0 to 1), and, where there are,
reference_answer, key_points (in CSV separated by |), competency and weight. All
others are passed over.

What is learned corrects the scores of the built-in evaluator where it is asked for
by NAME, as by `vivavoce evaluate --calibration NAME`, and is kept as the next version
of NAME. 10 graded answers to a question are needed, or 50 in all. The answers are
not kept.

RMSE is the root of the mean squared difference between the evaluator's scores and
the graders', r Pearson's correlation of the two: before, and after what was learned
from other answers than the one that is scored.
"""

from __future__ import annotations

import argparse
import re

from vivavoce import Calibration, InvalidInputError, Question
from vivavoce._cli.common import open_engine, read_judging, take_judging
from vivavoce._cli.rows import Input, Row
from vivavoce._cli.text import one_line, table

# How an engine says which of the answers is wrong, from 0, and of which column.
_PLACE = re.compile(r"graded answer (\d+): (?:question\.)?")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what it is to be called, 1 to 100 characters without @, with no white space at either end")
    parser.add_argument("file", metavar="FILE", help="the graded answers; - for standard input")
    take_judging(parser)


def run(options: argparse.Namespace) -> int:
    source = Input(options.file, graded=True)
    graded = list(_graded(source))
    with open_engine(options) as engine:
        try:
            found = engine.calibrate(options.name, graded, **read_judging(options))
        except InvalidInputError as error:
            said = _PLACE.sub(lambda place: f"{source.path}: row {int(place[1]) + 1}: ", str(error), count=1)
            raise InvalidInputError(said) from None
    if options.json:
        print(found.to_json())
        return 0
    print(one_line(f"{found.label}: learned from {found.answers} answers, {_learned(found)}."))
    for line in table([("", "BEFORE", "AFTER"), _row("RMSE", found, "rmse"), _row("r", found, "pearson")]):
        print(line)
    if found.after.rmse >= found.before.rmse:
        print("The scores are not nearer to the graders' than before: do not use it.")
    return 0


def _learned(found: Calibration) -> str:
    count = len(found.questions)
    each = ["1 question by itself" if count == 1 else f"{count} questions by themselves"] * (count > 0)
    return " and ".join([*each, *["all questions together"] * (found.bank is not None)])


def _graded(source: Input) -> list[tuple[Question, str, float]]:
    graded: list[tuple[Question, str, float]] = []
    for number, fields in enumerate(source, 1):
        try:
            graded.append(Row(number, fields, "").graded())
        except InvalidInputError as error:
            raise InvalidInputError(f"{source.path}: row {number}: {error}") from None
    return graded


def _row(name: str, found: Calibration, field: str) -> tuple[str, str, str]:
    return name, short(getattr(found.before, field)), short(getattr(found.after, field))


def short(value: float | None) -> str:
    """A measure with three digits; a dash where there is none."""
    # Without the sign of a 0 that was rounded to.
    return "-" if value is None else f"{round(value, 3) + 0.0:.3f}"
