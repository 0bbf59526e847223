"""The HTTP contract, as clients see it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fake_model import Hangs, model

from vivavoce import AsyncEngine, ConversationalInterviewer, Models, Provider

starlette = pytest.importorskip("starlette.testclient")

PLAN = {"candidate_name": "Ada", "questions": ["What is a deadlock?", "Why?"], "interview_type": "technical"}
ANSWER = "Two threads each hold a lock that the other needs, so neither goes on."
NOBODY = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def engine(store_url: str) -> AsyncEngine:
    return AsyncEngine(store_url)


@pytest.fixture
def client(engine: AsyncEngine) -> Iterator[Any]:
    from vivavoce._web import app

    with starlette.TestClient(app(engine)) as client:
        yield client


def test_an_interview_from_plan_to_evaluation(client: Any) -> None:
    created = client.post("/api/interviews", json={**PLAN, "job_description": "Threads.", "unknown": 1})
    assert created.status_code == 201
    interview = created.json()
    assert interview["questions"] == PLAN["questions"] and interview["interview_language"] == "en"
    assert client.get(f"/api/interviews/{interview['id']}").json() == interview

    started = client.post(f"/api/interviews/{interview['id']}/chat/start")
    assert started.status_code == 201
    session = started.json()
    assert [message["type"] for message in session["messages"]] == ["ai"]
    assert client.get(f"/api/chat/{session['id']}").json() == session

    turn = client.post(f"/api/chat/{session['id']}/message", json={"message": ANSWER}).json()
    assert set(turn) == {"message", "ai_response", "session_status"}
    assert (turn["message"]["type"], turn["message"]["content"]) == ("user", ANSWER)
    assert (turn["ai_response"]["type"], turn["session_status"]) == ("ai", "active")

    ended = client.post(f"/api/chat/{session['id']}/end", headers={"Content-Type": "text/plain"})
    assert ended.status_code == 200
    evaluation = ended.json()
    assert 0 < evaluation["score"] <= 1 and evaluation["feedback"]
    assert evaluation["answers"] == {"question_0": ANSWER} and evaluation["session_id"] == session["id"]
    assert client.get(f"/api/evaluation/{evaluation['id']}").json() == evaluation
    assert client.post(f"/api/chat/{session['id']}/end").json() == evaluation
    assert client.get(f"/api/chat/{session['id']}").json()["ended_at"]

    late = client.post(f"/api/chat/{session['id']}/message", json={"message": "Late."})
    assert (late.status_code, late.json()) == (400, {"error": "Chat session is not active"})


def test_a_session_without_an_answer_has_no_score_and_says_so(client: Any) -> None:
    interview = client.post("/api/interviews", json=PLAN).json()
    session = client.post(
        f"/api/interviews/{interview['id']}/chat/start", json={"session_language": "zh-TW"}
    ).json()
    assert session["session_language"] == "zh-TW"
    evaluation = client.post(f"/api/chat/{session['id']}/end").json()
    assert evaluation["score"] is None and evaluation["feedback"]


def test_answers_without_a_session(client: Any) -> None:
    interview = client.post("/api/interviews", json=PLAN).json()
    body = {"interview_id": interview["id"], "answers": {"question_1": ANSWER}}
    evaluation = client.post("/api/evaluation", json=body).json()
    assert evaluation["answers"]["question_1"] == ANSWER and "session_id" not in evaluation
    body["answers"] = {"question_2": ANSWER}
    refused = client.post("/api/evaluation", json=body)
    assert refused.status_code == 400 and "question_2" in refused.json()["error"]
    body["answers"] = {"a secret " * 1000: ANSWER}
    refused = client.post("/api/evaluation", json=body)
    assert refused.status_code == 400 and len(refused.text) < 150


def test_what_only_interviewers_may_see_is_not_served(client: Any) -> None:
    question = {
        "text": "Why?",
        "reference_answer": "secret",
        "key_points": ["secret"],
        "weight": 2,
        "unknown": 1,
    }
    created = client.post("/api/interviews", json={**PLAN, "questions": [question]})
    assert created.json()["question_details"] == [{"text": "Why?", "weight": 2.0}]
    assert "secret" not in created.text + client.get("/api/interviews").text


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("interviews", "{", 400, "Invalid JSON"),
        ("interviews", "[]", 400, "Invalid JSON"),
        ("interviews", {**PLAN, "candidate_name": 1}, 400, "Invalid JSON"),
        ("interviews", {**PLAN, "questions": "Why?"}, 400, "Invalid JSON"),
        ("interviews", {**PLAN, "questions": [1]}, 400, "Invalid JSON"),
        ("interviews", {**PLAN, "questions": [{"text": "Why?", "weight": "2"}]}, 400, "Invalid JSON"),
        ("interviews", '{"candidate_name": "\\ud800"}', 400, "Invalid JSON"),
        ("interviews", {**PLAN, "max_answers": True}, 400, "Invalid JSON"),
        ("interviews", {"interview_type": "nope"}, 400, "Missing candidate_name or questions"),
        ("interviews", {**PLAN, "questions": []}, 400, "Missing candidate_name or questions"),
        ("interviews", {**PLAN, "interview_type": None}, 400, "Missing interview_type field"),
        (
            "interviews",
            {**PLAN, "interview_type": "x"},
            400,
            "Invalid interview_type. Supported types: general, technical, behavioral",
        ),
        (
            "interviews",
            {**PLAN, "interview_language": "fr"},
            400,
            "Invalid language code. Supported languages: en, zh-TW",
        ),
        ("interviews", {**PLAN, "calibration": 1}, 400, "Invalid JSON"),
        ("interviews", {**PLAN, "calibration": "none"}, 400, "Invalid input"),
        (f"interviews/{NOBODY}/chat/start", "", 404, "Interview not found"),
        ("interviews/x/chat/start", "", 404, "Interview not found"),
        (f"chat/{NOBODY}/message", "{", 400, "Invalid JSON"),
        (f"chat/{NOBODY}/message", {"message": " "}, 400, "Message cannot be empty"),
        (f"chat/{NOBODY}/message", {"message": "Hello"}, 404, "Chat session not found"),
        ("chat/x/end", "", 404, "Chat session not found"),
        ("evaluation", "", 400, "Invalid JSON"),
        ("evaluation", {"answers": {}}, 400, "Missing interview_id or answers"),
        ("evaluation", {"interview_id": NOBODY, "answers": {"question_0": 1}}, 400, "Invalid JSON"),
        ("evaluation", {"interview_id": NOBODY, "answers": {"question_0": "a"}}, 404, "Interview not found"),
        ("nowhere", "", 404, "Not Found"),
        ("interviews", "x" * (1024 * 1024 + 1), 413, "Request body too large"),
    ],
)
def test_what_is_refused_is_refused_in_these_words(
    client: Any, path: str, body: Any, status: int, error: str
) -> None:
    given = {"content": body} if isinstance(body, str) else {"json": body}
    answer = client.post(f"/api/{path}", headers={"Content-Type": "application/json"}, **given)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("interviews/x", "Interview not found"),
        (f"interviews/{NOBODY}", "Interview not found"),
        (f"chat/{NOBODY}", "Chat session not found"),
        (f"evaluation/{NOBODY}", "Evaluation not found"),
    ],
)
def test_what_is_not_there_is_not_found(client: Any, path: str, error: str) -> None:
    answer = client.get(f"/api/{path}")
    assert (answer.status_code, answer.json()) == (404, {"error": error})


def test_lists_are_filtered_sorted_and_paged(client: Any) -> None:
    for name in ("Ada", "Bea 100%", "ada two"):
        client.post("/api/interviews", json={**PLAN, "candidate_name": name})

    def names(query: str) -> list[str]:
        return [it["candidate_name"] for it in client.get(f"/api/interviews?{query}").json()["interviews"]]

    assert names("candidate_name=ADA&sort_by=name&sort_order=asc") == ["Ada", "ada two"]
    assert names("candidate_name=%25") == ["Bea 100%"]
    assert names("sort_by=date&sort_order=asc&limit=1&page=2") == ["Bea 100%"]
    assert names("date_to=2000-01-31") == []
    page = client.get("/api/interviews?limit=2").json()
    assert page["total"] == 3
    rest = client.get(f"/api/interviews?limit=2&cursor={page['next_cursor']}").json()
    assert len(rest["interviews"]) == 1 and "total" not in rest and "next_cursor" not in rest
    for wrong in (
        "limit=x",
        "limit=101",
        "page=0",
        "offset=-1",
        "date_from=today",
        "date_from=20260131",
        "date_to=2026-W01-1",
        "status=odd",
        "sort_by=x",
        "cursor=x",
    ):
        assert client.get(f"/api/interviews?{wrong}").status_code == 400, wrong


def test_a_key_makes_a_post_safe_to_repeat(client: Any) -> None:
    key = {"Idempotency-Key": "plan-1"}
    first = client.post("/api/interviews", json=PLAN, headers=key)
    assert client.post("/api/interviews", json=PLAN, headers=key).json()["id"] == first.json()["id"]
    assert (
        client.post("/api/interviews", json={**PLAN, "candidate_name": "Bea"}, headers=key).status_code == 409
    )


def test_methods_and_health(client: Any, engine: AsyncEngine) -> None:
    refused = client.delete("/api/interviews")
    assert refused.status_code == 405 and {"GET", "POST"} <= set(refused.headers["Allow"].split(", "))
    assert client.head("/api/interviews").status_code == 200
    assert client.get("/health").json()["status"] == "ok"
    client.portal.call(engine.close)
    assert client.get("/health").status_code == 503


def test_pages_of_other_sites_can_neither_write_nor_read(store_url: str) -> None:
    from vivavoce._web import app

    with starlette.TestClient(
        app(AsyncEngine(store_url), hosts=["localhost", "::1"]), base_url="http://localhost:8080"
    ) as client:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""):
            refused = client.post("/api/interviews", content=b"{}", headers={"Content-Type": kind})
            assert (refused.status_code, refused.json()) == (415, {"error": "Content-Type is not application/json"})
        kind = {"Content-Type": "Application/JSON; charset=utf-8", "Origin": "https://elsewhere.example"}
        created = client.post("/api/interviews", json=PLAN, headers=kind)
        assert created.status_code == 201
        assert not [name for name in created.headers if name.startswith("access-control-")]
        for host in ("elsewhere.example", "elsewhere.example:8080", "localhost.elsewhere.example", "[", ""):
            refused = client.get("/api/interviews", headers={"Host": host})
            assert (refused.status_code, refused.json()) == (400, {"error": "Unknown host"}), host
        for host in ("localhost", "LOCALHOST:1", "[::1]:8080"):
            assert client.get("/api/interviews", headers={"Host": host}).json()["total"] == 1, host


# Language models.


def begun(client: Any) -> Any:
    """The id of a new session."""
    interview = client.post("/api/interviews", json=PLAN).json()["id"]
    return client.post(f"/api/interviews/{interview}/chat/start").json()["id"]


def talking(url: str | None) -> AsyncEngine:
    """An engine with a conversational interviewer, and a built-in evaluator."""
    service = Provider("openai", key="the server's", base_url=url)
    return AsyncEngine(
        models=Models([service], retries=0), interviewer=ConversationalInterviewer(["openai/usual"])
    )


def test_a_request_brings_its_own_key_and_model() -> None:
    from vivavoce._web import app

    asked: list[tuple[str, str]] = []
    with model(lambda _: "I see. Go on.", asked) as models:
        url = models.to_dict()["providers"][0]["base_url"]
        with starlette.TestClient(app(talking(url), base_urls=[url.removesuffix("/v1")])) as client:
            session = begun(client)

            def say(headers: dict[str, str], **body: str) -> Any:
                sent = {"message": ANSWER, **body}
                answer = client.post(f"/api/chat/{session}/message", json=sent, headers=headers)
                assert "hidden" not in answer.text
                return answer

            own = {"X-OpenAI-Key": "hidden", "X-OpenAI-Base-URL": f"{url}/"}
            other = {"X-Gemini-Key": "hidden"}
            for headers, body in [
                (own, {"model": "mine"}),
                ({**own, **other}, {"model": "openai/mine"}),
                (other, {"model": "openai/mine"}),
                ({}, {"model": "openai/mine"}),
                (own, {}),
                ({}, {}),
            ]:
                assert say(headers, **body).status_code == 200
            mine, servers = "Bearer hidden", "Bearer the server's"
            models_asked = ["mine", "mine", "mine", "mine", "usual", "usual"]
            assert asked == list(zip([mine, mine, servers, servers, mine, servers], models_asked, strict=True))

            # Nothing that is brought is left out in silence.
            for headers, body, words in [
                ({**own, "X-OpenAI-Base-URL": "https://elsewhere.example/v1"}, {}, "not allowed here"),
                ({**own, "X-OpenAI-Base-URL": "https://[/v1"}, {}, "not allowed here"),
                ({**own, **other}, {"model": "mine"}, "More than one key"),
                ({}, {"model": "mine"}, "provider/model"),
                ({}, {"model": "gemini/mine"}, "gemini"),
                (other, {}, "another provider"),
            ]:
                refused = say(headers, **body)
                assert refused.status_code == 400 and words in refused.text, refused.text
            ended = client.post(f"/api/chat/{session}/end", headers=own)
            assert (ended.status_code, ended.json()["error"]) == (501, "Not supported")
            assert client.post(f"/api/chat/{session}/end").status_code == 200
            assert len(asked) == 6


def test_slow_models_keep_nobody_from_reading() -> None:
    import httpx

    from vivavoce._web import app

    many = 45  # More than a framework has threads.
    acts = [Hangs() for _ in range(many)]

    async def main() -> None:
        async with talking(url) as engine:
            transport = httpx.ASGITransport(app(engine))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                interview = (await client.post("/api/interviews", json=PLAN)).json()["id"]
                saying: list[asyncio.Task[Any]] = []
                for act in acts:
                    started = await client.post(f"/api/interviews/{interview}/chat/start")
                    sent = client.post(f"/api/chat/{started.json()['id']}/message", json={"message": ANSWER})
                    saying.append(asyncio.create_task(sent))
                    assert await asyncio.to_thread(act.asked.wait, 30)
                assert (await client.get("/health")).status_code == 200
                assert (await client.get(f"/api/interviews/{interview}")).status_code == 200
                assert not any(it.done() for it in saying)
                for it in saying:
                    it.cancel()
                await asyncio.gather(*saying, return_exceptions=True)

    with model(lambda number: acts[number]) as models:
        url = models.to_dict()["providers"][0]["base_url"]
        asyncio.run(main())


def test_a_model_for_an_interviewer_that_asks_none_is_not_supported(client: Any) -> None:
    interview = client.post("/api/interviews", json=PLAN).json()["id"]
    answer = client.post(f"/api/interviews/{interview}/chat/start", headers={"X-Anthropic-Key": "hidden"})
    assert (answer.status_code, answer.json()["error"]) == (501, "Not supported")
    assert "hidden" not in answer.text
