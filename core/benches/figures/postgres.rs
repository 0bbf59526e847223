//! Appends to PostgreSQL against pgbench, on one cluster whose commits wait for the disk.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use vivavoce::{Engine, SessionId};
use vivavoce_test_support::Cluster;

use crate::table::{ROUNDS, Target, median, row};
use crate::{answer, send, sessions};

/// Answers of all threads in one round of the engine, and seconds of one round of pgbench.
const SENDS: usize = 4_000;
const SECONDS: &str = "2";

fn pgbench(cluster: &Cluster, database: &str, sessions: &[SessionId], mode: &str) -> f64 {
    let rows = sessions.iter().enumerate().map(|(place, id)| format!("({place}, '{id}')")).collect::<Vec<_>>();
    cluster.sql(
        database,
        &format!(
            "CREATE TABLE IF NOT EXISTS public.figures_sessions (place integer, id uuid); \
             TRUNCATE public.figures_sessions; INSERT INTO public.figures_sessions VALUES {}",
            rows.join(", ")
        ),
    );
    let clients = sessions.len().to_string();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/figures/step.pgbench.sql");
    let output = Command::new(cluster.binaries().join("pgbench"))
        .args(["-n", "-h", "127.0.0.1", "-U", "postgres", "-M", mode, "-D", "version=0", "-T", SECONDS])
        .args(["-c", &clients, "-j", &clients, "-p", &cluster.port().to_string(), "-f"])
        .arg(script)
        .arg(database)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    let wrote =
        cluster.sql(database, "SELECT min(version) FROM vivavoce.sessions JOIN public.figures_sessions USING (id)");
    assert!(
        wrote.trim().parse::<u64>().unwrap() > 20,
        "pgbench wrote nothing: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    rate.unwrap()
}

fn compare(cluster: &Cluster, parameters: &str, mode: &str, connections: usize) {
    let text = answer();
    let database = cluster.new_database();
    let engine = Engine::open(&format!("{}?sslmode=disable{parameters}", cluster.url(&database))).unwrap();
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let each = SENDS / connections;
        let work = sessions(&engine, connections, each);
        let began = Instant::now();
        std::thread::scope(|scope| {
            for mine in &work {
                scope.spawn(|| send(&engine, mine, each, &text));
            }
        });
        rates[0].push((each * connections) as f64 / began.elapsed().as_secs_f64());
        let fresh: Vec<_> = sessions(&engine, connections, 1).concat();
        rates[1].push(pgbench(cluster, &database, &fresh, mode));
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
