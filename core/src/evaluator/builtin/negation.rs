//! What a text denies: where a clause says of two words the opposite of what another text says of them, as "is not connected" does of what "is connected".
//!
//! A negation tells little by itself: what it denies may be something else, on a condition, or what the speaker compares with. So what is found here counts only in clauses that say
//! most of a statement, which is for `comparison` to see.

use super::lexicon::{Marks, key, pair_key};
use super::target::clauses;
use super::text::{Segment, Text, Word};

/// What stands for what was spoken of.
const IT: &[&str] =
    &["it", "they", "this", "that", "these", "those", "there", "he", "she", "它", "他", "她", "這", "这", "那"];
/// With one of these, a clause says on which condition something is, or without what.
const CONDITIONS: &[&str] = &[
    "if", "when", "whenever", "while", "unless", "until", "without", "whether", "before", "once", "suppose", "若",
    "如", "當", "当", "時", "时", "除", "就", "才", "便",
];
/// Negations that say how something is: "a wrong password" is one.
const QUALITIES: &[&str] = &["wrong", "false", "incorrect", "nothing", "錯", "错", "否"];
/// Most clauses that are looked at again: nobody denies more.
const MOST_TURNS: usize = 100;
/// After 不是 they deny a part.
const PARTS: &[&str] = &["所", "每", "全", "都", "只", "很", "太", "說", "说", "因"];

/// Words of a clause that follow one another, but for words without a meaning of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Bond {
    key: u64,
    /// Whether the negation stands before both words, and not before the last of them.
    is_together: bool,
    is_denied: bool,
}

/// A word of a clause that means something.
struct Meaning<'w> {
    word: &'w Word,
    /// Whether it is denied: by a negation between the last one and it.
    is_denied: bool,
    /// Whether what is before it has no bond with it.
    is_cut_off: bool,
}

/// Whether the word at a place denies what follows.
fn denies(text: &Text<'_>, clause: &[Word], place: usize) -> bool {
    let is = |place: usize, any_of: &[&str]| is_word(text, clause.get(place), any_of);
    let word = &clause[place];
    if !word.marks.has(Marks::NEGATION) {
        // 不同 is "different", and 不同時 "not at the same time".
        return word.is_character && is(place, &["不"]) && is(place + 1, &["同"]) && is(place + 2, &["時", "时", "步"]);
    }
    // Whether somebody has something is asked by 有沒有, whether it is so by 是不是.
    let is_asked = word.is_character
        && place.checked_sub(1).and_then(|before| clause.get(before)).is_some_and(|before| {
            let last = text.written(word).chars().last();
            clause.get(place + 1).is_some_and(|next| next.key == before.key)
                || last == text.written(before).chars().next()
        });
    !is_asked && !is(place, QUALITIES)
}

/// Whether a word is one of these.
fn is_word(text: &Text<'_>, word: Option<&Word>, any_of: &[&str]) -> bool {
    // "It's" is "it".
    let written = word.map_or("", |word| text.written(word));
    let stem = written.split(['\'', '’']).next().unwrap_or_default();
    any_of.iter().any(|it| it.eq_ignore_ascii_case(stem))
}

/// The words of a clause that mean something; and whether a negation stands after the last of them.
fn meanings<'w>(text: &Text<'_>, clause: &'w [Word]) -> (Vec<Meaning<'w>>, bool) {
    let mut meanings = Vec::new();
    let (mut is_denied, mut is_cut_off) = (false, false);
    for (place, word) in clause.iter().enumerate() {
        let is = |place: Option<usize>, what: &str| is_word(text, place.and_then(|place| clause.get(place)), &[what]);
        if denies(text, clause, place) {
            is_denied = !is_denied;
        } else if is(Some(place), "法") && (is(place.checked_sub(1), "無") || is(place.checked_sub(1), "无")) {
            // 無法 is "cannot".
        } else if word.weight > 0.0 && !word.marks.has(Marks::NEGATION) {
            // A letter is the name of anything.
            if !word.is_character && word.end - word.start == 1 && !word.marks.has(Marks::NUMBER) {
                is_cut_off = true;
            } else {
                meanings.push(Meaning { word, is_denied, is_cut_off });
                is_cut_off = false;
            }
            is_denied = false;
        }
    }
    (meanings, is_denied)
}

/// The bonds of a clause: of each two words, of characters three, whether the last is denied; and of each two words, whether both are. What "nor" denies comes before and
/// after it: such a clause has none. Each with the place of the word that a negation stands before, among those that mean something.
fn bonds(clause: &[Word], meanings: &[Meaning<'_>]) -> Vec<(usize, Bond)> {
    let mut bonds = Vec::new();
    if clause.iter().any(|word| word.key == key(b"nor")) {
        return bonds;
    }
    // What a negation farther ahead denies is not to be seen.
    let mut is_after_another = false;
    for (place, two) in meanings.windows(2).enumerate() {
        let [last, next] = two else { continue };
        let both = pair_key(last.word.key, next.word.key);
        if !next.is_cut_off {
            let before = place.checked_sub(1).and_then(|before| meanings.get(before)).filter(|_| !last.is_cut_off);
            if !next.word.is_character {
                bonds.push((place + 1, Bond { key: both, is_together: false, is_denied: next.is_denied }));
            } else if let Some(before) = before
                // One negation makes one bond another: of the two that it stands in, the second.
                && (!last.is_denied || place == 1 || !before.word.is_character)
            {
                let key = pair_key(pair_key(before.word.key, last.word.key), next.word.key);
                let word = if last.is_denied { place } else { place + 1 };
                bonds.push((word, Bond { key, is_together: false, is_denied: last.is_denied != next.is_denied }));
            }
            if !is_after_another {
                bonds.push((place, Bond { key: both, is_together: true, is_denied: last.is_denied }));
            }
        }
        is_after_another |= last.is_denied;
    }
    bonds
}

/// Whether a clause begins with 不是, 並不是 or 並非, and denies more than a part.
fn begins_with_not(text: &Text<'_>, clause: &[Word]) -> bool {
    let is = |place: usize, any_of: &[&str]| is_word(text, clause.get(place), any_of);
    let from = usize::from(is(0, &["並", "并"]));
    let end = if is(from, &["不"]) && is(from + 1, &["是"]) {
        from + 2
    } else if from == 1 && is(1, &["非"]) {
        2
    } else {
        return false;
    };
    clause.len() > end && !is(end, PARTS) && !is(end, IT)
}

/// Whether a sentence denies all that it says: "it is not true that", or 不是 before what has no pause but between the members of a list.
pub(super) fn denies_all(text: &Text<'_>, segment: &Segment) -> bool {
    let words = text.words_of(segment);
    if let Some(clause) = clauses(words).next().filter(|clause| begins_with_not(text, clause)) {
        let sentence = text.source.get(segment.bytes.clone()).unwrap_or_default();
        let is_one = clause.len() == words.len() || !sentence.contains(['，', ',']);
        return is_one && !sentence.contains('才');
    }
    let is = |place: usize, any_of: &[&str]| is_word(text, words.get(place), any_of);
    let from = usize::from(is(0, &["no"]));
    if !is(from, IT) {
        return false;
    }
    let mut place = from + 1;
    while is(place, &["is", "was"]) {
        place += 1;
    }
    if is(place, &["false", "wrong", "incorrect"]) {
        return is(place + 1, &["that"]);
    }
    let is_not = is(place, &["not"])
        || words.get(place).is_some_and(|word| ["isn't", "isn’t", "isnt"].contains(&text.written(word)));
    let mut end = place + 1;
    while is(end, &["true", "correct", "right", "the", "case"]) {
        end += 1;
    }
    is_not && end > place + 1 && is(end, &["that"])
}

/// Whether a sentence may deny something else than it seems to: it asks, or says of one thing what it denies of another ("asynchronous ones do not", 不是…，是…).
pub(super) fn is_unclear(text: &Text<'_>, segment: &Segment) -> bool {
    let words = text.words_of(segment);
    let sentence = text.source.get(segment.bytes.clone()).unwrap_or_default();
    sentence.ends_with(['?', '？'])
        || clauses(words).any(|clause| {
            let (meanings, is_last_denied) = meanings(text, clause);
            let is = |place: usize, any_of: &[&str]| is_word(text, clause.get(place), any_of);
            is_last_denied && !meanings.is_empty() || is(0, &["是"]) || is(0, &["而"]) && is(1, &["是"])
        })
}

/// The bonds of a target's points, each with its point; those that it both affirms and denies are not there.
#[derive(Debug, Default)]
pub(super) struct Bonds(Vec<(Bond, u16)>);

/// What answers said of a target's bonds.
#[derive(Debug)]
pub(super) struct Kept {
    /// Whether each bond was said as the target says it.
    said: Vec<bool>,
    /// What was said the other way round.
    turns: Vec<Turn>,
}

/// A point of which a clause says the opposite.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) point: usize,
    /// Whether the clause denies what the point affirms, and not the other way round.
    pub(super) is_denial: bool,
    /// Whether it may deny the same of something else: what is before the two words is not what the point has there.
    pub(super) is_loose: bool,
    /// The bonds of which it says so, and the words before which it does, by their places among those that mean something.
    bonds: Vec<usize>,
    words: Vec<usize>,
    /// The units of the point that the clause lacks.
    pub(super) lacks: Vec<usize>,
}

impl Bonds {
    /// Adds the bonds of a clause of a point.
    pub(super) fn add(&mut self, text: &Text<'_>, clause: &[Word], point: u16) {
        let (meanings, _) = meanings(text, clause);
        self.0.extend(bonds(clause, &meanings).into_iter().map(|(_, bond)| (bond, point)));
    }

    /// Makes them ready to be looked up.
    pub(super) fn ready(&mut self) {
        self.0.sort_unstable();
        self.0.dedup();
        let is_same = |(one, _): &(Bond, u16), (other, _): &(Bond, u16)| {
            (one.key, one.is_together) == (other.key, other.is_together)
        };
        let is_one_way = |same: &&[(Bond, u16)]| same.iter().all(|(bond, _)| bond.is_denied == same[0].0.is_denied);
        self.0 = self.0.chunk_by(is_same).filter(is_one_way).flatten().copied().collect();
    }

    /// Nothing said so far.
    pub(super) fn start(&self) -> Kept {
        Kept { said: vec![false; self.0.len()], turns: Vec::new() }
    }

    /// Notes what a clause of an answer says as the target does, and gives the points of which it says the opposite: an odd number of times, as two opposites say the same again.
    pub(super) fn follow(&self, kept: &mut Kept, text: &Text<'_>, clause: &[Word]) -> Vec<Turn> {
        let (meanings, _) = meanings(text, clause);
        // Whether what it speaks of is not named, as it was spoken of.
        let is_of_it =
            || begins_with_not(text, clause) || clause.iter().take(2).any(|word| is_word(text, Some(word), IT));
        let mut turns: Vec<Turn> = Vec::new();
        for (word, bond) in bonds(clause, &meanings) {
            let first =
                self.0.partition_point(|(other, _)| (other.key, other.is_together) < (bond.key, bond.is_together));
            let same = self.0.iter().enumerate().skip(first);
            let same =
                same.take_while(|(_, (other, _))| (other.key, other.is_together) == (bond.key, bond.is_together));
            for (place, (other, point)) in same {
                if other.is_denied == bond.is_denied {
                    kept.said[place] = true;
                    continue;
                }
                let is_loose = bond.is_together && !(word == 0 && is_of_it());
                let point = usize::from(*point);
                let at = turns.iter().position(|turn| turn.point == point).unwrap_or(turns.len());
                if at == turns.len() {
                    let is_denial = bond.is_denied;
                    turns.push(Turn { point, is_denial, is_loose, bonds: vec![], words: vec![], lacks: vec![] });
                }
                let turn = &mut turns[at];
                turn.is_loose &= is_loose;
                turn.bonds.push(place);
                if !turn.words.contains(&word) {
                    turn.words.push(word);
                }
            }
        }
        turns.retain(|turn| turn.words.len() % 2 == 1);
        if !turns.is_empty() && clause.iter().any(|word| is_word(text, Some(word), CONDITIONS)) {
            turns.clear();
        }
        turns
    }
}

impl Kept {
    /// Notes that a clause says the opposite of a point.
    pub(super) fn turn(&mut self, turn: Turn) {
        self.turns.push(turn);
    }

    /// Whether so much was denied that more tells nothing.
    pub(super) fn is_full(&self) -> bool {
        self.turns.len() >= MOST_TURNS
    }

    /// What turns points round: what a clause said, where none says what they say. `is_said` is whether a clause without a negation said a unit.
    pub(super) fn turned(&self, is_said: impl Fn(usize) -> bool) -> impl Iterator<Item = &Turn> {
        let is_kept = move |turn: &&Turn| {
            let is_said_besides = turn.is_denial && turn.lacks.iter().any(|unit| is_said(*unit));
            !is_said_besides && !turn.bonds.iter().any(|bond| self.said[*bond])
        };
        self.turns.iter().filter(is_kept)
    }
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
            for segment in &said.segments {
                for clause in clauses(said.words_of(segment)) {
                    let turns = bonds.follow(&mut kept, &said, clause);
                    turns.into_iter().filter(|_| !is_unclear(&said, segment)).for_each(|turn| kept.turn(turn));
                }
            }
        }
        kept.turned(|_| false).next().is_some()
    }

    #[test]
    fn a_negation_between_two_words_turns_them_round() {
        for (statement, said) in [
            ("The terminal is connected to the bulb", "the terminal is not connected to a lamp"),
            ("The terminal is not connected to the bulb", "The terminal is connected"),
            ("A fixed order prevents deadlocks", "A fixed order doesn't prevent deadlocks"),
            ("A deadlock is a cycle of threads", "It is not a cycle of threads"),
            (
                "A deadlock is a cycle of threads",
                "A deadlock is not a cycle of threads. It is not a cycle of threads that wait.",
            ),
            ("The terminal is connected to the bulb", "This terminal is not connected to the bulb"),
            ("A fixed order prevents deadlocks", "It prevents no deadlocks"),
            ("TCP保證送達", "TCP不保證送達"),
            ("鎖可以重入", "鎖不可以重入"),
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
            ("TCP guarantees delivery", "TCP guarantees delivery. UDP is faster. It does not guarantee delivery."),
            ("UDP does not guarantee delivery", "TCP is reliable: it guarantees delivery, UDP does not."),
            ("非同步請求不會阻塞", "同步請求會阻塞，非同步請求不會。"),
            ("A thread waits until the lock is free", "While the lock is not free, the thread waits."),
            ("執行緒釋放鎖可以避免死鎖", "執行緒若不釋放鎖，就會死鎖。"),
            ("Reading with an index is fast", "Reading without an index is slow."),
            ("使用者有權限", "先看使用者有沒有權限"),
            ("系統可以擴展", "系統未來可以擴展"),
            ("延遲使副本不同步", "延遲使副本沒有同步"),
            ("A mutex protects data", "A mutex does not just protect shared data, it orders access."),
            ("Three wrong passwords lock it", "After three passwords that are wrong it is locked."),
            ("A lock is held", "Isn't a lock not held?"),
            ("順序表需要移動元素", "不是鏈表，是順序表需要移動元素。"),
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
            denies_all(&text, &text.segments[0])
        };
        for text in [
            "It is not true that locks help.",
            "It isn't the case that locks help.",
            "No, it's wrong that locks help.",
            "不是運輸合同的分類。",
            "並不是標準性、複雜性。",
        ] {
            assert!(denies_all(text), "{text}");
        }
        for text in [
            "It is true that locks help.",
            "Not all of that helps.",
            "In no case that we saw it helped.",
            "Is it not true that locks help?",
            "不是，因為鎖有順序。",
            "不是很確定，執行緒互相等待。",
            "不是所有鎖都會死鎖。",
            "不是這樣。",
            "不是鏈表，順序表需要移動。",
            "非對稱加密使用公鑰。",
            "不需要移動。",
        ] {
            assert!(!denies_all(text), "{text}");
        }
    }
}
