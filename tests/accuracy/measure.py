"""Measures the built-in evaluator against people, and against those who would mislead it: measure.py PROGRAM DATA_FOLDER TARGET.md [--only SECTION].

PROGRAM is `vivavoce-accuracy`. The page is written to TARGET.md and its plots to a folder of the same name beside it. With --only, one section runs and is printed, and nothing is
written. The same program and data give the same page.
"""

import argparse
import importlib
import pathlib

from common import SEED, Context, Report

SECTIONS = ["agreement", "calibration", "graders", "robustness", "attacks", "fairness"]

BEGIN = f"""# How accurate the built-in evaluator is

What `make accuracy` wrote: do not edit. The built-in evaluator is measured as it ships, on answers that people scored, on the same answers disturbed, and on texts that try to
get a score for nothing. The same library and data give this page again; every random choice starts from the seed {SEED}.

## How to read it

- Scores go from 0 to 1. r is Pearson's correlation with people's scores: 1 is perfect, 0 is chance. Pooled r is over all answers of a set. r within questions compares only
  answers to the same question, which is what ranking candidates needs.
- An interval that holds a goal leaves open whether it is reached. Where a goal is said, "yes" and "no" go by the figure itself.
- The evaluator compares words, not meanings. Right answers in other words score too low, and wrong ones in the right words too high. It is no judge on its own.
- Blank answers and those that say "no response" are left out: they are easy, and would raise every correlation.
- People disagree too: on one set with two graders, which is not among these, they correlate at 0.60.
"""

DATA = """## Where the data is from

Nothing of these texts is in this repository; only what was learned from them, as numbers.

| set | what it is | source | licence |
| --- | --- | --- | --- |
| saf_en | communication networks, at a university | Short Answer Feedback 2.0, Filighera et al., ACL 2022 | MIT |
| beetle | basic electricity, short answers to a tutor; correct is 1, partly correct 0.5, all else 0 | SemEval-2013 task 7, Dzikovska et al. | CC BY 4.0 |
| ads_zh, ads_zh_tw | algorithms and data structures in Simplified Chinese, and the same converted to Traditional by OpenCC | SAS-Datasets | Apache-2.0 |
| le_zh_tw | logistics, very short; many answers are nearly copied from the reference, so that it is too easy to steer by | SAS-Datasets | Apache-2.0 |

Lists and texts of our own are in `tests/accuracy`: off-topic texts, fluff and instructions (`texts.json`), paraphrases (`paraphrases.json`), spellings (`spellings.json`), names,
pronouns, dialects and the answers they are put in (`swaps.json`).
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--only", choices=SECTIONS)
    given = parser.parse_args()
    context = Context(given.program, given.data, None if given.only else given.target.with_suffix(""))
    report = Report()
    for name in [given.only] if given.only else SECTIONS:
        importlib.import_module(name).section(context, report)
    if not given.only:
        given.target.parent.mkdir(parents=True, exist_ok=True)
        given.target.write_text("\n".join([BEGIN, *report.lines, DATA]))


if __name__ == "__main__":
    main()
