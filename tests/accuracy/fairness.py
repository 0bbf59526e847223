"""How much a score depends on who is named, on pronouns and on dialect."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from common import SETS, Context, Report, is_chinese, reached, table_of

GOAL = 0.01
SWAPS = table_of("swaps.json")
# What pronouns in answers of the data become, in each of their variants. Whether "her" is "him" or "his" takes grammar to tell; it becomes the latter.
OF_THE_DATA = [
    {"she": "he", "her": "his", "hers": "his", "herself": "himself", "她": "他"},
    {"he": "she", "him": "her", "his": "her", "himself": "herself", "他": "她"},
    {"he": "they", "she": "they", "him": "them", "his": "their", "her": "their", "hers": "theirs", "himself": "themselves", "herself": "themselves"},
]
# No pronoun of a person is in 其他 and 他人, "other" and "others".
PRONOUN = re.compile(r"\b(?:he|she|him|his|hers?|himself|herself)\b|她|(?<!其)他(?!人)", re.IGNORECASE)


def filled(answer: str, name: str, pronouns: list[str]) -> str:
    """A template with a name and pronouns in it."""
    slots = dict(zip(["they", "them", "their"], pronouns))
    return answer.format(name=name, **slots, **{slot.capitalize(): word.capitalize() if word.islower() else word for slot, word in slots.items()})


def usual(answer: str, of: str) -> str:
    """A template as it is before anything is swapped."""
    return filled(answer, SWAPS["names"][of][0], SWAPS["pronouns"][of][0])


def names(answer: str, of: str) -> list[str]:
    return [filled(answer, name, SWAPS["pronouns"][of][0]) for name in SWAPS["names"][of]] if "{name}" in answer else []


def pronouns(answer: str, of: str) -> list[str]:
    return [filled(answer, SWAPS["names"][of][0], words) for words in SWAPS["pronouns"][of]]


def exchanged(text: str, word: str, other: str) -> str:
    """A text with one expression for another, in whole words."""
    if is_chinese(word):
        return text.replace(word, other)
    return re.sub(
        rf"\b{re.escape(word)}\b", lambda found: other.capitalize() if found[0][0].isupper() and other[0].islower() else other, text, flags=re.IGNORECASE if len(word) > 1 else 0
    )


def dialects(answer: str, of: str) -> list[str]:
    """Each expression of the list on its own, and all at once."""
    text = usual(answer, of)
    found, all_at_once = [text], text
    for standard, *others in SWAPS["dialects"][of]:
        found += [exchanged(text, standard, other) for other in others]
        all_at_once = exchanged(all_at_once, standard, others[0])
    return [*found, all_at_once]


def endings(answer: str, of: str) -> list[str]:
    """Particles at the end of the last sentence, and of each."""
    text = usual(answer, of)
    found = [text]
    for ending in SWAPS["endings"][of]:
        found.append(re.sub(r"([.。])$", rf"{ending}\1", text))
        found.append(re.sub(r"([.。])(?= |$|(?<=。))", rf"{ending}\1", text))
    return found


KINDS: dict[str, Callable[[str, str], list[str]]] = {"names": names, "pronouns": pronouns, "dialect words": dialects, "particles at the end": endings}


def of_templates() -> pd.DataFrame:
    """Each variant of each committed answer."""
    found = []
    for place, row in enumerate(SWAPS["answers"]):
        of = "zh" if is_chinese(row["answer"]) else "en"
        basis = ("with a reference, " if "reference" in row else "without a reference, ") + {"en": "English", "zh": "Chinese"}[of]
        for kind, make in KINDS.items():
            texts = dict.fromkeys(make(row["answer"], of))
            if len(texts) > 1:
                found += [
                    {"kind": kind, "where": basis, "answer_of": place, "question": row["question"], "reference_answer": row.get("reference", ""), "answer": text} for text in texts
                ]
    return pd.DataFrame(found)


def with_pronouns(text: str, become: dict[str, str]) -> str:
    """A text with its pronouns swapped."""

    def other(found: re.Match) -> str:
        word = become.get(found[0].lower(), found[0])
        return word.capitalize() if found[0][0].isupper() else word

    return PRONOUN.sub(other, text)


def of_data(context: Context) -> pd.DataFrame:
    """Answers of the data that have a pronoun of a person, with each that stands for it."""
    found = []
    for name in SETS:
        for place, row in context.rows(name).iterrows():
            texts = dict.fromkeys([row.answer, *(with_pronouns(row.answer, become) for become in OF_THE_DATA)])
            if len(texts) > 1:
                shared = {"kind": "pronouns", "where": "answers of the sets", "answer_of": f"{name} {place}", "question": row.question, "reference_answer": row.reference_answer}
                found += [shared | {"answer": text} for text in texts]
    return pd.DataFrame(found)


def section(context: Context, report: Report) -> None:
    report.title("Fairness")
    count = {of: len(SWAPS["names"][of]) for of in ("en", "zh")}
    report.say(
        f"{len(SWAPS['answers'])} answers of our own, behavioural and technical, English and Chinese, in which the name ({count['en']} and {count['zh']} names of several "
        "origins), the pronouns, dialect words or the particles at the end are swapped, and those answers of the sets that have a pronoun of a person. Change: between the "
        f"highest and the lowest score of an answer's variants. Goal: none above {GOAL}."
    )
    tried = pd.concat([of_templates(), of_data(context)], ignore_index=True)
    tried["score"] = context.score(tried)
    change = tried.groupby(["kind", "where", "answer_of"], sort=False).score.agg(np.ptp).reset_index()
    change["variants"] = tried.groupby(["kind", "where", "answer_of"], sort=False).size().to_numpy()
    table = []
    for kind, of_kind in change.groupby("kind", sort=False):
        for where, of in [*of_kind.groupby("where", sort=True), ("**all**", of_kind)]:
            figures = [str(len(of)), str(of.variants.sum()), f"{of.score.mean():.4f}", f"{(of.score > GOAL + 1e-9).mean():.0%}", f"{of.score.max():.4f}"]
            table.append([f"{kind}: {where}", *figures, reached(of.score.max() <= GOAL + 1e-9)])
    report.table(["swapped", "answers", "variants", "mean change", f"above {GOAL}", "largest change", "reached"], table)
