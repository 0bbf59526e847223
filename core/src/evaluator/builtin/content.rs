//! How much of the content that was asked for an answer has.
//!
//! Four measures of how an answer agrees with its reference are learned from people who scored answers: what they are on average, and how much better an answer is that agrees
//! more (`weights`, `tests/accuracy`). Only addition, multiplication, division and square roots are used, which IEEE 754 makes the same everywhere.

use super::comparison::Coverage;
use super::weights::{BASE, DEVIATION, MEAN, SIZES, SLOPES};

/// What is left of an answer that is the reference's words without their order, of one that turns its statements round, of a list of its words, and of one that speaks of
/// something else.
const SHUFFLED: f64 = 0.2;
const TURNED: f64 = 0.2;
const LISTED: f64 = 0.2;
const FOREIGN: f64 = 0.3;
/// Of a reference of which no more is turned round, nothing is taken off.
pub(super) const LITTLE_TURNED: f64 = 0.3;
/// The measures, two of each kind.
const MEASURES: usize = 8;
/// Beyond so many standard deviations, more says no more.
const FARTHEST: f64 = 3.0;
/// How many characters make a word, where there are no spaces.
const CHARACTERS: f64 = 1.7;

/// How well the key points were covered: the mean of their shares.
pub(super) fn of_key_points(points: &[f64]) -> f64 {
    points.iter().map(|point| share(*point)).sum::<f64>() / points.len().max(1) as f64
}

/// How much of a point was said: each counts from a fifth of its words on, and fully from four fifths.
pub(super) fn share(point: f64) -> f64 {
    ramp(point, 0.2, 0.8)
}

/// What an answer has of the reference, in four ways. The first of anything shows more than the last: of long references even good answers have little. Each is there twice:
/// how much more the first shows depends on the reference's size, and does not.
pub(super) fn measures(coverage: &Coverage) -> [f64; MEASURES] {
    let saturated = |part: f64, early: f64| part * (1.0 + early) / (part + early);
    let mut measures = [0.0; MEASURES];
    let parts = [coverage.order, coverage.recall, coverage.statements, coverage.grams];
    for (two, part) in measures.chunks_exact_mut(2).zip(parts) {
        two[0] = saturated(part, 0.1 + 3.0 / (1.0 + coverage.size));
        two[1] = saturated(part, 0.1);
    }
    measures
}

/// How near an answer is to one of several references, from 0 to 1: a short one is soon covered, and so it counts as well how much of what was said is in it.
pub(super) fn nearness(coverage: &Coverage) -> f64 {
    let (recall, precision) = (coverage.recall, coverage.precision);
    let both = if recall + precision > 0.0 { 2.0 * recall * precision / (recall + precision) } else { 0.0 };
    0.5 * recall + 0.5 * both
}

/// How far an answer agrees, in standard deviations from what answers do on average.
fn agreement(coverage: &Coverage) -> f64 {
    let scaled = measures(coverage).into_iter().zip(MEAN.iter().zip(DEVIATION));
    scaled.map(|(value, (mean, deviation))| ((value - mean) / deviation).clamp(-FARTHEST, FARTHEST)).sum::<f64>()
        / MEASURES as f64
}

/// How well an answer agrees with the reference; `wording` is what its single words are worth, and `listing` is how far it is a list.
pub(super) fn of_reference(coverage: &Coverage, wording: f64, listing: f64, is_unspaced: bool) -> f64 {
    let words = if is_unspaced { coverage.size / CHARACTERS } else { coverage.size };
    let slope = between(&SIZES, &SLOPES[usize::from(is_unspaced)], words);
    let without = |how_far: f64, left: f64| 1.0 - how_far * (1.0 - left);
    // Lists that have all that was asked for are made for that; of a short reference, a list of its words is as good as a sentence.
    let listed = listing
        * ramp(coverage.recall, 0.5, 0.75)
        * match is_unspaced {
            true => ramp(words, 10.0, 16.0),
            // "The positive terminal" may be said without its article.
            false => {
                ramp(words, 2.0, 4.0).max(ramp(words, 2.0, 3.0) * (1.0 - coverage.kept))
                    * (1.0 - ramp(coverage.kept, 0.75, 1.0))
            }
        };
    (BASE + slope * agreement(coverage) + wording).clamp(0.0, 1.0)
        * without(coverage.shuffled, SHUFFLED)
        * without(ramp(coverage.turned, LITTLE_TURNED, 0.6), TURNED)
        * without(listed, LISTED)
        * without(foreign(coverage, is_unspaced), FOREIGN)
}

/// How far answers speak of something else, from 0 to 1, or of the same in words of their own: hardly a word is one of the reference or of the question, and there is no sentence that
/// speaks of it, which in a very long text is no wonder. Few words can say it in other words.
pub(super) fn foreign(coverage: &Coverage, is_unspaced: bool) -> f64 {
    let spoken_of = ramp(coverage.most_known, 0.3, 0.5) * (1.0 - ramp(coverage.words, 100.0, 300.0));
    // The longer a text, the more of what it shares is chance.
    let words = if is_unspaced { coverage.words / CHARACTERS } else { coverage.words };
    let by_chance = ramp(words, 500.0, 1_500.0);
    (1.0 - ramp(coverage.known, 0.06 + 0.1 * by_chance, 0.14 + 0.2 * by_chance))
        * ramp(coverage.words, 6.0, 10.0)
        * (1.0 - spoken_of)
}

/// The value at a place on straight lines through points whose places rise; outside, that of the nearest one.
fn between(places: &[f64], values: &[f64], at: f64) -> f64 {
    let above = places.partition_point(|place| *place <= at);
    let pick = |list: &[f64], place: usize| list.get(place).copied().unwrap_or_default();
    if above == 0 || above == places.len() {
        return pick(values, above.saturating_sub(1));
    }
    let (from, to) = (pick(places, above - 1), pick(places, above));
    let (low, high) = (pick(values, above - 1), pick(values, above));
    low + (high - low) * (at - from) / (to - from)
}

/// 0 up to `from`, 1 from `to` on, and straight between.
pub(super) fn ramp(value: f64, from: f64, to: f64) -> f64 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_never_less() {
        for is_unspaced in [false, true] {
            for size in [1.0, 3.0, 10.0, 80.0, 500.0] {
                let mut last = 0.0;
                for step in 0..=100 {
                    let all = f64::from(step) / 100.0;
                    let coverage = Coverage {
                        size,
                        recall: all,
                        statements: all,
                        order: all,
                        grams: all,
                        known: 1.0,
                        ..Coverage::default()
                    };
                    let score = of_reference(&coverage, 0.0, 0.0, is_unspaced);
                    assert!((last..=1.0).contains(&score), "{size} {all}: {score}");
                    last = score;
                }
            }
        }
    }

    #[test]
    fn a_long_text_has_to_share_more_than_a_short_one_to_speak_of_the_same() {
        let of = |words: f64, known: f64| foreign(&Coverage { words, known, ..Coverage::default() }, false);
        assert_eq!([of(50.0, 0.15), of(500.0, 0.15), of(1_500.0, 0.15)], [0.0, 0.0, 1.0]);
        assert_eq!([of(1_500.0, 0.35), of(9_000.0, 0.35)], [0.0, 0.0]);
        // A character is no word.
        assert_eq!(foreign(&Coverage { words: 850.0, known: 0.15, ..Coverage::default() }, true), 0.0);
    }

    #[test]
    fn what_is_between_lies_on_a_line() {
        let at = |place| between(&[1.0, 3.0, 4.0], &[10.0, 20.0, 0.0], place);
        assert_eq!([at(0.0), at(1.0), at(2.0), at(3.5), at(9.0)], [10.0, 10.0, 15.0, 10.0, 0.0]);
    }

    #[test]
    fn key_points_count_alike() {
        assert_eq!(of_key_points(&[1.0, 0.0]), 0.5);
        assert_eq!(of_key_points(&[0.8, 0.9]), 1.0);
        assert_eq!(of_key_points(&[0.1]), 0.0);
    }
}
