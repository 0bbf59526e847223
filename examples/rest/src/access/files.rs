//! Files that others must not read, or not write.
//!
//! A key that others may read signs for them, and so does a list of tokens that others may write. Such files are refused, and not merely warned of: nobody reads warnings of a
//! service that runs. The owner's group may read both (that is how systemd and Kubernetes hand secrets over), and anybody may read a list of tokens, which has nothing but
//! hashes of random numbers.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::tokens::{Key, random};
use crate::config::Refused;

/// The bits of a mode: others, or the group, may write; others may do anything, or the group write.
const OTHERS_WRITE: u32 = 0o022;
const OTHERS: u32 = 0o027;
/// A secret is longer than this nowhere.
const MOST: u64 = 16 * 1024 * 1024;

fn read(path: &Path, forbidden: u32, remedy: &str) -> Result<String, Refused> {
    let wrong = |why: &dyn std::fmt::Display| Refused::wrong(format!("{}: {why}", path.display()));
    let file = File::open(path).map_err(|error| wrong(&error))?;
    // Of the file that is open, so that nobody changes it in between.
    let mode = file.metadata().map_err(|error| wrong(&error))?.mode();
    if mode & forbidden != 0 {
        return Err(wrong(&format_args!("others may get at it (mode {:04o}): {remedy}", mode & 0o7777)));
    }
    let mut text = String::new();
    file.take(MOST).read_to_string(&mut text).map_err(|error| wrong(&error))?;
    Ok(text)
}

/// Reads a list of tokens.
///
/// # Errors
/// Where it cannot be read, or others may write it.
pub(super) fn read_tokens(path: &Path) -> Result<String, Refused> {
    read(path, OTHERS_WRITE, "chmod go-w")
}

/// Reads a secret.
///
/// # Errors
/// Where it cannot be read, or others may read it too.
pub fn read_secret(path: &Path) -> Result<String, Refused> {
    read(path, OTHERS, "chmod 600")
}

/// Reads a key.
///
/// # Errors
/// Where it cannot be read, others may read it too, or it is none.
pub(super) fn read_key(path: &Path) -> Result<Key, Refused> {
    let text = read_secret(path)?;
    let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| Key::try_from(bytes).ok());
    bytes.ok_or_else(|| Refused::wrong(format!("{} is not 32 bytes in base64", path.display())))
}

/// Makes a new key in a new file that nobody else may read.
///
/// # Errors
/// Where the file is there, or cannot be written.
pub fn make_key(path: &Path) -> Result<(), Refused> {
    let wrong = |error: std::io::Error| Refused::wrong(format!("{}: {error}", path.display()));
    let key = random().ok_or_else(|| Refused::wrong("the system has no random numbers"))?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(wrong)?;
    file.write_all(format!("{}\n", STANDARD.encode(key)).as_bytes()).and_then(|()| file.sync_all()).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_new_key_is_its_owners_alone_and_replaces_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        make_key(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let key = read_key(&path).unwrap();
        assert!(make_key(&path).is_err());
        assert_eq!(read_key(&path).unwrap(), key);
        make_key(&folder.path().join("other")).unwrap();
        assert_ne!(read_key(&folder.path().join("other")).unwrap(), key);
    }

    #[test]
    fn files_that_others_may_get_at_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        make_key(&path).unwrap();
        for (mode, key, tokens) in [
            (0o600, true, true),
            (0o440, true, true),
            (0o644, false, true),
            (0o660, false, false),
            (0o640, true, true),
            (0o606, false, false),
        ] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert_eq!((read_key(&path).is_ok(), read_tokens(&path).is_ok()), (key, tokens), "{mode:o}");
        }
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let Err(Refused::Wrong(why)) = read_key(&path) else { panic!("it was read") };
        assert!(why.contains("0644") && why.contains("chmod 600"), "{why}");
    }
}
