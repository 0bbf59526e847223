//! What single words are worth: which words of a reference graders want to hear, and which may be said in place of which.
//!
//! It is learned from answers to short references, of which a word may be half of all that is asked for, and holds for the subjects that were learned from. Of a reference that speaks
//! of something else hardly a word is known, and nothing is added.

use super::content::ramp;
use super::target::Target;
use super::weights::{KNOWN, WORDS, WORTH};

/// From so many words on, a reference is not short.
const LONG: usize = 25;
/// What stands for a word of the answer where none is said in place of the reference's: that it is said, and that it is not.
const SAID: u32 = 0;
const MISSED: u32 = 1;
/// How many of a reference's words have to be known for it to be of a subject that was learned from.
const OF_ANOTHER: f64 = 0.3;
const OF_THE_SUBJECT: f64 = 0.6;
/// Who says more words than these does not make each of them say less.
const MOST_INSTEAD: usize = 3;
/// What the learned numbers are told in.
const UNIT: f64 = 0.001;

/// Words by half their keys, each once: those of the reference that were said and that were not, and those that were said and are not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wording {
    pub(super) said: Vec<u32>,
    pub(super) missed: Vec<u32>,
    pub(super) instead: Vec<u32>,
}

/// Whether the words of answers are weighed: the reference is short, and written with spaces.
pub(super) fn is_weighed(target: &Target) -> bool {
    !target.is_unspaced && target.sequence.words < LONG
}

impl Wording {
    /// What is to be added to the score; below 0 where graders would miss what is not said.
    pub(super) fn worth(&self) -> f64 {
        let pairs = self.instead.iter().map(|instead| of(*instead, &self.missed));
        let sum = of(SAID, &self.said) + of(MISSED, &self.missed) + pairs.sum::<f64>();
        // The more there is, known or not, the less each says.
        let all = self.said.len() + self.missed.len() * (1 + self.instead.len().min(MOST_INSTEAD));
        if all == 0 { 0.0 } else { sum * UNIT / (all as f64).sqrt() * self.of_subject() }
    }

    /// How far the reference is of a subject that was learned from, from 0 to 1.
    pub(super) fn of_subject(&self) -> f64 {
        let known = self.said.iter().chain(&self.missed).filter(|word| KNOWN.binary_search(word).is_ok()).count();
        let words = self.said.len() + self.missed.len();
        if words == 0 { 0.0 } else { ramp(known as f64 / words as f64, OF_ANOTHER, OF_THE_SUBJECT) }
    }
}

/// What is learned of words of the reference, said or not, where another was said.
fn of(first: u32, words: &[u32]) -> f64 {
    let first = u64::from(first) << 32;
    let from = WORDS.partition_point(|code| *code < first);
    let to = from + WORDS[from..].partition_point(|code| *code - first <= u64::from(u32::MAX));
    let (known, worth) = (&WORDS[from..to], &WORTH[from..to]);
    if known.is_empty() {
        return 0.0;
    }
    let found = words.iter().filter_map(|word| known.binary_search(&(first | u64::from(*word))).ok());
    found.map(|place| f64::from(worth[place])).sum()
}

#[cfg(test)]
mod tests {
    use super::super::comparison::Comparison;
    use super::super::text::Text;
    use super::*;

    fn compared(reference: &str, answers: &[&str]) -> Wording {
        let target = Target::new(&Text::read("Why?"), Some(&Text::read(reference)), &[]).unwrap();
        let mut comparison = Comparison::new(&target);
        for answer in answers {
            comparison.add(&target, &Text::read(answer));
        }
        comparison.wording(&target)
    }

    #[test]
    fn what_was_learned_can_be_found() {
        assert!(WORDS.windows(2).all(|two| two[0] < two[1]), "not in rising order");
        assert!(WORTH.iter().all(|worth| *worth != 0));
        let (word, worth) = (WORDS[0], f64::from(WORTH[0]));
        assert_eq!(word >> 32, u64::from(SAID));
        let wording = Wording { said: vec![word as u32], missed: Vec::new(), instead: Vec::new() };
        assert_eq!(wording.worth(), worth * UNIT);
        // Of a subject of which half the words are known, it is worth less; of another, nothing.
        let of = |unknown: std::ops::Range<u32>| {
            Wording { said: unknown.chain([word as u32]).collect(), ..wording.clone() }.worth()
        };
        assert!((of(2..3) - worth * UNIT / 2.0_f64.sqrt() * 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(of(2..5), 0.0);
    }

    #[test]
    fn a_word_in_place_of_another_is_worth_what_was_learned_of_the_two() {
        let at = WORDS.partition_point(|code| code >> 32 <= u64::from(MISSED));
        let (instead, missed, worth) = ((WORDS[at] >> 32) as u32, WORDS[at] as u32, f64::from(WORTH[at]));
        assert!(KNOWN.binary_search(&missed).is_ok());
        let without = Wording { said: Vec::new(), missed: vec![missed], instead: Vec::new() };
        let missing = without.worth();
        let with = Wording { instead: vec![instead], ..without }.worth();
        assert!((with - (missing + worth * UNIT) / 2.0_f64.sqrt()).abs() < 1e-12, "{missing} {with}");
    }

    #[test]
    fn nothing_is_said_of_words_that_nothing_is_known_of() {
        let wording = Wording { said: vec![5], missed: vec![6], instead: vec![7] };
        assert_eq!(wording.worth(), 0.0);
        assert_eq!(Wording { said: vec![], missed: vec![], instead: vec![] }.worth(), 0.0);
    }

    #[test]
    fn an_answer_has_said_missed_and_other_words_each_once() {
        let counts = |wording: &Wording| [wording.said.len(), wording.missed.len(), wording.instead.len()];
        let reference = "Threads wait for locks forever.";
        let first = compared(reference, &["Threads wait, sleeping and sleeping."]);
        assert_eq!(counts(&first), [2, 2, 1]);
        // What follows up adds to it.
        let both = compared(reference, &["Threads wait, sleeping.", "For locks, forever."]);
        assert_eq!(counts(&both), [4, 0, 1]);
        assert_eq!(compared(reference, &[reference]).instead, [] as [u32; 0]);
    }

    #[test]
    fn only_short_references_with_spaces_are_weighed_word_by_word() {
        let weighed =
            |reference: &str| is_weighed(&Target::new(&Text::read("?"), Some(&Text::read(reference)), &[]).unwrap());
        assert!(weighed("Threads wait for locks."));
        let words: Vec<String> = (0..30).map(|word| format!("threads{word}x")).collect();
        assert!(!weighed(&words.join(" ")));
        assert!(!weighed("兩個執行緒互相等待對方的鎖"));
    }
}
