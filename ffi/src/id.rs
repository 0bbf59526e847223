//! Ids.

use std::ffi::c_char;

use uuid::Uuid;

use crate::call::{call, write};
use crate::error::{invalid_input, vv_error};
use crate::status::vv_status;
use crate::text::text;

/// The id of an interview, a session, a message or an evaluation: the bytes of a UUID, in the order in which they are written.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct vv_id {
    /// The bytes.
    pub bytes: [u8; 16],
}

impl vv_id {
    /// The id as any of the library's.
    pub(crate) fn as_any<T: From<Uuid>>(self) -> T {
        Uuid::from_bytes(self.bytes).into()
    }
}

impl From<&Uuid> for vv_id {
    fn from(id: &Uuid) -> Self {
        Self { bytes: *id.as_bytes() }
    }
}

/// Reads an id as documents have it: 36 characters. Any thread.
///
/// `VV_INVALID_INPUT` where it is no UUID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_id_parse(
    data: *const c_char,
    len: usize,
    id: *mut vv_id,
    error: *mut *mut vv_error,
) -> vv_status {
    let read = || {
        // SAFETY: the caller's text, as the conventions ask.
        let text = unsafe { text("id", data, len) }?;
        let found = Uuid::parse_str(text).map_err(|_| invalid_input("id is not a UUID"))?;
        // SAFETY: the caller's place for it.
        unsafe { write(id, || Ok((&found).into())) }
    };
    // SAFETY: the caller's place for an error.
    unsafe { call(error, read) }
}

/// Writes an id as documents have it, with a NUL after it, into 37 bytes of the caller's. Does nothing for null. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_id_write(id: vv_id, text: *mut c_char) {
    if !text.is_null() {
        let mut bytes = [0; 37];
        Uuid::from_bytes(id.bytes).hyphenated().encode_lower(&mut bytes);
        // SAFETY: the caller says that it has this many.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), text, bytes.len()) };
    }
}
