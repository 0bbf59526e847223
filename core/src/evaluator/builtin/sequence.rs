//! How much of the order of a text another one keeps.

/// Most words of a text whose order is looked at.
const MOST: usize = 512;

/// A text's words in their order, made ready to find the longest common subsequence with others.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    /// How many words there are.
    pub(super) words: usize,
    /// For each unit, a bit for each place where it stands.
    places: Vec<u64>,
    /// How many numbers hold those bits.
    stride: usize,
}

/// The longest common subsequence so far, as the bits that Crochemore, Iliopoulos, Pinzon and Reid count, "A fast and practical bit-vector algorithm for the longest common
/// subsequence problem", Information Processing Letters 80 (2001): a bit is cleared for each word that it is longer by.
#[derive(Debug)]
pub(super) struct Common(Vec<u64>);

impl Sequence {
    /// The sequence of these units, of which there are so many.
    pub(super) fn new(sequence: impl Iterator<Item = usize>, units: usize) -> Self {
        let sequence: Vec<usize> = sequence.take(MOST).collect();
        let stride = sequence.len().div_ceil(64);
        let mut places = vec![0; units * stride];
        for (place, unit) in sequence.iter().enumerate() {
            if let Some(bits) = places.get_mut(unit * stride + place / 64) {
                *bits |= 1 << (place % 64);
            }
        }
        Self { words: sequence.len(), places, stride }
    }

    /// Nothing in common so far.
    pub(super) fn start(&self) -> Common {
        Common(vec![u64::MAX; self.stride])
    }

    /// Adds the next word of the other text.
    pub(super) fn add(&self, common: &mut Common, unit: usize) {
        let mut carry = false;
        let places = self.places.get(unit * self.stride..).unwrap_or_default();
        for (bits, places) in common.0.iter_mut().zip(places) {
            let hits = *bits & places;
            let (sum, over) = bits.overflowing_add(hits);
            let (sum, carried) = sum.overflowing_add(u64::from(carry));
            carry = over || carried;
            *bits = sum | (*bits & !places);
        }
    }

    /// How much of the sequence both have, from 0 to 1.
    pub(super) fn share(&self, common: &Common) -> f64 {
        let cleared = |(place, bits): (usize, &u64)| {
            let there = self.words - place * 64;
            let bits = if there < 64 { *bits | u64::MAX << there } else { *bits };
            bits.count_zeros()
        };
        f64::from(common.0.iter().enumerate().map(cleared).sum::<u32>()) / self.words.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By the textbook's table.
    fn longest(one: &[usize], other: &[usize]) -> usize {
        let mut row = vec![0; other.len() + 1];
        for a in one {
            let mut diagonal = 0;
            for (place, b) in other.iter().enumerate() {
                let up = row[place + 1];
                row[place + 1] = if a == b { diagonal + 1 } else { up.max(row[place]) };
                diagonal = up;
            }
        }
        row[other.len()]
    }

    proptest! {
        #[test]
        fn it_is_the_longest_common_subsequence(
            one in proptest::collection::vec(0_usize..9, 0..200),
            other in proptest::collection::vec(0_usize..9, 0..200),
        ) {
            let sequence = Sequence::new(one.iter().copied(), 9);
            let mut common = sequence.start();
            for unit in &other {
                sequence.add(&mut common, *unit);
            }
            let expected = longest(&one, &other) as f64 / one.len().max(1) as f64;
            prop_assert_eq!(sequence.share(&common), expected);
        }
    }
}
