"""The command line, in processes of its own."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from vivavoce import Agreement, Calibration, Engine, Question, agreement

PLAN = {"candidate_name": "Ada", "interview_type": "technical", "questions": ["What is a deadlock?", "Why?"]}
ANSWER = "Two threads each hold a lock that the other needs, so neither goes on."
NOBODY = "01890000-0000-7000-8000-000000000000"


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "vivavoce", *map(str, words)]


def environment(**more: str) -> dict[str, str]:
    # In a locale that has no letters but ASCII's: UTF-8 is spoken all the same.
    return {
        **{name: it for name, it in os.environ.items() if name != "DATABASE_URL"},
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        **more,
    }


def run(*words: object, stdin: str | bytes = "", **more: str) -> subprocess.CompletedProcess[str]:
    given = stdin if isinstance(stdin, bytes) else stdin.encode()
    done = subprocess.run(
        command(*words), input=given, capture_output=True, env=environment(**more), timeout=60, check=False
    )
    assert b"Traceback" not in done.stderr
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def start(*words: object, **how: Any) -> subprocess.Popen[bytes]:
    pipes = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "env": environment(),
        **how,
    }
    return subprocess.Popen(command(*words), **pipes)


def write(path: Path, document: Any) -> Path:
    path.write_text(
        document if isinstance(document, str) else json.dumps(document, ensure_ascii=False), encoding="utf-8"
    )
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:{tmp_path / 'interviews.db'}"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return write(tmp_path / "plan.json", PLAN)


def held(url: str, name: str = "Ada") -> dict[str, str]:
    """The ids of an interview that was held and judged."""
    with Engine(url) as engine:
        interview = engine.create_interview(**{**PLAN, "candidate_name": name})  # type: ignore[arg-type]
        session = engine.start_session(interview.id)
        engine.send_message(session.id, ANSWER)
        evaluation = engine.end_session(session.id)
    return {"interview": str(interview.id), "session": str(session.id), "evaluation": str(evaluation.id)}


# Help, usage and errors.


def test_help_names_every_command_and_every_exit_code() -> None:
    done = run("--help")
    assert done.returncode == 0
    commands = ("interview", "evaluate", "report", "list", "export", "verify", "agreement", "calibrate", "calibrations")
    for word in (*commands, "serve", "130"):
        assert re.search(rf"^ +{word}\b", done.stdout, re.MULTILINE), word
    assert run("--version").stdout.startswith("vivavoce ")


@pytest.mark.parametrize(
    ("words", "code", "kind", "message"),
    [
        ((), 2, "invalid_input", "COMMAND"),
        (("nothing",), 2, "invalid_input", "nothing"),
        (("list",), 2, "invalid_input", "no store is named"),
        (("list", "--store", "nosuch:x"), 2, "invalid_input", "store URL"),
        (("list", "--store", "sqlite:missing.db"), 3, "not_found", "missing.db: no such store"),
        (("list", "--store", "memory:", "--from", "yesterday"), 2, "invalid_input", "--from"),
        (("list", "--store", "memory:", "--from", "20260131"), 2, "invalid_input", "--from"),
        (("list", "--store", "memory:", "--to", "2026-W01-1"), 2, "invalid_input", "--to"),
        (("list", "--store", "memory:", "--all", "--limit", "3"), 2, "invalid_input", "not allowed with"),
        (("list", "--store", "postgresql://u:hidden@127.0.0.1:1/x"), 4, "storage", "cannot be reached"),
        (("report", "--store", "memory:", NOBODY), 3, "not_found", NOBODY),
        (("agreement", "missing.csv"), 2, "invalid_input", "missing.csv: No such file"),
        (("agreement", "-", "--levels", "-1"), 2, "invalid_input", "--levels"),
        (("agreement", "-", "--store", "memory:"), 2, "invalid_input", "--store"),
        (("calibrate", "n", "missing.csv", "--store", "memory:"), 2, "invalid_input", "missing.csv: No such file"),
        (("calibrate", "n"), 2, "invalid_input", "required"),
        (("calibrations",), 2, "invalid_input", "no store is named"),
        (("calibrations", "--store", "sqlite:missing.db"), 3, "not_found", "missing.db: no such store"),
        (("report", "--store", "memory:", "x"), 2, "invalid_input", "evaluation id is not a UUID"),
        (("serve", "--store", "nosuch:x", "--port", "0"), 2, "invalid_input", "store URL"),
        (("serve", "--store", "memory:", "--host", "0.0.0.0"), 2, "invalid_input", "--allow-host"),
        (("report", "--store", "memory:", "--session", NOBODY), 3, "not_found", NOBODY),
        (("report", "--store", "memory:"), 2, "invalid_input", "required"),
        (("verify", "--store", "memory:", NOBODY), 3, "not_found", NOBODY),
        (("interview",), 2, "invalid_input", "required"),
        (("interview", "missing.json"), 2, "invalid_input", "missing.json: No such file"),
        (("evaluate", "missing.csv"), 2, "invalid_input", "missing.csv: No such file"),
        (
            ("export", "--store", "memory:", "--output", "/no/such/folder/x"),
            2,
            "invalid_input",
            "No such file",
        ),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    words: tuple[str, ...], code: int, kind: str, message: str
) -> None:
    plain = run(*words)
    assert (plain.returncode, plain.stdout) == (code, "")
    assert re.fullmatch(r"error: .+\n", plain.stderr) and message in plain.stderr
    assert "hidden" not in plain.stderr
    told = run(*words, "--json")
    assert (told.returncode, told.stdout) == (code, "")
    error = json.loads(told.stderr)
    assert error["error"] == kind and message in error["message"]


def test_the_store_is_that_of_the_environment_where_none_is_named(sqlite_url: str) -> None:
    held(sqlite_url)
    assert "Ada" in run("list", DATABASE_URL=sqlite_url).stdout
    assert "Ada" not in run("list", "--store", "memory:", DATABASE_URL=sqlite_url).stdout


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model": {}}, "expected an object with"),
        (
            {"models": {"providers": [{"kind": "openai", "key": {"env": "NOT_THERE"}}]}},
            "the environment has no NOT_THERE",
        ),
        ({"models": {"providers": [{"kind": "openai", "key": "secret", "nope": 1}]}}, "no field `nope` is known"),
        ('{"models": secret}', "not JSON"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_without_their_secrets(
    tmp_path: Path, settings: Any, words: str
) -> None:
    rows = write(tmp_path / "rows.jsonl", {"question": "Why?", "answer": "So."})
    done = run("evaluate", rows, "--settings", write(tmp_path / "settings.json", settings))
    assert done.returncode == 2 and words in done.stderr and "secret" not in done.stderr


# interview


def test_an_interview_is_held_and_its_scorecard_printed(plan: Path, sqlite_url: str) -> None:
    done = run(
        "interview",
        plan,
        "--store",
        sqlite_url,
        stdin=f"{ANSWER}\nThat is the second line.\n\n\n\nBecause of the locks.",
    )
    assert done.returncode == 0
    assert "What is a deadlock?" in done.stdout and "# Interview scorecard: Ada" in done.stdout
    assert "An empty line ends an answer." in done.stderr
    session = re.search(r"^Session (\S+)\.$", done.stderr, re.MULTILINE)
    assert session
    with Engine(sqlite_url) as engine:
        said = [it.content for it in engine.session(session[1]).messages if it.role == "candidate"]
    assert said == [f"{ANSWER}\nThat is the second line.", "Because of the locks."]


def test_with_json_the_scorecard_alone_is_on_stdout(plan: Path) -> None:
    done = run("interview", plan, "--json", stdin=ANSWER)
    card = json.loads(done.stdout)
    assert card["interview"]["candidate_name"] == "Ada" and card["evaluation"]["score"] > 0
    assert "Interviewer: " in done.stderr and "kept in memory alone" in done.stderr


def test_an_interview_in_chinese(tmp_path: Path) -> None:
    plan = write(
        tmp_path / "plan.json",
        {**PLAN, "candidate_name": "林雅婷", "interview_language": "zh-TW", "questions": ["什麼是死結？"]},
    )
    done = run("interview", plan, stdin="兩個執行緒互相等待對方的鎖，所以都無法繼續。\n\n")
    assert done.returncode == 0 and "林雅婷，您好" in done.stdout and "什麼是死結？" in done.stdout


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"nope": "secret"}, "a field is not known"),
        ({"questions": None}, "questions is missing"),
        ({"questions": "secret"}, "questions is of another JSON type"),
        ({"max_answers": True}, "max_answers is of another JSON type"),
        ({"max_answers": -1}, "max_answers is out of range"),
        ({"questions": [{"text": "Why?", "nope": "secret"}]}, "questions[0]: no field `nope` is known"),
        ({"interview_type": "secret"}, "unknown interview type"),
        ({"candidate_name": "\ud800secret"}, "half a character"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused(tmp_path: Path, change: Any, words: str) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({**PLAN, **change}))
    done = run("interview", plan)
    assert done.returncode == 2 and words in done.stderr and "secret" not in done.stderr
    assert done.stderr.count("\n") == 1


def read_until(stream: Any, words: bytes) -> bytes:
    """Reads what is there until it has these words."""
    heard = b""
    while words not in heard:
        ready, _, _ = select.select([stream], [], [], 30)
        assert ready, heard
        more = os.read(stream.fileno(), 65536)
        assert more, heard
        heard += more
    return heard


def test_ctrl_c_says_how_to_go_on_and_one_goes_on(plan: Path, sqlite_url: str) -> None:
    process = start("interview", plan, "--store", sqlite_url)
    assert process.stdin and process.stdout and process.stderr
    read_until(process.stdout, b"What is a deadlock?")
    process.stdin.write(f"{ANSWER}\n\nI begin to say".encode())
    process.stdin.flush()
    read_until(process.stdout, b"Why?\n\n")
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    going_on = re.search(
        r"^error: interrupted; go on with: vivavoce interview --session (\S+),", told.decode(), re.MULTILINE
    )
    assert going_on and b"Traceback" not in told

    done = run("interview", "--session", going_on[1], "--store", sqlite_url, stdin="Because of the locks.")
    assert done.returncode == 0
    assert "Why?" in done.stdout and "Hello Ada" not in done.stdout
    with Engine(sqlite_url) as engine:
        assert engine.session(going_on[1]).answers_given == 2
    again = run("interview", "--session", going_on[1], "--store", sqlite_url)
    assert again.returncode == 0 and "# Interview scorecard" in again.stdout


def test_a_turn_whose_reply_failed_is_gone_on_with(
    plan: Path, sqlite_url: str, tmp_path: Path, model: Model
) -> None:
    settings = write(
        tmp_path / "settings.json",
        {**model.settings, "interviewer": {"kind": "conversational", "models": ["compatible/talk"]}},
    )
    model.answer = lambda _: None
    failed = run("interview", plan, "--store", sqlite_url, "--settings", settings, stdin=f"{ANSWER}\n\n")
    assert failed.returncode == 4
    going_on = re.search(r"go on with: vivavoce interview --session (\S+),", failed.stderr)
    assert going_on and ANSWER not in failed.stderr

    model.answer = lambda _: "I see what you mean."
    done = run("interview", "--session", going_on[1], "--store", sqlite_url, "--settings", settings)
    assert done.returncode == 0 and "Interviewer: I see what you mean." in done.stdout
    with Engine(sqlite_url) as engine:
        assert engine.session(going_on[1]).answers_given == 1


def test_on_a_terminal_there_are_a_prompt_and_where_one_is(plan: Path) -> None:
    ours, theirs = pty.openpty()
    process = start("interview", plan, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    with os.fdopen(ours, "r+b", buffering=0) as terminal:
        heard = read_until(terminal, b"> ")
        assert b"[question 1 of 2, 0 of 8 answers, 0:0" in heard
        terminal.write(b"\xff\n\n")
        heard = read_until(terminal, b"[not sent: it is not UTF-8]")
        terminal.write(f"{ANSWER}\n\n".encode())
        heard = read_until(terminal, b"answers, ")
        assert b"[question 2 of 2, 1 of 8 answers, " in heard
        terminal.write(b"\x04")
        read_until(terminal, b"# Interview scorecard: Ada")
        process.kill()
        process.wait()


# evaluate


class Model:
    """A language model that answers as it is told to; None is an error of its service."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: Callable[[dict[str, Any]], str | None] = judgement
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                model.asked.append(body)
                said = model.answer(body)
                message = {"role": "assistant", "content": said}
                usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
                reply = {
                    "id": "1",
                    "model": "judge",
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": usage,
                }
                text = json.dumps(reply).encode()
                if body.get("stream"):
                    part = {"choices": [{"index": 0, "delta": {"content": said}, "finish_reason": "stop"}]}
                    text = f"data: {json.dumps(part)}\n\ndata: [DONE]\n\n".encode()
                self.send_response(500 if said is None else 200)
                self.send_header(
                    "Content-Type", "text/event-stream" if body.get("stream") else "application/json"
                )
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        provider = {"kind": "compatible", "base_url": f"http://127.0.0.1:{self.server.server_port}/v1"}
        self.settings = {"models": {"providers": [provider], "retries": 0, "backoff_ms": 1}}
        self.judging = {**self.settings, "evaluator": {"kind": "model", "models": ["compatible/judge"]}}


def judgement(body: dict[str, Any]) -> str:
    ratings = body["response_format"]["json_schema"]["schema"]["properties"]["ratings"]["properties"]
    rating = {"quotes": ["the lock"], "explanation": "It says so.", "level": 2}
    return json.dumps(
        {"ratings": dict.fromkeys(ratings, rating), "strengths": [], "weaknesses": [], "recommendations": []}
    )


@pytest.fixture
def model() -> Iterator[Model]:
    model = Model()
    thread = threading.Thread(target=model.server.serve_forever)
    thread.start()
    yield model
    model.server.shutdown()
    thread.join()
    model.server.server_close()


ROWS = [
    {"id": f"r{number}", "question": "What is a lock?", "answer": f"I took the lock {number} times."}
    for number in range(1, 7)
]


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.split("\n")[:-1]]


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_csv_with_quotes_line_ends_and_a_mark_at_its_start(tmp_path: Path) -> None:
    rows = tmp_path / "rows.CSV"
    rows.write_bytes(
        "\ufeffid,question,answer,key_points,weight,note\r\n"
        '1,"What is a ""lock""?","Mutual, exclusion\r\nof threads",mutual exclusion | threads,2,"a\nb"\r\n'
        "2,什麼是鎖？,互斥。,,,備註\r\n"
        "3,What is a lock?\r\n"
        "4,What is a lock?,One waits for it.,,heavy,\r\n".encode()
    )
    done = run("evaluate", rows, "--type", "technical")
    assert done.returncode == 1
    first, second, third, fourth = cells(done.stdout)
    assert (first["row"], first["id"], first["answer"], first["note"]) == (
        "1",
        "1",
        "Mutual, exclusion\r\nof threads",
        "a\nb",
    )
    assert float(first["score"]) > 0 and first["feedback"] and first["error"] == ""
    assert second["note"] == "備註" and float(second["score"]) > 0
    assert (third["score"], third["error"]) == (
        "",
        "invalid_input: row 3: answer is missing, or no text",
    )
    assert fourth["error"] == "invalid_input: row 4: weight: expected a number"


@pytest.mark.parametrize("form", ["array", "lines"])
def test_json_is_carried_through_and_has_the_whole_evaluation(tmp_path: Path, form: str) -> None:
    rows = [
        {
            "question": "什麼是鎖？",
            "answer": "互斥。",
            "id": {"a": [1, None]},
            "half": "\ud800",
            "line": "\u2028",
        },
        {"question": "What is a lock?", "answer": "\ud800"},
        {"question": "", "answer": "x"},
        {"question": "What is a lock?", "answer": "", "key_points": ["mutual exclusion"]},
    ]
    text = json.dumps(rows) if form == "array" else "\n".join(json.dumps(row) for row in rows) + "\n\n"
    done = run("evaluate", write(tmp_path / "rows.json", text), "--language", "zh-TW")
    first, second, third, fourth = lines(done.stdout)
    assert done.returncode == 1
    assert {name: first[name] for name in rows[0]} == rows[0]
    assert (
        first["score"] == first["evaluation"]["score"] > 0
        and first["evaluation"]["evaluator"]["provider"] == "builtin"
    )
    assert second["error"] == "invalid_input: row 2: answer holds half a character"
    assert second["score"] is None
    assert third["error"] == "invalid_input: row 3: question is empty" and third["evaluation"] is None
    assert fourth["score"] == 0 and fourth["error"] is None


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "question,answr\nWhy?,secret\n", "there is no column answer: it has question, answr\n"),
        ("a.csv", f"question,{'x' * 40}secret\nWhy?,So.\n", f"{'x' * 40}…\n"),
        ("a.csv", f"{',' * 20}secret\nWhy?\n", "two columns"),
        ("a.json", [{**dict.fromkeys("abcdefghijklmnopqrstu"), "secret": 1}], "it has a, b, c"),
        ("a.csv", "question,answer,answer\n", "two columns have the same name"),
        ("a.csv", "question,answer\nWhy?,secret,more\n", "line 2 has more cells"),
        ("a.csv", 'question,answer\nWhy?,"secret\n', "not CSV at line 2"),
        ("a.csv", "question,answer,score\nWhy?,secret,1\n", "the column score"),
        ("a.jsonl", '{"question": "Why?", "answer": "So."}\n{"secret\n', "line 2: not JSON"),
        ("a.jsonl", '{"question": "Why?", "answer": NaN}\n', "a number is none"),
        ("a.json", '["secret"]', "row 1 is no object"),
        ("a.json", "[" * 100_000, "not JSON"),
        ("a.csv", b"question,answer\nWhy?,\xffsecret\n", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_anything_is_judged(
    tmp_path: Path, name: str, text: Any, words: str
) -> None:
    rows = tmp_path / name
    if isinstance(text, bytes):
        rows.write_bytes(text)
    else:
        write(rows, text)
    done = run("evaluate", rows, "--output", tmp_path / "out.jsonl")
    assert done.returncode == 2 and words in done.stderr and "secret" not in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"question": " "}, "question is empty"),
        ({"question": 1}, "question is missing, or no text"),
        ({"question": "secret" * 1000}, "question is longer than 4000 characters"),
        ({"answer": "secret" * 6000}, "answer is longer than 32000 characters"),
        ({"weight": "secret"}, "weight: expected a number"),
        ({"weight": [1]}, "weight: expected a number"),
        ({"weight": True}, "weight: expected a number"),
        ({"weight": "nan"}, "weight: expected a number"),
        ({"weight": 0}, "weight is not above 0 and at most 1000"),
        ({"competency": ["secret"]}, "competency: expected a text"),
        ({"competency": "\ud800"}, "competency holds half a character"),
        ({"reference_answer": {"secret": 1}}, "reference_answer: expected a text"),
        ({"key_points": 1}, "key_points: expected texts"),
        ({"key_points": ["secret", 1]}, "key_points: expected a text"),
        ({"key_points": [" "]}, "key_points is empty"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_of_its_row_and_column(
    tmp_path: Path, row: dict[str, Any], words: str
) -> None:
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps([ROWS[0], {**ROWS[1], **row}, ROWS[2]]))
    done = run("evaluate", rows)
    first, second, third = lines(done.stdout)
    assert done.returncode == 1 and first["error"] is third["error"] is None
    assert second["error"].startswith("invalid_input: row 2: ") and words in second["error"]
    assert "secret" not in second["error"] and "question." not in second["error"]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_standard_input_is_read_as_what_it_begins_as(tmp_path: Path, form: str) -> None:
    text = "\ufeffid,question,answer\r\n1,What is a lock?,互斥。\r\n"
    if form == "jsonl":
        text = '{"id": "1", "question": "What is a lock?", "answer": "互斥。"}\n'
    done = run("evaluate", "-", stdin=text)
    (row,) = cells(done.stdout) if form == "csv" else lines(done.stdout)
    assert done.returncode == 0 and (row["id"], row["answer"]) == ("1", "互斥。")
    words = ("evaluate", "-", "--output", tmp_path / "out.csv")
    assert "1 judged, 0 kept" in run(*words, stdin=text).stderr
    assert "0 judged, 1 kept" in run(*words, stdin=text).stderr
    wrong = run("evaluate", "-", stdin=b"question,answer\nWhy?,\xffsecret\n")
    assert (wrong.returncode, wrong.stderr) == (2, "error: standard input: not UTF-8\n")


FORMULAS = ["=HYPERLINK(1)", "+1+1", "-1+1", "@a", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a"]


def test_no_cell_is_a_formula_and_a_run_goes_on_over_such_cells(tmp_path: Path) -> None:
    given = [
        {"question": "=What?", "answer": text, "=note": text, "points": [text], "number": "-5.5", "count": -1}
        for text in FORMULAS
    ]
    rows = write(tmp_path / "rows.json", given)
    output = tmp_path / "out.csv"
    words = ("evaluate", rows, "--output", output)
    assert run(*words).returncode == 0
    kept = output.read_bytes()
    found = cells(kept.decode())
    assert [(row["answer"], row["'=note"], row["points"]) for row in found] == [
        (f"'{text}",) * 3 for text in FORMULAS
    ]
    assert {(row["question"], row["number"], row["count"]) for row in found} == {("'=What?", "-5.5", "-1")}
    assert {row["error"] for row in found} == {""}

    # Its last line broken off, and without one.
    for length in (len(kept) - 3, kept.rindex(b"\r\n", 0, -2) + 2):
        output.write_bytes(kept[:length])
        assert "1 judged, 10 kept, 0 failed" in run(*words).stderr
        assert output.read_bytes() == kept
    assert "0 judged, 11 kept" in run(*words).stderr
    assert "apostrophe" in run("evaluate", "--help").stdout


# The files that commands write.


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_what_is_written_is_as_open_to_others_as_what_was_there(sqlite_url: str, tmp_path: Path) -> None:
    held(sqlite_url)
    rows = write(tmp_path / "rows.json", ROWS)
    out, scores = tmp_path / "out", tmp_path / "scores.jsonl"
    export = ("export", "--store", sqlite_url, "--output", out)
    evaluate = ("evaluate", rows, "--output", scores)
    assert run(*export).returncode == run(*evaluate).returncode == 0
    assert mode(out) == mode(scores) == 0o600
    for kept in (0o640, 0o666):
        out.chmod(kept)
        scores.chmod(kept)
        # Broken off, so that it is written anew.
        scores.write_bytes(scores.read_bytes()[:-1])
        assert run(*export).returncode == run(*evaluate).returncode == 0
        assert mode(out) == mode(scores) == kept


@pytest.mark.parametrize("name", ["export", "evaluate"])
def test_what_stands_beside_the_output_is_not_written_through(
    sqlite_url: str, tmp_path: Path, name: str
) -> None:
    held(sqlite_url)
    output, part, victim = (tmp_path / it for it in ("out.jsonl", "out.jsonl.part", "victim"))
    rows = write(tmp_path / "rows.json", ROWS)
    words: tuple[object, ...] = ("export", "--store", sqlite_url, "--output", output)
    if name == "evaluate":
        words = ("evaluate", rows, "--output", output)
        assert run(*words).returncode == 0

    def spoil() -> None:
        if name == "evaluate":
            output.write_bytes(output.read_bytes()[:-1])

    write(victim, "precious")
    spoil()
    part.symlink_to(victim)
    done = run(*words)
    assert done.returncode == 2 and "out.jsonl.part: is in the way" in done.stderr
    assert victim.read_text() == "precious" and part.is_symlink()
    part.unlink()
    part.mkdir()
    assert run(*words).returncode == 2
    part.rmdir()

    # What a killed run left is taken away, and what it was linked with stays.
    os.link(victim, part)
    assert run(*words).returncode == 0
    assert victim.read_text() == "precious" and not part.exists()

    # A link that is the output's own name leads to the file that is meant.
    link = tmp_path / "link.jsonl"
    link.symlink_to(output)
    spoil()
    assert run(*words[:-1], link).returncode == 0
    assert link.is_symlink() and output.read_bytes().endswith(b"\n")


def test_two_runs_do_not_write_to_one_file(tmp_path: Path, model: Model) -> None:
    rows, output = write(tmp_path / "rows.json", ROWS), tmp_path / "out.jsonl"
    reached, go_on = threading.Event(), threading.Event()

    def answer(body: dict[str, Any]) -> str:
        reached.set()
        go_on.wait(60)
        return judgement(body)

    model.answer = answer
    words = ("evaluate", rows, "--output", output)
    settings = write(tmp_path / "settings.json", model.judging)
    first = start(*words, "--settings", settings)
    assert reached.wait(60)
    for _ in range(2):
        second = run(*words, "--settings", settings)
        assert second.returncode == 1
        assert re.fullmatch(
            rf"error: .*out\.jsonl: (process {first.pid}|another process) is writing to it\n", second.stderr
        )
    go_on.set()
    first.communicate(timeout=60)
    assert first.returncode == 0
    assert [row["row"] for row in lines(output.read_text())] == [1, 2, 3, 4, 5, 6]
    assert len(model.asked) == 6
    assert "0 judged, 6 kept" in run(*words, "--settings", settings).stderr


def test_a_part_that_is_being_written_is_left_to_whoever_writes_it(sqlite_url: str, tmp_path: Path) -> None:
    held(sqlite_url)
    output, part = tmp_path / "out", write(tmp_path / "out.part", "half")
    with part.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = run("export", "--store", sqlite_url, "--output", output)
        assert done.returncode == 1 and "is writing to it" in done.stderr
    assert part.read_text() == "half" and not output.exists()
    assert run("export", "--store", sqlite_url, "--output", output).returncode == 0


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path: Path, model: Model, form: str) -> None:
    rows = write(tmp_path / "rows.json", ROWS)
    output = tmp_path / f"out.{form}"
    words = (
        "evaluate",
        rows,
        "--output",
        output,
        "--batch",
        1,
        "--settings",
        write(tmp_path / "settings.json", model.judging),
    )
    reached, go_on = threading.Event(), threading.Event()

    def answer(body: dict[str, Any]) -> str:
        if len(model.asked) == 4:
            reached.set()
            go_on.wait(60)
        return judgement(body)

    model.answer = answer
    process = start(*words)
    # Who asks for the fourth row has the first three in the file.
    assert reached.wait(60)
    process.kill()
    process.communicate()
    go_on.set()
    kept = output.read_bytes()

    # Wherever the last line breaks off, what stands before it stays.
    whole = kept.rindex(b"\n", 0, -1) + 1
    for length in (len(kept), whole + 1, whole + (len(kept) - whole) // 2, len(kept) - 1, len(kept) - 2):
        output.write_bytes(kept[:length])
        model.asked.clear()
        done = run(*words)
        assert done.returncode == 0, done.stderr
        left = 3 if length == len(kept) else 4
        assert f"6 rows, {left} judged, {6 - left} kept, 0 failed" in done.stderr
        assert len(model.asked) == left
        text = output.read_bytes().decode()
        assert text.encode().startswith(kept[:whole])
        found = cells(text) if form == "csv" else lines(text)
        assert [(int(row["row"]), row["id"], float(row["score"])) for row in found] == [
            (it, f"r{it}", 0.6) for it in range(1, 7)
        ]


def test_what_failed_for_now_is_tried_again_and_what_is_wrong_is_not(tmp_path: Path, model: Model) -> None:
    rows = write(tmp_path / "rows.json", [*ROWS[:3], {"question": "", "answer": "x"}])
    output = tmp_path / "out.csv"
    words = (
        "evaluate",
        rows,
        "--output",
        output,
        "--json",
        "--settings",
        write(tmp_path / "settings.json", model.judging),
    )
    model.answer = lambda body: None if "lock 2" in json.dumps(body) else judgement(body)
    done = run(*words)
    assert done.returncode == 1 and json.loads(done.stdout) == {
        "rows": 4,
        "judged": 4,
        "kept": 0,
        "failed": 2,
    }
    assert [row["error"].partition(":")[0] for row in cells(output.read_text())] == [
        "",
        "provider",
        "",
        "invalid_input",
    ]
    model.answer = judgement
    done = run(*words)
    assert done.returncode == 1 and json.loads(done.stdout) == {
        "rows": 4,
        "judged": 1,
        "kept": 3,
        "failed": 1,
    }
    assert sorted((row["row"], row["score"]) for row in cells(output.read_text())) == [
        ("1", "0.6"),
        ("2", "0.6"),
        ("3", "0.6"),
        ("4", ""),
    ]


def test_a_model_that_is_not_there_ends_the_run(tmp_path: Path, model: Model) -> None:
    rows = write(tmp_path / "rows.json", ROWS)
    output = tmp_path / "out.jsonl"
    words = (
        "evaluate",
        rows,
        "--output",
        output,
        "--batch",
        2,
        "--settings",
        write(tmp_path / "settings.json", model.judging),
    )
    model.answer = lambda body: judgement(body) if len(model.asked) <= 2 else None
    done = run(*words)
    assert done.returncode == 4 and done.stderr.count("\n") == 1
    assert [row["row"] for row in lines(output.read_text())] == [1, 2]


def test_ctrl_c_keeps_what_was_judged(tmp_path: Path, model: Model) -> None:
    rows = write(tmp_path / "rows.json", ROWS)
    output = tmp_path / "out.jsonl"
    reached, go_on = threading.Event(), threading.Event()

    def answer(body: dict[str, Any]) -> str:
        if len(model.asked) == 3:
            reached.set()
            go_on.wait(60)
        return judgement(body)

    model.answer = answer
    settings = write(tmp_path / "settings.json", model.judging)
    process = start("evaluate", rows, "--output", output, "--batch", 1, "--settings", settings)
    assert reached.wait(60)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    go_on.set()
    assert process.returncode == 130
    assert told == b"error: interrupted; the same command goes on from there\n"
    assert [row["row"] for row in lines(output.read_text())] == [1, 2]


def test_an_input_or_options_that_changed_are_noticed(tmp_path: Path) -> None:
    rows, output = tmp_path / "rows.json", tmp_path / "out.jsonl"
    words = ("evaluate", rows, "--output", output)
    write(rows, ROWS[:3])
    assert run(*words).returncode == 0
    kept = output.read_bytes()
    for changed, more, told in [
        (
            [ROWS[0], {**ROWS[1], "answer": "Another one, secret."}, ROWS[2]],
            (),
            "row 2 was judged from other words",
        ),
        (ROWS[:2], (), "fewer rows"),
        (ROWS[:3], ("--type", "technical"), "row 1 was judged from other words or in another way"),
    ]:
        write(rows, changed)
        done = run(*words, *more)
        assert done.returncode == 2 and told in done.stderr and "secret" not in done.stderr
        assert output.read_bytes() == kept
    write(rows, ROWS)
    assert "6 rows, 3 judged, 3 kept" in run(*words).stderr


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv"])
@pytest.mark.parametrize("text", ["Dear diary", "Dear diary\n", '{"row": "x"}\n', "[]\n", "row,question\n"])
def test_a_file_of_somebody_else_is_not_written_into(tmp_path: Path, name: str, text: str) -> None:
    rows, output = write(tmp_path / "rows.json", ROWS), write(tmp_path / name, text)
    done = run("evaluate", rows, "--output", output)
    assert done.returncode == 2 and "holds something else" in done.stderr
    assert output.read_text() == text
    assert run("evaluate", rows, "--output", rows).returncode == 2


def test_a_rubric_of_ones_own_and_a_key_from_the_environment(tmp_path: Path, model: Model) -> None:
    rows = write(tmp_path / "rows.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS[:1]))
    rubric = write(tmp_path / "rubric.json", {"competencies": [{"name": "Locks", "weight": 1.0}]})
    provider = {**model.settings["models"]["providers"][0], "key": {"env": "MODEL_KEY"}}
    settings = write(tmp_path / "settings.json", {**model.judging, "models": {"providers": [provider]}})
    done = run("evaluate", rows, "--rubric", rubric, "--settings", settings, MODEL_KEY="hidden")
    assert done.returncode == 0, done.stderr
    (row,) = lines(done.stdout)
    assert [rating["competency"] for rating in row["evaluation"]["ratings"]] == ["Locks"]
    assert "hidden" not in done.stdout + done.stderr


def test_on_a_terminal_there_is_a_bar(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    rows = write(tmp_path / "rows.json", ROWS)
    process = start(
        "evaluate", rows, "--batch", 3, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        assert b"[" + b"#" * 15 + b" " * 15 + b"] 3 of 6, " in read_until(terminal, b"6 of 6, ")
        process.wait(timeout=30)


# report, list, export, verify


def test_what_one_command_kept_the_others_find(shared_url: str, plan: Path) -> None:
    card = json.loads(run("interview", plan, "--store", shared_url, "--json", stdin=ANSWER).stdout)
    interview, evaluation = card["interview"]["id"], card["evaluation"]["id"]
    assert [it["id"] for it in lines(run("list", "--store", shared_url, "--json").stdout)] == [interview]
    assert json.loads(run("report", evaluation, "--store", shared_url, "--json").stdout) == card
    assert [next(iter(it)) for it in lines(run("export", "--store", shared_url).stdout)] == [
        "interview",
        "session",
        "evaluation",
    ]
    assert run("verify", interview, "--store", shared_url).returncode == 0


def test_a_scorecard_is_found_by_evaluation_session_and_interview(sqlite_url: str, tmp_path: Path) -> None:
    ids = held(sqlite_url)
    with Engine(sqlite_url) as engine:
        changed = engine.override_score(
            ids["evaluation"], 0.25, by="Grace", reason="Two points were missing."
        )
    first = run("report", ids["evaluation"], "--store", sqlite_url, "--json")
    assert json.loads(first.stdout)["evaluation"]["id"] == ids["evaluation"]
    for which in ("session", "interview"):
        last = run("report", f"--{which}", ids[which], "--store", sqlite_url, "--json")
        assert json.loads(last.stdout)["evaluation"]["id"] == str(changed.id)
    assert run("report", ids["evaluation"], "--store", sqlite_url).stdout.startswith(
        "# Interview scorecard: Ada"
    )
    page = tmp_path / "card.html"
    done = run("report", ids["evaluation"], "--store", sqlite_url, "--format", "html", "--output", page)
    assert (done.returncode, done.stdout) == (0, "") and page.read_text().startswith("<!")
    assert (
        run("report", ids["evaluation"], "--store", sqlite_url, "--format", "html", "--json").returncode == 2
    )


def test_a_session_without_an_evaluation_is_not_found(sqlite_url: str) -> None:
    with Engine(sqlite_url) as engine:
        session = engine.start_session(engine.create_interview(**PLAN).id)  # type: ignore[arg-type]
    for which, id in (("session", session.id), ("interview", session.interview_id)):
        done = run("report", f"--{which}", id, "--store", sqlite_url)
        assert done.returncode == 3 and "has no evaluation" in done.stderr


def test_a_list_is_aligned_whatever_the_names_are_written_in(sqlite_url: str) -> None:
    names = ["Ada", "陳冠宇", "José", "👩‍💻 Bea", "\x1b[31mred\u202e\nline"]
    with Engine(sqlite_url) as engine:
        for name in names:
            engine.create_interview(**{**PLAN, "candidate_name": name})  # type: ignore[arg-type]
    done = run("list", "--store", sqlite_url, "--order", "ascending")
    shown = done.stdout.splitlines()
    assert len(shown) == 6 and "\x1b" not in done.stdout and "\u202e" not in done.stdout
    cell = "\ufffd[31mred\ufffd line"
    widest = len(cell)
    assert shown[1].split("  ")[1] == "Ada" and shown[1].index("technical") == 38 + widest + 2
    assert shown[2].index("technical") == 38 + widest + 2 - 3  # three letters in six cells
    assert cell in shown[5]


def test_a_list_has_filters(sqlite_url: str) -> None:
    for number in range(3):
        held(sqlite_url, f"Ada {number}")
    with Engine(sqlite_url) as engine:
        engine.create_interview(**PLAN)  # type: ignore[arg-type]

    def names(*words: object) -> list[str]:
        done = run("list", "--store", sqlite_url, "--json", *words)
        assert done.returncode == 0
        return [it["candidate_name"] for it in lines(done.stdout)]

    assert names("--name", "ADA 1") == ["Ada 1"]
    assert names("--sort", "name", "--order", "ascending", "--limit", 2) == ["Ada", "Ada 0"]
    assert names("--status", "pending") == ["Ada"]
    assert names("--to", "2000-01-31") == [] and len(names("--from", "2000-01-31", "--all")) == 4


def test_an_export_has_everything_and_ratings_are_safe_in_spreadsheets(
    sqlite_url: str, tmp_path: Path
) -> None:
    ids, *_ = held(sqlite_url, "=1+1"), held(sqlite_url, "陳冠宇"), held(sqlite_url, "＝1＋1")
    done = run("export", "--store", sqlite_url)
    documents = lines(done.stdout)
    assert [next(iter(it)) for it in documents] == ["interview", "session", "evaluation"] * 3
    assert documents[0]["interview"]["candidate_name"] == "=1+1"
    assert documents[1]["session"]["messages"][1]["content"] == ANSWER
    assert run("export", "--store", sqlite_url, "--json").stdout == done.stdout

    table = tmp_path / "ratings.csv"
    assert run("export", "--store", sqlite_url, "--format", "csv", "--output", table).returncode == 0
    rows = cells(table.read_bytes().decode())
    assert {row["candidate_name"] for row in rows} == {"'=1+1", "陳冠宇", "'＝1＋1"}
    assert rows[0]["evaluation_id"] == ids["evaluation"] and rows[0]["judge"] == "builtin/rules/2"
    assert not (tmp_path / "ratings.csv.part").exists()


def test_who_stops_reading_ends_an_export_in_silence(sqlite_url: str) -> None:
    with Engine(sqlite_url) as engine:
        for _ in range(100):
            engine.create_interview(**PLAN, job_description="A job. " * 1000)  # type: ignore[arg-type]
    process = start("export", "--store", sqlite_url)
    assert process.stdout and process.stderr
    process.stdout.read(1)
    process.stdout.close()
    with process:
        assert process.stderr.read() == b""
        assert process.wait(timeout=30) == 0


def test_logs_are_verified_and_heads_say_what_changed(sqlite_url: str, tmp_path: Path) -> None:
    sound, cut, erased = held(sqlite_url), held(sqlite_url), held(sqlite_url)
    heads = tmp_path / "heads"
    done = run("verify", "--store", sqlite_url, "--write-heads", heads)
    assert done.returncode == 0 and done.stdout.count("no head to check its end by") == 3
    assert re.search(r"^Erased interviews are in no list: .*--heads", done.stderr, re.MULTILINE)
    assert "Erased" not in run("verify", "--store", sqlite_url, sound["interview"]).stderr
    assert "Erased" in run("verify", "--help").stdout
    assert len(heads.read_text().splitlines()) == 3

    with Engine(sqlite_url) as engine:
        engine.override_score(sound["evaluation"], 0.5, by="Grace", reason="So.")
        engine.erase_interview(erased["interview"], requested_by="Grace")
    done = run("verify", "--store", sqlite_url, "--heads", heads)
    assert done.returncode == 0
    assert re.search(rf"^{sound['interview']}  sound: \d+ events, 1 new$", done.stdout, re.MULTILINE)
    assert re.search(
        rf"^{erased['interview']}  sound: \d+ events, \d+ erased, 1 new$", done.stdout, re.MULTILINE
    )
    assert re.search(rf"^{cut['interview']}  sound: \d+ events$", done.stdout, re.MULTILINE)

    with sqlite3.connect(sqlite_url.removeprefix("sqlite:")) as database:
        # The second interview's log begins where the second creation is.
        (begins,) = database.execute(
            "SELECT key FROM events WHERE action = 'interview_created' ORDER BY key LIMIT 1 OFFSET 1"
        ).fetchone()
        database.execute("UPDATE events SET actor = 'nobody' WHERE key = ?", [begins])
    done = run("verify", "--store", sqlite_url, "--heads", heads, "--write-heads", heads, "--json")
    assert done.returncode == 1
    found = {it["interview_id"]: it["is_sound"] for it in lines(done.stdout)}
    assert found == {sound["interview"]: True, cut["interview"]: False, erased["interview"]: True}
    # The head of a log that is not sound stays what it was.
    again = run("verify", "--store", sqlite_url, "--heads", heads, cut["interview"])
    assert again.returncode == 1 and "NOT SOUND" in again.stdout
    assert (
        "1 new"
        not in run("verify", "--store", sqlite_url, "--heads", heads, sound["interview"].upper()).stdout
    )


def test_a_log_that_is_gone_is_not_sound(sqlite_url: str, tmp_path: Path) -> None:
    held(sqlite_url)
    heads = write(tmp_path / "heads", f"{NOBODY}/3/{'0' * 64}\n")
    done = run("verify", "--store", sqlite_url, "--heads", heads)
    assert done.returncode == 1 and f"{NOBODY}  NOT SOUND: the whole log is gone" in done.stdout
    assert run("verify", "--store", sqlite_url, "--heads", write(heads, "nonsense\n")).returncode == 2


# agreement

SCORES = """Ada,model,"Bob, the third"
1,2,1
2,2,3

3,4,3
4,,4
5,5,5
"""


def test_agreement_of_the_raters_of_a_file(tmp_path: Path) -> None:
    done = run("agreement", write(tmp_path / "scores.csv", "\ufeff" + SCORES))
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert re.split(" {2,}", lines[0]) == ["RATERS", "ITEMS", "STATISTIC", "VALUE", "95 % INTERVAL"]
    # All three, their means, and three pairs.
    assert len(lines) == 1 + 3 + 5 + 3 * 8
    bias = next(line for line in lines if line.startswith("Ada, model") and " bias " in line)
    assert re.fullmatch(r"Ada, model +4 +bias +-0\.500 +-?\d\.\d{3} to -?\d\.\d{3}", bias)
    assert any(re.match(r"all +4 +ICC\(2,3\) +0\.\d{3} ", line) for line in lines)
    assert any(re.match(r"mean of pairs +Kendall's tau-b +0\.\d{3}", line) for line in lines)


def test_agreement_as_json_and_from_standard_input() -> None:
    done = run("agreement", "-", "--json", "--resamples", "50", "--seed", "3", stdin=SCORES)
    assert done.returncode == 0
    ratings = {"Ada": [1, 2, 3, 4, 5], "model": [2, 2, 4, None, 5], "Bob, the third": [1, 3, 3, 4, 5]}
    assert Agreement.from_json(done.stdout) == agreement(ratings, resamples=50, seed=3)
    levels = run("agreement", "-", "--json", "--levels", "3", stdin="a,b\n0.1,0.2\n0.6,0.4\n0.9,1\n")
    kappa = Agreement.from_json(levels.stdout).pairs[0].cohen_kappa
    assert kappa is not None and kappa.value == 1


def test_what_agreement_does_not_define_is_a_dash() -> None:
    done = run("agreement", "-", "--resamples", "0", stdin="a,b\n1,2\n1,2\n1,2\n")
    lines = {tuple(re.split(" {2,}", line)[2:]) for line in done.stdout.splitlines()}
    assert {("Pearson's r", "-"), ("bias", "-1.000"), ("ICC(2,1)", "0.000"), ("Cohen's kappa", "0.000")} <= lines
    # A mean of one pair is that pair.
    assert "mean of pairs" not in done.stdout


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ("", "raters: 0 given, 2 to 50 allowed"),
        ("a\n1\n", "raters: 1 given, 2 to 50 allowed"),
        ("a,b\n", "raters[0].scores: 0 given, 1 to 100000 allowed"),
        ("a,a\n1,2\n", "standard input: two columns have the same name"),
        ("a,b\n1,2\n1\n", "standard input: line 3 has 1 cells, and the header 2"),
        ("a,b\n1,2\n1,2,3\n", "standard input: line 3 has 3 cells, and the header 2"),
        ("a,b\n1,2\n1,canary\n", "standard input: line 3, column b: expected a number"),
        ('a,b\n1,2\n1,"2\n', "standard input: not CSV at line 3"),
        ("a,b\n1,2\n1,inf\n", "raters[1].scores[1] is not within -1000000000 to 1000000000"),
        (b"a,b\n1,\xff\n", "standard input: not UTF-8"),
    ],
)
def test_scores_that_cannot_be_read_are_refused(scores: str | bytes, message: str) -> None:
    done = run("agreement", "-", "--json", stdin=scores)
    assert done.returncode == 2 and done.stdout == ""
    told = json.loads(done.stderr)
    assert told["error"] == "invalid_input" and told["message"].startswith(message)


# serve


# calibrate, calibrations, evaluate --calibration

REFERENCE = "A deadlock is a state in which threads hold locks and wait for each other. Taking locks in one order prevents it."
GRADED = [
    ("Threads hold locks and wait for each other.", 0.3),
    ("A state in which nothing goes on, since each waits for a lock.", 0.3),
    ("Taking locks in one order prevents it.", 0.25),
    ("When a program is slow.", 0.0),
    ("Something with threads and locks, I think.", 0.1),
] * 2


def graded(**changes: Any) -> list[dict[str, Any]]:
    """Ten graded answers, the fourth of them changed."""
    rows = [
        {"id": place, "question": PLAN["questions"][0], "reference_answer": REFERENCE, "answer": answer, "score": score}
        for place, (answer, score) in enumerate(GRADED)
    ]
    rows[3] |= changes
    return rows


def as_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture
def shared_store(shared_url: str) -> str:
    # The schema of a store is made by the first engine that opens it.
    with Engine(shared_url):
        return shared_url


def test_what_was_learned_is_shown_listed_and_used(shared_store: str, tmp_path: Path) -> None:
    store = ("--store", shared_store)
    assert run("calibrations", *store).stdout.count("\n") == 1
    done = run("calibrate", "threads", write(tmp_path / "graded.csv", "\ufeff" + as_csv(graded())), *store)
    assert (done.returncode, done.stderr) == (0, "")
    said, head, rmse, r = done.stdout.splitlines()
    assert said == "threads@1: learned from 10 answers, 1 question by itself."
    assert head.split() == ["BEFORE", "AFTER"]
    with Engine(shared_store) as engine:
        (first,) = engine.calibrations()
    assert first.before.pearson is not None and first.after.pearson is not None
    assert rmse.split() == ["RMSE", f"{first.before.rmse:.3f}", f"{first.after.rmse:.3f}"]
    assert r.split() == ["r", f"{first.before.pearson:.3f}", f"{first.after.pearson:.3f}"]

    # The same in JSON Lines is the same, and has another form.
    lines_of = "".join(json.dumps(row) + "\n" for row in graded())
    done = run("calibrate", "threads", "-", "--json", *store, stdin=lines_of)
    assert done.returncode == 0 and Calibration.from_json(done.stdout) == first
    done = run("calibrate", "threads", write(tmp_path / "graded.json", graded(score=0.9)), "--type", "technical", *store)
    assert done.stdout.startswith("threads@2: ")

    listed = run("calibrations", *store).stdout.splitlines()
    assert [re.split(" {2,}", line)[0] for line in listed] == ["CALIBRATION", "threads@1", "threads@2"]
    cells_of = re.split(" {2,}", listed[1])
    assert cells_of[1:4] == ["10", "1", f"{first.before.rmse:.3f}"] and len(cells_of) == len(re.split(" {2,}", listed[0]))
    assert [Calibration.from_json(line).version for line in run("calibrations", "--json", *store).stdout.splitlines()] == [1, 2]

    rows = write(tmp_path / "rows.json", [{name: it for name, it in row.items() if name != "score"} for row in graded()])
    plain = lines(run("evaluate", rows).stdout)
    corrected = lines(run("evaluate", rows, "--calibration", "threads@1", *store).stdout)
    assert [row["evaluation"].get("calibration") for row in plain] == [None] * 10
    assert {row["evaluation"]["calibration"] for row in corrected} == {"threads@1"}
    assert sum(row["score"] for row in corrected) < sum(row["score"] for row in plain) - 1
    newest = lines(run("evaluate", rows, "--calibration", "threads", *store).stdout)
    assert {row["evaluation"]["calibration"] for row in newest} == {"threads@2"}


def test_a_run_is_gone_on_with_by_the_version_it_began_with(sqlite_url: str, tmp_path: Path) -> None:
    store = ("--store", sqlite_url)
    rows = write(tmp_path / "rows.json", [{"question": "What is a deadlock?", "answer": ANSWER}])
    words = ("evaluate", rows, "--output", tmp_path / "out.jsonl", "--calibration", "threads", *store)
    learn = ("calibrate", "threads", "-", *store)
    assert run(*learn, stdin=as_csv(graded())).returncode == 0
    assert "1 judged, 0 kept" in run(*words).stderr and "0 judged, 1 kept" in run(*words).stderr
    assert run(*learn, stdin=as_csv(graded(score=0.9))).returncode == 0
    changed = run(*words)
    assert changed.returncode == 2 and "or the options have changed" in changed.stderr
    again = run(*words[:-3], "threads@1", *store)
    assert again.returncode == 0 and "0 judged, 1 kept" in again.stderr


def test_fifty_answers_and_one_that_teaches_nothing(sqlite_url: str) -> None:
    rows = [
        {"question": f"What is number {place}?", "key_points": f"thing {place}|a lock", "answer": f"It is thing {place}.", "score": "1"}
        for place in range(50)
    ]
    done = run("calibrate", "all", "-", "--store", sqlite_url, stdin=as_csv([*rows, {**rows[0], "answer": ""}]))
    assert done.stdout.startswith("all@1: learned from 50 answers, all questions together.\n")
    # All graders gave the same.
    assert re.search(r"^r +- +-$", done.stdout, re.MULTILINE)
    assert re.search(r"^all@1 +50 +0 and all ", run("calibrations", "--store", sqlite_url).stdout, re.MULTILINE)


def test_a_calibration_is_one_of_a_store(sqlite_url: str, tmp_path: Path) -> None:
    with Engine(sqlite_url) as engine:
        question = Question(str(PLAN["questions"][0]), reference_answer=REFERENCE)
        engine.calibrate("threads", [(question, answer, score) for answer, score in GRADED])
    rows = write(tmp_path / "rows.jsonl", {"question": "Why?", "answer": "So."})
    for words, code, message in (
        (("threads",), 2, "no store is named"),
        (("locks", "--store", sqlite_url), 3, "there is no calibration of this name"),
        (("threads@2", "--store", sqlite_url), 3, "there is no calibration of this name"),
        (("threads", "--store", f"sqlite:{tmp_path / 'none.db'}"), 3, "no such store"),
        (("threads@", "--store", sqlite_url), 2, "calibration is no name"),
    ):
        done = run("evaluate", rows, "--calibration", *words)
        assert (done.returncode, done.stdout) == (code, "") and message in done.stderr
    plan = write(tmp_path / "plan.json", {**PLAN, "calibration": "threads"})
    assert run("interview", plan, "--store", sqlite_url, stdin=ANSWER).returncode == 0
    assert run("interview", plan, stdin=ANSWER).returncode == 2
    exported = run("export", "--store", sqlite_url, "--format", "csv").stdout
    assert {row["calibration"] for row in cells(exported)} <= {"", "threads@1"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (graded(score="canary"), "row 4: score: expected a number"),
        (graded(score=1.01), "row 4: score: expected a number from 0 to 1"),
        (graded(score=None), "row 4: score: expected a number"),
        (graded(score=True), "row 4: score: expected a number"),
        (graded(answer=7), "row 4: answer is missing, or no text"),
        (graded(weight="canary"), "row 4: weight: expected a number"),
        (graded(question=""), "row 4: question is empty"),
        (graded(answer="canary" * 6000), "row 4: answer is longer than 32000 characters"),
        (graded()[:9], "9 graded answers, of which 9 say something: 10 to one question are needed, or 50 in all"),
        ([{"question": "canary", "answer": "canary"}], "there is no column score: it has question, answer"),
    ],
)
def test_graded_answers_that_cannot_be_learned_from_are_refused(rows: list[dict[str, Any]], message: str) -> None:
    done = run("calibrate", "n", "-", "--store", "memory:", stdin=json.dumps(rows))
    assert (done.returncode, done.stdout) == (2, "") and message in done.stderr
    assert "canary" not in done.stderr and done.stderr.count("\n") == 1


def test_serve_serves_until_it_is_stopped(sqlite_url: str) -> None:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    process = start("serve", "--store", sqlite_url, "--port", 0, "--json")
    assert process.stdout
    url = json.loads(process.stdout.readline())["url"]
    with urlopen(f"{url}/interviews", timeout=30) as answer:
        assert json.load(answer) == {"interviews": [], "total": 0}
    for host, is_served in {"localhost:1": True, "[::1]:1": True, "elsewhere.example:1": False}.items():
        try:
            urlopen(Request(f"{url}/interviews", headers={"Host": host}), timeout=30).close()
            assert is_served, host
        except HTTPError as refused:
            with refused:
                assert refused.code == 400 and not is_served, host
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130 and b"Traceback" not in told


def test_serve_without_its_extra_says_what_to_install(tmp_path: Path, sqlite_url: str) -> None:
    write(tmp_path / "uvicorn.py", "raise ImportError")
    done = run("serve", "--store", sqlite_url, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (
        2,
        "error: serve needs the extra web: pip install 'vivavoce[web]'\n",
    )
