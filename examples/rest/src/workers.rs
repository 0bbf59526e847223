//! Threads that make the evaluations that were left to them.

use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use vivavoce::{CancelToken, Engine};

/// How long a worker waits before it begins again after a failure for good.
const PAUSE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(100);

/// The workers of this process.
pub struct Workers {
    stop: CancelToken,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Workers {
    /// Starts so many.
    ///
    /// # Errors
    /// Where the system has no more threads.
    pub fn start(engine: &Engine, number: usize) -> std::io::Result<Self> {
        let stop = CancelToken::new();
        let thread = |number: usize| {
            let (engine, stop) = (engine.clone(), stop.clone());
            std::thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || until_stopped("a worker", &stop, || engine.run_worker(&stop)))
        };
        let threads: std::io::Result<Vec<_>> = (0..number).map(thread).collect();
        Ok(Self { threads: Mutex::new(threads?), stop })
    }

    /// Stops them; what one had begun is left to others at once. Blocks.
    pub fn close(&self) {
        self.stop.cancel();
        for thread in self.threads.lock().drain(..) {
            let _ = thread.join();
        }
    }
}

/// Does what ends only when it is stopped or fails for good, and begins again a while after a failure. `who` does it, for the log.
pub(crate) fn until_stopped(who: &str, stop: &CancelToken, mut work: impl FnMut() -> vivavoce::Result<u64>) {
    while !stop.is_cancelled() {
        let Err(error) = work() else { return };
        tracing::error!(who, kind = error.kind().as_str(), %error, "failed, and begins again");
        let mut left = PAUSE;
        while !left.is_zero() && !stop.is_cancelled() {
            std::thread::sleep(LOOK);
            left = left.saturating_sub(LOOK);
        }
    }
}
