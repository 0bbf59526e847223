//! What the wheel costs: the same calls from Rust, from Python over the installed wheel, and as an application has them with SQLAlchemy, in turns: `make bench`.
//!
//! `cargo bench -p vivavoce-python -- calls leaks 10000` measures these parts alone; a number is how often the search for leaks makes each call on the store in memory.
#![allow(clippy::print_stdout, reason = "what was measured is the result")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a measurement may fail in the shortest way")]

mod call;
mod leaks;
mod orm;
mod programs;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use vivavoce_test_support::table::median;

/// How often each side has its turn.
const ROUNDS: usize = 7;

fn done(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{command:?}: {}\n{}\n{}", output.status, printed[0], printed[1]);
    printed[0].clone()
}

/// The Python that measures, and folders for what it writes.
struct Bench {
    python: PathBuf,
    directory: tempfile::TempDir,
}

impl Bench {
    /// Builds the wheel, and installs it and what it is compared with into an environment of their own.
    fn new() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let (tools, wheels) = (target.join("python-tools"), target.join("wheels-measured"));
        done(Command::new(here.join("../scripts/environment")).arg(&tools).arg(here.join("tests/requirements.txt")));
        let _ = std::fs::remove_dir_all(&wheels);
        let built_with = tools.join("bin/python");
        done(Command::new(here.join("wheel")).arg(&wheels).arg(&built_with).env("CARGO_TARGET_DIR", target));
        let files = std::fs::read_dir(wheels).unwrap().map(|entry| entry.unwrap().path());
        let wheel = files.into_iter().find(|path| path.extension().is_some_and(|end| end == "whl")).unwrap();

        let directory = tempfile::tempdir().unwrap();
        let environment = directory.path().join("environment");
        done(Command::new(&built_with).args(["-m", "venv", "--without-pip"]).arg(&environment));
        let python = environment.join("bin/python");
        let install = || {
            let mut pip = Command::new(&built_with);
            pip.args(["-m", "pip", "--python"]).arg(&python);
            pip.args(["install", "--quiet", "--disable-pip-version-check"]);
            pip
        };
        done(install().arg("--no-index").arg(wheel));
        done(install().arg("-r").arg(here.join("benches/boundary/requirements.txt")));
        Self { python, directory }
    }

    /// One of the programs beside this one.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/boundary").join(name));
        // Not the folder that has the package's source: what is measured is what was installed.
        command.current_dir(self.directory.path());
        for name in ["PYTHONPATH", "PYTHONHOME", "DATABASE_URL"] {
            command.env_remove(name);
        }
        command
    }

    /// A folder that was not there before.
    fn new_folder(&self) -> tempfile::TempDir {
        tempfile::tempdir_in(self.directory.path()).unwrap()
    }
}

/// The number that a program prints.
fn told(command: &mut Command) -> f64 {
    done(command).trim().parse().unwrap()
}

/// Medians of rounds in which all take turns. Another begins each time: what comes after something else finds the disk busier.
fn in_turns<const N: usize>(sides: [&dyn Fn() -> f64; N]) -> [f64; N] {
    let mut told = [const { Vec::new() }; N];
    for round in 0..ROUNDS {
        for turn in 0..N {
            let side = (round + turn) % N;
            told[side].push(sides[side]());
        }
    }
    told.map(median)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if let [word, figure, url, count] = arguments.as_slice()
        && word == "call"
    {
        call::call(figure, url, count.parse().unwrap());
        return;
    }
    let calls = arguments.iter().find_map(|word| word.parse().ok()).unwrap_or(1_000_000);
    let wanted: Vec<&String> = arguments.iter().filter(|word| word.parse::<u64>().is_err()).collect();
    let bench = Bench::new();
    let parts: [(&str, &dyn Fn()); 4] = [
        ("calls", &|| programs::calls(&bench)),
        ("orm", &|| orm::figures(&bench)),
        ("process", &|| programs::process(&bench)),
        ("leaks", &|| leaks::figures(&bench, calls)),
    ];
    vivavoce_test_support::table::heading();
    let began = Instant::now();
    for (name, figures) in parts {
        if wanted.is_empty() || wanted.iter().any(|word| *word == name) {
            figures();
        }
    }
    println!("\nMeasured for {:.0} seconds.", began.elapsed().as_secs_f64());
}
