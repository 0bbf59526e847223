//! Groups of letters: what two texts have in common where their words are not quite the same.

use super::keys::Keys;
use super::lexicon::{Marks, key, otherwise};
use super::text::{Text, Word};

/// How many letters make a group.
const LETTERS: usize = 4;
/// What a character counts that is a word of its own, beside its pair with the next one.
const CHARACTER: f64 = 0.5;

/// The groups of letters of a reference that the question does not have, each once.
#[derive(Debug)]
pub(super) struct Grams {
    keys: Keys,
    weights: Vec<f64>,
    total: f64,
}

impl Default for Grams {
    fn default() -> Self {
        Self { keys: Keys::new(Vec::new()), weights: Vec::new(), total: 0.0 }
    }
}

impl Grams {
    pub(super) fn new(reference: &Text<'_>, question: &Text<'_>) -> Self {
        let read = |text: &Text<'_>| {
            let mut grams: Vec<(u64, f64)> = Vec::with_capacity(text.source.len());
            for word in &text.words {
                each(text, word, |key, weight| grams.push((key, weight)));
            }
            grams.sort_unstable_by_key(|(key, _)| *key);
            grams.dedup_by_key(|(key, _)| *key);
            grams
        };
        let asked = Keys::new(read(question).into_iter().map(|(key, _)| key).collect());
        let mut grams = read(reference);
        if grams.iter().any(|(key, _)| !asked.has(*key)) {
            grams.retain(|(key, _)| !asked.has(*key));
        }
        let weights: Vec<f64> = grams.iter().map(|(_, weight)| *weight).collect();
        let total = weights.iter().sum();
        Self { keys: Keys::new(grams.into_iter().map(|(key, _)| key).collect()), weights, total }
    }

    /// Which groups there are to be found.
    pub(super) fn start(&self) -> Vec<bool> {
        vec![false; self.weights.len()]
    }

    /// Notes the groups of a word.
    pub(super) fn add(&self, seen: &mut [bool], text: &Text<'_>, word: &Word) {
        each(text, word, |key, _| {
            if let Some(place) = self.keys.find(key) {
                seen[place] = true;
            }
        });
    }

    /// How many of the groups were found, by weight, from 0 to 1.
    pub(super) fn share(&self, seen: &[bool]) -> f64 {
        let found = self.weights.iter().zip(seen).filter(|(_, seen)| **seen).map(|(weight, _)| weight).sum::<f64>();
        if self.total > 0.0 { found / self.total } else { 0.0 }
    }
}

/// The groups of a word: of a character, it and its pair; of a word that means something, each group of letters with its ends marked.
fn each(text: &Text<'_>, word: &Word, mut gram: impl FnMut(u64, f64)) {
    if word.is_character {
        gram(word.key, CHARACTER);
        if word.second != 0 {
            gram(word.second, 1.0);
        }
    } else if word.weight > 0.0 {
        let written = text.written(word).as_bytes();
        let other = if word.marks.has(Marks::OTHERWISE) { otherwise(written) } else { None };
        let letters = other.unwrap_or(written).iter();
        // The last letters, one byte each.
        let mut group = u32::from_be_bytes([b'_'; LETTERS]);
        let mut filled = 1;
        for letter in letters.map(|letter| letter.to_ascii_lowercase()).chain([b'_']) {
            group = group << 8 | u32::from(letter);
            filled += 1;
            if filled >= LETTERS {
                gram(key(&group.to_be_bytes()), 1.0);
            }
        }
        if filled < LETTERS {
            gram(key(&group.to_be_bytes()), 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(question: &str, reference: &str, answer: &str) -> f64 {
        let grams = Grams::new(&Text::read(reference), &Text::read(question));
        let answer = Text::read(answer);
        let mut seen = grams.start();
        for word in &answer.words {
            grams.add(&mut seen, &answer, word);
        }
        grams.share(&seen)
    }

    #[test]
    fn words_that_are_nearly_the_same_have_most_groups_in_common() {
        let of = |answer: &str| share("What is it?", "serialisation", answer);
        assert_eq!((of("Serialisation"), of("mutex")), (1.0, 0.0));
        assert!(of("serialised") > 0.4 && of("serialised") < 0.9, "{}", of("serialised"));
        assert!(share("什麼？", "固定順序", "按照順序") > 0.3);
    }

    #[test]
    fn what_the_question_says_counts_only_where_there_is_nothing_else() {
        assert_eq!(share("What is a mutex?", "mutex guards", "a mutex"), 0.0);
        assert_eq!(share("What is a mutex?", "mutex", "a mutex"), 1.0);
        assert_eq!(share("?", "…", "words"), 0.0);
    }
}
