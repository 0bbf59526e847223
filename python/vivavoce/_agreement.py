"""How far raters agree, people or models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from vivavoce._native import Agreement
from vivavoce._native import agreement as _agreement

if TYPE_CHECKING:
    from vivavoce.types import RatingsInput


def agreement(
    ratings: RatingsInput, *, levels: int | None = None, resamples: int = 1000, seed: int = 0
) -> Agreement:
    """How far raters agree, people or models: correlations, kappas, intraclass correlations, Krippendorff's alpha, bias and limits of agreement, each with a 95 % interval.

    A statistic is None where its formula has no value, and never a guess: with fewer than 3 items, where scores that should differ are all the same, where there are no
    categories. Each attribute says when.

    An interval is the 2.5 % and the 97.5 % quantile of the statistic over resamples of the items (percentile bootstrap). The same ratings, resamples and seed give the same
    intervals on every machine.

    Args:
        ratings: The scores of each rater, of the same items in the same order: a dict by the rater's name, a pandas `DataFrame` with a column for each rater and a row for each
            item, or a sequence with the scores of each, such as a list of lists or the rows of an array, whose raters are then named `1`, `2` and so on. 2 to 50 raters, at most
            100,000 items; None or NaN is a gap.
        levels: How many categories the kappas see, 2 to 100: scores of 0 to 1 count as the nearest of so many equally spaced levels, and as the upper one halfway. When not
            given, the distinct scores of all raters are the categories, which suits scales of whole numbers. Nothing else looks at it.
        resamples: How many resamples the intervals are of, up to 10,000; with 0 there are none. Three raters of 10,000 items with 1,000 resamples take one to two seconds, without
            the GIL.
        seed: Where the generator of the resamples starts, 0 to 2**32 - 1.

    Returns:
        Agreement: Of each pair of raters, of their means, and of all together.

    Raises:
        InvalidInputError: Fewer than two raters, different numbers of scores, a score that is no finite number, `levels` with scores outside 0 to 1, or more than the limits allow.

    Example:
        >>> import vivavoce
        >>> found = vivavoce.agreement({"Ada": [1, 2, 3, 4, 5], "model": [2, 2, 4, None, 5]})
        >>> pair = found.pairs[0]
        >>> pair.first, pair.second, pair.items, pair.bias.value
        ('Ada', 'model', 4, -0.5)
        >>> round(found.krippendorff_alpha.value, 3)
        0.891
    """
    # Of a mapping and of a data frame alike.
    named: Any = getattr(ratings, "items", None)
    rows = cast(
        "Iterable[tuple[object, Any]]",
        named() if callable(named) else enumerate(cast("Iterable[Any]", ratings), 1),
    )
    raters = [{"name": str(name), "scores": _scores(scores)} for name, scores in rows]
    return _agreement({"raters": raters, "levels": levels, "resamples": resamples, "seed": seed})


def _scores(given: Any) -> list[Any]:
    if hasattr(given, "notna"):
        # A pandas series, whose gaps are of several kinds.
        given = given.astype(object).where(given.notna(), None)
    # NumPy's numbers as Python's own, which are read faster.
    scores: Iterable[Any] = given.tolist() if hasattr(given, "tolist") else given
    # What is no number is not equal to itself.
    return [None if score is None or score != score else score for score in scores]
