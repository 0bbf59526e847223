//! Who speaks, who judges and which language models they ask, as Python says it: classes of `vivavoce._settings`, their documents, or objects of the application's own.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyType};
use serde::Deserialize;
use vivavoce::{
    BuiltinEvaluator, Combine, ConversationalInterviewer, EngineBuilder, Evaluator, EvaluatorInfo, JudgeRequest,
    Judgement, ModelEvaluator, ModelName, Models, Panel, ScriptedInterviewer, Unanswered,
};

use crate::callbacks::{PythonEvaluator, PythonInterviewer};
use crate::read::read;
use crate::values::invalid_input;

/// An interviewer's document.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum InterviewerDocument {
    Scripted {},
    Conversational(ConversationalInterviewer),
}

/// A judge's document; a panel's judges may be objects, so that it is read by itself.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum JudgeDocument {
    Builtin {},
    Model(ModelEvaluator),
}

/// Any of them.
#[derive(Clone)]
pub(crate) struct Judge(Arc<dyn Evaluator>);

impl Evaluator for Judge {
    fn info(&self) -> EvaluatorInfo {
        self.0.info()
    }

    fn models(&self) -> Vec<ModelName> {
        self.0.models()
    }

    fn is_instant(&self) -> bool {
        self.0.is_instant()
    }

    fn judge(&self, request: &JudgeRequest<'_>) -> vivavoce::Result<Judgement> {
        self.0.judge(request)
    }
}

pub(crate) fn models(given: &Bound<'_, PyAny>) -> PyResult<Models> {
    read("models", given)
}

pub(crate) fn unanswered(py: Python<'_>, given: &str) -> PyResult<Unanswered> {
    match given {
        "lowers_score" => Ok(Unanswered::LowersScore),
        "ignored" => Ok(Unanswered::Ignored),
        _ => Err(invalid_input(py, "unanswered: expected one of lowers_score, ignored")),
    }
}

/// Refuses what is neither one of our classes, nor a document, nor an object of the application's own.
fn expect(given: &Bound<'_, PyAny>, what: &'static str) -> PyResult<()> {
    let is_document = given.cast::<PyMapping>().is_ok() || given.hasattr("to_dict")?;
    if given.is_instance_of::<PyType>() || !is_document {
        return Err(PyTypeError::new_err(what));
    }
    Ok(())
}

pub(crate) fn interviewer(builder: EngineBuilder, given: &Bound<'_, PyAny>) -> PyResult<EngineBuilder> {
    if given.hasattr("speak")? && !given.is_instance_of::<PyType>() {
        return Ok(builder.interviewer(PythonInterviewer::new(given)?));
    }
    expect(given, "an interviewer is a ConversationalInterviewer, or an object with speak(scene)")?;
    Ok(match read("interviewer", given)? {
        InterviewerDocument::Scripted {} => builder.interviewer(ScriptedInterviewer::default()),
        InterviewerDocument::Conversational(interviewer) => builder.interviewer(interviewer),
    })
}

pub(crate) fn evaluator(given: &Bound<'_, PyAny>) -> PyResult<Judge> {
    let panel = if given.hasattr("judge")? { None } else { panel(given)? };
    match panel {
        Some(panel) => Ok(Judge(Arc::new(panel))),
        None => judge(given),
    }
}

fn judge(given: &Bound<'_, PyAny>) -> PyResult<Judge> {
    if given.hasattr("judge")? && !given.is_instance_of::<PyType>() {
        return Ok(Judge(Arc::new(PythonEvaluator::new(given)?)));
    }
    expect(given, "an evaluator is a ModelEvaluator, a BuiltinEvaluator, a Panel, or an object with judge(request)")?;
    Ok(Judge(match read("evaluator", given)? {
        JudgeDocument::Builtin {} => Arc::new(BuiltinEvaluator::new()),
        JudgeDocument::Model(evaluator) => Arc::new(evaluator),
    }))
}

/// What a panel's document has beside its judges.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PanelDocument {
    #[serde(default)]
    combine: Combine,
    disagreement: Option<f64>,
}

fn panel(given: &Bound<'_, PyAny>) -> PyResult<Option<Panel>> {
    let py = given.py();
    let document = match given.getattr_opt("to_dict")? {
        Some(form) if !given.is_instance_of::<PyType>() => form.call0()?,
        _ => given.clone(),
    };
    let Ok(document) = document.cast::<PyMapping>() else { return Ok(None) };
    let is_panel = document.contains("kind")? && document.get_item("kind")?.eq("panel")?;
    if !is_panel {
        return Ok(None);
    }
    let rest = PyDict::new(py);
    for entry in document.items()? {
        let (name, value): (String, Bound<'_, PyAny>) = entry.extract()?;
        if name != "kind" && name != "judges" {
            rest.set_item(name, value)?;
        }
    }
    let PanelDocument { combine, disagreement } = read("evaluator", &rest)?;
    let judges = if document.contains("judges")? { Some(document.get_item("judges")?) } else { None };
    let mut panel: Option<Panel> = None;
    for given in judges.map(|judges| judges.try_iter()).transpose()?.into_iter().flatten() {
        let judge = judge(&given?)?;
        panel = Some(match panel {
            None => Panel::new(judge),
            Some(panel) => panel.judge(judge),
        });
    }
    let panel = panel.ok_or_else(|| invalid_input(py, "evaluator.judges: a panel has at least one"))?.combine(combine);
    match disagreement {
        None => Ok(Some(panel)),
        Some(most) if (0.0..=1.0).contains(&most) => Ok(Some(panel.disagreement(most))),
        Some(_) => Err(invalid_input(py, "evaluator.disagreement: expected 0 to 1")),
    }
}
