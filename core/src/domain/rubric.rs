//! How answers are judged: competencies with weights and behaviourally anchored levels.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::canonical::{canonical_json, hex, sha256};
use super::interview::InterviewType;
use super::limits;
use crate::error::{Error, Result};

/// One level of a competency: what an answer at this score looks like. Behaviourally anchored rating scales (BARS) go back
/// to Smith and Kendall, "Retranslation of expectations", Journal of Applied Psychology 47 (1963).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The score of this level, 0 to 1.
    pub score: f64,
    /// The behaviour that shows it.
    pub anchor: String,
}

/// Something a candidate can show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Competency {
    /// Its name, unique in the rubric.
    pub name: String,
    /// What it means, for people and models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much it counts against the others.
    #[serde(default = "one")]
    pub weight: f64,
    /// Its levels, by rising score; may be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Level>,
}

fn one() -> f64 {
    1.0
}

impl Competency {
    /// A competency of weight 1 without levels.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), description: None, weight: 1.0, levels: Vec::new() }
    }

    /// Sets how much it counts.
    #[must_use]
    pub fn weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }

    /// Says what it means.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Adds a level above those it has.
    #[must_use]
    pub fn level(mut self, score: f64, anchor: impl Into<String>) -> Self {
        self.levels.push(Level { score, anchor: anchor.into() });
        self
    }
}

/// The competencies that answers are judged by; identified by the hash of its content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// 1 to 30 competencies.
    pub competencies: Vec<Competency>,
}

impl Rubric {
    /// A rubric of these competencies.
    pub fn new(competencies: impl IntoIterator<Item = Competency>) -> Self {
        Self { competencies: competencies.into_iter().collect() }
    }

    /// The rubric of interviews that bring none.
    pub fn standard(interview_type: InterviewType) -> Self {
        let competency = |name: &str, weight: f64, description: &str, anchors: [&str; 3]| {
            let mut competency = Competency::new(name).weight(weight).description(description);
            for (score, anchor) in [0.2, 0.6, 1.0].into_iter().zip(anchors) {
                competency = competency.level(score, anchor);
            }
            competency
        };
        let communication = competency(
            "Communication",
            1.0,
            "Says what was asked for, in an order that can be followed.",
            [
                "Leaves the listener to guess what is meant, or speaks of something else.",
                "Answers the question in an order that can be followed.",
                "Answers the question first, then supports it step by step, at a fitting length.",
            ],
        );
        let competencies = match interview_type {
            InterviewType::General => vec![
                competency(
                    "Relevance",
                    2.0,
                    "Speaks to the question and to the job.",
                    [
                        "Touches the subject without answering.",
                        "Answers the question in general terms.",
                        "Answers the question and connects it with the job.",
                    ],
                ),
                competency(
                    "Evidence",
                    1.0,
                    "Supports what is said with facts of the candidate's own.",
                    ["Claims without support.", "Names an example.", "Names examples with figures and results."],
                ),
                communication,
            ],
            InterviewType::Technical => vec![
                competency(
                    "Technical knowledge",
                    3.0,
                    "States what is correct and complete.",
                    [
                        "Names terms without explaining them, or is mostly wrong.",
                        "Explains the main idea correctly, with gaps.",
                        "Explains the idea correctly and completely, with its limits.",
                    ],
                ),
                competency(
                    "Problem solving",
                    1.0,
                    "Reasons from causes to consequences and weighs alternatives.",
                    [
                        "States an outcome without reasons.",
                        "Gives reasons for the main step.",
                        "Weighs alternatives and names their costs.",
                    ],
                ),
                communication,
            ],
            InterviewType::Behavioral => vec![
                competency(
                    "Situation and task",
                    1.0,
                    "Says where and when it was and what had to be done.",
                    [
                        "Speaks in general, of no real event.",
                        "Names a real event.",
                        "Names the event, the aim and what was at stake.",
                    ],
                ),
                competency(
                    "Action",
                    2.0,
                    "Says what the candidate did.",
                    [
                        "Says what others did, or what one should do.",
                        "Says what the candidate did.",
                        "Says what the candidate did, step by step, and why so.",
                    ],
                ),
                competency(
                    "Result",
                    2.0,
                    "Says what came of it.",
                    [
                        "Leaves the end open.",
                        "Says how it ended.",
                        "Says how it ended in figures, and what was learnt.",
                    ],
                ),
                communication,
            ],
        };
        Self { competencies }
    }

    /// The rubric's identity: the SHA-256 of its canonical JSON (RFC 8785), in lower-case hexadecimal.
    ///
    /// # Errors
    /// `internal` where a number is not finite; a rubric that passed [`Rubric::check`] has none.
    pub fn hash(&self) -> Result<String> {
        Ok(hex(&sha256(&[canonical_json(self)?.as_bytes()])))
    }

    /// The hash of the standard rubric of a type, which is computed once.
    pub(crate) fn standard_hash(interview_type: InterviewType) -> Result<String> {
        static HASHES: [OnceLock<String>; InterviewType::ALL.len()] = [const { OnceLock::new() }; 3];
        let known = &HASHES[interview_type as usize];
        if let Some(hash) = known.get() {
            return Ok(hash.clone());
        }
        let hash = Self::standard(interview_type).hash()?;
        Ok(known.get_or_init(|| hash).clone())
    }

    /// Checks every limit.
    ///
    /// # Errors
    /// `invalid_input`, naming the field and the limit.
    pub fn check(&self) -> Result<()> {
        limits::count("rubric.competencies", self.competencies.len(), 1, limits::MAX_COMPETENCIES)?;
        for (place, competency) in self.competencies.iter().enumerate() {
            let field = |name: &str| format!("rubric.competencies[{place}].{name}");
            limits::required_text(&field("name"), &competency.name, limits::MAX_LABEL)?;
            if self.competencies[..place].iter().any(|other| other.name == competency.name) {
                return Err(Error::invalid_input(format!("{} is there twice", field("name"))));
            }
            if let Some(description) = &competency.description {
                limits::optional_text(&field("description"), description, limits::MAX_KEY_POINT)?;
            }
            limits::weight(&field("weight"), competency.weight)?;
            limits::count(&field("levels"), competency.levels.len(), 0, limits::MAX_LEVELS)?;
            for level in &competency.levels {
                limits::required_text(&field("levels.anchor"), &level.anchor, limits::MAX_KEY_POINT)?;
                if !(0.0..=1.0).contains(&level.score) {
                    return Err(Error::invalid_input(format!("{} is not within 0 to 1", field("levels.score"))));
                }
            }
            if !competency.levels.is_sorted_by(|a, b| a.score < b.score) {
                return Err(Error::invalid_input(format!("{} do not rise in score", field("levels"))));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_rubrics_keep_the_limits_and_differ() {
        let hashes: std::collections::HashSet<_> = InterviewType::ALL
            .into_iter()
            .map(|kind| {
                let rubric = Rubric::standard(kind);
                rubric.check().unwrap();
                let hash = rubric.hash().unwrap();
                assert_eq!([(); 2].map(|()| Rubric::standard_hash(kind).unwrap()), [hash.clone(), hash.clone()]);
                hash
            })
            .collect();
        assert_eq!(hashes.len(), InterviewType::ALL.len());
    }

    #[test]
    fn the_hash_follows_the_content() {
        let rubric = Rubric::new([Competency::new("A"), Competency::new("B")]);
        assert_eq!(rubric.hash().unwrap(), rubric.clone().hash().unwrap());
        let other = Rubric::new([Competency::new("A"), Competency::new("B").weight(2.0)]);
        assert_ne!(rubric.hash().unwrap(), other.hash().unwrap());
    }

    #[test]
    fn bad_rubrics_are_refused() {
        for rubric in [
            Rubric::new([]),
            Rubric::new([Competency::new("A"), Competency::new("A")]),
            Rubric::new([Competency::new("A").weight(0.0)]),
            Rubric::new([Competency::new("A").level(0.5, "x").level(0.5, "y")]),
            Rubric::new([Competency::new("A").level(1.5, "x")]),
        ] {
            assert_eq!(rubric.check().unwrap_err().kind(), crate::ErrorKind::InvalidInput);
        }
    }
}
