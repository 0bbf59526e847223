//! A set of keys that answers quickly whether and where it has one.

/// Distinct keys in rising order. They are hashes, so that their first bits tell nearly where a key is; where keys were made to have the same first bits,
/// finding one takes a binary search, no more.
#[derive(Debug)]
pub(super) struct Keys {
    keys: Vec<u64>,
    /// For each value of the first bits, and for one more, where the keys with it begin.
    firsts: Vec<u32>,
    /// How many bits are not the first ones.
    shift: u32,
}

impl Keys {
    /// The set of these keys, in any order, with doubles or not.
    pub(super) fn new(mut keys: Vec<u64>) -> Self {
        keys.sort_unstable();
        keys.dedup();
        let bits = keys.len().next_power_of_two().trailing_zeros().max(1);
        let shift = u64::BITS - bits;
        let mut firsts = vec![0; (1 << bits) + 1];
        let mut at = 0;
        for (bucket, first) in firsts.iter_mut().enumerate() {
            while keys.get(at).is_some_and(|key| (key >> shift) < bucket as u64) {
                at += 1;
            }
            *first = at as u32;
        }
        Self { keys, firsts, shift }
    }

    /// The key's place in rising order.
    pub(super) fn find(&self, key: u64) -> Option<usize> {
        let bucket = (key >> self.shift) as usize;
        match self.firsts.get(bucket..bucket + 2) {
            Some(&[from, to]) => {
                let from = from as usize;
                self.keys.get(from..to as usize)?.binary_search(&key).ok().map(|place| from + place)
            }
            _ => None,
        }
    }

    /// The key at a place.
    pub(super) fn at(&self, place: usize) -> Option<u64> {
        self.keys.get(place).copied()
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: u64) -> bool {
        self.find(key).is_some()
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_is_found_where_it_stands_and_no_other_is(
            keys in proptest::collection::vec(prop_oneof![any::<u64>(), 0_u64..20, (0_u64..20).prop_map(|low| u64::MAX - low)], 0..200),
            other in any::<u64>(),
        ) {
            let set = Keys::new(keys.clone());
            let mut sorted = keys;
            sorted.sort_unstable();
            sorted.dedup();
            prop_assert_eq!(set.len(), sorted.len());
            for (place, key) in sorted.iter().enumerate() {
                prop_assert_eq!(set.find(*key), Some(place));
            }
            prop_assert_eq!(set.find(other), sorted.binary_search(&other).ok());
        }
    }

    #[test]
    fn nothing_is_in_the_empty_set() {
        assert!(!Keys::new(Vec::new()).has(0) && !Keys::new(Vec::new()).has(u64::MAX));
    }
}
