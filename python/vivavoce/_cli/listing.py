"""List interviews."""

from __future__ import annotations

import argparse
from datetime import date
from itertools import islice

from vivavoce import Interview
from vivavoce._cli.common import open_engine
from vivavoce._cli.text import table
from vivavoce._dates import day


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--name", metavar="TEXT", help="only candidates whose name contains this, whatever the case"
    )
    parser.add_argument("--status", choices=["pending", "in_progress", "completed"])
    parser.add_argument(
        "--from",
        dest="since",
        type=_day,
        metavar="DAY",
        help="only those created on this day (UTC) or later: YYYY-MM-DD",
    )
    parser.add_argument(
        "--to", dest="until", type=_day, metavar="DAY", help="only those created on this day (UTC) or earlier"
    )
    parser.add_argument("--sort", choices=["date", "name", "status"], default="date", help="default: date")
    parser.add_argument(
        "--order", choices=["ascending", "descending"], default="descending", help="default: descending"
    )
    many = parser.add_mutually_exclusive_group()
    many.add_argument("--limit", type=_count, default=20, metavar="N", help="how many at most (default: 20)")
    many.add_argument("--all", action="store_true", help="all of them")


def _day(text: str) -> date:
    try:
        return day(text)
    except ValueError:
        raise argparse.ArgumentTypeError("expected a day such as 2026-01-31") from None


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("expected a whole number")
    return int(text)


def run(options: argparse.Namespace) -> int:
    with open_engine(options, reads=True) as engine:
        interviews = engine.interviews(
            candidate_name=options.name,
            status=options.status,
            date_from=options.since,
            date_to=options.until,
            sort_by=options.sort,
            order=options.order,
        )
        wanted = islice(interviews, None if options.all else options.limit)
        if options.json:
            for interview in wanted:
                print(interview.to_json())
        else:
            for line in table(
                [("ID", "CANDIDATE", "TYPE", "LANGUAGE", "STATUS", "CREATED (UTC)"), *map(_row, wanted)]
            ):
                print(line)
    return 0


def _row(interview: Interview) -> tuple[str, ...]:
    return (
        str(interview.id),
        interview.candidate_name,
        interview.interview_type,
        interview.interview_language,
        interview.status,
        f"{interview.created_at:%Y-%m-%d %H:%M}",
    )
