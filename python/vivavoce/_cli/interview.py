"""Hold an interview in the terminal.

An empty line ends an answer. Ctrl-D ends the interview, Ctrl-C interrupts it.
The scorecard is printed in the end.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timezone
from typing import Any, TextIO

from vivavoce import Engine, Error, Interview, InvalidInputError, Session
from vivavoce._cli.common import an_object, open_engine, read_json, take_settings
from vivavoce._cli.text import shown

_PLAN: dict[str, type] = {
    "candidate_name": str,
    "interview_type": str,
    "questions": list,
    "interview_language": str,
    "job_description": str,
    "resume": str,
    "external_id": str,
    "rubric": object,
    "calibration": str,
    "max_answers": int,
}
_REQUIRED = ("candidate_name", "interview_type", "questions")


def arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", metavar="FILE", nargs="?", help="the plan in JSON, see examples/interviews")
    what.add_argument("--session", metavar="ID", help="go on with this session")
    parser.add_argument("--language", metavar="TAG", help="the language to speak (default: the plan's)")
    take_settings(parser)


def run(options: argparse.Namespace) -> int:
    if options.session and options.language:
        raise InvalidInputError("--language: a session has its language")
    plan = read_plan(options.file) if options.file else None
    with open_engine(options, may_forget=plan is not None, reads=plan is None) as engine:
        # With --json, stdout is the scorecard's alone.
        talk = sys.stderr if options.json else sys.stdout
        keeps = engine.health().store != "memory"
        if plan is not None:
            interview = engine.create_interview(**plan)
            session = engine.start_session(interview.id, session_language=options.language)
        else:
            session = engine.session(options.session, exact=True)
            interview = engine.interview(session.interview_id)
        then = f"; go on with: vivavoce interview --session {session.id}, and the same store" if keeps else ""
        lost = "" if keeps else ", kept in memory alone: name a --store to keep it"
        print(f"Session {session.id}{lost}.", file=sys.stderr)
        try:
            _Conversation(engine, interview, session, talk).hold()
            evaluation = engine.end_session(session.id)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"interrupted{then}") from None
        except Error as error:
            if error.retryable:
                error.args = (f"{error}{then}",)
            raise
        print(engine.scorecard(evaluation.id, format="json" if options.json else "markdown"))
        if evaluation.status == "completed":
            return 0
        print(f"The evaluation is {evaluation.status}: see the scorecard.", file=sys.stderr)
        return 1


def read_plan(path: str) -> dict[str, Any]:
    """Reads the arguments of `Engine.create_interview`."""
    plan = an_object(read_json(path), f"{path}: expected an object")
    if not plan.keys() <= _PLAN.keys():
        raise InvalidInputError(f"{path}: a field is not known: expected one of {', '.join(_PLAN)}")
    plan = {name: value for name, value in plan.items() if value is not None}
    for name in _REQUIRED:
        if name not in plan:
            raise InvalidInputError(f"{path}: {name} is missing")
    for name, value in plan.items():
        if not isinstance(value, _PLAN[name]) or isinstance(value, bool):
            raise InvalidInputError(f"{path}: {name} is of another JSON type")
    if not 0 <= plan.get("max_answers", 1) < 2**32:
        raise InvalidInputError(f"{path}: max_answers is out of range")
    return plan


class _Conversation:
    """A session between an interviewer and whoever sits at the keyboard."""

    def __init__(self, engine: Engine, interview: Interview, session: Session, talk: TextIO) -> None:
        self.engine, self.interview, self.session, self.talk = engine, interview, session, talk
        self.answers = session.answers_given
        self.typed = sys.stdin.isatty()

    def hold(self) -> None:
        """Talks until the session is completed or nobody answers any more."""
        session = self.session
        if session.status != "active":
            return
        print(
            "An empty line ends an answer. Ctrl-D ends the interview, Ctrl-C interrupts it.\n",
            file=sys.stderr,
        )
        asked = session.messages[-1]
        if session.pending is not None:
            # It is kept, and its reply is missing: the same words again continue that turn.
            turn = self.send(session.pending.content)
            if turn is None:
                return
            asked = turn
        else:
            self.say("Interviewer: ")
            self.say(asked.content)
            self.say("\n\n")
        while True:
            self.progress(asked.question)
            answer = self.listen()
            if answer is None:
                return
            try:
                asked = self.send(answer)
            except InvalidInputError as error:
                if not self.typed:
                    raise
                print(f"[not sent: {error}]\n", file=sys.stderr)
                continue
            self.answers += 1
            if asked is None:
                return

    def send(self, answer: str) -> Any:
        """Sends an answer and says the reply as it comes; gives what is asked next, None when nothing is."""
        begun = False

        def hear(words: str | None) -> None:
            nonlocal begun
            if words is None:
                self.say("\n[once more]\n")
            else:
                self.say(words if begun else f"Interviewer: {words}")
                begun = True

        turn = self.engine.send_message(self.session.id, answer, hear=hear)
        self.say("\n\n")
        return turn.reply if turn.session_status == "active" else None

    def say(self, words: str) -> None:
        self.talk.write(shown(words))
        self.talk.flush()

    def listen(self) -> str | None:
        """Reads lines up to an empty one; None at the end of input."""
        lines: list[bytes] = []
        while True:
            if self.typed:
                print("> ", end="", file=sys.stderr, flush=True)
            line = sys.stdin.buffer.readline()
            if line.strip():
                lines.append(line)
                continue
            if line and not lines:
                continue
            if self.typed:
                print(file=sys.stderr)
            if not lines:
                return None
            try:
                return b"".join(lines).decode("utf-8-sig").strip()
            except UnicodeDecodeError:
                if not self.typed:
                    raise InvalidInputError("standard input: not UTF-8") from None
                print("[not sent: it is not UTF-8]\n", file=sys.stderr)
                lines = []

    def progress(self, question: int | None) -> None:
        if not sys.stderr.isatty():
            return
        place = "" if question is None else f"question {question + 1} of {len(self.interview.questions)}, "
        seconds = int((datetime.now(timezone.utc) - self.session.started_at).total_seconds())
        answers = f"{self.answers} of {self.interview.max_answers} answers"
        print(f"[{place}{answers}, {seconds // 60}:{seconds % 60:02}]", file=sys.stderr)
