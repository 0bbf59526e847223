"""How much a score changes when an answer is written otherwise and says the same."""

import numpy as np
import pandas as pd

from changes import CHANGES, respelled
from common import Context, Report, reached, table_of

SETS = ["beetle", "saf_en", "ads_zh"]
SAMPLE = 300
GOAL = 0.05
OWN = "paraphrases.json"


def evenly(rows: pd.DataFrame) -> pd.DataFrame:
    """Up to 300 rows, evenly spread."""
    return rows.iloc[np.unique(np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).round().astype(int))]


def own() -> pd.DataFrame:
    """The committed answers, each followed by its paraphrase."""
    pairs = pd.DataFrame(table_of("paraphrases.json")).rename(columns={"reference": "reference_answer"})
    both = pd.concat([pairs.assign(answer=pairs[what], what=what) for what in ("answer", "paraphrase")])
    return both.sort_index(kind="stable").reset_index(drop=True)[["question", "reference_answer", "answer", "what"]]


def row_of(change: str, where: str, before: np.ndarray, after: np.ndarray) -> list[str]:
    apart = np.abs(after - before)
    return [
        f"{change}: {where}",
        str(len(before)),
        f"{apart.mean():.3f}",
        f"{round((after - before).mean(), 3) + 0.0:+.3f}",
        f"{np.quantile(apart, 0.95):.3f}",
        reached(apart.mean() <= GOAL),
    ]


def section(context: Context, report: Report) -> None:
    report.title("Robustness")
    report.say(
        f"The same answers written otherwise, right and wrong ones alike: up to {SAMPLE} of a set, evenly spread, and the answers of `{OWN}` ({len(own())}, English and "
        "Chinese). For spelling, those answers of a whole set that have a word of the list. Only answers that are changed count. Goal: a mean absolute change of at most "
        f"{GOAL}. Typos: swapped, dropped and doubled characters and neighbouring keys (of Chinese characters, none of the last). Fluff tells nothing and is the same whatever "
        "the question. Paraphrases are the hardest case for an evaluator that compares words: each of those answers keeps close to its reference, and its paraphrase says the "
        "same in words of its own."
    )
    samples = {name: context.rows(name).assign(before=context.shipped(name).score) for name in SETS}
    ours = own()
    samples[OWN] = ours.assign(before=context.score(ours))
    table = []
    for change, make in CHANGES.items():
        changes = []
        for name, rows in samples.items():
            if make is respelled:
                rows = rows[[respelled(text, "") != text for text in rows.answer]]
            rows = evenly(rows) if len(rows) else rows
            changed = rows.assign(answer=[make(text, f"{name} {place}") for place, text in zip(rows.index, rows.answer)])
            changed = changed[(changed.answer != rows.answer) & (changed.answer.str.strip() != "")]
            if len(changed):
                after = context.score(changed)
                changes.append((changed.before.to_numpy(), after))
                table.append(row_of(change, name, *changes[-1]))
        table.append(row_of(change, "**all**", *map(np.concatenate, zip(*changes))))
    answers, paraphrases = (samples[OWN][ours.what == what] for what in ("answer", "paraphrase"))
    of_chinese = answers.answer.str.contains("[\u4e00-\u9fff]").to_numpy()
    for where, which in [("English", ~of_chinese), ("Chinese", of_chinese), ("**all**", of_chinese | True)]:
        table.append(row_of("paraphrase", where, answers.before.to_numpy()[which], paraphrases.before.to_numpy()[which]))
    report.table(["change", "n", "mean absolute change", "mean change", "95 % change by at most", "reached"], table)
