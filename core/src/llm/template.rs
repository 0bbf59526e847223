//! The files that prompts are made from.

use crate::domain::canonical::{hex, sha256};
use crate::error::{Error, Result};

/// Between the parts of a prompt's file.
pub(crate) const PART: &str = "\n----\n";

/// The line before and after what others wrote. Nobody who wrote any of it can have known this hash of it.
pub(crate) fn marker(written: &[&str]) -> String {
    // Lengths keep the parts apart.
    let lengths = format!("{:?}", written.iter().map(|part| part.len()).collect::<Vec<_>>());
    let mut bytes: Vec<&[u8]> = written.iter().map(|part| part.as_bytes()).collect();
    bytes.push(lengths.as_bytes());
    format!("=={}==", &hex(&sha256(&bytes))[..24])
}

/// Fills the `{{name}}`s of a text. What is filled in is not looked at again.
pub(crate) fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String> {
    let mut filled = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let found = after.split_once("}}").and_then(|(name, after)| Some((value(name)?, after)));
        let (value, after) = found.ok_or_else(|| Error::internal("a prompt's file has a name without a value"))?;
        filled.push_str(before);
        filled.push_str(&value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_not_looked_at_again() {
        let value = |name: &str| (name == "a").then(|| "{{a}}".to_owned());
        assert_eq!(fill("x {{a}} y {{a}}", value).unwrap(), "x {{a}} y {{a}}");
        assert!(fill("{{b}}", value).is_err());
        assert!(fill("{{a", value).is_err());
    }
}
