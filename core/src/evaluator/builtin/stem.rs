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
    if word.ends_with(b"ly") && word.len() > 5 {
        word.truncate(word.len() - 2);
    }
    for suffix in [b"ing".as_slice(), b"ed".as_slice()] {
        if word.ends_with(suffix) && word.len() >= suffix.len() + 3 && has_vowel(&word[..word.len() - suffix.len()]) {
            word.truncate(word.len() - suffix.len());
            undouble(word);
            break;
        }
    }
    if word.len() > 6 && (word.ends_with(b"sion") || word.ends_with(b"tion")) {
        word.truncate(word.len() - 3);
    }
    if word.len() > 4 && word.ends_with(b"e") {
        word.pop();
    }
    spelling(word);
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
    if word.ends_with(b"ies") && length > 4 {
        word.truncate(length - 3);
        word.push(b'y');
    } else if word.ends_with(b"sses") || word.ends_with(b"xes") || word.ends_with(b"ches") || word.ends_with(b"shes") {
        word.truncate(length - 2);
    } else if word.ends_with(b"s") && !word.ends_with(b"ss") && !word.ends_with(b"us") && !word.ends_with(b"is") {
        word.pop();
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
