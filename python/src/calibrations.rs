//! Calibrations: the built-in evaluator learns from an application's own graders.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PySequence, PyString};
use vivavoce::GradedAnswer;

use crate::calls::Options;
use crate::classes::Calibration;
use crate::document::Document as _;
use crate::engine::Engine;
use crate::evaluations::{judging, read_question};
use crate::read::read;
use crate::values::Text;

/// A graded answer as it is given: a question, the answer and the score in a row, or an object with those fields.
fn read_graded(place: usize, given: &Bound<'_, PyAny>) -> PyResult<GradedAnswer> {
    let wrong =
        || PyTypeError::new_err(format!("graded[{place}] is no question with the answer to it and the score of that"));
    let Ok(row) = given.cast::<PySequence>() else { return read(&format!("graded[{place}]"), given) };
    if row.len()? != 3 || row.is_instance_of::<PyString>() {
        return Err(wrong());
    }
    let (question, answer, score) = (row.get_item(0)?, row.get_item(1)?, row.get_item(2)?);
    let refused = |what: &str, kind: &str, given: &Bound<'_, PyAny>| -> PyResult<PyErr> {
        let class = given.get_type().name()?;
        Ok(PyTypeError::new_err(format!("graded[{place}]: the {what} is a {kind}, and not {class}")))
    };
    if !answer.is_instance_of::<PyString>() {
        return Err(refused("answer", "str", &answer)?);
    }
    // What is not finite is not within 0 to 1, as the engine says.
    let Ok(number) = score.extract::<f64>() else { return Err(refused("score", "number", &score)?) };
    Ok(GradedAnswer::new(read_question(&question)?, answer.extract::<Text<'_>>()?, number))
}

#[pymethods]
impl Engine {
    /// Learns from answers that people graded how the built-in evaluator's scores have to be corrected, and keeps it as the next version of a name. Where an interview's plan
    /// (`create_interview`), or `evaluate_answer`, names it, the scores of the built-in evaluator are corrected by it, and the evaluation says so in its `calibration`. Nobody's
    /// scores change otherwise. It works on all processors, without the GIL.
    ///
    /// Of 10 graded answers to a question it learns how strictly that question is graded and what its reference's words are worth to the graders; of 50 answers in all, how
    /// strictly any question is. `before` and `after` say how near the scores come to the graders', with what is learned from other answers than the one that is scored: where
    /// `after` is not nearer, do not use it. Blank answers, the question said again and the like are judged as ever, and teach nothing.
    ///
    /// The answers are not kept. What is learned of the same answers again is the same version. The type, the language, the job description and the rubric are those by which
    /// answers are judged then: a rubric, or a type, by which the evaluator gives other scores, needs another calibration.
    ///
    /// Args:
    ///     name: The name, 1 to 100 characters, without `@` or control characters, and with no white space at either end.
    ///     graded: Up to 20,000 graded answers: each a question (a text, a `Question`, or an object with its fields), the answer to it, up to 32,000 characters, and the
    ///         grader's score of that, 0 to 1, as a tuple of the three, or as an object with the fields `question`, `answer` and `score` (a dict, a dataclass, a pydantic model).
    ///     interview_type: `general`, `technical` or `behavioral`; decides the standard rubric.
    ///     language: The language of the judgements, `en` or `zh-TW`.
    ///     job_description: The job, up to 50,000 characters.
    ///     rubric: How to judge; the standard rubric of the type where None.
    ///
    /// Returns:
    ///     Calibration: As it is kept.
    ///
    /// Raises:
    ///     InvalidInputError: The name is blank, too long, has a `@` or a control character, or white space at an end; a limit is broken (the message says of which answer, from 0); or there are fewer than 10 answers to each
    ///         question and fewer than 50 in all, or most of them say nothing.
    ///     TypeError: A tuple has not three items, or no text or number in its place.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine, Question
    ///     >>> question = Question("What is a mutex?", reference_answer="A lock that one thread at a time can hold.")
    ///     >>> right = ["A lock for one thread.", "A lock that one thread holds.", "It lets one thread in.", "One thread at a time has it.", "Who has the lock goes on."]
    ///     >>> wrong = ["Something that runs fast.", "A kind of thread.", "It makes programs faster.", "A part of the processor.", "A place for data."]
    ///     >>> graded = [(question, answer, 0.9) for answer in right] + [(question, answer, 0.1) for answer in wrong]
    ///     >>> with Engine() as engine:
    ///     ...     calibration = engine.calibrate("threads", graded)
    ///     ...     found = engine.evaluate_answer(question, "A lock for one thread.", calibration="threads")
    ///     >>> calibration.label, calibration.answers, calibration.after.rmse < calibration.before.rmse
    ///     ('threads@1', 10, True)
    ///     >>> found.calibration
    ///     'threads@1'
    #[pyo3(signature = (name, graded, *, interview_type="general", language="en", job_description=None, rubric=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn calibrate(
        &self,
        py: Python<'_>,
        name: Text<'_>,
        graded: &Bound<'_, PyAny>,
        interview_type: &str,
        language: &str,
        job_description: Option<Text<'_>>,
        rubric: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Calibration> {
        let mut given = Vec::with_capacity(graded.len().unwrap_or(0));
        for (place, each) in graded.try_iter()?.enumerate() {
            given.push(read_graded(place, &each?)?);
        }
        let how = judging(py, interview_type, language, job_description, rubric, None)?;
        let calibration =
            self.slow(py, "calibrate", Options::default(), |engine, _| engine.calibrate(name.0, &given, &how))?;
        Ok(Calibration::of(Arc::new(calibration)))
    }

    /// Reads a calibration.
    ///
    /// Args:
    ///     name: Its name, for the newest of that name, or `name@version`.
    ///
    /// Raises:
    ///     NotFoundError: There is none.
    ///     InvalidInputError: That is no name of a calibration.
    fn calibration(&self, py: Python<'_>, name: Text<'_>) -> PyResult<Calibration> {
        let calibration = self.quick(py, "calibration", |engine| engine.calibration(name.0))?;
        Ok(Calibration::of(Arc::new(calibration)))
    }

    /// All calibrations of this engine's tenant, every version, by name and version.
    ///
    /// Returns:
    ///     list[Calibration]: Those of other tenants are not among them.
    fn calibrations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let calibrations = self.quick(py, "calibrations", vivavoce::Engine::calibrations)?;
        PyList::new(py, calibrations.into_iter().map(|each| Calibration::of(Arc::new(each))))
    }
}
