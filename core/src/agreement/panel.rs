//! All raters together.

use super::FEWEST_ITEMS;
use super::request::Rater;

/// An item that at least two rated.
struct Item {
    place: usize,
    raters: u32,
    mean: f64,
    /// The sum of the squares of its scores' distances from their mean.
    squares: f64,
    lowest: f64,
    highest: f64,
    /// Where its scores begin in `Panel::residuals`, if all rated it.
    residuals: Option<usize>,
}

pub(super) struct Panel {
    raters: usize,
    items: Vec<Item>,
    /// The scores of the complete items, each less its item's mean.
    residuals: Vec<f64>,
}

impl Panel {
    pub(super) fn new(raters: &[Rater], items: usize) -> Self {
        let mut panel = Self { raters: raters.len(), items: Vec::new(), residuals: Vec::new() };
        let mut scores = Vec::new();
        for place in 0..items {
            scores.clear();
            scores.extend(raters.iter().filter_map(|rater| rater.scores[place]));
            if scores.len() < 2 {
                continue;
            }
            let lowest = scores.iter().copied().fold(f64::INFINITY, f64::min);
            let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            // From the lowest on: the mean of equal scores is then that score, and no rounding makes them differ.
            let mean = lowest + scores.iter().map(|score| score - lowest).sum::<f64>() / scores.len() as f64;
            let residuals = (scores.len() == raters.len()).then_some(panel.residuals.len());
            if residuals.is_some() {
                panel.residuals.extend(scores.iter().map(|score| score - mean));
            }
            let squares = scores.iter().map(|score| (score - mean) * (score - mean)).sum();
            let raters = scores.len() as u32;
            panel.items.push(Item { place, raters, mean, squares, lowest, highest, residuals });
        }
        panel
    }

    pub(super) fn complete_items(&self) -> u32 {
        (self.residuals.len() / self.raters) as u32
    }

    /// ICC(2,1), ICC(2,k) and Krippendorff's alpha where each item counts as often as `weights` says.
    pub(super) fn statistics(&self, weights: &[u32]) -> [Option<f64>; 3] {
        let (one, mean) = self.intraclass_correlations(weights).unwrap_or_default();
        [one, mean, self.alpha(weights)]
    }

    fn intraclass_correlations(&self, weights: &[u32]) -> Option<(Option<f64>, Option<f64>)> {
        let complete = || self.items.iter().filter_map(|item| Some((item, &self.residuals[item.residuals?..])));
        let complete = || complete().map(|(item, residuals)| (item, &residuals[..self.raters], weights[item.place]));
        let varying = Varying::of(complete().map(|(item, _, weight)| (item, weight)))?;
        let n = varying.count as f64;
        let k = self.raters as f64;

        let mut grand_sum = 0.0;
        // Each rater's mean less the mean of all.
        let mut leanings = vec![0.0; self.raters];
        for (item, residuals, weight) in complete() {
            grand_sum += f64::from(weight) * item.mean;
            for (leaning, residual) in leanings.iter_mut().zip(residuals) {
                *leaning += f64::from(weight) * residual;
            }
        }
        let grand_mean = grand_sum / n;
        leanings.iter_mut().for_each(|leaning| *leaning /= n);
        let (mut between_items, mut left) = (0.0, 0.0);
        for (item, residuals, weight) in complete() {
            let distance = item.mean - grand_mean;
            between_items += f64::from(weight) * distance * distance;
            for (leaning, residual) in leanings.iter().zip(residuals) {
                left += f64::from(weight) * (residual - leaning) * (residual - leaning);
            }
        }
        let of_items = k * between_items / (n - 1.0);
        let of_raters = n * leanings.iter().map(|leaning| leaning * leaning).sum::<f64>() / (k - 1.0);
        let of_error = left / ((n - 1.0) * (k - 1.0));
        let share = |whole: f64| {
            let share = (of_items - of_error) / whole;
            (whole > 0.0 && share.is_finite()).then_some(share)
        };
        let one = share(of_items + (k - 1.0) * of_error + k * (of_raters - of_error) / n);
        let mean = share(of_items + (of_raters - of_error) / n);
        Some((one, mean))
    }

    fn alpha(&self, weights: &[u32]) -> Option<f64> {
        let items = || self.items.iter().map(|item| (item, weights[item.place]));
        Varying::of(items())?;
        let (mut count, mut sum) = (0.0, 0.0);
        for (item, weight) in items() {
            let scores = f64::from(weight) * f64::from(item.raters);
            count += scores;
            sum += scores * item.mean;
        }
        let mean = sum / count;
        let (mut within, mut all) = (0.0, 0.0);
        for (item, weight) in items() {
            let (weight, raters, distance) = (f64::from(weight), f64::from(item.raters), item.mean - mean);
            within += weight * item.squares * raters / (raters - 1.0);
            all += weight * (item.squares + raters * distance * distance);
        }
        let alpha = 1.0 - within / count * (count - 1.0) / all;
        alpha.is_finite().then_some(alpha)
    }
}

/// Items that are enough, and whose scores are not all the same. That is told by comparing: sums of squares need not be exactly 0.
struct Varying {
    count: u64,
}

impl Varying {
    fn of<'a>(items: impl Iterator<Item = (&'a Item, u32)>) -> Option<Self> {
        let (mut count, mut lowest, mut highest) = (0, f64::INFINITY, f64::NEG_INFINITY);
        for (item, weight) in items.filter(|(_, weight)| *weight > 0) {
            count += u64::from(weight);
            lowest = lowest.min(item.lowest);
            highest = highest.max(item.highest);
        }
        (count >= FEWEST_ITEMS && lowest < highest).then_some(Self { count })
    }
}
