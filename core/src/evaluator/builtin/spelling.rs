//! Words that are spelt another way: with a letter left out, put in, changed or moved.

use super::lexicon::key;
use super::text::Text;

/// Shorter words are too often another word with one letter changed.
const SHORTEST: usize = 5;
/// Longer ones are no words.
const LONGEST: usize = 24;

/// The words of a text, to be found by what is left of them without one letter, as Garbe's "symmetric delete" does.
#[derive(Debug, Default)]
pub(super) struct Spellings(Vec<(u64, u32)>);

impl Spellings {
    /// The words of a text; `place` is where the unit with a key is.
    pub(super) fn new(text: &Text<'_>, place: impl Fn(u64) -> Option<usize>) -> Self {
        let mut found = Vec::with_capacity(text.source.len());
        for word in text.words.iter().filter(|word| !word.is_character && word.weight > 0.0) {
            if let Some(place) = place(word.key) {
                each(&text.source[word.start as usize..word.end as usize], |key| found.push((key, place as u32)));
            }
        }
        found.sort_unstable();
        found.dedup_by_key(|(key, _)| *key);
        Self(found)
    }

    /// The place of a word that is nearly spelt so.
    pub(super) fn find(&self, written: &str) -> Option<usize> {
        if self.0.is_empty() {
            return None;
        }
        let mut found = None;
        each(written, |key| {
            if found.is_none() {
                found = self.0.binary_search_by_key(&key, |(key, _)| *key).ok().map(|at| self.0[at].1 as usize);
            }
        });
        found
    }
}

/// What is left of a word as it is and without each letter but the first.
fn each(written: &str, mut gram: impl FnMut(u64)) {
    let length = written.len();
    if !(SHORTEST..=LONGEST).contains(&length) || !written.bytes().all(|letter| letter.is_ascii_alphabetic()) {
        return;
    }
    let mut letters = [0; LONGEST];
    for (to, from) in letters.iter_mut().zip(written.bytes()) {
        *to = from.to_ascii_lowercase();
    }
    let mut rest = letters;
    gram(key(&letters[..length]));
    for left_out in 1..length {
        rest[left_out - 1] = letters[left_out - 1];
        rest[left_out..length - 1].copy_from_slice(&letters[left_out + 1..length]);
        gram(key(&rest[..length - 1]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_with_one_letter_out_of_place_is_found_and_others_are_not() {
        let text = Text::read("A deadlock is a circular wait.");
        let spellings = Spellings::new(&text, |key| text.words.iter().position(|word| word.key == key));
        for written in ["deadlok", "deadloock", "deadlcok", "deadlack", "DEADLOCK"] {
            assert_eq!(spellings.find(written), Some(1), "{written}");
        }
        for written in ["livelock", "beadlock", "wat", "", "deadl\u{f6}ck", &"x".repeat(99)] {
            assert_eq!(spellings.find(written), None, "{written}");
        }
        assert_eq!(Spellings::default().find("deadlock"), None);
    }
}
