"""The command line: `vivavoce COMMAND`, or `python -m vivavoce COMMAND`."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from vivavoce import Error, InvalidInputError, __version__
from vivavoce._cli import (
    agreement,
    calibrate,
    calibrations,
    evaluate,
    export,
    interview,
    listing,
    report,
    serve,
    verify,
)
from vivavoce._cli.text import one_line

_COMMANDS = {
    "interview": interview,
    "evaluate": evaluate,
    "report": report,
    "list": listing,
    "export": export,
    "verify": verify,
    "agreement": agreement,
    "calibrate": calibrate,
    "calibrations": calibrations,
    "serve": serve,
}

_EXIT = """\
exit codes:
  0    done
  1    something is not sound, failed in part, or is not allowed now
  2    wrong usage, invalid input, or nothing that this installation can do
  3    not found
  4    the store, a language model, a deadline or a limit: try again later
  130  interrupted (Ctrl-C)"""

_CODES = {
    "invalid_input": 2,
    "unsupported": 2,
    "not_found": 3,
    "storage": 4,
    "provider": 4,
    "timeout": 4,
    "limited": 4,
    "interrupted": 130,
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InvalidInputError(f"{message} (see {self.prog} --help)")


def _parser() -> _Parser:
    parser = _Parser(
        prog="vivavoce",
        description="Holds interviews, has answers judged, and looks after what is kept.",
        epilog=_EXIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"vivavoce {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, module in _COMMANDS.items():
        first, _, _ = (module.__doc__ or "").partition("\n")
        command = commands.add_parser(
            name,
            help=first[:1].lower() + first[1:].removesuffix("."),
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if module is not agreement:  # which reads a file alone
            command.add_argument(
                "--store", metavar="URL", help="memory:, sqlite:PATH or postgresql://… (default: DATABASE_URL)"
            )
        command.add_argument(
            "--json", action="store_true", help="speak JSON: results on stdout, errors on stderr"
        )
        module.arguments(command)
        command.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Half a surrogate pair from somebody's JSON is written as JSON's own escape.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    # What the engine logs is for applications: whoever reads this sees errors.
    logging.getLogger("vivavoce").addHandler(logging.NullHandler())
    # Known before the words are understood, because they may not be.
    as_json = "--json" in words
    try:
        options = _parser().parse_args(words)
        code: int = options.run(options)
        sys.stdout.flush()
    except SystemExit as end:  # --help and --version
        return end.code if isinstance(end.code, int) else 0
    except BrokenPipeError:
        # Whoever reads the output has seen enough. Python would flush it once more.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt as interrupt:
        return _fail("interrupted", str(interrupt) or "interrupted", as_json)
    except Error as error:
        return _fail(error.kind, str(error), as_json)
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        wrong = isinstance(
            error, FileNotFoundError | PermissionError | IsADirectoryError | NotADirectoryError
        )
        return _fail("invalid_input" if wrong else "storage", f"{named}{error.strerror}", as_json)
    except Exception as error:  # noqa: BLE001
        # A traceback helps nobody here, and its words may be a candidate's.
        return _fail("internal", f"{type(error).__name__}: please report it", as_json)
    return code


def _fail(kind: str, message: str, as_json: bool) -> int:
    message = one_line(message)
    with contextlib.suppress(OSError):
        told = (
            json.dumps({"error": kind, "message": message}, ensure_ascii=False)
            if as_json
            else f"error: {message}"
        )
        print(told, file=sys.stderr, flush=True)
    return _CODES.get(kind, 1)
