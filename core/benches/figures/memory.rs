//! Appends to the store in memory.

use std::time::Instant;

use vivavoce::Engine;

use crate::{answer, send, sessions};
use vivavoce_test_support::table::{ROUNDS, Target, median, row};

const SENDS: usize = 20_000;

pub(crate) fn figures() {
    let text = answer();
    let rounds = (0..ROUNDS).map(|_| {
        let engine = Engine::open("memory:").unwrap();
        let work = sessions(&engine, 2, SENDS);
        let began = Instant::now();
        std::thread::scope(|scope| {
            for mine in &work {
                scope.spawn(|| send(&engine, mine, SENDS, &text));
            }
        });
        2.0 * SENDS as f64 / began.elapsed().as_secs_f64()
    });
    let calls = median(rounds.collect());
    row(
        "memory: messages appended with their events, two threads",
        2.0 * calls,
        "/s",
        &format!("{calls:.0} calls of send_message/s, each appends two messages"),
        &Target::AtLeast(500_000.0),
    );
}
