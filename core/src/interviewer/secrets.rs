//! What the candidate must not be told, and whether words tell it.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use crate::domain::canonical::{Sha256Digest, sha256};

/// How long an overlap gives something away: eight words, or sixteen Chinese characters.
const LONG: u32 = 16;
/// A secret that is shorter counts as a whole, from this length on.
const SHORT: u32 = 10;
const WORD: u32 = 2;
const CHARACTER: u32 = 1;

/// A word, or a character of a script without spaces.
struct Unit {
    text: String,
    bytes: Range<usize>,
    length: u32,
}

fn units(text: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut goes_on = false;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let is_alone = matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
        match units.last_mut() {
            Some(word) if goes_on && c.is_alphanumeric() && !is_alone => {
                word.text.extend(c.to_lowercase());
                word.bytes.end = end;
            }
            _ if c.is_alphanumeric() => units.push(Unit {
                text: c.to_lowercase().collect(),
                bytes: at..end,
                length: if is_alone { CHARACTER } else { WORD },
            }),
            _ => {}
        }
        goes_on = c.is_alphanumeric() && !is_alone;
    }
    units
}

/// The shortest run of units from `start` that is long enough.
fn run(units: &[Unit], start: usize, long: u32) -> Option<Sha256Digest> {
    let mut length = 0;
    let end = units[start..].iter().position(|unit| {
        length += unit.length;
        length >= long
    })?;
    Some(digest(&units[start..=start + end]))
}

fn digest(units: &[Unit]) -> Sha256Digest {
    let parts: Vec<&[u8]> = units.iter().flat_map(|unit| [unit.text.as_bytes(), b"\0"]).collect();
    sha256(&parts)
}

/// Texts that must not be told.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    runs: HashSet<Sha256Digest>,
    /// Short secrets, by how many units they have.
    wholes: BTreeMap<usize, HashSet<Sha256Digest>>,
}

impl Secrets {
    /// These texts, but not what in them is public as well.
    pub(super) fn new<'a>(
        secret: impl IntoIterator<Item = &'a str>,
        public: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut secrets = Self::default();
        for text in secret {
            let units = units(text);
            let length: u32 = units.iter().map(|unit| unit.length).sum();
            if (SHORT..LONG).contains(&length) {
                secrets.wholes.entry(units.len()).or_default().insert(digest(&units));
            }
            secrets.runs.extend((0..units.len()).filter_map(|start| run(&units, start, LONG)));
        }
        for text in public {
            let units = units(text);
            for start in 0..units.len() {
                if let Some(known) = run(&units, start, LONG) {
                    secrets.runs.remove(&known);
                }
                for (count, wholes) in &mut secrets.wholes {
                    if let Some(part) = units.get(start..start + count) {
                        wholes.remove(&digest(part));
                    }
                }
            }
        }
        secrets
    }

    /// Whether the text tells a secret; and if not, up to which byte it may be told while more of it is to come.
    pub(super) fn check(&self, text: &str) -> Result<usize, Told> {
        let units = units(text);
        for start in 0..units.len() {
            let is_run = run(&units, start, LONG).is_some_and(|known| self.runs.contains(&known));
            let is_whole = self.wholes.iter().any(|(count, wholes)| {
                units.get(start..start + count).is_some_and(|part| wholes.contains(&digest(part)))
            });
            if is_run || is_whole {
                return Err(Told);
            }
        }
        // What could still become the beginning of a secret is held back.
        let mut length = 0;
        let held = units.iter().rposition(|unit| {
            length += unit.length;
            length >= LONG
        });
        Ok(held.map_or(0, |place| units[place].bytes.start))
    }
}

/// A text tells a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANSWER: &str = "Two threads each hold a lock that the other one needs, and neither gives its own up.";

    #[test]
    fn long_overlaps_are_told_and_short_ones_are_not() {
        let secrets = Secrets::new(
            [ANSWER, "compare and swap on a head pointer", "事務隔離等級決定並行交易彼此能看見多少尚未提交的變更"],
            [],
        );
        for (text, told) in [
            ("Well: two threads EACH hold a lock, that the other needs…", true),
            ("Well: two threads each hold a lock.", false),
            ("Do you know compare and swap on a head pointer?", true),
            ("Do you know compare and swap?", false),
            ("隔離等級決定並行交易彼此能看見多少尚未", true),
            ("隔離等級決定什麼？", false),
            ("", false),
        ] {
            assert_eq!(secrets.check(text).is_err(), told, "{text}");
        }
    }

    #[test]
    fn what_is_public_is_no_secret() {
        let secrets = Secrets::new([ANSWER], [ANSWER]);
        assert!(secrets.check(ANSWER).is_ok());
        let secrets = Secrets::new(["compare and swap on a pointer"], ["Explain compare and swap on a pointer."]);
        assert!(secrets.check("compare and swap on a pointer").is_ok());
    }

    proptest! {
        #[test]
        fn nothing_of_a_secret_is_told_before_it_is_seen(before in "([a-z]{1,6} ){0,20}", cut in 0_usize..400) {
            let secrets = Secrets::new([ANSWER], []);
            let text = format!("{before}{ANSWER}");
            let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= cut).last().unwrap_or(0);
            // Whatever was let out at any moment does not reach into eight words of the secret.
            if let Ok(out) = secrets.check(&text[..end]) {
                prop_assert!(out <= before.len() || secrets.check(&text[..out]).is_ok());
                prop_assert!(units(&text[before.len().min(out)..out]).len() < 8);
            }
        }
    }
}
