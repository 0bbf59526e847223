//! Doing the same with many things, several at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

/// Does `work` with each thing and its place, `most` at a time; the results stand in the order of the things, and none is there where the work panicked. Where the system has
/// no more threads, those that there are do it all.
pub(crate) fn each<T: Sync, R: Send>(
    things: &[T],
    most: usize,
    work: impl Fn(usize, &T) -> R + Sync,
) -> Vec<Option<R>> {
    let results: Vec<Mutex<Option<R>>> = things.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let go = || loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        let (Some(thing), Some(result)) = (things.get(place), results.get(place)) else { return };
        let found = catch_unwind(AssertUnwindSafe(|| work(place, thing))).ok();
        *result.lock() = found;
    };
    std::thread::scope(|scope| {
        for _ in 1..most.min(things.len()) {
            let _ = std::thread::Builder::new().spawn_scoped(scope, go);
        }
        go();
    });
    results.into_iter().map(Mutex::into_inner).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn results_stand_in_order_and_a_panic_is_its_own() {
        let things: Vec<usize> = (0..100).collect();
        for most in [0, 1, 3, 200] {
            let found = each(&things, most, |place, thing| {
                assert!(*thing != 7, "the seventh");
                place + thing
            });
            let expected: Vec<Option<usize>> = things.iter().map(|it| (*it != 7).then_some(2 * it)).collect();
            assert_eq!(found, expected);
        }
        assert_eq!(each(&[], 4, |_, (): &()| ()), []);
    }

    #[test]
    fn so_many_are_done_at_a_time() {
        // Nobody passes before all four are there.
        let barrier = Barrier::new(4);
        let leaders = each(&[(); 8], 4, |_, ()| barrier.wait().is_leader());
        assert_eq!(leaders.into_iter().filter(|it| *it == Some(true)).count(), 2);
    }
}
