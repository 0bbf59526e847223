//! The user that servers run as: they refuse to be root.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// A user other than root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerUser {
    /// None where the test process is not root and runs the servers as itself.
    ids: Option<(u32, u32)>,
}

impl ServerUser {
    /// The user of this process, or `postgres`, or else `nobody`, when this is root.
    pub(crate) fn find() -> Self {
        // The owner of /proc/self is the effective user: the standard library does not tell it.
        let root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        if !root {
            return Self { ids: None };
        }
        let users = fs::read_to_string("/etc/passwd").expect("/etc/passwd can be read");
        let ids = |name: &str| {
            users.lines().find_map(|line| {
                let fields: Vec<_> = line.split(':').collect();
                let found = fields.len() > 3 && fields[0] == name;
                found.then(|| Some((fields[2].parse().ok()?, fields[3].parse().ok()?))).flatten()
            })
        };
        let found = ids("postgres").or_else(|| ids("nobody"));
        Self { ids: Some(found.expect("a user `postgres` or `nobody` for servers that refuse to run as root")) }
    }

    /// Makes `command` run as this user.
    pub(crate) fn runs<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if let Some((uid, gid)) = self.ids {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Gives `path` to this user.
    pub(crate) fn owns(&self, path: &Path) {
        if let Some((uid, gid)) = self.ids {
            chown(path, Some(uid), Some(gid)).expect("root may give files away");
        }
    }
}
