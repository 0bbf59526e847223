"""The examples for Python as their readers run them: in processes of their own, on SQLite, over HTTP."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from vivavoce import Engine

import httpx

EXAMPLES = Path(__file__).parents[2] / "examples" / "python"
PLAN = {"candidate_name": "Ada", "interview_type": "technical", "questions": ["What is a deadlock?", "And a lock?"]}
ANSWERS = [
    "Two threads each hold a lock that the other needs.",
    "It keeps others out.",
    "We had one between two workers.",
    "All locks are taken in one order now.",
]
NOBODY = "01890000-0000-7000-8000-000000000000"


def environment(**more: object) -> dict[str, str]:
    # No byte code beside the examples.
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **{name: str(it) for name, it in more.items()}}


def run(example: str, *words: object, directory: Path) -> str:
    command = [sys.executable, "-W", "error", str(EXAMPLES / example), *map(str, words)]
    done = subprocess.run(
        command, cwd=directory, env=environment(PYTHONIOENCODING="utf-8"), capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


class Server:
    """A server on a free port, which is open before the server runs, and while none does: who comes early waits."""

    def __init__(self, store: Path, log: Path, *words: str) -> None:
        self.log = log
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._words = [word.format(fd=self._listener.fileno()) for word in words]
        self._store = store
        host, port = self._listener.getsockname()
        self.client = httpx.Client(base_url=f"http://{host}:{port}", timeout=60)
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", *self._words],
                cwd=EXAMPLES,
                env=environment(DATABASE_URL=f"sqlite:{self._store}"),
                pass_fds=[self._listener.fileno()],
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(60)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.client.close()
        self.stop()
        self._listener.close()

    def post(self, path: str, body: Any = None, key: str | None = None) -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.client.post(path, json={} if body is None else body, headers=headers)

    def say(self, session: str, text: str, key: str | None = None) -> Any:
        return self.post(f"/sessions/{session}/messages", {"text": text}, key)

    def begin(self) -> tuple[str, str]:
        """The ids of a new interview and its session."""
        interview = self.post("/interviews", PLAN)
        assert interview.status_code == 201, interview.text
        session = self.post(f"/interviews/{interview.json()['id']}/sessions")
        assert session.status_code == 201 and len(session.json()["messages"]) == 1, session.text
        return interview.json()["id"], session.json()["id"]


@pytest.fixture
def fastapi(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "interviews.db", tmp_path / "log", "uvicorn", "--fd", "{fd}", "fastapi_app:app") as server:
        yield server


@pytest.fixture
def django(tmp_path: Path) -> Iterator[Server]:
    words = "gunicorn --bind fd://{fd} --workers 2 --preload --no-control-socket --access-logfile -".split()
    words += ["--access-logformat", "answered by %(p)s", "django_app:application"]
    with Server(tmp_path / "interviews.db", tmp_path / "log", *words) as server:
        yield server


@pytest.fixture(params=["fastapi", "django"])
def server(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def words_said(session: Any) -> list[str]:
    return [message["content"] for message in session.json()["messages"] if message["kind"] == "answer"]


# The two applications.


@pytest.mark.parametrize("name", ["fastapi_app.py", "django_app.py"])
def test_an_application_is_less_than_a_hundred_lines(name: str) -> None:
    assert len((EXAMPLES / name).read_text(encoding="utf-8").splitlines()) < 100


@pytest.mark.parametrize("name", ["fastapi_app", "django_app"])
def test_statuses_are_those_of_the_contract(name: str) -> None:
    from vivavoce._web import _STATUSES

    program = f"import json, {name} as it; print(json.dumps(it.STATUSES))"
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=EXAMPLES, env=environment(), capture_output=True, check=True
    )
    assert json.loads(told.stdout) == {kind: status for kind, (status, _) in _STATUSES.items()}


def test_an_interview_from_plan_to_scorecard(server: Server) -> None:
    _, session = server.begin()
    turn = server.say(session, ANSWERS[0], "first")
    assert turn.status_code == 200 and turn.json()["message"]["content"] == ANSWERS[0]
    assert server.say(session, ANSWERS[0], "first").json() == turn.json()
    assert words_said(server.client.get(f"/sessions/{session}")) == ANSWERS[:1]

    ended = server.post(f"/sessions/{session}/end", key="end")
    assert ended.status_code == 200 and 0 < ended.json()["score"] <= 1
    assert server.post(f"/sessions/{session}/end", key="end").json() == ended.json()
    card = server.client.get(f"/evaluations/{ended.json()['id']}/scorecard")
    assert card.status_code == 200 and card.headers["Content-Type"].startswith("text/html")
    assert card.text.startswith("<!doctype html>") and ANSWERS[0].removesuffix(".") in card.text


def test_what_goes_wrong_has_its_status(server: Server) -> None:
    _, session = server.begin()
    assert server.say(session, ANSWERS[0], "key").status_code == 200
    wrong = [
        (server.say(session, ""), 400, "invalid_input"),
        (server.say(NOBODY, "Hello."), 404, "not_found"),
        (server.client.get(f"/sessions/{NOBODY}"), 404, "not_found"),
        (server.client.get(f"/evaluations/{NOBODY}/scorecard"), 404, "not_found"),
        (server.post("/interviews", {**PLAN, "questions": []}), 400, "invalid_input"),
        (server.say(session, "Something else.", "key"), 409, "conflict"),
    ]
    assert server.post(f"/sessions/{session}/end").status_code == 200
    wrong.append((server.say(session, "Late."), 400, "invalid_state"))
    for answer, status, kind in wrong:
        assert (answer.status_code, answer.json()["kind"]) == (status, kind), answer.text
        assert "Something else." not in answer.text
    assert server.client.put(f"/sessions/{session}/end").status_code == 405


def test_fastapi_streams_the_reply(fastapi: Server) -> None:
    _, session = fastapi.begin()

    def stream(session: str) -> list[tuple[str, Any]]:
        answer = fastapi.client.post(
            f"/sessions/{session}/messages",
            json={"text": ANSWERS[0]},
            headers={"Accept": "text/event-stream", "Idempotency-Key": "key"},
        )
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        events = re.findall(r"event: (\w+)\ndata: (.*)\n\n", answer.text)
        assert "".join(f"event: {name}\ndata: {data}\n\n" for name, data in events) == answer.text
        return [(name, json.loads(data)) for name, data in events]

    *heard, (last, turn) = stream(session)
    assert last == "turn" and {name for name, _ in heard} == {"words"}
    assert "".join(words for _, words in heard) == turn["reply"]["content"]
    assert fastapi.say(session, ANSWERS[0], "key").json() == turn
    assert stream(NOBODY) == [("error", {"error": f"session {NOBODY} not found", "kind": "not_found"})]


def test_fastapi_loses_nothing_when_it_is_killed(fastapi: Server, tmp_path: Path) -> None:
    interview, session = fastapi.begin()
    turns = [fastapi.say(session, ANSWERS[0], "0").json()]
    fastapi.kill()
    fastapi.start()
    assert words_said(fastapi.client.get(f"/sessions/{session}")) == ANSWERS[:1]

    # While the reply is being told.
    headers = {"Accept": "text/event-stream", "Idempotency-Key": "1"}
    path = f"/sessions/{session}/messages"
    with fastapi.client.stream("POST", path, json={"text": ANSWERS[1]}, headers=headers) as told:
        assert next(told.iter_lines()) == "event: words"
        fastapi.kill()
    fastapi.start()
    turns.append(fastapi.say(session, ANSWERS[1], "1").json())

    # While a message is under way, wherever it has come to.
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(fastapi.say, session, ANSWERS[2], "2")
        fastapi.kill()
        fastapi.start()
        assert sent.exception(60) is None or isinstance(sent.exception(), httpx.TransportError)
    turns.append(fastapi.say(session, ANSWERS[2], "2").json())
    turns.append(fastapi.say(session, ANSWERS[3], "3").json())

    # Each message once, each with the reply that was told.
    said = fastapi.client.get(f"/sessions/{session}").json()["messages"]
    assert said[1:] == [turn[side] for turn in turns for side in ("message", "reply")]
    assert fastapi.post(f"/sessions/{session}/end").json()["score"] > 0
    fastapi.stop()
    with Engine(f"sqlite:{tmp_path / 'interviews.db'}") as engine:
        assert engine.verify_audit(interview).is_sound


def test_django_serves_from_two_forked_processes(django: Server) -> None:
    _, session = django.begin()
    path, body = f"/sessions/{session}/messages", json.dumps({"text": ANSWERS[0]}).encode()
    begun, go_on = threading.Event(), threading.Event()

    def halves() -> Iterator[bytes]:
        yield body[:10]
        begun.set()
        assert go_on.wait(60)
        yield body[10:]

    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    with ThreadPoolExecutor(1) as pool:
        # One process waits for the rest of this. So it is the other that answers what comes after it.
        slow = pool.submit(django.client.post, path, content=halves(), headers=headers)
        try:
            assert begun.wait(60)
            turn = django.say(session, ANSWERS[1])
        finally:
            go_on.set()
        assert (turn.status_code, slow.result(60).status_code) == (200, 200)
    assert words_said(django.client.get(f"/sessions/{session}")) == [ANSWERS[1], ANSWERS[0]]
    assert django.post(f"/sessions/{session}/end").json()["score"] > 0
    django.stop()
    assert len(set(re.findall(r"answered by <?(\d+)", django.log.read_text()))) == 2


def test_django_takes_nothing_that_a_form_can_send(django: Server) -> None:
    _, session = django.begin()
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"):
        sent = django.client.post(f"/sessions/{session}/end", content="{}", headers={"Content-Type": content_type})
        assert sent.status_code == 415
    for content in ("{", "[]", '{"text": 1}', "null"):
        headers = {"Content-Type": "application/json"}
        sent = django.client.post(f"/sessions/{session}/messages", content=content, headers=headers)
        assert (sent.status_code, sent.json()["kind"]) == (400, "invalid_input"), content
    assert django.client.get(f"/sessions/{session}").json()["status"] == "active"


# The programs.


def test_the_evaluator_judges_alone_and_on_a_panel(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'interviews.db'}"
    alone, panel = run("evaluator.py", store, directory=tmp_path).strip().split("\n\n")
    assert alone.splitlines() == [
        "Judged by story: 0.50",
        "  Question 1: 1.00. Tells: situation, action, result.",
        "    “Last year the import stopped one night”",
        "    “I found a full disk and moved the logs to another”",
        "    “Since then an alarm tells us before the disk is full”",
        "  Question 2: 0.00. Tells: nothing.",
    ]
    assert panel.startswith("Judged by story and ") and " apart. Tells: situation, action, result." in panel
    assert panel.splitlines()[-1].startswith("  For a person to look at: Question 2: ")

    with Engine(store) as engine:
        for interview in engine.interviews():
            (found,) = map(engine.evaluation, engine.evaluations(interview.id))
            assert found.status == "completed" and found.session_id is not None
            assert sum(len(rating.quotes) for rating in found.ratings) >= 3
            for rating in found.ratings:
                for quote in rating.quotes:
                    assert found.exchanges[rating.exchange].answer[quote.start : quote.end] == quote.text


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_thousand_answers_have_a_thousand_scores(tmp_path: Path) -> None:
    told = run("evaluate_csv.py", directory=tmp_path)
    assert re.fullmatch(r"1000 of 1000 answers scored in [\d.]+ s, \d+ a second\.\n", told)
    answers, scores = rows_of(tmp_path / "answers.csv"), rows_of(tmp_path / "scores.csv")
    assert [row["id"] for row in scores] == [row["id"] for row in answers] == [str(number) for number in range(1, 1001)]
    assert all(0 <= float(row["score"]) <= 1 and not row["error"] for row in scores)

    def mean(of: bool) -> float:
        """Of those that say all key points; or none."""
        wanted = [
            float(score["score"])
            for answer, score in zip(answers, scores, strict=True)
            if {point in answer["answer"] for point in answer["key_points"].split("; ")} == {of}
        ]
        return sum(wanted) / len(wanted)

    assert mean(True) > mean(False) + 0.5

    # The same answers each time, and the same scores.
    again = tmp_path / "again"
    again.mkdir()
    run("evaluate_csv.py", directory=again)
    for name in ("answers.csv", "scores.csv"):
        assert (again / name).read_bytes() == (tmp_path / name).read_bytes()


def test_an_answer_that_cannot_be_judged_leaves_the_others_their_scores(tmp_path: Path) -> None:
    given, scores = tmp_path / "given.csv", tmp_path / "found.csv"
    with given.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "question", "answer"])
        writer.writerows([["a", "Why?", "Because."], ["b", "Why?", "x" * 32_001], ["c", "Why?", ""]])
    assert run("evaluate_csv.py", given, scores, directory=tmp_path).startswith("2 of 3 answers scored")
    first, second, third = rows_of(scores)
    assert float(first["score"]) > 0 and not first["error"]
    assert second == {"id": "b", "score": "", "review": "", "error": "invalid_input"}
    assert float(third["score"]) == 0


# The notebook.


def test_the_notebook_is_kept_without_outputs() -> None:
    import nbformat

    notebook = json.loads((EXAMPLES / "notebook.ipynb").read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    nbformat.validate(notebook)
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    for cell in notebook["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None and not cell["metadata"]


def test_the_notebook_runs_and_shows_what_it_says(tmp_path: Path) -> None:
    # This Python, whatever kernels its user has.
    kernel = tmp_path / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    own = {"JUPYTER_PATH": tmp_path, "JUPYTER_RUNTIME_DIR": tmp_path / "runtime", "IPYTHONDIR": tmp_path / "ipython"}
    execute = "from nbclient.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", execute, "--timeout=120", "--output", tmp_path / "done", EXAMPLES / "notebook.ipynb"],
        cwd=tmp_path,
        env=environment(DATABASE_URL=f"sqlite:{tmp_path / 'interviews.db'}", **own),
        capture_output=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    notebook = json.loads((tmp_path / "done.ipynb").read_text(encoding="utf-8"))
    shown: dict[str, dict[str, str]] = {}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            assert output["output_type"] != "error", output
            for kind, data in output.get("data", {}).items():
                shown.setdefault(cell["id"], {})[kind] = "".join(data)

    transcript, evaluation = shown["session"]["text/html"], shown["evaluation"]["text/html"]
    assert "What is a deadlock, and how do you prevent one?" in transcript and "I take locks in one order" in transcript
    assert "<mark>" in evaluation and "Problem solving" in evaluation
    assert len(shown["plot"]["image/png"]) > 5_000
    assert shown["evaluation-table"]["text/html"].count("<td>completed</td>") == 2
    assert "competency:Communication" in shown["evaluation-table"]["text/html"]
    assert len(re.findall(r"<th>\d</th>", shown["rating-table"]["text/html"])) == 6
    assert "Technical knowledge" in shown["mean"]["text/plain"]
    with Engine(f"sqlite:{tmp_path / 'interviews.db'}") as engine:
        assert {interview.candidate_name for interview in engine.interviews()} == {"Ada", "Grace"}


# All of them.


def test_the_list_of_examples_is_complete() -> None:
    listed = re.findall(r"^\| \[(.+?)\]\((.+?)\)", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert all(name == link for name, link in listed)
    assert {name for name, _ in listed} == {
        path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".ipynb")
    }


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_needs_no_python_after_3_10(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))
