"""Interviews over HTTP with Django and `Engine`, in one file.

    DATABASE_URL=sqlite:interviews.db gunicorn --preload --workers 2 django_app:application

Each worker has an engine of its own; all share the interviews. Nobody is asked who they are: put it behind what does.
"""

import functools
import json
import math
import os
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_POST
from vivavoce import Engine, Error, InvalidInputError

STATUSES = {"invalid_input": 400, "not_found": 404, "invalid_state": 400, "conflict": 409, "storage": 503}
STATUSES |= {"provider": 502, "timeout": 504, "limited": 429, "unsupported": 501, "internal": 500}

opened = functools.cache(lambda: Engine(os.environ.get("DATABASE_URL", "sqlite:interviews.db")))
opening = threading.Lock()


def engine() -> Engine:
    """The engine of this process. Its first request opens it: that is after the fork, which no engine survives."""
    with opening:  # Several threads may have a first request.
        return opened()


class Boundary:
    """Takes JSON alone, and answers with JSON what goes wrong."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Another site's form cannot send this type, so it can forge no request: Django's token against that has no use.
        if request.method == "POST" and request.content_type != "application/json":
            return JsonResponse({"error": "the Content-Type has to be application/json"}, status=415)
        return self.answer(request)

    def process_exception(self, _request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Error):
            return None
        headers = {"Retry-After": str(math.ceil(error.retry_after.total_seconds()))} if error.retry_after else None
        return JsonResponse({"error": str(error), "kind": error.kind}, status=STATUSES[error.kind], headers=headers)


def read(request: HttpRequest, **fields: type) -> dict[str, Any]:
    """These fields of the request's JSON and its key: what the engine takes."""
    try:
        document = json.loads(request.body or "{}")
    except ValueError:
        raise InvalidInputError("the body is not JSON") from None
    for name, kind in fields.items():
        if not isinstance(document, dict) or not isinstance(document.get(name), kind):
            raise InvalidInputError(f"{name}: expected {kind.__name__}")
    return {"idempotency_key": request.headers.get("Idempotency-Key"), **{name: document[name] for name in fields}}


def post(call: Callable[..., Any], status: int = 200, **fields: type) -> Callable[..., HttpResponse]:
    """A view that makes a call of the engine with the ids in its path and these fields of the request."""

    def view(request: HttpRequest, **ids: UUID) -> HttpResponse:
        return JsonResponse(call(engine(), **ids, **read(request, **fields)).to_dict(), status=status)

    return require_POST(view)


@require_GET
def session(_request: HttpRequest, session_id: UUID) -> HttpResponse:
    # Exactly what the store has: another worker may have written just now.
    return JsonResponse(engine().session(session_id, exact=True).to_dict())


@require_GET
def scorecard(_request: HttpRequest, evaluation_id: UUID) -> HttpResponse:
    return HttpResponse(engine().scorecard(evaluation_id, format="html"))


urlpatterns = [
    path("interviews", post(Engine.create_interview, 201, candidate_name=str, interview_type=str, questions=list)),
    path("interviews/<uuid:interview_id>/sessions", post(Engine.start_session, 201)),
    path("sessions/<uuid:session_id>", session),
    path("sessions/<uuid:session_id>/messages", post(Engine.send_message, text=str)),
    path("sessions/<uuid:session_id>/end", post(Engine.end_session)),
    path("evaluations/<uuid:evaluation_id>/scorecard", scorecard),
]
settings.configure(ROOT_URLCONF=__name__, MIDDLEWARE=[f"{__name__}.Boundary"], ALLOWED_HOSTS=["localhost", "127.0.0.1"])
application = get_wsgi_application()
