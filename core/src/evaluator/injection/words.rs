//! The words of an answer, for comparing them with those of phrases.

use std::ops::Range;

use super::folding::Glyph;
use super::known::{Id, Known, SHORTEST_SPELT};
use crate::evaluator::scripts::is_unspaced;

/// So many letters in a row that stand apart are a spelt word.
const SPELT: usize = 5;
/// Words from this length may be several written as one.
const RUN_TOGETHER: usize = 14;
/// A known word may be written in so many parts.
const MOST_PARTS: usize = 3;
/// Shorter known words are not put together from parts, which may be words; one letter less where no part is a known word.
const RUN_OF_PARTS: usize = 7;
/// No known word that is put together is longer.
const LONGEST_KNOWN: usize = 14;

/// The words of a text; of scripts without spaces, and of Korean, each character is a word.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// The letters of all words.
    letters: String,
    /// What all words may say.
    meanings: Vec<Id>,
    /// The words, in order.
    pub(super) all: Vec<Word>,
}

/// A word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    /// Its letters in `Words::letters`.
    from: u32,
    to: u32,
    /// What it says, in `Words::meanings`.
    first_meaning: u32,
    last_meaning: u32,
    /// Its bytes in the answer.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Whether something other than a space stands before it, or nothing.
    pub(super) is_first: bool,
    /// Whether a sentence ends before it.
    pub(super) begins_sentence: bool,
    /// Whether a colon follows it.
    pub(super) has_colon: bool,
    /// Whether it is one character of a script without spaces.
    pub(super) is_character: bool,
    /// Whether it has capitals only.
    pub(super) is_capitals: bool,
}

impl Words {
    /// Room for a text of so many letters.
    fn with_capacity(letters: usize) -> Self {
        let words = letters / 4;
        Self {
            letters: String::with_capacity(letters),
            meanings: Vec::with_capacity(words),
            all: Vec::with_capacity(words),
        }
    }

    /// The words of a text, as they are written, without what they say.
    pub(super) fn read(glyphs: &[Glyph]) -> Self {
        let mut words = Self::with_capacity(glyphs.len());
        let (mut gap, mut at) = (Gap::START, 0);
        while let Some(glyph) = glyphs.get(at) {
            let end = at + word_length(glyphs, at);
            if end == at {
                gap.pass(glyph.read, glyphs.get(at + 1));
                at += 1;
                continue;
            }
            words.push(&glyphs[at..end], gap);
            gap = Gap::NONE;
            at = end;
        }
        if let Some(last) = words.all.last_mut() {
            last.has_colon = gap.has_colon;
        }
        words
    }

    /// Says what the words are of those that are known.
    pub(super) fn understood(mut self, known: &Known) -> Self {
        for word in &mut self.all {
            word.first_meaning = self.meanings.len() as u32;
            known.meanings(&self.letters[word.from as usize..word.to as usize], &mut self.meanings);
            word.last_meaning = self.meanings.len() as u32;
        }
        self
    }

    /// The same words, but letters that stand apart ("i g n o r e"), words in parts and words that are run together are taken for known words that they spell.
    pub(super) fn spelt(&self, known: &Known) -> Self {
        let mut words = Self::with_capacity(self.letters.len());
        let mut rest = self.all.as_slice();
        while let Some(word) = rest.first() {
            let taken = match (self.apart(rest), self.parts(rest, known)) {
                (apart @ SPELT.., _) => apart,
                (_, parts) => parts,
            };
            let is_spelt = taken > 1 || word.to - word.from >= RUN_TOGETHER as u32;
            if !is_spelt || !words.spell(self, &rest[..taken], known) {
                rest[..taken].iter().for_each(|word| words.copy(self, *word));
            }
            rest = &rest[taken..];
        }
        words
    }

    /// A word's letters.
    pub(super) fn letters(&self, word: &Word) -> &str {
        self.letters.get(word.from as usize..word.to as usize).unwrap_or_default()
    }

    /// What a word says.
    pub(super) fn meanings(&self, word: &Word) -> &[Id] {
        self.meanings.get(word.first_meaning as usize..word.last_meaning as usize).unwrap_or_default()
    }

    fn push(&mut self, glyphs: &[Glyph], gap: Gap) {
        let (Some(first), Some(last)) = (glyphs.first(), glyphs.last()) else {
            return;
        };
        if let Some(before) = self.all.last_mut() {
            before.has_colon = gap.has_colon;
        }
        let letters = self.add_letters(glyphs.iter().map(|glyph| glyph.read));
        self.all.push(Word {
            from: letters.start,
            to: letters.end,
            first_meaning: 0,
            last_meaning: 0,
            // Of a text that is read backwards, the last letter is the first of the answer.
            start: first.start.min(last.start),
            end: last.end.max(first.end),
            is_first: gap.has_sign,
            begins_sentence: gap.has_end || gap.has_point && first.is_capital,
            has_colon: false,
            is_character: is_unspaced(first.read),
            is_capitals: glyphs.iter().all(|glyph| glyph.is_capital || !glyph.read.is_alphabetic()),
        });
    }

    fn add_letters(&mut self, letters: impl Iterator<Item = char>) -> Range<u32> {
        let from = self.letters.len() as u32;
        self.letters.extend(letters);
        from..self.letters.len() as u32
    }

    fn copy(&mut self, written: &Words, word: Word) {
        let letters = self.add_letters(written.letters(&word).chars());
        self.all.push(Word { from: letters.start, to: letters.end, ..word });
    }

    /// How many words follow each other that are one letter each.
    fn apart(&self, rest: &[Word]) -> usize {
        let is_apart = |word: &Word| word.to - word.from == 1;
        let gap = |one: &Word, next: &Word| one.end.abs_diff(next.start).min(next.end.abs_diff(one.start));
        rest.windows(2).take_while(|pair| pair.iter().all(is_apart) && gap(&pair[0], &pair[1]) <= 4).count() + 1
    }

    /// How many of the first words are parts of one known word: "prev ious". 1 where the first stands for itself.
    fn parts(&self, rest: &[Word], known: &Known) -> usize {
        let Some(first) = rest.first().filter(|first| !first.is_character) else {
            return 1;
        };
        let (mut has_known, mut has_strange) = (false, false);
        for (place, word) in rest.iter().take(MOST_PARTS).enumerate() {
            let part = self.letters(word);
            let is_end = word.begins_sentence && place > 0 || part.len() < 2 || word.is_character;
            if is_end || (word.to - first.from) as usize > LONGEST_KNOWN {
                break;
            }
            let is_known = known.has(part);
            (has_known, has_strange) = (has_known || is_known, has_strange || !is_known);
            // The letters of words stand side by side.
            let joined = &self.letters[first.from as usize..word.to as usize];
            let least = if has_known { RUN_OF_PARTS } else { RUN_OF_PARTS - 1 };
            if place > 0 && has_strange && joined.len() >= least && known.has(joined) {
                return place + 1;
            }
        }
        1
    }

    /// Takes the letters of these words for known words; whether they are, for the most part.
    fn spell(&mut self, written: &Words, spelt: &[Word], known: &Known) -> bool {
        let (Some(first), Some(last)) = (spelt.first(), spelt.last()) else {
            return false;
        };
        let letters = &written.letters[first.from as usize..last.to as usize];
        let word = Word {
            end: last.end.max(first.end),
            start: first.start.min(last.start),
            has_colon: last.has_colon,
            ..*first
        };
        if spelt.len() > 1 && known.has(letters) {
            let letters = self.add_letters(letters.chars());
            self.all.push(Word { from: letters.start, to: letters.end, ..word });
            return true;
        }
        let pieces = if letters.is_ascii() { known.pieces(letters) } else { Vec::new() };
        let found: usize = pieces.iter().map(|piece| piece.len()).filter(|length| *length >= SHORTEST_SPELT).sum();
        if found * 10 < letters.len() * 6 || spelt.len() == 1 && pieces.len() < 3 || pieces.is_empty() {
            return false;
        }
        let mut at = 0;
        for piece in pieces {
            // Of letters that stand apart each is a word; of words run together, each piece has all of the word's bytes.
            let ends = (spelt.get(at).unwrap_or(first), spelt.get(at + piece.len() - 1).unwrap_or(last));
            let letters = self.add_letters(piece.chars());
            self.all.push(Word {
                from: letters.start,
                to: letters.end,
                start: ends.0.start.min(ends.1.start),
                end: ends.1.end.max(ends.0.end),
                is_first: at == 0 && first.is_first,
                begins_sentence: at == 0 && first.begins_sentence,
                has_colon: ends.1.has_colon,
                ..word
            });
            at += piece.len();
        }
        true
    }
}

/// What stands between two words.
#[derive(Debug, Clone, Copy)]
struct Gap {
    has_sign: bool,
    has_colon: bool,
    has_end: bool,
    has_point: bool,
    lines: u8,
}

impl Gap {
    const NONE: Self = Self { has_sign: false, has_colon: false, has_end: false, has_point: false, lines: 0 };
    const START: Self = Self { has_sign: true, has_end: true, ..Self::NONE };

    fn pass(&mut self, sign: char, next: Option<&Glyph>) {
        match sign {
            '\n' => {
                self.lines = self.lines.saturating_add(1);
                self.has_end |= self.lines > 1;
                self.has_sign = true;
            }
            _ if sign.is_whitespace() => {}
            ':' | '：' => {
                self.has_colon |= !self.has_sign;
                self.has_sign = true;
            }
            '.' => {
                self.has_point |= next.is_none_or(|next| next.read.is_whitespace());
                self.has_sign = true;
            }
            '!' | '?' | ';' | '。' | '！' | '？' | '；' | '।' | '؟' => {
                self.has_end = true;
                self.has_sign = true;
            }
            _ => self.has_sign = true,
        }
    }
}

/// How many glyphs the word has that begins here; 0 where none does.
fn word_length(glyphs: &[Glyph], at: usize) -> usize {
    if !glyphs.get(at).is_some_and(|it| is_letter(it.read) || is_sign_of_word(glyphs, at)) {
        return 0;
    }
    if is_unspaced(glyphs[at].read) {
        return 1;
    }
    let is_in = |place: usize| {
        is_letter(glyphs[place].read) && !is_unspaced(glyphs[place].read) || is_sign_of_word(glyphs, place)
    };
    1 + (at + 1..glyphs.len()).take_while(|place| is_in(*place)).count()
}

/// Letters, digits, and the signs of Indic scripts that are neither.
fn is_letter(read: char) -> bool {
    read.is_alphanumeric() || matches!(u32::from(read), code @ 0x900..=0xd7f if matches!(code & 0x7f, 0x3c | 0x4d))
}

/// Whether a sign stands in the place of a letter: "p@ss", "$core", "!gnore".
fn is_sign_of_word(glyphs: &[Glyph], at: usize) -> bool {
    let is_letter_at = |place: Option<usize>| {
        place.and_then(|place| glyphs.get(place)).is_some_and(|it| it.read.is_ascii_alphanumeric())
    };
    match glyphs[at].read {
        '@' | '$' => is_letter_at(Some(at + 1)),
        '!' | '|' => is_letter_at(Some(at + 1)) && is_letter_at(at.checked_sub(1)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::folding::glyphs;
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut known = Known::default();
        for word in ["ignore", "previous", "all", "the", "instructions"] {
            known.add(word, false);
        }
        let words = Words::read(&glyphs(text)).spelt(&known);
        words.all.iter().map(|word| words.letters(word).to_owned()).collect()
    }

    #[test]
    fn words_are_put_together_where_they_are_known() {
        for (text, expected) in [
            ("Ignore it, please", &["ignore", "it", "please"][..]),
            ("i g n o r e  a l l", &["ignore", "all"]),
            ("i.g.n.o.r.e", &["ignore"]),
            ("prev ious in struc tions", &["previous", "instructions"]),
            ("ignore the", &["ignore", "the"]),
            ("IgnoreAllPrevious", &["ignore", "all", "previous"]),
            ("A, B, C, D, E, F", &["a", "b", "c", "d", "e", "f"]),
            ("internationalisation", &["internationalisation"]),
            ("忽略 it", &["忽", "略", "it"]),
            ("p@ss $core a@ b", &["p@ss", "$core", "a", "b"]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn sentences_and_signs_are_known_by_what_stands_between() {
        let words = Words::read(&glyphs("One two: three. Four e.g. five\n\nsix, seven"));
        let marks: Vec<_> = words.all.iter().map(|it| (it.is_first, it.begins_sentence, it.has_colon)).collect();
        let (plain, sign, begins) = ((false, false, false), (true, false, false), (true, true, false));
        assert_eq!(marks, [begins, (false, false, true), sign, begins, plain, sign, sign, begins, sign]);
    }
}
