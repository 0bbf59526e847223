"""Interviews over HTTP: an application for any ASGI server, with the extra `web`.

It serves what clients of interview backends of this kind expect: planning, sessions, evaluations and health. There is no authentication; language models are those that the
engine was opened with.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import date
from math import ceil
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vivavoce import (
    Engine,
    Error,
    Evaluation,
    Interview,
    InvalidInputError,
    InvalidStateError,
    Message,
    NotFoundError,
    Question,
    Rubric,
    Session,
)

_LARGEST_BODY = 1024 * 1024
_TYPES = ("general", "technical", "behavioral")
_LANGUAGES = ("en", "zh-TW")
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
Work = Callable[[Engine, "_Call"], Answer]


class _Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class _Call:
    """A request that has been read."""

    def __init__(self, request: Request, body: bytes) -> None:
        self.path = request.path_params
        self.query: dict[str, Any] = {name: text for name, text in request.query_params.items() if text}
        self.key = request.headers.get("Idempotency-Key")
        self._body = body

    def fields(self, *, optional: bool = False) -> _Fields:
        return _Fields({} if optional and not self._body.strip() else _parse(self._body))

    def id(self, missing: str) -> uuid.UUID:
        try:
            return uuid.UUID(self.path["id"])
        except ValueError:
            raise _Refusal(404, missing) from None


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


def app(engine: Engine, *, base_path: str = "/api") -> Starlette:
    """The application, over an engine that stays the caller's.

    Args:
        engine: An open engine.
        base_path: What comes before all paths but that of `/health`.

    Example:
        >>> import vivavoce
        >>> from vivavoce import _web
        >>> with vivavoce.Engine() as engine:
        ...     application = _web.app(engine)
    """

    def route(path: str, **works: Work) -> Route:
        async def answer(request: Request) -> Response:
            call = _Call(request, await _read(request))
            # A path that can be read can be asked for its head.
            work = works["GET" if request.method == "HEAD" else request.method]
            status, document = await run_in_threadpool(work, engine, call)
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
    application = Starlette(routes=routes, exception_handlers=handlers)
    application.router.redirect_slashes = False
    return application


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise _Refusal(413, "Request body too large")
    return bytes(body)


def _refused(_request: Request, refusal: _Refusal) -> Response:
    return JSONResponse({"error": refusal.text}, refusal.status)


def _failed(_request: Request, error: Error) -> Response:
    status, text = _STATUSES[error.kind]
    headers = {"Retry-After": str(ceil(error.retry_after.total_seconds()))} if error.retry_after else None
    return JSONResponse({"error": text, "details": str(error)}, status, headers)


def _unroutable(_request: Request, error: HTTPException) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def _create(engine: Engine, call: _Call) -> Answer:
    fields = call.fields()
    name = fields.text("candidate_name")
    questions: list[Any] = fields.get("questions", list) or []
    interview_type, language = fields.text("interview_type"), fields.text("interview_language")
    rest = {it: fields.get(it, str) for it in ("job_description", "resume", "external_id")}
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
    interview = engine.create_interview(
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


def _list(engine: Engine, call: _Call) -> Answer:
    query = call.query
    limit, page = _number(query, "limit", 10), _number(query, "page", 1)
    if page < 1 or limit >= 2**32:
        raise InvalidInputError("page begins at 1" if page < 1 else "limit: 1 to 100 allowed")
    cursor = query.get("cursor")
    orders: dict[str, Any] = {"asc": "ascending", "desc": "descending"}
    order = query.get("sort_order", "descending")
    found = engine.list_interviews(
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
        return date.fromisoformat(query[name]) if name in query else None
    except ValueError:
        raise InvalidInputError(f"{name}: expected a day such as 2026-01-31") from None


def _interview(engine: Engine, call: _Call) -> Answer:
    return 200, _interview_document(_found(_NO_INTERVIEW, lambda: engine.interview(call.id(_NO_INTERVIEW))))


def _start(engine: Engine, call: _Call) -> Answer:
    language = call.fields(optional=True).text("session_language") or None
    if language is not None and language not in _LANGUAGES:
        raise _Refusal(400, _UNKNOWN_LANGUAGE)
    interview = call.id(_NO_INTERVIEW)

    def start() -> Session:
        return engine.start_session(interview, session_language=language, idempotency_key=call.key)

    return 201, _session_document(_found(_NO_INTERVIEW, start))


def _session(engine: Engine, call: _Call) -> Answer:
    return 200, _session_document(_found(_NO_SESSION, lambda: engine.session(call.id(_NO_SESSION))))


def _message(engine: Engine, call: _Call) -> Answer:
    text = call.fields().text("message")
    if not text.strip():
        raise _Refusal(400, "Message cannot be empty")
    session = call.id(_NO_SESSION)
    turn = _active(lambda: engine.send_message(session, text, idempotency_key=call.key))
    return 200, {
        "message": _message_document(turn.message),
        "ai_response": _message_document(turn.reply),
        "session_status": turn.session_status,
    }


def _end(engine: Engine, call: _Call) -> Answer:
    session = call.id(_NO_SESSION)
    return 200, _evaluation_document(_active(lambda: engine.end_session(session, idempotency_key=call.key)))


def _evaluate(engine: Engine, call: _Call) -> Answer:
    fields = call.fields()
    interview_id = fields.text("interview_id")
    answers: dict[str, Any] = fields.get("answers", dict) or {}
    if not all(isinstance(answer, str) for answer in answers.values()):
        raise _Refusal(400, "Invalid JSON")
    if not interview_id or not answers:
        raise _Refusal(400, "Missing interview_id or answers")
    call.path["id"] = interview_id
    interview = _found(_NO_INTERVIEW, lambda: engine.interview(call.id(_NO_INTERVIEW)))
    places = {f"question_{place}": place for place in range(len(interview.questions))}
    for name in answers:
        if name not in places:
            raise _Refusal(400, f"Unknown question in answers: {name}")
    given = {places[name]: answer for name, answer in answers.items()}
    return 200, _evaluation_document(engine.evaluate(interview.id, given, idempotency_key=call.key))


def _evaluation(engine: Engine, call: _Call) -> Answer:
    return 200, _evaluation_document(
        _found(_NO_EVALUATION, lambda: engine.evaluation(call.id(_NO_EVALUATION)))
    )


def _health(engine: Engine, _call: _Call) -> Answer:
    try:
        health = engine.health()
    except Error as error:
        return 503, {"status": "unavailable", "error": str(error)}
    return 200, {"status": "ok", "store": health.store, "schema_version": health.schema_version}


def _found(missing: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except NotFoundError:
        raise _Refusal(404, missing) from None


def _active(act: Callable[[], Any]) -> Any:
    try:
        return _found(_NO_SESSION, act)
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
