//! Who may read and write what is made in a repository: `core.sharedRepository`, as git obeys it.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::GitError;

/// The rule for new files and folders of a repository. The default leaves all to the umask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sharing(i32);

impl Sharing {
    /// What the configuration says.
    pub(super) fn of(repo: &gix::Repository) -> Result<Self, GitError> {
        let failed = |e: &gix::Error| GitError::git("read `core.sharedRepository`", e);
        let config = repo.config_snapshot();
        let named = config.plumbing().sections_by_name("core").into_iter().flatten();
        let named = named.filter(|section| section.header().subsection_name().is_none());
        // A name without a value means yes.
        let Some(value) = named.filter_map(|section| section.value_implicit("sharedRepository")).last() else {
            return Ok(Self::default());
        };
        gix::config::tree::Core::SHARED_REPOSITORY.try_into_shared_repository(value).map(Self).map_err(|e| failed(&e))
    }

    /// The rule in the form that the library takes.
    pub(super) fn policy(self) -> i32 {
        self.0
    }

    /// Gives a file or folder that this process made the permissions that the rule demands.
    pub fn adjust(self, path: &Path) -> io::Result<()> {
        gix::fs::set_shared_repository_permissions(path, self.0)
    }

    /// Makes a folder, and those above it that are missing, for all who share the repository.
    pub fn make_folder(self, folder: &Path) -> io::Result<()> {
        let missing: Vec<PathBuf> = folder.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
        fs::create_dir_all(folder)?;
        missing.iter().rev().try_for_each(|folder| self.adjust(folder))
    }

    /// Writes a file beside its place, syncs it and moves it there: whole or not at all.
    pub fn write_whole(self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.place(path, bytes, 0o666)
    }

    /// The same for what its owner alone may read, whoever shares the repository.
    pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
        Self::default().place(path, bytes, 0o600)
    }

    fn place(self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
        let folder = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
        let mut builder = tempfile::Builder::new();
        builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(mode));
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        // Before it has its name: a reader never meets a file that is closed to it.
        self.adjust(file.path())?;
        file.persist(path).map(drop).map_err(|e| e.error)
    }
}
