//! Taking back what nobody ratified: index and work tree get the ratified bytes again.

mod changes;
mod ratified;

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use serde::Serialize;

use crate::git::{Repo, Wanted};
use crate::shell;
use crate::workspace::pin::Pin;
use crate::workspace::{Error, advice};

pub use changes::changes;
pub use ratified::Ratified;
use ratified::with_half;

/// What was taken back.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Restored {
    /// The ruling whose state it is.
    pub ruling: u32,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// The paths that changed, in the index or in the work tree.
    pub restored: Vec<RestoredPath>,
    /// Files where governed ones would be that were never ratified, and that were not named.
    pub left: Vec<String>,
    /// Drafts of open proposals that are committed here, and were not named.
    pub drafts: Vec<String>,
}

/// One path that changed.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct RestoredPath {
    /// The path.
    pub path: String,
    /// What became of it.
    pub what: Became,
    /// The blob that keeps what the file held before; absent, where the same is ratified or there was no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
}

/// What became of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Became {
    /// It holds what is ratified.
    Restored,
    /// It was never ratified, and is gone.
    Deleted,
}

/// What is to be taken back.
pub struct Request<'a> {
    /// The folder that paths are meant from.
    pub dir: &'a Path,
    /// Files and folders; none is everything that is governed.
    pub paths: &'a [PathBuf],
    /// Whether to say only what would happen.
    pub dry_run: bool,
}

/// Brings governed paths in index and work tree to what is in force at HEAD. A file that was never ratified is deleted where it
/// is named itself, and left alone otherwise.
///
/// # Errors
/// Usage, if a path is not governed; as for [`Ratified::of`].
pub fn restore(repo: &Repo, request: &Request<'_>, pin: Option<&Pin>, threads: usize) -> Result<Restored, Error> {
    let _lock = if request.dry_run { None } else { Some(repo.lock()?) };
    let workdir =
        repo.workdir().ok_or_else(|| Error::usage("a bare repository has no work tree to restore", "work in a clone: git clone"))?;
    let ratified = Ratified::of(repo, pin, threads)?;
    let strangers = ratified.strangers(repo)?;
    let is_known =
        |path: &str| !chosen(path, ratified.files(), &strangers).is_empty() || strangers.iter().any(|other| is_below(other, path));
    let meant = |typed: &PathBuf| -> Result<String, Error> {
        let here = within(workdir, request.dir, typed)?;
        // Findings name paths from the root, wherever somebody stands who pastes them.
        let from_root = typed.to_str().filter(|typed| !is_known(&here) && is_known(typed));
        Ok(from_root.map_or(here, ToOwned::to_owned))
    };
    let named = request.paths.iter().map(meant).collect::<Result<Vec<_>, _>>()?;
    let is_draft = |path: &[u8]| ratified.drafts.iter().any(|draft| draft.as_str().as_bytes() == path);
    let mut wanted = Wanted::new();
    if named.is_empty() {
        wanted.extend(ratified.files().iter().filter(|(path, _)| !is_draft(path)).map(|(path, file)| (path.clone(), *file)));
    }
    for path in &named {
        if !is_known(path) {
            let ordinary = format!("git restore -- {}", shell::pathspec(path));
            return Err(if workdir.join(path).symlink_metadata().is_ok() {
                Error::usage(format!("`{path}` is not governed, so nothing of it is ratified"), ordinary)
            } else {
                let hint = format!("omega log shows what was; if it was an ordinary file: {ordinary}");
                Error::usage(format!("there is no `{path}` here, and no governed file of that name"), hint)
            });
        }
        wanted.extend(chosen(path, ratified.files(), &strangers));
    }
    let differing: BTreeSet<Vec<u8>> = repo.differing(&wanted, ratified.head)?.into_iter().collect();
    wanted.retain(|path, _| differing.contains(path));
    for path in &named {
        let path_bytes = path.as_bytes();
        if strangers.contains(path_bytes) && !wanted.contains_key(path_bytes) && workdir.join(path).is_dir() {
            return Err(Error::denied(
                format!("`{path}` is a git repository of its own, and its files are never deleted"),
                advice::move_outside(repo, &workdir.join(path)),
            ));
        }
    }
    let mut restored = Vec::new();
    for (path, file) in &wanted {
        let kept = if request.dry_run { None } else { repo.keep_file(path)? };
        restored.push(RestoredPath {
            path: text(path),
            what: if file.is_some() { Became::Restored } else { Became::Deleted },
            kept: kept.filter(|kept| file.is_none_or(|(_, ratified)| ratified != *kept)).map(|kept| kept.to_string()),
        });
    }
    if !request.dry_run && !wanted.is_empty() {
        repo.restore(&wanted, ratified.head)?;
    }
    let is_named = |path: &[u8]| named.is_empty() || named.iter().any(|name| is_below(path, name));
    let left = strangers.iter().filter(|path| !wanted.contains_key(*path) && is_named(path)).map(|path| text(path)).collect();
    let drafts = ratified.drafts.iter().filter(|_| named.is_empty()).map(ToString::to_string).collect();
    Ok(Restored { ruling: ratified.assessment.judgement.ledger.last().unwrap_or(0), dry_run: request.dry_run, restored, left, drafts })
}

/// What a name means: a file with its signature, or all that is ratified in a folder.
fn chosen(name: &str, files: &Wanted, strangers: &BTreeSet<Vec<u8>>) -> Wanted {
    let mut chosen = Wanted::new();
    for path in with_half(name) {
        let path = path.into_bytes();
        match files.get(&path) {
            Some(file) => drop(chosen.insert(path, *file)),
            None if strangers.contains(&path) => drop(chosen.insert(path, None)),
            None => {}
        }
    }
    // A file or a link may have taken the place of a folder.
    if chosen.values().all(Option::is_none) {
        chosen.extend(files.iter().filter(|(path, _)| is_below(path, name)).map(|(path, file)| (path.clone(), *file)));
    }
    chosen
}

fn is_below(path: &[u8], folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.starts_with(b"/"))
}

fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

/// A path that a user typed in a folder, from the root of the work tree; the root itself is empty. Links are not followed.
///
/// # Errors
/// Usage, if it leads out of the work tree.
pub fn within(workdir: &Path, dir: &Path, typed: &Path) -> Result<String, Error> {
    let outside = || Error::usage(format!("`{}` is outside of this work tree", typed.display()), "omega restore --help");
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (root, mut full) = (real(workdir), PathBuf::new());
    for part in real(dir).join(typed).components() {
        match part {
            Component::ParentDir => drop(full.pop()),
            Component::CurDir => {}
            part => full.push(part),
        }
    }
    let path = full.strip_prefix(&root).or_else(|_| full.strip_prefix(workdir)).map_err(|_| outside())?;
    path.to_str().map(ToOwned::to_owned).ok_or_else(outside)
}
