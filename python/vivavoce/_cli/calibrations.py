"""List what was learned from graders, every version.

RMSE is the root of the mean squared difference between the evaluator's scores and
the graders', r Pearson's correlation of the two, before and after.
"""

from __future__ import annotations

import argparse

from vivavoce import Calibration
from vivavoce._cli.calibrate import short
from vivavoce._cli.common import open_engine
from vivavoce._cli.text import table

_HEAD = (
    "CALIBRATION",
    "ANSWERS",
    "QUESTIONS",
    "RMSE BEFORE",
    "RMSE AFTER",
    "R BEFORE",
    "R AFTER",
    "EVALUATOR",
    "CREATED (UTC)",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """There is nothing more to say."""


def run(options: argparse.Namespace) -> int:
    with open_engine(options, reads=True) as engine:
        found = engine.calibrations()
    if options.json:
        for calibration in found:
            print(calibration.to_json())
    else:
        for line in table([_HEAD, *map(_row, found)]):
            print(line)
    return 0


def _row(found: Calibration) -> tuple[str, ...]:
    return (
        found.label,
        str(found.answers),
        # Those that it knows by themselves, and whether it corrects the others too.
        f"{len(found.questions)}{' and all' * (found.bank is not None)}",
        short(found.before.rmse),
        short(found.after.rmse),
        short(found.before.pearson),
        short(found.after.pearson),
        found.evaluator_version,
        f"{found.created_at:%Y-%m-%d %H:%M}",
    )
