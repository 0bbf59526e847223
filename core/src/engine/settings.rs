//! Who speaks and who judges, as a document: for configuration files, and for languages that have no builders.

use std::sync::Arc;

use serde::Deserialize;

use super::EngineBuilder;
use crate::domain::Combine;
use crate::error::{Error, Result};
#[cfg(feature = "llm")]
use crate::evaluator::ModelEvaluator;
use crate::evaluator::{BuiltinEvaluator, Evaluator, Panel};
#[cfg(feature = "llm")]
use crate::interviewer::ConversationalInterviewer;
use crate::interviewer::ScriptedInterviewer;
#[cfg(feature = "llm")]
use crate::llm::Models;

/// Who speaks, who judges, and the language models that they ask, as one document. `docs/language-models.md` has every field.
///
/// ```
/// use vivavoce::{Engine, Settings};
///
/// let settings: Settings = vivavoce::from_json("settings", r#"{
///     "models": {"providers": [{"kind": "openai", "key": "sk-"}], "timeout_ms": 60000},
///     "interviewer": {"kind": "conversational", "models": ["openai/gpt-5-mini"]},
///     "evaluator": {"kind": "panel", "judges": [{"kind": "model", "models": ["openai/gpt-5-mini"]}, {"kind": "builtin"}]}
/// }"#)?;
/// let engine = Engine::builder().settings(settings)?.open("memory:")?;
/// # Ok::<(), vivavoce::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[cfg(feature = "llm")]
    models: Option<Models>,
    interviewer: Option<InterviewerSettings>,
    evaluator: Option<EvaluatorSettings>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum InterviewerSettings {
    Scripted {},
    #[cfg(feature = "llm")]
    Conversational(ConversationalInterviewer),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum EvaluatorSettings {
    Builtin {},
    #[cfg(feature = "llm")]
    Model(ModelEvaluator),
    Panel {
        judges: Vec<JudgeSettings>,
        #[serde(default)]
        combine: Combine,
        disagreement: Option<f64>,
    },
}

/// A judge of a panel.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum JudgeSettings {
    Builtin {},
    #[cfg(feature = "llm")]
    Model(ModelEvaluator),
}

impl From<JudgeSettings> for Arc<dyn Evaluator> {
    fn from(judge: JudgeSettings) -> Self {
        match judge {
            JudgeSettings::Builtin {} => Arc::new(BuiltinEvaluator::new()),
            #[cfg(feature = "llm")]
            JudgeSettings::Model(evaluator) => Arc::new(evaluator),
        }
    }
}

impl EngineBuilder {
    /// Sets what the document names: the models, the interviewer and the evaluator; what it leaves out stays as it is.
    ///
    /// # Errors
    /// `invalid_input` where a panel has no judges, or may disagree by what is not within 0 and 1.
    pub fn settings(mut self, settings: Settings) -> Result<Self> {
        #[cfg(feature = "llm")]
        if let Some(models) = settings.models {
            self = self.models(models);
        }
        self = match settings.interviewer {
            None => self,
            Some(InterviewerSettings::Scripted {}) => self.interviewer(ScriptedInterviewer::default()),
            #[cfg(feature = "llm")]
            Some(InterviewerSettings::Conversational(interviewer)) => self.interviewer(interviewer),
        };
        Ok(match settings.evaluator {
            None => self,
            Some(EvaluatorSettings::Builtin {}) => self.evaluator(BuiltinEvaluator::new()),
            #[cfg(feature = "llm")]
            Some(EvaluatorSettings::Model(evaluator)) => self.evaluator(evaluator),
            Some(EvaluatorSettings::Panel { judges, combine, disagreement }) => {
                if judges.is_empty() {
                    return Err(Error::invalid_input("a panel has at least one judge"));
                }
                let panel = Panel::of(judges.into_iter().map(Into::into).collect()).combine(combine);
                self.evaluator(match disagreement {
                    None => panel,
                    Some(most) if (0.0..=1.0).contains(&most) => panel.disagreement(most),
                    Some(_) => return Err(Error::invalid_input("a panel's disagreement is within 0 and 1")),
                })
            }
        })
    }
}
