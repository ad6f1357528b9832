//! Putting the hooks into a clone, beside whatever is there, and taking them out again.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::git::Repo;

use super::{Error, Hook};

/// What was there before is kept under this name, and called first.
const KEPT: &str = "before-omega";

/// Where one hook stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// omega answers it.
    Installed,
    /// omega answers it, after what was there before.
    Chained,
    /// Something else answers it.
    Foreign,
    /// Nothing answers it.
    Absent,
}

impl State {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Chained => "chained",
            Self::Foreign => "foreign",
            Self::Absent => "absent",
        }
    }
}

/// One hook of a clone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Standing {
    /// The hook.
    pub hook: Hook,
    /// Where it stands.
    pub state: State,
}

/// The three lines that git runs.
fn shim(hook: Hook) -> &'static str {
    match hook {
        Hook::PreCommit => include_str!("../../../hooks/pre-commit"),
        Hook::CommitMsg => include_str!("../../../hooks/commit-msg"),
        Hook::PrePush => include_str!("../../../hooks/pre-push"),
        Hook::PostMerge => include_str!("../../../hooks/post-merge"),
        Hook::PostCheckout => include_str!("../../../hooks/post-checkout"),
        Hook::PreReceive => include_str!("../../../hooks/pre-receive"),
        Hook::Update => include_str!("../../../hooks/update"),
    }
}

/// The folder that git takes hooks from, if it is this repository's own.
///
/// # Errors
/// Denied, where `core.hooksPath` names another: other repositories, or another tool, live there too.
fn folder(repo: &Repo) -> Result<PathBuf, Error> {
    let own = repo.common_dir().join("hooks");
    match repo.config_string("core.hooksPath") {
        None => Ok(own),
        Some(path) if Path::new(&path) == own => Ok(own),
        Some(path) => Err(Error::denied(
            format!("git takes the hooks from `{path}` (core.hooksPath), which is not this clone's own folder"),
            "let the hooks there call omega, each with its name: omega hook pre-commit \"$@\"".to_owned(),
        )),
    }
}

fn kept(folder: &Path, hook: Hook) -> PathBuf {
    folder.join(format!("{}.{KEPT}", hook.name()))
}

/// What was there before omega, to be called first.
///
/// # Errors
/// As for [`standing`].
pub fn chained(repo: &Repo, hook: Hook) -> Option<PathBuf> {
    Some(kept(&folder(repo).ok()?, hook)).filter(|path| path.is_file())
}

/// Where each hook stands.
///
/// # Errors
/// Denied, where git takes hooks from another folder; when a file cannot be read.
pub fn standing(repo: &Repo) -> Result<Vec<Standing>, Error> {
    let folder = folder(repo)?;
    let state = |hook: Hook| {
        let path = folder.join(hook.name());
        Ok(match fs::read(&path) {
            Ok(bytes) if bytes == shim(hook).as_bytes() && kept(&folder, hook).exists() => State::Chained,
            Ok(bytes) if bytes == shim(hook).as_bytes() => State::Installed,
            Ok(_) => State::Foreign,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => State::Absent,
            Err(error) => return Err(Error::io("read", &path, &error)),
        })
    };
    // A bare repository is what others push to.
    let hooks: &[Hook] = if repo.is_bare() { &[Hook::PreReceive] } else { &Hook::CLONE };
    hooks.iter().map(|hook| Ok(Standing { hook: *hook, state: state(*hook)? })).collect()
}

/// Installs all hooks. What is there already stays, under another name, and is called first.
///
/// # Errors
/// As for [`standing`]; denied, if something is kept there already that a hook would overwrite.
pub fn install(repo: &Repo) -> Result<Vec<Standing>, Error> {
    let folder = folder(repo)?;
    fs::create_dir_all(&folder).map_err(|error| Error::io("make", &folder, &error))?;
    let before = standing(repo)?;
    if let Some(hook) = before.iter().find(|at| at.state == State::Foreign && kept(&folder, at.hook).exists()) {
        let path = kept(&folder, hook.hook);
        return Err(Error::denied(
            format!("there is a hook at `{}` and another one kept beside it", folder.join(hook.hook.name()).display()),
            format!("look at both, and remove one: {}", path.display()),
        ));
    }
    for at in before {
        let path = folder.join(at.hook.name());
        match at.state {
            State::Installed | State::Chained => continue,
            State::Foreign => {
                let aside = kept(&folder, at.hook);
                fs::rename(&path, &aside).map_err(|error| Error::io("move", &path, &error))?;
            }
            State::Absent => {}
        }
        write(&folder, &path, shim(at.hook))?;
    }
    standing(repo)
}

/// Takes omega's hooks out, and puts back what was there before.
///
/// # Errors
/// As for [`standing`].
pub fn uninstall(repo: &Repo) -> Result<Vec<Standing>, Error> {
    let folder = folder(repo)?;
    for at in standing(repo)? {
        let path = folder.join(at.hook.name());
        match at.state {
            State::Chained => {
                let aside = kept(&folder, at.hook);
                fs::rename(&aside, &path).map_err(|error| Error::io("move", &aside, &error))?;
            }
            State::Installed => fs::remove_file(&path).map_err(|error| Error::io("remove", &path, &error))?,
            State::Foreign | State::Absent => {}
        }
    }
    standing(repo)
}

fn write(folder: &Path, path: &Path, text: &str) -> Result<(), Error> {
    use std::io::Write as _;
    let failed = |error: &std::io::Error| Error::io("write", path, error);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    file.write_all(text.as_bytes()).map_err(|error| failed(&error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o755)).map_err(|error| failed(&error))?;
    }
    file.persist(path).map_err(|error| failed(&error.error))?;
    Ok(())
}
