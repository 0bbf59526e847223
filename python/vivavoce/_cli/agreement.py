"""Say how far raters agree, people or models.

FILE is CSV with a column for each rater, under the rater's name, and a row for each
item; an empty cell is a gap. Every statistic comes with its 95 % interval over
resamples of the items. One that the ratings do not define is a dash, in JSON absent.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterator
from typing import TextIO

import vivavoce
from vivavoce import Agreement, Estimate, InvalidInputError
from vivavoce._cli.common import open_text, reading
from vivavoce._cli.text import table

_PAIR = (
    ("Pearson's r", "pearson"),
    ("Spearman's rho", "spearman"),
    ("Kendall's tau-b", "kendall"),
    ("Cohen's kappa", "cohen_kappa"),
    ("weighted kappa", "weighted_kappa"),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the scores; - for standard input")
    parser.add_argument(
        "--levels",
        type=_count,
        metavar="N",
        help="kappas see scores of 0 to 1 as the nearest of N levels (default: each distinct score is a category)",
    )
    parser.add_argument(
        "--resamples",
        type=_count,
        default=1000,
        metavar="N",
        help="how many resamples the intervals are of; 0 for no intervals (default: 1000)",
    )
    parser.add_argument(
        "--seed", type=_count, default=0, metavar="N", help="where the resamples' generator starts (default: 0)"
    )


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("expected a whole number")
    return int(text)


def run(options: argparse.Namespace) -> int:
    if options.file == "-":
        with reading("standard input"):
            held = sys.stdin.buffer.read().decode("utf-8-sig")
        ratings = _read(io.StringIO(held, newline=""), "standard input")
    else:
        with open_text(options.file) as file, reading(options.file):
            ratings = _read(file, options.file)
    found = vivavoce.agreement(
        ratings, levels=options.levels, resamples=options.resamples, seed=options.seed
    )
    if options.json:
        print(found.to_json())
        return 0
    for line in table([("RATERS", "ITEMS", "STATISTIC", "VALUE", "95 % INTERVAL"), *_rows(found)]):
        print(line)
    return 0


def _read(file: TextIO, path: str) -> dict[str, list[float | None]]:
    reader = csv.reader(file, strict=True)
    try:
        names = next(reader, None) or []
        if len(set(names)) < len(names):
            raise InvalidInputError(f"{path}: two columns have the same name")
        ratings: dict[str, list[float | None]] = {name: [] for name in names}
        for row in reader:
            if not row:
                continue
            if len(row) != len(names):
                raise InvalidInputError(
                    f"{path}: line {reader.line_num} has {len(row)} cells, and the header {len(names)}"
                )
            for (name, scores), cell in zip(ratings.items(), row, strict=True):
                try:
                    scores.append(float(cell) if cell.strip() else None)
                except ValueError:
                    raise InvalidInputError(
                        f"{path}: line {reader.line_num}, column {name}: expected a number"
                    ) from None
    except csv.Error:
        raise InvalidInputError(f"{path}: not CSV at line {reader.line_num}") from None
    return ratings


def _rows(found: Agreement) -> Iterator[tuple[str, ...]]:
    yield _row("all", found.complete_items, "ICC(2,1)", found.icc_2_1)
    yield _row("all", found.complete_items, f"ICC(2,{len(found.raters)})", found.icc_2_k)
    yield _row("all", found.items, "Krippendorff's alpha", found.krippendorff_alpha)
    if len(found.pairs) > 1:
        for words, name in _PAIR:
            yield _row("mean of pairs", None, words, getattr(found.means, name))
    for pair in found.pairs:
        of = f"{pair.first}, {pair.second}"
        for words, name in _PAIR:
            yield _row(of, pair.items, words, getattr(pair, name))
        yield _row(of, pair.items, "bias", pair.bias)
        limits = pair.limits_of_agreement
        yield _row(of, pair.items, "lower limit of agreement", limits and limits.lower)
        yield _row(of, pair.items, "upper limit of agreement", limits and limits.upper)


def _row(of: str, items: int | None, statistic: str, estimate: Estimate | None) -> tuple[str, ...]:
    count = "" if items is None else str(items)
    if estimate is None:
        return of, count, statistic, "-", ""
    ends = "" if estimate.low is None or estimate.high is None else f"{_short(estimate.low)} to {_short(estimate.high)}"
    return of, count, statistic, _short(estimate.value), ends


def _short(value: float) -> str:
    # Without the sign of a 0 that was rounded to.
    return f"{round(value, 3) + 0.0:.3f}"
