"""Scores a file of answers, several batches at a time.

    python evaluate_csv.py [ANSWERS [SCORES]]

ANSWERS is a CSV file with the columns `id`, `question` and `answer`, and perhaps `key_points`, separated by semicolons;
without it, `answers.csv` is read, and made with 1,000 answers where it is missing. SCORES, or `scores.csv`, is written:
`id`, `score`, `review` where a person should look, and `error` where there is no score.
"""

import asyncio
import csv
import random
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from vivavoce import AnswerEvaluation, AsyncEngine, Error, Question

BATCH = 50  # How many answers are judged by one call, on all processors.
AT_ONCE = 4  # How many calls are under way. With a language model as the judge, this is what its service has to bear.

Row = dict[str, str]


async def judge(rows: list[Row]) -> list[AnswerEvaluation | Error]:
    """What is found for each row, in their order."""
    found: dict[int, list[AnswerEvaluation | Error]] = {}
    batches = enumerate(in_batches(rows))

    async def work(engine: AsyncEngine) -> None:
        # All workers take from the same batches: who is done takes the next.
        for number, batch in batches:
            found[number] = await engine.evaluate_answers((question(row), row["answer"]) for row in batch)
            judged = sum(map(len, found.values()))
            print(f"\r{judged} of {len(rows)}", end="", file=sys.stderr, flush=True)

    async with AsyncEngine("memory:") as engine:
        await asyncio.gather(*(work(engine) for _ in range(AT_ONCE)))
    print(file=sys.stderr)
    return [each for number in sorted(found) for each in found[number]]


def in_batches(rows: list[Row]) -> Iterator[list[Row]]:
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        yield batch


def question(row: Row) -> Question:
    points = [point.strip() for point in (row.get("key_points") or "").split(";")]
    return Question(row["question"], key_points=[point for point in points if point])


def scored(row: Row, found: AnswerEvaluation | Error) -> list[object]:
    # An answer that could not be judged is an error in the list, not an exception: the others have their scores.
    if isinstance(found, Error):
        return [row["id"], None, None, found.kind]
    return [row["id"], f"{found.score:.3f}", " ".join(found.needs_review), None]


def make_answers(path: Path) -> None:
    """Makes a file of 1,000 answers, the same each time: each says some of the key points, and something beside."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "question", "key_points", "answer"])
        for number in range(1, 1001):
            text, points = chance.choice(list(PLAN.items()))
            said = chance.sample(points, chance.randint(0, len(points)))
            words = [f"I would say that {point}." for point in said] + [chance.choice(ASIDES)]
            chance.shuffle(words)
            writer.writerow([number, text, "; ".join(points), " ".join(words)])


PLAN = {
    "What is a deadlock?": [
        "each thread holds a lock that another needs",
        "none of them can go on",
        "one order of locks prevents it",
    ],
    "What does an index cost?": ["every insert and update maintains it", "it takes disk space and memory"],
    "Why do clients send an idempotency key?": [
        "a retry after a timeout does the work once",
        "the first result is returned again",
    ],
}
ASIDES = ["We had that at work last year.", "That is how I remember it.", "I am not sure.", "It depends, of course."]


def main() -> None:
    answers = Path(sys.argv[1] if len(sys.argv) > 1 else "answers.csv")
    scores = Path(sys.argv[2] if len(sys.argv) > 2 else "scores.csv")
    if len(sys.argv) < 2 and not answers.exists():
        make_answers(answers)
    with answers.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    began = time.perf_counter()
    found = asyncio.run(judge(rows))
    seconds = time.perf_counter() - began
    with scores.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "score", "review", "error"])
        writer.writerows(map(scored, rows, found))
    failed = sum(isinstance(each, Error) for each in found)
    print(f"{len(rows) - failed} of {len(rows)} answers scored in {seconds:.2f} s, {len(rows) / seconds:.0f} a second.")


if __name__ == "__main__":
    main()
