//! Pages of long and short lists, on SQLite.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, params};
use vivavoce::{Engine, ListInterviews, Order, Paging};

use crate::sessions;
use vivavoce_test_support::table::{ROUNDS, Target, median, row};

const CALLS: usize = 500;
const LIMIT: u32 = 20;

/// Copies of the first interview's row under ids that rise with time.
fn fill(path: &Path, count: u64) {
    let mut connection = Connection::open(path).unwrap();
    let transaction = connection.transaction().unwrap();
    let mut statement = transaction
        .prepare(
            "INSERT INTO interviews (id, tenant, candidate_name, candidate_name_folded, interview_type, interview_language, \
             status, max_answers, created_at, updated_at, questions) SELECT ?1, tenant, ?2, ?2, interview_type, \
             interview_language, status, max_answers, created_at, updated_at, questions FROM interviews WHERE seq = 1",
        )
        .unwrap();
    for number in 1..count {
        let time = format!("{:012x}", 1_700_000_000_000 + number);
        let id = format!("{}-{}-7000-8000-{number:012x}", &time[..8], &time[8..]);
        statement.execute(params![id, format!("name {}", number.wrapping_mul(2_654_435_761) % 1_000_000)]).unwrap();
    }
    drop(statement);
    transaction.commit().unwrap();
}

/// The first page and the last.
fn lists(engine: &Engine, count: u64) -> [ListInterviews; 2] {
    let first = ListInterviews { limit: LIMIT, order: Order::Ascending, ..ListInterviews::default() };
    // One page by offset leads to the last cursor; it is not measured.
    let before = ListInterviews { paging: Paging::Offset(count - 2 * u64::from(LIMIT)), ..first.clone() };
    let cursor = engine.list_interviews(&before).unwrap().next_cursor.unwrap();
    let last = ListInterviews { paging: Paging::Cursor(cursor), ..first.clone() };
    let page = engine.list_interviews(&last).unwrap();
    assert!(page.next_cursor.is_none() && page.interviews.len() == LIMIT as usize);
    [first, last]
}

pub(crate) fn figures() {
    let directory = tempfile::tempdir().unwrap();
    let mut engines = Vec::new();
    for count in [1_000, 1_000_000] {
        let path = directory.path().join(format!("{count}.db"));
        let url = format!("sqlite:{}", path.display());
        let engine = Engine::open(&url).unwrap();
        sessions(&engine, 1, 1);
        engine.close().unwrap();
        fill(&path, count);
        let engine = Engine::open(&url).unwrap();
        let pages = lists(&engine, count);
        engines.push((engine, pages));
    }
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        for (place, times) in times.iter_mut().enumerate() {
            let (engine, pages) = &engines[place / 2];
            let began = Instant::now();
            for _ in 0..CALLS {
                black_box(engine.list_interviews(&pages[place % 2]).unwrap());
            }
            times.push(began.elapsed().as_secs_f64() * 1e6 / CALLS as f64);
        }
    }
    let times = times.map(median);
    let slowest = times.iter().copied().fold(0.0, f64::max);
    let fastest = times.iter().copied().fold(f64::INFINITY, f64::min);
    let details = format!(
        "of 1,000: first {:.0}, last {:.0} µs; of 1,000,000: first {:.0}, last {:.0} µs",
        times[0], times[1], times[2], times[3]
    );
    row("SQLite: slowest of the pages of 20", slowest, " µs", &details, &Target::AtMost(100.0));
    row("SQLite: slowest page against the fastest", slowest / fastest, "", "", &Target::AtMost(1.3));
}
