//! Quotes: exact spans of an answer. Evidence or nothing.

use std::ops::Range;

use crate::domain::Quote;

/// An answer whose characters can be counted quickly: built once in time linear in the answer, then each quote costs no more than its own text.
#[derive(Debug)]
pub(crate) struct Spans<'a> {
    answer: &'a str,
    /// Where each character begins, in bytes, and the end; none for ASCII, whose characters are bytes.
    starts: Option<Vec<u32>>,
}

impl<'a> Spans<'a> {
    /// Counts the characters of an answer.
    pub(crate) fn new(answer: &'a str) -> Self {
        let starts = (!answer.is_ascii())
            .then(|| answer.char_indices().map(|(at, _)| at).chain([answer.len()]).map(|at| at as u32).collect());
        Self { answer, starts }
    }

    /// The quote of these bytes; none where they are no span of characters.
    pub(crate) fn quote(&self, bytes: Range<usize>) -> Option<Quote> {
        let text = self.answer.get(bytes.clone())?.to_owned();
        let character = |byte: usize| -> Option<u32> {
            let byte = u32::try_from(byte).ok()?;
            match &self.starts {
                None => Some(byte),
                Some(starts) => u32::try_from(starts.binary_search(&byte).ok()?).ok(),
            }
        };
        Some(Quote { start: character(bytes.start)?, end: character(bytes.end)?, text })
    }

    /// Whether the quote is exactly what the answer says from its start to its end, and says something.
    pub(crate) fn holds(&self, quote: &Quote) -> bool {
        let byte = |character: u32| -> Option<usize> {
            match &self.starts {
                None => Some(character as usize),
                Some(starts) => starts.get(character as usize).map(|byte| *byte as usize),
            }
        };
        let (Some(start), Some(end)) = (byte(quote.start), byte(quote.end)) else {
            return false;
        };
        start < end && self.answer.get(start..end) == Some(&quote.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quote(start: u32, end: u32, text: &str) -> Quote {
        Quote { start, end, text: text.into() }
    }

    #[test]
    fn only_exact_spans_hold() {
        for (answer, quote, holds) in [
            ("I led a team.", quote(2, 5, "led"), true),
            ("I led a team.", quote(2, 5, "Led"), false),
            ("I led a team.", quote(3, 6, "led"), false),
            ("I led a team.", quote(2, 2, ""), false),
            ("I led a team.", quote(5, 2, "led"), false),
            ("I led a team.", quote(8, 14, "team. "), false),
            ("我用過 Python", quote(4, 10, "Python"), true),
            ("我用過 Python", quote(10, 16, "Python"), false),
            ("a👍b", quote(1, 2, "👍"), true),
            ("a👍b", quote(2, 3, "b"), true),
            ("a👍b", quote(2, 9, "b"), false),
            ("", quote(0, 0, ""), false),
            ("", quote(0, u32::MAX, "x"), false),
        ] {
            assert_eq!(Spans::new(answer).holds(&quote), holds, "{answer} {quote:?}");
        }
    }

    #[test]
    fn bytes_within_a_character_are_no_quote() {
        assert_eq!(Spans::new("a👍b").quote(1..3), None);
        assert_eq!(Spans::new("a👍b").quote(1..99), None);
    }

    proptest! {
        #[test]
        fn every_quote_that_is_made_holds(answer in "\\PC{0,40}", one in 0_usize..160, other in 0_usize..160) {
            let spans = Spans::new(&answer);
            if let Some(quote) = spans.quote(one.min(other)..one.max(other)) {
                prop_assert_eq!(spans.holds(&quote), one != other);
                let taken: String =
                    answer.chars().skip(quote.start as usize).take((quote.end - quote.start) as usize).collect();
                prop_assert_eq!(taken, quote.text);
            }
        }
    }
}
