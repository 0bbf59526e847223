//! Programs that the service is tested with, which are put into the target directory where they are not.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Runs a command to its end, and gives whether it went well and what it said.
pub(crate) fn run(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), said.concat())
}

/// A program, by its name.
pub(crate) fn tool(name: &str) -> Command {
    static TOOLS: OnceLock<PathBuf> = OnceLock::new();
    let tools = TOOLS.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| here.join("../../target"), PathBuf::from);
        let tools = target.join("rest-tools");
        let wanted = here.join("tests/tools/requirements.txt");
        let (went_well, said) = run(Command::new(here.join("../../scripts/environment")).arg(&tools).arg(wanted));
        assert!(went_well, "{said}");
        tools
    });
    let mut command = Command::new(tools.join("bin").join(name));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    for name in ["PYTHONPATH", "PYTHONHOME"] {
        command.env_remove(name);
    }
    command
}
