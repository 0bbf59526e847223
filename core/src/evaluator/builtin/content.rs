//! How much of the content that was asked for an answer has.
//!
//! The weights and the curve are fitted to answers scored by people (by least squares, all weights at least 0). Only addition, multiplication and square roots
//! are used, which IEEE 754 makes the same everywhere.

use super::comparison::Coverage;

/// What denying all statements of the reference costs: modest, as the negation may be about something else.
const DENIED: f64 = 0.12;

/// How well the key points were covered: the mean of the points, of which each counts from a fifth of it on and fully from four fifths.
pub(super) fn of_key_points(points: &[f64]) -> f64 {
    points.iter().map(|point| ramp(*point, 0.2, 0.8)).sum::<f64>() / points.len().max(1) as f64
}

/// Whether a key point counts as covered, where one says covered or not.
pub(super) fn is_covered(point: f64) -> bool {
    point >= 0.5
}

/// How well an answer agrees with the reference.
pub(super) fn of_reference(coverage: &Coverage) -> f64 {
    // The first words of a reference show more than the last: hence the roots.
    let recall = coverage.recall.sqrt();
    let sum = 0.25 * recall
        + 0.15 * coverage.statements.sqrt()
        + 0.1 * coverage.order.sqrt()
        + 0.2 * coverage.precision.sqrt()
        + 0.25 * (1.25 * coverage.length).min(1.0)
        + 0.05 * coverage.numbers;
    // Being long is worth little where hardly a word is that of the reference.
    let sum = sum * (0.3 + 0.7 * (4.0 * recall).min(1.0));
    curve(sum) * (1.0 - DENIED * coverage.denied)
}

/// From the sum to the scale of people who score.
fn curve(sum: f64) -> f64 {
    const CURVE: [(f64, f64); 6] = [(0.0, 0.0), (0.2, 0.15), (0.35, 0.4), (0.55, 0.7), (0.75, 0.88), (0.95, 1.0)];
    let above = CURVE.iter().position(|(from, _)| *from > sum).unwrap_or(CURVE.len());
    match (above.checked_sub(1).and_then(|below| CURVE.get(below)), CURVE.get(above)) {
        (Some((from, low)), Some((to, high))) => low + (high - low) * (sum - from) / (to - from),
        (Some((_, low)), None) => *low,
        (None, _) => 0.0,
    }
}

/// 0 up to `from`, 1 from `to` on, and straight between.
pub(super) fn ramp(value: f64, from: f64, to: f64) -> f64 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_never_less() {
        let mut last = 0.0;
        for step in 0..=100 {
            let all = f64::from(step) / 100.0;
            let coverage = Coverage {
                recall: all,
                statements: all,
                order: all,
                precision: all,
                length: all,
                numbers: all,
                denied: 0.0,
            };
            let score = of_reference(&coverage);
            assert!((last..=1.0).contains(&score), "{all}: {score}");
            last = score;
        }
        assert_eq!(last, 1.0);
    }

    #[test]
    fn key_points_count_alike() {
        assert_eq!(of_key_points(&[1.0, 0.0]), 0.5);
        assert_eq!(of_key_points(&[0.8, 0.9]), 1.0);
        assert_eq!(of_key_points(&[0.1]), 0.0);
    }
}
