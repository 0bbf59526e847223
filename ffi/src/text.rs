//! Text and documents that go in and come out.

use std::ffi::{CStr, CString, c_char};

use serde::Serialize;
use serde::de::DeserializeOwned;
use vivavoce::{Error, ErrorKind};

use crate::error::invalid_input;

/// The longest text that goes in, in bytes: 64 MiB.
pub const VV_TEXT_MAX: usize = 64 * 1024 * 1024;

/// Text that goes in; `field` names it in messages.
pub(crate) unsafe fn text<'a>(field: &str, data: *const c_char, len: usize) -> Result<&'a str, Error> {
    if len == 0 {
        return Ok("");
    }
    if data.is_null() {
        return Err(invalid_input(format!("{field} is null, and its length is {len}")));
    }
    if len > VV_TEXT_MAX {
        return Err(invalid_input(format!("{field} is longer than {VV_TEXT_MAX} bytes")));
    }
    // SAFETY: the caller gives as many bytes as it says, and does not change them during the call.
    let bytes = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) };
    std::str::from_utf8(bytes).map_err(|_| invalid_input(format!("{field} is not UTF-8")))
}

/// Text that may be left out: null.
pub(crate) unsafe fn optional<'a>(field: &str, data: *const c_char, len: usize) -> Result<Option<&'a str>, Error> {
    match data.is_null() && len == 0 {
        true => Ok(None),
        // SAFETY: as the caller of this says.
        false => unsafe { text(field, data, len) }.map(Some),
    }
}

/// Text that ends with NUL.
pub(crate) unsafe fn terminated<'a>(field: &str, data: *const c_char) -> Result<&'a str, Error> {
    if data.is_null() {
        return Err(invalid_input(format!("{field} is null")));
    }
    // SAFETY: not null, and ends with NUL, as the conventions ask.
    let text = unsafe { CStr::from_ptr(data) };
    text.to_str().map_err(|_| invalid_input(format!("{field} is not UTF-8")))
}

/// A document that goes in.
pub(crate) unsafe fn document<T: DeserializeOwned>(field: &str, data: *const c_char, len: usize) -> Result<T, Error> {
    // SAFETY: as the caller of this says.
    let text = unsafe { text(field, data, len) }?;
    vivavoce::from_json(field, text)
}

/// A document for a callback: JSON, and a NUL after it that its length does not count.
pub(crate) struct Told(Vec<u8>);

impl Told {
    pub(crate) fn new<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        let mut text = serde_json::to_vec(value)
            .map_err(|_| Error::new(ErrorKind::Internal, "what a callback is told has no JSON form"))?;
        text.push(0);
        Ok(Self(text))
    }

    pub(crate) fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len() - 1
    }
}

/// A document that comes out, to be freed with `vv_string_free`.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<*mut c_char, Error> {
    let text = serde_json::to_vec(value).map_err(|_| Error::new(ErrorKind::Internal, "a document has no JSON form"))?;
    string(text)
}

/// Text that comes out, to be freed with `vv_string_free`.
pub(crate) fn string(text: impl Into<Vec<u8>>) -> Result<*mut c_char, Error> {
    let text = CString::new(text).map_err(|_| Error::new(ErrorKind::Internal, "text that comes out has a NUL"))?;
    Ok(text.into_raw())
}

/// Frees text that a call gave out. Does nothing for null. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_string_free(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: it came out of `string`, and the caller gives up its pointer.
        drop(unsafe { CString::from_raw(text) });
    }
}
