//! Carrying out a checkout: removals, writes, and at last the index.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gix::index::entry::Stat;

use super::CheckoutReport;
use super::content::Content;
use super::plan::Plan;
use crate::git::diff::Leaf;
use crate::git::folder::resolve;
use crate::git::index_file::{IndexUpdate, LockedIndex};
use crate::git::{GitError, Repo};
use crate::tree::Mode;

pub(super) fn apply(repo: &Repo, root: &Path, plan: Plan, content: &mut Content, index: LockedIndex) -> Result<CheckoutReport, GitError> {
    let report = CheckoutReport { written: plan.write.len(), removed: plan.remove.len(), refreshed: plan.refresh.len() };
    let locate = |path: &[u8]| resolve(root, path).map_err(|e| GitError::io("name", root, &e));
    let mut updates: BTreeMap<Vec<u8>, IndexUpdate> = BTreeMap::new();
    let mut emptied = BTreeSet::new();
    for path in plan.remove.into_iter().chain(plan.forget) {
        let full = locate(&path)?;
        repo.step("remove");
        match fs::remove_file(&full) {
            Ok(()) => {}
            // What the index forgets may be gone already, or be somebody's folder.
            Err(_) if fs::symlink_metadata(&full).map_or(true, |meta| meta.is_dir()) => {}
            Err(e) => return Err(GitError::io("remove", &full, &e)),
        }
        emptied.extend(full.ancestors().skip(1).take_while(|folder| *folder != root).map(Path::to_owned));
        updates.insert(path, None);
    }
    // The deepest first; folders that still hold something stay.
    for folder in emptied.iter().rev() {
        let _ = fs::remove_dir(folder);
    }
    let scratch = Scratch::new(repo)?;
    for (path, leaf) in plan.write {
        let full = locate(&path)?;
        repo.step("file");
        write(&scratch, &full, &path, leaf, content)?;
        updates.insert(path, Some((leaf, stat(&full)?)));
    }
    for (path, leaf) in plan.refresh {
        let stat = stat(&locate(&path)?)?;
        updates.insert(path, Some((leaf, stat)));
    }
    let left_out: BTreeSet<Vec<u8>> = plan.index_only.iter().map(|(path, _)| path.clone()).collect();
    for (path, leaf) in plan.index_only {
        updates.insert(path, Some((leaf, Stat::default())));
    }
    index.commit(repo, &updates, &left_out)?;
    Ok(report)
}

fn write(scratch: &Scratch, full: &Path, path: &[u8], leaf: Leaf, content: &mut Content) -> Result<(), GitError> {
    let failed = |e: io::Error| GitError::io("write", full, &e);
    let folder = full.parent().ok_or_else(|| GitError::path(path, "it has no folder"))?;
    fs::create_dir_all(folder).map_err(failed)?;
    if leaf.mode == Mode::Submodule {
        return fs::create_dir_all(full).map_err(failed);
    }
    let bytes = content.on_disk(path, leaf)?;
    if fs::symlink_metadata(full).is_ok_and(|meta| meta.is_dir()) {
        // Only nested empty folders are left here: whatever they held was removed.
        remove_empty(full).map_err(failed)?;
    }
    let place = |folder: &Path| match leaf.mode {
        Mode::Link if content.has_links => place_link(folder, full, &bytes),
        mode => place_file(folder, full, &bytes, mode == Mode::Exec),
    };
    match place(&scratch.0) {
        // A linked work tree may lie on another disk than its repository.
        Err(e) if e.kind() == io::ErrorKind::CrossesDevices => place(folder).map_err(failed),
        done => done.map_err(failed),
    }
}

impl Repo {
    /// Puts other bytes in the place of a plain file of the work tree, whole or not at all: bytes that git would store as those
    /// that it has. Of a tracked file the index keeps what it says, and learns the new times and size.
    pub fn replace_on_disk(&self, path: &str, exec: bool, bytes: &[u8]) -> Result<(), GitError> {
        let root = self.need_workdir()?;
        let full = resolve(root, path.as_bytes()).map_err(|e| GitError::io("name", root, &e))?;
        let failed = |e: io::Error| GitError::io("write", &full, &e);
        let folder = full.parent().ok_or_else(|| GitError::path(path.as_bytes(), "it has no folder"))?;
        let index = LockedIndex::acquire(&self.local(), self.sharing)?;
        let scratch = Scratch::new(self)?;
        self.step("file");
        match place_file(&scratch.0, &full, bytes, exec) {
            Err(e) if e.kind() == io::ErrorKind::CrossesDevices => place_file(folder, &full, bytes, exec).map_err(failed)?,
            done => done.map_err(failed)?,
        }
        let Ok(Some(leaf)) = index.get(path.as_bytes()) else { return Ok(()) };
        index.commit(self, &BTreeMap::from([(path.as_bytes().to_vec(), Some((leaf, stat(&full)?)))]), &BTreeSet::new())
    }
}

/// Where files are prepared. A kill must not leave half a file below `canon/`.
struct Scratch(PathBuf);

impl Scratch {
    fn new(repo: &Repo) -> Result<Self, GitError> {
        let folder = repo.git_dir().join("omega").join("scratch");
        repo.sharing.make_folder(&folder).map_err(|e| GitError::io("make", &folder, &e))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What a killed run left is removed with it; a failure costs some bytes, nothing more.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn place_file(scratch: &Path, full: &Path, bytes: &[u8], exec: bool) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    {
        use std::os::unix::fs::PermissionsExt;
        // As for git, the umask has the last word.
        builder.permissions(fs::Permissions::from_mode(if exec { 0o777 } else { 0o666 }));
    }
    let mut file = builder.prefix(".omega-").tempfile_in(scratch)?;
    file.write_all(bytes)?;
    let _: File = file.persist(full).map_err(|e| e.error)?;
    Ok(())
}

fn place_link(scratch: &Path, full: &Path, target: &[u8]) -> io::Result<()> {
    let target: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(target);
    let link = tempfile::Builder::new().prefix(".omega-").make_in(scratch, |path| std::os::unix::fs::symlink(target, path))?;
    link.into_temp_path().persist(full).map_err(|e| e.error)
}

fn remove_empty(folder: &Path) -> io::Result<()> {
    let mut folders = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(folder) = folders.get(next).cloned() {
        next += 1;
        for item in fs::read_dir(folder)? {
            folders.push(item?.path());
        }
    }
    folders.iter().rev().try_for_each(fs::remove_dir)
}

fn stat(full: &Path) -> Result<Stat, GitError> {
    let meta = gix::index::fs::Metadata::from_path_no_follow(full).map_err(|e| GitError::io("read", full, &e))?;
    Stat::from_fs(&meta).map_err(|e| GitError::git(format!("read the time of `{}`", full.display()), &e))
}
