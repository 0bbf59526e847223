//! Whether memory grows while the same call is made again and again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use vivavoce_test_support::table::{Target, row};

use crate::{Bench, done, told};

/// Bytes in the megabyte of the table.
const MEGABYTE: f64 = 1e6;
/// By how much resident memory may grow, in megabytes.
const MOST: f64 = 2.0;
/// How much less often a call is made on SQLite.
const SQLITE: u64 = 10;

/// A kind of call.
struct Kind {
    store: String,
    name: String,
    calls: u64,
    grown: f64,
    took: f64,
}

/// All kinds, each in a process of its own, as many at a time as there are processors: time is not what is measured.
fn measured(bench: &Bench, calls: u64) -> Vec<Kind> {
    let listed = done(bench.program("leaks.py").arg("list"));
    let kinds: Vec<[&str; 3]> =
        listed.lines().map(|line| line.split('\t').collect::<Vec<_>>().try_into().unwrap()).collect();
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some([store, fewer, name]) = kinds.get(next.fetch_add(1, Ordering::Relaxed)) {
            let fewer = fewer.parse::<u64>().unwrap() * if *store == "sqlite" { SQLITE } else { 1 };
            let (calls, folder, began) = (calls / fewer, bench.new_folder(), Instant::now());
            let mut program = bench.program("leaks.py");
            program.args([store, name]).arg(calls.to_string()).current_dir(folder.path());
            let (grown, took) = (told(&mut program) / MEGABYTE, began.elapsed().as_secs_f64());
            let (store, name) = ((*store).to_owned(), (*name).to_owned());
            found.lock().unwrap().push(Kind { store, name, calls, grown, took });
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    found.into_inner().unwrap()
}

pub(crate) fn figures(bench: &Bench, calls: u64) {
    let kinds = measured(bench, calls);
    for store in ["memory", "sqlite"] {
        let mut kinds: Vec<&Kind> = kinds.iter().filter(|kind| kind.store == store).collect();
        kinds.sort_by(|one, other| other.grown.total_cmp(&one.grown));
        let most = kinds.iter().map(|kind| kind.calls).max().unwrap_or(0);
        let fewer = kinds.iter().filter(|kind| kind.calls < most).count();
        // The one that grows most, and every other that grows too much.
        for (place, kind) in kinds.iter().enumerate() {
            if place == 0 {
                let name = format!("{store}: what {} kinds of calls leave in memory, {most} of each", kinds.len());
                let details = format!("the most: {}; of {fewer} kinds a tenth or less", kind.name);
                row(&name, kind.grown, " MB", &details, &Target::AtMost(MOST));
            } else if kind.grown > MOST {
                let name = format!("{store}: what {} calls of {} leave in memory", kind.calls, kind.name);
                row(&name, kind.grown, " MB", "", &Target::AtMost(MOST));
            }
        }
    }
    // Every kind with its time, for whoever looks closer.
    if std::env::var_os("VIVAVOCE_SHOW_LEAKS").is_some() {
        for kind in &kinds {
            println!("{} {} {} {:.2} MB {:.1} s", kind.store, kind.name, kind.calls, kind.grown, kind.took);
        }
    }
}
