//! From a level to a score: documented, and the same every time.

use crate::domain::Competency;

/// What level 0 means, for every competency.
const NOTHING: &str = "The answer shows nothing of it.";
/// The levels of a competency that has none of its own.
const STANDARD: [(f64, &str); 4] = [
    (0.25, "The answer shows a little of it, with large gaps or mistakes."),
    (0.5, "The answer shows it in part."),
    (0.75, "The answer shows most of it, with small gaps."),
    (1.0, "The answer shows it fully."),
];

/// A competency's levels, as a language model is given them: 0 for nothing, then the rubric's own by rising score, or four standard ones.
#[derive(Debug)]
pub(super) struct Levels<'a>(Vec<(f64, &'a str)>);

impl<'a> Levels<'a> {
    pub(super) fn of(competency: &'a Competency) -> Self {
        let own = competency.levels.iter().map(|level| (level.score, level.anchor.as_str()));
        let mut levels = vec![(0.0, NOTHING)];
        match competency.levels.is_empty() {
            true => levels.extend(STANDARD),
            false => levels.extend(own),
        }
        Self(levels)
    }

    /// The highest level.
    pub(super) fn highest(&self) -> usize {
        self.0.len() - 1
    }

    /// The score of a level.
    pub(super) fn score(&self, level: usize) -> Option<f64> {
        self.0.get(level).map(|(score, _)| *score)
    }

    /// Every level with its description.
    pub(super) fn anchors(&self) -> impl Iterator<Item = (usize, &'a str)> + '_ {
        self.0.iter().enumerate().map(|(level, (_, anchor))| (level, *anchor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_the_rubrics_own_score_or_a_quarter_more_each() {
        let own = Competency::new("A").level(0.2, "x").level(0.6, "y").level(1.0, "z");
        let levels = Levels::of(&own);
        assert_eq!(
            (0..5).map(|level| levels.score(level)).collect::<Vec<_>>(),
            [Some(0.0), Some(0.2), Some(0.6), Some(1.0), None]
        );
        let standard = Competency::new("A");
        let levels = Levels::of(&standard);
        assert_eq!((levels.highest(), levels.score(1), levels.score(4)), (4, Some(0.25), Some(1.0)));
    }
}
