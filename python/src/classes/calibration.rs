//! What graders teach the built-in evaluator.

use pyo3::prelude::*;

use crate::document::document;

document! {
    /// A straight line from the evaluator's score to a person's: `score + offset + slope * (score - center)`.
    Correction(vivavoce::Correction) {
        /// How much more people give on average.
        offset,
        /// How much more they give for each point of the score above `center`.
        slope,
        /// The evaluator's mean score of the graded answers.
        center,
    }
    shows(offset, slope, center);
}

document! {
    /// What was learned of one question.
    QuestionCorrection(vivavoce::QuestionCorrection) {
        /// The question, by a hash of its text, its reference answer and its key points.
        question,
        /// From how many graded answers.
        answers,
        /// The line, from scores that are corrected for all questions already.
        line,
        /// Words of the reference answer and the key points, by their hashes, in rising order.
        words,
        /// What the graders give for each of them where an answer has it, divided by the square root of how many it has.
        weights,
    }
    shows(question, answers, line);
}

document! {
    /// How near scores are to people's.
    Nearness(vivavoce::Nearness) {
        /// Pearson's correlation, -1 to 1; None where all scores of either are the same.
        pearson,
        /// The root of the mean squared difference, 0 to 1.
        rmse,
    }
    shows(pearson, rmse);
}

document! {
    /// What was learned from graded answers: a small correction of the built-in evaluator's scores. It has no words of anybody in it. See `Engine.calibrate`.
    Calibration(vivavoce::Calibration) {
        /// Its name, 1 to 100 characters.
        name,
        /// Which of this name it is, from 1.
        version,
        /// When it was made (UTC).
        created_at,
        /// The version of the built-in evaluator that it corrects.
        evaluator_version,
        /// How many graded answers it was learned from: those that say something.
        answers,
        /// For every question; None where there were fewer than 50 answers, or most of them said nothing.
        bank,
        /// For the questions with 10 answers, besides; by their hashes, in rising order.
        questions,
        /// How near the scores of the graded answers are to the graders' as they are,
        before,
        /// and corrected, each by what was learned from the others: a fifth of each question's answers is left out in turn.
        after,
    }
    shows(label, answers, before, after);

    /// How interviews, calls and evaluations name it: `name@version`.
    #[getter]
    fn label(&self) -> String {
        self.0.label()
    }
}
