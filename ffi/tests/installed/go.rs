//! The Go package and its example: vetted, and their own tests under the race detector on every store.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::process::Command;

use super::{done, root, stores, with_library};

/// Go in a folder of the repository. It is to use what is here: other versions of Go are not to be fetched. Its cache knows no headers outside of a package, so that ours has to
/// be in its flags.
pub(crate) fn go(folder: &str) -> Command {
    let mut hasher = DefaultHasher::new();
    std::fs::read(root().join("include/vivavoce.h")).unwrap().hash(&mut hasher);
    let mut command = with_library("go");
    command
        .current_dir(root().join(folder))
        .env("GOFLAGS", "-mod=mod")
        .env("GOTOOLCHAIN", "local")
        .env("CGO_CFLAGS", format!("-O2 -g -DVIVAVOCE_HEADER={}", hasher.finish()));
    command
}

fn is_tested(folder: &str, directory: &Path) {
    let unformatted = done(Command::new("gofmt").arg("-l").arg(root().join(folder)));
    assert!(unformatted.is_empty(), "{unformatted}");
    done(go(folder).args(["vet", "./..."]));
    let stores = stores(directory).join(" ");
    done(go(folder).args(["test", "-race", "-count=1", "./..."]).env("VIVAVOCE_TEST_STORES", stores));
}

#[test]
fn the_package_and_the_example_are_vetted_and_pass_their_tests() {
    let directory = tempfile::tempdir().unwrap();
    is_tested("ffi/go", directory.path());
    is_tested("examples/go", directory.path());
}
