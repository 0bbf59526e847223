//! Disks that are full or read-only. Each is a small file system that only the worker sees, in a mount namespace of its own, and that goes away with it.

use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use crate::WORKER;

/// Mounts the file system and runs the worker on it.
const AS_ROOT: &str = r#"mount -t tmpfs -o "size=$2" none "$1" && exec "$3" "$4" "$1""#;
/// For a worker that may not be root: a user other than root is root of a namespace for the mount, and itself again for the worker.
const AS_USER: &str = r#"mount -t tmpfs -o "size=$2,mode=777" none "$1" &&
    exec unshare --user --map-user="$5" --map-group="$6" "$3" "$4" "$1""#;

fn on_small_disk(scenario: &str, size: &str) {
    let directory = tempfile::tempdir().unwrap();
    let own = std::fs::metadata("/proc/self").unwrap();
    let mut command = Command::new("unshare");
    if own.uid() != 0 {
        command.args(["--user", "--map-root-user"]);
    }
    let script = if own.uid() != 0 && scenario == "full-server-disk" { AS_USER } else { AS_ROOT };
    command.args(["--mount", "sh", "-c", script, "disk"]).arg(directory.path()).args([size, WORKER, scenario]);
    command.args([own.uid().to_string(), own.gid().to_string()]);
    let output = command.output().expect("unshare was not found: install the Debian package `util-linux`");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !said.starts_with("unshare: ") && !said.starts_with("mount: "),
        "a small file system takes root's rights, or a system that lets users have namespaces of their own: {said}"
    );
    assert!(output.status.success(), "{scenario}:\n{said}");
}

#[test]
fn a_full_disk_is_a_retryable_error_and_loses_nothing() {
    on_small_disk("full-disk", "8m");
}

#[test]
fn a_servers_full_disk_is_a_retryable_error_and_loses_nothing() {
    on_small_disk("full-server-disk", "64m");
}

#[test]
fn a_read_only_disk_is_a_storage_error() {
    on_small_disk("read-only", "8m");
}
