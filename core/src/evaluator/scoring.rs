//! From ratings to scores: the same for every evaluator.
//!
//! An exchange's score is the mean of its ratings, weighted by the rubric. The score of an evaluation is the mean of its exchanges' scores, where an
//! exchange weighs what its planned question does, a probe half of that, and a question outside the plan 1. A planned question without an answer
//! counts as a score of 0 with its weight, or not at all ([`Unanswered`]). A competency's score is the mean of its ratings with the exchanges' weights.

use super::quotes::Spans;
use super::{JudgeRequest, Judgement};
use crate::domain::{CompetencyScore, Coverage, Exchange, Rating, Unanswered, limits};
use crate::error::{Error, ErrorKind, Result};

/// What a probe weighs against its question.
const PROBE: f64 = 0.5;
/// Most quotes of a rating.
const MOST_QUOTES: usize = 100;
/// Most strengths, weaknesses, recommendations or reasons for a review.
const MOST_REMARKS: usize = 100;
/// Longest reason or remark, in characters.
const LONGEST_REMARK: usize = 4_000;

/// The scores of a judgement, rounded to four decimals.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scores {
    /// 0 to 1; none where nothing was answered.
    pub(crate) score: Option<f64>,
    /// In the rubric's order, those that have a rating.
    pub(crate) competencies: Vec<CompetencyScore>,
}

/// Refuses a judgement that is no judgement of the request: scores and confidences are finite and within 0 to 1, exchanges and competencies exist, none is
/// rated twice for the same competency, every exchange with an answer is rated, key points are those of the plan, every quote is an exact span of its answer, and texts are
/// without NUL and of a sane length.
///
/// # Errors
/// `provider`; the message names the rule and the place, never a text.
pub(crate) fn check(request: &JudgeRequest<'_>, judgement: &Judgement) -> Result<()> {
    let mut rated = vec![Vec::new(); request.exchanges.len()];
    let mut spans: Vec<Option<Spans<'_>>> = Vec::new();
    spans.resize_with(request.exchanges.len(), || None);
    for (number, rating) in judgement.ratings.iter().enumerate() {
        let wrong = |what: &str| refused(format!("rating {number}: {what}"));
        let place = rating.exchange as usize;
        let Some(exchange) = request.exchanges.get(place) else {
            return Err(wrong("there is no such exchange"));
        };
        let Some(competency) = competency_of(request, rating) else {
            return Err(wrong("the competency is not in the rubric"));
        };
        if rated[place].contains(&competency) {
            return Err(wrong("the competency is rated twice for its exchange"));
        }
        rated[place].push(competency);
        for (field, value) in [("score", rating.score), ("confidence", rating.confidence)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(wrong(&format!("the {field} is not within 0 to 1")));
            }
        }
        if rating.spread.is_some_and(|spread| !(0.0..=1.0).contains(&spread)) {
            return Err(wrong("the spread is not within 0 to 1"));
        }
        if !is_sane(&rating.reason, LONGEST_REMARK) {
            return Err(wrong("the reason is too long or has a NUL character"));
        }
        if rating.quotes.len() > MOST_QUOTES {
            return Err(wrong("it has too many quotes"));
        }
        let spans = spans[place].get_or_insert_with(|| Spans::new(&exchange.answer));
        if !rating.quotes.iter().all(|quote| spans.holds(quote)) {
            return Err(wrong("a quote is not what the answer says at its place"));
        }
    }
    for (number, missing) in judgement.missing.iter().enumerate() {
        let wrong = |what: &str| refused(format!("missing rating {number}: {what}"));
        let place = missing.exchange as usize;
        if place >= request.exchanges.len() {
            return Err(wrong("there is no such exchange"));
        }
        let competency = missing.competency.as_deref().map(|name| place_of(request, name));
        match competency {
            Some(None) => return Err(wrong("the competency is not in the rubric")),
            Some(Some(competency)) if rated[place].contains(&competency) => return Err(wrong("it is not missing")),
            None if !rated[place].is_empty() => return Err(wrong("its exchange is rated")),
            _ => {}
        }
        if !is_sane(&missing.reason, LONGEST_REMARK) {
            return Err(wrong("the reason is too long or has a NUL character"));
        }
    }
    if judgement.missing.len() > request.exchanges.len().saturating_mul(limits::MAX_COMPETENCIES) {
        return Err(refused("more ratings are missing than there can be".into()));
    }
    let mut last = None;
    for (number, found) in judgement.key_points.iter().enumerate() {
        let wrong = |what: &str| refused(format!("key point {number}: {what}"));
        let place = found.exchange as usize;
        let Some(exchange) = request.exchanges.get(place) else {
            return Err(wrong("there is no such exchange"));
        };
        let planned = exchange.question.and_then(|question| request.interview.questions.get(question as usize));
        if planned.and_then(|question| question.key_points.get(found.point as usize)) != Some(&found.text) {
            return Err(wrong("its question has no such key point"));
        }
        if last.replace((exchange.question, found.point)) >= Some((exchange.question, found.point)) {
            return Err(wrong("it is not in the order of questions and points"));
        }
        if !(0.0..=1.0).contains(&found.share) || found.coverage != Coverage::of(found.share) {
            return Err(wrong("the share is not within 0 to 1, or is another coverage"));
        }
        let spans = spans[place].get_or_insert_with(|| Spans::new(&exchange.answer));
        if found.quotes.len() > MOST_QUOTES || !found.quotes.iter().all(|quote| spans.holds(quote)) {
            return Err(wrong("a quote is not what the answer says at its place, or there are too many"));
        }
    }
    for flag in &judgement.flags {
        let exchange = request.exchanges.get(flag.exchange as usize);
        if !exchange.is_some_and(|exchange| Spans::new(&exchange.answer).holds(&flag.span)) {
            return Err(refused("a flag is not on what an answer says".into()));
        }
    }
    let is_missing = |place: usize| judgement.missing.iter().any(|missing| missing.exchange as usize == place);
    for (place, (exchange, competencies)) in request.exchanges.iter().zip(&rated).enumerate() {
        if competencies.is_empty() && !is_blank(exchange) && !is_missing(place) {
            return Err(refused(format!("exchange {place} is not rated")));
        }
    }
    if !is_sane(&judgement.feedback, limits::MAX_MESSAGE) {
        return Err(refused("the feedback is too long or has a NUL character".into()));
    }
    for (name, remarks) in [
        ("strengths", &judgement.strengths),
        ("weaknesses", &judgement.weaknesses),
        ("recommendations", &judgement.recommendations),
        ("reasons for a review", &judgement.needs_review),
    ] {
        if remarks.len() > MOST_REMARKS || !remarks.iter().all(|remark| is_sane(remark, LONGEST_REMARK)) {
            return Err(refused(format!("the {name} are too many, too long or have a NUL character")));
        }
    }
    Ok(())
}

/// The scores of these ratings. `unanswered` are the planned questions that have no answer, from 0, and `policy` is how they count.
///
/// An exchange without an answer of a question that is listed there counts with the question, not by itself: under [`Unanswered::Ignored`] not at all.
pub(crate) fn score(request: &JudgeRequest<'_>, ratings: &[Rating], unanswered: &[u32], policy: Unanswered) -> Scores {
    let is_open =
        |exchange: &Exchange| is_blank(exchange) && exchange.question.is_some_and(|it| unanswered.contains(&it));
    let weights: Vec<f64> = request.exchanges.iter().map(|exchange| exchange_weight(request, exchange)).collect();
    let open: Vec<bool> = request.exchanges.iter().map(is_open).collect();
    let mut exchanges = vec![Mean::default(); weights.len()];
    let mut competencies = vec![(Mean::default(), 0_u32); request.rubric.competencies.len()];
    for rating in ratings {
        let place = rating.exchange as usize;
        let (Some(competency), Some(weight)) = (competency_of(request, rating), weights.get(place)) else {
            continue;
        };
        exchanges[place].add(rating.score, request.rubric.competencies[competency].weight);
        if !open[place] || policy == Unanswered::LowersScore {
            competencies[competency].0.add(rating.score, *weight);
            competencies[competency].1 += 1;
        }
    }
    let mut all = Mean::default();
    for (place, exchange) in exchanges.iter().enumerate().filter(|(place, _)| !open[*place]) {
        if let Some(score) = exchange.value() {
            all.add(score, weights[place]);
        }
    }
    if policy == Unanswered::LowersScore {
        for question in unanswered {
            if let Some(question) = request.interview.questions.get(*question as usize) {
                all.add(0.0, question.weight);
            }
        }
    }
    if request.exchanges.iter().all(is_blank) {
        return Scores { score: None, competencies: Vec::new() };
    }
    Scores {
        score: all.value().map(rounded),
        competencies: request
            .rubric
            .competencies
            .iter()
            .zip(competencies)
            .filter_map(|(competency, (mean, ratings))| {
                let score = rounded(mean.value()?);
                Some(CompetencyScore { competency: competency.name.clone(), score, weight: competency.weight, ratings })
            })
            .collect(),
    }
}

/// A weighted mean.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    fn add(&mut self, value: f64, weight: f64) {
        self.sum += value * weight;
        self.weight += weight;
    }

    fn value(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

fn exchange_weight(request: &JudgeRequest<'_>, exchange: &Exchange) -> f64 {
    let planned = exchange.question.and_then(|question| request.interview.questions.get(question as usize));
    let weight = planned.map_or(1.0, |question| question.weight);
    if exchange.probe { weight * PROBE } else { weight }
}

fn competency_of(request: &JudgeRequest<'_>, rating: &Rating) -> Option<usize> {
    place_of(request, &rating.competency)
}

fn place_of(request: &JudgeRequest<'_>, competency: &str) -> Option<usize> {
    request.rubric.competencies.iter().position(|known| known.name == competency)
}

fn is_blank(exchange: &Exchange) -> bool {
    exchange.answer.trim().is_empty()
}

fn is_sane(text: &str, longest: usize) -> bool {
    limits::optional_text("", text, longest).is_ok()
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Provider, format!("the judgement is not valid: {message}"))
}

fn rounded(value: f64) -> f64 {
    (value.clamp(0.0, 1.0) * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Competency, Interview, InterviewType, KeyPointCoverage, Language, NewInterview, Question, Quote, Rubric,
    };
    use chrono::DateTime;

    fn interview() -> Interview {
        NewInterview::new("Ada", InterviewType::General)
            .question(Question::new("One?").weight(3.0).key_point("secret"))
            .question("Two?")
            .question("Three?")
            .rubric(Rubric::new([Competency::new("A").weight(3.0), Competency::new("B"), Competency::new("C")]))
            .into_interview(uuid::Uuid::nil().into(), DateTime::UNIX_EPOCH)
    }

    fn exchange(question: Option<u32>, probe: bool, answer: &str) -> Exchange {
        Exchange { question, question_text: "?".into(), probe, answer: answer.into() }
    }

    fn rating(exchange: u32, competency: &str, score: f64) -> Rating {
        Rating::new(exchange, competency, score)
    }

    fn scored(exchanges: &[Exchange], ratings: &[Rating], unanswered: &[u32], policy: Unanswered) -> Scores {
        let interview = interview();
        let rubric = interview.effective_rubric();
        score(&JudgeRequest::new(&interview, &rubric, Language::En, exchanges), ratings, unanswered, policy)
    }

    #[test]
    fn scores_follow_from_the_weights() {
        let answered = exchange(Some(0), false, "yes");
        let other = exchange(Some(1), false, "yes");
        let probe = exchange(Some(0), true, "yes");
        let outside = exchange(None, false, "yes");
        let blank = exchange(Some(2), false, " \n");
        let ignored = Unanswered::Ignored;
        let lowers = Unanswered::LowersScore;
        type Case<'a> = (&'a str, Vec<&'a Exchange>, Vec<Rating>, &'a [u32], Unanswered, Option<f64>);
        let cases: Vec<Case<'_>> = vec![
            ("nothing", vec![], vec![], &[0, 1, 2], lowers, None),
            ("only blank answers", vec![&blank], vec![rating(0, "A", 0.0)], &[0, 1, 2], lowers, None),
            (
                "the rubric's weights",
                vec![&answered],
                vec![rating(0, "A", 1.0), rating(0, "B", 0.0)],
                &[],
                lowers,
                Some(0.75),
            ),
            (
                "the questions' weights",
                vec![&answered, &other],
                vec![rating(0, "A", 1.0), rating(1, "A", 0.0)],
                &[],
                lowers,
                Some(0.75),
            ),
            (
                "a probe counts half of its question",
                vec![&answered, &probe],
                vec![rating(0, "A", 1.0), rating(1, "A", 0.0)],
                &[],
                lowers,
                Some(0.6667),
            ),
            (
                "a question outside the plan counts 1",
                vec![&answered, &outside],
                vec![rating(0, "A", 1.0), rating(1, "A", 0.0)],
                &[],
                lowers,
                Some(0.75),
            ),
            (
                "unanswered questions lower the score",
                vec![&answered],
                vec![rating(0, "A", 1.0)],
                &[1, 2],
                lowers,
                Some(0.6),
            ),
            (
                "unanswered questions are ignored",
                vec![&answered],
                vec![rating(0, "A", 1.0)],
                &[1, 2],
                ignored,
                Some(1.0),
            ),
            (
                "a blank answer counts once",
                vec![&answered, &blank],
                vec![rating(0, "A", 1.0), rating(1, "A", 0.0)],
                &[2],
                lowers,
                Some(0.75),
            ),
            (
                "a blank answer is ignored",
                vec![&answered, &blank],
                vec![rating(0, "A", 1.0), rating(1, "A", 0.0)],
                &[2],
                ignored,
                Some(1.0),
            ),
            (
                "an unrated exchange does not count",
                vec![&answered, &other],
                vec![rating(0, "A", 0.5)],
                &[],
                lowers,
                Some(0.5),
            ),
            (
                "a place out of range does not count",
                vec![&answered],
                vec![rating(0, "A", 0.5), rating(9, "A", 1.0)],
                &[9],
                lowers,
                Some(0.5),
            ),
        ];
        for (name, exchanges, ratings, unanswered, policy, expected) in cases {
            let exchanges: Vec<Exchange> = exchanges.into_iter().cloned().collect();
            assert_eq!(scored(&exchanges, &ratings, unanswered, policy).score, expected, "{name}");
        }
    }

    #[test]
    fn competencies_have_the_mean_of_their_ratings_in_the_rubrics_order() {
        let exchanges = [exchange(Some(0), false, "yes"), exchange(Some(0), true, "yes"), exchange(Some(2), false, "")];
        let ratings = [rating(1, "C", 0.5), rating(0, "A", 1.0), rating(1, "A", 0.1), rating(2, "A", 0.0)];
        let of = |policy: Unanswered| -> Vec<(String, f64, f64, u32)> {
            let scores = scored(&exchanges, &ratings, &[2], policy);
            scores.competencies.into_iter().map(|it| (it.competency, it.score, it.weight, it.ratings)).collect()
        };
        assert_eq!(of(Unanswered::Ignored), [("A".into(), 0.7, 3.0, 2), ("C".into(), 0.5, 1.0, 1)]);
        assert_eq!(of(Unanswered::LowersScore), [("A".into(), 0.5727, 3.0, 3), ("C".into(), 0.5, 1.0, 1)]);
    }

    #[test]
    fn what_is_no_judgement_of_the_request_is_refused_without_repeating_its_texts() {
        let interview = interview();
        let rubric = interview.effective_rubric();
        let exchanges = [exchange(Some(0), false, "secret 密"), exchange(Some(1), false, " ")];
        let request = JudgeRequest::new(&interview, &rubric, Language::En, &exchanges);
        let good = || {
            let mut judgement = Judgement::new(vec![rating(0, "A", 1.0), rating(0, "B", 0.0)]);
            judgement.ratings[0].quotes.push(Quote { start: 7, end: 8, text: "密".into() });
            judgement.key_points.push(KeyPointCoverage::new(0, 0, "secret", 0.9));
            judgement
        };
        check(&request, &good()).unwrap();
        type Break = fn(&mut Judgement);
        let breaks: [(&str, Break); 23] = [
            ("score", |it| it.ratings[0].score = 1.1),
            ("score", |it| it.ratings[0].score = f64::NAN),
            ("score", |it| it.ratings[0].score = -0.1),
            ("confidence", |it| it.ratings[1].confidence = f64::INFINITY),
            ("no such exchange", |it| it.ratings[0].exchange = 2),
            ("not in the rubric", |it| it.ratings[0].competency = "secret".into()),
            ("rated twice", |it| it.ratings[1].competency = "A".into()),
            ("exchange 0 is not rated", |it| it.ratings.clear()),
            ("quote", |it| it.ratings[0].quotes[0].text = "secret".into()),
            ("quote", |it| it.ratings[0].quotes[0].end = 9),
            ("too many quotes", |it| it.ratings[0].quotes = vec![it.ratings[0].quotes[0].clone(); 101]),
            ("reason", |it| it.ratings[0].reason = "secret\0".into()),
            ("reason", |it| it.ratings[0].reason = "s".repeat(5_000)),
            ("feedback", |it| it.feedback = "s".repeat(50_000)),
            ("strengths", |it| it.strengths = vec!["secret\0".into()]),
            ("weaknesses", |it| it.weaknesses = vec!["secret".into(); 200]),
            ("review", |it| it.needs_review = vec!["s".repeat(5_000)]),
            ("no such exchange", |it| it.key_points[0].exchange = 2),
            ("no such key point", |it| it.key_points[0].point = 1),
            ("no such key point", |it| it.key_points[0].text = "other".into()),
            ("order", |it| it.key_points.push(it.key_points[0].clone())),
            ("share", |it| it.key_points[0].share = 0.5),
            ("quote", |it| it.key_points[0].quotes.push(Quote { start: 0, end: 5, text: "secret".into() })),
        ];
        for (expected, breaks) in breaks {
            let mut judgement = good();
            breaks(&mut judgement);
            let error = check(&request, &judgement).unwrap_err();
            let message = error.to_string();
            assert_eq!(error.kind(), ErrorKind::Provider);
            assert!(message.contains(expected), "{expected}: {message}");
            assert!(!message.contains("secret") && !message.contains('密'), "{message}");
        }
    }
}
