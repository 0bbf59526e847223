//! Calls under way. Each runs on a thread of its own, so that whoever waits for it can be cancelled; identical ones are shared.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::domain::canonical::Sha256Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::patience::Patience;

/// What is heard of a streamed reply while it comes in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The next words.
    Text(String),
    /// What was heard so far does not count: the reply begins again.
    Restart,
}

/// A call that is under way, or has ended.
pub(super) struct Flight<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    outcome: Option<T>,
    heard: VecDeque<Heard>,
    waiting: usize,
}

impl<T: Clone> Flight<T> {
    fn new() -> Self {
        Self { state: Mutex::new(State { outcome: None, heard: VecDeque::new(), waiting: 0 }), changed: Condvar::new() }
    }

    /// Whether anybody still waits for it.
    pub(super) fn is_wanted(&self) -> bool {
        self.state.lock().waiting > 0
    }

    /// Tells what came in.
    pub(super) fn say(&self, heard: Heard) {
        self.state.lock().heard.push_back(heard);
        self.changed.notify_all();
    }

    /// Lets time pass, as long as somebody waits; false when nobody does.
    pub(super) fn pause(&self, pause: Duration) -> bool {
        let end = Instant::now() + pause;
        let mut state = self.state.lock();
        while state.waiting > 0 && !self.changed.wait_until(&mut state, end).timed_out() {}
        state.waiting > 0
    }

    fn land(&self, outcome: T) {
        self.state.lock().outcome = Some(outcome);
        self.changed.notify_all();
    }

    /// Waits for the outcome, giving what is heard meanwhile to `hear`.
    fn wait(&self, patience: &Patience, hear: &mut dyn FnMut(Heard)) -> Result<T> {
        let mut state = self.state.lock();
        loop {
            if let Some(heard) = state.heard.pop_front() {
                parking_lot::MutexGuard::unlocked(&mut state, || hear(heard));
                continue;
            }
            if let Some(outcome) = &state.outcome {
                return Ok(outcome.clone());
            }
            patience.wait(&self.changed, &mut state, "the language model had not replied")?;
        }
    }
}

/// Somebody who waits for a flight.
struct Passenger<T: Clone> {
    flights: Arc<Flights<T>>,
    key: Option<Sha256Digest>,
    flight: Arc<Flight<T>>,
}

impl<T: Clone> Passenger<T> {
    fn board(flights: &Arc<Flights<T>>, key: Option<Sha256Digest>, flight: Arc<Flight<T>>) -> Self {
        flight.state.lock().waiting += 1;
        Self { flights: Arc::clone(flights), key, flight }
    }
}

impl<T: Clone> Drop for Passenger<T> {
    fn drop(&mut self) {
        // Under the lock of those who look for flights to board: what everybody has left may hang, and is not boarded any more.
        let mut under_way = self.flights.under_way.lock();
        let mut state = self.flight.state.lock();
        state.waiting -= 1;
        if state.waiting == 0 {
            remove(&mut under_way, self.key, &self.flight);
        }
        drop((state, under_way));
        self.flight.changed.notify_all();
    }
}

/// Removes a flight, unless another one has its key.
fn remove<T>(under_way: &mut UnderWay<T>, key: Option<Sha256Digest>, flight: &Arc<Flight<T>>) {
    if let Some(key) = key
        && under_way.get(&key).is_some_and(|known| Arc::ptr_eq(known, flight))
    {
        under_way.remove(&key);
    }
}

/// Ends a flight in whatever way its thread ends, a panic included.
struct Landing<T: Clone> {
    flights: Arc<Flights<T>>,
    key: Option<Sha256Digest>,
    flight: Arc<Flight<T>>,
    outcome: Option<T>,
    lost: fn() -> T,
}

impl<T: Clone> Landing<T> {
    fn come_down(&mut self, outcome: T) {
        self.outcome = Some(outcome);
    }
}

impl<T: Clone> Drop for Landing<T> {
    fn drop(&mut self) {
        // Not to be found any more before it has landed, so that nobody boards what is over.
        remove(&mut self.flights.under_way.lock(), self.key, &self.flight);
        self.flight.land(self.outcome.take().unwrap_or_else(self.lost));
    }
}

type UnderWay<T> = HashMap<Sha256Digest, Arc<Flight<T>>>;

/// The calls that are under way.
pub(super) struct Flights<T: Clone> {
    under_way: Mutex<UnderWay<T>>,
}

impl<T: Clone> Default for Flights<T> {
    fn default() -> Self {
        Self { under_way: Mutex::new(HashMap::new()) }
    }
}

impl<T: Clone + Send + 'static> Flights<T> {
    /// The outcome of the call under this key that is under way, or else of `work`, which is begun; and whether it was begun for somebody else. Without a key it is
    /// shared with nobody. `lost` is the outcome of work that panics.
    pub(super) fn fly(
        self: &Arc<Self>,
        key: Option<Sha256Digest>,
        patience: &Patience,
        hear: &mut dyn FnMut(Heard),
        lost: fn() -> T,
        work: impl FnOnce(&Flight<T>) -> T + Send + 'static,
    ) -> Result<(T, bool)> {
        let mut under_way = self.under_way.lock();
        if let Some(flight) = key.and_then(|key| under_way.get(&key)) {
            let passenger = Passenger::board(self, key, Arc::clone(flight));
            drop(under_way);
            return Ok((passenger.flight.wait(patience, hear)?, true));
        }
        let passenger = Passenger::board(self, key, Arc::new(Flight::new()));
        let flight = Arc::clone(&passenger.flight);
        if let Some(key) = key {
            under_way.insert(key, Arc::clone(&flight));
        }
        drop(under_way);
        let mut landing = Landing { flights: Arc::clone(self), key, flight, outcome: None, lost };
        let thread = std::thread::Builder::new().name("vivavoce-model".into());
        let begun = thread.spawn(move || {
            let outcome = work(&landing.flight);
            landing.come_down(outcome);
        });
        if begun.is_err() {
            return Err(
                Error::new(ErrorKind::Internal, "the system has no thread for asking a language model").retryable()
            );
        }
        Ok((passenger.flight.wait(patience, hear)?, false))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;
    use crate::patience::CancelToken;

    fn lost() -> u32 {
        u32::MAX
    }

    #[test]
    fn identical_calls_are_made_once_and_others_are_not_shared() {
        let flights = Arc::new(Flights::default());
        let made = Arc::new(AtomicUsize::new(0));
        let (open, gate) = mpsc::channel::<()>();
        let gate = Mutex::new(Some(gate));
        let at_once = Barrier::new(8);
        let shared = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        at_once.wait();
                        let (made, gate) = (Arc::clone(&made), gate.lock().take());
                        let work = move |_: &Flight<u32>| {
                            made.fetch_add(1, Ordering::SeqCst);
                            if let Some(gate) = gate {
                                gate.recv().unwrap();
                            }
                            7
                        };
                        flights.fly(Some([1; 32]), &Patience::default(), &mut |_| {}, lost, work).unwrap()
                    })
                })
                .collect();
            // Whoever comes waits until all have come.
            while flights.under_way.lock().get(&[1; 32]).is_none_or(|flight| flight.state.lock().waiting < 8) {
                std::thread::yield_now();
            }
            open.send(()).ok();
            callers.into_iter().map(|caller| caller.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(made.load(Ordering::SeqCst), 1);
        assert!(shared.iter().all(|(outcome, _)| *outcome == 7));
        assert_eq!(shared.iter().filter(|(_, shared)| *shared).count(), 7);
        let own = flights.fly(None, &Patience::default(), &mut |_| {}, lost, |_| 8).unwrap();
        assert_eq!(own, (8, false));
        assert!(flights.under_way.lock().is_empty());
    }

    #[test]
    fn a_cancelled_caller_leaves_and_the_work_knows() {
        let flights = Arc::new(Flights::default());
        let cancel = CancelToken::new();
        let patience = Patience { cancel: Some(cancel.clone()), ..Patience::default() };
        let (told, wanted) = mpsc::channel();
        let error = flights
            .fly(None, &patience, &mut |_| {}, lost, move |flight| {
                cancel.cancel();
                told.send(flight.pause(Duration::from_secs(60))).unwrap();
                0
            })
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(!wanted.recv().unwrap());
    }

    #[test]
    fn what_everybody_has_left_is_not_waited_for_by_those_who_come_later() {
        let flights = Arc::new(Flights::default());
        let cancel = CancelToken::new();
        let patience = Patience { cancel: Some(cancel.clone()), ..Patience::default() };
        let (go_on, gate) = mpsc::channel::<()>();
        let hanging = move |_: &Flight<u32>| {
            cancel.cancel();
            gate.recv().unwrap();
            1
        };
        assert!(flights.fly(Some([3; 32]), &patience, &mut |_| {}, lost, hanging).is_err());
        let outcome = flights.fly(Some([3; 32]), &Patience::default(), &mut |_| {}, lost, |_| 2).unwrap();
        assert_eq!(outcome, (2, false));
        go_on.send(()).unwrap();
    }

    #[test]
    fn a_panic_lands_too() {
        let flights = Arc::new(Flights::default());
        let work = |_: &Flight<u32>| -> u32 { std::panic::resume_unwind(Box::new("lost")) };
        let outcome = flights.fly(Some([2; 32]), &Patience::default(), &mut |_| {}, lost, work).unwrap();
        assert_eq!(outcome, (u32::MAX, false));
        assert!(flights.under_way.lock().is_empty());
    }

    #[test]
    fn what_is_said_is_heard_in_order_before_the_outcome() {
        let flights = Arc::new(Flights::default());
        let mut all = Vec::new();
        let mut hear = |heard| all.push(heard);
        let outcome = flights
            .fly(None, &Patience::default(), &mut hear, lost, |flight| {
                flight.say(Heard::Text("a".into()));
                flight.say(Heard::Restart);
                flight.say(Heard::Text("b".into()));
                1
            })
            .unwrap();
        assert_eq!(outcome, (1, false));
        assert!(all == [Heard::Text("a".into()), Heard::Restart, Heard::Text("b".into())]);
    }
}
