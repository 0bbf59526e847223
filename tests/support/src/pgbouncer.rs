//! PgBouncer before a cluster.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::cluster::Cluster;
use crate::free_port;
use crate::supervisor::Supervised;
use crate::user::ServerUser;

/// A PgBouncer in transaction mode before a [`Cluster`]: what a connection did in one transaction may be gone, or another's, in the next.
#[derive(Debug)]
pub struct PgBouncer {
    server: Supervised,
    port: u16,
}

impl PgBouncer {
    /// Starts one that shares `connections` connections of the server among its clients.
    pub fn start(cluster: &Cluster, connections: u32) -> Self {
        let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].into_iter().find(|path| Path::new(path).exists());
        let program = program.expect("pgbouncer was not found: install the Debian package `pgbouncer`");
        let user = ServerUser::find();
        let directory = Supervised::directory("pgbouncer", user);
        let port = free_port();
        let command = [program.to_owned(), "pgbouncer.ini".to_owned()];
        // A shell's background process ignores QUIT unless it says otherwise, as PostgreSQL does.
        let mut server = Supervised::new(directory.clone(), user, "TERM", &command);
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = users\npool_mode = transaction\n\
             default_pool_size = {connections}\nmax_client_conn = 500\n",
            cluster.port()
        );
        for (name, text) in [("pgbouncer.ini", settings.as_str()), ("users", "\"postgres\" \"\"\n")] {
            fs::write(directory.join(name), text).expect("the directory can be written");
            user.owns(&directory.join(name));
        }
        let pid = server.start();
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let dead = !Path::new(&format!("/proc/{pid}")).exists();
            assert!(!dead && Instant::now() < deadline, "PgBouncer did not start:\n{}", server.log());
            sleep(Duration::from_millis(10));
        }
        Self { server, port }
    }

    /// A URL of `database` through the proxy.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        self.server.log()
    }

    /// Its directory.
    pub fn directory(&self) -> &Path {
        self.server.path()
    }
}
