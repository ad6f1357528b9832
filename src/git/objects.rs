//! Reading and writing single objects: raw, with their ids recomputed, and synced to disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use gix::objs::{Find, Kind, Write};

use super::database::Database;
use super::error::{chain, text};
use super::{GitError, Oid, Repo};
use crate::tree::TreeError;

/// How often an object is written before that is given up.
const ATTEMPTS: usize = 8;

/// Larger trees, commits and tags do not exist outside of attacks.
const META_LIMIT: u64 = 64 << 20;

/// Reads objects for one thread.
pub(super) struct Objects {
    database: Database,
    buf: Vec<u8>,
}

impl Objects {
    pub(super) fn new(repo: &gix::ThreadSafeRepository) -> Self {
        Self { database: Database::new(repo.to_thread_local()), buf: Vec::new() }
    }

    /// Git knows the empty tree without storing it.
    fn is_empty_tree(&self, id: Oid) -> bool {
        id.gix() == gix::ObjectId::empty_tree(self.database.hash())
    }

    /// The bytes of the tree `id` that lies at `path`.
    pub(super) fn tree(&mut self, id: Oid, path: &[u8]) -> Result<&[u8], TreeError> {
        if self.is_empty_tree(id) {
            return Ok(&[]);
        }
        self.find(Kind::Tree, id, path, META_LIMIT)?;
        Ok(&self.buf)
    }

    /// The bytes of the blob `id` that lies at `path`.
    pub(super) fn blob(&mut self, id: Oid, path: &[u8], limit: u64) -> Result<Vec<u8>, TreeError> {
        self.find(Kind::Blob, id, path, limit)?;
        // A copy of the right size: the buffer itself is kept as the library's scratch space.
        Ok(self.buf.clone())
    }

    /// The tree of a commit, or the tree itself.
    pub(super) fn root_tree(&mut self, id: Oid) -> Result<Oid, TreeError> {
        if self.is_empty_tree(id) {
            return Ok(id);
        }
        if self.header(id, b"")?.0 == Kind::Tree {
            return Ok(id);
        }
        Ok(self.commit(id)?.0)
    }

    /// Whether `id` is a commit or a tree.
    pub(super) fn has_tree(&mut self, id: Oid) -> Result<bool, TreeError> {
        Ok(self.is_empty_tree(id) || matches!(self.header(id, b"")?.0, Kind::Tree | Kind::Commit))
    }

    /// A commit's tree and parents, read without any library cache.
    pub(super) fn commit(&mut self, id: Oid) -> Result<(Oid, Vec<Oid>), TreeError> {
        self.find(Kind::Commit, id, b"", META_LIMIT)?;
        let corrupt = |cause| TreeError::Corrupt { path: id.to_string(), cause };
        let commit = gix::objs::CommitRef::from_bytes(&self.buf, id.hash()).map_err(|e| corrupt(chain(&e)))?;
        Ok((Oid::of(&commit.tree()), commit.parents().map(|parent| Oid::of(&parent)).collect()))
    }

    /// Whether `id` is there as a blob.
    pub(super) fn has_blob(&mut self, id: Oid, path: &[u8]) -> Result<(), TreeError> {
        self.expect(Kind::Blob, id, path).map(|_| ())
    }

    /// Fills the buffer. The size is asked for first, because the buffer takes whatever size an object claims.
    fn find(&mut self, kind: Kind, id: Oid, path: &[u8], limit: u64) -> Result<(), TreeError> {
        let corrupt = |cause| TreeError::Corrupt { path: name(path, id), cause };
        let size = self.expect(kind, id, path)?;
        if size > limit {
            return Err(too_large(path, size, limit));
        }
        let oid = self.key(id, path)?;
        let data = match self.database.try_find(&oid, &mut self.buf) {
            Ok(Some(data)) => data,
            Ok(None) => return Err(missing(id, path)),
            Err(e) => return Err(corrupt(chain(&e))),
        };
        if data.kind != kind {
            return Err(corrupt(format!("{id} is a {}, expected a {kind}", data.kind)));
        }
        let size = data.data.len();
        if size as u64 > limit {
            return Err(too_large(path, size as u64, limit));
        }
        data.verify_checksum(&oid).map_err(|e| corrupt(chain(&e)))?;
        self.buf.truncate(size);
        Ok(())
    }

    fn key(&self, id: Oid, path: &[u8]) -> Result<gix::ObjectId, TreeError> {
        if id.hash() == self.database.hash() { Ok(id.gix()) } else { Err(missing(id, path)) }
    }

    fn expect(&self, kind: Kind, id: Oid, path: &[u8]) -> Result<u64, TreeError> {
        let (found, size) = self.header(id, path)?;
        if found != kind {
            let cause = format!("{id} is a {found}, expected a {kind}");
            return Err(TreeError::Corrupt { path: name(path, id), cause });
        }
        Ok(size)
    }

    fn header(&self, id: Oid, path: &[u8]) -> Result<(Kind, u64), TreeError> {
        match self.database.header(&self.key(id, path)?) {
            Ok(Some(header)) => Ok((header.kind(), header.size())),
            Ok(None) => Err(missing(id, path)),
            Err(e) => Err(TreeError::Corrupt { path: name(path, id), cause: chain(&e) }),
        }
    }
}

impl Repo {
    /// Whether an object is here.
    pub(super) fn has_object(&self, id: Oid) -> bool {
        Objects::new(&self.inner).header(id, b"").is_ok()
    }

    /// The library's form of an id, which has to be made by the hash of this repository. An id of another hash may come from a
    /// user or a forge, and the library panics where it looks for one in a pack.
    pub(super) fn key(&self, id: Oid) -> Result<gix::ObjectId, TreeError> {
        if id.hash() == self.hash() { Ok(id.gix()) } else { Err(missing(id, b"")) }
    }
}

/// The id that `bytes` have as a blob, in a repository with this hash.
pub(super) fn blob_id(hash: gix::hash::Kind, bytes: &[u8]) -> Option<Oid> {
    gix::objs::compute_hash(hash, Kind::Blob, bytes).ok().map(|id| Oid::of(&id))
}

/// Writes objects and remembers which files and folders have to be synced.
pub(super) struct Writer<'a> {
    repo: &'a Repo,
    local: gix::Repository,
    written: BTreeMap<PathBuf, Oid>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(repo: &'a Repo) -> Self {
        Self { repo, local: repo.local(), written: BTreeMap::new() }
    }

    pub(super) fn write(&mut self, kind: Kind, bytes: &[u8]) -> Result<Oid, GitError> {
        let failed = |e: &gix::Error| GitError::git(format!("write a {kind} object"), e);
        let id = gix::objs::compute_hash(self.repo.hash(), kind, bytes).map_err(|e| failed(&e))?;
        let file = self.loose_path(&id);
        // A loose object may be the torn remains of a killed run: it is written anew, not trusted.
        if file.exists() || !self.local.has_object(id) {
            self.repo.step("object");
            // A garbage collection removes an empty folder, also the one that was made for this object an instant ago.
            let mut attempts = 1;
            while let Err(e) = self.local.objects.write_buf(kind, bytes) {
                if attempts == ATTEMPTS {
                    return Err(failed(&e));
                }
                attempts += 1;
            }
            self.share(&file)?;
            self.written.insert(file, Oid::of(&id));
        }
        Ok(Oid::of(&id))
    }

    /// Opens a new object, and the folder that it is in, to those who share the repository.
    fn share(&self, file: &Path) -> Result<(), GitError> {
        let adjust = |path: &Path| match self.repo.sharing.adjust(path) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            done => done.map_err(|e| GitError::io("share", path, &e)),
        };
        if let Some(folder) = file.parent() {
            // Fails for a folder of somebody else, who gave it the right permissions.
            let _ = adjust(folder);
        }
        adjust(file)
    }

    /// Makes all that was written survive a power cut, names included.
    pub(super) fn sync(self) -> Result<(), GitError> {
        self.repo.step("sync");
        let mut folders = BTreeSet::new();
        for (file, id) in &self.written {
            match File::open(file).and_then(|file| file.sync_all()) {
                // A garbage collection moved it into a pack, which git syncs itself.
                Err(e) if e.kind() == ErrorKind::NotFound && self.local.has_object(id.gix()) => {}
                done => done.map_err(|e| GitError::io("sync", file, &e))?,
            }
            folders.extend(file.ancestors().skip(1).take(2).map(Path::to_owned));
        }
        // The same goes for a folder that was emptied by that.
        folders.iter().try_for_each(|folder| sync_if_there(folder))
    }

    fn loose_path(&self, id: &gix::oid) -> PathBuf {
        let hex = id.to_string();
        self.repo.common_dir().join("objects").join(&hex[..2]).join(&hex[2..])
    }
}

/// Waits until a file or folder is on disk.
pub(super) fn sync(path: &Path) -> Result<(), GitError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|e| GitError::io("sync", path, &e))
}

/// The same, where another program may remove it at any moment.
pub(super) fn sync_if_there(path: &Path) -> Result<(), GitError> {
    match sync(path) {
        Err(_) if !path.exists() => Ok(()),
        done => done,
    }
}

fn too_large(path: &[u8], size: u64, limit: u64) -> TreeError {
    TreeError::TooLarge { path: text(path), size, limit }
}

fn missing(id: Oid, path: &[u8]) -> TreeError {
    TreeError::Missing { path: name(path, id), id: id.to_string() }
}

fn name(path: &[u8], id: Oid) -> String {
    if path.is_empty() { id.to_string() } else { text(path) }
}
