"""How far raters agree: what scikit-learn, SciPy, pingouin and krippendorff compute of the same ratings, to 1e-9."""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import krippendorff
import numpy
import pandas
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score

import vivavoce
from vivavoce import Agreement, Estimate, InvalidInputError, agreement

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pingouin

Matrix = list[list[float | None]]
# By its name in our document; None where there is no value.
Values = dict[str, float | None]

PAIR = ("pearson", "spearman", "kendall", "cohen_kappa", "weighted_kappa")


def close(actual: float | None, expected: float | None, what: object = "") -> None:
    if actual is None or expected is None:
        assert actual is None and expected is None, (what, actual, expected)
    else:
        assert abs(actual - expected) <= 1e-9 * max(1.0, abs(expected)), (what, actual, expected)


def value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value


def ours(found: Agreement, of: Callable[[Estimate], float | None]) -> Values:
    """One number of every statistic."""

    def one(estimate: Estimate | None) -> float | None:
        return None if estimate is None else of(estimate)

    values = {name: one(getattr(found, name)) for name in ("icc_2_1", "icc_2_k", "krippendorff_alpha")}
    values |= {f"mean {name}": one(getattr(found.means, name)) for name in PAIR}
    for pair in found.pairs:
        at = f"{pair.first}-{pair.second}"
        values |= {f"{at} {name}": one(getattr(pair, name)) for name in (*PAIR, "bias")}
        limits = pair.limits_of_agreement
        values |= {f"{at} {end}": limits and one(getattr(limits, end)) for end in ("lower", "upper")}
    return values


def theirs(ratings: numpy.ndarray[Any, Any], codes: numpy.ndarray[Any, Any] | None) -> Values:
    """The same of scores that are NaN where there are none, a row for each rater, by other libraries; `codes` are the categories of the scores."""
    labels = None if codes is None else range(int(codes.max()) + 1)
    values: Values = {}
    sums: dict[str, list[float | None]] = {name: [] for name in PAIR}
    for first, second in combinations(range(len(ratings)), 2):
        both = ~numpy.isnan(ratings[first]) & ~numpy.isnan(ratings[second])
        found: Values = dict.fromkeys((*PAIR, "bias", "lower", "upper"))
        if both.sum() >= 3:
            x, y = ratings[first][both], ratings[second][both]
            if len(set(x)) > 1 and len(set(y)) > 1:
                found["pearson"] = float(stats.pearsonr(x, y).statistic)
                found["spearman"] = float(stats.spearmanr(x, y).statistic)
                found["kendall"] = float(stats.kendalltau(x, y).statistic)
            if codes is not None:
                a, b = codes[first][both], codes[second][both]
                if len({*a, *b}) > 1:
                    found["cohen_kappa"] = float(cohen_kappa_score(a, b, labels=labels))
                    found["weighted_kappa"] = float(cohen_kappa_score(a, b, labels=labels, weights="quadratic"))
            apart = x - y
            spread = 1.96 * apart.std(ddof=1)
            found |= {"bias": apart.mean(), "lower": apart.mean() - spread, "upper": apart.mean() + spread}
        values |= {f"{first + 1}-{second + 1} {name}": each for name, each in found.items()}
        for name in PAIR:
            sums[name].append(found[name])
    for name, each in sums.items():
        known = [one for one in each if one is not None]
        values[f"mean {name}"] = sum(known) / len(each) if len(known) == len(each) else None
    values |= intraclass_correlations(ratings[:, ~numpy.isnan(ratings).any(axis=0)])
    pairable = ratings[:, (~numpy.isnan(ratings)).sum(axis=0) >= 2]
    varies = pairable.shape[1] >= 3 and numpy.nanmin(pairable) < numpy.nanmax(pairable)
    values["krippendorff_alpha"] = (
        float(krippendorff.alpha(reliability_data=pairable, level_of_measurement="interval")) if varies else None
    )
    return values


def intraclass_correlations(complete: numpy.ndarray[Any, Any]) -> Values:
    raters, items = complete.shape
    if items < 3 or complete.min() == complete.max():
        return {"icc_2_1": None, "icc_2_k": None}
    long = pandas.DataFrame(
        {
            "item": numpy.tile(numpy.arange(items), raters),
            "rater": numpy.repeat(numpy.arange(raters), items),
            "score": complete.ravel(),
        }
    )
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        # What pandas says to pingouin is nothing of ours.
        warnings.simplefilter("ignore")
        found = pingouin.intraclass_corr(data=long, targets="item", raters="rater", ratings="score")
    icc = dict(zip(found["Type"], found["ICC"], strict=True))
    return {"icc_2_1": float(icc["ICC(A,1)"]), "icc_2_k": float(icc["ICC(A,k)"]) if has_icc_2_k(complete) else None}


def has_icc_2_k(complete: numpy.ndarray[Any, Any]) -> bool:
    """Whether the denominator is above 0: pingouin divides by what it is, and may find that raters who contradict each other agree by more than 1."""
    raters, items = complete.shape
    of_items, of_raters = complete.mean(axis=0, keepdims=True), complete.mean(axis=1, keepdims=True)
    left = ((complete - of_items - of_raters + complete.mean()) ** 2).sum() / ((items - 1) * (raters - 1))
    between = raters * of_items.var(ddof=1)
    return bool(between + (items * of_raters.var(ddof=1) - left) / items > 1e-12)


def matrices(count: int) -> Iterator[tuple[int, Matrix, numpy.ndarray[Any, Any]]]:
    """Scores of two to five raters with ties and gaps, and the same as an array."""
    for seed in range(count):
        chance = random.Random(seed)
        raters, items = chance.randint(2, 5), chance.choice([3, 4, 6, 10, 25, 60])
        gaps = chance.choice([0.0, 0.0, 0.1, 0.3])
        noise = chance.choice([0.1, 0.5, 2.0])
        kind = chance.choice(["scale", "halves", "scores"])
        truth = [chance.gauss(3, 1) for _ in range(items)]

        def score(true: float, chance: random.Random = chance, kind: str = kind, noise: float = noise) -> float:
            given = chance.gauss(true, noise)
            if kind == "scores":
                return given * 1e3 + 1e5
            steps = 1 if kind == "scale" else 2
            return min(max(round(given * steps), steps), 5 * steps) / steps

        matrix: Matrix = [
            [None if chance.random() < gaps else score(true) for true in truth] for _ in range(raters)
        ]
        yield seed, matrix, numpy.array(matrix, dtype=float)


def coded(ratings: numpy.ndarray[Any, Any]) -> numpy.ndarray[Any, Any] | None:
    """The places of the scores among all distinct ones."""
    distinct = numpy.unique(ratings[~numpy.isnan(ratings)])
    return numpy.searchsorted(distinct, numpy.nan_to_num(ratings)) if 0 < len(distinct) <= 100 else None


def test_every_statistic_is_what_others_compute() -> None:
    seen: dict[str, int] = {}
    for seed, matrix, array in matrices(150):
        expected = theirs(array, coded(array))
        found = ours(agreement(matrix, resamples=0), lambda estimate: estimate.value)
        assert found.keys() == expected.keys()
        for name, each in expected.items():
            close(found[name], each, (seed, name))
            kind = name.split(" ")[-1]
            seen[kind] = seen.get(kind, 0) + (each is not None)
    assert len(seen) == 11 and min(seen.values()) >= 50, seen


def test_kappas_of_levels_are_what_others_compute() -> None:
    for seed in range(20):
        chance = random.Random(seed)
        levels = chance.randint(2, 12)
        truth = [chance.random() for _ in range(40)]
        array = numpy.array([[min(max(chance.gauss(true, 0.2), 0), 1) for true in truth] for _ in range(3)])
        codes = numpy.floor(array * (levels - 1) + 0.5).astype(int)
        expected = theirs(array, codes)
        found = ours(agreement(array, levels=levels, resamples=0), lambda estimate: estimate.value)
        for name, each in expected.items():
            close(found[name], each, (seed, name))


def resampled(items: int, resamples: int, seed: int) -> Iterator[list[int]]:
    """The items of each resample, as the documentation says that they are drawn (SplitMix64)."""
    most = 2**64
    state = seed
    for _ in range(resamples):
        drawn: list[int] = []
        for _ in range(items):
            state = (state + 0x9E3779B97F4A7C15) % most
            mixed = state
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 % most
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB % most
            mixed ^= mixed >> 31
            drawn.append(mixed * items // most)
        yield drawn


@pytest.mark.parametrize("seed", [0, 7])
def test_intervals_are_quantiles_of_what_others_compute_of_the_resamples(seed: int) -> None:
    chance = random.Random(seed)
    truth = [chance.randint(1, 5) for _ in range(30)]
    matrix: Matrix = [
        [None if chance.random() < 0.1 else min(max(true + chance.randint(-1, 1), 1), 5) for true in truth]
        for _ in range(3)
    ]
    array = numpy.array(matrix, dtype=float)
    codes = coded(array)
    assert codes is not None
    drawn: dict[str, list[float]] = {}
    for places in resampled(30, 40, seed):
        for name, each in theirs(array[:, places], codes[:, places]).items():
            assert each is not None
            drawn.setdefault(name, []).append(each)
    found = agreement(matrix, resamples=40, seed=seed)
    low, high = ours(found, lambda estimate: estimate.low), ours(found, lambda estimate: estimate.high)
    assert len(drawn) == 3 + 5 + 3 * 8 and low.keys() == drawn.keys()
    for name, each in drawn.items():
        close(low[name], float(numpy.quantile(each, 0.025)), name)
        close(high[name], float(numpy.quantile(each, 0.975)), name)


def test_ratings_come_in_many_forms() -> None:
    by_name = {"Ada": [1, 2, 3, None, 4, 5], "model": [2.0, 2.0, math.nan, 3.0, 4.0, 5.0]}
    found = agreement(by_name)
    assert found.raters == ("Ada", "model")
    assert (found.items, found.complete_items, found.pairs[0].items) == (6, 4, 4)
    frame = pandas.DataFrame(by_name)
    for given in (
        frame,
        frame.convert_dtypes(),
        frame.astype(object),
        {name: tuple(scores) for name, scores in by_name.items()},
        {name: numpy.array(scores, dtype=float) for name, scores in by_name.items()},
        {name: iter(scores) for name, scores in by_name.items()},
    ):
        assert agreement(given) == found
    unnamed = agreement(list(by_name.values()))
    assert unnamed.raters == ("1", "2")
    assert unnamed.krippendorff_alpha == found.krippendorff_alpha
    rows = frame.to_numpy(dtype=float).T
    assert agreement(rows) == agreement(rows.tolist()) == agreement(iter(rows)) == unnamed
    assert agreement(numpy.array([[1, 2, 3], [1, 2, 4]])).pairs[0].items == 3


def test_the_result_is_a_document() -> None:
    found = agreement({"Ada": [1, 2, 3, 4, 5], "model": [2, 2, 4, 4, 5]}, resamples=200, seed=3)
    assert (found.resamples, found.seed) == (200, 3)
    assert Agreement.from_json(found.to_json()) == Agreement.from_dict(found.to_dict()) == found
    assert found == agreement({"Ada": [1, 2, 3, 4, 5], "model": [2, 2, 4, 4, 5]}, resamples=200, seed=3)
    other = agreement({"Ada": [1, 2, 3, 4, 5], "model": [2, 2, 4, 4, 5]}, resamples=200, seed=4)
    assert value(other.icc_2_1) == value(found.icc_2_1) and other.icc_2_1 != found.icc_2_1
    assert repr(found) == "Agreement(raters=('Ada', 'model'), items=5, complete_items=5)"
    assert repr(found.pairs[0]) == "PairAgreement(first='Ada', second='model', items=5)"
    bias = found.pairs[0].bias
    assert bias is not None and bias.low is not None and bias.high is not None
    assert bias.low <= bias.value == -0.4 <= bias.high


def test_what_is_undefined_is_none() -> None:
    found = agreement([[0.1, 0.1, 0.1], [0.1, 0.1, 0.1]])
    assert found.krippendorff_alpha is None and found.icc_2_1 is None and found.icc_2_k is None
    pair = found.pairs[0]
    assert [getattr(pair, name) for name in PAIR] == [None] * 5
    assert pair.bias == agreement([[1, 2, 3], [1, 2, 3]]).pairs[0].bias
    few = agreement([[1, 2, None], [1, 3, 3]]).pairs[0]
    assert few.items == 2 and few.bias is None and few.limits_of_agreement is None
    no_intervals = agreement([[1, 2, 3], [1, 3, 3]], resamples=0).pairs[0].pearson
    assert no_intervals is not None and no_intervals.low is None and no_intervals.high is None


@pytest.mark.parametrize(
    ("ratings", "how", "message"),
    [
        ([], {}, "raters: 0 given, 2 to 50 allowed"),
        ([[1, 2, 3]], {}, "raters: 1 given, 2 to 50 allowed"),
        ([[1, 2, 3], [1, 2]], {}, "raters[1].scores: 2 given, 3 of raters[0]"),
        ([[], []], {}, "raters[0].scores: 0 given, 1 to 100000 allowed"),
        ([[1, 2, 3], [1, 2, math.inf]], {}, "raters[1].scores[2] is not within"),
        ([[1, 2, 3], [1, 2, "canary"]], {}, "agreement.raters[1].scores[2]: expected a number"),
        ([[1, 2, 3], "abc"], {}, "agreement.raters[1].scores[0]: expected a number"),
        ([[1, 2, 3], [1, 2, 3]], {"levels": 5}, "raters[0].scores[1] is not within 0 to 1, which levels are for"),
        ([[1, 0, 1], [1, 1, 0]], {"levels": 1}, "levels: 1 given, 2 to 100 allowed"),
        ([[1, 0, 1], [1, 1, 0]], {"resamples": 10_001}, "resamples: 10001 given, 0 to 10000 allowed"),
        ([[1, 0, 1], [1, 1, 0]], {"resamples": -1}, "agreement.resamples: expected a whole number, not negative"),
        ([[1, 0, 1], [1, 1, 0]], {"seed": 2**32}, "agreement.seed: expected a whole number, not negative"),
    ],
)
def test_wrong_ratings_say_where(ratings: Any, how: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        agreement(ratings, **how)
    assert str(caught.value).startswith(message)


def test_a_data_frame_with_two_columns_of_one_name() -> None:
    frame = pandas.DataFrame([[1, 2], [3, 4], [5, 6]], columns=["a", "a"])
    with pytest.raises(InvalidInputError, match="name is there twice"):
        vivavoce.agreement(frame)
