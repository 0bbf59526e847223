//! Several judges, and one judgement of them.

use std::num::NonZeroU32;
use std::sync::Arc;

use super::summary::{answered, summary};
use super::{Evaluator, JudgeRequest, Judgement, telling};
use crate::domain::{Combine, EvaluatorInfo, Missing, PanelInfo, Quote, Rating};
use crate::error::{Error, Result};
use crate::messages::{Place, Remark, Summary, judging};
use crate::threads;

/// Whether this module made an evaluation of such an evaluator; then who sat on the panel.
pub(super) fn ours(info: &EvaluatorInfo) -> Option<&PanelInfo> {
    info.panel.as_ref().filter(|_| info.version == VERSION)
}

/// The version of the rules by which judgements are combined.
const VERSION: &str = "panel-1";
/// By how much judges may differ when the application does not say.
const DISAGREEMENT: f64 = 0.35;
/// Most quotes of a rating, and most strengths, weaknesses, recommendations or reasons for a review.
const MOST_QUOTES: usize = 20;
const MOST_REMARKS: usize = 10;

/// Has answers judged by several evaluators at once, or by one several times, and combines what they find, competency by competency.
///
/// A combined rating has the median (or mean) of the judges' scores, the quotes of all, the reason of the judge whose score is nearest, and the spread between the highest
/// and the lowest. Where the spread is larger than is allowed (0.35 when not said), or a judge failed, a person is asked to look. A rating is missing only where no judge
/// has it.
///
/// ```
/// use std::num::NonZeroU32;
/// use vivavoce::{BuiltinEvaluator, Combine, Panel};
///
/// let panel = Panel::new(BuiltinEvaluator::new()).judge(BuiltinEvaluator::new()).combine(Combine::Mean);
/// let sampled = Panel::sampled(BuiltinEvaluator::new(), NonZeroU32::new(3).unwrap());
/// # let _ = (panel, sampled);
/// ```
#[must_use]
pub struct Panel {
    judges: Vec<Arc<dyn Evaluator>>,
    combine: Combine,
    disagreement: f64,
}

impl std::fmt::Debug for Panel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Panel").field("judges", &self.judges.len()).finish_non_exhaustive()
    }
}

impl Panel {
    /// A panel of one judge so far.
    pub fn new(judge: impl Evaluator + 'static) -> Self {
        Self::of(vec![Arc::new(judge)])
    }

    /// One judge, asked so many times. A language model needs a temperature above 0 to differ from itself.
    pub fn sampled(judge: impl Evaluator + 'static, times: NonZeroU32) -> Self {
        let judge: Arc<dyn Evaluator> = Arc::new(judge);
        Self::of((0..times.get()).map(|_| Arc::clone(&judge)).collect())
    }

    /// A panel of these judges.
    pub(crate) fn of(judges: Vec<Arc<dyn Evaluator>>) -> Self {
        Self { judges, combine: Combine::default(), disagreement: DISAGREEMENT }
    }

    /// Adds a judge.
    pub fn judge(mut self, judge: impl Evaluator + 'static) -> Self {
        self.judges.push(Arc::new(judge));
        self
    }

    /// How scores are combined; the median by default.
    pub fn combine(mut self, combine: Combine) -> Self {
        self.combine = combine;
        self
    }

    /// By how much the judges' scores of one competency may differ, 0 to 1, before a person is asked to look.
    pub fn disagreement(mut self, most: f64) -> Self {
        // What is no number allows nothing.
        self.disagreement = if most.is_nan() { 0.0 } else { most.clamp(0.0, 1.0) };
        self
    }
}

impl Evaluator for Panel {
    fn info(&self) -> EvaluatorInfo {
        let mut info = EvaluatorInfo::new("panel", format!("{} judges", self.judges.len()), VERSION);
        info.panel = Some(PanelInfo {
            judges: self.judges.iter().map(|judge| judge.info()).collect(),
            combine: self.combine,
            disagreement: self.disagreement,
        });
        info
    }

    fn is_instant(&self) -> bool {
        self.judges.iter().all(|judge| judge.is_instant())
    }

    #[cfg(feature = "llm")]
    fn models(&self) -> Vec<crate::llm::ModelName> {
        self.judges.iter().flat_map(|judge| judge.models()).collect()
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement> {
        let judged = threads::each(&self.judges, self.judges.len(), |place, judge| {
            let request = JudgeRequest { sample: u32::try_from(place).unwrap_or(u32::MAX), ..*request };
            let judgement = judge.judge(&request)?;
            super::check(&request, &judgement)?;
            Ok(judgement)
        });
        let panicked = || Err(Error::internal("a judge panicked"));
        let judged = judged.into_iter().map(|judged| judged.unwrap_or_else(panicked)).collect();
        let info = PanelInfo { judges: Vec::new(), combine: self.combine, disagreement: self.disagreement };
        combined(request, &info, judged)
    }
}

/// The one judgement of several. Those that failed count as absent.
///
/// # Errors
/// A judge's, where all have failed.
pub(super) fn combined(
    request: &JudgeRequest<'_>,
    info: &PanelInfo,
    judged: Vec<Result<Judgement>>,
) -> Result<Judgement> {
    let all = judged.len();
    let mut judgements: Vec<Option<Judgement>> = Vec::with_capacity(all);
    let mut failures = Vec::new();
    for judgement in judged {
        match judgement {
            Ok(judgement) => judgements.push(Some(judgement)),
            Err(error) => {
                failures.push(error);
                judgements.push(None);
            }
        }
    }
    failures.extend(judgements.iter().flatten().filter_map(|judgement| judgement.failure.clone()));
    let failure = telling(failures);
    if judgements.iter().all(Option::is_none) {
        return Err(failure.unwrap_or_else(|| Error::internal("a panel has no judges")));
    }
    let mut one = Judgement::new(Vec::new());
    one.failure = failure;
    let (mut disagree, mut absent) = (Vec::new(), Vec::new());
    for (number, exchange) in (0_u32..).zip(request.exchanges) {
        let mut rated = false;
        for competency in &request.rubric.competencies {
            let ratings: Vec<&Rating> = judgements
                .iter()
                .flatten()
                .filter_map(|it| it.ratings.iter().find(|it| it.exchange == number && it.competency == competency.name))
                .collect();
            let Some(rating) = combine(&ratings, all, info.combine) else {
                one.missing.extend(missing(&judgements, number, Some(&competency.name)));
                continue;
            };
            rated = true;
            if rating.spread.is_some_and(|spread| spread > info.disagreement) {
                disagree.push(Place::of(number, exchange));
            }
            if ratings.len() < all && !exchange.answer.trim().is_empty() {
                absent.push(Place::of(number, exchange));
            }
            one.ratings.push(rating);
        }
        if !rated {
            one.missing.retain(|missing| missing.exchange != number);
            one.missing.extend(missing(&judgements, number, None));
        }
    }
    for (judge, judgement) in (0_u32..).zip(judgements).filter_map(|(judge, it)| Some((judge, it?))) {
        one.calls.extend(judgement.calls.into_iter().map(|mut call| {
            call.judge = judge;
            call
        }));
        // Of those that tell of key points, the first.
        if one.key_points.is_empty() {
            one.key_points = judgement.key_points;
        }
        one.calibration = one.calibration.or(judgement.calibration);
        one.next = one.next.or(judgement.next);
        for flag in judgement.flags {
            if !one.flags.contains(&flag) {
                one.flags.push(flag);
            }
        }
        for (remarks, more) in [
            (&mut one.strengths, judgement.strengths),
            (&mut one.weaknesses, judgement.weaknesses),
            (&mut one.recommendations, judgement.recommendations),
            (&mut one.needs_review, judgement.needs_review),
        ] {
            for remark in more {
                if remarks.len() < MOST_REMARKS && !remarks.contains(&remark) {
                    remarks.push(remark);
                }
            }
        }
    }
    let words = judging(request.language);
    one.feedback = (words.feedback)(&Summary {
        next: one.next.clone(),
        ..summary(request, &one.ratings, &answered(request, &one.ratings))
    });
    for (mut at, remark) in [
        (disagree, (|at| Remark::ReviewDisagreement { at }) as fn(Vec<Place>) -> Remark<'static>),
        (absent, |at| Remark::ReviewAbsent { at }),
    ] {
        at.sort_unstable();
        at.dedup();
        if !at.is_empty() {
            one.needs_review.push((words.remark)(&remark(at)));
        }
    }
    Ok(one)
}

/// Why no judge has a rating: what the first one that says so says.
fn missing(judgements: &[Option<Judgement>], exchange: u32, competency: Option<&str>) -> Option<Missing> {
    let is_it = |it: &&Missing| {
        it.exchange == exchange
            && (competency.is_none() || it.competency.is_none() || it.competency.as_deref() == competency)
    };
    let first = judgements.iter().flatten().flat_map(|it| &it.missing).find(is_it)?;
    Some(Missing { competency: competency.map(str::to_owned), ..first.clone() })
}

/// One rating of several; none of none. Its confidence is the less, the more the ratings differ and the more of `all` judges are absent.
fn combine(ratings: &[&Rating], all: usize, how: Combine) -> Option<Rating> {
    let mut scores: Vec<f64> = ratings.iter().map(|rating| rating.score).collect();
    scores.sort_by(f64::total_cmp);
    let (lowest, highest) = (*scores.first()?, *scores.last()?);
    let score = match how {
        Combine::Mean => scores.iter().sum::<f64>() / scores.len() as f64,
        Combine::Median => (scores[(scores.len() - 1) / 2] + scores[scores.len() / 2]) / 2.0,
    };
    let distance = |rating: &Rating| (rating.score - score).abs();
    let nearest = ratings.iter().copied().reduce(|best, it| if distance(it) < distance(best) { it } else { best })?;
    let mut quotes: Vec<Quote> = Vec::new();
    for quote in ratings.iter().flat_map(|rating| &rating.quotes) {
        if quotes.len() < MOST_QUOTES && !quotes.contains(quote) {
            quotes.push(quote.clone());
        }
    }
    quotes.sort_by_key(|quote| (quote.start, quote.end));
    let rounded = |value: f64| (value * 10_000.0).round() / 10_000.0;
    let mut one = nearest.clone();
    one.score = rounded(score);
    one.spread = Some(rounded(highest - lowest));
    one.confidence = rounded((1.0 - (highest - lowest)) * ratings.len() as f64 / all as f64);
    one.quotes = quotes;
    Some(one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Competency, Exchange, Interview, InterviewType, Language, NewInterview, Rubric};
    use crate::error::ErrorKind;
    use chrono::DateTime;

    /// Gives its scores of competencies A and B, or fails.
    struct Fixed(Option<[Option<f64>; 2]>, &'static str);

    impl Evaluator for Fixed {
        fn info(&self) -> EvaluatorInfo {
            EvaluatorInfo::new("test", self.1, "1")
        }

        fn judge(&self, _: &JudgeRequest<'_>) -> Result<Judgement> {
            let scores = self.0.ok_or_else(|| Error::new(ErrorKind::Provider, "down"))?;
            let mut judgement = Judgement::new(Vec::new());
            for (name, score) in ["A", "B"].into_iter().zip(scores) {
                match score {
                    Some(score) => {
                        let mut rating = Rating::new(0, name, score);
                        rating.reason = self.1.into();
                        judgement.ratings.push(rating);
                    }
                    None => {
                        let (competency, reason) = (Some(name.into()), self.1.into());
                        judgement.missing.push(Missing { exchange: 0, competency, reason });
                    }
                }
            }
            judgement.strengths = vec!["same".into(), self.1.into()];
            Ok(judgement)
        }
    }

    fn interview() -> Interview {
        NewInterview::new("Ada", InterviewType::General)
            .question("One?")
            .rubric(Rubric::new([Competency::new("A"), Competency::new("B")]))
            .into_interview(uuid::Uuid::nil().into(), DateTime::UNIX_EPOCH)
    }

    fn judged(panel: &Panel) -> Result<Judgement> {
        let interview = interview();
        let rubric = interview.effective_rubric();
        let exchange =
            Exchange { question: Some(0), question_text: "One?".into(), probe: false, answer: "because".into() };
        let exchanges = [exchange];
        let request = JudgeRequest::new(&interview, &rubric, Language::En, &exchanges);
        let judgement = panel.judge(&request)?;
        super::super::check(&request, &judgement)?;
        Ok(judgement)
    }

    fn three() -> Panel {
        Panel::new(Fixed(Some([Some(0.1), Some(0.5)]), "low"))
            .judge(Fixed(Some([Some(0.9), Some(0.5)]), "high"))
            .judge(Fixed(Some([Some(0.2), Some(0.6)]), "middle"))
    }

    #[test]
    fn the_median_and_the_mean_of_the_judges_with_their_spread() {
        let found = judged(&three()).unwrap();
        let first = &found.ratings[0];
        assert_eq!((first.score, first.spread, first.confidence), (0.2, Some(0.8), 0.2));
        assert_eq!(first.reason, "middle", "the nearest judge's");
        assert_eq!(found.ratings[1].score, 0.5);
        let found = judged(&three().combine(Combine::Mean)).unwrap();
        assert_eq!((found.ratings[0].score, found.ratings[1].score), (0.4, 0.5333));
        assert_eq!(found.strengths, ["same", "low", "high", "middle"]);
        let two = Panel::new(Fixed(Some([Some(0.1), None]), "a")).judge(Fixed(Some([Some(0.2), None]), "b"));
        assert_eq!(judged(&two).unwrap().ratings[0].score, 0.15);
    }

    #[test]
    fn judges_that_differ_too_much_ask_for_a_person() {
        let found = judged(&three()).unwrap();
        assert_eq!(found.needs_review, ["Question 1: the judges do not agree; please check."]);
        assert!(judged(&three().disagreement(0.8)).unwrap().needs_review.is_empty());
    }

    #[test]
    fn a_judge_that_fails_is_absent_and_all_of_them_fail_the_panel() {
        let down = || Fixed(None, "down");
        let found = judged(&three().judge(down()).disagreement(1.0)).unwrap();
        assert_eq!(found.needs_review, ["Question 1: not all judges could judge it; please check."]);
        assert_eq!(judged(&Panel::new(down()).judge(down())).unwrap_err().kind(), ErrorKind::Provider);
    }

    #[test]
    fn a_rating_is_missing_only_where_no_judge_has_it() {
        let panel = Panel::new(Fixed(Some([Some(0.5), None]), "a")).judge(Fixed(Some([None, None]), "b"));
        let found = judged(&panel).unwrap();
        assert_eq!(found.ratings.len(), 1);
        assert_eq!(found.missing, [Missing { exchange: 0, competency: Some("B".into()), reason: "a".into() }]);
        let panel = Panel::new(Fixed(Some([None, None]), "a")).judge(Fixed(Some([None, None]), "b"));
        assert_eq!(judged(&panel).unwrap().missing, [Missing { exchange: 0, competency: None, reason: "a".into() }]);
    }

    #[test]
    fn a_panel_says_who_sits_on_it() {
        let info = three().info();
        let panel = info.panel.unwrap();
        assert_eq!(panel.judges.iter().map(|it| it.model.as_str()).collect::<Vec<_>>(), ["low", "high", "middle"]);
    }
}
