//! The wheel as people get it: built, looked at, installed into a fresh environment, and tested there by pytest.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../tests/scenarios/running.rs"]
mod running;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use vivavoce_test_support::Cluster;

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn root() -> PathBuf {
    here().parent().unwrap().to_owned()
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs a command to its end, and gives what it printed.
fn done(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{command:?}: {}\n{}\n{}", output.status, printed[0], printed[1]);
    printed.concat()
}

/// A program of the environment that builds and tests.
fn tool(name: &str) -> Command {
    static TOOLS: OnceLock<PathBuf> = OnceLock::new();
    let tools = TOOLS.get_or_init(|| {
        let tools = target().join("python-tools");
        done(Command::new(root().join("scripts/environment")).arg(&tools).arg(here().join("tests/requirements.txt")));
        tools
    });
    let mut command = Command::new(tools.join("bin").join(name));
    // Programs call others of their environment by name, and nothing of this one's environment is theirs.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", tools.join("bin").display()));
    for name in ["PYTHONPATH", "PYTHONHOME", "DATABASE_URL"] {
        command.env_remove(name);
    }
    command
}

/// The wheel and the source distribution, made as `make wheel` makes them, but for the time that optimizing takes: `make bench` measures those that are optimized.
fn built() -> &'static [PathBuf; 2] {
    static BUILT: OnceLock<[PathBuf; 2]> = OnceLock::new();
    BUILT.get_or_init(|| {
        let out = target().join("tested-wheels");
        let _ = std::fs::remove_dir_all(&out);
        let python = tool("python").get_program().to_owned();
        let quick = [("LTO", "off"), ("OPT_LEVEL", "1"), ("CODEGEN_UNITS", "16")];
        let quick = quick.map(|(name, value)| (format!("CARGO_PROFILE_RELEASE_{name}"), value));
        done(Command::new(here().join("wheel")).arg(&out).arg(python).envs(quick));
        let files: Vec<PathBuf> = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path()).collect();
        [".whl", ".tar.gz"].map(|end| {
            let file = files.iter().find(|path| path.to_string_lossy().ends_with(end));
            file.unwrap_or_else(|| panic!("no {end} among {files:?}")).clone()
        })
    })
}

/// A new environment of this Python with the wheel and nothing else; `and_tools` lets it see what the tests import.
fn fresh(python: &Path, directory: &Path, and_tools: bool) -> PathBuf {
    done(Command::new(python).args(["-m", "venv", "--without-pip"]).arg(directory));
    let python = directory.join("bin/python");
    done(
        tool("python")
            .args(["-m", "pip", "--python"])
            .arg(&python)
            .args(["install", "--quiet"])
            .args(["--disable-pip-version-check", "--no-index"])
            .arg(&built()[0]),
    );
    if and_tools {
        let site = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let theirs = done(tool("python").args(["-c", site]));
        let ours = done(Command::new(&python).args(["-c", site]));
        std::fs::write(Path::new(ours.trim()).join("tools.pth"), theirs).unwrap();
    }
    python
}

/// Every Python from 3.10 on that is on this machine, by version.
fn pythons() -> Vec<PathBuf> {
    let found = done(Command::new("sh").arg("-c").arg(
        r#"for python in python3 python3.10 python3.11 python3.12 python3.13 python3.14 "$(pyenv root 2>/dev/null)"/versions/3.*/bin/python3; do
            "$python" -c 'import sys; print("%d.%02d" % sys.version_info[:2], sys.executable)' 2>/dev/null || true
        done"#,
    ));
    let mut pythons: Vec<(&str, &str)> = found.lines().filter_map(|line| line.split_once(' ')).collect();
    pythons.sort_unstable();
    pythons.dedup_by_key(|(version, _)| *version);
    pythons.retain(|(version, _)| *version >= "3.10");
    assert!(!pythons.is_empty(), "there is no Python from 3.10 on");
    pythons.into_iter().map(|(_, path)| PathBuf::from(path)).collect()
}

#[test]
fn pytest_passes_on_the_wheel_on_every_store() {
    let directory = tempfile::tempdir().unwrap();
    let python = tool("python").get_program().to_owned();
    let python = fresh(Path::new(&python), directory.path(), true);
    let server = Cluster::shared();
    done(
        Command::new(python)
            .args(["-m", "pytest", "--quiet", "--strict-markers", "-p", "no:cacheprovider", "-W", "error"])
            .args(["--timeout=300", "--rootdir"])
            .args([here().join("tests"), here().join("tests")])
            // Not the folder that has the package's source: what is tested is what was installed.
            .current_dir(directory.path())
            .env("VIVAVOCE_TEST_POSTGRES", server.create_database())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env_remove("DATABASE_URL"),
    );
}

#[test]
fn every_python_runs_the_wheel_alone_and_the_examples_of_its_documentation() {
    for python in pythons() {
        let directory = tempfile::tempdir().unwrap();
        let python = fresh(&python, directory.path(), false);
        let mut command = Command::new(python);
        done(command.args(["-W", "error"]).arg(here().join("tests/alone.py")).current_dir(directory.path()));
    }
}

#[test]
fn the_wheel_is_what_its_name_says() {
    let [wheel, source] = built();
    let name = wheel.file_name().unwrap().to_string_lossy();
    assert!(name.contains("-cp310-abi3-") && name.contains("manylinux_2_17_x86_64"), "{name}");
    done(tool("twine").args(["check", "--strict"]).args([wheel, source]));
    done(tool("abi3audit").arg("--strict").arg(wheel));
}

#[test]
fn types_are_checked() {
    let directory = tempfile::tempdir().unwrap();
    let python = tool("python").get_program().to_owned();
    let python = fresh(Path::new(&python), directory.path(), true);
    let check = |arguments: &[&str]| {
        done(Command::new(&python).arg("-m").args(arguments).current_dir(here()).env("MYPYPATH", ""));
    };
    check(&["mypy", "--strict", "--no-incremental", "vivavoce", "tests/typing"]);
    check(&["pyright", "--pythonpath", &python.display().to_string(), "vivavoce", "tests/typing"]);
    done(
        Command::new(&python)
            .args(["-m", "mypy.stubtest", "vivavoce", "--mypy-config-file"])
            .arg(here().join("pyproject.toml"))
            .arg("--allowlist")
            .arg(here().join("tests/typing/stubtest.txt"))
            .current_dir(directory.path()),
    );
}

#[test]
fn the_source_distribution_builds() {
    let directory = tempfile::tempdir().unwrap();
    let mut pip = tool("python");
    pip.args(["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]);
    pip.args(["--no-index", "--config-settings", "build-args=--profile dev", "--wheel-dir"]).arg(directory.path());
    done(pip.arg(&built()[1]).env("CARGO_TARGET_DIR", target()));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn python_is_told_what_rust_is_told_on_every_store() {
    let directory = tempfile::tempdir().unwrap();
    let python = tool("python").get_program().to_owned();
    let python = fresh(Path::new(&python), directory.path(), false);
    let interview = running::interview();
    let expected = running::by_rust(&interview);
    let mut all = running::on_every_store(&interview, |path, url| {
        running::told(Command::new(&python).arg(here().join("tests/scenario.py")).arg(path).arg(url))
    });
    for (_, told) in &mut all {
        for (told, expected) in told.iter_mut().zip(&expected) {
            // Where Python refuses an argument in its own words.
            if told.get("message") == Some(&Value::Null) {
                told["message"] = expected["message"].clone();
            }
        }
    }
    running::same(&expected, &all);
}

/// The programs in Python of a page.
fn programs(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    text.split("```python\n").skip(1).map(|rest| rest.split_once("```").unwrap().0.to_owned()).collect()
}

#[test]
fn the_programs_of_the_pages_run_as_they_stand() {
    let directory = tempfile::tempdir().unwrap();
    let python = tool("python").get_program().to_owned();
    let python = fresh(Path::new(&python), &directory.path().join("fresh"), false);
    let mut ran = 0;
    for page in [root().join("README.md"), root().join("docs/python.md"), here().join("README.md")] {
        for program in programs(&page) {
            let own = tempfile::tempdir().unwrap();
            let mut command = Command::new(&python);
            done(command.args(["-W", "error", "-c", &program]).current_dir(own.path()));
            ran += 1;
        }
    }
    assert_eq!(ran, 10);
}
