//! Keeping the file's write-ahead log in its place, whatever else this process does with the file.
//!
//! SQLite's locks are POSIX's, which belong to a process and not to who took them: they do not hold against another copy of SQLite in the same process (Python has one of its own), and
//! they are gone as soon as anybody in the process closes any handle of the file, after copying it, say ("How To Corrupt An SQLite Database File", section 2.2, sqlite.org). Then whoever
//! closes the file next takes itself for the last user, and deletes the log that this store goes on writing to.
//!
//! Locks of an open file description (Linux, `F_OFD_SETLK`) hold against everybody, and until they are given back. So this holds, as a reader would, the bytes whose lock SQLite needs to
//! delete the log, and those by which it knows that the log's index is in use. What this cannot do: keep another copy of SQLite in this process from writing.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Weak};

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc::{self, c_short, off_t};
use parking_lot::Mutex;

use crate::error::{Error, Result};

/// The bytes of the database file that a reader locks: `SHARED_FIRST` and `SHARED_SIZE` of SQLite's `os.h`.
const READERS: (off_t, off_t) = (0x4000_0002, 510);
/// The byte of the log's index that its users lock: `UNIX_SHM_DMS` of `os_unix.c`.
const USERS: (off_t, off_t) = (128, 1);

/// The files that are held in this process. They are the process's, as the locks are that they stand in for: closing one handle of a file would let go of all of its POSIX locks, also
/// those of another engine on it.
static HELD: Mutex<Vec<(Inode, Weak<Files>)>> = Mutex::new(Vec::new());

/// A device and the file's number on it.
type Inode = (u64, u64);

struct Files {
    database: File,
    index: File,
}

impl Files {
    fn lock(&self, kind: i32) -> nix::Result<()> {
        for (file, (start, len)) in [(&self.database, READERS), (&self.index, USERS)] {
            let lock = libc::flock {
                l_type: kind as c_short,
                l_whence: libc::SEEK_SET as c_short,
                l_start: start,
                l_len: len,
                l_pid: 0,
            };
            fcntl(file, FcntlArg::F_OFD_SETLK(&lock))?;
        }
        Ok(())
    }
}

/// Holds a file for as long as a store is open on it.
pub(super) struct Guard(Mutex<Option<Arc<Files>>>);

impl Guard {
    /// Holds the file, on which a connection is open that has a write-ahead log.
    pub(super) fn hold(path: &Path) -> Result<Self> {
        Self::try_hold(path).map(|files| Self(Mutex::new(Some(files)))).map_err(|error| {
            Error::storage(format!("the database file cannot be held against this process's other users: {error}"))
        })
    }

    fn try_hold(path: &Path) -> std::io::Result<Arc<Files>> {
        // SQLite has the log beside the file itself, and not beside a link to it.
        let path = path.canonicalize()?;
        let metadata = path.metadata()?;
        let id = (metadata.dev(), metadata.ino());
        let mut held = HELD.lock();
        let known = held.iter().find(|(known, _)| *known == id);
        let files = match known.and_then(|(_, files)| files.upgrade()) {
            Some(files) => files,
            None => {
                let mut index = path.clone().into_os_string();
                index.push("-shm");
                let files = Arc::new(Files { database: File::open(&path)?, index: File::open(index)? });
                held.push((id, Arc::downgrade(&files)));
                files
            }
        };
        // Also where it is there: the one who has it may be about to let go.
        files.lock(libc::F_RDLCK)?;
        Ok(files)
    }

    /// Lets go of the file, unless another engine of this process has it, so that the last connection may delete the log. The handles stay open until all connections are closed.
    pub(super) fn release(&self) {
        let _held = HELD.lock();
        if let Some(files) = self.0.lock().as_ref().filter(|files| Arc::strong_count(files) == 1)
            && let Err(error) = files.lock(libc::F_UNLCK)
        {
            tracing::warn!(errno = error as i32, "an SQLite file was not let go of");
        }
    }

    /// Closes the handles, after all connections.
    pub(super) fn close(&self) {
        // The last handle goes while nobody can take it up again.
        let mut held = HELD.lock();
        self.0.lock().take();
        held.retain(|(_, files)| files.strong_count() > 0);
        held.shrink_to_fit();
    }
}
