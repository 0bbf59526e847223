//! Quotes: exact spans of an answer. Evidence or nothing.

use std::ops::Range;
use std::sync::OnceLock;

use super::scripts::is_unspaced;
use crate::domain::Quote;

/// An answer whose characters can be counted quickly: built once in time linear in the answer, then each quote costs no more than its own text.
#[derive(Debug)]
pub(crate) struct Spans<'a> {
    answer: &'a str,
    /// Where each character begins, in bytes, and the end; none for ASCII, whose characters are bytes.
    starts: Option<Vec<u32>>,
    /// The answer as words are looked for in it; made when something is.
    folded: OnceLock<Folded>,
}

impl<'a> Spans<'a> {
    /// Counts the characters of an answer.
    pub(crate) fn new(answer: &'a str) -> Self {
        let starts = (!answer.is_ascii())
            .then(|| answer.char_indices().map(|(at, _)| at).chain([answer.len()]).map(|at| at as u32).collect());
        Self { answer, starts, folded: OnceLock::new() }
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

    /// The first place of the answer that says `wanted`; none where no place does, or `wanted` has neither a letter nor a digit.
    ///
    /// A model copies the words but not always the typography, so that white space, quotation marks, dashes and ellipses are compared by what they mean, and
    /// nothing else is. Quotation marks around the whole, and an ellipsis that marks a cut, are tried without where the answer has no such place with them.
    ///
    /// The place begins and ends between words: "I can" is no quote of "I can't", nor "10" of "1,000". Scripts without spaces have no such gaps and may be cut
    /// anywhere, and so may Korean, where particles stand at the end of words.
    pub(crate) fn find(&self, wanted: &str) -> Option<Quote> {
        let wanted = Folded::text_of(wanted);
        let bare = without_marks(&wanted);
        let mut tried = Vec::with_capacity(5);
        for form in [&wanted, bare, without_cuts(&wanted), without_cuts(bare), without_marks(without_cuts(&wanted))] {
            if !tried.contains(&form) {
                tried.push(form);
            }
        }
        tried.into_iter().find_map(|form| self.find_folded(form))
    }

    fn find_folded(&self, wanted: &str) -> Option<Quote> {
        if !wanted.contains(char::is_alphanumeric) {
            return None;
        }
        let folded = self.folded.get_or_init(|| Folded::new(self.answer));
        let bytes = occurrences(folded.text.as_bytes(), wanted.as_bytes())
            .filter_map(|at| Some(folded.place(at)?..folded.place(at + wanted.len())?))
            .find(|bytes| !is_within_word(self.answer, bytes.start) && !is_within_word(self.answer, bytes.end))?;
        self.quote(bytes)
    }
}

/// A text without its typography, and where it is from.
#[derive(Debug)]
struct Folded {
    text: String,
    /// For each byte of `text`, and for its end, where in the source its character begins; `INSIDE` for what is not at the beginning of one.
    from: Vec<u32>,
}

/// Marks what came of one character but is not its beginning: a quote cannot take half of an ellipsis.
const INSIDE: u32 = u32::MAX;

impl Folded {
    fn new(source: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(source.len()), from: Vec::with_capacity(source.len() + 1) };
        fold(source, |at, piece| {
            folded.text.push_str(piece);
            folded.from.push(at as u32);
            folded.from.resize(folded.text.len(), INSIDE);
        });
        folded.from.push(source.len() as u32);
        folded
    }

    /// The text alone, without white space at its ends.
    fn text_of(source: &str) -> String {
        let mut text = String::with_capacity(source.len());
        fold(source.trim(), |_, piece| text.push_str(piece));
        text
    }

    /// The byte of the source at which what stands here begins.
    fn place(&self, at: usize) -> Option<usize> {
        self.from.get(at).filter(|place| **place != INSIDE).map(|place| *place as usize)
    }
}

/// Gives each character of a text, with its place, as it is compared.
fn fold(source: &str, mut give: impl FnMut(usize, &str)) {
    let mut is_after_space = false;
    for (at, character) in source.char_indices() {
        let is_space = character.is_whitespace();
        match character {
            _ if is_space && is_after_space => {}
            _ if is_space => give(at, " "),
            '‘' | '’' | '‚' | '‛' | '′' => give(at, "'"),
            '“' | '”' | '„' | '‟' | '″' => give(at, "\""),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => give(at, "-"),
            '…' => give(at, "..."),
            _ => give(at, character.encode_utf8(&mut [0; 4])),
        }
        is_after_space = is_space;
    }
}

/// The text without the quotation marks around the whole of it.
fn without_marks(text: &str) -> &str {
    [("\"", "\""), ("'", "'"), ("`", "`"), ("「", "」"), ("『", "』"), ("«", "»")]
        .into_iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close))
        .map_or(text, str::trim)
}

/// The text without ellipses at its ends.
fn without_cuts(text: &str) -> &str {
    text.trim_start_matches("...").trim_end_matches("...").trim()
}

/// Every place of `wanted` in `text`, overlapping ones as well, in time linear in both (Knuth, Morris and Pratt, "Fast pattern matching in strings", 1977): the
/// first may not be acceptable, and searching anew from each would be quadratic.
fn occurrences<'a>(text: &'a [u8], wanted: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let mut borders = vec![0; if wanted.len() > text.len() { 0 } else { wanted.len() }];
    let mut border = 0;
    for at in 1..borders.len() {
        while border > 0 && wanted[at] != wanted[border] {
            border = borders[border - 1];
        }
        border += usize::from(wanted[at] == wanted[border]);
        borders[at] = border;
    }
    let mut matched = 0;
    let text = if borders.is_empty() { &[] } else { text };
    text.iter().enumerate().filter_map(move |(at, byte)| {
        while matched > 0 && wanted.get(matched) != Some(byte) {
            matched = borders[matched - 1];
        }
        matched += usize::from(wanted[matched] == *byte);
        (matched == wanted.len()).then(|| at + 1 - matched)
    })
}

/// Whether a cut before this byte goes through a word of a script with spaces, or through a number.
fn is_within_word(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    let (mut back, mut on) = (before.chars().rev(), after.chars());
    let (Some(last), Some(first)) = (back.next(), on.next()) else {
        return false;
    };
    if belongs(last) && (belongs(first) || is_mark(first)) || is_mark(last) && belongs(first) {
        return true;
    }
    let is_digit = |it: Option<char>| it.is_some_and(char::is_numeric);
    match (last, first) {
        // "can" of "can't", but "homme" of "l'homme" is one.
        (_, '\'' | '’') | (_, '\u{200c}' | '\u{200d}') => belongs(last) && on.next().is_some_and(belongs),
        ('\u{200c}' | '\u{200d}', _) => belongs(first) && back.next().is_some_and(belongs),
        (_, '.' | ',') => last.is_numeric() && is_digit(on.next()),
        ('.' | ',', _) => first.is_numeric() && is_digit(back.next()),
        _ => false,
    }
}

/// Whether a character is part of a word of a script with spaces.
fn belongs(character: char) -> bool {
    // Thai, Lao, Tibetan, Burmese and Khmer have no spaces between words either.
    character.is_alphanumeric()
        && !is_unspaced(character)
        && !matches!(character, '\u{e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// Accents written apart, and the signs of Indic scripts that are no letters.
fn is_mark(character: char) -> bool {
    let code = u32::from(character);
    matches!(code, 0x300..=0x36f) || matches!(code, 0x900..=0xd7f) && matches!(code & 0x7f, 0x3c | 0x4d)
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

    #[test]
    fn words_are_found_whatever_their_typography() {
        for (answer, wanted, found) in [
            ("I led a team.", "led a team", Some("led a team")),
            ("I  led\u{a0}a\n\tteam.", " led a team ", Some("led\u{a0}a\n\tteam")),
            ("I led a team.", "led\n  a\u{3000}team", Some("led a team")),
            ("It’s “done” – really…", "It's \"done\" - really...", Some("It’s “done” – really…")),
            ("It's \"done\" - really...", "It’s “done” — really…", Some("It's \"done\" - really...")),
            ("We cut it by ten.", "\"cut it by ten\"", Some("cut it by ten")),
            ("We cut it by ten.", "“We cut it…”", Some("We cut it")),
            ("We cut it by ten.", "…'cut it'...", Some("cut it")),
            ("We cut it by ten.", "「cut it」", Some("cut it")),
            ("He said \"no\".", "\"no\"", Some("\"no\"")),
            ("We waited... and won", "waited...", Some("waited...")),
            ("我用過 Python，也寫過 Go。", "「用過 Python，也」", Some("用過 Python，也")),
            ("我用過Python", "Python", Some("Python")),
            ("서버를 고쳤다", "서버", Some("서버")),
            ("ฉันเขียนโปรแกรม", "เขียน", Some("เขียน")),
            ("l'homme", "homme", Some("homme")),
            ("Led, led", "led", Some("led")),
            ("a can, an, can", "an", Some("an")),
            ("xana ana ana", "ana ana", Some("ana ana")),
            ("$5,000 and 5", "5", Some("5")),
            ("I led a team.", "Led a team", None),
            ("I led a team.", "I lead a team", None),
            ("I can do", "an", None),
            ("I can't do it", "I can", None),
            ("I can’t do it", "I can", None),
            ("1,000 in 3.5 s", "1", None),
            ("1,000 in 3.5 s", "5 s", None),
            ("1,000 in 3.5 s", "000", None),
            ("cafe\u{301}", "cafe", None),
            ("क्या", "क", None),
            ("می\u{200c}خواهم", "می", None),
            ("le\u{200b}d a team", "led a team", None),
            ("and so on…", "on.", None),
            ("I led a team.", "", None),
            ("I led a team.", " \u{3000}", None),
            ("...!", "...", None),
            ("\"\"", "\"\"", None),
            ("", "led", None),
        ] {
            let spans = Spans::new(answer);
            let quote = spans.find(wanted);
            assert_eq!(quote.as_ref().map(|it| it.text.as_str()), found, "{answer} {wanted}");
            assert!(quote.is_none_or(|quote| spans.holds(&quote)), "{answer} {wanted}");
        }
    }

    #[test]
    fn the_first_place_between_words_is_taken() {
        assert_eq!(Spans::new("can, an, an").find("an"), Some(quote(5, 7, "an")));
        assert_eq!(Spans::new("索引。用索引").find("索引"), Some(quote(0, 2, "索引")));
    }

    #[test]
    fn looking_for_the_same_letter_again_and_again_ends_soon() {
        let answer = "a".repeat(1_000_000);
        assert_eq!(Spans::new(&answer).find(&answer[..500_000]), None);
    }

    /// Words between gaps of all kinds.
    fn written() -> impl Strategy<Value = Vec<(String, String)>> {
        prop::collection::vec(
            ("[a-z]{1,3}|[0-9]{1,2}|é[a-z]|索引|[ab]", "[ \n\u{a0}\u{3000}]{1,2}|, |…|–| “|” | ‘"),
            1..12,
        )
    }

    /// The text in plain typography, each run of white space as one gap.
    fn plain(text: &str, gap: &str) -> String {
        let text = text.replace(['“', '”'], "\"").replace('‘', "'").replace('–', "-").replace('…', "...");
        text.split_whitespace().collect::<Vec<_>>().join(gap)
    }

    proptest! {
        #[test]
        fn every_run_of_words_is_found_as_it_is_and_in_other_typography(
            words in written(), one in 0_usize..12, other in 0_usize..12, gap in "[ \t\u{2003}]{1,3}"
        ) {
            let (first, last) = (one.min(other) % words.len(), one.max(other) % words.len());
            let (first, last) = (first.min(last), first.max(last));
            let answer: String = words.iter().flat_map(|(word, gap)| [word.as_str(), gap.as_str()]).collect();
            let mut wanted: String =
                words[first..last].iter().flat_map(|(word, gap)| [word.as_str(), gap.as_str()]).collect();
            wanted.push_str(&words[last].0);
            let spans = Spans::new(&answer);
            for wanted in [wanted.clone(), plain(&wanted, &gap), format!("“{wanted}…”")] {
                let quote = spans.find(&wanted);
                prop_assert!(quote.is_some_and(|quote| spans.holds(&quote)));
            }
        }

        #[test]
        fn whatever_is_found_holds(answer in "[ab 1,.…“’\u{301}索]{0,40}", wanted in "[ab 1,.…“\"’'\u{301}索]{0,6}") {
            let spans = Spans::new(&answer);
            if let Some(quote) = spans.find(&wanted) {
                prop_assert!(spans.holds(&quote));
            }
        }

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
