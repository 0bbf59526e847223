//! How far raters agree.

use pyo3::prelude::*;

use crate::document::document;

document! {
    /// A statistic of ratings as they are, and the 95 % interval that it lies in over resamples of the items.
    Estimate(vivavoce::agreement::Estimate) {
        /// The statistic.
        value,
        /// The lower end; None where more than one in ten resamples have no value, or none were asked for.
        low,
        /// The upper end; there where the lower is.
        high,
    }
    shows(value, low, high);
}

document! {
    /// Where 95 % of the differences between two raters lie, if they are normal (Bland and Altman, 1986).
    LimitsOfAgreement(vivavoce::agreement::LimitsOfAgreement) {
        /// The bias less 1.96 standard deviations of the differences (with n - 1).
        lower,
        /// The bias and 1.96 standard deviations.
        upper,
    }
    shows(lower, upper);
}

document! {
    /// How far two raters agree on the items that both rated. Everything is None with fewer than 3 such items.
    PairAgreement(vivavoce::agreement::PairAgreement) {
        /// The name of the one.
        first,
        /// The name of the other, who was given later.
        second,
        /// How many items both rated.
        items,
        /// Pearson's correlation, -1 to 1; None where one of them gave all items the same score.
        pearson,
        /// Spearman's rank correlation, -1 to 1, ties with their mean rank; None as `pearson` is.
        spearman,
        /// Kendall's tau-b, -1 to 1; None as `pearson` is.
        kendall,
        /// Cohen's kappa over categories, up to 1, which is perfect; 0 is what chance gives. None where both gave all items the same one category, and where `levels` is not given
        /// and there are more than 100 distinct scores.
        cohen_kappa,
        /// Cohen's kappa with disagreements weighted by the square of their distance in categories; None as `cohen_kappa` is.
        weighted_kappa,
        /// The mean of the first rater's scores less the second's: above 0 where the first is the more generous.
        bias,
        /// Where single differences lie.
        limits_of_agreement,
    }
    shows(first, second, items);
}

document! {
    /// The means of what all pairs of raters have; each is None where one pair has none.
    PairMeans(vivavoce::agreement::PairMeans) {
        /// The mean of Pearson's correlations.
        pearson,
        /// The mean of Spearman's.
        spearman,
        /// The mean of Kendall's tau-b.
        kendall,
        /// The mean of Cohen's kappas (Light's kappa).
        cohen_kappa,
        /// The mean of the weighted kappas.
        weighted_kappa,
    }
    shows(pearson, spearman, kendall, cohen_kappa, weighted_kappa);
}

document! {
    /// How far raters agree. See `agreement`.
    Agreement(vivavoce::agreement::Agreement) {
        /// Who rated, in the order in which they were given.
        raters,
        /// How many items there are, rated or not.
        items,
        /// How many items all of them rated.
        complete_items,
        /// Each rater with each that comes later.
        pairs,
        /// The means over pairs.
        means,
        /// ICC(2,1): how far one rater's score stands for that of any other, systematic differences counted as disagreement. Over the complete items alone; None with fewer than 3
        /// of them, and where all scores are the same.
        icc_2_1,
        /// ICC(2,k): the same of the mean of all these raters' scores. None as `icc_2_1` is, and where its denominator is not above 0, which takes raters who contradict each
        /// other.
        icc_2_k,
        /// Krippendorff's alpha at the interval level, up to 1, which is perfect; 0 is what chance gives. Over all items that two raters or more have rated, gaps or not; None
        /// with fewer than 3 of them, and where all their scores are the same.
        krippendorff_alpha,
        /// How many resamples the intervals are of.
        resamples,
        /// Where the generator of the resamples started.
        seed,
    }
    shows(raters, items, complete_items);
}
