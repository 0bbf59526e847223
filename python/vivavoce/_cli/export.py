"""Write everything that is kept, or the ratings alone.

jsonl: a line for each interview, session and evaluation: {"interview": …},
{"session": …}, {"evaluation": …}, each interview followed by what is its own.
csv: a line for each rating. A text there that a spreadsheet would take for a
formula has an apostrophe before it.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
from collections.abc import Iterator
from typing import Any

from vivavoce import Engine, Evaluation, Interview, InvalidInputError, NotFoundError
from vivavoce._cli.common import open_engine, output
from vivavoce._tables import cell

_COLUMNS = (
    "interview_id",
    "candidate_name",
    "interview_type",
    "session_id",
    "evaluation_id",
    "status",
    "created_at",
    "supersedes",
    "judge",
    "calibration",
    "rubric_hash",
    "exchange",
    "question",
    "competency",
    "score",
    "basis",
    "confidence",
    "reason",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=["jsonl", "csv"], default="jsonl", help="default: jsonl")
    parser.add_argument("--output", metavar="FILE", help="where it goes (default: stdout)")


def run(options: argparse.Namespace) -> int:
    if options.json and options.format != "jsonl":
        raise InvalidInputError("--json goes with --format jsonl")
    with open_engine(options, reads=True) as engine, output(options.output) as file:
        if options.format == "jsonl":
            for kind, document in _documents(engine):
                file.write(f'{{"{kind}":{document.to_json()}}}\n')
            return 0
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(_COLUMNS)
        for interview in engine.interviews(order="ascending"):
            for evaluation in _evaluations(engine, interview):
                writer.writerows(map(cell, row) for row in _ratings(interview, evaluation))
    return 0


def _documents(engine: Engine) -> Iterator[tuple[str, Any]]:
    for interview in engine.interviews(order="ascending"):
        yield "interview", interview
        # What is erased meanwhile is no more to be exported.
        with contextlib.suppress(NotFoundError):
            for session in engine.sessions(interview.id):
                yield "session", engine.session(session)
        for evaluation in _evaluations(engine, interview):
            yield "evaluation", evaluation


def _evaluations(engine: Engine, interview: Interview) -> Iterator[Evaluation]:
    with contextlib.suppress(NotFoundError):
        for evaluation in engine.evaluations(interview.id):
            yield engine.evaluation(evaluation)


def _ratings(interview: Interview, evaluation: Evaluation) -> Iterator[tuple[Any, ...]]:
    judge = f"{evaluation.evaluator.provider}/{evaluation.evaluator.model}/{evaluation.evaluator.version}"
    for rating in evaluation.ratings:
        yield (
            interview.id,
            interview.candidate_name,
            interview.interview_type,
            evaluation.session_id,
            evaluation.id,
            evaluation.status,
            evaluation.created_at.isoformat(),
            evaluation.supersedes,
            judge,
            evaluation.calibration,
            evaluation.rubric_hash,
            rating.exchange,
            evaluation.exchanges[rating.exchange].question_text,
            rating.competency,
            rating.score,
            rating.basis,
            rating.confidence,
            rating.reason,
        )
