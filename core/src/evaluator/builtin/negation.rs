//! What a text denies: where it says of two words the opposite of what another one says of them, as "is not connected" does of what "is connected".

use super::lexicon::{Marks, key, pair_key};
use super::text::{Text, Word};

/// Words of a clause that follow one another, but for words without a meaning of their own: two, of characters three; or two after what is before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bond {
    key: u64,
    /// Whether a negation stands before the last of them, or before the two.
    is_denied: bool,
}

/// Marks two words after what is before them.
const AFTER: u64 = 1;
/// What stands for what was spoken of.
const IT: [&str; 14] =
    ["it", "they", "this", "that", "these", "those", "there", "he", "she", "它", "牠", "這", "这", "那"];

/// The bonds of a clause. After what is before them are two words of a target; of an answer (`is_said`), where that is not named: "it is not a cycle of threads".
/// What "neither" and "nor" deny comes before and after them: such a clause has no bonds.
fn bonds(text: &Text<'_>, clause: &[Word], is_said: bool) -> Vec<Bond> {
    let mut bonds = Vec::new();
    if clause.iter().any(|word| word.key == key(b"nor")) {
        return bonds;
    }
    let begins = clause.first().is_some_and(|word| IT.iter().any(|it| it.eq_ignore_ascii_case(text.written(word))));
    // The last two words, and whether there is a negation before each and before the next one.
    let mut before: [Option<u64>; 2] = [None, None];
    let mut denied = [false, false, false];
    // Whether there is one farther before: what it denies is not to be seen.
    let mut is_after_another = false;
    for word in clause {
        if word.marks.has(Marks::NEGATION) {
            denied[2] = !denied[2];
            continue;
        }
        if word.weight <= 0.0 {
            continue;
        }
        // A letter is the name of anything.
        if !word.is_character && word.end - word.start == 1 && !word.marks.has(Marks::NUMBER) {
            (before, denied) = ([None, None], [false, false, false]);
            continue;
        }
        let [first, last] = before;
        match (first, last) {
            (_, Some(last)) if !word.is_character => {
                bonds.push(Bond { key: pair_key(last, word.key), is_denied: denied[2] })
            }
            // One negation makes one bond another.
            (Some(first), Some(last)) if !denied[1] => {
                bonds.push(Bond { key: pair_key(pair_key(first, last), word.key), is_denied: denied[2] })
            }
            _ => {}
        }
        if let (Some(last), true) = (last, !is_after_another && (!is_said || begins && first.is_none())) {
            bonds.push(Bond { key: pair_key(AFTER, pair_key(last, word.key)), is_denied: denied[1] != denied[2] });
        }
        before = [last, Some(word.key)];
        is_after_another |= denied[1];
        denied = [denied[1], denied[2], false];
    }
    bonds
}

/// The bonds of a target's points, each with its point; those that it both affirms and denies are not there.
#[derive(Debug, Default)]
pub(super) struct Bonds(Vec<(Bond, u16)>);

/// Which bonds answers said as the target does, and which the other way round.
#[derive(Debug)]
pub(super) struct Kept {
    said: Vec<bool>,
    turned: Vec<bool>,
}

impl Bonds {
    /// Adds the bonds of a clause of a point.
    pub(super) fn add(&mut self, text: &Text<'_>, clause: &[Word], point: u16) {
        self.0.extend(bonds(text, clause, false).into_iter().map(|bond| (bond, point)));
    }

    /// Makes them ready to be looked up.
    pub(super) fn ready(&mut self) {
        self.0.sort_unstable();
        self.0.dedup();
        let same_key = |(one, _): &(Bond, u16), (other, _): &(Bond, u16)| one.key == other.key;
        let is_one_way = |same: &&[(Bond, u16)]| same.iter().all(|(bond, _)| bond.is_denied == same[0].0.is_denied);
        self.0 = self.0.chunk_by(same_key).filter(is_one_way).flatten().copied().collect();
    }

    /// Nothing said so far.
    pub(super) fn start(&self) -> Kept {
        Kept { said: vec![false; self.0.len()], turned: vec![false; self.0.len()] }
    }

    /// Notes the bonds of an answer's clause.
    pub(super) fn follow(&self, kept: &mut Kept, text: &Text<'_>, clause: &[Word]) {
        for bond in bonds(text, clause, true) {
            let first = self.0.partition_point(|(other, _)| other.key < bond.key);
            let same = self.0.iter().enumerate().skip(first).take_while(|(_, (other, _))| other.key == bond.key);
            for (place, (other, _)) in same {
                let to = if other.is_denied == bond.is_denied { &mut kept.said } else { &mut kept.turned };
                to[place] = true;
            }
        }
    }

    /// Whether each of so many points was turned round: of an odd number of its bonds only the opposite was said. Two opposites say the same again.
    pub(super) fn turned(&self, kept: &Kept, points: usize) -> Vec<bool> {
        let mut turned = vec![false; points];
        for (place, (_, point)) in self.0.iter().enumerate() {
            turned[usize::from(*point)] ^= kept.turned[place] && !kept.said[place];
        }
        turned
    }
}

/// Whether a sentence begins by denying all that follows: "it is not true that".
pub(super) fn denies_all(text: &Text<'_>, words: &[Word]) -> bool {
    let written = |place: usize| words.get(place).map_or("", |word| text.written(word));
    let is = |place: usize, any_of: &[&str]| any_of.iter().any(|it| it.eq_ignore_ascii_case(written(place)));
    let Some(first) = words.iter().take(4).position(|word| word.marks.has(Marks::NEGATION)) else {
        return false;
    };
    if words[first].is_character {
        let follows = words.get(first + 2).is_some_and(|word| !word.starts_clause);
        let is_first = first == 0 || first == 1 && is(0, &["並", "并"]);
        let instead = words.windows(2).any(|two| text.written(&two[0]) == "而" && text.written(&two[1]) == "是");
        return is_first && (is(first + 1, &["是"]) || is(first, &["非"])) && follows && !instead;
    }
    let mut place = first + 1;
    while is(place, &["true", "correct", "right", "the", "case"]) {
        place += 1;
    }
    let is_said =
        if place > first + 1 { &["not", "isn't", "isn’t", "isnt"][..] } else { &["false", "wrong", "incorrect"] };
    is(first, is_said) && is(place, &["that"])
}

#[cfg(test)]
mod tests {
    use super::super::target::clauses;
    use super::*;

    /// Whether a statement is turned round by what was said.
    fn is_turned(statement: &str, said: &[&str]) -> bool {
        let mut bonds = Bonds::default();
        let statement = Text::read(statement);
        clauses(&statement.words).for_each(|clause| bonds.add(&statement, clause, 0));
        bonds.ready();
        let mut kept = bonds.start();
        for said in said.iter().map(|said| Text::read(said)) {
            clauses(&said.words).for_each(|clause| bonds.follow(&mut kept, &said, clause));
        }
        bonds.turned(&kept, 1) == [true]
    }

    #[test]
    fn a_negation_between_two_words_turns_them_round() {
        for (statement, said) in [
            ("The terminal is connected to the bulb", "the terminal is not connected to a lamp"),
            ("The terminal is not connected to the bulb", "The terminal is connected"),
            ("A fixed order prevents deadlocks", "A fixed order doesn't prevent deadlocks"),
            ("A deadlock is a cycle of threads", "It is not a cycle of threads"),
            ("配送運輸是較短距離的運輸", "它不是較短距離的運輸"),
            ("配送運輸是較短距離的運輸", "配送運輸不是較短距離的運輸"),
            ("運輸合同的標的不是物", "運輸合同的標的是物"),
        ] {
            assert!(is_turned(statement, &[said]), "{said}");
            assert!(!is_turned(statement, &[statement]) && !is_turned(said, &[said]), "{said}");
        }
    }

    #[test]
    fn what_denies_something_else_or_twice_turns_nothing_round() {
        for (statement, said) in [
            ("The terminal is connected to the bulb", "There is no gap, the terminal is connected"),
            ("The terminal is connected to the bulb", "The terminal is not separated"),
            ("The terminals are not separated by a gap", "The terminals are separated by no gap"),
            ("Neither the first nor the second bulb shines", "The second bulb does not shine"),
            ("Node C can hear node B", "Node C cannot hear D"),
            ("使用鏈表", "鏈表不需要移動元素"),
        ] {
            assert!(!is_turned(statement, &[said]), "{said}");
        }
        // Who says both compares them.
        let both = ["Without it the terminal is not connected.", "With it, the terminal is connected."];
        assert!(!is_turned("The terminal is connected", &both));
    }

    #[test]
    fn what_all_of_a_sentence_is_denied_by() {
        let denies_all = |text: &str| {
            let text = Text::read(text);
            denies_all(&text, &text.words)
        };
        for text in [
            "It is not true that locks help.",
            "It isn't the case that locks help.",
            "It is wrong that locks help.",
            "不是運輸合同的分類",
            "並不是這樣分類",
            "非直達運輸。",
        ] {
            assert!(denies_all(text), "{text}");
        }
        for text in [
            "It is true that locks help.",
            "Not all of that helps.",
            "In no case that we saw it helped.",
            "不是，因為鎖有順序",
            "不是鏈表而是順序表",
            "不需要移動",
        ] {
            assert!(!denies_all(text), "{text}");
        }
    }
}
