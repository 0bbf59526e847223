//! The judgement as a whole, for the words about it: the same for every evaluator.

use super::JudgeRequest;
use crate::domain::Rating;
use crate::messages::{Place, Summary};

/// How the answers are as a whole: `answered` are the scores of those that are not blank.
pub(super) fn summary<'a>(request: &'a JudgeRequest<'_>, ratings: &'a [Rating], answered: &[f64]) -> Summary<'a> {
    let mean = answered.iter().sum::<f64>() / answered.len().max(1) as f64;
    let mut means: Vec<(&str, f64)> = Vec::new();
    for competency in &request.rubric.competencies {
        let (mut sum, mut count) = (0.0, 0.0);
        for rating in ratings.iter().filter(|rating| rating.competency == competency.name && rating.score > 0.0) {
            sum += rating.score;
            count += 1.0;
        }
        if count > 0.0 {
            means.push((&competency.name, sum / count));
        }
    }
    // Of equals, the first of the rubric.
    let best = means.iter().fold(None, |best: Option<&(&str, f64)>, it| match best {
        Some(best) if best.1 >= it.1 => Some(best),
        _ => Some(it),
    });
    let least = means.iter().fold(None, |least: Option<&(&str, f64)>, it| match least {
        Some(least) if least.1 <= it.1 => Some(least),
        _ => Some(it),
    });
    let (best, least) = match (best, least) {
        (Some(best), Some(least)) if best.1 - least.1 >= 0.1 => (Some(best.0), Some(least.0)),
        _ => (None, None),
    };
    Summary {
        answers: answered.len(),
        level: [0.25, 0.5, 0.75].iter().filter(|bound| mean >= **bound).count(),
        best,
        least,
        said: said(request, ratings),
        key_points: (0, 0),
        missed: Vec::new(),
        partly: Vec::new(),
        next: None,
    }
}

/// The answer with the highest rating, and the words that this rests on; of equals, the first.
fn said<'a>(request: &JudgeRequest<'_>, ratings: &'a [Rating]) -> Option<(Place, Vec<&'a str>)> {
    let quoted = ratings.iter().filter(|rating| !rating.quotes.is_empty());
    let best = quoted.reduce(|best, rating| if rating.score > best.score { rating } else { best })?;
    let place = Place::of(best.exchange, request.exchanges.get(best.exchange as usize)?);
    Some((place, best.quotes.iter().map(|quote| quote.text.as_str()).collect()))
}

/// The scores of the answers that have ratings and are not blank, in order; each the mean of its ratings, weighted by the rubric.
pub(super) fn answered(request: &JudgeRequest<'_>, ratings: &[Rating]) -> Vec<f64> {
    let weight = |rating: &Rating| {
        let of = request.rubric.competencies.iter().find(|it| it.name == rating.competency);
        of.map_or(0.0, |competency| competency.weight)
    };
    (0_u32..)
        .zip(request.exchanges)
        .filter(|(_, exchange)| !exchange.answer.trim().is_empty())
        .filter_map(|(place, _)| {
            let of = ratings.iter().filter(|rating| rating.exchange == place);
            let (sum, weights) = of.fold((0.0, 0.0), |(sum, weights), rating| {
                (sum + rating.score * weight(rating), weights + weight(rating))
            });
            (weights > 0.0).then(|| sum / weights)
        })
        .collect()
}
