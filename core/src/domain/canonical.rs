//! The canonical form of a document: RFC 8785 JSON. A document is hashed in this form.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// A SHA-256.
pub(crate) type Sha256Digest = [u8; 32];

/// The canonical form of `value`.
///
/// # Errors
/// `internal` where a value has no JSON form (a number that is not finite): our own documents always have one.
pub(crate) fn canonical_json<T: Serialize>(value: &T) -> Result<String> {
    serde_json_canonicalizer::to_string(value).map_err(|_| Error::internal("a document has no canonical form"))
}

/// The SHA-256 of `parts`, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> Sha256Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Reads the `N` bytes that [`hex`] wrote.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (place, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *place = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_numbers_are_written_as_ecmascript_does() {
        // RFC 8785, section 3.2.2 and appendix B.
        let value: serde_json::Value =
            serde_json::from_str(r#"{"b": 333333333.33333329, "a": [1E30, 4.50, 2e-3]}"#).unwrap();
        assert_eq!(canonical_json(&value).unwrap(), r#"{"a":[1e+30,4.5,0.002],"b":333333333.3333333}"#);
    }

    #[test]
    fn hex_is_read_back() {
        let digest = sha256(&[b"abc"]);
        // FIPS 180-2, appendix B.1.
        assert_eq!(hex(&digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(from_hex(&hex(&digest)), Some(digest));
        assert_eq!(from_hex::<1>("zz"), None);
    }
}
