"""A language-model service for tests: it speaks OpenAI's chat completions, and says or does what it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import vivavoce


class Hangs:
    """An act: the request is never answered. `asked` is set when it is there."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.released = threading.Event()


@contextmanager
def model(
    act: Callable[[int], str | int | list[str] | Hangs], asked: list[tuple[str, str]] | None = None
) -> Iterator[vivavoce.Models]:
    """Serves until the block ends. Each request, counted from 0, is answered by its act: what is said, or what is said in pieces, a status to fail with, or nothing at all.
    What was asked with which credentials is added to `asked`.
    """
    lock = threading.Lock()
    count = 0
    hanging: list[Hangs] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            nonlocal count
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                number = count
                count += 1
            if asked is not None:
                asked.append((self.headers.get("authorization", ""), request["model"]))
            done = act(number)
            if isinstance(done, Hangs):
                hanging.append(done)
                done.asked.set()
                done.released.wait()
                self.close_connection = True
            elif isinstance(done, int):
                self._answer(done, "application/json", b"{}")
            elif request.get("stream"):
                pieces = [done] if isinstance(done, str) else done
                self._answer(200, "text/event-stream", b"".join(map(_event, pieces)) + _END)
            else:
                self._answer(200, "application/json", json.dumps(_whole(done)).encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/v1"
        yield vivavoce.Models([vivavoce.Provider("compatible", base_url=url)], retries=0)
    finally:
        for each in hanging:
            each.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _event(piece: str) -> bytes:
    chunk: dict[str, Any] = {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


_END = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'


def _whole(said: str | list[str]) -> dict[str, Any]:
    words = said if isinstance(said, str) else "".join(said)
    choice = {"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 90, "completion_tokens": 8, "total_tokens": 98}
    return {"id": "1", "object": "chat.completion", "model": "talk", "choices": [choice], "usage": usage}


TALK = vivavoce.ConversationalInterviewer(["compatible/talk"])
