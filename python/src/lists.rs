//! Lists that are read as they are asked for, a page in advance.

use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::prelude::*;
use vivavoce::{ListEvaluations, ListInterviews, Paging};

use crate::classes::{Evaluation, Interview};
use crate::document::Document as _;
use crate::engine::Engine;
use crate::events::shared_by_threads;

/// What is to be read, and what was read of it.
struct Lazy<L, T>(Mutex<State<L, T>>);

struct State<L, T> {
    /// What to read next; nothing after the last page.
    list: Option<L>,
    page: std::vec::IntoIter<Arc<T>>,
    /// Whether a thread reads the next page.
    reading: bool,
}

impl<L, T> Lazy<L, T> {
    fn new(list: L) -> Self {
        Self(Mutex::new(State { list: Some(list), page: Vec::new().into_iter(), reading: false }))
    }

    /// The next; `read` reads a page, and says what comes after it.
    fn next(
        &self,
        py: Python<'_>,
        read: impl Fn(&L) -> PyResult<(Vec<Arc<T>>, Option<L>)>,
    ) -> PyResult<Option<Arc<T>>> {
        loop {
            // The lock is not held while a page is read: others that iterate would wait for it with the GIL.
            let list = {
                let mut state = self.0.lock();
                if let Some(next) = state.page.next() {
                    return Ok(Some(next));
                }
                if state.reading {
                    return Err(shared_by_threads(py));
                }
                let Some(list) = state.list.take() else { return Ok(None) };
                state.reading = true;
                list
            };
            let read = read(&list);
            let mut state = self.0.lock();
            state.reading = false;
            match read {
                Ok((page, next)) => {
                    state.list = next;
                    state.page = page.into_iter();
                }
                Err(error) => {
                    // It may be asked for again.
                    state.list = Some(list);
                    return Err(error);
                }
            }
        }
    }
}

/// Interviews in order.
#[pyclass(frozen, module = "vivavoce._native")]
pub(crate) struct Interviews {
    engine: Py<Engine>,
    lazy: Lazy<ListInterviews, vivavoce::Interview>,
}

impl Interviews {
    pub(crate) fn new(engine: Py<Engine>, list: ListInterviews) -> Self {
        Self { engine, lazy: Lazy::new(list) }
    }
}

#[pymethods]
impl Interviews {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Interview>> {
        let next = self.lazy.next(py, |list| {
            let page = self.engine.get().quick(py, "list_interviews", |engine| engine.list_interviews(list))?;
            let next = page.next_cursor.map(|cursor| ListInterviews { paging: Paging::Cursor(cursor), ..list.clone() });
            Ok((page.interviews, next))
        })?;
        Ok(next.map(Interview::of))
    }
}

/// Evaluations, newest first.
#[pyclass(frozen, module = "vivavoce._native")]
pub(crate) struct Evaluations {
    engine: Py<Engine>,
    lazy: Lazy<ListEvaluations, vivavoce::Evaluation>,
}

impl Evaluations {
    pub(crate) fn new(engine: Py<Engine>, list: ListEvaluations) -> Self {
        Self { engine, lazy: Lazy::new(list) }
    }
}

#[pymethods]
impl Evaluations {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Evaluation>> {
        let next = self.lazy.next(py, |list| {
            let page = self.engine.get().quick(py, "list_evaluations", |engine| engine.list_evaluations(list))?;
            let next = page.next_cursor.map(|cursor| ListEvaluations { cursor: Some(cursor), ..list.clone() });
            Ok((page.evaluations, next))
        })?;
        Ok(next.map(Evaluation::of))
    }
}
