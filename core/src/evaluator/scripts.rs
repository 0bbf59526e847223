//! Scripts and the forms of their characters.

/// Whether a character is of a script that is written without spaces (or, as Korean, compared well without them).
pub(crate) fn is_unspaced(character: char) -> bool {
    match character {
        '\0'..'\u{2e80}' => false,
        // The blocks that nearly all such characters are of, and that have nothing else.
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => true,
        '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3105}'..='\u{312f}'
        | '\u{31a0}'..='\u{31bf}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3134f}' => character.is_alphanumeric(),
        _ => false,
    }
}

/// The ASCII form of a full-width letter, digit or sign.
pub(super) fn narrow(character: char) -> char {
    match u32::from(character) {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(character),
        _ => character,
    }
}
