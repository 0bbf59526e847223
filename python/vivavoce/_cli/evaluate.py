"""Judge the answers of a file: CSV, a JSON array, or JSON Lines.

Columns: question and answer, and, where there are, reference_answer, key_points
(in CSV separated by |), competency and weight. All others are carried through.
In CSV, a text that a spreadsheet would take for a formula is written with an
apostrophe before it.

Each row gets a score, feedback, reasons why a person should look at it, and an
error where it could not be judged; in JSON Lines also the whole evaluation.

With --output, the rows that are in that file already are not judged again: the
same command goes on where an earlier one was stopped or killed, and tries again
what a language model failed at. One run at a time writes to a file.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from vivavoce import AnswerEvaluation, Engine, Error, InvalidInputError, Question
from vivavoce._cli.common import open_engine, read_judging, read_settings, take_judging, take_settings
from vivavoce._cli.rows import Input, Output, Row, digest


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="questions and answers; - for standard input")
    parser.add_argument(
        "--output", metavar="FILE", help="where the scores go, to be gone on with (default: stdout)"
    )
    parser.add_argument(
        "--format",
        choices=["csv", "jsonl"],
        help="how they are written (default: as --output is named, or FILE is)",
    )
    take_judging(parser)
    parser.add_argument(
        "--calibration",
        metavar="NAME",
        help="correct the built-in evaluator's scores by what `vivavoce calibrate` has learned in this store: "
        "the newest of this name, or NAME@VERSION",
    )
    parser.add_argument(
        "--batch",
        type=_positive,
        default=100,
        metavar="N",
        help="how many rows are judged at once, and kept together (default: 100)",
    )
    take_settings(parser)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("expected a whole number above 0")
    return int(text)


def run(options: argparse.Namespace) -> int:
    source = Input(options.file)
    is_file = options.file != "-" and options.output and os.path.exists(options.output)
    if is_file and os.path.samefile(options.file, options.output):
        raise InvalidInputError("--output is FILE itself")
    how = read_judging(options)
    evaluator = read_settings(options.settings).get("evaluator") if options.settings else None
    learned = options.calibration is not None
    with open_engine(options, may_forget=not learned, reads=learned) as engine:
        if learned:
            # The same one for all rows, whoever learns meanwhile.
            how["calibration"] = engine.calibration(options.calibration).label
        engine.evaluate_answers([], **how)  # what is wrong with them is wrong with every row
        output = Output(options.output, _is_csv(options, source), source.columns)
        todo = _todo(source, output, {**how, "evaluator": evaluator})
        judged = 0
        progress = _Progress(len(output.kept), source.total)
        try:
            for batch in _batches(todo, options.batch):
                output.write(zip(batch, _judge(engine, batch, how), strict=True))
                judged += len(batch)
                progress.show(judged)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                "interrupted" + "; the same command goes on from there" * bool(options.output)
            ) from None
        finally:
            progress.clear()
    if options.output:
        counts = {"rows": source.total, "judged": judged, "kept": len(output.kept), "failed": output.failed}
        if options.json:
            print(json.dumps(counts))
        else:
            print(", ".join(f"{count} {what}" for what, count in counts.items()), file=sys.stderr)
    return 1 if output.failed else 0


def _is_csv(options: argparse.Namespace, source: Input) -> bool:
    if options.format:
        return bool(options.format == "csv")
    if options.output:
        return bool(options.output.lower().endswith(".csv"))
    return source.is_csv and not options.json


def _todo(source: Input, output: Output, how: Any) -> Iterator[Row]:
    """The rows that are not judged yet. All that are have to be rows of this input, judged in this way."""
    if any(number > source.total for number in output.kept):
        raise InvalidInputError(f"{source.path}: has fewer rows than {output.path}: it has changed since")
    rows = (Row(number, fields, digest(fields, how)) for number, fields in enumerate(source, 1))
    for row in rows:
        if output.kept.get(row.number, row.digest) != row.digest:
            words = f"{output.path}: row {row.number} was judged from other words or in another way: {source.path} or the options have changed"
            raise InvalidInputError(words)
        if row.number not in output.kept:
            yield row


def _batches(rows: Iterator[Row], most: int) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == most:
            yield batch
            batch = []
    if batch:
        yield batch


def _judge(engine: Engine, batch: list[Row], how: dict[str, Any]) -> list[AnswerEvaluation | Error]:
    found: dict[int, AnswerEvaluation | Error] = {}
    pairs: dict[int, tuple[Question, str]] = {}
    for row in batch:
        try:
            pairs[row.number] = row.pair()
        except InvalidInputError as error:
            found[row.number] = error
    judged = engine.evaluate_answers(list(pairs.values()), **how)
    failures = [it for it in judged if isinstance(it, Error) and it.retryable]
    if judged and len(failures) == len(judged):
        # Nobody is there to judge: the rows that are left would only wait for the same.
        raise failures[0]
    found.update(zip(pairs, judged, strict=True))
    return [found[row.number] for row in batch]


class _Progress:
    """A line on stderr, where somebody looks at it."""

    def __init__(self, kept: int, total: int) -> None:
        self.kept, self.total = kept, total
        self.began = time.monotonic()
        self.is_seen = sys.stderr.isatty()

    def show(self, judged: int) -> None:
        if self.is_seen:
            done = self.kept + judged
            bar = "#" * (30 * done // max(self.total, 1))
            rate = judged / max(time.monotonic() - self.began, 1e-3)
            sys.stderr.write(f"\r[{bar:<30}] {done} of {self.total}, {rate:.1f} a second\033[K")
            sys.stderr.flush()

    def clear(self) -> None:
        if self.is_seen:
            with contextlib.suppress(OSError):
                sys.stderr.write("\r\033[K")
                sys.stderr.flush()
