//! Everything the library itself says to a person: one catalogue a language.
//!
//! A catalogue is a constant of each of the types below. They are made of fields, not of maps, so that a language that lacks a text does not compile.
//! Adding a language is one file more here and one arm more in each accessor.

mod en;
mod judging;
mod zh_tw;

pub(crate) use judging::{Judging, Place, Reason, Remark, Summary};

use chrono::{DateTime, Utc};

use crate::domain::{Basis, Coverage, EvaluationStatus, FlagKind, InterviewType, Language, Unanswered};

/// What is said about answers in `language`.
pub(crate) fn judging(language: Language) -> &'static Judging {
    match language {
        Language::En => &en::JUDGING,
        Language::ZhTw => &zh_tw::JUDGING,
    }
}

/// What the interviewer says in `language`.
pub(crate) fn talk(language: Language) -> &'static Talk {
    match language {
        Language::En => &en::TALK,
        Language::ZhTw => &zh_tw::TALK,
    }
}

/// The labels of the scorecard in `language`.
pub(crate) fn report(language: Language) -> &'static Report {
    match language {
        Language::En => &en::REPORT,
        Language::ZhTw => &zh_tw::REPORT,
    }
}

/// What the interviewer says. Nothing here praises, blames, or tells what an answer is worth.
pub(crate) struct Talk {
    /// Greets, says that an AI conducts the interview and that a person decides, and how it goes; the first question follows.
    pub(crate) opening: fn(&Opening<'_>) -> String,
    /// Leads to the next planned question.
    pub(crate) transitions: [&'static str; 6],
    /// Leads to the last planned question.
    pub(crate) last_question: &'static str,
    /// How long the candidate may take, given in seconds.
    pub(crate) time_limit: fn(u32) -> String,
    /// Returns to an earlier question, given as a short quote without its quotation marks.
    pub(crate) back_to: [fn(&str) -> String; 3],
    /// Stays with the question that was just answered, given like that.
    pub(crate) stay_with: [fn(&str) -> String; 3],
    /// Asks for an example.
    pub(crate) ask_example: [&'static str; 3],
    /// Asks for a number.
    pub(crate) ask_number: [&'static str; 3],
    /// Asks for the alternatives and their costs.
    pub(crate) ask_trade_off: [&'static str; 3],
    /// Asks what came of it.
    pub(crate) ask_result: [&'static str; 3],
    /// Goes deeper where nothing is lacking: more than a dozen, so that a question can be probed that often in different words.
    pub(crate) deepen: [&'static str; 14],
    /// Ends the conversation with the candidate of this name: thanks, says that it is over and what follows.
    pub(crate) closing: fn(&str) -> String,
}

/// What the first words depend on.
pub(crate) struct Opening<'a> {
    /// The candidate's name.
    pub(crate) name: &'a str,
    /// What the interview is about.
    pub(crate) interview_type: InterviewType,
    /// How many planned questions will be asked.
    pub(crate) questions: usize,
    /// Whether further questions come after them.
    pub(crate) probes: bool,
}

/// The labels of the scorecard.
pub(crate) struct Report {
    /// What the document is.
    pub(crate) title: &'static str,
    /// Between a label and its value, with the space that the language puts there.
    pub(crate) colon: &'static str,
    /// Between the members of a list in a sentence.
    pub(crate) separator: &'static str,
    /// Stands before the interview's type.
    pub(crate) interview: &'static str,
    /// The interview's type, as a heading would say it.
    pub(crate) interview_type: fn(InterviewType) -> &'static str,
    /// Stands before the time of completion.
    pub(crate) evaluated: &'static str,
    /// Stands before the time it was asked for, while it is not completed.
    pub(crate) requested: &'static str,
    /// A time, to the minute, with its zone.
    pub(crate) time: fn(DateTime<Utc>) -> String,
    /// Stands before the status.
    pub(crate) status: &'static str,
    /// The status.
    pub(crate) evaluation_status: fn(EvaluationStatus) -> &'static str,
    /// Stands before the overall score.
    pub(crate) overall_score: &'static str,
    /// Stands in the score's place where there is none.
    pub(crate) no_score: &'static str,
    /// Why there is no score.
    pub(crate) no_score_reason: fn(EvaluationStatus) -> &'static str,
    /// Stands over the judgement in words.
    pub(crate) summary: &'static str,
    /// Stands over the competencies.
    pub(crate) competencies: &'static str,
    /// Names the chart.
    pub(crate) chart: &'static str,
    /// A competency, as a column.
    pub(crate) competency: &'static str,
    /// A score, as a column.
    pub(crate) score: &'static str,
    /// A weight, as a column.
    pub(crate) weight: &'static str,
    /// The number of ratings, as a column.
    pub(crate) ratings: &'static str,
    /// The names of the standard rubrics' competencies.
    pub(crate) standard: StandardCompetencies,
    /// Stands over what was good.
    pub(crate) strengths: &'static str,
    /// Stands over what was lacking.
    pub(crate) weaknesses: &'static str,
    /// Stands over what would help.
    pub(crate) recommendations: &'static str,
    /// Stands over the exchanges.
    pub(crate) exchanges: &'static str,
    /// Says what the highlighted words are.
    pub(crate) highlights: &'static str,
    /// The planned question of this number, from 1.
    pub(crate) question: fn(usize) -> String,
    /// A probe of the planned question of this number, from 1.
    pub(crate) probe: fn(usize) -> String,
    /// A question outside the plan.
    pub(crate) unplanned: &'static str,
    /// Stands before what the candidate said.
    pub(crate) answer: &'static str,
    /// Stands in the answer's place where there is none.
    pub(crate) no_answer: &'static str,
    /// Stands in the ratings' place where there is none.
    pub(crate) not_rated: &'static str,
    /// Stands before what a rating rests on.
    pub(crate) basis: &'static str,
    /// What a rating rests on.
    pub(crate) basis_name: fn(Basis) -> &'static str,
    /// Stands before how sure the evaluator is.
    pub(crate) confidence: &'static str,
    /// Stands before the quotes of a rating or a key point.
    pub(crate) evidence: &'static str,
    /// Stands over the key points.
    pub(crate) key_points: &'static str,
    /// How much of a key point was said.
    pub(crate) coverage: fn(Coverage) -> &'static str,
    /// A quote with its quotation marks.
    pub(crate) quote: fn(&str) -> String,
    /// Stands over the planned questions without an answer.
    pub(crate) unanswered: &'static str,
    /// How those count.
    pub(crate) unanswered_policy: fn(Unanswered) -> &'static str,
    /// Stands over the reasons why a person should look.
    pub(crate) needs_review: &'static str,
    /// Stands over the reason of a partial or failed evaluation.
    pub(crate) failure: &'static str,
    /// Stands over the ratings that could not be had.
    pub(crate) missing: &'static str,
    /// Stands over what a person changed.
    pub(crate) changed: &'static str,
    /// Stands over what speaks to the judge.
    pub(crate) flagged: &'static str,
    /// What such words look like.
    pub(crate) flag_kind: fn(FlagKind) -> &'static str,
    /// Stands over who judged.
    pub(crate) about: &'static str,
    /// Says that an AI made it and that a person decides.
    pub(crate) notice: &'static str,
    /// Stands before the evaluator.
    pub(crate) judged_by: &'static str,
    /// Stands before the model.
    pub(crate) model: &'static str,
    /// Stands before the version of the model's rules or prompt.
    pub(crate) version: &'static str,
    /// Stands before the calibration that the scores were corrected by.
    pub(crate) calibration: &'static str,
    /// Stands before the rubric's shortened hash.
    pub(crate) rubric: &'static str,
    /// Stands before the evaluation's id.
    pub(crate) evaluation: &'static str,
}

/// The names of the standard rubrics' competencies.
pub(crate) struct StandardCompetencies {
    /// "Communication".
    pub(crate) communication: &'static str,
    /// "Technical knowledge".
    pub(crate) technical_knowledge: &'static str,
    /// "Problem solving".
    pub(crate) problem_solving: &'static str,
    /// "Relevance".
    pub(crate) relevance: &'static str,
    /// "Evidence".
    pub(crate) evidence: &'static str,
    /// "Situation and task".
    pub(crate) situation_and_task: &'static str,
    /// "Action".
    pub(crate) action: &'static str,
    /// "Result".
    pub(crate) result: &'static str,
}

impl Report {
    /// A competency's name for a reader: translated where it is of a standard rubric, as it is where it is the application's own.
    pub(crate) fn competency_name<'a>(&self, name: &'a str) -> &'a str {
        match name {
            "Communication" => self.standard.communication,
            "Technical knowledge" => self.standard.technical_knowledge,
            "Problem solving" => self.standard.problem_solving,
            "Relevance" => self.standard.relevance,
            "Evidence" => self.standard.evidence,
            "Situation and task" => self.standard.situation_and_task,
            "Action" => self.standard.action,
            "Result" => self.standard.result,
            own => own,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Rubric;

    #[test]
    fn every_competency_of_a_standard_rubric_has_a_name_in_chinese() {
        for kind in InterviewType::ALL {
            for competency in Rubric::standard(kind).competencies {
                let name = report(Language::ZhTw).competency_name(&competency.name);
                assert_ne!(name, competency.name);
                assert_eq!(report(Language::En).competency_name(&competency.name), competency.name);
            }
        }
        assert_eq!(report(Language::ZhTw).competency_name("Kubernetes"), "Kubernetes");
    }

    /// The probes of one language.
    fn probes(talk: &Talk) -> Vec<&'static str> {
        [talk.ask_example, talk.ask_number, talk.ask_trade_off, talk.ask_result]
            .as_flattened()
            .iter()
            .chain(&talk.deepen)
            .copied()
            .collect()
    }

    #[test]
    fn no_probe_is_the_end_of_another() {
        // The scripted interviewer tells by an utterance's end which probe it was.
        for language in Language::ALL {
            let probes = probes(talk(language));
            for (place, probe) in probes.iter().enumerate() {
                assert!(!probe.trim().is_empty());
                let same = probes.iter().enumerate().find(|(other, text)| *other != place && text.ends_with(probe));
                assert_eq!(same, None);
            }
        }
    }

    #[test]
    fn chinese_texts_are_in_traditional_chinese_with_its_own_punctuation() {
        let talk = talk(Language::ZhTw);
        let mut texts: Vec<String> = probes(talk).into_iter().map(String::from).collect();
        texts.extend(talk.transitions.map(String::from));
        texts.extend([talk.back_to, talk.stay_with].as_flattened().iter().map(|lead| lead("題目")));
        texts.push((talk.closing)("小明"));
        let opening = Opening { name: "小明", interview_type: InterviewType::Technical, questions: 5, probes: true };
        texts.push((talk.opening)(&opening));
        for text in texts {
            // Simplified forms, and ASCII punctuation, that a slip would bring in.
            assert!(!text.contains(['们', '这', '个', '问', '题', '时', '说', '软', '实', '么']), "{text}");
            assert!(!text.contains([',', ';', '?', '!', '"']), "{text}");
        }
    }

    #[test]
    fn durations_are_said_in_the_unit_that_fits() {
        let en = talk(Language::En);
        assert!((en.time_limit)(45).contains("45 seconds"));
        assert!((en.time_limit)(60).contains("one minute"));
        assert!((en.time_limit)(90).contains("90 seconds"));
        assert!((en.time_limit)(180).contains("3 minutes"));
        assert!((talk(Language::ZhTw).time_limit)(180).contains("3 分鐘"));
    }
}
