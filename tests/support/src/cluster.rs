//! Private PostgreSQL clusters.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::free_port;
use crate::supervisor::Supervised;
use crate::user::ServerUser;

const START_LIMIT: Duration = Duration::from_secs(60);

/// How a cluster is set up.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    /// Whether commits wait for the disk. Tests of what survives need it; others are faster without.
    pub fsync: bool,
    /// Whether the server offers TLS, with a certificate for `localhost` and `127.0.0.1` by [`Cluster::ca_certificate`].
    pub tls: bool,
    /// Further settings, as in postgresql.conf.
    pub settings: Vec<String>,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self { fsync: true, tls: false, settings: Vec::new() }
    }
}

/// A PostgreSQL server of this process alone, on a loopback port and a Unix socket. The user `postgres` needs no password; any other that a test
/// makes needs its own over TCP. Removed when dropped, or when the process ends in whatever way.
#[derive(Debug)]
pub struct Cluster {
    server: Mutex<Supervised>,
    directory: PathBuf,
    binaries: PathBuf,
    port: u16,
    databases: AtomicU32,
}

impl Cluster {
    /// Starts a cluster with the default options.
    pub fn start() -> Self {
        Self::start_with(&ClusterOptions::default())
    }

    /// Starts a cluster.
    pub fn start_with(options: &ClusterOptions) -> Self {
        let binaries = binaries();
        let user = ServerUser::find();
        let directory = Supervised::directory("pg", user);
        let port = free_port();
        let command = [binaries.join("postgres").display().to_string(), "-D".to_owned(), "data".to_owned()];
        // The leash is there before the first file, so that nothing stays behind.
        let server = Supervised::new(directory.clone(), user, "QUIT", &command);
        let mut initdb = Command::new(binaries.join("initdb"));
        initdb.args(["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        run(user.runs(initdb.current_dir(&directory)));
        let data = directory.join("data");
        let mut settings = vec![
            "listen_addresses = '127.0.0.1'".to_owned(),
            format!("port = {port}"),
            format!("unix_socket_directories = '{}'", directory.display()),
            "max_connections = 200".to_owned(),
            "shared_buffers = '64MB'".to_owned(),
            format!("fsync = {}", if options.fsync { "on" } else { "off" }),
            // The log is for the tests' authors, and holds no values.
            "log_parameter_max_length_on_error = 0".to_owned(),
        ];
        if options.tls {
            certificates(&directory, user);
            settings.push("ssl = on".to_owned());
            settings.push(format!("ssl_cert_file = '{}'", directory.join("server.crt").display()));
            settings.push(format!("ssl_key_file = '{}'", directory.join("server.key").display()));
        }
        settings.extend(options.settings.iter().cloned());
        append(&data.join("postgresql.conf"), &settings.join("\n"));
        let hba =
            "local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        fs::write(data.join("pg_hba.conf"), hba).expect("the cluster's directory can be written");
        let cluster = Self { server: Mutex::new(server), directory, binaries, port, databases: AtomicU32::new(0) };
        cluster.restart();
        cluster
    }

    /// The cluster that the tests of this process share: without fsync, for what needs no disk.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Self::start_with(&ClusterOptions { fsync: false, ..ClusterOptions::default() }))
    }

    fn server(&self) -> MutexGuard<'_, Supervised> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the server where it does not run, on the same port and data, and waits until it answers.
    pub fn restart(&self) {
        let mut server = self.server();
        let pid = server.start();
        let deadline = Instant::now() + START_LIMIT;
        // The server writes its state into the eighth line, as pg_ctl reads it.
        let file = self.directory.join("data/postmaster.pid");
        loop {
            let state = fs::read_to_string(&file).unwrap_or_default();
            let lines: Vec<_> = state.lines().map(str::trim).collect();
            if lines.first() == Some(&pid.to_string().as_str()) && lines.get(7) == Some(&"ready") {
                return;
            }
            let dead = !Path::new(&format!("/proc/{pid}")).exists();
            assert!(!dead && Instant::now() < deadline, "PostgreSQL did not start:\n{}", server.log());
            sleep(Duration::from_millis(10));
        }
    }

    /// Stops the server as a crash would: nothing is written out, the next start recovers.
    pub fn stop_immediate(&self) {
        self.server().stop("QUIT");
    }

    /// Stops the server in order: transactions are rolled back, connections closed.
    pub fn stop_fast(&self) {
        self.server().stop("INT");
    }

    /// The TCP port, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The directory of the Unix socket.
    pub fn socket_directory(&self) -> &Path {
        self.directory.as_path()
    }

    /// The certificate of the authority that the server's is signed by, for clusters with TLS.
    pub fn ca_certificate(&self) -> PathBuf {
        self.directory.join("ca.crt")
    }

    /// The certificate of another authority.
    pub fn other_ca_certificate(&self) -> PathBuf {
        self.directory.join("other.crt")
    }

    /// A URL of `database`, over TCP.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database and returns its name.
    pub fn new_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// Makes a database and returns its URL.
    pub fn create_database(&self) -> String {
        self.url(&self.new_database())
    }

    /// Runs SQL with psql and returns its output: rows as lines, columns separated by `|`.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let mut psql = Command::new(self.binaries.join("psql"));
        psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres", "-c", sql]);
        run(psql.arg("-p").arg(self.port.to_string()).arg("-d").arg(database))
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        self.server().log()
    }

    /// The directory of the server's programs, for tests that run pgbench or pg_dump.
    pub fn binaries(&self) -> &Path {
        &self.binaries
    }

    /// Makes a directory that belongs to the server, in one that the server's user may pass through.
    pub fn server_directory(&self, parent: &Path, name: &str) -> PathBuf {
        let path = parent.join(name);
        fs::create_dir(&path).expect("the parent can be written");
        ServerUser::find().owns(&path);
        path
    }

    /// The directory of the data, for tests that look into the files.
    pub fn data(&self) -> PathBuf {
        self.directory.join("data")
    }
}

/// The newest server's programs: those of Debian's packages, or those in PATH.
fn binaries() -> PathBuf {
    let complete =
        |directory: &PathBuf| ["initdb", "postgres", "psql"].iter().all(|name| directory.join(name).exists());
    let version = |directory: &Path| -> Option<u32> { directory.file_name()?.to_str()?.parse().ok() };
    let mut packaged: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some((version(&entry.as_ref().ok()?.path())?, entry.ok()?.path().join("bin"))))
        .filter(|(_, directory)| complete(directory))
        .collect();
    packaged.sort();
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    packaged
        .pop()
        .map(|(_, directory)| directory)
        .or_else(|| std::env::split_paths(&in_path).find(complete))
        .expect("PostgreSQL's initdb, postgres and psql were not found: install the Debian package `postgresql`")
}

/// Runs a command to its end and returns what it printed.
fn run(command: &mut Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().unwrap_or_else(|error| panic!("{program} does not start: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} failed:\n{said}");
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

fn append(path: &Path, text: &str) {
    let before = fs::read_to_string(path).expect("initdb wrote its configuration");
    fs::write(path, format!("{before}\n{text}\n")).expect("the cluster's directory can be written");
}

/// Two authorities, and a server's certificate by the first of them.
fn certificates(directory: &Path, user: ServerUser) {
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        command.current_dir(directory).args(arguments.split(' '));
        let output = command.output().expect("openssl was not found: install the Debian package `openssl`");
        assert!(output.status.success(), "openssl failed:\n{}", String::from_utf8_lossy(&output.stderr));
    };
    for name in ["ca", "other"] {
        openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=vivavoce-{name} \
             -keyout {name}.key -out {name}.crt"
        ));
    }
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=vivavoce-server -keyout server.key -out server.csr",
    );
    let extensions = "subjectAltName = DNS:localhost, IP:127.0.0.1\nbasicConstraints = CA:FALSE\n";
    fs::write(directory.join("server.ext"), extensions).expect("the cluster's directory can be written");
    openssl(
        "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext -out server.crt",
    );
    for name in ["server.key", "server.crt"] {
        let path = directory.join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("the key's mode can be set");
        user.owns(&path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_comes_back_with_its_data_and_leaves_nothing() {
        let cluster = Cluster::start_with(&ClusterOptions { tls: true, ..ClusterOptions::default() });
        let database = cluster.new_database();
        cluster.sql(&database, "CREATE TABLE kept AS SELECT 42 AS answer");
        cluster.stop_immediate();
        cluster.restart();
        assert_eq!(cluster.sql(&database, "SELECT answer FROM kept"), "42");
        cluster.stop_fast();
        cluster.restart();
        assert_eq!(cluster.sql(&database, "SELECT answer FROM kept"), "42");
        let directory = cluster.socket_directory().to_owned();
        assert!(directory.exists());
        drop(cluster);
        assert!(!directory.exists());
    }
}
