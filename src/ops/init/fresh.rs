//! A repository that is made for a new canon. Until the canon is there, all that was made can be taken back.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::git::Repo;
use crate::shell::quote;
use crate::workspace::desk::recover;
use crate::workspace::{Error, find};

/// Where the repository is made before it gets its place in one step.
const SCRATCH: &str = ".omega-new";

/// Is in the git folder until the canon is there.
const MARK: &str = "omega/new";

/// A repository that was made a moment ago. Dropped, it goes away with the folders that were made for it.
#[derive(Debug)]
pub struct Fresh {
    dir: PathBuf,
    /// The folders that were not there before, the innermost first.
    made: Vec<PathBuf>,
    kept: bool,
}

impl Fresh {
    /// Makes a repository in a folder that is empty or not there. What a killed run left of one is removed before, or finished
    /// where its canon is there.
    ///
    /// # Errors
    /// Usage, if something else is in the folder; denied, if an earlier run has set up a canon there.
    pub fn make(dir: &Path) -> Result<Self, Error> {
        clear(dir)?;
        if !names(dir)?.is_empty() {
            return Err(Error::usage(
                format!("`{}` is there already and not empty", dir.display()),
                "choose another folder, or plant a canon in it: omega init -C DIR",
            ));
        }
        let made = dir.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
        // From here on, what is made goes with it.
        let fresh = Self { dir: dir.to_owned(), made, kept: false };
        let scratch = dir.join(SCRATCH);
        let make = |folder: &Path| fs::create_dir_all(folder).map_err(|error| Error::io("make", folder, &error));
        make(&scratch)?;
        drop(Repo::init(&scratch, "refs/heads/main")?);
        let git = scratch.join(".git");
        make(&git.join("omega"))?;
        fs::write(git.join(MARK), "").map_err(|error| Error::io("write", &git.join(MARK), &error))?;
        fs::rename(&git, dir.join(".git")).map_err(|error| Error::io("move", &git, &error))?;
        fs::remove_dir(&scratch).map_err(|error| Error::io("remove", &scratch, &error))?;
        Ok(fresh)
    }

    /// Keeps the repository: its canon is there. Where it is not finished, the same command finishes it.
    pub fn keep(mut self, finished: bool) {
        self.kept = true;
        if finished {
            // The mark does no harm where the branch has a commit.
            let _ = fs::remove_file(self.dir.join(".git").join(MARK));
        }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let _ = fs::remove_dir_all(self.dir.join(SCRATCH));
        let _ = fs::remove_dir_all(self.dir.join(".git"));
        // A folder into which somebody else has put something meanwhile stays.
        for folder in &self.made {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Removes what a killed run left of a repository without a commit, or finishes what it began.
fn clear(dir: &Path) -> Result<(), Error> {
    let found = names(dir)?;
    let ours = |name: &String| name == SCRATCH || name == ".git";
    let git = dir.join(".git");
    if git.join(MARK).exists() {
        let repo = Repo::discover(dir, None)?;
        if let Some(commit) = repo.head()?.commit
            && find::has_ruling(&repo, commit, 0)?
        {
            recover(&repo)?;
            Fresh { dir: dir.to_owned(), made: Vec::new(), kept: true }.keep(true);
            let shown = dir.display().to_string();
            return Err(Error::denied(
                format!("an earlier run has set up the canon in `{shown}`"),
                format!("omega -C {} canon status", quote(&shown)),
            ));
        }
        if !found.iter().all(ours) || !repo.branches("refs/")?.is_empty() {
            return Ok(());
        }
        let _lock = repo.lock()?;
        fs::remove_dir_all(&git).map_err(|error| Error::io("remove", &git, &error))?;
    }
    let scratch = dir.join(SCRATCH);
    if names(dir)? == [SCRATCH] {
        fs::remove_dir_all(&scratch).map_err(|error| Error::io("remove", &scratch, &error))?;
    }
    Ok(())
}

/// What is in a folder; nothing, if it is not there.
fn names(dir: &Path) -> Result<Vec<String>, Error> {
    let failed = |error: &std::io::Error| Error::io("read", dir, error);
    match fs::read_dir(dir) {
        Ok(items) => items.map(|item| item.map(|item| item.file_name().to_string_lossy().into_owned()).map_err(|e| failed(&e))).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(&error)),
    }
}

/// What was in a repository's own folder before a canon was set up, so that a failure leaves no trace there.
pub(super) struct Trace {
    folder: PathBuf,
    existed: bool,
    pin: Option<Vec<u8>>,
}

impl Trace {
    pub(super) fn of(repo: &Repo) -> Self {
        let folder = repo.common_dir().join("omega");
        Self { existed: folder.exists(), folder, pin: fs::read(crate::workspace::pin::path(repo.common_dir())).ok() }
    }

    /// Puts back what was there. What cannot be put back costs no more than a file that nothing refers to.
    pub(super) fn undo(&self, repo: &Repo) {
        let pin = crate::workspace::pin::path(repo.common_dir());
        let _ = match &self.pin {
            Some(bytes) => repo.sharing().write_whole(&pin, bytes),
            None => fs::remove_file(&pin),
        };
        if !self.existed {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}
