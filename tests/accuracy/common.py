"""What the sections of the measurement share: the data, the evaluator, words, and a report that is written and printed at once."""

import dataclasses
import functools
import json
import pathlib
import re

import numpy as np
import pandas as pd

import learn

HERE = pathlib.Path(__file__).parent
# What is measured: the sets that are learned from, and one that is the same as another in Traditional Chinese.
SETS = ["beetle", "saf_en", "ads_zh", "ads_zh_tw", "le_zh_tw"]
# Every random choice starts from this number and from a name of what it is for.
SEED = 20261125
# An answer may have 32,000 characters.
LONGEST = 30_000

HAN = "\u3400-\u9fff"
TOKEN = re.compile(rf"[{HAN}]+|\d+(?:[.,]\d+)+|[^\W_{HAN}]+(?:['’][^\W_{HAN}]+)*")
# Words that say nothing of their own. The Chinese ones also say where one word ends and another begins.
FUNCTION_WORDS = set(
    "a an the and or but nor so if then than that this these those there here it its they them their he she his her we you i me my our your of in on at to from by "
    "for with without into onto over under between about as is are was were be been being am do does did has have had will would can could shall should may might "
    "must not no which who whom whose what when where why how because since while also only just very more most some any each both all such same other".split()
)
FUNCTION_HAN = re.compile(
    "(因為|因为|所以|如果|可以|以及|或者|並且|并且|而且|但是|由於|由于|需要|就是|這個|这个|這種|这种|這樣|这样|它們|它们|一個|一个|一種|一种|"
    "[的是在和與与了就都而及或也為为以其之於于將将被把對对從从到由則则會会能要有個个這这那它他她們们])"
)


def table_of(name: str) -> dict:
    """One of the committed files of lists."""
    return json.loads((HERE / name).read_text())


def generator(purpose: str) -> np.random.Generator:
    """A source of random numbers that is the same in every run, and another for each purpose."""
    return np.random.default_rng([SEED, *purpose.encode()])


def is_chinese(text: str) -> bool:
    return re.search(rf"[{HAN}]", text) is not None


def words(text: str) -> list[str]:
    """Words in order, as they are written: of Chinese, function words, and what is between them in pieces of two characters."""
    found = []
    for token in TOKEN.findall(text):
        if not is_chinese(token):
            found.append(token)
            continue
        for part in FUNCTION_HAN.split(token):
            if FUNCTION_HAN.fullmatch(part):
                found.append(part)
            else:
                found += [part[start : start + 2] for start in range(0, len(part), 2)]
    return found


def content_words(text: str) -> list[str]:
    """The words that say something, each once."""
    return list(dict.fromkeys(word for word in words(text) if word.lower() not in FUNCTION_WORDS and not FUNCTION_HAN.fullmatch(word)))


def sentences(text: str) -> list[str]:
    """The sentences of a text, with the sign that ends each."""
    return [part.strip() for part in re.findall(r"(?:[^.!?。！？\n]|[.!?](?=\S)|(?<=\be\.g)\.|(?<=\bi\.e)\.)+[.!?。！？]*", text) if part.strip()]


def joined(parts: list[str]) -> str:
    """Sentences one after the other."""
    return "".join(part if not before or is_chinese(before[-1:]) or before[-1:] in "。！？" else f" {part}" for before, part in zip(["", *parts], parts))


@dataclasses.dataclass(eq=False)
class Context:
    """What is measured with what."""

    program: str
    folder: pathlib.Path
    # Where plots go; nowhere if no page is written.
    plots: pathlib.Path | None

    @functools.cache
    def rows(self, name: str) -> pd.DataFrame:
        """The answers of a set."""
        return learn.read(self.folder, name)

    @functools.cache
    def shipped(self, name: str) -> pd.DataFrame:
        """What ships says of the answers of a set."""
        return learn.ask(self.program, "score", self.rows(name))

    @functools.cache
    def measured(self, name: str) -> pd.DataFrame:
        """The measures of the answers of a set."""
        return learn.ask(self.program, "measure", self.rows(name))

    def score(self, asked: pd.DataFrame) -> np.ndarray:
        """What ships says of answers that are in no set."""
        return learn.ask(self.program, "score", asked.reset_index(drop=True)).score.to_numpy()


class Report:
    """Lines of Markdown; rows of tables are printed as they come."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def title(self, text: str, depth: int = 2) -> None:
        print(f"\n{text}", flush=True)
        self.lines += ["#" * depth + " " + text, ""]

    def say(self, text: str) -> None:
        self.lines += [text, ""]

    def table(self, head: list[str], rows: list[list[str]]) -> None:
        self.lines += ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
        for row in rows:
            print("  ".join(f"{name}={cell}" if name else cell for name, cell in zip(["", *head[1:]], row)), flush=True)
            self.lines.append("| " + " | ".join(row) + " |")
        self.lines.append("")

    def plot(self, context: Context, name: str, figure, meaning: str) -> None:
        """Writes a figure beside the page, the same bytes in every run."""
        if context.plots is None:
            return
        context.plots.mkdir(parents=True, exist_ok=True)
        figure.savefig(context.plots / f"{name}.svg", metadata={"Date": None})
        self.lines += [f"![{meaning}]({context.plots.name}/{name}.svg)", ""]


def reached(yes: bool) -> str:
    return "yes" if yes else "**no**"
