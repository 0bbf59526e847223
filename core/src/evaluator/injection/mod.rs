//! Finding what speaks to the judge in an answer instead of answering.
//!
//! An answer is data to every judge, whatever it says; what is found here is a reason for a person to look. `phrases` knows what such words are in many
//! languages, `folding` and `words` read an answer through its disguises; `markers`, `headers` and `replies` know the forms of prompts and of judgements;
//! `hidden` and `encoded` find what a person does not read.
//!
//! Attacks of these kinds are described in Perez and Ribeiro, "Ignore previous prompt" (2022); Greshake and others, "Not what you've signed up for" (AISec
//! 2023); Boucher and others, "Bad characters: imperceptible NLP attacks" (IEEE S&P 2022); and OWASP, "Top 10 for LLM applications" (LLM01).

mod encoded;
mod folding;
mod headers;
mod hidden;
mod known;
mod markers;
mod phrases;
mod replies;
#[cfg(test)]
mod tests;
mod words;

use std::ops::Range;

use folding::Glyph;

use super::quotes::Spans;
use crate::domain::{Flag, FlagKind};

/// Most flags of an answer: whoever reads these knows enough.
const MOST_FLAGS: usize = 20;

/// The spans of an answer that speak to the judge, by their beginning, at most 20; those of one kind do not overlap. `exchange` is the answer's place in the
/// evaluation. The time is linear in the answer's length.
pub(crate) fn flags(exchange: u32, answer: &str) -> Vec<Flag> {
    let mut found: Vec<(FlagKind, Range<usize>)> = Vec::new();
    let mut add = |kind, spans: Vec<Range<usize>>| found.extend(spans.into_iter().map(|span| (kind, span)));
    let mut glyphs = folding::glyphs(answer);
    // Markers, headers and replies are looked for in the answer as it is read, in other letters too.
    let read = Read::new(&glyphs);
    add(FlagKind::FakeMarker, read.spans(markers::find(&read.text)));
    add(FlagKind::RoleHeader, read.spans(headers::find(&read.text)));
    add(FlagKind::FakeReply, read.spans(replies::find(&read.text)));
    add(FlagKind::HiddenText, hidden::find(answer));
    add(FlagKind::HiddenText, hidden::comments(answer));
    add(FlagKind::EncodedText, encoded::find(answer));
    found.extend(phrases::find(&glyphs).into_iter().map(|phrase| (phrase.kind, phrase.bytes())));
    for disguise in [rotate, reverse] {
        disguise(&mut glyphs);
        found.extend(phrases::find_plain(&glyphs).into_iter().map(|phrase| (FlagKind::EncodedText, phrase.bytes())));
    }
    let spans = Spans::new(answer);
    let quotes =
        joined(found).into_iter().filter_map(|(kind, span)| Some(Flag { exchange, kind, span: spans.quote(span)? }));
    quotes.take(MOST_FLAGS).collect()
}

/// Joins spans of one kind that overlap; all in order.
fn joined(mut found: Vec<(FlagKind, Range<usize>)>) -> Vec<(FlagKind, Range<usize>)> {
    found.sort_unstable_by_key(|(kind, span)| (*kind, span.start, span.end));
    let mut joined: Vec<(FlagKind, Range<usize>)> = Vec::with_capacity(found.len());
    for (kind, span) in found.into_iter().filter(|(_, span)| span.start < span.end) {
        match joined.last_mut() {
            Some((last_kind, last)) if *last_kind == kind && span.start < last.end => last.end = last.end.max(span.end),
            _ => joined.push((kind, span)),
        }
    }
    joined.sort_by_key(|(kind, span)| (span.start, span.end, *kind));
    joined
}

/// An answer as it is read, and where each byte of that stands in the answer.
struct Read {
    text: String,
    glyphs: Vec<(u32, u32)>,
}

impl Read {
    fn new(glyphs: &[Glyph]) -> Self {
        let mut read = Self { text: String::with_capacity(glyphs.len()), glyphs: Vec::with_capacity(glyphs.len()) };
        for glyph in glyphs {
            read.text.push(if glyph.is_capital { glyph.read.to_ascii_uppercase() } else { glyph.read });
            while read.glyphs.len() < read.text.len() {
                read.glyphs.push((glyph.start, glyph.end));
            }
        }
        read
    }

    /// Spans of the read text as spans of the answer.
    fn spans(&self, found: Vec<Range<usize>>) -> Vec<Range<usize>> {
        let span = |it: Range<usize>| {
            let (start, end) = (self.glyphs.get(it.start)?.0, self.glyphs.get(it.end.checked_sub(1)?)?.1);
            Some(start as usize..end as usize)
        };
        found.into_iter().filter_map(span).collect()
    }
}

/// The letters thirteen places further in the alphabet: ROT13.
fn rotate(glyphs: &mut [Glyph]) {
    for glyph in glyphs {
        if glyph.read.is_ascii_lowercase() {
            glyph.read = char::from((glyph.read as u8 - b'a' + 13) % 26 + b'a');
        }
    }
}

/// What was rotated, backwards and without the rotation.
fn reverse(glyphs: &mut [Glyph]) {
    rotate(glyphs);
    glyphs.reverse();
}
