//! Resamples of the items, and the intervals over them.

use super::document::Estimate;

/// The resamples of one request: the same whenever they are gone through.
pub(super) struct Draws {
    items: usize,
    resamples: u32,
    seed: u32,
}

impl Draws {
    pub(super) fn new(items: usize, resamples: u32, seed: u32) -> Self {
        Self { items, resamples, seed }
    }

    /// Gives each resample as its place and how often it holds each item. Resamples are drawn again for each that looks at them, which costs less than keeping them.
    pub(super) fn each(&self, look: &mut dyn FnMut(usize, &[u32])) {
        let mut random = SplitMix64(u64::from(self.seed));
        let mut weights = vec![0; self.items];
        for resample in 0..self.resamples as usize {
            weights.fill(0);
            for _ in 0..self.items {
                weights[random.below(self.items)] += 1;
            }
            look(resample, &weights);
        }
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: small enough to be written again by whoever wants to check an interval.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The bias of leaving out rejection is below one in 2^47 with the items that are allowed.
    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }
}

/// Statistics and what they are in resamples.
pub(super) struct Estimator {
    /// Each with what it was where it had a value.
    statistics: Vec<(Option<f64>, Vec<f64>)>,
    resamples: usize,
}

impl Estimator {
    pub(super) fn new(values: &[Option<f64>]) -> Self {
        Self { statistics: values.iter().map(|value| (*value, Vec::new())).collect(), resamples: 0 }
    }

    pub(super) fn resampled(&mut self, values: &[Option<f64>]) {
        self.resamples += 1;
        for ((_, known), value) in self.statistics.iter_mut().zip(values) {
            known.extend(*value);
        }
    }

    /// As many as there are statistics, in their order.
    pub(super) fn estimates<const N: usize>(&mut self) -> [Option<Estimate>; N] {
        let resamples = self.resamples;
        let mut estimates = [None; N];
        for (estimate, (value, known)) in estimates.iter_mut().zip(&mut self.statistics) {
            *estimate = value.map(|value| estimated(value, known, resamples));
        }
        estimates
    }
}

fn estimated(value: f64, known: &mut [f64], resamples: usize) -> Estimate {
    if resamples == 0 || known.len() * 10 < resamples * 9 {
        return Estimate { value, low: None, high: None };
    }
    known.sort_by(f64::total_cmp);
    Estimate { value, low: Some(quantile(known, 0.025)), high: Some(quantile(known, 0.975)) }
}

/// Between the two nearest of what is sorted and not empty (type 7 of Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50, 1996).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let lower = sorted[place as usize];
    let upper = sorted[(place.ceil() as usize).min(sorted.len() - 1)];
    lower + (upper - lower) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        let mut random = SplitMix64(1_234_567);
        let known = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([(); 3].map(|()| random.next()), known);
    }

    #[test]
    fn resamples_are_as_large_as_the_items_and_the_same_each_time() {
        let draws = Draws::new(7, 5, 3);
        let all = || {
            let mut all = Vec::new();
            draws.each(&mut |_, weights| all.push(weights.to_vec()));
            all
        };
        let first = all();
        assert_eq!(first, all());
        assert!(first.len() == 5 && first.iter().all(|weights| weights.iter().sum::<u32>() == 7));
        assert_ne!(first[0], first[1]);
    }

    #[test]
    fn quantiles_lie_between_the_two_nearest() {
        for (share, expected) in [(0.0, 1.0), (0.25, 2.0), (0.3, 2.2), (1.0, 5.0)] {
            assert!((quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], share) - expected).abs() < 1e-12, "{share}");
        }
        assert_eq!(quantile(&[4.0], 0.975), 4.0);
    }

    #[test]
    fn what_is_mostly_undefined_has_no_interval() {
        for (undefined, has) in [(0, true), (1, true), (2, false)] {
            let mut estimator = Estimator::new(&[Some(1.0)]);
            (0..10).for_each(|resample| estimator.resampled(&[(resample >= undefined).then_some(1.0)]));
            let [estimate] = estimator.estimates();
            assert_eq!(estimate.unwrap().low.is_some(), has, "{undefined}");
        }
    }
}
