//! A table from the keys of words to something small.

/// Open addressing with linear probing: most words of an answer are not in it, which the first slot usually tells. Of a key, the place has a part and the entry another, so that the
/// table fits into the cache of a processor. What is not there is the default. The slots are a power of two, and at most half full.
pub(super) struct Table<T, const SLOTS: usize>(Box<[(u32, T); SLOTS]>);

impl<T: Copy + Default + PartialEq, const SLOTS: usize> Table<T, SLOTS> {
    pub(super) fn new() -> Self {
        Self(Box::new([(0, T::default()); SLOTS]))
    }

    pub(super) fn get(&self, key: u64) -> T {
        self.0[self.slot(key)].1
    }

    pub(super) fn set(&mut self, key: u64, value: T) {
        let slot = self.slot(key);
        self.0[slot] = (part(key), value);
    }

    fn slot(&self, key: u64) -> usize {
        let mut slot = key as usize % SLOTS;
        while self.0[slot].0 != part(key) && self.0[slot].1 != T::default() {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }

    #[cfg(test)]
    pub(super) fn is_at_most_half_full(&self) -> bool {
        self.0.iter().filter(|slot| slot.1 != T::default()).count() * 2 <= SLOTS
    }
}

/// What an entry has of a key.
fn part(key: u64) -> u32 {
    (key >> 32) as u32
}
