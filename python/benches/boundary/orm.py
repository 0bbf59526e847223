"""The same use cases as a careful application has them with SQLAlchemy: orm.py FIGURE PATH SYNCHRONOUS COUNT THREADS PLAN ANSWER. Prints the nanoseconds of a call.

It keeps less than the engine, to its own favour: messages have no ids, and there is no tenant, no audit log with its hashes, no idempotency key, and nothing to check
beyond the session's status and version. `send` does not even look for the next question; `send-planned` does. `send-locked` has its threads wait for a lock of the
process's instead of SQLite's. `list` reads the questions as JSON of their interview's row, `list-rows` as rows of their own.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timezone
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Engine, ForeignKey, create_engine, event, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship, selectinload

# As in call.py.
ANSWERS = 20
INTERVIEWS = 1_000
PAGE = 20
REPLY = "What is the next thing that you would look at?"


class Base(DeclarativeBase):
    pass


class InterviewRow(Base):
    __tablename__ = "interviews"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    candidate_name: Mapped[str]
    interview_type: Mapped[str]
    interview_language: Mapped[str]
    status: Mapped[str]
    max_answers: Mapped[int]
    questions: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    rows: Mapped[list[QuestionRow]] = relationship(order_by="QuestionRow.number", viewonly=True)


class QuestionRow(Base):
    __tablename__ = "questions"
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("interviews.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    competency: Mapped[str | None]
    reference_answer: Mapped[str | None]
    weight: Mapped[float]


class SessionRow(Base):
    __tablename__ = "sessions"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("interviews.id"))
    status: Mapped[str]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    interview: Mapped[InterviewRow] = relationship()
    messages: Mapped[list[MessageRow]] = relationship(order_by="MessageRow.number", viewonly=True)
    # Who comes second with the same version is told so.
    __mapper_args__ = {"version_id_col": version}


class MessageRow(Base):
    __tablename__ = "messages"
    # Given by us, and so asked of nobody.
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    question: Mapped[int | None]
    content: Mapped[str]
    created_at: Mapped[datetime]


def opened(path: str, synchronous: str, threads: int) -> Engine:
    engine = create_engine(f"sqlite:///{path}", pool_size=threads, connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode = WAL", f"synchronous = {synchronous}", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    Base.metadata.create_all(engine)
    return engine


def now() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None)


def interview(plan: str) -> dict[str, Any]:
    return {**json.loads(plan), "interview_language": "en", "status": "pending", "created_at": now(), "updated_at": now()}


def fill(engine: Engine, plan: str, interviews: int) -> None:
    """Interviews with a session and its first message each, whose ids rise with time."""
    ids = [UUID(int=number) for number in range(interviews)]
    questions = json.loads(plan)["questions"]
    times = {"created_at": now(), "updated_at": now()}
    with Session(engine) as db, db.begin():
        db.execute(insert(InterviewRow), [{**interview(plan), "id": id} for id in ids])
        rows = [{"interview_id": id, "number": number, "text": text, "weight": 1.0} for id in ids for number, text in enumerate(questions)]
        db.execute(insert(QuestionRow), rows)
        db.execute(insert(SessionRow), [{"id": id, "interview_id": id, "status": "active", "version": 1, **times} for id in ids])
        db.execute(insert(MessageRow), [message(id, 1, "question", REPLY) for id in ids])


def message(session_id: UUID, number: int, kind: str, content: str) -> dict[str, Any]:
    return {"session_id": session_id, "number": number, "kind": kind, "question": 0, "content": content, "created_at": now()}


def append(engine: Engine, session_id: UUID, answer: str, planned: bool) -> int:
    """A candidate's message, the reply and the session's row, in one transaction."""
    with Session(engine, expire_on_commit=False) as db:
        if planned:
            session = db.get_one(SessionRow, session_id, options=[joinedload(SessionRow.interview)])
            reply = session.interview.questions[session.version % len(session.interview.questions)]
        else:
            session, reply = db.get_one(SessionRow, session_id), REPLY
        if session.status != "active":
            raise ValueError("the session has ended")
        # The version is raised by each turn, and so tells how many messages there are.
        number = 2 * session.version
        db.add(MessageRow(**message(session_id, number, "answer", answer)))
        db.add(MessageRow(**message(session_id, number + 1, "question", reply)))
        session.updated_at = now()
        db.commit()
        return session.version


def sends(engine: Engine, figure: str, count: int, threads: int, plan: str, answer: str) -> float:
    first = count // 4
    each = -(-(first + count) // ANSWERS)
    fill(engine, plan, threads * each)
    alone: AbstractContextManager[Any] = threading.Lock() if figure == "send-locked" else nullcontext()

    def send(first_id: int, begin: int, end: int) -> None:
        for number in range(begin, end):
            with alone:
                append(engine, UUID(int=first_id + number // ANSWERS), answer, figure == "send-planned")

    if threads == 1:
        send(0, 0, first)
        began = time.perf_counter_ns()
        send(0, first, first + count)
        return (time.perf_counter_ns() - began) / count
    begins = threading.Barrier(threads + 1)

    def work(first_id: int) -> None:
        send(first_id, 0, first)
        begins.wait()
        send(first_id, first, first + count)

    workers = [threading.Thread(target=work, args=(each * number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    begins.wait()
    began = time.perf_counter_ns()
    for worker in workers:
        worker.join()
    return (time.perf_counter_ns() - began) / (count * threads)


def read_session(engine: Engine, session_id: UUID) -> int:
    # Two statements; what loads them together is slower.
    with Session(engine) as db:
        return len(db.get_one(SessionRow, session_id).messages)


def page(engine: Engine, after: UUID, options: list[Any]) -> list[InterviewRow]:
    with Session(engine) as db:
        query = select(InterviewRow).where(InterviewRow.id > after).order_by(InterviewRow.id).limit(PAGE)
        return list(db.scalars(query.options(*options)))


def read_list(engine: Engine, after: UUID) -> int:
    return len(page(engine, after, []))


def read_list_rows(engine: Engine, after: UUID) -> int:
    return len(page(engine, after, [selectinload(InterviewRow.rows)]))


def reads(engine: Engine, figure: str, count: int, plan: str, answer: str) -> float:
    read: Callable[[Engine, UUID], int]
    if figure == "exact":
        fill(engine, plan, 1)
        for _ in range(10):
            append(engine, UUID(int=0), answer, False)
        read, of, expected = read_session, UUID(int=0), 21
    else:
        fill(engine, plan, INTERVIEWS)
        read, of, expected = (read_list if figure == "list" else read_list_rows), UUID(int=INTERVIEWS // 2), PAGE
    for _ in range(count // 4):
        assert read(engine, of) == expected
    began = time.perf_counter_ns()
    for _ in range(count):
        read(engine, of)
    return (time.perf_counter_ns() - began) / count


def main() -> None:
    figure, path, synchronous, count, threads, plan, answer = sys.argv[1:]
    engine = opened(path, synchronous, int(threads))
    if figure.startswith("send"):
        print(sends(engine, figure, int(count), int(threads), plan, answer))
    else:
        print(reads(engine, figure, int(count), plan, answer))
    engine.dispose()


main()
