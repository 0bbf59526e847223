//! How far raters agree, people or models: correlations, kappas, intraclass correlations, Krippendorff's alpha, bias and limits of agreement.
//!
//! Ratings go in as one [`AgreementRequest`], and all that is known of them comes out as one [`Agreement`]. Both are plain documents; nothing is stored and no engine is
//! needed. A model whose scores agree with people's as people's agree with one another has earned its place; one with a high correlation and a large bias has not.
//!
//! ```
//! use vivavoce::agreement::{Agreement, AgreementRequest};
//!
//! let request = AgreementRequest::new()
//!     .rater("Ada", [1.0, 2.0, 3.0, 4.0, 5.0])
//!     .rater("model", [Some(2.0), Some(2.0), Some(4.0), None, Some(5.0)]);
//! let agreement = Agreement::of(&request)?;
//!
//! let pair = &agreement.pairs[0];
//! assert_eq!(pair.items, 4);
//! assert_eq!(pair.bias.as_ref().map(|bias| bias.value), Some(-0.5));
//! assert!(agreement.krippendorff_alpha.is_some_and(|alpha| alpha.value > 0.8));
//! # Ok::<(), vivavoce::Error>(())
//! ```
//!
//! # What has no value
//! A statistic is absent where its formula has none, and never a guess: with fewer than 3 items, where scores that should differ are all the same, where there are no
//! categories. Each field says when.
//!
//! # Intervals
//! An interval is the 2.5 % and the 97.5 % quantile of the statistic over resamples (Efron's percentile bootstrap), with linear interpolation between the two nearest. A
//! resample draws as many items as there are, with replacement, each with all its scores, gaps included. The `b`-th item drawn is `floor(u × items / 2^64)` for the `b`-th
//! output `u` of the SplitMix64 generator, which starts from the request's seed and goes on from one resample to the next: the same request gives the same document
//! on every machine. Resamples without a value do not count; where they are more than one in ten, there is no interval.
//!
//! # What it costs
//! A statistic of a pair takes `O(items × log items)`, Kendall's tau included, and everything is computed once for the ratings and once for each resample: three raters of
//! 10,000 items with 1,000 resamples take one to two seconds of one processor. Items, pairs of raters and resamples together have a limit, [`MAX_RESAMPLED`](crate::limits::MAX_RESAMPLED).

mod bootstrap;
mod document;
mod pair;
mod panel;
mod request;
#[cfg(test)]
mod tests;

pub use document::{Agreement, Estimate, LimitsOfAgreement, PairAgreement, PairMeans};
pub use request::{AgreementRequest, Rater};

use crate::error::Result;
use bootstrap::{Draws, Estimator};
use pair::{CORRELATIONS_AND_KAPPAS, Pair};
use panel::Panel;

/// With fewer items nothing is said: two points always lie on a line.
const FEWEST_ITEMS: u64 = 3;

impl Agreement {
    /// How far the raters agree.
    ///
    /// # Errors
    /// `invalid_input`, naming the field and the limit: fewer than two raters, rows of different lengths, a score that is no finite number, `levels` with scores outside 0 to
    /// 1, more of anything than [`limits`](crate::limits) allow.
    pub fn of(request: &AgreementRequest) -> Result<Self> {
        request.check()?;
        let categories = request.categories();
        let items = request.items();
        let draws = Draws::new(items, request.resamples, request.seed);

        let mut means = [const { Some(0.0) }; CORRELATIONS_AND_KAPPAS];
        let mut resampled_means = vec![means; request.resamples as usize];
        let mut pairs = Vec::new();
        for (place, first) in request.raters.iter().enumerate() {
            for (other, second) in request.raters.iter().enumerate().skip(place + 1) {
                let codes = categories.as_ref().map(|codes| (codes[place].as_slice(), codes[other].as_slice()));
                let mut pair = Pair::new(&first.scores, &second.scores, codes);
                let values = pair.statistics(&vec![1; items]);
                add(&mut means, &values);
                let mut estimator = Estimator::new(&values);
                draws.each(&mut |resample, weights| {
                    let values = pair.statistics(weights);
                    add(&mut resampled_means[resample], &values);
                    estimator.resampled(&values);
                });
                pairs.push(PairAgreement::new(&first.name, &second.name, pair.items(), estimator.estimates()));
            }
        }
        let count = pairs.len() as f64;
        let mean = |sums: [Option<f64>; CORRELATIONS_AND_KAPPAS]| sums.map(|sum| sum.map(|sum| sum / count));
        let mut estimator = Estimator::new(&mean(means));
        resampled_means.into_iter().for_each(|sums| estimator.resampled(&mean(sums)));
        let means = PairMeans::new(estimator.estimates());

        let panel = Panel::new(&request.raters, items);
        let mut estimator = Estimator::new(&panel.statistics(&vec![1; items]));
        draws.each(&mut |_, weights| estimator.resampled(&panel.statistics(weights)));
        let [icc_2_1, icc_2_k, krippendorff_alpha] = estimator.estimates();

        Ok(Self {
            raters: request.raters.iter().map(|rater| rater.name.clone()).collect(),
            items: items as u32,
            complete_items: panel.complete_items(),
            pairs,
            means,
            icc_2_1,
            icc_2_k,
            krippendorff_alpha,
            resamples: request.resamples,
            seed: request.seed,
        })
    }
}

/// Adds what a pair has to the sums; a mean over pairs needs all of them.
fn add(sums: &mut [Option<f64>; CORRELATIONS_AND_KAPPAS], values: &[Option<f64>]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum = sum.zip(*value).map(|(sum, value)| sum + value);
    }
}
