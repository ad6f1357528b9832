//! What was seen of a canon before: the highest ruling on protected refs. An older or forked ledger there is a rollback,
//! however validly it is signed.
//!
//! It is kept in the clone, and in a folder of the user's that every clone shares. It only ever rises, is written whole or
//! not at all, and that it cannot be written is no error. What cannot be understood is reported, and never started anew.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::finding::Finding;
use crate::git::Sharing;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::state::Ledger;
use crate::ledger::verdict::check_pin;

use super::Error;

/// The highest ruling that was seen of a canon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The root of the canon.
    pub root: Digest,
    /// The number of the ruling.
    pub sequence: u32,
    /// The digest of the ruling.
    pub head: Digest,
    /// The refs that were protected then.
    pub protected: Vec<String>,
}

impl Seen {
    /// The ruling as a checkpoint.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { root: self.root, sequence: self.sequence, head: self.head }
    }
}

/// A place where something is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Remembered {
    /// The file.
    pub file: String,
    /// What it says; nothing, if it cannot be understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// Where rulings are remembered: the clone's folder, and the user's.
#[derive(Clone, Debug, Default)]
pub struct RollbackMemory {
    folders: Vec<(PathBuf, Sharing)>,
}

impl RollbackMemory {
    /// The memory of a clone and of a user.
    pub fn of(common_dir: &Path, sharing: Sharing, state_dir: Option<&Path>) -> Self {
        let own = (common_dir.join("omega").join("seen"), sharing);
        let users = state_dir.map(|dir| (dir.join("seen"), Sharing::default()));
        Self { folders: std::iter::once(own).chain(users).collect() }
    }

    fn files<'a>(&'a self, root: &Digest) -> impl Iterator<Item = PathBuf> + 'a {
        let name = format!("{}.toml", root.hex());
        self.folders.iter().map(move |(folder, _)| folder.join(&name))
    }

    /// What is remembered of a canon, one a place.
    ///
    /// # Errors
    /// Unknown, if something is there that cannot be understood.
    pub fn recall(&self, root: &Digest) -> Result<Vec<Seen>, Error> {
        self.files(root).filter_map(|file| read(&file, root).transpose()).collect()
    }

    /// The same, where what cannot be understood is told instead.
    ///
    /// # Errors
    /// When a file cannot be read at all.
    pub fn places(&self, root: &Digest) -> Result<Vec<Remembered>, Error> {
        let mut places = Vec::new();
        for path in self.files(root) {
            let file = path.display().to_string();
            match read(&path, root) {
                Ok(None) => {}
                Ok(Some(seen)) => places.push(Remembered { file, seen: Some(seen) }),
                Err(Error::Unknown { .. }) => places.push(Remembered { file, seen: None }),
                Err(error) => return Err(error),
            }
        }
        Ok(places)
    }

    /// Holds the ledger of a protected ref to what was seen before.
    ///
    /// # Errors
    /// As for [`RollbackMemory::recall`].
    pub fn check(&self, ledger: &Ledger) -> Result<Vec<Finding>, Error> {
        let Some(root) = ledger.root() else { return Ok(Vec::new()) };
        let mut findings: Vec<Finding> = Vec::new();
        for seen in self.recall(&root)? {
            findings.extend(check_pin(ledger, &root, Some(&seen.checkpoint())).into_iter().map(|finding| {
                finding.hint(
                    "git fetch, and compare checkpoints with another member: omega checkpoint. If the older state is right: omega trust accept-rollback",
                )
            }));
        }
        findings.dedup();
        Ok(findings)
    }

    /// The ruling with the highest number that was seen of a canon.
    ///
    /// # Errors
    /// As for [`RollbackMemory::recall`].
    pub fn highest(&self, root: &Digest) -> Result<Option<Seen>, Error> {
        Ok(self.recall(root)?.into_iter().max_by_key(|seen| seen.sequence))
    }

    /// Remembers the ledger of a protected ref whose tree holds. A lower ruling is not remembered; a place that cannot be
    /// written keeps what it has.
    pub fn learn(&self, ledger: &Ledger) {
        if let (Some(checkpoint), Some(law)) = (Checkpoint::of(ledger), ledger.law()) {
            self.note(&checkpoint, &law.protected_refs);
        }
    }

    /// Remembers a ruling that is on a protected ref.
    pub fn note(&self, checkpoint: &Checkpoint, protected: &[String]) {
        let Checkpoint { root, sequence, head } = *checkpoint;
        let seen = Seen { root, sequence, head, protected: protected.to_vec() };
        let text = toml::to_string(&seen).expect("a table of texts and numbers");
        for (file, (folder, sharing)) in self.files(&root).zip(&self.folders) {
            if sharing.make_folder(folder).is_err() {
                continue;
            }
            // Between reading and writing another process could write a higher ruling.
            let _lock = lock(folder, &root, *sharing);
            let rises = match read(&file, &root) {
                Ok(before) => before.is_none_or(|before| before.sequence < sequence),
                // Nothing is put in the place of what is not understood.
                Err(_) => false,
            };
            if rises {
                let _ = super::pin::write_whole(&file, text.as_bytes(), *sharing);
            }
        }
    }

    /// Forgets what was seen of a canon, and tells what that was.
    ///
    /// # Errors
    /// When a file cannot be read or removed.
    pub fn forget(&self, root: &Digest) -> Result<Vec<Remembered>, Error> {
        let places = self.places(root)?;
        let _locks: Vec<_> = self.folders.iter().map(|(folder, sharing)| lock(folder, root, *sharing)).collect();
        for place in &places {
            let path = Path::new(&place.file);
            fs::remove_file(path).map_err(|error| Error::io("remove", path, &error))?;
        }
        Ok(places)
    }
}

/// Keeps other processes from the memory of a canon until it is dropped. A file system without locks has none to give.
fn lock(folder: &Path, root: &Digest, sharing: Sharing) -> Option<fs::File> {
    let path = folder.join(format!("lock-{}", root.hex()));
    // Never replaced: two processes would lock two files of one name.
    if fs::File::create_new(&path).is_ok() {
        sharing.adjust(&path).ok()?;
    }
    let file = fs::File::open(path).ok()?;
    file.lock().ok()?;
    Some(file)
}

fn read(file: &Path, root: &Digest) -> Result<Option<Seen>, Error> {
    let text = match fs::read(file) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => return Ok(None),
        // A folder that this user may not look into holds nothing of theirs.
        Err(error) => return Err(Error::io("read", file, &error)),
    };
    match toml::from_str::<Seen>(&text) {
        Ok(seen) if seen.root == *root => Ok(Some(seen)),
        _ => Err(Error::unknown(
            format!("what was seen of this canon before cannot be understood: `{}` is damaged", file.display()),
            "compare checkpoints with another member (omega checkpoint), then: omega trust accept-rollback",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(sequence: u32) -> Seen {
        Seen { root: Digest::of(b"root"), sequence, head: Digest::of(b"head"), protected: vec!["refs/heads/main".to_owned()] }
    }

    #[test]
    fn many_writers_leave_the_highest_ruling() {
        let dir = tempfile::tempdir().expect("a folder");
        let memory = RollbackMemory::of(dir.path(), Sharing::default(), None);
        let root = Digest::of(b"root");
        std::thread::scope(|scope| {
            for first in 0..8 {
                let memory = &memory;
                scope.spawn(move || {
                    for sequence in (first..64).step_by(8) {
                        memory.note(&seen(sequence).checkpoint(), &seen(sequence).protected);
                    }
                });
            }
        });
        assert_eq!(memory.highest(&root).expect("it can be read"), Some(seen(63)));
    }

    #[test]
    fn what_is_damaged_is_reported_and_stays_until_it_is_forgotten() {
        let dir = tempfile::tempdir().expect("a folder");
        let memory = RollbackMemory::of(dir.path(), Sharing::default(), Some(&dir.path().join("state")));
        let root = Digest::of(b"root");
        assert_eq!(memory.recall(&root).expect("nothing is there"), []);
        let files: Vec<PathBuf> = memory.files(&root).collect();
        for file in &files {
            fs::create_dir_all(file.parent().expect("a folder")).expect("it is made");
            fs::write(file, toml::to_string(&seen(7)).expect("text")).expect("it is written");
        }
        assert_eq!(memory.highest(&root).expect("both can be read"), Some(seen(7)));
        for damaged in
            [&b""[..], b"\xff", b"root = 1", toml::to_string(&Seen { root: Digest::of(b"other"), ..seen(7) }).expect("text").as_bytes()]
        {
            fs::write(&files[1], damaged).expect("it is written");
            assert!(matches!(memory.recall(&root), Err(Error::Unknown { .. })));
            assert_eq!(fs::read(&files[1]).expect("it is there"), damaged);
        }
        let forgotten = memory.forget(&root).expect("both are removed");
        assert_eq!(forgotten.iter().map(|place| place.seen.is_some()).collect::<Vec<_>>(), [true, false]);
        assert_eq!(memory.places(&root).expect("nothing is left"), []);
    }
}
