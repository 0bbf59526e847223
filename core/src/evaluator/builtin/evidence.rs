//! Choosing the candidate's words that support a rating.

use super::competency::Aspect;
use super::text::Text;
use crate::domain::Quote;
use crate::evaluator::quotes::Spans;

/// Most quotes of a rating: the best ones say more than all of them.
const MOST_QUOTES: usize = 3;

/// The segments that support a rating best, in the order of the answer; at least one where the answer has a word. `matched` tells for each segment
/// how much of it is in what the answer was compared with, where it was.
pub(super) fn quotes(aspect: Aspect, answer: &Text<'_>, matched: &[f64], spans: &Spans<'_>) -> Vec<Quote> {
    if answer.segments.is_empty() {
        // Signs without a word.
        let from = answer.source.len() - answer.source.trim_start().len();
        return spans.quote(from..from + answer.source.trim().len()).into_iter().collect();
    }
    let telling = answer.segments.iter().enumerate().filter(|(_, segment)| !segment.is_idle);
    let supports =
        telling.map(|(place, segment)| (aspect.support(segment, matched.get(place).copied().unwrap_or(0.0)), place));
    let quotes = best(answer, supports, spans);
    if quotes.is_empty() {
        let longest = longest(answer).and_then(|place| spans.quote(answer.segments[place].bytes.clone()));
        return longest.into_iter().collect();
    }
    quotes
}

/// The segments with the most support, in the order of the answer.
pub(super) fn best(answer: &Text<'_>, supports: impl Iterator<Item = (f64, usize)>, spans: &Spans<'_>) -> Vec<Quote> {
    let mut best: Vec<(f64, usize)> = Vec::with_capacity(MOST_QUOTES + 1);
    for (support, place) in supports.filter(|(support, _)| *support > 0.0) {
        let rank = best.partition_point(|(other, _)| *other >= support);
        best.insert(rank, (support, place));
        best.truncate(MOST_QUOTES);
    }
    // A quote that supports much less than the best one only distracts from it.
    let least = best.first().map_or(0.0, |(support, _)| support / 4.0);
    best.retain(|(support, _)| *support >= least);
    best.sort_unstable_by_key(|(_, place)| *place);
    best.into_iter().filter_map(|(_, place)| spans.quote(answer.segments[place].bytes.clone())).collect()
}

/// The segment that means most; the first of several.
fn longest(answer: &Text<'_>) -> Option<usize> {
    let mut longest = None;
    for (place, segment) in answer.segments.iter().enumerate() {
        let weight = if segment.is_idle { 0.0 } else { segment.weight };
        if longest.is_none_or(|(most, _)| weight > most) {
            longest = Some((weight, place));
        }
    }
    longest.map(|(_, place)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(aspect: Aspect, answer: &str, matched: &[f64]) -> Vec<String> {
        let text = Text::read(answer);
        let spans = Spans::new(answer);
        let quotes = quotes(aspect, &text, matched, &spans);
        assert!(quotes.iter().all(|quote| spans.holds(quote)));
        quotes.into_iter().map(|quote| quote.text).collect()
    }

    #[test]
    fn each_competency_quotes_what_shows_it() {
        let answer = "Good morning. At Acme we had 40 errors a week. I rewrote the parser. As a result only 3 were left, because it checks types.";
        for (aspect, expected) in [
            (Aspect::Action, "I rewrote the parser."),
            (Aspect::Result, "As a result only 3 were left, because it checks types."),
            (Aspect::Evidence, "At Acme we had 40 errors a week."),
            (Aspect::Reasoning, "As a result only 3 were left, because it checks types."),
        ] {
            assert!(quoted(aspect, answer, &[]).iter().any(|quote| quote == expected), "{aspect:?}");
            assert!(!quoted(aspect, answer, &[]).iter().any(|quote| quote == "Good morning."), "{aspect:?}");
        }
    }

    #[test]
    fn what_matches_the_reference_is_quoted_in_the_answers_order() {
        let answer = "甲說一。乙說二。丙說三。丁說四。";
        assert_eq!(quoted(Aspect::Knowledge, answer, &[2.0, 0.0, 4.0, 3.0]), ["甲說一。", "丙說三。", "丁說四。"]);
    }

    #[test]
    fn an_answer_of_any_words_has_a_quote() {
        assert_eq!(quoted(Aspect::Result, "Yes. Perhaps so.", &[]).len(), 1);
    }
}
