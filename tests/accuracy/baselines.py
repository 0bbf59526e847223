"""Plain measures of an answer: what the evaluator has to be better than."""

import collections
import re

import numpy as np
import pandas as pd

from common import HAN

# Of BM25, as is usual.
SATURATION, LENGTH_SHARE = 1.2, 0.75


def tokens(text: str) -> list[str]:
    """Words of Latin script and figures in lower case; of Chinese, single characters and pairs."""
    found = re.findall(r"[a-z0-9]+", text.lower())
    for run in re.findall(rf"[{HAN}]+", text):
        found += [*run, *(run[start : start + 2] for start in range(len(run) - 1))]
    return found


def baselines(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """What plain measures say of each row; how rare a token is, is told by the set's own answers."""
    answers = [collections.Counter(tokens(answer)) for answer in rows.answer]
    of_reference = {text: collections.Counter(tokens(text)) for text in rows.reference_answer.unique()}
    references = [of_reference[text] for text in rows.reference_answer]
    within = collections.Counter(token for answer in answers for token in answer)
    count = len(answers)
    idf = lambda token: np.log((count + 1) / (within[token] + 1)) + 1  # noqa: E731
    usual = np.mean([answer.total() for answer in answers])

    def recall(answer: collections.Counter, reference: collections.Counter) -> float:
        return sum(token in answer for token in reference) / max(len(reference), 1)

    def cosine(answer: collections.Counter, reference: collections.Counter) -> float:
        length = lambda text: np.sqrt(sum((times * idf(token)) ** 2 for token, times in text.items()))  # noqa: E731
        return sum(times * reference[token] * idf(token) ** 2 for token, times in answer.items() if token in reference) / max(length(answer) * length(reference), 1e-9)

    def bm25(answer: collections.Counter, reference: collections.Counter) -> float:
        room = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * answer.total() / usual)
        rarity = lambda token: np.log(1 + (count - within[token] + 0.5) / (within[token] + 0.5))  # noqa: E731
        return sum(rarity(token) * answer[token] * (SATURATION + 1) / (answer[token] + room) for token in reference if token in answer)

    def length(answer: collections.Counter, _: collections.Counter) -> float:
        return np.log1p(answer.total())

    measures = {"token recall": recall, "TF-IDF cosine": cosine, "BM25": bm25, "length alone (log of words)": length}
    return {name: np.array([measure(*pair) for pair in zip(answers, references)]) for name, measure in measures.items()}
