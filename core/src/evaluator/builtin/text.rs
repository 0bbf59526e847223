//! Text as the evaluator sees it: words with their places and marks, and the segments they stand in.
//!
//! A word is a run of letters and digits; of scripts written without spaces (Chinese, Japanese, Korean syllables) each character is a word, and
//! each two neighbours are compared as well, as character bigrams serve retrieval of Chinese as well as segmented words do (Nie, Gao, Zhang and
//! Zhou, "On the use of words and n-grams for Chinese information retrieval", IRAL 2000).

use std::ops::Range;

use super::content::ramp;
use super::lexicon::{Marks, character_key, key, marks, otherwise, pair_key};
use super::stem::stem;
use super::synonyms::meaning;
use crate::evaluator::scripts::{is_unspaced, narrow};

/// A segment that has no end before this many characters ends at the next gap between words: nobody reads a longer quote.
const LONGEST_SEGMENT: usize = 240;
/// Words from this length are compared by their beginning as well.
const PREFIX_FROM: usize = 6;
/// How much of a word its beginning is.
const PREFIX: usize = 5;
/// Words that a clause begins with.
const JOINING: [&[u8]; 6] = [b"and", b"or", b"but", b"because", b"while", b"whereas"];
/// What a character counts beside the bigrams it is part of.
const CHARACTER_WEIGHT: f64 = 0.6;

/// A word of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    /// What is compared: of an English word the stem.
    pub(super) key: u64,
    /// What is compared besides: of a character, it and the next one; of a long word, its beginning. 0 where there is nothing.
    pub(super) second: u64,
    /// How much the word means by itself; 0 for common words.
    pub(super) weight: f64,
    /// How much `second` means, where it is a bigram.
    pub(super) pair_weight: f64,
    /// Where it begins, in bytes.
    pub(super) start: u32,
    /// Where it ends, in bytes.
    pub(super) end: u32,
    /// What it marks.
    pub(super) marks: Marks,
    /// Whether it is one character of a script without spaces.
    pub(super) is_character: bool,
    /// Whether a clause begins with it: after punctuation, or with a word such as "because".
    pub(super) starts_clause: bool,
}

impl Word {
    /// Whether characters without a gap begin here.
    pub(super) fn starts_run(&self, before: Option<&Word>) -> bool {
        self.is_character && before.is_none_or(|before| !before.is_character || before.end != self.start)
    }
}

/// A sentence, or a part of a very long one.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    /// Its bytes, from its first word to its end with the punctuation.
    pub(super) bytes: Range<usize>,
    /// Its words.
    pub(super) words: Range<usize>,
    /// The marks of all its words.
    pub(super) marks: Marks,
    /// How much its words mean.
    pub(super) weight: f64,
    /// How many numbers, names and examples it has.
    pub(super) specifics: u32,
    /// Whether it repeats an earlier segment, or the question: it then says nothing.
    pub(super) is_idle: bool,
}

/// A text, read once.
#[derive(Debug)]
pub(super) struct Text<'a> {
    /// The text itself.
    pub(super) source: &'a str,
    /// Its words, in order.
    pub(super) words: Vec<Word>,
    /// Its segments, in order; every word is in one.
    pub(super) segments: Vec<Segment>,
}

impl<'a> Text<'a> {
    /// Reads a text; its time is linear in the text's length.
    pub(super) fn read(source: &'a str) -> Self {
        let mut reader = Reader {
            text: Self { source, words: Vec::with_capacity(source.len() / 5), segments: Vec::new() },
            letters: Vec::new(),
            last_surface: 0,
            is_last_capitalised: false,
            segment_start: 0,
            is_after_pause: true,
        };
        reader.read();
        reader.text
    }

    /// A word as it is written.
    pub(super) fn written(&self, word: &Word) -> &'a str {
        &self.source[word.start as usize..word.end as usize]
    }

    /// Whether a word is a number written in digits.
    pub(super) fn is_figure(&self, word: &Word) -> bool {
        word.marks.has(Marks::NUMBER) && self.written(word).starts_with(|first: char| first.is_numeric())
    }

    /// The words of a segment.
    pub(super) fn words_of(&self, segment: &Segment) -> &[Word] {
        &self.words[segment.words.clone()]
    }

    /// The words that say something, with their places: those of segments that are not idle.
    pub(super) fn telling(&self) -> impl Iterator<Item = &Word> {
        self.segments.iter().filter(|segment| !segment.is_idle).flat_map(|segment| self.words_of(segment))
    }

    /// How much of it is written in Chinese characters, from 0 to 1; numbers are of any script.
    pub(super) fn characters(&self) -> f64 {
        let is_number = |word: &Word| !word.is_character && word.marks.has(Marks::NUMBER);
        let (mut characters, mut all) = (0, 0);
        for word in self.words.iter().filter(|word| !is_number(word)) {
            characters += usize::from(word.is_character);
            all += 1;
        }
        characters as f64 / all.max(1) as f64
    }

    /// Whether it is written in Chinese characters for the most part.
    pub(super) fn is_in_characters(&self) -> bool {
        self.characters() > 0.5
    }

    /// How far it is a list of words, from 0 (sentences) to 1.
    pub(super) fn listing(&self) -> f64 {
        let (mut common, mut numbers, mut letters) = (0, 0, 0);
        for word in &self.words {
            let is_common = word.marks.has(Marks::COMMON);
            common += usize::from(is_common);
            if !word.is_character && !is_common {
                numbers += usize::from(word.marks.has(Marks::NUMBER));
                letters += usize::from(!word.marks.has(Marks::NUMBER) && word.end - word.start == 1);
            }
        }
        let prose = common as f64 / (self.words.len() - numbers).max(1) as f64;
        // English sentences have a third to a half of words that carry grammar, Chinese ones a tenth to a third of such characters, and long runs of characters without a gap.
        match self.is_in_characters() {
            true => (1.0 - prose / 0.08).max(1.0 - ramp(self.run(), 2.5, 4.0)).max(0.0),
            // Figures and formulas need no grammar.
            false if (numbers + letters) * 3 > self.words.len() * 2 => 0.0,
            false => 1.0 - ramp(prose, 0.12, 0.22),
        }
    }

    /// How many characters stand together without a gap, on average.
    pub(super) fn run(&self) -> f64 {
        let starts = self.words.iter().zip([None].into_iter().chain(self.words.iter().map(Some)));
        let characters = self.words.iter().filter(|word| word.is_character).count();
        let runs = starts.filter(|(word, before)| word.starts_run(*before)).count();
        characters as f64 / runs.max(1) as f64
    }

    /// How many words an English text of this length would have; a name is one.
    pub(super) fn length(&self) -> f64 {
        let telling = self.telling().filter(|word| !word.marks.has(Marks::CONTINUED));
        telling.map(|word| if word.is_character { 0.6 } else { 1.0 }).sum()
    }
}

struct Reader<'a> {
    text: Text<'a>,
    /// The letters of the word being read, in lower case.
    letters: Vec<u8>,
    /// The key of the last word as it is written, for pairs of words; 0 at the start of a segment.
    last_surface: u64,
    /// Whether the last word has a capital and may be of a name.
    is_last_capitalised: bool,
    /// The first word of the segment being read.
    segment_start: usize,
    /// Whether there was a pause after the last word.
    is_after_pause: bool,
}

impl Reader<'_> {
    fn read(&mut self) {
        let source = self.text.source;
        let mut at = 0;
        while let Some(character) = source[at..].chars().next() {
            let end = at + character.len_utf8();
            if is_unspaced(character) {
                self.character(character, at, end);
                at = end;
            } else if character.is_alphanumeric() {
                at = self.word(at);
            } else {
                let ends = ends_segment(character, source[end..].chars().next())
                    && !(character == '.' && self.is_after_title(at));
                if ends || self.is_long(at) {
                    self.close(end);
                }
                self.is_after_pause |= is_pause(character, source[end..].chars().next());
                at = end;
            }
        }
        self.close(source.len());
    }

    /// Whether a title that is shortened ends here, as in "Mr. Smith".
    fn is_after_title(&self, at: usize) -> bool {
        let is_here = self.text.words.last().is_some_and(|last| last.end as usize == at && !last.is_character);
        is_here && [b"mr".as_slice(), b"mrs", b"ms", b"dr", b"prof"].contains(&self.letters.as_slice())
    }

    /// Whether the segment being read is so long that any gap ends it.
    fn is_long(&self, at: usize) -> bool {
        // Three bytes a character: of Chinese text this counts characters, of other text it is generous.
        self.text.words.get(self.segment_start).is_some_and(|first| at - first.start as usize > LONGEST_SEGMENT * 3 / 2)
    }

    /// Ends the segment being read, if it has words.
    fn close(&mut self, end: usize) {
        let words = self.segment_start..self.text.words.len();
        let Some(first) = self.text.words.get(words.start) else {
            return;
        };
        let start = first.start as usize;
        // "So it is" at the end gives no reason: nothing follows.
        for word in self.text.words[words.clone()].iter_mut().rev().take_while(|word| word.marks.has(Marks::COMMON)) {
            word.marks = word.marks.without(Marks::REASON);
        }
        let (mut marks, mut weight, mut specifics) = (Marks::NONE, 0.0, 0);
        for word in &self.text.words[words.clone()] {
            marks = marks.with(word.marks);
            weight += word.weight + word.pair_weight;
            specifics += u32::from(word.marks.has(Marks::NUMBER.with(Marks::NAME).with(Marks::EXAMPLE)));
        }
        let end = start + self.text.source[start..end].trim_end().len();
        self.text.segments.push(Segment { bytes: start..end, words, marks, weight, specifics, is_idle: false });
        self.segment_start = self.text.words.len();
        self.last_surface = 0;
        self.is_last_capitalised = false;
        self.is_after_pause = true;
    }

    /// Reads one character of a script without spaces.
    fn character(&mut self, character: char, start: usize, end: usize) {
        let source = self.text.source;
        // 沒有 is 沒, as 冇 is.
        if character == '有'
            && let Some(last) = self.text.words.last_mut().filter(|last| last.end as usize == start)
            && matches!(&source[last.start as usize..start], "沒" | "没")
        {
            last.end = end as u32;
            return;
        }
        // Text without any punctuation has no gaps.
        if self.is_long(start) {
            self.close(start);
        }
        let key = character_key(if character == '冇' { '沒' } else { character });
        let mut found = marks(key);
        let mut pair_marks = Marks::NONE;
        let is_first = self.text.words.len() == self.segment_start;
        if let Some(last) = self.text.words.last_mut()
            && last.is_character
            && last.end as usize == start
            && !is_first
        {
            let both = pair_key(self.last_surface, key);
            last.second = meaning(both);
            let pair = marks(both);
            pair_marks = pair.without(Marks::NO_NEGATION);
            let grammar = u8::from(last.marks.has(Marks::COMMON)) + u8::from(found.has(Marks::COMMON));
            last.pair_weight = match grammar {
                _ if pair.has(Marks::VAGUE) => 0.4,
                0 => 1.0,
                1 => 0.5,
                _ => 0.0,
            };
            if pair.has(Marks::NO_NEGATION) {
                last.marks = last.marks.without(Marks::NEGATION);
                found = found.without(Marks::NEGATION);
            }
        }
        let weight = if found.has(Marks::COMMON) { 0.0 } else { CHARACTER_WEIGHT };
        self.push(Word {
            key,
            second: 0,
            weight,
            pair_weight: 0.0,
            start: start as u32,
            end: end as u32,
            marks: found.with(pair_marks),
            is_character: true,
            starts_clause: self.is_after_pause,
        });
        self.last_surface = key;
        self.is_last_capitalised = false;
    }

    /// Reads a word that begins at `start`; where it ends.
    fn word(&mut self, start: usize) -> usize {
        let source = self.text.source;
        let form = self.letters_of(&source[start..]);
        let end = start + form.bytes;
        // Both apostrophes end with one of these bytes.
        let follows_one =
            matches!(source.as_bytes()[..start], [.., b'\'' | 0x99]) && source[..start].ends_with(['\'', '\u{2019}']);
        let precedes_one = source[end..].starts_with(['\'', '\u{2019}']);
        // "Workin'" is said for "working", and 'login' is not.
        if precedes_one && !follows_one && self.letters.len() > 4 && self.letters.ends_with(b"in") {
            self.letters.push(b'g');
        }
        let mut surface = key(&self.letters);
        let mut found = marks(surface);
        if follows_one && !precedes_one {
            // "'cause" is no cause.
            let mut elided = vec![b'\''];
            elided.extend_from_slice(&self.letters);
            if marks(key(&elided)) != Marks::NONE {
                surface = key(&elided);
                found = marks(surface);
            }
        }
        let pair = marks(pair_key(self.last_surface, surface));
        if pair.has(Marks::NO_NEGATION)
            && let Some(last) = self.text.words.last_mut()
        {
            last.marks = last.marks.without(Marks::NEGATION);
        }
        found = found.with(pair.without(Marks::NO_NEGATION));
        if form.digits > 0 && form.digits == form.characters {
            found = found.with(Marks::NUMBER);
        } else if form.digits > 0 {
            found = found.with(Marks::NAME).with(Marks::TERM).with(Marks::NUMBER);
        } else if !found.has(Marks::COMMON) && self.is_name(&form) {
            found = found.with(Marks::NAME).with(if form.is_term() { Marks::TERM } else { Marks::NONE });
        }
        if self.continues(start, &form) {
            found = found.with(Marks::CONTINUED);
        }
        self.is_last_capitalised = form.characters > 1
            && form.digits == 0
            && (form.is_capitalised && !found.has(Marks::COMMON) || found.has(Marks::CONTINUED));
        let length = self.letters.len();
        let joins = JOINING.contains(&self.letters.as_slice());
        let other = if found.has(Marks::OTHERWISE) { otherwise(&self.letters) } else { None };
        if let Some(other) = other {
            found = found.with(marks(super::lexicon::key(other)));
            self.letters.clear();
            self.letters.extend_from_slice(other);
        }
        stem(&mut self.letters);
        let key = meaning(if self.letters.len() == length && other.is_none() { surface } else { key(&self.letters) });
        let second = if self.letters.len() >= PREFIX_FROM && self.letters.is_ascii() && form.digits == 0 {
            key_of_prefix(&self.letters[..PREFIX])
        } else {
            0
        };
        let weight = if found.has(Marks::TELLING) {
            0.5
        } else if found.has(Marks::COMMON) && !found.has(Marks::NUMBER) {
            0.0
        } else if found.has(Marks::VAGUE) {
            0.4
        } else {
            match length {
                0..=3 if form.digits == 0 => 0.8,
                0..=8 => 1.0,
                _ => 1.2,
            }
        };
        self.push(Word {
            key,
            second,
            weight,
            pair_weight: 0.0,
            start: start as u32,
            end: end as u32,
            marks: found,
            is_character: false,
            starts_clause: self.is_after_pause || joins,
        });
        self.last_surface = surface;
        end
    }

    fn push(&mut self, word: Word) {
        self.is_after_pause = false;
        self.text.words.push(word);
    }

    /// Whether a word continues a name: "Nguyễn Văn An" and "Hye-jin" are one name, as is "Emily".
    fn continues(&self, start: usize, form: &Form) -> bool {
        let Some(last) = self.text.words.last().filter(|_| self.is_last_capitalised) else {
            return false;
        };
        let between = &self.text.source[last.end as usize..start];
        between == "-" || form.is_capitalised && form.characters > 1 && matches!(between, " " | ". ")
    }

    /// Proper names, acronyms and product names, told by their capitals. The first word of a sentence has one anyway.
    fn is_name(&self, form: &Form) -> bool {
        let is_first = self.text.words.len() == self.segment_start;
        let follows_character = self.text.words.last().is_some_and(|last| last.is_character);
        form.characters > 1 && (form.is_term() || form.has_capital() && !is_first || follows_character && !is_first)
    }

    /// Reads the letters of a word into `letters`, in lower case.
    fn letters_of(&mut self, rest: &str) -> Form {
        self.letters.clear();
        let mut form = Form::default();
        let mut characters = rest.char_indices().peekable();
        let mut before = ' ';
        while let Some((at, character)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            let character = narrow(character);
            if character.is_alphanumeric() && !is_unspaced(character) {
                form.characters += 1;
                form.digits += u32::from(character.is_numeric());
                if character.is_uppercase() {
                    form.is_capitalised |= at == 0;
                    form.inner_capitals += u32::from(at > 0);
                }
                if character.is_ascii() {
                    self.letters.push(character.to_ascii_lowercase() as u8);
                } else {
                    for lower in character.to_lowercase() {
                        self.letters.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                }
            } else if !is_joiner(character, before, next, self.letters.len()) {
                break;
            } else if matches!(character, '.' | '+' | '#') {
                self.letters.push(character as u8);
            }
            before = character;
            form.bytes = characters.peek().map_or(rest.len(), |(after, _)| *after);
        }
        form
    }
}

/// How a word is written.
#[derive(Default)]
struct Form {
    bytes: usize,
    characters: u32,
    digits: u32,
    inner_capitals: u32,
    is_capitalised: bool,
}

impl Form {
    fn has_capital(&self) -> bool {
        self.is_capitalised || self.inner_capitals > 0
    }

    /// Whether no person's name is written so, as some have a second capital ("DeShawn", "D'Angelo").
    fn is_term(&self) -> bool {
        self.inner_capitals > 1 || self.inner_capitals == 1 && (!self.is_capitalised || self.characters == 2)
    }
}

/// The key of a word's beginning: never that of a whole word.
fn key_of_prefix(letters: &[u8]) -> u64 {
    pair_key(key(letters), 1)
}

/// Whether a character that is no letter belongs to the word it stands in: the apostrophe of "don't", the points of "1,000.5", the signs of "C++",
/// accents written apart.
fn is_joiner(character: char, before: char, next: Option<char>, length: usize) -> bool {
    match character {
        '\'' | '\u{2019}' => next.is_some_and(char::is_alphabetic),
        '.' | ',' => before.is_ascii_digit() && next.is_some_and(|next| next.is_ascii_digit()),
        '+' | '#' => length <= 3 && !before.is_numeric() && next.is_none_or(|next| !next.is_alphanumeric()),
        '\u{300}'..='\u{36f}' => true,
        _ => false,
    }
}

/// Whether a clause ends with this character.
fn is_pause(character: char, next: Option<char>) -> bool {
    match character {
        ',' | ':' | '-' | '–' | '—' => next.is_none_or(|next| !next.is_alphanumeric() || is_unspaced(next)),
        '，' | '：' | '、' | '●' | '○' => true,
        _ => false,
    }
}

/// Whether a sentence ends with this character.
fn ends_segment(character: char, next: Option<char>) -> bool {
    match character {
        '.' => next.is_none_or(|next| !next.is_alphanumeric() || is_unspaced(next)),
        '!' | '?' | ';' | '。' | '！' | '？' | '；' | '．' | '…' | '\n' | '\r' | '•' | '‧' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(source: &str) -> Vec<&str> {
        Text::read(source).words.iter().map(|word| &source[word.start as usize..word.end as usize]).collect()
    }

    fn segments(source: &str) -> Vec<&str> {
        Text::read(source).segments.iter().map(|segment| &source[segment.bytes.clone()]).collect()
    }

    #[test]
    fn words_are_found_in_mixed_text() {
        for (source, expected) in [
            ("I don't use C++, 1,000.5 times!", ["I", "don't", "use", "C++", "1,000.5", "times"].as_slice()),
            ("我用過 Python3。", &["我", "用", "過", "Python3"]),
            ("ｎｏｄｅ.js（伺服器）", &["ｎｏｄｅ", "js", "伺", "服", "器"]),
            ("... 👍 --", &[]),
            ("cafe\u{301} größe", &["cafe\u{301}", "größe"]),
        ] {
            assert_eq!(words(source), expected);
        }
    }

    #[test]
    fn sentences_are_segments_and_endless_ones_are_cut_between_words() {
        assert_eq!(segments("One 1.5 a. Two!  \n Three"), ["One 1.5 a.", "Two!", "Three"]);
        assert_eq!(segments("第一句。第二句？第三句"), ["第一句。", "第二句？", "第三句"]);
        for endless in ["word ".repeat(1000), "字".repeat(5000)] {
            assert!(segments(&endless).iter().all(|segment| segment.chars().count() <= 2 * LONGEST_SEGMENT));
            assert!(segments(&endless).len() > 5);
        }
    }

    #[test]
    fn what_is_written_differently_is_compared_alike() {
        for (one, other) in [("Locks", "locking"), ("ＡＢＣ", "abc"), ("1,000", "1000"), ("It's", "its")] {
            assert_eq!(Text::read(one).words[0].key, Text::read(other).words[0].key, "{one} {other}");
        }
    }

    #[test]
    fn numbers_and_names_are_marked() {
        let text = Text::read("We moved 12 services to Kubernetes at ACME with iOS; Then three more");
        let marked = |mark: Marks| -> Vec<&str> {
            let of = |word: &Word| &text.source[word.start as usize..word.end as usize];
            text.words.iter().filter(|word| word.marks.has(mark)).map(of).collect()
        };
        assert_eq!(marked(Marks::NUMBER), ["12", "three"]);
        assert_eq!(marked(Marks::NAME), ["Kubernetes", "ACME", "iOS"]);
    }

    #[test]
    fn a_name_is_one_however_many_words_it_has() {
        let of = |name: &str| {
            let text = format!("I asked {name} about it, and {name} knew. {name} left.");
            let text = Text::read(&text);
            let count = |marks: Marks| {
                text.words.iter().filter(|word| word.marks.has(marks) && !word.marks.has(Marks::CONTINUED)).count()
            };
            (text.length(), count(Marks::NAME), count(Marks::TERM))
        };
        for name in ["Emily", "Nguyễn Văn An", "Hye-jin", "Mr. Smith", "D'Angelo", "DeShawn", "Mr Smith"] {
            let (length, _, terms) = of(name);
            assert_eq!((length, terms), (of("Emily").0, 0), "{name}");
        }
        for term in ["AWS", "iOS", "PostgreSQL", "DB", "Python3"] {
            assert_eq!(of(term).2, 3, "{term}");
        }
    }

    #[test]
    fn dialects_and_numbers_in_words_are_read_as_what_they_say() {
        for (one, other) in [
            ("workin' ", "working"),
            ("two", "2"),
            ("Five", "5"),
            ("twelve", "12"),
            ("wee", "small"),
            ("nothin', no", "nothing"),
            ("'login'", "login"),
        ] {
            assert_eq!(Text::read(one).words[0].key, Text::read(other).words[0].key, "{one} {other}");
        }
        let marks = |text: &str| Text::read(text).words[1].marks;
        assert!(
            marks("It 'cause of").has(Marks::REASON.with(Marks::COMMON)) && marks("It 'cause of").has(Marks::COMMON)
        );
        assert!(!marks("The cause of").has(Marks::COMMON) && !marks("A 'cause' of").has(Marks::COMMON));
        assert!(marks("Here so it works").has(Marks::REASON) && !marks("Works so it is.").has(Marks::REASON));
    }

    #[test]
    fn traditional_and_simplified_characters_are_the_same() {
        let keys = |text: &str| {
            Text::read(text).words.iter().map(|word| (word.key, word.second, word.marks)).collect::<Vec<_>>()
        };
        assert_eq!(keys("執行緒後來因為資料庫變慢而開始等待"), keys("执行绪后来因为资料库变慢而开始等待"));
        assert_ne!(keys("資料"), keys("資源"));
        assert_eq!(keys("因為沒有封閉的迴路"), keys("因為冇封閉的迴路"));
        // Wherever a long text is cut into segments, it is one word.
        let count = |before: usize| Text::read(&format!("{}沒有路", "電".repeat(before))).words.len() - before;
        assert!((0..400).all(|before| count(before) == 2));
    }

    proptest! {
        #[test]
        fn any_text_is_read_into_ordered_words_within_ordered_segments(source in "\\PC*") {
            let text = Text::read(&source);
            let mut at = 0;
            for segment in &text.segments {
                prop_assert!(source.get(segment.bytes.clone()).is_some());
                prop_assert!(segment.bytes.start >= at && !segment.words.is_empty());
                for word in text.words_of(segment) {
                    prop_assert!(word.start as usize >= at && word.start < word.end);
                    at = word.end as usize;
                    prop_assert!(at <= segment.bytes.end);
                }
            }
            prop_assert_eq!(text.segments.iter().map(|segment| segment.words.len()).sum::<usize>(), text.words.len());
        }
    }
}
