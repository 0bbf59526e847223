"""Learns the built-in evaluator's weights, and predicts scores with weights that were learned from other answers.

The model is small on purpose. Four measures of how an answer agrees with its reference, each twice (`core/src/evaluator/builtin/content.rs`), are brought to one scale and
averaged; a score is a base and so many times that average, where how many depends on the size of the reference and the script it is written in. To answers to short references is
added what single words are worth: which of the reference's words graders want to hear, and which may be said in place of which. All of it is found by one ridge regression: the
prior is one slope for all, and what differs from it costs. While learning, each question has an intercept of its own, so that nothing is learned from how strictly a question was
graded. Nothing here draws a random number.
"""

import json
import pathlib
import subprocess
import textwrap

import numpy as np
import pandas as pd
import scipy.sparse

SETS = ["beetle", "saf_en", "ads_zh", "le_zh_tw"]
# What stands for no answer in one of the sets.
BLANK = {"no submission", "empty submission", "empty response", "no response", ""}
MEASURES = 8
# The sizes of references, in words, between which slopes are interpolated. Of Chinese, a word is taken to be 1.7 characters.
SIZES = np.array([3.0, 9.0, 24.0, 60.0, 150.0])
# The variances of the prior: of the slope for all, of what a size and script adds to it, of a question's intercept, and of what the words of an answer are worth together, against a
# variance of 1 of a score.
SLOPE, ADDED, INTERCEPT, WORDS = 1.0, 0.05, 0.3, 0.3
# How much of what is added for one script is expected in the other.
SHARED = 0.3
# What is learned of words has to be found in so many answers and questions, and worth so much; what is less is left out of the library.
FEWEST_ANSWERS, FEWEST_QUESTIONS, LEAST = 10, 3, 0.03
# What stands for a word of the answer where none is said in place of the reference's: that it is said, and that it is not.
SAID, MISSED = 0, 1
# Who says more words than these instead does not make each of them say less.
MOST_INSTEAD = 3
# How many of a reference's words have to be known for it to be of a subject that was learned from: none of what was learned of words counts up to the first, all from the second on.
OF_ANOTHER, OF_THE_SUBJECT = 0.3, 0.6


def read(folder: pathlib.Path, name: str) -> pd.DataFrame:
    """The answers of a set that are none of the blank ones; `score` from 0 to 1."""
    rows = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
    said = rows.answer.str.strip().str.rstrip(".").str.lower()
    rows = rows[~said.isin(BLANK)].reset_index(drop=True)
    rows["score"] = rows.score.astype(float) / rows.score_max.astype(float)
    rows["set"] = name
    return rows


def ask(program: str, mode: str, rows: pd.DataFrame) -> pd.DataFrame:
    """What the evaluator says of these rows: `measure` or `score`."""
    lines = (json.dumps({key: row[key] for key in ("question", "reference_answer", "answer")}) for row in rows.to_dict("records"))
    done = subprocess.run([program, mode], input="\n".join(lines), stdout=subprocess.PIPE, text=True, check=True)
    return pd.DataFrame([json.loads(line) for line in done.stdout.splitlines()], index=rows.index)


def weights(rows: pd.DataFrame) -> np.ndarray:
    """What each row counts: a set and a question as the root of their answers, so that neither the largest nor the many decide."""
    size = rows.groupby(["set", "question_id"]).score.transform("size")
    root = np.sqrt(size) / size
    of_set = root.groupby(rows.set).transform("sum")
    result = root / of_set * np.sqrt(rows.groupby("set").score.transform("size"))
    return (result / result.mean()).to_numpy()


def sizes(measured: pd.DataFrame) -> np.ndarray:
    """For each row, how much of each of the sizes its reference has."""
    size = np.where(measured.is_unspaced, measured["size"] / 1.7, measured["size"])
    return np.stack([np.interp(size, SIZES, np.eye(len(SIZES))[place]) for place in range(len(SIZES))], axis=1)


class Wordings:
    """What answers have of the words of a short reference: each word that is said, each that is not, and each of these with each word that is said in its place."""

    def __init__(self, measured: pd.DataFrame) -> None:
        of_row, codes = [], []
        self.reference = [np.array([] if words is None else words["said"] + words["missed"], dtype=np.uint64) for words in measured.words]
        self.root = np.ones(len(measured))
        for row, words in enumerate(measured.words):
            if words is None:
                continue
            said, missed, instead = (np.array(words[part], dtype=np.uint64) for part in ("said", "missed", "instead"))
            first = np.concatenate([np.array([SAID] * len(said) + [MISSED] * len(missed), dtype=np.uint64), np.repeat(instead, len(missed))])
            codes.append(first << np.uint64(32) | np.concatenate([said, missed, np.tile(missed, len(instead))]))
            of_row.append(np.full(len(first), row))
            self.root[row] = max(np.sqrt(len(said) + len(missed) * (1 + min(len(instead), MOST_INSTEAD))), 1)
        self.row = np.concatenate(of_row) if of_row else np.array([], dtype=int)
        self.code = np.concatenate(codes) if codes else np.array([], dtype=np.uint64)

    def often(self, question: np.ndarray) -> np.ndarray:
        """What enough answers to enough questions have, in rising order."""
        codes, at, answers = np.unique(self.code, return_inverse=True, return_counts=True)
        pairs = np.unique(np.stack([at, question[self.row]]), axis=1)
        questions = np.bincount(pairs[0], minlength=len(codes))
        return codes[(answers >= FEWEST_ANSWERS) & (questions >= FEWEST_QUESTIONS)]

    def matrix(self, codes: np.ndarray) -> scipy.sparse.csr_array:
        """For each answer, which of these it has; the less each counts, the more it has in all, known or not."""
        at = np.searchsorted(codes, self.code)
        known = at < len(codes)
        known[known] = codes[at[known]] == self.code[known]
        row = self.row[known]
        return scipy.sparse.csr_array((1 / self.root[row], (row, at[known])), shape=(len(self.root), len(codes)))

    def of_subject(self, known: np.ndarray) -> np.ndarray:
        """How far each reference is of a subject that was learned from."""
        share = np.array([np.isin(words, known).mean() if len(words) else 0.0 for words in self.reference])
        return np.clip((share - OF_ANOTHER) / (OF_THE_SUBJECT - OF_ANOTHER), 0, 1)


class Weights:
    """What is learned: base, mean and deviation of the measures, a slope for each script and size, and what words are worth."""

    def __init__(self, rows: pd.DataFrame, measured: pd.DataFrame) -> None:
        count = weights(rows)
        values = np.array(measured.measures.tolist())
        self.mean = np.average(values, axis=0, weights=count)
        self.deviation = np.sqrt(np.average((values - self.mean) ** 2, axis=0, weights=count))
        self.base = np.average(rows.score, weights=count)
        composite, share, unspaced = self.composite(measured), sizes(measured), measured.is_unspaced.to_numpy()
        script = np.where(unspaced[:, None] == unspaced[None], 1.0, SHARED)
        kernel = np.outer(composite, composite) * (SLOPE + ADDED * (share @ share.T) * script)
        question = pd.factorize(rows.set + "/" + rows.question_id)[0]
        wordings = Wordings(measured)
        self.codes = wordings.often(question)
        said = wordings.matrix(self.codes)
        kernel_all = kernel + WORDS * (said @ said.T).toarray() + INTERCEPT * (question[:, None] == question[None])
        dual = np.linalg.solve(kernel_all + np.diag(1 / count), rows.score.to_numpy() - self.base)
        by_script = [dual * composite * (unspaced == which) for which in (False, True)]
        slope = SLOPE * (dual @ composite)
        own = [ADDED * (part @ share) for part in by_script]
        self.slopes = np.stack([slope + own[0] + SHARED * own[1], slope + own[1] + SHARED * own[0]])
        self.worth = WORDS * (said.T @ dual)
        kept = np.abs(self.worth) >= LEAST
        self.codes, self.worth = self.codes[kept], self.worth[kept]
        self.known = np.unique(self.codes & np.uint64(0xFFFFFFFF))

    def composite(self, measured: pd.DataFrame) -> np.ndarray:
        values = np.array(measured.measures.tolist())
        return np.clip((values - self.mean) / self.deviation, -3, 3).mean(axis=1)

    def predict(self, measured: pd.DataFrame) -> np.ndarray:
        """Scores from 0 to 1, without what is taken from lists, shuffled words and statements turned round."""
        slopes = (sizes(measured) * self.slopes[measured.is_unspaced.astype(int)]).sum(axis=1)
        wordings = Wordings(measured)
        words = wordings.matrix(self.codes) @ self.worth * wordings.of_subject(self.known)
        return np.clip(self.base + slopes * self.composite(measured) + words, 0, 1)

    def write(self, path: pathlib.Path, rows: pd.DataFrame) -> None:
        numbers = lambda values: ", ".join(f"{value:.6f}" for value in values)  # noqa: E731
        lines = lambda values: "\n".join(textwrap.wrap(", ".join(map(str, values)), 180))  # noqa: E731
        sets = ", ".join(f"{name} ({sum(rows.set == name):,})" for name in SETS)
        path.write_text(f"""//! What was learned from answers scored by people. Written by `make weights`; do not edit.
//!
//! From: {sets} answers. SAF 2.0 (Filighera et al., ACL 2022; MIT), SemEval-2013 task 7 (Dzikovska et al.; CC BY 4.0), SAS-Datasets (Apache-2.0).

/// The mean of each measure, and its standard deviation.
pub(super) const MEAN: [f64; {MEASURES}] = [{numbers(self.mean)}];
pub(super) const DEVIATION: [f64; {MEASURES}] = [{numbers(self.deviation)}];
/// The score of an answer that agrees as answers do on average.
pub(super) const BASE: f64 = {self.base:.6f};
/// The sizes of references, in words, between which slopes are interpolated.
pub(super) const SIZES: [f64; {len(SIZES)}] = [{", ".join(f"{size:.1f}" for size in SIZES)}];
/// How much better an answer is that agrees a standard deviation more: for each size, of scripts with spaces, and of those without.
pub(super) const SLOPES: [[f64; {len(SIZES)}]; 2] = [[{numbers(self.slopes[0])}], [{numbers(self.slopes[1])}]];
/// The words of references that something was learned of, by half their keys.
#[rustfmt::skip]
pub(super) static KNOWN: [u32; {len(self.known)}] = [
{lines(self.known)}
];
/// What words are worth, in rising order: half the key of a word of the answer, or 0 where the reference's word is said, or 1 where it is not and no other counts; then half the
/// key of the reference's word.
#[rustfmt::skip]
pub(super) static WORDS: [u64; {len(self.codes)}] = [
{lines(self.codes)}
];
/// What each of them is worth, in thousandths.
#[rustfmt::skip]
pub(super) static WORTH: [i16; {len(self.worth)}] = [
{lines(np.rint(self.worth * 1000).astype(int))}
];
""")


def together(program: str, folder: pathlib.Path, names: list[str] = SETS) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = pd.concat([read(folder, name) for name in names], ignore_index=True)
    return rows, ask(program, "measure", rows)


if __name__ == "__main__":
    import sys

    program, folder, target = sys.argv[1:]
    rows, measured = together(program, pathlib.Path(folder))
    Weights(rows, measured).write(pathlib.Path(target), rows)
