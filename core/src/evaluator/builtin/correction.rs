//! Learning from an application's graders how scores have to be corrected.
//!
//! For all questions together a straight line; for a question with enough graded answers besides a line of its own, and what each word of its reference is worth to the graders:
//! Bayesian linear regression (ridge) with fixed prior variances, which are what makes a handful of answers move a score a little and many move it more. Only addition,
//! multiplication, division and square roots are used, in a fixed order: the same answers give the same numbers everywhere.

use std::collections::BTreeMap;

use crate::domain::{Calibration, Correction, Nearness, QuestionCorrection};
use crate::domain::{FEWEST_OF_A_BANK, FEWEST_OF_A_QUESTION};

/// The variance of a person's score about what is learned.
const NOISE: f64 = 0.05;
/// The prior variances of a question's offset, of its slope, and of what its words are worth together.
const OFFSET: f64 = 0.02;
const SLOPE: f64 = 0.05;
const WORDS: f64 = 0.05;
/// What so many answers without a difference would do to the line of all questions.
const BANK_OFFSET: f64 = 3.0;
const BANK_SLOPE: f64 = 2.0;
/// Lines do not turn: better answers stay better.
const LEAST_SLOPE: f64 = -0.8;
/// Into so many parts the answers are divided, of which each is left out in turn.
const PARTS: usize = 5;
/// More answers of one question teach nothing more.
const MOST_OF_A_QUESTION: usize = 200;

/// What is known of a graded answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Observation {
    /// The hash of its question.
    pub(crate) question: String,
    /// The evaluator's score, and the words of the reference and the key points that it has, by their hashes, in rising order; none of one that says nothing, which is judged as
    /// ever whatever is learned.
    pub(crate) found: Option<(f64, Vec<u32>)>,
    /// The grader's score.
    pub(crate) graded: f64,
}

/// What was learned: a calibration without its name.
pub(crate) struct Learned {
    pub(crate) bank: Option<Correction>,
    pub(crate) questions: Vec<QuestionCorrection>,
    pub(crate) before: Nearness,
    pub(crate) after: Nearness,
}

/// An answer that says something.
struct Taught<'a> {
    question: &'a str,
    score: f64,
    words: &'a [u32],
    graded: f64,
}

/// Learns from graded answers; none where there are too few of everything. Those that say nothing count, and teach nothing; where most do, nothing is learned.
pub(crate) fn learn(observations: &[Observation]) -> Option<Learned> {
    let taught = observations.iter().filter_map(|it| {
        let (score, words) = it.found.as_ref()?;
        Some(Taught { question: &it.question, score: *score, words, graded: it.graded })
    });
    let mut taught: Vec<Taught<'_>> = taught.collect();
    // The same answers teach the same in any order.
    taught.sort_by(|one, other| {
        let by_score = one.score.total_cmp(&other.score).then(one.words.cmp(other.words));
        one.question.cmp(other.question).then(by_score).then(one.graded.total_cmp(&other.graded))
    });
    let mut given: BTreeMap<&str, usize> = BTreeMap::new();
    for observation in observations {
        *given.entry(&observation.question).or_default() += 1;
    }
    // What is asked for is so many graded answers, of which half have to say something.
    let is_asked = |question: &str| given.get(question).is_some_and(|count| *count >= FEWEST_OF_A_QUESTION);
    let of_bank = if observations.len() >= FEWEST_OF_A_BANK { FEWEST_OF_A_BANK / 2 } else { usize::MAX };
    let all: Vec<&Taught<'_>> = taught.iter().collect();
    let (bank, questions) = fitted(&all, of_bank, FEWEST_OF_A_QUESTION / 2, &is_asked);
    if bank.is_none() && questions.is_empty() {
        return None;
    }
    // Each question's answers are dealt out one by one, beginning where the last question's did not, so that every part has some of each question and as many of all. What is said
    // twice is in one part: what is left out must not be known.
    let mut part = 0;
    let mut before: Option<&Taught<'_>> = None;
    let parts: Vec<usize> = all
        .iter()
        .map(|it| {
            let is_same = |before: &&Taught<'_>| {
                before.question == it.question && before.score == it.score && before.words == it.words
            };
            part += usize::from(!before.as_ref().is_some_and(is_same));
            before = Some(*it);
            part % PARTS
        })
        .collect();
    let mut corrected = vec![0.0; all.len()];
    for part in 0..PARTS {
        let others: Vec<&Taught<'_>> =
            all.iter().zip(&parts).filter(|(_, of)| **of != part).map(|(it, _)| *it).collect();
        // With a part left out there are fewer, of which as much is learned as of all.
        let (bank, questions) = fitted(&others, of_bank / 2, FEWEST_OF_A_QUESTION / 4, &is_asked);
        for (place, observation) in all.iter().enumerate().filter(|(place, _)| parts[*place] == part) {
            corrected[place] = of(bank, find(&questions, observation.question), observation.score, observation.words);
        }
    }
    let graded: Vec<f64> = all.iter().map(|it| it.graded).collect();
    let scores: Vec<f64> = all.iter().map(|it| it.score).collect();
    Some(Learned { bank, questions, before: nearness(&scores, &graded), after: nearness(&corrected, &graded) })
}

impl Calibration {
    /// The corrected score of an answer to a question, 0 to 1; none where nothing was learned that is for it.
    pub(super) fn corrected(&self, question: &str, score: f64, words: &[u32]) -> Option<f64> {
        let question = find(&self.questions, question);
        (self.bank.is_some() || question.is_some()).then(|| of(self.bank, question, score, words))
    }
}

fn find<'a>(questions: &'a [QuestionCorrection], question: &str) -> Option<&'a QuestionCorrection> {
    let place = questions.binary_search_by(|it| it.question.as_str().cmp(question)).ok()?;
    questions.get(place)
}

fn of(bank: Option<Correction>, question: Option<&QuestionCorrection>, score: f64, words: &[u32]) -> f64 {
    let mut corrected = bank.map_or(score, |bank| bank.of(score));
    if let Some(question) = question {
        let worth = |word: &u32| {
            let place = question.words.binary_search(word).ok();
            place.and_then(|place| question.weights.get(place)).copied().unwrap_or(0.0)
        };
        let said: f64 = words.iter().map(worth).sum();
        corrected = question.line.of(corrected) + said / root(words.len());
    }
    corrected.clamp(0.0, 1.0)
}

/// The line of all questions, and what each question adds to it.
fn fitted(
    observations: &[&Taught<'_>],
    fewest_of_bank: usize,
    fewest_of_question: usize,
    is_asked: &dyn Fn(&str) -> bool,
) -> (Option<Correction>, Vec<QuestionCorrection>) {
    let bank = (observations.len() >= fewest_of_bank).then(|| line_of_all(observations));
    let mut by_question: BTreeMap<&str, Vec<&Taught<'_>>> = BTreeMap::new();
    for observation in observations {
        by_question.entry(observation.question).or_default().push(observation);
    }
    let questions = by_question
        .into_iter()
        .filter(|(question, of)| is_asked(question) && of.len() >= fewest_of_question)
        .map(|(question, of)| line_and_words(question, bank, &of[..of.len().min(MOST_OF_A_QUESTION)]))
        .collect();
    (bank, questions)
}

fn line_of_all(observations: &[&Taught<'_>]) -> Correction {
    let count = observations.len() as f64;
    let center = observations.iter().map(|it| it.score).sum::<f64>() / count;
    let (mut d, mut dd, mut e, mut de) = (0.0, 0.0, 0.0, 0.0);
    for it in observations {
        let (above, error) = (it.score - center, it.graded - it.score);
        d += above;
        dd += above * above;
        e += error;
        de += above * error;
    }
    // Two unknowns; the determinant is above zero, as both diagonals are larger than what they are of.
    let (a, b) = (count + BANK_OFFSET, dd + BANK_SLOPE);
    let determinant = a * b - d * d;
    let (offset, slope) = ((e * b - d * de) / determinant, (a * de - d * e) / determinant);
    Correction { offset: short(offset), slope: short(slope.max(LEAST_SLOPE)), center: short(center) }
}

fn line_and_words(question: &str, bank: Option<Correction>, of: &[&Taught<'_>]) -> QuestionCorrection {
    let scores: Vec<f64> =
        of.iter().map(|it| bank.map_or(it.score, |bank| bank.of(it.score)).clamp(0.0, 1.0)).collect();
    let center = scores.iter().sum::<f64>() / of.len() as f64;
    let above: Vec<f64> = scores.iter().map(|score| score - center).collect();
    let mut matrix = vec![vec![0.0; of.len()]; of.len()];
    for row in 0..of.len() {
        for column in 0..=row {
            let (one, other) = (of[row].words, of[column].words);
            let both = shared(one, other) / (root(one.len()) * root(other.len()));
            matrix[row][column] = OFFSET + SLOPE * above[row] * above[column] + WORDS * both;
        }
        matrix[row][row] += NOISE;
    }
    let errors = of.iter().zip(&scores).map(|(it, score)| it.graded - score).collect();
    let duals = solved(matrix, errors);
    let mut worth: BTreeMap<u32, f64> = BTreeMap::new();
    for (it, dual) in of.iter().zip(&duals) {
        for word in it.words {
            *worth.entry(*word).or_default() += WORDS * dual / root(it.words.len());
        }
    }
    let line = Correction {
        offset: short(OFFSET * duals.iter().sum::<f64>()),
        slope: short(
            (SLOPE * duals.iter().zip(&above).map(|(dual, above)| dual * above).sum::<f64>()).max(LEAST_SLOPE),
        ),
        center: short(center),
    };
    let (words, weights) = worth.into_iter().map(|(word, weight)| (word, short(weight))).unzip();
    QuestionCorrection { question: question.to_owned(), answers: of.len() as u32, line, words, weights }
}

/// Solves a symmetric system that is positive definite, of which the lower half is given (Cholesky).
fn solved(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let size = right.len();
    for row in 0..size {
        for column in 0..=row {
            let sum: f64 = (0..column).map(|k| matrix[row][k] * matrix[column][k]).sum();
            let rest = matrix[row][column] - sum;
            matrix[row][column] = if row == column { rest.sqrt() } else { rest / matrix[column][column] };
        }
    }
    for row in 0..size {
        let sum: f64 = (0..row).map(|k| matrix[row][k] * right[k]).sum();
        right[row] = (right[row] - sum) / matrix[row][row];
    }
    for row in (0..size).rev() {
        let sum: f64 = (row + 1..size).map(|k| matrix[k][row] * right[k]).sum();
        right[row] = (right[row] - sum) / matrix[row][row];
    }
    right
}

/// How many words two sorted lists have in common.
fn shared(one: &[u32], other: &[u32]) -> f64 {
    let (mut rest, mut both) = (other, 0);
    for word in one {
        while let [first, after @ ..] = rest
            && first < word
        {
            rest = after;
        }
        both += usize::from(rest.first() == Some(word));
    }
    both as f64
}

fn root(count: usize) -> f64 {
    (count.max(1) as f64).sqrt()
}

/// Six decimals are more than the graders know.
fn short(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn nearness(scores: &[f64], graded: &[f64]) -> Nearness {
    let count = scores.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (x, y) = (mean(scores), mean(graded));
    let (mut xx, mut yy, mut xy, mut squares) = (0.0, 0.0, 0.0, 0.0);
    for (score, grade) in scores.iter().zip(graded) {
        xx += (score - x) * (score - x);
        yy += (grade - y) * (grade - y);
        xy += (score - x) * (grade - y);
        squares += (score - grade) * (score - grade);
    }
    let varies = xx > 1e-12 && yy > 1e-12;
    Nearness { pearson: varies.then(|| short(xy / (xx * yy).sqrt())), rmse: short((squares / count).sqrt()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(question: &str, score: f64, words: &[u32], graded: f64) -> Observation {
        Observation { question: question.into(), found: Some((score, words.into())), graded }
    }

    /// Graders who give `by` more than the evaluator, whatever it gives.
    fn higher(question: &str, count: usize, by: f64) -> Vec<Observation> {
        (0..count).map(|at| (at % 5) as f64 / 10.0).map(|score| observation(question, score, &[], score + by)).collect()
    }

    #[test]
    fn too_few_answers_teach_nothing() {
        assert!(learn(&higher("a", 9, 0.2)).is_none());
        let scattered: Vec<Observation> = (0..49).map(|at| observation(&format!("{at}"), 0.5, &[], 0.7)).collect();
        assert!(learn(&scattered).is_none());
        assert!(learn(&[scattered, higher("b", 1, 0.2)].concat()).is_some());
        assert!(learn(&higher("a", 10, 0.2)).is_some());
        // Those that say nothing were graded too, but cannot be most.
        let mut silent = higher("a", 10, 0.2);
        silent[..5].iter_mut().for_each(|it| it.found = None);
        assert!(learn(&silent).is_some());
        silent[5].found = None;
        assert!(learn(&silent).is_none());
    }

    #[test]
    fn a_question_is_corrected_by_its_own_graders_and_others_by_all() {
        let learned = learn(&[higher("a", 40, 0.3), higher("b", 40, 0.0)].concat()).unwrap();
        let of = |question: &str| of(learned.bank, find(&learned.questions, question), 0.3, &[]);
        assert!((of("a") - 0.6).abs() < 0.03 && (of("b") - 0.3).abs() < 0.03, "{} {}", of("a"), of("b"));
        assert!((of("new") - 0.45).abs() < 0.03, "{}", of("new"));
        assert!(learned.after.rmse < learned.before.rmse / 3.0, "{:?} {:?}", learned.before, learned.after);
    }

    #[test]
    fn what_is_learned_of_many_questions_with_an_answer_each_is_measured_too() {
        let answers =
            (0..60).map(|at| observation(&format!("{at}"), (at % 5) as f64 / 10.0, &[], (at % 5) as f64 / 10.0 + 0.4));
        let learned = learn(&answers.collect::<Vec<_>>()).unwrap();
        assert!(learned.after.rmse < learned.before.rmse / 3.0, "{:?} {:?}", learned.before, learned.after);
    }

    #[test]
    fn words_are_worth_what_the_graders_give_for_them() {
        // Whoever says 7 is right, whoever says 9 is not; the evaluator sees no difference.
        let answers: Vec<Observation> = (0..20)
            .map(|at| {
                let (word, graded) = if at % 2 == 0 { (7, 0.9) } else { (9, 0.1) };
                observation("a", 0.5, &[3, word, 100 + at], graded)
            })
            .collect();
        let learned = learn(&answers).unwrap();
        let of = |words: &[u32]| of(None, find(&learned.questions, "a"), 0.5, words);
        assert!(of(&[3, 7]) > 0.65 && of(&[3, 9]) < 0.35, "{} {}", of(&[3, 7]), of(&[3, 9]));
        assert!((of(&[]) - 0.5).abs() < 0.05 && (of(&[1_000]) - 0.5).abs() < 0.05);
        assert_eq!(learned.before.pearson, None);
        assert!(learned.after.pearson.is_some_and(|r| r > 0.95));
    }

    #[test]
    fn the_same_answers_teach_the_same_in_any_order() {
        let mut answers: Vec<Observation> = (0..30)
            .map(|at| {
                observation(
                    &format!("{}", at % 3),
                    0.1 + 0.02 * f64::from(at),
                    &[at % 7, 10 + at],
                    0.03 * f64::from(at),
                )
            })
            .collect();
        let told = |answers: &[Observation]| {
            let learned = learn(answers).unwrap();
            format!("{:?} {:?} {:?} {:?}", learned.bank, learned.questions, learned.before, learned.after)
        };
        let first = told(&answers);
        answers.reverse();
        assert_eq!(told(&answers), first);
        answers.rotate_left(7);
        assert_eq!(told(&answers), first);
    }

    #[test]
    fn what_was_said_before_is_not_measured_as_if_it_were_new() {
        // The same two answers again and again: what is said of the one tells nothing of the other.
        let answers: Vec<Observation> = (0..20)
            .map(|at| if at % 2 == 0 { observation("a", 0.5, &[3], 0.9) } else { observation("a", 0.5, &[9], 0.1) })
            .collect();
        let learned = learn(&answers).unwrap();
        assert!(learned.after.rmse >= learned.before.rmse, "{:?} {:?}", learned.before, learned.after);
    }

    #[test]
    fn a_line_does_not_turn() {
        let against: Vec<Observation> =
            (0..200).map(|at| (at % 11) as f64 / 10.0).map(|score| observation("a", score, &[], 1.0 - score)).collect();
        let learned = learn(&against).unwrap();
        let at = |score: f64| of(learned.bank, find(&learned.questions, "a"), score, &[]);
        assert!((0..10).all(|step| at(f64::from(step) / 10.0) <= at(f64::from(step + 1) / 10.0)));
    }

    #[test]
    fn a_positive_definite_system_is_solved() {
        let matrix = vec![vec![4.0, 0.0, 0.0], vec![2.0, 5.0, 0.0], vec![0.5, 1.0, 3.0]];
        let x = solved(matrix, vec![4.0 + 4.0 + 1.5, 2.0 + 10.0 + 3.0, 0.5 + 2.0 + 9.0]);
        assert!(x.iter().zip([1.0, 2.0, 3.0]).all(|(one, other)| (one - other).abs() < 1e-12), "{x:?}");
    }
}
