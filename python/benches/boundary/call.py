"""What `call.rs` does, in Python: call.py FIGURE URL COUNT THREADS PLAN ANSWER. Prints the nanoseconds of a call."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from uuid import UUID

from vivavoce import Engine

# As in call.rs.
ANSWERS = 20
INTERVIEWS = 1_000
PAGE = 20


def sessions(engine: Engine, plan: str, sends: int) -> list[UUID]:
    """Enough sessions for so many answers."""
    document = json.loads(plan)
    count = -(-sends // ANSWERS)
    return [engine.start_session(engine.create_interview(**document).id).id for _ in range(count)]


def send(engine: Engine, ids: list[UUID], answer: str, begin: int, end: int) -> None:
    for number in range(begin, end):
        engine.send_message(ids[number // ANSWERS], answer).reply


def sends(engine: Engine, count: int, threads: int, plan: str, answer: str) -> float:
    # The first quarter is not counted: what setting up leaves in the allocator is not what a message costs.
    first = count // 4
    mine = [sessions(engine, plan, first + count) for _ in range(threads)]
    if threads == 1:
        send(engine, mine[0], answer, 0, first)
        began = time.perf_counter_ns()
        send(engine, mine[0], answer, first, first + count)
        return (time.perf_counter_ns() - began) / count
    begins = threading.Barrier(threads + 1)

    def work(ids: list[UUID]) -> None:
        send(engine, ids, answer, 0, first)
        begins.wait()
        send(engine, ids, answer, first, first + count)

    workers = [threading.Thread(target=work, args=(ids,)) for ids in mine]
    for worker in workers:
        worker.start()
    begins.wait()
    began = time.perf_counter_ns()
    for worker in workers:
        worker.join()
    return (time.perf_counter_ns() - began) / (count * threads)


def reads(engine: Engine, figure: str, count: int, plan: str, answer: str) -> Callable[[int], None]:
    """Reads so many times."""
    (session_id,) = sessions(engine, plan, ANSWERS)
    for _ in range(10):
        engine.send_message(session_id, answer)
    read_session = engine.session
    if figure == "session":

        def read(count: int) -> None:
            for _ in range(count):
                read_session(session_id)

    elif figure == "messages":

        def read(count: int) -> None:
            for _ in range(count):
                read_session(session_id).messages

    elif figure == "contents":

        def read(count: int) -> None:
            for _ in range(count):
                for message in read_session(session_id).messages:
                    message.content

    elif figure == "exact":

        def read(count: int) -> None:
            for _ in range(count):
                read_session(session_id, exact=True).messages

    elif figure == "interview":
        interview_id = read_session(session_id).interview_id
        read_interview = engine.interview

        def read(count: int) -> None:
            for _ in range(count):
                read_interview(interview_id)

    elif figure == "list":
        document = json.loads(plan)
        for _ in range(1, INTERVIEWS):
            engine.create_interview(**document)
        # A page from the middle, by cursor.
        cursor = engine.list_interviews(order="ascending", limit=PAGE, offset=INTERVIEWS // 2 - PAGE).next_cursor
        assert len(engine.list_interviews(order="ascending", limit=PAGE, cursor=cursor).interviews) == PAGE

        def read(count: int) -> None:
            for _ in range(count):
                engine.list_interviews(order="ascending", limit=PAGE, cursor=cursor).interviews

    else:
        raise SystemExit(f"{figure}: no such figure")
    return read


def main() -> None:
    figure, url, count, threads, plan, answer = sys.argv[1:]
    with Engine(url) as engine:
        if figure == "send":
            print(sends(engine, int(count), int(threads), plan, answer))
            return
        read = reads(engine, figure, int(count), plan, answer)
        read(int(count) // 4)
        began = time.perf_counter_ns()
        read(int(count))
        print((time.perf_counter_ns() - began) / int(count))


main()
