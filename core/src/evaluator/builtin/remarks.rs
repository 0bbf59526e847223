//! Saying what was found: strengths, weaknesses, recommendations, and what a person should look at.

use super::faults::Fault;
use super::judging::{Finding, IS_LIST, Planned};
use crate::domain::{Coverage, InterviewType};
use crate::messages::{Place, Remark};

/// Most remarks of a kind.
const MOST: usize = 5;
/// Below this confidence a person is asked to look.
const UNSURE: f64 = 0.4;
/// Most questions whose key points are named.
const MOST_BY_POINTS: usize = 3;

/// What there is to say about all answers.
#[derive(Debug, Default)]
pub(super) struct Remarks<'a> {
    pub(super) strengths: Vec<Remark<'a>>,
    pub(super) weaknesses: Vec<Remark<'a>>,
    pub(super) recommendations: Vec<Remark<'a>>,
    pub(super) needs_review: Vec<Remark<'a>>,
    /// Key points covered, and all, of the questions that were answered.
    pub(super) key_points: (usize, usize),
    /// What the answers miss, by name, of those that miss most.
    pub(super) missed: Vec<String>,
    /// Of which key points they say a part, by name, of the same.
    pub(super) partly: Vec<String>,
}

/// The key points of one question.
struct ByPoints<'a> {
    at: Place,
    covered: Vec<&'a str>,
    partly: Vec<&'a str>,
    missing: Vec<&'a str>,
}

impl ByPoints<'_> {
    fn lacking(&self) -> usize {
        self.missing.len() + self.partly.len()
    }
}

/// Finds what there is to say.
pub(super) fn remarks<'a>(
    interview_type: InterviewType,
    findings: &[Finding],
    planned: &[Option<Planned<'a>>],
) -> Remarks<'a> {
    let mut remarks = Remarks::default();
    let by_points = by_points(findings, planned);
    for question in &by_points {
        remarks.key_points.0 += question.covered.len();
        remarks.key_points.1 += question.covered.len() + question.lacking();
    }
    if let Some(least) = least(findings, planned) {
        remarks.missed = least.named(Coverage::Missing);
        if !least.key_points().is_empty() {
            remarks.partly = least.named(Coverage::Partly);
            remarks.partly.retain(|name| !remarks.missed.contains(name));
        }
    }
    remarks.strengths = strengths(findings, &by_points);
    let study = weaknesses(&mut remarks, interview_type, findings, by_points);
    recommendations(&mut remarks, interview_type, findings, study);
    for kind in [&mut remarks.strengths, &mut remarks.weaknesses, &mut remarks.recommendations] {
        kind.truncate(MOST);
    }
    let review = |remark: fn(Vec<Place>) -> Remark<'a>, which: fn(&Finding) -> bool| all(findings, remark, which);
    remarks.needs_review.extend(review(|at| Remark::ReviewLanguage { at }, |it| it.is_other_language));
    remarks.needs_review.extend(review(|at| Remark::ReviewNoContent { at }, has_no_content));
    remarks.needs_review.extend(review(|at| Remark::ReviewTopic { at }, |it| it.is_off_topic));
    remarks.needs_review.extend(review(|at| Remark::ReviewUnsure { at }, is_unsure));
    remarks
}

/// The key points of the questions that were answered with something, by rising number.
fn by_points<'a>(findings: &[Finding], planned: &[Option<Planned<'a>>]) -> Vec<ByPoints<'a>> {
    (0_u32..)
        .zip(planned)
        .filter(|(question, _)| {
            let is_of = |finding: &&Finding| finding.planned == Some(*question as usize);
            findings.iter().filter(is_of).any(|finding| finding.fault.is_none() && !finding.is_other_language)
        })
        .filter_map(|(question, planned)| {
            let planned = planned.as_ref()?;
            let points = planned.key_points();
            let of = |coverage: Coverage| {
                let found = points.iter().filter(|point| point.coverage == coverage);
                found.filter_map(|point| planned.key_point(point.point)).collect()
            };
            (!points.is_empty()).then(|| ByPoints {
                at: Place::Question(question + 1),
                covered: of(Coverage::Covered),
                partly: of(Coverage::Partly),
                missing: of(Coverage::Missing),
            })
        })
        .collect()
}

/// The question whose answers are worth least, of those that can be compared.
fn least<'p, 'a>(findings: &[Finding], planned: &'p [Option<Planned<'a>>]) -> Option<&'p Planned<'a>> {
    let compared = findings.iter().filter(|finding| finding.content.is_some());
    let least = compared.reduce(|least, finding| if finding.score < least.score { finding } else { least });
    least.and_then(|finding| planned.get(finding.planned?)?.as_ref())
}

fn strengths<'a>(findings: &[Finding], by_points: &[ByPoints<'a>]) -> Vec<Remark<'a>> {
    let mut strengths = Vec::new();
    let mut best: Vec<_> = by_points.iter().filter(|it| it.covered.len() >= it.lacking().max(1)).collect();
    // The sort is stable: among equals the earlier question comes first.
    best.sort_by_key(|it| std::cmp::Reverse(it.covered.len()));
    let covers = best.into_iter().take(MOST_BY_POINTS);
    strengths.extend(covers.map(|it| Remark::Covers { at: it.at, points: it.covered.clone() }));
    let is_named = |finding: &Finding| by_points.iter().any(|it| it.at == finding.place);
    let agrees = |finding: &Finding| finding.content.is_some_and(|content| content >= 0.75) && !is_named(finding);
    strengths.extend(all(findings, |at| Remark::Agrees { at }, agrees));
    let is_story = |finding: &Finding| is_sound(finding) && finding.qualities.is_whole_story();
    strengths.extend(all(findings, |at| Remark::WholeStory { at }, is_story));
    let specific: Vec<&Finding> =
        findings.iter().filter(|finding| is_sound(finding) && specifics(finding) >= 2).collect();
    if let Some(at) = places(&specific) {
        let count =
            |of: fn(&Finding) -> u32| specific.iter().fold(0_u32, |sum, finding| sum.saturating_add(of(finding)));
        strengths.push(Remark::Specific {
            at,
            numbers: count(|finding| finding.qualities.numbers),
            names: count(|finding| finding.qualities.names),
            examples: count(|finding| finding.qualities.examples),
        });
    }
    let reasons = |finding: &Finding| is_sound(finding) && finding.qualities.reasoning >= 0.7;
    strengths.extend(all(findings, |at| Remark::Reasoned { at }, reasons));
    strengths
}

/// Adds the weaknesses; the key points to go over.
fn weaknesses<'a>(
    remarks: &mut Remarks<'a>,
    interview_type: InterviewType,
    findings: &[Finding],
    mut by_points: Vec<ByPoints<'a>>,
) -> Vec<&'a str> {
    let weaknesses = &mut remarks.weaknesses;
    weaknesses.extend(all(findings, |at| Remark::Blank { at }, |it| it.fault == Some(Fault::Blank)));
    weaknesses.extend(all(findings, |at| Remark::NoContent { at }, has_no_content));
    weaknesses.extend(all(findings, |at| Remark::NoAnswer { at }, |it| it.fault == Some(Fault::NoAnswer)));
    let named: Vec<Place> = by_points.iter().map(|it| it.at).collect();
    by_points.retain(|it| it.lacking() > 0);
    by_points.sort_by_key(|it| std::cmp::Reverse(it.lacking()));
    by_points.truncate(MOST_BY_POINTS);
    let mut study = Vec::new();
    for question in by_points {
        for point in question.missing.iter().chain(&question.partly) {
            if !study.contains(point) {
                study.push(*point);
            }
        }
        if !question.missing.is_empty() {
            weaknesses.push(Remark::Misses { at: question.at, points: question.missing });
        }
        if !question.partly.is_empty() {
            weaknesses.push(Remark::Touches { at: question.at, points: question.partly });
        }
    }
    let disagrees = |it: &Finding| is_off(it) && !named.contains(&it.place);
    weaknesses.extend(all(findings, |at| Remark::Disagrees { at }, disagrees));
    weaknesses.extend(all(findings, |at| Remark::Listed { at }, is_listed));
    weaknesses.extend(all(findings, |at| Remark::Short { at }, is_short));
    weaknesses.extend(all(findings, |at| Remark::Unsupported { at }, is_unsupported));
    if interview_type == InterviewType::Behavioral {
        weaknesses.extend(all(findings, |at| Remark::NoResult { at }, has_no_result));
    }
    study
}

fn recommendations<'a>(
    remarks: &mut Remarks<'a>,
    interview_type: InterviewType,
    findings: &[Finding],
    study: Vec<&'a str>,
) {
    let advice = &mut remarks.recommendations;
    if !study.is_empty() {
        advice.push(Remark::Study { points: study });
    } else {
        advice.extend(all(findings, |at| Remark::StudySubject { at }, is_off));
    }
    let is_open = |it: &Finding| matches!(it.fault, Some(Fault::Blank | Fault::NoAnswer));
    advice.extend(all(findings, |at| Remark::AnswerOpen { at }, is_open));
    advice.extend(all(findings, |at| Remark::OwnWords { at }, |it| has_no_content(it) || is_listed(it)));
    advice.extend(all(findings, |at| Remark::SayMore { at }, is_short));
    advice.extend(all(findings, |at| Remark::Support { at }, is_unsupported));
    if interview_type == InterviewType::Behavioral {
        advice.extend(all(findings, |at| Remark::TellResult { at }, has_no_result));
    }
    if interview_type == InterviewType::Technical {
        let gives_none =
            |it: &Finding| is_sound(it) && !is_short(it) && it.content.is_none() && it.qualities.reasoning == 0.0;
        advice.extend(all(findings, |at| Remark::GiveReasons { at }, gives_none));
    }
}

/// The remark about all answers of which something is true; none where it is of none.
fn all<'a>(
    findings: &[Finding],
    remark: impl Fn(Vec<Place>) -> Remark<'a>,
    which: impl Fn(&Finding) -> bool,
) -> Option<Remark<'a>> {
    places(&findings.iter().filter(|finding| which(finding)).collect::<Vec<_>>()).map(remark)
}

/// The answers that were found, each once: several probes of one question have one name. None where there is none.
fn places(findings: &[&Finding]) -> Option<Vec<Place>> {
    let mut at: Vec<Place> = findings.iter().map(|finding| finding.place).collect();
    at.sort_unstable();
    at.dedup();
    (!at.is_empty()).then_some(at)
}

/// Whether a person has to look because the evaluator is not sure enough; for what was found otherwise there are words of its own.
fn is_unsure(finding: &Finding) -> bool {
    finding.confidence < UNSURE && finding.fault.is_none() && !finding.is_other_language && !finding.is_off_topic
}

/// Whether what the answer says is worth praising for how it is said.
fn is_sound(finding: &Finding) -> bool {
    finding.fault.is_none() && finding.content.is_none_or(|content| content >= 0.4)
}

fn has_no_content(finding: &Finding) -> bool {
    matches!(finding.fault, Some(Fault::Copied | Fault::Mash | Fault::Unclear | Fault::Repeated | Fault::Symbols))
}

fn is_off(finding: &Finding) -> bool {
    finding.fault.is_none() && finding.content.is_some_and(|content| content < 0.4)
}

fn is_listed(finding: &Finding) -> bool {
    finding.fault.is_none() && finding.listing >= IS_LIST
}

fn specifics(finding: &Finding) -> u32 {
    finding.qualities.numbers + finding.qualities.names + finding.qualities.examples
}

/// A short answer that agrees with the reference is not too short.
fn is_short(finding: &Finding) -> bool {
    finding.fault.is_none() && finding.content.is_none_or(|content| content < 0.6) && finding.qualities.substance < 0.4
}

fn is_unsupported(finding: &Finding) -> bool {
    finding.fault.is_none() && finding.content.is_none() && !is_short(finding) && specifics(finding) == 0
}

fn has_no_result(finding: &Finding) -> bool {
    finding.fault.is_none() && !is_short(finding) && finding.qualities.result < 0.4
}
