//! The application's own interviewer, evaluator, clock, listener and subscriber: objects of Python, called with the GIL for as long as they take and no longer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMapping, PyString, PyTuple};
use vivavoce::{
    Basis, Delivery, Error, ErrorKind, Evaluator, EvaluatorInfo, Interviewer, JudgeRequest, Judgement, Planning,
    Question, Said, Scene, Speech,
};

use crate::calls::CancelToken;
use crate::classes::{self, Patience};
use crate::document::ToPython;
use crate::error::{is_ours, raise, raised};
use crate::read::read;
use crate::{interrupts, log};

type Result<T> = vivavoce::Result<T>;

/// What code of the application answered. It may be awaitable: then it is waited for, on a loop of this thread's own, until `given` says that the call is over.
fn settled<'py>(answer: Bound<'py, PyAny>, given: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    let py = answer.py();
    if !answer.hasattr(pyo3::intern!(py, "__await__"))? {
        return Ok(answer);
    }
    py.import("vivavoce._waiting")?.call_method1("result_of", (answer, given))
}

/// Calls a method, and waits for its answer for as long as the call may wait.
fn ask<'py>(
    object: &Py<PyAny>,
    py: Python<'py>,
    method: &str,
    given: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    settled(object.bind(py).call_method1(method, (&given,))?, Some(&given))
}

/// What the application's code raised, as an error of the engine's; the log is told where. What ends the program instead, such as Ctrl-C, ends the call in the main thread.
fn failed(py: Python<'_>, whose: &str, error: PyErr) -> Error {
    let Some(error) = interrupts::keep(py, error) else {
        // One that may pass, so that nothing is kept as the result.
        return Error::new(ErrorKind::Timeout, format!("the {whose} was interrupted")).retryable();
    };
    let class = error.get_type(py).name().map_or_else(|_| String::new(), |name| name.to_string());
    let at = py
        .import("vivavoce._logging")
        .and_then(|logging| logging.call_method1("places", (error.traceback(py),)))
        .and_then(|at| at.extract());
    log::raised(whose, &class, at.unwrap_or_default());
    raised(py, whose, error)
}

/// An interviewer in Python: an object with `speak(scene)`, and perhaps `questions(request)`.
pub(crate) struct PythonInterviewer {
    object: Py<PyAny>,
    plans: bool,
}

impl PythonInterviewer {
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { plans: object.hasattr("questions")?, object: object.clone().unbind() })
    }
}

impl Interviewer for PythonInterviewer {
    fn speak(&self, scene: &Scene<'_>) -> Result<Speech> {
        Python::attach(|py| {
            let given = classes::Scene {
                interview: Arc::new(scene.interview.clone()),
                language: scene.language,
                messages: scene.messages.to_vec(),
                exchanges: scene.exchanges(),
                next: scene.next,
                patience: Patience::new(scene.deadline, scene.cancel),
            };
            let spoken = Bound::new(py, given).and_then(|given| ask(&self.object, py, "speak", given.into_any()));
            let spoken = spoken.map_err(|error| failed(py, "interviewer", error))?;
            let words = spoken.cast::<PyString>().ok().and_then(|words| words.to_str().ok());
            let words =
                words.ok_or_else(|| Error::new(ErrorKind::Provider, "the interviewer did not answer with str"))?;
            Ok(Speech::new(words))
        })
    }

    fn questions(&self, wanted: &Planning<'_>) -> Result<Vec<Question>> {
        if !self.plans {
            return vivavoce::ScriptedInterviewer::default().questions(wanted);
        }
        Python::attach(|py| {
            let made = wanted.request.to_python(py).and_then(|request| ask(&self.object, py, "questions", request));
            made.and_then(|made| read("the interviewer's questions", &made))
                .map_err(|error| failed(py, "interviewer", error))
        })
    }
}

/// An evaluator in Python: an object with `judge(request)`, and perhaps `info`.
pub(crate) struct PythonEvaluator {
    object: Py<PyAny>,
    info: EvaluatorInfo,
}

impl PythonEvaluator {
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let info = match object.getattr_opt("info")? {
            Some(info) => match info.cast::<classes::EvaluatorInfo>() {
                Ok(info) => (*info.get().0).clone(),
                Err(_) => read("the evaluator's info", &info)?,
            },
            None => EvaluatorInfo::new("application", object.get_type().name()?.to_str()?, ""),
        };
        Ok(Self { object: object.clone().unbind(), info })
    }

    fn found(&self, py: Python<'_>, request: &JudgeRequest<'_>) -> PyResult<Judgement> {
        let given = classes::JudgeRequest {
            interview: Arc::new(request.interview.clone()),
            rubric: Arc::new(request.rubric.clone()),
            language: request.language,
            exchanges: request.exchanges.to_vec(),
            patience: Patience::new(request.deadline, request.cancel),
        };
        let answer = ask(&self.object, py, "judge", Bound::new(py, given)?.into_any())?;
        let found = if let Ok(judgement) = answer.cast::<classes::Judgement>() {
            (*judgement.get().0).clone()
        } else if answer.is_instance_of::<PyList>() || answer.is_instance_of::<PyTuple>() {
            // Nothing but ratings.
            let document = PyDict::new(py);
            document.set_item("ratings", answer)?;
            read::<classes::Given>("the judgement", &document)?.into()
        } else if answer.cast::<PyMapping>().is_ok() || answer.hasattr("__dict__")? {
            read::<classes::Given>("the judgement", &answer)?.into()
        } else {
            let class = answer.get_type().name()?;
            let words = format!("the evaluator answered with {class}: a Judgement is expected, or a list of Rating");
            return Err(raise(py, &Error::new(ErrorKind::Provider, words)));
        };
        let mut judgement = Judgement::new(found.ratings);
        for rating in &mut judgement.ratings {
            // Whatever it says: nobody else can tell what it rests on.
            rating.basis = Basis::Application;
        }
        judgement.feedback = found.feedback;
        judgement.strengths = found.strengths;
        judgement.weaknesses = found.weaknesses;
        judgement.recommendations = found.recommendations;
        judgement.needs_review = found.needs_review;
        judgement.missing = found.missing;
        judgement.flags = found.flags;
        judgement.key_points = found.key_points;
        Ok(judgement)
    }
}

impl Evaluator for PythonEvaluator {
    fn info(&self) -> EvaluatorInfo {
        self.info.clone()
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> Result<Judgement> {
        Python::attach(|py| self.found(py, request).map_err(|error| failed(py, "evaluator", error)))
    }
}

/// The application's clock. It has no way to fail: what it raises ends the call as a panic would, and `calls` makes the exception of it again.
pub(crate) fn clock(object: Py<PyAny>) -> impl Fn() -> DateTime<Utc> + Send + Sync + 'static {
    move || {
        let now = Python::attach(|py| object.call0(py)?.extract::<DateTime<Utc>>(py));
        now.unwrap_or_else(|error| std::panic::resume_unwind(Box::new(error)))
    }
}

/// Tells a listener of the application what is said; the first exception is kept, and then nobody is told any more.
pub(crate) struct Hearing<'a> {
    listener: &'a Py<PyAny>,
    pub(crate) failure: Option<PyErr>,
}

impl<'a> Hearing<'a> {
    pub(crate) fn new(listener: &'a Py<PyAny>) -> Self {
        Self { listener, failure: None }
    }

    pub(crate) fn hear(&mut self, said: Said<'_>) {
        if self.failure.is_some() {
            return;
        }
        let words = match said {
            Said::Words(words) => Some(words),
            Said::Again => None,
        };
        let told = Python::attach(|py| {
            settled(self.listener.bind(py).call1((words,))?, None)?;
            Ok(())
        });
        self.failure = told.err().and_then(|error| {
            // What ends the program ends the call now; anything else when the turn is complete.
            Python::attach(|py| interrupts::keep(py, error))
        });
    }
}

/// Hands events to a function of the application, until it is stopped; what is no error but ends the program, such as Ctrl-C, is kept, and then stops it too.
pub(crate) struct Delivering<'a> {
    subscriber: &'a Py<PyAny>,
    stop: Py<CancelToken>,
    is_over: Arc<AtomicBool>,
    pub(crate) failure: Option<PyErr>,
}

impl<'a> Delivering<'a> {
    pub(crate) fn new(subscriber: &'a Py<PyAny>, stop: &Bound<'_, CancelToken>) -> Self {
        Self { subscriber, stop: stop.clone().unbind(), is_over: Arc::default(), failure: None }
    }

    /// What stops it.
    pub(crate) fn stop(&self) -> vivavoce::CancelToken {
        let is_over = Arc::clone(&self.is_over);
        self.stop.get().0.clone().or_when(Arc::new(move || is_over.load(Ordering::Acquire)))
    }

    pub(crate) fn deliver(&mut self, delivery: &Delivery) -> Result<()> {
        Python::attach(|py| {
            let handed_over = delivery.to_python(py).and_then(|delivery| {
                let answer = self.subscriber.bind(py).call1((delivery,))?;
                settled(answer, Some(self.stop.bind(py).as_any()))
            });
            let Err(error) = handed_over else { return Ok(()) };
            if error.is_instance_of::<PyException>(py) {
                // What is none of ours may pass: an event is not lost because a network was away.
                let is_known = is_ours(py, &error).unwrap_or(false);
                let failure = failed(py, "subscriber", error);
                return Err(if is_known { failure } else { failure.retryable() });
            }
            self.failure = Some(error);
            self.is_over.store(true, Ordering::Release);
            Err(Error::new(ErrorKind::Timeout, "the subscriber was interrupted").retryable())
        })
    }
}
