"""How far scores agree with people's: on questions and subjects that nothing was learned from, as it ships, and by plain measures beside it."""

import dataclasses

import numpy as np
import pandas as pd

import learn
from baselines import baselines
from common import SETS, Context, Report, generator, reached

RESAMPLES = 1000
# From this many answers a question counts in the mean of r within questions.
LEAST_ANSWERS = 3
MOST_LEVELS = 20
# What issue 7 asks for on an unseen question: pooled r, and the mean of r within questions.
GOALS = {"beetle": (0.56, 0.55), "saf_en": (0.55, 0.62), "ads_zh": (0.65, 0.63)}
RATIO_GOAL, SPREAD_GOAL = 0.85, 0.5


@dataclasses.dataclass
class Figure:
    """A figure, and the interval that 95 % of resamples are in."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f}–{self.high:.2f})"


def correlation(weight: np.ndarray, score: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Pearson's r for each row of weights; nothing where people's scores do not differ, 0 where only the predicted ones do not."""
    total = weight.sum(axis=1)
    mean_score, mean_predicted = weight @ score / total, weight @ predicted / total
    variance_score = weight @ score**2 / total - mean_score**2
    variance_predicted = weight @ predicted**2 / total - mean_predicted**2
    covariance = weight @ (score * predicted) / total - mean_score * mean_predicted
    is_constant = variance_predicted < 1e-12
    r = covariance / np.sqrt(np.where(variance_score < 1e-12, np.nan, variance_score) * np.where(is_constant, 1, variance_predicted))
    return np.where(is_constant & ~np.isnan(r), 0, r)


class Resamples:
    """How often each answer is in each resample; the first one is the answers themselves. The same for all that is measured on a set."""

    def __init__(self, rows: pd.DataFrame) -> None:
        random = generator(f"resamples of {rows['set'].iloc[0]}")
        self.score = rows.score.to_numpy()
        self.questions = [places for places in rows.groupby("question_id", sort=True).indices.values() if len(places) >= LEAST_ANSWERS]
        self.all = self.counts(random, len(rows))
        self.each = [self.counts(random, len(places)) for places in self.questions]
        levels = np.unique(self.score)
        self.levels = levels if len(levels) <= MOST_LEVELS else np.linspace(0, 1, 11)

    @staticmethod
    def counts(random: np.random.Generator, size: int) -> np.ndarray:
        drawn = random.multinomial(size, np.full(size, 1 / size), RESAMPLES)
        return np.concatenate([np.ones((1, size)), drawn])

    def pooled(self, predicted: np.ndarray) -> Figure:
        return figure(correlation(self.all, self.score, predicted))

    def within(self, predicted: np.ndarray) -> Figure:
        each = [correlation(count, self.score[places], predicted[places]) for count, places in zip(self.each, self.questions)]
        return figure(np.nanmean([r for r in each if not np.isnan(r[0])], axis=0))

    def kappa(self, predicted: np.ndarray) -> Figure:
        """Quadratic weighted kappa: weights are squared differences of the levels themselves, as levels are not evenly apart in every set."""
        near = self.levels[np.abs(predicted[:, None] - self.levels).argmin(axis=1)]
        total = self.all.sum(axis=1)
        mean_score, mean_near = self.all @ self.score / total, self.all @ near / total
        apart = self.all @ (self.score - near) ** 2 / total
        by_chance = self.all @ self.score**2 / total + self.all @ near**2 / total - 2 * mean_score * mean_near
        return figure(1 - apart / by_chance)

    def error(self, predicted: np.ndarray) -> tuple[Figure, Figure, Figure]:
        """Root mean squared error; against that of the best constant; and the spread of what is predicted against the spread of people's scores."""
        total = self.all.sum(axis=1)
        of = lambda values: np.sqrt(np.maximum(self.all @ values**2 / total - (self.all @ values / total) ** 2, 0))  # noqa: E731
        error, deviation = np.sqrt(self.all @ (self.score - predicted) ** 2 / total), of(self.score)
        return figure(error), figure(error / deviation), figure(of(predicted) / deviation)


def figure(values: np.ndarray) -> Figure:
    """From the value of the answers themselves, followed by those of the resamples."""
    low, high = np.nanquantile(values[1:], [0.025, 0.975])
    return Figure(float(values[0]), float(low), float(high))


def unseen_question(context: Context, name: str) -> np.ndarray:
    """Scores of each question's answers, learned from the set's other questions."""
    rows, measured = context.rows(name), context.measured(name)
    predicted = np.full(len(rows), np.nan)
    for question in rows.question_id.unique():
        left_out = (rows.question_id == question).to_numpy()
        learned = learn.Weights(rows[~left_out].reset_index(drop=True), measured[~left_out].reset_index(drop=True))
        predicted[left_out] = learned.predict(measured[left_out])
    return predicted


def transfer(context: Context, name: str) -> np.ndarray:
    """Scores learned from the other sets; a set that is another script of this one is none of them."""
    others = [other for other in learn.SETS if not name.startswith(other)]
    rows = pd.concat([context.rows(other) for other in others], ignore_index=True)
    measured = pd.concat([context.measured(other) for other in others], ignore_index=True)
    return learn.Weights(rows, measured).predict(context.measured(name))


HEAD = ["what", "pooled r", "r within questions", "quadratic kappa", "RMSE", "RMSE / best constant", "spread"]


def section(context: Context, report: Report) -> None:
    report.title("Agreement with people")
    report.say(
        f"Each figure with the interval of 95 % of {RESAMPLES:,} resamples: of all answers, or for r within questions of the answers of each question. Unseen question: "
        "learned from the other questions of the set. Transfer: learned from the other sets alone (for ads_zh_tw without ads_zh too, which is the same in Simplified "
        "characters). These two are the learned score alone, without what is taken off for lists, shuffled words and statements turned round. Shipped: what the library says, "
        "in sample: its weights were learned from these very answers (ads_zh_tw by way of ads_zh)."
    )
    report.say(
        f"r within questions is the mean over questions with at least {LEAST_ANSWERS} answers that people scored differently. Kappa is over the set's own levels (11 levels "
        f"where there are more than {MOST_LEVELS}), weighted by the squared difference of levels. The best constant is the mean of people's scores in the set, known only "
        f"afterwards: goal at most {RATIO_GOAL}. Spread is the standard deviation of scores against that of people's: goal at least {SPREAD_GOAL}."
    )
    found: dict[tuple[str, str], tuple[Figure, ...]] = {}
    for name in SETS:
        rows = context.rows(name)
        resamples = Resamples(rows)
        report.title(f"{name}: {len(rows):,} answers to {rows.question_id.nunique()} questions", 3)
        shipped = context.shipped(name).score.to_numpy()
        table = []
        for what, predicted in [("unseen question", unseen_question(context, name)), ("transfer", transfer(context, name)), ("shipped (in sample)", shipped)]:
            found[name, what] = resamples.pooled(predicted), resamples.within(predicted), resamples.kappa(predicted), *resamples.error(predicted)
            table.append([what, *map(str, found[name, what])])
        for what, predicted in baselines(rows).items():
            table.append([what, str(resamples.pooled(predicted)), str(resamples.within(predicted)), "", "", "", ""])
        report.table(HEAD, table)
    report.title("Goals for an unseen question", 3)
    report.say("RMSE and spread have the same goal for every set.")
    goals = []
    for name in SETS:
        pooled, within, _, _, ratio, spread = found[name, "unseen question"]
        goal_pooled, goal_within = GOALS.get(name, (None, None))
        checks = [(pooled, goal_pooled, pooled.value >= (goal_pooled or 0)), (within, goal_within, within.value >= (goal_within or 0))]
        checks += [(ratio, RATIO_GOAL, ratio.value <= RATIO_GOAL), (spread, SPREAD_GOAL, spread.value >= SPREAD_GOAL)]
        goals.append([name, *(f"{value.value:.2f}" if goal is None else f"{value.value:.2f} of {goal:.2f}: {reached(is_reached)}" for value, goal, is_reached in checks)])
    report.table(["set", "pooled r", "r within questions", "RMSE / best constant, at most", "spread, at least"], goals)
