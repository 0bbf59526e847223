//! What comes out.

use serde::{Deserialize, Serialize};

use super::pair::{CORRELATIONS_AND_KAPPAS, STATISTICS};

/// A statistic of the ratings as they are, and the 95 % interval that it lies in over resamples of the items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The statistic.
    pub value: f64,
    /// The lower end; none where more than one in ten resamples have no value, or none were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The upper end; there where the lower is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

/// Where 95 % of the differences between two raters lie, if they are normal: Bland and Altman, "Statistical methods for assessing agreement between two methods of clinical
/// measurement", The Lancet 327 (1986).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LimitsOfAgreement {
    /// The bias less 1.96 standard deviations of the differences (with `n - 1`).
    pub lower: Estimate,
    /// The bias and 1.96 standard deviations.
    pub upper: Estimate,
}

/// How far two raters agree on the items that both rated. Everything is absent with fewer than 3 such items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PairAgreement {
    /// The name of the one.
    pub first: String,
    /// The name of the other, who comes later in the request.
    pub second: String,
    /// How many items both rated.
    pub items: u32,
    /// Pearson's correlation, -1 to 1; absent where one of them gave all items the same score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pearson: Option<Estimate>,
    /// Spearman's rank correlation, -1 to 1, ties with their mean rank; absent as `pearson` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spearman: Option<Estimate>,
    /// Kendall's tau-b, -1 to 1; absent as `pearson` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kendall: Option<Estimate>,
    /// Cohen's kappa over categories, up to 1, which is perfect; 0 is what chance gives. Absent where both gave all items the same one category, and where `levels` is not
    /// given and there are more than 100 distinct scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohen_kappa: Option<Estimate>,
    /// Cohen's kappa with disagreements weighted by the square of their distance in categories; absent as `cohen_kappa` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weighted_kappa: Option<Estimate>,
    /// The mean of the first rater's scores less the second's: above 0 where the first is the more generous.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bias: Option<Estimate>,
    /// Where single differences lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits_of_agreement: Option<LimitsOfAgreement>,
}

impl PairAgreement {
    pub(super) fn new(first: &str, second: &str, items: u32, estimates: [Option<Estimate>; STATISTICS]) -> Self {
        let [pearson, spearman, kendall, cohen_kappa, weighted_kappa, bias, lower, upper] = estimates;
        let limits_of_agreement = lower.zip(upper).map(|(lower, upper)| LimitsOfAgreement { lower, upper });
        let (first, second) = (first.to_owned(), second.to_owned());
        Self {
            first,
            second,
            items,
            pearson,
            spearman,
            kendall,
            cohen_kappa,
            weighted_kappa,
            bias,
            limits_of_agreement,
        }
    }
}

/// The means of what all pairs of raters have; each is absent where one pair has none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PairMeans {
    /// The mean of Pearson's correlations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pearson: Option<Estimate>,
    /// The mean of Spearman's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spearman: Option<Estimate>,
    /// The mean of Kendall's tau-b.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kendall: Option<Estimate>,
    /// The mean of Cohen's kappas (Light's kappa).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohen_kappa: Option<Estimate>,
    /// The mean of the weighted kappas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weighted_kappa: Option<Estimate>,
}

impl PairMeans {
    pub(super) fn new(estimates: [Option<Estimate>; CORRELATIONS_AND_KAPPAS]) -> Self {
        let [pearson, spearman, kendall, cohen_kappa, weighted_kappa] = estimates;
        Self { pearson, spearman, kendall, cohen_kappa, weighted_kappa }
    }
}

/// How far raters agree: [`Agreement::of`] an [`AgreementRequest`](super::AgreementRequest).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Agreement {
    /// Who rated, in the order of the request.
    pub raters: Vec<String>,
    /// How many items there are, rated or not.
    pub items: u32,
    /// How many items all of them rated.
    pub complete_items: u32,
    /// Each rater with each that comes later.
    pub pairs: Vec<PairAgreement>,
    /// The means over pairs.
    pub means: PairMeans,
    /// ICC(2,1): how far one rater's score stands for that of any other, systematic differences counted as disagreement (two-way random effects, absolute agreement; Shrout
    /// and Fleiss, "Intraclass correlations", Psychological Bulletin 86, 1979). Over the complete items alone; absent with fewer than 3 of them, and where all scores are the
    /// same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icc_2_1: Option<Estimate>,
    /// ICC(2,k): the same of the mean of all these raters' scores. Absent as `icc_2_1` is, and where its denominator is not above 0, which takes raters who contradict
    /// each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icc_2_k: Option<Estimate>,
    /// Krippendorff's alpha at the interval level, up to 1, which is perfect; 0 is what chance gives. Over all items that two raters or more have rated, gaps or not (Krippendorff,
    /// "Content Analysis", 2004); absent with fewer than 3 of them, and where all their scores are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub krippendorff_alpha: Option<Estimate>,
    /// How many resamples the intervals are of.
    pub resamples: u32,
    /// Where the generator of the resamples started.
    pub seed: u32,
}
