"""Interviews over HTTP: an application for any ASGI server, with the extra `web`.

It serves what clients of interview backends of this kind expect: planning, sessions, evaluations and health. A request may bring its own key and model for one call.

It is for trying things on one's own machine, and for use behind a proxy that asks people who they are. It has no tokens, so whoever reaches it may read everything and answer for
every candidate; no rate limits, no TLS, no metrics, and no headers that let other sites in.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from datetime import date
from math import ceil
from typing import Any, TypeVar, get_args
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vivavoce import (
    AsyncEngine,
    Error,
    Evaluation,
    Interview,
    InvalidInputError,
    InvalidStateError,
    Message,
    NotFoundError,
    Provider,
    Question,
    Rubric,
    Session,
)
from vivavoce._dates import day
from vivavoce.types import InterviewType, Language, ProviderKind

T = TypeVar("T")

_LARGEST_BODY = 1024 * 1024
# How much of a name that somebody made up is told back to them.
_LONGEST_NAME = 40
_TYPES: tuple[str, ...] = get_args(InterviewType)
_LANGUAGES: tuple[str, ...] = get_args(Language)
_SERVICES: tuple[str, ...] = get_args(ProviderKind)
_STATUSES = {
    "invalid_input": (400, "Invalid input"),
    "not_found": (404, "Not found"),
    "invalid_state": (400, "Not allowed now"),
    "conflict": (409, "Conflict"),
    "storage": (503, "The store is not usable"),
    "provider": (502, "The language model failed"),
    "timeout": (504, "The time is over"),
    "limited": (429, "Too many requests"),
    "unsupported": (501, "Not supported"),
    "internal": (500, "Internal error"),
}
_UNKNOWN_LANGUAGE = f"Invalid language code. Supported languages: {', '.join(_LANGUAGES)}"
_NO_INTERVIEW, _NO_SESSION, _NO_EVALUATION = (
    "Interview not found",
    "Chat session not found",
    "Evaluation not found",
)

Answer = tuple[int, dict[str, Any]]
Origin = tuple[str, "str | None", "int | None"]
Work = Callable[[AsyncEngine, "_Call"], Awaitable[Answer]]


class _Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class _Call:
    """A request that has been read."""

    def __init__(self, request: Request, body: bytes, origins: frozenset[Origin | None]) -> None:
        self.path = request.path_params
        self.query: dict[str, Any] = {name: text for name, text in request.query_params.items() if text}
        self.key = request.headers.get("Idempotency-Key")
        self._headers = request.headers
        self._body = body
        self._origins = origins

    def fields(self, *, optional: bool = False) -> _Fields:
        return _Fields({} if optional and not self._body.strip() else _parse(self._body))

    def id(self, missing: str) -> uuid.UUID:
        try:
            return uuid.UUID(self.path["id"])
        except ValueError:
            raise _Refusal(404, missing) from None

    def own(self, model: str) -> dict[str, Any]:
        """The model and the credentials that the request brings for itself alone, as the engine takes them."""
        services = {
            "openai": Provider("openai", key=self._headers.get("X-OpenAI-Key"), base_url=self._base_url()),
            "gemini": Provider("gemini", key=self._headers.get("X-Gemini-Key")),
            # What people call a key is one of the console.
            "anthropic": Provider("anthropic", key=self._headers.get("X-Anthropic-Key"), x_api_key=True),
        }
        given = {kind: service for kind, service in services.items() if service.key}
        kind, _, _ = model.partition("/")
        if kind not in _SERVICES and given:
            if len(given) > 1:
                raise _Refusal(400, "More than one key: name the model as provider/model")
            (kind,) = given
            model = model and f"{kind}/{model}"
        return {"model": model or None, "provider": given.get(kind)}

    def _base_url(self) -> str | None:
        url = self._headers.get("X-OpenAI-Base-URL") or None
        if url is not None and _origin(url) not in self._origins:
            raise _Refusal(400, "X-OpenAI-Base-URL is not allowed here")
        return url


def _origin(url: str) -> Origin | None:
    try:
        it = urlsplit(url)
        return it.scheme, it.hostname, it.port or {"https": 443, "http": 80}.get(it.scheme)
    except ValueError:
        return None


class _Fields:
    """An object of JSON. A null is as good as nothing."""

    def __init__(self, document: Any) -> None:
        if not isinstance(document, dict):
            raise _Refusal(400, "Invalid JSON")
        self.document: dict[str, Any] = document

    def get(self, name: str, kind: type) -> Any:
        value = self.document.get(name)
        if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise _Refusal(400, "Invalid JSON")
        return value

    def text(self, name: str) -> Any:
        return self.get(name, str) or ""


def _parse(body: bytes) -> Any:
    def refuse(constant: str) -> Any:
        raise ValueError(constant)

    try:
        document = json.loads(body, parse_constant=refuse)
        # Half a surrogate pair is no text that could be kept.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise _Refusal(400, "Invalid JSON") from None
    return document


def app(
    engine: AsyncEngine,
    *,
    base_path: str = "/api",
    hosts: Collection[str] = ("*",),
    base_urls: Collection[str] = (),
) -> Starlette:
    """The application, over an engine that is opened where it is not open when the application starts, and closed when it ends.

    Args:
        engine: The engine. Slow language models keep no readers waiting.
        base_path: What comes before all paths but that of `/health`.
        hosts: By which names it may be asked for, without ports; `*` for any. Otherwise a page of another site, whose name was made to lead here, could read everything.
        base_urls: The services, by their origins, that a request's `X-OpenAI-Base-URL` may lead to.

    Example:
        >>> import vivavoce
        >>> from vivavoce import _web
        >>> application = _web.app(vivavoce.AsyncEngine("memory:"), hosts=["localhost"])
    """

    origins = frozenset(_origin(url) for url in base_urls)

    @asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncGenerator[None]:
        async with engine:
            yield

    def route(path: str, **works: Work) -> Route:
        async def answer(request: Request) -> Response:
            if "*" not in hosts and _host(request) not in hosts:
                raise _Refusal(400, "Unknown host")
            call = _Call(request, await _read(request), origins)
            # A path that can be read can be asked for its head.
            work = works["GET" if request.method == "HEAD" else request.method]
            status, document = await work(engine, call)
            return JSONResponse(document, status)

        return Route(path, answer, methods=list(works))

    base = "/" + base_path.strip("/") if base_path.strip("/") else ""
    routes = [
        route(f"{base}/interviews", GET=_list, POST=_create),
        route(f"{base}/interviews/{{id}}", GET=_interview),
        route(f"{base}/interviews/{{id}}/chat/start", POST=_start),
        route(f"{base}/chat/{{id}}", GET=_session),
        route(f"{base}/chat/{{id}}/message", POST=_message),
        route(f"{base}/chat/{{id}}/end", POST=_end),
        route(f"{base}/evaluation", POST=_evaluate),
        route(f"{base}/evaluation/{{id}}", GET=_evaluation),
        route("/health", GET=_health),
    ]
    handlers: dict[Any, Any] = {_Refusal: _refused, Error: _failed, HTTPException: _unroutable}
    application = Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan)
    application.router.redirect_slashes = False
    return application


def _host(request: Request) -> str | None:
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname
    except ValueError:
        return None


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise _Refusal(413, "Request body too large")
    kind, _, _ = request.headers.get("Content-Type", "").partition(";")
    # A page of another site may send text, but JSON only with a leave that it is not given here.
    if body and kind.strip().lower() != "application/json":
        raise _Refusal(415, "Content-Type is not application/json")
    return bytes(body)


def _refused(_request: Request, refusal: _Refusal) -> Response:
    return JSONResponse({"error": refusal.text}, refusal.status)


def _failed(_request: Request, error: Error) -> Response:
    status, text = _STATUSES[error.kind]
    headers = {"Retry-After": str(ceil(error.retry_after.total_seconds()))} if error.retry_after else None
    return JSONResponse({"error": text, "details": str(error)}, status, headers)


def _unroutable(_request: Request, error: HTTPException) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _create(engine: AsyncEngine, call: _Call) -> Answer:
    fields = call.fields()
    name = fields.text("candidate_name")
    questions: list[Any] = fields.get("questions", list) or []
    interview_type, language = fields.text("interview_type"), fields.text("interview_language")
    rest = {it: fields.get(it, str) for it in ("job_description", "resume", "external_id", "calibration")}
    most = fields.get("max_answers", int)
    if most is not None and not 0 <= most < 2**32:
        raise _Refusal(400, "Invalid JSON")
    planned = [_question(question) for question in questions]
    if not name.strip() or not planned:
        raise _Refusal(400, "Missing candidate_name or questions")
    if not interview_type:
        raise _Refusal(400, "Missing interview_type field")
    if interview_type not in _TYPES:
        raise _Refusal(400, f"Invalid interview_type. Supported types: {', '.join(_TYPES)}")
    if language and language not in _LANGUAGES:
        raise _Refusal(400, _UNKNOWN_LANGUAGE)
    interview = await engine.create_interview(
        candidate_name=name,
        interview_type=interview_type,
        questions=planned,
        interview_language=language or "en",
        rubric=_rubric(fields.document.get("rubric")),
        max_answers=most,
        idempotency_key=call.key,
        **rest,
    )
    return 201, _interview_document(interview)


_QUESTION = ("text", "competency", "reference_answer", "key_points", "weight", "time_limit", "follow_ups")


def _question(given: Any) -> str | Question:
    if isinstance(given, str):
        return given
    document = _Fields(given).document
    known = {name: document[name] for name in _QUESTION if document.get(name) is not None}
    try:
        return Question.from_json(json.dumps(known))
    except InvalidInputError:
        raise _Refusal(400, "Invalid JSON") from None


def _rubric(given: Any) -> Rubric | None:
    try:
        return (
            None
            if given is None
            else Rubric.from_json(json.dumps({"competencies": given} if isinstance(given, list) else given))
        )
    except InvalidInputError:
        raise _Refusal(400, "Invalid JSON") from None


async def _list(engine: AsyncEngine, call: _Call) -> Answer:
    query = call.query
    limit, page = _number(query, "limit", 10), _number(query, "page", 1)
    if page < 1 or limit >= 2**32:
        raise InvalidInputError("page begins at 1" if page < 1 else "limit: 1 to 100 allowed")
    cursor = query.get("cursor")
    orders: dict[str, Any] = {"asc": "ascending", "desc": "descending"}
    order = query.get("sort_order", "descending")
    found = await engine.list_interviews(
        candidate_name=query.get("candidate_name"),
        status=query.get("status"),
        date_from=_day(query, "date_from"),
        date_to=_day(query, "date_to"),
        sort_by=query.get("sort_by", "date"),
        order=orders.get(order, order),
        limit=limit,
        offset=min(_number(query, "offset", (page - 1) * limit), 2**63 - 1),
        cursor=cursor,
        # Counting costs a pass over all, which paging by cursor is to avoid.
        total=cursor is None,
    )
    document: dict[str, Any] = {"interviews": [_interview_document(it) for it in found.interviews]}
    if cursor is None:
        document["total"] = found.total
    if found.next_cursor is not None:
        document["next_cursor"] = found.next_cursor
    return 200, document


def _number(query: dict[str, Any], name: str, default: int) -> int:
    text: str | None = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise InvalidInputError(f"{name}: expected a whole number")
    return int(text)


def _day(query: dict[str, Any], name: str) -> date | None:
    try:
        return day(query[name]) if name in query else None
    except ValueError:
        raise InvalidInputError(f"{name}: expected a day such as 2026-01-31") from None


async def _interview(engine: AsyncEngine, call: _Call) -> Answer:
    interview = call.id(_NO_INTERVIEW)
    return 200, _interview_document(await _found(_NO_INTERVIEW, engine.interview(interview)))


async def _start(engine: AsyncEngine, call: _Call) -> Answer:
    fields = call.fields(optional=True)
    language = fields.text("session_language") or None
    if language is not None and language not in _LANGUAGES:
        raise _Refusal(400, _UNKNOWN_LANGUAGE)
    interview, own = call.id(_NO_INTERVIEW), call.own(fields.text("model"))
    starting = engine.start_session(interview, session_language=language, idempotency_key=call.key, **own)
    return 201, _session_document(await _found(_NO_INTERVIEW, starting))


async def _session(engine: AsyncEngine, call: _Call) -> Answer:
    session = call.id(_NO_SESSION)
    return 200, _session_document(await _found(_NO_SESSION, engine.session(session)))


async def _message(engine: AsyncEngine, call: _Call) -> Answer:
    fields = call.fields()
    text = fields.text("message")
    if not text.strip():
        raise _Refusal(400, "Message cannot be empty")
    session, own = call.id(_NO_SESSION), call.own(fields.text("model"))
    turn = await _active(engine.send_message(session, text, idempotency_key=call.key, **own))
    return 200, {
        "message": _message_document(turn.message),
        "ai_response": _message_document(turn.reply),
        "session_status": turn.session_status,
    }


async def _end(engine: AsyncEngine, call: _Call) -> Answer:
    own = call.own(call.fields(optional=True).text("model"))
    session = call.id(_NO_SESSION)
    evaluation = await _active(engine.end_session(session, idempotency_key=call.key, **own))
    return 200, _evaluation_document(evaluation)


async def _evaluate(engine: AsyncEngine, call: _Call) -> Answer:
    fields = call.fields()
    interview_id = fields.text("interview_id")
    answers: dict[str, Any] = fields.get("answers", dict) or {}
    if not all(isinstance(answer, str) for answer in answers.values()):
        raise _Refusal(400, "Invalid JSON")
    if not interview_id or not answers:
        raise _Refusal(400, "Missing interview_id or answers")
    call.path["id"] = interview_id
    interview = await _found(_NO_INTERVIEW, engine.interview(call.id(_NO_INTERVIEW)))
    places = {f"question_{place}": place for place in range(len(interview.questions))}
    for name in answers:
        if name not in places:
            shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
            raise _Refusal(400, f"Unknown question in answers: {shown}")
    given = {places[name]: answer for name, answer in answers.items()}
    own = call.own(fields.text("model"))
    evaluation = await engine.evaluate(interview.id, given, idempotency_key=call.key, **own)
    return 200, _evaluation_document(evaluation)


async def _evaluation(engine: AsyncEngine, call: _Call) -> Answer:
    evaluation = call.id(_NO_EVALUATION)
    return 200, _evaluation_document(await _found(_NO_EVALUATION, engine.evaluation(evaluation)))


async def _health(engine: AsyncEngine, _call: _Call) -> Answer:
    try:
        health = await engine.health()
    except Error as error:
        return 503, {"status": "unavailable", "error": str(error)}
    return 200, {"status": "ok", "store": health.store, "schema_version": health.schema_version}


async def _found(missing: str, reading: Awaitable[T]) -> T:
    try:
        return await reading
    except NotFoundError:
        raise _Refusal(404, missing) from None


async def _active(acting: Awaitable[T]) -> T:
    try:
        return await _found(_NO_SESSION, acting)
    except InvalidStateError:
        raise _Refusal(400, "Chat session is not active") from None


def _interview_document(interview: Interview) -> dict[str, Any]:
    document: dict[str, Any] = interview.to_dict()
    # Whoever asks may be the candidate.
    hidden = ("reference_answer", "key_points")
    details = [
        {name: value for name, value in question.items() if name not in hidden}
        for question in document["questions"]
    ]
    return {**document, "questions": [question["text"] for question in details], "question_details": details}


def _session_document(session: Session) -> dict[str, Any]:
    document = session.to_dict()
    names = ("id", "interview_id", "session_language", "status", "started_at", "created_at", "ended_at")
    kept = {name: document[name] for name in names if document.get(name) is not None}
    return {**kept, "messages": [_message_document(message) for message in session.messages]}


def _message_document(message: Message) -> dict[str, Any]:
    document = message.to_dict()
    whose = "ai" if message.role == "interviewer" else "user"
    return {
        "id": document["id"],
        "type": whose,
        "content": message.content,
        "timestamp": document["created_at"],
    }


def _evaluation_document(evaluation: Evaluation) -> dict[str, Any]:
    document = evaluation.to_dict()
    names = (
        "id",
        "interview_id",
        "session_id",
        "status",
        "ratings",
        "strengths",
        "weaknesses",
        "recommendations",
        "evaluator",
        "created_at",
    )
    kept = {name: document[name] for name in names if document.get(name) is not None}
    given = [exchange for exchange in evaluation.exchanges if exchange.answer]
    # Those of a session by their order: a question may have been asked about further.
    places = [exchange.question for exchange in given] if evaluation.session_id is None else range(len(given))
    answers = {f"question_{place}": exchange.answer for place, exchange in zip(places, given, strict=True)}
    feedback = evaluation.feedback or evaluation.failure or ""
    return {**kept, "answers": answers, "score": evaluation.score, "feedback": feedback}
