//! Threads of a bounded number for calls of the engine, which block, and a bounded queue before them.
//!
//! They are threads of their own, and not the runtime's for blocking work: within a runtime the PostgreSQL driver would make a thread for each call.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// Why something was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDone {
    /// As many as may wait do.
    Full,
    /// The pool was closed.
    Closed,
    /// It panicked.
    Panicked,
    /// It took longer than it may.
    Late,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Job>,
    working: usize,
    closed: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
    limit: usize,
}

/// Threads with a queue before them.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Pool {
    /// Starts the threads; so many jobs may wait for one.
    ///
    /// # Errors
    /// Where the system has no more threads.
    pub fn start(name: &str, threads: usize, limit: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { queue: Mutex::default(), changed: Condvar::new(), limit });
        let thread = |number: usize| {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().name(format!("{name}-{number}")).spawn(move || shared.work())
        };
        let threads: std::io::Result<Vec<_>> = (0..threads).map(thread).collect();
        Ok(Self { threads: Mutex::new(threads?), shared })
    }

    /// Has a thread do this, and waits for it. Who stops waiting stops nothing: what was begun is done.
    ///
    /// # Errors
    /// Where it could not be done.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotDone> {
        let (done, result) = oneshot::channel();
        self.send(Box::new(move || {
            // A failure to send is a caller who left.
            let _ = done.send(work());
        }))?;
        result.await.map_err(|_| NotDone::Panicked)
    }

    fn send(&self, job: Job) -> Result<(), NotDone> {
        let mut queue = self.shared.queue.lock();
        if queue.closed {
            return Err(NotDone::Closed);
        }
        if queue.waiting.len() >= self.shared.limit {
            return Err(NotDone::Full);
        }
        queue.waiting.push_back(job);
        drop(queue);
        self.shared.changed.notify_one();
        Ok(())
    }

    /// How many jobs wait, and how many are being done.
    pub fn load(&self) -> (usize, usize) {
        let queue = self.shared.queue.lock();
        (queue.waiting.len(), queue.working)
    }

    /// Takes no more jobs, and waits until those that it has are done, or it is `until`: then false. Blocks.
    pub fn finish(&self, until: Instant) -> bool {
        let mut queue = self.shared.queue.lock();
        queue.closed = true;
        self.shared.changed.notify_all();
        while queue.working > 0 || !queue.waiting.is_empty() {
            if self.shared.changed.wait_until(&mut queue, until).timed_out() {
                return false;
            }
        }
        true
    }

    /// Takes no more jobs, does those that wait, and ends the threads. Blocks.
    pub fn close(&self) {
        self.shared.queue.lock().closed = true;
        self.shared.changed.notify_all();
        for thread in self.threads.lock().drain(..) {
            // A thread does not panic: its jobs' panics are caught.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn work(&self) {
        let mut queue = self.queue.lock();
        loop {
            match queue.waiting.pop_front() {
                Some(job) => {
                    queue.working += 1;
                    drop(queue);
                    // The caller is told by the channel that the job drops.
                    let _ = catch_unwind(AssertUnwindSafe(job));
                    queue = self.queue.lock();
                    queue.working -= 1;
                    if queue.closed {
                        self.changed.notify_all();
                    }
                }
                None if queue.closed => return,
                None => self.changed.wait(&mut queue),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().build().unwrap()
    }

    #[test]
    fn a_full_queue_refuses_and_what_waits_is_done() {
        let pool = Pool::start("test", 1, 1).unwrap();
        let (begun, is_begun) = mpsc::channel();
        let (go_on, wait) = mpsc::channel::<()>();
        pool.send(Box::new(move || {
            begun.send(()).unwrap();
            wait.recv().unwrap();
        }))
        .unwrap();
        is_begun.recv().unwrap();
        let (done, is_done) = mpsc::channel();
        pool.send(Box::new(move || done.send(()).unwrap())).unwrap();
        assert_eq!(pool.load(), (1, 1));
        assert_eq!(runtime().block_on(pool.run(|| ())), Err(NotDone::Full));
        go_on.send(()).unwrap();
        pool.close();
        is_done.recv().unwrap();
        assert_eq!(runtime().block_on(pool.run(|| ())), Err(NotDone::Closed));
    }

    #[test]
    fn a_pool_is_finished_when_nobody_works_any_more() {
        let pool = Pool::start("test", 1, 2).unwrap();
        let (go_on, wait) = mpsc::channel::<()>();
        pool.send(Box::new(move || wait.recv().unwrap())).unwrap();
        assert!(!pool.finish(Instant::now()));
        go_on.send(()).unwrap();
        assert!(pool.finish(Instant::now() + std::time::Duration::from_secs(60)));
        pool.close();
    }

    #[test]
    fn a_panic_is_the_callers_and_the_thread_goes_on() {
        let pool = Pool::start("test", 1, 4).unwrap();
        let panicked: Result<(), _> = runtime().block_on(pool.run(|| panic!("on purpose")));
        assert_eq!(panicked, Err(NotDone::Panicked));
        assert_eq!(runtime().block_on(pool.run(|| 7)), Ok(7));
    }
}
