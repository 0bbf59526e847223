//! How much of what a full answer says, the answers to a question have said so far.

use super::lexicon::Marks;
use super::target::{Target, pairs, prose, units};
use super::text::Text;

/// What is left of a match where one side denies and the other does not: modest, as the negation may be about something else.
const DENIED: f64 = 0.85;
/// What statements spread over an answer count, against one sentence that makes them.
const SPREAD: f64 = 0.9;

/// The answers to one planned question so far, compared with its target. A probe's answer adds to what was said before, so that it need not repeat it.
#[derive(Debug)]
pub(super) struct Comparison {
    /// How well each unit was said.
    said: Vec<f64>,
    /// How well each point was made in one sentence.
    made: Vec<f64>,
    /// Whether the sentence that made each point best denies where the point does not, or the other way round.
    denied: Vec<bool>,
    /// Which of the target's pairs were said.
    paired: Vec<bool>,
    /// What the answers' units count that are also in the target, and all.
    fitting: f64,
    all: f64,
    /// Scratch: the last segment, counted over all answers, that had a unit.
    seen: Vec<u32>,
    segments: u32,
}

/// What one answer added.
#[derive(Debug)]
pub(super) struct Added {
    /// For each of the answer's segments, how much of it is in the target.
    pub(super) by_segment: Vec<f64>,
    /// Whether the answer is written in another script than the target, so that words cannot be compared.
    pub(super) is_other_script: bool,
}

/// What content is judged by; each from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Coverage {
    /// How much of the reference's words was said.
    pub(super) recall: f64,
    /// How well its statements were made, on average.
    pub(super) statements: f64,
    /// How much of the order of its words was kept.
    pub(super) order: f64,
    /// How much of what was said is in it.
    pub(super) precision: f64,
    /// How long the answers are against it; 1 for as long or longer.
    pub(super) length: f64,
    /// How many of its numbers were said; the recall where it has none.
    pub(super) numbers: f64,
    /// How much of its statements was denied where they do not deny, or the other way round.
    pub(super) denied: f64,
}

impl Comparison {
    pub(super) fn new(target: &Target) -> Self {
        Self {
            said: vec![0.0; target.keys.len()],
            made: vec![0.0; target.points.len()],
            denied: vec![false; target.points.len()],
            paired: vec![false; target.pairs.len()],
            fitting: 0.0,
            all: 0.0,
            seen: vec![0; target.keys.len()],
            segments: 0,
        }
    }

    /// Adds an answer.
    pub(super) fn add(&mut self, target: &Target, answer: &Text<'_>) -> Added {
        let (fitting_before, all_before) = (self.fitting, self.all);
        let mut by_segment = vec![0.0; answer.segments.len()];
        let mut sums = vec![0.0; target.points.len()];
        for (place, segment) in answer.segments.iter().enumerate().filter(|(_, segment)| !segment.is_idle) {
            self.segments += 1;
            let words = answer.words_of(segment);
            for unit in words.iter().flat_map(units) {
                let counted = target.counted(&unit);
                self.all += counted;
                let Some((found, fit)) = target.find(&unit) else {
                    continue;
                };
                self.fitting += counted * fit;
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
            for (point, sum) in sums.iter_mut().enumerate().filter(|(_, sum)| **sum > 0.0) {
                let denied = segment.marks.has(Marks::NEGATION) != target.points[point].is_negated;
                let made = *sum / target.points[point].total * if denied { DENIED } else { 1.0 };
                if made > self.made[point] {
                    self.made[point] = made;
                    self.denied[point] = denied;
                }
                *sum = 0.0;
            }
            for pair in pairs(words) {
                if let Some(found) = target.pairs.find(pair) {
                    self.paired[found] = true;
                }
            }
        }
        let characters = answer.words.iter().filter(|word| word.is_character).count();
        let precision = ratio(self.fitting - fitting_before, self.all - all_before);
        let is_other_script = (characters * 2 > answer.words.len()) != target.is_unspaced && precision < 0.5;
        Added { by_segment, is_other_script }
    }

    /// How well each point was made so far: the key points, then the statements of the reference.
    pub(super) fn points(&self, target: &Target) -> Vec<f64> {
        let mut spread = vec![0.0; target.points.len()];
        for (place, said) in self.said.iter().enumerate().filter(|(_, said)| **said > 0.0) {
            for point in target.points_of(place) {
                spread[usize::from(*point)] += target.weights[place] * said;
            }
        }
        (0..spread.len())
            .map(|point| {
                let spread = ratio(spread[point], target.points[point].total) * SPREAD;
                self.made[point].max(if self.denied[point] { spread * DENIED } else { spread })
            })
            .collect()
    }

    /// How much of the reference was said so far; `points` are those of [`points`](Self::points).
    pub(super) fn coverage(&self, target: &Target, points: &[f64]) -> Coverage {
        let (mut recall, mut numbers, mut all_numbers) = (0.0, 0.0, 0.0);
        for (place, said) in self.said.iter().enumerate().filter(|(place, _)| target.in_reference[*place]) {
            recall += said * target.weights[place];
            if target.is_number[place] {
                numbers += said;
                all_numbers += 1.0;
            }
        }
        let recall = ratio(recall, target.reference_weight);
        let first = target.key_points.min(points.len());
        let (statements, totals, denied) = (&points[first..], &target.points[first..], &self.denied[first..]);
        // A statement counts with the root of its weight: a long one more than a short one, but not as much more.
        let weighted = statements.iter().zip(totals).map(|(made, point)| made * point.total.sqrt()).sum::<f64>();
        let weight = totals.iter().map(|point| point.total.sqrt()).sum::<f64>();
        let denied = totals.iter().zip(denied).filter(|(_, denied)| **denied).map(|(point, _)| point.total.sqrt());
        Coverage {
            denied: ratio(denied.sum::<f64>(), weight),
            recall,
            statements: ratio(weighted, weight),
            order: ratio(self.paired.iter().filter(|paired| **paired).count() as f64, target.pairs.len() as f64),
            precision: ratio(self.fitting, self.all),
            length: ratio(self.all, target.reference_length).min(1.0),
            numbers: if all_numbers > 0.0 { numbers / all_numbers } else { recall },
        }
    }
}

/// Whether a text is rather a list of words than sentences, from 0 (sentences) to 1; a list is as good where the target is one.
pub(super) fn listing(answer: &Text<'_>, target: &Target) -> f64 {
    if answer.words.len() < 6 {
        return 0.0;
    }
    // English sentences have a third to a half of such words, Chinese ones a tenth to a third of such characters.
    let characters = answer.words.iter().filter(|word| word.is_character).count();
    let usual = if characters * 2 > answer.words.len() { 0.08 } else { 0.2 };
    if target.reference_weight > 0.0 && target.prose < 2.0 * usual {
        return 0.0;
    }
    (1.0 - prose(answer) / usual).max(0.0)
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
        comparison.coverage(&target, &comparison.points(&target))
    }

    const REFERENCE: &str = "Two threads each hold a lock that the other needs. A fixed order of locks avoids it.";

    #[test]
    fn the_reference_covers_itself() {
        let coverage = compared(REFERENCE, &[REFERENCE]);
        assert_eq!((coverage.recall, coverage.order, coverage.precision, coverage.length), (1.0, 1.0, 1.0, 1.0));
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
    fn denying_a_statement_counts_modestly() {
        let said = compared(REFERENCE, &["A fixed order of locks avoids it."]).statements;
        let denied = compared(REFERENCE, &["A fixed order of locks never avoids it."]).statements;
        assert!(denied < said && denied > said * 0.7, "{denied} {said}");
    }
}
