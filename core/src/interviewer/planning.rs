//! Questions of a plan by a language model: what it is asked, and what of its reply counts.

use serde_json::value::RawValue;

use super::Planning;
use crate::domain::{Language, Parameters, Question, limits};
use crate::error::{Error, ErrorKind, Result};
use crate::evaluator::{flags, is_unspaced};
use crate::llm::{
    Fields, ModelName, Node, PART, Prompt, PromptTurn, Schema, Speaker, fill, marker, object, text, texts,
};

const PROMPT: &str = include_str!("plan_1.md");
const SCHEMA: &str = include_str!("plan_1.json");
/// How often a reply that could not be used is asked for again.
const ASK_AGAIN: usize = 2;
/// Most tokens that one question with its reference answer and key points may take.
const TOKENS_EACH: u32 = 512;
/// Fewest and most key points of a question.
const KEY_POINTS: std::ops::RangeInclusive<usize> = 2..=8;

/// Asks these models until a reply holds, at most three times.
pub(super) fn questions(
    wanted: &Planning<'_>,
    models: &[ModelName],
    parameters: Parameters,
    max_tokens: u32,
) -> Result<Vec<Question>> {
    let asking = wanted.asking.ok_or_else(|| {
        Error::invalid_state("a language model plans by way of an engine, which has its services and limits")
    })?;
    let mut problem: Option<String> = None;
    for _ in 0..=ASK_AGAIN {
        let prompt = prompt(wanted, parameters, max_tokens, problem.as_deref())?;
        let answer = asking.ask(models, &prompt, None, None)?;
        match read(&answer.text, wanted) {
            Ok(questions) => return Ok(questions),
            Err(found) => problem = Some(found),
        }
    }
    let problem = problem.unwrap_or_default();
    Err(Error::new(ErrorKind::Provider, format!("the model's questions could not be used: {problem}")).retryable())
}

fn prompt(wanted: &Planning<'_>, parameters: Parameters, max_tokens: u32, problem: Option<&str>) -> Result<Prompt> {
    let mut parts = PROMPT.split(PART);
    let (Some(system), Some(user), Some(again), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(Error::internal("the prompt for questions has not three parts"));
    };
    let request = wanted.request;
    let job = request.job_description.as_deref().unwrap_or_default().trim();
    let resume = request.resume.as_deref().unwrap_or_default().trim();
    let marker = marker(&[job, resume]);
    let again = match problem {
        Some(problem) => fill(again, |name| (name == "problem").then(|| problem.to_owned()))?,
        None => String::new(),
    };
    let part = |title: &str, text: &str| match text {
        "" => String::new(),
        text => format!("\n# {title}\n{marker}\n{text}\n{marker}\n"),
    };
    let value = |name: &str| {
        Some(match name {
            "language" => request.language.in_english().to_owned(),
            "type" => request.interview_type.to_string(),
            "level" => request.level.to_string(),
            "count" => request.count.to_string(),
            "marker" => marker.clone(),
            "competencies" => competencies(wanted),
            "job" => part("Job description", job),
            "resume" => part("Résumé", resume),
            "again" => again.clone(),
            _ => return None,
        })
    };
    Ok(Prompt {
        system: fill(system, value)?,
        turns: vec![PromptTurn { speaker: Speaker::User, text: fill(user, value)?.trim_end().to_owned() }],
        schema: Some(schema(wanted)?),
        max_tokens: max_tokens.saturating_add(TOKENS_EACH.saturating_mul(request.count)),
        parameters,
    })
}

fn competencies(wanted: &Planning<'_>) -> String {
    let lines = wanted.rubric.competencies.iter().map(|it| {
        let description = it.description.as_deref().unwrap_or_default();
        format!("- {}. {description}", it.name)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn schema(wanted: &Planning<'_>) -> Result<Schema> {
    let broken = |_| Error::internal("the schema of questions is broken");
    let names: Vec<&str> = wanted.rubric.competencies.iter().map(|it| it.name.as_str()).collect();
    let names = serde_json::to_string(&names).map_err(broken)?;
    let document = SCHEMA.replace("[\"{{competencies}}\"]", &names).trim().to_owned();
    Ok(Schema { name: "questions", document: RawValue::from_string(document).map_err(broken)?.into() })
}

/// Reads a reply; what is wrong with it is said in our own words.
fn read(reply: &str, wanted: &Planning<'_>) -> Result<Vec<Question>, String> {
    let Node::List(list) = Fields::new("", object(reply)?, &["questions"])?.take("questions") else {
        return Err("questions is no list".into());
    };
    let mut questions = Vec::with_capacity(list.len());
    for (place, node) in list.into_iter().enumerate() {
        questions.push(question(&format!("questions[{place}]"), node, wanted.request.language)?);
    }
    // Its messages name the place and the limit, and nothing of the reply.
    wanted.request.check_made(&questions, wanted.rubric).map_err(|error| error.to_string())?;
    Ok(questions)
}

fn question(path: &str, node: Node, language: Language) -> Result<Question, String> {
    let mut fields = Fields::new(path, node, &["competency", "text", "reference_answer", "key_points"])?;
    let mut written = |name: &str| -> Result<String, String> {
        let path = format!("{path}.{name}");
        let text = text(&path, fields.take(name))?.trim().to_owned();
        limits::required_text(&path, &text, limits::MAX_QUESTION).map_err(|error| error.to_string())?;
        Ok(text)
    };
    let competency = written("competency")?;
    let mut question = Question::new(written("text")?).reference_answer(written("reference_answer")?);
    question.competency = Some(competency);
    let path_of_points = format!("{path}.key_points");
    for point in texts(&path_of_points, fields.take("key_points"))? {
        question.key_points.push(point.trim().to_owned());
    }
    if !KEY_POINTS.contains(&question.key_points.len()) {
        return Err(format!("{path_of_points} has not {} to {} entries", KEY_POINTS.start(), KEY_POINTS.end()));
    }
    let asked = question.text.split(['?', '？']).count() - 1;
    if asked > 1 {
        return Err(format!("{path}.text asks more than one question"));
    }
    let reference = question.reference_answer.as_deref().unwrap_or_default();
    for (name, text) in [("text", question.text.as_str()), ("reference_answer", reference)] {
        if !is_in(language, text) {
            return Err(format!("{path}.{name} is not in the language that was asked for"));
        }
    }
    // A résumé can tell a model what to write; whoever reads the plan, and the judge, should not find it there.
    let words = [question.text.as_str(), reference].into_iter().chain(question.key_points.iter().map(String::as_str));
    if words.into_iter().any(|text| !flags(0, text).is_empty()) {
        return Err(format!("{path} speaks to a judge or a model"));
    }
    Ok(question)
}

/// Whether a text is written as this language is: names of things in Latin letters stand in any, so that words are counted, and a Chinese character as one.
fn is_in(language: Language, text: &str) -> bool {
    let unspaced = text.chars().filter(|character| is_unspaced(*character)).count();
    let is_spaced = |character: char| character.is_alphabetic() && !is_unspaced(character);
    let words = text.split(|character| !is_spaced(character)).filter(|word| !word.is_empty()).count();
    match language {
        Language::En => words > unspaced,
        Language::ZhTw => unspaced >= words,
    }
}
