//! An answer's own qualities: what can be said of it without knowing what is right.
//!
//! Specifics, reasons and an account in the order situation, action, result are what structured interviews ask for: Janz, "Initial comparisons of
//! patterned behavior description interviews versus unstructured interviews", Journal of Applied Psychology 67 (1982).

use std::cmp::Reverse;

use super::lexicon::{Marks, pair_key};
use super::text::{Text, Word};

/// How many words an answer has that says what a question asked for "in a word" wants to know, one that says neither, and one that is asked to explain.
const EXPECTED: [f64; 3] = [16.0, 40.0, 60.0];
/// The part of words that carry meaning.
const MEANING: f64 = 0.45;
/// What counts, in hundredths of a word: a word, one that says little, and a character that carries meaning, by its place among those. Two make a word; what further ones add is
/// less, so that a name of four characters is worth little more than one of two, or one in letters.
const WORD: u32 = 100;
const VAGUE: u32 = 40;
const CHARACTERS: [u32; 2] = [55, 25];

/// What an answer is like. Counts are exact; the rest is from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Qualities {
    /// How many words an English text of its length has.
    pub(super) words: f64,
    /// Numbers said.
    pub(super) numbers: u32,
    /// Names said that are no person's by their form: who is named, and how often, is no merit.
    pub(super) names: u32,
    /// Examples introduced.
    pub(super) examples: u32,
    /// How much is said that the question does not say, against how much was asked for.
    pub(super) substance: f64,
    /// How specific it is.
    pub(super) specifics: f64,
    /// How much it reasons.
    pub(super) reasoning: f64,
    /// How much it says of when, where and with what aim.
    pub(super) situation: f64,
    /// How much it says of what the speaker did.
    pub(super) action: f64,
    /// How much it says of what came of it.
    pub(super) result: f64,
    /// How well it can be followed.
    pub(super) clarity: f64,
    /// How much it takes up the words of the question and the job.
    pub(super) topic: f64,
}

impl Qualities {
    /// Whether it tells an event from its beginning to its end.
    pub(super) fn is_whole_story(&self) -> bool {
        self.situation >= 0.5 && self.action >= 0.5 && self.result >= 0.5
    }
}

/// Describes an answer; `asked` and `job` are the sorted keys of the words of the question and the job description.
pub(super) fn qualities(question: &Text<'_>, asked: &[u64], answer: &Text<'_>, job: &[u64]) -> Qualities {
    let mut counts = Counts::default();
    let mut said: Vec<(u64, u32)> = Vec::new();
    let (mut run, mut end, mut before) = (0, 0, 0);
    for word in answer.telling().filter(|word| !word.marks.has(Marks::CONTINUED)) {
        counts.add(word);
        // A character beside one that carries grammar is looked for by itself, so that it is the same beside every pronoun and particle.
        let is_pair = word.is_character && word.pair_weight == 1.0;
        run = if word.start == end { run } else { 0 };
        end = word.end;
        if word.weight == 0.0 || word.marks.has(Marks::COMMON) {
            run = 0;
        } else if word.is_character {
            let key = match run {
                _ if is_pair => word.second,
                0 => word.key,
                _ => pair_key(before, 1),
            };
            said.push((key, CHARACTERS[usize::from(run >= 2)]));
            (run, before) = (run + 1, key);
        } else {
            said.push((word.key, if word.weight < 0.5 { VAGUE } else { WORD }));
        }
    }
    said.sort_unstable_by_key(|(key, counted)| (*key, Reverse(*counted)));
    said.dedup_by_key(|(key, _)| *key);
    let telling = || said.iter().filter(|(_, counted)| *counted > VAGUE);
    let is_about = |keys: &[u64]| telling().filter(|(key, _)| keys.binary_search(key).is_ok()).count() as f64;
    let new = said.iter().filter(|(key, _)| asked.binary_search(key).is_err());
    let meaning = f64::from(new.map(|(_, counted)| counted).sum::<u32>()) / f64::from(WORD);
    let words = answer.length();
    Qualities {
        words,
        numbers: counts.numbers,
        names: counts.names,
        examples: counts.examples,
        substance: root(meaning / (expected_words(question) * MEANING)),
        specifics: root((f64::from(counts.numbers) + 0.8 * f64::from(counts.names) + f64::from(counts.examples)) / 4.0),
        reasoning: root(f64::from(counts.reasons) / 4.0),
        situation: root(f64::from(counts.situation) / 3.0),
        action: root(f64::from(counts.action) * if counts.speaker > 0 { 1.0 } else { 0.5 } / 4.0),
        result: root((f64::from(counts.result) + 0.3 * f64::from(counts.numbers.min(3))) / 3.0),
        clarity: clarity(answer, words, &counts),
        topic: root((is_about(asked) + 0.5 * is_about(job)) / 3.0),
    }
}

/// The keys of what words mean, sorted and distinct.
pub(super) fn sorted_keys<'w>(words: impl Iterator<Item = &'w Word>) -> Vec<u64> {
    let meaning = words.filter(|word| word.weight > 0.0 || word.pair_weight > 0.0);
    let mut keys: Vec<u64> = meaning.map(|word| if word.is_character { word.second } else { word.key }).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The square root of what is within 0 to 1: the first of anything shows more than the fifth. IEEE 754 requires it to be exact, unlike a logarithm,
/// so that scores are the same everywhere.
fn root(part: f64) -> f64 {
    part.clamp(0.0, 1.0).sqrt()
}

/// How long an answer the question asks for.
fn expected_words(question: &Text<'_>) -> f64 {
    if question.words.iter().any(|word| word.marks.has(Marks::OPEN)) {
        EXPECTED[2]
    } else if question.length() <= 4.0 || question.source.contains('嗎') {
        EXPECTED[0]
    } else {
        EXPECTED[1]
    }
}

/// What there is in an answer.
#[derive(Default)]
struct Counts {
    words: usize,
    common: usize,
    characters: usize,
    numbers: u32,
    names: u32,
    examples: u32,
    reasons: u32,
    situation: u32,
    action: u32,
    result: u32,
    speaker: u32,
}

impl Counts {
    fn add(&mut self, word: &Word) {
        let count = |mark: Marks| u32::from(word.marks.has(mark));
        self.words += 1;
        self.common += usize::from(word.marks.has(Marks::COMMON));
        self.characters += usize::from(word.is_character);
        self.numbers += count(Marks::NUMBER);
        self.names += count(Marks::TERM);
        self.examples += count(Marks::EXAMPLE);
        self.reasons += count(Marks::REASON) + count(Marks::CONTRAST);
        self.situation += count(Marks::SITUATION);
        self.action += count(Marks::ACTION);
        self.result += count(Marks::RESULT);
        self.speaker += count(Marks::SELF);
    }
}

/// Sentences of a length that can be followed, with the words that join them, in some order.
fn clarity(answer: &Text<'_>, words: f64, counts: &Counts) -> f64 {
    let telling = answer.segments.iter().filter(|segment| !segment.is_idle);
    let sentences = telling.clone().count().max(1) as f64;
    let mean = words / sentences;
    let length = if mean < 6.0 { mean / 6.0 } else { (70.0 - mean).clamp(10.0, 40.0) / 40.0 };
    // So little that prose has more, with and without particles; Chinese has less of such words.
    let enough = if counts.characters * 2 > counts.words { 0.1 } else { 0.2 };
    let prose = (counts.common as f64 / counts.words.max(1) as f64 / enough).min(1.0);
    let order = telling.filter(|segment| segment.marks.has(Marks::SEQUENCE.with(Marks::REASON))).count() as f64;
    0.35 * length + 0.25 * prose + 0.2 * root((sentences - 1.0) / 3.0) + 0.2 * root(order / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(question: &str, answer: &str) -> Qualities {
        let question = Text::read(question);
        qualities(&question, &sorted_keys(question.words.iter()), &Text::read(answer), &[])
    }

    #[test]
    fn what_is_better_has_more_of_the_quality() {
        let asked = "Tell me about a project that you are proud of.";
        type Quality = fn(&Qualities) -> f64;
        let table: [(&str, Quality, &str, &str); 7] = [
            ("substance", |it| it.substance, "I build data pipelines for a bank.", "I do good things and many things."),
            ("specifics", |it| it.specifics, "At Acme I cut 40 minutes to 12.", "At work I cut the time a lot."),
            ("reasoning", |it| it.reasoning, "I chose a queue because bursts came.", "I chose a queue. Bursts came."),
            ("situation", |it| it.situation, "Last year our team had a deadline.", "One should plan well."),
            ("action", |it| it.action, "I wrote and tested the parser.", "A parser is something useful."),
            ("result", |it| it.result, "As a result errors fell by 30 percent.", "There were errors."),
            (
                "clarity",
                |it| it.clarity,
                "First I asked the users. Then I drew a plan. Finally we built it.",
                "users plan build",
            ),
        ];
        for (name, quality, better, worse) in table {
            assert!(quality(&of(asked, better)) > quality(&of(asked, worse)), "{name}");
        }
    }

    #[test]
    fn it_is_the_same_whoever_is_named_and_however_one_speaks() {
        let close = |one: &Qualities, other: &Qualities| {
            let of = |it: &Qualities| {
                [it.substance, it.specifics, it.reasoning, it.situation, it.action, it.result, it.clarity, it.topic]
            };
            of(one).iter().zip(of(other)).all(|(one, other)| (one - other).abs() < 0.02)
        };
        let told = |name: &str, they: &str, end: &str, because: &str| {
            of(
                "Tell me about feedback.",
                &format!(
                    "{name} told me that my reports were long{end}. I thanked {they} for it, {because} {they} read every report and I want to learn from that. {name} liked the next one{end}."
                ),
            )
        };
        let usual = told("Emily", "her", "", "because");
        for (name, they, end, because) in [
            ("Nguyễn Văn An", "him", "", "because"),
            ("Mr Smith", "hir", ", innit", "because"),
            ("D'Angelo", "them", " lah", "'cause"),
            ("Wei", "xem", ", so it is", "cos"),
        ] {
            assert!(
                close(&told(name, they, end, because), &usual),
                "{name}: {:?} {usual:?}",
                told(name, they, end, because)
            );
        }
        let told = |name: &str, they: &str, end: &str| {
            of(
                "你怎麼面對批評？",
                &format!(
                    "主管{name}說我的報告很長{end}，我謝謝{they}，因為{they}每一份都仔細讀完了{end}。下一份從十二頁改成三頁，{they}一個晚上就看完，沒有漏掉重要的數字{end}。"
                ),
            )
        };
        let usual = told("志明", "他", "");
        for (name, they, end) in [("Emily", "TA", "啦"), ("王女士", "她", "喔"), ("阿里", "他", "唄")] {
            assert!(close(&told(name, they, end), &usual), "{name}: {:?} {usual:?}", told(name, they, end));
        }
    }

    #[test]
    fn chinese_answers_have_the_same_qualities() {
        let told = of(
            "請分享一個專案。",
            "去年我在台積電負責良率專案，首先分析資料，因為報表很慢。最後把時間從兩小時縮到十分鐘。",
        );
        assert!(told.is_whole_story(), "{told:?}");
        assert!(told.specifics > 0.5 && told.reasoning > 0.4 && told.substance > 0.5, "{told:?}");
    }
}
