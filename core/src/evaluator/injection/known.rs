//! The words that phrases are made of, and how they are told in disguise.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

/// Words of fewer letters than this are not put together from letters that stand apart.
pub(super) const SHORTEST_SPELT: usize = 3;
/// Words from this length are known with their inner letters in another order.
const SCRAMBLED: usize = 6;

/// Names a word, or the beginning of one, in the phrases.
pub(super) type Id = u32;

/// The words of the phrases. Only these are ever in the tables, so that no answer can make them slow.
#[derive(Debug, Default)]
pub(super) struct Known {
    words: HashMap<String, Id, FixedState>,
    /// Beginnings of words, by their first letter.
    stems: BTreeMap<char, Vec<(String, Id)>>,
    /// Long words by their letters: the first, those within in alphabetical order, the last.
    scrambled: HashMap<Vec<u8>, Id, FixedState>,
    /// Words to spell with, by their first letter, the longest first.
    spelt: BTreeMap<char, Vec<String>>,
    count: Id,
}

impl Known {
    /// Takes up a word, or the beginning of words; what names it.
    pub(super) fn add(&mut self, word: &str, is_stem: bool) -> Id {
        let first = word.chars().next().unwrap_or_default();
        if is_stem {
            let stems = self.stems.entry(first).or_default();
            if let Some((_, id)) = stems.iter().find(|(stem, _)| stem == word) {
                return *id;
            }
            stems.push((word.to_owned(), self.count));
        } else {
            if let Some(id) = self.words.get(word) {
                return *id;
            }
            self.words.insert(word.to_owned(), self.count);
            if let Some(letters) = letters_in_order(word) {
                self.scrambled.entry(letters).or_insert(self.count);
            }
            if word.is_ascii() && word.len() >= SHORTEST_SPELT {
                let spelt = self.spelt.entry(first).or_default();
                spelt.push(word.to_owned());
                spelt.sort_by_key(|word| std::cmp::Reverse(word.len()));
            }
        }
        self.count += 1;
        self.count - 1
    }

    /// How many words and beginnings there are; their ids are below this.
    pub(super) fn len(&self) -> usize {
        self.count as usize
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.words.contains_key(word)
    }

    /// What a word of a text may say: itself, words that it begins like, and where it is none the word that it is written for.
    pub(super) fn meanings(&self, word: &str, meanings: &mut Vec<Id>) {
        let from = meanings.len();
        meanings.extend(self.words.get(word));
        let stems = word.chars().next().and_then(|first| self.stems.get(&first)).into_iter().flatten();
        meanings.extend(stems.filter(|(stem, _)| word.starts_with(stem)).map(|(_, id)| *id));
        if meanings.len() > from || !word.is_ascii() {
            return;
        }
        if word.bytes().all(|letter| letter.is_ascii_lowercase()) {
            meanings.extend(letters_in_order(word).and_then(|letters| self.scrambled.get(&letters)));
        } else if word.bytes().any(|letter| letter.is_ascii_lowercase()) {
            let meant = ['i', 'l'].map(|one| word.chars().map(|sign| letter_for(sign, one)).collect::<String>());
            let count = if meant[0] == meant[1] { 1 } else { 2 };
            meanings.extend(meant.iter().take(count).filter_map(|meant| self.words.get(meant)));
        }
    }

    /// Cuts letters into the longest known words, and what is left into single letters.
    pub(super) fn pieces<'a>(&self, letters: &'a str) -> Vec<&'a str> {
        let mut pieces = Vec::new();
        let mut rest = letters;
        while let Some(first) = rest.chars().next() {
            let is_here = |known: &&String| {
                rest.len() >= known.len()
                    && rest.chars().zip(known.chars()).all(|(sign, meant)| {
                        sign == meant || ['i', 'l'].into_iter().any(|one| letter_for(sign, one) == meant)
                    })
            };
            let letters = [first, letter_for(first, 'i'), letter_for(first, 'l')];
            let mut candidates = letters.iter().filter_map(|first| self.spelt.get(first)).flatten();
            let length = candidates.find(is_here).map_or(first.len_utf8(), String::len);
            let (piece, after) = rest.split_at(length);
            pieces.push(piece);
            rest = after;
        }
        pieces
    }
}

/// The letter that a digit or a sign is written for; a one and its like are written for two.
fn letter_for(sign: char, one: char) -> char {
    match sign {
        '0' => 'o',
        '1' | '!' | '|' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '6' | '9' => 'g',
        '7' => 't',
        '8' => 'b',
        _ => sign,
    }
}

/// The letters of a long word with those within in alphabetical order: "instrcutions" is read as easily as written well.
fn letters_in_order(word: &str) -> Option<Vec<u8>> {
    let is_long = word.len() >= SCRAMBLED && word.bytes().all(|letter| letter.is_ascii_lowercase());
    let mut letters = is_long.then(|| word.as_bytes().to_vec())?;
    let last = letters.len() - 1;
    letters[1..last].sort_unstable();
    Some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let mut known = Known::default();
        for word in ["ignore", "all", "rules", "fill", "instructions", "10"] {
            known.add(word, false);
        }
        known.add("правил", true);
        known
    }

    #[test]
    fn words_are_told_in_disguise() {
        let known = known();
        for (word, meant) in [
            ("ignore", Some("ignore")),
            ("1gn0re", Some("ignore")),
            ("@ll", Some("all")),
            ("instrcutions", Some("instructions")),
            ("10", Some("10")),
            ("rule5", Some("rules")),
            ("ruels", None),
            ("ignored", None),
            ("100", None),
        ] {
            let mut meanings = Vec::new();
            known.meanings(word, &mut meanings);
            let expected: Vec<Id> = meant.iter().map(|word| known.words[*word]).collect();
            assert_eq!(meanings, expected, "{word}");
        }
        let mut meanings = Vec::new();
        known.meanings("правила", &mut meanings);
        assert_eq!(meanings.len(), 1);
    }

    #[test]
    fn letters_are_cut_into_words() {
        assert_eq!(known().pieces("ignoreallx"), ["ignore", "all", "x"]);
        assert_eq!(known().pieces("1gn0rea11"), ["1gn0re", "a11"]);
        assert_eq!(known().pieces("字ll"), ["字", "l", "l"]);
    }
}
