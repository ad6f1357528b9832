//! References: listing them, and moving them by compare-and-swap.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use gix::lock::acquire::Fail;
use gix::refs::transaction::{Change, PreviousValue, RefEdit};
use gix::refs::{FullName, Target};

use super::actor::first_line;
use super::error::chain;
use super::{Actor, GitError, Oid, Repo, objects};

/// Other git commands hold reference locks for moments only.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often references are looked at again while another program packs them. Each pause is a millisecond longer than the
/// one before, so that it ends within a second.
const ATTEMPTS: u64 = 40;

impl Repo {
    /// The references below `prefix` (as in `refs/heads/canon/`) and their commits, in order of their
    /// names. Aliases such as `refs/remotes/origin/HEAD` are left out.
    pub fn branches(&self, prefix: &str) -> Result<Vec<(String, Oid)>, GitError> {
        if let Some(refs) = self.reftable() {
            let direct = refs.list(prefix)?.into_iter().filter(|found| found.target.is_none());
            let mut found = direct.map(|found| Ok((found.name, self.peeled(found.id)?))).collect::<Result<Vec<_>, GitError>>()?;
            found.sort();
            return Ok(found);
        }
        let found = beside_packing(&self.local(), || format!("list `{prefix}`"), |repo| listed(repo, prefix))?;
        found.into_iter().map(|(name, id)| Ok((name, self.peeled(id)?))).collect()
    }

    /// Where a reference points, if it exists.
    pub fn find_ref(&self, name: &str) -> Result<Option<Oid>, GitError> {
        let full = self.ref_name(name)?;
        if let Some(refs) = self.reftable() {
            return refs.find(name)?.map(|found| self.peeled(found.id)).transpose();
        }
        beside_packing(&self.local(), || format!("read `{name}`"), |repo| found(repo, &full))
    }

    /// The reference that a name stands for: itself, or where a symbolic one leads. One that does not exist is itself.
    pub fn meant_by(&self, name: &str) -> Result<String, GitError> {
        let mut meant = self.ref_name(name)?;
        if let Some(refs) = self.reftable() {
            return Ok(refs.target(name)?.unwrap_or_else(|| name.to_owned()));
        }
        let repo = self.local();
        // Git follows no more than five.
        for _ in 0..5 {
            let found = beside_packing(&repo, || format!("read `{name}`"), |repo| repo.try_find_reference(&meant))?;
            let Some(reference) = found else { break };
            let gix::refs::TargetRef::Symbolic(next) = reference.target() else { break };
            meant = next.to_owned();
        }
        Ok(meant.as_bstr().to_string())
    }

    /// Moves a reference from `expected` (none: it must not exist) to `new` and waits until that is on
    /// disk. If it is elsewhere, nothing changes and the error says so.
    pub fn update_ref(&self, name: &str, new: Oid, expected: Option<Oid>, by: &Actor, message: &str) -> Result<(), GitError> {
        self.ref_name(name)?;
        self.key(new)?;
        if let Some(refs) = self.reftable() {
            self.step("ref");
            return refs.swap(name, expected, Some(new), by, message).map_err(|e| self.explain(name, expected, e));
        }
        // Git may have removed it meanwhile, where it is told to prune at once.
        if !self.has_object(new) {
            return Err(GitError::Git { what: format!("move `{name}`"), cause: format!("{new} is not there any more") });
        }
        let guard = match expected {
            Some(id) => PreviousValue::MustExistAndMatch(Target::Object(id.gix())),
            None => PreviousValue::MustNotExist,
        };
        let edit = RefEdit::update(self.ref_name(name)?, new.gix(), guard, first_line(message));
        self.transact(name, edit, by).map_err(|e| self.explain(name, expected, e))?;
        // Git logs a moved branch for HEAD too, if HEAD is on it.
        if self.head()?.branch.as_deref() == Some(name) {
            self.log_head(expected, Some(new), by, message)?;
        }
        Ok(())
    }

    /// Deletes a reference that is at `expected`, and its reflog. Git does it, also for references in files: the library gives the
    /// lock of the packed references back before the file is gone, and `git pack-refs` could bring it back in between.
    pub fn delete_ref(&self, name: &str, expected: Oid, by: &Actor) -> Result<(), GitError> {
        self.ref_name(name)?;
        self.step("ref");
        self.by_git().swap(name, Some(expected), None, by, "").map_err(|e| self.explain(name, Some(expected), e))
    }

    pub(super) fn ref_name(&self, name: &str) -> Result<FullName, GitError> {
        FullName::try_from(name).map_err(|e| GitError::Git { what: format!("use `{name}` as a reference"), cause: chain(&e) })
    }

    /// Performs one edit: the new value is on disk before it gets its name, and the name before we return.
    pub(super) fn transact(&self, name: &str, edit: RefEdit, by: &Actor) -> Result<(), GitError> {
        let failed = |e: &gix::Error| GitError::git(format!("update `{name}`"), e);
        let repo = self.local();
        let path = self.ref_path(name);
        let is_update = matches!(edit.change, Change::Update { .. });
        let patience = Fail::AfterDurationWithBackoff(PATIENCE);
        let log = self.log_path(name);
        let missing: Vec<PathBuf> = [&path, &log]
            .into_iter()
            .flat_map(|file| file.ancestors().skip(1))
            .filter(|folder| !folder.exists())
            .map(Path::to_owned)
            .collect();
        // Nothing has changed until the edit is prepared, and then the locks of the reference and of the packed ones are held.
        let prepared = beside_packing(
            &repo,
            || format!("update `{name}`"),
            |repo| repo.refs.transaction().prepare([edit.clone()], patience, patience),
        )?;
        let mut pending = path.clone().into_os_string();
        pending.push(".lock");
        let pending = PathBuf::from(pending);
        let shared = |path: &Path| self.sharing.adjust(path).map_err(|e| GitError::io("share", path, &e));
        for lock in [&pending, &self.common_dir().join("packed-refs.lock")] {
            if lock.exists() {
                shared(lock)?;
            }
        }
        if is_update && pending.exists() {
            objects::sync(&pending)?;
        }
        self.step("ref");
        let mut time = gix::date::parse::TimeBuf::default();
        prepared.commit(by.signature().to_ref(&mut time)).map_err(|e| failed(&e))?;
        for made in missing.iter().filter(|folder| folder.is_dir()) {
            shared(made)?;
        }
        // Fails for a log of somebody else, who gave it the right permissions.
        let _ = self.sharing.adjust(&log);
        // New folders of a name like `refs/heads/canon/x` are names too.
        let top = if path.starts_with(self.common_dir()) { self.common_dir() } else { self.git_dir() };
        for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(top)) {
            objects::sync_if_there(folder)?;
        }
        Ok(())
    }

    pub(super) fn ref_path(&self, name: &str) -> PathBuf {
        // Only branches and their like are shared between work trees.
        if name.starts_with("refs/") { self.common_dir().join(name) } else { self.git_dir().join(name) }
    }

    fn log_path(&self, name: &str) -> PathBuf {
        let top = if name.starts_with("refs/") { self.common_dir() } else { self.git_dir() };
        top.join("logs").join(name)
    }

    /// The object behind tags. One that is not here is its own: whoever reads it will say so.
    pub(super) fn peeled(&self, id: Oid) -> Result<Oid, GitError> {
        let key = self.key(id)?;
        let database = self.database();
        match database.header(&key) {
            Ok(Some(header)) if header.kind() == gix::objs::Kind::Tag => database
                .again(Result::is_ok, |repo| Ok(Oid::of(&repo.find_object(key)?.peel_tags_to_end()?.id)))
                .map_err(|e: gix::Error| GitError::git(format!("read the tag {id}"), &e)),
            _ => Ok(id),
        }
    }

    /// Tells a lost race from other failures.
    fn explain(&self, name: &str, expected: Option<Oid>, error: GitError) -> GitError {
        match self.find_ref(name) {
            Ok(found) if found != expected => GitError::RefMoved { name: name.to_owned(), expected, found },
            _ => error,
        }
    }
}

fn found(repo: &gix::Repository, name: &FullName) -> Result<Option<Oid>, gix::Error> {
    let Some(mut reference) = repo.try_find_reference(name)? else { return Ok(None) };
    Ok(Some(Oid::of(&reference.peel_to_id()?)))
}

fn listed(repo: &gix::Repository, prefix: &str) -> Result<Vec<(String, Oid)>, gix::Error> {
    let platform = repo.references()?;
    let mut found = Vec::new();
    for reference in platform.prefixed(prefix)? {
        let reference = reference?;
        if let Some(id) = reference.try_id() {
            found.push((reference.name().as_bstr().to_string(), Oid::of(&id.detach())));
        }
    }
    found.sort();
    Ok(found)
}

/// Looks at references, or prepares an edit of them, while `git pack-refs` may run. The library reads the packed references
/// first, those in files of their own after them, and tells a newer file of packed references by its time alone. So what is
/// packed meanwhile is in neither place for it, or it sees, and would write again, what was packed before. Hence all is done
/// again until the packed references are the same file before and after. Folders that git has emptied go too, also the one in
/// which a lock is just being made.
pub(super) fn beside_packing<'r, T>(
    repo: &'r gix::Repository,
    what: impl Fn() -> String,
    mut look: impl FnMut(&'r gix::Repository) -> Result<T, gix::Error>,
) -> Result<T, GitError> {
    let path = repo.refs.packed_refs_path();
    let identity = |file: &Metadata| (file.dev(), file.ino());
    let mut attempts = 1;
    loop {
        // Git never changes the file, it puts another in its place. While this one is open, no other has its inode.
        let before = File::open(&path).ok();
        // Fails where there is none, and then there is nothing to refresh.
        let _ = repo.refs.force_refresh_packed_buffer();
        let result = look(repo);
        let is_same = || {
            let before = before.as_ref().and_then(|file| file.metadata().ok());
            before.as_ref().map(identity) == std::fs::metadata(&path).ok().as_ref().map(identity)
        };
        match result {
            Ok(found) if is_same() => return Ok(found),
            Err(e) if attempts == ATTEMPTS || (!is_lost_folder(&e) && is_same()) => return Err(GitError::git(what(), &e)),
            Ok(_) if attempts == ATTEMPTS => {
                return Err(GitError::Git { what: what(), cause: "another program packs the references again and again".to_owned() });
            }
            _ => {
                thread::sleep(Duration::from_millis(attempts - 1));
                attempts += 1;
            }
        }
    }
}

/// Whether a folder came or went while it was used, at the root of an error.
fn is_lost_folder(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists)) {
            return true;
        }
        next = error.source();
    }
    false
}
