//! Appends to PostgreSQL against pgbench, on one cluster whose commits wait for the disk.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use vivavoce::{Engine, SessionId};
use vivavoce_test_support::Cluster;

use crate::{ANSWERS, answer, send, sessions};
use vivavoce_test_support::table::{ROUNDS, Target, median, row};

/// Answers of all connections in one round.
const SENDS: usize = 6_000;

/// The same answers in the same number of sessions as the engine's.
fn pgbench(cluster: &Cluster, database: &str, work: &[Vec<SessionId>], each: usize, mode: &str) -> f64 {
    let clients = work.len();
    let rows = work.iter().enumerate().flat_map(|(client, sessions)| {
        sessions.iter().enumerate().map(move |(block, id)| format!("({}, '{id}')", client + clients * block))
    });
    cluster.sql(
        database,
        &format!(
            "CREATE TABLE IF NOT EXISTS public.figures_sessions (place integer PRIMARY KEY, id uuid); \
             TRUNCATE public.figures_sessions; INSERT INTO public.figures_sessions VALUES {}",
            rows.collect::<Vec<_>>().join(", ")
        ),
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/figures/step.pgbench.sql");
    let (count, clients) = (each.to_string(), clients.to_string());
    let output = Command::new(cluster.binaries().join("pgbench"))
        .args(["-n", "-h", "127.0.0.1", "-U", "postgres", "-M", mode, "-t", &count, "-D", "answers=0", "-D", "block=0"])
        .args(["-D", &format!("clients={clients}"), "-D", &format!("most={ANSWERS}")])
        .args(["-D", &format!("answer={}", answer()), "-D", &format!("reply={}", &answer()[..100])])
        .args(["-D", "tenant=default", "-D", "time=2026-01-01 00:00:00Z"])
        .args(["-D", &format!("salt=\\x{}", "07".repeat(16)), "-D", &format!("digest=\\x{}", "ab".repeat(32))])
        .args(["-c", &clients, "-j", &clients, "-p", &cluster.port().to_string(), "-f"])
        .arg(script)
        .arg(database)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    let text = "SELECT bool_and(version = $1) FROM vivavoce.sessions JOIN public.figures_sessions USING (id)";
    let wrote = cluster.sql(database, &text.replace("$1", &(1 + 2 * ANSWERS).to_string()));
    assert_eq!(wrote.trim(), "t", "pgbench wrote something else: {}", String::from_utf8_lossy(&output.stderr));
    rate.unwrap()
}

fn compare(cluster: &Cluster, parameters: &str, mode: &str, connections: usize) {
    let text = answer();
    let database = cluster.new_database();
    let engine = Engine::open(&format!("{}?sslmode=disable{parameters}", cluster.url(&database))).unwrap();
    // Whole sessions for each connection.
    let each = SENDS / connections / ANSWERS * ANSWERS;
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let work = sessions(&engine, connections, each);
        let began = Instant::now();
        std::thread::scope(|scope| {
            for mine in &work {
                scope.spawn(|| send(&engine, mine, each, &text));
            }
        });
        rates[0].push((each * connections) as f64 / began.elapsed().as_secs_f64());
        let work = sessions(&engine, connections, each);
        rates[1].push(pgbench(cluster, &database, &work, each, mode));
    }
    engine.close().unwrap();
    let [ours, theirs] = rates.map(median);
    row(
        &format!("PostgreSQL append, connections: {connections}, against pgbench -M {mode}"),
        ours / theirs,
        "",
        &format!("{ours:.0} against {theirs:.0} calls/s"),
        &Target::AtLeast(0.9),
    );
}

pub(crate) fn figures() {
    let cluster = Cluster::start();
    for connections in [1, 8] {
        compare(&cluster, "", "extended", connections);
        compare(&cluster, "&prepared=yes", "prepared", connections);
    }
}
