//! A light stemmer for English.
//!
//! It folds what the answer to an interview question inflects (plurals, -ing, -ed, -ion, -ly) and leaves the rest, which for short texts serves
//! better than a heavy one: Harman, "How effective is suffixing?", JASIS 42 (1991). The conditions are those of steps 1 and 4 of Porter,
//! "An algorithm for suffix stripping", Program 14 (1980), in part.

/// What is left of a lower-case ASCII word; other words are returned as they are. The same stem may stand for unrelated words, rarely.
pub(super) fn stem(word: &mut Vec<u8>) {
    // No English word is longer; what is longer is no word, and cutting it would cost time for nothing.
    if word.len() < 4 || word.len() > 40 || !word.iter().all(u8::is_ascii_lowercase) {
        return;
    }
    plural(word);
    if matches!(word[..], [.., b'l', b'y']) && word.len() > 5 {
        word.truncate(word.len() - 2);
    }
    let suffix = match word[..] {
        [.., b'i', b'n', b'g'] => 3,
        [.., b'e', b'd'] => 2,
        _ => 0,
    };
    if suffix > 0 && word.len() >= suffix + 3 && has_vowel(&word[..word.len() - suffix]) {
        word.truncate(word.len() - suffix);
        undouble(word);
    }
    if word.len() > 6 && matches!(word[..], [.., b's' | b't', b'i', b'o', b'n']) {
        word.truncate(word.len() - 3);
    }
    if word.len() > 4 && matches!(word[..], [.., b'e']) {
        word.pop();
    }
    // None of the endings has another last letter.
    if matches!(word[..], [.., b'c' | b'l' | b'r' | b't' | b'u' | b'z']) {
        spelling(word);
    }
}

/// British and American endings, which those two spell differently, of stems: what is left need not be spelt as anywhere, only alike.
const ENDINGS: [(&str, &str); 9] = [
    ("our", "or"),
    ("iz", "is"),
    ("yz", "ys"),
    ("izat", "isat"),
    ("enc", "ens"),
    ("ter", "tr"),
    ("ber", "br"),
    ("ogu", "og"),
    ("ll", "l"),
];

/// "Colour" is "color", "organiz" "organis", "travell" "travel".
fn spelling(word: &mut Vec<u8>) {
    let Some((ending, other)) = ENDINGS.iter().find(|(ending, _)| word.ends_with(ending.as_bytes())) else {
        return;
    };
    // Short words are another word so.
    if word.len() >= ending.len() + 3 && (*other != "l" || word.len() > 5) {
        word.truncate(word.len() - ending.len());
        word.extend_from_slice(other.as_bytes());
    }
}

fn plural(word: &mut Vec<u8>) {
    let length = word.len();
    match word[..] {
        [.., b'i', b'e', b's'] if length > 4 => {
            word.truncate(length - 3);
            word.push(b'y');
        }
        [.., b's', b's', b'e', b's'] | [.., b'x', b'e', b's'] | [.., b'c' | b's', b'h', b'e', b's'] => {
            word.truncate(length - 2);
        }
        [.., b's' | b'u' | b'i', b's'] => {}
        [.., b's'] => {
            word.pop();
        }
        _ => {}
    }
}

fn has_vowel(letters: &[u8]) -> bool {
    letters.iter().any(|letter| b"aeiouy".contains(letter))
}

/// "running" is of "run", but "falling" of "fall".
fn undouble(word: &mut Vec<u8>) {
    if let [.., before, last] = word[..]
        && before == last
        && !b"aeioulsz".contains(&last)
    {
        word.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stemmed(word: &str) -> String {
        let mut letters = word.as_bytes().to_vec();
        stem(&mut letters);
        String::from_utf8(letters).unwrap()
    }

    #[test]
    fn inflections_of_a_word_have_one_stem() {
        for forms in [
            ["lock", "locks", "locked", "locking"].as_slice(),
            &["run", "running", "runs"],
            &["battery", "batteries"],
            &["connect", "connected", "connection", "connections"],
            &["execute", "execution", "executes", "executed", "executing"],
            &["separate", "separation", "separately"],
            &["box", "boxes"],
            &["process", "processes", "processed"],
            &["cache", "caches", "caching", "cached"],
            &["colour", "color", "coloured", "colors"],
            &["organise", "organize", "organising", "organized"],
            &["normalisation", "normalization"],
            &["analyse", "analyze", "analysed", "analyzing"],
            &["centre", "center", "centred", "centered"],
            &["travelled", "traveled", "travelling", "travel"],
            &["defence", "defense"],
            &["catalogue", "catalog"],
        ] {
            for form in forms {
                assert_eq!(stemmed(form), stemmed(forms[0]), "{form}");
            }
        }
    }

    #[test]
    fn short_and_foreign_words_are_left_alone() {
        for word in ["is", "bus", "string", "status", "analysis", "größe", "c++", "red"] {
            assert_eq!(stemmed(word), word);
        }
    }
}
