//! Putting the hooks into a clone, beside whatever is there, and taking them out again.

mod place;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::git::Repo;
use crate::words::words;

use super::{Error, Hook};
pub(in crate::gates) use place::{FRAMEWORK, LEFTHOOK};
use place::{Keeper, Place, read};

/// What was there before is kept under this name, and called first.
const KEPT: &str = "before-omega";

words! {
    /// Where one hook stands.
    pub enum State {
        /// omega answers it.
        Installed = "installed",
        /// omega answers it, after what was there before.
        Chained = "chained",
        /// Something that people wrote answers it, and calls omega.
        Called = "called",
        /// Something else answers it.
        Foreign = "foreign",
        /// Nothing answers it.
        Absent = "absent",
    }
}

impl State {
    /// Whether omega is asked.
    pub fn is_gated(self) -> bool {
        matches!(self, Self::Installed | Self::Chained | Self::Called)
    }
}

/// One hook of a clone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct HookStatus {
    /// The hook.
    pub hook: Hook,
    /// Where it stands.
    pub state: State,
    /// The file that decides what the hook does.
    pub file: String,
    /// What to add there by hand, where omega is not called and changes nothing: the file is tracked, or others share it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add: Option<String>,
}

/// What git runs.
fn shim(hook: Hook) -> &'static str {
    match hook {
        Hook::PreCommit => include_str!("../../../hooks/pre-commit"),
        Hook::PreMergeCommit => include_str!("../../../hooks/pre-merge-commit"),
        Hook::CommitMsg => include_str!("../../../hooks/commit-msg"),
        Hook::PrePush => include_str!("../../../hooks/pre-push"),
        Hook::PostMerge => include_str!("../../../hooks/post-merge"),
        Hook::PostCheckout => include_str!("../../../hooks/post-checkout"),
        Hook::PreReceive => include_str!("../../../hooks/pre-receive"),
        Hook::Update => include_str!("../../../hooks/update"),
    }
}

fn kept(folder: &Path, hook: Hook) -> PathBuf {
    folder.join(format!("{}.{KEPT}", hook.as_str()))
}

/// Whether anything is there, even a link to nothing.
fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether git would run the file.
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// What was there before omega, to be called first. Like git, omega calls nothing that is not executable.
pub fn chained(repo: &Repo, hook: Hook) -> Option<PathBuf> {
    let place = Place::of(repo).ok().filter(|place| matches!(place.keeper, Keeper::Nobody | Keeper::Lefthook))?;
    Some(kept(&place.folder, hook)).filter(|path| is_program(path))
}

/// Where each hook stands.
///
/// # Errors
/// When a file or the configuration cannot be read.
pub fn standing(repo: &Repo) -> Result<Vec<HookStatus>, Error> {
    let place = Place::of(repo)?;
    // A bare repository is what others push to, and so is one that lets them move the branch that is checked out.
    let is_pushed_to = repo
        .config_string("receive.denyCurrentBranch")
        .is_some_and(|deny| !matches!(deny.as_str(), "refuse" | "true" | "yes" | "on" | "1"));
    let clone = if repo.is_bare() { &[][..] } else { &Hook::CLONE };
    let server = if repo.is_bare() || is_pushed_to { &[Hook::PreReceive][..] } else { &[] };
    let hooks = clone.iter().chain(server);
    let standing = |hook: Hook| {
        let state = state(&place, hook)?;
        let add = if state.is_gated() { None } else { place.to_add(hook) };
        Ok(HookStatus { hook, state, file: place.file(hook).display().to_string(), add })
    };
    hooks.map(|hook| standing(*hook)).collect()
}

fn state(place: &Place, hook: Hook) -> Result<State, Error> {
    let path = place.folder.join(hook.as_str());
    Ok(match read(&path)? {
        // Git skips it without a word.
        Some(text) if text == shim(hook) && !is_program(&path) => State::Absent,
        Some(text) if text == shim(hook) && is_there(&kept(&place.folder, hook)) => State::Chained,
        Some(text) if text == shim(hook) => State::Installed,
        _ if place.is_called(hook)? => State::Called,
        Some(_) => State::Foreign,
        None if is_there(&path) => State::Foreign,
        None => State::Absent,
    })
}

/// Why git runs no hook here whatever is installed, with the command that switches hooks on; nothing, where it does.
///
/// # Errors
/// When the configuration cannot be read.
pub fn switched_off(repo: &Repo) -> Result<Option<(String, String)>, Error> {
    let place = Place::of(repo)?;
    let Keeper::Off(on) = place.keeper else { return Ok(None) };
    let what = match repo.hooks_path()? {
        Some(path) if !path.as_os_str().is_empty() => format!("names `{}`, which is not a folder", path.display()),
        _ => "is empty".to_owned(),
    };
    Ok(Some((format!("git hooks are switched off here: core.hooksPath {what}"), on)))
}

/// Installs all hooks. What is there already stays, under another name, and is called first. Files that are tracked or
/// shared are not touched: the report says what to add to them.
///
/// # Errors
/// As for [`standing`]; denied, if something is kept there already that a hook would overwrite.
pub fn install(repo: &Repo) -> Result<Vec<HookStatus>, Error> {
    let place = Place::of(repo)?;
    if !repo.is_trusted() {
        return Err(crate::workspace::pin::foreign(repo, "no hooks are written to it"));
    }
    if let Some((fact, hint)) = switched_off(repo)? {
        return Err(Error::denied(fact, hint));
    }
    let before = standing(repo)?;
    if place.keeper != Keeper::Nobody {
        return Ok(before);
    }
    let folder = &place.folder;
    fs::create_dir_all(folder).map_err(|error| Error::io("make", folder, &error))?;
    if let Some(hook) = before.iter().find(|at| at.state == State::Foreign && is_there(&kept(folder, at.hook))) {
        let path = kept(folder, hook.hook);
        return Err(Error::denied(
            format!("there is a hook at `{}` and another one kept beside it", folder.join(hook.hook.as_str()).display()),
            format!("look at both, and remove one: {}", crate::shell::quote_path(&path)),
        ));
    }
    for at in before {
        let path = folder.join(at.hook.as_str());
        match at.state {
            State::Installed | State::Chained | State::Called => continue,
            State::Foreign => {
                let aside = kept(folder, at.hook);
                fs::rename(&path, &aside).map_err(|error| Error::io("move", &path, &error))?;
            }
            State::Absent => {}
        }
        write(folder, &path, shim(at.hook))?;
    }
    standing(repo)
}

/// Takes omega's hooks out, and puts back what was there before. What somebody wrote or changed stays.
///
/// # Errors
/// As for [`standing`].
pub fn uninstall(repo: &Repo) -> Result<Vec<HookStatus>, Error> {
    let place = Place::of(repo)?;
    if matches!(place.keeper, Keeper::Nobody | Keeper::Lefthook) {
        for at in standing(repo)? {
            let (path, aside) = (place.folder.join(at.hook.as_str()), kept(&place.folder, at.hook));
            let ours = matches!(at.state, State::Installed | State::Chained) || read(&path)?.is_some_and(|text| text == shim(at.hook));
            if (ours || !is_there(&path)) && is_there(&aside) {
                fs::rename(&aside, &path).map_err(|error| Error::io("move", &aside, &error))?;
            } else if ours {
                fs::remove_file(&path).map_err(|error| Error::io("remove", &path, &error))?;
            }
        }
    }
    standing(repo)
}

fn write(folder: &Path, path: &Path, text: &str) -> Result<(), Error> {
    use std::io::Write as _;
    let failed = |error: &std::io::Error| Error::io("write", path, error);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    file.write_all(text.as_bytes()).map_err(|error| failed(&error))?;
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o755)).map_err(|error| failed(&error))?;
    }
    file.persist(path).map_err(|error| failed(&error.error))?;
    Ok(())
}
