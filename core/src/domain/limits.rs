//! How large a value may be, and the checks. Lengths are counted in Unicode scalar values.

use crate::error::{Error, Result};

/// Longest candidate name.
pub const MAX_NAME: usize = 200;
/// Most questions of an interview; at least one is required.
pub const MAX_QUESTIONS: usize = 200;
/// Longest question or follow-up.
pub const MAX_QUESTION: usize = 4_000;
/// Longest job description, and longest résumé.
pub const MAX_JOB_DESCRIPTION: usize = 50_000;
/// Longest message, answer or reference answer.
pub const MAX_MESSAGE: usize = 32_000;
/// Longest tenant, external id, idempotency key, competency name, or name of a person who asked for something.
pub const MAX_LABEL: usize = 200;
/// Most key points of a question.
pub const MAX_KEY_POINTS: usize = 50;
/// Longest key point, level anchor or competency description.
pub const MAX_KEY_POINT: usize = 1_000;
/// Most follow-ups of a question.
pub const MAX_FOLLOW_UPS: usize = 20;
/// Most competencies of a rubric.
pub const MAX_COMPETENCIES: usize = 30;
/// Most levels of a competency.
pub const MAX_LEVELS: usize = 10;
/// Largest weight of a question or competency; weights are above zero.
pub const MAX_WEIGHT: f64 = 1_000.0;
/// Most answers of a session.
pub const MAX_ANSWERS: u32 = 1_000;
/// Longest time limit of a question, in seconds (a day).
pub const MAX_TIME_LIMIT: u32 = 86_400;
/// Most rows of one page of a list.
pub const MAX_PAGE: u32 = 100;

/// Text that has to be there: not blank, at most `max` scalar values, no NUL.
pub(crate) fn required_text(field: &str, text: &str, max: usize) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid_input(format!("{field} is empty")));
    }
    optional_text(field, text, max)
}

/// Text that may be empty: at most `max` scalar values, no NUL.
pub(crate) fn optional_text(field: &str, text: &str, max: usize) -> Result<()> {
    // A scalar value takes at least one byte, so that only long texts are counted.
    if text.len() > max && text.chars().count() > max {
        return Err(Error::invalid_input(format!("{field} is longer than {max} characters")));
    }
    if text.as_bytes().contains(&0) {
        return Err(Error::invalid_input(format!("{field} contains a NUL character")));
    }
    Ok(())
}

/// A count within `1..=max`, or `0..=max` where `min` is 0.
pub(crate) fn count(field: &str, count: usize, min: usize, max: usize) -> Result<()> {
    if count < min || count > max {
        return Err(Error::invalid_input(format!("{field}: {count} given, {min} to {max} allowed")));
    }
    Ok(())
}

/// A finite weight above zero.
pub(crate) fn weight(field: &str, weight: f64) -> Result<()> {
    if !(weight > 0.0 && weight <= MAX_WEIGHT) {
        return Err(Error::invalid_input(format!("{field} is not above 0 and at most {MAX_WEIGHT}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_counted_in_scalar_values() {
        let name = "界".repeat(MAX_NAME);
        assert!(required_text("name", &name, MAX_NAME).is_ok());
        assert!(required_text("name", &format!("{name}界"), MAX_NAME).is_err());
    }

    #[test]
    fn blank_and_nul_are_refused() {
        for text in ["", " \t\n", "\u{3000}", "a\0b"] {
            assert!(required_text("name", text, MAX_NAME).is_err(), "{text:?}");
        }
        assert!(optional_text("résumé", "", MAX_NAME).is_ok());
    }

    #[test]
    fn weights_are_finite_and_above_zero() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, MAX_WEIGHT * 2.0] {
            assert!(weight("weight", bad).is_err(), "{bad}");
        }
        assert!(weight("weight", 0.5).is_ok());
    }
}
