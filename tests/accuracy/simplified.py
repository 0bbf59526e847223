"""Writes which simplified character stands for each frequent traditional one, for the built-in evaluator: simplified.py TSCharacters.txt TARGET.rs.

TSCharacters.txt is a table of OpenCC (https://github.com/BYVoid/OpenCC, Apache-2.0), as the package opencc-python-reimplemented 0.1.7 has it. Frequent are the 5,401 characters of
the first level of Big5. Where a traditional character has several simplified ones, the first counts.
"""

import pathlib
import sys

IN_A_LINE = 50


def is_frequent(character: str) -> bool:
    try:
        return b"\xa4\x40" <= character.encode("big5") < b"\xc9\x40"
    except UnicodeEncodeError:
        return False


if __name__ == "__main__":
    source, target = map(pathlib.Path, sys.argv[1:])
    rows = [line.split("\t") for line in source.read_text().splitlines()]
    pairs = sorted(traditional + simplified.split()[0] for traditional, simplified in rows if is_frequent(traditional))
    pairs = [pair for pair in pairs if pair[0] != pair[1] and all("\u0800" <= character <= "\uffff" for character in pair)]
    lines = ["".join(pairs[place : place + IN_A_LINE]) for place in range(0, len(pairs), IN_A_LINE)]
    text = " \\\n    ".join(lines)
    target.write_text(f"""//! Frequent traditional characters, each followed by the simplified one. Written by `tests/accuracy/simplified.py`; do not edit.
//!
//! From the table TSCharacters of OpenCC (<https://github.com/BYVoid/OpenCC>; Apache-2.0).

pub(super) const PAIRS: &str = "\\
    {text}";
""".replace(" \\\n", "\\\n"))
