//! Judging one answer after the other.

use super::comparison::{Added, Comparison, listing};
use super::competency::Aspect;
use super::evidence;
use super::faults::{self, Fault, MOST_WITH_FAULT};
use super::qualities::{Qualities, qualities, sorted_keys};
use super::target::{Target, statements, telling_clauses};
use super::text::{Text, Word};
use super::wording::{Wording, is_weighed};
use super::{JudgeRequest, content};
use crate::domain::{
    Basis, Competency, Coverage, Exchange, InterviewType, KeyPointCoverage, Question, Quote, Rating, question_hash,
};
use crate::evaluator::quotes::Spans;
use crate::messages::{Judging, Place, Reason};

/// Least that an answer with words is worth: an evaluator that compares words cannot be sure that one is worth nothing.
const LEAST: f64 = 0.03;
/// What an answer that says that there is none is worth, and one that says the question again.
const NOTHING_SAID: f64 = 0.05;
/// What the best qualities are worth where none of what was asked for is found.
const BY_QUALITY_ALONE: f64 = 0.15;
/// What of an answer's words has to be in the target, by weight, for a further answer to be judged with those before.
const OF_THE_TARGET: f64 = 1.2;
/// What is left of an answer's worth where nothing tells that it is about the question, and where it cannot be compared, being in another script.
const OFF_TOPIC: f64 = 0.7;
const OTHER_SCRIPT: f64 = 0.35;
/// From this much of a list on, an answer is said to be one.
pub(super) const IS_LIST: f64 = 0.5;

/// A question that was read.
struct Asked<'a> {
    text: Text<'a>,
    keys: Vec<u64>,
}

impl<'a> Asked<'a> {
    fn read(source: &'a str) -> Self {
        let text = Text::read(source);
        let keys = sorted_keys(text.words.iter());
        Self { text, keys }
    }
}

/// A planned question, with what was answered to it so far.
pub(super) struct Planned<'a> {
    question: &'a Question,
    asked: Asked<'a>,
    /// What answers are compared with, where there is something: one full answer, or several of which each is right; and the references that they were read from.
    targets: Vec<(Target, Comparison)>,
    references: Vec<Option<Text<'a>>>,
    has_reference: bool,
    /// Which of them the answers so far are nearest to.
    nearest: usize,
    /// The first answer to it, and for each key point how much of it was said best, in which answer, and the words.
    first: Option<u32>,
    evidence: Vec<Evidence>,
}

/// What says a key point best.
#[derive(Debug, Clone, Default)]
struct Evidence {
    made: f64,
    exchange: u32,
    quotes: Vec<Quote>,
}

/// What stands between reference answers of which each is right, and how many they may be; the last one has the rest.
const OR: &str = " ||| ";
const MOST_REFERENCES: usize = 10;

impl<'a> Planned<'a> {
    pub(super) fn read(question: &'a Question) -> Self {
        let asked = Asked::read(&question.text);
        let references =
            question.reference_answer.as_deref().unwrap_or_default().splitn(MOST_REFERENCES, OR).map(Text::read);
        let mut references: Vec<Option<Text<'_>>> =
            references.filter(|text| !text.words.is_empty()).map(Some).collect();
        let has_reference = !references.is_empty();
        if !has_reference {
            references.push(None);
        }
        let key_points: Vec<Text<'_>> = question.key_points.iter().map(|point| Text::read(point)).collect();
        let mut targets = Vec::with_capacity(references.len());
        // What has no word to compare with is no target.
        references.retain(|reference| match Target::new(&asked.text, reference.as_ref(), &key_points) {
            Some(target) => {
                let comparison = Comparison::new(&target);
                targets.push((target, comparison));
                true
            }
            None => false,
        });
        let evidence = vec![Evidence::default(); question.key_points.len()];
        Self { question, targets, references, has_reference, nearest: 0, first: None, evidence, asked }
    }

    /// Adds an answer.
    pub(super) fn add(&mut self, answer: &Text<'_>) -> Option<Added> {
        let mut best = None;
        let mut most = f64::NEG_INFINITY;
        for (place, (target, comparison)) in self.targets.iter_mut().enumerate() {
            let added = comparison.add(target, answer);
            let is_comparable = if added.is_other_script { 0.0 } else { 1.0 };
            let nearness = content::nearness(&comparison.coverage(target)) + is_comparable;
            if nearness > most {
                (most, self.nearest, best) = (nearness, place, Some(added));
            }
        }
        best
    }

    /// Whether an answer is one of the references, but for capitals and the full stop.
    fn is_reference(&self, answer: &Text<'_>) -> bool {
        fn letters(text: &str) -> impl Iterator<Item = char> {
            text.trim().trim_end_matches(['.', '。']).chars().flat_map(char::to_lowercase)
        }
        let mut references = self.question.reference_answer.as_deref().unwrap_or_default().splitn(MOST_REFERENCES, OR);
        self.has_reference && references.any(|it| letters(it).eq(letters(answer.source)))
    }

    /// What the answers so far are nearest to.
    pub(super) fn nearest(&self) -> Option<&(Target, Comparison)> {
        self.targets.get(self.nearest)
    }

    /// Notes which of an answer's words say which key point, where none before said more of it. Of what is in another script alone, nothing is said to be missing.
    fn note(
        &mut self,
        exchange: u32,
        answer: &Text<'_>,
        by_key_point: &[Vec<(f64, usize)>],
        spans: &Spans<'_>,
        is_comparable: bool,
    ) {
        if is_comparable {
            self.first.get_or_insert(exchange);
        }
        for (evidence, segments) in self.evidence.iter_mut().zip(by_key_point) {
            let made = segments.iter().fold(0.0, |most, (made, _)| made.max(most));
            if made > evidence.made {
                // A sentence with half as much of it only has the same words.
                let saying = segments.iter().copied().filter(|(of, _)| *of > 0.5 * made);
                let quotes = evidence::best(answer, saying, spans);
                *evidence = Evidence { made, exchange, quotes };
            }
        }
    }

    /// The words of what a full answer says that were said so far, by their hashes, in rising order.
    pub(super) fn words(&self) -> Vec<u32> {
        self.nearest().map_or_else(Vec::new, |(target, comparison)| comparison.words(target))
    }

    /// A key point, as the plan has it.
    pub(super) fn key_point(&self, point: u32) -> Option<&'a str> {
        self.question.key_points.get(point as usize).map(String::as_str)
    }

    /// How many key points are covered so far.
    fn covered(&self) -> usize {
        let Some((target, comparison)) = self.nearest().filter(|_| !self.question.key_points.is_empty()) else {
            return 0;
        };
        let points = comparison.points(target);
        points.iter().take(target.key_points).filter(|made| is_covered(**made)).count()
    }

    /// What was said of the key points so far; nothing where no answer was judged.
    pub(super) fn key_points(&self) -> Vec<KeyPointCoverage> {
        let (Some(first), Some((target, comparison))) = (self.first, self.nearest()) else {
            return Vec::new();
        };
        let points = (0_u32..).zip(&self.question.key_points).zip(&self.evidence).zip(comparison.points(target));
        points
            .map(|(((point, text), evidence), made)| {
                let share = rounded(content::share(made));
                let is_said = coverage(made) != Coverage::Missing;
                KeyPointCoverage {
                    quotes: if is_said { evidence.quotes.clone() } else { Vec::new() },
                    ..KeyPointCoverage::new(if is_said { evidence.exchange } else { first }, point, text, share)
                }
            })
            .collect()
    }

    /// The key points with a coverage, or where there are none the statements of the reference, each by a word or two that name it without saying it.
    pub(super) fn named(&self, coverage: Coverage) -> Vec<String> {
        let Some((target, comparison)) = self.nearest() else {
            return Vec::new();
        };
        let points = comparison.points(target);
        let is_it = |place: usize| {
            points.get(place).is_some_and(|made| self::coverage(*made) == coverage)
                && !(place < target.key_points && comparison.is_otherwise(target, place))
        };
        let mut names: Vec<String> = Vec::new();
        let mut add = |name: Option<&str>| {
            if let Some(name) = name.filter(|name| !names.iter().any(|known| known == name)) {
                names.push(name.to_owned());
            }
        };
        for (_, point) in self.question.key_points.iter().enumerate().filter(|(place, _)| is_it(*place)) {
            let text = Text::read(point);
            add(target.subject(&text, &text.words));
        }
        let reference = self.references.get(self.nearest).and_then(Option::as_ref);
        if let Some(reference) = reference.filter(|_| self.question.key_points.is_empty()) {
            let clauses = telling_clauses(reference);
            for (_, clauses) in statements(&clauses).enumerate().filter(|(place, _)| is_it(*place)) {
                add(clauses.iter().find_map(|clause| target.subject(reference, clause)));
            }
        }
        names
    }
}

/// What was found about one answer.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) place: Place,
    /// The planned question that it belongs to.
    pub(super) planned: Option<usize>,
    pub(super) fault: Option<Fault>,
    pub(super) qualities: Qualities,
    /// How much of what was asked for it has; none where there was nothing to compare with.
    pub(super) content: Option<f64>,
    /// How far it is a list of words.
    pub(super) listing: f64,
    pub(super) is_other_language: bool,
    /// Whether it has no word of the question or the job, so that nothing tells what it is about.
    pub(super) is_off_topic: bool,
    /// The mean of its ratings, and how sure of them the evaluator is.
    pub(super) score: f64,
    pub(super) confidence: f64,
}

/// Judges the answers of a request, in order.
pub(super) struct Judge<'a> {
    request: &'a JudgeRequest<'a>,
    words: &'static Judging,
    aspects: Vec<Aspect>,
    /// The keys of the job description's words, sorted.
    job: Vec<u64>,
    /// The planned questions, as far as they were met.
    pub(super) planned: Vec<Option<Planned<'a>>>,
    /// Whether any score was corrected by the request's calibration.
    pub(super) is_calibrated: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(request: &'a JudgeRequest<'a>) -> Self {
        let job = request.interview.job_description.as_deref().map(Text::read);
        let mut planned = Vec::new();
        planned.resize_with(request.interview.questions.len(), || None);
        Self {
            request,
            words: crate::messages::judging(request.language),
            aspects: request.rubric.competencies.iter().map(Aspect::of).collect(),
            job: job.map_or_else(Vec::new, |text| sorted_keys(text.words.iter())),
            planned,
            is_calibrated: false,
        }
    }

    /// Judges the exchange at a place: a rating for each competency, and what else was found.
    pub(super) fn judge(&mut self, place: usize, exchange: &'a Exchange) -> (Vec<Rating>, Finding) {
        let question = exchange.question.map(|question| question as usize).filter(|it| *it < self.planned.len());
        let mut planned = question.and_then(|question| {
            let plan = &self.request.interview.questions[question];
            self.planned[question].take().or_else(|| Some(Planned::read(plan)))
        });
        let is_technical = self.request.interview.interview_type == InterviewType::Technical;
        let view = View::new(exchange, planned.as_mut(), &self.job, is_technical);
        let (opinion, matched) = view.opinion;
        let competencies = self.competencies(planned.as_ref());
        let spans = Spans::new(&exchange.answer);
        let number = u32::try_from(place).unwrap_or(u32::MAX);
        if let Some(planned) = planned.as_mut() {
            planned.note(number, &view.answer, &view.by_key_point, &spans, opinion.reason != Reason::OtherLanguage);
        }
        let mut ratings = Vec::with_capacity(competencies.len());
        let (mut sum, mut weights) = (0.0, 0.0);
        for (competency, aspect) in competencies {
            let score = rounded(opinion.score(aspect));
            sum += score * competency.weight;
            weights += competency.weight;
            ratings.push(Rating {
                exchange: number,
                competency: competency.name.clone(),
                score,
                basis: opinion.basis,
                confidence: rounded(opinion.confidence),
                quotes: if score > 0.0 { evidence::quotes(aspect, &view.answer, &matched, &spans) } else { Vec::new() },
                reason: (self.words.reason)(&opinion.reason),
                spread: None,
            });
        }
        let before = if weights > 0.0 { sum / weights } else { 0.0 };
        let calibration = self.request.calibration.filter(|_| is_comparable(&opinion));
        let corrected = calibration.zip(planned.as_ref()).and_then(|(calibration, planned)| {
            calibration.corrected(&question_hash(planned.question), before, &planned.words())
        });
        if let Some(corrected) = corrected {
            (sum, self.is_calibrated) = (0.0, true);
            for (rating, (competency, _)) in ratings.iter_mut().zip(self.competencies(planned.as_ref())) {
                rating.score = rounded((rating.score + corrected - before).clamp(LEAST, 1.0));
                sum += rating.score * competency.weight;
            }
        }
        let finding = Finding {
            // A question that the plan does not have is outside it.
            place: if question.is_none() {
                Place::Other(number.saturating_add(1))
            } else {
                Place::of(number, exchange)
            },
            planned: question,
            fault: opinion.fault,
            qualities: opinion.qualities,
            content: opinion.content,
            listing: opinion.listing,
            is_other_language: opinion.reason == Reason::OtherLanguage,
            is_off_topic: opinion.is_off_topic,
            confidence: opinion.confidence,
            score: if weights > 0.0 { sum / weights } else { 0.0 },
        };
        if let Some(question) = question {
            self.planned[question] = planned;
        }
        (ratings, finding)
    }

    /// The question's own competency, or all of the rubric's.
    fn competencies(&self, planned: Option<&Planned<'_>>) -> Vec<(&'a Competency, Aspect)> {
        let all = || self.request.rubric.competencies.iter().zip(self.aspects.iter().copied());
        let own = planned.and_then(|planned| planned.question.competency.as_deref());
        let only: Vec<_> = all().filter(|(competency, _)| Some(competency.name.as_str()) == own).collect();
        if only.is_empty() { all().collect() } else { only }
    }
}

/// The coverage of a point of which so much was said.
fn coverage(made: f64) -> Coverage {
    Coverage::of(rounded(content::share(made)))
}

/// Whether a point of which so much was said is covered.
fn is_covered(made: f64) -> bool {
    coverage(made) == Coverage::Covered
}

/// Whether an answer says something that graders can teach: what is none, or in another script, is judged as ever.
fn is_comparable(opinion: &Opinion) -> bool {
    opinion.fault.is_none() && opinion.reason != Reason::OtherLanguage
}

/// An answer and what it is worth.
struct View<'a> {
    answer: Text<'a>,
    /// With how much of each segment is in the target.
    opinion: (Opinion, Vec<f64>),
    by_key_point: Vec<Vec<(f64, usize)>>,
}

/// What an answer is worth, before it is asked for which competency.
struct Opinion {
    fault: Option<Fault>,
    qualities: Qualities,
    content: Option<f64>,
    is_off_topic: bool,
    listing: f64,
    basis: Basis,
    confidence: f64,
    reason: Reason,
}

impl<'a> View<'a> {
    fn new(exchange: &'a Exchange, planned: Option<&mut Planned<'a>>, job: &[u64], is_technical: bool) -> Self {
        let mut answer = Text::read(&exchange.answer);
        // The question that was asked may be another than the planned one: a probe.
        let other = match &planned {
            Some(planned) if planned.question.text == exchange.question_text => None,
            _ => Some(Asked::read(&exchange.question_text)),
        };
        let planned_asked = planned.as_ref().map(|planned| &planned.asked);
        let questions: Vec<&Asked<'_>> = other.as_ref().into_iter().chain(planned_asked).collect();
        let texts: Vec<&Text<'_>> = questions.iter().map(|asked| &asked.text).collect();
        let targets = planned.as_ref().map_or(&[][..], |planned| &planned.targets);
        let tells = |word: &Word| targets.iter().any(|(target, _)| target.tells(word));
        let is_known = |key| {
            targets.iter().any(|(target, _)| target.knows(key))
                || questions.iter().any(|asked| asked.keys.binary_search(&key).is_ok())
                || job.binary_search(&key).is_ok()
        };
        let fault = faults::find(&mut answer, &texts, is_known, if targets.is_empty() { None } else { Some(&tells) });
        let qualities = match questions.first() {
            Some(asked) if fault != Some(Fault::Blank) => {
                let mut keys: Vec<u64> = questions.iter().flat_map(|asked| asked.keys.iter().copied()).collect();
                keys.sort_unstable();
                keys.dedup();
                qualities(&asked.text, &keys, &answer, job)
            }
            _ => Qualities::default(),
        };
        // A question that says hardly anything of its subject has nothing to take up; and in another script, words cannot be the same.
        let has_subject = questions.iter().any(|asked| !asked.keys.is_empty());
        let same_script =
            questions.first().is_some_and(|asked| asked.text.is_in_characters() == answer.is_in_characters());
        let opinion = match fault {
            None | Some(Fault::Repeated | Fault::Unclear) => match planned {
                Some(planned) => match (planned.covered(), planned.add(&answer), planned.nearest()) {
                    (covered, Some(added), Some((target, comparison))) => {
                        let said: f64 = added.by_segment.iter().sum();
                        let mut opinion =
                            compared(target, comparison, &added, planned.has_reference, qualities, &answer);
                        // What was answered before is no merit of a further answer that adds nothing to it; it may still say something else.
                        let adds_little = said < OF_THE_TARGET && planned.covered() == covered;
                        if exchange.probe && adds_little && !added.is_other_script {
                            opinion = on_its_own(qualities);
                        }
                        if let Some(content) = opinion.content.as_mut() {
                            *content = if planned.is_reference(&answer) { 1.0 } else { *content };
                            if exchange.probe {
                                *content *=
                                    0.5 + 0.5 * (answer.telling().map(|word| word.weight).sum::<f64>() / 4.0).min(1.0);
                            }
                        }
                        (opinion, added.by_segment, added.by_key_point)
                    }
                    _ => (on_its_own(qualities), Vec::new(), Vec::new()),
                },
                None => (on_its_own(qualities), Vec::new(), Vec::new()),
            },
            Some(fault) => (without_content(fault, qualities), Vec::new(), Vec::new()),
        };
        let (mut opinion, matched, by_key_point) = opinion;
        // What a candidate has lived through has words of its own.
        opinion.is_off_topic = is_technical
            && fault.is_none()
            && opinion.content.is_none()
            && opinion.reason != Reason::OtherLanguage
            && has_subject
            && same_script
            && qualities.topic == 0.0;
        match fault {
            Some(Fault::Repeated) => opinion = Opinion { fault, reason: Reason::Repeated, confidence: 0.8, ..opinion },
            Some(Fault::Unclear) => opinion = Opinion { fault, reason: Reason::Unclear, confidence: 0.2, ..opinion },
            _ => {}
        }
        Self { answer, opinion: (opinion, matched), by_key_point }
    }
}

impl Opinion {
    fn score(&self, aspect: Aspect) -> f64 {
        let quality = aspect.quality(&self.qualities);
        let judged = match self.content {
            // Well said counts where something of what was asked for is said.
            Some(content) => {
                let share = aspect.content_share();
                let both = share * content + (1.0 - share) * quality * (0.3 + 0.7 * (2.0 * content).min(1.0));
                // Words can miss what is said in other words.
                both.max(BY_QUALITY_ALONE * quality)
            }
            None if self.reason == Reason::OtherLanguage => quality * OTHER_SCRIPT,
            None => quality * if self.is_off_topic { OFF_TOPIC } else { 1.0 },
        };
        match self.fault {
            None => judged.clamp(LEAST, 1.0),
            Some(Fault::Blank) => 0.0,
            Some(Fault::Mash | Fault::Symbols) => LEAST,
            Some(Fault::Copied | Fault::NoAnswer) => NOTHING_SAID,
            Some(Fault::Repeated) => (judged * 0.5).clamp(LEAST, MOST_WITH_FAULT),
            Some(Fault::Unclear) => judged.clamp(LEAST, MOST_WITH_FAULT),
        }
    }
}

/// The opinion of an answer that is compared with what a full answer says.
fn compared(
    target: &Target,
    comparison: &Comparison,
    added: &Added,
    has_reference: bool,
    qualities: Qualities,
    answer: &Text<'_>,
) -> Opinion {
    if added.is_other_script {
        return Opinion { confidence: 0.1, reason: Reason::OtherLanguage, ..on_its_own(qualities) };
    }
    let points = comparison.points(target);
    let (key_points, statements) = points.split_at(target.key_points.min(points.len()));
    let listing = listing(answer, target);
    let coverage = comparison.coverage(target);
    let by_points = (!key_points.is_empty()).then(|| content::of_key_points(key_points) * (1.0 - 0.3 * listing));
    let wording = (has_reference && is_weighed(target)).then(|| comparison.wording(target));
    let of_subject = wording.as_ref().map_or(0.0, Wording::of_subject);
    let worth = wording.map_or(0.0, |wording| wording.worth());
    let by_reference = has_reference.then(|| content::of_reference(&coverage, worth, listing, target.is_unspaced));
    let content = match (by_points, by_reference) {
        _ if answer.telling().next().is_none() => 0.0,
        (Some(points), Some(reference)) => 0.5 * points + 0.5 * reference,
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => 0.0,
    };
    let made = |points: &[f64]| points.iter().filter(|made| is_covered(**made)).count();
    Opinion {
        fault: None,
        qualities,
        content: Some(content),
        is_off_topic: false,
        listing,
        basis: if has_reference { Basis::Reference } else { Basis::KeyPoints },
        // More to compare with makes surer, and a subject that was learned from; answers in the middle are the hardest. What has none of the words may say the same in others, or in another language; and what is denied may be something else.
        confidence: (0.5
            + 0.15 * (target.reference_weight / 20.0).min(1.0)
            + 0.1 * (key_points.len() as f64 / 4.0).min(1.0)
            + 0.1 * (2.0 * content - 1.0).abs()
            + 0.05 * of_subject)
            * (1.0 - 0.6 * content::foreign(&coverage, target.is_unspaced))
            * if coverage.is_denied { 0.4 } else { 1.0 },
        reason: if has_reference {
            Reason::Reference { made: made(statements), all: statements.len() }
        } else {
            Reason::KeyPoints { covered: made(key_points), all: key_points.len() }
        },
    }
}

/// The opinion of an answer that there is nothing to compare with.
fn on_its_own(qualities: Qualities) -> Opinion {
    Opinion {
        fault: None,
        qualities,
        content: None,
        is_off_topic: false,
        listing: 0.0,
        basis: Basis::Heuristic,
        confidence: 0.2 + 0.15 * qualities.substance,
        reason: Reason::Qualities {
            words: (qualities.words.round() as usize).max(1),
            numbers: qualities.numbers,
            names: qualities.names,
            reasons: qualities.reasoning > 0.0,
            result: qualities.result >= 0.5,
        },
    }
}

/// The opinion of an answer that says nothing.
fn without_content(fault: Fault, qualities: Qualities) -> Opinion {
    let (confidence, reason) = match fault {
        Fault::Blank => (1.0, Reason::Blank),
        Fault::Symbols => (0.2, Reason::Symbols),
        Fault::Copied => (0.9, Reason::Copied),
        Fault::Mash => (0.8, Reason::Mash),
        Fault::Repeated => (0.8, Reason::Repeated),
        Fault::Unclear => (0.2, Reason::Unclear),
        Fault::NoAnswer => (0.8, Reason::NoAnswer),
    };
    Opinion { fault: Some(fault), confidence, reason, ..on_its_own(qualities) }
}

/// To four decimals: more would be noise, and could differ between platforms.
fn rounded(value: f64) -> f64 {
    (value.clamp(0.0, 1.0) * 10_000.0).round() / 10_000.0
}
