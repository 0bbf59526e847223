//! Asking how far raters agree: no engine is needed.

use std::sync::Arc;

use pyo3::prelude::*;
use vivavoce::agreement::AgreementRequest;

use crate::calls::caught;
use crate::classes::Agreement;
use crate::document::Document as _;
use crate::ending::UnderWay;
use crate::error::raise;
use crate::read::read;

/// What `vivavoce.agreement` asks for, as one document.
#[pyfunction]
#[pyo3(signature = (request, /))]
pub(crate) fn agreement(py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Agreement> {
    let request: AgreementRequest = read("agreement", request)?;
    let under_way = UnderWay::begin();
    let done = py.detach(|| {
        let done = caught(|| vivavoce::agreement::Agreement::of(&request));
        under_way.before_python();
        done
    });
    done.map(|agreement| Agreement::of(Arc::new(agreement))).map_err(|error| raise(py, &error))
}
