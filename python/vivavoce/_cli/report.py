"""Print a scorecard."""

from __future__ import annotations

import argparse
from typing import Any

from vivavoce import Engine, InvalidInputError, NotFoundError
from vivavoce._cli.common import open_engine, output


def arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("evaluation", metavar="EVALUATION", nargs="?", help="the evaluation's id")
    which.add_argument("--session", metavar="ID", help="the last evaluation of this session")
    which.add_argument("--interview", metavar="ID", help="the last evaluation of this interview")
    parser.add_argument("--format", choices=["markdown", "html", "json"], help="default: markdown")
    parser.add_argument("--output", metavar="FILE", help="where it goes (default: stdout)")


def run(options: argparse.Namespace) -> int:
    form: Any = options.format or ("json" if options.json else "markdown")
    if options.json and form != "json":
        raise InvalidInputError("--json goes with --format json")
    with open_engine(options, reads=True) as engine:
        card = engine.scorecard(
            options.evaluation or _last(engine, options.session, options.interview), format=form
        )
        with output(options.output) as file:
            print(card.rstrip("\n"), file=file)
    return 0


def _last(engine: Engine, session: str | None, interview: str | None) -> str:
    """The evaluation that no other has taken the place of."""
    of = engine.session(session) if session else None
    for evaluation in reversed(engine.evaluations(of.interview_id if of else interview or "")):
        if of is None or engine.evaluation(evaluation).session_id == of.id:
            return str(evaluation)
    raise NotFoundError(
        f"session {of.id} has no evaluation" if of else f"interview {interview} has no evaluation"
    )
