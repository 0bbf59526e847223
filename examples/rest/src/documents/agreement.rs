//! How far raters agree: what is asked, and, for the OpenAPI document, what is answered, which are the library's own values.

use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};
use vivavoce::agreement::{AgreementRequest, Rater};

use super::whole;

/// Ratings of the same items by several raters, people or models.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"raters": [
    {"name": "Ada", "scores": [1, 2, 3, 4, 5]},
    {"name": "model", "scores": [2, 2, 4, null, 5]}
]}))]
pub struct NewAgreement {
    #[schema(value_type = Vec<RatedBy>, required = true, min_items = 2, max_items = 50)]
    raters: Option<Vec<RatedBy>>,
    /// How many categories the kappas see: scores of 0 to 1 count as the nearest of so many equally spaced levels. When not given, the distinct scores are the categories.
    #[serde(default, deserialize_with = "whole::optional")]
    #[schema(minimum = 2, maximum = 100)]
    levels: Option<u32>,
    /// How many resamples the intervals are of; with 0 there are none. Times pairs of raters times items (at least 100), at most 300,000,000.
    #[serde(default, deserialize_with = "whole::optional")]
    #[schema(maximum = 10_000, default = 1_000)]
    resamples: Option<u32>,
    /// Where the generator of the resamples starts: the same request gives the same intervals.
    #[serde(default, deserialize_with = "whole::optional")]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_i64, default = 0)]
    seed: Option<u32>,
}

/// One rater's scores.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RatedBy {
    /// Who rated; unique.
    #[schema(min_length = 1, max_length = 200, pattern = r"[^\s\x85]")]
    name: String,
    /// The score of each item, in the order that all raters have; null where this one gave none. All raters have as many.
    #[schema(value_type = Vec<Score>, min_items = 1, max_items = 100_000)]
    scores: Vec<Option<f64>>,
}

/// A score on whatever scale, or none, for the OpenAPI document.
struct Score;

impl PartialSchema for Score {
    // The macro has no limits for what may be null in a list.
    fn schema() -> RefOr<Schema> {
        let score = ObjectBuilder::new().schema_type(SchemaType::Array(vec![Type::Number, Type::Null]));
        score.minimum(Some(-1e9)).maximum(Some(1e9)).into()
    }
}

impl ToSchema for Score {}

impl NewAgreement {
    /// What the library is asked for, which checks it.
    pub fn read(self) -> AgreementRequest {
        let raters = self.raters.unwrap_or_default().into_iter();
        let mut request = AgreementRequest::new();
        request.raters = raters.map(|RatedBy { name, scores }| Rater { name, scores }).collect();
        request.levels = self.levels;
        request.resamples = self.resamples.unwrap_or(request.resamples);
        request.seed = self.seed.unwrap_or(request.seed);
        request
    }
}

/// A statistic of the ratings as they are, and the 95 % interval that it lies in over resamples of the items.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct Estimate {
    value: f64,
    /// The lower end; left out where more than one in ten resamples have no value, or none were asked for.
    #[schema(required = false, nullable = false)]
    low: Option<f64>,
    /// The upper end; there where the lower is.
    #[schema(required = false, nullable = false)]
    high: Option<f64>,
}

/// Where 95 % of the differences between two raters lie, if they are normal (Bland and Altman).
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct LimitsOfAgreement {
    /// The bias less 1.96 standard deviations of the differences.
    lower: Estimate,
    /// The bias and 1.96 standard deviations.
    upper: Estimate,
}

/// How far two raters agree on the items that both rated. With fewer than 3 such items all statistics are left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct PairAgreement {
    /// The name of the one.
    first: String,
    /// The name of the other.
    second: String,
    /// How many items both rated.
    items: u32,
    /// Pearson's correlation; left out where one of them gave all items the same score.
    #[schema(required = false, nullable = false)]
    pearson: Option<Estimate>,
    /// Spearman's rank correlation; left out as `pearson` is.
    #[schema(required = false, nullable = false)]
    spearman: Option<Estimate>,
    /// Kendall's tau-b; left out as `pearson` is.
    #[schema(required = false, nullable = false)]
    kendall: Option<Estimate>,
    /// Cohen's kappa over categories; left out where both gave all items the same one category, and without `levels` where there are more than 100 distinct scores.
    #[schema(required = false, nullable = false)]
    cohen_kappa: Option<Estimate>,
    /// Cohen's kappa with disagreements weighted by the square of their distance; left out as `cohen_kappa` is.
    #[schema(required = false, nullable = false)]
    weighted_kappa: Option<Estimate>,
    /// The mean of the first rater's scores less the second's.
    #[schema(required = false, nullable = false)]
    bias: Option<Estimate>,
    /// Where single differences lie.
    #[schema(required = false, nullable = false)]
    limits_of_agreement: Option<LimitsOfAgreement>,
}

/// The means of what all pairs of raters have; each is left out where one pair has none.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct PairMeans {
    #[schema(required = false, nullable = false)]
    pearson: Option<Estimate>,
    #[schema(required = false, nullable = false)]
    spearman: Option<Estimate>,
    #[schema(required = false, nullable = false)]
    kendall: Option<Estimate>,
    /// Light's kappa.
    #[schema(required = false, nullable = false)]
    cohen_kappa: Option<Estimate>,
    #[schema(required = false, nullable = false)]
    weighted_kappa: Option<Estimate>,
}

/// How far raters agree. What the scores do not define is left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema")]
pub struct Agreement {
    /// Who rated.
    raters: Vec<String>,
    /// How many items there are, rated or not.
    items: u32,
    /// How many items all of them rated.
    complete_items: u32,
    /// Each rater with each that comes later.
    pairs: Vec<PairAgreement>,
    means: PairMeans,
    /// ICC(2,1): how far one rater's score stands for that of any other, systematic differences counted as disagreement. Over the complete items alone.
    #[schema(required = false, nullable = false)]
    icc_2_1: Option<Estimate>,
    /// ICC(2,k): the same of the mean of all these raters' scores.
    #[schema(required = false, nullable = false)]
    icc_2_k: Option<Estimate>,
    /// Krippendorff's alpha at the interval level, over all items that two raters or more have rated.
    #[schema(required = false, nullable = false)]
    krippendorff_alpha: Option<Estimate>,
    /// How many resamples the intervals are of.
    resamples: u32,
    /// Where the generator of the resamples started.
    seed: u32,
}
