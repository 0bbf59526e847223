//! Disks that are full or read-only. Each is a small file system that only the worker sees, in a mount namespace of its own, and that goes away with it.

use std::process::Command;

use crate::WORKER;

/// Mounts the file system and runs the worker on it. A user other than root becomes root of a namespace for the mount.
const SCRIPT: &str = r#"mount -t tmpfs -o "size=$2" none "$1" && exec "$3" "$4" "$1""#;

fn on_small_disk(scenario: &str, size: &str) {
    let directory = tempfile::tempdir().unwrap();
    let is_root = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0;
    let mut command = Command::new("unshare");
    if !is_root {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "sh", "-c", SCRIPT, "disk"]).arg(directory.path()).args([size, WORKER, scenario]);
    let output = command.output().expect("unshare was not found: install the Debian package `util-linux`");
    assert!(output.status.success(), "{scenario}:\n{}", String::from_utf8_lossy(&output.stderr));
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
