"""Interviews over HTTP with FastAPI and `AsyncEngine`; when it runs, /docs shows all calls.

    DATABASE_URL=sqlite:interviews.db uvicorn fastapi_app:app

What was acknowledged is kept: kill the server, start it again, and its interviews go on. Nobody is asked who they are:
put it behind what does.
"""

import asyncio
import json
import math
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Body, FastAPI, Header, Request
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from pydantic import BaseModel
from vivavoce import AsyncEngine, Error

STATUSES = {"invalid_input": 400, "not_found": 404, "invalid_state": 400, "conflict": 409, "storage": 503}
STATUSES |= {"provider": 502, "timeout": 504, "limited": 429, "unsupported": 501, "internal": 500}
Text = Annotated[str, Body(embed=True)]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]
engine: AsyncEngine  # There while the application runs.


class NewInterview(BaseModel):
    candidate_name: str
    interview_type: Literal["general", "technical", "behavioral"]
    questions: list[str | dict[str, Any]]
    interview_language: Literal["en", "zh-TW"] = "en"
    job_description: str | None = None


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    global engine
    async with AsyncEngine(os.environ.get("DATABASE_URL", "sqlite:interviews.db")) as engine:
        yield


app = FastAPI(title="Interviews", lifespan=lifespan)


@app.exception_handler(Error)
async def failed(_request: Request, error: Error) -> JSONResponse:
    headers = {"Retry-After": str(math.ceil(error.retry_after.total_seconds()))} if error.retry_after else None
    return JSONResponse({"error": str(error), "kind": error.kind}, STATUSES[error.kind], headers)


@app.post("/interviews", status_code=201)
async def create_interview(plan: NewInterview, key: Key = None) -> dict[str, Any]:
    return (await engine.create_interview(**plan.model_dump(), idempotency_key=key)).to_dict()


@app.post("/interviews/{interview_id}/sessions", status_code=201)
async def start_session(interview_id: UUID, key: Key = None) -> dict[str, Any]:
    return (await engine.start_session(interview_id, idempotency_key=key)).to_dict()


@app.get("/sessions/{session_id}")
async def session(session_id: UUID) -> dict[str, Any]:
    return (await engine.session(session_id, exact=True)).to_dict()


@app.post("/sessions/{session_id}/messages")
async def send_message(session_id: UUID, text: Text, request: Request, key: Key = None) -> Any:
    """Answers with the turn; or, to those who accept `text/event-stream`, with the reply's words as they come."""
    if "text/event-stream" in request.headers.get("Accept", ""):
        return StreamingResponse(stream(session_id, text, key), media_type="text/event-stream")
    return (await engine.send_message(session_id, text, idempotency_key=key)).to_dict()


async def stream(session_id: UUID, text: str, key: str | None) -> AsyncIterator[str]:
    """Events: `words`; `again`, after which those before do not count; in the end the `turn`, or an `error`."""
    heard: asyncio.Queue[Any] = asyncio.Queue()
    sending = asyncio.create_task(engine.send_message(session_id, text, hear=heard.put_nowait, idempotency_key=key))
    sending.add_done_callback(heard.put_nowait)
    try:
        while (words := await heard.get()) is not sending:
            yield f"event: {'again' if words is None else 'words'}\ndata: {json.dumps(words)}\n\n"
        yield f"event: turn\ndata: {(await sending).to_json()}\n\n"
    except Error as error:  # The message is kept: sent again with its key, it gets its reply.
        yield f"event: error\ndata: {json.dumps({'error': str(error), 'kind': error.kind})}\n\n"
    finally:
        sending.cancel()  # Who left need not be told the rest.


@app.post("/sessions/{session_id}/end")
async def end_session(session_id: UUID, key: Key = None) -> dict[str, Any]:
    return (await engine.end_session(session_id, idempotency_key=key)).to_dict()


@app.get("/evaluations/{evaluation_id}/scorecard")
async def scorecard(evaluation_id: UUID) -> HTMLResponse:
    return HTMLResponse(await engine.scorecard(evaluation_id, format="html"))
