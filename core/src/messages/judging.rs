//! What there is to say about answers; the catalogues have the words.

use crate::domain::Exchange;

/// The words for a judgement, in one language.
pub(crate) struct Judging {
    /// Why a rating has its score; a sentence.
    pub(crate) reason: fn(&Reason) -> String,
    /// A strength, a weakness, a recommendation or a reason for a person to look; a sentence.
    pub(crate) remark: fn(&Remark<'_>) -> String,
    /// The judgement in a few sentences.
    pub(crate) feedback: fn(&Summary<'_>) -> String,
}

/// Which answer is spoken of. Numbers are from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// The answer to a planned question.
    Question(u32),
    /// The answer to something asked further about a planned question.
    Probe(u32),
    /// The answer to a question outside the plan, by its place among all answers.
    Other(u32),
}

impl Place {
    /// The place of an exchange, which stands at `place` among all, from 0.
    pub(crate) fn of(place: u32, exchange: &Exchange) -> Self {
        match exchange.question {
            Some(question) if exchange.probe => Self::Probe(question.saturating_add(1)),
            Some(question) => Self::Question(question.saturating_add(1)),
            None => Self::Other(place.saturating_add(1)),
        }
    }
}

/// Why a rating has its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Reason {
    /// There is no answer.
    Blank,
    /// The answer is signs without a word.
    Symbols,
    /// Hardly a word of the answer was recognised.
    Unclear,
    /// The answer is the question again.
    Copied,
    /// The answer has no words.
    Mash,
    /// The answer is one sentence again and again.
    Repeated,
    /// The answer says that there is none.
    NoAnswer,
    /// It was compared with key points.
    KeyPoints { covered: usize, all: usize },
    /// It was compared with the reference answer, of which this many statements were made.
    Reference { made: usize, all: usize },
    /// There is nothing to compare with: what the answer has.
    Qualities { words: usize, numbers: u32, names: u32, reasons: bool, result: bool },
    /// It is in another language than what it would be compared with.
    OtherLanguage,
}

/// Something worth saying about answers. Lists of places and points have at least one entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Remark<'a> {
    // Strengths.
    /// Key points that the answers to a question cover.
    Covers { at: Place, points: Vec<&'a str> },
    /// Answers that agree well with the reference.
    Agrees { at: Vec<Place> },
    /// Answers supported by numbers, names and examples, so many in all.
    Specific { at: Vec<Place>, numbers: u32, names: u32, examples: u32 },
    /// Answers that give reasons and weigh.
    Reasoned { at: Vec<Place> },
    /// Answers that tell situation, action and result.
    WholeStory { at: Vec<Place> },
    // Weaknesses.
    /// Key points that the answers to a question miss.
    Misses { at: Place, points: Vec<&'a str> },
    /// Key points of which the answers to a question say a part.
    Touches { at: Place, points: Vec<&'a str> },
    /// Answers that agree little with the reference.
    Disagrees { at: Vec<Place> },
    /// Questions without an answer.
    Blank { at: Vec<Place> },
    /// Answers that say that there is none.
    NoAnswer { at: Vec<Place> },
    /// Answers that cannot be judged by what they say: the question again, one sentence again and again, no words.
    NoContent { at: Vec<Place> },
    /// Answers that are lists of words.
    Listed { at: Vec<Place> },
    /// Answers much shorter than what was asked for.
    Short { at: Vec<Place> },
    /// Answers without number, name or example.
    Unsupported { at: Vec<Place> },
    /// Answers of a behavioural interview that do not say what came of it.
    NoResult { at: Vec<Place> },
    // Recommendations.
    /// Go over these points.
    Study { points: Vec<&'a str> },
    /// Go over the subject of these questions.
    StudySubject { at: Vec<Place> },
    /// Say more.
    SayMore { at: Vec<Place> },
    /// Support what is said.
    Support { at: Vec<Place> },
    /// Say what came of it.
    TellResult { at: Vec<Place> },
    /// Give reasons.
    GiveReasons { at: Vec<Place> },
    /// Answer in sentences of one's own.
    OwnWords { at: Vec<Place> },
    /// Answer what was left open.
    AnswerOpen { at: Vec<Place> },
    // Reasons for a person to look.
    /// The language differs from that of the reference or the key points.
    ReviewLanguage { at: Vec<Place> },
    /// What looks like no answer was capped.
    ReviewNoContent { at: Vec<Place> },
    /// Nothing tells whether it is about the question.
    ReviewTopic { at: Vec<Place> },
    /// There was nothing to compare it with, or not enough: the evaluator is not sure.
    ReviewUnsure { at: Vec<Place> },
    /// It speaks to the judge, and scored far above what the built-in evaluator gives it.
    ReviewFlagged { at: Vec<Place> },
    /// The judges of a panel differ by more than was allowed.
    ReviewDisagreement { at: Vec<Place> },
    /// So many of a panel's judges could not judge it.
    ReviewAbsent { at: Vec<Place> },
    /// It could not be judged, or not in every respect, and so does not count in full.
    ReviewPartial { at: Vec<Place> },
}

/// The whole judgement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary<'a> {
    /// How many answers there are that are not blank.
    pub(crate) answers: usize,
    /// How well they answer, from 0 (hardly) to 3 (very well).
    pub(crate) level: usize,
    /// The competency that was shown best, where there is more than one.
    pub(crate) best: Option<&'a str>,
    /// The competency that was shown least, where it is clearly below the best.
    pub(crate) least: Option<&'a str>,
    /// The answer that is worth most, and the words that show it.
    pub(crate) said: Option<(Place, Vec<&'a str>)>,
    /// Key points covered, and all, of the questions that were answered.
    pub(crate) key_points: (usize, usize),
    /// What was missed, by name.
    pub(crate) missed: Vec<String>,
    /// What was said in part, by name.
    pub(crate) partly: Vec<String>,
    /// What would help most; a sentence.
    pub(crate) next: Option<String>,
}

/// The first numbers of one kind, and how many are left.
pub(super) type Numbers = (Vec<String>, usize);

/// The numbers of answers to questions, of answers to probes, and of others; of each kind the first dozen, and how many are left.
pub(super) fn by_kind(at: &[Place]) -> [Numbers; 3] {
    let of = |number: fn(&Place) -> Option<u32>| {
        let all: Vec<u32> = at.iter().filter_map(number).collect();
        (all.iter().take(12).map(u32::to_string).collect(), all.len().saturating_sub(12))
    };
    [
        of(|place| if let Place::Question(number) = place { Some(*number) } else { None }),
        of(|place| if let Place::Probe(number) = place { Some(*number) } else { None }),
        of(|place| if let Place::Other(number) = place { Some(*number) } else { None }),
    ]
}

/// At most this much of a text, at a character's boundary; whether it was cut.
pub(super) fn shortened(text: &str, characters: usize) -> (&str, bool) {
    match text.char_indices().nth(characters) {
        Some((end, _)) => (text[..end].trim_end(), true),
        None => (text, false),
    }
}

/// Names up to four points by `name`; how many are left.
pub(super) fn first_points(points: &[impl AsRef<str>], name: impl Fn(&str) -> String) -> (Vec<String>, usize) {
    (points.iter().take(4).map(|point| name(point.as_ref().trim())).collect(), points.len().saturating_sub(4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Language;

    #[test]
    fn every_language_has_words_for_everything() {
        let at = vec![Place::Question(1), Place::Probe(2), Place::Other(7)];
        let points = vec!["compare and swap", "ABA", "c", "d", "e"];
        let remarks = [
            Remark::Covers { at: at[0], points: points.clone() },
            Remark::Agrees { at: at.clone() },
            Remark::Specific { at: at.clone(), numbers: 2, names: 1, examples: 1 },
            Remark::Reasoned { at: at.clone() },
            Remark::WholeStory { at: at.clone() },
            Remark::Misses { at: at[1], points: points.clone() },
            Remark::Disagrees { at: at.clone() },
            Remark::Blank { at: at.clone() },
            Remark::NoAnswer { at: at.clone() },
            Remark::NoContent { at: at.clone() },
            Remark::Listed { at: at.clone() },
            Remark::Short { at: at.clone() },
            Remark::Unsupported { at: at.clone() },
            Remark::NoResult { at: at.clone() },
            Remark::Touches { at: at[1], points: points.clone() },
            Remark::Study { points },
            Remark::StudySubject { at: at.clone() },
            Remark::SayMore { at: at.clone() },
            Remark::Support { at: at.clone() },
            Remark::TellResult { at: at.clone() },
            Remark::GiveReasons { at: at.clone() },
            Remark::OwnWords { at: at.clone() },
            Remark::AnswerOpen { at: at.clone() },
            Remark::ReviewLanguage { at: at.clone() },
            Remark::ReviewNoContent { at: at.clone() },
            Remark::ReviewTopic { at: at.clone() },
            Remark::ReviewUnsure { at: at.clone() },
            Remark::ReviewFlagged { at: at.clone() },
            Remark::ReviewDisagreement { at: at.clone() },
            Remark::ReviewAbsent { at: at.clone() },
            Remark::ReviewPartial { at },
        ];
        for language in Language::ALL {
            let words = super::super::judging(language);
            let said: Vec<String> = remarks.iter().map(words.remark).collect();
            let distinct: std::collections::HashSet<_> = said.iter().collect();
            assert_eq!(distinct.len(), remarks.len());
            for sentence in &said {
                let ends = if language == Language::ZhTw { '。' } else { '.' };
                assert!(sentence.ends_with(ends) && !sentence.contains("  "), "{sentence}");
                assert_eq!(sentence.contains('。'), language == Language::ZhTw, "{sentence}");
            }
        }
    }

    #[test]
    fn a_thousand_answers_are_named_in_a_line() {
        let mut at: Vec<Place> = (1..=200).map(Place::Question).collect();
        at.extend((1..=200).map(Place::Probe));
        at.extend((1..=1_000).map(Place::Other));
        for language in Language::ALL {
            let said = (super::super::judging(language).remark)(&Remark::Short { at: at.clone() });
            assert!(said.chars().count() < 400 && said.contains("188") && said.contains("988"), "{said}");
        }
    }

    #[test]
    fn long_points_are_shortened_and_many_are_counted() {
        let long = "長".repeat(500);
        for language in Language::ALL {
            let remark = Remark::Study { points: vec![&long; 9] };
            let said = (super::super::judging(language).remark)(&remark);
            assert!(said.chars().count() < 600 && said.contains('5'), "{said}");
        }
    }
}
