//! The wheel against the same use cases with SQLAlchemy's ORM, on SQLite with the same durability.

use std::path::Path;

use vivavoce_test_support::table::{Target, reported, row};

use crate::programs::in_python;
use crate::{Bench, call, in_turns, told};

pub(crate) fn figures(bench: &Bench) {
    let orm = |place: &Path, figure: &str, durability: &str, count: usize, threads: usize| {
        let folder = tempfile::tempdir_in(place).unwrap();
        let numbers = [count.to_string(), threads.to_string()];
        let mut program = bench.program("orm.py");
        program.arg(figure).arg(folder.path().join("of.db")).arg(durability).args(numbers);
        told(program.args([call::plan(), call::answer()]))
    };
    let wheel = |place: &Path, figure: &str, durability: &str, count: usize, threads: usize| {
        let folder = tempfile::tempdir_in(place).unwrap();
        let url = format!("sqlite:{}?durability={durability}", folder.path().join("of.db").display());
        in_python(bench, figure, &url, count, threads)
    };
    // What the wheel does in the same time is counted more often; the second figure is the peer's other way, where it has one.
    let against =
        |place: &Path, name: &str, figure: &str, durability: &str, counts: [usize; 2], threads: usize, least: f64| {
            let other = other(figure, threads);
            let [theirs, ours, others] = in_turns([
                &|| orm(place, figure, durability, counts[0], threads),
                &|| wheel(place, figure, durability, counts[1], threads),
                &|| other.map_or(0.0, |(figure, _)| orm(place, figure, durability, counts[0], threads)),
            ]);
            let name = format!("{name}, times faster than SQLAlchemy");
            let details = |theirs: f64| format!("{:.1} against {:.1} µs", ours / 1e3, theirs / 1e3);
            row(&name, theirs / ours, "", &details(theirs), &Target::AtLeast(least));
            if let Some((_, how)) = other {
                reported(&format!("{name} {how}"), &format!("{:.2} ({})", others / ours, details(others)));
            }
        };
    let disk = bench.directory.path();
    against(disk, "send_message, NORMAL", "send", "normal", [600, 6_000], 1, 12.0);
    // A commit at NORMAL waits for no disk, but what it writes goes to one, from which both sides wait for as long.
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        against(memory, "send_message, NORMAL, files in memory", "send", "normal", [600, 6_000], 1, 12.0);
    }
    against(disk, "send_message, FULL", "send", "full", [600, 1_500], 1, 3.0);
    against(disk, "send_message, FULL, 32 threads", "send", "full", [30, 300], 32, 20.0);
    against(disk, "A session of 21 messages, exact", "exact", "normal", [600, 20_000], 1, 25.0);
    against(disk, "A page of 20 of 1,000 interviews", "list", "normal", [300, 4_000], 1, 15.0);
}

/// Another way in which an application may do it, and what it is.
fn other(figure: &str, threads: usize) -> Option<(&'static str, &'static str)> {
    match (figure, threads) {
        ("send", 1) => Some(("send-planned", "that reads the plan, as it must to know what to ask next")),
        ("send", _) => Some(("send-locked", "whose threads wait for a lock")),
        ("list", _) => Some(("list-rows", "that has questions in rows of their own")),
        _ => None,
    }
}
