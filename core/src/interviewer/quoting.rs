//! Mentioning a question by its first words.

/// How long a quote may be, in columns of a terminal: a Chinese character takes two.
const COLUMNS: usize = 72;
/// By how much a question may be longer and is still quoted whole: leaving out its last word saves nothing.
const GRACE: usize = 8;

/// The question's text on one line, cut at a word's end where it is too long to be said again.
pub(super) fn short_quote(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // The quote stands within a sentence.
    let line =
        line.strip_suffix(['.', '。']).map_or(line.as_str(), |without| if without.is_empty() { "…" } else { without });
    if line.chars().map(columns).sum::<usize>() <= COLUMNS + GRACE {
        return line.into();
    }
    let mut used = 0;
    let mut word_end = None;
    for (place, c) in line.char_indices() {
        used += columns(c);
        if used > COLUMNS {
            // A word's end is no use when it is near the beginning, as in Chinese with an English word or two.
            let end = word_end.filter(|end| *end > place / 2).unwrap_or(place);
            let cut = line[..end].trim_end_matches(|c: char| !c.is_alphanumeric() && !is_closing(c));
            return format!("{}…", if cut.is_empty() { &line[..end] } else { cut });
        }
        if c == ' ' {
            word_end = Some(place);
        }
    }
    line.into()
}

fn is_closing(c: char) -> bool {
    matches!(c, ')' | ']' | '”' | '"' | '」' | '』' | '）' | '》' | '%' | '+' | '#')
}

/// The width of a character: two from the CJK radicals on and for full-width forms, else one.
fn columns(c: char) -> usize {
    if matches!(c, '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{3fffd}')
    {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_question_is_quoted_whole_and_on_one_line() {
        assert_eq!(short_quote(" What is\na deadlock? "), "What is a deadlock?");
        assert_eq!(short_quote("請自我介紹。"), "請自我介紹");
    }

    #[test]
    fn a_long_question_is_cut_at_a_words_end() {
        let question =
            "How would you find out why a service that answered within ten milliseconds now needs two seconds?";
        assert_eq!(short_quote(question), "How would you find out why a service that answered within ten…");
    }

    #[test]
    fn a_long_chinese_question_is_cut_without_spaces_to_go_by() {
        let quote = short_quote(&"請說明資料庫的交易隔離等級，".repeat(10));
        assert!(quote.ends_with('…') && !quote.ends_with("，…"), "{quote}");
        assert!((30..=37).contains(&quote.chars().count()), "{quote}");
    }

    proptest::proptest! {
        #[test]
        fn a_quote_of_any_text_is_short_and_on_one_line(text in proptest::prelude::any::<String>()) {
            let quote = short_quote(&text);
            proptest::prop_assert!(quote.chars().count() <= COLUMNS + GRACE);
            proptest::prop_assert!(!quote.contains('\n'));
        }
    }
}
