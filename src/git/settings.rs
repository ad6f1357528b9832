//! Settings of the user that only the environment knows, as git reads them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::GitError;
use super::ask::Ask;

/// Variables by which git is told settings, or other files of settings than the usual ones.
pub const VARIABLES: [&str; 4] = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"];

/// What of that has a say: which files git ignores and how it stores bytes, who the user is, and names. No program, and no other
/// place for anything.
const HEARD: [&str; 9] = [
    "core.attributesfile",
    "core.autocrlf",
    "core.eol",
    "core.excludesfile",
    "core.safecrlf",
    "init.defaultbranch",
    "user.email",
    "user.name",
    "user.signingkey",
];

/// The settings that hold in a folder where these variables are set, each as `KEY=VALUE`.
///
/// # Errors
/// When git cannot be asked, or cannot read a file of settings.
pub fn settings(dir: &Path, environment: &[(OsString, OsString)]) -> Result<Vec<String>, GitError> {
    let mut more: Vec<(&str, &OsStr)> = vec![("GIT_CONFIG_NOSYSTEM", OsStr::new("0"))];
    more.extend(environment.iter().filter_map(|(name, value)| Some((name.to_str()?, value.as_os_str()))));
    let answer = Ask { dir, args: &["config", "--list", "-z"], input: None, more: &more }.answer()?;
    if answer.code != 0 {
        return Err(GitError::Git { what: "read the settings of the environment".to_owned(), cause: answer.complaint });
    }
    let settings: BTreeMap<&str, &str> = answer.text.split('\0').filter_map(|setting| setting.split_once('\n')).collect();
    Ok(HEARD.iter().filter_map(|key| Some(format!("{key}={}", settings.get(key)?))).collect())
}
