//! The interviewer whose words between the planned questions are a language model's.

use std::fmt::Write as _;

use serde::Deserialize;

use super::secrets::{Secrets, Told};
use super::{Interviewer, Planning, Scene, ScriptedInterviewer, Speech};
use crate::domain::{Interview, MessageKind, Origin, Parameters, Question, Role};
use crate::error::{Error, Result};
use crate::evaluator::flags;
use crate::llm::{Heard, ModelName, PART, Prompt, PromptTurn, Speaker, at_least_one, marker, spoken};
use crate::session::Next;

const PROMPT: &str = include_str!("talk_1.md");
/// Between the model's words and what is asked.
const PARAGRAPH: &str = "\n\n";
/// The longest words before a question that is asked word for word, and the longest probe, in characters: who says more begins to explain.
const LONGEST_LEAD: usize = 320;
const LONGEST_PROBE: usize = 600;

/// Holds the conversation with the words of a language model of the engine's [`Models`](crate::Models).
///
/// The greeting, which says that an AI conducts the interview, and the closing are the scripted interviewer's. Planned questions and planned follow-ups are asked word for word,
/// so that all candidates are asked the same, after words of the model that take up what was said. Other probes are the model's own, one question at a time.
///
/// The model is not shown reference answers, key points, the rubric or any score. All the same its words are checked: where a long part of those (or of the prompt) is in
/// them, where they ask more than one thing, speak to a judge as a candidate may have told the model to, or are no words at all, the scripted interviewer's are used, and the
/// message says so ([`Origin::Guarded`]).
///
/// Where the model fails, so does the call: the candidate's message is kept and its turn is pending. With [`scripted_on_failure`](Self::scripted_on_failure) the scripted
/// interviewer speaks instead, and the message says so ([`Origin::Scripted`]).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct ConversationalInterviewer {
    #[serde(deserialize_with = "at_least_one")]
    models: Vec<ModelName>,
    #[serde(default = "with_some_chance")]
    parameters: Parameters,
    #[serde(default = "max_tokens")]
    max_tokens: u32,
    #[serde(default)]
    scripted_on_failure: bool,
}

fn with_some_chance() -> Parameters {
    Parameters { temperature: Some(0.7), seed: None }
}

fn max_tokens() -> u32 {
    1_024
}

impl ConversationalInterviewer {
    /// Speaks by this model.
    pub fn new(model: ModelName) -> Self {
        let (parameters, max_tokens) = (with_some_chance(), max_tokens());
        Self { models: vec![model], parameters, max_tokens, scripted_on_failure: false }
    }

    /// Asks this model where those before it fail.
    pub fn fallback(mut self, model: ModelName) -> Self {
        self.models.push(model);
        self
    }

    /// How the model is to sample; with a temperature of 0.7 when not said.
    pub fn parameters(mut self, parameters: Parameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// The most tokens of what is said at a time, thinking included; 1,024 by default. Questions for a plan may take 512 more each.
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = tokens;
        self
    }

    /// Has the scripted interviewer speak where the model fails, instead of leaving the turn pending.
    pub fn scripted_on_failure(mut self) -> Self {
        self.scripted_on_failure = true;
        self
    }
}

/// What the model is to say.
struct Task {
    /// The part of the prompt's file.
    part: usize,
    question: usize,
    /// What is asked word for word after its words.
    asked: Option<String>,
}

impl Interviewer for ConversationalInterviewer {
    fn models(&self) -> Vec<ModelName> {
        self.models.clone()
    }

    fn speak(&self, scene: &Scene<'_>) -> Result<Speech> {
        let scripted = || ScriptedInterviewer::default().speak(scene);
        let Some(task) = task(scene)? else { return scripted() };
        match self.words(scene, &task) {
            Ok(Some(words)) => {
                let text = match &task.asked {
                    Some(asked) => [words.as_str(), asked].join(PARAGRAPH),
                    None => words,
                };
                Ok(Speech { text, origin: Some(Origin::Model) })
            }
            Ok(None) => Ok(Speech { origin: Some(Origin::Guarded), ..scripted()? }),
            Err(_) if self.scripted_on_failure => Ok(Speech { origin: Some(Origin::Scripted), ..scripted()? }),
            Err(error) => Err(error),
        }
    }

    /// The model's questions; where it fails, so does this, and nothing is taken from the bank instead.
    fn questions(&self, wanted: &Planning<'_>) -> Result<Vec<Question>> {
        super::planning::questions(wanted, &self.models, self.parameters, self.max_tokens)
    }
}

/// What is left to the model; none where all is scripted.
fn task(scene: &Scene<'_>) -> Result<Option<Task>> {
    let planned = |place: u32| {
        let question = scene.interview.questions.get(place as usize);
        question.ok_or_else(|| Error::internal("a question outside the plan was to be asked"))
    };
    Ok(match scene.next {
        Next::Question { .. } if scene.messages.is_empty() => None,
        Next::Question { question } => {
            let asked = super::scripted::asked(scene.language, planned(question)?);
            Some(Task { part: 2, question: question as usize, asked: Some(asked) })
        }
        Next::Probe { question, number } => {
            let asked = planned(question)?.follow_ups.get(number as usize).cloned();
            Some(Task { part: if asked.is_some() { 3 } else { 4 }, question: question as usize, asked })
        }
        Next::Closing => None,
    })
}

impl ConversationalInterviewer {
    /// The model's words; none where they cannot be used.
    fn words(&self, scene: &Scene<'_>, task: &Task) -> Result<Option<String>> {
        let asking = scene.asking.ok_or_else(|| {
            Error::invalid_state("a language model speaks by way of an engine, which has its services and limits")
        })?;
        let secrets = secrets(scene);
        let prompt = self.prompt(scene, task)?;
        let mut heard = String::new();
        let mut out = 0;
        let mut refused = false;
        let mut hear = |piece: Heard| match piece {
            Heard::Text(text) => {
                heard.push_str(&text);
                let Some(words) = spoken(&heard) else { return };
                match secrets.check(words) {
                    Ok(safe) if !refused && is_usable(words, task) => {
                        let safe = safe.max(out);
                        scene.say(&words[out..safe]);
                        out = safe;
                    }
                    _ => refused = true,
                }
            }
            Heard::Restart => {
                heard.clear();
                (out, refused) = (0, false);
                scene.begin_again();
            }
        };
        let answer = asking.ask(&self.models, &prompt, None, scene.is_heard().then_some(&mut hear))?;
        let words = statements(spoken(&answer.text).unwrap_or_default().trim_end(), task);
        let is_fine = !words.is_empty() && secrets.check(words) != Err(Told) && is_usable(words, task);
        Ok(is_fine.then(|| words.to_owned()))
    }

    fn prompt(&self, scene: &Scene<'_>, task: &Task) -> Result<Prompt> {
        let parts: Vec<&str> = PROMPT.split(PART).collect();
        let (Some(system), Some(user), Some(now)) = (parts.first(), parts.get(1), parts.get(task.part)) else {
            return Err(Error::internal("the interviewer's prompt lacks a part"));
        };
        let number = (task.question + 1).to_string();
        let task = now.trim().replace("{{number}}", &number);
        let conversation = conversation(scene);
        let plan = plan(scene.interview);
        let job = scene.interview.job_description.as_deref().unwrap_or_default();
        let marker = marker(&[&conversation, &plan, job]);
        let value = |name: &str| {
            Some(match name {
                "language" => scene.language.in_english().to_owned(),
                "type" => scene.interview.interview_type.to_string(),
                "marker" => marker.clone(),
                "job" if job.trim().is_empty() => String::new(),
                "job" => format!("\n# Job description\n{marker}\n{}\n{marker}\n", job.trim()),
                "plan" => format!("{marker}\n{plan}{marker}\n"),
                "left" => left(scene),
                "conversation" => conversation.clone(),
                "task" => task.clone(),
                _ => return None,
            })
        };
        let text = crate::llm::fill(user, value)?;
        Ok(Prompt {
            system: crate::llm::fill(system, value)?,
            turns: vec![PromptTurn { speaker: Speaker::User, text }],
            schema: None,
            max_tokens: self.max_tokens,
            parameters: self.parameters,
        })
    }
}

/// The words without a question at their end, where a planned one is asked after them: small models like to ask it themselves.
fn statements<'a>(words: &'a str, task: &Task) -> &'a str {
    if task.asked.is_none() || !words.ends_with(['?', '？']) {
        return words;
    }
    let end = words.char_indices().rev().find(|(_, it)| matches!(it, '.' | '!' | '。' | '！' | '\n'));
    end.map_or("", |(at, it)| words[..at + it.len_utf8()].trim_end())
}

/// Whether words do no more than they were asked to: nothing to be answered before a planned question, one thing otherwise.
fn is_usable(words: &str, task: &Task) -> bool {
    let questions = words.split(['?', '？']).count() - 1;
    let tells_score = ["score", "/10", "/100", "分數", "得分"].iter().any(|word| words.to_lowercase().contains(word));
    let longest = if task.asked.is_some() { LONGEST_LEAD } else { LONGEST_PROBE };
    let is_short = words.chars().count() <= longest;
    // What the interviewer says is never judged, but whoever reads it should not find a candidate's instruction in the interviewer's mouth.
    questions <= usize::from(task.asked.is_none()) && !tells_score && is_short && flags(0, words).is_empty()
}

fn secrets(scene: &Scene<'_>) -> Secrets {
    let interview = scene.interview;
    let rubric = interview.effective_rubric();
    let references = interview.questions.iter().flat_map(|it| it.reference_answer.as_deref().into_iter());
    let points = interview.questions.iter().flat_map(|it| it.key_points.iter().map(String::as_str));
    let anchors = rubric.competencies.iter().flat_map(|it| it.levels.iter().map(|level| level.anchor.as_str()));
    let secret = references.chain(points).chain(anchors).chain(PROMPT.split('\n'));
    let asked = interview.questions.iter().map(|it| it.text.as_str());
    let further = interview.questions.iter().flat_map(|it| it.follow_ups.iter().map(String::as_str));
    let said = scene.messages.iter().map(|message| message.content.as_str());
    Secrets::new(secret, asked.chain(further).chain(said).chain(interview.job_description.as_deref()))
}

fn plan(interview: &Interview) -> String {
    let mut text = String::new();
    for (number, question) in (1..).zip(&interview.questions) {
        let _ = writeln!(text, "{number}. {}", question.text.trim());
    }
    text
}

/// How much is left: answers, and the time that is planned for the questions that were not asked.
fn left(scene: &Scene<'_>) -> String {
    let answers = scene.messages.iter().filter(|message| message.role() == Role::Candidate).count();
    let left = (scene.interview.max_answers as usize).saturating_sub(answers);
    let asked = scene.messages.iter().filter(|message| message.kind == MessageKind::Question).count();
    let open = scene.interview.questions.get(asked..).unwrap_or_default();
    let seconds: u64 = open.iter().filter_map(|question| question.time_limit).map(u64::from).sum();
    let mut text = format!(
        "Answers that the candidate can still give: {left}. Questions of the plan that were not asked yet: {}.",
        open.len()
    );
    if seconds > 0 {
        let _ = write!(text, " {} minutes are planned for them.", seconds.div_ceil(60));
    }
    text
}

fn conversation(scene: &Scene<'_>) -> String {
    let mut text = String::new();
    for message in scene.messages {
        let who = match message.role() {
            Role::Interviewer => "Interviewer",
            Role::Candidate => "Candidate",
        };
        let _ = writeln!(text, "[{}] {who}: {}", message.number, message.content.trim());
    }
    text
}
