//! Real processes: each is killed, by its own id, when its handle is dropped.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use article::clock::Clock;

/// How often a condition is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// A process whose log goes to a file.
pub(crate) struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts khobor; its standard error is appended to `log`.
    pub(crate) fn start(arguments: &[&str], log: &Path) -> Self {
        let mut command = Command::new(khobor());
        command.args(arguments);
        Self::spawn(command, log)
    }

    /// Starts a command that becomes khobor; its standard error is appended to `log`.
    pub(crate) fn spawn(mut command: Command, log: &Path) -> Self {
        let file = File::options()
            .create(true)
            .append(true)
            .open(log)
            .unwrap_or_else(|error| panic!("{} cannot be opened: {error}", log.display()));
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
        Self { child, log: log.to_owned() }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it said so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be asked")
    }

    /// SIGKILL, as a crash would, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM; how it ended, or nothing if it still runs after `patience`.
    pub(crate) fn terminate(&mut self, patience: Duration) -> Option<ExitStatus> {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill can be run");
        assert!(sent.success(), "process {id} could not be signalled");
        self.ends(patience)
    }

    /// Waits for its end.
    pub(crate) fn ends(&mut self, patience: Duration) -> Option<ExitStatus> {
        let mut status = None;
        until(patience, || {
            status = self.ended();
            status.is_some()
        });
        status
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs khobor to its end.
pub(crate) fn ask(arguments: &[&str]) -> Output {
    Command::new(khobor())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("khobor cannot be run: {error}"))
}

/// What a process wrote to standard output.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a process wrote to standard error.
pub(crate) fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Whether the condition came true in time.
pub(crate) fn until(patience: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let clock = Clock::system();
    loop {
        if condition() {
            return true;
        }
        if clock.monotonic() >= patience {
            return false;
        }
        std::thread::sleep(GLANCE);
    }
}

/// The binary: that of this build, for tests; beside the examples' folder, for examples.
pub(crate) fn khobor() -> PathBuf {
    if let Some(path) = option_env!("CARGO_BIN_EXE_khobor") {
        return PathBuf::from(path);
    }
    let example = std::env::current_exe().expect("a program knows where it is");
    let folder = example.parent().and_then(Path::parent).expect("examples lie in a folder");
    folder.join("khobor")
}
