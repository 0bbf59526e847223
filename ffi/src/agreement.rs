//! How far raters agree. No engine is needed.

use std::ffi::c_char;

use vivavoce::agreement::{Agreement, AgreementRequest};

use crate::call::{call, write};
use crate::error::vv_error;
use crate::status::vv_status;
use crate::text::{document, json};

/// How far raters agree, people or models, as a document to be freed with `vv_string_free`: `pairs` (`pearson`, `spearman`, `kendall`, `cohen_kappa`, `weighted_kappa`, `bias`,
/// `limits_of_agreement` of each two), their `means`, `icc_2_1`, `icc_2_k` and `krippendorff_alpha`, each with its `value` and the ends of its 95 % interval, `low` and
/// `high`; what the scores do not define is left out. `request` is a document: `raters`, a list of `name` and `scores` (a number or null for each item), and what else
/// `AgreementRequest` has (`levels`, `resamples`, `seed`). It computes in the caller's thread, for seconds where there is much. Any thread.
///
/// `VV_INVALID_INPUT` where the document or a limit is broken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vv_agreement(
    request: *const c_char,
    request_len: usize,
    agreement: *mut *mut c_char,
    error: *mut *mut vv_error,
) -> vv_status {
    let work = || {
        // SAFETY: the caller's text, as the conventions ask.
        let request: AgreementRequest = unsafe { document("request", request, request_len) }?;
        let found = Agreement::of(&request)?;
        // SAFETY: the caller's place for it.
        unsafe { write(agreement, || json(&found)) }
    };
    // SAFETY: the caller's place for an error.
    unsafe { call(error, work) }
}
