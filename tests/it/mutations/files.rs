//! A tree in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use omega::tree::{Entry, Listing, Mode, Oid, Reader, Tree, TreeError};
use sha2::{Digest as _, Sha256};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leaf {
    pub(super) mode: Mode,
    pub(super) bytes: Arc<[u8]>,
    /// Two leaves with the same bytes have the same.
    pub(super) id: Oid,
}

impl Leaf {
    pub(super) fn new(mode: Mode, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let digest = Sha256::digest(&bytes);
        Self { mode, id: Oid::from_bytes(&digest).unwrap(), bytes }
    }
}

/// Files by path. Paths are bytes, as git has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Files(pub(super) BTreeMap<Vec<u8>, Leaf>);

impl Files {
    pub(super) fn of(tree: &dyn Tree) -> Self {
        let mut reader = tree.reader();
        let leaf = |entry: Entry| {
            let bytes = reader.read(&entry, u64::MAX).unwrap();
            (entry.path, Leaf::new(entry.mode, bytes))
        };
        Self(tree.list(&|_| true).unwrap().entries.into_iter().map(leaf).collect())
    }

    pub(super) fn get(&self, path: &[u8]) -> Option<&Leaf> {
        self.0.get(path)
    }

    pub(super) fn put(&mut self, path: &[u8], mode: Mode, bytes: impl Into<Arc<[u8]>>) {
        self.0.insert(path.to_vec(), Leaf::new(mode, bytes));
    }

    /// Whether a new file can have this path: it is free, and no file is a folder of another.
    pub(super) fn has_room(&self, path: &[u8]) -> bool {
        let below = [path, b"/"].concat();
        let mut parents = path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| &path[..at]);
        !self.0.contains_key(path)
            && !parents.any(|parent| self.0.contains_key(parent))
            && !self.0.range(below.clone()..).next().is_some_and(|(next, _)| next.starts_with(&below))
    }

    /// Writes everything into an empty folder.
    pub(super) fn write(&self, dir: &Path) {
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::fs::PermissionsExt as _;
        for (path, leaf) in &self.0 {
            let path = dir.join(std::ffi::OsStr::from_bytes(path));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match leaf.mode {
                Mode::Link => std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(&leaf.bytes), path).unwrap(),
                Mode::Submodule => {
                    ["objects", "refs"].iter().for_each(|name| fs::create_dir_all(path.join(".git").join(name)).unwrap());
                    fs::write(path.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
                }
                Mode::Other => drop(std::os::unix::net::UnixListener::bind(path).unwrap()),
                Mode::File | Mode::Exec => {
                    fs::write(&path, &leaf.bytes).unwrap();
                    let mode = if leaf.mode == Mode::Exec { 0o755 } else { 0o644 };
                    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                }
            }
        }
    }
}

impl Tree for Files {
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        let mut asked: BTreeMap<&[u8], bool> = BTreeMap::new();
        let mut entries = Vec::new();
        for (path, leaf) in &self.0 {
            let mut folders = path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| &path[..at]);
            if folders.all(|folder| *asked.entry(folder).or_insert_with(|| enter(folder))) {
                entries.push(Entry { path: path.clone(), mode: leaf.mode, id: Some(leaf.id) });
            }
        }
        Ok(Listing { entries, defects: Vec::new() })
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(FilesReader(self))
    }
}

struct FilesReader<'a>(&'a Files);

impl Reader for FilesReader<'_> {
    fn read(&mut self, entry: &Entry, limit: u64) -> Result<Vec<u8>, TreeError> {
        let path = String::from_utf8_lossy(&entry.path).into_owned();
        let Some(leaf) = self.0.get(&entry.path) else { return Err(TreeError::Missing { path, id: "-".to_owned() }) };
        let size = leaf.bytes.len() as u64;
        match leaf.mode {
            // As for a folder on disk.
            Mode::Other => Err(TreeError::Io { path, cause: "neither a file nor a link".to_owned() }),
            Mode::Submodule => Ok(Vec::new()),
            _ if size > limit => Err(TreeError::TooLarge { path, size, limit }),
            _ => Ok(leaf.bytes.to_vec()),
        }
    }
}
