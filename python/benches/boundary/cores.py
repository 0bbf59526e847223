"""How judging many answers uses the processor: cores.py rate CORES prints answers a second, cores.py spin CORES what another thread does meanwhile, against what it does alone."""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time

from vivavoce import Engine, Question

COUNT = 10_000
QUESTION = Question(
    "What is a deadlock, and how do you avoid it?",
    reference_answer="Two threads wait for locks that the other holds. Take the locks in one order, or with a timeout.",
)
WORDS = "a deadlock is two threads that each hold a lock the other needs so neither goes on and to avoid it we took all locks in one order".split()
ANSWERS = [(QUESTION, " ".join(WORDS[(number + place) % len(WORDS)] for place in range(100))) for number in range(COUNT)]


def rate(engine: Engine) -> float:
    began = time.perf_counter()
    # To let go of what was found is not the call's.
    found = engine.evaluate_answers(ANSWERS)
    took = time.perf_counter() - began
    assert len(found) == COUNT
    return COUNT / took


def spin(engine: Engine) -> float:
    spun = 0
    is_over = False

    def work() -> None:
        nonlocal spun
        while not is_over:
            spun += 1

    thread = threading.Thread(target=work)
    thread.start()
    rates = []
    for meanwhile in (lambda: time.sleep(1), lambda: [engine.evaluate_answers(ANSWERS) for _ in range(10)]):
        before, began = spun, time.perf_counter()
        meanwhile()
        rates.append((spun - before) / (time.perf_counter() - began))
    is_over = True
    thread.join()
    return rates[1] / rates[0]


def main() -> None:
    how, cores = sys.argv[1], int(sys.argv[2])
    # Before the engine, and every thread, is there.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    with Engine() as engine:
        print(statistics.median(rate(engine) for _ in range(7)) if how == "rate" else spin(engine))


main()
