//! What `ffi/install` installs: the names, the symbols, and that C programs are built against it in every way that is said.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn ffi() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn done(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{command:?}: {status}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

/// The names that the header declares as functions.
fn declared() -> BTreeSet<String> {
    let header = std::fs::read_to_string(ffi().parent().unwrap().join("include/vivavoce.h")).unwrap();
    let names = header.match_indices("vv_").filter_map(|(at, _)| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_inside = header[..at].ends_with(is_name);
        let (name, rest) = header[at..].split_at(header[at..].find(|c| !is_name(c))?);
        // A function's name is followed by its parameters; within comments there are none.
        (!is_inside && rest.starts_with('(')).then(|| name.to_owned())
    });
    names.collect()
}

struct Installed {
    prefix: tempfile::TempDir,
}

impl Installed {
    fn new() -> Self {
        let prefix = tempfile::tempdir().unwrap();
        done(Command::new(ffi().join("install")).arg(prefix.path()));
        Self { prefix }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.prefix.path().join(path)
    }

    /// What pkg-config says that a compiler needs.
    fn flags(&self, options: &[&str]) -> Vec<String> {
        let mut command = Command::new("pkg-config");
        command.env("PKG_CONFIG_PATH", self.path("lib/pkgconfig")).args(options).arg("vivavoce");
        done(&mut command).split_whitespace().map(str::to_owned).collect()
    }

    fn runs(&self, program: &Path) {
        let said = done(Command::new(program).arg("memory:").env("LD_LIBRARY_PATH", self.path("lib")));
        assert_eq!(said, "ok\n");
    }
}

#[test]
fn what_is_installed_is_what_is_said() {
    let installed = Installed::new();
    let shared = installed.path("lib/libvivavoce.so");
    let symbols = done(Command::new("nm").args(["-D", "--defined-only"]).arg(&shared));
    let exported: BTreeSet<String> = symbols
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .map(|name| name.trim_end_matches("@@VIVAVOCE_0").to_owned())
        .collect();
    let mut expected = declared();
    expected.insert("VIVAVOCE_0".into());
    assert_eq!(exported, expected);
    let dynamic = done(Command::new("readelf").arg("-d").arg(&shared));
    assert!(dynamic.contains("soname: [libvivavoce.so.0]"), "{dynamic}");

    let stripped = installed.path("stripped.so");
    done(Command::new("strip").arg("-o").arg(&stripped).arg(&shared));
    let size = stripped.metadata().unwrap().len();
    assert!(size <= 8_000_000, "the stripped library has {size} bytes");

    for compiler in ["gcc", "clang"] {
        for source in ["interview.c", "callbacks.c"] {
            let shared = installed.flags(&["--cflags", "--libs"]);
            let mut private = installed.flags(&["--cflags", "--libs", "--static"]);
            // The archive itself, as whoever links one library of many statically says it.
            private.iter_mut().filter(|flag| *flag == "-lvivavoce").for_each(|flag| *flag = "-l:libvivavoce.a".into());
            for (name, flags) in [("shared", shared), ("static", private)] {
                let program = installed.path(&format!("{compiler}-{name}-{source}.out"));
                let source = ffi().join("tests/c").join(source);
                let standard = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-o"];
                done(Command::new(compiler).args(standard).arg(&program).arg(source).args(&flags).arg("-lpthread"));
                installed.runs(&program);
            }
        }
    }

    let project = installed.path("project");
    std::fs::create_dir(&project).unwrap();
    let source = ffi().join("tests/c/interview.c");
    let lists = format!(
        "cmake_minimum_required(VERSION 3.16)\nproject(example C)\nfind_package(Vivavoce 0.1 REQUIRED)\n\
         foreach(kind vivavoce vivavoce_static)\n  add_executable(with_${{kind}} {})\n  \
         target_link_libraries(with_${{kind}} Vivavoce::${{kind}} pthread)\nendforeach()\n",
        source.display()
    );
    std::fs::write(project.join("CMakeLists.txt"), lists).unwrap();
    let prefix = format!("-DCMAKE_PREFIX_PATH={}", installed.prefix.path().display());
    done(Command::new("cmake").arg("-S").arg(&project).arg("-B").arg(project.join("build")).arg(prefix));
    done(Command::new("cmake").arg("--build").arg(project.join("build")));
    installed.runs(&project.join("build/with_vivavoce"));
    installed.runs(&project.join("build/with_vivavoce_static"));
}
