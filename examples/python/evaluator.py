"""An evaluator of one's own, by itself and on a panel with the built-in one.

    python evaluator.py [STORE]

Who is asked for a time when something went wrong should say what the situation was, what they did, and what came of it.
`Story` looks for the words that people do this with, and quotes them.
"""

import re
import sys

from vivavoce import (
    BuiltinEvaluator,
    Competency,
    Engine,
    Evaluation,
    Evaluator,
    EvaluatorInfo,
    Judgement,
    JudgeRequest,
    Level,
    Missing,
    Panel,
    Question,
    Quote,
    Rating,
    Rubric,
)

SIGNS = {
    "situation": re.compile(r"\b(when|while|last (week|month|year)|one (day|night))\b[^.!?]*", re.IGNORECASE),
    "action": re.compile(r"\bI (asked|built|called|changed|found|moved|rolled|told|took|wrote)\b[^.!?]*"),
    "result": re.compile(r"\b(in the end|as a result|since then|so that)\b[^.!?]*", re.IGNORECASE),
}

RUBRIC = Rubric(
    [
        Competency(
            "Telling what happened",
            levels=[
                Level(0.0, "Speaks in general, or of others."),
                Level(0.5, "Says what happened, but not what they did, or what came of it."),
                Level(1.0, "Says what the situation was, what they did, and what came of it."),
            ],
        )
    ]
)

QUESTIONS = [
    Question(
        "Tell me about a time when something you built failed.",
        key_points=["the import stopped", "found a full disk", "an alarm before the disk is full"],
    ),
    Question(
        "Tell me about a time when you disagreed with a colleague.",
        key_points=["listen to the reasons of the other", "let a measurement decide"],
    ),
]

# The first tells a story. The second says what is right, and tells none: on that, the panel will not agree.
ANSWERS = [
    "Last year the import stopped one night. I found a full disk and moved the logs to another. Since then an alarm "
    "tells us before the disk is full.",
    "One has to listen to the reasons of the other, and let a measurement decide.",
]


class Story:
    """Rates how much of a story an answer tells. Any object with `judge` is an evaluator."""

    # Is kept with every evaluation.
    info = EvaluatorInfo("example", "story", "1")

    def judge(self, request: JudgeRequest) -> Judgement:
        if request.language != "en":
            # What it cannot read gets no score, but a reason: a score is never made up.
            unread = [Missing(place, "Story reads English alone.") for place in range(len(request.exchanges))]
            return Judgement([], missing=unread)
        return Judgement(
            [
                self.rate(place, exchange.answer, competency.name)
                for place, exchange in enumerate(request.exchanges)
                for competency in request.rubric.competencies
            ]
        )

    def rate(self, place: int, answer: str, competency: str) -> Rating:
        found = {part: match for part, sign in SIGNS.items() if (match := sign.search(answer))}
        return Rating(
            place,
            competency,
            len(found) / len(SIGNS),
            # Spans of the answer. The engine checks them: a quote of what was not said fails the evaluation.
            quotes=[Quote(match.start(), match.end(), match[0]) for match in found.values()],
            reason=f"Tells: {', '.join(found) or 'nothing'}.",
        )


def hold(engine: Engine) -> Evaluation:
    interview = engine.create_interview(
        candidate_name="Ada",
        interview_type="behavioral",
        questions=QUESTIONS,
        rubric=RUBRIC,
        max_answers=len(ANSWERS),
    )
    session = engine.start_session(interview.id)
    for answer in ANSWERS:
        engine.send_message(session.id, answer)
    return engine.end_session(session.id)


def show(evaluation: Evaluation) -> None:
    judges = evaluation.evaluator.panel.judges if evaluation.evaluator.panel else [evaluation.evaluator]
    score = evaluation.failure if evaluation.score is None else f"{evaluation.score:.2f}"
    print(f"Judged by {' and '.join(judge.model for judge in judges)}: {score}")
    for rating in evaluation.ratings:
        apart = "" if rating.spread is None else f", {rating.spread:.2f} apart"
        print(f"  Question {rating.exchange + 1}: {rating.score:.2f}{apart}. {rating.reason}")
        for quote in rating.quotes:
            print(f"    “{quote.text}”")
    for reason in evaluation.needs_review:
        print(f"  For a person to look at: {reason}")
    print()


def main() -> None:
    store = sys.argv[1] if len(sys.argv) > 1 else "memory:"
    evaluators: list[Evaluator | Panel] = [Story(), Panel([Story(), BuiltinEvaluator()])]
    for evaluator in evaluators:
        with Engine(store, evaluator=evaluator) as engine:
            show(hold(engine))


if __name__ == "__main__":
    main()
