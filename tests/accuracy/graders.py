"""What a few answers graded by the application's own people are worth: `calibrate`, on answers that it did not learn from."""

import json
import subprocess

import numpy as np
import pandas as pd

from common import Context, Report, generator, reached

SETS = ["saf_en", "ads_zh", "ads_zh_tw", "beetle"]
# The sets with a goal, and the goal: how much r rises.
WITH_GOAL = ["saf_en", "ads_zh"]
GOAL = 0.05
# So many answers of each question are graded, or so many of a whole set.
OF_A_QUESTION, OF_A_SET = 10, 50
# So often, with other answers each time.
TIMES = 10


def calibrated(context: Context, rows: pd.DataFrame, is_graded: np.ndarray) -> np.ndarray:
    """The scores of the answers that are not graded, after learning from those that are."""
    lines = []
    for row, graded in zip(rows.to_dict("records"), is_graded):
        line = {key: row[key] for key in ("question", "reference_answer", "answer")}
        lines.append(json.dumps(line | ({"graded": row["score"]} if graded else {})))
    done = subprocess.run([context.program, "calibrate"], input="\n".join(lines), stdout=subprocess.PIPE, text=True, check=True)
    return np.array([json.loads(line)["score"] for line in done.stdout.splitlines()])


def chosen(rows: pd.DataFrame, draw: np.random.Generator, of_each: bool) -> tuple[pd.DataFrame, np.ndarray]:
    """Which answers are graded, of those to questions with enough others."""
    if not of_each:
        return rows, np.isin(np.arange(len(rows)), draw.choice(len(rows), OF_A_SET, replace=False))
    rows = rows[rows.groupby("question_id").score.transform("size") >= OF_A_QUESTION + 5].reset_index(drop=True)
    is_graded = np.zeros(len(rows), bool)
    for places in rows.groupby("question_id").indices.values():
        is_graded[draw.choice(places, OF_A_QUESTION, replace=False)] = True
    return rows, is_graded


def section(context: Context, report: Report) -> None:
    report.title("Learning from the application's own graders")
    report.say(
        f"`calibrate` learns from {OF_A_QUESTION} graded answers of each question, or from {OF_A_SET} of a whole set, drawn at random {TIMES} times; what is told is measured on all "
        f"the other answers, and averaged. Goal with {OF_A_QUESTION} of each question: pooled r rises by {GOAL}, and the error falls."
    )
    table = []
    for name in SETS:
        for of_each in (True, False):
            draw = generator(f"graders {name} {of_each}")
            found = []
            for _ in range(TIMES):
                rows, is_graded = chosen(context.rows(name), draw, of_each)
                human, before = rows.score.to_numpy()[~is_graded], context.shipped(name)
                before = context.score(rows[~is_graded]) if len(before) != len(rows) else before.score.to_numpy()[~is_graded]
                after = calibrated(context, rows, is_graded)
                errors = [np.sqrt(np.mean((scores - human) ** 2)) for scores in (before, after)]
                found.append([np.corrcoef(before, human)[0, 1], np.corrcoef(after, human)[0, 1], *errors])
            r_before, r_after, error_before, error_after = np.mean(found, axis=0)
            goal = of_each and name in WITH_GOAL
            how = f"{OF_A_QUESTION} of each question" if of_each else f"{OF_A_SET} in all"
            table.append(
                [
                    f"{name}, {how}",
                    f"{r_before:.3f}",
                    f"{r_after:.3f}",
                    f"{r_after - r_before:+.3f}",
                    f"{error_before:.3f}",
                    f"{error_after:.3f}",
                    reached(r_after - r_before >= GOAL and error_after < error_before) if goal else "",
                ]
            )
    report.table(["learned from", "r before", "r after", "change", "RMSE before", "RMSE after", "goal"], table)
