//! Characters that nobody sees, where no script and no picture needs them.
//!
//! Persian and the scripts of India join letters with them, pictures are put together with them, and text written from right to left is set with them;
//! there they are no secret. Sources: Unicode Standard chapters 9, 12 and 23, and Unicode Technical Reports 36 and 51.

use std::ops::Range;

use super::headers::is_about_judging;
use super::phrases::has_phrase;

/// So many invisible characters side by side carry something, whatever stands around them.
const LONGEST_INNOCENT_RUN: usize = 3;
/// So many soft hyphens are no accident of copying.
const SOFT_HYPHENS: usize = 2;
/// What is hidden between fewer bytes than this is one secret.
const NEAR: usize = 12;

/// Whether a character is not seen. White space is, as a gap.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
            | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e000}'..='\u{f8ff}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
            | '\u{f0000}'..='\u{10ffff}'
    )
}

/// The bytes of what is hidden in an answer, in order.
pub(super) fn find(answer: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    if answer.is_ascii() && !answer.contains(|it: char| it.is_ascii_control() && !it.is_ascii_whitespace()) {
        return found;
    }
    let has_right = answer.contains(is_from_right);
    let has_soft = answer.matches('\u{ad}').count() >= SOFT_HYPHENS;
    let mut before = None;
    let mut characters = answer.char_indices().peekable();
    while let Some((start, first)) = characters.next() {
        if !is_invisible(first) {
            before = Some(first);
            continue;
        }
        let (mut end, mut length, mut is_flag) = (start + first.len_utf8(), 1, before == Some('\u{1f3f4}'));
        let mut is_strange = is_strange(first, has_right);
        is_flag &= matches!(first, '\u{e0020}'..='\u{e007f}');
        while let Some((at, next)) = characters.next_if(|(_, next)| is_invisible(*next)) {
            (end, length) = (at + next.len_utf8(), length + 1);
            is_strange |= self::is_strange(next, has_right);
            is_flag &= matches!(next, '\u{e0020}'..='\u{e007f}');
        }
        let after = characters.peek().map(|(_, after)| *after);
        let is_secret = is_strange || length > LONGEST_INNOCENT_RUN || is_out_of_place(first, before, after, has_soft);
        // The flags of England, Scotland and Wales are written in tags.
        if is_secret && !(is_flag && length <= 7) {
            match found.last_mut() {
                Some(last) if start - last.end <= NEAR => last.end = end,
                _ => found.push(start..end),
            }
        }
        before = None;
    }
    found
}

/// The bytes of comments of HTML that speak of judging: a page that shows the answer does not show them.
pub(super) fn comments(answer: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = answer[from..].find("<!--").map(|place| from + place) {
        let end = answer[start..].find("-->").map_or(answer.len(), |length| start + length + 3);
        let comment = &answer[start..end];
        if is_about_judging(comment) || has_phrase(comment) || is_order(comment) {
            found.push(start..end);
        }
        from = end;
    }
    found
}

/// Whether a comment tells somebody what to do with the answer.
fn is_order(comment: &str) -> bool {
    let comment = comment.to_ascii_lowercase();
    ["award", "system:", "evaluat", "judge:", "instruction", "give "].iter().any(|it| comment.contains(it))
}

/// What has no use in an answer, wherever it stands.
fn is_strange(character: char, has_right: bool) -> bool {
    match character {
        // Overrides of the direction, tags, deprecated and invisible operators, terminal controls.
        '\u{202d}' | '\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}' => true,
        '\u{8}' | '\u{1b}' | '\u{7f}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' => true,
        // Others come with paths and messages that were copied.
        '\u{202b}' | '\u{2067}' => !has_right,
        _ => false,
    }
}

/// Whether a character is of a script that is written from right to left.
fn is_from_right(character: char) -> bool {
    matches!(character, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
        && character.is_alphabetic()
}

/// Whether a character or two that cannot be seen stand where nothing needs them.
fn is_out_of_place(character: char, before: Option<char>, after: Option<char>, has_soft: bool) -> bool {
    let is_word = |it: Option<char>| it.is_some_and(is_simple_letter);
    match character {
        '\u{ad}' => has_soft && is_word(before) && is_word(after),
        // A variation of a picture, a sign, a digit or a Chinese character.
        '\u{fe00}'..='\u{fe0f}' => is_word(before),
        '\u{e0100}'..='\u{e01ef}' => !before.is_some_and(|it| matches!(it, '\u{2e80}'..='\u{ffff}' | '\u{20000}'..)),
        // The bullets and logos of fonts.
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => is_word(before) && is_word(after),
        '\u{2800}' => false,
        _ => is_word(before) && is_word(after),
    }
}

/// Letters that stand by themselves: of the scripts of Europe and East Asia.
fn is_simple_letter(character: char) -> bool {
    character.is_alphabetic()
        && matches!(character, '\0'..='\u{58f}' | '\u{1e00}'..='\u{1fff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff21}'..='\u{ff5a}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_told_from_what_scripts_and_pictures_need() {
        for (answer, expected) in [
            ("ig\u{200b}nore", Some((2, 5))),
            ("i\u{200b}g\u{200b}n", Some((1, 8))),
            ("a\u{200b} b", None),
            ("\u{feff}Well", None),
            ("a \u{200b}\u{200c}\u{200b}\u{200c} b", Some((2, 14))),
            ("ok\u{e0069}\u{e0067}", Some((2, 10))),
            ("\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", None),
            ("a\u{202e}b", Some((1, 4))),
            ("a \u{2067}b\u{2069}", Some((2, 5))),
            ("\u{202a}C:\\a\u{202c}", None),
            ("שלום \u{2067}b\u{2069}", None),
            ("می\u{200c}خواهم", None),
            ("क्\u{200d}ष", None),
            ("👩\u{200d}💻 ❤\u{fe0f} 1\u{fe0f}\u{20e3}", None),
            ("a\u{fe01}\u{fe02}", Some((1, 7))),
            ("葛\u{e0100}", None),
            ("a\u{e0100}", Some((1, 5))),
            ("\u{f0b7} one", None),
            ("a\u{e000}b", Some((1, 4))),
            ("Auf\u{ad}lage", None),
            ("Auf\u{ad}la\u{ad}ge", Some((3, 9))),
            ("a\u{1b}[8mb", Some((1, 2))),
            ("tab\tand\r\nline", None),
        ] {
            let found = find(answer);
            assert!(found.len() <= 1, "{answer:?} {found:?}");
            assert_eq!(found.first().map(|it| (it.start, it.end)), expected, "{answer:?}");
        }
    }
}
