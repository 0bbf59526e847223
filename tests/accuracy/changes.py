"""Ways in which an honest answer is written otherwise and still says the same."""

import re

from common import HAN, generator, is_chinese, joined, table_of

TYPOS = 0.05
# One filler for about so many words.
WORDS_PER_FILLER = 10
TEXTS = table_of("texts.json")
BRITISH = {british: american for british, american in table_of("spellings.json")}
AMERICAN = {american: british for british, american in table_of("spellings.json")}
ROWS_OF_KEYS = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890"]
NEIGHBOURS = {key: row[max(place - 1, 0) : place] + row[place + 1 : place + 2] for row in ROWS_OF_KEYS for place, key in enumerate(row)}
# Nouns that have no plural, and get one from those who learn the language.
UNCOUNTABLE = "information advice knowledge equipment software hardware feedback traffic research evidence help work homework progress storage bandwidth electricity energy".split()
# No -s of a plural or third person.
KEEPS_ITS_S = {word + "s" for word in UNCOUNTABLE} | {"always", "perhaps", "besides", "sometimes"}


def script_of(text: str) -> str:
    """Which of the committed lists fits a text."""
    if not is_chinese(text):
        return "en"
    return "zh_cn" if re.search("[这们个为时会对说来过开关数结删储]", text) else "zh_tw"


def typos(text: str, key: str) -> str:
    """In 5 % of characters: two swapped, one dropped, one doubled, or the key beside it."""
    random = generator(f"typos {key}")
    found, place = [], 0
    while place < len(text):
        character = text[place]
        place += 1
        if character.isspace() or random.random() >= TYPOS:
            found.append(character)
            continue
        kind = random.integers(4)
        if kind == 0 and place < len(text):
            found += [text[place], character]
            place += 1
        elif kind == 1:
            pass
        elif kind == 3 and character.lower() in NEIGHBOURS:
            near = NEIGHBOURS[character.lower()]
            found.append(near[random.integers(len(near))])
        else:
            found += [character, character]
    return "".join(found)


def spoken(text: str, key: str) -> str:
    """As speech recognition writes: no capitals, no signs but those in figures, and fillers."""
    random = generator(f"fillers {key}")
    fillers = TEXTS["fillers"][script_of(text)]
    plain = re.sub(r"(?<!\d)[^\w\s]|[^\w\s](?!\d)|_", " ", text.lower())
    if is_chinese(text):
        parts = re.findall(rf"[{HAN}]{{1,4}}|[^\s{HAN}]+", plain)
        often = WORDS_PER_FILLER * 2 // 4
    else:
        parts = plain.split()
        often = WORDS_PER_FILLER
    said = []
    for part in parts:
        if random.random() < 1 / often:
            said.append(fillers[random.integers(len(fillers))])
        said.append(part)
    return ("" if is_chinese(text) else " ").join(said)


def respelled(text: str, key: str) -> str:
    """British spelling made American, and the other way round."""

    def other(found: re.Match) -> str:
        word = found[0]
        changed = BRITISH.get(word.lower()) or AMERICAN.get(word.lower()) or word
        return changed.capitalize() if word[0].isupper() and changed != word else changed

    return re.sub(r"[A-Za-z]+", other, text)


def non_native(text: str, key: str) -> str:
    """As those write who learn the language.

    English: without articles; every second -s of a plural or third person is missing, and nouns without a plural have one. Chinese: every second 的, and 了, are missing; 個 stands for
    other measure words.
    """
    if is_chinese(text):
        places = iter(range(len(text)))
        text = re.sub("的", lambda found: "的" if next(places) % 2 else "", text)
        general = "个" if script_of(text) == "zh_cn" else "個"
        return re.sub("(?<=[一二两兩三四五六七八九十每])[条條种種张張台项項]", general, text.replace("了", ""))
    text = re.sub(r"\b(?:the|an|a) (?=\w)", "", text, flags=re.IGNORECASE)
    text = re.sub(rf"\b({'|'.join(UNCOUNTABLE)})\b", r"\1s", text, flags=re.IGNORECASE)
    places = iter(range(len(text)))
    singular = lambda found: found[0] if found[0].lower() in KEEPS_ITS_S or next(places) % 2 else found[1]  # noqa: E731
    return re.sub(r"\b([A-Za-z]{2,}[^\Wsui_])s\b", singular, text)


def padded(text: str, key: str, count: int) -> str:
    """With so many sentences of fluff before it, and as many after it."""
    fluff = TEXTS["fluff"][script_of(text)]
    half = len(fluff) // 2
    start = int(generator(f"fluff {key}").integers(half))
    before = [fluff[(start + place) % half] for place in range(count)]
    after = [fluff[half + (start + place) % half] for place in range(count)]
    return joined([*before, text.strip(), *after])


CHANGES = {
    "typos in 5 % of characters": typos,
    "as speech recognition writes": spoken,
    "British and American spelling": respelled,
    "non-native phrasing": non_native,
    "one sentence of fluff before and after": lambda text, key: padded(text, key, 1),
    "three sentences of fluff before and after": lambda text, key: padded(text, key, 3),
}
