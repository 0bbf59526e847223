"""Verify audit logs: of the interviews that are named, or of all.

A head is the end of a log at some time. Heads that are kept elsewhere prove that
nothing up to them was changed, removed or reordered; without them, a log whose
end was cut off looks sound.

Erased interviews are in no list, and keep their logs: "all" has those whose heads
are given, others are to be named.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import NamedTuple

from vivavoce import Engine, InvalidInputError, NotFoundError
from vivavoce._cli.common import open_engine, open_text, output, reading


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("interviews", metavar="INTERVIEW", nargs="*", help="an interview's id")
    parser.add_argument(
        "--heads",
        metavar="FILE",
        help="verify against the heads in this file, and say which logs have gone on since",
    )
    parser.add_argument(
        "--write-heads",
        metavar="FILE",
        help="write the heads of what is sound; the file may be that of --heads",
    )


class _Found(NamedTuple):
    interview_id: str
    is_sound: bool
    checked: int
    erased: int
    first_bad: int | None
    finding: str | None
    tail_checked: bool
    # How many events came after the head that was given.
    since_head: int | None

    def line(self) -> str:
        if not self.is_sound:
            at = "" if self.first_bad is None else f"event {self.first_bad}: "
            return f"{self.interview_id}  NOT SOUND: {at}{self.finding}"
        erased = f", {self.erased} erased" if self.erased else ""
        since = f", {self.since_head} new" if self.since_head else ""
        end = "" if self.tail_checked else "; no head to check its end by"
        return f"{self.interview_id}  sound: {self.checked} events{erased}{since}{end}"


def run(options: argparse.Namespace) -> int:
    heads = _read(options.heads) if options.heads else {}
    sound, unsound = 0, 0
    with open_engine(options, reads=True) as engine:
        # Erased interviews are in no list, and have their logs: the heads name them.
        listed = (str(interview.id) for interview in engine.interviews(order="ascending"))
        names = options.interviews or dict.fromkeys((*listed, *heads))
        kept = dict(heads)
        for name in names:
            found, head = _verify(engine, name, heads)
            print(json.dumps(found._asdict()) if options.json else found.line())
            sound, unsound = sound + found.is_sound, unsound + (not found.is_sound)
            if head is not None:
                kept[found.interview_id] = head
    if options.write_heads:
        with output(options.write_heads) as file:
            file.writelines(f"{head}\n" for head in kept.values())
    if not options.json:
        print(f"{sound} sound, {unsound} not sound", file=sys.stderr)
        if not options.interviews:
            print("Erased interviews are in no list: name them, or give --heads that have them.", file=sys.stderr)
    return 1 if unsound else 0


def _verify(engine: Engine, name: str, heads: dict[str, str]) -> tuple[_Found, str | None]:
    """What is found, and the head of a log that is sound."""
    try:
        # Before the rest, so that what is verified reaches at least as far.
        head = engine.audit_head(name)
    except NotFoundError:
        if name not in heads:
            raise
        return _Found(name, False, 0, 0, None, "the whole log is gone", True, None), None
    # An id has more than one form.
    name, _, _ = head.partition("/")
    known = heads.get(name)
    report = engine.verify_audit(name, head=known)
    if known is not None and report.is_sound:
        # That reached as far as the known head; now for what came after it.
        report = engine.verify_audit(name)
    since = None if known is None else _number(head) - _number(known)
    return _Found(
        interview_id=name,
        is_sound=report.is_sound,
        checked=report.checked,
        erased=report.erased,
        first_bad=report.first_bad,
        finding=report.finding,
        tail_checked=known is not None,
        since_head=since,
    ), (head if report.is_sound else None)


def _read(path: str) -> dict[str, str]:
    """Heads, by their interviews: `interview/number/link`, one in a line."""
    heads: dict[str, str] = {}
    with open_text(path) as file, reading(path):
        for place, line in enumerate(file, 1):
            head = line.strip()
            interview, _, rest = head.partition("/")
            if not head:
                continue
            if not rest.partition("/")[0].isdecimal():
                raise InvalidInputError(f"{path}: line {place} is no head")
            heads[interview] = head
    return heads


def _number(head: str) -> int:
    return int(head.split("/")[1])
