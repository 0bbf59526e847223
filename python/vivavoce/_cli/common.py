"""What commands have in common: the store, files, output."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import stat
import sys
from collections.abc import Generator
from typing import IO, Any, Literal, NoReturn, TextIO, cast

from vivavoce import Engine, InvalidInputError, InvalidStateError, NotFoundError


def take_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--settings",
        metavar="FILE",
        help="language models, interviewer and evaluator in JSON, see docs/language-models.md; "
        '{"env": "NAME"} in the place of any value, such as a key, reads it from the environment',
    )


def take_judging(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--type",
        default="general",
        choices=["general", "technical", "behavioral"],
        help="decides the standard rubric",
    )
    parser.add_argument(
        "--language", default="en", metavar="TAG", help="the language to write in (default: en)"
    )
    parser.add_argument(
        "--rubric", metavar="FILE", help="how to judge, in JSON (default: the standard rubric)"
    )


def read_judging(options: argparse.Namespace) -> dict[str, Any]:
    """How answers are to be judged, as `Engine.evaluate_answers` and `Engine.calibrate` take it."""
    how: dict[str, Any] = {"interview_type": options.type, "language": options.language}
    if options.rubric:
        how["rubric"] = read_json(options.rubric)
    return how


def open_engine(options: argparse.Namespace, *, may_forget: bool = False, reads: bool = False) -> Engine:
    """Opens the store: in memory only where the command may forget, and no new file where it only reads."""
    url, settings = read_options(options, may_forget=may_forget, reads=reads)
    return Engine(url, **settings)


def read_options(
    options: argparse.Namespace, *, may_forget: bool = False, reads: bool = False
) -> tuple[str, dict[str, Any]]:
    """The store's URL, and what else an engine takes."""
    url: str | None = options.store or os.environ.get("DATABASE_URL")
    if not url and not may_forget:
        raise InvalidInputError("no store is named: give --store URL or set DATABASE_URL")
    url = url or "memory:"
    if reads and url.startswith("sqlite:"):
        path = url.removeprefix("sqlite:").partition("?")[0]
        if path not in {"", ":memory:"} and not os.path.exists(path):
            raise NotFoundError(f"{path}: no such store")
    settings = getattr(options, "settings", None)
    return url, read_settings(settings) if settings else {}


def read_settings(path: str) -> dict[str, Any]:
    def filled(fields: dict[str, Any]) -> Any:
        name = fields.get("env")
        if len(fields) != 1 or not isinstance(name, str):
            return fields
        if name not in os.environ:
            raise InvalidInputError(f"{path}: the environment has no {name}")
        return os.environ[name]

    words = f"{path}: expected an object with models, interviewer, evaluator"
    settings = an_object(read_json(path, object_hook=filled), words)
    if not settings.keys() <= {"models", "interviewer", "evaluator"}:
        raise InvalidInputError(words)
    return settings


def read_json(path: str, **how: Any) -> Any:
    with open_text(path) as file, reading(path):
        document = parse(file.read(), path, **how)
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InvalidInputError(f"{path}: a text holds half a character") from None
    return document


def parse(text: str, where: str, **how: Any) -> Any:
    """Reads JSON. An error repeats nothing of it."""

    def refuse(_constant: str) -> NoReturn:
        raise InvalidInputError(f"{where}: not JSON: a number is none")

    try:
        return json.loads(text, parse_constant=refuse, **how)
    except json.JSONDecodeError as error:
        raise InvalidInputError(
            f"{where}: not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except InvalidInputError:
        raise
    except (ValueError, RecursionError):
        raise InvalidInputError(f"{where}: not JSON that can be read") from None


def an_object(document: Any, otherwise: str) -> dict[str, Any]:
    """The document, where it is an object."""
    if not isinstance(document, dict):
        raise InvalidInputError(otherwise)
    return cast("dict[str, Any]", document)


def open_text(path: str) -> TextIO:
    """A text file, with or without the mark that some editors begin with."""
    return open(path, encoding="utf-8-sig", newline="")


@contextlib.contextmanager
def reading(path: str) -> Generator[None, None, None]:
    """Says which file is not UTF-8, and not what is in it."""
    try:
        yield
    except UnicodeDecodeError:
        raise InvalidInputError(f"{path}: not UTF-8") from None


@contextlib.contextmanager
def output(path: str | None) -> Generator[TextIO, None, None]:
    """Where the output goes: stdout, or a file that is there as a whole or not at all."""
    if path is None:
        yield sys.stdout
        return
    path = os.path.realpath(path)
    if os.path.exists(path) and not os.path.isfile(path):  # a device or a pipe is no place to put a file
        with create(path) as file:
            yield file
        return
    with create_part(path) as file:
        try:
            yield file
            sync(file)
            os.replace(file.name, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(file.name)
            raise
    sync_folder(path)


def create(path: str, mode: Literal["w", "x", "a"] = "w") -> TextIO:
    return open(path, mode, encoding="utf-8", errors="backslashreplace", newline="", opener=_no_link)


def _no_link(path: str, flags: int) -> int:
    # What candidates said is nobody else's to read.
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def create_part(path: str) -> TextIO:
    """A file that is to take the place of another: locked, and as open to others as that one is."""
    part = f"{path}.part"
    _clear(part)
    file = create(part, "x")
    try:
        lock(file)
        if os.path.exists(path):
            os.fchmod(file.fileno(), os.stat(path).st_mode & 0o777)
    except BaseException:
        file.close()
        raise
    return file


def _clear(part: str) -> None:
    """Takes away what a run left that was killed, and nothing else."""
    try:
        left = os.lstat(part)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(left.st_mode) or left.st_uid != os.geteuid():
        raise InvalidInputError(f"{part}: is in the way, and not what an earlier run left: remove it")
    with open(part, "rb", opener=_no_link) as file:
        lock(file)
        os.unlink(part)


def lock(file: IO[Any]) -> None:
    """Has nobody else write to a file until it is closed, or the process ends."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had it may have put another in its place meanwhile.
        is_there = os.path.samestat(os.fstat(file.fileno()), os.stat(file.name))
    except (BlockingIOError, FileNotFoundError):
        is_there = False
    except OSError:  # a file system that has no locks
        return
    if not is_there:
        raise InvalidStateError(f"{file.name}: {_who_locks(file)} is writing to it")


def _who_locks(file: IO[Any]) -> str:
    it = os.fstat(file.fileno())
    name = f"{os.major(it.st_dev):02x}:{os.minor(it.st_dev):02x}:{it.st_ino}"
    # Without /proc, or where the file system has another number there, it is not known.
    with contextlib.suppress(OSError), open("/proc/locks", encoding="ascii") as locks:
        for line in locks:
            words = line.split()  # such as 1: FLOCK ADVISORY WRITE 4711 08:01:1234 0 EOF
            if words[1] == "FLOCK" and words[5] == name:
                return f"process {words[4]}"
    return "another process"


def sync(file: TextIO) -> None:
    """Has the disk keep what was written."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(path: str) -> None:
    """Has the disk keep the name of a new file."""
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
