//! What goes in.

use serde::{Deserialize, Serialize};

use crate::domain::limits;
use crate::error::{Error, Result};

const DEFAULT_RESAMPLES: u32 = 1_000;
/// What a pair costs in a resample however few items it has, in items.
const LEAST_COST: usize = 100;

/// One rater's scores, a person's or a model's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rater {
    /// Who rated, up to 200 characters; unique in the request.
    pub name: String,
    /// The score of each item, in the order that all raters have; none where this rater gave none.
    pub scores: Vec<Option<f64>>,
}

/// Ratings of the same items by two or more raters, and how to look at them.
///
/// ```
/// use vivavoce::agreement::AgreementRequest;
///
/// let request = AgreementRequest::new()
///     .rater("Ada", [0.25, 0.5, 1.0])
///     .rater("model", [0.31, 0.44, 0.97])
///     .levels(5);
/// assert_eq!(request.raters.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementRequest {
    /// 2 to 50 raters, each with as many scores as the others, at most 100,000.
    pub raters: Vec<Rater>,
    /// How many categories the kappas see, 2 to 100: scores of 0 to 1 count as the nearest of so many equally spaced levels, and as the upper one halfway. When not given, the
    /// distinct scores of all raters are the categories, which suits scales of whole numbers. Nothing else looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<u32>,
    /// How many resamples the intervals are of, up to 10,000; 1,000 when not given. With 0 there are no intervals.
    #[serde(default = "default_resamples")]
    pub resamples: u32,
    /// Where the generator of the resamples starts; 0 when not given.
    #[serde(default)]
    pub seed: u32,
}

fn default_resamples() -> u32 {
    DEFAULT_RESAMPLES
}

impl Default for AgreementRequest {
    fn default() -> Self {
        Self { raters: Vec::new(), levels: None, resamples: DEFAULT_RESAMPLES, seed: 0 }
    }
}

impl AgreementRequest {
    /// A request without raters yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rater: a score for each item, or `Some` where it was rated and `None` where not.
    #[must_use]
    pub fn rater<S: Into<Option<f64>>>(mut self, name: impl Into<String>, scores: impl IntoIterator<Item = S>) -> Self {
        self.raters.push(Rater { name: name.into(), scores: scores.into_iter().map(Into::into).collect() });
        self
    }

    /// Has scores of 0 to 1 count as so many levels where categories are needed.
    #[must_use]
    pub fn levels(mut self, levels: u32) -> Self {
        self.levels = Some(levels);
        self
    }

    /// Sets how many resamples the intervals are of.
    #[must_use]
    pub fn resamples(mut self, resamples: u32) -> Self {
        self.resamples = resamples;
        self
    }

    /// Sets where the generator of the resamples starts.
    #[must_use]
    pub fn seed(mut self, seed: u32) -> Self {
        self.seed = seed;
        self
    }

    /// How many items there are, rated or not.
    pub(super) fn items(&self) -> usize {
        self.raters.first().map_or(0, |rater| rater.scores.len())
    }

    /// Checks every limit.
    pub(super) fn check(&self) -> Result<()> {
        limits::count("raters", self.raters.len(), 2, limits::MAX_RATERS)?;
        let items = self.items();
        limits::count("raters[0].scores", items, 1, limits::MAX_ITEMS)?;
        if let Some(levels) = self.levels {
            limits::count("levels", levels as usize, 2, limits::MAX_CATEGORIES)?;
        }
        for (place, rater) in self.raters.iter().enumerate() {
            limits::required_text(&format!("raters[{place}].name"), &rater.name, limits::MAX_LABEL)?;
            if self.raters[..place].iter().any(|other| other.name == rater.name) {
                return Err(Error::invalid_input(format!("raters[{place}].name is there twice")));
            }
            let given = rater.scores.len();
            if given != items {
                let said = format!("raters[{place}].scores: {given} given, {items} of raters[0]");
                return Err(Error::invalid_input(said));
            }
            for (item, score) in rater.scores.iter().enumerate() {
                let Some(score) = *score else { continue };
                // Neither holds for what is no number.
                let within = match self.levels {
                    Some(_) => (0.0..=1.0).contains(&score),
                    None => score.abs() <= limits::MAX_SCORE,
                };
                if !within {
                    let limit = match self.levels {
                        Some(_) => "0 to 1, which levels are for".to_owned(),
                        None => format!("-{0} to {0}", limits::MAX_SCORE),
                    };
                    return Err(Error::invalid_input(format!("raters[{place}].scores[{item}] is not within {limit}")));
                }
            }
        }
        let pairs = self.raters.len() * (self.raters.len() - 1) / 2;
        let most =
            (limits::MAX_RESAMPLED / (pairs * items.max(LEAST_COST)) as u64).min(u64::from(limits::MAX_RESAMPLES));
        if u64::from(self.resamples) > most {
            let given = self.resamples;
            let said = format!("resamples: {given} given, 0 to {most} allowed for {pairs} pairs of {items} items");
            return Err(Error::invalid_input(said));
        }
        Ok(())
    }

    /// The category of each score, by rater; none where the scores are too many to be categories. What has no score has a category that nobody looks at.
    pub(super) fn categories(&self) -> Option<Vec<Vec<u32>>> {
        let of = |category: &dyn Fn(f64) -> u32| {
            let codes = |rater: &Rater| rater.scores.iter().map(|score| score.map_or(0, category)).collect();
            self.raters.iter().map(codes).collect()
        };
        if let Some(levels) = self.levels {
            let highest = f64::from(levels.saturating_sub(1));
            return Some(of(&|score| (score * highest).round() as u32));
        }
        let mut distinct: Vec<f64> = Vec::new();
        for score in self.raters.iter().flat_map(|rater| &rater.scores).flatten() {
            let place = distinct.partition_point(|known| known < score);
            if distinct.get(place) != Some(score) {
                if distinct.len() == limits::MAX_CATEGORIES {
                    return None;
                }
                distinct.insert(place, *score);
            }
        }
        Some(of(&|score| distinct.partition_point(|known| *known < score) as u32))
    }
}
