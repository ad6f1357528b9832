//! Writing commits: objects only, synced; no reference moves here.

use std::collections::BTreeMap;
use std::error::Error;

use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;
use gix::objs::{Kind, WriteTo};

use super::error::chain;
use super::objects::{Objects, Writer};
use super::{Actor, GitError, Oid, Repo, raw_tree};
use crate::tree::Mode;

/// What is to become of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// New content; the bytes of a link are its target.
    Put {
        /// What lies there.
        mode: Mode,
        /// The exact bytes.
        bytes: Vec<u8>,
    },
    /// Content that the repository has already.
    Keep {
        /// What lies there.
        mode: Mode,
        /// The blob, or a submodule's commit.
        id: Oid,
    },
    /// Nothing any more; removing what is not there is no error.
    Remove,
}

/// Signs the bytes of a commit and returns the armored signature.
pub type Sign<'a> = dyn Fn(&[u8]) -> Result<String, Box<dyn Error + Send + Sync>> + 'a;

/// A commit to be written.
pub struct NewCommit<'a> {
    /// The parents, the first one first.
    pub parents: Vec<Oid>,
    /// The commit or tree that the edits start from; none starts from nothing.
    pub base_tree: Option<Oid>,
    /// The changes, by path from the root.
    pub edits: &'a BTreeMap<Vec<u8>, Edit>,
    /// The whole message.
    pub message: String,
    /// Author and committer.
    pub author: Actor,
    /// Makes the signature for the commit's header of git (`gpgsig` or `gpgsig-sha256`).
    pub sign: Option<&'a Sign<'a>>,
}

impl Repo {
    /// Writes a commit with all its objects and waits until they are on disk. No reference moves.
    pub fn commit(&self, new: NewCommit<'_>) -> Result<Oid, GitError> {
        let mut writer = Writer::new(self);
        let tree = self.edit_tree(&mut writer, new.base_tree, new.edits)?;
        if new.message.contains('\0') {
            return Err(GitError::Git { what: "write a commit".to_owned(), cause: "the message contains a NUL".to_owned() });
        }
        let mut commit = gix::objs::Commit {
            tree: tree.gix(),
            parents: new.parents.iter().map(|parent| self.key(*parent)).collect::<Result<_, _>>()?,
            author: new.author.signature(),
            committer: new.author.signature(),
            encoding: None,
            message: new.message.into(),
            extra_headers: Vec::new(),
        };
        if let Some(sign) = new.sign {
            // Git takes the signature over the commit without its signature header.
            let armor = sign(&serialize(&commit)?).map_err(|e| GitError::Sign(chain(e.as_ref())))?;
            // Each hash has a header of its own, so that a commit can carry a signature for either form.
            let header = if self.hash() == gix::hash::Kind::Sha1 { "gpgsig" } else { "gpgsig-sha256" };
            commit.extra_headers.push((header.into(), armor.trim_end_matches('\n').into()));
        }
        let id = writer.write(Kind::Commit, &serialize(&commit)?)?;
        writer.sync()?;
        Ok(id)
    }

    /// Writes the tree that results from `edits` on `base` (a commit or tree) and waits until it is on
    /// disk. [`Repo::revision`] can read it back, for example to judge a merge before it is made.
    pub fn write_tree(&self, base: Option<Oid>, edits: &BTreeMap<Vec<u8>, Edit>) -> Result<Oid, GitError> {
        let mut writer = Writer::new(self);
        let tree = self.edit_tree(&mut writer, base, edits)?;
        writer.sync()?;
        Ok(tree)
    }

    fn edit_tree(&self, writer: &mut Writer<'_>, base: Option<Oid>, edits: &BTreeMap<Vec<u8>, Edit>) -> Result<Oid, GitError> {
        let mut objects = Objects::new(&self.inner);
        let root = match base {
            Some(base) => {
                let id = objects.root_tree(base)?;
                let bytes = objects.tree(id, b"")?;
                gix::objs::TreeRef::from_bytes(bytes, id.hash()).map_err(|e| GitError::git(format!("read the tree {id}"), &e))?.into_owned()
            }
            None => gix::objs::Tree::empty(),
        };
        let database = self.database();
        let mut editor = gix::objs::tree::Editor::new(root, &database, self.hash());
        // Removals first: `a` may make room for `a/b`, and `a/b` for `a`.
        let removals = edits.iter().filter(|(_, edit)| **edit == Edit::Remove);
        let additions = edits.iter().filter(|(_, edit)| **edit != Edit::Remove);
        for (path, edit) in removals.chain(additions) {
            if let Some(why) = raw_tree::path_defect(path) {
                return Err(GitError::path(path, why));
            }
            let (mode, id) = match edit {
                Edit::Put { mode: Mode::Submodule, .. } => return Err(GitError::path(path, "a submodule has no bytes")),
                Edit::Put { mode, bytes } => (*mode, Some(writer.write(Kind::Blob, bytes)?)),
                Edit::Keep { mode, id } => {
                    self.key(*id)?;
                    if *mode != Mode::Submodule {
                        objects.has_blob(*id, path)?;
                    }
                    (*mode, Some(*id))
                }
                Edit::Remove => (Mode::File, None),
            };
            let segments = path.split(|b| *b == b'/').map(|segment| segment.as_bstr());
            match id {
                Some(id) => {
                    let kind = entry_kind(mode).ok_or_else(|| GitError::path(path, "git has no mode for it"))?;
                    editor.upsert(segments, kind, id.gix())
                }
                None => editor.remove(segments),
            }
            .map_err(|e| GitError::git(format!("change `{}`", path.as_bstr()), &e))?;
        }
        editor.write(|tree| writer.write(Kind::Tree, &serialize(tree)?).map(Oid::gix)).map(|id| Oid::of(&id))
    }
}

fn entry_kind(mode: Mode) -> Option<EntryKind> {
    match mode {
        Mode::File => Some(EntryKind::Blob),
        Mode::Exec => Some(EntryKind::BlobExecutable),
        Mode::Link => Some(EntryKind::Link),
        Mode::Submodule => Some(EntryKind::Commit),
        Mode::Other => None,
    }
}

fn serialize(object: &dyn WriteTo) -> Result<Vec<u8>, GitError> {
    let mut bytes = Vec::new();
    object.write_to(&mut bytes).map_err(|e| GitError::Git { what: format!("write a {}", object.kind()), cause: chain(&e) })?;
    Ok(bytes)
}
