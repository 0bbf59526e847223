//! Keeping a server on a leash that a killed test process cannot forget to pull.
//!
//! The server's parent is a tiny shell whose standard input is a pipe from the test process. It starts and stops the server on command; when the pipe
//! closes, for whatever reason, it stops the server and removes its directory.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::user::ServerUser;

/// `$1` is the directory, `$2` the signal that ends the server at once, the rest the server's command. Answers each line with one line.
const SCRIPT: &str = r#"
directory=$1
last=$2
shift 2
pid=
stop() {
    if [ -n "$pid" ]; then
        kill "-$1" "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
        pid=
    fi
}
while read -r order signal; do
    case $order in
    start) "$@" >>"$directory/log" 2>&1 </dev/null & pid=$! ;;
    stop) stop "$signal" ;;
    esac
    echo "${pid:-0}"
done
stop "$last"
rm -rf "$directory"
"#;

/// A server with its directory.
#[derive(Debug)]
pub(crate) struct Supervised {
    directory: PathBuf,
    shell: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Supervised {
    /// A new directory that belongs to `user`, under the system's directory for temporary files.
    pub(crate) fn directory(name: &str, user: ServerUser) -> PathBuf {
        let prefix = format!("vivavoce-{name}-");
        let directory = tempfile::Builder::new().prefix(&prefix).tempdir().expect("a temporary directory").keep();
        user.owns(&directory);
        directory
    }

    /// Puts `command`, not started yet, on the leash; `signal` ends it at once.
    pub(crate) fn new(directory: PathBuf, user: ServerUser, signal: &str, command: &[String]) -> Self {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(SCRIPT).arg("supervisor").arg(&directory).arg(signal).args(command);
        // In a process group of its own, so that an interrupt at the terminal reaches the tests alone.
        shell.current_dir(&directory).stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut shell = user.runs(&mut shell).spawn().expect("sh starts");
        let orders = shell.stdin.take();
        let answers = BufReader::new(shell.stdout.take().expect("the output is piped"));
        Self { directory, shell, orders, answers }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.directory
    }

    fn order(&mut self, order: &str) -> u32 {
        let orders = self.orders.as_mut().expect("the supervisor takes orders until it is dropped");
        writeln!(orders, "{order}").expect("the supervisor is there");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the supervisor answers");
        answer.trim().parse().expect("the supervisor answers with a process id")
    }

    /// Starts the server and returns its process id.
    pub(crate) fn start(&mut self) -> u32 {
        self.order("start")
    }

    /// Sends `signal` and waits for the end.
    pub(crate) fn stop(&mut self, signal: &str) {
        self.order(&format!("stop {signal}"));
    }

    /// What the server has written.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    const CHILD: &str = "VIVAVOCE_TEST_CHILD";

    /// What the test below runs in a process of its own.
    #[test]
    fn child() {
        if std::env::var_os(CHILD).is_some() {
            let cluster = crate::Cluster::start();
            let proxy = crate::PgBouncer::start(&cluster, 1);
            println!("directories: {} {}", cluster.socket_directory().display(), proxy.directory().display());
            sleep(Duration::from_secs(60));
        }
    }

    #[test]
    fn no_server_outlives_a_killed_test_process() {
        let mut child = Command::new(std::env::current_exe().expect("the test has a path"));
        child.args(["--exact", "supervisor::tests::child", "--nocapture"]).env(CHILD, "1").stdout(Stdio::piped());
        let mut child = child.spawn().expect("the test starts again");
        let lines = BufReader::new(child.stdout.take().expect("the output is piped")).lines();
        let line = lines.map_while(Result::ok).find_map(|line| Some(line.split_once("directories: ")?.1.to_owned()));
        let directories = line.expect("the child has servers");
        child.kill().expect("a child can be killed");
        child.wait().expect("a child can be waited for");
        let deadline = Instant::now() + Duration::from_secs(20);
        for directory in directories.split(' ') {
            while Path::new(directory).exists() {
                assert!(Instant::now() < deadline, "{directory} is still there");
                sleep(Duration::from_millis(20));
            }
        }
    }
}
