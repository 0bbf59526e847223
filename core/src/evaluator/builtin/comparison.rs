//! How much of what a full answer says, the answers to a question have said so far.

use super::content::{LITTLE_TURNED, ramp};
use super::lexicon::{Marks, pair_key};
use super::negation::{Kept, Turn, denies_all, is_unclear};
use super::sequence::Common;
use super::target::{Target, clauses, units};
use super::text::{Text, Word};
use super::wording::{Wording, is_weighed};

/// What is left of a match where one side denies and the other does not: modest, as the negation may be about something else.
const DENIED: f64 = 0.85;
/// From this fit on, a unit counts as said, where it is said or not.
const SAID: f64 = 0.7;
/// What statements spread over an answer count, against one sentence that makes them.
const SPREAD: f64 = 0.9;
/// What is left of a key point that is turned round, and the most that is left of one where another figure is said than its own, or the opposite of one of its words: it is said in part.
const TURNED: f64 = 0.2;
const OTHERWISE: f64 = 0.5;
/// A text with less of a script has hardly any.
const HARDLY: f64 = 0.1;
/// How much of a clause has to be of a point, and of a point in a clause, for the one to say the opposite of the other.
const IS_OF: f64 = 0.8;
const HAS: f64 = 0.6;
/// How much of a point in a clause that may deny it of something else.
const ALL: f64 = 0.8;

/// The answers to one planned question so far, compared with its target. A probe's answer adds to what was said before, so that it need not repeat it.
#[derive(Debug)]
pub(super) struct Comparison {
    /// How well each unit was said.
    said: Vec<f64>,
    /// How well each point was made in one sentence.
    made: Vec<f64>,
    /// Whether the sentence that made each point best denies where the point does not, or the other way round.
    denied: Vec<bool>,
    /// How much of each point one clause has that denies nothing, and which units such clauses have.
    affirmed: Vec<f64>,
    plainly: Vec<bool>,
    /// How much of each point one sentence has that denies all it says.
    denied_with_all: Vec<f64>,
    /// Which words were said to go together as they do in the points, and which were denied to.
    bonds: Kept,
    /// How much of the reference's order was kept.
    common: Common,
    /// Which groups of letters were said.
    grams: Vec<bool>,
    /// How many words that mean something were said, and how many of those are in the reference or the question.
    meaning: usize,
    known: usize,
    /// The largest part of a sentence's words that are known, of sentences with enough of them to speak of something.
    most_known: f64,
    /// How many words were said, and how many of those are in the reference.
    words: usize,
    shared: usize,
    /// How often two such words follow one another, of characters three; and how often they do so in the reference as well.
    beside: usize,
    neighbours: usize,
    /// How many characters were said, and in how many runs without a gap.
    characters: usize,
    runs: usize,
    /// What the answers' units count that are also in the target, and all.
    fitting: f64,
    all: f64,
    /// The words that were said and are not in the target, by half their keys; none where single words are not weighed.
    others: Vec<u32>,
    /// Whether a figure was said that is not in the target.
    has_other_figure: bool,
    /// The units of key points whose opposite was said in their place, each once.
    opposed: Vec<usize>,
    /// Scratch: the last segment, counted over all answers, that had a unit.
    seen: Vec<u32>,
    segments: u32,
}

/// A unit of an answer, and where the target has it.
struct LookedUp {
    /// The place of its word in the segment.
    word: usize,
    /// Whether it is the word itself, and not a pair of characters.
    is_word: bool,
    /// What it counts.
    counted: f64,
    /// Its place in the target, and how well it fits.
    found: Option<(usize, f64)>,
    /// Where the target has its opposite, and not it.
    opposes: Option<usize>,
}

/// Looks up the units of words, in their order.
fn looked_up(target: &Target, answer: &Text<'_>, words: &[Word]) -> impl Iterator<Item = LookedUp> {
    words.iter().enumerate().flat_map(move |(place, word)| {
        units(word).map(move |unit| {
            // "Stateful" begins as "stateless" does.
            let opposes = target.opposed_by(&unit);
            let found = if opposes.is_none() { target.find(&unit, answer.written(word)) } else { None };
            LookedUp { word: place, is_word: unit.key == word.key, counted: target.counted(&unit), found, opposes }
        })
    })
}

/// What one answer added.
#[derive(Debug)]
pub(super) struct Added {
    /// For each of the answer's segments, how much of it is in the target.
    pub(super) by_segment: Vec<f64>,
    /// For each key point, the answer's segments that say something of it, with how much.
    pub(super) by_key_point: Vec<Vec<(f64, usize)>>,
    /// Whether the answer is written in another script than the target, so that words cannot be compared.
    pub(super) is_other_script: bool,
}

/// What content is judged by; each from 0 to 1, but for the size.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Coverage {
    /// How many words of the reference mean something.
    pub(super) size: f64,
    /// How much of the reference's words was said.
    pub(super) recall: f64,
    /// How well its statements were made, on average.
    pub(super) statements: f64,
    /// How much of the order of its words was kept.
    pub(super) order: f64,
    /// How much of its groups of letters was said.
    pub(super) grams: f64,
    /// How much of what was said is in it.
    pub(super) precision: f64,
    /// How much of what was covered of its statements was turned round.
    pub(super) turned: f64,
    /// Whether a key point was denied, or so much of the reference that the score shows it.
    pub(super) is_denied: bool,
    /// How far the answers are the reference's words without their order.
    pub(super) shuffled: f64,
    /// How many of the neighbours among the reference's words are neighbours there as well.
    pub(super) kept: f64,
    /// How many of the answers' words are those of the reference or the question; and how many words there are.
    pub(super) known: f64,
    pub(super) words: f64,
    /// The same of the sentence that has most of them.
    pub(super) most_known: f64,
}

impl Comparison {
    pub(super) fn new(target: &Target) -> Self {
        Self {
            said: vec![0.0; target.keys.len()],
            made: vec![0.0; target.points.len()],
            denied: vec![false; target.points.len()],
            affirmed: vec![0.0; target.points.len()],
            plainly: vec![false; target.keys.len()],
            denied_with_all: vec![0.0; target.points.len()],
            bonds: target.bonds.start(),
            common: target.sequence.start(),
            grams: target.grams.start(),
            meaning: 0,
            known: 0,
            most_known: 0.0,
            words: 0,
            shared: 0,
            beside: 0,
            neighbours: 0,
            characters: 0,
            runs: 0,
            fitting: 0.0,
            all: 0.0,
            others: Vec::new(),
            has_other_figure: false,
            opposed: Vec::new(),
            seen: vec![0; target.keys.len()],
            segments: 0,
        }
    }

    /// Adds an answer.
    pub(super) fn add(&mut self, target: &Target, answer: &Text<'_>) -> Added {
        let (fitting_before, all_before) = (self.fitting, self.all);
        let mut by_segment = vec![0.0; answer.segments.len()];
        let mut by_key_point = vec![Vec::new(); target.key_points];
        let mut sums = vec![0.0; target.points.len()];
        let is_weighed = is_weighed(target);
        for (place, segment) in answer.segments.iter().enumerate().filter(|(_, segment)| !segment.is_idle) {
            self.segments += 1;
            let words = answer.words_of(segment);
            let looked_up: Vec<LookedUp> = looked_up(target, answer, words).collect();
            for unit in &looked_up {
                self.all += unit.counted;
                let Some((found, fit)) = unit.found else {
                    let word = &words[unit.word];
                    if is_weighed && unit.is_word {
                        self.others.push(word.key as u32);
                    }
                    self.has_other_figure |= answer.is_figure(word);
                    continue;
                };
                self.fitting += unit.counted * fit;
                if fit == 1.0 && unit.is_word {
                    target.sequence.add(&mut self.common, found);
                }
                self.said[found] = fit.max(self.said[found]);
                if self.seen[found] == self.segments {
                    continue;
                }
                self.seen[found] = self.segments;
                let weight = target.weights[found] * fit;
                by_segment[place] += weight;
                for point in target.points_of(found) {
                    sums[usize::from(*point)] += weight;
                }
            }
            let is_unclear = segment.marks.has(Marks::NEGATION) && is_unclear(answer, segment);
            let denies_all = segment.marks.has(Marks::NEGATION) && !is_unclear && denies_all(answer, segment);
            for (point, sum) in sums.iter_mut().enumerate().filter(|(_, sum)| **sum > 0.0) {
                let denied = segment.marks.has(Marks::NEGATION) != target.points[point].is_negated;
                let made = *sum / target.points[point].total * if denied { DENIED } else { 1.0 };
                if let Some(of_point) = by_key_point.get_mut(point) {
                    of_point.push((made, place));
                }
                if denies_all && !target.points[point].is_negated {
                    self.denied_with_all[point] = self.denied_with_all[point].max(made);
                } else if made > self.made[point] {
                    self.made[point] = made;
                    self.denied[point] = denied;
                }
                *sum = 0.0;
            }
            self.follow(target, answer, words, &looked_up);
            if denies_all {
                continue;
            }
            let mut rest = looked_up.as_slice();
            let mut end = 0;
            for clause in clauses(words) {
                end += clause.len();
                let (of_clause, others) = rest.split_at(rest.partition_point(|unit| unit.word < end));
                rest = others;
                let turns = target.bonds.follow(&mut self.bonds, answer, clause);
                self.weigh(target, clause, of_clause, if is_unclear { Vec::new() } else { turns }, &mut sums);
            }
        }
        let precision = ratio(self.fitting - fitting_before, self.all - all_before);
        let scripts = [answer.characters(), target.characters];
        let is_other_script =
            precision < 0.5 && scripts.iter().any(|it| *it < HARDLY) && scripts.iter().any(|it| *it > 0.5);
        Added { by_segment, by_key_point, is_other_script }
    }

    /// How well each point was made so far: the key points, then the statements of the reference.
    pub(super) fn points(&self, target: &Target) -> Vec<f64> {
        let (spread, turned) = (self.spread(target), self.turned());
        let made = |point: usize| {
            let spread = ratio(spread[point], target.points[point].total) * SPREAD;
            let made = self.made[point].max(if self.denied[point] { spread * DENIED } else { spread });
            if point < target.key_points && turned[point] { made * TURNED } else { made }
        };
        let mut points: Vec<f64> = (0..spread.len()).map(made).collect();
        for unit in self.otherwise(target) {
            for point in target.points_of(unit).iter().filter(|point| usize::from(**point) < target.key_points) {
                points[usize::from(*point)] = points[usize::from(*point)].min(OTHERWISE);
            }
        }
        points
    }

    /// The units of key points in whose place another figure or the opposite was said, and nowhere they themselves: who says both compares them.
    fn otherwise<'t>(&'t self, target: &'t Target) -> impl Iterator<Item = usize> + 't {
        let figures = target.figures.iter().filter(|_| self.has_other_figure);
        figures.chain(&self.opposed).copied().filter(|unit| self.said[*unit] < SAID)
    }

    /// Whether a key point has a unit in whose place something else was said: its name would give it away.
    pub(super) fn is_otherwise(&self, target: &Target, point: usize) -> bool {
        self.otherwise(target).any(|unit| target.points_of(unit).iter().any(|it| usize::from(*it) == point))
    }

    /// Whether each point was rather denied than said.
    fn turned(&self) -> Vec<bool> {
        let sides = self.denied_with_all.iter().zip(&self.made);
        let mut turned: Vec<bool> = sides.map(|(denied, made)| denied > made).collect();
        for turn in self.bonds.turned(|unit| self.plainly[unit]) {
            turned[turn.point] |= !turn.is_denial || self.affirmed[turn.point] < HAS;
        }
        turned
    }

    /// The units that were said, by half their keys, in rising order.
    pub(super) fn words(&self, target: &Target) -> Vec<u32> {
        let said = self.said.iter().enumerate().filter(|(_, fit)| **fit >= SAID);
        let mut words: Vec<u32> = said.filter_map(|(place, _)| target.keys.at(place)).map(|key| key as u32).collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// The words of the reference that were said and that were not, and what was said in their place.
    pub(super) fn wording(&self, target: &Target) -> Wording {
        let in_reference = self.said.iter().enumerate().filter(|(place, _)| target.in_reference[*place]);
        let words = in_reference.filter_map(|(place, said)| Some((target.keys.at(place)? as u32, *said >= SAID)));
        let (said, missed): (Vec<_>, Vec<_>) = words.partition(|(_, is_said)| *is_said);
        let keys = |words: Vec<(u32, bool)>| words.into_iter().map(|(key, _)| key).collect();
        let mut instead = self.others.clone();
        instead.sort_unstable();
        instead.dedup();
        Wording { said: keys(said), missed: keys(missed), instead }
    }

    /// How much of each point was said, wherever.
    fn spread(&self, target: &Target) -> Vec<f64> {
        let mut spread = vec![0.0; target.points.len()];
        for (place, said) in self.said.iter().enumerate().filter(|(_, said)| **said > 0.0) {
            for point in target.points_of(place) {
                spread[usize::from(*point)] += target.weights[place] * said;
            }
        }
        spread
    }

    /// Notes the groups of letters of words, and how far their order is that of the reference.
    fn follow(&mut self, target: &Target, answer: &Text<'_>, words: &[Word], looked_up: &[LookedUp]) {
        // How many words before this one are in the reference.
        let mut shared_before = 0;
        let (meaning, known) = (self.meaning, self.known);
        let mut is_known = vec![false; words.len()];
        // Of characters, whether the pair with the next one is known tells more.
        for unit in looked_up.iter().filter(|unit| !unit.is_word || !words[unit.word].is_character) {
            is_known[unit.word] |= unit.found.is_some();
        }
        for (place, word) in words.iter().enumerate() {
            self.characters += usize::from(word.is_character);
            self.runs += usize::from(word.starts_run(place.checked_sub(1).and_then(|before| words.get(before))));
            target.grams.add(&mut self.grams, answer, word);
            self.words += 1;
            if word.weight > 0.0 && !word.marks.has(Marks::TELLING) {
                self.meaning += 1;
                self.known += usize::from(is_known[place] || target.is_given(word));
            }
            if !target.words.has(word.key) {
                shared_before = 0;
                continue;
            }
            self.shared += 1;
            let before = place.checked_sub(1).and_then(|before| words.get(before)).filter(|_| shared_before > 0);
            // Two characters are a word, so that shuffled words keep half of the neighbours, and three together tell.
            let first = place.checked_sub(2).and_then(|first| words.get(first)).filter(|_| shared_before > 1);
            let neighbours = match (first, before) {
                _ if !word.is_character => before.map(|before| pair_key(before.key, word.key)),
                (Some(first), Some(before)) => Some(pair_key(pair_key(first.key, before.key), word.key)),
                _ => None,
            };
            if let Some(neighbours) = neighbours {
                self.beside += 1;
                self.neighbours += usize::from(target.neighbours.has(neighbours));
            }
            shared_before += 1;
        }
        let (meaning, known) = (self.meaning - meaning, self.known - known);
        // A short sentence needs no second word to speak of something.
        if known >= if meaning <= 3 { 1 } else { 2 } {
            self.most_known = self.most_known.max(known as f64 / meaning as f64);
        }
    }

    /// Notes which points a clause affirms, and which it denies or says the opposite of; `turns` are those that it may deny. `sums` is nothing yet, and nothing after.
    fn weigh(&mut self, target: &Target, clause: &[Word], looked_up: &[LookedUp], turns: Vec<Turn>, sums: &mut [f64]) {
        let is_plain = !clause.iter().any(|word| word.marks.has(Marks::NEGATION));
        for (found, fit) in looked_up.iter().filter_map(|unit| unit.found) {
            self.plainly[found] |= is_plain && fit >= SAID;
            for point in target.points_of(found) {
                sums[usize::from(*point)] += target.weights[found] * fit;
            }
        }
        let all: f64 = looked_up.iter().map(|unit| unit.counted).sum();
        for mut turn in turns {
            let (sum, total) = (sums[turn.point], target.points[turn.point].total);
            // Where the point denies, others may say the same in other words, or deny it of something else: such a clause says nothing besides.
            let is_turn =
                sum >= if turn.is_loose { ALL } else { HAS } * total && (turn.is_denial || sum >= IS_OF * all);
            if is_turn && !self.bonds.is_full() {
                let is_lacking = |unit: &usize| {
                    let is_of = target.points_of(*unit).iter().any(|point| usize::from(*point) == turn.point);
                    is_of && !looked_up.iter().any(|it| it.found.is_some_and(|(found, _)| found == *unit))
                };
                turn.lacks = (0..target.keys.len()).filter(is_lacking).collect();
                self.bonds.turn(turn);
            }
        }
        if is_plain {
            if looked_up.iter().any(|unit| unit.opposes.is_some()) {
                self.oppose(target, looked_up, all, sums);
            }
            for (place, sum) in sums.iter().enumerate().filter(|(_, sum)| **sum > 0.0) {
                self.affirmed[place] = self.affirmed[place].max(*sum / target.points[place].total);
            }
        }
        sums.fill(0.0);
    }

    /// Notes the units whose opposite a clause says, and nearly nothing besides but a key point that has the unit; `all` is what the clause's units count, and `sums` what each point has
    /// of them.
    fn oppose(&mut self, target: &Target, looked_up: &[LookedUp], all: f64, sums: &[f64]) {
        for (unit, place) in looked_up.iter().filter_map(|unit| Some((unit, unit.opposes?))) {
            // An opposing pair leaves its characters, and the pairs across its edges, without a match: they are not counted.
            let is_edge = |it: &LookedUp| {
                let places =
                    if it.is_word { unit.word..unit.word + 2 } else { unit.word.saturating_sub(1)..unit.word + 2 };
                !unit.is_word && it.found.is_none() && it.opposes.is_none() && places.contains(&it.word)
            };
            let edges: f64 = looked_up.iter().filter(|it| is_edge(it)).map(|it| it.counted).sum();
            let is_said_otherwise = |point: &u16| {
                let sum = sums[usize::from(*point)] + target.weights[place];
                sum >= IS_OF * (all - edges) && sum >= HAS * target.points[usize::from(*point)].total
            };
            let mut of_key_points =
                target.points_of(place).iter().filter(|point| usize::from(**point) < target.key_points);
            if of_key_points.any(is_said_otherwise) && !self.opposed.contains(&place) {
                self.opposed.push(place);
            }
        }
    }

    /// How much of the reference was said so far.
    pub(super) fn coverage(&self, target: &Target) -> Coverage {
        let said = |place: usize| self.said[place] * target.weights[place];
        let recall: f64 = (0..self.said.len()).filter(|place| target.in_reference[*place]).map(said).sum();
        let (sums, is_turned) = (self.spread(target), self.turned());
        // A statement counts with the root of its weight: a long one more than a short one, but not as much more.
        let (mut statements, mut weights, mut turned, mut covered) = (0.0, 0.0, 0.0, 0.0);
        for (place, point) in target.points.iter().enumerate().skip(target.key_points) {
            let weight = point.total.sqrt();
            let made = ratio(sums[place], point.total);
            statements += made * weight;
            covered += made * sums[place];
            weights += weight;
            if is_turned[place] {
                turned += made * sums[place];
            }
        }
        let turned = ratio(turned, covered);
        Coverage {
            size: target.sequence.words as f64,
            recall: ratio(recall, target.reference_weight),
            statements: ratio(statements, weights),
            order: target.sequence.share(&self.common),
            grams: target.grams.share(&self.grams),
            precision: ratio(self.fitting, self.all),
            turned,
            is_denied: turned > LITTLE_TURNED || is_turned.iter().take(target.key_points).any(|it| *it),
            shuffled: self.shuffled(target),
            kept: ratio(self.neighbours as f64, self.beside as f64),
            known: ratio(self.known as f64, self.meaning as f64),
            words: self.meaning as f64,
            most_known: self.most_known,
        }
    }

    /// How far the answers are the reference's words without their order: nearly all words are shared, and hardly two neighbours.
    fn shuffled(&self, target: &Target) -> f64 {
        let (from, to) = if target.is_unspaced { (0.15, 0.3) } else { (0.36, 0.5) };
        let kept = if self.beside < 4 { 1.0 } else { self.neighbours as f64 / self.beside as f64 };
        // Of Chinese, a list has pieces of two characters, where the reference has longer ones.
        let run = self.characters as f64 / self.runs.max(1) as f64;
        let pieces = if self.characters < 6 { 0.0 } else { (1.0 - ramp(run, 2.0, 2.2)) * ramp(target.run, 2.6, 3.2) };
        ramp(ratio(self.shared as f64, self.words as f64), 0.8, 0.95) * (1.0 - ramp(kept, from, to)).max(pieces)
    }
}

/// Whether a text is rather a list of words than sentences, from 0 (sentences) to 1; a list is as good where the target is one.
pub(super) fn listing(answer: &Text<'_>, target: &Target) -> f64 {
    let least = if target.is_unspaced { 6 } else { 3 };
    if answer.words.len() < least || target.is_list { 0.0 } else { answer.listing() }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(reference: &str, answers: &[&str]) -> Coverage {
        let target = Target::new(&Text::read("What is a deadlock?"), Some(&Text::read(reference)), &[]).unwrap();
        let mut comparison = Comparison::new(&target);
        for answer in answers {
            comparison.add(&target, &Text::read(answer));
        }
        comparison.coverage(&target)
    }

    const REFERENCE: &str = "Two threads each hold a lock that the other needs. A fixed order of locks avoids it.";

    #[test]
    fn the_reference_covers_itself() {
        let coverage = compared(REFERENCE, &[REFERENCE]);
        assert_eq!((coverage.recall, coverage.order, coverage.precision, coverage.grams), (1.0, 1.0, 1.0, 1.0));
        assert!((coverage.statements - 1.0).abs() < 1e-9);
    }

    #[test]
    fn answers_add_up() {
        let first = "Two threads each hold a lock that the other needs.";
        let second = "A fixed order of locks avoids it.";
        let both = compared(REFERENCE, &[first, second]);
        assert!(both.recall > compared(REFERENCE, &[first]).recall);
        assert!((both.recall - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_statement_that_is_denied_is_turned_round() {
        let denied = compared(REFERENCE, &["A fixed order of locks never avoids it."]);
        assert!(denied.turned > 0.9);
        assert_eq!(compared(REFERENCE, &["A fixed order of locks avoids it."]).turned, 0.0);
        // Denying something else turns nothing round.
        let other = "There is no timeout, and a fixed order of locks avoids it.";
        assert_eq!(compared(REFERENCE, &[other]).turned, 0.0);
    }

    #[test]
    fn words_without_their_order_are_told_from_words_in_order() {
        let shuffled = "needs the each a avoids lock order that Two it threads of hold fixed other A locks the";
        assert!(compared(REFERENCE, &[shuffled]).shuffled > 0.9);
        assert_eq!(compared(REFERENCE, &["A fixed order of the locks that threads hold avoids it."]).shuffled, 0.0);
    }
}
