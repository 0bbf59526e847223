//! What the built-in evaluator measures, for the program that learns its weights (`tests/accuracy`); no part of the library's interface.

use super::content::measures;
use super::judging::Planned;
use super::text::Text;
use super::wording::is_weighed;
use crate::domain::Question;

/// What was measured of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// How the answer agrees with the reference.
    pub measures: Vec<f64>,
    /// How many words of the reference mean something.
    pub size: f64,
    /// Whether the reference is written without spaces.
    pub is_unspaced: bool,
    /// Words by numbers: those of the reference that were said, those that were not, and those that were said and are not in it. None where single words are not weighed.
    pub words: Option<[Vec<u32>; 3]>,
}

/// Measures an answer to a question with a reference; none where there is nothing to compare.
pub fn measure(question: &Question, answer: &str) -> Option<Measured> {
    let mut planned = Planned::read(question);
    planned.add(&Text::read(answer))?;
    let (target, comparison) = planned.nearest()?;
    let coverage = comparison.coverage(target);
    let words = is_weighed(target).then(|| {
        let wording = comparison.wording(target);
        [wording.said, wording.missed, wording.instead]
    });
    Some(Measured {
        measures: measures(&coverage).to_vec(),
        size: coverage.size,
        is_unspaced: target.is_unspaced,
        words,
    })
}
