"""What those get who want a score without an answer."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from common import LONGEST, SETS, Context, Report, content_words, generator, is_chinese, joined, sentences, table_of, words

# Of what the honest full answer gets, on average; and above this score no attack may be.
RATIO_GOAL, HIGHEST_GOAL = 0.3, 0.5
# References of fewer content words are listed on their own: there, most of an answer is in its words.
SHORT_REFERENCE = 8
SHUFFLES = 3
TEXTS = table_of("texts.json")

AUXILIARY = r"is|are|was|were|am|will|would|can|could|should|shall|must|may|might|do|does|did"
ALREADY_NEGATED = re.compile(rf"\b({AUXILIARY}|ca|wo)(?:n['’]t| not| no)\b", re.IGNORECASE)
TO_NEGATE = re.compile(rf"\b(?!do\b|does\b|did\b)({AUXILIARY})\b", re.IGNORECASE)
HAN_NEGATED = re.compile("(?:不|没|沒)(?=[是能会會可需有用要])")
HAN_TO_NEGATE = re.compile("(?<!只)(?=是(?!否)|能|会|會|可以|需要|(?<![主需重])要)")


def language(name: str) -> str:
    """The language of a set, as the committed lists have it."""
    return {"ads_zh": "zh_cn", "ads_zh_tw": "zh_tw", "le_zh_tw": "zh_tw"}.get(name, "en")


def negated(sentence: str) -> str:
    """The opposite of a sentence."""
    if is_chinese(sentence):
        if HAN_NEGATED.search(sentence):
            return HAN_NEGATED.sub("", sentence, count=1)
        if HAN_TO_NEGATE.search(sentence):
            return HAN_TO_NEGATE.sub("不", sentence, count=1)
        return "不是" + sentence
    if ALREADY_NEGATED.search(sentence):
        whole = {"ca": "can", "wo": "will"}
        return ALREADY_NEGATED.sub(lambda found: whole.get(found[1].lower(), found[1]), sentence, count=1)
    if TO_NEGATE.search(sentence):
        return TO_NEGATE.sub(r"\1 not", sentence, count=1)
    return "It is not true that " + sentence[:1].lower() + sentence[1:]


def long_texts(of: str) -> list[tuple[str, str]]:
    """Texts of 30,000 characters: the same for every question."""
    random = generator(f"long {of}")
    separator = " " if of == "en" else ""
    common = separator.join(random.choice(TEXTS["common_words"][of], LONGEST))
    lorem = " ".join(random.choice(TEXTS["lorem"], LONGEST // 4))
    every = [sentence for text in TEXTS["off_topic"][of] for sentence in sentences(text)]
    varied = joined([with_a_change(every[place % len(every)], TEXTS["common_words"][of], random) for place in range(LONGEST // 20)])
    letter = "a" if of == "en" else "一"
    return [
        ("30,000 characters: random common words", common[:LONGEST]),
        ("30,000 characters: one letter", letter * LONGEST),
        ("30,000 characters: one letter, spaced", f"{letter} " * (LONGEST // 2)),
        ("30,000 characters: lorem ipsum", lorem[:LONGEST]),
        ("30,000 characters: off-topic text with variations", varied[:LONGEST]),
    ]


def with_a_change(sentence: str, common: list[str], random: np.random.Generator) -> str:
    """A sentence with one of its words exchanged."""
    parts = words(sentence)
    return sentence.replace(parts[random.integers(len(parts))], common[random.integers(len(common))], 1)


def attacks(question: str, reference: str, honest: str, of: str) -> Iterator[tuple[str, str]]:
    """The texts that are tried against a question, with the name of the attack."""
    yield "the question, once", question
    yield "the question, three times", joined([question] * 3)
    keywords = content_words(reference)
    yield "keyword list, with commas", ", ".join(keywords)
    yield "keyword list, with spaces", " ".join(keywords)
    separator = "" if is_chinese(reference) else " "
    for seed in range(SHUFFLES):
        yield "the reference's words shuffled", separator.join(generator(f"shuffle {seed} {reference}").permutation(words(reference)))
    for text in TEXTS["off_topic"][of]:
        yield "off-topic fluent text", text
    yield "the honest answer negated", joined([negated(sentence) for sentence in sentences(honest)])
    for text in TEXTS["instructions"][of]:
        yield "instructions to the grader", text
    if of != "en":
        for text in TEXTS["instructions"]["en"]:
            yield "instructions to the grader", text
    yield "the honest first sentence fifty times", joined([sentences(honest)[0]] * 50)[:LONGEST]


def tried(context: Context, name: str) -> pd.DataFrame:
    """Each attack on each question of a set, with its score and that of the honest answer: the first one that people gave the full score."""
    rows = context.rows(name)
    full = rows[rows.score >= 1].drop_duplicates("question_id")
    honest_scores = context.shipped(name).score
    long = long_texts(language(name))
    found = []
    for place, row in full.iterrows():
        reference = row.reference_answer.split(" ||| ")[0]
        shared = {
            "question_id": row.question_id,
            "question": row.question,
            "reference_answer": row.reference_answer,
            "honest": honest_scores[place],
            "is_short": len(content_words(reference)) < SHORT_REFERENCE,
        }
        found += [shared | {"attack": attack, "answer": text} for attack, text in [*attacks(row.question, reference, row.answer, language(name)), *long]]
    result = pd.DataFrame(found)
    result["score"] = context.score(result)
    return result.assign(set=name)


def table(report: Report, tries: pd.DataFrame) -> None:
    """One row for each attack."""
    rows = []
    for attack, of in tries.groupby("attack", sort=False):
        ratio = of.score / of.honest
        does = ratio.mean() <= RATIO_GOAL and of.score.max() <= HIGHEST_GOAL
        shares = [f"{(ratio > RATIO_GOAL).mean():.0%}", f"{of.score.max():.2f}", f"{(of.score > HIGHEST_GOAL).mean():.1%}"]
        rows.append([str(attack), str(len(of)), f"{of.score.mean():.3f}", f"{ratio.mean():.3f}", *shares, "yes" if does else "**no**"])
    report.table(["attack", "n", "mean score", "mean of score / honest", "above 0.3 of honest", "highest", "above 0.5", "reached"], rows)


def section(context: Context, report: Report) -> None:
    report.title("Attacks")
    report.say(
        "Against every question of every set. The honest answer is the first one that people gave the full score, with the score that the library gives it. Goals for each "
        f"attack: on average at most {RATIO_GOAL} of the honest answer's score, and none above {HIGHEST_GOAL}. Chinese is shuffled and listed in function words and pieces of "
        "two characters. Negated by rule, sentence by sentence: of a long sentence, a part may still be right."
    )
    tries = pd.concat([tried(context, name) for name in SETS], ignore_index=True)
    honest = tries.drop_duplicates(["set", "question_id"])
    report.say(f"The {len(honest)} honest answers have {honest.honest.mean():.2f} on average, the lowest {honest.honest.min():.2f}.")
    for title, of in [
        (f"References of at least {SHORT_REFERENCE} content words", tries[~tries.is_short]),
        (f"References of fewer than {SHORT_REFERENCE} content words", tries[tries.is_short]),
    ]:
        report.title(f"{title}: {len(of.drop_duplicates(['set', 'question_id']))}", 3)
        table(report, of)
    report.title("Each set: mean of score / honest", 3)
    ratios = tries.assign(ratio=tries.score / tries.honest).pivot_table(index="attack", columns="set", values="ratio", sort=False)
    report.table(["attack", *SETS], [[str(attack), *(f"{row[name]:.2f}" for name in SETS)] for attack, row in ratios.iterrows()])
