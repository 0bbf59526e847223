//! An answer cut at the edges of its quotes.

use crate::domain::Quote;

/// A piece of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span<'a> {
    pub(super) text: &'a str,
    /// Whether a rating rests on it.
    pub(super) quoted: bool,
}

/// The whole answer in order, in pieces that are quoted or not. Quotes that overlap or touch make one piece.
pub(super) fn spans<'a, 'q>(answer: &'a str, quotes: impl Iterator<Item = &'q Quote>) -> Vec<Span<'a>> {
    let mut ranges: Vec<(u32, u32)> = quotes.map(|quote| (quote.start, quote.end)).collect();
    ranges.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match merged.last_mut() {
            _ if start >= end => {}
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    let mut spans = Vec::with_capacity(2 * merged.len() + 1);
    let mut rest = answer;
    let mut place = 0;
    for (start, end) in merged {
        for (until, quoted) in [(start, false), (end, true)] {
            let text = take(&mut rest, (until - place) as usize);
            place = until;
            if !text.is_empty() {
                spans.push(Span { text, quoted });
            }
        }
    }
    if !rest.is_empty() {
        spans.push(Span { text: rest, quoted: false });
    }
    spans
}

/// Cuts the first scalar values off.
fn take<'a>(rest: &mut &'a str, count: usize) -> &'a str {
    let end = rest.char_indices().nth(count).map_or(rest.len(), |(byte, _)| byte);
    let (taken, left) = rest.split_at(end);
    *rest = left;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quote(start: u32, end: u32) -> Quote {
        Quote { start, end, text: String::new() }
    }

    /// The pieces in a row, the quoted ones in brackets.
    fn marked(answer: &str, quotes: &[Quote]) -> String {
        spans(answer, quotes.iter())
            .iter()
            .map(|span| if span.quoted { format!("[{}]", span.text) } else { span.text.into() })
            .collect()
    }

    #[test]
    fn quotes_are_found_by_scalar_values_in_text_of_any_width() {
        assert_eq!(marked("我用索引👍改善了é查詢", &[quote(2, 5), quote(8, 9)]), "我用[索引👍]改善了[é]查詢");
    }

    #[test]
    fn overlapping_and_touching_quotes_are_one_and_wrong_ones_are_cut() {
        assert_eq!(marked("abcdefgh", &[quote(4, 6), quote(1, 3), quote(2, 4)]), "a[bcdef]gh");
        assert_eq!(marked("abc", &[quote(2, 9), quote(2, 1), quote(7, 8)]), "ab[c]");
        assert_eq!(marked("", &[quote(0, 1)]), "");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_doubled(
            answer in any::<String>(),
            ranges in proptest::collection::vec((0_u32..60, 0_u32..60), 0..6),
        ) {
            let quotes: Vec<_> = ranges.iter().map(|(start, end)| quote(*start, *end)).collect();
            let whole: String = spans(&answer, quotes.iter()).iter().map(|span| span.text).collect();
            prop_assert_eq!(&whole, &answer);
            for (place, span) in spans(&answer, quotes.iter()).windows(2).enumerate() {
                prop_assert!(span[0].quoted != span[1].quoted, "{}", place);
            }
        }
    }
}
