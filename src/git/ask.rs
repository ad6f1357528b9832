//! Asking git itself, for what the library cannot read: references in a reftable, and formats that nobody here knows.
//!
//! Git sees the program path and what is told here; no configuration of the user or of the system, no hooks, no replaced
//! objects, no other repository than the one that is named.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use super::GitError;
use crate::process::{End, Environment, Job, Purpose, run};

/// References are read and written in moments, even if another program holds their lock for some.
const PATIENCE: Duration = Duration::from_secs(20);

/// More references than fit in here exist only in attacks.
const MOST: usize = 64 << 20;

/// Where programs are found, and what they need to start.
const KEPT: [&str; 4] = ["PATH", "LD_LIBRARY_PATH", "GIT_EXEC_PATH", "SYSTEMROOT"];

const SETTINGS: [(&str, &str); 9] = [
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("LC_ALL", "C"),
];

const CONFIG: [&str; 3] = ["core.hooksPath=/dev/null", "core.commitGraph=false", "reftable.lockTimeout=500"];

/// One question to git.
pub(super) struct Ask<'a> {
    /// Where git runs.
    pub(super) dir: &'a Path,
    /// The command and its arguments, after the options that all questions have.
    pub(super) args: &'a [&'a str],
    /// What git reads.
    pub(super) input: Option<&'a [u8]>,
    /// Further variables.
    pub(super) more: &'a [(&'a str, &'a OsStr)],
}

/// What git answered.
pub(super) struct Answer {
    /// The exit code.
    pub(super) code: i32,
    /// Standard output.
    pub(super) text: String,
    /// The first line of standard error, without git's own prefix.
    pub(super) complaint: String,
}

impl Ask<'_> {
    /// Asks git; an answer with another exit code than 0 is one too.
    pub(super) fn answer(&self) -> Result<Answer, GitError> {
        let config = CONFIG.iter().flat_map(|setting| ["-c", setting]);
        let argv: Vec<String> = ["git"].into_iter().chain(config).chain(self.args.iter().copied()).map(str::to_owned).collect();
        let settings = SETTINGS.iter().map(|(name, value)| (*name, OsStr::new(*value)));
        let set: Vec<(OsString, OsString)> =
            settings.chain(self.more.iter().copied()).map(|(name, value)| (name.into(), value.to_owned())).collect();
        let failed = |cause: String| GitError::Git { what: format!("run `git {}`", self.args.join(" ")), cause };
        let job = Job {
            argv: &argv,
            dir: self.dir,
            input: self.input,
            environment: Environment::Few { kept: &KEPT, set: &set },
            timeout: PATIENCE,
            purpose: Purpose::Answer(MOST),
        };
        let outcome = run(&job).map_err(|error| failed(error.to_string()))?;
        match outcome.end {
            End::Exited(code) => {
                let line = outcome.complaint.lines().find(|line| !line.starts_with("hint:")).unwrap_or_default();
                let complaint = line.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned();
                Ok(Answer { code, text: String::from_utf8_lossy(&outcome.output).into_owned(), complaint })
            }
            End::Signalled(signal) => Err(failed(format!("signal {signal} ended it"))),
            End::TimedOut => Err(failed("it took too long".to_owned())),
            End::TooMuch => Err(failed("its output is too long".to_owned())),
        }
    }
}
