//! Data in a document: text that cannot become markup, and that hides and reorders nothing around it.

use std::fmt;

/// What is shown of a character. Control characters become their pictures. The characters that embed, override and isolate directions are left out:
/// they only ever change the place of others (see Unicode's report 36, "bidirectional text spoofing"), and right-to-left text is read well without.
fn shown(c: char) -> Option<char> {
    match c {
        '\t' | '\n' | '\r' => Some(c),
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)),
        '\u{7f}' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}' => Some(char::REPLACEMENT_CHARACTER),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        _ => Some(c),
    }
}

/// Text as the content of an HTML or SVG element, or as a quoted attribute.
#[derive(Clone, Copy)]
pub(super) struct Html<'a>(pub(super) &'a str);

impl fmt::Display for Html<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for c in self.0.chars().filter_map(shown) {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Text as a part of one line of Markdown, wherever in it: line breaks and runs of spaces become one space.
pub(super) fn markdown(text: &str) -> String {
    let mut line = MarkdownLine::default();
    for (place, word) in text.split_whitespace().enumerate() {
        if place > 0 {
            line.written.push(' ');
        }
        line.push(word);
    }
    line.written
}

/// One line of Markdown that is being written from pieces of data.
#[derive(Default)]
pub(super) struct MarkdownLine {
    pub(super) written: String,
    /// The end of what was pushed, for the constructs that take several characters.
    begun: Begun,
}

/// What stands at the beginning of a line decides whether it is a list, a heading, a table.
#[derive(Default, Clone, Copy, PartialEq)]
enum Begun {
    #[default]
    Nothing,
    Digits,
    Something,
}

impl MarkdownLine {
    /// Adds data; a line break in it becomes a space.
    pub(super) fn push(&mut self, text: &str) {
        let mut rest = text.chars().filter_map(shown).peekable();
        while let Some(c) = rest.next() {
            let begun = self.begun;
            self.begun = match c {
                ' ' | '\t' | '\n' | '\r' => begun,
                '0'..='9' if begun != Begun::Something => Begun::Digits,
                _ => Begun::Something,
            };
            match c {
                // Four spaces at the beginning would make a code block.
                ' ' if begun == Begun::Nothing => self.written.push('\u{a0}'),
                '\t' if begun == Begun::Nothing => self.written.push_str("\u{a0}\u{a0}\u{a0}\u{a0}"),
                '\t' | '\n' | '\r' => self.written.push(' '),
                '&' => self.written.push_str("&amp;"),
                '<' => self.written.push_str("&lt;"),
                '>' => self.written.push_str("&gt;"),
                // Parsers disagree on backslashes before a pipe in a table.
                '|' => self.written.push_str("&#124;"),
                '\\' | '`' | '*' | '_' | '[' | ']' | '{' | '}' | '#' | '~' | '$' | '^' | '@' => self.escape(c),
                // Addresses that some readers make links of: "scheme://" and "www.".
                ':' if rest.peek() == Some(&'/') => self.escape(c),
                '.' if self.ends_with_www() => self.escape(c),
                '.' | ')' if begun == Begun::Digits => self.escape(c),
                _ if begun == Begun::Nothing && c.is_ascii_punctuation() => self.escape(c),
                _ => self.written.push(c),
            }
        }
    }

    /// Adds data in bold type, as far as Markdown can: its edges must be letters or digits, or else the asterisks could stay asterisks.
    pub(super) fn push_bold(&mut self, text: &str) {
        let inner = text.trim_matches(|c: char| !c.is_alphanumeric());
        if inner.is_empty() {
            return self.push(text);
        }
        let before = text.len() - text.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
        self.push(&text[..before]);
        self.written.push_str("**");
        self.begun = Begun::Something;
        self.push(inner);
        self.written.push_str("**");
        self.push(&text[before + inner.len()..]);
    }

    fn escape(&mut self, c: char) {
        self.written.push('\\');
        self.written.push(c);
    }

    fn ends_with_www(&self) -> bool {
        let bytes = self.written.as_bytes();
        bytes.len() >= 3 && bytes[bytes.len() - 3..].eq_ignore_ascii_case(b"www")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_escaped_and_what_hides_or_reorders_is_not_shown_as_such() {
        let text = "<b a=\"1\" b='2'>&amp;\u{202e}x\u{2066}y\u{2069}\u{7}\u{7f}\u{85}\n";
        let shown = "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;xy\u{2407}\u{2421}\u{fffd}\n";
        assert_eq!(Html(text).to_string(), shown);
    }

    #[test]
    fn markdown_is_escaped_only_where_it_could_mean_something() {
        let cases = [
            ("plain words, with 3.5 points (and more)!", "plain words, with 3.5 points (and more)!"),
            ("- item", "\\- item"),
            ("1. item", "1\\. item"),
            ("12) item", "12\\) item"),
            ("+ a - b = c", "\\+ a - b = c"),
            ("---", "\\---"),
            ("=====", "\\====="),
            (":-:", "\\:-:"),
            ("snake_case *b*", "snake\\_case \\*b\\*"),
            ("a | b", "a &#124; b"),
            ("![x](http://y)", "\\!\\[x\\](http\\://y)"),
            ("see www.x.y", "see www\\.x.y"),
            ("a\n\n# b", "a \\# b"),
        ];
        for (text, expected) in cases {
            assert_eq!(markdown(text), expected);
        }
    }

    #[test]
    fn bold_type_begins_and_ends_with_a_letter_or_a_digit() {
        for (text, expected) in
            [("word", "**word**"), ("「引文。」", "「**引文**。」"), (" a* ", "\u{a0}**a**\\* "), ("…", "…")]
        {
            let mut line = MarkdownLine::default();
            line.push_bold(text);
            assert_eq!(line.written, expected);
        }
    }
}
