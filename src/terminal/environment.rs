//! The only place that asks the environment, the clock and the machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::git::settings;
use crate::workspace::Error;

/// A variable of the environment, if it is text and not empty.
pub fn variable(name: &str) -> Option<String> {
    #[allow(clippy::disallowed_methods, reason = "this is the room for it")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The words of a setting as an argument vector, with the home in place of `~`. Nothing, where they name no program.
pub fn argv(mut words: Vec<String>) -> Option<Vec<String>> {
    let program = words.first().filter(|word| !word.is_empty())?;
    if let (Some(rest), Some(home)) = (program.strip_prefix("~/"), home()) {
        words[0] = home.join(rest).display().to_string();
    }
    Some(words)
}

/// A variable of the environment, if it is text; also an empty one, where that says something.
pub fn raw_variable(name: &str) -> Option<String> {
    #[allow(clippy::disallowed_methods, reason = "this is the room for it")]
    std::env::var(name).ok()
}

/// The root that OMEGA_ROOT says.
///
/// # Errors
/// Where it is set and empty, as forges hand on a variable that nobody has set, and where it is not a root.
pub fn root() -> Result<Option<Digest>, Error> {
    #[allow(clippy::disallowed_methods, reason = "this is the room for it")]
    let Some(set) = std::env::var_os("OMEGA_ROOT") else { return Ok(None) };
    let text = set.to_string_lossy();
    if text.trim().is_empty() {
        return Err(Error::unknown(
            "OMEGA_ROOT is set and empty, so no root is trusted",
            "set it to the root that the people of this canon confirm, or unset it",
        ));
    }
    let misread = |_| Error::usage("OMEGA_ROOT is not a root", "a root looks like this: sha256:0123…, 64 digits");
    text.trim().parse().map(Some).map_err(misread)
}

/// The names of all variables that are text.
pub fn names() -> Vec<String> {
    #[allow(clippy::disallowed_methods, reason = "this is the room for it")]
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
}

/// What time it is. Debug builds can be told, so that tests have a fixed clock.
pub fn now() -> Timestamp {
    if let Some(fixed) = variable("OMEGA_TEST_NOW").filter(|_| cfg!(debug_assertions))
        && let Ok(time) = fixed.parse()
    {
        return time;
    }
    #[allow(clippy::disallowed_methods, reason = "this is the room for it")]
    let now = std::time::SystemTime::now();
    let seconds = now.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    // A clock beyond the last time is at its end: whatever can expire has expired.
    i64::try_from(seconds).ok().and_then(Timestamp::from_unix).unwrap_or(Timestamp::LAST)
}

/// The settings of the user that git gets from the environment, for the repository around a folder; none, where it gets none.
///
/// # Errors
/// When git cannot be asked for them.
pub fn git_settings(dir: &Path) -> Result<Vec<String>, Error> {
    #[allow(clippy::disallowed_methods, reason = "this is the room for it")]
    let all: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    let tells = |name: &OsString, value: &OsString| {
        settings::VARIABLES.iter().any(|variable| name == variable) && !value.is_empty() && value != "/dev/null" && value != "0"
    };
    if !all.iter().any(|(name, value)| tells(name, value)) {
        return Ok(Vec::new());
    }
    let is_needed =
        |name: &OsString| name == "HOME" || name == "XDG_CONFIG_HOME" || name.to_str().is_some_and(|name| name.starts_with("GIT_CONFIG_"));
    let needed: Vec<(OsString, OsString)> = all.into_iter().filter(|(name, _)| is_needed(name)).collect();
    Ok(settings::settings(dir, &needed)?)
}

/// The folder that the command was started in.
pub fn current_dir() -> PathBuf {
    #[allow(clippy::disallowed_methods, reason = "this is the room for it")]
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
}

/// The user's own folder for configuration of omega.
pub fn config_dir() -> Option<PathBuf> {
    users(folder("XDG_CONFIG_HOME"), home(), ".config")
}

/// The user's own folder for what omega remembers.
pub fn state_dir() -> Option<PathBuf> {
    users(folder("XDG_STATE_HOME"), home(), ".local/state")
}

/// The user's home.
pub fn home() -> Option<PathBuf> {
    folder("HOME").filter(|dir| dir.is_absolute())
}

/// A folder that the environment names; its name need not be text.
fn folder(name: &str) -> Option<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "this is the room for it")]
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// omega's folder in the one that is named, else in the user's home. The XDG base directory specification demands that a
/// relative path is ignored: it would mean another folder in each work tree.
fn users(named: Option<PathBuf>, home: Option<PathBuf>, below_home: &str) -> Option<PathBuf> {
    named.filter(|dir| dir.is_absolute()).or_else(|| home.map(|home| home.join(below_home))).map(|dir| dir.join("omega"))
}

/// How many threads verify.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Kills the process before the n-th durable step, or writes down the name of each, in debug builds that are told so:
/// crash tests run the real binary.
pub fn crash_hook() -> Option<Box<dyn Fn(&'static str) + Send + Sync>> {
    let told = |name| variable(name).filter(|_| cfg!(debug_assertions));
    if let Some(path) = told("OMEGA_TEST_STEPS") {
        return Some(Box::new(move |name| {
            use std::io::Write as _;
            let file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
            file.and_then(|mut file| writeln!(file, "{name}")).expect("a test can write its own file");
        }));
    }
    let at: usize = told("OMEGA_TEST_CRASH_AT")?.parse().ok()?;
    let step = std::sync::atomic::AtomicUsize::new(0);
    Some(Box::new(move |_| {
        if step.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == at {
            std::process::abort();
        }
    }))
}

/// The program of this name that the shell would start.
pub fn program(name: &str) -> PathBuf {
    let paths = variable("PATH").unwrap_or_default();
    std::env::split_paths(&paths).map(|dir| dir.join(name)).find(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(name))
}

/// Which file the program that runs is, with its size and times: another build is another one. Its bytes are not read, which
/// would cost more than what they are asked for.
pub fn binary() -> Digest {
    let path = executable();
    let file = std::fs::metadata(&path);
    let file = file.map(|file| {
        use std::os::unix::fs::MetadataExt as _;
        (file.dev(), file.ino(), file.size(), file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec())
    });
    Digest::of(format!("{} {:?}", path.display(), file.ok()).as_bytes())
}

/// The program that runs.
pub fn executable() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("omega"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_folder_is_ignored() {
        let home = || Some(PathBuf::from("/home/ann"));
        for (named, home, expected) in [
            (Some("/state"), home(), Some("/state/omega")),
            (Some("/state"), None, Some("/state/omega")),
            (Some("state"), home(), Some("/home/ann/.local/state/omega")),
            (Some("./state"), home(), Some("/home/ann/.local/state/omega")),
            (Some("state"), None, None),
            (None, home(), Some("/home/ann/.local/state/omega")),
            (None, None, None),
        ] {
            assert_eq!(users(named.map(PathBuf::from), home, ".local/state"), expected.map(PathBuf::from), "{named:?}");
        }
    }
}
