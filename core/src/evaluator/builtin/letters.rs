//! Telling a word from keys struck at random, by its letters.

/// For each letter, and for the beginning of a word, the letters that follow it often in English (bit 0 is `a`), and whether a word often ends with it
/// (bit 26): at least 6 in 10,000 pairs of the different words in manuals and licences of free software.
const FOLLOWS: [u32; 27] = [
    0x053e_bd6e,
    0x0416_4911,
    0x041e_4d95,
    0x0416_4919,
    0x05ee_fd7f,
    0x041a_4931,
    0x0416_6991,
    0x041a_4111,
    0x062e_fc7f,
    0x0000_4001,
    0x0404_4111,
    0x051c_4919,
    0x0414_d113,
    0x043c_657d,
    0x047e_fd6f,
    0x041e_c991,
    0x0010_0000,
    0x051e_fd5d,
    0x051c_cd95,
    0x051e_4995,
    0x040e_b95f,
    0x0400_4111,
    0x0400_4111,
    0x0408_8010,
    0x0404_8001,
    0x0400_0111,
    0x027f_ffff,
];
const BEGINNING: u8 = 26;
const END: u8 = 26;

/// The rows of a keyboard.
const ROWS: [&[u8]; 3] = [b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];

/// What a word's letters say of how it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    /// It may be a word.
    Word,
    /// It has pairs of letters that words hardly have. That is wrong about one in thirty, mostly names and abbreviations, so that it takes several such
    /// words to say anything of a text.
    Rare,
    /// It follows the rows of the keyboard.
    Keys,
}

/// Reads a word by its letters. Nothing is said of words with letters beyond ASCII, nor, but for the keyboard's rows, of words with capitals inside (acronyms)
/// or digits.
pub(super) fn letters(word: &str) -> Letters {
    let bytes = word.as_bytes();
    if bytes.iter().any(u8::is_ascii_digit) {
        return if is_run_with_digits(bytes) { Letters::Keys } else { Letters::Word };
    }
    if !bytes.iter().all(u8::is_ascii_alphabetic) {
        return Letters::Word;
    }
    if is_run_on_row(bytes) {
        return Letters::Keys;
    }
    let is_pair = bytes.len() == 2 && bytes[0].eq_ignore_ascii_case(&bytes[1]) && has_no_vowel(bytes);
    let is_written = bytes.len() >= 3 && bytes[1..].iter().all(u8::is_ascii_lowercase);
    match is_pair || is_written && (is_beat(bytes) || has_rare_pairs(bytes)) {
        true => Letters::Rare,
        false => Letters::Word,
    }
}

/// Whether the letters without the digits, or the digits without the letters, are neighbours in order, three at least: "asd123", "1q2w3e", "345".
fn is_run_with_digits(word: &[u8]) -> bool {
    let digits: Vec<u8> = word.iter().copied().filter(u8::is_ascii_digit).collect();
    let letters: Vec<u8> = word.iter().map(u8::to_ascii_lowercase).filter(u8::is_ascii_lowercase).collect();
    let is_run = |run: &[u8]| run.len() >= 3 && run.windows(2).all(|pair| (pair[0] - b'0' + 1) % 10 == pair[1] - b'0');
    let is_row =
        letters.len() >= 3 && ROWS.iter().any(|row| row.windows(letters.len()).any(|keys| keys == letters.as_slice()));
    is_run(&digits) && letters.is_empty() || is_row
}

/// Whether at least 30 % of the pairs of letters are rare in English.
fn has_rare_pairs(letters: &[u8]) -> bool {
    let mut before = BEGINNING;
    let mut rare = 0;
    for letter in letters.iter().map(|letter| letter.to_ascii_lowercase() - b'a').chain([END]) {
        rare += usize::from(FOLLOWS[usize::from(before)] & 1 << letter == 0);
        before = letter;
    }
    rare * 10 >= (letters.len() + 1) * 3
}

/// Whether four neighbours on the keyboard were struck in a row. English has only words with "erty".
fn is_run_on_row(letters: &[u8]) -> bool {
    letters.windows(4).any(|run| {
        ROWS.iter().any(|row| {
            row.windows(4).any(|keys| {
                let backwards = || run.iter().rev().zip(keys).all(|(one, other)| one.eq_ignore_ascii_case(other));
                keys != b"erty" && (run.eq_ignore_ascii_case(keys) || backwards())
            })
        })
    })
}

/// Whether a few letters are struck over and over: "lalala", "ghgh".
fn is_beat(letters: &[u8]) -> bool {
    (1..=3).any(|period| {
        letters.len() >= (2 * period).max(3)
            && (period == 1 || letters.len() >= 3 * period || has_no_vowel(&letters[..period]))
            && letters.iter().skip(period).zip(letters).all(|(one, other)| one.eq_ignore_ascii_case(other))
    })
}

fn has_no_vowel(letters: &[u8]) -> bool {
    !letters.iter().any(|letter| b"aeiouAEIOU".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_struck_at_random_are_told_from_words() {
        for struck in
            ["asdf", "qwer", "Asdf", "zxcv", "hjkl", "fdsa", "qwerty", "ASDFGHJKL", "asd123", "1q2w3e4r", "345", "890"]
        {
            assert_eq!(letters(struck), Letters::Keys, "{struck}");
        }
        for rare in ["sdkfjh", "lkjsdf", "aslkdjf", "aaaa", "ghgh", "wefwefwef", "jj", "yrs", "aws"] {
            assert_eq!(letters(rare), Letters::Rare, "{rare}");
        }
        for word in [
            "as",
            "were",
            "property",
            "tree",
            "power",
            "strengths",
            "Kubernetes",
            "SQL",
            "HTTP",
            "naïve",
            "papa",
            "index",
            "aa",
            "80",
            "443",
            "5432",
            "H264",
            "ipv6",
        ] {
            assert_eq!(letters(word), Letters::Word, "{word}");
        }
    }
}
