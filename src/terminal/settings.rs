//! The user's settings, in omega.toml.

use crate::workspace::Error;

use super::environment;
use super::failure::Failure;

/// How much of the network a run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// It fetches and pushes.
    Whole,
    /// It fetches.
    NoPush,
    /// Nothing.
    Offline,
}

impl Network {
    /// What the flags say, and the environment.
    pub fn of(offline: bool, no_push: bool) -> Self {
        match (offline || environment::variable("OMEGA_OFFLINE").is_some(), no_push) {
            (true, _) => Self::Offline,
            (false, true) => Self::NoPush,
            (false, false) => Self::Whole,
        }
    }
}

/// What the file may hold.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Private key files that are tried for signing.
    pub keys: Vec<String>,
    /// Whether acts fetch before and push after.
    pub sync: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { keys: Vec::new(), sync: true }
    }
}

/// Reads the settings; where there is no file they are the default ones.
///
/// # Errors
/// When the file cannot be read, or holds anything else.
pub fn read() -> Result<Settings, Failure> {
    let Some(dir) = environment::config_dir() else { return Ok(Settings::default()) };
    let path = dir.join("omega.toml");
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::io("read", &path, &error).into()),
        text => text.unwrap_or_default(),
    };
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        let fact = format!("line {line} of `{}`: {}", path.display(), error.message());
        Failure::usage(fact, "it may hold two lines: keys = [\"FILE\", …] and sync = false")
    })
}
