"""Whether a score means what it says: people's scores where it is high and where it is low, errors by length, and errors by confidence."""

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from scipy.stats import spearmanr  # noqa: E402

from baselines import tokens  # noqa: E402
from common import SETS, Context, Report, reached  # noqa: E402

plt.rcParams.update(
    {
        "svg.hashsalt": "vivavoce",
        "svg.fonttype": "path",
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
    }
)
BLUE, ORANGE = "#1f5fa8", "#c8641b"
DECILES = 10
# Lengths that are written below the plot.
TICKS = [3, 5, 10, 20, 50, 100, 200, 500]
# Confidence in fifths of all answers.
BINS = 5


def groups(by: pd.Series, count: int) -> pd.Series:
    """Which of so many groups of equal size each answer is in; equal values are in the same one."""
    return pd.qcut(by.rank(method="average"), count, labels=False, duplicates="drop")


def panels() -> tuple:
    figure, axes = plt.subplots(1, len(SETS), figsize=(12.5, 3), sharey=True, layout="constrained")
    return figure, dict(zip(SETS, axes))


def calibration_plot(found: dict[str, pd.DataFrame]):
    """People's mean score in each tenth of the answers, by the library's score."""
    figure, axes = panels()
    for name, of in found.items():
        tenth = of.groupby(groups(of.predicted, DECILES))
        mean, error = tenth.score.mean(), 1.96 * tenth.score.std() / np.sqrt(tenth.score.size())
        axes[name].plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle="--")
        axes[name].errorbar(tenth.predicted.mean(), mean, yerr=error, marker="o", markersize=4, linewidth=1.2, color=BLUE)
        axes[name].set(title=name, xlabel="the library's score", xlim=(0, 1), ylim=(0, 1.02))
    axes[SETS[0]].set_ylabel("people's mean score")
    return figure


def length_plot(found: dict[str, pd.DataFrame]):
    """Score less people's score in each tenth of the answers, by length: the mean, and the middle half."""
    figure, axes = panels()
    for name, of in found.items():
        tenth = of.assign(residual=of.predicted - of.score).groupby(groups(of.length, DECILES))
        length = tenth.length.mean()
        axes[name].axhline(0, color="grey", linewidth=0.8, linestyle="--")
        axes[name].fill_between(length, tenth.residual.quantile(0.25), tenth.residual.quantile(0.75), color=ORANGE, alpha=0.2, linewidth=0)
        axes[name].plot(length, tenth.residual.mean(), marker="o", markersize=4, linewidth=1.2, color=ORANGE)
        axes[name].set(title=name, xlabel="words" if name in ("beetle", "saf_en") else "characters and pairs", xscale="log", ylim=(-0.8, 0.8))
        axes[name].set_xticks(TICKS, [str(tick) for tick in TICKS])
        axes[name].set_xticks([], minor=True)
        axes[name].set_xlim(length.min() / 1.3, length.max() * 1.3)
    axes[SETS[0]].set_ylabel("the library's score – people's")
    return figure


def section(context: Context, report: Report) -> None:
    found = {}
    for name in SETS:
        rows, shipped = context.rows(name), context.shipped(name)
        length = np.array([max(len(tokens(answer)), 1) for answer in rows.answer])
        found[name] = pd.DataFrame({"set": name, "score": rows.score, "predicted": shipped.score, "confidence": shipped.confidence, "length": length})
    report.title("Calibration")
    report.say(
        "As it ships, in sample. Each tenth of a set's answers by the library's score, with the interval of 95 % of the mean of people's scores; on the dashed line, a score "
        "means what it says."
    )
    report.plot(context, "calibration", calibration_plot(found), "People's mean score by the library's score, for each set")
    rows = []
    for name, of in found.items():
        slope = np.polyfit(of.predicted, of.score, 1)[0]
        tenth = of.groupby(groups(of.predicted, DECILES))
        apart = np.average((tenth.predicted.mean() - tenth.score.mean()).abs(), weights=tenth.size())
        rows.append(
            [name, f"{of.score.mean():.2f}", f"{of.predicted.mean():.2f}", f"{slope:.2f}", f"{apart:.3f}", f"{spearmanr(of.length, of.predicted - of.score).statistic:+.2f}"]
        )
    report.table(["set", "people's mean", "the library's mean", "slope of people's on the library's", "mean distance from the line", "residual with length, Spearman"], rows)
    report.say("A slope below 1 says that the library's scores are too far apart, one above 1 that they are too close together.")
    report.title("Errors by length", 3)
    report.say("Each tenth of a set's answers by length: the mean of the library's score less people's, and where the middle half is. Above 0 the library is too kind.")
    report.plot(context, "length", length_plot(found), "The library's score less people's by the length of the answer, for each set")
    report.title("Errors by confidence", 3)
    report.say(
        f"The mean absolute error in each of {BINS} groups of equally many answers by the confidence that the library says, for all sets (ads_zh_tw, which is ads_zh again, is "
        "not in them) and for each on its own."
    )
    every = pd.concat([of for name, of in found.items() if name != "ads_zh_tw"], ignore_index=True)
    rows = []
    for name, of in [("all sets", every), *found.items()]:
        error = (of.predicted - of.score).abs()
        group = groups(of.confidence, BINS)
        mean, confidence = error.groupby(group).mean(), of.confidence.groupby(group).agg(["min", "max"])
        cells = [f"{mean[place]:.3f} ({confidence['min'][place]:.2f}–{confidence['max'][place]:.2f})" if place in mean.index else "" for place in range(BINS)]
        rows.append([name, *cells, f"{spearmanr(of.confidence, error).statistic:+.2f}", reached(mean.iloc[-1] < mean.iloc[0])])
    names = ["least sure", *[""] * (BINS - 2), "surest"]
    report.table(
        ["set", *(f"{place + 1}{f', {names[place]}' if names[place] else ''}" for place in range(BINS)), "confidence with error, Spearman", "error falls from least to surest"],
        rows,
    )
    steps = np.diff((every.predicted - every.score).abs().groupby(groups(every.confidence, BINS)).mean())
    report.say(f"Over all sets the error falls in {(steps < 0).sum()} of the {len(steps)} steps from one group to the next.")
