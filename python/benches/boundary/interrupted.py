"""How long a call that waits takes to end after Ctrl-C: interrupted.py HOW prints milliseconds, 20 times."""

from __future__ import annotations

import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

import vivavoce

TIMES = 20


def waiting(how: str) -> Callable[[], object]:
    """What waits for much longer than it is let."""
    # A service that takes every request and answers none.
    service = socket.create_server(("127.0.0.1", 0), backlog=2 * TIMES)
    base_url = f"http://127.0.0.1:{service.getsockname()[1]}/v1"
    models = vivavoce.Models([vivavoce.Provider("compatible", base_url=base_url)], retries=0)
    interviewer = vivavoce.ConversationalInterviewer(["compatible/talk"])
    engine = vivavoce.Engine(models=models, interviewer=interviewer)
    interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["One?", "Two?"])
    session = engine.start_session(interview.id)
    engine.subscribe("mail", ["session_completed"])
    answers = [("What is a lock?", "It keeps others out. " * 1_000)] * 20_000

    def wait() -> object:
        if how == "events":
            return engine.next_events(session.id, 1_000, timeout=600)
        if how == "model":
            return engine.send_message(session.id, "An answer.")
        if how == "worker":
            return engine.run_worker(vivavoce.CancelToken())
        if how == "deliveries":
            return engine.run_deliveries("mail", print, stop=vivavoce.CancelToken())
        assert service and how == "answers"
        return engine.evaluate_answers(answers)

    return wait


def main() -> None:
    wait = waiting(sys.argv[1])
    for _ in range(TIMES):
        sent = 0.0

        def interrupt() -> None:
            nonlocal sent
            # At any time between two looks of what waits.
            time.sleep(0.2 + random.random() / 5)
            sent = time.perf_counter()
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        try:
            thread.start()
            wait()
            raise SystemExit("the call did not wait")
        except KeyboardInterrupt:
            ended = time.perf_counter()
        thread.join()
        print(1e3 * (ended - sent))


main()
