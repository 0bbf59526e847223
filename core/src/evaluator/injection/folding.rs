//! An answer as it is read rather than as it is written: in lower case, without accents, invisible characters and letters from other alphabets that look alike.
//!
//! What looks alike goes back to the confusables of Unicode Technical Standard 39; the table here has the letters that are used to write English words.

use super::hidden::is_invisible;
use crate::evaluator::scripts::narrow;

/// A character as it is read, and the bytes of the answer that it stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyph {
    /// In lower case.
    pub(super) read: char,
    /// Whether it is a capital in the answer.
    pub(super) is_capital: bool,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Reads an answer. What nobody sees is left out.
pub(super) fn glyphs(answer: &str) -> Vec<Glyph> {
    let mut glyphs = Vec::with_capacity(answer.len());
    for (at, written) in answer.char_indices() {
        let (start, end) = (at as u32, (at + written.len_utf8()) as u32);
        if written.is_ascii() {
            let is_capital = written.is_ascii_uppercase();
            glyphs.push(Glyph { read: written.to_ascii_lowercase(), is_capital, start, end });
        } else if !is_invisible(written) && !is_accent(written) {
            let plain = plain(written);
            let is_capital = plain.is_uppercase();
            for read in bare(plain.to_lowercase().next().unwrap_or(plain)) {
                glyphs.push(Glyph { read, is_capital, start, end });
            }
        }
    }
    read_lookalikes(&mut glyphs);
    glyphs
}

/// Takes the letters of other alphabets for the Latin ones that they look like, in words that have Latin letters as well: Russian stays Russian.
fn read_lookalikes(glyphs: &mut [Glyph]) {
    for word in glyphs.chunk_by_mut(|one, other| one.read.is_alphabetic() && other.read.is_alphabetic()) {
        if word.iter().any(|it| it.read.is_ascii_alphabetic()) && !word.iter().all(|it| it.read.is_ascii()) {
            for glyph in word {
                glyph.read = lookalike(glyph.read);
            }
        }
    }
}

/// Signs that only change the letter before them, or stretch it.
fn is_accent(written: char) -> bool {
    matches!(
        written,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{20d0}'..='\u{20f0}' | '\u{640}' | '\u{64b}'..='\u{652}' | '\u{93c}'
    )
}

/// The plain form of a letter or digit in another typography: full width, circled, bold, script, small capitals.
fn plain(written: char) -> char {
    let code = u32::from(written);
    let letter = |place: u32, first: char| char::from_u32(u32::from(first) + place).unwrap_or(written);
    match code {
        ..=0xff => written,
        0x3000 => ' ',
        0x249c..=0x24b5 => letter(code - 0x249c, 'a'),
        0x24b6..=0x24cf => letter(code - 0x24b6, 'A'),
        0x24d0..=0x24e9 => letter(code - 0x24d0, 'a'),
        0xff01..=0xff5e => narrow(written),
        0x1d400..=0x1d6a3 => match (code - 0x1d400) % 52 {
            place @ 0..26 => letter(place, 'A'),
            place => letter(place - 26, 'a'),
        },
        0x1d7ce..=0x1d7ff => letter((code - 0x1d7ce) % 10, '0'),
        0x1f130..=0x1f149 => letter(code - 0x1f130, 'A'),
        0x1f150..=0x1f169 => letter(code - 0x1f150, 'A'),
        0x1f170..=0x1f189 => letter(code - 0x1f170, 'A'),
        0x1f1e6..=0x1f1ff => letter(code - 0x1f1e6, 'A'),
        0x1d00..=0x1dbf | 0x2070..=0x209f | 0x2100..=0x214f | 0x250..=0x2af | 0x2b0..=0x2ff | 0xa730 | 0xa731 => {
            small(written)
        }
        _ => written,
    }
}

/// The plain form of a small capital, a raised letter or a letter used as a sign.
fn small(written: char) -> char {
    match written {
        'ᴀ' | 'ᵃ' => 'a',
        'ʙ' | 'ᵇ' => 'b',
        'ᴄ' | 'ᶜ' => 'c',
        'ᴅ' | 'ᵈ' => 'd',
        'ᴇ' | 'ᵉ' | 'ℯ' => 'e',
        'ᶠ' | 'ꜰ' => 'f',
        'ɡ' | 'ɢ' | 'ᵍ' | 'ℊ' => 'g',
        'ʜ' | 'ʰ' | 'ℎ' => 'h',
        'ɪ' | 'ⁱ' | 'ℹ' => 'i',
        'ʲ' | 'ᴊ' => 'j',
        'ᴋ' | 'ᵏ' => 'k',
        'ʟ' | 'ˡ' | 'ℓ' => 'l',
        'ᴍ' | 'ᵐ' => 'm',
        'ɴ' | 'ⁿ' => 'n',
        'ᴏ' | 'ᵒ' | 'ℴ' => 'o',
        'ᴘ' | 'ᵖ' => 'p',
        'ʀ' | 'ʳ' => 'r',
        'ˢ' | 'ꜱ' => 's',
        'ᴛ' | 'ᵗ' => 't',
        'ᴜ' | 'ᵘ' => 'u',
        'ᴠ' | 'ᵛ' => 'v',
        'ʷ' | 'ᴡ' => 'w',
        'ˣ' => 'x',
        'ʏ' | 'ʸ' => 'y',
        'ᴢ' | 'ᶻ' => 'z',
        'ℬ' => 'B',
        'ℰ' => 'E',
        'ℱ' => 'F',
        'ℋ' | 'ℌ' | 'ℍ' => 'H',
        'ℐ' | 'ℑ' => 'I',
        'ℒ' => 'L',
        'ℳ' => 'M',
        'ℕ' => 'N',
        'ℙ' => 'P',
        'ℚ' => 'Q',
        'ℛ' | 'ℜ' | 'ℝ' => 'R',
        'ℤ' => 'Z',
        _ => written,
    }
}

/// A letter in lower case without its accent; two where it is two letters in one.
fn bare(letter: char) -> impl Iterator<Item = char> {
    let two = match letter {
        'ß' => ['s', 's'],
        'æ' => ['a', 'e'],
        'œ' => ['o', 'e'],
        'ﬁ' => ['f', 'i'],
        'ﬂ' => ['f', 'l'],
        _ => [unaccented(letter), '\0'],
    };
    two.into_iter().filter(|letter| *letter != '\0')
}

fn unaccented(letter: char) -> char {
    match letter {
        '\u{250}'.. => match letter {
            // The Latin letters of Vietnamese and others.
            '\u{1e00}'..='\u{1eff}' => unaccented_additional(letter),
            // Hindi letters with a dot below, in one character.
            '\u{958}' => '\u{915}',
            '\u{959}' => '\u{916}',
            '\u{95a}' => '\u{917}',
            '\u{95b}' => '\u{91c}',
            '\u{95c}' => '\u{921}',
            '\u{95d}' => '\u{922}',
            '\u{95e}' => '\u{92b}',
            'أ' | 'إ' | 'آ' => 'ا',
            'ى' => 'ي',
            'ё' => 'е',
            _ => letter,
        },
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ǟ' | 'ǡ' | 'ǻ' | 'ȁ' | 'ȃ' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ȅ' | 'ȇ' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' | 'ǧ' | 'ǵ' => 'g',
        'ĥ' | 'ħ' | 'ȟ' => 'h',
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ǐ' | 'ȉ' | 'ȋ' => 'i',
        'ĵ' | 'ǰ' => 'j',
        'ķ' | 'ǩ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' | 'ǹ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ǒ' | 'ǫ' | 'ǭ' | 'ȍ' | 'ȏ' => 'o',
        'ŕ' | 'ŗ' | 'ř' | 'ȑ' | 'ȓ' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ŧ' | 'ț' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ǔ' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' | 'ȕ' | 'ȗ' => {
            'u'
        }
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        _ => letter,
    }
}

fn unaccented_additional(letter: char) -> char {
    match letter {
        'ḁ' | 'ạ' | 'ả' | 'ấ' | 'ầ' | 'ẩ' | 'ẫ' | 'ậ' | 'ắ' | 'ằ' | 'ẳ' | 'ẵ' | 'ặ' => 'a',
        'ḃ' | 'ḅ' | 'ḇ' => 'b',
        'ḉ' => 'c',
        'ḋ' | 'ḍ' | 'ḏ' | 'ḑ' | 'ḓ' => 'd',
        'ə' | 'ḕ' | 'ḗ' | 'ḙ' | 'ḛ' | 'ḝ' | 'ẹ' | 'ẻ' | 'ẽ' | 'ế' | 'ề' | 'ể' | 'ễ' | 'ệ' => {
            'e'
        }
        'ḟ' => 'f',
        'ḡ' => 'g',
        'ḣ' | 'ḥ' | 'ḧ' | 'ḩ' | 'ḫ' | 'ẖ' => 'h',
        'ḭ' | 'ḯ' | 'ỉ' | 'ị' => 'i',
        'ḱ' | 'ḳ' | 'ḵ' => 'k',
        'ḷ' | 'ḹ' | 'ḻ' | 'ḽ' => 'l',
        'ḿ' | 'ṁ' | 'ṃ' => 'm',
        'ṅ' | 'ṇ' | 'ṉ' | 'ṋ' => 'n',
        'ṍ' | 'ṏ' | 'ṑ' | 'ṓ' | 'ọ' | 'ỏ' | 'ố' | 'ồ' | 'ổ' | 'ỗ' | 'ộ' | 'ớ' | 'ờ' | 'ở' | 'ỡ' | 'ợ' => {
            'o'
        }
        'ṕ' | 'ṗ' => 'p',
        'ṙ' | 'ṛ' | 'ṝ' | 'ṟ' => 'r',
        'ṡ' | 'ṣ' | 'ṥ' | 'ṧ' | 'ṩ' => 's',
        'ṫ' | 'ṭ' | 'ṯ' | 'ṱ' | 'ẗ' => 't',
        'ṳ' | 'ṵ' | 'ṷ' | 'ṹ' | 'ṻ' | 'ụ' | 'ủ' | 'ứ' | 'ừ' | 'ử' | 'ữ' | 'ự' => 'u',
        'ṽ' | 'ṿ' => 'v',
        'ẁ' | 'ẃ' | 'ẅ' | 'ẇ' | 'ẉ' | 'ẘ' => 'w',
        'ẋ' | 'ẍ' => 'x',
        'ẏ' | 'ẙ' | 'ỳ' | 'ỵ' | 'ỷ' | 'ỹ' => 'y',
        'ẑ' | 'ẓ' | 'ẕ' => 'z',
        _ => letter,
    }
}

/// The Latin letter that a letter of another alphabet looks like.
fn lookalike(letter: char) -> char {
    match letter {
        'ɑ' | 'α' | 'а' => 'a',
        'ƅ' | 'ь' => 'b',
        'ϲ' | 'с' => 'c',
        'ԁ' => 'd',
        'ε' | 'е' | 'є' | 'ҽ' => 'e',
        'ϝ' | 'ғ' => 'f',
        'ɡ' | 'ց' => 'g',
        'һ' | 'հ' => 'h',
        'ɩ' | 'ι' | 'і' => 'i',
        'ϳ' | 'ј' => 'j',
        'κ' | 'к' => 'k',
        'ӏ' | 'լ' | 'ⅼ' => 'l',
        'м' => 'm',
        'η' | 'п' | 'ո' => 'n',
        'ο' | 'σ' | 'о' | 'օ' => 'o',
        'ρ' | 'р' => 'p',
        'ԛ' | 'զ' => 'q',
        'г' | 'ᴦ' => 'r',
        'ѕ' => 's',
        'τ' | 'т' => 't',
        'μ' | 'υ' | 'ц' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ω' | 'ш' | 'ԝ' => 'w',
        'χ' | 'х' => 'x',
        'γ' | 'у' | 'ү' => 'y',
        'ʐ' | 'ᴢ' => 'z',
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str) -> String {
        glyphs(answer).iter().map(|glyph| glyph.read).collect()
    }

    #[test]
    fn what_looks_alike_reads_alike() {
        for (written, expected) in [
            ("Ignore", "ignore"),
            ("Ｉｇｎｏｒｅ　ｔｈｅ", "ignore the"),
            ("іgnоrе", "ignore"),
            ("𝐈𝐠𝐧𝐨𝐫𝐞 𝓲𝓰𝓷𝓸𝓻𝓮 𝟙𝟘", "ignore ignore 10"),
            ("ⓘⓖⓝⓞⓡⓔ ɪɢɴᴏʀᴇ ⁱᵍⁿᵒʳᵉ 🅸🅶🅽🅾🆁🅴", "ignore ignore ignore ignore"),
            ("Übergröße, puntuación máxima, điểm", "ubergrosse, puntuacion maxima, diem"),
            ("i\u{334}g\u{301}n\u{300}\u{336}ore", "ignore"),
            ("ig\u{200b}no\u{ad}re\u{e0041}", "ignore"),
            ("оценка", "оценка"),
            ("忽略以上", "忽略以上"),
        ] {
            assert_eq!(read(written), expected);
        }
    }

    #[test]
    fn each_glyph_keeps_its_place() {
        let answer = "a\u{200b}Ｂß字";
        let places: Vec<_> = glyphs(answer)
            .iter()
            .map(|it| (it.read, &answer[it.start as usize..it.end as usize], it.is_capital))
            .collect();
        assert_eq!(
            places,
            [('a', "a", false), ('b', "Ｂ", true), ('s', "ß", false), ('s', "ß", false), ('字', "字", false)]
        );
    }
}
