//! What each competency of a rubric looks at.

use super::lexicon::Marks;
use super::qualities::Qualities;
use super::text::Segment;
use crate::domain::Competency;

/// What a competency is about, as its name and description tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aspect {
    /// Speaking to the question and the job.
    Relevance,
    /// Facts of one's own.
    Evidence,
    /// Being understood.
    Communication,
    /// Being right.
    Knowledge,
    /// Reasons and alternatives.
    Reasoning,
    /// Where, when, what for.
    Situation,
    /// What the candidate did.
    Action,
    /// What came of it.
    Result,
    /// Something of the application's own: everything counts.
    Other,
}

/// Words of names and descriptions, in lower case; the first that is found decides, so that narrow ones come first.
const WORDS: [(Aspect, &[&str]); 8] = [
    (Aspect::Communication, &["communicat", "clarity", "presentation", "溝通", "表達"]),
    (Aspect::Situation, &["situation", "context", "情境", "情況", "背景"]),
    (Aspect::Result, &["result", "impact", "outcome", "成果", "結果", "影響"]),
    (
        Aspect::Action,
        &["action", "initiative", "ownership", "leadership", "teamwork", "collaborat", "行動", "主動", "領導", "合作"],
    ),
    (
        Aspect::Reasoning,
        &[
            "problem",
            "reasoning",
            "analy",
            "thinking",
            "design",
            "judgement",
            "judgment",
            "問題",
            "分析",
            "思考",
            "推理",
            "設計",
        ],
    ),
    (Aspect::Evidence, &["evidence", "experience", "example", "佐證", "證據", "經驗", "實例"]),
    (Aspect::Relevance, &["relevan", "motivation", "相關", "切題", "動機"]),
    (Aspect::Knowledge, &["knowledge", "technical", "expertise", "correct", "知識", "技術", "專業", "正確"]),
];

impl Aspect {
    /// What a competency is about: as its name says, else as its description says.
    pub(super) fn of(competency: &Competency) -> Self {
        let find = |text: &str| {
            let text = text.to_lowercase();
            WORDS.iter().find(|(_, words)| words.iter().any(|word| text.contains(word))).map(|(aspect, _)| *aspect)
        };
        find(&competency.name).or_else(|| competency.description.as_deref().and_then(find)).unwrap_or(Self::Other)
    }

    /// What it is worth by the answer's own qualities, 0 to 1.
    pub(super) fn quality(self, of: &Qualities) -> f64 {
        let overall = 0.06
            + 0.42 * of.substance
            + 0.24 * of.specifics
            + 0.12 * of.reasoning
            + 0.08 * of.clarity
            + 0.08 * of.topic;
        let own = match self {
            Self::Relevance => 0.06 + 0.5 * of.substance + 0.24 * of.topic + 0.2 * of.specifics,
            Self::Evidence => 0.03 + 0.27 * of.substance + 0.7 * of.specifics,
            Self::Communication => 0.05 + 0.35 * of.substance + 0.6 * of.clarity,
            Self::Knowledge => 0.05 + 0.5 * of.substance + 0.2 * of.specifics + 0.15 * of.reasoning + 0.1 * of.topic,
            Self::Reasoning => 0.03 + 0.32 * of.substance + 0.55 * of.reasoning + 0.1 * of.specifics,
            Self::Situation => 0.03 + 0.27 * of.substance + 0.5 * of.situation + 0.2 * of.specifics,
            Self::Action => 0.03 + 0.27 * of.substance + 0.6 * of.action + 0.1 * of.specifics,
            Self::Result => 0.03 + 0.27 * of.substance + 0.6 * of.result + 0.1 * of.specifics,
            Self::Other => return overall,
        };
        0.65 * own + 0.35 * overall
    }

    /// How much the content counts where there is something to compare with; the rest are the answer's own qualities.
    pub(super) fn content_share(self) -> f64 {
        match self {
            Self::Knowledge | Self::Relevance | Self::Evidence | Self::Reasoning | Self::Other => 1.0,
            Self::Communication => 0.9,
            Self::Situation | Self::Action | Self::Result => 0.8,
        }
    }

    /// How much a segment supports a rating of this competency; `matched` is how much of it is in the target.
    pub(super) fn support(self, segment: &Segment, matched: f64) -> f64 {
        let marked = |marks: Marks| if segment.marks.has(marks) { 3.0 } else { 0.0 };
        let specifics = f64::from(segment.specifics);
        let own = match self {
            Self::Relevance | Self::Knowledge | Self::Other => 0.5 * specifics,
            Self::Evidence => 2.0 * specifics + marked(Marks::EXAMPLE),
            Self::Communication => marked(Marks::SEQUENCE.with(Marks::REASON)),
            Self::Reasoning => marked(Marks::REASON) + marked(Marks::CONTRAST),
            Self::Situation => marked(Marks::SITUATION) + 0.5 * specifics,
            Self::Action => marked(Marks::ACTION) + marked(Marks::SELF) / 3.0,
            Self::Result => marked(Marks::RESULT) + 0.5 * specifics,
        };
        own + 1.5 * matched * self.content_share()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{InterviewType, Rubric};

    #[test]
    fn the_standard_competencies_are_known_by_their_names() {
        let aspects = |kind: InterviewType| -> Vec<Aspect> {
            Rubric::standard(kind).competencies.iter().map(Aspect::of).collect()
        };
        assert_eq!(aspects(InterviewType::General), [Aspect::Relevance, Aspect::Evidence, Aspect::Communication]);
        assert_eq!(aspects(InterviewType::Technical), [Aspect::Knowledge, Aspect::Reasoning, Aspect::Communication]);
        assert_eq!(
            aspects(InterviewType::Behavioral),
            [Aspect::Situation, Aspect::Action, Aspect::Result, Aspect::Communication]
        );
    }

    #[test]
    fn other_competencies_are_known_by_name_then_description() {
        for (competency, expected) in [
            (Competency::new("問題解決"), Aspect::Reasoning),
            (Competency::new("Depth").description("Correct and complete knowledge."), Aspect::Knowledge),
            (Competency::new("Humour"), Aspect::Other),
        ] {
            assert_eq!(Aspect::of(&competency), expected);
        }
    }

    #[test]
    fn each_competency_reacts_to_its_own_quality() {
        let base = Qualities { substance: 0.5, ..Qualities::default() };
        for (aspect, better) in [
            (Aspect::Relevance, Qualities { topic: 1.0, ..base }),
            (Aspect::Evidence, Qualities { specifics: 1.0, ..base }),
            (Aspect::Communication, Qualities { clarity: 1.0, ..base }),
            (Aspect::Reasoning, Qualities { reasoning: 1.0, ..base }),
            (Aspect::Situation, Qualities { situation: 1.0, ..base }),
            (Aspect::Action, Qualities { action: 1.0, ..base }),
            (Aspect::Result, Qualities { result: 1.0, ..base }),
        ] {
            let gain = |of: Aspect| of.quality(&better) - of.quality(&base);
            assert!(gain(aspect) > 0.1 && gain(aspect) > gain(Aspect::Other), "{aspect:?}");
        }
    }

    #[test]
    fn qualities_stay_within_the_scale() {
        let best = Qualities {
            substance: 1.0,
            specifics: 1.0,
            reasoning: 1.0,
            situation: 1.0,
            action: 1.0,
            result: 1.0,
            clarity: 1.0,
            topic: 1.0,
            ..Qualities::default()
        };
        for (aspect, _) in WORDS {
            assert!((0.9..=1.0 + 1e-9).contains(&aspect.quality(&best)), "{aspect:?} {}", aspect.quality(&best));
            assert!(aspect.quality(&Qualities::default()) > 0.0);
        }
    }
}
